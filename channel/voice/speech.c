/*
 * speech.c - texts become files: every text that could be heard is spoken when it is declared, so
 * that a caller does not wait for it. A file is named by what was said in which language.
 */
#include <stdlib.h>

#include "channel/voice/own_call.h"

static uint64_t fnv(struct str s, uint64_t h)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3ull;
	return h;
}

/* Names a cache entry of our own texts; nobody gains by a collision he wrote himself. */
void voice_speech_key(struct str lang, struct str text, char out[VOICE_KEY_TEXT + 1])
{
	uint64_t a = fnv(text, fnv(lang, 0xcbf29ce484222325ull));
	uint64_t b = fnv(lang, fnv(text, 0x9ae16a3b2f90404full));
	struct buf o = buf_make(out, VOICE_KEY_TEXT + 1);
	buf_hex(&o, &a, sizeof a);
	buf_hex(&o, &b, sizeof b);
	buf_fmt(&o, "%07x", (unsigned)(text.n & 0xfffffff));
	while (o.n < VOICE_KEY_TEXT)
		out[o.n++] = '0';
	out[VOICE_KEY_TEXT] = 0;
}

void speech_init(struct voice *v)
{
	map_init(&v->spoken, core_dice(v->core));
}

void speech_finish(struct voice *v)
{
	uint32_t at = 0;
	for (struct spoken *s; (s = map_next(&v->spoken, &at));)
		free(s);
	map_finish(&v->spoken);
}

static struct spoken *ask(struct voice *v, struct str lang, struct str text)
{
	char key[VOICE_KEY_TEXT + 1];
	voice_speech_key(lang, text, key);
	struct spoken *s = map_get(&v->spoken, str_of(key));
	if (s && s->state != SPEECH_ASKED)
		return s;
	if (s) { /* asked before: the clerk knows whether it is done meanwhile */
		v->o.speak(v->o.arg, str_make(s->key, VOICE_KEY_TEXT), lang, text);
		return s;
	}
	s = xcalloc(1, sizeof *s);
	memcpy(s->key, key, sizeof key);
	CHECK(map_add(&v->spoken, str_make(s->key, VOICE_KEY_TEXT), s) == ERR_OK);
	v->o.speak(v->o.arg, str_make(s->key, VOICE_KEY_TEXT), lang, text);
	return s;
}

void speech_prepare(struct voice *v, struct str lang, struct str text)
{
	ask(v, lang, text);
}

static void ask_all(struct voice *v, const struct lang_text *texts, uint32_t count, struct str lang)
{
	for (uint32_t i = 0; i < count; i++)
		if (texts[i].text.n)
			ask(v, texts[i].lang.n ? texts[i].lang : lang, texts[i].text);
}

/* The languages a contact of this tenant may be spoken to in, without a `language` node: its own.
 */
static struct str tenant_lang(struct voice *v, struct str tenant)
{
	const struct object *o = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	struct str locale = o ? str_head(o->config->tenant_of.locale, 2) : STR_NONE;
	return locale.n ? locale : STR("en");
}

void speech_object(struct voice *v, enum object_kind kind, struct id id)
{
	const struct object *o = objects_get(v->core->objects, id);
	if (!o)
		return;
	struct str lang = tenant_lang(v, o->tenant);
	if (kind == KIND_queue)
		announce_prepare(v, &o->config->queue, lang);
	if (kind == KIND_prompt)
		ask_all(v, o->config->prompt.texts, o->config->prompt.text_count, lang);
	if (kind != KIND_flow && kind != KIND_draft)
		return;
	for (uint32_t i = 0; i < o->config->flow.node_count; i++)
		ask_all(v, o->config->flow.nodes[i].texts, o->config->flow.nodes[i].text_count,
			lang);
}

/* The wanted language, else English, else the first there is. */
static const struct lang_text *choose(const struct prompt_config *p, struct str lang)
{
	const struct lang_text *t = lang_text_find(p->texts, p->text_count, lang);
	if (!t)
		t = lang_text_find(p->texts, p->text_count, STR("en"));
	return t ? t : p->text_count ? &p->texts[0] : NULL;
}

/* An uploaded sound, when there is one in the language that is chosen. */
static const struct lang_text *choose_sound(const struct prompt_config *p, struct str lang)
{
	const struct lang_text *s = lang_text_find(p->sounds, p->sound_count, lang);
	if (!s && !lang_text_find(p->texts, p->text_count, lang))
		s = lang_text_find(p->sounds, p->sound_count, STR("en"));
	if (!s && !p->text_count && p->sound_count)
		s = &p->sounds[0];
	return s;
}

static void add_file(struct buf *files, struct str dir, struct str name)
{
	if (files->n)
		buf_ch(files, '\n');
	buf_put(files, dir);
	buf_ch(files, '/');
	buf_put(files, name);
	buf_c(files, ".wav");
}

void speech_item(struct voice *v, const struct contact *k, const struct play_item *item,
		 struct buf *files, bool *pending)
{
	struct str lang = item->lang.n ? item->lang : str_of(k->lang), text = item->text;
	if (!ID_NONE(item->prompt)) {
		const struct prompt_config *p = prompt_config(v->core->objects, item->prompt);
		const struct lang_text *sound = p ? choose_sound(p, lang) : NULL;
		if (sound) {
			add_file(files, v->o.sound_dir, sound->text);
			return;
		}
		const struct lang_text *t = p ? choose(p, lang) : NULL;
		if (!t)
			return;
		lang = t->lang.n ? t->lang : lang;
		text = t->text;
	}
	if (!text.n)
		return;
	struct spoken *s = ask(v, lang, text);
	if (s->state == SPEECH_ASKED)
		*pending = true;
	add_file(files, v->o.speech_dir, str_of(s->key));
}

bool speech_pending(struct voice *v, struct str files)
{
	struct str file;
	while (str_line(&files, &file)) {
		if (file.n < VOICE_KEY_TEXT + 4)
			continue;
		struct str key =
			str_head(str_from(file, file.n - VOICE_KEY_TEXT - 4), VOICE_KEY_TEXT);
		struct spoken *s = map_get(&v->spoken, key);
		if (s && s->state == SPEECH_ASKED)
			return true;
	}
	return false;
}

void voice_spoken(struct voice *v, struct str key, bool ok)
{
	struct spoken *s = map_get(&v->spoken, key);
	if (!s)
		return;
	s->state = ok ? SPEECH_READY : SPEECH_FAILED;
	if (!ok)
		log_line(LOG_ERROR, "event=speech_failed key=" STR_FMT, STR_ARG(key));
	pool_for_each (struct line, l, v->lines) {
		line_speech_ready(l);
		ring_me_spoken(l);
	}
}
