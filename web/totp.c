/* totp.c - see totp.h. */
#include "web/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define DIGITS 6
#define MODULUS 1000000u
#define WINDOW 1 /* steps on both sides */

/* RFC 4226 section 5.3 */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step)
{
	uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	for (int i = 0; i < 8; i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	CHECK(HMAC(EVP_sha1(), secret, TOTP_SECRET_BYTES, counter, sizeof counter, mac, &n) &&
	      n == 20);
	const uint8_t *at = mac + (mac[19] & 0xf);
	const uint32_t cut = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 |
			     (uint32_t)at[2] << 8 | at[3];
	return cut % MODULUS;
}

enum err totp_check(const uint8_t secret[TOTP_SECRET_BYTES], struct str code, int64_t utc_ms,
		    int64_t last_step, int64_t *step)
{
	const int64_t now = utc_ms / TOTP_STEP_MS;
	uint32_t said = 0;
	if (code.n != DIGITS)
		return ERR_UNAUTHORIZED;
	for (size_t i = 0; i < DIGITS; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return ERR_UNAUTHORIZED;
		said = said * 10 + (uint32_t)(code.p[i] - '0');
	}
	for (int64_t s = now - WINDOW; s <= now + WINDOW; s++) {
		if (s <= last_step || totp_code(secret, s) != said)
			continue;
		*step = s;
		return ERR_OK;
	}
	return ERR_UNAUTHORIZED;
}

void base32_put(struct buf *out, const uint8_t *bytes, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint32_t held = 0, bits = 0;
	for (size_t i = 0; i < n; i++) {
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5)
			buf_ch(out, letters[held >> (bits - 5) & 31]);
	}
	if (bits)
		buf_ch(out, letters[held << (5 - bits) & 31]);
}

void totp_uri(struct buf *out, struct str account, struct str secret)
{
	buf_c(out, "otpauth://totp/centrala:");
	for (size_t i = 0; i < account.n; i++) {
		const char c = account.p[i];
		const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' ||
				   c == '_' || c == '@';
		if (plain)
			buf_ch(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned)(unsigned char)c);
	}
	buf_c(out, "?secret=");
	buf_put(out, secret);
	buf_c(out, "&issuer=centrala&algorithm=SHA1&digits=6&period=30");
}
