/* registry_test.c - declared objects: apply, compare, versions, secrets, deletion. What a document
 * may say wrong is in registry_mistakes_test.c. */
#include "objects/registry.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>

#include "objects/site_test.h"
#include "objects/schema.h"

TEST(registry_takes_the_site_file_of_the_contract_once)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	EXPECT(site_apply(g, site_acme()) == 12);
	EXPECT(site_apply(g, site_acme()) == 0);
	registry_destroy(g);
}

TEST(registry_export_applies_and_changes_nothing)
{
	struct registry *g = site_registry();
	struct registry *other = registry_create(FIXTURE_KEY);
	struct buf b = buf_grow(64), again = buf_grow(64), one = buf_grow(64);
	registry_export(g, STR_NONE, &b);
	EXPECT(site_apply(g, buf_str(&b)) == 0);
	/* and on another machine it makes the same objects */
	EXPECT(site_apply(other, buf_str(&b)) == 12);
	registry_export(other, STR_NONE, &again);
	EXPECT(str_eq(buf_str(&b), buf_str(&again)));
	registry_export(g, STR("acme"), &one);
	EXPECT(str_eq(buf_str(&b), buf_str(&one)));
	one.n = 0;
	registry_export(g, STR("nobody"), &one);
	EXPECT(site_apply(g, buf_str(&one)) == 0);
	buf_free(&b);
	buf_free(&again);
	buf_free(&one);
	registry_destroy(g);
	registry_destroy(other);
}

TEST(registry_tells_a_change_from_the_same_in_another_order)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_skill, "billing", "{\"name\":\"Billing\"}") == 0);
	EXPECT(put(g, KIND_skill, "billing",
		   "{\"name\":\"Billing\",\"version\":7,\"id\":\"billing\",\"tenant\":\"acme\","
		   "\"kind\":\"skill\"}") == 0);
	EXPECT(put(g, KIND_skill, "billing", "{\"name\":\"Bills\"}") == 2);
	EXPECT(put(g, KIND_skill, "billing", "{\"name\":\"Bills\"}") == 0);
	EXPECT(put(g, KIND_skill, "tax", "{}") == 1);
	EXPECT_STR(got(g, KIND_skill, "billing"),
		   "{\"kind\":\"skill\",\"tenant\":\"acme\",\"id\":\"billing\",\"version\":2,"
		   "\"name\":\"Bills\"}");
	registry_destroy(g);
}

TEST(registry_gives_changes_in_order_of_kind)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	struct registry_result r;
	EXPECT(registry_prepare_site(g,
				     STR("{\"objects\":["
					 "{\"kind\":\"queue\",\"tenant\":\"t\",\"id\":\"q\"},"
					 "{\"kind\":\"skill\",\"tenant\":\"t\",\"id\":\"b\"},"
					 "{\"kind\":\"skill\",\"tenant\":\"t\",\"id\":\"a\"},"
					 "{\"kind\":\"tenant\",\"id\":\"t\"}]}"),
				     &r) == ERR_OK);
	EXPECT(r.change_count == 4 && r.changes[0].kind == KIND_tenant);
	EXPECT_STR(r.changes[0].tenant, "t");
	EXPECT_STR(r.changes[1].id, "b"); /* as in the file */
	EXPECT_STR(r.changes[2].id, "a");
	EXPECT(r.changes[3].kind == KIND_queue);
	registry_result_finish(&r);
	registry_destroy(g);
}

TEST(registry_changes_nothing_until_commit)
{
	struct registry *g = site_registry();
	struct registry_result r;
	EXPECT(registry_prepare_put(g, KIND_skill, STR("acme"), STR("billing"),
				    STR("{\"name\":\"Other\"}"), &r) == ERR_OK);
	EXPECT(r.change_count == 1 && r.changes[0].version == 2 && r.changes[0].config);
	EXPECT_STR(str_of(r.changes[0].op), "updated");
	registry_result_finish(&r); /* dropped */
	EXPECT(has(got(g, KIND_skill, "billing"), "\"name\":\"Billing\""));
	registry_destroy(g);
}

TEST(registry_goes_on_counting_versions_after_a_deletion)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_outcome, "later", "{}") == 1);
	EXPECT(put(g, KIND_outcome, "later", "{\"name\":\"Later\"}") == 2);
	EXPECT(drop(g, KIND_outcome, "later") == 3);
	EXPECT(got(g, KIND_outcome, "later").n == 0);
	EXPECT(drop(g, KIND_outcome, "later") == -(int)ERR_NOT_FOUND);
	EXPECT(put(g, KIND_outcome, "later", "{}") == 4);
	EXPECT_STR(str_of(last_op), "created");
	registry_tombstone(g, KIND_outcome, STR("acme"), STR("gone"), 8);
	EXPECT(got(g, KIND_outcome, "gone").n == 0);
	EXPECT(put(g, KIND_outcome, "gone", "{}") == 9);
	registry_destroy(g);
}

static struct str referrers(struct registry *g, enum object_kind kind, const char *id)
{
	static struct buf out;
	buf_free(&out);
	out = buf_grow(256);
	struct jsonw w = jsonw_make(&out);
	return registry_referrers(g, kind, STR("acme"), str_of(id), &w) == ERR_OK ? buf_str(&out)
										  : STR("-");
}

TEST(registry_tells_who_names_an_object_and_where)
{
	struct registry *g = site_registry();
	EXPECT_STR(referrers(g, KIND_flow, "main"),
		   "[{\"kind\":\"number\",\"id\":\"+48221000000\",\"paths\":[\"$.flow\"]}]");
	const struct str queue = referrers(g, KIND_queue, "support");
	EXPECT(has(queue, "{\"kind\":\"user\",\"id\":\"anna\",\"paths\":[\"$.queues[0]\"]}"));
	EXPECT(has(queue, "\"kind\":\"flow\",\"id\":\"main\""));
	EXPECT_STR(referrers(g, KIND_user, "anna"), "[]");
	EXPECT_STR(referrers(g, KIND_user, "nobody"), "-");
	registry_destroy(g);
}

TEST(registry_deletes_nothing_that_others_name)
{
	struct registry *g = site_registry();
	static const struct {
		enum object_kind kind;
		const char *id, *referrer;
	} table[] = {
		{KIND_flow, "main", "\"path\":\"number/+48221000000\""},
		{KIND_prompt, "welcome", "\"path\":\"flow/main\""},
		{KIND_prompt, "menu", "refers to it in $.nodes.menu.prompt"},
		{KIND_queue, "support", "\"path\":\"user/anna\""},
		{KIND_queue, "support", "\"path\":\"flow/main\""},
		{KIND_skill, "billing", "\"path\":\"queue/support\""},
		{KIND_skill, "billing", "\"path\":\"user/anna\""},
		{KIND_tenant, "acme", "\"path\":\"trunk/carrier\""},
		{KIND_tenant, "system", "is built in"},
	};
	EXPECT(put(g, KIND_skill, "tax", "{}") == 1);
	EXPECT(put(g, KIND_flow, "audit",
		   "{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"queue\",\"queue\":\"support\","
		   "\"skills\":[{\"need\":\"tax > 5\"}]}}}") == 1);
	EXPECT(drop(g, KIND_skill, "tax") == -(int)ERR_CONFLICT);
	EXPECT(has(str_of(last_errors), "refers to it in $.nodes.a.skills[0].need"));
	EXPECT(drop(g, KIND_flow, "audit") > 0 && drop(g, KIND_skill, "tax") > 0);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		EXPECT(drop(g, table[i].kind, table[i].id) == -(int)ERR_CONFLICT);
		EXPECT(has(str_of(last_errors), table[i].referrer));
	}
	static const struct {
		enum object_kind kind;
		const char *id;
	} order[] = {
		{KIND_number, "+48221000000"}, {KIND_trunk, "carrier"},	 {KIND_user, "anna"},
		{KIND_flow, "main"},	       {KIND_queue, "support"},	 {KIND_hours, "office"},
		{KIND_prompt, "menu"},	       {KIND_prompt, "welcome"}, {KIND_skill, "billing"},
		{KIND_reason, "break"},	       {KIND_outcome, "solved"}, {KIND_tenant, "acme"}};
	for (size_t i = 0; i < COUNT_OF(order); i++)
		EXPECT(drop(g, order[i].kind, order[i].id) == 2);
	EXPECT(put(g, KIND_skill, "billing", "{}") == -(int)ERR_NOT_FOUND); /* no tenant */
	registry_destroy(g);
}

/* -- rollback -- */

TEST(registry_rolls_back_to_what_was_stored)
{
	struct registry *g = site_registry();
	char first[4096];
	EXPECT(put(g, KIND_skill, "billing", "{\"name\":\"One\"}") == 2);
	EXPECT(str_copy(str_of(last_doc), first, sizeof first));
	EXPECT(put(g, KIND_skill, "billing", "{\"name\":\"Two\"}") == 3);
	EXPECT(rollback(g, KIND_skill, "billing", first) == 4);
	EXPECT_STR(str_of(last_op), "rolled_back");
	EXPECT(has(got(g, KIND_skill, "billing"), "\"version\":4,\"name\":\"One\""));
	EXPECT(rollback(g, KIND_skill, "billing", first) == 0); /* it is so already */
	registry_destroy(g);
}

TEST(registry_rolls_back_only_to_what_fits_today)
{
	struct registry *g = site_registry();
	char with_tax[4096];
	EXPECT(put(g, KIND_skill, "tax", "{}") == 1);
	EXPECT(put(g, KIND_queue, "support", "{\"skills\":[{\"need\":\"tax > 1\"}]}") == 2);
	EXPECT(str_copy(str_of(last_doc), with_tax, sizeof with_tax));
	EXPECT(put(g, KIND_queue, "support", "{}") == 3);
	EXPECT(drop(g, KIND_skill, "tax") == 2);
	EXPECT(rollback(g, KIND_queue, "support", with_tax) == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.skills[0].need\""));
	EXPECT(has(got(g, KIND_queue, "support"), "\"version\":3"));
	registry_destroy(g);
}

/* -- secrets -- */

#define ANNA "\"roles\":[\"agent\"],\"phone\":{\"kind\":\"sip\"}"

TEST(registry_keeps_secrets_and_never_tells_them)
{
	struct registry *g = site_registry();
	struct buf b = buf_grow(64);
	EXPECT(put(g, KIND_user, "anna",
		   "{" ANNA ",\"password\":\"geheim-1\",\"sip_password\":\"geheim-2\"}") == 2);
	EXPECT(!has(str_of(last_doc), "geheim"));
	EXPECT(has(str_of(last_doc), "\"password_hash\":\"$argon2id$v=19$m=19456,t=2,p=1$"));
	EXPECT(put(g, KIND_user, "anna", "{" ANNA ",\"name\":\"A\"}") == 3); /* they stay */
	EXPECT(has(str_of(last_doc), "\"password_hash\""));
	EXPECT(has(str_of(last_doc), "\"sip_ha1_md5\""));
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("geheim-1")) == ERR_OK);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("geheim-2")) == ERR_UNAUTHORIZED);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR_NONE) == ERR_UNAUTHORIZED);
	EXPECT(registry_password(g, STR("acme"), STR("nobody"), STR("x")) == ERR_UNAUTHORIZED);
	EXPECT(registry_password(g, STR("beta"), STR("anna"), STR("geheim-1")) == ERR_UNAUTHORIZED);

	registry_export(g, STR_NONE, &b);
	EXPECT(registry_list(g, KIND_user, STR("acme"), 0, STR_NONE, &b) == ERR_OK);
	EXPECT(registry_public(str_of(last_doc), &b) == ERR_OK);
	buf_put(&b, got(g, KIND_user, "anna"));
	static const char *const never[] = {"password", "ha1", "argon2", "realm", "geheim"};
	for (size_t i = 0; i < COUNT_OF(never); i++)
		EXPECT(!has(buf_str(&b), never[i]));
	buf_free(&b);
	registry_destroy(g);
}

/* Like secrets: they came another way than the document. */
TEST(registry_keeps_uploaded_sounds_until_they_are_taken_away)
{
	static const char sha[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct registry *g = site_registry();
	char body[256];
	snprintf(body, sizeof body, "{\"audio\":{\"pl\":{\"sha256\":\"%s\",\"duration_ms\":5}}}",
		 sha);
	EXPECT(put(g, KIND_prompt, "welcome", body) == 2);
	EXPECT(has(str_of(last_doc), sha));
	EXPECT(put(g, KIND_prompt, "welcome", "{\"text\":\"Hallo\"}") == 3);
	EXPECT(has(str_of(last_doc), sha) && has(got(g, KIND_prompt, "welcome"), sha));
	EXPECT(put(g, KIND_prompt, "welcome", "{\"text\":\"Hallo\",\"audio\":{}}") == 4);
	EXPECT(!has(str_of(last_doc), "audio"));
	EXPECT(put(g, KIND_prompt, "welcome", "{}") == 5); /* neither: it is to be uploaded yet */
	registry_destroy(g);
}

TEST(registry_takes_the_same_password_again_as_no_change)
{
	struct registry *g = site_registry();
	static const char body[] = "{" ANNA ",\"password\":\"one\",\"sip_password\":\"two\"}";
	EXPECT(put(g, KIND_user, "anna", body) == 2);
	EXPECT(put(g, KIND_user, "anna", body) == 0);
	EXPECT(put(g, KIND_user, "anna", "{" ANNA ",\"password\":\"three\"}") == 3);
	EXPECT(put(g, KIND_user, "anna", "{" ANNA ",\"sip_password\":\"four\"}") == 4);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("three")) == ERR_OK);
	registry_destroy(g);
}

/* RFC 7616 section 3.4.2: HA1 = H(user ":" realm ":" password); figures by `printf anna:acme.test:
 * swordfish | md5sum` and sha256sum. */
TEST(registry_makes_ha1_for_phones)
{
	struct registry *g = site_registry();
	struct registry_result r;
	EXPECT(registry_prepare_put(g, KIND_user, STR("acme"), STR("anna"),
				    STR("{\"sip_password\":\"swordfish\"}"), &r) == ERR_OK);
	EXPECT_STR(r.changes[0].config->user.ha1_md5, HA1_MD5);
	EXPECT_STR(r.changes[0].config->user.ha1_sha256, HA1_SHA256);
	registry_result_finish(&r);
	registry_destroy(g);
}

TEST(registry_lets_no_domain_change_break_phones)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_user, "anna", "{\"sip_password\":\"x\"}") == 2);
	EXPECT(put(g, KIND_tenant, "acme", "{\"domain\":\"new.test\"}") == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.domain\""));
	EXPECT(has(str_of(last_errors), "anna"));
	/* left out it becomes the id: a change too */
	EXPECT(put(g, KIND_tenant, "acme", "{\"name\":\"A\"}") == -(int)ERR_INVALID);
	EXPECT(put(g, KIND_tenant, "acme", "{\"domain\":\"acme.test\"}") == 2);
	/* a user in the same file must bring his password along */
	static const char both[] =
		"{\"objects\":[{\"kind\":\"tenant\",\"id\":\"acme\",\"domain\":\"new.test\"},"
		"{\"kind\":\"user\",\"tenant\":\"acme\",\"id\":\"anna\"%s}]}";
	char text[400];
	struct buf b = buf_make(text, sizeof text);
	buf_fmt(&b, both, "");
	EXPECT(site_apply(g, buf_str(&b)) == -1);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.objects[1].sip_password\""));
	b.n = 0;
	buf_fmt(&b, both, ",\"sip_password\":\"y\"");
	EXPECT(site_apply(g, buf_str(&b)) == 2);
	EXPECT(has(str_of(last_doc), "\"sip_ha1_realm\":\"new.test\""));
	registry_destroy(g);
}

TEST(registry_brings_no_old_password_back)
{
	struct registry *g = site_registry();
	char old[4096];
	EXPECT(put(g, KIND_user, "anna", "{\"name\":\"A\",\"password\":\"leaked\"}") == 2);
	EXPECT(str_copy(str_of(last_doc), old, sizeof old));
	EXPECT(put(g, KIND_user, "anna", "{\"name\":\"B\",\"password\":\"fresh\"}") == 3);
	EXPECT(rollback(g, KIND_user, "anna", old) == 4);
	EXPECT(has(got(g, KIND_user, "anna"), "\"name\":\"A\""));
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("fresh")) == ERR_OK);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("leaked")) == ERR_UNAUTHORIZED);
	/* a deleted user has no newer one: he comes back as he was */
	EXPECT(drop(g, KIND_user, "anna") == 5);
	EXPECT(rollback(g, KIND_user, "anna", old) == 6);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("leaked")) == ERR_OK);
	/* declared anew he is somebody else */
	EXPECT(drop(g, KIND_user, "anna") == 7);
	EXPECT(put(g, KIND_user, "anna", "{\"name\":\"A\"}") == 8);
	EXPECT(registry_password(g, STR("acme"), STR("anna"), STR("leaked")) == ERR_UNAUTHORIZED);
	registry_destroy(g);
}

#define REGISTER(more) "{\"peers\":[\"10.0.0.1\"],\"register\":{\"server\":\"s.test\"" more "}}"

TEST(registry_encrypts_what_a_trunk_needs_in_clear)
{
	struct registry *g = site_registry();
	struct registry_result r;
	EXPECT(put(g, KIND_trunk, "carrier", REGISTER(",\"password\":\"geheim\"")) == 2);
	EXPECT(!has(str_of(last_doc), "geheim") && has(str_of(last_doc), "password_box"));
	EXPECT(put(g, KIND_trunk, "carrier", REGISTER(",\"password\":\"geheim\"")) == 0);
	EXPECT(put(g, KIND_trunk, "carrier", REGISTER("")) == 0); /* left out: it stays */
	EXPECT(!has(got(g, KIND_trunk, "carrier"), "password"));
	EXPECT(registry_prepare_put(g, KIND_trunk, STR("acme"), STR("carrier"),
				    STR(REGISTER(",\"user\":\"u\"")), &r) == ERR_OK);
	EXPECT_STR(r.changes[0].config->trunk.register_secret, "geheim");
	EXPECT_STR(r.changes[0].config->trunk.register_user, "u");

	/* with another key nothing can be read, and nothing breaks */
	const uint8_t stolen[32] = {9};
	struct registry *thief = registry_create(stolen);
	EXPECT(registry_load(thief, KIND_trunk, STR("acme"), STR("carrier"), 2, r.changes[0].doc) ==
	       ERR_OK);
	EXPECT(compiled(thief, KIND_trunk, "carrier")->trunk.register_secret.n == 0);
	registry_destroy(thief);
	registry_result_finish(&r);
	registry_destroy(g);
}

/* -- reading -- */

TEST(registry_loads_what_it_stored_and_nothing_else)
{
	struct registry *g = site_registry(), *h = registry_create(FIXTURE_KEY);
	EXPECT(put(g, KIND_user, "anna", "{" ANNA ",\"password\":\"p\",\"sip_password\":\"s\"}") ==
	       2);
	EXPECT(registry_load(h, KIND_user, STR("acme"), STR("anna"), 2, str_of(last_doc)) ==
	       ERR_OK);
	EXPECT(registry_password(h, STR("acme"), STR("anna"), STR("p")) == ERR_OK);
	EXPECT(registry_load(h, KIND_user, STR("acme"), STR("ewa"), 1, STR("{")) == ERR_INVALID);
	EXPECT(registry_load(h, KIND_user, STR("acme"), STR("ewa"), 1, STR("[]")) == ERR_INVALID);
	EXPECT(registry_load(h, KIND_user, STR("acme"), STR("ewa"), 1,
			     STR("{\"roles\":[\"king\"]}")) == ERR_INVALID);
	EXPECT(got(h, KIND_user, "ewa").n == 0);
	EXPECT(registry_load(h, KIND_tenant, STR("acme"), STR("acme"), 1, STR("{}")) == ERR_OK);
	EXPECT(put(h, KIND_user, "ewa", "{}") == 2); /* versions go on from the unreadable one */
	EXPECT(drop(h, KIND_user, "ewa") == 3);
	EXPECT(registry_load(h, KIND_flow, STR("acme"), STR("f"), 1,
			     STR("{\"start\":\"x\",\"nodes\":{\"a\":{\"do\":\"hangup\"}}}")) ==
	       ERR_INVALID);
	/* a zone this machine does not know is no reason to lose a tenant */
	EXPECT(registry_load(h, KIND_tenant, STR("far"), STR("far"), 1,
			     STR("{\"kind\":\"tenant\",\"id\":\"far\",\"time_zone\":"
				 "\"Mars/Olympus\"}")) == ERR_OK);
	uint32_t roles;
	struct str name;
	EXPECT(registry_user(h, STR("acme"), STR("anna"), &roles, &name) == ERR_OK);
	EXPECT(roles == BIT(ROLE_AGENT));
	EXPECT_STR(name, "anna");
	EXPECT(registry_user(h, STR("acme"), STR("ewa"), &roles, &name) == ERR_NOT_FOUND);
	registry_destroy(g);
	registry_destroy(h);
}

TEST(registry_lists_by_id_in_pages)
{
	struct registry *g = site_registry();
	struct buf b = buf_grow(64);
	for (int i = 0; i < 5; i++) {
		char id[2] = {(char)('a' + i), 0};
		EXPECT(put(g, KIND_reason, id, "{}") == 1);
	}
	EXPECT(registry_list(g, KIND_reason, STR("acme"), 2, STR("b"), &b) == ERR_OK);
	EXPECT_STR(buf_str(&b),
		   "{\"items\":[{\"kind\":\"reason\",\"tenant\":\"acme\",\"id\":\"break\","
		   "\"version\":1,\"name\":\"Break\",\"paid\":true,\"max_minutes\":15},"
		   "{\"kind\":\"reason\",\"tenant\":\"acme\",\"id\":\"c\",\"version\":1}],"
		   "\"next\":\"c\"}");
	b.n = 0;
	EXPECT(registry_list(g, KIND_reason, STR("acme"), 2, STR("d"), &b) == ERR_OK);
	EXPECT(has(buf_str(&b), "\"id\":\"e\"") && has(buf_str(&b), "\"next\":null"));
	b.n = 0;
	EXPECT(registry_list(g, KIND_reason, STR("nobody"), 2, STR_NONE, &b) == ERR_NOT_FOUND);
	EXPECT(registry_list(g, KIND_tenant, STR_NONE, 0, STR_NONE, &b) == ERR_OK);
	EXPECT(has(buf_str(&b), "\"id\":\"acme\"") && has(buf_str(&b), "\"id\":\"system\""));
	EXPECT(registry_get(g, KIND_reason, STR("beta"), STR("a"), &b) == ERR_NOT_FOUND);
	buf_free(&b);
	registry_destroy(g);
}

TEST(registry_has_a_system_tenant_that_may_be_declared_too)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	struct buf b = buf_grow(64);
	registry_export(g, STR_NONE, &b);
	EXPECT_STR(buf_str(&b), "{\"objects\":[\n]}\n");
	EXPECT(site_apply(g, STR("{\"objects\":[{\"kind\":\"user\",\"tenant\":\"system\",\"id\":"
				 "\"admin\",\"roles\":[\"admin\"],\"password\":\"x\"}]}")) == 1);
	EXPECT(registry_password(g, STR("system"), STR("admin"), STR("x")) == ERR_OK);
	EXPECT(site_apply(g, STR("{\"objects\":[{\"kind\":\"tenant\",\"id\":\"system\",\"name\":"
				 "\"Us\"}]}")) == 1);
	EXPECT_STR(str_of(last_op), "created");
	EXPECT(has(got(g, KIND_tenant, "system"), "\"version\":1,\"name\":\"Us\""));
	buf_free(&b);
	registry_destroy(g);
}

TEST(registry_checks_bodies_of_requests)
{
	struct buf b = buf_grow(64);
	EXPECT(registry_check_body("PresenceRequest", STR("{\"presence\":\"ready\"}"), &b) ==
	       ERR_OK);
	EXPECT(b.n == 0);
	EXPECT(registry_check_body("PresenceRequest", STR("{\"presence\":\"away\"}"), &b) ==
	       ERR_INVALID);
	EXPECT_STR(buf_str(&b), "[{\"path\":\"$.presence\",\"message\":\"must be one of ready, "
				"not_ready, signed_out, outbound_only\"}]");
	b.n = 0;
	EXPECT(registry_check_body("TransferRequest",
				   STR("{\"to\":{\"queue\":\"q\",\"agent\":\"a\"}}"),
				   &b) == ERR_INVALID);
	EXPECT(has(buf_str(&b), "\"path\":\"$.to\""));
	b.n = 0;
	EXPECT(registry_check_body("TransferRequest", STR("{\"to\":{\"number\":\"+48600\"}}"),
				   &b) == ERR_OK);
	EXPECT(registry_check_body("EmptyRequest", STR("{\"a\":1}"), &b) == ERR_INVALID);
	buf_free(&b);
}
