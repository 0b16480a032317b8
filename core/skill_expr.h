/*
 * skill_expr.h - what a queue asks of an agent, from text to postfix terms.
 *
 *   need    = and { ("||" | "|") and }
 *   and     = unary { ("&&" | "&") unary }
 *   unary   = "!" unary | "(" need ")" | SKILL compare LEVEL
 *   compare = ">" | ">=" | "<" | "<=" | "==" | "=" | "!="
 *
 * LEVEL is 0..100; a skill an agent does not have counts as 0. Pure.
 */
#pragma once

#include "core/config.h"

#define SKILL_TERMS_MAX 128u
#define SKILL_DEPTH_MAX 32u

/* Names are views into text. ERR_INVALID: why holds one sentence without a path. */
MUST_USE enum err skill_expr_parse(struct str text, struct skill_term *terms, uint32_t *count,
				   struct buf *why);
/* A step with its own copies. ERR_INVALID: it is no demand; *out is as it was. */
MUST_USE enum err skill_step_make(struct arena *a, int64_t after_ms, struct str need,
				  struct skill_step *out);
const struct skill_step *skill_steps_copy(struct arena *a, const struct skill_step *steps,
					  uint32_t count);
/* Does somebody with these levels fit? level_of(arg, skill) gives 0 for a skill he has not. */
bool skill_expr_fits(const struct skill_term *terms, uint32_t count,
		     uint32_t (*level_of)(void *arg, struct str skill), void *arg);
