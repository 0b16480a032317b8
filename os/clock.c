/* clock.c - see clock.h. */
#include "os/clock.h"

#include <sys/random.h>
#include <time.h>

#include "base/check.h"

static int64_t read_us(clockid_t which)
{
	struct timespec t;
	CHECK(clock_gettime(which, &t) == 0);
	return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

static int64_t anchor_ms; /* 0: none */

void clock_anchor(int64_t utc_minus_mono_ms)
{
	anchor_ms = utc_minus_mono_ms;
}

int64_t clock_utc_ms(void)
{
	return anchor_ms ? clock_mono_ms() + anchor_ms : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_stamp_age_us(const struct timespec *at)
{
	return read_us(CLOCK_REALTIME) - (at->tv_sec * 1000000ll + at->tv_nsec / 1000);
}

void os_random(void *out, uint64_t n)
{
	char *p = out;
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		CHECK(got > 0);
		p += got;
		n -= (uint64_t)got;
	}
}
