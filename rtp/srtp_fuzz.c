/* srtp_fuzz.c - packets of others opened under a key they do not know. Laws: none of them opens;
 * what we sealed opens after all of them, once, to the same bytes; nothing reads or writes outside.
 */
#include "rtp/srtp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t ours[] = {0x80, 8, 0, 9, 0, 0, 0, 0, 1, 2, 3, 4, 'a', 'b', 'c', 'd', 'e'};

/* One packet after a byte of flags and one of length. */
static void try_one(struct srtp *s, struct str *rest)
{
	uint8_t flags = (uint8_t)rest->p[0];
	struct str bytes = str_head(str_from(*rest, 2), (uint8_t)rest->p[1] * 6u);
	uint8_t *p = malloc(bytes.n + SRTP_GROWTH);
	size_t n = bytes.n;
	CHECK(p);
	*rest = str_from(*rest, 2 + bytes.n);
	memcpy(p, bytes.p, bytes.n);
	if (flags & 2)
		(void)!(flags & 1 ? srtcp_seal(s, p, &n) : srtp_seal(s, p, &n));
	else
		CHECK((flags & 1 ? srtcp_open(s, p, &n) : srtp_open(s, p, &n)) != ERR_OK);
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srtp_terms t = {.suite = SRTP_NONE};
	struct str rest = str_make((const char *)data, size);
	if (size < 4)
		return 0;
	t.suite = (enum srtp_suite)(1 + data[0] % (SRTP_SUITES - 1));
	t.mki_n = data[1] % 5;
	for (size_t i = 0; i < sizeof t.key; i++) /* not in the input: nobody can guess it */
		t.key[i] = (uint8_t)(i * 151 + 77);
	struct srtp *in = srtp_create(&t), *out = srtp_create(&t);
	CHECK(in && out);
	for (rest = str_from(rest, 2); rest.n >= 2;) {
		bool seals = (uint8_t)rest.p[0] & 2;
		try_one(seals ? out : in, &rest);
	}
	srtp_destroy(out);
	out = srtp_create(&t);
	uint8_t p[sizeof ours + SRTP_GROWTH];
	size_t n = sizeof ours;
	memcpy(p, ours, sizeof ours);
	CHECK(srtp_seal(out, p, &n) == ERR_OK && srtp_open(in, p, &n) == ERR_OK);
	CHECK(n == sizeof ours && !memcmp(p, ours, n));
	srtp_destroy(in);
	srtp_destroy(out);
	return 0;
}
