/*
 * words.h - enums from words.def with their names. An enum's value may change between versions;
 * what is stored and told outside is the word.
 */
#pragma once

#include "base/str.h"

#define W(set, word) set##_##word,
#define WORDS(set, list) enum set { list };
#include "core/words.def"
#undef W
#undef WORDS

#define WORDS(set, list)                                                                           \
	struct str set##_word(enum set v);			   /* "?" when out of range */     \
	MUST_USE enum err set##_from(struct str s, enum set *out); /* ERR_INVALID: no such word */
#include "core/words.def"
#undef WORDS
#define PARTY_COUNT (PARTY_supervisor + 1)
#define SOUND_COUNT (SOUND_ringing + 1)
#define TRACK_COUNT (TRACK_right + 1)
#define KIND_COUNT (KIND_wallboard + 1)
