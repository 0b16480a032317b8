/* registry_test.c - declared objects: apply, compare, versions, secrets, deletion. */
#include "core/registry.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "core/schema.h"
#include "tests/test.h"

static const uint8_t KEY[32] = {1, 2, 3};

static bool has(struct str text, const char *what)
{
	return str_find_str(text, str_of(what)) >= 0;
}

/* Applies a site file and commits it; returns how many objects changed, -1 on mistakes. */
static int apply(struct registry *g, struct str body)
{
	struct registry_result r;
	int n = -1;
	enum err e = registry_prepare_site(g, body, &r);
	if (e == ERR_OK) {
		n = (int)r.change_count;
		EXPECT(r.errors.n == 0);
		registry_commit(g, &r);
	} else {
		EXPECT(r.change_count == 0);
		test_say(buf_str(&r.errors));
	}
	registry_result_finish(&r);
	return n;
}

static struct str site(void)
{
	static struct str text;
	if (!text.n)
		text = test_file("tests/data/site/acme.json");
	return text;
}

static struct registry *acme(void)
{
	struct registry *g = registry_create(KEY);
	EXPECT(apply(g, site()) == 12);
	return g;
}

TEST(registry_takes_the_site_file_of_the_contract_once)
{
	struct registry *g = registry_create(KEY);
	EXPECT(apply(g, site()) == 12);
	EXPECT(apply(g, site()) == 0);
	struct buf b = buf_grow(64);
	registry_export(g, STR_NONE, &b);
	EXPECT(apply(g, buf_str(&b)) == 0);
	test_say(buf_str(&b));
	buf_free(&b);
	registry_destroy(g);
	(void)acme;
	(void)has;
}
