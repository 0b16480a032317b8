/* log.c - see log.h. */
#include "os/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "os/clock.h"

static enum log_level most = LOG_INFO;
static const char *process = "centrala";
static _Atomic uint64_t dropped;

void log_level_set(enum log_level level)
{
	most = level;
}

void log_process(const char *name)
{
	process = name;
}

bool log_wants(enum log_level level)
{
	return level <= most;
}

uint64_t log_dropped(void)
{
	return dropped;
}

/* A value must not begin a line of its own or colour a terminal. */
static void tame(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '?';
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	if (!log_wants(level))
		return;
	char line[2048];
	struct buf b = buf_make(line, sizeof line - 1);
	time_text(&b, clock_utc_ms());
	buf_fmt(&b, " level=%s proc=%s ", names[level], process);
	va_list ap;
	va_start(ap, fmt);
	size_t room = b.cap - b.n;
	int n = vsnprintf(b.p + b.n, room, fmt, ap);
	va_end(ap);
	size_t wrote = n < 0 ? 0 : MIN((size_t)n, room - 1);
	tame(b.p + b.n, wrote);
	b.n += wrote;
	line[b.n++] = '\n';
	/* standard error is shared with other processes, so it cannot be made non-blocking: ask
	 * first */
	struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&ready, 1, 0) != 1 || write(STDERR_FILENO, line, b.n) < 0)
		dropped++;
}
