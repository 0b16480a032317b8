/*
 * factor.h - the second factor of a user: its secret and its recovery codes, as they are kept.
 *
 * Kept for the user as `totp` (event user_kept): {"box","on","recovery"}. The box holds the secret
 * under the key outside the database, with whose it is inside, so that one cannot be put in
 * another's place; recovery codes are there as SHA-256, each good once. `totp_step` is the step of
 * the last code that was taken. All on a clerk's thread.
 */
#pragma once

#include "web/clerks.h"
#include "web/totp.h"

#define RECOVERY_CODES 10
#define RECOVERY_TEXT 20 /* XXXX-XXXX-XXXX-XXXX and its end */

struct factor {
	bool there, on; /* there and not on: enrolled, but not confirmed yet */
	uint8_t secret[TOTP_SECRET_BYTES];
	char recovery[RECOVERY_CODES][65];
	uint32_t recovery_count;
	int64_t last_step;
};

/* ERR_OK also when there is none. ERR_INVALID: what is kept cannot be read. */
MUST_USE enum err factor_read(struct clerk *me, struct str tenant, struct str user,
			      struct factor *out);
/* Waits until it is stored. f->there false: takes it away. */
MUST_USE enum err factor_write(struct clerk *me, struct job *j, struct str tenant, struct str user,
			       const struct factor *f);
/* A code of the authenticator or a recovery code; what was used is stored before it counts. Only
 * one clerk at a time gets this far. ERR_UNAUTHORIZED: wrong or used. */
MUST_USE enum err factor_use(struct clerk *me, struct job *j, struct str tenant, struct str user,
			     struct str code);
/* The code of this step was taken: neither it nor an older one is good again. */
MUST_USE enum err factor_used(struct clerk *me, struct job *j, struct str tenant, struct str user,
			      int64_t step);
/* New recovery codes: told once through `told`, kept as hashes. */
void factor_make_recovery(struct factor *f, char told[RECOVERY_CODES][RECOVERY_TEXT]);
