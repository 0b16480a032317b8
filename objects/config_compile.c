/* config_compile.c - see config_compile.h. Flows are in config_flow.c. */
#include "objects/config_compile.h"

#include <stdlib.h>

#include "objects/config_parts.h"
#include "objects/forms.h"
#include "objects/schema.h"
#include "core/skill_expr.h"
#include "core/zone.h"

struct str config_text(struct arena *a, const json_t *doc, const char *key)
{
	struct str s = json_str(json_object_get(doc, key));
	return s.n ? arena_copy(a, s) : STR_NONE;
}

int64_t config_int(const json_t *doc, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(doc, key);
	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static int64_t seconds(const json_t *doc, const char *key, int64_t otherwise_s)
{
	return config_int(doc, key, otherwise_s) * 1000;
}

static uint32_t count(const json_t *doc, const char *key, uint32_t otherwise)
{
	return (uint32_t)config_int(doc, key, otherwise);
}

static bool flag(const json_t *doc, const char *key)
{
	return json_is_true(json_object_get(doc, key));
}

static struct str text_or(struct arena *a, const json_t *doc, const char *key, struct str otherwise)
{
	struct str s = config_text(a, doc, key);
	return s.n ? s : otherwise;
}

static struct str *text_list(struct arena *a, const json_t *list, uint32_t *n)
{
	*n = (uint32_t)json_array_size(list);
	struct str *out = arena_alloc(a, sizeof *out * *n);
	for (uint32_t i = 0; i < *n; i++)
		out[i] = arena_copy(a, json_str(json_array_get(list, i)));
	return out;
}

static struct str upper(struct arena *a, struct str s)
{
	struct str copy = arena_copy(a, s);
	for (size_t i = 0; i < copy.n; i++)
		if (copy.p[i] >= 'a' && copy.p[i] <= 'z')
			((char *)copy.p)[i] = (char)(copy.p[i] - 32);
	return copy;
}

const struct lang_text *config_texts(struct arena *a, const json_t *text, uint32_t *n)
{
	bool one = json_is_string(text);
	*n = one ? 1 : (uint32_t)json_object_size(text);
	struct lang_text *out = arena_alloc(a, sizeof *out * *n);
	if (one) {
		out[0].text = arena_copy(a, json_str(text));
		return out;
	}
	const char *lang;
	json_t *value;
	uint32_t i = 0;
	json_object_foreach((json_t *)text, lang, value)
	{
		out[i].lang = arena_copy(a, str_of(lang));
		out[i++].text = arena_copy(a, json_str(value));
	}
	return out;
}

static const struct lang_text *compile_sounds(struct arena *a, const json_t *audio, uint32_t *n)
{
	const char *lang;
	json_t *sound;
	uint32_t i = 0;
	*n = (uint32_t)json_object_size(audio);
	struct lang_text *out = arena_alloc(a, sizeof *out * (*n + 1));
	json_object_foreach((json_t *)audio, lang, sound)
	{
		out[i].lang = arena_copy(a, str_of(lang));
		out[i++].text = arena_copy(a, json_str(json_object_get(sound, "sha256")));
	}
	return out;
}

static uint32_t record_percent(const json_t *v)
{
	if (json_is_integer(v))
		return (uint32_t)json_integer_value(v);
	struct str s = json_str(v);
	if (str_is(s, "always"))
		return 100;
	uint32_t percent = 0;
	if (s.n && str_to_u32(str_head(s, s.n - 1), 100, &percent) != ERR_OK)
		percent = 0; /* never */
	return percent;
}

/* Money in millionths; the schema has bounded it. */
static int64_t money(const json_t *doc, const char *key)
{
	return (int64_t)(json_number_value(json_object_get(doc, key)) * 1e6 + 0.5);
}

static struct dial_limits compile_limits(const json_t *doc, uint32_t calls, uint32_t per_minute)
{
	return (struct dial_limits){
		.calls = count(doc, "calls", calls),
		.per_second = count(doc, "calls_per_second", 0),
		.per_minute = count(doc, "calls_per_minute", per_minute),
		.talk_hour_ms = config_int(doc, "minutes_per_hour", 0) * 60000,
		.talk_day_ms = config_int(doc, "minutes_per_day", 0) * 60000,
		.cost_hour = money(doc, "cost_per_hour"),
		.cost_day = money(doc, "cost_per_day"),
	};
}

static void compile_dial(struct arena *a, struct dial_rules *d, const json_t *doc)
{
	/* of one user, who says nothing else: room for a conference of his making */
	enum { USER_CALLS = 20, USER_PER_MINUTE = 60 };
	const json_t *allow = json_object_get(doc, "allow");
	d->allow_said = allow != NULL;
	d->allow = text_list(a, allow, &d->allow_count);
	d->deny = text_list(a, json_object_get(doc, "deny"), &d->deny_count);
	d->emergency = text_list(a, json_object_get(doc, "emergency"), &d->emergency_count);
	d->closed = flag(doc, "closed");
	d->all = compile_limits(json_object_get(doc, "limits"), 0, 0);
	d->user = compile_limits(json_object_get(doc, "user_limits"), USER_CALLS, USER_PER_MINUTE);
}

static void compile_tenant(struct config *c, const json_t *doc)
{
	struct tenant_config *t = &c->tenant_of;
	t->name = text_or(&c->arena, doc, "name", c->id);
	t->domain = text_or(&c->arena, doc, "domain", c->id);
	t->record_percent = record_percent(json_object_get(doc, "record"));
	t->monitor_silent = flag(doc, "monitor_silent");
	t->media_timeout_ms = config_int(doc, "media_timeout_s", 30) * 1000;
	t->caller_id = config_text(&c->arena, doc, "caller_id");
	t->caller_ids =
		text_list(&c->arena, json_object_get(doc, "caller_ids"), &t->caller_id_count);
	t->locale = text_or(&c->arena, doc, "locale", STR("en"));
	t->country = upper(&c->arena, json_str(json_object_get(doc, "country")));
	t->time_zone = text_or(&c->arena, doc, "time_zone", STR("UTC"));
	t->zone = zone_get(t->time_zone);
	if (!t->zone)
		t->zone = zone_get(STR("UTC"));
	compile_dial(&c->arena, &t->dial, json_object_get(doc, "dial"));
}

static const struct trunk_rate *compile_rates(struct arena *a, const json_t *list, uint32_t *n)
{
	*n = (uint32_t)json_array_size(list);
	struct trunk_rate *out = arena_alloc(a, sizeof *out * *n);
	for (uint32_t i = 0; i < *n; i++) {
		const json_t *rate = json_array_get(list, i);
		out[i].prefix = config_text(a, rate, "prefix");
		out[i].per_minute = money(rate, "per_minute");
	}
	return out;
}

static enum number_format number_format(const json_t *doc)
{
	struct str s = json_str(json_object_get(doc, "number_format"));
	return str_is(s, "international") ? FORMAT_INTERNATIONAL
	       : str_is(s, "national")	  ? FORMAT_NATIONAL
					  : FORMAT_E164;
}

static enum srtp_rule srtp_rule(const json_t *doc)
{
	struct str word = json_str(json_object_get(doc, "srtp"));
	return str_is(word, "off")	  ? SRTP_RULE_OFF
	       : str_is(word, "required") ? SRTP_RULE_REQUIRED
					  : SRTP_RULE_OPTIONAL;
}

static void compile_trunk(struct config *c, const json_t *doc, struct str secret)
{
	struct trunk_config *t = &c->trunk;
	uint32_t n;
	const struct str *peers = text_list(&c->arena, json_object_get(doc, "peers"), &n);
	struct trunk_peer *parsed = arena_alloc(&c->arena, sizeof *parsed * n);
	for (uint32_t i = 0; i < n; i++) {
		struct trunk_peer *peer = &parsed[t->peer_count];
		if (form_peer(peers[i], peer) != ERR_OK)
			continue;
		if (str_ieq(peer->address, STR("localhost"))) /* RFC 6761: never asked for */
			peer->address = STR("127.0.0.1");
		t->peer_count++;
	}
	t->peers = parsed;
	t->codecs = text_list(&c->arena, json_object_get(doc, "codecs"), &t->codec_count);
	if (!t->codec_count) {
		static const struct str usual[] = {{"PCMA", 4}, {"PCMU", 4}};
		t->codecs = usual;
		t->codec_count = COUNT_OF(usual);
	}
	t->srtp = srtp_rule(doc);
	t->srtp_without_tls = flag(doc, "srtp_without_tls");
	t->prefixes = text_list(&c->arena, json_object_get(doc, "prefixes"), &t->prefix_count);
	t->caller_id = config_text(&c->arena, doc, "caller_id");
	t->max_calls = count(doc, "max_calls", 0);
	t->priority = count(doc, "priority", 0);
	t->weight = count(doc, "weight", 1);
	t->cps_max = count(doc, "cps_max", 0);
	t->media_fixed = flag(doc, "media_fixed");
	t->rates = compile_rates(&c->arena, json_object_get(doc, "rates"), &t->rate_count);
	t->number_format = number_format(doc);
	t->number_strip = count(doc, "number_strip", 0);
	t->number_add = config_text(&c->arena, doc, "number_add");
	t->ping_ms = seconds(doc, "ping_s", 30);
	t->country = upper(&c->arena, json_str(json_object_get(doc, "country")));
	struct str transport = json_str(json_object_get(doc, "transport"));
	t->transport = str_is(transport, "udp")	  ? TRUNK_UDP
		       : str_is(transport, "tcp") ? TRUNK_TCP
		       : str_is(transport, "tls") ? TRUNK_TLS
						  : TRUNK_ANY;
	t->certificate = config_text(&c->arena, doc, "certificate");
	t->trust_identity = flag(doc, "trust_identity");
	struct str identity = json_str(json_object_get(doc, "identity"));
	t->identity = str_is(identity, "show")	    ? IDENTITY_SHOW
		      : str_is(identity, "require") ? IDENTITY_REQUIRE
						    : IDENTITY_OFF;
	t->sign = flag(doc, "sign");
	const json_t *reg = json_object_get(doc, "register");
	t->register_server = config_text(&c->arena, reg, "server");
	t->register_user = config_text(&c->arena, reg, "user");
	t->register_secret = secret.n ? arena_copy(&c->arena, secret) : STR_NONE;
}

static void compile_reason(struct config *c, const json_t *doc)
{
	c->reason = (struct reason_config){
		.name = text_or(&c->arena, doc, "name", c->id),
		.paid = flag(doc, "paid"),
		.productive = flag(doc, "productive"),
		.approval = flag(doc, "approval"),
		.max_minutes = count(doc, "max_minutes", 0),
		.warn_minutes = count(doc, "warn_minutes", 1),
	};
}

static int span_order(const void *a, const void *b)
{
	return (int)((const struct span *)a)->from_min - (int)((const struct span *)b)->from_min;
}

static struct day_plan compile_day(struct arena *a, const json_t *list)
{
	struct day_plan day = {0};
	size_t n = json_array_size(list);
	struct span *spans = arena_alloc(a, sizeof *spans * n);
	for (size_t i = 0; i < n; i++)
		if (form_span(json_str(json_array_get(list, i)), &spans[day.span_count]) == ERR_OK)
			day.span_count++;
	qsort(spans, day.span_count, sizeof *spans, span_order);
	day.spans = spans;
	return day;
}

static void compile_hours(struct config *c, const json_t *doc)
{
	static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	struct hours_config *h = &c->hours;
	const json_t *weekly = json_object_get(doc, "weekly");
	const json_t *special = json_object_get(doc, "special");
	for (int i = 0; i < 7; i++)
		h->week[i] = compile_day(&c->arena, json_object_get(weekly, days[i]));
	struct special_day *list = arena_alloc(&c->arena, sizeof *list * json_object_size(special));
	const char *date;
	json_t *spans;
	json_object_foreach((json_t *)special, date, spans)
	{
		struct special_day *d = &list[h->special_count];
		if (form_date(str_of(date), &d->year, &d->month, &d->day) != ERR_OK)
			continue;
		d->plan = compile_day(&c->arena, spans);
		h->special_count++;
	}
	h->special = list;
}

const struct skill_step *config_steps(struct arena *a, const json_t *list, uint32_t *count)
{
	struct skill_step *steps = arena_alloc(a, sizeof *steps * json_array_size(list));
	*count = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *from = json_array_get(list, i);
		int64_t after_ms = seconds(from, "after_s", 0);
		struct str need = json_str(json_object_get(from, "need"));
		if (skill_step_make(a, after_ms, need, &steps[*count]) == ERR_OK)
			++*count;
	}
	return steps;
}

static uint32_t staff_states(const json_t *list)
{
	uint32_t states = 0;
	enum staff_state state;
	for (size_t i = 0; i < json_array_size(list); i++)
		if (staff_state_from(json_str(json_array_get(list, i)), &state) == ERR_OK)
			states |= BIT(state);
	return states;
}

/* Who is served before whom, by whom, and who may come in at all. */
static void compile_rules(struct config *c, const json_t *doc)
{
	struct queue_config *q = &c->queue;
	const json_t *tiers = json_object_get(doc, "tiers");
	q->priority_only = str_is(json_str(json_object_get(doc, "scoring")), "priority");
	q->from_arrival = str_is(json_str(json_object_get(doc, "time_base")), "arrival");
	q->resume_ms = seconds(doc, "resume_s", 0);
	q->no_answer_delay_ms = seconds(doc, "no_answer_delay_s", 30);
	q->reject_delay_ms = seconds(doc, "reject_delay_s", 30);
	q->busy_delay_ms = seconds(doc, "busy_delay_s", 10);
	q->unreachable_delay_ms = seconds(doc, "unreachable_delay_s", 10);
	q->ewt_limit_ms = seconds(doc, "ewt_limit_s", 0);
	q->join_when = staff_states(json_object_get(doc, "join_when"));
	q->stay_when = staff_states(json_object_get(doc, "stay_when"));
	q->tier_ms = seconds(tiers, "wait_s", 0);
	q->tier_alone = flag(tiers, "alone");
	q->tier_skip = flag(tiers, "skip_empty");
	q->wrap_extend_ms = seconds(doc, "wrap_extend_s", 0);
	q->wrap_extensions = count(doc, "wrap_extensions", 1);
	q->wrap_outcome = config_text(&c->arena, doc, "outcome_default");
}

static void compile_queue(struct config *c, const json_t *doc)
{
	struct queue_config *q = &c->queue;
	const json_t *announce = json_object_get(doc, "announce");
	const json_t *ageing = json_object_get(doc, "ageing");
	*q = (struct queue_config){
		.name = text_or(&c->arena, doc, "name", c->id),
		.music = text_or(&c->arena, doc, "music", STR("default")),
		.caller_id = config_text(&c->arena, doc, "caller_id"),
		.strategy = STRATEGY_longest_idle,
		.threshold_ms = seconds(doc, "threshold_s", 20),
		.short_abandon_ms = seconds(doc, "short_abandon_s", 5),
		.ring_ms = seconds(doc, "ring_s", 15),
		.wrap_ms = seconds(doc, "wrap_s", 0),
		.max_wait_ms = seconds(doc, "max_wait_s", 0),
		.no_agents_grace_ms = seconds(doc, "no_agents_grace_s", 60),
		.park_ms = seconds(doc, "park_s", 120),
		.idle_reset_by_break = json_is_true(json_object_get(doc, "idle_reset_by_break")),
		.sticky_ms = seconds(doc, "sticky_s", 0),
		.outcome_required = flag(doc, "outcome_required"),
		.max_waiting = count(doc, "max_waiting", 0),
		.misses_max = count(doc, "misses_max", 1),
		.class_rank = (int32_t)config_int(doc, "class", 0),
		.ageing = json_is_number(ageing) ? json_number_value(ageing) : 1,
		.record_percent = record_percent(json_object_get(doc, "record")),
		.record_said = json_object_get(doc, "record") != NULL,
		.announce_every_ms = announce ? seconds(announce, "every_s", 90) : 0,
		.announce_first_ms = seconds(announce, "first_s", 0),
		.announce_position = flag(announce, "position"),
		.announce_wait = flag(announce, "wait"),
		.announce_only_if_improved = flag(announce, "only_if_improved"),
		.announce_head = flag(announce, "head"),
	};
	const json_t *strategy = json_object_get(doc, "strategy");
	if (strategy)
		CHECK(strategy_from(json_str(strategy), &q->strategy) == ERR_OK);
	compile_rules(c, doc);
	q->steps = config_steps(&c->arena, json_object_get(doc, "skills"), &q->step_count);
}

uint32_t config_roles(const json_t *list)
{
	static const struct {
		const char *word;
		enum role role;
	} words[] = {{"agent", ROLE_AGENT},
		     {"supervisor", ROLE_SUPERVISOR},
		     {"admin", ROLE_ADMIN},
		     {"viewer", ROLE_VIEWER}};
	uint32_t roles = 0;
	if (!list)
		return BIT(ROLE_AGENT);
	for (size_t i = 0; i < json_array_size(list); i++)
		for (size_t k = 0; k < COUNT_OF(words); k++)
			if (str_is(json_str(json_array_get(list, i)), words[k].word))
				roles |= BIT(words[k].role);
	return roles;
}

static void compile_mass_event(struct config *c, const json_t *doc)
{
	struct mass_event_config *m = &c->mass_event;
	m->name = text_or(&c->arena, doc, "name", c->id);
	m->queues = text_list(&c->arena, json_object_get(doc, "queues"), &m->queue_count);
	m->helpers = text_list(&c->arena, json_object_get(doc, "helpers"), &m->helper_count);
	m->bulletin = config_text(&c->arena, doc, "bulletin");
	m->limits = json_object_get(doc, "max_waiting") != NULL;
	m->max_waiting = count(doc, "max_waiting", 0);
}

static void compile_alert(struct config *c, const json_t *doc)
{
	struct alert_config *a = &c->alert;
	const json_t *below = json_object_get(doc, "below"), *clear = json_object_get(doc, "clear");
	a->name = text_or(&c->arena, doc, "name", c->id);
	if (measure_from(json_str(json_object_get(doc, "measure")), &a->measure) != ERR_OK)
		a->measure = MEASURE_waiting; /* of a later version */
	a->queue = config_text(&c->arena, doc, "queue");
	a->trunk = config_text(&c->arena, doc, "trunk");
	a->state = config_text(&c->arena, doc, "state");
	a->alarm = config_text(&c->arena, doc, "alarm");
	a->window_ms = config_int(doc, "window_s", 300) * 1000;
	a->below = below != NULL;
	a->limit = json_number_value(below ? below : json_object_get(doc, "above"));
	a->clear = clear ? json_number_value(clear) : a->limit;
	a->for_ms = config_int(doc, "for_s", 0) * 1000;
	a->clear_for_ms = config_int(doc, "clear_for_s", 0) * 1000;
	a->quiet = config_text(&c->arena, doc, "quiet");
	a->critical = str_is(json_str(json_object_get(doc, "level")), "critical");
}

static void compile_places(struct config *c, const json_t *places)
{
	struct user_place *list = arena_alloc(&c->arena, sizeof *list * json_object_size(places));
	const char *queue;
	json_t *place;
	json_object_foreach((json_t *)places, queue, place)
	{
		list[c->user.place_count++] = (struct user_place){
			.queue = arena_copy(&c->arena, str_of(queue)),
			.tier = count(place, "tier", 1),
			.weight = count(place, "weight", 1),
			.position = count(place, "position", 0),
		};
	}
	c->user.places = list;
}

static void compile_user(struct config *c, const json_t *doc)
{
	struct user_config *u = &c->user;
	const json_t *phone = json_object_get(doc, "phone");
	const json_t *skills = json_object_get(doc, "skills");
	const json_t *record = json_object_get(doc, "record");
	u->name = text_or(&c->arena, doc, "name", c->id);
	u->record_said = record != NULL;
	u->record_percent = record_percent(record);
	u->roles = config_roles(json_object_get(doc, "roles"));
	u->phone = PHONE_none;
	if (phone)
		CHECK(phone_kind_from(json_str(json_object_get(phone, "kind")), &u->phone) ==
		      ERR_OK);
	u->phone_contact = config_text(&c->arena, phone, "contact");
	u->phone_number = config_text(&c->arena, phone, "number");
	u->phone_codecs =
		text_list(&c->arena, json_object_get(phone, "codecs"), &u->phone_codec_count);
	u->phone_srtp = srtp_rule(phone);
	u->phone_srtp_without_tls = flag(phone, "srtp_without_tls");
	u->phone_sha256 = str_is(json_str(json_object_get(phone, "digest")), "sha-256");
	u->phone_auto_answer = phone && flag(phone, "auto_answer");
	u->phone_standing = phone && flag(phone, "standing");
	u->phone_confirm = phone && flag(phone, "confirm");
	const json_t *for_now = json_object_get(doc, "for_now");
	if (time_parse(json_str(json_object_get(for_now, "until_at")), &u->for_now_until_ms) !=
	    ERR_OK)
		u->for_now_until_ms = 0;
	u->for_now_by = config_text(&c->arena, for_now, "by");
	u->caller_id = config_text(&c->arena, doc, "caller_id");
	u->extension = config_text(&c->arena, doc, "extension");
	u->queues = text_list(&c->arena, json_object_get(doc, "queues"), &u->queue_count);
	compile_places(c, json_object_get(doc, "places"));
	u->do_not_pair =
		text_list(&c->arena, json_object_get(doc, "do_not_pair"), &u->do_not_pair_count);
	struct user_skill *list = arena_alloc(&c->arena, sizeof *list * json_object_size(skills));
	const char *skill;
	json_t *level;
	json_object_foreach((json_t *)skills, skill, level)
	{
		list[u->skill_count].skill = arena_copy(&c->arena, str_of(skill));
		list[u->skill_count++].level = (uint32_t)json_integer_value(level);
	}
	u->skills = list;
	u->capacity_voice = count(json_object_get(doc, "capacity"), "voice", 100);
	u->ha1_md5 = config_text(&c->arena, doc, "sip_ha1_md5");
	u->ha1_sha256 = config_text(&c->arena, doc, "sip_ha1_sha256");
	u->password_hash = config_text(&c->arena, doc, "password_hash");
	if (flag(doc, "disabled")) { /* known to all, but nobody */
		u->roles = 0;
		u->ha1_md5 = u->ha1_sha256 = u->password_hash = STR_NONE;
	}
}

struct config *config_compile(enum object_kind kind, struct str tenant, struct str id,
			      const json_t *doc, struct str secret)
{
	struct config *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = arena_copy(&c->arena, tenant);
	c->id = arena_copy(&c->arena, id);
	switch (kind) {
	case KIND_tenant:
		compile_tenant(c, doc);
		break;
	case KIND_trunk:
		compile_trunk(c, doc, secret);
		break;
	case KIND_number:
		c->number.flow = config_text(&c->arena, doc, "flow");
		c->number.draft = flag(doc, "draft");
		c->number.low_priority = flag(doc, "low_priority");
		break;
	case KIND_skill:
		c->skill.name = text_or(&c->arena, doc, "name", c->id);
		break;
	case KIND_reason:
		compile_reason(c, doc);
		break;
	case KIND_saved_report: /* the door's alone */
		c->outcome.name = text_or(&c->arena, doc, "name", c->id);
		break;
	case KIND_wallboard:
	case KIND_field: /* of customers' records: rooms have no use for it */
	case KIND_team:	 /* who sees what: rooms need not know */
		c->outcome.name = text_or(&c->arena, doc, "name", c->id);
		break;
	case KIND_outcome:
		c->outcome.name = text_or(&c->arena, doc, "name", c->id);
		break;
	case KIND_prompt:
		c->prompt.texts = config_texts(&c->arena, json_object_get(doc, "text"),
					       &c->prompt.text_count);
		c->prompt.sounds = compile_sounds(&c->arena, json_object_get(doc, "audio"),
						  &c->prompt.sound_count);
		break;
	case KIND_hours:
		compile_hours(c, doc);
		break;
	case KIND_queue:
		compile_queue(c, doc);
		break;
	case KIND_user:
		compile_user(c, doc);
		break;
	case KIND_mass_event:
		compile_mass_event(c, doc);
		break;
	case KIND_alert:
		compile_alert(c, doc);
		break;
	case KIND_flow:
	case KIND_draft:
		config_compile_flow(c, doc);
		break;
	}
	return c;
}
