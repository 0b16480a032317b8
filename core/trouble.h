/*
 * trouble.h - what went wrong with a trunk, and what came of asking it: values that go from the
 * voice door to those who look. Texts of the other side are as it said them: whatever a stranger
 * likes to write.
 */
#pragma once

#include <stdint.h>

#include "core/number.h"
#include "core/words.h"

enum { TROUBLES_MAX = 20, TROUBLE_PEER = 128, TROUBLE_TEXT = 96 };

/* Equal ones are one: how often, first and last (UTC). */
struct trouble {
	int64_t first_at_ms, at_ms;
	uint32_t count;
	enum trunk_question asked;
	enum trouble_why why;
	uint32_t status; /* SIP, 0: none came */
	char peer[TROUBLE_PEER];
	char text[TROUBLE_TEXT];  /* reason phrase, certificate's mistake, why we refused */
	char number[NUMBER_TEXT]; /* newest one called; empty: no call */
};

/* One question of a test. why: none, it is as it should be. */
struct trunk_answer {
	enum trunk_question asked;
	enum trouble_why why;
	uint32_t status;
	int64_t ms; /* until the answer, or until nobody waited any more */
	char peer[TROUBLE_PEER];
	char text[TROUBLE_TEXT];
};
