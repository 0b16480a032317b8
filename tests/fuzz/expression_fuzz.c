/*
 * expression_fuzz.c - laws: what is accepted comes to the same value as its copy, never to an
 * infinite one, asks for nothing that does not stand in it, and is bounded.
 */
#include <math.h>
#include <stdlib.h>

#include "core/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct asked {
	struct str text;
	uint32_t count;
};

static void know(void *arg, enum expr_name name, struct str which, struct expr_value *out)
{
	struct asked *a = arg;
	CHECK(name < EXPR_NAME_COUNT && which.n <= EXPR_NAME_MAX);
	CHECK(str_find_str(a->text, which) >= 0);
	a->count++;
	/* of every kind, also absent */
	switch ((name + which.n) % 4) {
	case 0:
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = which};
		break;
	case 1:
		*out = (struct expr_value){.kind = VALUE_NUMBER, .number = (double)which.n};
		break;
	case 2:
		*out = (struct expr_value){.kind = VALUE_BOOL, .number = 1};
		break;
	default:
		break;
	}
}

static void count_name(void *arg, enum expr_name name, struct str which)
{
	(void)name, (void)which;
	++*(uint32_t *)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct expression e;
	char room[400];
	struct buf why = buf_make(room, sizeof room);
	struct str text = str_make((const char *)data, size);
	arena_init(&a);
	if (expression_compile(text, &a, &e, &why) == ERR_OK) {
		struct asked one = {.text = text}, two = {.text = text};
		uint32_t names = 0;
		struct expression copy = expression_copy(&e, &a);
		struct expr_value v = expression_value(&e, know, &one);
		struct expr_value w = expression_value(&copy, know, &two);
		expression_names(&e, count_name, &names);
		CHECK(size <= EXPR_BYTES_MAX && e.count <= size + 2 && why.n == 0);
		CHECK(one.count == names && two.count == names);
		CHECK(v.kind == w.kind && str_eq(v.text, w.text));
		CHECK(v.kind == VALUE_NONE || v.kind == VALUE_TEXT ||
		      (isfinite(v.number) && v.number == w.number));
	} else {
		CHECK(why.n || why.full);
	}
	arena_finish(&a);
	return 0;
}
