/* process.c - see process.h. The control thread's loop. */
#include "media/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/webleg.h"
#include "os/clock.h"
#include "os/log.h"

#define SILENT_MS 5000
#define ORPHAN_MS 60000
#define GAUGES_MS 1000
#define STOP_MS 8000	  /* for the last pages of all recordings */
#define PACKETS_A_TURN 64 /* of the core, before others are looked after */

/* Signals for the whole group are the supervisor's business: it tells us what to do. A control that
 * is told to stop has recordings to finish. */
static void settle_process(void)
{
	struct rlimit files;
	static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXFSZ};
	for (size_t i = 0; i < COUNT_OF(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max; /* two sockets a leg */
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	(void)prctl(PR_SET_NAME, "centrala-media");
}

static uint32_t thread_count(const struct media_options *o)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t count = o->threads ? o->threads : (uint32_t)MAX(processors / 2, 1L);
	return MIN(count, THREADS_MAX);
}

static bool start(struct control *c, const struct media_options *o)
{
	if (addr_parse_pair(str_of(o->ip), c->ips) != ERR_OK || o->port_low >= o->port_high) {
		log_line(LOG_ERROR, "event=media_settings ip=%s ports=%u-%u", o->ip, o->port_low,
			 o->port_high);
		return false;
	}
	uint64_t seed;
	os_random(&seed, sizeof seed);
	c->options = o;
	c->next_port = (uint32_t)seed;
	c->core_left_ms = c->gauges_ms = clock_mono_ms();
	map_init(&c->legs, seed);
	map_init(&c->recs, seed);
	link_init(&c->link);
	webleg_init(c);
	c->answers = mailbox_create();
	c->told = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	CHECK(c->told >= 0);
	c->writer = writer_start(&(struct writer_options){
		.root = o->recordings,
		.state = o->state,
		.alone = o->alone,
		.answers = c->answers,
		.recorded = control_recorded,
		.known = control_expect_recorded,
		.arg = c,
	});
	if (!c->writer)
		return false;
	c->clips = clips_start(c->answers, control_playlist_filled);
	c->worker_count = thread_count(o);
	for (uint32_t i = 0; i < c->worker_count; i++)
		c->workers[i] = worker_start(&(struct worker_options){
			.number = i,
			.silent_ms = o->silent_ms ? o->silent_ms : SILENT_MS,
			.answers = c->answers,
			.told = c->told,
			.writer = c->writer,
			.playlist_back = control_playlist_back,
			.job_back = control_job_back,
		});
	return true;
}

static void finish(struct control *c)
{
	if (c->clips)
		clips_stop(c->clips);
	for (uint32_t i = 0; i < c->worker_count; i++)
		worker_stop(c->workers[i]);
	if (c->writer)
		writer_stop(c->writer);
	if (!c->answers)
		return;
	mailbox_drain(c->answers, c);
	uint32_t at = 0;
	for (struct rec *r; (r = map_next(&c->recs, &at)); free(r))
		free(r->result); /* their side files tell the next life */
	webleg_finish(c);
	link_flush(&c->link);
	link_finish(&c->link);
	map_finish(&c->legs);
	map_finish(&c->recs);
	mailbox_destroy(c->answers);
	close(c->told);
}

/* One message of the supervisor. False when there was none. */
static bool hear_supervisor(struct control *c)
{
	char word = 0;
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} attached;
	struct iovec io = {&word, 1};
	struct msghdr m = {.msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = &attached,
			   .msg_controllen = sizeof attached};
	ssize_t n = recvmsg(c->options->control_fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return false;
	int fd = -1;
	struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len >= CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(h), sizeof fd);
	if (n > 0 && word == 'C' && fd >= 0) {
		link_attach(&c->link, fd, c->legs.count);
		log_line(LOG_INFO, "event=core_attached legs=%u", c->legs.count);
		return true;
	}
	if (fd >= 0)
		close(fd);
	if (n == 0 || word == 'S')
		c->stopping = true;
	if (n > 0 && word == 'D') {
		c->draining = true;
		log_line(LOG_INFO, "event=draining legs=%u", c->legs.count);
	}
	return n > 0;
}

static void hear_core(struct control *c)
{
	struct str packet;
	struct order o;
	for (int i = 0; i < PACKETS_A_TURN; i++) {
		if (link_read(&c->link, &packet) != ERR_OK)
			return;
		enum err e;
		const size_t n = packet.n;
		while ((e = order_decode(&packet, &o)) == ERR_OK)
			control_obey(c, &o);
		if (e != ERR_NOT_FOUND)
			log_line(LOG_ERROR, "event=order_invalid bytes=%zu", packet.n);
		if (n < ORDER_PACKET_MAX / 2) /* little to say: seldom more behind it */
			return;
	}
}

static void hear_workers(struct control *c)
{
	uint64_t rung;
	struct report r;
	struct passed p;
	if (read(c->told, &rung, sizeof rung) < 0)
		rung = 0;
	for (uint32_t i = 0; i < c->worker_count; i++) {
		while (worker_take_report(c->workers[i], &r))
			link_say(&c->link, LINK_KEEP, &r);
		for (int k = 0; k < WORKER_PASSED && worker_take_passed(c->workers[i], &p); k++)
			webleg_passed(c, &p);
	}
}

static uint32_t running_recs(const struct control *c)
{
	uint32_t at = 0, count = 0;
	for (struct rec *r; (r = map_next(&c->recs, &at));)
		count += !r->result;
	return count;
}

static void tell_gauges(struct control *c, int64_t now_ms)
{
	struct report r = {.kind = REPORT_gauges};
	if (now_ms - c->gauges_ms < GAUGES_MS)
		return;
	c->gauges_ms = now_ms;
	if (!c->legs.count && !c->gauged)
		return;
	c->gauged = c->legs.count != 0;
	r.gauges.threads = c->worker_count;
	r.gauges.legs = c->legs.count;
	r.gauges.recordings = running_recs(c);
	r.gauges.files_behind = writer_behind(c->writer);
	for (uint32_t i = 0; i < c->worker_count; i++) {
		struct worker *w = c->workers[i];
		uint32_t late = atomic_exchange_explicit(&w->late_max_us, 0, memory_order_relaxed);
		r.gauges.tick_late_max_us = MAX(r.gauges.tick_late_max_us, late);
		r.gauges.packets_in += atomic_load_explicit(&w->packets_in, memory_order_relaxed);
		r.gauges.packets_out += atomic_load_explicit(&w->packets_out, memory_order_relaxed);
		r.gauges.strays += atomic_load_explicit(&w->strays, memory_order_relaxed);
		r.gauges.forged += atomic_load_explicit(&w->forged, memory_order_relaxed);
	}
	link_say(&c->link, LINK_GAUGE, &r);
}

/* Nobody decides about these calls any more. */
static void end_orphans(struct control *c, int64_t now_ms)
{
	uint32_t most_ms = c->options->orphan_ms ? c->options->orphan_ms : ORPHAN_MS;
	if (c->link.fd >= 0)
		c->core_left_ms = now_ms;
	if (now_ms - c->core_left_ms < most_ms || !c->legs.count)
		return;
	log_line(LOG_ERROR, "event=orphans_ended legs=%u", c->legs.count);
	control_close_legs(c);
}

/* The last leg is closed, the last recording acknowledged, and the core has heard it all. Without a
 * core nobody could ask for more: what is not told lies in side files, for the process beside us.
 */
static bool drained(const struct control *c)
{
	if (!c->draining || c->legs.count || c->jobs || running_recs(c))
		return false;
	bool told = !c->recs.count && list_empty(&c->link.waiting);
	return told || clock_mono_ms() - c->core_left_ms >= ORPHAN_MS;
}

static void turn(struct control *c)
{
	struct pollfd p[] = {
		{.fd = c->stopping ? -1 : c->options->control_fd, .events = POLLIN},
		{.fd = c->link.fd, .events = (short)(POLLIN | (c->link.blocked ? POLLOUT : 0))},
		{.fd = mailbox_fd(c->answers), .events = POLLIN},
		{.fd = c->told, .events = POLLIN},
		{.fd = webleg_fd(c), .events = POLLIN},
	};
	int64_t until_ms = MIN(c->gauges_ms + GAUGES_MS, timers_next(&c->timers));
	int64_t wait_ms = until_ms - clock_mono_ms();
	(void)poll(p, COUNT_OF(p), (int)MIN(MAX(wait_ms, 1), GAUGES_MS));
	if (p[0].revents)
		while (hear_supervisor(c) && !c->stopping)
			;
	if (p[1].revents)
		hear_core(c);
	if (p[2].revents)
		mailbox_drain(c->answers, c);
	if (p[3].revents)
		hear_workers(c);
	webleg_turn(c, p[4].revents);
	int64_t now_ms = clock_mono_ms();
	tell_gauges(c, now_ms);
	end_orphans(c, now_ms);
	link_flush(&c->link);
}

int media_process(const struct media_options *o)
{
	struct control c = {0};
	settle_process();
	if (!start(&c, o)) {
		if (c.answers)
			finish(&c);
		return 1;
	}
	log_line(LOG_INFO, "event=media_started threads=%u ip=%s ports=%u-%u", c.worker_count,
		 o->ip, o->port_low, o->port_high);
	while (!c.stopping && !drained(&c))
		turn(&c);
	control_close_legs(&c);
	int64_t until_ms = clock_mono_ms() + STOP_MS;
	while (c.legs.count || c.jobs || running_recs(&c)) {
		if (clock_mono_ms() > until_ms) { /* a disk that hangs: the next life repairs */
			log_line(LOG_ERROR, "event=stop_incomplete recordings=%u",
				 running_recs(&c));
			return 0;
		}
		turn(&c);
	}
	finish(&c);
	return 0;
}
