/* check.c - see check.h. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "level=fatal event=check_failed what=\"%s\" at=%s:%d\n", what, file, line);
	abort();
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	CHECK(p);
	return p;
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);
	CHECK(p);
	return p;
}

char *xstrndup(const char *p, size_t n)
{
	char *copy = xcalloc(n + 1, 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}
