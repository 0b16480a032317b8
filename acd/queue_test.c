/* queue_test.c - who is served when: rank, skills, limits, exits (behaviours.md section 4). */
#include "acd/world_test.h"

TEST(the_agent_idle_for_the_longest_time_gets_the_contact)
{
	struct world w;
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	world_agent(&w, "anna", "support");
	world_pass(&w, 1000);
	world_agent(&w, "boris", "support");
	uint32_t c = call(&w, "support");
	EXPECT_SAID(&w, "enqueue c1 support; offer c1 anna");
	EXPECT(accept_offer(&w, c, "anna") == ERR_OK);
	EXPECT_SAID(&w, "offer_end c1 anna accepted; dequeue c1 answered 0; answer c1 anna 0");
	world_pass(&w, 5000);
	customer_hangs_up(&w, c);
	EXPECT_SAID(&w, "agent_end c1 anna customer 5000 0");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c2 support; offer c2 boris");
	call(&w, "support");
	EXPECT_SAID(&w, "enqueue c3 support; offer c3 anna");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
