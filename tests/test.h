/*
 * test.h - unit tests: TEST(name) { EXPECT(...); } in any *_test.c; one program a folder.
 *
 * A failed EXPECT says where and what, and the test goes on; the program ends with a line
 * `N passed, N failed, N skipped` and exit status 1 when anything failed.
 * Run one: program NAME_PART.
 */
#pragma once

#include "base/str.h"

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *t);
void test_failed(const char *what, const char *file, int line);
void test_skip(const char *reason); /* marks the running test as skipped */
/* The bytes of a file below the project's root (tests/data/… or ../shared/vectors/…); empty when it
 * is not there. Lives until the program ends. */
struct str test_file(const char *path);

#define TEST(title)                                                                                \
	static void test_##title(void);                                                            \
	__attribute__((constructor)) static void test_add_##title(void)                            \
	{                                                                                          \
		static struct test t = {.name = #title, .run = test_##title};                      \
		test_register(&t);                                                                 \
	}                                                                                          \
	static void test_##title(void)

#define EXPECT(cond)                                                                               \
	do {                                                                                       \
		if (!(cond))                                                                       \
			test_failed(#cond, __FILE__, __LINE__);                                    \
	} while (0)
#define EXPECT_STR(got, want)                                                                      \
	do {                                                                                       \
		struct str got_ = (got);                                                           \
		if (!str_is(got_, (want))) {                                                       \
			test_failed(#got " is not " #want, __FILE__, __LINE__);                    \
			test_say(got_);                                                            \
		}                                                                                  \
	} while (0)
void test_say(struct str s);
