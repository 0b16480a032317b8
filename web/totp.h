/*
 * totp.h - one-time codes by time (RFC 6238 on RFC 4226): SHA-1, six digits, steps of 30 s. Pure.
 *
 * These are the parameters every authenticator takes. A code is good in its step and in those
 * beside it, for clocks that differ, and only once: whoever checks keeps the step of the last one.
 */
#pragma once

#include "base/str.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_STEP_MS 30000
#define TOTP_SECRET_TEXT 32 /* base32, without its end */

/* The code of a step: 0..999999. */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step);
/* ERR_OK: *step is the one it belongs to, later than last_step. ERR_UNAUTHORIZED: wrong or used. */
MUST_USE enum err totp_check(const uint8_t secret[TOTP_SECRET_BYTES], struct str code,
			     int64_t utc_ms, int64_t last_step, int64_t *step);
/* RFC 4648 section 6, without padding. */
void base32_put(struct buf *out, const uint8_t *bytes, size_t n);
/* otpauth://totp/centrala:ACCOUNT?secret=…, as authenticators read it. */
void totp_uri(struct buf *out, struct str account, struct str secret);
