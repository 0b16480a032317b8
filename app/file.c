/* file.c - see file.h. */
#include "app/file.h"

#include <stdio.h>

struct str file_read(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	if (!f)
		return STR_NONE;
	struct buf b = buf_grow(65536);
	char piece[16384];
	for (size_t n; b.n < FILE_READ_MAX && (n = fread(piece, 1, sizeof piece, f)) > 0;)
		buf_put(&b, str_make(piece, n));
	if (f != stdin)
		fclose(f);
	return buf_str(&b);
}
