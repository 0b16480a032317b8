/* sounds.c - uploaded sounds of prompts: put, heard, taken away.
 *
 * A sound is stored by its content, FOLDER/SHA256.wav, and named in the prompt's document, so that
 * it has versions like everything declared. Files are never removed: an older version may need
 * them. */
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/schema.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define UPLOAD_MAX (20u << 20)
#define LANG_MAX 35

/* What the schema does not like in a tag it says when the document is checked. */
static enum err param_lang(struct job *j, struct str *out)
{
	enum err e = param_str(j, "lang", out);
	if (e != ERR_OK)
		return e;
	if (!out->n)
		return answer_invalid(j, "lang", "must say the language, such as pl");
	bool ok = out->n >= 2 && out->n <= LANG_MAX && out->p[0] >= 'a' && out->p[0] <= 'z';
	for (size_t i = 0; i < out->n; i++)
		ok &= out->p[i] == '-' || out->p[i] == '_' ||
		      (out->p[i] >= '0' && out->p[i] <= '9') ||
		      ((out->p[i] | 32) >= 'a' && (out->p[i] | 32) <= 'z');
	return ok ? ERR_OK : answer_invalid(j, "lang", "is no language tag");
}

static const char *lang_key(struct str lang, char room[LANG_MAX + 1])
{
	CHECK(str_copy(lang, room, LANG_MAX + 1));
	return room;
}

/* The prompt as it is told; NULL: there is none. */
static json_t *the_prompt(struct clerk *me, struct job *j)
{
	struct buf body = buf_grow(1024);
	const enum err e =
		registry_get(clerk_registry(me), KIND_prompt, j->match.tenant, j->match.id, &body);
	clerk_registry_done(me);
	json_t *doc = e == ERR_OK ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	buf_free(&body);
	return doc;
}

static void hash(struct str bytes, char out[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	CHECK(EVP_Digest(bytes.p, bytes.n, digest, &n, EVP_sha256(), NULL) == 1 && n == 32);
	struct buf b = buf_make(out, 65);
	buf_hex(&b, digest, n);
	out[64] = 0;
}

static bool path_of(const struct job *j, const char *sha, const char *ending, char out[4096])
{
	return snprintf(out, 4096, "%s/%s%s", j->web->sounds, sha, ending) < 4096;
}

/* Whole and on the disk before anything names it. The same sound again is the same file. */
static enum err keep_file(const struct job *j, const char *sha, struct str bytes)
{
	char path[4096], beside[4096];
	if (!path_of(j, sha, ".wav", path) || !path_of(j, sha, ".new", beside))
		return ERR_IO;
	if (access(path, R_OK) == 0)
		return ERR_OK;
	(void)mkdir(j->web->sounds, 0750);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return ERR_IO;
	bool ok = write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && fsync(fd) == 0;
	close(fd);
	if (ok && rename(beside, path) == 0)
		return ERR_OK;
	unlink(beside);
	return ERR_DISK_FULL;
}

/* The document with its sounds changed is stored as any other change; takes doc. */
static enum err put_document(struct clerk *me, struct job *j, json_t *doc)
{
	struct registry_result res = {0};
	json_object_del(doc, "version");
	char *text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	CHECK(text);
	enum err e = registry_prepare_put(clerk_registry(me), KIND_prompt, j->match.tenant,
					  j->match.id, str_of(text), &res);
	clerk_registry_done(me);
	free(text);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e;
}

static void set_sound(json_t *doc, struct str lang, json_t *sound)
{
	json_t *audio = json_object_get(doc, "audio");
	if (!json_is_object(audio)) {
		audio = json_object();
		json_object_set_new(doc, "audio", audio);
	}
	if (sound)
		json_object_set_new(audio, lang_key(lang, (char[LANG_MAX + 1]){0}), sound);
	else
		json_object_del(audio, lang_key(lang, (char[LANG_MAX + 1]){0}));
}

static enum err decoded(struct job *j, struct buf *wav, int64_t *duration_ms)
{
	if (!j->web->o.decode) {
		str_copy(STR("sounds cannot be decoded here"), j->detail, sizeof j->detail);
		return ERR_UNSUPPORTED;
	}
	if (!j->req->body.n)
		return answer_invalid(j, "", "is empty: send the file as the body");
	if (j->req->body.n > UPLOAD_MAX) {
		str_copy(STR("the file is larger than 20 MiB"), j->detail, sizeof j->detail);
		return ERR_TOO_LARGE;
	}
	return j->web->o.decode(j->web->o.arg, j->req->body, wav, duration_ms, j->detail,
				sizeof j->detail);
}

enum err run_sound_put(struct clerk *me, struct job *j)
{
	struct str lang;
	char sha[65];
	int64_t duration_ms = 0;
	enum err e = param_lang(j, &lang);
	if (e != ERR_OK)
		return e;
	json_t *doc = the_prompt(me, j);
	if (!doc)
		return ERR_NOT_FOUND;
	struct buf wav = buf_grow(1 << 16);
	e = decoded(j, &wav, &duration_ms);
	if (e == ERR_OK) {
		hash(buf_str(&wav), sha);
		e = keep_file(j, sha, buf_str(&wav));
	}
	buf_free(&wav);
	if (e != ERR_OK) {
		json_decref(doc);
		if (e != ERR_UNSUPPORTED || !j->web->o.decode)
			return e;
		char why[sizeof j->detail];
		memcpy(why, j->detail, sizeof why);
		answer_status(j, 415, why);
		return ERR_OK;
	}
	set_sound(doc, lang,
		  json_pack("{s:s,s:I}", "sha256", sha, "duration_ms", (json_int_t)duration_ms));
	e = put_document(me, j, doc);
	return e == ERR_OK ? object_answer(me, j, KIND_prompt) : e;
}

static struct str sound_of(const json_t *doc, struct str lang)
{
	const json_t *audio = json_object_get(doc, "audio");
	return json_str(json_object_get(
		json_object_get(audio, lang_key(lang, (char[LANG_MAX + 1]){0})), "sha256"));
}

enum err run_sound_delete(struct clerk *me, struct job *j)
{
	struct str lang;
	enum err e = param_lang(j, &lang);
	if (e != ERR_OK)
		return e;
	json_t *doc = the_prompt(me, j);
	if (!doc || !sound_of(doc, lang).n) {
		json_decref(doc);
		return ERR_NOT_FOUND;
	}
	set_sound(doc, lang, NULL);
	e = put_document(me, j, doc);
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}

enum err run_sound_get(struct clerk *me, struct job *j)
{
	struct str lang;
	char sha[65], path[4096];
	struct stat st;
	enum err e = param_lang(j, &lang);
	if (e != ERR_OK)
		return e;
	json_t *doc = the_prompt(me, j);
	bool there = doc && str_copy(sound_of(doc, lang), sha, sizeof sha) && sha[0];
	json_decref(doc);
	if (!there || !path_of(j, sha, ".wav", path))
		return ERR_NOT_FOUND;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return ERR_NOT_FOUND;
	CHECK(fstat(fd, &st) == 0);
	return answer_file(j, fd, st.st_size, "audio/wav", sha);
}
