/* language.c - node language: what the contact is spoken to in from now on. */
#include "flow/journey.h"

static struct step language_enter(struct journey *j)
{
	const struct flow_node *n = journey_node(j);
	if (contact_lang_set(journey_core(j), j->contact, n->lang) != ERR_OK)
		journey_alarm(j, "its language cannot be spoken");
	return step_go(n->next, STR("next"));
}

const struct node_ops language_node = {
	.enter = language_enter,
};
