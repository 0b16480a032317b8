/* house.c - bringing back what was, turns and what leaves them; see house.h. */
#include "app/asks.h"
#include "app/house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acd/acd.h"
#include "app/secure.h"
#include "core/batch.h"
#include "call/call.h"
#include "watch/watch.h"
#include "flow/flow.h"
#include "rtp/addr.h"
#include "os/clock.h"
#include "os/log.h"
#include "store/customers.h"

#define BACKLOG_MAX (256u << 20)
#define CATCH_UP_MS 60000

/* -- the key of this installation: outside the database, never leaves DIR -- */

static enum err read_key(struct house *h, struct buf *why)
{
	char path[SETTING_MAX + 32];
	snprintf(path, sizeof path, "%s/secret.key", h->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		buf_fmt(why, "%s: %s", path, strerror(errno));
		return ERR_IO;
	}
	ssize_t n = read(fd, h->key, sizeof h->key);
	if (n == 0) { /* the first start */
		os_random(h->key, sizeof h->key);
		n = pwrite(fd, h->key, sizeof h->key, 0);
		if (fsync(fd) < 0)
			n = -1;
	}
	close(fd);
	if (n == (ssize_t)sizeof h->key)
		return ERR_OK;
	buf_fmt(why, "%s is damaged: 32 bytes expected", path);
	return ERR_IO;
}

/* -- turns -- */

void house_turn_begin(struct house *h)
{
	int64_t now = clock_mono_ms() + h->anchor_ms;
	now = MAX(now, h->core.now_ms);
	core_turn_begin(&h->core, now, now);
	if (h->voice)
		voice_time(h->voice);
}

static bool save_some(void *arg, bool anew, size_t bytes, void (*item)(void *to, struct str bytes),
		      void *to)
{
	struct house *h = arg;
	if (anew)
		h->saved = (struct core_save){0};
	return core_save_some(&h->core, &h->saved, bytes, item, to);
}

static enum err append(struct house *h, struct str bytes, uint64_t last_seq)
{
	struct ring_saver saver = {save_some, h};
	return ring_append(h->ring, bytes, last_seq, &saver);
}

/* What the ring could not take waits in memory and goes in as one batch: the images that are
 * written beside it are of now, and must never be ahead of the facts. */
static void backlog_put(struct house *h, struct str bytes)
{
	CHECK(h->backlog.n + bytes.n < BACKLOG_MAX);
	buf_put(&h->backlog, bytes);
	if (h->backlog.n > BACKLOG_MAX / 4)
		voice_admit(h->voice, false);
}

static void backlog_retry(struct house *h)
{
	if (h->core.now_ms < h->retry_at_ms)
		return;
	h->retry_at_ms = h->core.now_ms + HOUSE_RETRY_MS;
	if (append(h, buf_str(&h->backlog), core_seq(&h->core)) != ERR_OK)
		return;
	buf_free(&h->backlog);
	h->backlog = buf_grow(4096);
	log_line(LOG_WARN, "event=ring_works_again");
	atomic_store(&h->store_failed, false);
	voice_admit(h->voice, true);
}

/* The batch goes into the ring before anything is let out. With a full disk calls go on; what is
 * said meanwhile waits in memory and is written as soon as there is space. New calls are refused
 * once much waits. */
static void store_batch(struct house *h, struct core_batch b)
{
	if (h->backlog.n) {
		backlog_put(h, b.bytes);
		backlog_retry(h);
		return;
	}
	enum err e = b.bytes.n ? append(h, b.bytes, core_seq(&h->core)) : ERR_OK;
	if (e == ERR_OK)
		return;
	log_line(LOG_ERROR, "event=ring_failed why=%s", err_name(e));
	atomic_store(&h->store_failed, true);
	backlog_put(h, b.bytes);
	h->retry_at_ms = h->core.now_ms + HOUSE_RETRY_MS;
}

/* True: somebody waits until what was done is durable. */
static bool post_answers(struct house *h)
{
	bool awaited = false;
	struct letter *l = h->answers;
	h->answers = NULL;
	h->answers_last = &h->answers;
	while (l) {
		struct letter *next = l->next;
		struct ask *a = CONTAINER_OF(l, struct ask, letter);
		if (a->seq && h->store_failed) {
			a->err = ERR_DISK_FULL;
			a->detail = STR("the disk is full: done, but it will not survive a crash");
		}
		awaited |= a->seq && a->reply && !a->soon;
		if (a->reply)
			mailbox_post(a->reply, &a->letter);
		else
			ask_free(a);
		l = next;
	}
	return awaited;
}

void house_turn_end(struct house *h)
{
	struct core_batch b = core_turn_end(&h->core);
	store_batch(h, b);
	if (b.facts) /* before anybody hears of it: he may ask at once (store_catch_up) */
		store_wake(h->store);
	if (h->net)
		net_flush(h->net);
	house_media_flush(h);
	if (post_answers(h))
		store_awaited(h->store);
	if (h->alive_at)
		*h->alive_at = h->core.now_ms;
}

static enum err wait_durable(struct house *h, uint64_t want, int64_t ms)
{
	store_awaited(h->store);
	for (int64_t end = clock_mono_ms() + ms; store_last_seq(h->store) < want;) {
		if (clock_mono_ms() > end)
			return ERR_TIMEOUT;
		usleep(1000);
	}
	return ERR_OK;
}

enum err house_durable(struct house *h, int64_t ms)
{
	return wait_durable(h, core_seq(&h->core), ms);
}

/* -- objects -- */

static void tell_moved(struct house *h, enum object_kind kind, struct id id)
{
	EMIT(&h->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
}

static void take_config(void *arg, struct config *config, uint32_t version)
{
	struct house *h = arg;
	struct id id;
	enum object_kind kind = config->kind;
	if (objects_put(h->core.objects, config, version, &id) != ERR_OK) {
		log_line(LOG_ERROR, "event=too_many_objects");
		config_free(config);
		return;
	}
	tell_moved(h, kind, id);
}

void house_change(struct house *h, const struct ask_change *c, struct str by)
{
	struct objects *os = h->core.objects;
	struct id id;
	struct tenant_id tenant = {0};
	if (c->config && objects_put(os, c->config, c->version, &id) != ERR_OK) {
		log_line(LOG_ERROR, "event=too_many_objects");
		return;
	}
	const struct object *t = objects_find(os, KIND_tenant, c->tenant, c->tenant);
	if (t)
		tenant = ID_AS(tenant_id, t->id);
	if (!c->config)
		id = objects_drop(os, c->kind, c->tenant, c->object);
	EMIT(&h->core, object_changed, .tenant = tenant, .kind = c->kind, .object = c->object,
	     .version = c->version, .op = str_of(c->op), .by = by, .doc = c->doc);
	tell_moved(h, c->kind, id);
}

static void load_row(void *arg, const struct object_row *o)
{
	struct house *h = arg;
	enum err e =
		o->doc.n ? registry_load(h->registry, o->kind, o->tenant, o->id, o->version, o->doc)
			 : ERR_OK;
	if (!o->doc.n)
		registry_tombstone(h->registry, o->kind, o->tenant, o->id, o->version);
	if (e != ERR_OK)
		log_line(LOG_ERROR, "event=object_unreadable kind=" STR_FMT " id=" STR_FMT,
			 STR_ARG(object_kind_word(o->kind)), STR_ARG(o->id));
}

static enum err load_objects(struct house *h)
{
	struct store_reader *r;
	enum err e = store_reader_open(h->store, &r);
	if (e != ERR_OK)
		return e;
	e = query_objects(r, load_row, h);
	store_reader_close(r);
	if (e == ERR_OK)
		registry_compile_all(h->registry, take_config, h);
	return e;
}

bool house_room_for(const struct house *h, uint32_t more)
{
	return !more || objects_count(h->core.objects) + more <= HOUSE_OBJECTS_MAX;
}

static uint32_t count_created(const struct registry_result *r)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < r->change_count; i++)
		n += str_is(str_of(r->changes[i].op), "created");
	return n;
}

enum err house_apply(struct house *h, struct str body, struct buf *out, struct buf *why)
{
	struct registry_result r;
	enum err e = registry_prepare_site(h->registry, body, &r);
	if (e == ERR_OK && !house_room_for(h, count_created(&r))) {
		buf_c(why, "more objects than this installation holds");
		e = ERR_FULL;
	} else if (e != ERR_OK) {
		buf_put(why, buf_str(&r.errors));
	}
	if (e != ERR_OK) {
		registry_result_finish(&r);
		return e;
	}
	house_turn_begin(h);
	for (uint32_t i = 0; i < r.change_count; i++) {
		struct registry_change *c = &r.changes[i];
		house_change(h,
			     &(struct ask_change){c->kind, c->tenant, c->id, c->version, c->op,
						  c->config, c->doc},
			     STR("local"));
		c->config = NULL;
		buf_fmt(out, "%s " STR_FMT "/" STR_FMT "/" STR_FMT "\n", c->op,
			STR_ARG(object_kind_word(c->kind)), STR_ARG(c->tenant), STR_ARG(c->id));
	}
	buf_fmt(out, "%u changed, %u unchanged\n", r.change_count, r.unchanged);
	house_turn_end(h);
	e = h->store_failed ? ERR_DISK_FULL : house_durable(h, CATCH_UP_MS);
	if (e == ERR_OK)
		registry_commit(h->registry, &r);
	else
		buf_c(why, e == ERR_DISK_FULL ? "no space left for the data directory's ring"
					      : "the database did not take it in time");
	registry_result_finish(&r);
	return e;
}

/* -- what was -- */

/* A state that kills every restart is set aside. Of a call its dialogs and what media has of it are
 * still taken, so that both sides hear that it is over; if that kills too, only its row is. */
static const uint32_t kinds_taken[] = {
	[HOUSE_FRESH] = UINT32_MAX,
	[HOUSE_RESTARTED] = UINT32_MAX,
	[HOUSE_POISONED] =
		BIT(IMAGE_CONTACT) | BIT(IMAGE_LEG) | BIT(IMAGE_BINDING) | BIT(IMAGE_VOICE),
	[HOUSE_POISONED_AGAIN] = BIT(IMAGE_CONTACT),
};

struct taking {
	struct house *h;
	uint32_t kinds;
};

static void load_batch(void *arg, struct str items)
{
	const struct taking *t = arg;
	core_load_batch(&t->h->core, items, t->kinds);
}

static void end_everybody(struct house *h)
{
	uint32_t slot = 0;
	voice_all_lost(h->voice);
	for (struct contact *k; (k = contact_next(&h->core, &slot));) {
		k->wraps = 0; /* the rooms do not know of them */
		contact_hold(&h->core, k->id);
		contact_release(&h->core, k->id); /* so it may be over */
	}
	log_line(LOG_ERROR, "event=images_set_aside contacts=%u", contact_count(&h->core));
}

static void bring_back(struct house *h, enum house_start start)
{
	ring_replay(h->ring, load_batch, &(struct taking){h, kinds_taken[start]});
	ring_keep(h->ring, false);
	h->dropped_images = house_load_images(h);
	if (h->dropped_images)
		log_line(LOG_ERROR, "event=images_dropped count=%u", h->dropped_images);
	if (start == HOUSE_FRESH)
		voice_all_lost(h->voice);
	else if (start != HOUSE_RESTARTED)
		end_everybody(h);
}

static void durable(void *arg, uint64_t seq)
{
	struct house *h = arg;
	struct web *w = atomic_load(&h->web_ready);
	if (w)
		web_durable(w, seq);
}

/* Found by the writer, told by the main thread as everything is. */
static void linked(void *arg, const struct customers_link *l)
{
	struct ask *a = ask_create(ASK_SAY, NULL, NULL);
	a->tenant = arena_copy(&a->arena, str_of(l->tenant));
	a->say = arena_alloc(&a->arena, sizeof *a->say);
	a->say->kind = EV_customer_linked;
	a->say->customer_linked.contact = l->contact;
	a->say->customer_linked.customer = arena_copy(&a->arena, str_of(l->customer));
	a->say->customer_linked.how = STR("exact");
	house_ask(arg, a);
}

static void desk_told(void *arg, uint64_t desk, enum desk_phone state)
{
	struct house *h = arg;
	web_desk_phone(atomic_load(&h->web_ready), desk, state);
}

static void stored(void *arg, const struct str *batches, uint32_t count)
{
	struct house *h = arg;
	struct web *w = atomic_load(&h->web_ready);
	if (w)
		web_stored(w, batches, count);
}

static void trouble(void *arg, bool failed, struct str detail)
{
	(void)arg;
	log_line(failed ? LOG_ERROR : LOG_WARN, "event=database_%s why=\"" STR_FMT "\"",
		 failed ? "failed" : "works_again", STR_ARG(detail));
}

static enum err open_store(struct house *h, bool serves, uint64_t *seq, struct buf *why)
{
	enum err e = ring_open(str_of(h->dir), 0, &h->ring, why);
	if (e != ERR_OK)
		return e;
	ring_keep(h->ring, true); /* until bring_back has replayed it */
	struct store_options o = {.dir = str_of(h->dir),
				  .url = str_of(h->set.store_url),
				  .ring = h->ring,
				  .serves = serves,
				  .durable = durable,
				  .stored = stored,
				  .trouble = trouble,
				  .linked = linked,
				  .arg = h};
	e = store_open(&o, &h->store, why);
	if (e != ERR_OK)
		return e;
	store_start(h->store);
	/* what the ring holds and the database lacks comes first: objects are read from there,
	 * unless there is a copy that knows both */
	*seq = MAX(ring_last_seq(h->ring), store_last_seq(h->store));
	const bool need = !serves || !store_has_local(h->store);
	if (need && wait_durable(h, *seq, CATCH_UP_MS) != ERR_OK) {
		buf_c(why, "the database does not take what the ring holds");
		return ERR_TIMEOUT;
	}
	return ERR_OK;
}

static void read_anchor(struct house *h)
{
	const char *text = getenv("CENTRALA_ANCHOR_MS");
	int64_t anchor;
	if (!text || str_to_i64(str_of(text), &anchor) != ERR_OK)
		anchor = clock_utc_ms() - clock_mono_ms();
	h->anchor_ms = anchor;
	clock_anchor(anchor);
}

static void speak(void *arg, struct str key, struct str lang, struct str text)
{
	struct house *h = arg;
	if (h->speech && speech_want(h->speech, key, lang, text))
		voice_spoken(h->voice, key, true);
}

static void resolve(void *arg, enum dns_kind kind, struct str name)
{
	struct house *h = arg;
	dns_ask(h->dns, kind, name);
}

static void resolved(void *arg, const struct dns_answer *a)
{
	struct house *h = arg;
	voice_resolved(h->voice, a);
}

static void send_sip(void *arg, const struct sip_address *to, struct str bytes)
{
	struct house *h = arg;
	if (h->net)
		net_send(h->net, to, bytes);
}

static void drop_stream(void *arg, uint32_t stream)
{
	struct house *h = arg;
	if (h->net)
		net_drop(h->net, stream);
}

static bool still_offered(void *arg, struct contact_id c, struct agent_id a)
{
	struct house *h = arg;
	return acd_rings_at(h->acd, c, a);
}

/* The address the kernel would go out with; nothing is sent. 192.0.2.1 is nobody's (RFC 5737). */
static bool own_address(void *arg, char *out, size_t room)
{
	(void)arg;
	struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(9)}, own = {0};
	far.sin_addr.s_addr = htonl(0xc0000201);
	socklen_t n = sizeof own;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && connect(fd, (struct sockaddr *)&far, sizeof far) == 0 &&
		   getsockname(fd, (struct sockaddr *)&own, &n) == 0 &&
		   ntohl(own.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET &&
		   inet_ntop(AF_INET, &own.sin_addr, out, (socklen_t)room);
	if (fd >= 0)
		close(fd);
	return has;
}

/* Media listens on 127.0.0.1 and nobody said how it is reached. */
static bool is_for_this_machine(const struct settings *set)
{
	struct addr ips[ADDR_FAMILIES];
	return !set->media_advertise[0] && addr_parse_pair(str_of(set->media_ip), ips) == ERR_OK &&
	       addr_is_loopback(&ips[0]) && ips[0].sa.sa_family == AF_INET;
}

static uint32_t epoch_birth(uint32_t epoch)
{
	return (epoch & 0x7fff) << 16;
}

/* What peers are told. It must stand before calls are brought back: their requests are made anew.
 */
static void set_advertise(struct house *h, struct str bound)
{
	char host[64];
	uint16_t port = 0;
	struct buf out = buf_make(h->advertise, sizeof h->advertise - 1);
	if (!bound.n)
		return;
	if (settings_address(bound, host, &port) != ERR_OK)
		host[0] = 0;
	struct str advertise = str_of(h->set.sip_advertise);
	if (!advertise.n && (str_is(str_of(host), "0.0.0.0") || str_is(str_of(host), "::")))
		(void)str_cut(str_of(h->set.media_ip), ',', &advertise, &(struct str){0});
	if (!advertise.n)
		advertise = str_of(host);
	bool has_port = str_find(advertise, ':') >= 0 && advertise.p[0] != '[';
	bool bare_v6 =
		has_port &&
		str_find(str_from(advertise, (size_t)str_find(advertise, ':') + 1), ':') >= 0;
	if (bare_v6)
		buf_fmt(&out, "[" STR_FMT "]:%u", STR_ARG(advertise), port);
	else if (has_port)
		buf_put(&out, advertise);
	else
		buf_fmt(&out, STR_FMT ":%u", STR_ARG(advertise), port);
	h->advertise[out.n] = 0;
}

/* The same host at the ports of other transports. */
static void set_advertise_more(struct house *h, const uint16_t more[SIP_TRANSPORTS])
{
	struct str host = str_of(h->advertise);
	while (host.n && host.p[host.n - 1] != ':')
		host.n--;
	for (size_t i = 0; more && host.n && i < SIP_TRANSPORTS; i++) {
		struct buf out = buf_make(h->advertise_more[i], sizeof h->advertise_more[i] - 1);
		if (more[i])
			buf_fmt(&out, STR_FMT "%u", STR_ARG(host), more[i]);
		h->advertise_more[i][out.n] = 0;
	}
}

static void random_bytes(void *arg, void *out, size_t n)
{
	(void)arg;
	os_random(out, n);
}

static void open_rooms(struct house *h)
{
	char full[PATH_MAX];
	uint32_t contacts = settings_number(h->set.limits_contacts);
	if (!realpath(h->dir, full))
		snprintf(full, sizeof full, "%s", h->dir);
	/* media has another working folder */
	snprintf(h->speech_dir, sizeof h->speech_dir, "%s/speech", full);
	snprintf(h->sound_dir, sizeof h->sound_dir, "%s/prompts", full);
	snprintf(h->trace_file, sizeof h->trace_file, "%s/trace", full);
	h->acd = acd_create_limited(&h->core, &(struct acd_limits){contacts, contacts * 2});
	core_add_room(&h->core, h->acd);
	h->flow = flow_create_limited(&h->core, contacts);
	h->call = call_room_create(&h->core, contacts);
	h->watch = watch_create(&h->core);
	h->dns = dns_create(&(struct dns_options){.loop = h->loop,
						  .server = str_of(h->set.dns_server),
						  .arg = h,
						  .answer = resolved});
	struct voice_options vo = {.core = &h->core,
				   .random = random_bytes,
				   .media_address =
					   str_of(h->set.media_advertise[0] ? h->set.media_advertise
									    : h->set.media_ip),
				   .own_address = is_for_this_machine(&h->set) ? own_address : NULL,
				   .speech_dir = str_of(h->speech_dir),
				   .sound_dir = str_of(h->sound_dir),
				   .record_opus = str_is(str_of(h->set.recordings_format), "opus"),
				   .trace_file = str_of(h->trace_file),
				   .trace_mib = settings_number(h->set.sip_trace_mib),
				   .advertise_udp = str_of(h->advertise),
				   .advertise_tcp = str_of(h->advertise),
				   .product = STR("centrala/" CENTRALA_VERSION),
				   .session_s = settings_number(h->set.sip_session_s),
				   .session_min_s = settings_number(h->set.sip_session_min_s),
				   .contacts_max = contacts,
				   .birth = epoch_birth(ring_epoch(h->ring)),
				   .arg = h,
				   .send = send_sip,
				   .drop = drop_stream,
				   .certified = secure_certified,
				   .order = house_order,
				   .phone_answered = asks_phone_answered,
				   .trunk_tested = asks_trunk_tested,
				   .desk_told = desk_told,
				   .resolve = h->dns ? resolve : NULL,
				   .speak = speak};
	for (size_t i = 0; i < SIP_TRANSPORTS; i++)
		vo.advertise_more[i] = str_of(h->advertise_more[i]);
	memcpy(vo.secret, h->key, sizeof vo.secret);
	h->voice = voice_create(&vo);
	voice_offered_by(h->voice, still_offered, h);
}

static void open_alive(struct house *h)
{
	char path[SETTING_MAX + 32];
	snprintf(path, sizeof path, "%s/alive", h->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (posix_fallocate(fd, 0, sizeof *h->alive_at) == 0) {
		void *map =
			mmap(NULL, sizeof *h->alive_at, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		h->alive_at = map == MAP_FAILED ? NULL : map;
	}
	close(fd);
}

/* The turn in which what was is brought back. When everything had died it happens at the last
 * moment of that life: a talk did not go on while nobody lived. */
static void first_turn_begin(struct house *h, enum house_start start)
{
	const int64_t now = clock_mono_ms() + h->anchor_ms;
	const int64_t then = start == HOUSE_FRESH && h->alive_at ? *h->alive_at : 0;
	if (then <= 0 || then >= now) {
		house_turn_begin(h);
		return;
	}
	core_turn_begin(&h->core, then, then);
	voice_time(h->voice);
}

enum err house_open(struct house *h, const struct settings *set, struct str bound,
		    const uint16_t more[SIP_TRANSPORTS], enum house_start start, struct buf *why)
{
	*h = (struct house){.set = *set, .control = -1};
	for (size_t i = 0; i < COUNT_OF(h->media); i++)
		h->media[i] = (struct media_link){h, 0, -1, buf_grow(4096), false};
	h->answers_last = &h->answers;
	CHECK(str_copy(str_of(set->dir), h->dir, sizeof h->dir));
	set_advertise(h, bound);
	set_advertise_more(h, more);
	read_anchor(h);
	h->packet = buf_grow(ORDER_PACKET_MAX);
	h->backlog = buf_grow(4096);
	h->loop = loop_create();
	h->mail = mailbox_create();
	h->media_away = true;
	uint64_t seed;
	os_random(&seed, sizeof seed);
	enum err e = read_key(h, why);
	if (e != ERR_OK)
		return e;
	uint64_t seq = 0;
	e = open_store(h, bound.n > 0, &seq, why);
	if (e != ERR_OK)
		return e;
	core_init(&h->core,
		  &(struct core_limits){.contacts = settings_number(set->limits_contacts),
					.objects = HOUSE_OBJECTS_MAX,
					/* one site file may change them all in one turn */
					.events = 4 * HOUSE_OBJECTS_MAX},
		  seed, ring_epoch(h->ring));
	core_seq_set(&h->core, seq);
	h->registry = registry_create(h->key);
	open_rooms(h);
	/* after a power cut the ring may be behind the database: then nothing open was brought back
	 */
	h->recovered = seq > 0 && ring_last_seq(h->ring) == seq;
	open_alive(h);
	if (bound.n)
		e = house_sip_open(h, start, why);
	if (e != ERR_OK)
		return e;
	first_turn_begin(h, start);
	e = load_objects(h);
	core_deliver(&h->core);
	if (e == ERR_OK)
		bring_back(h, start);
	if (e != ERR_OK)
		buf_fmt(why, "the declared objects cannot be read: %s", err_text(e));
	house_turn_end(h);
	return e;
}

void house_close(struct house *h)
{
	if (h->store) {
		store_stop(h->store);
		store_close(h->store);
	}
	web_destroy(h->web); /* the store's thread told it of commits until now */
	speech_stop(h->speech);
	if (h->net)
		net_destroy(h->net);
	tls_destroy(h->tls);
	if (h->core.hall) /* rooms still have timers running in what they free now */
		timers_finish(&h->core.timers);
	dns_destroy(h->dns);
	voice_destroy(h->voice);
	stir_destroy(h->stir);
	call_room_destroy(h->call);
	watch_destroy(h->watch);
	flow_destroy(h->flow);
	acd_destroy(h->acd);
	registry_destroy(h->registry);
	if (h->core.hall)
		core_finish(&h->core);
	if (h->ring)
		ring_close(h->ring);
	if (h->alive_at)
		munmap(h->alive_at, sizeof *h->alive_at);
	loop_destroy(h->loop);
	mailbox_destroy(h->mail);
	for (size_t i = 0; i < COUNT_OF(h->media); i++)
		buf_free(&h->media[i].orders);
	buf_free(&h->packet);
	buf_free(&h->backlog);
}
