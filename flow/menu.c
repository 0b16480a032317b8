/*
 * menu.c - node menu: a prompt, one key, so many tries.
 *
 * The first key stops the prompt and decides. A key that is no choice, or none in time, costs a
 * try; after the last try the contact goes to `else`. Keys pressed before the menu are answers
 * given in advance, until one of them is wrong: what follows a slip was meant for another menu.
 */
#include "flow/visit.h"

static struct step menu_wait_key(struct visit *v)
{
	visit_move(v, VISIT_KEY);
	visit_timer(v, visit_core(v)->now_ms + visit_node(v)->timeout_ms);
	return step_wait();
}

static struct step menu_ask(struct visit *v)
{
	visit_move(v, VISIT_PROMPT);
	return visit_play_prompt(v, visit_node(v)->prompt, true) ? step_wait() : menu_wait_key(v);
}

static struct step menu_missed(struct visit *v, bool wrong_key)
{
	const struct flow_node *n = visit_node(v);
	v->ahead_count = 0;
	v->tries++;
	if (v->tries >= n->tries)
		return step_go(n->otherwise);
	if (wrong_key && n->invalid.n) {
		visit_move(v, VISIT_INVALID);
		if (visit_play_prompt(v, n->invalid, true))
			return step_wait();
	}
	return menu_ask(v);
}

static struct step menu_choose(struct visit *v, uint32_t digit)
{
	const struct flow_node *n = visit_node(v);
	bool choice = digit < COUNT_OF(n->keys) && (n->key_mask & BIT(digit));
	return choice ? step_go(n->keys[digit]) : menu_missed(v, true);
}

static struct step menu_enter(struct visit *v)
{
	v->tries = 0;
	if (!v->ahead_count)
		return menu_ask(v);
	uint32_t digit = v->ahead[0];
	v->ahead_count--;
	memmove(v->ahead, v->ahead + 1, v->ahead_count);
	return menu_choose(v, digit);
}

static struct step menu_digit(struct visit *v, uint32_t digit)
{
	if (v->state != VISIT_KEY)
		visit_play_stop(v);
	return menu_choose(v, digit);
}

static struct step menu_play_done(struct visit *v)
{
	return v->state == VISIT_INVALID ? menu_ask(v) : menu_wait_key(v);
}

static struct step menu_timeout(struct visit *v)
{
	return menu_missed(v, false);
}

const struct node_ops menu_node = {
	.enter = menu_enter,
	.resume = menu_ask,
	.play_done = menu_play_done,
	.digit = menu_digit,
	.timeout = menu_timeout,
};
