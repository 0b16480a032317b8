/* away_test.c - desks and browsers that go, and come back or do not (behaviours.md A-6). */
#include "acd/world_test.h"
#include "tests/test.h"

#include "core/hall.h"

static const struct str support_only[] = {{"support", 7}};

static void begin(struct world *w, struct queue_config conf)
{
	world_begin(w);
	world_queue(w, "support", conf);
	world_agent(w, "anna", "support");
	world_hush(w);
}

static void phone(struct world *w, bool ready)
{
	EMIT(&w->core, phone_changed, .agent = agent_id(w, "anna"), .ready = ready);
	world_deliver(w);
}

static void desk(struct world *w, int64_t number, bool on)
{
	EMIT(&w->core, desk_changed, .agent = agent_id(w, "anna"), .desk = number, .on = on);
	world_deliver(w);
}

static void begin_with_browser(struct world *w)
{
	world_begin(w);
	world_queue(w, "support", plain_queue());
	struct user_config u = plain_user(support_only, 1);
	u.phone = PHONE_browser;
	world_user(w, "anna", u);
	phone(w, true);
	EXPECT(presence(w, "anna", PRESENCE_ready, "") == ERR_OK);
	world_hush(w);
	w->listens = BIT(EAR_presence) | BIT(EAR_offer);
}

/* behaviours.md A-6 */
TEST(a_browser_that_is_gone_is_connecting_for_a_minute)
{
	struct world w;
	begin_with_browser(&w);
	phone(&w, false);
	EXPECT_SAID(&w, "connecting anna on; phone anna gone");
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, ""); /* nothing is offered meanwhile */
	world_pass(&w, 59000);
	phone(&w, true);
	EXPECT_SAID(&w, "connecting anna off; phone anna ready; offer c1 anna");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	phone(&w, false);
	world_pass(&w, 59900);
	EXPECT(work_of(&w, "anna") == WORK_talking);
	w.log.n = 0;
	world_pass(&w, 200);
	EXPECT_SAID(&w, "alarm agent_away; connecting anna off; "
			"next anna [not_ready|technical]");
	agent_hangs_up(&w, c, "anna");
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(connecting_outlives_the_core_and_ends_with_signing_out)
{
	struct world w;
	begin_with_browser(&w);
	phone(&w, false);
	w.log.n = 0;
	world_restart(&w);
	world_pass(&w, 59000);
	EXPECT_SAID(&w, "");
	EXPECT(presence(&w, "anna", PRESENCE_signed_out, "") == ERR_OK);
	EXPECT_SAID(&w, "presence anna signed_out [|anna]; connecting anna off");
	world_pass(&w, 120000);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

TEST(who_is_not_ready_connects_for_a_minute_too)
{
	struct world w;
	begin_with_browser(&w);
	EXPECT(presence(&w, "anna", PRESENCE_not_ready, "break") == ERR_OK);
	world_deliver(&w);
	w.log.n = 0;
	phone(&w, false);
	world_pass(&w, 61000);
	EXPECT_SAID(&w, "connecting anna on; phone anna gone; connecting anna off");
	EXPECT(presence_of(&w, "anna") == PRESENCE_not_ready);
	world_end(&w);
}

/* His telephone works without a desk; he does not. */
TEST(who_has_a_telephone_and_loses_his_desk_is_not_ready_after_a_minute)
{
	for (int restart = 0; restart < 2; restart++) {
		struct world w;
		begin(&w, plain_queue());
		w.listens = BIT(EAR_presence);
		desk(&w, 1, true);
		desk(&w, 2, true);
		desk(&w, 1, false);
		world_pass(&w, 61000);
		EXPECT_SAID(&w, ""); /* another one is there */
		if (restart) {	     /* it does not come again */
			world_restart(&w);
		} else {
			desk(&w, 2, false);
			world_pass(&w, 59000);
			desk(&w, 3, true);
			desk(&w, 3, false);
		}
		world_pass(&w, 59000);
		EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
		world_pass(&w, 1500);
		EXPECT_SAID(&w, "alarm agent_away; "
				"presence anna not_ready [technical|system]");
		EXPECT_LAWFUL(&w);
		world_end(&w);
	}
}

TEST(who_never_had_a_desk_is_not_asked_for_one)
{
	struct world w;
	begin(&w, plain_queue());
	w.listens = BIT(EAR_presence);
	desk(&w, 9, false);
	world_restart(&w);
	world_pass(&w, 120000);
	EXPECT_SAID(&w, "");
	EXPECT(presence_of(&w, "anna") == PRESENCE_ready);
	world_end(&w);
}
