/*
 * ring_file.h - one segment file of the ring: its layout, how it is made, opened and read.
 *
 *   header (64 bytes)   magic, version, number, epoch, bytes, first seq, crc; then `complete`:
 *                       whether a restart may begin here
 *   record …            u32 length, u32 crc, u64 last seq, u32 kind, u32 zero, payload, padding to
 * 8 zero word           where the next record's length will be
 *
 * The header's crc and a record's length are written last, with release order: what a killed
 * process left half done has no right one there and is not read. The word behind the newest record
 * is zero always, so leftovers of an unfinished record are never taken for a length. Checksums are
 * for power cuts, which lose pages in any order. Host byte order: a ring never leaves its machine.
 */
#pragma once

#include <stdatomic.h>

#include "base/str.h"

#define SEGMENT_HEADER 64u
#define RECORD_HEADER 24u

enum record_kind { RECORD_HEAD = 1, RECORD_BATCH = 2 };

struct segment {
	uint32_t number, epoch;
	uint64_t first_seq; /* what the ring had before it, plus one */
	char *map;
	size_t bytes;
	char path[512];
	_Atomic size_t end;	   /* where the next record goes; appender writes, follower reads */
	_Atomic uint64_t last_seq; /* of its newest record; that before it when it has none */
	_Atomic(struct segment *) next;
};

struct ring_record {
	enum record_kind kind;
	uint64_t last_seq;
	struct str bytes; /* view into the map */
};

/* CRC-32C (RFC 3720 appendix B.4). crc: 0, or what came before. */
uint32_t crc32c(uint32_t crc, const void *p, size_t n);

/* The room a record of so many bytes takes. */
size_t record_room(size_t payload);

/* Makes a file of `bytes`, allocated whole and empty; any thread. ERR_DISK_FULL, ERR_IO; nothing is
 * left then. */
MUST_USE enum err segment_make(struct str folder, uint32_t number, size_t bytes,
			       struct segment **out);
/* Writes its header: only now will segment_open accept it after a kill. */
void segment_start(struct segment *s, uint32_t epoch, uint64_t last_seq);
/* ERR_NOT_FOUND: never started (or damaged), ERR_UNSUPPORTED: written by a newer version,
 * ERR_IO. Finds the end of its finished records. */
MUST_USE enum err segment_open(const char *path, struct segment **out);
/* Everything that lives has its image in here: a restart needs no older segment. */
void segment_complete(struct segment *s);
bool segment_is_complete(const struct segment *s); /* any thread */
void segment_close(struct segment *s);		   /* unmaps and frees */
void segment_delete(struct segment *s);		   /* the file too */

/* Nobody writes it any more: what waits in it for the database is in the file, not in memory. */
void segment_rest(const struct segment *s);

bool segment_fits(const struct segment *s, size_t payload);
/* CHECKs that it fits. */
void segment_write(struct segment *s, enum record_kind kind, uint64_t last_seq, struct str payload);
/* The record at *at (start with SEGMENT_HEADER), moving *at past it; false at the end. */
bool segment_read(const struct segment *s, size_t *at, struct ring_record *out);
