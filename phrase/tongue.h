/*
 * tongue.h - what a language must know; one table each. Nobody outside phrase/ includes it.
 */
#pragma once

#include "phrase/phrase.h"

struct tongue {
	const char *tag;
	void (*cardinal)(uint32_t n, struct phrase_form f, struct buf *out);
	void (*ordinal)(uint32_t n, struct phrase_form f, struct buf *out);
	/* The noun alone, as it stands after the number n in this case. */
	const char *(*noun)(enum phrase_noun noun, uint32_t n, enum phrase_case kase);
	enum phrase_gender genders[PHRASE_NOUNS];
	const char *and; /* between the last two parts of a duration */
	void (*date)(uint32_t year, uint32_t month, uint32_t day, struct buf *out);
	void (*time)(uint32_t hour, uint32_t minute, struct buf *out);
	const char *plus, *star, *hash;
	/* sentences: up to the number, and after it */
	const char *position[2], *position_past[2];
	struct phrase_form position_form;
	const char *test_call;
	const char *wait_less;
	const char *wait_about[2], *wait_range[3], *wait_past[2];
	enum phrase_case about_case, range_case, past_case;
};

extern const struct tongue tongue_en, tongue_pl, tongue_ru;

/* Words with one space between. */
void tongue_word(struct buf *out, const char *word);
