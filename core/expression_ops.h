/*
 * expression_ops.h - the operations of a compiled expression; shared by its reading and its values,
 * nobody else includes it.
 */
#pragma once

#include "core/expression.h"

/* X(word, values it puts on the stack less those it takes off) */
#define OPS(X)                                                                                     \
	X(NUMBER, 1)                                                                               \
	X(TEXT, 1)                                                                                 \
	X(BOOL, 1)                                                                                 \
	X(NAME, 1)                                                                                 \
	X(MINUS, 0)                                                                                \
	X(NOT, 0)                                                                                  \
	X(TIMES, -1)                                                                               \
	X(BY, -1)                                                                                  \
	X(PLUS, -1)                                                                                \
	X(LESS, -1)                                                                                \
	X(EQ, -1)                                                                                  \
	X(NE, -1)                                                                                  \
	X(LT, -1)                                                                                  \
	X(LE, -1)                                                                                  \
	X(GT, -1)                                                                                  \
	X(GE, -1)                                                                                  \
	X(AND, -1)                                                                                 \
	X(OR, -1)                                                                                  \
	X(CONTAINED, -1)                                                                           \
	/* wanted, found so far, item: wanted, found */                                            \
	X(IN_NEXT, -1)                                                                             \
	/* wanted, found: found */                                                                 \
	X(IN_END, -1)

/* clang-format off */
enum op {
#define X(word, grows) OP_##word,
	OPS(X)
#undef X
	OP_COUNT
};
/* clang-format on */

static inline int op_grows(enum op op)
{
	static const int8_t grows[OP_COUNT] = {
#define X(word, by) [OP_##word] = (by),
		OPS(X)
#undef X
	};
	return grows[op];
}
