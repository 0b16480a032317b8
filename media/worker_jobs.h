/*
 * worker_jobs.h - what a media thread does when a job comes; see worker.h.
 */
#pragma once

#include "media/worker.h"

/* Ends a recording on the media thread; the tape goes to the writer. */
void worker_end_tape(struct worker *w, struct tape *t, int64_t now_us);
