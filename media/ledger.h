/*
 * ledger.h - the side files of recordings: what is being written and what is not acknowledged.
 *
 * One text file a recording in the state directory, `rec-SLOT-AGE`: the path below the root; once
 * finished also duration, bytes, hash and flaw, one a line. Of the writer's thread; blocks.
 */
#pragma once

#include "media/writer.h"

/* Makes the directory with its parents; -1 and errno when that fails. */
int ledger_open_dir(const char *path);
/* A new file below root, folders made on the way, no link followed; -1 and errno, EEXIST when it is
 * there already: a recording is never written over. */
int ledger_create_below(int root, struct str path);

bool ledger_begin(int state, struct id rec, struct str path);
bool ledger_done(int state, const struct recorded *r);
void ledger_forget(int state, struct id rec);
/* The names alone: quick. */
void ledger_list(int state, void (*told)(void *arg, struct id rec), void *arg);
/* False: not the name of a side file. */
bool ledger_name(struct str name, struct id *rec);
/* Each recording of an earlier life: unfinished ones get their header repaired, all are told; the
 * hearer frees them. */
void ledger_recover(int state, int root, void (*told)(void *arg, struct recorded *r), void *arg);
/* The same of one; never NULL, the caller frees it. */
struct recorded *ledger_recover_one(int state, int root, struct id rec);

struct ledger_hash;
struct ledger_hash *ledger_hash_start(void);
/* Reads at most `most` further bytes of the file; false at its end. */
bool ledger_hash_more(struct ledger_hash *h, int fd, size_t most);
/* Frees it; returns how many bytes were read. */
int64_t ledger_hash_end(struct ledger_hash *h, char out[65]);
