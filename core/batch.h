/*
 * batch.h - the items of a turn's batch, as the ring file stores them and the store reads them.
 *
 * item = u8 type, u32 length, payload. FACT: core/fact.h encoding. IMAGE: u8 kind, u32 slot, u32
 * age, bytes. GONE: u8 kind, u32 slot, u32 age. Little endian. Pure; any thread.
 */
#pragma once

#include "core/ids.h"

enum batch_type { BATCH_FACT = 1, BATCH_IMAGE = 2, BATCH_GONE = 3 };

struct batch_item {
	enum batch_type type;
	struct str fact; /* FACT */
	uint32_t kind;	 /* IMAGE, GONE: enum image_kind */
	struct id id;
	struct str image;
};

void batch_put_fact(struct buf *out, struct str fact);
void batch_put_image(struct buf *out, uint32_t kind, struct id id, struct str image);
void batch_put_gone(struct buf *out, uint32_t kind, struct id id);
/* Takes one item off *rest. ERR_NOT_FOUND at the end, ERR_INVALID when torn or unknown. */
MUST_USE enum err batch_next(struct str *rest, struct batch_item *out);
