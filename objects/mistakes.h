/*
 * mistakes.h - what is wrong with a JSON document, each mistake with its path.
 *
 * A path is a chain of steps on the stack, from the leaf up to the root, so that walking a document
 * costs nothing until something is wrong. Written as $.objects[3].nodes.menu.keys.1; a key that is
 * no plain word stands in brackets: $["a b"]. At most MISTAKES_MAX are written, all are counted.
 *
 * A place is named once: of what was called mistaken already, or lies inside of it, mistake() says
 * no more. So every check may look at a document that failed an earlier one.
 */
#pragma once

#include "base/jsonw.h"

#define MISTAKES_MAX 200u

struct jpath {
	const struct jpath *up; /* NULL: this is the root, $ */
	const char *key;	/* NULL: index */
	size_t index;
};

struct mistakes {
	struct buf *out; /* NULL: only counted */
	struct jsonw w;
	struct buf said; /* the paths written, a zero byte after each */
	uint32_t count;
};

/* out becomes a JSON array [{"path","message"}]; it stays empty when nothing is wrong. */
struct mistakes mistakes_begin(struct buf *out);
void mistakes_end(struct mistakes *m);
void mistake(struct mistakes *m, const struct jpath *at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a path that is a text already ("flow/main"). */
void mistake_at(struct mistakes *m, struct str path, struct str message);
void jpath_text(const struct jpath *at, struct buf *out);
