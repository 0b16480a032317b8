/*
 * variables.h - what one contact carries through its flows: names and small values.
 *
 * A masked one (what was keyed in secretly, and what was made of it) is in no image: after a
 * restart it is not there. Memory is taken with the first variable. Owner: the journey.
 */
#pragma once

#include "core/bytes.h"
#include "core/config.h"

struct variables {
	struct variable *list;
	uint32_t count;
};

struct variable {
	char name[EXPR_NAME_MAX + 1];
	bool masked;
	struct expr_value value; /* its text is `text` */
	char text[FLOW_VALUE_MAX];
};

void variables_finish(struct variables *vs); /* and wipes */
/* NULL: nobody set it. Lives until the next variables_set. */
const struct variable *variables_get(const struct variables *vs, struct str name);
/* Copies; an absent value takes the variable away. ERR_FULL: FLOW_VARIABLES_MAX others are there;
 * ERR_INVALID: no name, or a text that is too long. */
MUST_USE enum err variables_set(struct variables *vs, struct str name, const struct expr_value *v,
				bool masked);
void variables_save(const struct variables *vs, struct buf *out);
void variables_load(struct variables *vs, struct take *t); /* t is torn when it makes no sense */
