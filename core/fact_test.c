/* fact_test.c - every kind of fact survives its bytes, and its JSON is JSON without secrets. */
#include <jansson.h>
#include <stdlib.h>

#include "core/batch.h"
#include "core/fact.h"
#include "tests/test.h"

/* Fields filled with what is hard to write: quotes, long names, minus, the last word of a set. */
static void fill_contact(struct uuid *v)
{
	*v = uuid_v7(1700000000000, 1, 2);
}
static void fill_text(struct str *v)
{
	*v = STR("a \"quoted\"\n text \xff zażółć");
}
static void fill_name(struct str *v)
{
	*v = STR("sales");
}
static void fill_u32(uint32_t *v)
{
	*v = UINT32_MAX;
}
static void fill_i64(int64_t *v)
{
	*v = -1700000000000;
}
static void fill_flag(bool *v)
{
	*v = true;
}
#define fill_queue fill_name
#define fill_agent fill_name
#define fill_flow fill_name
#define fill_trunk fill_name
#define fill_tenant fill_name
#define fill_past fill_contact
#define fill_ms fill_i64

#define COMMAND(name, room, fields)
#define F(type, name) fill_##type(&v->name);
#define W(set, name)                                                                               \
	while (!str_is(set##_word((enum set)(v->name + 1)), "?"))                                  \
		v->name = (enum set)(v->name + 1);
#define S(name) v->name = STR("SECRET");
#define EVENT(name, keep, fields)                                                                  \
	static void fill_event_##name(struct fact_##name *v)                                       \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

static struct fact filled(enum event_kind kind)
{
	struct fact f = {.seq = 77, .at_ms = 1700000000123, .kind = kind, .tenant = STR("acme")};
	fill_contact(&f.contact);
	switch (kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		fill_event_##name(&f.name);                                                        \
		break;
#include "core/messages.def"
#undef EVENT
#undef COMMAND
	case EV_COUNT:
		break;
	}
	return f;
}

TEST(every_kind_of_fact_survives_its_bytes)
{
	for (int kind = 0; kind < EV_COUNT; kind++) {
		char one[4096], two[4096];
		struct buf a = buf_make(one, sizeof one), b = buf_make(two, sizeof two);
		struct fact f = filled((enum event_kind)kind), back = {0};
		fact_encode(&a, &f);
		EXPECT(!a.full && fact_decode(buf_str(&a), &back) == ERR_OK);
		EXPECT(back.kind == f.kind && back.seq == 77 && back.at_ms == f.at_ms);
		EXPECT(uuid_eq(back.contact, f.contact));
		fact_encode(&b, &back);
		EXPECT(str_eq(buf_str(&a), buf_str(&b)));
		for (size_t n = 0; n < a.n; n++) {
			char *exact = xstrndup(one, n); /* reading past the end is seen */
			b.n = 0;
			/* of an event that had fewer fields then: what is there is the same, or
			 * torn */
			if (fact_decode(str_make(exact, n), &back) == ERR_OK) {
				fact_encode(&b, &back);
				EXPECT(b.n >= n &&
				       str_eq(str_head(buf_str(&b), n), str_make(one, n)));
			}
			free(exact);
		}
		buf_ch(&a, 0); /* and nothing may stand behind */
		EXPECT(fact_decode(buf_str(&a), &back) == ERR_INVALID);
	}
}

TEST(a_fact_of_before_its_event_got_a_field_is_read)
{
	char room[512];
	struct buf now = buf_make(room, sizeof room);
	struct fact back = {0},
		    f = {.seq = 5,
			 .at_ms = 1,
			 .kind = EV_leg_end,
			 .tenant = STR("acme"),
			 .leg_end = {.codec = STR("PCMA"), .jitter_us = 7, .forged = 431}};
	fact_encode(&now, &f);
	EXPECT(fact_decode(str_head(buf_str(&now), now.n - 4), &back) == ERR_OK);
	EXPECT(back.leg_end.jitter_us == 7 && back.leg_end.forged == 0);
	EXPECT(fact_decode(str_head(buf_str(&now), now.n - 3), &back) == ERR_INVALID);
	EXPECT(fact_decode(buf_str(&now), &back) == ERR_OK && back.leg_end.forged == 431);
}

TEST(facts_with_any_byte_changed_are_read_or_refused)
{
	uint64_t z = 9;
	for (int i = 0; i < 20000; i++) {
		char bytes[4096];
		struct buf b = buf_make(bytes, sizeof bytes);
		struct fact f = filled((enum event_kind)(i % EV_COUNT)), back;
		fact_encode(&b, &f);
		for (int k = 0; k < 3; k++) {
			z = z * 6364136223846793005ull + 1442695040888963407ull;
			bytes[(z >> 33) % b.n] = (char)(z >> 20);
		}
		char *exact = xstrndup(bytes, b.n);
		if (fact_decode(str_make(exact, b.n), &back) == ERR_OK) {
			struct buf again = buf_make(bytes, sizeof bytes);
			fact_encode(&again, &back); /* what was accepted can be written */
		}
		free(exact);
	}
}

TEST(the_json_of_a_fact_is_json_and_keeps_secrets)
{
	for (int kind = 0; kind < EV_COUNT; kind++) {
		char text[4096];
		struct buf b = buf_make(text, sizeof text);
		struct fact f = filled((enum event_kind)kind);
		fact_json_open(&b, &f);
		buf_c(&b, ",\"prev\":1}"); /* the caller may add members */
		json_t *o = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
		EXPECT(o);
		EXPECT_STR(str_of(json_string_value(json_object_get(o, "at"))),
			   "2023-11-14T22:13:20.123Z");
		EXPECT(str_eq(str_of(json_string_value(json_object_get(o, "event"))),
			      event_name(f.kind)));
		EXPECT_STR(str_of(json_string_value(json_object_get(o, "tenant"))), "acme");
		EXPECT(str_find_str(buf_str(&b), STR("SECRET")) < 0);
		json_decref(o);
		b.n = 0;
		fact_line(&b, &f);
		EXPECT(str_starts(buf_str(&b), STR("2023-11-14T22:13:20.123Z       77 ")));
		EXPECT(memchr(b.p, '\n', b.n) == NULL);
	}
}

TEST(who_is_nobody_is_null)
{
	char text[1024];
	struct buf b = buf_make(text, sizeof text);
	fact_json_open(&b, &(struct fact){.kind = EV_agent_work, .tenant = STR("acme")});
	EXPECT(str_find_str(buf_str(&b), STR("\"agent\":null,\"from\":\"idle\",\"to\":\"idle\","
					     "\"contact\":null")) > 0);
	b.n = 0; /* members whose name ends with _at are times */
	fact_json_open(&b, &(struct fact){.kind = EV_login, .login = {.expires_at = 1000}});
	EXPECT(str_find_str(buf_str(&b), STR("\"expires_at\":\"1970-01-01T00:00:01.000Z\"")) > 0);
}

TEST(names_of_messages)
{
	EXPECT_STR(event_name(EV_arrive), "arrive");
	EXPECT_STR(command_name(CMD_hang_up), "hang_up");
	EXPECT_STR(event_name(EV_COUNT), "?");
	EXPECT_STR(command_name(CMD_COUNT), "?");
	EXPECT(event_kept(EV_arrive) && !event_kept(EV_digit) && !event_kept(EV_COUNT));
}

TEST(items_of_a_batch_come_out_as_they_went_in)
{
	char bytes[256];
	struct buf b = buf_make(bytes, sizeof bytes);
	struct batch_item item;
	batch_put_fact(&b, STR("fact"));
	batch_put_image(&b, 3, (struct id){7, 9}, STR("image"));
	batch_put_gone(&b, 4, (struct id){8, 11});
	batch_put_image(&b, 5, (struct id){1, 1}, STR_NONE);
	struct str rest = buf_str(&b), all = rest;
	EXPECT(batch_next(&rest, &item) == ERR_OK && item.type == BATCH_FACT);
	EXPECT_STR(item.fact, "fact");
	EXPECT(batch_next(&rest, &item) == ERR_OK && item.type == BATCH_IMAGE && item.kind == 3);
	EXPECT(item.id.slot == 7 && item.id.age == 9);
	EXPECT_STR(item.image, "image");
	EXPECT(batch_next(&rest, &item) == ERR_OK && item.type == BATCH_GONE && item.kind == 4);
	EXPECT(item.id.slot == 8 && item.id.age == 11);
	EXPECT(batch_next(&rest, &item) == ERR_OK && item.image.n == 0);
	EXPECT(batch_next(&rest, &item) == ERR_NOT_FOUND);
	for (size_t n = 1; n < all.n; n++) { /* torn: whole items, then INVALID or the end */
		char *exact = xstrndup(all.p, n);
		enum err e;
		rest = str_make(exact, n);
		while ((e = batch_next(&rest, &item)) == ERR_OK)
			;
		EXPECT(e == ERR_INVALID || rest.n == 0);
		free(exact);
	}
	rest = STR("\x09\x00\x00\x00\x00");
	EXPECT(batch_next(&rest, &item) == ERR_INVALID && rest.n == 5);
	rest = STR("\x02\x03\x00\x00\x00"
		   "abc"); /* an image without its id */
	EXPECT(batch_next(&rest, &item) == ERR_INVALID);
}

TEST(uuids_are_ordered_by_time_and_read_in_one_form_only)
{
	struct uuid a = uuid_v7(1700000000000, 5, 6), b = uuid_v7(1700000000001, 0, 0), back;
	char text[UUID_TEXT + 1], other[UUID_TEXT + 1];
	EXPECT(memcmp(a.b, b.b, 16) < 0 && !uuid_eq(a, b) && !uuid_none(a));
	uuid_text(a, text);
	/* RFC 9562 section 5.7: version 7 in the seventh byte, variant 10 in the ninth */
	EXPECT(strlen(text) == UUID_TEXT && text[14] == '7' && strchr("89ab", text[19]));
	EXPECT(str_starts(str_of(text), STR("018bcfe5-6800-7")));
	EXPECT(uuid_parse(str_of(text), &back) == ERR_OK && uuid_eq(a, back));
	EXPECT(uuid_none((struct uuid){{0}}));
	for (size_t i = 0; i < UUID_TEXT; i++) {
		memcpy(other, text, sizeof text);
		other[i] = 'G';
		EXPECT(uuid_parse(str_of(other), &back) == ERR_INVALID);
		EXPECT(uuid_parse(str_head(str_of(text), i), &back) == ERR_INVALID);
	}
	EXPECT(uuid_parse(STR("018BCFE5-6800-7000-8000-000000000000"), &back) == ERR_INVALID);
}
