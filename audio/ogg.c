/* ogg.c - see ogg.h. */
#include "audio/ogg.h"

#define HEAD 27
#define AT_CRC 22

/* RFC 3533 §6: polynomial 0x04c11db7, begins with 0, nothing inverted. */
static uint32_t crc_add(uint32_t crc, const uint8_t *p, size_t n)
{
	static uint32_t table[256];
	static bool made; /* the same bytes whoever makes it */
	if (!made) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t r = i << 24;
			for (int bit = 0; bit < 8; bit++)
				r = r & 0x80000000u ? (r << 1) ^ 0x04c11db7u : r << 1;
			table[i] = r;
		}
		made = true;
	}
	for (size_t i = 0; i < n; i++)
		crc = (crc << 8) ^ table[(crc >> 24) ^ p[i]];
	return crc;
}

static void put(uint8_t *p, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

bool ogg_page_add(struct ogg_page *p, struct str packet)
{
	size_t segments = packet.n / 255 + 1;
	if (p->segments + segments > sizeof p->lacing || p->bytes + packet.n > sizeof p->body)
		return false;
	for (size_t left = packet.n;; left -= 255) {
		p->lacing[p->segments++] = (uint8_t)MIN(left, (size_t)255);
		if (left < 255)
			break;
	}
	memcpy(p->body + p->bytes, packet.p, packet.n);
	p->bytes += (uint32_t)packet.n;
	return true;
}

void ogg_page_end(struct ogg_page *p, uint8_t flags, int64_t granule, uint32_t serial,
		  uint32_t number, struct buf *out)
{
	uint8_t head[HEAD] = {'O', 'g', 'g', 'S', 0, flags};
	put(head + 6, (uint64_t)granule, 8);
	put(head + 14, serial, 4);
	put(head + 18, number, 4);
	head[26] = (uint8_t)p->segments;
	uint32_t crc = crc_add(0, head, sizeof head);
	crc = crc_add(crc, p->lacing, p->segments);
	put(head + AT_CRC, crc_add(crc, p->body, p->bytes), 4);
	buf_put(out, str_make((char *)head, sizeof head));
	buf_put(out, str_make((char *)p->lacing, p->segments));
	buf_put(out, str_make((char *)p->body, p->bytes));
	p->segments = p->bytes = 0;
}

/* With the checksum's own place counted as zero. */
static uint32_t page_crc(const uint8_t *p, size_t size)
{
	static const uint8_t zero[4];
	uint32_t crc = crc_add(crc_add(0, p, AT_CRC), zero, sizeof zero);
	return crc_add(crc, p + AT_CRC + 4, size - AT_CRC - 4);
}

enum err ogg_page_read(struct str bytes, struct ogg_read *out)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	size_t size = HEAD;
	if (bytes.n < HEAD || memcmp(p, "OggS", 4) != 0 || p[4] != 0 ||
	    bytes.n < HEAD + (size_t)p[26])
		return ERR_INVALID;
	size += p[26];
	for (size_t i = 0; i < p[26]; i++)
		size += p[HEAD + i];
	if (bytes.n < size || page_crc(p, size) != get(p + AT_CRC, 4))
		return ERR_INVALID;
	*out = (struct ogg_read){
		.flags = p[5],
		.granule = (int64_t)get(p + 6, 8),
		.serial = (uint32_t)get(p + 14, 4),
		.number = (uint32_t)get(p + 18, 4),
		.lacing = str_make(bytes.p + HEAD, p[26]),
		.body = str_make(bytes.p + HEAD + p[26], size - HEAD - p[26]),
		.size = size,
	};
	return ERR_OK;
}

void ogg_page_mark_last(char *page, size_t size)
{
	uint8_t *p = (uint8_t *)page;
	CHECK(size >= HEAD);
	p[5] |= OGG_LAST;
	put(p + AT_CRC, page_crc(p, size), 4);
}
