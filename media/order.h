/*
 * order.h - orders and reports as structs, and their bytes, from order.def. Pure.
 */
#pragma once

#include "base/pool.h"
#include "base/str.h"

#define ORDER_VERSION 4
#define ORDER_PACKET_MAX 8192

typedef uint8_t order_u8;
typedef uint16_t order_u16;
typedef uint32_t order_u32;
typedef uint64_t order_u64;
typedef int64_t order_i64;
typedef struct id order_id;
typedef struct str order_text;

#define F(type, name) order_##type name;
#define ORDER(name, fields)                                                                        \
	struct order_##name {                                                                      \
		fields                                                                             \
	};
#define REPORT(name, fields)                                                                       \
	struct report_##name {                                                                     \
		fields                                                                             \
	};
#include "media/order.def"
#undef F
#undef ORDER
#undef REPORT

enum order_kind {
	ORDER_NONE,
#define ORDER(name, fields) ORDER_##name,
#define REPORT(name, fields)
#include "media/order.def"
#undef ORDER
#undef REPORT
	ORDER_COUNT
};

enum report_kind {
	REPORT_NONE,
#define ORDER(name, fields)
#define REPORT(name, fields) REPORT_##name,
#include "media/order.def"
#undef ORDER
#undef REPORT
	REPORT_COUNT
};

struct order {
	enum order_kind kind;
	union {
#define ORDER(name, fields) struct order_##name name;
#define REPORT(name, fields)
#include "media/order.def"
#undef ORDER
#undef REPORT
	};
};

struct report {
	enum report_kind kind;
	union {
#define ORDER(name, fields)
#define REPORT(name, fields) struct report_##name name;
#include "media/order.def"
#undef ORDER
#undef REPORT
	};
};

/* message = u16 length of what follows, u8 kind, fields. Appends; b->full when it does not fit. */
void order_encode(struct buf *b, const struct order *o);
void report_encode(struct buf *b, const struct report *r);
/* Takes one message off *rest; texts are views into it. ERR_NOT_FOUND at the end, ERR_INVALID when
 * the bytes are not one. An unknown kind is skipped: kind is NONE. */
MUST_USE enum err order_decode(struct str *rest, struct order *out);
MUST_USE enum err report_decode(struct str *rest, struct report *out);

/* A set of ids in a text, eight bytes each. */
#define ORDER_IDS_MAX 15
struct order_ids {
	uint32_t count;
	struct id ids[ORDER_IDS_MAX];
};
struct str order_ids_put(char room[8 * ORDER_IDS_MAX], const struct order_ids *ids);
/* ERR_INVALID: no whole ids, too many, or one that means nobody. One named twice is taken once. */
MUST_USE enum err order_ids_get(struct str text, struct order_ids *out);
bool order_ids_have(const struct order_ids *ids, struct id id);
