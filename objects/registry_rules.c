/* registry_rules.c - see registry_rules.h. The graph of flows is in flow_check.c. */
#include "objects/registry_rules.h"

#include <stdlib.h>

#include "objects/forms.h"
#include "objects/schema.h"
#include "core/country.h"
#include "core/skill_expr.h"
#include "core/zone.h"

/* Of two letters it is: the schema sees to that. */
static void check_country(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const struct str country = json_str(json_object_get(doc, "country"));
	const struct jpath place = {.up = at, .key = "country"};
	if (country.n == 2 && !country_known(country))
		mistake(m, &place, "is no country's code in ISO 3166-1; write it as in PL");
}

static void check_tenant(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *zone = json_object_get(doc, "time_zone");
	const struct jpath place = {.up = at, .key = "time_zone"};
	if (zone && !str_is(json_str(zone), "UTC") && !zone_get(json_str(zone)))
		mistake(m, &place, "is not a known time zone; write it as in Europe/Warsaw");
	check_country(doc, at, m);
}

/* One limit, and where it goes off on the good side of that. */
static void check_alert(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *above = json_object_get(doc, "above"), *below = json_object_get(doc, "below"),
		     *clear = json_object_get(doc, "clear");
	const bool agents = str_is(json_str(json_object_get(doc, "measure")), "agent_time");
	const struct jpath place = {.up = at, .key = "clear"}, state = {.up = at, .key = "state"};
	if (!above == !below)
		mistake(m, at, "must have one limit: `above` or `below`");
	else if (clear && above && json_number_value(clear) > json_number_value(above))
		mistake(m, &place, "must not be more than `above`");
	else if (clear && below && json_number_value(clear) < json_number_value(below))
		mistake(m, &place, "must not be less than `below`");
	if (str_is(json_str(json_object_get(doc, "measure")), "alarm") &&
	    !json_object_get(doc, "alarm"))
		mistake(m, &(struct jpath){.up = at, .key = "alarm"}, "is needed: which one?");
	if (agents && !json_object_get(doc, "state"))
		mistake(m, &state, "is needed: the time of which state?");
}

static void check_trunk(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *peers = json_object_get(doc, "peers");
	const struct jpath list = {.up = at, .key = "peers"};
	struct trunk_peer peer;
	for (size_t i = 0; i < json_array_size(peers); i++) {
		const struct jpath place = {.up = &list, .index = i};
		if (form_peer(json_str(json_array_get(peers, i)), &peer) != ERR_OK)
			mistake(m, &place, "must be address or address:port, IPv6 in brackets");
	}
	const json_t *server = json_object_get(json_object_get(doc, "register"), "server");
	const struct jpath reg = {.up = at, .key = "register"};
	const struct jpath place = {.up = &reg, .key = "server"};
	if (server && form_peer(json_str(server), &peer) != ERR_OK)
		mistake(m, &place, "must be address or address:port");
	check_country(doc, at, m);
}

struct placed_span {
	struct span span;
	size_t index;
};

static int placed_order(const void *a, const void *b)
{
	const struct placed_span *x = a, *y = b;
	int d = (int)x->span.from_min - (int)y->span.from_min;
	return d ? d : (x->index > y->index) - (x->index < y->index);
}

static void check_day(const json_t *list, const struct jpath *at, struct mistakes *m)
{
	struct placed_span day[100] = {0}; /* maxItems of the schema */
	size_t n = 0;
	for (size_t i = 0; i < json_array_size(list) && n < COUNT_OF(day); i++) {
		const struct jpath place = {.up = at, .index = i};
		if (form_span(json_str(json_array_get(list, i)), &day[n].span) == ERR_OK)
			day[n++].index = i;
		else
			mistake(m, &place,
				"must be HH:MM-HH:MM, the end after the beginning and "
				"at most 24:00");
	}
	qsort(day, n, sizeof day[0], placed_order);
	for (size_t i = 1; i < n; i++) {
		const struct jpath place = {.up = at, .index = day[i].index};
		if (day[i].span.from_min < day[i - 1].span.to_min)
			mistake(m, &place, "overlaps another span of the day");
	}
}

/* Choices belong to a choice, and each is there once. */
static void check_field(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *choices = json_object_get(doc, "choices");
	const struct jpath list = {.up = at, .key = "choices"};
	const bool wanted = str_is(json_str(json_object_get(doc, "type")), "choice");
	if (wanted != (json_array_size(choices) > 0))
		mistake(m, &list,
			wanted ? "are needed: what may be chosen" : "are of a choice only");
	for (size_t i = 1; i < json_array_size(choices); i++)
		for (size_t k = 0; k < i; k++) {
			const struct jpath place = {.up = &list, .index = i};
			if (str_eq(json_str(json_object_get(json_array_get(choices, i), "id")),
				   json_str(json_object_get(json_array_get(choices, k), "id"))))
				mistake(m, &place, "is there twice");
		}
}

static void check_hours(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const struct jpath weekly = {.up = at, .key = "weekly"};
	const struct jpath special = {.up = at, .key = "special"};
	const char *key;
	json_t *list;
	int32_t y, mo, d;
	json_object_foreach(json_object_get(doc, "weekly"), key, list)
	{
		const struct jpath day = {.up = &weekly, .key = key};
		check_day(list, &day, m);
	}
	json_object_foreach(json_object_get(doc, "special"), key, list)
	{
		const struct jpath day = {.up = &special, .key = key};
		if (form_date(str_of(key), &y, &mo, &d) != ERR_OK)
			mistake(m, &day, "is not a day of the calendar");
		check_day(list, &day, m);
	}
}

void skills_check(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *steps = json_object_get(doc, "skills");
	const struct jpath list = {.up = at, .key = "skills"};
	struct skill_term terms[SKILL_TERMS_MAX];
	json_int_t before = -1;
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);
		const struct jpath item = {.up = &list, .index = i};
		const struct jpath after = {.up = &item, .key = "after_s"};
		const struct jpath need = {.up = &item, .key = "need"};
		const json_t *said = json_object_get(step, "after_s");
		bool known = json_is_object(step) && (!said || json_is_integer(said));
		json_int_t after_s = known ? json_integer_value(said) : before;
		if (!known)
			;
		else if (i == 0 && after_s != 0)
			mistake(m, &after, "the first step must be after 0 s");
		else if (after_s <= before)
			mistake(m, &after, "must be more than the %lld of the step before",
				(long long)before);
		before = after_s;
		char text[160];
		uint32_t count;
		struct buf why = buf_make(text, sizeof text);
		if (skill_expr_parse(json_str(json_object_get(step, "need")), terms, &count,
				     &why) != ERR_OK)
			mistake(m, &need, "is no skill demand such as billing >= 3: " STR_FMT,
				STR_ARG(buf_str(&why)));
	}
}

static void check_user(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *phone = json_object_get(doc, "phone");
	if (!phone)
		return;
	struct str kind = json_str(json_object_get(phone, "kind"));
	const struct jpath up = {.up = at, .key = "phone"};
	const struct jpath contact = {.up = &up, .key = "contact"};
	const struct jpath number = {.up = &up, .key = "number"};
	const struct jpath digest = {.up = &up, .key = "digest"};
	bool sip = str_is(kind, "sip"), dials = str_is(kind, "number");
	if (!sip && !dials && !str_is(kind, "browser"))
		return; /* nobody knows which was meant */
	if (!sip && json_object_get(phone, "contact"))
		mistake(m, &contact, "only a phone of kind sip has one");
	else if (sip && json_object_get(phone, "contact") &&
		 !form_sip_uri(json_str(json_object_get(phone, "contact"))))
		mistake(m, &contact, "must be a SIP address such as sip:a1@10.0.0.5:5060");
	if (!sip && json_object_get(phone, "digest"))
		mistake(m, &digest, "only a phone of kind sip has one");
	if (!dials && json_object_get(phone, "number"))
		mistake(m, &number, "only a phone of kind number has one");
	else if (dials && !json_object_get(phone, "number"))
		mistake(m, &number, "is required");
}

/* Days are said one way, so that nobody wonders which holds. */
static void check_saved_report(const json_t *doc, const struct jpath *at, struct mistakes *m)
{
	const json_t *schedule = json_object_get(doc, "schedule");
	const struct jpath when = {.up = at, .key = "schedule"};
	const struct jpath day = {.up = &when, .key = "day"};
	const bool weekdays = json_object_get(schedule, "weekdays") != NULL;
	const bool every = json_object_get(schedule, "every") != NULL;
	if (!schedule)
		return;
	if (weekdays == every)
		mistake(m, &when, "says either weekdays or every");
	if (json_object_get(schedule, "day") &&
	    !str_is(json_str(json_object_get(schedule, "every")), "month"))
		mistake(m, &day, "is for every month");
}

void rules_check(enum object_kind kind, const json_t *doc, const struct jpath *at,
		 struct mistakes *m)
{
	switch (kind) {
	case KIND_tenant:
		check_tenant(doc, at, m);
		break;
	case KIND_trunk:
		check_trunk(doc, at, m);
		break;
	case KIND_hours:
		check_hours(doc, at, m);
		break;
	case KIND_queue:
		skills_check(doc, at, m);
		break;
	case KIND_user:
		check_user(doc, at, m);
		break;
	case KIND_flow:
	case KIND_draft:
		if (json_is_object(json_object_get(doc, "nodes")))
			flow_check(doc, at, m);
		break;
	case KIND_alert:
		check_alert(doc, at, m);
		break;
	case KIND_field:
		check_field(doc, at, m);
		break;
	case KIND_saved_report:
		check_saved_report(doc, at, m);
		break;
	case KIND_number:
	case KIND_skill:
	case KIND_reason:
	case KIND_outcome:
	case KIND_team:
	case KIND_mass_event:
	case KIND_wallboard:
	case KIND_prompt:
		break;
	}
}
