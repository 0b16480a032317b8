/*
 * live.h - desks: open WebSockets of /api/v1/live, and what is now in their tenants.
 *
 * One mirror (live/live.h) a tenant that has desks: filled by a clerk from what is stored and what
 * the main thread knows (live_load.c), kept by every fact the store's thread has made durable
 * (web_stored), each read once for all desks. What a desk is told of a group of facts goes out in
 * one write. A desk that does not take what it is told falls behind DESK_UNSENT_MAX bytes, is told
 * nothing more, and gets a new snapshot once it has read; one that reads nothing for a minute is
 * closed. Commands run as the HTTP requests they stand for, one after the other (live_do.c). Web
 * thread only, but for what says otherwise.
 */
#pragma once

#include "web/clerks.h"

#define DESK_MESSAGE_MAX (64u << 10)
#define DESK_UNSENT_MAX (256u << 10) /* beside a snapshot that is on its way */
#define DESK_BEHIND_UNTIL (16u << 10)
#define DESK_PING_MS 20000
#define DESK_DEAF_MS 50000 /* two pings unanswered */
#define DESK_CHECK_MS 4000
#define DESK_WAITING_MAX 16u /* commands of one desk that wait for the one before */
#define DESK_COMMANDS_PER_S 20u

struct lives;
struct live_work;

/* Close codes of ours (RFC 6455 section 7.4.2). */
enum { DESK_SESSION_ENDED = 4401 };

struct lives *lives_create(struct web *w, uint32_t most);
void lives_destroy(struct lives *ls); /* says goodbye to all */
/* The job's request is a desk from now on, as run_live found. ERR_FULL. */
MUST_USE enum err lives_open(struct lives *ls, struct job *j);
void lives_input(struct lives *ls, struct http_request *r, struct str bytes);
void lives_lost(struct lives *ls, struct http_request *r);
void lives_facts(struct lives *ls, struct str facts); /* u32 length and bytes, one by one */
void lives_second(struct lives *ls, int64_t now_ms);
void lives_check(struct lives *ls); /* rights may have changed: look at once */
void lives_phone(struct lives *ls, uint64_t desk, enum desk_phone state);
uint32_t lives_count(const struct lives *ls);

/* What came of a desk's command: answered, and the job freed. */
void lives_answer(struct lives *ls, struct job *j);
/* A load or a check is done; the work is freed, the job is the caller's. */
void lives_work_done(struct lives *ls, struct job *j);

/* -- on a clerk -- */
void live_work_run(struct clerk *me, struct job *j);
