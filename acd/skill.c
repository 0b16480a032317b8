/* skill.c - does a user fulfil a demand; see core/config.h for the compiled form. */
#include "acd/inside.h"

#define DEPTH_MAX 64 /* of the postfix stack; deeper demands are not fulfilled by anybody */

static uint32_t level_of(const struct user_config *u, struct str skill)
{
	for (uint32_t i = 0; i < u->skill_count; i++)
		if (str_eq(u->skills[i].skill, skill))
			return u->skills[i].level;
	return 0;
}

static bool compare(uint32_t level, const struct skill_term *t)
{
	switch (t->compare) {
	case CMP_GT:
		return level > t->level;
	case CMP_GE:
		return level >= t->level;
	case CMP_LT:
		return level < t->level;
	case CMP_LE:
		return level <= t->level;
	case CMP_EQ:
		return level == t->level;
	case CMP_NE:
		return level != t->level;
	}
	return false;
}

/* One term on the stack; false: the demand is not well formed. */
static bool apply(const struct user_config *u, const struct skill_term *t, bool *stack,
		  uint32_t *depth)
{
	switch (t->op) {
	case TERM_COMPARE:
		if (*depth == DEPTH_MAX)
			return false;
		stack[(*depth)++] = compare(level_of(u, t->skill), t);
		return true;
	case TERM_NOT:
		if (*depth < 1)
			return false;
		stack[*depth - 1] = !stack[*depth - 1];
		return true;
	case TERM_AND:
	case TERM_OR:
		if (*depth < 2)
			return false;
		(*depth)--;
		if (t->op == TERM_AND)
			stack[*depth - 1] = stack[*depth - 1] && stack[*depth];
		else
			stack[*depth - 1] = stack[*depth - 1] || stack[*depth];
		return true;
	}
	return false;
}

bool skill_fulfils(const struct user_config *u, const struct skill_step *step)
{
	bool stack[DEPTH_MAX];
	uint32_t depth = 0;
	if (!step->term_count)
		return true;
	for (uint32_t i = 0; i < step->term_count; i++)
		if (!apply(u, &step->terms[i], stack, &depth))
			return false;
	return depth == 1 && stack[0];
}

/* Levels over the skills the demand names, each once (behaviours.md Q-4, most skilled). */
uint32_t skill_sum(const struct user_config *u, const struct skill_step *step)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < step->term_count; i++) {
		const struct skill_term *t = &step->terms[i];
		bool seen = t->op != TERM_COMPARE;
		for (uint32_t k = 0; k < i && !seen; k++)
			seen = step->terms[k].op == TERM_COMPARE &&
			       str_eq(step->terms[k].skill, t->skill);
		if (!seen)
			sum += level_of(u, t->skill);
	}
	return sum;
}
