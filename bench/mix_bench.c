/*
 * mix_bench.c - what a leg costs in the media process: relayed, mixed, recorded. The process is a
 * child; its CPU time is read, so that a busy machine falsifies it less.
 *
 *   cc -O2 -std=gnu11 -D_GNU_SOURCE -I. -o mix_bench bench/mix_bench.c \
 *      $(ls {base,os,audio,media}/[a-z]*.c | grep -v '_test\|_fuzz') \
 *      -lcares -lopus -lssl -lcrypto -lm -lpthread
 *   ./mix_bench CONFERENCES LEGS TALKERS SECONDS [record]
 *
 * Each of the conferences has so many legs who all hear each other (2: a bridged call); so many of
 * them talk, the others send silence. G.711 A-law, 50 packets a second each way, loopback.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "audio/sound.h"
#include "bench/media_host.h"
#include "rtp/addr.h"
#include "rtp/rtp.h"
#include "os/clock.h"

enum { LEGS_MAX = 4000 };

struct phone {
	int fd;
	struct addr at, to;
	uint16_t seq;
	uint32_t ts;
	bool talks;
	double phase;
};

static struct phone phones[LEGS_MAX];

static void open_leg(uint32_t i, uint32_t legs)
{
	struct phone *p = &phones[i];
	char ip[] = "127.0.0.1";
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(addr_parse(str_of(ip), 0, &p->at) == ERR_OK &&
	      bind(p->fd, &p->at.sa, p->at.len) == 0);
	p->at.len = sizeof p->at.in6;
	CHECK(getsockname(p->fd, &p->at.sa, &p->at.len) == 0);
	tell(&(struct order){.kind = ORDER_leg_open,
			     .leg_open = {.leg = leg_id(i), .contact = {i / legs + 1, 1}}});
	struct report r = await(REPORT_leg_opened);
	CHECK(r.leg_opened.err == ERR_OK &&
	      addr_parse(str_of(ip), r.leg_opened.port, &p->to) == ERR_OK);
	tell(&(struct order){.kind = ORDER_leg_remote,
			     .leg_remote = {.leg = leg_id(i),
					    .address = str_of(ip),
					    .port = addr_port(&p->at),
					    .codec = 8,
					    .pt = 8,
					    .dtmf_pt = 101,
					    .send = 1,
					    .receive = 1,
					    .ptime_ms = 20}});
}

static void hear(uint32_t i, uint32_t legs)
{
	char room[8 * ORDER_IDS_MAX];
	struct order_ids ids = {0};
	for (uint32_t k = i - i % legs; k < i - i % legs + legs; k++)
		if (k != i)
			ids.ids[ids.count++] = leg_id(k);
	tell(&(struct order){.kind = ORDER_hear, .hear = {leg_id(i), order_ids_put(room, &ids)}});
}

static void record(uint32_t i, uint32_t legs)
{
	char name[32], left[8 * ORDER_IDS_MAX], right[8 * ORDER_IDS_MAX];
	struct order_ids ids = {0}, one = {1, {leg_id(i)}};
	snprintf(name, sizeof name, "%u.wav", i);
	for (uint32_t k = i + 1; k < i + legs; k++)
		ids.ids[ids.count++] = leg_id(k);
	tell(&(struct order){.kind = ORDER_record,
			     .record = {leg_id(i), leg_id(i), leg_id(i + 1), str_of(name)}});
	tell(&(struct order){
		.kind = ORDER_record_hear,
		.record_hear = {leg_id(i), order_ids_put(left, &one), order_ids_put(right, &ids)}});
}

static void speak(struct phone *p, uint32_t i)
{
	uint8_t packet[RTP_HEADER + SOUND_FRAME];
	int16_t pcm[SOUND_FRAME] = {0};
	rtp_header(packet, &(struct rtp){.pt = 8, .seq = p->seq++, .ts = p->ts, .ssrc = i + 1});
	if (p->talks)
		sound_tone(pcm, SOUND_FRAME, 200 + i % 20 * 100, SOUND_RATE, 4000, &p->phase);
	sound_encode(SOUND_PCMA, pcm, packet + RTP_HEADER, SOUND_FRAME);
	p->ts += SOUND_FRAME;
	(void)sendto(p->fd, packet, sizeof packet, 0, &p->to.sa, p->to.len);
}

static uint64_t cpu_us(pid_t pid)
{
	clockid_t id;
	struct timespec t;
	CHECK(clock_getcpuclockid(pid, &id) == 0 && clock_gettime(id, &t) == 0);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Packets spread over each 20 ms; returns how many came back. */
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
			speak(&phones[i], i);
			while (recv(phones[i].fd, packet, sizeof packet, 0) > 0)
				heard++;
		}
	}
	return heard;
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/mix-bench-XXXXXX", command[64];
	struct rlimit files;
	uint32_t figures[4];
	if (argc < 5)
		return 1;
	for (int i = 0; i < 4; i++)
		if (str_to_u32(str_of(argv[1 + i]), LEGS_MAX, &figures[i]) != ERR_OK)
			return 1;
	const uint32_t conferences = figures[0], legs = figures[1], talkers = figures[2];
	const uint32_t count = conferences * legs, seconds = figures[3];
	CHECK(count <= LEGS_MAX && legs > 1 && legs <= ORDER_IDS_MAX + 1);
	CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	pid_t pid = start(dir);
	for (uint32_t i = 0; i < count; i++) {
		phones[i].talks = i % legs < talkers;
		open_leg(i, legs);
	}
	for (uint32_t i = 0; i < count; i++)
		hear(i, legs);
	for (uint32_t i = 0; argc > 5 && i < count; i += legs)
		record(i, legs);
	(void)run(count, 1000000);
	uint64_t before = cpu_us(pid);
	int64_t began_us = clock_mono_us();
	uint64_t heard = run(count, seconds * 1000000ll);
	double s = (double)(clock_mono_us() - began_us) / 1e6;
	double percent = (double)(cpu_us(pid) - before) / s / 1e4;
	printf("mix conferences=%u legs=%u talkers=%u record=%d secs=%.1f core%%=%.1f "
	       "core%%_per_100_legs=%.2f us_per_leg_s=%.0f heard_of_sent=%.3f\n",
	       conferences, legs, talkers, argc > 5, s, percent, percent * 100 / count,
	       percent * 1e4 / count, (double)heard / ((double)count * 50 * s));
	kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}
