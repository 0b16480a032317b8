/* play.c - node play: a declared prompt, then on. */
#include "flow/visit.h"

static struct step play_on(struct visit *v)
{
	return step_go(visit_node(v)->next);
}

static struct step play_enter(struct visit *v)
{
	visit_move(v, VISIT_PLAYING);
	/* a caller must not be lost for a sound that is missing */
	return visit_play_prompt(v, visit_node(v)->prompt, false) ? step_wait() : play_on(v);
}

static struct step play_digit(struct visit *v, uint32_t digit)
{
	visit_keep_digit(v, digit);
	return step_wait();
}

const struct node_ops play_node = {
	.enter = play_enter,
	.resume = play_enter,
	.play_done = play_on,
	.digit = play_digit,
};
