/* asks.c - the main thread answers what other threads ask; see core/ask.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "acd/acd.h"
#include "app/asks.h"
#include "app/sign_out.h"
#include "os/log.h"

#define DETAIL_MAX 250u

/* -- who and what -- */

struct tenant_id asks_tenant(struct house *h, struct str name)
{
	const struct object *o = objects_find(h->core.objects, KIND_tenant, name, name);
	return o ? ID_AS(tenant_id, o->id) : (struct tenant_id){0};
}

struct agent_id asks_agent(struct house *h, struct str tenant, struct str name)
{
	const struct object *o = objects_find(h->core.objects, KIND_user, tenant, name);
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

uint32_t asks_agents_count(struct house *h, struct str tenant)
{
	struct acd_agent one;
	struct str after = STR_NONE;
	uint32_t n = 0;
	while (acd_agent_next(h->acd, tenant, &after, &one))
		n++;
	return n;
}

static struct str word_of_next(const struct acd_agent *a)
{
	return a->has_next ? presence_word(a->next) : STR_NONE;
}

static void fill_agent(struct house *h, struct ask *a, const struct acd_agent *in,
		       struct ask_agent *out)
{
	const struct user_config *user = agent_config(h->core.objects, in->id);
	*out = (struct ask_agent){.id = arena_copy(&a->arena, in->name),
				  .name = arena_copy(&a->arena, user ? user->name : STR_NONE),
				  .presence = in->presence,
				  .work = in->work,
				  .reason = arena_copy(&a->arena, in->reason),
				  .next_presence = word_of_next(in),
				  .next_reason = arena_copy(&a->arena, in->next_reason),
				  .since_at_ms = in->since_utc_ms,
				  .reason_until_at_ms = in->reason_until_utc_ms,
				  .reason_over = in->reason_over,
				  .phone = in->phone,
				  .phone_ready = in->phone_ready,
				  .phone_connecting = in->phone_connecting,
				  .skills_until_at_ms = in->skills_until_utc_ms};
	out->contacts = arena_alloc(&a->arena, ACD_AGENT_CONTACTS_MAX * sizeof *out->contacts);
	for (uint32_t i = 0; i < in->contact_count; i++) {
		const struct contact *k = contact_get(&h->core, in->contacts[i]);
		if (k)
			out->contacts[out->contact_count++] = k->uuid;
	}
}

static enum err agents(struct house *h, struct ask *a)
{
	struct acd_agent one;
	struct str after = STR_NONE;
	a->said = core_seq(&h->core);
	if (a->object.n) {
		enum err e = acd_agent_get(h->acd, asks_agent(h, a->tenant, a->object), &one);
		if (e != ERR_OK)
			return e;
		a->agents = arena_alloc(&a->arena, sizeof *a->agents);
		fill_agent(h, a, &one, &a->agents[a->agent_count++]);
		return ERR_OK;
	}
	asks_alerts_told(h, a);
	asks_closed(h, a);
	const uint32_t room = asks_agents_count(h, a->tenant);
	a->agents = arena_alloc(&a->arena, (room + 1) * sizeof *a->agents);
	while (a->agent_count < room && acd_agent_next(h->acd, a->tenant, &after, &one))
		fill_agent(h, a, &one, &a->agents[a->agent_count++]);
	return ERR_OK;
}

static enum err queue_live(struct house *h, struct ask *a)
{
	const struct object *o = objects_find(h->core.objects, KIND_queue, a->tenant, a->object);
	struct acd_queue_live live;
	if (!o || acd_queue_live(h->acd, ID_AS(queue_id, o->id), &live) != ERR_OK)
		return ERR_NOT_FOUND;
	struct acd_waiting *w = arena_alloc(&a->arena, (live.waiting + 1) * sizeof *w);
	uint32_t n = acd_queue_waiting(h->acd, ID_AS(queue_id, o->id), w, live.waiting);
	a->live = (struct ask_queue_live){.waiting = live.waiting,
					  .longest_wait_ms = live.longest_wait_ms,
					  .ewt_ms = live.ewt_ms,
					  .ready = live.ready,
					  .busy = live.busy,
					  .not_ready = live.not_ready,
					  .unmeetable = live.unmeetable};
	a->live.contacts = arena_alloc(&a->arena, (n + 1) * sizeof *a->live.contacts);
	for (uint32_t i = 0; i < n; i++) {
		const struct contact *k = contact_get(&h->core, w[i].contact);
		if (k)
			a->live.contacts[a->live.contact_count++] =
				(struct ask_waiting){k->uuid, w[i].position, w[i].wait_ms};
	}
	return ERR_OK;
}

/* -- commands -- */

/* A word that the tenant declares: "no such reason: x", "a reason is needed: break, meal". */
void asks_declared(struct house *h, struct ask *a, enum object_kind kind, struct str said)
{
	const struct object *o;
	struct buf text = buf_make(arena_alloc(&a->arena, DETAIL_MAX), DETAIL_MAX);
	const bool outcome = kind == KIND_outcome;
	a->where = outcome ? "$.outcome" : "$.reason";
	if (said.n) {
		buf_c(&text, outcome ? "no such outcome: " : "no such reason: ");
		buf_put(&text, str_head(said, 64));
		a->detail = buf_str(&text);
		return;
	}
	buf_c(&text, outcome ? "an outcome is needed" : "a reason is needed");
	const char *comma = ": ";
	for (uint32_t at = 0; (o = objects_next(h->core.objects, kind, &at)) != NULL;) {
		if (!str_eq(o->tenant, a->tenant) || text.n + o->name.n + 4 > DETAIL_MAX)
			continue;
		buf_c(&text, comma);
		buf_put(&text, o->name);
		comma = ", ";
	}
	a->detail = buf_str(&text);
}

static enum err presence(struct house *h, struct ask *a)
{
	struct acd_agent now;
	struct agent_id agent = asks_agent(h, a->tenant, a->object);
	if (acd_agent_get(h->acd, agent, &now) != ERR_OK)
		return ERR_NOT_FOUND;
	if (!a->actor_supervises && !str_eq(a->actor, a->object)) {
		a->detail = STR("only supervisors change the presence of others");
		return ERR_FORBIDDEN;
	}
	const bool at_once = a->on && a->presence == PRESENCE_signed_out;
	if (a->on && !a->actor_supervises) {
		a->detail = STR("only supervisors sign somebody out at once");
		return ERR_FORBIDDEN;
	}
	enum err e = SEND(&h->core, presence_set, .agent = agent, .presence = a->presence,
			  .reason = a->reason, .by = a->actor, .supervised = a->actor_supervises);
	if (e == ERR_FORBIDDEN)
		a->detail = STR("this reason needs a supervisor's approval; they were told");
	if (e == ERR_OK && at_once)
		sign_out_now(&h->core, h->acd, agent, a->actor);
	if (e == ERR_CONFLICT && a->presence == PRESENCE_ready && !now.phone_ready)
		a->detail =
			STR("no phone is ready: register the phone or open the desk's phone first");
	else if (e == ERR_INVALID)
		asks_declared(h, a, KIND_reason, a->reason);
	return e;
}

/* -- calls that agents begin -- */

static enum err call_queue(struct house *h, struct ask *a, struct queue_id *out)
{
	const struct object *o = objects_find(h->core.objects, KIND_queue, a->tenant, a->queue);
	*out = (struct queue_id){0};
	if (!a->queue.n)
		return ERR_OK;
	if (!o) {
		a->where = "$.queue";
		a->detail = STR("no such queue");
		return ERR_INVALID;
	}
	*out = ID_AS(queue_id, o->id);
	return ERR_OK;
}

static enum err call_out(struct house *h, struct ask *a, struct tenant_id tenant)
{
	struct agent_id agent = asks_agent(h, a->tenant, a->object);
	struct contact_id contact = {0};
	struct queue_id queue;
	struct str why = STR_NONE;
	if (!str_eq(a->actor, a->object) && !a->actor_supervises) {
		a->detail = STR("only supervisors call for others");
		return ERR_FORBIDDEN;
	}
	if (ID_NONE(agent)) {
		a->where = "$.agent";
		a->detail = a->actor_system ? STR("name the agent who calls") : STR("no such user");
		return ERR_INVALID;
	}
	enum err e = call_queue(h, a, &queue);
	if (e != ERR_OK)
		return e;
	e = SEND(&h->core, call_out, .tenant = tenant, .agent = agent, .to = a->text,
		 .from = a->from, .queue = queue, .customer = a->outcome, .private = a->on,
		 .out = &contact, .why = &why, .test = a->test, .lang = a->key);
	if (e == ERR_OK)
		a->contact = contact_get(&h->core, contact)->uuid;
	else if (why.n)
		a->detail = arena_copy(&a->arena, why);
	if (e == ERR_INVALID)
		a->where = "$.from";
	return e;
}

static enum err why(struct house *h, struct ask *a, struct tenant_id tenant)
{
	const struct contact *c = contact_find(&h->core, tenant, a->contact);
	struct buf out = buf_grow(8192);
	struct acd_contact k;
	enum err e = c ? acd_contact_why(h->acd, c->id, &out) : ERR_NOT_FOUND;
	if (e == ERR_OK && acd_contact_get(h->acd, c->id, &k) == ERR_OK)
		a->object = arena_copy(&a->arena, objects_who(h->core.objects, ID(k.queue))->name);
	a->out = arena_copy(&a->arena, buf_str(&out));
	buf_free(&out);
	return e;
}

static enum err change(struct house *h, struct ask *a)
{
	uint32_t more = 0;
	for (uint32_t i = 0; i < a->change_count; i++) {
		const struct ask_change *c = &a->changes[i];
		more += c->config && str_is(str_of(c->op), "created");
		if (c->kind == KIND_user && !c->config &&
		    acd_agent_works(h->acd, asks_agent(h, c->tenant, c->object))) {
			a->detail =
				STR("this agent is working: sign him out and let him finish first");
			return ERR_CONFLICT;
		}
	}
	if (!house_room_for(h, more)) {
		a->detail = STR("more objects than this installation holds");
		return ERR_FULL;
	}
	for (uint32_t i = 0; i < a->change_count; i++) {
		house_change(h, &a->changes[i], a->actor);
		a->changes[i].config = NULL;
	}
	return ERR_OK;
}

/* What is said of customers and of contacts that are past concerns no room: the main thread only
 * gives it its number and place.
 */
static enum err say(struct house *h, struct ask *a, struct tenant_id tenant)
{
	struct event *ev = a->say;
	if (ID_NONE(tenant))
		return ERR_NOT_FOUND;
	switch ((int)ev->kind) {
	case EV_customer_changed:
		ev->customer_changed.tenant = tenant;
		break;
	case EV_customer_merged:
		ev->customer_merged.tenant = tenant;
		break;
	case EV_customer_unmerged:
		ev->customer_unmerged.tenant = tenant;
		break;
	case EV_customer_noted:
		ev->customer_noted.tenant = tenant;
		break;
	case EV_customer_linked:
		ev->customer_linked.tenant = tenant;
		break;
	case EV_contact_tagged:
		ev->contact_tagged.tenant = tenant;
		break;
	case EV_follow_up:
		ev->follow_up.tenant = tenant;
		break;
	case EV_recording_deleted:
		ev->recording_deleted.tenant = tenant;
		break;
	case EV_recording_hold:
		ev->recording_hold.tenant = tenant;
		break;
	case EV_customers_imported:
		ev->customers_imported.tenant = tenant;
		break;
	case EV_viewed:
		ev->viewed.tenant = tenant;
		break;
	case EV_token_made:
		ev->token_made.tenant = tenant;
		break;
	case EV_token_used:
		ev->token_used.tenant = tenant;
		break;
	case EV_token_ended:
		ev->token_ended.tenant = tenant;
		break;
	case EV_backup_made:
		ev->backup_made.tenant = tenant;
		break;
	case EV_report_sent:
		ev->report_sent.tenant = tenant;
		break;
	case EV_report_failed:
		ev->report_failed.tenant = tenant;
		break;
	default:
		return ERR_INVALID;
	}
	core_emit(&h->core, ev);
	a->at_ms = h->core.utc_ms;
	return ERR_OK;
}

/* -- looking inside -- */

static size_t orders_waiting(const struct house *h)
{
	size_t n = 0;
	for (size_t i = 0; i < COUNT_OF(h->media); i++)
		n += h->media[i].orders.n;
	return n;
}

static void dump_limits(struct house *h, struct buf *out)
{
	buf_fmt(out, "contacts %u of %s\nobjects %u\n", contact_count(&h->core),
		h->set.limits_contacts, objects_count(h->core.objects));
	core_dump(&h->core, STR("voice"), out);
	buf_fmt(out, "facts waiting for the database %llu\n",
		(unsigned long long)store_behind(h->store));
	buf_fmt(out, "disk backlog %zu bytes\norders waiting for media %zu bytes\n", h->backlog.n,
		orders_waiting(h));
}

static void dump_threads(struct buf *out)
{
	DIR *d = opendir("/proc/self/task");
	buf_c(out, "thread            cpu_ticks\n");
	for (struct dirent *e; d && (e = readdir(d));) {
		char path[320], line[512];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/stat", e->d_name);
		FILE *f = fopen(path, "r");
		if (!f)
			continue;
		size_t n = fread(line, 1, sizeof line - 1, f);
		fclose(f);
		struct str s = str_make(line, n), name, rest, field;
		str_cut(s, '(', &field, &rest);
		str_cut(rest, ')', &name, &rest);
		uint64_t ticks = 0;
		rest = str_trim(rest);
		for (int i = 0; i < 13 && str_cut(rest, ' ', &field, &rest); i++) {
			uint64_t v;
			if (i >= 11 && str_to_u64(field, UINT64_MAX, &v) == ERR_OK)
				ticks += v;
		}
		buf_fmt(out, "%-17.*s %llu\n", STR_ARG(name), (unsigned long long)ticks);
	}
	if (d)
		closedir(d);
}

static enum err dump(struct house *h, struct ask *a)
{
	struct buf out = buf_grow(4096);
	enum err e = ERR_OK;
	if (str_is(a->text, "limits"))
		dump_limits(h, &out);
	else if (str_is(a->text, "timers"))
		buf_fmt(&out, "running %u\nnext in %lld ms\n", h->core.timers.count,
			(long long)(core_next_timer(&h->core) == INT64_MAX
					    ? -1
					    : core_next_timer(&h->core) - h->core.now_ms));
	else if (str_is(a->text, "slow"))
		loop_slow(h->loop, &out);
	else if (str_is(a->text, "threads"))
		dump_threads(&out);
	else if (str_is(a->text, "net"))
		net_counters(h->net, &out);
	else if (str_is(a->text, "media")) {
		const struct report_gauges *g = voice_gauges(h->voice);
		buf_fmt(&out,
			"connected %d\nthreads %u\nlegs %u\nrecordings %u\npackets_in %llu\n"
			"packets_out %llu\nstrays %llu\ntick_late_max_us %u\nfiles_behind "
			"%u\nforged "
			"%llu\n",
			voice_media_ready(h->voice), g->threads, g->legs, g->recordings,
			(unsigned long long)g->packets_in, (unsigned long long)g->packets_out,
			(unsigned long long)g->strays, g->tick_late_max_us, g->files_behind,
			(unsigned long long)g->forged);
		voice_media_dump(h->voice, &out);
	} else if (!core_dump(&h->core, a->text, &out)) {
		a->detail =
			STR("words: calls browsers queues agents flows limits timers slow threads "
			    "sip voice media net");
		e = ERR_INVALID;
	}
	a->out = arena_copy(&a->arena, buf_str(&out));
	buf_free(&out);
	return e;
}

static enum err metrics(struct house *h, struct ask *a)
{
	struct buf out = buf_grow(4096);
	const struct report_gauges *g = voice_gauges(h->voice);
	buf_fmt(&out,
		"store_up %d\nstore_behind_facts %llu\ncontacts %u\nlegs %u\nfacts_total "
		"%llu\ntimers %u\nmedia_connected %d\n"
		"media_legs %u\nmedia_recordings %u\nmedia_packets_in_total %llu\n"
		"media_packets_out_total %llu\nmedia_strays_total %llu\n"
		"media_forged_total %llu\ndisk_backlog_bytes %zu\n"
		"trunks_registered %u\ntrunks_not_registered %u\n",
		!store_failing(h->store), (unsigned long long)store_behind(h->store),
		contact_count(&h->core), voice_legs(h->voice),
		(unsigned long long)core_seq(&h->core), h->core.timers.count,
		voice_media_ready(h->voice), g->legs, g->recordings,
		(unsigned long long)g->packets_in, (unsigned long long)g->packets_out,
		(unsigned long long)g->strays, (unsigned long long)g->forged, h->backlog.n,
		voice_registered(h->voice, true), voice_registered(h->voice, false));
	net_counters(h->net, &out);
	gate_counters(h->gate, &out);
	sip_counters(voice_sip(h->voice), &out);
	a->out = arena_copy(&a->arena, buf_str(&out));
	buf_free(&out);
	return ERR_OK;
}

static enum err speak(struct house *h, struct ask *a)
{
	char key[VOICE_KEY_TEXT + 1];
	if (!h->speech)
		return ERR_UNSUPPORTED;
	voice_speech_key(a->key, a->text, key);
	(void)speech_want(h->speech, str_of(key), a->key, a->text);
	a->out = arena_copy(&a->arena, str_of(key));
	return ERR_OK;
}

/* -- the letter -- */

static enum err answer(struct house *h, struct ask *a)
{
	struct core *c = &h->core;
	struct tenant_id tenant = asks_tenant(h, a->tenant);
	switch (a->kind) {
	case ASK_SPEAK:
		return speak(h, a);
	case ASK_AGENTS:
		return agents(h, a);
	case ASK_QUEUE_LIVE:
		return queue_live(h, a);
	case ASK_BOARD:
		return asks_board(h, a);
	case ASK_FIGURES:
		return asks_figures(h, a, tenant);
	case ASK_HELP:
		return asks_help(h, a, tenant);
	case ASK_MESSAGE:
		return asks_message(h, a, tenant);
	case ASK_ACKNOWLEDGE:
		return asks_acknowledge(h, a, tenant);
	case ASK_ALERT_TEST:
		return asks_alert_test(h, a, tenant);
	case ASK_NOTICE:
		EMIT(c, notice_acknowledged, .tenant = tenant, .notice = (int64_t)a->number,
		     .by = a->actor);
		return ERR_OK;
	case ASK_APPROVAL:
		return asks_approval(h, a);
	case ASK_GATE:
		return asks_gate(h, a);
	case ASK_OVERFLOW:
		return asks_overflow(h, a);
	case ASK_TIMED:
		return asks_timed(h, a);
	case ASK_WALL:
		return asks_wall(h, a, tenant);
	case ASK_TRUNK_LIVE:
		return asks_trunk_live(h, a);
	case ASK_PRESENCE:
		return presence(h, a);
	case ASK_VERB:
		return asks_verb(h, a);
	case ASK_CALL:
		return call_out(h, a, tenant);
	case ASK_PHONE:
	case ASK_TRUNK_TEST:
		break; /* phone_asked, asks_trunk_test: answered turns later */
	case ASK_DESK:
		EMIT(c, desk_changed, .agent = asks_agent(h, a->tenant, a->object),
		     .desk = (int64_t)a->desk, .on = a->on, .code = a->status);
		return ERR_OK;
	case ASK_CONTACT_LIVE:
		return contact_find(c, tenant, a->contact) ? ERR_OK : ERR_NOT_FOUND;
	case ASK_MASS:
		return SEND(c, mass_event_set, .tenant = tenant, .event = a->object, .on = a->on,
			    .by = a->actor);
	case ASK_WHY:
		return why(h, a, tenant);
	case ASK_CHANGE:
		return change(h, a);
	case ASK_LOGIN:
		EMIT(c, login, .tenant = tenant, .user = a->actor, .from = a->from,
		     .expires_at = a->expires_at_ms, .token = a->token_hash);
		return ERR_OK;
	case ASK_LOGOUT:
		EMIT(c, logout, .tenant = tenant, .user = a->actor, .token = a->token_hash);
		return ERR_OK;
	case ASK_KEEP:
		EMIT(c, user_kept, .tenant = tenant, .user = a->object, .what = a->key,
		     .by = a->actor, .value = a->text);
		return ERR_OK;
	case ASK_DONE:
		EMIT(c, request_done, .tenant = tenant, .user = a->actor, .key = a->key,
		     .status = a->status, .body = a->text);
		return ERR_OK;
	case ASK_ALARM:
		if (ID_NONE(tenant) && str_is(a->object, ALARM_FOREIGN))
			return ERR_OK;
		if (ID_NONE(tenant)) /* of a name nobody has: it is the house's matter */
			tenant = asks_tenant(h, STR("system"));
		EMIT(c, alarm, .tenant = tenant, .name = a->object, .detail = a->text);
		return ERR_OK;
	case ASK_SAY:
		return say(h, a, tenant);
	case ASK_DUMP:
		return dump(h, a);
	case ASK_METRICS:
		return metrics(h, a);
	case ASK_STOP:
		h->stopping = true;
		return ERR_OK;
	}
	return ERR_UNSUPPORTED;
}

struct carried {
	struct letter letter;
	struct ask *ask;
};

void asks_answered(struct house *h, struct ask *a)
{
	a->letter.next = NULL;
	*h->answers_last = &a->letter; /* told when the turn is stored */
	h->answers_last = &a->letter.next;
}

void asks_phone_answered(void *arg, void *token, const struct voice_phone_answer *got)
{
	struct ask *a = token;
	a->err = got->err;
	a->out = arena_copy(&a->arena, got->answer);
	a->key = arena_copy(&a->arena, got->key);
	a->detail = arena_copy(&a->arena, got->detail);
	asks_answered(arg, a);
}

static void phone_asked(struct house *h, struct ask *a)
{
	if (!str_eq(a->actor, a->object)) {
		a->err = ERR_FORBIDDEN;
		a->detail = STR("a phone is its own user's");
		asks_answered(h, a);
		return;
	}
	voice_phone(h->voice,
		    &(struct voice_phone_ask){.agent = asks_agent(h, a->tenant, a->object),
					      .desk = a->desk,
					      .offer = a->text,
					      .key = a->key,
					      .take = a->on,
					      .token = a});
}

static void open_ask(struct letter *l, void *reader)
{
	struct house *h = reader;
	struct ask *a = CONTAINER_OF(l, struct carried, letter)->ask;
	uint64_t before = core_seq(&h->core);
	if (a->kind == ASK_PHONE) {
		phone_asked(h, a);
		return;
	}
	if (a->kind == ASK_TRUNK_TEST) {
		asks_trunk_test(h, a);
		return;
	}
	a->err = answer(h, a);
	core_deliver(&h->core); /* what followed from it belongs to the answer */
	uint64_t after = core_seq(&h->core);
	a->seq = after > before ? after : 0;
	asks_answered(h, a);
}

void house_ask(void *arg, struct ask *a)
{
	struct house *h = arg;
	struct carried *k = arena_alloc(&a->arena, sizeof *k);
	k->ask = a;
	k->letter.open = open_ask;
	mailbox_post(h->mail, &k->letter);
}
