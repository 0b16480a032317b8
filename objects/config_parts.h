/*
 * config_parts.h - what config_compile.c and config_flow.c share; nobody else includes it.
 */
#pragma once

#include <jansson.h>

#include "core/config.h"

void config_compile_flow(struct config *c, const json_t *doc);
/* How the text of a `value` is meant: an expression when it begins as one (a name and its dot, a
 * quote, a digit, `(`, `!`, `-`, true, false), else itself: gold is the text gold. */
bool config_value_is_expression(struct str text);
/* A number to be called is one when it begins with `var.`, `caller.`, `call.` or a quote. */
bool config_number_is_expression(struct str text);
/* A copy in the arena; empty when the key is not there or no text. doc may be NULL. */
struct str config_text(struct arena *a, const json_t *doc, const char *key);
int64_t config_int(const json_t *doc, const char *key, int64_t otherwise);
/* A plain text, or texts by language. */
const struct lang_text *config_texts(struct arena *a, const json_t *text, uint32_t *n);
/* Skill steps; one that is no demand, which was refused before, is left out. */
const struct skill_step *config_steps(struct arena *a, const json_t *list, uint32_t *count);
