/* figures.c - see figures.h. */
#include "acd/figures.h"

enum err figures_tell(const struct room *acd, const struct command_queue_look *cmd)
{
	struct acd_queue_live live;
	enum err e = acd_queue_live(acd, cmd->queue, &live);
	if (e == ERR_OK)
		*cmd->out = (struct queue_glance){.waiting = live.waiting, .ewt_ms = live.ewt_ms};
	return e;
}
