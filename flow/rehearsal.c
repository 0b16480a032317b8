/* rehearsal.c - see rehearsal.h: the stand-ins, and one cause after the other. What is written of
 * it is in rehearsal_told.c. */
#include "flow/rehearsal_parts.h"

#include <stdlib.h>

/* Somebody who was asked thinks, and is quick once he keys in a number. */
#define THINKS_MS 800
#define KEYS_APART_MS 250
#define RINGS_MS 6000 /* until a number or an agent answers or is busy */

static struct str object_name(const struct rehearsal *r, struct id id)
{
	const struct object *o = objects_get(r->core.objects, id);
	return o ? o->name : STR_NONE;
}

static const struct rehearsal_queue *queue_state(const struct rehearsal *r, struct str name)
{
	static const struct rehearsal_queue usual = {.ewt_ms = -1};
	const struct rehearsal_queue *any = &usual;
	for (uint32_t i = 0; i < r->wish->queue_count; i++) {
		const struct rehearsal_queue *q = &r->wish->queues[i];
		if (str_eq(q->name, name))
			return q;
		if (!q->name.n)
			any = q;
	}
	return any;
}

static void due(struct rehearsal *r, enum rehearsal_due what, int64_t in_ms)
{
	r->due = what;
	r->due_ms = r->core.now_ms + in_ms;
}

/* -- voice -- */

/* As channel/voice/speech.c chooses: the wanted language, else English, else the first there is. */
static const struct lang_text *spoken(const struct prompt_config *p, struct str lang)
{
	const struct lang_text *t = lang_text_find(p->texts, p->text_count, lang);
	if (!t)
		t = lang_text_find(p->texts, p->text_count, STR("en"));
	return t ? t : p->text_count ? &p->texts[0] : NULL;
}

static enum err voice_play(struct rehearsal *r, const struct command_media_play *p)
{
	const struct play_item *i = &p->items[0];
	const struct object *o = objects_get(r->core.objects, ID(i->prompt));
	struct rehearsal_heard h = {.text = i->text, .lang = i->lang};
	if (o && o->kind == KIND_prompt) {
		const struct prompt_config *c = &o->config->prompt;
		const struct lang_text *t = spoken(c, i->lang);
		h.prompt = o->name;
		h.text = t ? t->text : STR_NONE;
		h.lang = t ? t->lang : i->lang;
		if (!t && !c->sound_count)
			return ERR_NOT_FOUND;
	}
	h.token = p->token;
	h.begin_ms = r->core.now_ms;
	h.end_ms = h.begin_ms + rehearsal_spoken_ms(h.text);
	h.on = true;
	r->heard = h;
	return ERR_OK;
}

static enum err voice_command(struct room *room, const struct command *cmd)
{
	struct rehearsal *r = CONTAINER_OF(room, struct rehearsal, voice);
	switch ((int)cmd->kind) {
	case CMD_media_play:
		return voice_play(r, &cmd->media_play);
	case CMD_media_stop:
		if (!r->heard.on || cmd->media_stop.token != r->heard.token)
			return ERR_NOT_FOUND;
		rehearsal_tell_heard(r);
		return ERR_OK;
	case CMD_dial_out:
		rehearsal_tell_transfer(r, "number", cmd->dial_out.number);
		due(r, DUE_DIALLED, MIN(RINGS_MS, cmd->dial_out.ring_ms));
		return ERR_OK;
	case CMD_hang_up:
		r->by = cmd->hang_up.by;
		str_copy(cmd->hang_up.cause, r->cause, sizeof r->cause);
		rehearsal_over(r, OVER_HANGUP);
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

/* -- acd -- */

static enum err acd_join(struct rehearsal *r, const struct command_queue_join *j)
{
	const struct object *o = objects_get(r->core.objects, ID(j->queue));
	if (!o)
		return ERR_NOT_FOUND;
	const struct rehearsal_queue *q = queue_state(r, o->name);
	const int64_t longest_ms = o->config->queue.max_wait_ms;
	r->exit = EXIT_none;
	r->queue_id = j->queue;
	rehearsal_tell_queue(r, j, o, q);
	switch (q->end) {
	case REHEARSAL_ANSWERED:
		due(r, DUE_ANSWER, q->wait_ms);
		return ERR_OK;
	case REHEARSAL_FULL: /* also where the flow does not name it: the call ends */
		r->exit = EXIT_full;
		due(r, DUE_EXIT, 0);
		return ERR_OK;
	case REHEARSAL_NO_AGENTS:
	case REHEARSAL_CLOSED:
		r->exit = q->end == REHEARSAL_CLOSED ? EXIT_closed : EXIT_no_agents;
		if (j->exits & BIT(r->exit)) {
			due(r, DUE_EXIT, 0);
			return ERR_OK;
		}
		break;
	case REHEARSAL_WAITS:
		break;
	}
	r->exit = EXIT_timeout;
	if (longest_ms > 0 && (j->exits & BIT(EXIT_timeout)))
		due(r, DUE_EXIT, longest_ms);
	else
		rehearsal_over(r, OVER_WAITS);
	return ERR_OK;
}

static enum err acd_command(struct room *room, const struct command *cmd)
{
	struct rehearsal *r = CONTAINER_OF(room, struct rehearsal, acd);
	const struct rehearsal_queue *q;
	switch ((int)cmd->kind) {
	case CMD_queue_look:
		q = queue_state(r, object_name(r, ID(cmd->queue_look.queue)));
		*cmd->queue_look.out =
			(struct queue_glance){.waiting = q->waiting, .ewt_ms = q->ewt_ms};
		return ERR_OK;
	case CMD_queue_join:
		return acd_join(r, &cmd->queue_join);
	case CMD_callback_take:
		rehearsal_tell_callback(r, object_name(r, ID(cmd->callback_take.queue)),
					cmd->callback_take.number);
		return ERR_OK;
	case CMD_agent_ring:
		rehearsal_tell_transfer(r, "agent", object_name(r, ID(cmd->agent_ring.agent)));
		due(r, DUE_RUNG, MIN(RINGS_MS, cmd->agent_ring.ring_ms));
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

/* -- what happens to him next -- */

static void talk(struct rehearsal *r, enum rehearsal_over how)
{
	const struct journey *j = rehearsal_journey(r);
	const struct flow_node *n = j ? journey_node(j) : NULL;
	rehearsal_tell_answer(r);
	r->talk = how;
	if (n && n->has_next)
		due(r, DUE_TALK_END, r->wish->talk_ms);
	else
		rehearsal_over(r, how);
}

static void happen_answer(struct rehearsal *r)
{
	EMIT(&r->core, dequeue, .contact = r->contact, .queue = r->queue_id,
	     .reason = RESULT_answered);
	core_deliver(&r->core);
	talk(r, OVER_QUEUE);
}

static void happen_exit(struct rehearsal *r)
{
	EMIT(&r->core, dequeue, .contact = r->contact, .queue = r->queue_id,
	     .reason = r->exit == EXIT_full ? RESULT_rejected : RESULT_flow_out, .exit = r->exit);
}

static void happen_dialled(struct rehearsal *r)
{
	if (r->wish->transfer != DIAL_none) {
		EMIT(&r->core, dial_end, .contact = r->contact, .result = r->wish->transfer,
		     .by = PARTY_callee);
		return;
	}
	EMIT(&r->core, dial_answer, .contact = r->contact);
	core_deliver(&r->core);
	r->dialled = true;
	talk(r, OVER_TRANSFER);
}

static void happen_rung(struct rehearsal *r)
{
	static const enum offer_result results[] = {
		[DIAL_none] = OFFER_accepted,
		[DIAL_busy] = OFFER_busy,
		[DIAL_no_answer] = OFFER_no_answer,
		[DIAL_failed] = OFFER_unreachable,
	};
	if (r->wish->transfer != DIAL_none) {
		EMIT(&r->core, agent_ring_end, .contact = r->contact,
		     .result = results[r->wish->transfer]);
		return;
	}
	EMIT(&r->core, answer, .contact = r->contact);
	core_deliver(&r->core);
	talk(r, OVER_TRANSFER);
}

static void happen_talk_end(struct rehearsal *r)
{
	bool dialled = r->dialled;
	r->dialled = false;
	if (dialled)
		EMIT(&r->core, dial_end, .contact = r->contact, .by = PARTY_callee);
	else
		EMIT(&r->core, agent_end, .contact = r->contact, .by = PARTY_agent,
		     .result = RESULT_completed);
}

static void happen_due(struct rehearsal *r)
{
	enum rehearsal_due what = r->due;
	r->due = DUE_NONE;
	switch (what) {
	case DUE_NONE:
		break;
	case DUE_ANSWER:
		happen_answer(r);
		break;
	case DUE_EXIT:
		happen_exit(r);
		break;
	case DUE_DIALLED:
		happen_dialled(r);
		break;
	case DUE_RUNG:
		happen_rung(r);
		break;
	case DUE_TALK_END:
		happen_talk_end(r);
		break;
	}
}

static void happen_key(struct rehearsal *r)
{
	uint32_t key = r->wish->keys[r->key_at++].key;
	r->key_ms = r->core.now_ms;
	if (key == REHEARSAL_SILENCE)
		return; /* at a moment: nothing to do */
	rehearsal_tell_key(r, key);
	EMIT(&r->core, digit, .contact = r->contact, .digit = key);
}

static void happen_heard(struct rehearsal *r)
{
	uint32_t token = r->heard.token;
	rehearsal_tell_heard(r);
	EMIT(&r->core, play_done, .contact = r->contact, .token = token, .ok = true);
}

/* -- one cause after the other -- */

/* When the next scripted key is pressed; INT64_MAX: not as long as nothing else happens. */
static int64_t key_due(const struct rehearsal *r, const struct journey *j)
{
	const struct rehearsal_wish *w = r->wish;
	if (r->key_at == w->key_count)
		return INT64_MAX;
	const struct rehearsal_key *k = &w->keys[r->key_at];
	if (k->at_ms >= 0)
		return MAX(r->begin_ms + k->at_ms, r->core.now_ms);
	if (!j || j->state != JOURNEY_KEY)
		return INT64_MAX;
	if (k->key == REHEARSAL_SILENCE)
		return INT64_MAX; /* the time-out takes its place: silence_passes */
	return j->input_count ? r->key_ms + KEYS_APART_MS : j->since_ms + THINKS_MS;
}

enum cause { CAUSE_NONE, CAUSE_HEARD, CAUSE_TIMER, CAUSE_KEY, CAUSE_DUE, CAUSE_HANG_UP };

static enum cause next_cause(const struct rehearsal *r, int64_t *at_ms)
{
	const struct journey *j = rehearsal_journey(r);
	const int64_t times[] = {
		[CAUSE_NONE] = INT64_MAX,
		[CAUSE_HEARD] = r->heard.on ? r->heard.end_ms : INT64_MAX,
		[CAUSE_TIMER] = core_next_timer(&r->core),
		[CAUSE_KEY] = key_due(r, j),
		[CAUSE_DUE] = r->due != DUE_NONE ? r->due_ms : INT64_MAX,
		[CAUSE_HANG_UP] =
			r->wish->hang_up_ms >= 0 ? r->begin_ms + r->wish->hang_up_ms : INT64_MAX,
	};
	enum cause first = CAUSE_NONE;
	for (unsigned i = 0; i < COUNT_OF(times); i++)
		if (times[i] < times[first])
			first = (enum cause)i;
	*at_ms = MAX(times[first], r->core.now_ms);
	return first;
}

/* He is asked for a key and has no more of them. */
static bool asks(const struct rehearsal *r)
{
	const struct journey *j = rehearsal_journey(r);
	return j && j->state == JOURNEY_KEY && r->key_at == r->wish->key_count && !r->wish->silent;
}

/* The time to press a key is up, as the script wants it. */
static void silence_passes(struct rehearsal *r)
{
	const struct journey *j = rehearsal_journey(r);
	if (j && j->state == JOURNEY_KEY && r->key_at < r->wish->key_count &&
	    r->wish->keys[r->key_at].key == REHEARSAL_SILENCE)
		r->key_at++;
}

static void turn(struct rehearsal *r, enum cause cause, int64_t at_ms)
{
	if (cause == CAUSE_TIMER) {
		rehearsal_tell_timeout(r, at_ms);
		silence_passes(r);
	}
	core_turn_begin(&r->core, at_ms, r->wish->utc_ms + (at_ms - r->begin_ms));
	switch (cause) {
	case CAUSE_HEARD:
		happen_heard(r);
		break;
	case CAUSE_KEY:
		happen_key(r);
		break;
	case CAUSE_DUE:
		happen_due(r);
		break;
	case CAUSE_HANG_UP:
		r->by = PARTY_customer;
		rehearsal_over(r, OVER_CALLER);
		break;
	case CAUSE_TIMER: /* the hall runs it */
	case CAUSE_NONE:
		break;
	}
	core_turn_end(&r->core);
}

static void walk(struct rehearsal *r)
{
	while (r->over == OVER_NOT) {
		int64_t at_ms;
		enum cause cause = next_cause(r, &at_ms);
		bool timed = cause == CAUSE_TIMER || cause == CAUSE_NONE;
		if (timed && asks(r))
			rehearsal_over(r, OVER_ASKS);
		else if (cause == CAUSE_NONE)
			rehearsal_over(r, OVER_WAITS);
		else if (at_ms - r->begin_ms > REHEARSAL_MS_MAX)
			rehearsal_over(r, OVER_BOUND);
		else
			turn(r, cause, at_ms);
	}
}

/* -- its life -- */

static void rehearsal_event(struct room *room, const struct event *ev)
{
	struct rehearsal *r = CONTAINER_OF(room, struct rehearsal, voice);
	if (ev->kind == EV_alarm)
		rehearsal_problem(r, ev->alarm.detail);
}

struct rehearsal *rehearsal_create(uint32_t objects)
{
	struct rehearsal *r = xcalloc(1, sizeof *r);
	core_init(&r->core,
		  &(struct core_limits){.contacts = 1, .objects = objects, .events = 1024}, 1, 0);
	r->voice =
		(struct room){.name = "voice", .command = voice_command, .event = rehearsal_event};
	r->acd = (struct room){.name = "acd", .command = acd_command};
	r->flow = flow_create_limited(&r->core, 1);
	CONTAINER_OF(r->flow, struct flow_room, room)->rehearsal = r;
	core_add_room(&r->core, &r->voice);
	core_add_room(&r->core, &r->acd);
	r->problems = buf_grow(256);
	return r;
}

void rehearsal_destroy(struct rehearsal *r)
{
	if (!r)
		return;
	flow_destroy(r->flow);
	core_finish(&r->core);
	buf_free(&r->problems);
	free(r);
}

enum err rehearsal_declare(struct rehearsal *r, struct config *config, uint32_t version)
{
	struct id id;
	enum err e = objects_put(r->core.objects, config, version, &id);
	if (e != ERR_OK)
		config_free(config);
	return e;
}

bool rehearsal_knows(const struct rehearsal *r, enum object_kind kind, struct str tenant,
		     struct str id)
{
	return objects_find(r->core.objects, kind, tenant, id) != NULL;
}

/* Monotonic time is invented too: it only has to be later than the age of anything. */
#define BEGIN_MS 1000000

enum err rehearsal_run(struct rehearsal *r, const struct rehearsal_wish *wish, struct buf *out)
{
	const struct object *tenant = objects_find(r->core.objects, KIND_tenant, wish->tenant,
						   wish->tenant),
			    *flow = objects_find(r->core.objects, KIND_flow, wish->tenant,
						 wish->flow);
	if (!tenant || !flow)
		return ERR_NOT_FOUND;
	const struct contact_options o = {
		.tenant = ID_AS(tenant_id, tenant->id),
		.flow = ID_AS(flow_id, flow->id),
		.from = wish->from,
		.to = wish->to,
		.diverted = wish->diverted,
		.verstat = wish->verstat,
		.attest = wish->attest,
	};
	r->wish = wish;
	r->begin_ms = BEGIN_MS;
	rehearsal_tell_begin(r, out);
	core_turn_begin(&r->core, r->begin_ms, wish->utc_ms);
	enum err e = contact_create(&r->core, &o, &r->contact);
	if (e == ERR_OK && wish->lang.n && contact_lang_set(&r->core, r->contact, wish->lang))
		rehearsal_problem(r, STR("the caller's language cannot be spoken"));
	if (e == ERR_OK)
		e = SEND(&r->core, flow_start, .contact = r->contact, .flow = o.flow);
	core_turn_end(&r->core);
	if (e == ERR_OK)
		walk(r);
	rehearsal_tell_end(r);
	return e;
}
