/* commands.h - what main.c hands to a command, and the commands that have files of their own. */
#pragma once

#include "app/settings.h"

enum { NEEDS_NOTHING = 0, NEEDS_DATA = 1, NEEDS_DATA_OR_URL = 2, HIDDEN = 4, OWN_OPTIONS = 8 };

struct command_line {
	const char *name;
	struct settings settings;
	const char *site, *tenant, *url, *token;
	const char *days; /* demo: of history; NULL: its own */
	bool reset;	  /* demo: begin anew */
	const char *file; /* the first word, or NULL */
	char **words;
	uint32_t word_count;
	char **passed; /* options for a child of the same settings */
	uint32_t passed_count;
};

/* Returns the exit status: 0 done, 1 refused or failed (one line on stderr), 2 wrong usage. */
typedef int(command_h)(struct command_line *c);

struct command_word {
	const char *name;
	command_h *run;
	unsigned needs;
	const char *usage, *text;
};

/* [{"path","message"}], a line each on stderr; how many. */
size_t print_mistakes(struct str list);

command_h command_apply, command_export, command_ctl, command_check, command_demo, command_sim,
	command_staff, command_restore;
