/* stun_fuzz.c - packets from anywhere at a port of ours. Laws: texts lie inside the message; an
 * answer is a message itself, no longer than allowed, and only for who signed with our password. */
#include "rtp/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct stun_ice ICE = {{"ours", 4}, {"password", 8}, {NULL, 0}};

static void check_inside(struct str text, struct str whole)
{
	CHECK(!text.n || (text.p >= whole.p && text.p + text.n <= whole.p + whole.n));
}

static void hear(struct str packet, bool signed_by_us)
{
	char room[STUN_MESSAGE_MAX];
	struct buf out = buf_make(room, sizeof room);
	struct stun m, back;
	struct addr from;
	CHECK(addr_parse(STR("192.0.2.1"), 5000, &from) == ERR_OK);
	if (stun_parse(packet, &m) != ERR_OK)
		return;
	CHECK(stun_is(packet));
	check_inside(m.username, packet);
	check_inside(m.realm, packet);
	check_inside(m.nonce, packet);
	check_inside(m.software, packet);
	enum stun_verdict v = stun_answer(packet, &m, &ICE, &from, &out);
	CHECK(!out.full && (v == STUN_DROP) == (out.n == 0));
	if (v == STUN_DROP)
		return;
	CHECK(signed_by_us && stun_parse(buf_str(&out), &back) == ERR_OK && back.fingerprint);
	CHECK(stun_authentic(buf_str(&out), &back, ICE.password));
}

/* The input as it is, and as the attributes of a request that is signed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char room[STUN_MESSAGE_MAX];
	struct buf b = buf_make(room, sizeof room);
	struct str rest = str_make((const char *)data, size);
	hear(rest, false);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, (const uint8_t *)"123456789012");
	stun_put(&b, STUN_USERNAME, STR("ours:x"), 0);
	while (rest.n >= 3 && b.n < 400) {
		uint16_t name = (uint16_t)((uint8_t)rest.p[0] << 8 | (uint8_t)rest.p[1]);
		struct str value = str_head(str_from(rest, 3), (uint8_t)rest.p[2] % 32);
		stun_put(&b, name, value, 0);
		rest = str_from(rest, 3 + value.n);
	}
	stun_put_integrity(&b, ICE.password);
	stun_put_fingerprint(&b);
	hear(buf_str(&b), true);
	return 0;
}
