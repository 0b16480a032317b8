/*
 * schema.h - checks JSON against the schemas of api/openapi.yaml.
 *
 * A subset of JSON Schema 2020-12, compiled once: type, properties, required, additionalProperties,
 * patternProperties, items, enum, const, pattern (POSIX extended, over the whole text only where
 * the pattern says so), minLength, maxLength, minimum, maximum, minItems, maxItems, uniqueItems,
 * oneOf, anyOf, discriminator with mapping, $ref to #/components/schemas. A keyword that is not
 * known here is a mistake of ours and stops the compilation. `x-message` replaces the message of
 * pattern and of oneOf or anyOf. Checking is read-only: any thread at any time.
 */
#pragma once

#include <jansson.h>

#include "objects/mistakes.h"

#define JSON_BODY_MAX (16u << 20)
#define JSON_DEPTH_MAX 64u

struct schema;
struct schema_set;

/* fault: one line when the text cannot be used. */
MUST_USE enum err schema_set_create(struct str openapi_json, struct schema_set **out,
				    struct buf *fault);
void schema_set_destroy(struct schema_set *set);				 /* NULL is fine */
const struct schema *schema_get(const struct schema_set *set, const char *name); /* NULL: none */
/* The set of api/openapi.yaml, made at the first call. */
const struct schema_set *schema_house(void);

/* Mistakes are counted and listed in m. */
void schema_check(const struct schema *s, const json_t *value, const struct jpath *at,
		  struct mistakes *m);

/* Parses a body: size, depth, duplicate keys, one value. NULL: the mistake is in m. */
MUST_USE json_t *json_body_parse(struct str body, struct mistakes *m);
/* View of a string value; empty when it is none. */
struct str json_str(const json_t *value);
