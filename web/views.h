/*
 * views.h - what was shown to whom a short while ago, so that the audit tells each view once in
 * five minutes. Only this process's memory: after a restart it is told once more. Any thread.
 */
#pragma once

#include "base/str.h"

#define VIEW_AGAIN_MS (5 * 60 * 1000ll)

struct views;

struct views *views_create(uint64_t seed);
void views_destroy(struct views *v); /* NULL is fine */
/* Is it to be told? key: who, what and of whom, any bytes. */
bool views_new(struct views *v, struct str key, int64_t now_ms);
