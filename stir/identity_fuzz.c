/*
 * identity_fuzz.c - an Identity header's value and the token in it, as a stranger sends them. To
 * get past the base64 of the parts, three lines are also read as header, claims and parameters.
 *
 * Laws: nothing crashes; what is read is bounded and terminated; nobody passes without a key.
 */
#include <stdlib.h>

#include "stir/stir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct str value)
{
	struct identity id;
	struct passport p;
	struct stir_finding f;
	const char *why;
	if (identity_parse(value, &id) == ERR_OK) {
		CHECK(id.token.n && id.info.n);
		if (passport_parse(id.token, &p, &why) == ERR_OK) {
			CHECK(strlen(p.orig) < sizeof p.orig && p.dest_count);
			CHECK(strlen(p.origid) < sizeof p.origid &&
			      passport_url_fits(str_of(p.x5u)));
		} else {
			CHECK(why);
		}
	}
	struct stir_call c = {&value, 1, STR("+48601602603"), STR("+48221112233"), 1800000000};
	stir_verify(NULL, &c, &f);
	CHECK(f.verdict != STIR_PASSED && f.status && !f.attest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = str_make((const char *)data, size), header, claims;
	look(whole);
	if (!str_cut(whole, '\n', &header, &claims) || !str_cut(claims, '\n', &claims, &whole))
		return 0;
	static const unsigned char signature[64];
	struct buf b = buf_grow(1024);
	base64url_put(&b, header.p, header.n);
	buf_ch(&b, '.');
	base64url_put(&b, claims.p, claims.n);
	buf_ch(&b, '.');
	base64url_put(&b, signature, sizeof signature);
	buf_put(&b, whole);
	look(buf_str(&b));
	buf_free(&b);
	return 0;
}
