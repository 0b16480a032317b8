/*
 * flood.c - more SIP calls than a server can take, counted from outside. Knows no product.
 *
 *   flood HOST:PORT NUMBER LOCAL_PORT STEADY RATE SECONDS TALK_MS
 *
 * First STEADY calls are set up; each then sends OPTIONS inside its dialog every second, and BYE at the
 * end. Beside them RATE new calls a second begin: INVITE (again after 0.5 and 1.5 s), ACK, BYE after
 * TALK_MS. One line of figures at the end. UDP over IPv4, no sound: port 9.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 4000, BYE_TRIES = 6 };
enum state { FREE, ASKING, UP, LEAVING, OVER };
enum kind { SEND_INVITE, SEND_BYE, SEND_OPTIONS, GIVE_UP };

struct call {
	enum state state;
	bool steady, again;
	uint32_t tries, cseq, asked, answered;
	int64_t began_us;
	char to_tag[48];
};

struct due {
	int64_t at_us;
	uint32_t call;
	enum kind kind;
};

static struct call *calls;
static uint32_t call_count;
static struct due *heap;
static size_t heap_n, heap_room;
static int fd;
static char number[64], me[64], server[64];
static int64_t talk_us, end_us;
static uint64_t ok, busy, refused, silent, bye_ok, bye_lost, steady_lost, with_retry, sent;
static uint32_t *ok_us, *busy_us;
static uint64_t ok_n, busy_n;

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void later(int64_t at_us, uint32_t call, enum kind kind)
{
	if (heap_n == heap_room) {
		heap_room = heap_room ? heap_room * 2 : 1024;
		heap = realloc(heap, heap_room * sizeof *heap);
	}
	size_t i = heap_n++;
	for (; i && heap[(i - 1) / 2].at_us > at_us; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = (struct due){at_us, call, kind};
}

static struct due soonest(void)
{
	struct due first = heap[0], last = heap[--heap_n];
	size_t i = 0, k;
	for (; (k = 2 * i + 1) < heap_n; i = k) {
		k += k + 1 < heap_n && heap[k + 1].at_us < heap[k].at_us;
		if (heap[k].at_us >= last.at_us)
			break;
		heap[i] = heap[k];
	}
	heap[i] = last;
	return first;
}

static void say(uint32_t n, const char *method, uint32_t cseq, bool inside)
{
	static const char sdp[] = "v=0\r\no=f 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
				  "t=0 0\r\nm=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";
	const struct call *c = &calls[n];
	bool invite = strcmp(method, "INVITE") == 0;
	char text[1600];
	int length = snprintf(
		text, sizeof text,
		"%s sip:%s@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s%u-%u-%d;rport\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:+4860%07u@%s>;tag=f%u\r\nTo: <sip:%s@%s>%s%s\r\n"
		"Call-ID: f%u.%d@flood\r\nCSeq: %u %s\r\nContact: <sip:f@%s>\r\n%s"
		"Content-Length: %zu\r\n\r\n%s",
		method, number, server, me, method, n, cseq, getpid(), n % 10000000, me, n, number, server,
		inside ? ";tag=" : "", inside ? c->to_tag : "", n, getpid(), cseq, method, me,
		invite ? "Content-Type: application/sdp\r\n" : "", invite ? sizeof sdp - 1 : 0,
		invite ? sdp : "");
	sent++;
	(void)!send(fd, text, (size_t)length, 0);
}

static void begin(bool steady)
{
	struct call *c = &calls[call_count];
	*c = (struct call){.state = ASKING, .steady = steady, .cseq = 1, .began_us = now_us()};
	later(c->began_us, call_count++, SEND_INVITE);
}

static void act(struct due d)
{
	static const int64_t gaps[] = {500000, 1000000, 2500000};
	struct call *c = &calls[d.call];
	int64_t now = now_us();
	switch (d.kind) {
	case SEND_INVITE:
		if (c->state != ASKING)
			return;
		if (c->tries == 3) {
			c->state = OVER;
			silent++;
			return;
		}
		say(d.call, "INVITE", 1, false);
		later(now + gaps[c->tries++], d.call, SEND_INVITE);
		return;
	case SEND_BYE:
		if (c->state == UP) {
			c->state = LEAVING;
			c->cseq++;
			c->tries = 0;
		}
		if (c->state != LEAVING)
			return;
		if (c->tries++ == BYE_TRIES) {
			c->state = OVER;
			bye_lost++;
			return;
		}
		say(d.call, "BYE", c->cseq, true);
		later(now + 500000, d.call, SEND_BYE);
		return;
	case SEND_OPTIONS:
		if (c->state != UP)
			return;
		c->asked++;
		say(d.call, "OPTIONS", ++c->cseq, true);
		if (now + 1000000 < end_us)
			later(now + 1000000, d.call, SEND_OPTIONS);
		return;
	case GIVE_UP:
		return;
	}
}

static bool field(const char *text, const char *name, char *out, size_t room)
{
	const char *at = strcasestr(text, name);
	size_t n = 0;
	if (!at)
		return false;
	at += strlen(name);
	while (at[n] && at[n] != '\r' && at[n] != ';' && at[n] != '>' && n + 1 < room) {
		out[n] = at[n];
		n++;
	}
	out[n] = 0;
	return true;
}

static void answered(uint32_t n, int status, const char *text, int64_t now)
{
	struct call *c = &calls[n];
	const char *to = strcasestr(text, "\r\nTo:");
	if (status < 200)
		return;
	if (c->state == ASKING && to && field(to, "tag=", c->to_tag, sizeof c->to_tag) &&
	    status < 300) {
		c->state = UP;
		if (!c->steady) {
			ok_us[ok_n++] = (uint32_t)(now - c->began_us);
			ok++;
		}
		later(c->steady ? end_us : now + talk_us, n, SEND_BYE);
		if (c->steady)
			later(now + 1000000 - (int64_t)(n % 1000) * 1000, n, SEND_OPTIONS);
	} else if (c->state == ASKING) {
		c->state = OVER;
		with_retry += status == 503 && strcasestr(text, "\r\nRetry-After:");
		*(status == 503 ? &busy : &refused) += 1;
		if (status == 503)
			busy_us[busy_n++] = (uint32_t)(now - c->began_us);
	}
	say(n, "ACK", 1, true); /* also of those said again */
}

static void heard(char *text, int64_t now, struct sockaddr *from, socklen_t from_n)
{
	char id[32], cseq[32];
	if (strncmp(text, "SIP/2.0 ", 8) != 0) { /* their BYE, OPTIONS … */
		if (strncmp(text, "ACK", 3) == 0)
			return;
		if (strncmp(text, "BYE", 3) == 0 && field(text, "Call-ID: f", id, sizeof id)) {
			struct call *c = &calls[strtoul(id, NULL, 10)];
			steady_lost += c->steady && c->state == UP;
			c->state = OVER;
		}
		char *body = strstr(text, "\r\n\r\n"), *line = strstr(text, "\r\n");
		if (!body || !line)
			return;
		body[2] = 0;
		char answer[4096];
		int n = snprintf(answer, sizeof answer, "SIP/2.0 200 OK%s\r\n", line);
		(void)!sendto(fd, answer, (size_t)n, 0, from, from_n);
		return;
	}
	if (!field(text, "Call-ID: f", id, sizeof id) || !field(text, "CSeq: ", cseq, sizeof cseq))
		return;
	uint32_t n = (uint32_t)strtoul(id, NULL, 10);
	int status = atoi(text + 8);
	if (n >= call_count)
		return;
	if (strstr(cseq, "INVITE")) {
		answered(n, status, text, now);
	} else if (strstr(cseq, "OPTIONS")) {
		calls[n].answered += status == 200;
	} else if (strstr(cseq, "BYE") && calls[n].state == LEAVING) {
		calls[n].state = OVER;
		*(status == 200 ? &bye_ok : &bye_lost) += 1;
	}
}

static void run_until(int64_t until_us, double rate)
{
	int64_t began = now_us(), made = 0;
	for (int64_t now = began; now < until_us; now = now_us()) {
		while (rate > 0 && now < end_us && made < (int64_t)((double)(now - began) * rate / 1e6)) {
			begin(false);
			made++;
		}
		while (heap_n && heap[0].at_us <= now)
			act(soonest());
		struct pollfd p = {.fd = fd, .events = POLLIN};
		poll(&p, 1, 1);
		for (int i = 0; i < 2000; i++) {
			char text[4097];
			struct sockaddr_in from;
			socklen_t size = sizeof from;
			ssize_t n = recvfrom(fd, text, sizeof text - 1, MSG_DONTWAIT,
					     (struct sockaddr *)&from, &size);
			if (n <= 0)
				break;
			text[n] = 0;
			heard(text, now_us(), (struct sockaddr *)&from, size);
		}
	}
}

static int order(const void *a, const void *b)
{
	return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static double ms_at(uint32_t *all, uint64_t n, double share)
{
	if (!n)
		return 0;
	qsort(all, n, sizeof *all, order);
	return all[(uint64_t)((double)(n - 1) * share)] / 1000.0;
}

int main(int argc, char **argv)
{
	if (argc != 8)
		return 2;
	char *colon = strrchr(argv[1], ':');
	int size = 1 << 24;
	uint32_t steady = (uint32_t)atoi(argv[4]);
	double rate = atof(argv[5]), seconds = atof(argv[6]);
	snprintf(server, sizeof server, "%s", argv[1]);
	snprintf(number, sizeof number, "%s", argv[2]);
	snprintf(me, sizeof me, "127.0.0.1:%s", argv[3]);
	*colon = 0;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3]))};
	inet_pton(AF_INET, argv[1], &to.sin_addr);
	inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || connect(fd, (struct sockaddr *)&to, sizeof to))
		return 1;
	size_t room = steady + (size_t)(rate * (seconds + 1)) + 1000;
	calls = calloc(room, sizeof *calls);
	ok_us = calloc(room, sizeof *ok_us);
	busy_us = calloc(room, sizeof *busy_us);
	talk_us = atoll(argv[7]) * 1000;
	end_us = INT64_MAX / 2;
	for (uint32_t i = 0; i < steady; i++) {
		begin(true);
		if (i % 10 == 9)
			run_until(now_us() + 50000, 0);
	}
	run_until(now_us() + 2000000, 0);
	uint64_t up = 0, asked = 0, told = 0;
	for (uint32_t i = 0; i < steady; i++)
		up += calls[i].state == UP;
	end_us = now_us() + (int64_t)(seconds * 1e6);
	for (uint32_t i = 0; i < steady; i++)
		if (calls[i].state == UP)
			later(end_us, i, SEND_BYE);
	run_until(end_us + 8000000, rate);
	for (uint32_t i = 0; i < steady; i++) {
		asked += calls[i].asked;
		told += calls[i].answered;
	}
	printf("flood rate=%.0f seconds=%.0f begun=%u ok=%llu ok_per_s=%.1f busy=%llu retry_after=%llu "
	       "refused=%llu silent=%llu ok_ms_p50=%.1f ok_ms_p99=%.1f busy_ms_p50=%.1f busy_ms_p99=%.1f "
	       "steady=%u steady_up=%llu steady_lost=%llu inside_asked=%llu inside_ok=%llu bye_ok=%llu "
	       "bye_lost=%llu\n",
	       rate, seconds, call_count - steady, (unsigned long long)ok, (double)ok / seconds,
	       (unsigned long long)busy, (unsigned long long)with_retry, (unsigned long long)refused,
	       (unsigned long long)silent, ms_at(ok_us, ok_n, 0.5), ms_at(ok_us, ok_n, 0.99),
	       ms_at(busy_us, busy_n, 0.5), ms_at(busy_us, busy_n, 0.99), steady,
	       (unsigned long long)up, (unsigned long long)steady_lost, (unsigned long long)asked,
	       (unsigned long long)told, (unsigned long long)bye_ok, (unsigned long long)bye_lost);
	return 0;
}
