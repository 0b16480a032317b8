/* asks_board.c - what boards and those who look after people ask of the main thread: who works
 * where, figures of alerts, help, messages, links of wallboards; see core/ask.h. */
#include "acd/acd.h"
#include "app/asks.h"
#include "watch/watch.h"

#define QUEUES_OF_AGENT_MAX 512u

/* Tenants that have alerts. */
static enum err watched(struct house *h, struct ask *a)
{
	const struct objects *os = h->core.objects;
	const struct object *o;
	uint32_t at = 0, n = 0;
	while (objects_next(os, KIND_alert, &at))
		n++;
	a->board.tenants = arena_alloc(&a->arena, (n + 1) * sizeof *a->board.tenants);
	for (at = 0; (o = objects_next(os, KIND_alert, &at)) != NULL;) {
		bool known = false;
		for (uint32_t i = 0; i < a->board.tenant_count && !known; i++)
			known = str_eq(a->board.tenants[i], o->tenant);
		if (!known)
			a->board.tenants[a->board.tenant_count++] =
				arena_copy(&a->arena, o->tenant);
	}
	return ERR_OK;
}

/* How many of a kind the tenant has. */
static uint32_t declared(struct house *h, const struct ask *a, enum object_kind kind)
{
	const struct object *o;
	uint32_t at = 0, n = 0;
	while ((o = objects_next(h->core.objects, kind, &at)) != NULL)
		n += str_eq(o->tenant, a->tenant);
	return n;
}

static void board_alerts(struct house *h, struct ask *a)
{
	const struct objects *os = h->core.objects;
	const struct object *o;
	uint32_t at = 0;
	const uint32_t n = declared(h, a, KIND_alert);
	a->board.alerts = arena_alloc(&a->arena, (n + 1) * sizeof *a->board.alerts);
	while ((o = objects_next(os, KIND_alert, &at)) != NULL) {
		const struct alert_config *c = &o->config->alert;
		if (str_eq(o->tenant, a->tenant))
			a->board.alerts[a->board.alert_count++] =
				(struct ask_alert){.id = arena_copy(&a->arena, o->name),
						   .measure = c->measure,
						   .queue = arena_copy(&a->arena, c->queue),
						   .trunk = arena_copy(&a->arena, c->trunk),
						   .state = arena_copy(&a->arena, c->state),
						   .alarm = arena_copy(&a->arena, c->alarm),
						   .window_ms = c->window_ms};
	}
}

/* Not registered where it should be, or no peer of it answers. */
static bool trunk_down(struct house *h, struct trunk_id id)
{
	struct voice_trunk now;
	struct voice_peer is;
	char text[80];
	struct buf b = buf_make(text, sizeof text);
	uint32_t at = 0, peers = 0, down = 0;
	voice_trunk_look(h->voice, id, &now);
	for (; voice_trunk_peer(h->voice, id, &at, &b, &is); b.n = 0) {
		peers++;
		down += is.silent || is.down;
	}
	return (now.registers && !now.registered) || (peers && down == peers);
}

static void board_trunks(struct house *h, struct ask *a)
{
	const struct object *o;
	uint32_t at = 0;
	bool wanted = false;
	for (uint32_t i = 0; i < a->board.alert_count; i++)
		wanted |= a->board.alerts[i].measure == MEASURE_trunks_down;
	const uint32_t n = wanted ? declared(h, a, KIND_trunk) : 0;
	a->board.trunks = arena_alloc(&a->arena, (n + 1) * sizeof *a->board.trunks);
	while (wanted && (o = objects_next(h->core.objects, KIND_trunk, &at)) != NULL)
		if (str_eq(o->tenant, a->tenant) && trunk_down(h, ID_AS(trunk_id, o->id)))
			a->board.trunks[a->board.trunk_count++] = arena_copy(&a->arena, o->name);
}

/* Alerts that are on, for screens. */
void asks_alerts_told(struct house *h, struct ask *a)
{
	struct watch_alert one;
	uint32_t at = 0, n = 0;
	while (watch_alert_next(h->watch, a->tenant, &at, &one))
		n++;
	a->board.told = arena_alloc(&a->arena, (n + 1) * sizeof *a->board.told);
	for (at = 0; watch_alert_next(h->watch, a->tenant, &at, &one);)
		a->board.told[a->board.told_count++] = (struct watch_told){
			.id = arena_copy(&a->arena, one.id),
			.name = arena_copy(&a->arena, one.name),
			.level = one.critical ? STR("critical") : STR("warning"),
			.by = arena_copy(&a->arena, one.acknowledged_by),
			.since_at_ms = one.since_utc_ms,
			.value = one.value,
			.test = one.test};
}

/* Which of those queues he serves. */
static void board_places(struct house *h, struct ask *a, struct agent_id agent,
			 const struct queue_id *ids, struct ask_board_agent *out)
{
	struct queue_id his[QUEUES_OF_AGENT_MAX];
	const uint32_t n =
		MIN(acd_agent_queues(h->acd, agent, his, QUEUES_OF_AGENT_MAX), QUEUES_OF_AGENT_MAX);
	out->queues = arena_alloc(&a->arena, (n + 1) * sizeof *out->queues);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < a->board.queue_count; k++)
			if (ID_EQ(ids[k], his[i])) {
				out->queues[out->queue_count++] = k;
				break;
			}
}

enum err asks_board(struct house *h, struct ask *a)
{
	const struct objects *os = h->core.objects;
	const struct object *o;
	struct str after = STR_NONE;
	struct acd_agent one;
	uint32_t at = 0;
	a->said = core_seq(&h->core);
	if (!a->tenant.n)
		return watched(h, a);
	const uint32_t queues = declared(h, a, KIND_queue);
	struct queue_id *ids = arena_alloc(&a->arena, (queues + 1) * sizeof *ids);
	a->board.queues = arena_alloc(&a->arena, (queues + 1) * sizeof *a->board.queues);
	for (at = 0; (o = objects_next(os, KIND_queue, &at)) != NULL;) {
		if (!str_eq(o->tenant, a->tenant))
			continue;
		struct ask_board_queue *q = &a->board.queues[a->board.queue_count];
		ids[a->board.queue_count++] = ID_AS(queue_id, o->id);
		q->id = arena_copy(&a->arena, o->name);
		q->ewt_ms = acd_queue_ewt(h->acd, ID_AS(queue_id, o->id));
	}
	const uint32_t agents = asks_agents_count(h, a->tenant);
	a->board.agents = arena_alloc(&a->arena, (agents + 1) * sizeof *a->board.agents);
	while (acd_agent_next(h->acd, a->tenant, &after, &one)) {
		if (one.presence == PRESENCE_signed_out && one.work == WORK_idle)
			continue;
		struct ask_board_agent *g = &a->board.agents[a->board.agent_count++];
		*g = (struct ask_board_agent){.id = arena_copy(&a->arena, one.name),
					      .reason = arena_copy(&a->arena, one.reason),
					      .presence = one.presence,
					      .work = one.work,
					      .since_at_ms = one.since_utc_ms,
					      .available = one.available};
		board_places(h, a, one.id, ids, g);
	}
	board_alerts(h, a);
	board_trunks(h, a);
	return ERR_OK;
}

enum err asks_figures(struct house *h, struct ask *a, struct tenant_id tenant)
{
	for (uint32_t i = 0; i < a->board.figure_count; i++) {
		const struct ask_figure *f = &a->board.figures[i];
		(void)!SEND(&h->core, alert_figure, .tenant = tenant, .alert = f->alert,
			    .value = f->known ? &f->value : NULL);
	}
	return ERR_OK;
}

static bool talks(const struct talk_glance *now, struct agent_id agent)
{
	for (uint32_t i = 0; i < now->count; i++)
		if (ID_EQ(now->agents[i].agent, agent))
			return true;
	return false;
}

/* Who is in a talk wants help; a supervisor may want it for him. Both may end it. */
enum err asks_help(struct house *h, struct ask *a, struct tenant_id tenant)
{
	struct contact *k = contact_find(&h->core, tenant, a->contact);
	struct talk_glance now = {0};
	struct agent_id who = asks_agent(h, a->tenant, a->object.n ? a->object : a->actor);
	if (!k)
		return ERR_NOT_FOUND;
	const bool any = SEND(&h->core, talk_look, .contact = k->id, .out = &now) == ERR_OK;
	const bool own = any && talks(&now, asks_agent(h, a->tenant, a->actor));
	if (!own && !a->actor_supervises)
		return ERR_NOT_FOUND; /* another's contact is told like one that is not there */
	if (!own && !a->object.n && any && now.count)
		who = now.agents[0].agent;
	if (a->on && (!any || !talks(&now, who))) {
		a->detail = STR("help is for an agent in a talk, and he is not in this one");
		return ERR_CONFLICT;
	}
	enum err e = SEND(&h->core, help_set, .contact = k->id, .agent = who, .on = a->on,
			  .text = a->text, .how = own ? STR("withdrawn") : STR("answered"),
			  .by = a->actor);
	if (e == ERR_CONFLICT)
		a->detail = a->on ? STR("help is wanted for this contact already")
				  : STR("nobody wants help for this contact");
	return e;
}

enum err asks_message(struct house *h, struct ask *a, struct tenant_id tenant)
{
	static const struct {
		const char *to;
		enum object_kind kind;
	} kinds[] = {{"queue", KIND_queue}, {"agent", KIND_user}};
	if (a->on) { /* read */
		if (!a->number || a->number > core_seq(&h->core))
			return ERR_NOT_FOUND;
		EMIT(&h->core, message_read, .tenant = tenant, .message = (int64_t)a->number,
		     .by = a->actor);
		return ERR_OK;
	}
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (str_is(a->key, kinds[i].to) &&
		    !objects_find(h->core.objects, kinds[i].kind, a->tenant, a->object)) {
			a->where = "$.to";
			a->detail = STR("there is none of this name");
			return ERR_INVALID;
		}
	enum err e = SEND(&h->core, message_send, .tenant = tenant, .to = a->key, .name = a->object,
			  .text = a->text, .urgent = a->urgent, .by = a->actor);
	if (e == ERR_TOO_MANY)
		a->detail = STR("at most 30 messages a minute are sent in a tenant");
	return e;
}

enum err asks_acknowledge(struct house *h, struct ask *a, struct tenant_id tenant)
{
	if (!objects_find(h->core.objects, KIND_alert, a->tenant, a->object))
		return ERR_NOT_FOUND;
	enum err e = SEND(&h->core, alert_acknowledge, .tenant = tenant, .alert = a->object,
			  .by = a->actor);
	if (e == ERR_CONFLICT)
		a->detail = STR("it is not on");
	return e;
}

/* Tried first, so that what is answered says whether it was told. */
enum err asks_alert_test(struct house *h, struct ask *a, struct tenant_id tenant)
{
	struct watch_figure f;
	const enum err e = a->on ? SEND(&h->core, alert_try, .tenant = tenant, .alert = a->object,
					.by = a->actor)
				 : ERR_OK;
	if (e == ERR_CONFLICT)
		a->detail = STR("it is on or about to be, or its last test is not over yet");
	if (e != ERR_OK)
		return e;
	if (!watch_alert_look(h->watch, a->tenant, a->object, &f))
		return ERR_NOT_FOUND;
	a->alert_figure = (struct ask_alert_figure){.at_ms = f.at_utc_ms,
						    .known = f.known,
						    .beyond = f.beyond,
						    .quiet = f.quiet,
						    .on = f.on,
						    .test = f.test,
						    .value = f.value};
	return ERR_OK;
}

/* The hash of its token is kept like what is kept for users; no user can have such a name. */
enum err asks_wall(struct house *h, struct ask *a, struct tenant_id tenant)
{
	char name[80];
	struct buf b = buf_make(name, sizeof name);
	if (!objects_find(h->core.objects, KIND_wallboard, a->tenant, a->object))
		return ERR_NOT_FOUND;
	buf_fmt(&b, "wallboard:" STR_FMT, STR_ARG(a->object));
	EMIT(&h->core, user_kept, .tenant = tenant, .user = buf_str(&b), .what = STR("wall_link"),
	     .by = a->actor, .value = a->text);
	EMIT(&h->core, wall_linked, .tenant = tenant, .wallboard = a->object,
	     .expires_at = a->expires_at_ms, .by = a->actor);
	return ERR_OK;
}
