/*
 * demo.h - the parts of `centrala demo`: what its firm lived through before, how its people sound,
 * whom its links let in.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* -- speech (demo_voices.c) -- */

/* A conversation, both sides as long as it lasts, 8 kHz: what one says while the other listens. */
struct demo_dialog {
	char lang[4];
	int16_t *customer, *agent;
	uint32_t samples;
};
struct demo_voices {
	struct demo_dialog *dialogs; /* count 0: no speech synthesis here */
	uint32_t count;
};
/* From the files in DIR/demo, which are made first when they are not there. */
void demo_voices_load(const char *dir, struct demo_voices *out);
void demo_voices_free(struct demo_voices *v);

/* -- the past (demo_past.c) -- */

/* DIR is new: writes a database with `days` of history up to now, and the recordings of some of it.
 * What is there already stays as it is. ERR_UNSUPPORTED: the database is not a file in DIR. why
 * gets a line. contacts: how many were made; 0: there was a past already. */
MUST_USE enum err demo_past_make(const char *dir, struct str store_url, struct str site,
				 uint32_t days, const struct demo_voices *voices,
				 uint32_t *contacts, struct buf *why);

/* -- links (demo_links.c) -- */

/* Words that let people in without a password: each link's once, the landing page's as often as
 * the demo lives. Known to this process alone; the web door asks it over the crowd's socket. */
struct demo_links {
	struct demo_key {
		const char *door, *user;
		char key[33];
		bool again, spent;
	} keys[4];
	const char *tenant;
};
void demo_links_make(struct demo_links *l, const char *tenant);
/* `enter KEY [DOOR]` → "ok TENANT USER" or "no WHY". Fits crowd_options.asked. */
void demo_links_asked(void *links, struct str line, struct buf *answer);
