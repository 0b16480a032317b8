/*
 * tar.h - heads of files in a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"), written
 * and read: plain files only, names of at most 100 bytes. Pure.
 */
#pragma once

#include "base/str.h"

#define TAR_BLOCK 512u

struct tar_entry {
	char name[101];
	uint64_t bytes; /* that follow, filled up to a whole block */
};

/* name: 1 to 100 bytes. Sizes beyond 8 GiB in GNU's base-256 form. */
void tar_head(char out[TAR_BLOCK], struct str name, uint64_t bytes, int64_t mtime_s);
/* ERR_NOT_FOUND: the end of the archive. ERR_INVALID: damaged, or no plain file. */
MUST_USE enum err tar_read(const char in[TAR_BLOCK], struct tar_entry *out);
/* How many bytes fill up the last block. */
static inline uint32_t tar_fill(uint64_t bytes)
{
	return (uint32_t)(-bytes % TAR_BLOCK);
}
