/* ice.c - see ice.h. */
#include "rtp/ice.h"

#include <openssl/crypto.h>

void ice_init(struct ice *b, ice_send_h *send, void *arg)
{
	*b = (struct ice){.send = send, .arg = arg};
}

static void drop_dtls(struct ice *b)
{
	dtls_destroy(b->dtls);
	b->dtls = NULL;
	b->shakes_ms = 0;
}

static void drop_keys(struct ice *b)
{
	OPENSSL_cleanse(&b->seal, sizeof b->seal);
	OPENSSL_cleanse(&b->open, sizeof b->open);
	b->keyed = false;
}

static void drop_ways(struct ice *b)
{
	memset(b->ways, 0, sizeof b->ways);
	b->path = (struct addr){0};
}

void ice_finish(struct ice *b)
{
	if (b->dtls)
		dtls_goodbye(b->dtls);
	drop_dtls(b);
	dtls_identity_release(b->identity);
	OPENSSL_cleanse(b, sizeof *b);
}

/* -- its description and ours -- */

static bool is_ice_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

bool ice_ufrag_ok(struct str ufrag)
{
	if (ufrag.n < 4 || ufrag.n > ICE_PEER_UFRAG_MAX)
		return false;
	for (size_t i = 0; i < ufrag.n; i++)
		if (!is_ice_char(ufrag.p[i]))
			return false;
	return true;
}

bool ice_same(const struct ice *b, const struct ice_terms *t)
{
	return str_is(t->ufrag, b->peer_ufrag) && fingerprint_eq(&b->peer, &t->peer);
}

static void make_name(char *out, const uint8_t *dice, size_t n)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i++)
		out[i] = letters[dice[i] & 63];
	out[n] = 0;
}

void ice_come(struct ice *b, const struct ice_terms *t)
{
	bool restart =
		b->dtls && dtls_state(b->dtls) != DTLS_FAILED && fingerprint_eq(&b->peer, &t->peer);
	CHECK(str_copy(t->ufrag, b->peer_ufrag, sizeof b->peer_ufrag));
	make_name(b->ufrag, t->dice, ICE_UFRAG);
	make_name(b->password, t->dice + ICE_UFRAG, ICE_PASSWORD);
	b->active = t->active;
	b->tries = 0;
	b->again = restart;
	memset(b->ways, 0, sizeof b->ways); /* the old password opens nothing any more */
	if (restart)
		return;
	drop_dtls(b);
	drop_keys(b);
	drop_ways(b);
	b->peer = t->peer;
	b->checked_ms = 0;
	struct dtls_identity *before = b->identity;
	b->identity = dtls_identity_hold(t->identity);
	dtls_identity_release(before);
}

/* -- ICE -- */

bool ice_is_asked(const struct ice *b, const struct stun *m)
{
	struct str ours, theirs;
	return str_cut(m->username, ':', &ours, &theirs) && str_is(ours, b->ufrag);
}

bool ice_knows(const struct ice *b, const struct addr *from)
{
	for (int i = 0; i < ICE_WAYS; i++)
		if (b->ways[i].from.len && addr_eq(&b->ways[i].from, from))
			return true;
	return false;
}

static void note_way(struct ice *b, const struct addr *from, int64_t now_ms)
{
	struct ice_way *oldest = &b->ways[0];
	b->checked_ms = now_ms;
	for (int i = 0; i < ICE_WAYS; i++) {
		struct ice_way *w = &b->ways[i];
		if (w->from.len && addr_eq(&w->from, from)) {
			w->checked_ms = now_ms;
			return;
		}
		if (oldest->from.len && (!w->from.len || w->checked_ms < oldest->checked_ms))
			oldest = w;
	}
	*oldest = (struct ice_way){*from, now_ms};
}

/* -- DTLS -- */

static void send_record(void *arg, struct str datagram)
{
	struct ice *b = arg;
	b->send(b->arg, &b->dtls_to, datagram);
}

static bool begin_dtls(struct ice *b, const struct addr *with, int64_t now_ms)
{
	if (b->tries == ICE_TRIES)
		return false;
	b->tries++;
	b->again = false;
	drop_dtls(b);
	b->dtls_to = *with;
	b->shakes_ms = now_ms;
	b->dtls = dtls_create(&(struct dtls_options){.identity = b->identity,
						     .peer = b->peer,
						     .begins = !b->active,
						     .send = send_record,
						     .arg = b});
	return b->dtls != NULL;
}

static bool may_begin(const struct ice *b)
{
	return !b->dtls || dtls_state(b->dtls) == DTLS_FAILED || (b->again && b->active);
}

/* What became of the association. One that failed is kept so that it can be told why. */
static unsigned look(struct ice *b)
{
	bool shook = b->shakes_ms != 0;
	switch (dtls_state(b->dtls)) {
	case DTLS_SHAKES:
		return 0;
	case DTLS_DONE:
		b->shakes_ms = 0;
		if (!shook)
			return 0;
		b->keyed = true;
		dtls_keys(b->dtls, &b->seal, &b->open);
		return ICE_KEYED;
	case DTLS_ENDED:
		drop_dtls(b);
		drop_keys(b);
		drop_ways(b);
		return ICE_ENDED;
	case DTLS_FAILED:
		break;
	}
	b->shakes_ms = 0;
	return shook ? ICE_FAILED : 0;
}

unsigned ice_check(struct ice *b, struct str packet, const struct stun *m, const struct addr *from,
		   int64_t now_ms)
{
	char room[STUN_MESSAGE_MAX];
	struct buf answer = buf_make(room, sizeof room);
	const struct stun_ice ice = {str_of(b->ufrag), str_of(b->password), str_of(b->peer_ufrag)};
	unsigned news = 0;
	enum stun_verdict v = stun_answer(packet, m, &ice, from, &answer);
	if (v == STUN_DROP)
		return 0;
	if (v != STUN_REFUSED)
		note_way(b, from, now_ms);
	if (v == STUN_CHOSEN && !(b->path.len && addr_eq(&b->path, from))) {
		b->path = b->dtls_to = *from;
		news |= ICE_MOVED;
	}
	b->send(b->arg, from, buf_str(&answer));
	if (v != STUN_REFUSED && !b->active && may_begin(b) && begin_dtls(b, from, now_ms)) {
		(void)dtls_start(b->dtls);
		news |= look(b);
	}
	return news;
}

unsigned ice_record(struct ice *b, struct str packet, const struct addr *from, int64_t now_ms)
{
	if (!ice_knows(b, from))
		return 0;
	if (b->active && dtls_begins(packet) && may_begin(b) && !begin_dtls(b, from, now_ms))
		return 0;
	if (!b->dtls || dtls_state(b->dtls) == DTLS_FAILED)
		return 0;
	b->dtls_to = *from;
	(void)dtls_receive(b->dtls, packet);
	return look(b);
}

int64_t ice_due_ms(const struct ice *b, int64_t now_ms)
{
	if (!b->shakes_ms)
		return INT64_MAX;
	int64_t wait_ms = dtls_wait_ms(b->dtls), end_ms = b->shakes_ms + DTLS_SHAKE_MS;
	return wait_ms == INT64_MAX ? end_ms : MIN(now_ms + wait_ms, end_ms);
}

unsigned ice_time(struct ice *b, int64_t now_ms)
{
	if (!b->shakes_ms)
		return 0;
	if (now_ms - b->shakes_ms >= DTLS_SHAKE_MS)
		dtls_give_up(b->dtls);
	else
		(void)dtls_time(b->dtls);
	return look(b);
}

const char *ice_why(const struct ice *b)
{
	return b->dtls ? dtls_why(b->dtls) : "";
}
