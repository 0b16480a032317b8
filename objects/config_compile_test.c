/* config_compile_test.c - documents as the rooms read them; defaults of contract and behaviours. */
#include "objects/site_test.h"

TEST(tenant_config_has_zone_and_capital_country)
{
	struct registry *g = site_registry();
	const struct tenant_config *t = &compiled(g, KIND_tenant, "acme")->tenant_of;
	EXPECT_STR(t->name, "Acme S.A.");
	EXPECT_STR(t->domain, "acme.test");
	EXPECT_STR(t->locale, "pl");
	EXPECT_STR(t->time_zone, "Europe/Warsaw");
	EXPECT(t->zone != NULL);
	EXPECT(put(g, KIND_user, "anna", "{}") == 2);
	EXPECT(drop(g, KIND_user, "anna") == 3);
	EXPECT(put(g, KIND_tenant, "acme", "{\"country\":\"pl\"}") == 2);
	t = &compiled(g, KIND_tenant, "acme")->tenant_of;
	EXPECT_STR(t->country, "PL");
	EXPECT_STR(t->domain, "acme");
	EXPECT_STR(t->name, "acme");
	EXPECT_STR(t->time_zone, "UTC");
	registry_destroy(g);
}

TEST(trunk_config_has_peers_in_order_and_usual_codecs)
{
	struct registry *g = site_registry();
	const struct trunk_config *t = &compiled(g, KIND_trunk, "carrier")->trunk;
	EXPECT(t->peer_count == 1 && t->peers[0].port == 5080);
	EXPECT_STR(t->peers[0].address, "127.0.0.1");
	EXPECT(t->max_calls == 500);
	EXPECT_STR(t->caller_id, "+48221000000");
	EXPECT(put(g, KIND_trunk, "carrier",
		   "{\"peers\":[\"[::1]:5061\",\"Localhost\"],\"prefixes\":[\"+48\"]}") == 2);
	t = &compiled(g, KIND_trunk, "carrier")->trunk;
	EXPECT(t->peer_count == 2 && t->peers[0].port == 5061 && t->peers[1].port == 0);
	EXPECT_STR(t->peers[0].address, "::1");
	EXPECT_STR(t->peers[1].address, "127.0.0.1");
	EXPECT(t->codec_count == 2);
	EXPECT_STR(t->codecs[0], "PCMA");
	EXPECT_STR(t->codecs[1], "PCMU");
	EXPECT(t->max_calls == 0 && t->weight == 1 && t->prefix_count == 1);
	registry_destroy(g);
}

TEST(hours_config_has_sorted_spans_from_monday)
{
	struct registry *g = site_registry();
	const struct hours_config *h = &compiled(g, KIND_hours, "office")->hours;
	EXPECT(h->week[0].span_count == 1 && h->week[0].spans[0].from_min == 480);
	EXPECT(h->week[5].span_count == 2 && h->week[5].spans[1].to_min == 840);
	EXPECT(h->week[6].span_count == 0);
	EXPECT(h->special_count == 1 && h->special[0].year == 2026 && h->special[0].month == 12 &&
	       h->special[0].day == 24 && h->special[0].plan.span_count == 0);
	EXPECT(put(g, KIND_hours, "office",
		   "{\"weekly\":{\"sun\":[\"12:00-24:00\",\"00:00-12:00\"]}}") == 2);
	h = &compiled(g, KIND_hours, "office")->hours;
	EXPECT(h->week[6].span_count == 2 && h->week[6].spans[0].from_min == 0 &&
	       h->week[6].spans[1].to_min == 1440);
	registry_destroy(g);
}

TEST(queue_config_as_declared)
{
	struct registry *g = site_registry();
	const struct queue_config *q = &compiled(g, KIND_queue, "support")->queue;
	EXPECT(q->strategy == STRATEGY_longest_idle && q->step_count == 2);
	EXPECT(q->steps[0].after_ms == 0 && q->steps[1].after_ms == 60000);
	EXPECT_STR(q->steps[0].need, "billing >= 3");
	EXPECT(q->steps[0].term_count == 1 && q->steps[0].terms[0].level == 3 &&
	       q->steps[0].terms[0].compare == CMP_GE);
	EXPECT_STR(q->steps[0].terms[0].skill, "billing");
	EXPECT(q->wrap_ms == 30000 && q->outcome_required && q->max_waiting == 200);
	EXPECT(q->max_wait_ms == 600000 && q->record_percent == 100);
	EXPECT(q->announce_every_ms == 90000 && q->announce_position && q->announce_wait);
	registry_destroy(g);
}

TEST(queue_config_has_the_defaults)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_queue, "support", "{}") == 2);
	const struct queue_config *q = &compiled(g, KIND_queue, "support")->queue;
	EXPECT_STR(q->name, "support");
	EXPECT_STR(q->music, "default");
	EXPECT(q->strategy == STRATEGY_longest_idle && q->step_count == 0);
	EXPECT(q->threshold_ms == 20000 && q->short_abandon_ms == 5000 && q->ring_ms == 15000);
	EXPECT(q->wrap_ms == 0 && q->max_wait_ms == 0 && q->max_waiting == 0);
	EXPECT(q->no_agents_grace_ms == 60000 && q->sticky_ms == 0 && q->misses_max == 1);
	EXPECT(q->class_rank == 0 && q->ageing == 1 && q->record_percent == 0);
	EXPECT(!q->outcome_required && q->announce_every_ms == 0);
	EXPECT(put(g, KIND_queue, "support", "{\"record\":30,\"ageing\":0.5,\"class\":-2}") == 3);
	q = &compiled(g, KIND_queue, "support")->queue;
	EXPECT(q->record_percent == 30 && q->ageing == 0.5 && q->class_rank == -2);
	EXPECT(put(g, KIND_queue, "support", "{\"record\":\"7%\",\"ageing\":2}") == 4);
	q = &compiled(g, KIND_queue, "support")->queue;
	EXPECT(q->record_percent == 7 && q->ageing == 2);
	EXPECT(put(g, KIND_queue, "support", "{\"record\":\"never\"}") == 5);
	EXPECT(compiled(g, KIND_queue, "support")->queue.record_percent == 0);
	registry_destroy(g);
}

TEST(queue_rules_as_declared)
{
	struct registry *g = site_registry();
	EXPECT(put(g, KIND_queue, "support",
		   "{\"scoring\":\"priority\",\"time_base\":\"arrival\",\"resume_s\":60,"
		   "\"no_answer_delay_s\":0,\"reject_delay_s\":2,\"ewt_limit_s\":300,"
		   "\"join_when\":[\"ready\",\"on_call\"],\"tiers\":{\"wait_s\":20,"
		   "\"skip_empty\":true},\"outcome_default\":\"solved\",\"wrap_extend_s\":30,"
		   "\"wrap_extensions\":3}") == 2);
	const struct queue_config *q = &compiled(g, KIND_queue, "support")->queue;
	EXPECT(q->priority_only && q->from_arrival && q->resume_ms == 60000);
	EXPECT(q->no_answer_delay_ms == 0 && q->reject_delay_ms == 2000);
	EXPECT(q->busy_delay_ms == 10000 && q->unreachable_delay_ms == 10000);
	EXPECT(q->ewt_limit_ms == 300000 && !q->stay_when);
	EXPECT(q->join_when == (BIT(STAFF_ready) | BIT(STAFF_on_call)));
	EXPECT(q->tier_ms == 20000 && q->tier_skip && !q->tier_alone);
	EXPECT(q->wrap_extend_ms == 30000 && q->wrap_extensions == 3);
	EXPECT_STR(q->wrap_outcome, "solved");
	EXPECT(put(g, KIND_mass_event, "outage",
		   "{\"queues\":[\"support\"],\"bulletin\":\"welcome\",\"max_waiting\":0}") == 1);
	const struct mass_event_config *m = &compiled(g, KIND_mass_event, "outage")->mass_event;
	EXPECT(m->queue_count == 1 && m->helper_count == 0 && m->limits && !m->max_waiting);
	EXPECT_STR(m->queues[0], "support");
	EXPECT_STR(m->bulletin, "welcome");
	registry_destroy(g);
}

TEST(user_config_has_phone_skills_and_roles)
{
	struct registry *g = site_registry();
	const struct user_config *u = &compiled(g, KIND_user, "anna")->user;
	EXPECT(u->roles == BIT(ROLE_AGENT) && u->phone == PHONE_sip && !u->phone_sha256);
	EXPECT(u->skill_count == 1 && u->skills[0].level == 5 && u->queue_count == 1);
	EXPECT_STR(u->skills[0].skill, "billing");
	EXPECT_STR(u->queues[0], "support");
	EXPECT(u->capacity_voice == 100 && u->ha1_md5.n == 32 && u->ha1_sha256.n == 64);
	EXPECT(str_starts(u->password_hash, STR("$argon2id$")));
	EXPECT(put(g, KIND_user, "boss",
		   "{\"roles\":[\"supervisor\",\"admin\"],\"phone\":{\"kind\":\"sip\",\"contact\":"
		   "\"sip:a1@10.0.0.5:5060\",\"digest\":\"sha-256\"}}") == 1);
	u = &compiled(g, KIND_user, "boss")->user;
	EXPECT(u->roles == (BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN)) && u->phone_sha256);
	EXPECT_STR(u->phone_contact, "sip:a1@10.0.0.5:5060");
	EXPECT(put(g, KIND_user, "boss", "{}") == 2);
	u = &compiled(g, KIND_user, "boss")->user;
	EXPECT(u->roles == BIT(ROLE_AGENT) && u->phone == PHONE_none && u->password_hash.n == 0);
	registry_destroy(g);
}

static const struct flow_node *node(const struct flow_config *f, uint32_t at)
{
	static const struct flow_node nowhere;
	return at < f->node_count ? &f->nodes[at] : &nowhere;
}

TEST(flow_config_has_edges_by_index)
{
	struct registry *g = site_registry();
	const struct flow_config *f = &compiled(g, KIND_flow, "main")->flow;
	EXPECT(f->node_count == 4);
	const struct flow_node *hello = node(f, f->start), *menu = node(f, hello->next);
	EXPECT_STR(hello->name, "hello");
	EXPECT(hello->kind == NODE_PLAY && hello->has_next);
	EXPECT_STR(hello->prompt, "welcome");
	EXPECT(menu->kind == NODE_MENU && menu->timeout_ms == 5000 && menu->tries == 3);
	EXPECT(menu->key_mask == (BIT(1) | BIT(9)) && menu->keys[2] == NODE_NOWHERE);
	EXPECT_STR(node(f, menu->keys[9])->name, "bye");
	EXPECT(node(f, menu->keys[9])->kind == NODE_HANGUP);
	const struct flow_node *support = node(f, menu->otherwise);
	EXPECT(support->kind == NODE_QUEUE && !support->has_next && support->priority_min == 0);
	EXPECT_STR(support->queue, "support");
	EXPECT(support->exit_mask == (BIT(EXIT_full) | BIT(EXIT_timeout) | BIT(EXIT_no_agents)));
	EXPECT_STR(node(f, support->exits[EXIT_full])->name, "bye");
	EXPECT(support->exits[EXIT_closed] == NODE_NOWHERE);

	EXPECT(put(g, KIND_flow, "main",
		   "{\"start\":\"h\",\"nodes\":{\"h\":{\"do\":\"hours\",\"hours\":\"office\","
		   "\"open\":"
		   "\"m\"},\"m\":{\"do\":\"menu\",\"prompt\":\"menu\",\"invalid\":\"welcome\","
		   "\"keys\":"
		   "{\"*\":\"s\",\"#\":\"h\",\"0\":\"m\"}},\"s\":{\"do\":\"say\",\"text\":{\"pl\":"
		   "\"Pa\",\"en\":\"Bye\"}},\"t\":{\"do\":\"say\",\"text\":\"Hi\"}}}") == 2);
	f = &compiled(g, KIND_flow, "main")->flow;
	const struct flow_node *h = node(f, f->start);
	EXPECT(h->kind == NODE_HOURS && h->otherwise == NODE_NOWHERE && h->open == 1);
	EXPECT_STR(h->hours, "office");
	const struct flow_node *m = node(f, h->open);
	EXPECT(m->timeout_ms == 5000 && m->tries == 3 && m->otherwise == NODE_NOWHERE);
	EXPECT(m->keys[10] == 2 && m->keys[11] == 0 && m->keys[0] == 1);
	EXPECT(m->key_mask == (BIT(10) | BIT(11) | BIT(0)));
	EXPECT_STR(m->invalid, "welcome");
	const struct flow_node *s = node(f, 2), *t = node(f, 3);
	EXPECT(s->kind == NODE_SAY && s->text_count == 2 && !s->has_next);
	EXPECT_STR(s->texts[1].lang, "en");
	EXPECT_STR(s->texts[1].text, "Bye");
	EXPECT(t->text_count == 1 && t->texts[0].lang.n == 0);
	EXPECT(put(g, KIND_flow, "late",
		   "{\"start\":\"h\",\"nodes\":{\"b\":{\"do\":\"hangup\"},\"h\":{\"do\":\"hours\","
		   "\"hours\":\"office\",\"closed\":\"b\"}}}") == 1);
	f = &compiled(g, KIND_flow, "late")->flow;
	EXPECT(f->start == 1 && f->nodes[1].open == NODE_NOWHERE && f->nodes[1].otherwise == 0);
	registry_destroy(g);
}

static void know_nothing(void *arg, enum expr_name name, struct str which, struct expr_value *out)
{
	(void)arg, (void)name, (void)which, (void)out;
}

TEST(flow_values_are_themselves_or_expressions)
{
	static const struct {
		const char *json, *text; /* NULL: no text */
		double number;
	} rows[] = {
		{"\"gold\"", "gold", 0},     {"\"Anna Nowak\"", "Anna Nowak", 0},
		{"\"+48221\"", "+48221", 0}, {"\"'7'\"", "7", 0},
		{"\"7 * 6\"", NULL, 42},     {"\"-(2)\"", NULL, -2},
		{"1.5", NULL, 1.5},	     {"true", NULL, 1},
		{"\"false\"", NULL, 0},
	};
	struct registry *g = site_registry();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char doc[200];
		struct buf b = buf_make(doc, sizeof doc);
		buf_fmt(&b,
			"{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"set\",\"var\":\"v\",\"value\":"
			"%s,"
			"\"next\":\"l\"},\"l\":{\"do\":\"language\",\"lang\":\"en-GB\"}}}",
			rows[i].json);
		doc[b.n] = 0;
		EXPECT(put(g, KIND_flow, "main", doc) == (int)i + 2);
		const struct flow_config *f = &compiled(g, KIND_flow, "main")->flow;
		struct expr_value v = expression_value(&node(f, 0)->value, know_nothing, NULL);
		if (rows[i].text)
			EXPECT_STR(v.text, rows[i].text);
		else
			EXPECT(v.kind != VALUE_TEXT && v.number == rows[i].number);
		EXPECT_STR(node(f, 0)->var, "v");
		EXPECT_STR(node(f, 1)->lang, "en");
	}
	EXPECT(put(g, KIND_flow, "main",
		   "{\"start\":\"b\",\"nodes\":{\"a\":{\"do\":\"hangup\"},\"b\":{\"do\":\"branch\","
		   "\"if\":[{\"when\":\"true\",\"next\":\"a\"},{\"when\":\"1\",\"next\":\"a\"}]}}"
		   "}") > 0);
	const struct flow_node *n = node(&compiled(g, KIND_flow, "main")->flow, 1);
	EXPECT(n->case_count == 2 && n->cases[1].next == 0 && n->cases[1].when.count == 1);
	EXPECT(n->otherwise == NODE_NOWHERE);
	registry_destroy(g);
}

TEST(a_queue_node_has_skill_steps_of_its_own)
{
	static const struct {
		const char *json;
		bool own;
		uint32_t count;
	} rows[] = {
		{"", false, 0},
		{",\"skills\":[]", true, 0},
		{",\"skills\":[{\"need\":\"billing >= 5\"},"
		 "{\"after_s\":30,\"need\":\"!(billing < 1)\"}]",
		 true, 2},
	};
	struct registry *g = site_registry();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char doc[300];
		struct buf b = buf_make(doc, sizeof doc);
		buf_fmt(&b,
			"{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"queue\",\"queue\":\"support\""
			"%s}}}",
			rows[i].json);
		doc[b.n] = 0;
		EXPECT(put(g, KIND_flow, "main", doc) == (int)i + 2);
		const struct flow_node *n = node(&compiled(g, KIND_flow, "main")->flow, 0);
		EXPECT(n->own_steps == rows[i].own && n->step_count == rows[i].count);
		if (!n->step_count)
			continue;
		EXPECT_STR(n->steps[0].need, "billing >= 5");
		EXPECT(n->steps[0].after_ms == 0 && n->steps[1].after_ms == 30000);
		EXPECT(n->steps[0].term_count == 1 && n->steps[0].terms[0].level == 5);
		EXPECT(n->steps[1].term_count == 2 && n->steps[1].terms[1].op == TERM_NOT);
		EXPECT_STR(n->steps[1].terms[0].skill, "billing");
	}
	registry_destroy(g);
}

TEST(the_skill_steps_of_a_queue_node_are_not_too_long_together)
{
	struct registry *g = site_registry();
	for (int spaces = 788; spaces <= 789;
	     spaces++) { /* and 12 others, five times: 4000 is most */
		char doc[5000];
		struct buf b = buf_make(doc, sizeof doc);
		buf_c(&b,
		      "{\"start\":\"a\",\"nodes\":{\"a\":{\"do\":\"queue\",\"queue\":\"support\","
		      "\"skills\":[");
		for (int i = 0; i < 5; i++)
			buf_fmt(&b, "%s{\"after_s\":%d,\"need\":\"billing%*s>= 10\"}", i ? "," : "",
				i, spaces, "");
		buf_c(&b, "]}}}");
		doc[b.n] = 0;
		EXPECT((put(g, KIND_flow, "main", doc) > 0) == (spaces == 788));
	}
	registry_destroy(g);
}

TEST(other_configs_are_small)
{
	struct registry *g = site_registry();
	EXPECT_STR(compiled(g, KIND_number, "+48221000000")->number.flow, "main");
	EXPECT_STR(compiled(g, KIND_skill, "billing")->skill.name, "Billing");
	EXPECT_STR(compiled(g, KIND_outcome, "solved")->outcome.name, "Solved");
	const struct reason_config r = compiled(g, KIND_reason, "break")->reason;
	EXPECT(r.paid && !r.productive && r.max_minutes == 15);
	const struct prompt_config *p = &compiled(g, KIND_prompt, "welcome")->prompt;
	EXPECT(p->text_count == 2);
	EXPECT_STR(p->texts[0].lang, "pl");
	EXPECT_STR(p->texts[0].text, "Dzień dobry");
	registry_destroy(g);
}

struct order {
	enum object_kind last;
	uint32_t count;
	bool sorted;
};

static void note_order(void *arg, struct config *c, uint32_t version)
{
	struct order *o = arg;
	o->sorted &= c->kind >= o->last;
	o->last = c->kind;
	o->count++;
	EXPECT(version == (str_is(c->id, "system") ? 0u : 1u));
	config_free(c);
}

TEST(all_configs_come_tenants_first)
{
	struct registry *g = site_registry();
	struct order o = {.sorted = true};
	registry_compile_all(g, note_order, &o);
	EXPECT(o.sorted && o.count == 13); /* the system tenant too */
	registry_destroy(g);
}

TEST(a_language_fits_by_its_tag_or_else_its_first_part)
{
	static const struct lang_text texts[] = {{{"", 0}, {"any", 3}},
						 {{"en-US", 5}, {"elevator", 8}},
						 {{"en-GB", 5}, {"lift", 4}},
						 {{"pl", 2}, {"winda", 5}}};
	static const struct {
		const char *lang, *want;
	} cases[] = {{"en-GB", "lift"},	    {"EN-gb", "lift"},	{"en", "elevator"},
		     {"en-AU", "elevator"}, {"pl-PL", "winda"}, {"pl", "winda"},
		     {"p", NULL},	    {"", NULL},		{"ru", NULL},
		     {"english", NULL}};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct lang_text *t =
			lang_text_find(texts, COUNT_OF(texts), str_of(cases[i].lang));
		EXPECT((t != NULL) == (cases[i].want != NULL));
		if (t)
			EXPECT_STR(t->text, cases[i].want);
	}
}
