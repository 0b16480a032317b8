/*
 * ids.h - what things are known by.
 *
 * A contact is {slot, age} in the hall's pool; its name outside is a UUIDv7. A declared object is
 * {slot, age} in the object table; its name outside is tenant and id. An id whose thing is gone
 * looks up to NULL: that is normal, not an error.
 */
#pragma once

#include "base/pool.h"
#include "base/str.h"

ID_TYPE(contact_id);
ID_TYPE(tenant_id);
ID_TYPE(trunk_id);
ID_TYPE(number_id);
ID_TYPE(prompt_id);
ID_TYPE(hours_id);
ID_TYPE(queue_id);
ID_TYPE(agent_id); /* a declared object of kind user */
ID_TYPE(flow_id);

struct uuid {
	uint8_t b[16];
};

#define UUID_TEXT 36
/* RFC 9562 section 5.7: 48 bits of milliseconds, the rest from the dice. */
struct uuid uuid_v7(int64_t utc_ms, uint64_t dice_a, uint64_t dice_b);
bool uuid_none(struct uuid u);
bool uuid_eq(struct uuid a, struct uuid b);
void uuid_text(struct uuid u, char out[UUID_TEXT + 1]);
MUST_USE enum err uuid_parse(struct str s, struct uuid *out); /* lower-case canonical form only */
