/*
 * image.h - the form in which calls and bindings survive a restart: fields `K<length>:<bytes>`, one
 * after the other. A reader takes nothing for granted: an image may be torn.
 */
#pragma once

#include "base/str.h"
#include "sip/sip.h"

void image_put(struct buf *out, char key, struct str value);
void image_put_u64(struct buf *out, char key, uint64_t value);
void image_put_address(struct buf *out, char key, const struct sip_address *a);
/* Takes one field off. ERR_NOT_FOUND at the end, ERR_INVALID when torn. */
MUST_USE enum err image_take(struct str *rest, char *key, struct str *value);
/* The stream number is not kept: streams die with the program. */
MUST_USE enum err image_address(struct str value, struct sip_address *out);
