/*
 * ring.h - the memory-mapped files that hold every turn's batch before its datagrams leave.
 *
 * DIR/ring/ holds segments of fixed size, allocated whole so that a full disk is an error here and
 * never a signal later. Batches (core/batch.h) lie in them in order, each with length, checksum and
 * first seq; a batch whose length word is still zero was never finished and never told. Between the
 * first batches of a segment stand pieces of images, until everything alive has one in it: then the
 * segment is complete and a restart begins with the newest such. Older segments are deleted once
 * the database holds their facts. What is appended survives kill -9 of every process of ours; a
 * power cut takes it, and then the calls are gone too.
 *
 * No append waits for the disk as long as the next file and pages are made ready (ring_ahead.h),
 * and none costs more for much that lives: pieces are at most a few times its batch.
 *
 * One appender (the core's main thread), one follower (the store's writer), one loader at start.
 */
#pragma once

#include "base/str.h"

struct ring;

/* Opens DIR/ring, making it if there is none, and finds the end. segment_bytes 0: 32 MiB.
 * ERR_DISK_FULL, ERR_IO, ERR_CONFLICT (another process has it). */
MUST_USE enum err ring_open(struct str dir, size_t segment_bytes, struct ring **out,
			    struct buf *detail);
void ring_close(struct ring *r);
/* How often this ring was opened for writing before: the core's epoch. */
uint32_t ring_epoch(const struct ring *r);
/* The machine's boot id at the last opening was the same as now: processes of ours may still live
 * and monotonic times compare. */
bool ring_same_boot(const struct ring *r);
uint64_t ring_last_seq(const struct ring *r);

/* While yes the follower deletes nothing: what was is still to be replayed. */
void ring_keep(struct ring *r, bool yes);
/* Replays for a restart: pieces and batches from the newest complete segment on, in order. The
 * bytes are items of core/batch.h. */
void ring_replay(struct ring *r, void (*batch)(void *arg, struct str items), void *arg);

/* Every batch that is still there, oldest first; before the follower begins. */
void ring_each(struct ring *r, void (*batch)(void *arg, struct str items), void *arg);

/* Appends one turn's batch, going on in a new segment when this one has no room, and a piece of
 * images while the segment is not complete. ERR_DISK_FULL: not stored; memory of the ring is
 * unchanged. */
struct ring_saver {
	/* Writes images, at least `bytes` of them; anew: from the first. True: that was all. */
	bool (*save_some)(void *arg, bool anew, size_t bytes,
			  void (*item)(void *to, struct str bytes), void *to);
	void *arg;
};
MUST_USE enum err ring_append(struct ring *r, struct str batch, uint64_t last_seq,
			      const struct ring_saver *saver);

/* -- the follower's side (its own thread) -- */
/* Next batch with facts after what was followed so far; false: nothing new. View into the map,
 * valid until ring_followed passes it. */
bool ring_follow(struct ring *r, struct str *items);
/* Facts up to seq are in the database: segments that hold nothing newer may go. */
void ring_followed(struct ring *r, uint64_t seq);
