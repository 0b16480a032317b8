/* clock.h - the only place that reads a clock. Below os/ and app/ time is a parameter. */
#pragma once

#include <stdint.h>

int64_t clock_mono_ms(void); /* since boot; the same for every process of this boot */
int64_t clock_mono_us(void);
int64_t clock_utc_ms(void);
/* From now on this process's UTC is the monotonic time plus this: whoever sets the machine's clock
 * does not move it. Before other threads are started. */
void clock_anchor(int64_t utc_minus_mono_ms);
/* How long ago a time stamp of the kernel's (SO_TIMESTAMPNS) is. */
struct timespec;
int64_t clock_stamp_age_us(const struct timespec *at);
void os_random(void *out, uint64_t n); /* from the kernel; never fails */
