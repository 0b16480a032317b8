/* say.c - node say: a text spoken in the contact's language, then on. */
#include "flow/journey.h"

/* The contact's language, else the text for any, else the first one. NULL: there is none. */
static const struct lang_text *say_text(const struct flow_node *n, struct str lang)
{
	const struct lang_text *t = lang_text_find(n->texts, n->text_count, lang);
	for (uint32_t i = 0; i < n->text_count && !t; i++)
		if (!n->texts[i].lang.n)
			t = &n->texts[i];
	return t ? t : n->text_count ? &n->texts[0] : NULL;
}

static struct step say_on(struct journey *j)
{
	return step_go(journey_node(j)->next, STR("next"));
}

static struct step say_enter(struct journey *j)
{
	const struct lang_text *t = say_text(journey_node(j), journey_lang(j));
	journey_move(j, JOURNEY_PLAYING);
	if (!t)
		return say_on(j);
	struct play_item item = {.text = t->text, .lang = t->lang.n ? t->lang : journey_lang(j)};
	return journey_play(j, &item, false) ? step_wait() : say_on(j);
}

static struct step say_digit(struct journey *j, uint32_t digit)
{
	journey_keep_digit(j, digit);
	return step_wait();
}

const struct node_ops say_node = {
	.enter = say_enter,
	.resume = say_enter,
	.play_done = say_on,
	.digit = say_digit,
};
