/* link_test.c - the talk with a core that is slow, dies, and is replaced. */
#include "media/link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

static int attach(struct link *l)
{
	int pair[2];
	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == 0);
	link_attach(l, pair[1], 3);
	return pair[0];
}

static void digit(struct link *l, uint32_t n)
{
	link_say(l, LINK_KEEP,
		 &(struct report){.kind = REPORT_digit, .digit = {.leg = {n, 1}, .digit = '1'}});
}

struct core {
	uint32_t hellos, digits, ends, gauges, packets;
	uint32_t last; /* digits must come in order */
	bool disorder;
};

static void hear(int fd, struct core *c)
{
	char bytes[ORDER_PACKET_MAX];
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
		struct str rest = str_make(bytes, (size_t)n);
		struct report r;
		c->packets++;
		while (report_decode(&rest, &r) == ERR_OK) {
			c->hellos += r.kind == REPORT_hello;
			c->ends += r.kind == REPORT_inventory_end;
			c->gauges += r.kind == REPORT_gauges;
			if (r.kind == REPORT_digit) {
				c->digits++;
				c->disorder |= r.digit.leg.slot <= c->last;
				c->last = r.digit.leg.slot;
			}
		}
	}
}

TEST(link_keeps_reports_for_the_next_core_but_not_answers_to_the_last)
{
	struct link l;
	struct core c = {0};
	link_init(&l);
	for (uint32_t i = 1; i <= 300; i++) /* nobody is there */
		digit(&l, i);
	int fd = attach(&l);
	link_flush(&l);
	hear(fd, &c);
	EXPECT(c.hellos == 1 && c.digits == 0); /* it has not said hello */
	link_say(&l, LINK_ONCE, &(struct report){.kind = REPORT_inventory_end});
	link_say(&l, LINK_GAUGE, &(struct report){.kind = REPORT_gauges});
	close(fd);
	struct str packet;
	EXPECT(link_read(&l, &packet) == ERR_CONFLICT && l.fd == -1);
	fd = attach(&l);
	l.greeted = true;
	link_flush(&l);
	hear(fd, &c);
	EXPECT(c.hellos == 2 && c.digits == 300 && !c.disorder && c.ends == 0 && c.gauges == 0);
	EXPECT(c.packets <= 5); /* many in a packet */
	close(fd);
	link_finish(&l);
}

TEST(link_to_a_slow_core_neither_blocks_nor_loses_nor_grows)
{
	struct link l;
	struct core c = {0};
	link_init(&l);
	int fd = attach(&l);
	l.greeted = true;
	uint32_t said = 0;
	while (!l.blocked && said < 2000000) { /* it does not read */
		digit(&l, ++said);
		link_flush(&l);
	}
	EXPECT(l.blocked);
	for (int i = 0; i < 100; i++) {
		digit(&l, ++said);
		link_say(&l, LINK_GAUGE, &(struct report){.kind = REPORT_gauges});
		link_flush(&l);
	}
	EXPECT(l.counts[LINK_GAUGE] == LINK_GAUGES_MAX);
	for (int i = 0; i < 100 && !list_empty(&l.waiting); i++) { /* now it does */
		hear(fd, &c);
		link_flush(&l);
	}
	hear(fd, &c);
	EXPECT(!l.blocked && c.digits == said && !c.disorder && c.gauges == LINK_GAUGES_MAX);
	close(fd);
	link_finish(&l);
}

TEST(link_without_a_core_throws_the_oldest_away)
{
	struct link l;
	struct core c = {0};
	link_init(&l);
	for (uint32_t i = 1; i <= LINK_KEPT_MAX + 10; i++)
		digit(&l, i);
	EXPECT(l.counts[LINK_KEEP] == LINK_KEPT_MAX && l.dropped == 10);
	int fd = attach(&l);
	l.greeted = true;
	link_flush(&l);
	hear(fd, &c);
	EXPECT(c.digits == LINK_KEPT_MAX && c.last == LINK_KEPT_MAX + 10 && !c.disorder);
	close(fd);
	link_finish(&l);
}
