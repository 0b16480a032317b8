/* world_test.c - see world_test.h; and the calls that simply work. */
#include "sip/world_test.h"

#include <stdlib.h>

enum { WIRE_MS = 5 };

struct str world_secret_md5, world_secret_sha256;
static char ha1_md5[65], ha1_sha256[65], ha1_sha[65], both_md5[65], both_sha[65];

static uint64_t roll(void *arg)
{
	struct side *side = arg;
	uint64_t z = side->w->dice += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static void keep(char to[64], struct str s)
{
	(void)str_copy(str_head(s, 63), to, 64);
}

struct sdp_audio sound(uint16_t port)
{
	struct sdp_audio a = {.address = STR("192.0.2.77"), .port = port, .codec_count = 2};
	a.codecs[0] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
	a.codecs[1] = (struct sdp_codec){STR("telephone-event"), 8000, 101, STR_NONE};
	return a;
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct side *side = arg;
	struct sdp_audio mine = sound(side->port);
	CHECK(side->heard_count < HEARD_MAX);
	struct heard *h = &side->heard[side->heard_count++];
	*h = (struct heard){.kind = ev->kind,
			    .call = ev->call,
			    .owner = ev->owner,
			    .status = ev->status,
			    .over = ev->over,
			    .digit = ev->digit,
			    .digit_ms = ev->digit_ms,
			    .sdp = ev->sdp != NULL};
	if (ev->sdp) {
		h->port = ev->sdp->port;
		h->direction = ev->sdp->direction;
	}
	keep(h->uri_user, ev->uri_user);
	keep(h->uri_host, ev->uri_host);
	keep(h->from_user, ev->from_user);
	keep(h->from_host, ev->from_host);
	keep(h->from_name, ev->from_name);
	keep(h->to_user, ev->to_user);
	keep(h->auth_user, ev->auth_user);
	keep(h->auth_realm, ev->auth_realm);
	keep(h->user_agent, ev->user_agent);
	keep(h->reason, ev->reason);
	h->q850 = ev->q850;
	h->replaces = ev->replaces;
	if (ev->caller) {
		h->caller = true;
		h->withheld = ev->caller->withheld;
		keep(h->asserted, ev->caller->asserted.user);
		keep(h->diverted, ev->caller->diverted.user);
		keep(h->diverted_why, ev->caller->diverted_why);
	}
	if (ev->refer) {
		h->replacing = ev->refer->replacing;
		h->replaces = ev->refer->replaces;
		keep(h->refer_user, ev->refer->user);
		keep(h->refer_host, ev->refer->host);
		keep(h->referred_by, ev->refer->by);
	}
	side->call = ev->call;
	if (side->ends_when[ev->kind]) {
		sip_call_end(side->sip, ev->call);
		return;
	}
	if (ev->kind == SIP_REFER && side->refer_answer)
		sip_refer_answer(side->sip, ev->call, side->refer_answer);
	if (ev->kind == SIP_INCOMING && side->rings)
		sip_call_ring(side->sip, ev->call, 180, NULL);
	if (ev->kind == SIP_INCOMING && side->accepts)
		sip_call_accept(side->sip, ev->call, &mine);
	if (ev->kind == SIP_REOFFER && side->answers)
		sip_call_answer(side->sip, ev->call, &mine);
}

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct side *side = arg;
	struct world *w = side->w;
	struct packet p = {.at_ms = w->now_ms + WIRE_MS, .from = side->address, .to = *to};
	/* nothing may leave that a line break of a peer got into */
	EXPECT(bytes.n > 0 && (!memchr(bytes.p, 0, bytes.n) || keepalive_is(bytes)));
	p.from.transport = to->transport;
	p.bytes = bytes;
	w->sent++;
	if (w->lose && w->lose(w, &p))
		return;
	p.bytes = str_make(str_dup(bytes), bytes.n);
	for (uint32_t i = 0; i < w->packet_count; i++)
		if (w->packets[i].gone) {
			w->packets[i] = p;
			return;
		}
	CHECK(w->packet_count < PACKETS_MAX);
	w->packets[w->packet_count++] = p;
}

static bool on_trusted(void *arg, const struct sip_address *from)
{
	struct side *side = arg;
	(void)from;
	return side->trusting;
}

static enum err on_secret(void *arg, struct str user, struct str realm, struct str *md5,
			  struct str *sha256, bool *wants)
{
	(void)arg;
	if (!str_is(realm, "example.org"))
		return ERR_NOT_FOUND;
	*wants = str_is(user, "sha") || str_is(user, "both");
	if (str_is(user, "both")) {
		*md5 = str_of(both_md5);
		*sha256 = str_of(both_sha);
		return ERR_OK;
	}
	if (str_is(user, "sha")) {
		*md5 = STR_NONE;
		*sha256 = str_of(ha1_sha);
		return ERR_OK;
	}
	if (!str_is(user, "alice"))
		return ERR_NOT_FOUND;
	*md5 = world_secret_md5;
	*sha256 = world_secret_sha256;
	return ERR_OK;
}

static bool on_domain(void *arg, struct str domain)
{
	(void)arg;
	return str_ieq(domain, STR("example.org"));
}

static void on_binding(void *arg, uint32_t slot, struct str user, struct str domain,
		       struct str image)
{
	struct side *side = arg;
	(void)user;
	(void)domain;
	CHECK(slot < IMAGES_MAX && image.n < sizeof side->bindings[0].bytes);
	side->bindings[slot].n = image.n;
	if (image.n)
		memcpy(side->bindings[slot].bytes, image.p, image.n);
}

static void on_trace(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		     struct str bytes)
{
	struct side *side = arg;
	EXPECT(peer->family && bytes.n);
	if (out)
		side->traced_out++;
	else
		side->traced_in++;
	if (call.slot)
		side->traced_call++;
}

static void on_changed(void *arg, struct sip_call_id call)
{
	struct side *side = arg;
	char text[16384];
	struct buf image = buf_make(text, sizeof text);
	side->changed++;
	/* whenever the engine says so, an image can be taken */
	sip_call_save(side->sip, call, &image);
	EXPECT(!image.full && image.n);
}

static void on_drop(void *arg, uint32_t stream)
{
	struct side *side = arg;
	side->dropped_stream = stream;
}

static void on_registered(void *arg, struct sip_registration_id id, void *owner, bool up,
			  uint32_t status)
{
	struct side *side = arg;
	uint32_t last;
	int64_t until_ms;
	EXPECT(owner == side && sip_register_look(side->sip, id, &last, &until_ms) == up);
	side->reg_up = up;
	side->reg_status = status;
	side->reg_told++;
}

static void on_guessed(void *arg, const struct sip_address *from, struct str user, struct str realm,
		       uint32_t wrong)
{
	struct side *side = arg;
	EXPECT(from->family && user.n && realm.n && wrong >= 5);
	side->guessed++;
}

void world_start_side(struct world *w, int n, uint32_t birth)
{
	static const char *const names[] = {"10.0.0.1:5060", "10.0.0.2:5060"};
	struct side *side = &w->sides[n];
	struct sip_options o = {
		.user = {.arg = side,
			 .event = on_event,
			 .send = on_send,
			 .trusted = on_trusted,
			 .secret = on_secret,
			 .domain_ours = on_domain,
			 .binding = on_binding,
			 .trace = on_trace,
			 .changed = on_changed,
			 .drop = on_drop,
			 .registered = on_registered,
			 .guessed = on_guessed},
		.timers = &side->timers,
		.dice = roll,
		.dice_arg = side,
		.advertise_udp = str_of(names[n]),
		.advertise_tcp = str_of(names[n]),
		.product = STR("test"),
		.calls_max = 8,
		.transactions_max = 64,
		.bindings_max = 12,
		.birth = birth,
		.secret = {1, 2, 3, (uint8_t)n},
		.default_realm = STR("example.org"),
	};
	timers_init(&side->timers);
	side->sip = sip_create(&o);
	sip_time(side->sip, w->now_ms);
}

void world_kill_side(struct world *w, int n)
{
	struct side *side = &w->sides[n];
	if (!side->sip)
		return;
	sip_destroy(side->sip);
	EXPECT(timers_next(&side->timers) == INT64_MAX); /* nothing was left running */
	timers_finish(&side->timers);
	side->sip = NULL;
}

struct world *world_create(void)
{
	struct world *w = xcalloc(1, sizeof *w);
	w->now_ms = 1000000;
	w->dice = 7;
	digest_ha1(STR("alice"), STR("example.org"), STR("secret"), false, ha1_md5);
	digest_ha1(STR("alice"), STR("example.org"), STR("secret"), true, ha1_sha256);
	digest_ha1(STR("sha"), STR("example.org"), STR("secret"), true, ha1_sha);
	digest_ha1(STR("both"), STR("example.org"), STR("secret"), false, both_md5);
	digest_ha1(STR("both"), STR("example.org"), STR("secret"), true, both_sha);
	world_secret_md5 = str_of(ha1_md5);
	world_secret_sha256 = str_of(ha1_sha256);
	for (int i = 0; i < SIDES; i++) {
		struct side *side = &w->sides[i];
		side->w = w;
		side->trusting = side->rings = side->accepts = side->answers = true;
		side->port = (uint16_t)(20000 + 1000 * i);
		side->address = (struct sip_address){
			.family = 4, .ip = {10, 0, 0, (uint8_t)(i + 1)}, .port = 5060};
	}
	world_start_side(w, ALICE, 0);
	world_start_side(w, BOB, 0);
	return w;
}

void world_destroy(struct world *w)
{
	world_kill_side(w, ALICE);
	world_kill_side(w, BOB);
	for (uint32_t i = 0; i < w->packet_count; i++)
		if (!w->packets[i].gone)
			free((char *)w->packets[i].bytes.p);
	for (uint32_t i = 0; i < w->seen_count; i++)
		free((char *)w->seen[i].p);
	free(w);
}

static void deliver(struct world *w, struct packet *p)
{
	struct packet mine = *p;
	p->gone = true;
	for (int i = 0; i < SIDES; i++) {
		struct side *side = &w->sides[i];
		if (side->address.port != mine.to.port ||
		    memcmp(side->address.ip, mine.to.ip, 4) != 0)
			continue;
		if (i == MALLORY) {
			CHECK(w->seen_count < SEEN_MAX);
			w->seen[w->seen_count++] = mine.bytes;
			w->seen_stream = mine.to.stream;
			return;
		}
		if (side->sip) {
			mine.from.stream = sip_is_stream(mine.from.transport) ? 77 : 0;
			sip_time(side->sip, w->now_ms);
			sip_input(side->sip, &mine.from, mine.bytes);
		}
	}
	free((char *)mine.bytes.p);
}

static int64_t next_time(const struct world *w)
{
	int64_t at = INT64_MAX;
	for (uint32_t i = 0; i < w->packet_count; i++)
		if (!w->packets[i].gone)
			at = MIN(at, w->packets[i].at_ms);
	for (int i = 0; i < MALLORY; i++)
		if (w->sides[i].sip)
			at = MIN(at, timers_next(&w->sides[i].timers));
	return at;
}

void world_run(struct world *w, int64_t ms)
{
	int64_t end = w->now_ms + ms;
	for (int64_t at; (at = next_time(w)) <= end;) {
		w->now_ms = MAX(at, w->now_ms);
		for (uint32_t i = 0; i < w->packet_count; i++)
			if (!w->packets[i].gone && w->packets[i].at_ms <= w->now_ms)
				deliver(w, &w->packets[i]);
		for (int i = 0; i < MALLORY; i++) {
			struct side *side = &w->sides[i];
			if (!side->sip)
				continue;
			sip_time(side->sip, w->now_ms);
			timers_run(&side->timers, w->now_ms, 1000);
		}
	}
	w->now_ms = end;
	for (int i = 0; i < MALLORY; i++)
		if (w->sides[i].sip)
			sip_time(w->sides[i].sip, w->now_ms);
}

void world_say_bytes(struct world *w, int to, struct str bytes)
{
	struct sip_address from = w->sides[MALLORY].address;
	from.transport = w->transport;
	from.stream = sip_is_stream(w->transport) ? (w->stream ? w->stream : 5) : 0;
	/* an exact copy on the heap, so that reading past the end is seen */
	char *copy = xcalloc(1, bytes.n ? bytes.n : 1);
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	sip_time(w->sides[to].sip, w->now_ms);
	sip_input(w->sides[to].sip, &from, str_make(copy, bytes.n));
	free(copy);
	world_run(w, 20);
}

void world_say(struct world *w, int to, const char *text)
{
	struct buf b = buf_grow(1024);
	for (; *text; text++) {
		if (*text == '\n')
			buf_ch(&b, '\r');
		buf_ch(&b, *text);
	}
	world_say_bytes(w, to, buf_str(&b));
	buf_free(&b);
}

struct str world_last_seen(struct world *w)
{
	return w->seen_count ? w->seen[w->seen_count - 1] : STR_NONE;
}

uint32_t world_status(struct str message)
{
	uint32_t status = 0;
	if (str_starts(message, STR("SIP/2.0 ")) &&
	    str_to_u32(str_head(str_from(message, 8), 3), 699, &status) != ERR_OK)
		return 0;
	return status;
}

bool has(struct str message, const char *part)
{
	return str_find_str(message, str_of(part)) >= 0;
}

struct str value_of(struct str message, const char *name)
{
	struct str line, key, value;
	while (str_line(&message, &line) && line.n)
		if (str_cut(line, ':', &key, &value) && str_is(key, name))
			return str_trim(value);
	return STR_NONE;
}

enum err world_call(struct world *w, int from, int to, const char *user)
{
	char text[128];
	struct buf uri = buf_make(text, sizeof text);
	struct side *a = &w->sides[from];
	buf_c(&uri, "sip:");
	buf_c(&uri, user);
	buf_c(&uri, "@");
	sip_address_text(&w->sides[to].address, &uri);
	struct sip_invite i = {
		.uri = buf_str(&uri),
		.to = w->sides[to].address,
		.from_user = STR("alice"),
		.from_host = STR("example.org"),
		.from_name = STR("Alice \"A\""),
		.sdp = sound(a->port),
		.owner = a,
	};
	i.to.transport = w->transport;
	return sip_call_start(a->sip, &i, &a->call);
}

const struct heard *last_heard(const struct side *s)
{
	static const struct heard nothing = {.kind = SIP_CALL_OVER, .status = 9999};
	return s->heard_count ? &s->heard[s->heard_count - 1] : &nothing;
}

uint32_t count_heard(const struct side *s, enum sip_event_kind kind)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->heard_count; i++)
		n += s->heard[i].kind == kind;
	return n;
}

/* -- the calls that simply work -- */

TEST(a_call_is_made_answered_and_ended_by_the_caller)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "1%30%200") == ERR_OK);
	world_run(w, 100);
	EXPECT(b->heard_count == 2 && b->heard[0].kind == SIP_INCOMING);
	EXPECT_STR(str_of(b->heard[0].uri_user), "10 0");
	EXPECT_STR(str_of(b->heard[0].uri_host), "10.0.0.2");
	EXPECT_STR(str_of(b->heard[0].from_user), "alice");
	EXPECT_STR(str_of(b->heard[0].from_host), "example.org");
	EXPECT_STR(str_of(b->heard[0].from_name), "Alice \"A\"");
	EXPECT_STR(str_of(b->heard[0].user_agent), "test");
	EXPECT(b->heard[0].sdp && b->heard[0].port == 20000);
	EXPECT(b->heard[1].kind == SIP_CONFIRMED);
	EXPECT(a->heard_count == 2 && a->heard[0].kind == SIP_RINGING && a->heard[0].status == 180);
	EXPECT(a->heard[1].kind == SIP_ANSWERED && a->heard[1].port == 21000);
	EXPECT(a->heard[1].owner == a);
	EXPECT(sip_call_established(a->sip, a->call) && sip_call_established(b->sip, b->call));
	EXPECT(str_eq(sip_call_call_id(a->sip, a->call), sip_call_call_id(b->sip, b->call)));

	sip_call_end(a->sip, a->call);
	world_run(w, 100);
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_LOCAL);
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->over == SIP_OVER_REMOTE);
	EXPECT(sip_call_call_id(a->sip, a->call).n == 0);
	/* INVITE 100 180 200 ACK BYE 200: nothing was repeated */
	EXPECT(w->sent == 7);
	EXPECT(b->traced_in == 3 && b->traced_out == 4 && b->traced_call == 7);
	world_run(w, 40000);
	EXPECT(w->sent == 7 && pool_count(a->sip->txns) == 0 && pool_count(b->sip->txns) == 0);
	world_destroy(w);
}

TEST(a_call_is_ended_by_the_callee)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	sip_call_end(b->sip, b->call);
	world_run(w, 100);
	EXPECT(last_heard(b)->over == SIP_OVER_LOCAL && last_heard(a)->over == SIP_OVER_REMOTE);
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(b)->kind == SIP_CALL_OVER);
	world_run(w, 40000);
	EXPECT(pool_count(a->sip->txns) == 0 && pool_count(b->sip->txns) == 0);
	world_destroy(w);
}
