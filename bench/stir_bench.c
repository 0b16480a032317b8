/*
 * stir_bench.c - what signing a call and verifying an identity cost (stir/stir.h), one thread.
 *
 *   cc -O2 -std=gnu11 -D_GNU_SOURCE -I. -o stir_bench bench/stir_bench.c stir/passport.c
 * stir/stir.c \ stir/vault.c base/[a-z]*.c -ljansson -lcrypto -lm     (without the *_test.c files)
 *   stir_bench CERTIFICATES TRUST CERTIFICATE KEY X5U     (paths as the settings stir.*)
 *
 * Prints microseconds of CPU for one of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stir/stir.h"

enum { ROUNDS = 20000 };

static double cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	char room[STIR_VALUE_MAX];
	struct buf b = buf_make(room, sizeof room);
	struct stir *s;
	if (argc != 6)
		return 2;
	struct stir_options o = {argv[1], argv[2], argv[3], argv[4], argv[5]};
	if (stir_create(&o, &s, &b) != ERR_OK) {
		printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
		return 1;
	}
	int64_t now_s = time(NULL);
	struct passport_claims c = {.orig = STR("+48601602603"),
				    .dest = STR("+48221112233"),
				    .origid = STR("5b0f4cd5-8d2b-8c0f-9e2b-0a1b2c3d4e5f"),
				    .attest = 'A',
				    .iat_s = now_s};
	double began = cpu_us();
	for (int i = 0; i < ROUNDS; i++) {
		b.n = 0;
		if (stir_sign(s, &c, &b) != ERR_OK)
			return 1;
	}
	double signed_at = cpu_us();
	struct str value = buf_str(&b);
	struct stir_call call = {&value, 1, c.orig, c.dest, now_s};
	struct stir_finding f;
	for (int i = 0; i < ROUNDS; i++)
		stir_verify(s, &call, &f);
	double verified_at = cpu_us();
	for (int i = 0; i < ROUNDS; i++) { /* refused before its signature is looked at */
		call.orig = STR("+48601602604");
		stir_verify(s, &call, &f);
	}
	double refused_at = cpu_us();
	call.orig = c.orig;
	stir_verify(s, &call, &f);
	printf("%zu bytes; sign %.1f us, verify %.1f us (%s), refuse by its claims %.1f us\n",
	       value.n, (signed_at - began) / ROUNDS, (verified_at - signed_at) / ROUNDS,
	       f.verdict == STIR_PASSED ? "passed" : f.why, (refused_at - verified_at) / ROUNDS);
	stir_destroy(s);
	return 0;
}
