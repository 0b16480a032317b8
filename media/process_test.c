/* process_test.c - the whole media process in a child, with real packets over loopback. The only
 * test here that takes real time: a few seconds. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "media/addr.h"
#include "media/control.h"
#include "os/clock.h"
#include "tests/test.h"

#define PCM_MAX (20 * SOUND_RATE)

struct rig {
	pid_t pid;
	int control, core;
	uint16_t port_low, port_high;
	char dir[64], recordings[96], state[96];
	char packet[ORDER_PACKET_MAX];
	struct str rest; /* of the packet being read */
};

/* A telephone: sends a tone, keeps all it hears in order of arrival. */
struct phone {
	int fd;
	uint16_t port, seq;
	uint32_t ts, ssrc;
	uint8_t pt, dtmf_pt;
	enum sound_codec law;
	double hz, phase;
	struct addr to;
	int16_t heard[PCM_MAX];
	size_t heard_n;
	uint32_t packets, events;
	uint32_t breaks; /* of the one stream we should hear: another source, a hole */
	struct rtp last;
	uint8_t last_event[DIGIT_PAYLOAD];
	struct addr from;
};

static const struct id LEG_A = {1, 7}, LEG_B = {2, 9}, REC = {1, 3}, CONTACT = {5, 1};

static void start_media(struct rig *r, uint32_t orphan_ms)
{
	int pair[2];
	EXPECT(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	fflush(NULL);
	r->pid = fork();
	if (r->pid == 0) {
		close(pair[0]);
		struct media_options o = {
			.control_fd = pair[1],
			.recordings = r->recordings,
			.state = r->state,
			.ip = "127.0.0.1",
			.port_low = r->port_low,
			.port_high = r->port_high,
			.threads = 1,
			.silent_ms = 1000,
			.orphan_ms = orphan_ms,
		};
		exit(media_process(&o));
	}
	close(pair[1]);
	r->control = pair[0];
	r->core = -1;
	r->rest = STR_NONE;
}

static void make_rig(struct rig *r)
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

static void clear_rig(struct rig *r)
{
	char command[128];
	if (r->core >= 0)
		close(r->core);
	close(r->control);
	snprintf(command, sizeof command, "rm -rf %s", r->dir);
	EXPECT(system(command) == 0);
}

static void stop_media(struct rig *r)
{
	int status = -1;
	EXPECT(send(r->control, "S", 1, 0) == 1);
	EXPECT(waitpid(r->pid, &status, 0) == r->pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void tell(struct rig *r, struct order o)
{
	char bytes[ORDER_PACKET_MAX];
	struct buf b = buf_make(bytes, sizeof bytes);
	order_encode(&b, &o);
	EXPECT(send(r->core, b.p, b.n, 0) == (ssize_t)b.n);
}

/* The next report of this kind; others are passed over. */
static bool await(struct rig *r, enum report_kind kind, int wait_ms, struct report *out)
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
static void connect_core(struct rig *r)
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

static void make_phone(struct phone *p, double hz, enum sound_codec law, uint8_t dtmf_pt)
{
	memset(p, 0, sizeof *p);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct addr at;
	EXPECT(addr_parse(STR("127.0.0.1"), 0, &at) == ERR_OK);
	EXPECT(bind(p->fd, &at.sa, at.len) == 0);
	at.len = sizeof at.in6;
	EXPECT(getsockname(p->fd, &at.sa, &at.len) == 0);
	p->port = addr_port(&at);
	p->hz = hz;
	p->law = law;
	p->pt = (uint8_t)law;
	p->dtmf_pt = dtmf_pt;
	p->ssrc = 0x1000u + p->port;
	p->seq = 65530; /* over the edge within the first packets */
	p->ts = 0xffffff00u;
}

static void phone_send(struct phone *p, uint8_t pt, const uint8_t *payload, size_t n, bool mark)
{
	uint8_t packet[RTP_HEADER + 480];
	struct rtp head = {.pt = pt, .seq = p->seq++, .ts = p->ts, .ssrc = p->ssrc, .marker = mark};
	rtp_header(packet, &head);
	memcpy(packet + RTP_HEADER, payload, n);
	EXPECT(sendto(p->fd, packet, RTP_HEADER + n, 0, &p->to.sa, p->to.len) > 0);
}

static void phone_speak(struct phone *p)
{
	int16_t pcm[SOUND_FRAME] = {0};
	uint8_t bytes[SOUND_FRAME];
	sound_tone(pcm, SOUND_FRAME, p->hz, SOUND_RATE, 8000, &p->phase);
	sound_encode(p->law, pcm, bytes, SOUND_FRAME);
	phone_send(p, p->pt, bytes, SOUND_FRAME, false);
	p->ts += SOUND_FRAME;
}

static void phone_hear(struct phone *p)
{
	char packet[2048];
	struct rtp r;
	for (;;) {
		p->from.len = sizeof p->from.in6;
		ssize_t n = recvfrom(p->fd, packet, sizeof packet, 0, &p->from.sa, &p->from.len);
		if (n < 0)
			return;
		EXPECT(rtp_parse(str_make(packet, (size_t)n), &r) == ERR_OK);
		p->packets++;
		p->breaks += p->last.ssrc &&
			     (r.ssrc != p->last.ssrc || r.seq != (uint16_t)(p->last.seq + 1));
		p->last = r;
		if (r.pt == p->dtmf_pt && r.payload.n == DIGIT_PAYLOAD) {
			p->events++;
			memcpy(p->last_event, r.payload.p, DIGIT_PAYLOAD);
		} else if (r.pt == p->pt && p->heard_n + r.payload.n <= PCM_MAX) {
			sound_decode(p->law, (const uint8_t *)r.payload.p, p->heard + p->heard_n,
				     r.payload.n);
			p->heard_n += r.payload.n;
		}
	}
}

static void sleep_until(int64_t at_us)
{
	struct timespec t = {at_us / 1000000, at_us % 1000000 * 1000};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Both phones speak (unless NULL) and hear for so long. */
static void talk(struct phone *a, struct phone *b, int ms)
{
	int64_t at_us = clock_mono_us();
	for (int i = 0; i < ms / 20; i++) {
		phone_speak(a);
		if (b)
			phone_speak(b);
		at_us += 20000;
		sleep_until(at_us);
		phone_hear(a);
		if (b)
			phone_hear(b);
	}
}

static void forget_heard(struct phone *p)
{
	phone_hear(p);
	p->heard_n = 0;
	p->packets = p->events = 0;
}

static uint16_t open_leg(struct rig *r, struct id leg, struct phone *p)
{
	struct report told;
	tell(r, (struct order){.kind = ORDER_leg_open, .leg_open = {leg, CONTACT}});
	EXPECT(await(r, REPORT_leg_opened, 2000, &told));
	EXPECT(told.leg_opened.err == ERR_OK && ID_EQ(told.leg_opened.leg, leg));
	EXPECT(told.leg_opened.port >= r->port_low && told.leg_opened.port % 2 == 0);
	EXPECT(addr_parse(STR("127.0.0.1"), told.leg_opened.port, &p->to) == ERR_OK);
	return told.leg_opened.port;
}

static void agree(struct rig *r, struct id leg, const struct phone *p, bool send, bool receive)
{
	tell(r, (struct order){.kind = ORDER_leg_remote,
			       .leg_remote = {.leg = leg,
					      .address = STR("127.0.0.1"),
					      .port = p->port,
					      .codec = (uint8_t)p->law,
					      .pt = p->pt,
					      .dtmf_pt = p->dtmf_pt,
					      .send = send,
					      .receive = receive,
					      .ptime_ms = 20}});
}

static double share(const struct phone *p, double hz)
{
	size_t skip = MIN(p->heard_n, 1600u); /* the beginning may be silence */
	return sound_tone_share(p->heard + skip, p->heard_n - skip, hz, SOUND_RATE);
}

struct talk_case {
	struct rig rig;
	struct phone a, b;
};

static void begin_talk(struct talk_case *t)
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
	tell(&t->rig, (struct order){.kind = ORDER_join, .join = {LEG_A, LEG_B}});
	/* what was ordered before has been done when the inventory comes */
	struct report told;
	tell(&t->rig, (struct order){.kind = ORDER_inventory, .inventory = {1}});
	EXPECT(await(&t->rig, REPORT_inventory_end, 2000, &told));
}

static void end_talk(struct talk_case *t)
{
	stop_media(&t->rig);
	close(t->a.fd);
	close(t->b.fd);
	clear_rig(&t->rig);
}

/* The caller frees it. */
static struct str read_file(const char *path)
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

static void check_sha256(struct str file, struct str want)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hex[65];
	struct buf b = buf_make(hex, sizeof hex);
	EXPECT(file.n > 0);
	SHA256((const uint8_t *)file.p, file.n, digest);
	buf_hex(&b, digest, sizeof digest);
	EXPECT(str_eq(buf_str(&b), want));
}

static void check_channel(const struct wav *w, int channel, double hz, double other_hz)
{
	size_t n = sound_wav_frames(w), skip = 2400;
	int16_t *pcm = xcalloc(n, sizeof *pcm);
	for (size_t i = 0; i < n; i++)
		memcpy(&pcm[i], w->data.p + 4 * i + 2 * channel, 2);
	EXPECT(n > 2 * skip);
	if (n > 2 * skip) {
		EXPECT(sound_tone_share(pcm + skip, n - 2 * skip, hz, SOUND_RATE) > 0.9);
		EXPECT(sound_tone_share(pcm + skip, n - 2 * skip, other_hz, SOUND_RATE) < 0.01);
		EXPECT(fabs(sound_level(pcm + skip, n - 2 * skip) - 8000 / sqrt(2)) < 600);
	}
	free(pcm);
}

static void check_inventory(struct rig *r, uint32_t number, uint32_t want_legs, uint32_t want_recs)
{
	struct report told;
	tell(r, (struct order){.kind = ORDER_inventory, .inventory = {number}});
	for (uint32_t i = 0; i < want_legs; i++) {
		EXPECT(await(r, REPORT_leg_is, 2000, &told));
		EXPECT(told.leg_is.locked == 1 && ID_EQ(told.leg_is.contact, CONTACT));
		struct order_ids hears;
		EXPECT(order_ids_get(told.leg_is.hears, &hears) == ERR_OK && hears.count == 1);
		EXPECT(ID_EQ(hears.ids[0], ID_EQ(told.leg_is.leg, LEG_A) ? LEG_B : LEG_A));
	}
	for (uint32_t i = 0; i < want_recs; i++)
		EXPECT(await(r, REPORT_rec_is, 2000, &told) && ID_EQ(told.rec_is.rec, REC));
	EXPECT(await(r, REPORT_inventory_end, 2000, &told) && told.inventory_end.number == number);
}

TEST(process_bridges_and_records_while_cores_come_and_go)
{
	static struct talk_case t;
	struct report told;
	char path[256];
	begin_talk(&t);
	struct order record = {.kind = ORDER_record,
			       .record = {REC, LEG_A, LEG_B, STR("acme/2026/one.wav")}};
	int64_t begun_us = clock_mono_us();
	tell(&t.rig, record);
	talk(&t.a, &t.b, 600);
	close(t.rig.core); /* the core dies */
	t.rig.core = -1;
	talk(&t.a, &t.b, 300);
	connect_core(&t.rig);
	check_inventory(&t.rig, 77, 2, 1);
	tell(&t.rig, record); /* said again: changes nothing */
	tell(&t.rig, (struct order){.kind = ORDER_join, .join = {LEG_B, LEG_A}});
	talk(&t.a, &t.b, 500);
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {REC}});
	int64_t wall_ms = (clock_mono_us() - begun_us) / 1000;

	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.a, 440) < 0.01);
	EXPECT(share(&t.b, 440) > 0.9 && share(&t.b, 1000) < 0.01);
	EXPECT(t.a.heard_n > 1200 * 8 && t.b.heard_n > 1200 * 8);

	EXPECT(await(&t.rig, REPORT_recorded, 3000, &told));
	EXPECT(ID_EQ(told.recorded.rec, REC));
	EXPECT_STR(told.recorded.path, "acme/2026/one.wav");
	EXPECT_STR(told.recorded.flaw, "");
	/* to the sample: tape_test.c; here a loaded machine may do the orders late */
	EXPECT(llabs(told.recorded.duration_ms - wall_ms) <= 60);
	snprintf(path, sizeof path, "%s/acme/2026/one.wav", t.rig.recordings);
	struct str file = read_file(path);
	struct wav w;
	check_sha256(file, told.recorded.sha256);
	EXPECT(told.recorded.bytes == (int64_t)file.n);
	EXPECT(sound_wav_parse(file, &w) == ERR_OK && w.channels == 2 && w.rate == 8000);
	EXPECT(llabs((int64_t)sound_wav_frames(&w) / 8 - told.recorded.duration_ms) <= 1);
	check_channel(&w, 0, 440, 1000);
	check_channel(&w, 1, 1000, 440);
	free((char *)file.p);

	connect_core(&t.rig); /* not acknowledged: told again */
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told) && ID_EQ(told.recorded.rec, REC));
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {REC}});
	connect_core(&t.rig);
	check_inventory(&t.rig, 78, 2, 0);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received == (uint16_t)(t.a.seq - 65530u));
	EXPECT(told.leg_closed.lost == 0 && told.leg_closed.sent >= 60);
	EXPECT(told.leg_closed.jitter_us < 10000 && told.leg_closed.strays == 0);
	end_talk(&t);
}

static void press(struct phone *p, uint8_t event)
{
	for (int i = 1; i <= 6; i++) {
		uint16_t duration = (uint16_t)(MIN(i, 4) * 160);
		uint8_t payload[] = {event, (uint8_t)(i > 3 ? 0x8a : 0x0a),
				     (uint8_t)(duration >> 8), (uint8_t)duration};
		phone_send(p, p->dtmf_pt, payload, sizeof payload, i == 1);
	}
	p->ts += 160 * 6;
}

TEST(process_passes_digits_plays_and_hears_nobody_else)
{
	static struct talk_case t;
	static struct phone thief;
	struct report told;
	char path[256];
	int16_t pcm[8000] = {0};
	double phase = 0;
	uint8_t header[WAV_HEADER];
	begin_talk(&t);
	talk(&t.a, &t.b, 300);

	press(&t.a, 5);
	EXPECT(await(&t.rig, REPORT_digit, 2000, &told));
	EXPECT(ID_EQ(told.digit.leg, LEG_A) && told.digit.digit == '5');
	EXPECT(told.digit.duration_ms == 80);
	talk(&t.a, &t.b, 60);
	EXPECT(t.b.events == 6 && t.b.last_event[0] == 5 && t.b.last_event[1] & 0x80);
	EXPECT(!await(&t.rig, REPORT_digit, 100, &told)); /* once */

	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_send_digit, .send_digit = {LEG_B, '#', 100}});
	talk(&t.a, &t.b, 300);
	EXPECT(t.b.events == 7 && t.b.last_event[0] == 11); /* 5 of 20 ms, and 2 more ends */
	EXPECT(t.b.last_event[2] == 800 >> 8 && t.b.last_event[3] == (800 & 255));

	/* also shows that the file thread, which composes at first, is ready */
	tell(&t.rig, (struct order){.kind = ORDER_play,
				    .play = {.leg = LEG_A, .play = 3, .files = STR("/none.wav")}});
	EXPECT(await(&t.rig, REPORT_play_done, 2000, &told));
	EXPECT(told.play_done.play == 3 && told.play_done.ok == 0);

	/* one second of 600 Hz at 16 kHz */
	sound_tone(pcm, 8000, 600, 16000, 9000, &phase);
	sound_wav_header(header, 16000, 1, sizeof pcm);
	snprintf(path, sizeof path, "%s/prompt.wav", t.rig.dir);
	FILE *f = fopen(path, "wb");
	EXPECT(f && fwrite(header, sizeof header, 1, f) == 1 && fwrite(pcm, sizeof pcm, 1, f) == 1);
	if (f)
		fclose(f);
	make_phone(&thief, 2000, SOUND_PCMA, 101);
	thief.to = t.a.to;
	forget_heard(&t.a);
	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_play,
				    .play = {.leg = LEG_A, .play = 4, .files = str_of(path)}});
	int64_t begun_ms = clock_mono_ms();
	for (int i = 0; i < 8; i++) {
		talk(&t.a, &t.b, 60);
		phone_speak(&thief);
	}
	EXPECT(await(&t.rig, REPORT_play_done, 2000, &told));
	EXPECT(told.play_done.play == 4 && told.play_done.ok == 1);
	EXPECT(clock_mono_ms() - begun_ms >= 480); /* half a second, up to a tick */
	EXPECT(t.a.heard_n > 3200 && share(&t.a, 600) > 0.9 && share(&t.a, 1000) < 0.01);
	EXPECT(share(&t.b, 440) > 0.9 && share(&t.b, 2000) < 0.01); /* the other way goes on */

	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_music, .music = {LEG_B, 6, STR("default")}});
	talk(&t.a, &t.b, 500);
	double level = sound_level(t.b.heard, t.b.heard_n); /* A's tone would be 5657 */
	EXPECT(t.b.heard_n >= 400 * 8 && level > 100 && level < 4000);
	tell(&t.rig, (struct order){.kind = ORDER_play_stop, .play_stop = {LEG_B, 6}});

	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told) && told.leg_closed.strays == 8);
	EXPECT(t.a.breaks == 0 && t.b.breaks == 0); /* one stream, whoever spoke */
	phone_hear(&thief);
	EXPECT(thief.packets == 0);
	close(thief.fd);
	end_talk(&t);
}

TEST(process_holds_and_notices_silence)
{
	static struct talk_case t;
	struct report told;
	begin_talk(&t);
	talk(&t.a, &t.b, 100);
	/* hold: nothing is sent, nothing is heard */
	agree(&t.rig, LEG_B, &t.b, false, false);
	talk(&t.a, &t.b, 60);
	forget_heard(&t.a);
	forget_heard(&t.b);
	talk(&t.a, &t.b, 200);
	EXPECT(t.a.packets == 0 && t.b.packets == 0);
	agree(&t.rig, LEG_B, &t.b, true, true);
	talk(&t.a, &t.b, 400);
	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.b, 440) > 0.9);

	/* B goes silent: told once */
	talk(&t.a, NULL, 2200);
	EXPECT(await(&t.rig, REPORT_silent, 1000, &told));
	EXPECT(ID_EQ(told.silent.leg, LEG_B) && told.silent.ms >= 1000);
	EXPECT(await(&t.rig, REPORT_gauges, 2000, &told) && told.gauges.legs == 2);

	EXPECT(t.a.breaks == 0 && t.b.breaks == 0);
	end_talk(&t);
}

TEST(process_learns_a_phone_behind_a_nat)
{
	static struct talk_case t;
	static struct phone said, nat; /* where the SDP points, where packets come from */
	begin_talk(&t);
	make_phone(&said, 600, SOUND_PCMA, 101);
	make_phone(&nat, 600, SOUND_PCMA, 101);
	said.to = nat.to = t.a.to;
	agree(&t.rig, LEG_A, &said, true, true);
	talk(&t.b, &nat, 400);
	EXPECT(share(&t.b, 600) > 0.9); /* learnt after five packets, heard since */
	EXPECT(nat.heard_n > 200 * 8 && share(&nat, 1000) > 0.9);
	phone_hear(&said);
	uint32_t before = said.packets; /* what went there until then */
	EXPECT(before >= 3 && before <= 12);
	phone_speak(&said); /* too late: somebody else is locked */
	talk(&t.b, &nat, 100);
	phone_hear(&said);
	EXPECT(said.packets == before);
	close(said.fd);
	close(nat.fd);
	end_talk(&t);
}

TEST(process_without_ports_refuses_and_told_to_stop_finishes)
{
	static struct talk_case t;
	static struct rig next;
	struct report told;
	make_rig(&t.rig);
	t.rig.port_high = (uint16_t)(t.rig.port_low + 3); /* two pairs */
	start_media(&t.rig, 0);
	connect_core(&t.rig);
	make_phone(&t.a, 440, SOUND_PCMA, 101);
	make_phone(&t.b, 1000, SOUND_PCMA, 101);
	open_leg(&t.rig, LEG_A, &t.a);
	open_leg(&t.rig, LEG_B, &t.b);
	struct order third = {.kind = ORDER_leg_open, .leg_open = {{3, 1}, CONTACT}};
	tell(&t.rig, third);
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told));
	EXPECT(told.leg_opened.err == ERR_FULL && told.leg_opened.port == 0);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	tell(&t.rig, third);
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told) && told.leg_opened.err == ERR_OK);

	/* a recording that cannot begin is told like one that ended */
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{9, 9}, LEG_A, LEG_B, STR("acme/no.wav")}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told) && told.recorded.bytes == 0);
	EXPECT_STR(told.recorded.flaw, "never began: legs are not there");
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{8, 9}, LEG_A, {3, 1}, STR("../no.wav")}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.flaw, "never began: bad path");
	/* the same id for another file: the old one is told once more, the new one is made */
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{8, 9}, LEG_A, {3, 1}, STR("acme/new.wav")}});
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {{8, 9}}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.path, "../no.wav");
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.path, "acme/new.wav");
	EXPECT_STR(told.recorded.flaw, "");
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {{8, 9}}});
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {{8, 9}}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.flaw, "lost: not known");
	/* strangers' ids and bytes are harmless */
	tell(&t.rig, (struct order){.kind = ORDER_join, .join = {{77, 7}, LEG_A}});
	tell(&t.rig, (struct order){.kind = ORDER_join, .join = {LEG_A, LEG_A}});
	EXPECT(send(t.rig.core, "\xff\xff\x07", 3, 0) == 3);

	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, {3, 1}, STR("acme/stop.wav")}});
	sleep_until(clock_mono_us() + 300000);
	stop_media(&t.rig);
	EXPECT(await(&t.rig, REPORT_recorded, 1000, &told) && ID_EQ(told.recorded.rec, REC));
	EXPECT(llabs(told.recorded.duration_ms - 300) <= 50 && !told.recorded.flaw.n);
	EXPECT(!await(&t.rig, REPORT_recorded, 100, &told)); /* it has ended */
	next = t.rig;
	close(t.rig.control);
	start_media(&next, 0);
	connect_core(&next); /* not acknowledged: the next life tells it */
	EXPECT(await(&next, REPORT_recorded, 2000, &told) && ID_EQ(told.recorded.rec, REC));
	EXPECT(!told.recorded.flaw.n);
	t.rig = next;
	end_talk(&t);
}

TEST(process_killed_while_recording_repairs_the_file_and_tells)
{
	static struct talk_case t;
	struct report told;
	char path[256];
	begin_talk(&t);
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, LEG_B, STR("acme/cut.wav")}});
	talk(&t.a, &t.b, 1300);
	EXPECT(kill(t.rig.pid, SIGKILL) == 0);
	EXPECT(waitpid(t.rig.pid, NULL, 0) == t.rig.pid);
	close(t.rig.control);
	close(t.rig.core);
	start_media(&t.rig, 300);
	connect_core(&t.rig);
	EXPECT(await(&t.rig, REPORT_recorded, 3000, &told));
	EXPECT(ID_EQ(told.recorded.rec, REC));
	EXPECT_STR(told.recorded.flaw, "truncated: media restart");
	/* whole pages, at least all but the one under way */
	EXPECT(told.recorded.duration_ms >= 800 && told.recorded.duration_ms % 400 == 0);
	snprintf(path, sizeof path, "%s/acme/cut.wav", t.rig.recordings);
	struct str file = read_file(path);
	struct wav w;
	check_sha256(file, told.recorded.sha256);
	EXPECT(sound_wav_parse(file, &w) == ERR_OK &&
	       sound_wav_frames(&w) == (size_t)told.recorded.duration_ms * 8);
	free((char *)file.p);

	/* an orphan: no core for 300 ms ends legs, and the next core hears of it */
	open_leg(&t.rig, LEG_A, &t.a);
	close(t.rig.core);
	t.rig.core = -1;
	sleep_until(clock_mono_us() + 1500000);
	connect_core(&t.rig);
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told) && ID_EQ(told.leg_closed.leg, LEG_A));
	end_talk(&t);
}

TEST(process_that_drains_goes_on_and_ends_with_its_last_leg)
{
	static struct talk_case t;
	struct report told;
	int status = -1;
	begin_talk(&t);
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, LEG_B, STR("acme/drained.wav")}});
	talk(&t.a, &t.b, 100);
	EXPECT(send(t.rig.control, "D", 1, 0) == 1);
	forget_heard(&t.a);
	talk(&t.a, &t.b, 400);
	EXPECT(share(&t.a, 1000) > 0.9);
	tell(&t.rig, (struct order){.kind = ORDER_leg_open, .leg_open = {{3, 1}, CONTACT}});
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told)); /* an old call gets its second leg */
	EXPECT(told.leg_opened.err == ERR_OK);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {{3, 1}}});
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT(waitpid(t.rig.pid, &status, WNOHANG) == 0); /* it waits to be acknowledged */
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {REC}});
	EXPECT(waitpid(t.rig.pid, &status, 0) == t.rig.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(t.a.fd);
	close(t.b.fd);
	clear_rig(&t.rig);
}
