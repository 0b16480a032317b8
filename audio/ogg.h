/*
 * ogg.h - pages of an Ogg stream, RFC 3533: made and read. Pure.
 */
#pragma once

#include "base/str.h"

#define OGG_PAGE_MAX (27 + 255 + 255 * 255)

enum { OGG_CONTINUED = 1, OGG_FIRST = 2, OGG_LAST = 4 };

/* A page being filled with whole packets. */
struct ogg_page {
	uint8_t lacing[255];
	uint32_t segments, bytes;
	uint8_t body[8192]; /* packets of ours are small */
};

/* False when it has no room for the packet any more. */
bool ogg_page_add(struct ogg_page *p, struct str packet);
/* Appends the page to out and empties it. granule: of its last packet, -1 when none ends here. */
void ogg_page_end(struct ogg_page *p, uint8_t flags, int64_t granule, uint32_t serial,
		  uint32_t number, struct buf *out);

/* A page as it lies in a file. */
struct ogg_read {
	uint8_t flags;
	int64_t granule;
	uint32_t serial, number;
	struct str lacing, body; /* views */
	size_t size;		 /* of the whole page */
};
/* The page at the beginning of bytes. ERR_INVALID: none, torn, or its checksum is wrong. */
MUST_USE enum err ogg_page_read(struct str bytes, struct ogg_read *out);
/* Marks a page that lies in memory as the last one. */
void ogg_page_mark_last(char *page, size_t size);
