/*
 * log.h - one key=value line per event on standard error.
 *
 * The level says who must act: error a human now, warn some day, info a business fact, debug
 * nobody. Never log a secret or what a customer said. Any thread; a line is one write. When nobody
 * reads the pipe, lines are dropped and counted rather than blocking.
 */
#pragma once

#include "base/check.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_level_set(enum log_level most);
void log_process(const char *name); /* the `proc` of every line */
bool log_wants(enum log_level level);
/* fmt gives the rest of the line: "event=call_refused peer=%s reason=..." */
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);
uint64_t log_dropped(void);
