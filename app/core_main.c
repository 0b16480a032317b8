/* core_main.c - the life of the process `centrala-core`: its sockets, its loop, its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/decode.h"
#include "app/commands.h"
#include "app/file.h"
#include "app/house.h"
#include "app/kin.h"
#include "app/listen.h"
#include "app/secure.h"
#include "os/clock.h"
#include "os/log.h"

#define STOP_MS 3500 /* for BYEs to be answered and records to be whole */
#define ALIVE_EVERY_MS 1000
#define MEDIA_WAIT_MS 2000 /* without media we serve too: HTTP works, calls are refused */
#define ORDERS_MAX (8u << 20)
_Static_assert(KIN_MEDIA_MAX <= VOICE_MEDIA_MAX, "every media process has its place");
#define NICE (-5) /* callers wait for this thread; after media, before all else, where allowed */

/* -- media -- */

static struct media_link *link_of(struct house *h, uint32_t number)
{
	for (size_t i = 0; i < COUNT_OF(h->media); i++)
		if (h->media[i].number == number)
			return &h->media[i];
	return NULL;
}

void house_order(void *arg, uint32_t media, struct str bytes)
{
	struct house *h = arg;
	struct media_link *m = media ? link_of(h, media) : NULL;
	if (!m)
		return;
	if (m->orders.n + bytes.n > ORDERS_MAX) { /* media does not read: it is as good as dead */
		log_line(LOG_ERROR, "event=media_deaf number=%u", media);
		return;
	}
	buf_put(&m->orders, bytes);
}

/* Cuts the waiting bytes into packets of whole orders. */
static size_t packet_of(struct str waiting)
{
	size_t n = 0;
	while (n + 2 <= waiting.n) {
		uint16_t length;
		memcpy(&length, waiting.p + n, sizeof length);
		if (n + 2 + length > MIN(waiting.n, (size_t)ORDER_PACKET_MAX))
			break;
		n += 2u + length;
	}
	return n;
}

static void link_flush(struct house *h, struct media_link *m)
{
	size_t done = 0;
	while (m->fd >= 0 && done < m->orders.n) {
		struct str waiting = str_from(buf_str(&m->orders), done);
		size_t n = packet_of(waiting);
		CHECK(n > 0);
		if (send(m->fd, waiting.p, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			if (errno != EAGAIN && errno != EINTR)
				break; /* it died: the next connection settles everything */
			if (!m->blocked)
				loop_change(h->loop, m->fd, EPOLLIN | EPOLLOUT);
			m->blocked = true;
			break;
		}
		done += n;
	}
	if (done) {
		memmove(m->orders.p, m->orders.p + done, m->orders.n - done);
		m->orders.n -= done;
	}
}

void house_media_flush(struct house *h)
{
	for (size_t i = 0; i < COUNT_OF(h->media); i++)
		link_flush(h, &h->media[i]);
}

static void note_media(struct house *h)
{
	atomic_store(&h->media_away, !voice_media_ready(h->voice));
}

static void media_gone(struct media_link *m)
{
	struct house *h = m->house;
	loop_remove(h->loop, m->fd);
	close(m->fd);
	voice_media_down(h->voice, m->number);
	m->number = 0;
	m->fd = -1;
	m->orders.n = 0;
	m->blocked = false;
	note_media(h);
}

static void media_ready(void *arg, uint32_t events)
{
	struct media_link *m = arg;
	struct house *h = m->house;
	if (events & EPOLLOUT) {
		loop_change(h->loop, m->fd, EPOLLIN);
		m->blocked = false;
	}
	for (int i = 0; i < 256; i++) {
		ssize_t n = recv(m->fd, h->packet.p, h->packet.cap, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			media_gone(m);
			core_deliver(&h->core);
			return;
		}
		voice_media_input(h->voice, m->number, str_make(h->packet.p, (size_t)n));
		core_deliver(&h->core);
		if (n < ORDER_PACKET_MAX / 2) /* little to say: seldom more behind it */
			return;
	}
}

/* What the supervisor says of media: who lives, newest first; with fd the last number is whose
 * connection it is. */
static void media_told(struct house *h, struct str numbers, int fd)
{
	uint32_t living[KIN_MEDIA_MAX + 1];
	size_t n = MIN(numbers.n / sizeof *living, COUNT_OF(living));
	memcpy(living, numbers.p, n * sizeof *living);
	if (fd >= 0 && !n) { /* a supervisor that was there before there could be several */
		living[0] = living[1] = 1;
		n = 2;
	}
	const bool connects = fd >= 0 && n > 0;
	const uint32_t number = connects ? living[--n] : 0;
	struct media_link *m = connects ? link_of(h, number) : NULL;
	if (m)
		media_gone(m);
	voice_media_living(h->voice, living, (uint32_t)n);
	m = connects ? link_of(h, 0) : NULL;
	if (m) {
		fcntl(fd, F_SETFL, O_NONBLOCK);
		m->number = number;
		m->fd = fd;
		loop_add(h->loop, fd, EPOLLIN, "media", media_ready, m);
		voice_media_up(h->voice, number);
	} else if (fd >= 0) {
		close(fd);
	}
	note_media(h);
	core_deliver(&h->core);
}

/* -- the supervisor -- */

static void control_ready(void *arg, uint32_t events)
{
	struct house *h = arg;
	char room[KIN_MESSAGE_MAX];
	size_t n;
	int passed[2];
	enum err e;
	(void)events;
	while ((e = kin_take(h->control, room, sizeof room, &n, passed)) == ERR_OK) {
		uint32_t job;
		switch (room[0]) {
		case KIN_MEDIA:
			media_told(h, str_make(room + 1, n - 1), passed[0]);
			break;
		case KIN_STOP:
			h->stopping = true;
			break;
		case KIN_LEAVE:
			h->leaving = true;
			break;
		case KIN_RELOAD:
			secure_reload(h);
			core_deliver(&h->core);
			break;
		case KIN_SPOKEN:
			if (n >= 6) {
				memcpy(&job, room + 1, sizeof job);
				speech_spoken(h->speech, job, room[5]);
			}
			break;
		default:
			break;
		}
	}
	if (e == ERR_IO) /* the supervisor is gone: everything ends with it */
		_exit(1);
}

static void say(struct house *h, enum kin_word word, struct str text)
{
	char room[KIN_MESSAGE_MAX];
	struct buf b = buf_make(room, sizeof room);
	buf_ch(&b, (char)word);
	buf_put(&b, str_head(text, sizeof room - 1));
	if (h->control >= 0 && kin_send(h->control, buf_str(&b), -1, -1) != ERR_OK)
		log_line(LOG_ERROR, "event=supervisor_gone");
}

/* -- letters -- */

static void mail_ready(void *arg, uint32_t events)
{
	struct house *h = arg;
	(void)events;
	mailbox_drain(h->mail, h);
}

struct spoken_letter {
	struct letter letter;
	bool ok;
	size_t n;
	char key[];
};

static void open_spoken(struct letter *l, void *reader)
{
	struct house *h = reader;
	struct spoken_letter *s = CONTAINER_OF(l, struct spoken_letter, letter);
	voice_spoken(h->voice, str_make(s->key, s->n), s->ok);
	free(s);
}

static void speech_done(void *arg, struct str key, bool ok)
{
	struct house *h = arg;
	struct spoken_letter *s = xcalloc(1, sizeof *s + key.n);
	s->letter.open = open_spoken;
	s->ok = ok;
	s->n = key.n;
	memcpy(s->key, key.p, key.n);
	mailbox_post(h->mail, &s->letter);
}

static bool ready(void *arg, struct buf *why)
{
	struct house *h = arg;
	if (store_failing(h->store))
		buf_c(why, "the database does not answer");
	else if (atomic_load(&h->store_failed))
		buf_c(why, "no space left for the data directory's ring");
	else if (atomic_load(&h->media_away))
		buf_c(why, "the media process is away");
	else if (atomic_load(&h->serving))
		return true;
	else
		buf_c(why, "starting or stopping");
	return false;
}

/* -- starting -- */

static enum err apply_site(struct house *h, struct buf *why)
{
	const char *path = getenv("CENTRALA_SITE");
	if (!path)
		return ERR_OK;
	struct str body = file_read(path);
	if (!body.p) {
		buf_fmt(why, "%s cannot be read", path);
		return ERR_IO;
	}
	struct buf done = buf_grow(4096), mistakes = buf_grow(4096);
	enum err e = house_apply(h, body, &done, &mistakes);
	const size_t n = e == ERR_OK ? 0 : print_mistakes(buf_str(&mistakes));
	if (n)
		buf_fmt(why, "%s: %zu mistake%s, nothing was changed", path, n, n > 1 ? "s" : "");
	else if (e != ERR_OK)
		buf_fmt(why, "%s: " STR_FMT, path, STR_ARG(str_head(buf_str(&mistakes), 900)));
	buf_free(&done);
	buf_free(&mistakes);
	free((char *)(uintptr_t)body.p);
	return e;
}

/* A clerk's thread. */
static enum err read_trace(void *arg, struct uuid contact, struct traced *out)
{
	const struct house *h = arg;
	return trace_read(str_of(h->trace_file), contact, out);
}

static enum err open_doors(struct house *h, struct buf *why)
{
	char dir[SETTING_MAX + 32];
	snprintf(dir, sizeof dir, "%s/speech", h->dir);
	h->control = KIN_CONTROL;
	h->speech = speech_start(&(struct speech_options){
		.dir = str_of(dir), .control = h->control, .arg = h, .done = speech_done});
	loop_add(h->loop, h->control, EPOLLIN, "supervisor", control_ready, h);
	loop_add(h->loop, mailbox_fd(h->mail), EPOLLIN, "letters", mail_ready, h);
	char recordings[SETTING_PATH];
	settings_recordings(&h->set, recordings);
	char imports[SETTING_MAX + 32];
	snprintf(imports, sizeof imports, "%s/imports", h->dir);
	char setup[SETTING_MAX + 32];
	snprintf(setup, sizeof setup, "%s/setup.token", h->dir);
	char backups[SETTING_MAX + 32];
	snprintf(backups, sizeof backups, "%s/backups", h->dir);
	const bool https = listen_is(KIN_HTTPS);
	struct web_options wo = {
		.http_fd = KIN_HTTP,
		.local_fd = KIN_LOCAL,
		.https_fd = KIN_HTTPS,
		.tls = https ? secure_web(h) : NULL,
		.store = h->store,
		.registry = h->registry,
		.recordings = str_of(recordings),
		.sounds = str_of(h->sound_dir),
		.speech = str_of(dir),
		.setup_token = str_of(setup),
		.imports = str_of(imports),
		.backups = str_of(backups),
		.decode = decode_sound,
		.traced = read_trace,
		.version = STR(CENTRALA_VERSION),
		.demo = str_of(h->set.demo_socket),
		.pages = {pages_embedded_files, (uint32_t)pages_embedded_count},
		.mail = {h->set.mail_smtp, h->set.mail_user, h->set.mail_secret, h->set.mail_from},
		.check_minute = settings_minute(h->set.check_at),
		.ask = house_ask,
		.ready = ready,
		.arg = h};
	enum err e = web_start(&wo, &h->web);
	if (e == ERR_OK)
		atomic_store(&h->web_ready, h->web);
	else
		buf_fmt(why, "the HTTP door does not open: %s", err_text(e));
	return e;
}

static void say_ready(struct house *h)
{
	char line[256];
	struct buf b = buf_make(line, sizeof line);
	buf_c(&b, "ready http=");
	listen_text(KIN_HTTP, &b);
	buf_c(&b, " sip=");
	listen_text(KIN_SIP_UDP, &b);
	static const char *const names[SIP_TRANSPORTS] = {"", "", " sips=", " ws=", " wss="};
	for (enum sip_transport t = SIP_TLS; t < SIP_TRANSPORTS; t++) {
		if (house_sip_socket(t) < 0)
			continue;
		buf_c(&b, names[t]);
		listen_text(house_sip_socket(t), &b);
	}
	if (listen_is(KIN_HTTPS)) {
		buf_c(&b, " https=");
		listen_text(KIN_HTTPS, &b);
	}
	atomic_store(&h->serving, true);
	say(h, KIN_READY, buf_str(&b));
}

/* Speech waits for the clerk: ask for every text again now that he works. */
static void say_texts(struct house *h)
{
	static const enum object_kind kinds[] = {KIND_prompt, KIND_flow, KIND_draft, KIND_queue};
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		uint32_t at = 0;
		for (const struct object *o; (o = objects_next(h->core.objects, kinds[i], &at));)
			voice_speech_object(h->voice, kinds[i], o->id);
	}
}

/* -- the loop -- */

static void before_handlers(void *arg)
{
	((struct house *)arg)->turn_us = clock_mono_us();
	house_turn_begin(arg);
}

static int next_timeout(struct house *h)
{
	int64_t now = clock_mono_ms() + h->anchor_ms;
	int64_t next = MIN(core_next_timer(&h->core), h->alive_at_ms);
	if (h->stopping)
		next = MIN(next, now + 20);
	if (!h->listening)
		next = MIN(next, h->media_wait_until_ms);
	if (h->backlog.n)
		next = MIN(next, h->retry_at_ms);
	if (gate_waiting(h->gate))
		return voice_is_busy(h->voice) ? 1 : 0;
	return (int)MAX(0, MIN(next - now, 60000));
}

/* Calls do not need it, but somebody must look. */
static void watch_database(struct house *h)
{
	char detail[128];
	const bool failing = store_failing(h->store);
	struct buf b = buf_make(detail, sizeof detail);
	if (failing == h->database_failed)
		return;
	h->database_failed = failing;
	const struct object *system =
		objects_find(h->core.objects, KIND_tenant, STR("system"), STR("system"));
	if (failing)
		buf_c(&b, "takes nothing; what is said waits in DIR/ring");
	else
		buf_fmt(&b, "works again; %llu facts to go",
			(unsigned long long)store_behind(h->store));
	EMIT(&h->core, alarm,
	     .tenant = system ? ID_AS(tenant_id, system->id) : (struct tenant_id){0},
	     .name = STR("database"), .detail = buf_str(&b));
}

static void alive(struct house *h)
{
	if (h->core.now_ms < h->alive_at_ms)
		return;
	/* with calls open also so that DIR/alive tells closely when a life was cut */
	h->alive_at_ms =
		h->core.now_ms + (contact_count(&h->core) ? ALIVE_EVERY_MS / 4 : ALIVE_EVERY_MS);
	say(h, KIN_ALIVE, STR_NONE);
	net_sweep(h->net);
	watch_database(h);
	secure_watch(h);
}

/* True when the process may end: no calls are left, or patience is over. */
static bool stopped(struct house *h)
{
	if (h->leaving)
		return true;
	if (!h->stopping)
		return false;
	if (!h->stop_at_ms) {
		atomic_store(&h->serving, false);
		h->stop_at_ms = h->core.now_ms + STOP_MS;
		voice_stop(h->voice);
		core_deliver(&h->core);
	}
	return h->core.now_ms >= h->stop_at_ms || voice_stopped(h->voice);
}

/* Calls that came while nobody listened wait in the sockets until media has told what it runs:
 * taken before, they would have to be refused. */
static void open_when_settled(struct house *h)
{
	if (h->listening ||
	    (!voice_media_ready(h->voice) && h->core.now_ms < h->media_wait_until_ms))
		return;
	h->listening = true;
	net_listen(h->net);
	say_ready(h);
}

static void run(struct house *h)
{
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(),
			  NICE); /* this thread alone, not the clerks */
	h->media_wait_until_ms = h->core.now_ms + MEDIA_WAIT_MS;
	for (bool over = false; !over;) {
		loop_wait(h->loop, next_timeout(h), before_handlers, h);
		int64_t then = clock_mono_us();
		net_streams_serve(h->net);
		house_sip_serve(h);
		core_deliver(&h->core);
		open_when_settled(h);
		alive(h);
		over = stopped(h);
		house_turn_end(h);
		loop_note(h->loop, "turn_end", clock_mono_us() - then);
	}
}

static enum house_start how_started(void)
{
	const char *poisoned = getenv("CENTRALA_POISONED");
	if (poisoned)
		return str_is(str_of(poisoned), "1") ? HOUSE_POISONED : HOUSE_POISONED_AGAIN;
	return getenv("CENTRALA_FRESH") ? HOUSE_FRESH : HOUSE_RESTARTED;
}

static uint16_t port_of(int fd)
{
	char text[80], host[64];
	struct buf at = buf_make(text, sizeof text);
	uint16_t port = 0;
	if (fd >= 0)
		listen_text(fd, &at);
	return at.n && settings_address(buf_str(&at), host, &port) == ERR_OK ? port : 0;
}

int house_serve(const struct settings *set)
{
	char room[2048], bound[80];
	struct buf why = buf_make(room, sizeof room);
	static struct house h;
	prctl(PR_SET_NAME, "centrala-core");
	signal(SIGPIPE, SIG_IGN);
	log_process("core");
	for (int fd = KIN_CONTROL; fd < KIN_END; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	struct buf at = buf_make(bound, sizeof bound);
	listen_text(KIN_SIP_UDP, &at);
	uint16_t more[SIP_TRANSPORTS] = {0};
	for (enum sip_transport t = SIP_TLS; t < SIP_TRANSPORTS; t++)
		more[t] = port_of(house_sip_socket(t));
	const enum house_start start = how_started();
	enum err e = house_open(&h, set, buf_str(&at), more, start, &why);
	h.control = KIN_CONTROL;
	if (e == ERR_OK)
		e = apply_site(&h, &why);
	if (e == ERR_OK)
		e = open_doors(&h, &why);
	if (e != ERR_OK) {
		say(&h, KIN_FAILED, buf_str(&why));
		return 1;
	}
	house_turn_begin(&h);
	say_texts(&h);
	const struct object *system =
		objects_find(h.core.objects, KIND_tenant, STR("system"), STR("system"));
	EMIT(&h.core, server_start,
	     .tenant = system ? ID_AS(tenant_id, system->id) : (struct tenant_id){0},
	     .version = STR(CENTRALA_VERSION), .recovered = h.recovered,
	     .contacts = contact_count(&h.core));
	house_turn_end(&h);
	run(&h);
	if (h.leaving)
		_exit(0); /* calls go on; the next core takes everything from the ring */
	atomic_store(&h.web_ready, NULL);
	store_hurry(h.store);
	web_stop(h.web);
	speech_stop(h.speech);
	h.speech = NULL;
	house_turn_begin(&h);
	mailbox_drain(h.mail, &h); /* nobody posts any more: what came last is still done */
	house_turn_end(&h);
	house_close(&h);
	return 0;
}
