/*
 * ring_ahead.h - the thread that keeps the ring's next file and its next pages ready, so that the
 * appender never waits for the disk.
 *
 * Making a file, allocating it and the first write to each of its pages take the file system's
 * journal, which stands still for as long as the disk does (seconds, measured). The appender finds
 * pages that are mapped and dirty already, and a file to go on in. What is not ready in time it
 * does itself, so nothing depends on this thread but the pace.
 */
#pragma once

#include "store/ring_file.h"

struct ahead;

/* folder: where the segments lie; copied. Never NULL. */
struct ahead *ahead_start(struct str folder);
void ahead_stop(struct ahead *a); /* deletes a file that nobody took; NULL is fine */

/* -- the appender; none of these waits -- */
/* From now on this segment is written; the one before is done with. */
void ahead_newest(struct ahead *a, struct segment *s);
/* Have a file of this number and size made. False: one is being made or waits to be taken. */
bool ahead_want(struct ahead *a, uint32_t number, size_t bytes);
/* The file that was wanted, not started yet; NULL: not ready. */
struct segment *ahead_take(struct ahead *a);
/* Something was appended. */
void ahead_moved(struct ahead *a);

/* -- the follower -- */
void ahead_delete(struct ahead *a, struct segment *s); /* segment_delete, when nobody touches it */
