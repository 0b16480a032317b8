/*
 * collect.c - node collect: a prompt, then digits into a variable.
 *
 * The first key stops the prompt. The input is complete with `max` keys, at the terminator, or when
 * no key came for `timeout_s`; with at least `min` keys it goes to `next`, else the variable is
 * taken away and it goes to `else`. Keys pressed before the node belong to the input.
 *
 * Masked input stands nowhere: not in an image (a restart asks again), not in a fact, not in a log.
 */
#include "flow/journey.h"

/* Who is told to end with # presses it after the last digit too: it is no answer to what follows.
 */
#define SPENT_MS 2000

static void collect_forget(struct journey *j)
{
	explicit_bzero(j->input, sizeof j->input);
	j->input_count = 0;
}

bool collect_node_spent(struct journey *j, uint32_t digit)
{
	bool spent = j->spent && digit == j->spent_key && journey_core(j)->now_ms < j->spent_ms;
	j->spent = false;
	return spent;
}

static struct step collect_done(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	bool enough = j->input_count >= n->min;
	struct expr_value v = {.kind = VALUE_NONE};
	if (enough)
		v = (struct expr_value){.kind = VALUE_TEXT,
					.text = str_make(j->input, j->input_count)};
	else
		j->ahead_count = 0; /* as after a slip in a menu */
	journey_set(j, n->var, &v, n->masked);
	collect_forget(j);
	return enough ? step_go(n->next, STR("next")) : step_go(n->otherwise, STR("else"));
}

/* True: the input is complete. */
static bool collect_take(struct journey *j, uint32_t digit)
{
	static const char keys[] = "0123456789*#";
	const struct flow_node *n = journey_node(j);
	if (digit == n->terminator)
		return true;
	if (digit >= sizeof keys - 1)
		return false; /* A to D are on no phone */
	j->input[j->input_count++] = keys[digit];
	if (j->input_count < n->max)
		return false;
	j->spent = true;
	j->spent_key = n->terminator;
	j->spent_ms = journey_core(j)->now_ms + SPENT_MS;
	return true;
}

static struct step collect_wait(struct journey *j)
{
	if (j->state != JOURNEY_KEY)
		journey_move(j, JOURNEY_KEY);
	else if (!journey_node(j)->masked)
		core_touch(journey_core(j), IMAGE_FLOW, ID(j->contact));
	journey_timer(j, journey_core(j)->now_ms + journey_node(j)->timeout_ms);
	return step_wait();
}

static struct step collect_ask(struct journey *j)
{
	collect_forget(j);
	journey_move(j, JOURNEY_PROMPT);
	return journey_play_prompt(j, journey_node(j)->prompt, true) ? step_wait()
								     : collect_wait(j);
}

static struct step collect_enter(struct journey *j)
{
	uint32_t used = 0;
	bool complete = false;
	collect_forget(j);
	while (used < j->ahead_count && !complete)
		complete = collect_take(j, j->ahead[used++]);
	if (complete && used < j->ahead_count && collect_node_spent(j, j->ahead[used]))
		used++;
	j->ahead_count -= used;
	memmove(j->ahead, j->ahead + used, j->ahead_count);
	explicit_bzero(j->ahead + j->ahead_count, used);
	if (complete)
		return collect_done(j);
	if (!j->input_count)
		return collect_ask(j);
	journey_move(j, JOURNEY_PROMPT); /* which the first key has stopped already */
	return collect_wait(j);
}

static struct step collect_digit(struct journey *j, uint32_t digit)
{
	if (j->state != JOURNEY_KEY)
		journey_play_stop(j);
	return collect_take(j, digit) ? collect_done(j) : collect_wait(j);
}

const struct node_ops collect_node = {
	.enter = collect_enter,
	.resume = collect_ask,
	.play_done = collect_wait,
	.digit = collect_digit,
	.timeout = collect_done,
};
