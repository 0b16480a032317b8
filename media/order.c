/* order.c - see order.h. Everything is generated from order.def; integers are little-endian. */
#include "media/order.h"

#define TEXT_MAX 1024

/* One message being read: what is left of its body, and whether it was too short. */
struct body {
	const uint8_t *p;
	size_t n;
	bool bad;
};

static void put_number(struct buf *b, uint64_t v, size_t bytes)
{
	char out[8];
	for (size_t i = 0; i < bytes; i++)
		out[i] = (char)(v >> (8 * i));
	buf_put(b, str_make(out, bytes));
}

static uint64_t get_number(struct body *m, size_t bytes)
{
	uint64_t v = 0;
	if (m->n < bytes) {
		m->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)m->p[i] << (8 * i);
	m->p += bytes;
	m->n -= bytes;
	return v;
}

static void put_u8(struct buf *b, uint8_t v)
{
	put_number(b, v, 1);
}

static void put_u16(struct buf *b, uint16_t v)
{
	put_number(b, v, 2);
}

static void put_u32(struct buf *b, uint32_t v)
{
	put_number(b, v, 4);
}

static void put_u64(struct buf *b, uint64_t v)
{
	put_number(b, v, 8);
}

static void put_i64(struct buf *b, int64_t v)
{
	put_number(b, (uint64_t)v, 8);
}

static void put_id(struct buf *b, struct id v)
{
	put_number(b, v.slot, 4);
	put_number(b, v.age, 4);
}

/* Longer texts are cut: the other side would refuse the whole message. */
static void put_text(struct buf *b, struct str v)
{
	v = str_head(v, TEXT_MAX);
	put_number(b, v.n, 2);
	buf_put(b, v);
}

static uint8_t get_u8(struct body *m)
{
	return (uint8_t)get_number(m, 1);
}

static uint16_t get_u16(struct body *m)
{
	return (uint16_t)get_number(m, 2);
}

static uint32_t get_u32(struct body *m)
{
	return (uint32_t)get_number(m, 4);
}

static uint64_t get_u64(struct body *m)
{
	return get_number(m, 8);
}

static int64_t get_i64(struct body *m)
{
	return (int64_t)get_number(m, 8);
}

static struct id get_id(struct body *m)
{
	struct id v = {.slot = get_u32(m)};
	v.age = get_u32(m);
	return v;
}

static struct str get_text(struct body *m)
{
	size_t n = get_u16(m);
	if (n > TEXT_MAX || n > m->n) {
		m->bad = true;
		return STR_NONE;
	}
	struct str v = str_make((const char *)m->p, n);
	m->p += n;
	m->n -= n;
	return v;
}

#define F(type, name) put_##type(b, v->name);
#define ORDER(name, fields)                                                                        \
	static void put_order_##name(struct buf *b, const struct order_##name *v)                  \
	{                                                                                          \
		fields                                                                             \
	}
#define REPORT(name, fields)                                                                       \
	static void put_report_##name(struct buf *b, const struct report_##name *v)                \
	{                                                                                          \
		fields                                                                             \
	}
#include "media/order.def"
#undef F
#undef ORDER
#undef REPORT

#define F(type, name) v->name = get_##type(m);
#define ORDER(name, fields)                                                                        \
	static void get_order_##name(struct body *m, struct order_##name *v)                       \
	{                                                                                          \
		fields                                                                             \
	}
#define REPORT(name, fields)                                                                       \
	static void get_report_##name(struct body *m, struct report_##name *v)                     \
	{                                                                                          \
		fields                                                                             \
	}
#include "media/order.def"
#undef F
#undef ORDER
#undef REPORT

/* The length is written when the rest is known; a message stands there whole or not at all. */
static size_t begin_message(struct buf *b, unsigned kind)
{
	size_t start = b->n;
	put_u16(b, 0);
	put_u8(b, (uint8_t)kind);
	return start;
}

static void end_message(struct buf *b, size_t start)
{
	if (b->full) {
		b->n = start;
		return;
	}
	size_t n = b->n - start - 2;
	b->p[start] = (char)n;
	b->p[start + 1] = (char)(n >> 8);
}

void order_encode(struct buf *b, const struct order *o)
{
	if (b->full)
		return;
	CHECK(o->kind > ORDER_NONE && o->kind < ORDER_COUNT);
	size_t start = begin_message(b, o->kind);
	switch (o->kind) {
#define ORDER(name, fields)                                                                        \
	case ORDER_##name:                                                                         \
		put_order_##name(b, &o->name);                                                     \
		break;
#define REPORT(name, fields)
#include "media/order.def"
#undef ORDER
#undef REPORT
	case ORDER_NONE:
	case ORDER_COUNT:
		break;
	}
	end_message(b, start);
}

void report_encode(struct buf *b, const struct report *r)
{
	if (b->full)
		return;
	CHECK(r->kind > REPORT_NONE && r->kind < REPORT_COUNT);
	size_t start = begin_message(b, r->kind);
	switch (r->kind) {
#define ORDER(name, fields)
#define REPORT(name, fields)                                                                       \
	case REPORT_##name:                                                                        \
		put_report_##name(b, &r->name);                                                    \
		break;
#include "media/order.def"
#undef ORDER
#undef REPORT
	case REPORT_NONE:
	case REPORT_COUNT:
		break;
	}
	end_message(b, start);
}

/* Cuts one message off *rest. */
static enum err take_message(struct str *rest, unsigned *kind, struct body *m)
{
	if (!rest->n)
		return ERR_NOT_FOUND;
	struct body head = {.p = (const uint8_t *)rest->p, .n = rest->n};
	size_t n = get_u16(&head);
	if (head.bad || n < 1 || n > head.n)
		return ERR_INVALID;
	*m = (struct body){.p = head.p, .n = n};
	*kind = get_u8(m);
	*rest = str_from(*rest, 2 + n);
	return ERR_OK;
}

enum err order_decode(struct str *rest, struct order *out)
{
	struct str after = *rest;
	struct body m;
	unsigned kind;
	enum err e = take_message(&after, &kind, &m);
	if (e != ERR_OK)
		return e;
	struct order o = {.kind = ORDER_NONE};
	switch (kind) {
#define ORDER(name, fields)                                                                        \
	case ORDER_##name:                                                                         \
		o.kind = ORDER_##name;                                                             \
		get_order_##name(&m, &o.name);                                                     \
		break;
#define REPORT(name, fields)
#include "media/order.def"
#undef ORDER
#undef REPORT
	default: /* of a newer core */
		m.n = 0;
		break;
	}
	if (m.bad || m.n)
		return ERR_INVALID;
	*rest = after;
	*out = o;
	return ERR_OK;
}

enum err report_decode(struct str *rest, struct report *out)
{
	struct str after = *rest;
	struct body m;
	unsigned kind;
	enum err e = take_message(&after, &kind, &m);
	if (e != ERR_OK)
		return e;
	struct report r = {.kind = REPORT_NONE};
	switch (kind) {
#define ORDER(name, fields)
#define REPORT(name, fields)                                                                       \
	case REPORT_##name:                                                                        \
		r.kind = REPORT_##name;                                                            \
		get_report_##name(&m, &r.name);                                                    \
		break;
#include "media/order.def"
#undef ORDER
#undef REPORT
	default: /* of a newer media process */
		m.n = 0;
		break;
	}
	if (m.bad || m.n)
		return ERR_INVALID;
	*rest = after;
	*out = r;
	return ERR_OK;
}

struct str order_ids_put(char room[8 * ORDER_IDS_MAX], const struct order_ids *ids)
{
	struct buf b = buf_make(room, 8 * ORDER_IDS_MAX);
	CHECK(ids->count <= ORDER_IDS_MAX);
	for (uint32_t i = 0; i < ids->count; i++)
		put_id(&b, ids->ids[i]);
	return buf_str(&b);
}

enum err order_ids_get(struct str text, struct order_ids *out)
{
	struct order_ids ids = {0};
	struct body m = {.p = (const uint8_t *)text.p, .n = text.n};
	if (text.n % 8 || text.n / 8 > ORDER_IDS_MAX)
		return ERR_INVALID;
	while (m.n) {
		struct id id = get_id(&m);
		if (!id.slot)
			return ERR_INVALID;
		if (!order_ids_have(&ids, id))
			ids.ids[ids.count++] = id;
	}
	*out = ids;
	return ERR_OK;
}

bool order_ids_have(const struct order_ids *ids, struct id id)
{
	for (uint32_t i = 0; i < ids->count; i++)
		if (ID_EQ(ids->ids[i], id))
			return true;
	return false;
}
