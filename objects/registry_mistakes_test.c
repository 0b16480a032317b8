/*
 * registry_mistakes_test.c - every single mistake in a site file is named with its path, and
 * changes nothing. Each row is the site file of the contract with one object patched (RFC 7396).
 */
#include <jansson.h>
#include <stdlib.h>

#include "objects/mistakes.h"
#include "objects/site_test.h"

enum { TENANT, TRUNK, NUMBER, SKILL, REASON, OUTCOME, WELCOME, MENU, HOURS, QUEUE, USER, FLOW };

/* RFC 7396 section 2 */
static json_t *merge(json_t *target, const json_t *patch)
{
	if (!json_is_object(patch)) {
		json_decref(target);
		return json_deep_copy(patch);
	}
	if (!json_is_object(target)) {
		json_decref(target);
		target = json_object();
	}
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)patch, key, value)
	{
		if (json_is_null(value))
			json_object_del(target, key);
		else
			json_object_set_new(
				target, key,
				merge(json_incref(json_object_get(target, key)), value));
	}
	return target;
}

/* acme.json with objects[index] patched; the caller frees. */
static char *patched(int index, const char *patch)
{
	json_t *site = json_loadb(site_acme().p, site_acme().n, 0, NULL);
	json_t *change = json_loads(patch, JSON_DECODE_ANY, NULL);
	json_t *list = json_object_get(site, "objects");
	if (!change)
		test_failed(patch, __FILE__, __LINE__);
	json_t *object = json_deep_copy(json_array_get(list, (size_t)index));
	json_array_set_new(list, (size_t)index, merge(object, change));
	char *text = json_dumps(site, JSON_COMPACT);
	json_decref(change);
	json_decref(site);
	return text;
}

struct row {
	int index;
	const char *patch, *path, *message; /* path after $.objects[index]; message: a part of it */
};

static const struct row rows[] = {
	/* what every object has */
	{SKILL, "{\"id\":null}", ".id", "is required"},
	{SKILL, "{\"id\":\"Bill ing\"}", ".id", "must be 1 to 63 of a-z 0-9 _ -"},
	{SKILL, "{\"id\":7}", ".id", "must be a text"},
	{REASON, "{\"kind\":null}", ".kind", "is required: one of tenant, trunk"},
	{REASON, "{\"kind\":\"excuse\"}", ".kind", "must be one of tenant, trunk"},
	{REASON, "{\"tenant\":null}", ".tenant", "is required"},
	{REASON, "{\"tenant\":\"beta\"}", ".tenant", "there is no tenant 'beta'"},
	{REASON, "{\"colour\":\"red\"}", ".colour", "is not a known field"},
	{REASON, "\"break\"", "", "must be an object"},
	{TENANT, "{\"tenant\":\"acme\"}", ".tenant", "is not a known field"},
	/* tenant */
	{TENANT, "{\"time_zone\":\"Europe/Warszawa\"}", ".time_zone", "is not a known time zone"},
	{TENANT, "{\"time_zone\":\"../../etc/passwd\"}", ".time_zone", "not a known time zone"},
	{TENANT, "{\"country\":\"POL\"}", ".country", "country code of two letters"},
	{TENANT, "{\"country\":\"UK\"}", ".country", "is no country's code in ISO 3166-1"},
	{TENANT, "{\"country\":\"xx\"}", ".country", "is no country's code in ISO 3166-1"},
	{TENANT, "{\"domain\":\"acme test\"}", ".domain", "must be a host name"},
	{TENANT, "{\"domain\":\"system.invalid\"}", ".domain", "belongs to another tenant"},
	{TENANT, "{\"locale\":\"Polish\"}", ".locale", "must be a language tag"},
	/* trunk */
	{TRUNK, "{\"peers\":null}", ".peers", "is required"},
	{TRUNK, "{\"peers\":[]}", ".peers", "must not be empty"},
	{TRUNK, "{\"peers\":[\"10.0.0.1\",\"10.0.0.300\"]}", ".peers[1]", "address:port"},
	{TRUNK, "{\"peers\":[\"10.0.0.1\",\"sip.carrier.test:0\"]}", ".peers[1]", "address:port"},
	{TRUNK, "{\"codecs\":[\"GSM\"]}", ".codecs[0]", "must be one of PCMA, PCMU, G722, opus"},
	{TRUNK, "{\"codecs\":[\"PCMA\",\"PCMA\"]}", ".codecs[1]", "is in the list twice"},
	{TRUNK, "{\"country\":\"YU\"}", ".country", "is no country's code in ISO 3166-1"},
	{TRUNK, "{\"max_calls\":-1}", ".max_calls", "must be at least 0"},
	{TRUNK, "{\"max_calls\":\"500\"}", ".max_calls", "must be an integer"},
	{TRUNK, "{\"caller_id\":\"Acme\"}", ".caller_id", "must be a telephone number"},
	{TRUNK, "{\"register\":{\"user\":\"u\"}}", ".register.server", "is required"},
	{TRUNK, "{\"register\":{\"server\":\"a b\"}}", ".register.server", "address:port"},
	{TRUNK, "{\"media_fixed\":1}", ".media_fixed", "must be true or false"},
	/* number */
	{NUMBER, "{\"flow\":null}", ".flow", "is required"},
	{NUMBER, "{\"flow\":\"man\"}", ".flow", "there is no flow 'man' in tenant 'acme'"},
	{NUMBER, "{\"id\":\"+0221\"}", ".id", "must be E.164 with its plus"},
	/* reason, prompt */
	{REASON, "{\"max_minutes\":1441}", ".max_minutes", "must be at most 1440"},
	{WELCOME, "{\"audio\":{\"pl\":{\"sha256\":\"../x\",\"duration_ms\":1}}}",
	 ".audio.pl.sha256", "must"},
	{WELCOME, "{\"audio\":{\"pl\":{\"duration_ms\":1}}}", ".audio.pl.sha256", "is required"},
	{WELCOME, "{\"text\":{\"polish\":\"a\"}}", ".text.polish", "is not a possible name here"},
	{WELCOME, "{\"text\":\"\"}", ".text", "must be a text, or texts by language"},
	/* hours */
	{HOURS, "{\"weekly\":{\"monday\":[]}}", ".weekly.monday", "known are mon, tue, wed"},
	{HOURS, "{\"weekly\":{\"mon\":[\"8-16\"]}}", ".weekly.mon[0]", "must be HH:MM-HH:MM"},
	{HOURS, "{\"weekly\":{\"mon\":[\"16:00-08:00\"]}}", ".weekly.mon[0]", "must be HH:MM-HH"},
	{HOURS, "{\"weekly\":{\"mon\":[\"08:00-24:30\"]}}", ".weekly.mon[0]", "must be HH:MM-HH"},
	{HOURS, "{\"weekly\":{\"sat\":[\"09:00-12:00\",\"08:00-09:01\"]}}", ".weekly.sat[0]",
	 "overlaps another span"},
	{HOURS, "{\"special\":{\"2026-02-30\":[]}}", ".special.2026-02-30", "not a day"},
	{HOURS, "{\"special\":{\"24.12.\":[]}}", ".special[\"24.12.\"]", "not a possible name"},
	/* queue */
	{QUEUE, "{\"strategy\":\"longest\"}", ".strategy",
	 "must be one of longest_idle, round_robin, ring_all"},
	{QUEUE, "{\"skills\":[{\"after_s\":0,\"need\":\"billing >>\"}]}", ".skills[0].need",
	 "is no skill demand"},
	{QUEUE, "{\"skills\":[{\"after_s\":0,\"need\":\"tax > 1\"}]}", ".skills[0].need",
	 "there is no skill 'tax'"},
	{QUEUE, "{\"skills\":[{\"need\":\"billing > 1\"},{\"need\":\"billing > 0\"}]}",
	 ".skills[1].after_s", "must be more than the 0 of the step before"},
	{QUEUE, "{\"skills\":[{\"after_s\":5,\"need\":\"billing > 1\"}]}", ".skills[0].after_s",
	 "the first step must be after 0 s"},
	{QUEUE, "{\"skills\":[{\"after_s\":0}]}", ".skills[0].need", "is required"},
	{QUEUE, "{\"skills\":\"billing\"}", ".skills", "must be a list"},
	{QUEUE, "{\"music\":\"jazz\"}", ".music", "there is no prompt 'jazz'"},
	{QUEUE, "{\"record\":\"sometimes\"}", ".record", "must be always, never or a percentage"},
	{QUEUE, "{\"record\":101}", ".record", "must be always, never or a percentage"},
	{QUEUE, "{\"record\":\"101%\"}", ".record", "must be always, never or a percentage"},
	{QUEUE, "{\"short_abandon_s\":61}", ".short_abandon_s", "must be at most 60"},
	{QUEUE, "{\"wrap_s\":7201}", ".wrap_s", "must be at most 7200"},
	{QUEUE, "{\"ring_s\":0}", ".ring_s", "must be at least 1"},
	{QUEUE, "{\"threshold_s\":20.5}", ".threshold_s", "must be an integer"},
	{QUEUE, "{\"announce\":{\"ewt\":true}}", ".announce.ewt", "known are every_s, first_s"},
	{QUEUE, "{\"outcome_required\":\"yes\"}", ".outcome_required", "must be true or false"},
	/* user */
	{USER, "{\"roles\":[\"agent\",\"king\"]}", ".roles[1]", "must be one of agent, superv"},
	{USER, "{\"queues\":[\"sales\"]}", ".queues[0]", "there is no queue 'sales'"},
	{USER, "{\"skills\":{\"tax\":5}}", ".skills.tax", "there is no skill 'tax'"},
	{USER, "{\"skills\":{\"billing\":101}}", ".skills.billing", "must be at most 100"},
	{USER, "{\"phone\":{\"kind\":\"fax\"}}", ".phone.kind", "must be one of browser, sip"},
	{USER, "{\"phone\":{\"contact\":\"a1@10.0.0.5\"}}", ".phone.contact", "a SIP address"},
	{USER, "{\"phone\":{\"kind\":\"browser\",\"contact\":\"sip:a@h\"}}", ".phone.contact",
	 "only a phone of kind sip"},
	{USER, "{\"phone\":{\"kind\":\"number\"}}", ".phone.number", "is required"},
	{USER, "{\"phone\":{\"number\":\"+48600\"}}", ".phone.number", "only a phone of kind nu"},
	{USER, "{\"phone\":{\"kind\":\"browser\",\"digest\":\"md5\"}}", ".phone.digest",
	 "only a phone of kind sip"},
	{USER, "{\"password\":\"\"}", ".password", "must not be empty"},
	{USER, "{\"password_hash\":\"$argon2id$\"}", ".password_hash", "is not a known field"},
	{USER, "{\"sip_ha1_md5\":\"00\"}", ".sip_ha1_md5", "is not a known field"},
	{USER, "{\"capacity\":{\"voice\":-1}}", ".capacity.voice", "must be at least 0"},
	/* flow */
	{FLOW, "{\"start\":null}", ".start", "is required"},
	{FLOW, "{\"start\":\"hallo\"}", ".start", "there is no node 'hallo' in this flow"},
	{FLOW, "{\"nodes\":{\"hello\":{\"next\":\"x\"}}}", ".nodes.hello.next", "no node 'x'"},
	{FLOW, "{\"nodes\":{\"hello\":{\"prompt\":\"x\"}}}", ".nodes.hello.prompt",
	 "there is no prompt 'x'"},
	{FLOW, "{\"nodes\":{\"menu\":{\"keys\":{\"2\":\"x\"}}}}", ".nodes.menu.keys.2", "node 'x'"},
	{FLOW, "{\"nodes\":{\"menu\":{\"keys\":{\"A\":\"bye\"}}}}", ".nodes.menu.keys.A",
	 "is not a possible name here"},
	{FLOW, "{\"nodes\":{\"menu\":{\"else\":\"x\"}}}", ".nodes.menu.else", "no node 'x'"},
	{FLOW, "{\"nodes\":{\"menu\":{\"invalid\":\"x\"}}}", ".nodes.menu.invalid", "prompt 'x'"},
	{FLOW, "{\"nodes\":{\"menu\":{\"timeout_s\":0}}}", ".nodes.menu.timeout_s", "at least 1"},
	{FLOW, "{\"nodes\":{\"support\":{\"queue\":\"x\"}}}", ".nodes.support.queue", "queue 'x'"},
	{FLOW, "{\"nodes\":{\"support\":{\"on\":{\"full\":\"x\"}}}}", ".nodes.support.on.full",
	 "no node 'x'"},
	{FLOW, "{\"nodes\":{\"support\":{\"on\":{\"busy\":\"bye\"}}}}", ".nodes.support.on.busy",
	 "known are full, timeout, no_agents, closed"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"goodbye\"}}}", ".nodes.bye.do", "must be one of pl"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"hours\",\"hours\":\"x\"}}}", ".nodes.bye.hours",
	 "there is no hours 'x'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"hours\",\"hours\":\"office\",\"closed\":\"x\"}}}",
	 ".nodes.bye.closed", "no node 'x'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"say\"}}}", ".nodes.bye.text", "is required"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"collect\",\"prompt\":\"menu\"}}}", ".nodes.bye.var",
	 "is required"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"collect\",\"prompt\":\"x\",\"var\":\"pin\"}}}",
	 ".nodes.bye.prompt", "there is no prompt 'x'"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"collect\",\"prompt\":\"menu\",\"var\":\"pin\",\"min\":5,"
	 "\"max\":4}}}",
	 ".nodes.bye.max", "must not be less than min, which is 5"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"collect\",\"prompt\":\"menu\",\"var\":\"pin\","
	 "\"terminator\":\"##\"}}}",
	 ".nodes.bye.terminator", "must be one key"},
	/* set, branch, language */
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"1a\",\"value\":1}}}",
	 ".nodes.bye.var", "must be a name of letters"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"a\",\"value\":[]}}}",
	 ".nodes.bye.value", "must be a text, a number, true or false"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"a\",\"value\":\"var.a +\"}}}",
	 ".nodes.bye.value", "a value is expected at character 8"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"a\",\"value\":\"0042\"}}}",
	 ".nodes.bye.value", "a number has no leading zero"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"a\","
	 "\"value\":\"queue.sales.waiting\"}}}",
	 ".nodes.bye.value", "there is no queue 'sales'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"set\",\"var\":\"a\",\"value\":1,\"next\":\"bye\"}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"branch\",\"if\":[]}}}", ".nodes.bye.if",
	 "must not be empty"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"branch\",\"if\":[{\"when\":\"1\",\"next\":\"menu\"},"
	 "{\"when\":\"var.a = 1\",\"next\":\"menu\"}]}}}",
	 ".nodes.bye.if[1].when", "an operator such as && or == is expected at character 7"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"branch\",\"if\":[{\"when\":\"1\",\"next\":\"x\"}]}}}",
	 ".nodes.bye.if[0].next", "no node 'x'"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"branch\",\"if\":[{\"next\":\"menu\",\"when\":"
	 "\"queue.sales.ewt_s > 60 || queue.sales.waiting > 5\"}]}}}",
	 ".nodes.bye.if[0].when", "there is no queue 'sales'"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"branch\",\"if\":[{\"when\":\"1\",\"next\":\"menu\"},"
	 "{\"when\":\"1\",\"next\":\"bye\"}]}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"language\",\"lang\":\"polski\"}}}", ".nodes.bye.lang",
	 "must be a language tag"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"language\",\"lang\":\"pl\",\"next\":\"bye\"}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW,
	 "{\"nodes\":{\"support\":{\"on\":{\"full\":\"bye\"}},\"bye\":{\"do\":\"set\","
	 "\"var\":\"a\",\"value\":1,\"next\":\"support\"}}}",
	 ".nodes.support", "loop without a node that waits: support -> bye -> support"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"callback\"}}}", ".nodes.bye.queue", "is required"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"callback\",\"queue\":\"sales\"}}}",
	 ".nodes.bye.queue", "there is no queue 'sales'"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"callback\",\"queue\":\"support\",\"number\":\"mine\"}}}",
	 ".nodes.bye.number", "must be a number to call, or an expression"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"callback\",\"queue\":\"support\",\"number\":\"var.a +\"}}}",
	 ".nodes.bye.number", "a value is expected at character 8"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"callback\",\"queue\":\"support\",\"next\":\"x\"}}}",
	 ".nodes.bye.next", "no node 'x'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"callback\",\"queue\":\"support\",\"else\":\"bye\"}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW,
	 "{\"nodes\":{\"support\":{\"on\":{\"full\":\"bye\"}},\"bye\":{\"do\":\"callback\","
	 "\"queue\":\"support\",\"else\":\"support\"}}}",
	 ".nodes.support", "loop without a node that waits: support -> bye -> support"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\"}}}", ".nodes.bye.to", "is required"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":{\"queue\":\"sales\"}}}}",
	 ".nodes.bye.to.queue", "there is no queue 'sales'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":{\"agent\":\"zoe\"}}}}",
	 ".nodes.bye.to.agent", "there is no user 'zoe'"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":{\"trunk\":\"carrier\"}}}}",
	 ".nodes.bye.to", "must be a number or one of"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":\"home\"}}}", ".nodes.bye.to",
	 "must be a number to call, or an expression"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":{\"number\":\"var.\"}}}}",
	 ".nodes.bye.to.number", "character"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":\"+48600\",\"on\":{\"busy\":\"x\"}}}}",
	 ".nodes.bye.on.busy", "no node 'x'"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"transfer\",\"to\":\"+48600\","
	 "\"on\":{\"failed\":\"bye\"}}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"subflow\",\"flow\":\"main\"}}}", ".nodes.bye.flow",
	 "comes into the same flow again"},
	{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"subflow\",\"flow\":\"x\"}}}", ".nodes.bye.flow",
	 "there is no flow 'x'"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":[{\"need\":\"billing >>\"}]}}}",
	 ".nodes.support.skills[0].need", "is no skill demand"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":[{\"need\":\"billing > 101\"}]}}}",
	 ".nodes.support.skills[0].need", "is no skill demand"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":[{\"need\":\"tax > 1\"}]}}}",
	 ".nodes.support.skills[0].need", "there is no skill 'tax'"},
	{FLOW,
	 "{\"nodes\":{\"support\":{\"skills\":[{\"need\":\"billing > 1\"},"
	 "{\"need\":\"billing > 0\"}]}}}",
	 ".nodes.support.skills[1].after_s", "must be more than the 0 of the step before"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":[{\"after_s\":5,\"need\":\"billing > 1\"}]}}}",
	 ".nodes.support.skills[0].after_s", "the first step must be after 0 s"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":[{\"after_s\":0}]}}}",
	 ".nodes.support.skills[0].need", "is required"},
	{FLOW, "{\"nodes\":{\"support\":{\"skills\":\"billing\"}}}", ".nodes.support.skills",
	 "must be a list"},
	{FLOW, "{\"nodes\":{\"bye\":{\"skills\":[]}}}", ".nodes.bye.skills", ""},
	/* loops that nobody waits in */
	{FLOW, "{\"nodes\":{\"hello\":{\"next\":\"hello\"}}}", ".nodes.hello",
	 "loop without a node that waits: hello -> hello"},
	{FLOW,
	 "{\"nodes\":{\"hello\":{\"next\":\"bye\"},\"bye\":{\"do\":\"say\",\"text\":\"x\","
	 "\"next\":\"hello\"}}}",
	 ".nodes.hello", "loop without a node that waits: hello -> bye -> hello"},
	{FLOW,
	 "{\"nodes\":{\"bye\":{\"do\":\"hours\",\"hours\":\"office\",\"open\":\"menu\","
	 "\"closed\":\"bye\"}}}",
	 ".nodes.bye", "loop without a node that waits: bye -> bye"},
	{FLOW, "{\"nodes\":{\"support\":{\"on\":{\"full\":\"support\"}}}}", ".nodes.support",
	 "loop without a node that waits: support -> support"},
};

TEST(registry_names_every_single_mistake_and_changes_nothing)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	struct buf before = buf_grow(64), after = buf_grow(64);
	registry_export(g, STR_NONE, &before);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char path[120], *site = patched(rows[i].index, rows[i].patch);
		struct buf b = buf_make(path, sizeof path);
		struct registry_result r;
		buf_fmt(&b, "$.objects[%d]%s", rows[i].index, rows[i].path);
		enum err e = registry_prepare_site(g, str_of(site), &r);
		json_t *list = json_loadb(r.errors.p, r.errors.n, 0, NULL);
		json_t *first = json_array_get(list, 0);
		const char *where = json_string_value(json_object_get(first, "path"));
		const char *what = json_string_value(json_object_get(first, "message"));
		bool right = e == ERR_INVALID && r.change_count == 0 && where && what &&
			     str_eq(str_of(where), buf_str(&b)) &&
			     has(str_of(what), rows[i].message);
		/* one mistake, one line; but what refers to a lost object is a mistake too */
		bool alone = json_array_size(list) == 1;
		if (!right || !(alone || has(buf_str(&r.errors), "there is no"))) {
			test_failed(rows[i].patch, __FILE__, __LINE__);
			test_say(buf_str(&r.errors));
		}
		json_decref(list);
		registry_result_finish(&r);
		free(site);
	}
	registry_export(g, STR_NONE, &after);
	EXPECT(str_eq(buf_str(&before), buf_str(&after)));
	buf_free(&before);
	buf_free(&after);
	registry_destroy(g);
}

/* What is unusual but right; each is the site file with one object patched. */
TEST(registry_accepts_what_the_contract_names)
{
	static const struct {
		int index;
		const char *patch;
	} table[] = {
		{TRUNK,
		 "{\"register\":{\"server\":\"sip.test:5060\",\"user\":\"u\",\"password\":"
		 "\"p\"},\"prefixes\":[\"+48\",\"\"],\"priority\":1,\"weight\":2,\"cps_max\":"
		 "10,\"media_fixed\":true,\"country\":\"pl\",\"codecs\":[\"opus\",\"G722\"]}"},
		{QUEUE, "{\"class\":-5,\"ageing\":0.5,\"no_agents_grace_s\":0,\"misses_max\":3,"
			"\"sticky_s\":30,\"music\":\"welcome\",\"record\":30}"},
		{QUEUE, "{\"record\":\"30%\",\"strategy\":\"ring_progressive\"}"},
		{QUEUE, "{\"strategy\":\"weighted_random\",\"scoring\":\"priority\",\"time_base\":"
			"\"arrival\",\"resume_s\":60,\"ewt_limit_s\":300,\"join_when\":[\"ready\","
			"\"on_call\"],\"stay_when\":[\"signed_in\"],\"tiers\":{\"wait_s\":20,"
			"\"alone\":true},\"outcome_default\":\"solved\",\"wrap_extend_s\":30}"},
		{USER, "{\"places\":{\"support\":{\"tier\":2,\"weight\":3}},\"do_not_pair\":["
		       "\"+48600000001\"]}"},
		{QUEUE, "{\"skills\":null,\"announce\":null,\"name\":null}"},
		{USER, "{\"phone\":{\"contact\":\"sip:a1@10.0.0.5:5060\",\"digest\":\"sha-256\"}}"},
		{USER, "{\"phone\":{\"kind\":\"number\",\"number\":\"+48600100200\"}}"},
		{USER, "{\"phone\":{\"kind\":\"browser\"},\"roles\":[\"agent\",\"supervisor\"]}"},
		{NUMBER, "{\"id\":\"*98\"}"},
		{HOURS, "{\"weekly\":{\"sun\":[\"12:00-24:00\",\"00:00-12:00\"],\"mon\":null}}"},
		{WELCOME, "{\"text\":\"Hello\"}"},
		{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"say\",\"text\":{\"pl\":\"Pa\",\"en-GB\":"
		       "\"Bye\"},\"next\":\"menu\"}}}"},
		{FLOW, "{\"nodes\":{\"bye\":{\"do\":\"hours\",\"hours\":\"office\",\"open\":"
		       "\"menu\",\"closed\":\"hello\"}}}"},
		{FLOW, "{\"nodes\":{\"menu\":{\"else\":\"menu\",\"invalid\":\"welcome\",\"keys\":{"
		       "\"*\":\"menu\",\"#\":\"bye\",\"0\":\"hello\"}}}}"},
		/* full leads back through a prompt: the prompt takes time */
		{FLOW, "{\"nodes\":{\"support\":{\"next\":\"menu\",\"on\":{\"full\":\"hello\","
		       "\"timeout\":\"support\",\"closed\":\"bye\"}},\"hello\":{\"next\":"
		       "\"support\"}}}"},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct registry *g = registry_create(FIXTURE_KEY);
		char *site = patched(table[i].index, table[i].patch);
		if (site_apply(g, str_of(site)) != 12) {
			test_failed(table[i].patch, __FILE__, __LINE__);
			test_say(str_of(last_errors));
		}
		EXPECT(site_apply(g, str_of(site)) == 0);
		free(site);
		registry_destroy(g);
	}
}

TEST(registry_lists_all_mistakes_of_a_file_at_once)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	EXPECT(site_apply(
		       g,
		       STR("{\"objects\":["
			   "{\"kind\":\"tenant\",\"id\":\"a\",\"country\":\"X\"},"
			   "{\"kind\":\"number\",\"tenant\":\"a\",\"id\":\"112\",\"flow\":\"f\"},"
			   "{\"kind\":\"skill\",\"tenant\":\"b\",\"id\":\"s\"},"
			   "{\"kind\":\"skill\",\"tenant\":\"a\",\"id\":\"s\"},"
			   "{\"kind\":\"skill\",\"tenant\":\"a\",\"id\":\"s\"}],\"extra\":1}")) ==
	       -1);
	static const char *const paths[] = {"\"$.objects[0].country\"", "\"$.objects[1].flow\"",
					    "\"$.objects[2].tenant\"", "\"$.objects[4]\"",
					    "\"$.extra\""};
	for (size_t i = 0; i < COUNT_OF(paths); i++)
		EXPECT(has(str_of(last_errors), paths[i]));
	registry_destroy(g);
}

/* Every rule and reference is looked at in an object that failed its schema elsewhere; and a
 * mistaken object is there for those who refer to it. */
TEST(registry_lists_all_mistakes_of_an_object_at_once)
{
	static const char site[] =
		"{'objects':["
		"{'kind':'tenant','id':'a','domain':7,'time_zone':'Mars'},"
		"{'kind':'hours','tenant':'a','id':'h','weekly':{'mon':['9:00-12:00','25:00-26:00']"
		"}},"
		"{'kind':'queue','tenant':'a','id':'q','wrap_s':'x','music':'jazz','skills':["
		"{'after_s':0,'need':'billing > 3'},{'after_s':'y','need':'tax >>'}]},"
		"{'kind':'user','tenant':'a','id':'u','roles':['king'],'queues':['q','p',3],"
		"'phone':{'kind':'fax','number':'1'}},"
		"{'kind':'flow','tenant':'a','id':'f','start':'y','nodes':{'x':{'do':'queue',"
		"'queue':'q','on':{'full':'z','busy':'x'}}}},"
		"{'kind':'number','tenant':'b','id':'112','flow':'none'},"
		"{'kind':'queue','tenant':'a','id':'q','music':'rock'}]}";
	static const char *const paths[] = {
		"[0].domain",
		"[0].time_zone",
		"[1].weekly.mon[0]",
		"[1].weekly.mon[1]",
		"[2].wrap_s",
		"[2].skills[0].need",
		"[2].skills[1].after_s",
		"[2].skills[1].need",
		"[2].music",
		"[3].roles[0]",
		"[3].queues[1]",
		"[3].queues[2]",
		"[3].phone.kind",
		"[4].start",
		"[4].nodes.x.on.full",
		"[4].nodes.x.on.busy",
		"[5].tenant",
		"[6].music",
		"[6]",
	};
	struct registry *g = registry_create(FIXTURE_KEY);
	char body[sizeof site];
	for (size_t i = 0; i < sizeof site; i++)
		body[i] = site[i] == '\'' ? '"' : site[i];
	EXPECT(site_apply(g, str_of(body)) == -1);
	json_t *list = json_loads(last_errors, 0, NULL);
	EXPECT(json_array_size(list) == COUNT_OF(paths));
	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		char text[100];
		struct buf b = buf_make(text, sizeof text);
		buf_fmt(&b, "\"$.objects%s\"", paths[i]);
		if (!has(str_of(last_errors), text))
			test_failed(text, __FILE__, __LINE__);
	}
	json_decref(list);
	registry_destroy(g);
}

/* Applies the site with one value replaced: all that is told lies there. */
static void expect_told_there(const json_t *site, struct str where)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	char *text = json_dumps(site, JSON_COMPACT);
	struct registry_result r;
	(void)!registry_prepare_site(g, str_of(text), &r);
	json_t *list = json_loadb(r.errors.p, r.errors.n, 0, NULL), *told;
	size_t i;
	json_array_foreach(list, i, told)
	{
		const char *at = json_string_value(json_object_get(told, "path"));
		const char *what = json_string_value(json_object_get(told, "message"));
		if (strncmp(at, where.p, where.n) != 0 && !has(str_of(what), "there is no node")) {
			test_failed(at, __FILE__, __LINE__);
			test_say(where);
		}
	}
	json_decref(list);
	registry_result_finish(&r);
	free(text);
	registry_destroy(g);
}

/* A value in an object (key) or in a list (index). */
static void set_at(json_t *up, const char *key, size_t index, json_t *value)
{
	if (key)
		json_object_set_new(up, key, value);
	else
		json_array_set_new(up, index, value);
}

static void replace_all(const json_t *site, json_t *up, const struct jpath *at);

static void replace(const json_t *site, json_t *up, const struct jpath *at)
{
	static const char *const wrong[] = {"[[7]]", "{\"?\":[{}]}", "-7.5", "\"?\"", "false"};
	json_t *was =
		json_incref(at->key ? json_object_get(up, at->key) : json_array_get(up, at->index));
	struct buf where = buf_grow(64);
	jpath_text(at, &where);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		set_at(up, at->key, at->index, json_loads(wrong[i], JSON_DECODE_ANY, NULL));
		expect_told_there(site, buf_str(&where));
	}
	set_at(up, at->key, at->index, was);
	buf_free(&where);
	replace_all(site, was, at);
}

static void replace_all(const json_t *site, json_t *up, const struct jpath *at)
{
	/* keys are kept apart: a value set anew may move in its object */
	json_t *keys = json_array(), *value;
	const char *key;
	json_object_foreach(up, key, value) json_array_append_new(keys, json_string(key));
	for (size_t i = 0; i < json_array_size(keys); i++) {
		struct jpath in = {.up = at, .key = json_string_value(json_array_get(keys, i))};
		replace(site, up, &in);
	}
	for (size_t i = 0; i < json_array_size(up); i++) {
		struct jpath in = {.up = at, .index = i};
		replace(site, up, &in);
	}
	json_decref(keys);
}

TEST(registry_tells_a_value_of_the_wrong_type_where_it_stands_and_nowhere_else)
{
	const struct jpath root = {0}, list = {.up = &root, .key = "objects"};
	json_t *site = json_loadb(site_acme().p, site_acme().n, 0, NULL);
	json_t *objects = json_object_get(site, "objects");
	for (size_t i = 0; i < json_array_size(objects); i++) {
		json_t *o = json_array_get(objects, i);
		const struct jpath at = {.up = &list, .index = i};
		static const char *const names[] = {"kind", "tenant", "id", "password"};
		json_t *kept = json_object(); /* what it is called; and argon2id takes long */
		for (size_t k = 0; k < COUNT_OF(names); k++) {
			json_t *v = json_object_get(o, names[k]);
			if (v && k < 3)
				json_object_set(kept, names[k], v);
			json_object_del(o, names[k]);
		}
		json_t *fields = json_deep_copy(o);
		json_object_update(o, kept);
		const char *key;
		json_t *value;
		json_object_foreach(fields, key, value)
		{
			struct jpath in = {.up = &at, .key = key};
			replace(site, o, &in);
		}
		json_decref(fields);
		json_decref(kept);
	}
	json_decref(site);
}

TEST(registry_refuses_what_is_no_site_file)
{
	static const struct {
		const char *body, *path;
	} table[] = {
		{"", "\"$\""},
		{"{", "\"$\""},
		{"[]", "\"$\""},
		{"7", "\"$\""},
		{"{}", "\"$.objects\""},
		{"{\"objects\":{}}", "\"$.objects\""},
		{"{\"objects\":[1]}", "\"$.objects[0]\""},
		{"{\"objects\":[],\"objects\":[]}", "\"$\""},
	};
	struct registry *g = registry_create(FIXTURE_KEY);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		EXPECT(site_apply(g, str_of(table[i].body)) == -1);
		EXPECT(has(str_of(last_errors), table[i].path));
	}
	EXPECT(site_apply(g, STR("{\"objects\":[]}")) == 0);
	registry_destroy(g);
}

#define BETA "{\"kind\":\"tenant\",\"id\":\"beta\"},"
#define BETA_FLOW                                                                                  \
	"{\"kind\":\"flow\",\"tenant\":\"beta\",\"id\":\"main\",\"start\":\"x\",\"nodes\":{\"x\":" \
	"{"                                                                                        \
	"\"do\":\"hangup\"}}},"

TEST(registry_gives_a_number_and_a_domain_to_one_tenant)
{
	struct registry *g = site_registry();
	EXPECT(site_apply(g, STR("{\"objects\":[" BETA BETA_FLOW
				 "{\"kind\":\"number\",\"tenant\":\"beta\",\"id\":\"+48221000000\","
				 "\"flow\":\"main\"}]}")) == -1);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.objects[2].id\""));
	EXPECT(has(str_of(last_errors), "belongs to another tenant"));
	EXPECT(site_apply(g, STR("{\"objects\":[{\"kind\":\"tenant\",\"id\":\"beta\",\"domain\":"
				 "\"acme.test\"}]}")) == -1);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.objects[0].domain\""));
	/* without a domain the id is one */
	EXPECT(site_apply(g, STR("{\"objects\":[" BETA "{\"kind\":\"tenant\",\"id\":\"gamma\","
				 "\"domain\":\"beta\"}]}")) == -1);
	/* within one file */
	EXPECT(site_apply(g, STR("{\"objects\":[" BETA BETA_FLOW
				 "{\"kind\":\"tenant\",\"id\":\"gamma\"},"
				 "{\"kind\":\"number\",\"tenant\":\"beta\",\"id\":\"112\",\"flow\":"
				 "\"main\"},"
				 "{\"kind\":\"number\",\"tenant\":\"acme\",\"id\":\"112\",\"flow\":"
				 "\"main\"}]}")) == -1);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.objects[4].id\""));
	/* given back it is free; and domains may be exchanged in one file */
	EXPECT(drop(g, KIND_number, "+48221000000") == 2);
	EXPECT(site_apply(g, STR("{\"objects\":[" BETA BETA_FLOW
				 "{\"kind\":\"number\",\"tenant\":\"beta\",\"id\":\"+48221000000\","
				 "\"flow\":\"main\"}]}")) == 3);
	EXPECT(drop(g, KIND_user, "anna") == 2); /* her SIP password is for acme.test */
	EXPECT(site_apply(g, STR("{\"objects\":[{\"kind\":\"tenant\",\"id\":\"beta\",\"domain\":"
				 "\"acme.test\"},{\"kind\":\"tenant\",\"id\":\"acme\",\"domain\":"
				 "\"beta\"}]}")) == 2);
	registry_destroy(g);
}

TEST(registry_sees_no_objects_of_other_tenants)
{
	struct registry *g = site_registry();
	EXPECT(site_apply(g,
			  STR("{\"objects\":[" BETA
			      "{\"kind\":\"user\",\"tenant\":\"beta\",\"id\":\"bob\",\"queues\":["
			      "\"support\"]}]}")) == -1);
	EXPECT(has(str_of(last_errors), "there is no queue 'support' in tenant 'beta'"));
	registry_destroy(g);
}

TEST(registry_put_takes_names_from_the_address)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_skill, "tax", "{\"id\":\"taxes\"}") == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.id\""));
	EXPECT(put(g, KIND_skill, "tax", "{\"tenant\":\"beta\"}") == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.tenant\""));
	EXPECT(put(g, KIND_skill, "tax", "{\"kind\":\"queue\"}") == -(int)ERR_INVALID);
	EXPECT(has(str_of(last_errors), "\"path\":\"$.kind\""));
	EXPECT(put(g, KIND_skill, "Tax", "{}") == -(int)ERR_INVALID);
	EXPECT(put(g, KIND_skill, "../x", "{}") == -(int)ERR_INVALID);
	EXPECT(put(g, KIND_number, "+0", "{\"flow\":\"main\"}") == -(int)ERR_INVALID);
	EXPECT(put(g, KIND_skill, "tax", "[]") == -(int)ERR_INVALID);
	char longest[300];
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	EXPECT(put(g, KIND_skill, longest, "{}") == -(int)ERR_INVALID);
	longest[63] = 0;
	EXPECT(put(g, KIND_skill, longest, "{}") == 1);
	longest[63] = 'a';
	longest[64] = 0;
	EXPECT(put(g, KIND_skill, longest, "{}") == -(int)ERR_INVALID);
	registry_destroy(g);
}
