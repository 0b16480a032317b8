/*
 * expression.h - the language of a flow's `when` and `value`, from text to a postfix program.
 *
 *   any     = and { "||" and }
 *   and     = not { "&&" not }
 *   not     = "!" not | compare                        !a == b means !(a == b)
 *   compare = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum | "in" list | "in" sum ]
 *   list    = "(" any { "," any } ")" | "[" any { "," any } "]"
 *   sum     = product { ("+" | "-") product }
 *   product = unary { ("*" | "/") unary }
 *   unary   = "-" unary | "(" any ")" | NUMBER | "text" | 'text' | true | false | NAME
 *
 * NAME is one of EXPR_NAMES; `in` followed by a text asks whether that contains the other.
 * What is not known (a variable nobody set, a withheld number) is absent: every comparison with it
 * is false, so is `!=`, and what is computed from it is absent too. A text that reads as a number
 * is one where a number is needed; two texts are equal only byte by byte, but ordered as numbers
 * when both are. Dividing by zero gives absent. Pure; any thread.
 */
#pragma once

#include "base/arena.h"

#define EXPR_BYTES_MAX 2000u
#define EXPR_DEPTH_MAX 64u  /* of parentheses, `!` and `-` */
#define EXPR_STACK_MAX 256u /* values at a time */
#define EXPR_TEXT_MAX 256u  /* of a text in quotes */
#define EXPR_NAME_MAX 63u   /* of a variable: [A-Za-z_][A-Za-z0-9_]* */

/* X(word, text): as it is written; `var` and those of a queue have a name in them. */
#define EXPR_NAMES(X)                                                                              \
	X(VAR, "var.NAME")                                                                         \
	X(QUEUE_WAITING, "queue.NAME.waiting")                                                     \
	X(QUEUE_EWT, "queue.NAME.ewt_s")                                                           \
	X(CALLER_NUMBER, "caller.number")                                                          \
	X(CALLER_COUNTRY, "caller.country")                                                        \
	X(CALLER_VERSTAT, "caller.verstat")                                                        \
	X(CALLER_ATTEST, "caller.attest")                                                          \
	X(CALL_TO, "call.to")                                                                      \
	X(CALL_DIVERTED, "call.diverted")                                                          \
	X(TIME_HOUR, "time.hour")                                                                  \
	X(TIME_WEEKDAY, "time.weekday")                                                            \
	X(CUSTOMER_LANGUAGE, "customer.language")

/* clang-format off */
enum expr_name {
#define X(word, text) EXPR_##word,
	EXPR_NAMES(X)
#undef X
	EXPR_NAME_COUNT
};
/* clang-format on */

struct expr_value {
	enum { VALUE_NONE, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT } kind;
	double number;	 /* BOOL: 0 or 1 */
	struct str text; /* NUMBER: a word that means it too ("sat"); may be empty */
};

struct expr_op {
	uint8_t op, name; /* name: of enum expr_name */
	union {
		double number;
		struct str text;
	};
};

/* No ops: there is none, its value is absent. */
struct expression {
	const struct expr_op *ops;
	uint32_t count;
};

/* Into the arena, texts too. ERR_INVALID: why holds one sentence with the place, no path. */
MUST_USE enum err expression_compile(struct str text, struct arena *a, struct expression *out,
				     struct buf *why);
/* A program whose value is this; the text is copied. */
struct expression expression_constant(const struct expr_value *v, struct arena *a);
struct expression expression_copy(const struct expression *e, struct arena *a);

/* which: the NAME in it. Leaves *out alone for what is not known. Texts live until the value of the
 * whole expression has been used. */
typedef void(expr_know_h)(void *arg, enum expr_name name, struct str which, struct expr_value *out);
struct expr_value expression_value(const struct expression *e, expr_know_h *know, void *arg);
/* For conditions: true, a number other than zero, a text that is not empty. */
bool expression_true(const struct expr_value *v);

typedef void(expr_name_h)(void *arg, enum expr_name name, struct str which);
void expression_names(const struct expression *e, expr_name_h *told, void *arg);
bool expression_is_variable(struct str name);
/* [-]digits[.digits], the whole view. */
bool expression_number(struct str text, double *out);
