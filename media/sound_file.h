/*
 * sound_file.h - a recording's file, WAV or Ogg Opus by its name (.wav, .opus), and the file of its
 * peaks beside it (.peaks, audio/peaks.h). Of the writer's thread; blocks.
 *
 * 8 kHz, left and right. What cannot be written is left out: in a WAV it reads as silence, in an
 * Opus stream its time passes in a jump; the length stays what was heard. The first error is kept.
 */
#pragma once

#include <sys/types.h>

#include "audio/opus.h"
#include "audio/peaks.h"

struct sound_file {
	int fd;		       /* -1: could not be made */
	struct opus_out *opus; /* NULL: WAV */
	off_t at;	       /* Opus: where the next page goes */
	uint64_t frames;       /* Opus: put so far */
	uint32_t heads;	       /* Opus: header pages in the file; without both it is none */
	uint32_t written_ms;   /* Opus: how long what lies in the file is */
	struct peaks peaks;
	uint32_t wrong;	   /* errno of the first failure; 0: none */
	const char *doing; /* what failed first */
};

bool sound_file_is_opus(struct str path);
/* Makes it below root, folders too. */
void sound_file_open(struct sound_file *f, int root, struct str path);
/* Samples that begin at frame `at`, interleaved; later calls have greater ones. */
void sound_file_write(struct sound_file *f, uint64_t at, const int16_t *pcm, size_t frames);
/* The file is `frames` long; the peaks are written. fd stays open for reading. Returns the length
 * in the file in milliseconds, which is less only where nothing could be written. */
int64_t sound_file_end(struct sound_file *f, int root, struct str path, uint64_t frames);
void sound_file_close(struct sound_file *f);

/* A file that nobody ended, open for writing: its end is cut and marked so that it is valid, its
 * peaks are made anew. Returns its length in milliseconds; 0: nothing is in it. */
int64_t sound_file_repair(int fd, int root, struct str path);
