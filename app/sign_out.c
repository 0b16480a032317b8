/* sign_out.c - see sign_out.h. */
#include "app/sign_out.h"

static void drop(struct core *c, const struct room *acd, const struct acd_agent *now,
		 struct contact_id contact, struct str by)
{
	struct acd_contact k = {0};
	enum err e = acd_contact_get(acd, contact, &k);
	const bool caller = e == ERR_OK && ID_EQ(k.caller, now->id);
	switch (now->work) {
	case WORK_offered:
		e = SEND(c, offer_fail, .contact = contact, .agent = now->id,
			 .result = OFFER_agent_lost);
		break;
	case WORK_wrapping:
		e = SEND(c, wrap_stop, .contact = contact, .agent = now->id, .by = by);
		break;
	case WORK_dialling:
	case WORK_talking:
	case WORK_holding:
	case WORK_consulting:
	case WORK_conferencing: /* who is called by him is nobody's customer */
		e = caller || now->work == WORK_dialling
			    ? SEND(c, hang_up, .contact = contact, .by = PARTY_agent,
				   .cause = STR("agent signed out"))
			    : SEND(c, call_left, .contact = contact, .agent = now->id, .lost = true,
				   .sent = true);
		break;
	case WORK_idle:
	case WORK_no_answer:
	case WORK_preview:
		break;
	}
	(void)e; /* it may have ended a moment ago */
}

void sign_out_now(struct core *c, const struct room *acd, struct agent_id agent, struct str by)
{
	struct acd_agent now;
	if (acd_agent_get(acd, agent, &now) != ERR_OK)
		return;
	for (uint32_t i = 0; i < now.contact_count; i++)
		drop(c, acd, &now, now.contacts[i], by);
}
