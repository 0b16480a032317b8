/*
 * settings.h - the few things a server must know before it reads its database: DIR/centrala.conf,
 * then environment CENTRALA_HTTP_LISTEN and so on, then --set KEY=VALUE; the last one wins. An
 * unknown key or a bad value stops the start with a message. The table is settings.def.
 */
#pragma once

#include "base/str.h"

#define SETTING_MAX 256
#define SETTING_PATH (2 * SETTING_MAX) /* a folder of DIR */

struct settings {
	char dir[SETTING_MAX]; /* --data */
#define SETTING(key, member, kind, initial, text) char member[SETTING_MAX];
#include "app/settings.def"
#undef SETTING
};

/* sets: the --set texts. ERR_INVALID: why says what and where. */
MUST_USE enum err settings_read(struct settings *s, const char *dir, char *const *sets,
				uint32_t set_count, struct buf *why);
/* "127.0.0.1:8080", "[::1]:0" → host (room 64) and port. */
MUST_USE enum err settings_address(struct str text, char host[64], uint16_t *port);
MUST_USE enum err settings_ports(struct str text, uint16_t *low, uint16_t *high);
/* The folder of recordings.url: as it stands when absolute, else within DIR. */
void settings_recordings(const struct settings *s, char out[SETTING_PATH]);
uint32_t settings_number(const char *text);
uint32_t settings_minute(const char *text); /* "02:30" → 150 */
/* Prints the table for `help serve`. */
void settings_help(struct buf *out);
