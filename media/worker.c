/* worker.c - see worker.h. The loop; what jobs do is in worker_jobs.c. */
#include "media/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "media/worker_jobs.h"
#include "os/clock.h"

#define TICK_US 20000
#define EVENTS 512
#define NICE (-11) /* before everything that nobody hears, where the system lets us */
#define CATCH_UP 5 /* ticks made up for after a delay; older ones are left out */
#define BUSY 8	   /* packets a tick from which it pays to wait a little and take several at once */
#define NAP_US 1500
#define SLEPT_US 3000000
#define STALE_US 500000 /* so late we were stopped, not slow */

void worker_report(struct worker *w, const struct report *r)
{
	struct worker_report_ring *ring = &w->ring;
	uint32_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
	uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	if (put - taken == WORKER_REPORTS) { /* the control thread never waits: it is dead */
		worker_count(&w->reports_lost);
		return;
	}
	ring->slots[put % WORKER_REPORTS] = *r;
	atomic_store_explicit(&ring->put, put + 1, memory_order_release);
	w->fresh_reports = true;
}

bool worker_take_report(struct worker *w, struct report *out)
{
	struct worker_report_ring *ring = &w->ring;
	uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
	if (taken == atomic_load_explicit(&ring->put, memory_order_acquire))
		return false;
	*out = ring->slots[taken % WORKER_REPORTS];
	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
	return true;
}

/* RFC 7983: what is neither RTP nor RTCP. A full ring loses it, as a full socket would. */
static void pass_on(struct worker *w, const struct leg *l, const char *packet, size_t n,
		    const struct addr *from)
{
	struct worker_pass_ring *ring = &w->passes;
	uint32_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
	uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
	if (put - taken == WORKER_PASSED)
		return;
	struct passed *p = &ring->slots[put % WORKER_PASSED];
	p->leg = l->id;
	p->from = *from;
	p->n = n;
	memcpy(p->bytes, packet, n);
	atomic_store_explicit(&ring->put, put + 1, memory_order_release);
	w->fresh_reports = true;
}

bool worker_take_passed(struct worker *w, struct passed *out)
{
	struct worker_pass_ring *ring = &w->passes;
	uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
	if (taken == atomic_load_explicit(&ring->put, memory_order_acquire))
		return false;
	*out = ring->slots[taken % WORKER_PASSED];
	atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
	return true;
}

static void ring_bell(struct worker *w)
{
	uint64_t one = 1;
	if (!w->fresh_reports)
		return;
	w->fresh_reports = false;
	CHECK(write(w->told, &one, sizeof one) == (ssize_t)sizeof one);
}

void worker_activate(struct worker *w, struct leg *l)
{
	if (list_empty(&l->active))
		list_push(&w->active, &l->active);
}

void worker_give_back(struct worker *w, struct playlist *list)
{
	list->letter.open = w->playlist_back;
	mailbox_post(w->answers, &list->letter);
}

static void tape_tick(struct worker *w, struct tape *t)
{
	int16_t side[2][SOUND_FRAME];
	for (int i = 0; i < 2; i++)
		listener_mix(&t->sides[i].hears, w->tick, side[i]);
	tape_frame(t, (int64_t)w->tick * TICK_US, side[0], side[1], writer_post, w->writer);
}

void worker_tick(struct worker *w, int64_t now_us)
{
	w->tick++;
	list_for_each (link, &w->voices)
		voice_tick(CONTAINER_OF(link, struct voice, link));
	list_for_each (link, &w->active) {
		struct leg *l = CONTAINER_OF(link, struct leg, active);
		leg_tick(l, w->tick, now_us);
		if (!leg_wants_ticks(l))
			list_remove(&l->active);
	}
	list_for_each (link, &w->tapes)
		tape_tick(w, CONTAINER_OF(link, struct tape, link));
}

static void each_second(struct worker *w, int64_t now_us)
{
	/* while we slept (stopped, suspended) nobody was silent: packets wait in the sockets */
	bool slept = now_us - w->second_us > SLEPT_US;
	w->second_us = now_us;
	list_for_each (link, &w->legs) {
		struct leg *l = CONTAINER_OF(link, struct leg, link);
		if (slept && l->heard_us)
			l->heard_us = now_us;
		leg_second(l, now_us);
	}
}

static void tick(struct worker *w)
{
	uint64_t expired;
	if (read(w->timer, &expired, sizeof expired) != sizeof expired)
		return;
	int64_t now_us = clock_mono_us();
	uint64_t due = (uint64_t)now_us / TICK_US;
	uint32_t late_us = (uint32_t)MIN(now_us - (int64_t)(w->tick + 1) * TICK_US, 1000000000);
	if ((int64_t)(w->tick + 1) * TICK_US < now_us &&
	    late_us > atomic_load_explicit(&w->late_max_us, memory_order_relaxed))
		atomic_store_explicit(&w->late_max_us, late_us, memory_order_relaxed);
	if (due > w->tick + CATCH_UP)
		w->tick = due - CATCH_UP;
	w->handled = 0;
	while (w->tick < due)
		worker_tick(w, now_us);
	if (now_us - w->second_us >= 1000000)
		each_second(w, now_us);
}

/* One packet a call: whoever has more waiting is told of again by the level-triggered epoll. */
static void receive(struct worker *w, struct door *d)
{
	static _Thread_local char packet[RTP_PACKET_MAX + 1];
	struct addr from;
	from.len = sizeof from.in6;
	ssize_t n = recvfrom(d->rtp, packet, sizeof packet, MSG_DONTWAIT, &from.sa, &from.len);
	w->handled++;
	if (n <= 0 || n > RTP_PACKET_MAX || !from.len)
		return;
	if (d->leg->web && ((uint8_t)packet[0] < 128 || (uint8_t)packet[0] > 191))
		pass_on(w, d->leg, packet, (size_t)n, &from);
	else
		leg_receive(d->leg, packet, (size_t)n, &from, clock_mono_us());
}

/* What came while we were stopped or suspended is as late as that: said on, it would come all at
 * once and drive the peers' jitter buffers up. */
static void forget_stale(struct worker *w)
{
	char packet[RTP_PACKET_MAX];
	if (clock_mono_us() - (int64_t)(w->tick + 1) * TICK_US < STALE_US)
		return;
	list_for_each (link, &w->legs) {
		struct leg *l = CONTAINER_OF(link, struct leg, link);
		for (int i = 0; i < ADDR_FAMILIES && l->doors[i].family; i++)
			while (recv(l->doors[i].rtp, packet, sizeof packet, MSG_DONTWAIT) >= 0)
				worker_count(&w->strays);
	}
}

/* With many packets about, a wake-up for each of them costs more than the packets: wait a moment,
 * but not past the next tick. */
static void nap(struct worker *w)
{
	if (w->handled < BUSY)
		return;
	int64_t left_us = (int64_t)(w->tick + 1) * TICK_US - clock_mono_us();
	if (left_us > 200)
		usleep((useconds_t)MIN(left_us - 100, NAP_US));
}

void worker_init(struct worker *w)
{
	list_init(&w->legs);
	list_init(&w->active);
	list_init(&w->tapes);
	list_init(&w->voices);
	for (uint32_t i = 0; i < WORKER_ROOMS; i++)
		list_init(&w->rooms[i]);
}

struct leg *worker_leg(struct worker *w, struct id contact, struct id id)
{
	list_for_each (link, worker_room(w, contact)) {
		struct leg *l = CONTAINER_OF(link, struct leg, room);
		if (ID_EQ(l->id, id) && ID_EQ(l->contact, contact))
			return l;
	}
	return NULL;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	struct epoll_event events[EVENTS];
	int n = 0;
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (!w->stopping) {
		if (n < EVENTS) /* else more are waiting already */
			nap(w);
		n = epoll_wait(w->epoll, events, EVENTS, -1);
		bool time = false;
		forget_stale(w);
		for (int i = 0; i < n; i++) {
			void *what = events[i].data.ptr;
			time |= what == &w->timer;
			if (what != &w->timer)
				receive(w, what);
		}
		if (time)
			tick(w);
		mailbox_drain(w->box, w); /* last: jobs may take legs away that stand in events */
		ring_bell(w);
	}
	return NULL;
}

static void watch(struct worker *w, int fd, void *what)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = what};
	CHECK(epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) == 0);
}

/* Ticks stand on multiples of 20 ms of the clock, the same for all threads and all who listen. */
static void start_ticks(struct worker *w)
{
	w->tick = (uint64_t)clock_mono_us() / TICK_US;
	uint64_t first_us = (w->tick + 1) * TICK_US;
	struct itimerspec t = {
		.it_interval = {.tv_nsec = TICK_US * 1000},
		.it_value = {(time_t)(first_us / 1000000), (long)(first_us % 1000000) * 1000},
	};
	CHECK(timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &t, NULL) == 0);
}

struct worker *worker_start(const struct worker_options *o)
{
	struct worker *w = xcalloc(1, sizeof *w);
	char name[16];
	w->number = o->number;
	w->answers = o->answers;
	w->told = o->told;
	w->writer = o->writer;
	w->silent_us = (int64_t)o->silent_ms * 1000;
	w->playlist_back = o->playlist_back;
	w->job_back = o->job_back;
	worker_init(w);
	w->box = mailbox_create_silent();
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	CHECK(w->epoll >= 0 && w->timer >= 0);
	watch(w, w->timer, &w->timer);
	start_ticks(w);
	w->second_us = clock_mono_us();
	struct buf b = buf_make(name, sizeof name - 1);
	buf_fmt(&b, "media-%u", w->number + 1);
	name[b.n] = 0;
	CHECK(pthread_create(&w->thread, NULL, run, w) == 0);
	pthread_setname_np(w->thread, name);
	return w;
}

void worker_stop(struct worker *w)
{
	struct job *stop = xcalloc(1, sizeof *stop);
	stop->kind = JOB_STOP;
	worker_post(w, stop);
	pthread_join(w->thread, NULL);
	free(stop);
	mailbox_destroy(w->box);
	close(w->epoll);
	close(w->timer);
	free(w);
}
