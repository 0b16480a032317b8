/*
 * retention.h - recordings that are older than their rule allows lose their sound: the queue's
 * `recording_retention_days`, else the tenant's; none, or 0: they are kept.
 *
 * The file goes first, then the fact `recording_deleted` is told: a process that dies in between
 * finds the recording due again and no file, and tells the fact. The record stays, with the
 * time. A contact that is held (`recording_hold`) is left alone.
 */
#pragma once

#include <stdint.h>

struct web;

/* Web thread, each second: hands the next piece of work to the clerk who looks after what is
 * stored, soon after a start and then once a minute. */
void retention_second(struct web *w, int64_t now_utc_ms);
