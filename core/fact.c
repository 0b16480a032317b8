/*
 * fact.c - see fact.h.
 *
 * fact = u64 seq, i64 at, name of the event, tenant, 16 bytes of contact, then the fields in the
 * order of messages.def. Words and names are stored as texts, so that a later version with other
 * enums reads them; the contact and tenant fields are not repeated.
 */
#include "core/fact.h"

#include "base/jsonw.h"
#include "core/bytes.h"

/* -- fields into bytes -- */

static void enc_contact(struct buf *b, struct uuid v)
{
	(void)b, (void)v; /* in the head */
}
static void enc_tenant(struct buf *b, struct str v)
{
	(void)b, (void)v;
}
static void enc_u32(struct buf *b, uint32_t v)
{
	put_u32(b, v);
}
static void enc_ms(struct buf *b, int64_t v)
{
	put_i64(b, v);
}
static void enc_flag(struct buf *b, bool v)
{
	put_u8(b, v);
}
static void enc_name(struct buf *b, struct str v)
{
	put_word(b, v);
}
static void enc_text(struct buf *b, struct str v)
{
	put_text(b, v);
}
#define enc_past enc_contact
#define enc_i64 enc_ms
#define enc_queue enc_name
#define enc_agent enc_name
#define enc_flow enc_name
#define enc_trunk enc_name

#define COMMAND(name, room, fields)
#define F(type, name) enc_##type(b, v->name);
#define W(set, name) put_word(b, set##_word(v->name));
#define S(name) put_text(b, v->name);
#define EVENT(name, keep, fields)                                                                  \
	static void encode_##name(struct buf *b, const struct fact_##name *v)                      \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

void fact_encode(struct buf *out, const struct fact *f)
{
	put_u64(out, f->seq);
	put_i64(out, f->at_ms);
	put_word(out, event_name(f->kind));
	put_word(out, f->tenant);
	put_bytes(out, f->contact.b, sizeof f->contact.b);
	switch (f->kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		encode_##name(out, &f->name);                                                      \
		break;
#include "core/messages.def"
#undef EVENT
	case EV_COUNT:
		CHECK(!"a fact of no kind");
	}
}

/* -- and back --
 *
 * Events are only ever given more fields at their end. A fact stored before its event got one has
 * none there: it reads as nothing (0, empty, the first word). */

static void dec_contact(struct take *t, const struct fact *f, struct uuid *v)
{
	(void)t;
	*v = f->contact;
}
static void dec_tenant(struct take *t, const struct fact *f, struct str *v)
{
	(void)t;
	*v = f->tenant;
}
static void dec_u32(struct take *t, const struct fact *f, uint32_t *v)
{
	(void)f;
	*v = t->rest.n ? take_u32(t) : 0;
}
static void dec_ms(struct take *t, const struct fact *f, int64_t *v)
{
	(void)f;
	*v = t->rest.n ? take_i64(t) : 0;
}
static void dec_flag(struct take *t, const struct fact *f, bool *v)
{
	(void)f;
	*v = t->rest.n && take_u8(t) != 0;
}
static void dec_name(struct take *t, const struct fact *f, struct str *v)
{
	(void)f;
	*v = t->rest.n ? take_word(t) : STR_NONE;
}
static void dec_text(struct take *t, const struct fact *f, struct str *v)
{
	(void)f;
	*v = t->rest.n ? take_text(t) : STR_NONE;
}
#define dec_past dec_contact
#define dec_i64 dec_ms
#define dec_queue dec_name
#define dec_agent dec_name
#define dec_flow dec_name
#define dec_trunk dec_name

#define F(type, name) dec_##type(t, f, &v->name);
#define W(set, name)                                                                               \
	if (t->rest.n && set##_from(take_word(t), &v->name) != ERR_OK)                             \
		t->torn = true;
#define S(name) v->name = t->rest.n ? take_text(t) : STR_NONE;
#define EVENT(name, keep, fields)                                                                  \
	static void decode_##name(struct take *t, const struct fact *f, struct fact_##name *v)     \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

static enum err kind_from(struct str name, enum event_kind *out)
{
	for (int k = 0; k < EV_COUNT; k++) {
		if (str_eq(event_name((enum event_kind)k), name)) {
			*out = (enum event_kind)k;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

enum err fact_decode(struct str in, struct fact *out)
{
	struct take t = {.rest = in};
	struct fact f = {0};
	f.seq = take_u64(&t);
	f.at_ms = take_i64(&t);
	struct str name = take_word(&t);
	f.tenant = take_word(&t);
	take_into(&t, f.contact.b, sizeof f.contact.b);
	if (t.torn || kind_from(name, &f.kind) != ERR_OK)
		return ERR_INVALID;
	switch (f.kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		decode_##name(&t, &f, &f.name);                                                    \
		break;
#include "core/messages.def"
#undef EVENT
	case EV_COUNT:
		return ERR_INVALID;
	}
	if (t.torn || t.rest.n)
		return ERR_INVALID;
	*out = f;
	return ERR_OK;
}

/* -- for programs and people -- */

static void json_contact(struct jsonw *w, const char *key, struct uuid v)
{
	char text[UUID_TEXT + 1];
	jsonw_key(w, key);
	if (uuid_none(v)) {
		jsonw_null(w);
		return;
	}
	uuid_text(v, text);
	jsonw_str(w, str_of(text));
}
static void json_u32(struct jsonw *w, const char *key, uint32_t v)
{
	jsonw_ki64(w, key, v);
}
static void json_ms(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_ki64(w, key, v);
}
static void json_i64(struct jsonw *w, const char *key, int64_t v)
{
	if (str_ends(str_of(key), STR("_at")))
		jsonw_ktime(w, key, v);
	else
		jsonw_ki64(w, key, v);
}
static void json_flag(struct jsonw *w, const char *key, bool v)
{
	jsonw_kbool(w, key, v);
}
static void json_text(struct jsonw *w, const char *key, struct str v)
{
	jsonw_kstr(w, key, v);
}
static void json_name(struct jsonw *w, const char *key, struct str v)
{
	jsonw_key(w, key);
	if (v.n)
		jsonw_str(w, v);
	else
		jsonw_null(w);
}
static void json_tenant(struct jsonw *w, const char *key, struct str v)
{
	(void)w, (void)key, (void)v; /* in the head */
}
#define json_past json_contact
#define json_queue json_name
#define json_agent json_name
#define json_flow json_name
#define json_trunk json_name

/* only: the fields that are told; NULL: all */
static bool told(const char *const *only, const char *name)
{
	for (; only && *only; only++)
		if (!strcmp(*only, name))
			return true;
	return !only;
}

#define F(type, name)                                                                              \
	if (told(only, #name))                                                                     \
		json_##type(w, #name, v->name);
#define W(set, name)                                                                               \
	if (told(only, #name))                                                                     \
		jsonw_kstr(w, #name, set##_word(v->name));
#define S(name)
#define EVENT(name, keep, fields)                                                                  \
	static void json_of_##name(struct jsonw *w, const struct fact_##name *v,                   \
				   const char *const *only)                                        \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

static void json_fields(struct jsonw *w, const struct fact *f, const char *const *only)
{
	switch (f->kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		json_of_##name(w, &f->name, only);                                                 \
		break;
#include "core/messages.def"
#undef EVENT
	case EV_COUNT:
		break;
	}
}
#undef COMMAND

void fact_json_some(struct buf *out, const struct fact *f, const char *const *only)
{
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_key(&w, "seq");
	jsonw_u64(&w, f->seq);
	jsonw_ktime(&w, "at", f->at_ms);
	jsonw_kstr(&w, "event", event_name(f->kind));
	jsonw_kstr(&w, "tenant", f->tenant);
	json_fields(&w, f, only);
}

void fact_json_open(struct buf *out, const struct fact *f)
{
	fact_json_some(out, f, NULL);
}

void fact_line(struct buf *out, const struct fact *f)
{
	char room[2048];
	struct buf fields = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&fields);
	json_fields(&w, f, NULL);
	time_text(out, f->at_ms);
	buf_fmt(out, " %8llu %-16.*s %.*s ", (unsigned long long)f->seq,
		STR_ARG(event_name(f->kind)), STR_ARG(f->tenant));
	buf_put(out, buf_str(&fields));
}
