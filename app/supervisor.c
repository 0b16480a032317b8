/*
 * supervisor.c - see supervisor.h. A few hundred lines that hardly ever change: when this process
 * ends, everything ends.
 */
#include "app/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/kin.h"
#include "app/listen.h"
#include "rtp/addr.h"
#include "os/clock.h"
#include "os/log.h"

#define STOP_CORE_MS 4500
#define STOP_MEDIA_MS 1500
#define BIND_MS 2000
#define POISON_MS 10000		      /* the third death within this sets the images aside */
#define RETRY_MS 1000		      /* a media process that keeps failing is started no faster */
#define SPEECH_BYTES_MAX (256u << 20) /* its sound library makes shared memory of this order */
#define HELPERS_MAX 4

struct child {
	const char *word, *comm; /* argv[1] and the name in /proc */
	pid_t pid;		 /* 0: not running */
	int control;
	int64_t deaths[3];   /* newest first */
	int64_t start_at_ms; /* 0: runs, or is not to */
	uint32_t starts;
	uint32_t number; /* media: names the process to the core, higher is newer */
	bool draining;	 /* media: a newer one takes the calls */
};

struct helper {
	pid_t pid;
	uint32_t job; /* the core's number, from 1; 0: of a core that is gone */
};

struct supervisor {
	const struct supervisor_options *o;
	char program[SETTING_MAX * 2];
	char anchor[64]; /* environment: UTC minus monotonic at our start */
	int sockets[KIN_END];
	struct child core, media[KIN_MEDIA_MAX];
	struct child *newest; /* of media: takes new calls */
	uint32_t media_starts;
	struct helper helpers[HELPERS_MAX];
	int signals;
	bool ready, stopping, failed, leaving;
	int64_t poisoned_ms; /* when images were set aside last; 0: never */
	int64_t stop_at_ms;  /* when patience ends */
};

/* -- systemd -- */

static void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (!path || !str_copy(str_of(path), at.sun_path, sizeof at.sun_path))
		return;
	if (at.sun_path[0] == '@')
		at.sun_path[0] = 0;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (fd >= 0 &&
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&at, n) < 0)
		log_line(LOG_WARN, "event=notify_failed");
	if (fd >= 0)
		close(fd);
}

/* -- children -- */

/* A terminal's Ctrl-C and systemd's SIGTERM reach every process of the group: the children leave
 * them to us, who end things in their order. */
static void ignore_signals(void)
{
	static const int ours[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2};
	for (size_t i = 0; i < COUNT_OF(ours); i++)
		signal(ours[i], SIG_IGN);
}

static uint32_t media_lives(const struct supervisor *s)
{
	uint32_t count = 0;
	for (size_t i = 0; i < COUNT_OF(s->media); i++)
		count += s->media[i].pid != 0;
	return count;
}

/* Between fork and exec: descriptors to their places, death with the parent. */
static void become(struct supervisor *s, struct child *c, int control, uint32_t poisoned)
{
	const bool with_sockets = c == &s->core;
	sigset_t none;
	sigemptyset(&none);
	ignore_signals();
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int fds[KIN_END];
	int last = with_sockets ? KIN_END : KIN_CONTROL + 1;
	for (int i = KIN_CONTROL; i < last; i++) /* out of the way first, so that none is covered */
		fds[i] = fcntl(i == KIN_CONTROL ? control : s->sockets[i], F_DUPFD_CLOEXEC, 64);
	for (int i = KIN_CONTROL; i < last; i++) {
		if (fds[i] < 0 && i > KIN_LOCAL)
			close(i); /* not set: nothing stands there */
		else if (dup2(fds[i], i) < 0)
			_exit(127);
	}
	char **argv = xcalloc(s->o->arg_count + 4, sizeof *argv);
	size_t n = 0;
	argv[n++] = (char *)(uintptr_t)c->comm;
	argv[n++] = (char *)(uintptr_t)c->word;
	for (uint32_t i = 0; i < s->o->arg_count; i++)
		argv[n++] = s->o->args[i];
	putenv(s->anchor);
	unsetenv("CENTRALA_SITE");
	unsetenv("CENTRALA_FRESH");
	unsetenv("CENTRALA_ALONE");
	if (with_sockets && !c->starts)
		setenv("CENTRALA_FRESH", "1", 1);
	if (!with_sockets && !media_lives(s))
		setenv("CENTRALA_ALONE", "1", 1);
	if (with_sockets && s->o->site && !s->ready)
		setenv("CENTRALA_SITE", s->o->site, 1);
	if (poisoned)
		setenv("CENTRALA_POISONED", poisoned > 1 ? "2" : "1", 1);
	execv(s->program, argv);
	_exit(127);
}

static bool poisoned(const struct child *c, int64_t now_ms)
{
	return c->deaths[2] && now_ms - c->deaths[2] < POISON_MS;
}

/* 0: nothing is set aside; 1: all but calls; 2: calls too, when that did not help a moment ago. */
static uint32_t poison(struct supervisor *s, int64_t now_ms)
{
	if (!poisoned(&s->core, now_ms))
		return 0;
	bool again = s->poisoned_ms && now_ms - s->poisoned_ms < POISON_MS * 3;
	s->poisoned_ms = now_ms;
	memset(s->core.deaths, 0, sizeof s->core.deaths);
	log_line(LOG_ERROR, "event=core_poisoned deaths=3 within_ms=%d again=%d", POISON_MS, again);
	return again ? 2 : 1;
}

static void start(struct supervisor *s, struct child *c)
{
	int pair[2];
	uint32_t bad = c == &s->core ? poison(s, clock_mono_ms()) : 0;
	CHECK(kin_pair(pair) == ERR_OK);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		become(s, c, pair[1], bad);
	close(pair[1]);
	c->pid = pid;
	c->control = pair[0];
	c->starts++;
	if (c != &s->core)
		c->number = ++s->media_starts;
	log_line(LOG_INFO, "event=started child=%s pid=%d times=%u", c->comm, pid, c->starts);
}

/* -- introductions -- */

static void put_number(struct buf *b, uint32_t n)
{
	buf_put(b, str_make((const char *)&n, sizeof n));
}

/* Tells the core who lives; with a connection to m when there is one (m NULL: none). */
static enum err tell_media(struct supervisor *s, const struct child *m, int fd)
{
	char room[KIN_MESSAGE_MAX];
	struct buf b = buf_make(room, sizeof room);
	buf_ch(&b, KIN_MEDIA);
	if (s->newest->pid)
		put_number(&b, s->newest->number);
	for (size_t i = 0; i < COUNT_OF(s->media); i++)
		if (s->media[i].pid && &s->media[i] != s->newest)
			put_number(&b, s->media[i].number);
	if (m)
		put_number(&b, m->number);
	return kin_send(s->core.control, buf_str(&b), fd, -1);
}

static void introduce(struct supervisor *s, struct child *m)
{
	int pair[2];
	const char to_media = KIN_CORE;
	if (!s->core.pid || !m->pid || kin_pair(pair) != ERR_OK)
		return;
	if (kin_send(m->control, str_make(&to_media, 1), pair[0], -1) != ERR_OK ||
	    tell_media(s, m, pair[1]) != ERR_OK)
		log_line(LOG_WARN, "event=introduction_failed"); /* one of them just died */
	close(pair[0]);
	close(pair[1]);
}

static void introduce_all(struct supervisor *s)
{
	for (size_t i = 0; i < COUNT_OF(s->media); i++)
		introduce(s, &s->media[i]);
}

static void tell(struct child *c, enum kin_word word)
{
	char byte = (char)word;
	if (c->pid && kin_send(c->control, str_make(&byte, 1), -1, -1) != ERR_OK)
		log_line(LOG_WARN, "event=child_deaf child=%s", c->comm);
}

static void stop_media(struct supervisor *s)
{
	for (size_t i = 0; i < COUNT_OF(s->media); i++)
		tell(&s->media[i], KIN_STOP);
}

static void stop_begin(struct supervisor *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	notify("STOPPING=1");
	s->stop_at_ms = clock_mono_ms() + (s->core.pid ? STOP_CORE_MS : STOP_MEDIA_MS);
	if (s->core.pid)
		tell(&s->core, KIN_STOP);
	else
		stop_media(s);
}

/* -- helpers: speech -- */

static void run_speech(struct str voice_and_job, int text, int out)
{
	static const char *const voices[VOICE_COUNT] = {"en", "pl", "ru"};
	uint8_t voice = (uint8_t)voice_and_job.p[4];
	struct rlimit size = {SPEECH_BYTES_MAX, SPEECH_BYTES_MAX}, time = {20, 20};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_FSIZE, &size);
	setrlimit(RLIMIT_CPU, &time);
	if (dup2(text, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	execl("/usr/bin/espeak-ng", "espeak-ng", "-v", voices[voice < VOICE_COUNT ? voice : 0],
	      "-s", "150", "--stdin", "--stdout", (char *)NULL);
	_exit(127);
}

static void spoken(struct supervisor *s, uint32_t job, bool ok)
{
	char message[6] = {KIN_SPOKEN};
	memcpy(message + 1, &job, sizeof job);
	message[5] = (char)ok;
	if (s->core.pid &&
	    kin_send(s->core.control, str_make(message, sizeof message), -1, -1) != ERR_OK)
		log_line(LOG_WARN, "event=child_deaf child=%s", s->core.comm);
}

static void speak(struct supervisor *s, struct str what, int text, int out)
{
	uint32_t job;
	if (what.n < 5 || text < 0 || out < 0)
		return;
	memcpy(&job, what.p, sizeof job);
	for (size_t i = 0; i < HELPERS_MAX; i++) {
		if (s->helpers[i].pid)
			continue;
		pid_t pid = fork();
		if (pid == 0)
			run_speech(what, text, out);
		if (pid < 0)
			break;
		s->helpers[i] = (struct helper){pid, job};
		return;
	}
	spoken(s, job, false); /* the core asks one at a time: this does not happen */
}

/* -- what happens -- */

static void core_said(struct supervisor *s, struct str message, int passed[2])
{
	struct str rest = str_from(message, 1);
	switch (message.p[0]) {
	case KIN_READY:
		if (!s->ready) {
			printf(STR_FMT "\n", STR_ARG(rest));
			fflush(stdout);
			notify("READY=1");
		}
		s->ready = true;
		break;
	case KIN_SPEAK:
		speak(s, rest, passed[0], passed[1]);
		break;
	case KIN_ALIVE:
		notify("WATCHDOG=1");
		break;
	case KIN_FAILED:
		fprintf(stderr, "centrala: " STR_FMT "\n", STR_ARG(rest));
		s->failed = true;
		break;
	default:
		break;
	}
}

static void hear(struct supervisor *s, struct child *c)
{
	char room[KIN_MESSAGE_MAX];
	size_t n;
	int passed[2];
	while (c->pid && kin_take(c->control, room, sizeof room, &n, passed) == ERR_OK) {
		if (c == &s->core)
			core_said(s, str_make(room, n), passed);
		for (int i = 0; i < 2; i++)
			if (passed[i] >= 0)
				close(passed[i]);
	}
}

/* The core is gone: another one, which is introduced to all media. */
static void core_died(struct supervisor *s, int status, bool planned)
{
	struct child *c = &s->core;
	for (size_t i = 0; i < HELPERS_MAX; i++)
		s->helpers[i].job = 0; /* the next core counts from 1 again */
	if (s->stopping) {
		if (media_lives(s)) {
			s->stop_at_ms = clock_mono_ms() + STOP_MEDIA_MS;
			stop_media(s);
		}
		return;
	}
	if (!s->ready && (s->failed || WIFEXITED(status))) {
		s->failed = true; /* it could not start, and would not a second time */
		stop_begin(s);
		return;
	}
	s->leaving = false;
	/* a binary that cannot even begin is not tried again and again without a breath */
	if (!planned && WIFEXITED(status) && poisoned(c, clock_mono_ms())) {
		c->start_at_ms = clock_mono_ms() + RETRY_MS;
		return;
	}
	start(s, c);
	introduce_all(s);
}

/* One that drained is not replaced. */
static void media_died(struct supervisor *s, struct child *c, int status)
{
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; /* from outside */
	bool drained = c->draining;
	c->draining = false;
	if (s->stopping)
		return;
	if (!drained && (killed || !poisoned(c, clock_mono_ms()))) {
		start(s, c);
		introduce(s, c);
		return;
	}
	if (!drained)
		c->start_at_ms = clock_mono_ms() + RETRY_MS;
	if (s->core.pid && tell_media(s, NULL, -1) != ERR_OK)
		log_line(LOG_WARN, "event=child_deaf child=%s", s->core.comm);
}

static void died(struct supervisor *s, struct child *c, int status)
{
	const bool is_core = c == &s->core;
	const bool planned = (is_core ? s->leaving : c->draining) && WIFEXITED(status);
	hear(s, c); /* its last words */
	log_line(s->stopping || planned ? LOG_INFO : LOG_ERROR, "event=ended child=%s pid=%d %s=%d",
		 c->comm, c->pid, WIFSIGNALED(status) ? "signal" : "exit",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	close(c->control);
	c->pid = 0;
	c->control = -1;
	if (!planned) {
		c->deaths[2] = c->deaths[1];
		c->deaths[1] = c->deaths[0];
		c->deaths[0] = clock_mono_ms();
	}
	if (is_core)
		core_died(s, status, planned);
	else
		media_died(s, c, status);
}

static bool is_due(struct child *c)
{
	if (!c->start_at_ms || clock_mono_ms() < c->start_at_ms)
		return false;
	c->start_at_ms = 0;
	return true;
}

static void start_late(struct supervisor *s)
{
	if (s->stopping)
		return;
	if (is_due(&s->core)) {
		start(s, &s->core);
		introduce_all(s);
	}
	if (is_due(s->newest)) {
		start(s, s->newest);
		introduce(s, s->newest);
	}
}

/* -- upgrade: the binary now in place -- */

/* A new media process takes new calls; the one before it ends with its last call. */
static void replace_media(struct supervisor *s)
{
	struct child *old = s->newest, *next = NULL;
	for (size_t i = 0; i < COUNT_OF(s->media); i++)
		if (!s->media[i].pid && !s->media[i].start_at_ms)
			next = &s->media[i];
	if (!old->pid || !next) { /* it is about to be started anyway; or too many drain */
		log_line(LOG_WARN, "event=media_not_replaced draining=%u", media_lives(s) - 1);
		return;
	}
	memset(next->deaths, 0, sizeof next->deaths);
	start(s, next);
	s->newest = next;
	old->draining = true;
	tell(old, KIN_DRAIN);
	introduce(s, next); /* should the core not leave, it knows the new one all the same */
}

static void upgrade(struct supervisor *s)
{
	if (s->stopping || !s->ready)
		return;
	log_line(LOG_INFO, "event=upgrade");
	replace_media(s);
	s->leaving = s->core.pid != 0;
	tell(&s->core, KIN_LEAVE);
}

static void reap(struct supervisor *s)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		if (pid == s->core.pid)
			died(s, &s->core, status);
		for (size_t i = 0; i < COUNT_OF(s->media); i++)
			if (pid == s->media[i].pid)
				died(s, &s->media[i], status);
		for (size_t i = 0; i < HELPERS_MAX; i++) {
			if (s->helpers[i].pid != pid)
				continue;
			s->helpers[i].pid = 0;
			if (s->helpers[i].job)
				spoken(s, s->helpers[i].job,
				       WIFEXITED(status) && !WEXITSTATUS(status));
		}
	}
}

static void signalled(struct supervisor *s)
{
	struct signalfd_siginfo info;
	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(s);
			break;
		case SIGTERM:
		case SIGINT:
			stop_begin(s);
			break;
		case SIGUSR2:
			upgrade(s);
			break;
		default: /* SIGHUP */
			tell(&s->core, KIN_RELOAD);
			break;
		}
	}
}

static void end_late(struct child *c)
{
	if (!c->pid)
		return;
	log_line(LOG_WARN, "event=killed child=%s why=did_not_stop", c->comm);
	kill(c->pid, SIGKILL);
}

static void impatient(struct supervisor *s)
{
	if (!s->stopping || clock_mono_ms() < s->stop_at_ms)
		return;
	if (s->core.pid)
		end_late(&s->core);
	else
		for (size_t i = 0; i < COUNT_OF(s->media); i++)
			end_late(&s->media[i]);
	s->stop_at_ms = clock_mono_ms() + STOP_MEDIA_MS;
}

/* Whoever still speaks: nobody of ours outlives us. */
static void end_helpers(struct supervisor *s)
{
	for (size_t i = 0; i < HELPERS_MAX; i++) {
		if (!s->helpers[i].pid)
			continue;
		kill(s->helpers[i].pid, SIGKILL);
		waitpid(s->helpers[i].pid, NULL, 0);
	}
}

static int loop(struct supervisor *s)
{
	while (!s->stopping || s->core.pid || media_lives(s)) {
		struct pollfd fds[2 + KIN_MEDIA_MAX] = {{.fd = s->signals, .events = POLLIN},
							{.fd = s->core.control, .events = POLLIN}};
		bool waits = s->stopping || s->newest->start_at_ms || s->core.start_at_ms;
		bool dying = false;
		for (size_t i = 0; i < COUNT_OF(s->media); i++)
			fds[2 + i] = (struct pollfd){.fd = s->media[i].control, .events = POLLIN};
		int n = poll(fds, COUNT_OF(fds), waits ? 100 : -1);
		for (size_t i = 1; n > 0 && i < COUNT_OF(fds); i++) {
			if (fds[i].revents & POLLIN)
				hear(s, i == 1 ? &s->core : &s->media[i - 2]);
			dying |= fds[i].revents & (POLLHUP | POLLERR);
		}
		if (dying)
			poll(NULL, 0, 1); /* SIGCHLD follows */
		signalled(s);
		start_late(s);
		impatient(s);
	}
	end_helpers(s);
	return s->failed ? 1 : 0;
}

/* -- the beginning -- */

static int lock_dir(const char *dir, struct buf *why)
{
	char path[SETTING_MAX + 32];
	snprintf(path, sizeof path, "%s/lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	buf_fmt(why, "%s: %s", path, fd < 0 ? strerror(errno) : "another centrala serves here");
	if (fd >= 0)
		close(fd);
	return -1;
}

static enum err make_dir(const char *dir, struct buf *why)
{
	char path[SETTING_MAX];
	if (!str_copy(str_of(dir), path, sizeof path))
		return ERR_TOO_LARGE;
	for (char *p = path + 1; *p; p++) { /* every folder on the way */
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0777) < 0 && errno != EEXIST)
			break;
		*p = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		buf_fmt(why, "%s: %s", dir, strerror(errno));
		return ERR_IO;
	}
	return ERR_OK;
}

static bool can_bind(struct str ip, struct buf *why)
{
	char at[SETTING_MAX + 8], room[SETTING_MAX + 128];
	struct buf not_ours = buf_make(room, sizeof room);
	snprintf(at, sizeof at, str_find(ip, ':') < 0 ? STR_FMT ":0" : "[" STR_FMT "]:0",
		 STR_ARG(ip));
	int fd = listen_at(at, SOCK_DGRAM, &not_ours);
	if (fd < 0)
		buf_fmt(why, "media.ip: " STR_FMT, STR_ARG(buf_str(&not_ours)));
	else
		close(fd);
	return fd >= 0;
}

/* Media binds its ports call by call: an address that is not ours is found out now. */
static bool can_bind_all(const char *ips, struct buf *why)
{
	struct addr pair[ADDR_FAMILIES];
	struct str rest = str_of(ips), ip;
	if (addr_parse_pair(rest, pair) != ERR_OK) {
		buf_fmt(why, "media.ip: %s: must be an address, or an IPv4 and an IPv6 one", ips);
		return false;
	}
	for (bool more = true; more;) {
		more = str_cut(rest, ',', &ip, &rest);
		if (!can_bind(ip, why))
			return false;
	}
	return true;
}

static enum err open_sockets(struct supervisor *s, struct buf *why)
{
	char path[SETTING_MAX + 32];
	const struct settings *set = s->o->settings;
	snprintf(path, sizeof path, "%s/ctl.sock", set->dir);
	s->sockets[KIN_HTTP] = listen_at(set->http_listen, SOCK_STREAM, why);
	if (s->sockets[KIN_HTTP] < 0 || !can_bind_all(set->media_ip, why))
		return ERR_CONFLICT;
	if (listen_both(set->sip_listen, &s->sockets[KIN_SIP_UDP], &s->sockets[KIN_SIP_TCP], why) !=
	    ERR_OK)
		return ERR_CONFLICT;
	const struct {
		const char *address;
		int at;
	} more[] = {{set->sip_tls_listen, KIN_SIP_TLS},
		    {set->sip_ws_listen, KIN_SIP_WS},
		    {set->sip_wss_listen, KIN_SIP_WSS},
		    {set->https_listen, KIN_HTTPS}};
	for (size_t i = 0; i < COUNT_OF(more); i++) {
		if (!more[i].address[0])
			continue;
		s->sockets[more[i].at] = listen_at(more[i].address, SOCK_STREAM, why);
		if (s->sockets[more[i].at] < 0)
			return ERR_CONFLICT;
	}
	s->sockets[KIN_LOCAL] = listen_local(path, why);
	return s->sockets[KIN_LOCAL] < 0 ? ERR_CONFLICT : ERR_OK;
}

/* The threads of a server that was just killed may hold its sockets for a moment longer. */
static enum err open_sockets_soon(struct supervisor *s, struct buf *why)
{
	enum err e = ERR_CONFLICT;
	for (int64_t until = clock_mono_ms() + BIND_MS; e != ERR_OK;) {
		for (int i = KIN_HTTP; i < KIN_END; i++)
			s->sockets[i] = -1;
		why->n = 0;
		errno = 0;
		e = open_sockets(s, why);
		if (e == ERR_OK)
			break;
		const bool busy = errno == EADDRINUSE;
		for (int i = KIN_HTTP; i < KIN_END; i++)
			if (s->sockets[i] >= 0)
				close(s->sockets[i]);
		if (!busy || clock_mono_ms() > until)
			break;
		poll(NULL, 0, 100);
	}
	return e;
}

static void catch_signals(struct supervisor *s)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	CHECK(s->signals >= 0);
}

int supervisor_run(const struct supervisor_options *o)
{
	struct supervisor s = {.o = o, .core = {"core", "centrala-core", .control = -1}};
	char room[512];
	struct buf why = buf_make(room, sizeof room);
	for (size_t i = 0; i < COUNT_OF(s.media); i++)
		s.media[i] = (struct child){"media", "centrala-media", .control = -1};
	s.newest = &s.media[0];
	ssize_t n = readlink("/proc/self/exe", s.program, sizeof s.program - 1);
	CHECK(n > 0); /* resolved now: an upgrade puts its binary at this very path */
	s.program[n] = 0;
	const int64_t anchor_ms = clock_utc_ms() - clock_mono_ms();
	clock_anchor(anchor_ms);
	snprintf(s.anchor, sizeof s.anchor, "CENTRALA_ANCHOR_MS=%lld", (long long)anchor_ms);
	struct rlimit files = {65536, 65536}; /* a socket a leg, and one for its RTCP */
	if (setrlimit(RLIMIT_NOFILE, &files) < 0) {
		getrlimit(RLIMIT_NOFILE, &files);
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	catch_signals(&s);
	int lock = -1;
	if (make_dir(o->settings->dir, &why) != ERR_OK ||
	    (lock = lock_dir(o->settings->dir, &why)) < 0 ||
	    open_sockets_soon(&s, &why) != ERR_OK) {
		fprintf(stderr, "centrala: " STR_FMT "\n", STR_ARG(buf_str(&why)));
		if (lock >= 0)
			close(lock);
		return 1;
	}
	start(&s, s.newest);
	start(&s, &s.core);
	introduce_all(&s);
	int status = loop(&s);
	close(lock);
	return status;
}
