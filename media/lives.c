/* lives.c - see lives.h. */
#include "media/lives.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/ledger.h"
#include "os/clock.h"
#include "os/log.h"

#define PREFIX "life-"
#define AGAIN_MS 10

/* -1: it is not there, or its owner lives. */
static int lock_life(int all, const char *name, int64_t until_ms)
{
	int fd = openat(all, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (clock_mono_ms() >= until_ms) {
			close(fd);
			return -1;
		}
		poll(NULL, 0, AGAIN_MS);
	}
	return fd;
}

bool lives_begin(struct lives *l, const char *state)
{
	*l = (struct lives){-1, -1, {0}};
	snprintf(l->name, sizeof l->name, PREFIX "%d", (int)getpid());
	l->all = ledger_open_dir(state);
	if (l->all < 0)
		return false;
	if (mkdirat(l->all, l->name, 0750) == 0 || errno == EEXIST)
		l->own = lock_life(l->all, l->name, 0);
	if (l->own >= 0)
		return true;
	int wrong = errno;
	close(l->all);
	errno = wrong;
	return false;
}

static DIR *open_again(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

static void take_files(struct lives *l, int from, void (*told)(void *arg, struct id rec), void *arg)
{
	DIR *dir = open_again(from);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));) {
		struct id rec;
		if (!ledger_name(str_of(e->d_name), &rec))
			continue;
		if (renameat(from, e->d_name, l->own, e->d_name) == 0)
			told(arg, rec);
		else
			log_line(LOG_ERROR, "event=side_file_stuck name=%s error=%s", e->d_name,
				 strerrorname_np(errno));
	}
	closedir(dir);
}

void lives_inherit(struct lives *l, int64_t wait_ms, void (*told)(void *arg, struct id rec),
		   void *arg)
{
	const int64_t until_ms = clock_mono_ms() + wait_ms;
	DIR *dir = open_again(l->all);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));) {
		if (!str_starts(str_of(e->d_name), STR(PREFIX)) || !strcmp(e->d_name, l->name))
			continue;
		int from = lock_life(l->all, e->d_name, until_ms);
		if (from < 0)
			continue;
		take_files(l, from, told, arg);
		unlinkat(l->all, e->d_name, AT_REMOVEDIR);
		close(from);
	}
	closedir(dir);
}

void lives_end(struct lives *l)
{
	unlinkat(l->all, l->name, AT_REMOVEDIR); /* what the core has not acknowledged stays */
	close(l->own);
	close(l->all);
}
