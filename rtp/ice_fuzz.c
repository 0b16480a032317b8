/* ice_fuzz.c - what anybody may send to a port of browsers. The input is a list of datagrams: where
 * from, what kind, bytes. Laws: without our password nothing is answered, no path moves, no
 * handshake begins; without the right certificate there are no keys; what is answered goes to who
 * asked. */
#include "rtp/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum kind { KIND_RAW, KIND_STUN, KIND_CHECK, KIND_HELLO, KIND_HANDSHAKE, KINDS };

struct world {
	struct ice ice;
	const struct addr *asker;
	uint32_t answers;
	char hello[2048]; /* the peer's first flight */
	size_t hello_n;
	bool checked; /* somebody knew the password */
};

static void answered(void *arg, const struct addr *to, struct str datagram)
{
	struct world *w = arg;
	CHECK(w->checked && datagram.n && datagram.n <= 1500);
	CHECK(!w->asker || addr_eq(to, w->asker));
	w->answers++;
}

static void keep_hello(void *arg, struct str d)
{
	struct world *w = arg;
	CHECK(d.n <= sizeof w->hello);
	memcpy(w->hello, d.p, d.n);
	w->hello_n = d.n;
}

/* One identity for all runs: making it costs more than a run. */
static struct dtls_identity *identity(void)
{
	static struct dtls_identity *i;
	if (!i)
		i = dtls_identity_create();
	CHECK(i);
	return i;
}

static void begin(struct world *w, bool active)
{
	struct ice_terms t = {.ufrag = STR("theirs"), .active = active, .identity = identity()};
	CHECK(fingerprint_parse(STR("sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
				    "00:00:00:00:00:00:00:00:00:00:00:00:00:00"),
				&t.peer) == ERR_OK); /* nobody's certificate */
	for (size_t i = 0; i < sizeof t.dice; i++)
		t.dice[i] = (uint8_t)(i * 29 + 5);
	ice_init(&w->ice, answered, w);
	ice_come(&w->ice, &t);
	struct dtls *peer = dtls_create(&(struct dtls_options){.identity = identity(),
							       .peer = t.peer,
							       .begins = true,
							       .send = keep_hello,
							       .arg = w});
	(void)dtls_start(peer);
	dtls_destroy(peer);
}

static struct str make_stun(struct buf *b, struct world *w, struct str attributes, bool known)
{
	char name[64];
	struct buf n = buf_make(name, sizeof name);
	buf_fmt(&n, "%s:theirs", w->ice.ufrag);
	stun_begin(b, STUN_REQUEST, STUN_BINDING, (const uint8_t *)"123456789012");
	stun_put(b, STUN_USERNAME, buf_str(&n), 0);
	while (attributes.n >= 3 && b->n < 380) {
		uint16_t which =
			(uint16_t)((uint8_t)attributes.p[0] << 8 | (uint8_t)attributes.p[1]);
		struct str v = str_head(str_from(attributes, 3), (uint8_t)attributes.p[2] % 32);
		stun_put(b, which, v, 0);
		attributes = str_from(attributes, 3 + v.n);
	}
	if (known)
		stun_put(b, STUN_PRIORITY, STR("\1\2\3\4"), 0);
	stun_put_integrity(b, known ? str_of(w->ice.password) : STR("guess"));
	stun_put_fingerprint(b);
	return buf_str(b);
}

static struct str make_datagram(struct world *w, enum kind kind, struct str bytes, struct buf *b)
{
	switch (kind) {
	case KIND_STUN:
	case KIND_CHECK:
		w->checked |= kind == KIND_CHECK;
		return make_stun(b, w, bytes, kind == KIND_CHECK);
	case KIND_HELLO: /* with some bytes another */
		buf_put(b, str_make(w->hello, w->hello_n));
		for (size_t i = 0; i + 1 < bytes.n; i += 2)
			b->p[(uint8_t)bytes.p[i] % b->n] ^= bytes.p[i + 1];
		return buf_str(b);
	case KIND_HANDSHAKE: /* a record's head, so that what follows is looked at */
		buf_put(b, STR("\x16\xfe\xfd\0\0\0\0\0\0\0"));
		buf_ch(b, (char)(bytes.n ? bytes.p[0] : 1));
		buf_ch(b, (char)(bytes.n >> 8));
		buf_ch(b, (char)bytes.n);
		buf_put(b, bytes);
		return buf_str(b);
	case KIND_RAW:
	case KINDS:
		break;
	}
	return bytes;
}

static void hear(struct world *w, struct str datagram, const struct addr *from, int64_t now_ms)
{
	struct stun m;
	struct addr path = w->ice.path;
	bool knew = ice_knows(&w->ice, from);
	uint32_t before = w->answers;
	unsigned news = 0;
	w->asker = from;
	if (stun_is(datagram)) {
		if (stun_parse(datagram, &m) == ERR_OK && ice_is_asked(&w->ice, &m))
			news = ice_check(&w->ice, datagram, &m, from, now_ms);
	} else if (dtls_is(datagram)) {
		news = ice_record(&w->ice, datagram, from, now_ms);
		CHECK(knew || (!news && w->answers == before));
	}
	CHECK(!w->ice.keyed && !(news & (ICE_KEYED | ICE_ENDED)));
	CHECK(news & ICE_MOVED
		      ? addr_eq(&w->ice.path, from)
		      : path.len == w->ice.path.len && (!path.len || addr_eq(&path, &w->ice.path)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct str rest = str_make((const char *)data, size);
	int64_t now_ms = 1000;
	if (!size)
		return 0;
	memset(&w, 0, sizeof w);
	begin(&w, data[0] & 1);
	for (rest = str_from(rest, 1); rest.n >= 3;) {
		char room[2048];
		struct buf b = buf_make(room, sizeof room);
		struct addr from;
		uint8_t head = (uint8_t)rest.p[0];
		struct str bytes = str_head(str_from(rest, 3),
					    ((uint8_t)rest.p[1] << 8 | (uint8_t)rest.p[2]) % 1400);
		CHECK(addr_parse(STR("192.0.2.1"), (uint16_t)(1000 + head % 8), &from) == ERR_OK);
		rest = str_from(rest, 3 + bytes.n);
		hear(&w, make_datagram(&w, (enum kind)(head / 8 % KINDS), bytes, &b), &from,
		     now_ms);
		now_ms += 50;
		w.asker = NULL;
		CHECK(ice_due_ms(&w.ice, now_ms) > 0);
		(void)ice_time(&w.ice, now_ms);
	}
	w.checked = true; /* a goodbye, if there is anybody */
	ice_finish(&w.ice);
	return 0;
}
