/* customer.c - see customer.h. */
#include "crm/customer.h"

#include <stdlib.h>

#include "core/number.h"
#include "core/zone.h"
#include "crm/plain.h"
#include "objects/forms.h"
#include "objects/schema.h"

/* Every member in the order it is stored. */
static const char *const members[] = {
	"id",	       "tenant",     "version",	  "kind",	 "name",	 "given_name",
	"family_name", "title",	     "position",  "company",	 "company_name", "household",
	"external_id", "numbers",    "emails",	  "handles",	 "addresses",	 "language",
	"time_zone",   "tags",	     "fields",	  "preferences", "merged_into",	 "created_at",
	"created_by",  "updated_at", "updated_by"};
/* What the house says, whatever was written. */
static const char *const ours[] = {"id",	  "tenant",	"version",
				   "merged_into", "created_at", "created_by",
				   "updated_at",  "updated_by", "found"};

struct str json_member(const json_t *doc, const char *key)
{
	return json_str(json_object_get(doc, key));
}

bool json_flag(const json_t *doc, const char *key)
{
	return json_is_true(json_object_get(doc, key));
}

/* -- texts -- */

static json_t *clean_text(const json_t *text)
{
	const struct str s = json_str(text);
	struct buf out = buf_grow(s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];
		buf_ch(&out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	const struct str trimmed = str_trim(buf_str(&out));
	json_t *clean = trimmed.n ? json_stringn(trimmed.p, trimmed.n) : NULL;
	buf_free(&out);
	return clean;
}

/* A copy without nulls, empty texts, empty lists and objects; NULL: nothing is left. */
static json_t *clean(const json_t *value)
{
	json_t *out, *v;
	const char *key;
	size_t i;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return clean_text(value);
	case JSON_NULL:
		return NULL;
	case JSON_OBJECT:
		out = json_object();
		json_object_foreach((json_t *)(uintptr_t)value, key, v)
		{
			json_t *c = clean(v);
			if (c)
				json_object_set_new(out, key, c);
		}
		break;
	case JSON_ARRAY:
		out = json_array();
		json_array_foreach(value, i, v)
		{
			json_t *c = clean(v);
			if (c)
				json_array_append_new(out, c);
		}
		break;
	default:
		return json_deep_copy(value);
	}
	if (json_object_size(out) || json_array_size(out))
		return out;
	json_decref(out);
	return NULL;
}

/* RFC 7396. */
static void patch_with(json_t *target, const json_t *patch)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)patch, key, v)
	{
		json_t *t = json_object_get(target, key);
		if (json_is_null(v)) {
			json_object_del(target, key);
		} else if (json_is_object(v)) {
			if (!json_is_object(t)) {
				t = json_object();
				json_object_set_new(target, key, t);
			}
			patch_with(t, v);
		} else {
			json_object_set(target, key, v);
		}
	}
}

/* -- what a schema cannot say -- */

static void set_text(json_t *doc, const char *key, struct str s)
{
	json_object_set_new(doc, key, json_stringn_nocheck(s.n ? s.p : "", s.n));
}

/* A second entry for what an earlier one says already goes. */
static void once(json_t *list, const char *key)
{
	for (size_t i = 1; i < json_array_size(list); i++)
		for (size_t k = 0; k < i; k++) {
			if (!str_ieq(json_member(json_array_get(list, i), key),
				     json_member(json_array_get(list, k), key)))
				continue;
			json_array_remove(list, i--);
			break;
		}
}

static void read_numbers(json_t *doc, struct str country)
{
	json_t *list = json_object_get(doc, "numbers"), *v;
	size_t i;
	json_array_foreach(list, i, v)
	{
		char number[NUMBER_TEXT];
		number_normalise(json_member(v, "number"), country, number);
		if (json_is_object(v))
			set_text(v, "number", str_of(number));
	}
	once(list, "number");
	once(json_object_get(doc, "emails"), "address");
}

static void check_emails(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *list = json_object_get(doc, "emails");
	const struct jpath place = {.up = at, .key = "emails"};
	for (size_t i = 0; i < json_array_size(list); i++) {
		const struct str a = json_member(json_array_get(list, i), "address");
		const ptrdiff_t sign = str_find(a, '@');
		const struct jpath one = {.up = &place, .index = i};
		if (sign < 1 || (size_t)sign + 1 >= a.n || str_find(a, ' ') >= 0)
			mistake(m, &one, "must be an e-mail address");
	}
}

static void check_times(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	const struct jpath prefs = {.up = at, .key = "preferences"};
	const struct jpath times = {.up = &prefs, .key = "contact_times"};
	const char *day;
	json_t *list;
	json_object_foreach(json_object_get(json_object_get(doc, "preferences"), "contact_times"),
			    day, list)
	{
		const struct jpath place = {.up = &times, .key = day};
		struct span span;
		bool known = false;
		for (size_t i = 0; i < COUNT_OF(days); i++)
			known |= str_is(str_of(day), days[i]);
		if (!known || !json_is_array(list))
			mistake(m, &place, "must be mon to sun, each a list of HH:MM-HH:MM");
		for (size_t i = 0; i < json_array_size(list); i++)
			if (form_span(json_str(json_array_get(list, i)), &span) != ERR_OK)
				mistake(m, &place,
					"must be HH:MM-HH:MM, the end after the beginning");
	}
}

static bool is_choice(const json_t *field, struct str id)
{
	const json_t *choices = json_object_get(field, "choices");
	for (size_t i = 0; i < json_array_size(choices); i++)
		if (str_eq(json_member(json_array_get(choices, i), "id"), id))
			return true;
	return false;
}

static void check_field(const json_t *field, const json_t *v, const struct jpath *at,
			struct mistakes *m)
{
	const struct str type = json_member(field, "type"), s = json_str(v);
	int32_t y, mo, d;
	if (str_is(type, "text") && !(json_is_string(v) && s.n <= 2000))
		mistake(m, at, "must be a text of at most 2000 bytes");
	else if (str_is(type, "number") && !json_is_number(v))
		mistake(m, at, "must be a number");
	else if (str_is(type, "flag") && !json_is_boolean(v))
		mistake(m, at, "must be true or false");
	else if (str_is(type, "date") && form_date(s, &y, &mo, &d) != ERR_OK)
		mistake(m, at, "must be a date such as 2026-11-22");
	else if (str_is(type, "choice") && !is_choice(field, s))
		mistake(m, at, "is none of its choices");
}

static void check_fields(const json_t *doc, const json_t *declared, const struct jpath *at,
			 struct mistakes *m)
{
	const struct jpath fields = {.up = at, .key = "fields"};
	const char *id;
	json_t *v;
	json_object_foreach(json_object_get(doc, "fields"), id, v)
	{
		const struct jpath place = {.up = &fields, .key = id};
		const json_t *found = NULL;
		for (size_t i = 0; i < json_array_size(declared) && !found; i++) {
			const json_t *f = json_array_get(declared, i);
			found = str_eq(json_member(f, "id"), str_of(id)) ? f : NULL;
		}
		if (found)
			check_field(found, v, &place, m);
		else
			mistake(m, &place, "is no declared field");
	}
}

/* Nobody is without a name: it is made of its parts, else of what he is reached at. */
static void give_name(json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const struct str given = json_member(doc, "given_name"),
			 family = json_member(doc, "family_name");
	const struct jpath place = {.up = at, .key = "name"};
	if (json_object_get(doc, "name"))
		return;
	struct buf b = buf_grow(64);
	buf_put(&b, given);
	if (given.n && family.n)
		buf_ch(&b, ' ');
	buf_put(&b, family);
	if (!b.n && !str_is(json_member(doc, "kind"), "company"))
		buf_put(&b, json_member(doc, "company_name"));
	if (!b.n)
		buf_put(&b,
			json_member(json_array_get(json_object_get(doc, "numbers"), 0), "number"));
	if (!b.n)
		buf_put(&b,
			json_member(json_array_get(json_object_get(doc, "emails"), 0), "address"));
	if (b.n)
		set_text(doc, "name", buf_str(&b));
	else
		mistake(m, &place,
			"is needed: name, given_name, family_name, a number or an e-mail address");
	buf_free(&b);
}

/* -- the whole -- */

static json_t *in_order(const json_t *doc)
{
	json_t *out = json_object();
	const char *key;
	json_t *v;
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		v = json_object_get(doc, members[i]);
		if (v)
			json_object_set(out, members[i], v);
	}
	json_object_foreach((json_t *)(uintptr_t)doc, key,
			    v) /* unknown ones: the schema will say so */
		if (!json_object_get(out, key)) json_object_set(out, key, v);
	return out;
}

static void stamp_on(json_t *doc, const json_t *before, uint32_t version,
		     const struct customer_stamp *s)
{
	char text[40];
	struct buf now = buf_make(text, sizeof text);
	time_text(&now, s->now_ms);
	set_text(doc, "id", s->id);
	set_text(doc, "tenant", s->tenant);
	json_object_set_new(doc, "version", json_integer(version));
	if (before) {
		json_object_set(doc, "created_at", json_object_get(before, "created_at"));
		json_object_set(doc, "created_by", json_object_get(before, "created_by"));
	} else {
		set_text(doc, "created_at", buf_str(&now));
		set_text(doc, "created_by", s->by);
	}
	set_text(doc, "updated_at", buf_str(&now));
	set_text(doc, "updated_by", s->by);
}

static uint32_t version_after(const json_t *before)
{
	return (uint32_t)json_integer_value(json_object_get(before, "version")) + 1;
}

static json_t *written(const json_t *given, const json_t *before, bool patch)
{
	json_t *doc = patch && before ? json_deep_copy(before) : json_object();
	if (patch)
		patch_with(doc, given);
	else
		json_object_update(doc, (json_t *)(uintptr_t)given);
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		json_object_del(doc, ours[i]);
	json_t *cleaned = clean(doc);
	json_decref(doc);
	return cleaned ? cleaned : json_object();
}

json_t *customer_make(const json_t *given, const json_t *before, bool patch,
		      const struct customer_stamp *stamp, const struct customer_rules *rules,
		      struct mistakes *m)
{
	const struct jpath root = {0};
	const uint32_t mistakes = m->count;
	if (!json_is_object(given)) {
		mistake(m, &root, "must be an object");
		return NULL;
	}
	json_t *doc = written(given, before, patch);
	if (!json_object_get(doc, "kind"))
		set_text(doc, "kind", STR("person"));
	if (json_is_array(json_object_get(doc, "numbers")))
		read_numbers(doc, rules->country);
	give_name(doc, &root, m);
	stamp_on(doc, before, version_after(before), stamp);
	schema_check(schema_get(schema_house(), "Customer"), doc, &root, m);
	if (m->count == mistakes) {
		const struct jpath zone = {.up = &root, .key = "time_zone"};
		const struct str z = json_member(doc, "time_zone");
		check_emails(doc, &root, m);
		check_times(doc, &root, m);
		check_fields(doc, rules->fields, &root, m);
		if (z.n && !str_is(z, "UTC") && !zone_get(z))
			mistake(m, &zone, "is not a known time zone; write it as in Europe/Warsaw");
	}
	json_t *out = m->count == mistakes ? in_order(doc) : NULL;
	json_decref(doc);
	return out;
}

json_t *customer_again(const json_t *doc, uint32_t version, const struct customer_stamp *stamp)
{
	json_t *copy = json_deep_copy(doc);
	stamp_on(copy, doc, version, stamp);
	json_t *out = in_order(copy);
	json_decref(copy);
	return out;
}

bool customer_same(const json_t *a, const json_t *b)
{
	static const char *const stamps[] = {"version", "updated_at", "updated_by"};
	json_t *x = json_copy((json_t *)(uintptr_t)a), *y = json_copy((json_t *)(uintptr_t)b);
	for (size_t i = 0; i < COUNT_OF(stamps); i++) {
		json_object_del(x, stamps[i]);
		json_object_del(y, stamps[i]);
	}
	const bool same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

/* -- merging -- */

static void append_all(json_t *into, const char *key, const json_t *from)
{
	json_t *list = json_object_get(into, key), *v;
	size_t i;
	if (!json_is_array(list)) {
		list = json_array();
		json_object_set_new(into, key, list);
	}
	json_array_foreach(from, i, v) json_array_append(list, v);
}

/* As many as a record may have; what is over stays in the history of the other one. */
static void cut_to(json_t *doc, const char *key, size_t most)
{
	json_t *list = json_object_get(doc, key);
	while (json_array_size(list) > most)
		json_array_remove(list, json_array_size(list) - 1);
}

static void tags_once(json_t *list)
{
	for (size_t i = 1; i < json_array_size(list); i++)
		for (size_t k = 0; k < i; k++)
			if (json_equal(json_array_get(list, i), json_array_get(list, k))) {
				json_array_remove(list, i--);
				break;
			}
}

json_t *customer_merged(const json_t *into, const json_t *from)
{
	json_t *doc = json_deep_copy(into), *v;
	const char *key;
	json_object_foreach((json_t *)(uintptr_t)from, key, v)
	{
		json_t *mine = json_object_get(doc, key);
		if (!mine)
			json_object_set_new(doc, key, json_deep_copy(v));
		else if (json_is_array(v))
			append_all(doc, key, v);
		else if (json_is_object(v))
			json_object_update_missing(mine, v);
	}
	json_object_del(doc, "merged_into");
	/* nobody is in his own household, nor his own company */
	for (size_t i = 0; i < 2; i++) {
		const char *link = i ? "company" : "household";
		if (str_eq(json_member(doc, link), json_member(into, "id")) ||
		    str_eq(json_member(doc, link), json_member(from, "id")))
			json_object_del(doc, link);
	}
	once(json_object_get(doc, "numbers"), "number");
	once(json_object_get(doc, "emails"), "address");
	tags_once(json_object_get(doc, "tags"));
	cut_to(doc, "numbers", 20);
	cut_to(doc, "emails", 20);
	cut_to(doc, "handles", 20);
	cut_to(doc, "addresses", 10);
	cut_to(doc, "tags", 50);
	return doc;
}

/* -- keys -- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void name_key(struct str name, struct buf *out)
{
	struct buf plain = buf_grow(64);
	struct str words[16], rest, word;
	size_t n = 0;
	plain_text(name, &plain);
	for (rest = buf_str(&plain); rest.n && n < COUNT_OF(words);) {
		str_cut(rest, ' ', &word, &rest);
		words[n++] = word;
	}
	qsort(words, n, sizeof words[0], by_text);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_ch(out, ' ');
		buf_put(out, words[i]);
	}
	buf_free(&plain);
}

void customer_key(char kind, struct str text, struct buf *out)
{
	const size_t from = out->n;
	if (kind == 'p')
		name_key(text, out);
	else if (kind == 'e')
		for (size_t i = 0; i < text.n; i++) {
			const char c = text.p[i];
			buf_ch(out, c >= 'A' && c <= 'Z' ? (char)(c | 32) : c);
		}
	else
		buf_put(out, text);
	out->n = MIN(out->n, from + CUSTOMER_KEY_MAX);
}

struct giving {
	void (*key)(void *arg, char kind, struct str key);
	void *arg;
	struct buf text;
};

static void give(struct giving *g, char kind, struct str text)
{
	g->text.n = 0;
	customer_key(kind, text, &g->text);
	if (g->text.n)
		g->key(g->arg, kind, buf_str(&g->text));
}

void customer_keys(const json_t *doc, void (*key)(void *arg, char kind, struct str key), void *arg)
{
	struct giving g = {.key = key, .arg = arg, .text = buf_grow(64)};
	size_t i;
	json_t *v;
	json_array_foreach(json_object_get(doc, "numbers"), i, v)
		give(&g, 'n', json_member(v, "number"));
	json_array_foreach(json_object_get(doc, "emails"), i, v)
		give(&g, 'e', json_member(v, "address"));
	give(&g, 'x', json_member(doc, "external_id"));
	give(&g, 'p', json_member(doc, "name"));
	buf_free(&g.text);
}
