/* say.c - node say: a text spoken in the contact's language, then on. */
#include "flow/visit.h"

/* The contact's language, else the text for any, else the first one. NULL: there is none. */
static const struct lang_text *say_text(const struct flow_node *n, struct str lang)
{
	const struct lang_text *any = NULL;
	for (uint32_t i = 0; i < n->text_count; i++) {
		if (str_ieq(n->texts[i].lang, lang))
			return &n->texts[i];
		if (!n->texts[i].lang.n && !any)
			any = &n->texts[i];
	}
	return any ? any : n->text_count ? &n->texts[0] : NULL;
}

static struct step say_on(struct visit *v)
{
	return step_go(visit_node(v)->next);
}

static struct step say_enter(struct visit *v)
{
	const struct lang_text *t = say_text(visit_node(v), visit_lang(v));
	visit_move(v, VISIT_PLAYING);
	if (!t)
		return say_on(v);
	struct play_item item = {.text = t->text, .lang = t->lang.n ? t->lang : visit_lang(v)};
	return visit_play(v, &item, false) ? step_wait() : say_on(v);
}

static struct step say_digit(struct visit *v, uint32_t digit)
{
	visit_keep_digit(v, digit);
	return step_wait();
}

const struct node_ops say_node = {
	.enter = say_enter,
	.resume = say_enter,
	.play_done = say_on,
	.digit = say_digit,
};
