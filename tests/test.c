/* test.c - see test.h. */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>

static struct test *first, **last = &first;
static bool failed_now;
static const char *skipped_now;

void test_register(struct test *t)
{
	*last = t;
	last = &t->next;
}

void test_failed(const char *what, const char *file, int line)
{
	failed_now = true;
	printf("%s:%d: expected %s\n", file, line, what);
}

void test_say(struct str s)
{
	printf("\tgot: " STR_FMT "\n", STR_ARG(s));
}

void test_skip(const char *reason)
{
	skipped_now = reason;
}

struct str test_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return STR_NONE;
	struct buf b = buf_grow(4096);
	char piece[4096];
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
		buf_put(&b, str_make(piece, n));
	fclose(f);
	return buf_str(&b); /* kept for the life of the program */
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0, skipped = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct test *t = first; t; t = t->next) {
		if (argc > 1 && !strstr(t->name, argv[1]))
			continue;
		failed_now = false;
		skipped_now = NULL;
		t->run();
		if (failed_now) {
			failed++;
			printf("FAILED %s\n", t->name);
		} else if (skipped_now) {
			skipped++;
			printf("skipped %s: %s\n", t->name, skipped_now);
		} else {
			passed++;
		}
	}
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed ? 1 : 0;
}
