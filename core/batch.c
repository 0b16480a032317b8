/* batch.c - see batch.h. */
#include "core/batch.h"

#include "core/bytes.h"

void batch_put_fact(struct buf *out, struct str fact)
{
	put_u8(out, BATCH_FACT);
	put_u32(out, (uint32_t)fact.n);
	buf_put(out, fact);
}

static void put_thing(struct buf *out, enum batch_type type, uint32_t kind, struct id id,
		      struct str image)
{
	put_u8(out, (uint8_t)type);
	put_u32(out, (uint32_t)(9 + image.n));
	put_u8(out, (uint8_t)kind);
	put_u32(out, id.slot);
	put_u32(out, id.age);
	buf_put(out, image);
}

void batch_put_image(struct buf *out, uint32_t kind, struct id id, struct str image)
{
	put_thing(out, BATCH_IMAGE, kind, id, image);
}

void batch_put_gone(struct buf *out, uint32_t kind, struct id id)
{
	put_thing(out, BATCH_GONE, kind, id, STR_NONE);
}

enum err batch_next(struct str *rest, struct batch_item *out)
{
	if (!rest->n)
		return ERR_NOT_FOUND;
	struct take t = {.rest = *rest};
	struct batch_item item = {.type = take_u8(&t)};
	struct take body = {.rest = take_text(&t)};
	if (t.torn)
		return ERR_INVALID;
	switch (item.type) {
	case BATCH_FACT:
		item.fact = body.rest;
		break;
	case BATCH_IMAGE:
	case BATCH_GONE:
		item.kind = take_u8(&body);
		item.id.slot = take_u32(&body);
		item.id.age = take_u32(&body);
		item.image = body.rest;
		break;
	default:
		return ERR_INVALID;
	}
	if (body.torn)
		return ERR_INVALID;
	*rest = t.rest;
	*out = item;
	return ERR_OK;
}
