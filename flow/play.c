/* play.c - node play: a declared prompt, then on. */
#include "flow/journey.h"

static struct step play_on(struct journey *j)
{
	return step_go(journey_node(j)->next, STR("next"));
}

static struct step play_enter(struct journey *j)
{
	journey_move(j, JOURNEY_PLAYING);
	/* a caller must not be lost for a sound that is missing */
	return journey_play_prompt(j, journey_node(j)->prompt, false) ? step_wait() : play_on(j);
}

static struct step play_digit(struct journey *j, uint32_t digit)
{
	journey_keep_digit(j, digit);
	return step_wait();
}

const struct node_ops play_node = {
	.enter = play_enter,
	.resume = play_enter,
	.play_done = play_on,
	.digit = play_digit,
};
