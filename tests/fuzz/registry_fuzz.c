/*
 * registry_fuzz.c - any bytes as a site file.
 *
 * Laws: mistakes are JSON with a path and a message each; what is accepted is a list of compiled
 * configurations, the same file again changes nothing, and what is told afterwards neither shows a
 * secret nor changes anything when applied.
 */
#include "objects/registry.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const uint8_t key[32];

static void check_mistakes(const struct registry_result *r)
{
	json_t *list = json_loadb(r->errors.p, r->errors.n, 0, NULL);
	CHECK(json_array_size(list) > 0 && r->change_count == 0);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		CHECK(json_is_string(json_object_get(one, "path")));
		CHECK(json_string_length(json_object_get(one, "message")) > 0);
	}
	json_decref(list);
}

static uint32_t apply(struct registry *g, struct str body)
{
	struct registry_result r;
	CHECK(registry_prepare_site(g, body, &r) == ERR_OK);
	uint32_t n = r.change_count;
	registry_commit(g, &r);
	registry_result_finish(&r);
	return n;
}

static void check_export(struct registry *g)
{
	struct buf b = buf_grow(4096);
	registry_export(g, STR_NONE, &b);
	static const char *const never[] = {"\"password\"", "\"password_hash\"", "\"sip_ha1_",
					    "\"password_box\"", "\"sip_password\""};
	for (size_t i = 0; i < COUNT_OF(never); i++)
		CHECK(str_find_str(buf_str(&b), str_of(never[i])) < 0);
	CHECK(apply(g, buf_str(&b)) == 0);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str body = str_make((const char *)data, n);
	struct registry *g = registry_create(key);
	struct registry_result r;
	enum err e = registry_prepare_site(g, body, &r);
	CHECK(e == ERR_OK || e == ERR_INVALID);
	if (e == ERR_INVALID)
		check_mistakes(&r);
	for (uint32_t i = 0; i < r.change_count; i++)
		CHECK(r.changes[i].config && r.changes[i].version == 1 && r.changes[i].doc.n);
	if (e == ERR_OK)
		registry_commit(g, &r);
	registry_result_finish(&r);
	if (e == ERR_OK) {
		CHECK(apply(g, body) == 0);
		check_export(g);
	}
	registry_destroy(g);
	return 0;
}
