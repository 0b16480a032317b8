/* sim.c - `centrala sim FILE.json`: reads a scenario, runs it in virtual time, prints what came of
 * it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "os/clock.h"
#include "sim/world.h"

#define FILE_MAX (64u << 20)

static int complain(const char *path, struct str why)
{
	fprintf(stderr, "centrala: %s: " STR_FMT "\n", path, STR_ARG(why));
	return 1;
}

static enum err read_all(const char *path, struct buf *out)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	if (!f)
		return ERR_IO;
	char piece[16384];
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0 && out->n <= FILE_MAX;)
		buf_put(out, str_make(piece, n));
	enum err e = ferror(f) ? ERR_IO : out->n > FILE_MAX ? ERR_TOO_LARGE : ERR_OK;
	if (f != stdin)
		fclose(f);
	return e;
}

static enum err run(const struct scenario *s, struct buf *out, struct buf *why)
{
	struct tally t;
	int64_t began_us = clock_mono_us();
	enum err e = world_run(s, &t, why);
	if (e == ERR_OK) {
		struct jsonw w = jsonw_make(out);
		tally_json(&w, &t);
		jsonw_key(&w, "seconds");
		jsonw_real(&w, (double)(clock_mono_us() - began_us) / 1e6);
		jsonw_close(&w, '}');
		buf_ch(out, '\n');
	}
	tally_finish(&t);
	return e;
}

int command_sim(struct command_line *c)
{
	char room[512];
	struct buf why = buf_make(room, sizeof room), text = buf_grow(65536);
	struct scenario s;
	if (c->word_count != 1) {
		fprintf(stderr, "usage: centrala sim FILE.json\n");
		buf_free(&text);
		return 2;
	}
	enum err e = read_all(c->file, &text);
	if (e == ERR_IO)
		buf_c(&why, strerror(errno));
	else if (e != ERR_OK)
		buf_c(&why, err_text(e));
	else
		e = scenario_read(&s, buf_str(&text), &why);
	buf_free(&text);
	if (e != ERR_OK)
		return complain(c->file, buf_str(&why));
	struct buf out = buf_grow(65536);
	e = run(&s, &out, &why);
	scenario_finish(&s);
	int status = 0;
	if (e != ERR_OK)
		status = complain(c->file, buf_str(&why));
	else if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout))
		status = complain("standard output", str_of(strerror(errno)));
	buf_free(&out);
	return status;
}
