/*
 * noise.h - comfort noise, RFC 3389: what a peer that is silent sends the level of. Pure.
 *
 * White noise of that level; the shape of its spectrum (the optional further bytes) is not used.
 */
#pragma once

#include "base/str.h"

struct noise {
	uint32_t dice; /* of the generator; any start, 0 too */
	int32_t reach; /* samples lie between -reach and reach */
};

/* payload: of payload type 13; its first byte is the level, 0..127 dB below the loudest. Empty: as
 * quiet as nothing. */
void noise_set(struct noise *s, const uint8_t *payload, size_t n);
void noise_make(struct noise *s, int16_t *pcm, size_t n);
