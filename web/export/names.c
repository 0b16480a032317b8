/* names.c - see names.h. */
#include "web/export/names.h"

#include <stdlib.h>

#include "base/jsonr.h"
#include "objects/registry.h"
#include "web/web_inside.h"

static const struct {
	const char *kind, *word, *texts[REPORT_LANG_COUNT];
} said[] = {
#define SAID(kind, word, ...) {#kind, word, {__VA_ARGS__}},
#include "web/export/words.def"
#undef SAID
};

static const struct {
	const char *kind;
	enum object_kind object;
} declared[] = {
	{"queue", KIND_queue},	   {"queues", KIND_queue},    {"passed_to", KIND_queue},
	{"agent", KIND_user},	   {"started_by", KIND_user}, {"stopped_by", KIND_user},
	{"outcome", KIND_outcome}, {"reasons", KIND_reason},  {"team", KIND_team},
};

struct known {
	char *key, *name;
	size_t key_n, name_n;
};

void names_init(struct names *n, struct clerk *me, struct str tenant, enum report_lang lang,
		bool plain)
{
	*n = (struct names){.me = me, .tenant = tenant, .lang = lang, .plain = plain};
	map_init(&n->known, 11);
}

void names_finish(struct names *n)
{
	uint32_t at = 0;
	for (struct known *k; (k = map_next(&n->known, &at)) != NULL;) {
		free(k->key);
		free(k->name);
		free(k);
	}
	map_finish(&n->known);
}

static void ask_name(struct names *n, enum object_kind kind, struct str id, struct buf *name)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(n->me), kind, n->tenant, id, &doc);
	clerk_registry_done(n->me);
	if (e != ERR_OK || !jsonr_text(jsonr_get(buf_str(&doc), "name"), name) || !name->n) {
		name->n = 0;
		buf_put(name, id);
	}
	buf_free(&doc);
}

static void put_declared(struct names *n, enum object_kind kind, struct str id, struct buf *out)
{
	struct buf key = buf_grow(80), name = buf_grow(80);
	buf_fmt(&key, "%d " STR_FMT, (int)kind, STR_ARG(id));
	struct known *k = map_get(&n->known, buf_str(&key));
	if (!k) {
		ask_name(n, kind, id, &name);
		k = xcalloc(1, sizeof *k);
		*k = (struct known){xstrndup(key.p, key.n), xstrndup(name.p, name.n), key.n,
				    name.n};
		CHECK(map_add(&n->known, str_make(k->key, k->key_n), k) == ERR_OK);
	}
	buf_put(out, str_make(k->name, k->name_n));
	buf_free(&key);
	buf_free(&name);
}

void names_put(struct names *n, struct str kind, struct str value, struct buf *out)
{
	for (size_t i = 0; !n->plain && i < COUNT_OF(said); i++) {
		if (str_is(kind, said[i].kind) && str_is(value, said[i].word)) {
			buf_c(out, said[i].texts[n->lang]);
			return;
		}
	}
	for (size_t i = 0; !n->plain && value.n && i < COUNT_OF(declared); i++) {
		if (str_is(kind, declared[i].kind)) {
			put_declared(n, declared[i].object, value, out);
			return;
		}
	}
	buf_put(out, value);
	if (!n->plain && str_is(kind, "hour") && value.n == 2)
		buf_fmt(out, ":00–" STR_FMT ":59", STR_ARG(value));
}

void names_put_all(struct names *n, struct str kind, struct str values, struct buf *out)
{
	struct str one;
	for (bool first = true; values.n; first = false) {
		str_cut(values, ',', &one, &values);
		buf_c(out, first ? "" : ", ");
		names_put(n, kind, one, out);
	}
}
