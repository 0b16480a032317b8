/*
 * menu.c - node menu: a prompt, one key, so many tries.
 *
 * The first key stops the prompt and decides. A key that is no choice, or none in time, costs a
 * try; after the last try the contact goes to `else`. Keys pressed before the menu are answers
 * given in advance, until one of them is wrong: what follows a slip was meant for another menu.
 */
#include "flow/journey.h"

static struct step menu_wait_key(struct journey *j)
{
	journey_move(j, JOURNEY_KEY);
	journey_timer(j, journey_core(j)->now_ms + journey_node(j)->timeout_ms);
	return step_wait();
}

static struct step menu_ask(struct journey *j)
{
	journey_move(j, JOURNEY_PROMPT);
	return journey_play_prompt(j, journey_node(j)->prompt, true) ? step_wait()
								     : menu_wait_key(j);
}

static struct step menu_missed(struct journey *j, bool wrong_key)
{
	const struct flow_node *n = journey_node(j);
	j->ahead_count = 0;
	j->tries++;
	if (j->tries >= n->tries)
		return step_go(n->otherwise, STR("else"));
	if (wrong_key && n->invalid.n) {
		journey_move(j, JOURNEY_INVALID);
		if (journey_play_prompt(j, n->invalid, true))
			return step_wait();
	}
	return menu_ask(j);
}

static struct step menu_choose(struct journey *j, uint32_t digit)
{
	const struct flow_node *n = journey_node(j);
	bool choice = digit < COUNT_OF(n->keys) && (n->key_mask & BIT(digit));
	return choice ? step_go(n->keys[digit], str_make(&"0123456789*#"[digit], 1))
		      : menu_missed(j, true);
}

static struct step menu_enter(struct journey *j)
{
	j->tries = 0;
	if (!j->ahead_count)
		return menu_ask(j);
	uint32_t digit = j->ahead[0];
	j->ahead_count--;
	memmove(j->ahead, j->ahead + 1, j->ahead_count);
	return menu_choose(j, digit);
}

static struct step menu_digit(struct journey *j, uint32_t digit)
{
	if (j->state != JOURNEY_KEY)
		journey_play_stop(j);
	return menu_choose(j, digit);
}

static struct step menu_play_done(struct journey *j)
{
	return j->state == JOURNEY_INVALID ? menu_ask(j) : menu_wait_key(j);
}

static struct step menu_timeout(struct journey *j)
{
	return menu_missed(j, false);
}

const struct node_ops menu_node = {
	.enter = menu_enter,
	.resume = menu_ask,
	.play_done = menu_play_done,
	.digit = menu_digit,
	.timeout = menu_timeout,
};
