/*
 * check.h - assertions that stay on in release, and a few compiler words.
 *
 * CHECK is for our own mistakes only: a peer or a user must never be able to trip it. A failed
 * CHECK ends the process; calls survive because audio lives in another one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define BIT(n) (1u << (n))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (__builtin_expect(!(cond), 0))                                                  \
			check_failed(#cond, __FILE__, __LINE__);                                   \
	} while (0)

/* Writes one line to standard error, then aborts. */
NORETURN void check_failed(const char *what, const char *file, int line);

/* Memory for start-up and configuration: success or death, never NULL. Zeroed. */
MUST_USE void *xcalloc(size_t count, size_t size);
MUST_USE void *xrealloc(void *old, size_t size);
MUST_USE char *xstrndup(const char *p, size_t n);
