/* figures_test.c - the command queue_look. */
#include "acd/world_test.h"
#include "tests/test.h"

TEST(a_queue_tells_how_many_wait_and_for_how_long)
{
	struct world w;
	struct queue_glance f = {99, 99};
	world_begin(&w);
	world_queue(&w, "support", plain_queue());
	EXPECT(SEND(&w.core, queue_look, .queue = queue_id(&w, "support"), .out = &f) == ERR_OK);
	EXPECT(f.waiting == 0 && f.ewt_ms == -1); /* nobody serves it */
	world_agent(&w, "anna", "support");
	EXPECT(SEND(&w.core, queue_look, .queue = queue_id(&w, "support"), .out = &f) == ERR_OK);
	EXPECT(f.waiting == 0 && f.ewt_ms == 0);
	EXPECT(accept_offer(&w, call(&w, "support"), "anna") == ERR_OK);
	call(&w, "support");
	call(&w, "support");
	EXPECT(SEND(&w.core, queue_look, .queue = queue_id(&w, "support"), .out = &f) == ERR_OK);
	EXPECT(f.waiting == 2 && f.ewt_ms > 0);
	struct queue_id gone = queue_id(&w, "support");
	world_drop(&w, KIND_queue, "support");
	struct queue_glance kept = f;
	EXPECT(SEND(&w.core, queue_look, .queue = gone, .out = &f) == ERR_NOT_FOUND);
	EXPECT(f.waiting == kept.waiting && f.ewt_ms == kept.ewt_ms);
	world_end(&w);
}
