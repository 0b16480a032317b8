/*
 * answer.h - answers in JSON: RFC 9457 problems, and what handlers share. Pure but for the job.
 */
#pragma once

#include "web/clerks.h"

/* {"type","title","status","detail","errors"?}; empty detail and errors are left out or told by
 * title. */
void problem_body(struct buf *out, int status, struct str detail, struct str errors);
const char *problem_title(int status);
/* The answer of a job that failed. 404 is always the same text: a foreign id and one that never
 * was must look alike. */
void answer_problem(struct job *j, enum err e);
void answer_status(struct job *j, int status, const char *detail);
void answer_json(struct job *j, int status); /* job->answer.body holds the text already */
struct jsonw answer_begin(struct job *j);    /* a writer onto a fresh body */
/* A file of ours, or the part of it that Range wants; etag may be empty. fd is taken. */
enum err answer_file(struct job *j, int fd, int64_t size, const char *type, const char *etag);
/* Says what is wrong with one thing: ERR_INVALID with errors [{"path","message"}]. */
enum err answer_invalid(struct job *j, const char *path, const char *message);

/* Query parameters; each says what is wrong into the job and gives ERR_INVALID. */
MUST_USE enum err param_str(struct job *j, const char *name,
			    struct str *out); /* empty: not given */
MUST_USE enum err param_u64(struct job *j, const char *name, uint64_t most, uint64_t *io);
MUST_USE enum err param_time(struct job *j, const char *name, int64_t *io); /* UTC ms */
MUST_USE enum err param_page(struct job *j, uint32_t *limit, struct str *after);
