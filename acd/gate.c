/*
 * gate.c - a queue that somebody closed for now: nobody new waits there.
 *
 * Who comes goes to another queue, as if a supervisor moved him at once, or is turned away as
 * `closed`: where his flow sends him then. Who waits goes on waiting, and who was served here
 * before may come back. It opens at its time or when somebody opens it, also after a restart.
 */
#include "acd/inside.h"

#include "core/bytes.h"

bool gate_closed(const struct queue *q)
{
	return q->gate.since_ms != 0;
}

static void gate_fire(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	gate_open(t->arg, STR("system"));
}

static void gate_arm(struct queue *q)
{
	struct core *c = q->acd->core;
	if (gate_closed(q) && q->gate.until_ms)
		timer_start(&c->timers, &q->gate.timer,
			    c->now_ms + MAX(q->gate.until_ms - c->utc_ms, 0), gate_fire, q);
	else
		timer_stop(&c->timers, &q->gate.timer);
}

void gate_open(struct queue *q, struct str by)
{
	struct core *c = q->acd->core;
	if (!gate_closed(q))
		return;
	gate_stop(q);
	EMIT(c, queue_reopened, .queue = q->id, .by = str_head(by, BY_MAX_BYTES - 1));
	core_touch(c, IMAGE_GATE, ID(q->id));
}

void gate_stop(struct queue *q)
{
	timer_stop(&q->acd->core->timers, &q->gate.timer);
	memset(&q->gate, 0, sizeof q->gate);
}

/* Callers would go round and round. */
static bool leads_back(const struct queue *q, const struct queue *to)
{
	for (uint32_t hops = 0; to && hops < GATE_HOPS_MAX; hops++) {
		if (to == q)
			return true;
		to = gate_closed(to) && to->gate.to[0]
			     ? map_get(&q->tenant->queues, str_of(to->gate.to))
			     : NULL;
	}
	return to != NULL;
}

enum err gate_set(struct acd *acd, const struct command_queue_gate_set *cmd)
{
	struct core *c = acd->core;
	struct queue *q = queue_row(acd, cmd->queue);
	struct queue *to = q && cmd->to.n ? map_get(&q->tenant->queues, cmd->to) : NULL;
	if (!q)
		return ERR_NOT_FOUND;
	if (!cmd->closed) {
		gate_open(q, cmd->by);
		return ERR_OK;
	}
	if ((cmd->to.n && (!to || leads_back(q, to))) ||
	    (cmd->until_at && cmd->until_at <= c->utc_ms))
		return ERR_INVALID;
	gate_stop(q);
	q->gate.since_ms = c->utc_ms;
	q->gate.until_ms = cmd->until_at;
	str_copy(cmd->to, q->gate.to, sizeof q->gate.to);
	str_copy(str_head(cmd->by, BY_MAX_BYTES - 1), q->gate.by, sizeof q->gate.by);
	gate_arm(q);
	EMIT(c, queue_closed, .queue = q->id, .to = str_of(q->gate.to), .until_at = cmd->until_at,
	     .by = str_of(q->gate.by));
	core_touch(c, IMAGE_GATE, ID(q->id));
	return ERR_OK;
}

struct queue *gate_way(const struct queue *q)
{
	struct queue *to = NULL;
	for (uint32_t hops = 0; gate_closed(q) && q->gate.to[0] && hops < GATE_HOPS_MAX; hops++) {
		struct queue *next = map_get(&q->tenant->queues, str_of(q->gate.to));
		if (!next)
			break; /* deleted since */
		q = to = next;
	}
	return to;
}

/* -- images -- */

bool gate_save(const struct acd *acd, struct queue_id id, struct buf *out)
{
	const struct queue *q = queue_row(acd, id);
	if (!q || !gate_closed(q))
		return false;
	put_word(out, str_of(q->tenant->name));
	put_word(out, str_of(q->name));
	put_word(out, str_of(q->gate.to));
	put_word(out, str_of(q->gate.by));
	put_i64(out, q->gate.since_ms);
	put_i64(out, q->gate.until_ms);
	return true;
}

enum err gate_load(struct acd *acd, struct str image)
{
	struct take t = {.rest = image};
	const struct str tenant = take_word(&t), name = take_word(&t), to = take_word(&t),
			 by = take_word(&t);
	const int64_t since_ms = take_i64(&t), until_ms = take_i64(&t);
	struct tenant *owner = t.torn ? NULL : map_get(&acd->tenants, tenant);
	struct queue *q = owner ? map_get(&owner->queues, name) : NULL;
	if (!q || t.rest.n || to.n >= NAME_MAX_BYTES || by.n >= BY_MAX_BYTES || !since_ms)
		return ERR_INVALID; /* the queue was deleted meanwhile */
	str_copy(to, q->gate.to, sizeof q->gate.to);
	str_copy(by, q->gate.by, sizeof q->gate.by);
	q->gate.since_ms = since_ms;
	q->gate.until_ms = until_ms;
	core_touch(acd->core, IMAGE_GATE, ID(q->id)); /* its slot may be another one in this life */
	return ERR_OK;
}

void gates_loaded(struct acd *acd)
{
	for (uint32_t i = 0; i < acd->queues_room; i++)
		if (acd->queues[i])
			gate_arm(acd->queues[i]);
}
