/*
 * schema_parts.h - a compiled schema; between schema_compile.c and schema.c only.
 */
#pragma once

#include <regex.h>

#include "base/arena.h"
#include "base/map.h"
#include "objects/schema.h"

enum schema_type {
	TYPE_OBJECT,
	TYPE_ARRAY,
	TYPE_STRING,
	TYPE_INTEGER,
	TYPE_NUMBER,
	TYPE_BOOLEAN,
	TYPE_NULL,
	TYPE_COUNT
};

struct schema_member {
	const char *key;  /* of a property, or the pattern's text */
	regex_t *pattern; /* patternProperties */
	const struct schema *schema;
};

struct schema {
	const struct schema *ref; /* checked first; the rest of this schema too */
	uint32_t types;		  /* BIT(enum schema_type); 0: any */
	struct schema_member *members, *patterns, *choices; /* choices: discriminator's mapping */
	uint32_t member_count, pattern_count, choice_count;
	const char **required;
	uint32_t required_count;
	const struct schema *rest; /* additionalProperties as a schema */
	bool rest_refused;	   /* additionalProperties: false */
	const struct schema *items;
	const json_t *values; /* enum: an array */
	const json_t *only;   /* const */
	regex_t *pattern;
	const char *pattern_text, *message; /* message: x-message */
	const char *discriminator;
	const struct schema **branches; /* oneOf or anyOf */
	uint32_t branch_count;
	bool exactly_one, unique;
	bool has_minimum, has_maximum;
	double minimum, maximum;
	size_t length_min, length_max, items_min, items_max, members_min, members_max;
};

struct schema_set {
	struct arena arena;
	json_t *document;
	struct map by_name; /* of components/schemas */
	struct schema_regex *regexes;
	struct buf *fault;
};
