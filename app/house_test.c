/* house_test.c - a house on a real disk: what one life stored, the next one finds. */
#include "app/house.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/log.h"
#include "tests/test.h"

static char dir[64], why_text[2048];

static void open_house(struct house *h, enum house_start start)
{
	struct settings set;
	struct buf why = buf_make(why_text, sizeof why_text);
	char small[] = "limits.contacts=16";
	char *sets[] = {small};
	CHECK(settings_read(&set, dir, sets, 1, &why) == ERR_OK);
	EXPECT(house_open(h, &set, STR_NONE, NULL, start, &why) == ERR_OK && !why.n);
	if (why.n)
		test_say(buf_str(&why));
}

static void begin(struct house *h)
{
	struct buf out = buf_grow(1024), why = buf_grow(1024);
	snprintf(dir, sizeof dir, "/tmp/house_test_XXXXXX");
	CHECK(mkdtemp(dir));
	log_level_set(LOG_ERROR);
	open_house(h, HOUSE_RESTARTED);
	struct str site = test_file("tests/data/site/acme.json");
	EXPECT(house_apply(h, site, &out, &why) == ERR_OK && !why.n);
	free((char *)(uintptr_t)site.p);
	buf_free(&out);
	buf_free(&why);
}

static void end(struct house *h)
{
	char command[96];
	house_close(h);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	EXPECT(system(command) == 0);
	log_level_set(LOG_INFO);
}

/* A contact whose line is gone and whose wrap-up is open, and one that is in the middle of it. */
static void two_contacts(struct house *h)
{
	const struct object *t =
		objects_find(h->core.objects, KIND_tenant, STR("acme"), STR("acme"));
	struct contact_options o = {.tenant = ID_AS(tenant_id, t->id), .from = STR("+48221")};
	struct contact_id wrapping, talking;
	house_turn_begin(h);
	EXPECT(contact_create(&h->core, &o, &wrapping) == ERR_OK);
	EXPECT(contact_create(&h->core, &o, &talking) == ERR_OK);
	EMIT(&h->core, wrap_start, .contact = wrapping);
	EMIT(&h->core, disconnect, .contact = wrapping);
	house_turn_end(h);
	EXPECT(contact_count(&h->core) == 2);
}

TEST(objects_and_contacts_are_there_again)
{
	struct house h;
	begin(&h);
	uint32_t objects = objects_count(h.core.objects);
	two_contacts(&h);
	uint64_t seq = core_seq(&h.core);
	house_close(&h);
	open_house(&h, HOUSE_RESTARTED);
	EXPECT(objects_count(h.core.objects) == objects && objects > 3);
	EXPECT(h.recovered && core_seq(&h.core) >= seq && h.dropped_images == 0);
	/* nobody knows of a line of the second one: it ended; the first one's wrap-up is open */
	EXPECT(contact_count(&h.core) == 1);
	end(&h);
}

TEST(a_state_that_kills_every_restart_is_set_aside_and_everybody_ends)
{
	for (enum house_start how = HOUSE_POISONED; how <= HOUSE_POISONED_AGAIN; how++) {
		struct house h;
		begin(&h);
		two_contacts(&h);
		house_close(&h);
		open_house(&h, how);
		EXPECT(contact_count(&h.core) == 0);
		house_close(&h);
		open_house(&h, HOUSE_RESTARTED);
		EXPECT(contact_count(&h.core) == 0);
		end(&h);
	}
}

/* Each object is two events of the same turn. */
static enum err apply_outcomes(struct house *h, uint32_t count)
{
	struct buf site = buf_grow(1 << 20), out = buf_grow(1024);
	struct buf why = buf_make(why_text, sizeof why_text);
	buf_c(&site, "{\"objects\":[");
	for (uint32_t i = 0; i < count; i++)
		buf_fmt(&site,
			"%s{\"kind\":\"outcome\",\"tenant\":\"acme\",\"id\":\"o%u\",\"name\":"
			"\"O\"}",
			i ? "," : "", i);
	buf_c(&site, "]}");
	enum err e = house_apply(h, buf_str(&site), &out, &why);
	buf_free(&site);
	buf_free(&out);
	return e;
}

TEST(a_site_file_may_be_as_large_as_the_installation)
{
	struct house h;
	begin(&h);
	uint32_t before = objects_count(h.core.objects);
	EXPECT(apply_outcomes(&h, 40000) == ERR_OK);
	EXPECT(objects_count(h.core.objects) == before + 40000);
	EXPECT(apply_outcomes(&h, HOUSE_OBJECTS_MAX) == ERR_FULL); /* and nothing of it */
	EXPECT(objects_count(h.core.objects) == before + 40000);
	end(&h);
}
