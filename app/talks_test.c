/*
 * talks_test.c - each verb of call control at each moment somebody may hang up, with the real acd
 * and flow; every story once more with the process dying before each of its steps.
 */
#include "app/talks_world_test.h"
#include "tests/test.h"

/* Runs twice: as it is, and restless. */
#define STORY(title)                                                                               \
	static void story_##title(struct calls *w);                                                \
	TEST(title)                                                                                \
	{                                                                                          \
		static struct calls w; /* too large for the stack */                               \
		for (int restless = 0; restless < 2; restless++) {                                 \
			calls_begin(&w, restless);                                                 \
			story_##title(&w);                                                         \
			EXPECT(lawful(&w));                                                        \
			calls_end(&w);                                                             \
		}                                                                                  \
	}                                                                                          \
	static void story_##title(struct calls *w)

/* -- hold -- */

STORY(hold_and_resume)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_on anna");
	EXPECT_SEATS(w, c, "customer: ~music; anna: ~silence");
	EXPECT(work_of_agent(w, "anna") == WORK_holding && state_of(w, c) == CONTACT_held);
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_CONFLICT);
	calls_pass(w, 5000);
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_off anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "anna") == WORK_talking && state_of(w, c) == CONTACT_talking);
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "boris", CALL_hold, "") == ERR_CONFLICT);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; agent_end c1 anna completed");
	EXPECT(w->records[c].segments[2].hold_ms == 5000);
}

STORY(a_held_customer_hangs_up)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK);
	customer_goes(w, c);
	EXPECT_TOLD(w, "hold_on anna; disconnect c1 customer; agent_end c1 anna completed");
	EXPECT(work_of_agent(w, "anna") == WORK_wrapping);
}

/* -- one of ours who called -- */

STORY(who_called_a_colleague_holds)
{
	uint32_t c = calls_colleague(w, "anna", "boris");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_on boris");
	EXPECT_SEATS(w, c, "customer: ~silence; boris: ~music");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "boris", CALL_resume, "") == ERR_CONFLICT); /* it is not his hold */
	EXPECT(does(w, c, "boris", CALL_consult, "number:+48111") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_off boris");
	EXPECT_SEATS(w, c, "");
	EXPECT(does(w, c, "boris", CALL_hold, "") == ERR_OK);
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_CONFLICT); /* nor his hers */
	EXPECT_STR(str_of(w->why), "the other side holds it");
	EXPECT(does(w, c, "boris", CALL_resume, "") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_mute, "") == ERR_OK);
	EXPECT_TOLD(w, "mute_on agent anna");
	EXPECT_SEATS(w, c, "customer: boris; boris R: ~silence");
	EXPECT(does(w, c, "anna", CALL_unmute, "") == ERR_OK);
	EXPECT_TOLD(w, "mute_off agent anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "number:+48111") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_park, "") == ERR_CONFLICT);
	customer_goes(w, c);
	EXPECT(work_of_agent(w, "anna") == WORK_idle && work_of_agent(w, "boris") == WORK_idle);
}

STORY(who_called_a_colleague_invites_a_third)
{
	uint32_t c = calls_colleague(w, "anna", "boris");
	EXPECT(does(w, c, "anna", CALL_conference, "number:+48111") == ERR_OK);
	number_answers(w, c, 1);
	EXPECT_TOLD(w, "conf_on boris");
	EXPECT_SEATS(w, c,
		     "customer L: boris number1; boris R: customer number1; "
		     "number1 L: customer boris");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK); /* of several she steps away */
	EXPECT_SEATS(w, c, "customer: ~silence; boris: number1; number1: boris");
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_OK);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	hush(w);
	EXPECT_SEATS(w, c, "customer L: number1; number1 L: customer");
	number_ends(w, c, 1, DIAL_none);
	EXPECT_TOLD(w, "disconnect c1 system");
	EXPECT(work_of_agent(w, "anna") == WORK_idle);
}

STORY(who_called_a_colleague_asks_somebody_else)
{
	uint32_t c = calls_colleague(w, "anna", "boris");
	calls_ready(w, "clara", true);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_consult, "agent:clara") == ERR_OK);
	EXPECT_TOLD(w, "offer c1 clara; consult_start anna clara; hold_on boris");
	EXPECT_SEATS(w, c, "customer: ~ringing; boris: ~music");
	EXPECT(answers(w, c, "clara") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 clara");
	EXPECT_SEATS(w, c, "customer: clara; boris: ~music; clara: customer");
	EXPECT(work_of_agent(w, "clara") == WORK_consulting);
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_swap, "") == ERR_OK);
	EXPECT_SEATS(w, c, "customer L: boris; boris R: customer; clara: ~music");
	EXPECT(does(w, c, "anna", CALL_swap, "") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_conference, "") == ERR_OK);
	EXPECT_TOLD(w, "consult_end ok; hold_off boris; conf_on boris; conf_on clara");
	EXPECT_SEATS(w, c,
		     "customer L: boris clara; boris R: customer clara; "
		     "clara R: customer boris");
	EXPECT(hangs_up(w, c, "clara") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_consult, "number:+48111") == ERR_OK);
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_OK);
	EXPECT_SEATS(w, c, "");
	customer_goes(w, c);
	EXPECT(work_of_agent(w, "anna") == WORK_idle && work_of_agent(w, "boris") == WORK_idle);
}

STORY(whom_one_called_leaves_while_another_is_asked)
{
	uint32_t c = calls_colleague(w, "anna", "boris");
	EXPECT(does(w, c, "anna", CALL_consult, "number:+48111") == ERR_OK);
	number_answers(w, c, 1);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	hush(w);
	EXPECT_SEATS(w, c, "customer L: number1; number1 L: customer");
	number_ends(w, c, 1, DIAL_none);
	EXPECT_TOLD(w, "disconnect c1 system");
	c = calls_colleague(w, "anna", "boris");
	EXPECT(does(w, c, "anna", CALL_consult, "number:+48111") == ERR_OK);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK); /* before anybody else is there: it is over */
	customer_goes(w, c);
	EXPECT(work_of_agent(w, "anna") == WORK_idle);
}

/* -- transfer -- */

STORY(to_an_agent_who_answers)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:boris") == ERR_OK);
	EXPECT_TOLD(w, "offer c1 boris; transfer anna boris; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~ringing");
	EXPECT(work_of_agent(w, "anna") == WORK_wrapping && state_of(w, c) == CONTACT_offered);
	calls_pass(w, 4000);
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 boris");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "boris") == WORK_talking && state_of(w, c) == CONTACT_talking);
	calls_pass(w, 4000);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
	EXPECT(work_of_agent(w, "boris") ==
	       WORK_wrapping); /* by the rules of the contact's queue */
	EXPECT_STR(segments_of(w, c),
		   "queue sales answered, agent anna transferred, agent boris completed");
}

STORY(to_an_agent_while_the_customer_hangs_up)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:boris") == ERR_OK);
	hush(w);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; offer_end c1 boris cancelled_by_caller");
	EXPECT(work_of_agent(w, "boris") == WORK_idle);
}

/* Back to who gave it away, also out of his wrap-up; then to its queue. */
STORY(to_an_agent_who_does_not_answer)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:boris") == ERR_OK);
	hush(w);
	calls_pass(w, 15000);
	EXPECT_TOLD(w, "offer_end c1 boris no_answer; offer c1 anna; back anna");
	EXPECT_SEATS(w, c, "customer L: ~ringing");
	EXPECT(answers(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:boris") == ERR_CONFLICT);
	EXPECT_STR(str_of(w->why), "this agent is not free"); /* he missed one */
	calls_ready(w, "clara", true);
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:clara") == ERR_OK);
	hush(w);
	EXPECT(declines(w, c, "clara", OFFER_rejected) == ERR_OK);
	EXPECT_TOLD(w, "offer_end c1 clara rejected; offer c1 anna; back anna");
	EXPECT(declines(w, c, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_TOLD(w, "offer_end c1 anna rejected; enqueue c1 sales; back sales");
	EXPECT_SEATS(w, c, "");
	EXPECT(state_of(w, c) == CONTACT_waiting);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; dequeue c1 abandoned");
}

STORY(to_nobody_who_is_there)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:clara") == ERR_CONFLICT); /* signed out */
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:anna") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_transfer, "agent:nobody") == ERR_NOT_FOUND);
	EXPECT(does(w, c, "anna", CALL_transfer, "queue:nowhere") == ERR_NOT_FOUND);
	EXPECT(does(w, c, "anna", CALL_transfer, "number:+48900") == ERR_FORBIDDEN);
	EXPECT(does(w, c, "anna", CALL_transfer, "") == ERR_INVALID);
	EXPECT(does(w, c, "boris", CALL_transfer, "queue:help") == ERR_CONFLICT);
	EXPECT_TOLD(w, "");
	EXPECT(state_of(w, c) == CONTACT_talking);
}

/* it keeps its waiting time. */
STORY(to_a_queue_where_it_keeps_its_time)
{
	calls_ready(w, "boris", false);
	uint32_t c = calls_talk(w, "sales", "anna");
	uint32_t later = calls_in(w, "help");
	calls_pass(w, 60000);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_transfer, "queue:help") == ERR_OK);
	EXPECT_TOLD(w, "enqueue c1 help; transfer anna help; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "");
	EXPECT(state_of(w, c) == CONTACT_waiting);
	calls_ready(w, "boris", true);
	EXPECT_TOLD(w, "offer c1 boris"); /* it came before the other */
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 answered; answer c1 boris");
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
	EXPECT_STR(segments_of(w, c), "queue sales answered, agent anna transferred, "
				      "queue help answered, agent boris completed");
	customer_goes(w, later);
}

/* Whom it is taken from is not the next to get it. */
STORY(to_a_queue_of_his_own)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "queue:sales") == ERR_OK);
	hush(w);
	EXPECT(SEND(&w->core, wrap_set, .contact = w->contacts[c], .agent = who(w, "anna")) ==
	       ERR_OK);
	EXPECT_TOLD(w, "");
	calls_pass(w, 30000);
	EXPECT_TOLD(w, "offer c1 anna");
	customer_goes(w, c);
}

STORY(to_a_number)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "number:+48221") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna +48221; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~ringing");
	number_answers(w, c, 1);
	EXPECT_SEATS(w, c, "customer L: number1; number1 L: customer");
	EXPECT_TOLD(w, "");
	number_ends(w, c, 1, DIAL_none);
	EXPECT_TOLD(w, "disconnect c1 system");
}

STORY(to_a_number_that_does_not_answer)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_transfer, "number:+48221") == ERR_OK);
	hush(w);
	number_ends(w, c, 1, DIAL_busy);
	EXPECT_TOLD(w, "offer c1 anna; back anna");
	EXPECT(answers(w, c, "anna") == ERR_OK);
	EXPECT(does(w, c, "anna", CALL_transfer, "number:+48221") == ERR_OK);
	hush(w);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer");
}

/* -- consult -- */

static uint32_t consults(struct calls *w, const char *to)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_consult, to) == ERR_OK);
	return c;
}

static uint32_t consulted(struct calls *w)
{
	uint32_t c = consults(w, "agent:boris");
	calls_pass(w, 3000);
	EXPECT(answers(w, c, "boris") == ERR_OK);
	calls_pass(w, 3000);
	hush(w);
	return c;
}

STORY(consult_and_complete)
{
	uint32_t c = consults(w, "agent:boris");
	EXPECT_TOLD(w, "offer c1 boris; consult_start anna boris; hold_on anna");
	EXPECT_SEATS(w, c, "customer: ~music; anna: ~ringing");
	EXPECT(work_of_agent(w, "anna") == WORK_consulting && state_of(w, c) == CONTACT_held);
	EXPECT(does(w, c, "anna", CALL_swap, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_transfer, "queue:help") == ERR_CONFLICT);
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 boris");
	EXPECT_SEATS(w, c, "customer: ~music; anna: boris; boris: anna");
	EXPECT(work_of_agent(w, "boris") == WORK_consulting);
	EXPECT(does(w, c, "anna", CALL_swap, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_off anna");
	EXPECT_SEATS(w, c, "customer L: anna; anna R: customer; boris: ~music");
	EXPECT(does(w, c, "anna", CALL_swap, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_on anna");
	EXPECT(does(w, c, "boris", CALL_complete, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna boris; consult_end ok; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "boris") == WORK_talking);
	EXPECT(work_of_agent(w, "anna") == WORK_wrapping);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
	EXPECT_STR(segments_of(w, c),
		   "queue sales answered, agent anna transferred, agent boris completed");
}

STORY(consult_and_complete_while_it_rings)
{
	uint32_t c = consults(w, "agent:boris");
	hush(w);
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna boris; consult_end ok; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~ringing");
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 boris");
	EXPECT_SEATS(w, c, "");
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
}

STORY(consult_and_put_down_while_it_rings)
{
	uint32_t c = consults(w, "agent:boris");
	hush(w);
	EXPECT(hangs_up(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna boris; consult_end ok; agent_end c1 anna transferred on");
	EXPECT(declines(w, c, "boris", OFFER_busy) == ERR_OK);
	EXPECT_TOLD(w, "offer_end c1 boris busy; offer c1 anna; back anna");
	EXPECT(answers(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 anna");
	customer_goes(w, c);
}

STORY(consult_and_put_down)
{
	uint32_t c = consulted(w);
	EXPECT(hangs_up(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna boris; consult_end ok; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "");
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; agent_end c1 boris completed");
}

STORY(consult_and_the_other_puts_down)
{
	uint32_t c = consulted(w);
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed on; consult_end off; hold_off anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "anna") == WORK_talking && state_of(w, c) == CONTACT_talking);
	customer_goes(w, c);
}

STORY(consult_and_cancel)
{
	uint32_t c = consulted(w);
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed on; consult_end off; hold_off anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_CONFLICT);
	EXPECT(work_of_agent(w, "boris") == WORK_wrapping);
	EXPECT(does(w, c, "anna", CALL_consult, "agent:boris") ==
	       ERR_OK); /* of this very contact */
	hush(w);
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_OK);
	EXPECT_TOLD(w, "offer_end c1 boris cancelled_by_caller; consult_end off; hold_off anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "boris") == WORK_idle);
	customer_goes(w, c);
}

STORY(consult_nobody_answers)
{
	uint32_t c = consults(w, "agent:boris");
	hush(w);
	calls_pass(w, 15000);
	EXPECT_TOLD(w, "offer_end c1 boris no_answer; consult_end off; hold_off anna");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "anna") == WORK_talking);
	customer_goes(w, c);
}

STORY(consult_and_the_customer_hangs_up)
{
	uint32_t c = consulted(w);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; agent_end c1 anna completed; "
		       "agent_end c1 boris completed; consult_end off");
	EXPECT(work_of_agent(w, "anna") == WORK_wrapping);
	EXPECT(work_of_agent(w, "boris") == WORK_wrapping);
	calls_pass(w, 30000);
	c = consults(w, "agent:boris");
	hush(w);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c2 customer; offer_end c2 boris cancelled_by_caller; "
		       "agent_end c2 anna completed; consult_end off");
}

STORY(consult_a_number)
{
	uint32_t c = consults(w, "number:+48221");
	EXPECT_TOLD(w, "consult_start anna +48221; hold_on anna");
	number_answers(w, c, 1);
	EXPECT_SEATS(w, c, "customer: ~music; anna: number1; number1: anna");
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_OK);
	EXPECT_TOLD(w, "consult_end off; hold_off anna");
	calls_pass(w, 100);
	EXPECT(does(w, c, "anna", CALL_consult, "number:+48221") == ERR_OK);
	hush(w);
	number_ends(w, c, 1, DIAL_none); /* of the first one: nobody's business any more */
	EXPECT_TOLD(w, "");
	customer_goes(w, c);
}

STORY(consult_a_number_and_complete)
{
	uint32_t c = consults(w, "number:+48221");
	number_answers(w, c, 1);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna +48221; consult_end ok; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: number1; number1 L: customer");
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer");
}

/* It waits beside the agent until somebody of the queue is free. */
STORY(consult_a_queue)
{
	calls_ready(w, "boris", false);
	uint32_t c = consults(w, "queue:help");
	EXPECT_TOLD(w, "enqueue c1 help beside; consult_start anna help; hold_on anna");
	EXPECT_SEATS(w, c, "customer: ~music; anna: ~silence");
	EXPECT(state_of(w, c) == CONTACT_held);
	calls_ready(w, "boris", true);
	EXPECT_TOLD(w, "offer c1 boris");
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 answered; answer c1 boris");
	EXPECT_SEATS(w, c, "customer: ~music; anna: boris; boris: anna");
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna help; consult_end ok; agent_end c1 anna transferred on");
	EXPECT(hangs_up(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
	EXPECT_STR(segments_of(w, c), "queue sales answered, agent anna transferred, "
				      "queue help answered, agent boris completed");
}

STORY(consult_a_queue_in_vain)
{
	calls_ready(w, "boris", false);
	uint32_t c = consults(w, "queue:help");
	hush(w);
	EXPECT(does(w, c, "anna", CALL_cancel, "") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 flow_out; consult_end off; hold_off anna");
	EXPECT(does(w, c, "anna", CALL_consult, "queue:help") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "anna", CALL_complete, "") == ERR_OK);
	EXPECT_TOLD(w, "transfer anna help; consult_end ok; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~music");
	EXPECT(state_of(w, c) == CONTACT_waiting);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; dequeue c1 abandoned");
}

STORY(consult_a_queue_while_the_customer_hangs_up)
{
	calls_ready(w, "boris", false);
	uint32_t c = consults(w, "queue:help");
	hush(w);
	customer_goes(w, c); /* he has an agent: he abandons nothing */
	EXPECT_TOLD(w, "disconnect c1 customer; dequeue c1 flow_out; agent_end c1 anna completed; "
		       "consult_end off");
}

/* -- conference -- */

STORY(merge_and_leave)
{
	uint32_t c = consulted(w);
	EXPECT(does(w, c, "boris", CALL_conference, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_conference, "") == ERR_OK);
	EXPECT_TOLD(w, "consult_end ok; hold_off anna; conf_on anna; conf_on boris");
	EXPECT_SEATS(w, c,
		     "customer L: anna boris; anna R: customer boris; boris R: customer anna");
	EXPECT(work_of_agent(w, "anna") == WORK_conferencing);
	EXPECT(does(w, c, "anna", CALL_leave, "") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 anna transferred on; conf_off boris");
	EXPECT_SEATS(w, c, "");
	EXPECT(does(w, c, "boris", CALL_leave, "") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 boris completed; disconnect c1 agent");
}

STORY(invite_and_hold_in_a_conference)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_conference, "agent:boris") == ERR_OK);
	EXPECT_TOLD(w, "offer c1 boris");
	EXPECT_SEATS(w, c, "customer L: anna; anna R: customer");
	EXPECT(does(w, c, "anna", CALL_conference, "number:+48221") == ERR_CONFLICT);
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 boris; conf_on anna; conf_on boris");
	EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK); /* she steps away */
	EXPECT_TOLD(w, "hold_on anna; conf_off anna; conf_off boris");
	EXPECT_SEATS(w, c, "customer L: boris; anna: ~silence; boris R: customer");
	EXPECT(hangs_up(w, c, "boris") == ERR_OK); /* and has him for herself */
	EXPECT_TOLD(w, "agent_end c1 boris completed on");
	EXPECT_SEATS(w, c, "customer: ~music; anna: ~silence");
	EXPECT(does(w, c, "anna", CALL_resume, "") == ERR_OK);
	EXPECT_TOLD(w, "hold_off anna");
	EXPECT_SEATS(w, c, "");
	customer_goes(w, c);
}

STORY(who_invites_and_goes_hands_on)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_conference, "agent:boris") == ERR_OK);
	hush(w);
	EXPECT(hangs_up(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~ringing");
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 boris");
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; agent_end c1 boris completed");
}

STORY(ten_talk_and_some_are_mute)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	for (uint32_t n = 1; n <= 9; n++) {
		EXPECT(does(w, c, "anna", CALL_conference, "number:+48221") == ERR_OK);
		number_answers(w, c, n);
	}
	EXPECT_TOLD(w, "conf_on anna");
	for (uint32_t n = 10; n <= 14; n++) {
		EXPECT(does(w, c, "anna", CALL_conference, "number:+48221") == ERR_OK);
		number_answers(w, c, n);
	}
	EXPECT(does(w, c, "anna", CALL_conference, "number:+48221") == ERR_FULL);
	for (uint32_t n = 14; n >= 2; n--)
		number_ends(w, c, n, DIAL_none);
	EXPECT(does(w, c, "anna", CALL_mute, "") == ERR_OK);
	EXPECT_TOLD(w, "mute_on agent anna");
	EXPECT_SEATS(w, c, "customer L: number1; anna: customer number1; number1 L: customer");
	EXPECT(does(w, c, "anna", CALL_mute, "number:+48221") == ERR_OK);
	EXPECT(does(w, c, "anna", CALL_unmute, "") == ERR_OK);
	EXPECT(does(w, c, "anna", CALL_mute, "customer") == ERR_OK);
	EXPECT_TOLD(w, "mute_on callee +48221; mute_off agent anna; mute_on customer ");
	EXPECT_SEATS(w, c, "customer: anna; anna R: ~silence; number1: anna");
	EXPECT(does(w, c, "anna", CALL_mute, "agent:boris") == ERR_NOT_FOUND);
	EXPECT(does(w, c, "anna", CALL_mute, "customer") == ERR_CONFLICT);
	EXPECT(hangs_up(w, c, "anna") == ERR_OK); /* the others go on */
	EXPECT_TOLD(w, "agent_end c1 anna transferred on");
	number_ends(w, c, 1, DIAL_none);
	EXPECT_TOLD(w, "disconnect c1 system");
}

/* -- park -- */

/* Number of the caller who is parked there; 0: nobody. */
static uint32_t parked_at(struct calls *w, uint32_t slot)
{
	struct contact_id found;
	const struct contact *k = contact_get(&w->core, w->contacts[1]);
	enum err e = ERR_NOT_FOUND;
	if (k)
		e = SEND(&w->core, park_find, .tenant = k->tenant, .slot = slot, .out = &found);
	for (uint32_t c = 1; e == ERR_OK; c++)
		if (ID_EQ(w->contacts[c], found))
			return c;
	return 0;
}

STORY(park_and_pick_up)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_pick_up, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_park, "") == ERR_OK);
	EXPECT_TOLD(w, "park anna 701; agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "customer L: ~music");
	EXPECT(state_of(w, c) == CONTACT_parked && call_is_parked(w->call, w->contacts[c]));
	EXPECT(parked_at(w, 701) == c && parked_at(w, 702) == 0 && parked_at(w, 0) == 0);
	calls_pass(w, 20000);
	EXPECT(does(w, c, "boris", CALL_pick_up, "") == ERR_OK);
	EXPECT_TOLD(w, "offer c1 boris");
	EXPECT(declines(w, c, "boris", OFFER_rejected) == ERR_OK);
	hush(w);
	EXPECT(state_of(w, c) == CONTACT_parked);
	EXPECT(does(w, c, "boris", CALL_pick_up, "") == ERR_OK);
	EXPECT(answers(w, c, "boris") == ERR_OK);
	EXPECT_TOLD(w, "offer c1 boris; answer c1 boris; park_end boris");
	EXPECT(parked_at(w, 701) == 0);
	EXPECT_SEATS(w, c, "");
	EXPECT(state_of(w, c) == CONTACT_talking);
	customer_goes(w, c);
}

STORY(park_takes_the_smallest_free_slot)
{
	uint32_t one = calls_talk(w, "sales", "anna"), two = calls_talk(w, "help", "boris");
	EXPECT(does(w, one, "anna", CALL_park, "") == ERR_OK);
	EXPECT(does(w, two, "boris", CALL_park, "") == ERR_OK);
	EXPECT(parked_at(w, 701) == one && parked_at(w, 702) == two);
	customer_goes(w, one);
	hush(w);
	EXPECT(parked_at(w, 701) == 0 && parked_at(w, 702) == two);
	customer_goes(w, two);
}

STORY(park_too_long)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_park, "") == ERR_OK);
	hush(w);
	calls_pass(w, 119000);
	EXPECT_TOLD(w, "");
	calls_pass(w, 1000);
	EXPECT_TOLD(w, "park_end -; offer c1 anna; back anna");
	calls_pass(w, 15000);
	EXPECT_TOLD(w, "offer_end c1 anna no_answer; enqueue c1 sales; back sales");
	EXPECT_SEATS(w, c, "");
	EXPECT(state_of(w, c) == CONTACT_waiting);
	customer_goes(w, c);
}

STORY(park_and_the_customer_hangs_up)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_park, "") == ERR_OK);
	hush(w);
	customer_goes(w, c);
	EXPECT_TOLD(w, "disconnect c1 customer; park_end -");
	calls_pass(w, 300000);
	EXPECT(!contact_get(&w->core, w->contacts[c]));
}

/* -- move -- */

STORY(who_waits_is_moved)
{
	calls_ready(w, "anna", false);
	calls_ready(w, "boris", false);
	uint32_t c = calls_in(w, "sales");
	hush(w);
	EXPECT(does(w, c, "eva", CALL_move, "queue:sales") == ERR_CONFLICT);
	EXPECT(does(w, c, "eva", CALL_move, "agent:boris") == ERR_CONFLICT);
	EXPECT(does(w, c, "eva", CALL_move, "number:+48221") == ERR_INVALID);
	EXPECT_TOLD(w, "");
	EXPECT(does(w, c, "eva", CALL_move, "queue:help") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 transferred; enqueue c1 help; transfer - help");
	calls_ready(w, "clara", true);
	hush(w);
	EXPECT(declines(w, c, "clara", OFFER_rejected) == ERR_OK);
	calls_ready(w, "anna", true);
	hush(w);
	EXPECT(does(w, c, "eva", CALL_move, "agent:anna") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 transferred; offer c1 anna; transfer - anna");
	EXPECT(declines(w, c, "anna", OFFER_rejected) == ERR_OK);
	EXPECT_TOLD(w, "offer_end c1 anna rejected; enqueue c1 help; back help");
	EXPECT(does(w, c, "eva", CALL_move, "agent:anna") == ERR_OK);
	EXPECT(answers(w, c, "anna") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "eva", CALL_move, "queue:help") == ERR_CONFLICT);
	EXPECT(hangs_up(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 anna completed; disconnect c1 agent");
}

STORY(who_is_parked_is_moved)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_park, "") == ERR_OK);
	hush(w);
	EXPECT(does(w, c, "eva", CALL_move, "queue:help") == ERR_OK);
	EXPECT_TOLD(w, "enqueue c1 help; offer c1 boris; park_end -; transfer - help");
	EXPECT_SEATS(w, c, "");
	customer_goes(w, c);
}

/* -- supervisors -- */

STORY(listen_whisper_barge)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(monitors(w, c, "dora", MONITOR_listen) == ERR_CONFLICT); /* no telephone */
	EXPECT(monitors(w, c, "eva", MONITOR_none) == ERR_CONFLICT);
	EXPECT(monitors(w, c, "anna", MONITOR_listen) == ERR_CONFLICT);
	EXPECT(monitors(w, c, "eva", MONITOR_listen) == ERR_OK);
	EXPECT_SEATS(w, c, "customer L: anna; anna R: customer; eva: ~silence");
	phone_comes(w, c, "eva");
	EXPECT_TOLD(w, "monitor_start eva listen");
	EXPECT_SEATS(w, c, "customer L: anna; anna R: customer; eva: customer anna");
	EXPECT(monitors(w, c, "eva", MONITOR_whisper) == ERR_OK);
	EXPECT_TOLD(w, "monitor_end eva listen; monitor_start eva whisper");
	EXPECT_SEATS(w, c, "customer L: anna; anna R: customer eva; eva: customer anna");
	EXPECT(monitors(w, c, "eva", MONITOR_barge) == ERR_OK);
	EXPECT_SEATS(w, c, "customer L: anna eva; anna R: customer eva; eva R: customer anna");
	EXPECT(work_of_agent(w, "anna") == WORK_talking);
	EXPECT(does(w, c, "eva", CALL_take_over, "") == ERR_FORBIDDEN); /* she is no agent */
	hush(w);
	EXPECT(monitors(w, c, "eva", MONITOR_none) == ERR_OK);
	EXPECT_TOLD(w, "monitor_end eva barge");
	EXPECT_SEATS(w, c, "");
	EXPECT(monitors(w, c, "eva", MONITOR_listen) == ERR_OK);
	phone_goes(w, c, "eva"); /* never came */
	EXPECT_TOLD(w, "");
	EXPECT(monitors(w, c, "eva", MONITOR_listen) == ERR_OK);
	phone_comes(w, c, "eva");
	customer_goes(w, c);
	EXPECT_TOLD(w, "monitor_start eva listen; disconnect c1 customer; "
		       "agent_end c1 anna completed; monitor_end eva listen");
}

STORY(take_over)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "fred", CALL_take_over, "") == ERR_CONFLICT);
	EXPECT(monitors(w, c, "fred", MONITOR_barge) == ERR_OK);
	phone_comes(w, c, "fred");
	hush(w);
	EXPECT(does(w, c, "fred", CALL_take_over, "") == ERR_OK);
	EXPECT_TOLD(w, "answer c1 fred; monitor_end fred barge; transfer anna fred; "
		       "agent_end c1 anna transferred on");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "fred") == WORK_talking);
	EXPECT(hangs_up(w, c, "fred") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 fred completed; disconnect c1 agent");
	EXPECT_STR(segments_of(w, c),
		   "queue sales answered, agent anna transferred, agent fred completed");
}

/* -- recordings -- */

STORY(a_recording_is_paused)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	EXPECT(does(w, c, "anna", CALL_record_resume, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_record_pause, "") == ERR_OK);
	EXPECT_TOLD(w, "record_pause anna");
	EXPECT(does(w, c, "anna", CALL_record_pause, "") == ERR_CONFLICT);
	EXPECT(does(w, c, "anna", CALL_record_resume, "") == ERR_OK);
	EXPECT_TOLD(w, "record_resume anna");
	w->recorded = false;
	EXPECT(does(w, c, "anna", CALL_record_pause, "") == ERR_CONFLICT);
	EXPECT_STR(str_of(w->why), "this talk is not recorded");
}

/* -- lost (behaviours.md A-6) -- */

STORY(an_agent_lost_in_a_talk)
{
	uint32_t c = calls_talk(w, "sales", "anna");
	uint32_t other = calls_in(w, "sales");
	EXPECT(SEND(&w->core, queue_prioritise, .contact = w->contacts[other],
		    .priority_min = 999) == ERR_OK);
	hush(w);
	EXPECT(is_lost(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "alarm agent_lost; enqueue c1 sales; agent_end c1 anna failed on");
	struct acd_agent anna;
	EXPECT(acd_agent_get(w->acd, who(w, "anna"), &anna) == ERR_OK);
	EXPECT(anna.presence == PRESENCE_not_ready && str_is(anna.reason, "technical") &&
	       anna.work == WORK_idle);
	calls_ready(w, "clara", true);
	EXPECT_TOLD(w, "offer c1 clara"); /* before any other of its class */
	EXPECT(answers(w, c, "clara") == ERR_OK);
	EXPECT_TOLD(w, "dequeue c1 answered; answer c1 clara");
	EXPECT(hangs_up(w, c, "clara") == ERR_OK);
	EXPECT_TOLD(w, "agent_end c1 clara completed; disconnect c1 agent");
	EXPECT_STR(segments_of(w, c), "queue sales answered, agent anna failed, "
				      "queue sales answered, agent clara completed");
	customer_goes(w, other);
}

STORY(an_agent_lost_beside_others)
{
	uint32_t c = consulted(w);
	EXPECT(is_lost(w, c, "anna") == ERR_OK);
	EXPECT_TOLD(w, "alarm agent_lost; transfer anna boris; consult_end ok; "
		       "agent_end c1 anna failed on");
	EXPECT_SEATS(w, c, "");
	EXPECT(work_of_agent(w, "boris") == WORK_talking);
	customer_goes(w, c);
}

/* -- signed out at once (behaviours.md S-3) -- */

static enum presence presence_now(struct calls *w, const char *agent)
{
	struct acd_agent a = {.presence = PRESENCE_outbound_only};
	EXPECT(acd_agent_get(w->acd, who(w, agent), &a) == ERR_OK);
	return a.presence;
}

STORY(who_is_sent_home_in_a_talk_leaves_its_customer_before_all_others)
{
	for (int held = 0; held < 2; held++) {
		calls_ready(w, "anna", true);
		uint32_t c = calls_talk(w, "sales", "anna");
		uint32_t other = calls_in(w, "sales");
		EXPECT(SEND(&w->core, queue_prioritise, .contact = w->contacts[other],
			    .priority_min = 999) == ERR_OK);
		if (held)
			EXPECT(does(w, c, "anna", CALL_hold, "") == ERR_OK);
		hush(w);
		is_sent_home(w, "anna");
		EXPECT_TOLD(w, held ? "enqueue c3 sales; agent_end c3 anna failed on"
				    : "enqueue c1 sales; agent_end c1 anna failed on");
		EXPECT(presence_now(w, "anna") == PRESENCE_signed_out &&
		       work_of_agent(w, "anna") == WORK_idle);
		EXPECT(state_of(w, c) == CONTACT_waiting);
		calls_ready(w, "clara", true);
		EXPECT_TOLD(w, held ? "offer c3 clara" : "offer c1 clara");
		customer_goes(w, c);
		customer_goes(w, other);
		calls_ready(w, "clara", false);
		hush(w);
	}
}

STORY(what_rings_at_who_is_sent_home_goes_on_to_others)
{
	uint32_t c = calls_in(w, "sales");
	hush(w);
	is_sent_home(w, "anna");
	EXPECT_TOLD(w, "offer_end c1 anna agent_lost");
	EXPECT(presence_now(w, "anna") == PRESENCE_signed_out);
	calls_ready(w, "clara", true);
	EXPECT_TOLD(w, "offer c1 clara");
	EXPECT(answers(w, c, "clara") == ERR_OK);
	customer_goes(w, c);
}

STORY(a_wrap_up_ends_with_who_is_sent_home)
{
	uint32_t c = calls_talk(w, "help", "boris");
	customer_goes(w, c);
	EXPECT(work_of_agent(w, "boris") == WORK_wrapping);
	hush(w);
	is_sent_home(w, "boris");
	EXPECT(presence_now(w, "boris") == PRESENCE_signed_out &&
	       work_of_agent(w, "boris") == WORK_idle);
}

STORY(a_customer_whose_agent_is_sent_home_stays_with_who_was_asked)
{
	uint32_t c = consulted(w);
	is_sent_home(w, "anna");
	EXPECT_TOLD(w, "transfer anna boris; consult_end ok; agent_end c1 anna failed on");
	EXPECT(presence_now(w, "anna") == PRESENCE_signed_out);
	EXPECT(work_of_agent(w, "boris") == WORK_talking && state_of(w, c) == CONTACT_talking);
	customer_goes(w, c);
}

STORY(who_called_a_colleague_and_is_sent_home_hangs_up)
{
	uint32_t c = calls_colleague(w, "anna", "boris");
	hush(w);
	is_sent_home(w, "anna");
	EXPECT_TOLD(w, "disconnect c1 agent; agent_end c1 boris completed");
	EXPECT(presence_now(w, "anna") == PRESENCE_signed_out);
	EXPECT(state_of(w, c) != CONTACT_waiting); /* nobody's customer */
}

STORY(who_does_nothing_is_signed_out_and_may_come_again)
{
	is_sent_home(w, "anna");
	EXPECT(presence_now(w, "anna") == PRESENCE_signed_out);
	calls_ready(w, "anna", true);
	uint32_t c = calls_talk(w, "sales", "anna");
	customer_goes(w, c);
}

TEST(without_a_place_an_ordinary_talk_goes_on)
{
	static struct calls w;
	calls_begin(&w, false);
	call_room_starve(w.call, 0);
	uint32_t c = calls_talk(&w, "sales", "anna");
	EXPECT(does(&w, c, "anna", CALL_hold, "") == ERR_FULL);
	EXPECT(is_lost(&w, c, "anna") == ERR_OK); /* ends as it did before there was this room */
	EXPECT_TOLD(&w, "agent_end c1 anna completed; disconnect c1 system");
	calls_end(&w);
}
