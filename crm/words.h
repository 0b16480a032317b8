/*
 * words.h - what a customer is searched by: the words of his record for an index, a question as an
 * index understands it, and how well somebody found answers it. Pure.
 *
 * A word of the index is three letters for the tenant, then a word in plain (crm/plain.h), or '#'
 * and the end of a number: all ends of at least four digits, so that any run of digits within a
 * number is the beginning of one of them.
 */
#pragma once

#include <jansson.h>

#include "base/str.h"

/* With one space between; each once. */
void words_of(const json_t *doc, struct str tenant, struct buf *out);

enum words_dialect { WORDS_FTS5, WORDS_TSQUERY };
/* whole: words must be there as they stand; else their beginning is enough. Numbers are found by
 * any run of four digits in both. Nothing is appended when nothing can be searched by it. */
void words_query(struct str question, struct str tenant, enum words_dialect dialect, bool whole,
		 struct buf *out);

enum words_found { FOUND_words, FOUND_name, FOUND_number };
struct words_score {
	int points; /* more is better */
	enum words_found by;
};
/* country: for a number as it is written there. */
struct words_score words_score(const json_t *doc, struct str question, struct str country);
