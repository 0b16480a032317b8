/* rig_test.c - see rig_test.h. */
#include "media/rig_test.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NICE (-11) /* as media's own threads */

void start_media(struct rig *r, uint32_t orphan_ms)
{
	int pair[2];
	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	fflush(NULL);
	/* where we may: a telephone that a busy machine stops says nothing about media */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	r->pid = fork();
	if (r->pid == 0) {
		close(pair[0]);
		struct media_options o = {
			.control_fd = pair[1],
			.recordings = r->recordings,
			.state = r->state,
			.ip = r->ip ? r->ip : "127.0.0.1",
			.port_low = r->port_low,
			.port_high = r->port_high,
			.threads = r->threads ? r->threads : 1,
			.silent_ms = 1000,
			.path_ms = 1000,
			.orphan_ms = orphan_ms,
		};
		exit(media_process(&o));
	}
	close(pair[1]);
	r->control = pair[0];
	r->core = -1;
	r->rest = STR_NONE;
}

void make_rig(struct rig *r)
{
	memset(r, 0, sizeof *r);
	snprintf(r->dir, sizeof r->dir, "/tmp/media-test-XXXXXX");
	EXPECT(mkdtemp(r->dir) != NULL);
	/* apart from other runs and from the ports the system gives out */
	r->port_low = (uint16_t)(24000 + getpid() % 500 * 16);
	r->port_high = (uint16_t)(r->port_low + 15);
	snprintf(r->recordings, sizeof r->recordings, "%s/recordings", r->dir);
	snprintf(r->state, sizeof r->state, "%s/state/media", r->dir);
}

void clear_rig(struct rig *r)
{
	char command[128];
	if (r->core >= 0)
		close(r->core);
	close(r->control);
	snprintf(command, sizeof command, "rm -rf %s", r->dir);
	EXPECT(system(command) == 0);
}

void stop_media(struct rig *r)
{
	int status = -1;
	EXPECT(send(r->control, "S", 1, 0) == 1);
	EXPECT(waitpid(r->pid, &status, 0) == r->pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void tell(struct rig *r, struct order o)
{
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	order_encode(&b, &o);
	EXPECT(send(r->core, b.p, b.n, 0) == (ssize_t)b.n);
}

/* The next report of this kind; others are passed over. */
bool await(struct rig *r, enum report_kind kind, int wait_ms, struct report *out)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	for (;;) {
		while (report_decode(&r->rest, out) == ERR_OK)
			if (out->kind == kind)
				return true;
		struct pollfd p = {.fd = r->core, .events = POLLIN};
		int64_t left_ms = until_ms - clock_mono_ms();
		if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0)
			return false;
		ssize_t n = recv(r->core, r->packet, sizeof r->packet, 0);
		if (n <= 0)
			return false;
		r->rest = str_make(r->packet, (size_t)n);
	}
}

/* A new core connects by way of the supervisor, as after a crash of the former. */
void connect_core(struct rig *r)
{
	int pair[2];
	char room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec io = {(char[]){'C'}, 1};
	struct msghdr m = {.msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = room,
			   .msg_controllen = sizeof room};
	struct report told;
	if (r->core >= 0)
		close(r->core);
	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &pair[1], sizeof(int));
	EXPECT(sendmsg(r->control, &m, 0) == 1);
	close(pair[1]);
	r->core = pair[0];
	r->rest = STR_NONE;
	EXPECT(await(r, REPORT_hello, 3000, &told) && told.hello.version == ORDER_VERSION);
	tell(r, (struct order){.kind = ORDER_hello, .hello = {ORDER_VERSION}});
}

void make_phone(struct phone *p, double hz, enum sound_codec law, uint8_t dtmf_pt)
{
	make_phone_at(p, "127.0.0.1", hz, law, dtmf_pt);
}

void make_phone_at(struct phone *p, const char *ip, double hz, enum sound_codec law,
		   uint8_t dtmf_pt)
{
	struct addr at;
	memset(p, 0, sizeof *p);
	EXPECT(addr_parse(str_of(ip), 0, &at) == ERR_OK);
	p->ip = ip;
	p->fd = socket(at.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	EXPECT(bind(p->fd, &at.sa, at.len) == 0);
	at.len = sizeof at.in6;
	EXPECT(getsockname(p->fd, &at.sa, &at.len) == 0);
	p->port = addr_port(&at);
	p->hz = hz;
	p->law = law;
	coder_set(&p->ear, law, NULL);
	p->pt = (uint8_t)law;
	p->dtmf_pt = dtmf_pt;
	p->ssrc = 0x1000u + p->port;
	p->seq = 65530; /* over the edge within the first packets */
	p->ts = 0xffffff00u;
}

void phone_send(struct phone *p, uint8_t pt, const uint8_t *payload, size_t n, bool mark)
{
	uint8_t packet[RTP_HEADER + 480];
	struct rtp head = {.pt = pt, .seq = p->seq++, .ts = p->ts, .ssrc = p->ssrc, .marker = mark};
	rtp_header(packet, &head);
	memcpy(packet + RTP_HEADER, payload, n);
	EXPECT(sendto(p->fd, packet, RTP_HEADER + n, 0, &p->to.sa, p->to.len) > 0);
}

void phone_speak(struct phone *p)
{
	int16_t pcm[SOUND_FRAME] = {0};
	uint8_t bytes[SOUND_FRAME];
	sound_tone(pcm, SOUND_FRAME, p->hz, SOUND_RATE, 8000, &p->phase);
	sound_encode(p->law, pcm, bytes, SOUND_FRAME);
	phone_send(p, p->pt, bytes, SOUND_FRAME, false);
	p->ts += SOUND_FRAME;
}

void phone_take(struct phone *p, struct str packet)
{
	struct rtp r;
	EXPECT(rtp_parse(packet, &r) == ERR_OK);
	p->packets++;
	p->breaks +=
		p->last.ssrc && (r.ssrc != p->last.ssrc || r.seq != (uint16_t)(p->last.seq + 1));
	p->last = r;
	if (r.pt == p->dtmf_pt && r.payload.n == DIGIT_PAYLOAD) {
		p->events++;
		memcpy(p->last_event, r.payload.p, DIGIT_PAYLOAD);
	} else if (r.pt == p->pt && p->heard_n + CODER_SAMPLES_MAX <= PCM_MAX) {
		p->heard_n += coder_decode(&p->ear, r.payload, p->heard + p->heard_n);
	}
}

void phone_hear(struct phone *p)
{
	char packet[2048];
	for (;;) {
		p->from.len = sizeof p->from.in6;
		ssize_t n = recvfrom(p->fd, packet, sizeof packet, 0, &p->from.sa, &p->from.len);
		if (n < 0)
			return;
		phone_take(p, str_make(packet, (size_t)n));
	}
}

void sleep_until(int64_t at_us)
{
	struct timespec t = {at_us / 1000000, at_us % 1000000 * 1000};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* All these speak and hear for so long. */
void talk_all(struct phone *const *all, int count, int ms)
{
	int64_t at_us = clock_mono_us();
	for (int i = 0; i < ms / 20; i++) {
		for (int k = 0; k < count; k++)
			phone_speak(all[k]);
		at_us += 20000;
		sleep_until(at_us);
		for (int k = 0; k < count; k++)
			phone_hear(all[k]);
	}
}

void talk(struct phone *a, struct phone *b, int ms)
{
	struct phone *const all[] = {a, b};
	talk_all(all, b ? 2 : 1, ms);
}

void forget_heard(struct phone *p)
{
	phone_hear(p);
	p->heard_n = 0;
	p->packets = p->events = 0;
}

uint16_t open_leg_in(struct rig *r, struct id leg, struct id contact, struct phone *p)
{
	struct report told;
	tell(r, (struct order){.kind = ORDER_leg_open, .leg_open = {leg, contact}});
	EXPECT(await(r, REPORT_leg_opened, 2000, &told));
	EXPECT(told.leg_opened.err == ERR_OK && ID_EQ(told.leg_opened.leg, leg));
	EXPECT(told.leg_opened.port >= r->port_low && told.leg_opened.port % 2 == 0);
	EXPECT(addr_parse(str_of(p->ip), told.leg_opened.port, &p->to) == ERR_OK);
	return told.leg_opened.port;
}

uint16_t open_leg(struct rig *r, struct id leg, struct phone *p)
{
	return open_leg_in(r, leg, CONTACT, p);
}

void agree(struct rig *r, struct id leg, const struct phone *p, bool send, bool receive)
{
	tell(r, (struct order){.kind = ORDER_leg_remote,
			       .leg_remote = {.leg = leg,
					      .address = str_of(p->ip),
					      .port = p->port,
					      .codec = (uint8_t)p->law,
					      .pt = p->pt,
					      .dtmf_pt = p->dtmf_pt,
					      .send = send,
					      .receive = receive,
					      .ptime_ms = 20}});
}

double share(const struct phone *p, double hz)
{
	size_t skip = MIN(p->heard_n, 1600u); /* the beginning may be silence */
	return sound_tone_share(p->heard + skip, p->heard_n - skip, hz, SOUND_RATE);
}

void hear(struct rig *r, struct id leg, const struct order_ids *whom)
{
	char room[8 * ORDER_IDS_MAX];
	tell(r, (struct order){.kind = ORDER_hear, .hear = {leg, order_ids_put(room, whom)}});
}

void hear_each_other(struct rig *r)
{
	const struct order_ids a = {1, {LEG_A}}, b = {1, {LEG_B}};
	hear(r, LEG_A, &b);
	hear(r, LEG_B, &a);
}

void begin_talk(struct talk_case *t)
{
	make_rig(&t->rig);
	start_media(&t->rig, 0);
	connect_core(&t->rig);
	make_phone(&t->a, 440, SOUND_PCMA, 101);
	make_phone(&t->b, 1000, SOUND_PCMU, 96); /* another law, another event number */
	uint16_t port = open_leg(&t->rig, LEG_A, &t->a);
	open_leg(&t->rig, LEG_B, &t->b);
	EXPECT(open_leg(&t->rig, LEG_A, &t->a) == port); /* said again: the same port */
	agree(&t->rig, LEG_A, &t->a, true, true);
	agree(&t->rig, LEG_B, &t->b, true, true);
	hear_each_other(&t->rig);
	/* what was ordered before has been done when the inventory comes */
	struct report told;
	tell(&t->rig, (struct order){.kind = ORDER_inventory, .inventory = {1}});
	EXPECT(await(&t->rig, REPORT_inventory_end, 2000, &told));
}

void end_talk(struct talk_case *t)
{
	stop_media(&t->rig);
	close(t->a.fd);
	close(t->b.fd);
	clear_rig(&t->rig);
}

/* The caller frees it. */
struct str read_file(const char *path)
{
	struct buf b = buf_grow(1 << 20);
	char piece[4096];
	FILE *f = fopen(path, "rb");
	for (size_t n; f && (n = fread(piece, 1, sizeof piece, f)) > 0;)
		buf_put(&b, str_make(piece, n));
	if (f)
		fclose(f);
	return buf_str(&b);
}
