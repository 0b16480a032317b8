/*
 * web_bench.c - what a leg of a browser costs in the media process: ICE, DTLS, SRTP, its codec. The
 * process is a child; its CPU time is read, so that a busy machine falsifies it less.
 *
 *   cc -O2 -std=gnu11 -D_GNU_SOURCE -I. -o web_bench bench/web_bench.c \
 *      $(ls {base,os,audio,media}/[a-z]*.c | grep -v '_test\|_fuzz') \
 *      -lcares -lopus -lssl -lcrypto -lm -lpthread
 *   ./web_bench KIND PAIRS SECONDS
 *
 * KIND of each pair: g711 (a browser that speaks mu-law and a telephone), opus (a browser that
 * speaks Opus and a telephone), browsers (two with Opus, relayed), idle (two browsers who talk to
 * nobody). 50 packets a second each way, a check each 2.5 s as Chromium does, AEAD_AES_128_GCM,
 * loopback. First line: the handshakes of all of them, one after the other.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "audio/codec.h"
#include "bench/media_host.h"
#include "rtp/dtls.h"
#include "rtp/rtp.h"
#include "rtp/stun.h"
#include "os/clock.h"

enum { PEERS_MAX = 1000, CHECK_TICKS = 125, FRAMES = 50 };

struct peer {
	uint32_t i;
	bool web, opus;
	int fd;
	struct addr at, to;
	uint16_t seq;
	uint32_t ts;
	char ufrag[64], password[64], own_ufrag[16];
	struct dtls *dtls;
	struct srtp *seal;
};

static struct peer peers[PEERS_MAX];
static struct dtls_identity *identity;
static uint8_t opus_frames[FRAMES][CODEC_BYTES_MAX], ulaw_frames[FRAMES][SOUND_FRAME];
static size_t opus_bytes[FRAMES];

/* Tones that change with each frame: Opus says nothing of steady ones. */
static void make_frames(void)
{
	struct codec *c = codec_create(SOUND_OPUS);
	double phase = 0;
	for (int i = 0; i < FRAMES; i++) {
		int16_t pcm[2 * SOUND_FRAME] = {0}, half[SOUND_FRAME];
		sound_tone(pcm, COUNT_OF(pcm), 300 + i * 37 % 900, 2 * SOUND_RATE, 6000, &phase);
		opus_bytes[i] = codec_encode(c, pcm, opus_frames[i]);
		for (int k = 0; k < SOUND_FRAME; k++)
			half[k] = pcm[2 * k];
		sound_encode(SOUND_PCMU, half, ulaw_frames[i], SOUND_FRAME);
	}
	codec_destroy(c);
}

/* -- ICE and DTLS of one -- */

static void check_path(struct peer *p)
{
	char room[STUN_MESSAGE_MAX], name[128];
	struct buf b = buf_make(room, sizeof room);
	snprintf(name, sizeof name, "%s:%s", p->ufrag, p->own_ufrag);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, (const uint8_t *)"benchbenchbe");
	stun_put(&b, STUN_USERNAME, str_of(name), 0);
	stun_put(&b, STUN_PRIORITY, STR("\x6e\x7f\x1e\xff"), 0);
	stun_put(&b, STUN_ICE_CONTROLLING, STR("12345678"), 0);
	stun_put(&b, STUN_USE_CANDIDATE, STR_NONE, 0);
	stun_put_integrity(&b, str_of(p->password));
	stun_put_fingerprint(&b);
	CHECK(sendto(p->fd, b.p, b.n, 0, &p->to.sa, p->to.len) > 0);
}

static void send_record(void *arg, struct str d)
{
	const struct peer *p = arg;
	(void)sendto(p->fd, d.p, d.n, 0, &p->to.sa, p->to.len);
}

static void connect_peer(struct peer *p, struct str fingerprint)
{
	struct dtls_options o = {
		.identity = identity, .begins = true, .send = send_record, .arg = p};
	char packet[RTP_PACKET_MAX];
	struct srtp_terms seal, open;
	CHECK(fingerprint_parse(fingerprint, &o.peer) == ERR_OK);
	check_path(p);
	while (recv(p->fd, packet, sizeof packet, 0) < 0)
		usleep(200);
	p->dtls = dtls_create(&o);
	(void)dtls_start(p->dtls);
	while (dtls_state(p->dtls) != DTLS_DONE) {
		ssize_t n = recv(p->fd, packet, sizeof packet, 0);
		if (n < 0)
			usleep(200);
		else if (dtls_is(str_make(packet, (size_t)n)))
			CHECK(dtls_receive(p->dtls, str_make(packet, (size_t)n)) != DTLS_FAILED);
	}
	dtls_keys(p->dtls, &seal, &open);
	p->seal = srtp_create(&seal);
	CHECK(p->seal);
}

static void open_web(struct peer *p, struct id contact)
{
	char fingerprint[DTLS_FINGERPRINT_MAX];
	snprintf(p->own_ufrag, sizeof p->own_ufrag, "u%05u", p->i);
	tell(&(struct order){.kind = ORDER_leg_web,
			     .leg_web = {.leg = leg_id(p->i),
					 .contact = contact,
					 .ufrag = str_of(p->own_ufrag),
					 .fingerprint = dtls_identity_fingerprint(identity),
					 .active = 1}});
	struct report r = await(REPORT_leg_web_opened);
	CHECK(r.leg_web_opened.err == ERR_OK);
	CHECK(str_copy(r.leg_web_opened.ufrag, p->ufrag, sizeof p->ufrag) &&
	      str_copy(r.leg_web_opened.password, p->password, sizeof p->password) &&
	      str_copy(r.leg_web_opened.fingerprint, fingerprint, sizeof fingerprint));
	CHECK(addr_parse(STR("127.0.0.1"), r.leg_web_opened.port, &p->to) == ERR_OK);
	connect_peer(p, str_of(fingerprint));
}

static void open_plain(struct peer *p, struct id contact)
{
	tell(&(struct order){.kind = ORDER_leg_open, .leg_open = {leg_id(p->i), contact}});
	struct report r = await(REPORT_leg_opened);
	CHECK(r.leg_opened.err == ERR_OK &&
	      addr_parse(STR("127.0.0.1"), r.leg_opened.port, &p->to) == ERR_OK);
}

static void open_peer(struct peer *p, struct id contact)
{
	CHECK(addr_parse(STR("127.0.0.1"), 0, &p->at) == ERR_OK);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(p->fd >= 0 && bind(p->fd, &p->at.sa, p->at.len) == 0);
	p->at.len = sizeof p->at.in6;
	CHECK(getsockname(p->fd, &p->at.sa, &p->at.len) == 0);
	if (p->web)
		open_web(p, contact);
	else
		open_plain(p, contact);
	tell(&(struct order){.kind = ORDER_leg_remote,
			     .leg_remote = {.leg = leg_id(p->i),
					    .address = p->web ? STR_NONE : STR("127.0.0.1"),
					    .port = p->web ? 0 : addr_port(&p->at),
					    .codec = p->opus ? 120 : 0,
					    .pt = p->opus ? 111 : 0,
					    .dtmf_pt = 101,
					    .send = 1,
					    .receive = 1,
					    .ptime_ms = 20,
					    .dtmf_khz = 8}});
}

static void join(uint32_t a, uint32_t b)
{
	char room[8 * ORDER_IDS_MAX];
	const struct order_ids ids = {1, {leg_id(b)}};
	tell(&(struct order){.kind = ORDER_hear, .hear = {leg_id(a), order_ids_put(room, &ids)}});
}

/* -- sound -- */

static void speak(struct peer *p, uint32_t tick)
{
	uint8_t packet[RTP_HEADER + CODEC_BYTES_MAX + SRTP_GROWTH];
	size_t n = SOUND_FRAME;
	if (p->opus) {
		n = opus_bytes[(tick + p->i) % FRAMES];
		memcpy(packet + RTP_HEADER, opus_frames[(tick + p->i) % FRAMES], n);
	} else {
		memcpy(packet + RTP_HEADER, ulaw_frames[(tick + p->i) % FRAMES], n);
	}
	rtp_header(packet, &(struct rtp){.pt = p->opus ? 111 : 0,
					 .seq = p->seq++,
					 .ts = p->ts,
					 .ssrc = p->i + 1});
	p->ts += p->opus ? 960 : SOUND_FRAME;
	n += RTP_HEADER;
	CHECK(!p->seal || srtp_seal(p->seal, packet, &n) == ERR_OK);
	(void)sendto(p->fd, packet, n, 0, &p->to.sa, p->to.len);
	if (p->web && (tick + p->i) % CHECK_TICKS == 0)
		check_path(p);
}

static uint64_t cpu_us(pid_t pid)
{
	clockid_t id;
	struct timespec t;
	CHECK(clock_getcpuclockid(pid, &id) == 0 && clock_gettime(id, &t) == 0);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t run(uint32_t count, int64_t for_us)
{
	uint64_t heard = 0;
	char packet[RTP_PACKET_MAX];
	int64_t at_us = clock_mono_us();
	for (int64_t end_us = at_us + for_us; at_us < end_us; at_us += 20000) {
		for (uint32_t i = 0; i < count; i++) {
			int64_t due_us = at_us + 20000ll * i / count;
			struct timespec t = {due_us / 1000000, due_us % 1000000 * 1000};
			if (due_us > clock_mono_us() + 200)
				(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
			speak(&peers[i], (uint32_t)(at_us / 20000));
			while (recv(peers[i].fd, packet, sizeof packet, 0) > 0)
				heard += (uint8_t)packet[0] == 0x80;
		}
	}
	return heard;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/web-bench-XXXXXX", command[64];
	struct rlimit files;
	uint32_t pairs, seconds;
	if (argc < 4 || str_to_u32(str_of(argv[2]), PEERS_MAX / 2, &pairs) != ERR_OK ||
	    str_to_u32(str_of(argv[3]), 3600, &seconds) != ERR_OK)
		return 1;
	bool idle = str_is(str_of(argv[1]), "idle"), g711 = str_is(str_of(argv[1]), "g711");
	bool both = idle || str_is(str_of(argv[1]), "browsers");
	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	identity = dtls_identity_create();
	make_frames();
	const uint32_t count = 2 * pairs;
	pid_t pid = start(dir);
	uint64_t before = cpu_us(pid);
	uint32_t webs = 0;
	for (uint32_t i = 0; i < count; i++) {
		peers[i].i = i;
		peers[i].web = i % 2 == 0 || both;
		peers[i].opus = peers[i].web && !g711;
		webs += peers[i].web;
		open_peer(&peers[i], (struct id){idle ? i + 1 : i / 2 + 1, 1});
	}
	printf("web kind=%s browsers=%u cpu_us_per_opening=%.0f\n", argv[1], webs,
	       (double)(cpu_us(pid) - before) / webs);
	for (uint32_t i = 0; i < count && !idle; i++)
		join(i, i ^ 1);
	(void)run(count, 1000000);
	before = cpu_us(pid);
	int64_t began_us = clock_mono_us();
	uint64_t heard = run(count, seconds * 1000000ll);
	double s = (double)(clock_mono_us() - began_us) / 1e6;
	double percent = (double)(cpu_us(pid) - before) / s / 1e4;
	printf("web kind=%s pairs=%u secs=%.1f core%%=%.1f core%%_per_100_pairs=%.2f "
	       "heard_of_sent=%.3f\n",
	       argv[1], pairs, s, percent, percent * 100 / pairs,
	       (double)heard / ((double)count * 50 * s));
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}
