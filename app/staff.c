/* staff.c - `centrala staff`: how long callers would wait, or how many agents it takes. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/commands.h"
#include "base/jsonw.h"
#include "plan/erlang.h"

enum wish { CALLS, PER, AHT, THRESHOLD, PATIENCE, AGENTS, TARGET, WISH_COUNT };

static const struct option options[] = {
	{"calls", required_argument, NULL, CALLS},
	{"per", required_argument, NULL, PER},
	{"aht", required_argument, NULL, AHT},
	{"threshold", required_argument, NULL, THRESHOLD},
	{"patience", required_argument, NULL, PATIENCE},
	{"agents", required_argument, NULL, AGENTS},
	{"target", required_argument, NULL, TARGET},
	{NULL, 0, NULL, 0},
};

static int usage(const char *option, const char *why)
{
	if (why)
		fprintf(stderr, "centrala: --%s: %s\n", option, why);
	fprintf(stderr, "usage: centrala staff --calls N --per SECONDS --aht SECONDS "
			"(--agents N | --target 0.8) --threshold SECONDS [--patience SECONDS]\n");
	return 2;
}

/* Digits with one point, no sign, exponent, hexadecimal or name. */
static bool number(const char *text, double *out)
{
	size_t digits = strspn(text, "0123456789."), whole = strcspn(text, ".");
	if (text[digits] || digits > 30 || digits == (text[whole] == '.') ||
	    strchr(text + whole + (text[whole] == '.'), '.'))
		return false;
	*out = strtod(text, NULL);
	return true;
}

/* NAN: not given. 0, or the status of wrong usage. */
static int wishes(struct command_line *c, double *wish)
{
	for (int i = 0; i < WISH_COUNT; i++)
		wish[i] = NAN;
	optind = 1;
	for (int o; (o = getopt_long((int)c->word_count, c->words, "", options, NULL)) != -1;) {
		if (o < 0 || o >= WISH_COUNT)
			return usage(NULL, NULL);
		if (!isnan(wish[o]))
			return usage(options[o].name, "is given twice");
		if (!number(optarg, &wish[o]))
			return usage(options[o].name, "a number is wanted");
	}
	if ((uint32_t)optind != c->word_count || isnan(wish[AGENTS]) == isnan(wish[TARGET]))
		return usage(NULL, NULL);
	for (int i = CALLS; i <= THRESHOLD; i++)
		if (isnan(wish[i]))
			return usage(options[i].name, "is missing");
	if (!isnan(wish[AGENTS]) && !(wish[AGENTS] >= 1 && wish[AGENTS] <= ERLANG_AGENTS_MAX &&
				      wish[AGENTS] == (double)(uint32_t)wish[AGENTS]))
		return usage("agents", "a whole number from 1 to 1000000 is wanted");
	if (wish[PATIENCE] == 0)
		return usage("patience", "leave it out where callers wait for ever");
	return 0;
}

/* Twelve digits: jsonw_real's six decimals are for reports. */
static void put(struct jsonw *w, const char *key, bool known, double v)
{
	char room[40];
	struct buf b = buf_make(room, sizeof room);
	buf_fmt(&b, "%.12g", v);
	jsonw_key(w, key);
	if (known)
		jsonw_raw(w, buf_str(&b));
	else
		jsonw_null(w);
}

static void print(uint32_t agents, const struct erlang_figures *f)
{
	char room[512];
	struct buf out = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&out);
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "agents", agents);
	put(&w, "p_wait", f->stable, f->p_wait);
	put(&w, "sl", f->stable, f->sl);
	put(&w, "asa_s", f->stable, f->asa_s);
	put(&w, "occupancy", f->stable, f->occupancy);
	put(&w, "p_abandon", f->stable, f->p_abandon);
	jsonw_close(&w, '}');
	printf(STR_FMT "\n", STR_ARG(buf_str(&out)));
}

int command_staff(struct command_line *c)
{
	double wish[WISH_COUNT];
	int status = wishes(c, wish);
	if (status)
		return status;
	struct erlang_load l = {.calls = wish[CALLS],
				.per_s = wish[PER],
				.aht_s = wish[AHT],
				.patience_s = isnan(wish[PATIENCE]) ? 0 : wish[PATIENCE],
				.threshold_s = wish[THRESHOLD]};
	struct erlang_figures f;
	uint32_t agents = 0;
	enum err e = ERR_OK;
	if (isnan(wish[AGENTS]))
		e = erlang_staff(&l, wish[TARGET], &agents);
	else
		agents = (uint32_t)wish[AGENTS];
	if (e == ERR_OK)
		e = erlang_figures(&l, agents, &f);
	if (e == ERR_NOT_FOUND) {
		fprintf(stderr, "centrala: not even %u agents reach this target\n",
			ERLANG_AGENTS_MAX);
		return 1;
	}
	if (e != ERR_OK) {
		fprintf(stderr, "centrala: calls, seconds and times must be above 0, the target "
				"between 0 and 1, and none absurdly large\n");
		return usage(NULL, NULL);
	}
	print(agents, &f);
	return 0;
}
