/*
 * supervisor.h - `centrala serve`: binds the sockets, starts the core and the media process, starts
 * a dead one again, passes signals on, and is the only one that executes programs.
 */
#pragma once

#include "app/settings.h"

struct supervisor_options {
	const struct settings *settings;
	char *const *args; /* those of serve (--data, --set …), passed to the children */
	uint32_t arg_count;
	const char *site; /* applied by the first core before it is ready; NULL: none */
};

/* Runs until SIGTERM or SIGINT; returns the exit status. */
int supervisor_run(const struct supervisor_options *o);
