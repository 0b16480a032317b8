/* order_fuzz.c - law: what is accepted lies inside what came in, and says the same bytes again. */
#include <stdlib.h>

#include "media/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct str text, struct str whole)
{
	CHECK(!text.n || (text.p >= whole.p && text.p + text.n <= whole.p + whole.n));
}

static void check_order_texts(const struct order *o, struct str whole)
{
	switch (o->kind) {
#define F(type, name) F_##type(name)
#define F_u8(name)
#define F_u16(name)
#define F_u32(name)
#define F_u64(name)
#define F_i64(name)
#define F_id(name)
#define F_text(name) check_inside(v->name, whole);
#define ORDER(name, fields)                                                                        \
	case ORDER_##name: {                                                                       \
		const struct order_##name *v = &o->name;                                           \
		(void)v;                                                                           \
		fields                                                                             \
	} break;
#define REPORT(name, fields)
#include "media/order.def"
#undef ORDER
#undef REPORT
	case ORDER_NONE:
	case ORDER_COUNT:
		break;
	}
}

static void check_report_texts(const struct report *r, struct str whole)
{
	switch (r->kind) {
#define ORDER(name, fields)
#define REPORT(name, fields)                                                                       \
	case REPORT_##name: {                                                                      \
		const struct report_##name *v = &r->name;                                          \
		(void)v;                                                                           \
		fields                                                                             \
	} break;
#include "media/order.def"
#undef ORDER
#undef REPORT
	case REPORT_NONE:
	case REPORT_COUNT:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char again[1 << 16];
	struct str whole = str_make((const char *)data, size), rest = whole;
	struct order o;
	struct report r;
	for (struct str before = rest; order_decode(&rest, &o) == ERR_OK; before = rest) {
		CHECK(rest.n < before.n && rest.p + rest.n == whole.p + whole.n);
		check_order_texts(&o, whole);
		if (o.kind == ORDER_NONE)
			continue;
		struct buf b = buf_make(again, sizeof again);
		order_encode(&b, &o);
		CHECK(str_eq(buf_str(&b), str_head(before, before.n - rest.n)));
	}
	rest = whole;
	for (struct str before = rest; report_decode(&rest, &r) == ERR_OK; before = rest) {
		check_report_texts(&r, whole);
		if (r.kind == REPORT_NONE)
			continue;
		struct buf b = buf_make(again, sizeof again);
		report_encode(&b, &r);
		CHECK(str_eq(buf_str(&b), str_head(before, before.n - rest.n)));
	}
	return 0;
}
