/* wrap.c - after the talk: outcome, note, and the time for them (behaviours.md A-4). */
#include "acd/inside.h"

static bool outcome_open(const struct agent *a)
{
	const struct queue *q = queue_row(a->acd, a->job.queue);
	return q && queue_conf(q)->outcome_required && !a->job.outcome[0];
}

/* His time is over and he named none. */
static void outcome_default(struct agent *a)
{
	const struct queue *q = queue_row(a->acd, a->job.queue);
	if (!q || a->job.outcome[0] || !queue_conf(q)->wrap_outcome.n)
		return;
	str_copy(queue_conf(q)->wrap_outcome, a->job.outcome, sizeof a->job.outcome);
	str_copy(STR("timer"), a->job.by, sizeof a->job.by);
	a->job.has_outcome = true;
}

/* What he handled teaches the queue how long its callers will wait: not what he called himself. */
static void handled(const struct agent *a, int64_t ms)
{
	struct queue *q = queue_row(a->acd, a->job.queue);
	const struct contact *k = contact_get(a->acd->core, a->job.contact);
	if (q && k && k->direction != DIRECTION_outbound)
		promise_handled(q, ms);
}

static void wrap_over(struct agent *a, struct str by)
{
	struct core *c = a->acd->core;
	int64_t wrap_ms = c->now_ms - a->job.wrap_ms;
	EMIT(c, wrap_end, .contact = a->job.contact, .queue = a->job.queue, .agent = a->id,
	     .outcome = str_of(a->job.outcome), .note = str_make(a->job.note, a->job.note_bytes),
	     .by = by, .wrap_ms = wrap_ms);
	handled(a, wrap_ms + a->job.handle_ms);
}

void agent_wrap_tell(struct agent *a)
{
	char by[BY_MAX_BYTES];
	a->job.wrap_ms = a->acd->core->now_ms;
	EMIT(a->acd->core, wrap_start, .contact = a->job.contact, .queue = a->job.queue,
	     .agent = a->id);
	memcpy(by, a->job.by, sizeof by);
	wrap_over(a, str_of(by));
}

void agent_wrap_end(struct agent *a, struct str by)
{
	CHECK(a->work == WORK_wrapping);
	if (str_is(by, "timer"))
		outcome_default(a);
	wrap_over(a, by);
	a->idle_ms = a->acd->core->now_ms;
	agent_done(a, WORK_idle);
}

/* Until an outcome is set, however long that takes. */
static bool waits_for_outcome(const struct agent *a)
{
	const struct queue *q = queue_row(a->acd, a->job.queue);
	return a->declared && outcome_open(a) && !queue_conf(q)->wrap_outcome.n;
}

/* A deleted user cannot be asked for anything any more. */
static int64_t wrap_limit_ms(const struct agent *a)
{
	const struct queue *q = queue_row(a->acd, a->job.queue);
	return q && a->declared ? queue_conf(q)->wrap_ms : 0;
}

bool agent_wraps(const struct agent *a)
{
	const struct queue *q = queue_row(a->acd, a->job.queue);
	return waits_for_outcome(a) || wrap_limit_ms(a) > 0 || a->job.has_outcome ||
	       (q && queue_conf(q)->wrap_outcome.n);
}

void agent_talk_over(struct agent *a)
{
	struct core *c = a->acd->core;
	const int64_t wrap_ms = wrap_limit_ms(a);
	const bool waits = waits_for_outcome(a);

	a->job.wrap_ms = c->now_ms;
	if (!waits && wrap_ms <= 0) {
		outcome_default(a);
		if (a->job.has_outcome) /* given while talking: told, though there is no wrap-up */
			agent_wrap_tell(a);
		else
			handled(a, a->job.handle_ms);
		a->idle_ms = c->now_ms;
		agent_done(a, WORK_idle);
		return;
	}
	a->job.wrap_until_ms = waits ? 0 : c->now_ms + wrap_ms;
	EMIT(c, wrap_start, .contact = a->job.contact, .queue = a->job.queue, .agent = a->id,
	     .limit_ms = waits ? 0 : wrap_ms);
	agent_move(a, WORK_wrapping);
	agent_arm(a);
}

enum err agent_wrap_extend(struct acd *acd, const struct command_wrap_extend *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	const struct queue *q = a ? queue_row(acd, a->job.queue) : NULL;
	if (!a)
		return ERR_NOT_FOUND;
	if (!q || a->work != WORK_wrapping || !ID_EQ(a->job.contact, cmd->contact) ||
	    !a->job.wrap_until_ms || queue_conf(q)->wrap_extend_ms <= 0 ||
	    a->job.extensions >= queue_conf(q)->wrap_extensions)
		return ERR_CONFLICT;
	a->job.extensions++;
	a->job.wrap_until_ms += queue_conf(q)->wrap_extend_ms;
	EMIT(acd->core, wrap_extended, .contact = cmd->contact, .queue = q->id, .agent = a->id,
	     .by = str_head(cmd->by, BY_MAX_BYTES - 1), .by_ms = queue_conf(q)->wrap_extend_ms,
	     .left = queue_conf(q)->wrap_extensions - a->job.extensions);
	agent_arm(a);
	agent_touch(a);
	return ERR_OK;
}

enum err agent_wrap_set(struct acd *acd, const struct command_wrap_set *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	if (!a)
		return ERR_NOT_FOUND;
	if (cmd->note.n > ACD_NOTE_MAX)
		return ERR_TOO_LARGE;
	if (cmd->outcome.n && (cmd->outcome.n >= NAME_MAX_BYTES ||
			       !objects_find(acd->core->objects, KIND_outcome,
					     str_of(a->tenant->name), cmd->outcome)))
		return ERR_INVALID;
	bool talks = agent_working(a) && a->work != WORK_offered && a->work != WORK_wrapping;
	if (!ID_EQ(a->job.contact, cmd->contact) || (!talks && a->work != WORK_wrapping))
		return ERR_CONFLICT;
	if (!talks && !cmd->outcome.n && outcome_open(a))
		return ERR_INVALID;
	struct job *j = &a->job;
	if (cmd->outcome.n)
		str_copy(cmd->outcome, j->outcome, sizeof j->outcome);
	if (cmd->note.n) {
		memcpy(j->note, cmd->note.p, cmd->note.n);
		j->note_bytes = (uint32_t)cmd->note.n;
	}
	str_copy(str_head(cmd->by, BY_MAX_BYTES - 1), j->by, sizeof j->by);
	j->has_outcome |= cmd->outcome.n > 0 || cmd->note.n > 0;
	agent_touch(a);
	if (talks)
		return ERR_OK;
	agent_wrap_end(a, str_head(cmd->by, BY_MAX_BYTES - 1));
	match_agent(a);
	return ERR_OK;
}

enum err agent_wrap_stop(struct acd *acd, const struct command_wrap_stop *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	if (!a || a->work != WORK_wrapping || !ID_EQ(a->job.contact, cmd->contact))
		return ERR_CONFLICT;
	agent_wrap_end(a, str_head(cmd->by, BY_MAX_BYTES - 1));
	match_agent(a);
	return ERR_OK;
}
