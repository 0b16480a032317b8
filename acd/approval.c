/*
 * approval.c - reasons that only a supervisor may set, and agents who ask for them (behaviours.md
 * What he asks for stands until it is decided, he changes his presence, or signs out.
 */
#include "acd/inside.h"

bool approval_needed(const struct agent *a, struct str reason)
{
	const struct object *o =
		objects_find(a->acd->core->objects, KIND_reason, str_of(a->tenant->name), reason);
	return o && o->config->reason.approval;
}

void approval_over(struct agent *a, const char *how, struct str by)
{
	if (!a->asks[0])
		return;
	EMIT(a->acd->core, approval_end, .agent = a->id, .reason = str_of(a->asks),
	     .how = str_of(how), .by = str_head(by, BY_MAX_BYTES - 1));
	a->asks[0] = '\0';
	agent_touch(a);
}

void approval_ask(struct agent *a, struct str reason)
{
	if (str_is(reason, a->asks))
		return; /* they know */
	approval_over(a, "withdrawn", str_of(a->name));
	str_copy(reason, a->asks, sizeof a->asks);
	EMIT(a->acd->core, approval_asked, .agent = a->id, .reason = str_of(a->asks));
	agent_touch(a);
}

void approval_settle(struct agent *a, enum presence to, struct str reason, struct str by)
{
	const bool granted = to == PRESENCE_not_ready && str_is(reason, a->asks);
	approval_over(a, granted ? "granted" : "withdrawn", by);
}

enum err approval_decide(struct acd *acd, const struct command_approval_decide *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	char reason[NAME_MAX_BYTES];
	if (!a || !a->is_agent)
		return ERR_NOT_FOUND;
	if (!a->asks[0])
		return ERR_CONFLICT;
	if (!cmd->grant) {
		approval_over(a, "refused", cmd->by);
		return ERR_OK;
	}
	memcpy(reason, a->asks, sizeof reason); /* granting forgets it */
	return agent_presence_set(acd,
				  &(struct command_presence_set){.agent = cmd->agent,
								 .presence = PRESENCE_not_ready,
								 .reason = str_of(reason),
								 .by = cmd->by,
								 .supervised = true});
}
