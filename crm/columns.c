/* columns.c - see columns.h. */
#include "crm/columns.h"

#include "crm/csv.h"
#include "crm/customer.h"
#include "crm/plain.h"
#include "objects/schema.h"

/* Members that are one text each, with what people call such a column, in plain (crm/plain.h). */
static const struct {
	const char *target, *names;
} members[] = {
	{"kind", "kind|type|typ|rodzaj|тип|art"},
	{"name", "name|full name|display name|nazwa|imie i nazwisko|имя|фио|название|nazev|jmeno a "
		 "prijmeni"},
	{"given_name",
	 "given name|first name|firstname|imie|имя отчество|vorname|jmeno|krestni jmeno"},
	{"family_name",
	 "family name|last name|lastname|surname|nazwisko|фамилия|nachname|prijmeni"},
	{"title", "title|tytul|обращение|titel|titul"},
	{"position", "position|job title|stanowisko|должность|pozice"},
	{"company_name", "company|company name|firma|организация|компания|unternehmen|spolecnost"},
	{"external_id", "external id|customer id|id klienta|nr klienta|numer klienta|номер "
			"клиента|kundennummer|cislo zakaznika"},
	{"street", "street|address|ulica|adres|улица|адрес|strasse|adresse|ulice|adresa"},
	{"postal_code", "postal code|zip|zip code|postcode|kod|kod pocztowy|индекс|почтовыи "
			"индекс|plz|postleitzahl|psc"},
	{"city", "city|town|miasto|miejscowosc|город|stadt|ort|mesto"},
	{"region", "region|state|wojewodztwo|регион|область|bundesland|kraj|okres"},
	{"country", "country|panstwo|страна|land|zeme"},
	{"language", "language|jezyk|язык|sprache|jazyk"},
	{"time_zone", "time zone|timezone|strefa czasowa|часовои пояс|zeitzone|casove pasmo"},
	{"number:mobile", "mobile|mobile phone|cell|komorka|telefon komorkowy|мобильныи|мобильныи "
			  "телефон|handy|mobil"},
	{"number", "phone|telephone|phone number|number|tel|telefon|nr telefonu|numer "
		   "telefonu|телефон|номер телефона|telefonnummer"},
	{"numbers", "numbers|phones|telefony|телефоны"},
	{"email", "email|e mail|mail|e mail address|adres e mail|почта|эл почта|электронная почта"},
	{"emails", "emails|e mails"},
	{"tags", "tags|tag|etykiety|теги|метки|stitky"},
};

static bool of_address(struct str target)
{
	return str_is(target, "street") || str_is(target, "postal_code") ||
	       str_is(target, "city") || str_is(target, "region") || str_is(target, "country");
}

static const json_t *field_of(const json_t *fields, struct str id)
{
	for (size_t i = 0; i < json_array_size(fields); i++)
		if (str_eq(json_member(json_array_get(fields, i), "id"), id))
			return json_array_get(fields, i);
	return NULL;
}

bool column_target_known(struct str target, const json_t *fields)
{
	if (!target.n)
		return true;
	if (str_starts(target, STR("field:")))
		return field_of(fields, str_from(target, 6)) != NULL;
	if (str_starts(target, STR("number:")) || str_starts(target, STR("email:")))
		return target.n <= 47;
	for (size_t i = 0; i < COUNT_OF(members); i++)
		if (str_is(target, members[i].target))
			return true;
	return false;
}

static bool is_named(const char *names, struct str name)
{
	struct str rest = str_of(names), one;
	while (rest.n) {
		str_cut(rest, '|', &one, &rest);
		if (str_eq(one, name))
			return true;
	}
	return false;
}

/* A field by its id, its name or one of its labels. */
static bool field_named(const json_t *field, struct str name)
{
	struct buf plain = buf_grow(64);
	const char *lang;
	json_t *label;
	plain_text(json_member(field, "id"), &plain);
	bool is = str_eq(buf_str(&plain), name);
	plain.n = 0;
	plain_text(json_member(field, "name"), &plain);
	is |= str_eq(buf_str(&plain), name);
	json_object_foreach(json_object_get(field, "label"), lang, label)
	{
		plain.n = 0;
		plain_text(json_str(label), &plain);
		is |= plain.n && str_eq(buf_str(&plain), name);
	}
	buf_free(&plain);
	return is;
}

struct str column_guess(struct str name, const json_t *fields, char room[80])
{
	struct buf plain = buf_grow(64), out = buf_make(room, 80);
	if (column_target_known(str_trim(name), fields) && str_trim(name).n < 80) {
		buf_put(&out, str_trim(name)); /* of an export of ours */
		buf_free(&plain);
		return buf_str(&out);
	}
	plain_text(name, &plain);
	for (size_t i = 0; plain.n && !out.n && i < json_array_size(fields); i++)
		if (field_named(json_array_get(fields, i), buf_str(&plain))) {
			buf_c(&out, "field:");
			buf_put(&out, json_member(json_array_get(fields, i), "id"));
		}
	for (size_t i = 0; plain.n && !out.n && i < COUNT_OF(members); i++)
		if (is_named(members[i].names, buf_str(&plain)))
			buf_c(&out, members[i].target);
	buf_free(&plain);
	return buf_str(&out);
}

/* -- a line -- */

static json_t *text(struct str s)
{
	json_t *t = json_stringn(s.n ? s.p : "", s.n);
	return t ? t : json_string("?"); /* was no UTF-8 */
}

static json_t *list_of(json_t *doc, const char *key)
{
	json_t *list = json_object_get(doc, key);
	if (!list) {
		list = json_array();
		json_object_set_new(doc, key, list);
	}
	return list;
}

static void add(json_t *doc, const char *list, const char *key, struct str label, struct str value)
{
	json_t *one = json_object();
	json_object_set_new(one, key, text(value));
	if (label.n)
		json_object_set_new(one, "label", text(str_head(label, 40)));
	json_array_append_new(list_of(doc, list), one);
}

/* Several in one cell: LABEL:VALUE | VALUE */
static void add_several(json_t *doc, const char *list, const char *key, struct str cell)
{
	struct str one, label;
	while (cell.n) {
		str_cut(cell, '|', &one, &cell);
		one = str_trim(one);
		label = STR_NONE;
		if (str_find(one, ':') >= 0)
			str_cut(one, ':', &label, &one);
		if (str_trim(one).n)
			add(doc, list, key, str_trim(label), str_trim(one));
	}
}

static void add_tags(json_t *doc, struct str cell)
{
	while (cell.n) {
		size_t n = 0;
		while (n < cell.n && cell.p[n] != ',' && cell.p[n] != ';' && cell.p[n] != '|')
			n++;
		const struct str one = str_trim(str_head(cell, n));
		if (one.n)
			json_array_append_new(list_of(doc, "tags"), text(one));
		cell = str_from(cell, n + 1);
	}
}

static json_t *number_in(struct str s)
{
	char room[40];
	struct buf b = buf_make(room, sizeof room - 1);
	int64_t whole;
	double real;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && (unsigned char)s.p[i] < 0x80)
			buf_ch(&b, s.p[i] == ',' ? '.' : s.p[i]);
	if (!b.full && str_to_i64(buf_str(&b), &whole) == ERR_OK)
		return json_integer(whole);
	room[b.n] = 0;
	json_t *v = !b.full && b.n ? json_loads(room, JSON_DECODE_ANY, NULL) : NULL;
	real = json_real_value(v);
	const bool is = json_is_real(v);
	json_decref(v);
	return is ? json_real(real) : NULL;
}

static json_t *flag_in(struct str s)
{
	static const char *const yes[] = {"1",	 "true", "yes", "y",  "x",
					  "tak", "t",	 "да",	"ja", "ano"};
	static const char *const no[] = {"0", "false", "no", "n", "nie", "нет", "nein", "ne"};
	struct buf plain = buf_grow(16);
	json_t *v = NULL;
	plain_text(s, &plain);
	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (str_is(buf_str(&plain), yes[i]))
			v = json_true();
	for (size_t i = 0; i < COUNT_OF(no); i++)
		if (str_is(buf_str(&plain), no[i]))
			v = json_false();
	buf_free(&plain);
	return v;
}

/* 22.11.2026 and 22-11-2026 are written 2026-11-22. */
static json_t *date_in(struct str s)
{
	char room[11];
	if (s.n == 10 && (s.p[2] == '.' || s.p[2] == '-' || s.p[2] == '/') && s.p[5] == s.p[2]) {
		struct buf b = buf_make(room, sizeof room);
		buf_put(&b, str_make(s.p + 6, 4));
		buf_ch(&b, '-');
		buf_put(&b, str_make(s.p + 3, 2));
		buf_ch(&b, '-');
		buf_put(&b, str_make(s.p, 2));
		return text(buf_str(&b));
	}
	return text(s);
}

static json_t *choice_in(const json_t *field, struct str s)
{
	size_t i;
	json_t *c, *label;
	const char *lang;
	json_array_foreach(json_object_get(field, "choices"), i, c)
	{
		json_object_foreach(
			json_object_get(c, "label"), lang,
			label) if (str_ieq(json_str(label), s)) return text(json_member(c, "id"));
	}
	return text(s);
}

/* What cannot be read stays a text, so that the mistake is told. */
static json_t *field_value(const json_t *field, struct str s)
{
	const struct str type = json_member(field, "type");
	json_t *v = NULL;
	if (str_is(type, "number"))
		v = number_in(s);
	else if (str_is(type, "flag"))
		v = flag_in(s);
	else if (str_is(type, "date"))
		v = date_in(s);
	else if (str_is(type, "choice"))
		v = choice_in(field, s);
	return v ? v : text(s);
}

static json_t *kind_in(struct str s)
{
	struct buf plain = buf_grow(16);
	plain_text(s, &plain);
	const bool firm = is_named("company|firma|f|организация|компания|юр лицо|unternehmen|"
				   "spolecnost|c",
				   buf_str(&plain));
	const bool person =
		is_named("person|osoba|o|p|физ лицо|человек|частное лицо", buf_str(&plain));
	buf_free(&plain);
	return firm ? json_string("company") : person ? json_string("person") : text(s);
}

static void put_address(json_t *doc, struct str target, struct str cell)
{
	json_t *list = list_of(doc, "addresses");
	char key[16], upper[2];
	if (!json_array_size(list))
		json_array_append_new(list, json_object());
	CHECK(str_copy(target, key, sizeof key));
	if (str_is(target, "country") && cell.n == 2) {
		upper[0] = (char)(cell.p[0] & ~32);
		upper[1] = (char)(cell.p[1] & ~32);
		cell = str_make(upper, 2);
	}
	json_object_set_new(json_array_get(list, 0), key, text(cell));
}

static void put_field(json_t *doc, const json_t *field, struct str cell)
{
	char key[64];
	json_t *values = json_object_get(doc, "fields");
	if (!field || !str_copy(json_member(field, "id"), key, sizeof key))
		return;
	if (!values) {
		values = json_object();
		json_object_set_new(doc, "fields", values);
	}
	json_object_set_new(values, key, field_value(field, cell));
}

static void put_cell(json_t *doc, struct str target, struct str cell, const json_t *fields)
{
	char key[32];
	cell = str_trim(csv_unguarded(cell));
	if (!cell.n || !target.n)
		return;
	if (str_is(target, "number") || str_starts(target, STR("number:")))
		add(doc, "numbers", "number", str_from(target, 7), cell);
	else if (str_is(target, "email") || str_starts(target, STR("email:")))
		add(doc, "emails", "address", str_from(target, 6), cell);
	else if (str_is(target, "numbers"))
		add_several(doc, "numbers", "number", cell);
	else if (str_is(target, "emails"))
		add_several(doc, "emails", "address", cell);
	else if (str_is(target, "tags"))
		add_tags(doc, cell);
	else if (str_is(target, "kind"))
		json_object_set_new(doc, "kind", kind_in(cell));
	else if (of_address(target))
		put_address(doc, target, cell);
	else if (str_starts(target, STR("field:")))
		put_field(doc, field_of(fields, str_from(target, 6)), cell);
	else if (str_copy(target, key, sizeof key))
		json_object_set_new(doc, key, text(cell));
}

json_t *columns_document(const struct str *cells, uint32_t count, const struct str *targets,
			 uint32_t target_count, const json_t *fields)
{
	json_t *doc = json_object();
	for (uint32_t i = 0; i < MIN(count, target_count); i++)
		put_cell(doc, targets[i], cells[i], fields);
	return doc;
}

/* -- an export -- */

static const char *const exported[] = {
	"kind",		"name",	       "given_name", "family_name", "title",	 "position",
	"company_name", "external_id", "numbers",    "emails",	    "street",	 "postal_code",
	"city",		"region",      "country",    "language",    "time_zone", "tags"};

uint32_t columns_exported(const json_t *fields, void (*target)(void *arg, struct str target),
			  void *arg)
{
	for (size_t i = 0; i < COUNT_OF(exported); i++)
		target(arg, str_of(exported[i]));
	for (size_t i = 0; i < json_array_size(fields); i++) {
		char room[80];
		struct buf b = buf_make(room, sizeof room);
		buf_c(&b, "field:");
		buf_put(&b, json_member(json_array_get(fields, i), "id"));
		target(arg, buf_str(&b));
	}
	return (uint32_t)(COUNT_OF(exported) + json_array_size(fields));
}

static void several(const json_t *list, const char *key, struct buf *out)
{
	size_t i;
	json_t *v;
	json_array_foreach(list, i, v)
	{
		const struct str label = json_member(v, "label");
		if (i)
			buf_c(out, " | ");
		if (label.n) {
			buf_put(out, label);
			buf_ch(out, ':');
		}
		buf_put(out, json_is_string(v) ? json_str(v) : json_member(v, key));
	}
}

static void value_text(const json_t *v, struct buf *out)
{
	if (json_is_string(v))
		buf_put(out, json_str(v));
	else if (json_is_boolean(v))
		buf_c(out, json_is_true(v) ? "true" : "false");
	else if (json_is_integer(v))
		buf_i64(out, json_integer_value(v));
	else if (json_is_real(v))
		buf_fmt(out, "%.15g", json_real_value(v));
}

void columns_cells(const json_t *doc, const json_t *fields,
		   void (*cell)(void *arg, struct str text), void *arg)
{
	const json_t *address = json_array_get(json_object_get(doc, "addresses"), 0);
	struct buf out = buf_grow(128);
	for (size_t i = 0; i < COUNT_OF(exported); i++) {
		const struct str t = str_of(exported[i]);
		out.n = 0;
		if (str_is(t, "numbers") || str_is(t, "emails") || str_is(t, "tags"))
			several(json_object_get(doc, exported[i]),
				str_is(t, "numbers") ? "number" : "address", &out);
		else
			value_text(json_object_get(of_address(t) ? address : doc, exported[i]),
				   &out);
		cell(arg, buf_str(&out));
	}
	for (size_t i = 0; i < json_array_size(fields); i++) {
		char key[64];
		out.n = 0;
		if (str_copy(json_member(json_array_get(fields, i), "id"), key, sizeof key))
			value_text(json_object_get(json_object_get(doc, "fields"), key), &out);
		cell(arg, buf_str(&out));
	}
	buf_free(&out);
}
