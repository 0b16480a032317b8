/* check_test.c - the check finds what was planted, and nothing in sound data. */
#include <stdio.h>
#include <sys/stat.h>

#include "store/house_test.h"
#include "tests/test.h"

#define Q STR("support")
#define ANNA STR("anna")

static void expect_found(struct house *h, struct str root, const char *what)
{
	uint32_t problems = 0;
	h->out.n = 0;
	EXPECT(store_check(h->reader, root, &h->out, &problems) == ERR_OK);
	bool found = what ? problems > 0 && has(buf_str(&h->out), what) : problems == 0;
	EXPECT(found);
	if (!found) {
		test_say(str_of(what ? what : "(nothing wrong)"));
		test_say(buf_str(&h->out));
	}
}

static void some_calls(struct house *h)
{
	house_start(h);
	for (uint32_t n = 1; n <= 3; n++) {
		story_contact(&h->story, n);
		story_arrive(&h->story);
		story_enqueue(&h->story, Q);
		story_answer(&h->story, Q, ANNA, 1000);
		story_serve(&h->story, Q, ANNA, 2000, 0);
	}
	story_contact(&h->story, 5); /* a named agent, without a queue */
	story_arrive(&h->story);
	story_answer(&h->story, STR_NONE, ANNA, 1000);
	story_serve(&h->story, STR_NONE, ANNA, 2000, 0);
	story_contact(&h->story, 4);
	story_arrive(&h->story);
	story_enqueue(&h->story, Q);
	SAY(&h->story, offer, .queue = Q, .agent = ANNA);
	SAY(&h->story, agent_presence, .agent = ANNA, .to = PRESENCE_ready);
	story_wait(&h->story, 1000);
	SAY(&h->story, agent_work, .agent = ANNA, .to = WORK_offered);
	story_wait(&h->story, 1000);
	EXPECT(house_settle(h));
}

TEST(planted_differences_are_found)
{
	static const struct {
		const char *sql, *what;
	} faults[] = {
		{"SELECT 1", NULL},
		{"DELETE FROM events WHERE seq = 5", "events 5 to 5: missing"},
		{"UPDATE events SET at_ms = at_ms + 1 WHERE seq = 4",
		 "event 4: its columns are not its content"},
		{"UPDATE events SET data = x'00' WHERE seq = 6", "event 6: cannot be read"},
		{"DELETE FROM segments WHERE kind = 'queue' AND n = 1 AND contact = (SELECT id "
		 "FROM "
		 "contacts ORDER BY id LIMIT 1)",
		 "enqueued 4, offered 3"},
		{"UPDATE segments SET result = 'abandoned' WHERE kind = 'queue' AND result = "
		 "'answered'",
		 "3 answers, 0 visits answered"},
		{"UPDATE segments SET result = 'nonsense' WHERE kind = 'queue'", "unknown result"},
		{"UPDATE segments SET started_at = started_at + 1800000, ended_at = ended_at + "
		 "1800000 WHERE kind = 'queue' AND result = 'answered'",
		 "enqueued 0, offered 3"},
		{"UPDATE contacts SET record = replace(record, '\"talk_ms\":2000', "
		 "'\"talk_ms\":2001')",
		 "its record is not what its events say"},
		{"UPDATE ways SET way = x'00'", "its way is not what its events say"},
		{"DELETE FROM ways", "its way is not what its events say"},
		{"UPDATE segments SET result = NULL, ended_at = NULL WHERE kind = 'agent'",
		 "ended with an open agent segment"},
		{"UPDATE segments SET ended_at = NULL WHERE kind = 'agent'",
		 "neither open nor closed"},
		{"UPDATE segments SET ended_at = started_at - 1 WHERE kind = 'agent'",
		 "ends before it starts"},
		{"DELETE FROM contacts WHERE ended_at IS NULL",
		 "an event of a contact without record"},
		{"UPDATE contacts SET state = 'talking' WHERE state = 'ended'",
		 "does not fit its end"},
		{"UPDATE agent_spells SET to_ms = to_ms + 500 WHERE to_ms < 9000000000000",
		 "in two states at once"},
	};
	for (size_t i = 0; i < COUNT_OF(faults); i++) {
		struct house h;
		some_calls(&h);
		house_say(&h, faults[i].sql);
		expect_found(&h, STR_NONE, faults[i].what);
		house_finish(&h);
	}
}

static bool always(void *arg)
{
	++*(uint32_t *)arg;
	return true;
}

static bool stops(void *arg)
{
	return ++*(uint32_t *)arg < 2;
}

#define HOUR_MS 3600000ll
#define TOLD_MS 1795300000000ll /* the story's first moment, house_test.c */
#define DAY_START_MS (TOLD_MS - TOLD_MS % HOUR_MS)

TEST(the_nightly_part_looks_at_its_days_only)
{
	static const struct {
		const char *sql, *tenant;
		int64_t from_ms, to_ms;
		const char *what;
	} nights[] = {
#define TODAY DAY_START_MS, DAY_START_MS + 2 * HOUR_MS
		{"SELECT 1", "acme", TODAY, NULL},
		{"DELETE FROM segments WHERE kind = 'queue' AND n = 1 AND contact = (SELECT id "
		 "FROM contacts ORDER BY id LIMIT 1)",
		 "acme", TODAY, "enqueued 4, offered 3"},
		{"UPDATE segments SET queue = 'other' WHERE kind = 'queue'", "acme", TODAY,
		 "acme/other"},
		{"UPDATE segments SET result = 'nonsense' WHERE kind = 'queue'", "acme", TODAY,
		 "unknown result"},
		{"UPDATE segments SET started_at = started_at + 1800000, ended_at = ended_at + "
		 "1800000 WHERE kind = 'queue' AND result = 'answered'",
		 "acme", TODAY, "enqueued 0, offered 3"},
		{"UPDATE contacts SET record = replace(record, '\"talk_ms\":2000', "
		 "'\"talk_ms\":2001')",
		 "acme", TODAY, "its record is not what its events say"},
		{"DELETE FROM ways", "acme", TODAY, "its way is not what its events say"},
		/* another tenant's, another day's */
		{"DELETE FROM ways", "other", TODAY, NULL},
		{"DELETE FROM segments", "acme", DAY_START_MS + 24 * HOUR_MS,
		 DAY_START_MS + 48 * HOUR_MS, NULL},
		{"DELETE FROM segments", "acme", DAY_START_MS - 48 * HOUR_MS, DAY_START_MS, NULL},
#undef TODAY
	};
	for (size_t i = 0; i < COUNT_OF(nights); i++) {
		struct house h;
		uint32_t problems = 99, asked = 0;
		some_calls(&h);
		house_say(&h, nights[i].sql);
		h.out.n = 0;
		EXPECT(store_check_recent(h.reader, str_of(nights[i].tenant), nights[i].from_ms,
					  nights[i].to_ms, always, &asked, &h.out,
					  &problems) == ERR_OK);
		const bool found = nights[i].what ? problems && has(buf_str(&h.out), nights[i].what)
						  : !problems && !h.out.n;
		EXPECT(found && asked);
		if (!found) {
			test_say(str_of(nights[i].what ? nights[i].what : "(nothing wrong)"));
			test_say(buf_str(&h.out));
		}
		asked = 0;
		EXPECT(store_check_recent(h.reader, STR("acme"), DAY_START_MS,
					  DAY_START_MS + 2 * HOUR_MS, stops, &asked, &h.out,
					  &problems) == ERR_AGAIN);
		EXPECT(asked == 2);
		house_finish(&h);
	}
}

TEST(tenants_one_after_the_other)
{
	struct house h;
	char next[64];
	some_calls(&h);
	EXPECT(store_tenant_after(h.reader, STR_NONE, next) == ERR_OK);
	EXPECT_STR(str_of(next), "acme");
	EXPECT(store_tenant_after(h.reader, STR("acme"), next) == ERR_NOT_FOUND);
	house_finish(&h);
}

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

/* Two channels of 16-bit silence at 8 kHz. */
static void write_wav(const char *path, uint32_t ms, uint32_t cut)
{
	unsigned char h[44] = "RIFF....WAVEfmt ";
	uint32_t bytes = ms * 32;
	put32(h + 4, 36 + bytes);
	put32(h + 16, 16);
	put32(h + 20, 1 | 2 << 16);
	put32(h + 24, 8000);
	put32(h + 28, 32000);
	put32(h + 32, 4 | 16 << 16);
	memcpy(h + 36, "data", 4);
	put32(h + 40, bytes);
	FILE *f = fopen(path, "wb");
	CHECK(f && fwrite(h, 1, sizeof h, f) == sizeof h);
	for (uint32_t i = 0; i < bytes - cut; i++)
		fputc(0, f);
	fclose(f);
}

/* sha256sum's word on 2,000 ms of silence, and on the same cut by 100 bytes */
#define SHA_WHOLE "8346843df7f31978baefef31c5dfb595fb9f7a514a4fd4c286f3eb3efcdd425d"
#define SHA_CUT "877bad9fb81837895707ede117c93f60b71b35a91cc8b423086c150255feeb2c"

TEST(recordings_against_their_files)
{
	static const struct {
		const char *name;
		uint32_t ms, cut;
		int64_t told_ms, told_bytes;
		const char *sha, *flaw, *path, *what;
	} cases[] = {
		{"sound", 2000, 0, 2000, 64044, NULL, "", NULL, NULL},
		{"a little off", 2000, 0, 2900, 64044, NULL, "", NULL, NULL},
		{"too long", 2000, 0, 3100, 64044, NULL, "", NULL, "2000 ms long, told 3100"},
		{"bytes", 2000, 0, 2000, 64045, NULL, "", NULL, "64044 bytes, told 64045"},
		{"hash", 2000, 0, 2000, 64044, "00", "", NULL, "SHA-256 differs"},
		{"header", 2000, 100, 2000, 63944, NULL, "", NULL, "header is not valid"},
		{"gone", 0, 0, 2000, 64044, NULL, "", "none.wav", "is not there"},
		{"outside", 0, 0, 2000, 64044, NULL, "", "../../etc/passwd", "no path below"},
		{"flawed, no file", 0, 0, 0, 0, NULL, "disk full", "", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct house h;
		char root[80], path[100];
		house_start(&h);
		snprintf(root, sizeof root, "%s/recordings", h.dir);
		snprintf(path, sizeof path, "%s/a.wav", root);
		CHECK(mkdir(root, 0700) == 0);
		if (cases[i].ms)
			write_wav(path, cases[i].ms, cases[i].cut);
		const char *sha = cases[i].sha ? cases[i].sha : cases[i].cut ? SHA_CUT : SHA_WHOLE;
		story_contact(&h.story, 1);
		story_arrive(&h.story);
		SAY(&h.story, recording_start, .recording = STR("r1"));
		SAY(&h.story, recording_end, .recording = STR("r1"),
		    .duration_ms = cases[i].told_ms, .channels = 2, .codec = STR("wav"),
		    .bytes = cases[i].told_bytes, .sha256 = str_of(sha),
		    .flaw = str_of(cases[i].flaw),
		    .path = str_of(cases[i].path ? cases[i].path : "a.wav"));
		story_hang_up(&h.story, PARTY_customer);
		EXPECT(house_settle(&h));
		expect_found(&h, str_of(root), cases[i].what);
		struct recording_row g;
		h.out.n = 0;
		EXPECT(query_recording(h.reader, STR("acme"), STR("r1"), &g, &h.out) == ERR_OK);
		EXPECT(g.finished && g.bytes == cases[i].told_bytes);
		EXPECT(query_recording(h.reader, STR("other"), STR("r1"), &g, NULL) ==
		       ERR_NOT_FOUND);
		house_finish(&h);
	}
}
