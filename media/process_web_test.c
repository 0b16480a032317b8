/* process_web_test.c - legs of browsers through the whole media process: a real ICE and DTLS peer,
 * telephones beside it. */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/rig_web_test.h"

struct web_case {
	struct rig rig;
	struct tab tab;
	struct phone phone;
};

static const struct tab_options plain_tab = {.hz = 440, .codec = SOUND_PCMU};

static void begin(struct web_case *c, const struct tab_options *o)
{
	make_rig(&c->rig);
	start_media(&c->rig, 0);
	connect_core(&c->rig);
	make_tab(&c->tab, o);
	make_phone(&c->phone, 1000, SOUND_PCMA, 101);
}

/* LEG_A is the tab's, LEG_B the telephone's; they hear each other. */
static void begin_web_talk(struct web_case *c, const struct tab_options *o)
{
	begin(c, o);
	EXPECT(tell_web(&c->rig, LEG_A, CONTACT, &c->tab, "wxyz") == ERR_OK);
	agree_web(&c->rig, LEG_A, &c->tab);
	open_leg(&c->rig, LEG_B, &c->phone);
	agree(&c->rig, LEG_B, &c->phone, true, true);
	hear_each_other(&c->rig);
	EXPECT(tab_connects(&c->rig, LEG_A, &c->tab));
}

static void talk_both(struct web_case *c, int ms)
{
	talk_tabs((struct tab *const[]){&c->tab}, 1, (struct phone *const[]){&c->phone}, 1, ms);
}

static void end(struct web_case *c)
{
	stop_media(&c->rig);
	close_tab(&c->tab);
	close(c->phone.fd);
	clear_rig(&c->rig);
}

TEST(web_leg_and_telephone_hear_each_other)
{
	static struct web_case c;
	struct report told;
	begin_web_talk(&c, &plain_tab);
	EXPECT_STR(str_of(c.tab.profile), "AEAD_AES_128_GCM"); /* ours first, whatever it likes */
	EXPECT(addr_port(&c.tab.mapped) == c.tab.phone.port);
	talk_both(&c, 1000);
	EXPECT(share(&c.tab.phone, 1000) > 0.9 && share(&c.phone, 440) > 0.9);
	EXPECT(c.tab.phone.packets > 40 && !c.tab.plain && !c.tab.bad);
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received >= 48 && told.leg_closed.sent >= 45);
	EXPECT(!told.leg_closed.lost && !told.leg_closed.forged && told.leg_closed.mos_cent > 400);
	end(&c);
}
