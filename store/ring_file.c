/* ring_file.c - see ring_file.h. */
#include "store/ring_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SEGMENT_MAGIC "centring"
#define SEGMENT_VERSION 2u /* 1: nothing was in a segment before it was complete */
#define SEGMENT_BYTES_MAX (1u << 31)

struct segment_header {
	char magic[8];
	uint32_t version, number, epoch, zero;
	uint64_t bytes, first_seq;
	_Atomic uint32_t crc; /* of what stands above */
	_Atomic uint32_t complete;
	char spare[16];
};
_Static_assert(sizeof(struct segment_header) == SEGMENT_HEADER, "header size");

struct record_header {
	_Atomic uint32_t length; /* header and payload; 0: nothing here yet */
	uint32_t crc;		 /* of what follows, header's rest included */
	uint64_t last_seq;
	uint32_t kind, zero;
};
_Static_assert(sizeof(struct record_header) == RECORD_HEADER, "record header size");

static uint32_t crc_table[8][256];

__attribute__((constructor)) static void crc_table_make(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0x82f63b78u ^ (c >> 1) : c >> 1;
		crc_table[0][i] = c;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int t = 1; t < 8; t++)
			crc_table[t][i] = crc_table[0][crc_table[t - 1][i] & 0xff] ^
					  (crc_table[t - 1][i] >> 8);
}

uint32_t crc32c(uint32_t crc, const void *p, size_t n)
{
	const unsigned char *b = p;
	crc = ~crc;
	for (; n >= 8; n -= 8, b += 8) { /* eight bytes a step ("slicing-by-8") */
		uint32_t low, high;
		memcpy(&low, b, 4);
		memcpy(&high, b + 4, 4);
		low ^= crc;
		crc = crc_table[7][low & 0xff] ^ crc_table[6][low >> 8 & 0xff] ^
		      crc_table[5][low >> 16 & 0xff] ^ crc_table[4][low >> 24] ^
		      crc_table[3][high & 0xff] ^ crc_table[2][high >> 8 & 0xff] ^
		      crc_table[1][high >> 16 & 0xff] ^ crc_table[0][high >> 24];
	}
	for (; n; n--, b++)
		crc = crc_table[0][(crc ^ *b) & 0xff] ^ (crc >> 8);
	return ~crc;
}

size_t record_room(size_t payload)
{
	return (RECORD_HEADER + payload + 7) & ~(size_t)7;
}

/* The database lies on the same disk as a rule and must be able to grow while it empties the ring:
 * the last segment's worth of space is not ours. */
static enum err room_on_disk(int fd, size_t bytes)
{
	struct statvfs v;
	if (fstatvfs(fd, &v) < 0)
		return ERR_IO;
	return (uint64_t)v.f_bavail * v.f_frsize < 2 * (uint64_t)bytes ? ERR_DISK_FULL : ERR_OK;
}

static enum err file_make(const char *path, size_t bytes, char **map)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
	enum err e = room_on_disk(fd, bytes);
	if (e == ERR_OK) {
		int no = posix_fallocate(fd, 0, (off_t)bytes);
		if (no)
			e = no == ENOSPC || no == EFBIG ? ERR_DISK_FULL : ERR_IO;
	}
	void *p = MAP_FAILED;
	if (e == ERR_OK)
		p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (e == ERR_OK && p == MAP_FAILED)
		e = ERR_IO;
	close(fd);
	if (e != ERR_OK)
		unlink(path);
	else
		*map = p;
	return e;
}

enum err segment_make(struct str folder, uint32_t number, size_t bytes, struct segment **out)
{
	char path[sizeof((struct segment *)0)->path];
	int n = snprintf(path, sizeof path, STR_FMT "/%08u.ring", STR_ARG(folder), number);
	if (n < 0 || (size_t)n >= sizeof path || bytes > SEGMENT_BYTES_MAX)
		return ERR_TOO_LARGE;
	char *map;
	enum err e = file_make(path, bytes, &map);
	if (e != ERR_OK)
		return e;
	struct segment *s = xcalloc(1, sizeof *s);
	memcpy(s->path, path, sizeof path);
	s->number = number;
	s->map = map;
	s->bytes = bytes;
	s->end = SEGMENT_HEADER;
	*out = s;
	return ERR_OK;
}

void segment_start(struct segment *s, uint32_t epoch, uint64_t last_seq)
{
	s->epoch = epoch;
	s->first_seq = last_seq + 1;
	s->last_seq = last_seq;
	struct segment_header *h = (struct segment_header *)(void *)s->map;
	memcpy(h->magic, SEGMENT_MAGIC, sizeof h->magic);
	h->version = SEGMENT_VERSION;
	h->number = s->number;
	h->epoch = epoch;
	h->bytes = s->bytes;
	h->first_seq = s->first_seq;
	atomic_store_explicit(&h->crc, crc32c(0, h, offsetof(struct segment_header, crc)),
			      memory_order_release);
}

void segment_complete(struct segment *s)
{
	struct segment_header *h = (struct segment_header *)(void *)s->map;
	atomic_store_explicit(&h->complete, 1, memory_order_release);
}

bool segment_is_complete(const struct segment *s)
{
	const struct segment_header *h = (const struct segment_header *)(const void *)s->map;
	return atomic_load_explicit(&h->complete, memory_order_acquire);
}

static enum err header_check(const struct segment_header *h, size_t bytes)
{
	if (bytes < SEGMENT_HEADER || memcmp(h->magic, SEGMENT_MAGIC, sizeof h->magic) != 0)
		return ERR_NOT_FOUND;
	if (h->version > SEGMENT_VERSION)
		return ERR_UNSUPPORTED;
	if (h->crc != crc32c(0, h, offsetof(struct segment_header, crc)) || h->bytes != bytes)
		return ERR_NOT_FOUND;
	bool whole = h->version > 1 || atomic_load_explicit(&h->complete, memory_order_acquire);
	return whole ? ERR_OK : ERR_NOT_FOUND;
}

/* Checks the record at `at` by its own words, not by s->end. Returns its length, 0: none. */
static size_t record_check(const struct segment *s, size_t at)
{
	if (at + RECORD_HEADER > s->bytes)
		return 0;
	const struct record_header *h = (const struct record_header *)(void *)(s->map + at);
	size_t length = atomic_load_explicit(&h->length, memory_order_acquire);
	if (length < RECORD_HEADER || length > s->bytes - at)
		return 0;
	if (h->crc != crc32c(0, &h->last_seq, length - offsetof(struct record_header, last_seq)))
		return 0;
	return length;
}

enum err segment_open(const char *path, struct segment **out)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	struct stat st = {0};
	void *p = MAP_FAILED;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)SEGMENT_HEADER &&
	    st.st_size <= (off_t)SEGMENT_BYTES_MAX)
		p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return st.st_size < (off_t)SEGMENT_HEADER ? ERR_NOT_FOUND : ERR_IO;
	const struct segment_header *h = p;
	enum err e = header_check(h, (size_t)st.st_size);
	if (e != ERR_OK) {
		munmap(p, (size_t)st.st_size);
		return e;
	}
	struct segment *s = xcalloc(1, sizeof *s);
	CHECK(str_copy(str_of(path), s->path, sizeof s->path));
	s->number = h->number;
	s->epoch = h->epoch;
	s->first_seq = h->first_seq;
	s->map = p;
	s->bytes = (size_t)st.st_size;
	size_t at = SEGMENT_HEADER;
	uint64_t last = h->first_seq - 1;
	for (size_t length; (length = record_check(s, at)) != 0;) {
		const struct record_header *r = (const struct record_header *)(void *)(s->map + at);
		last = MAX(last, r->last_seq);
		at += record_room(length - RECORD_HEADER);
	}
	s->end = at;
	s->last_seq = last;
	*out = s;
	return ERR_OK;
}

void segment_close(struct segment *s)
{
	munmap(s->map, s->bytes);
	free(s);
}

void segment_rest(const struct segment *s)
{
	(void)madvise(s->map, s->bytes, MADV_DONTNEED); /* shared: the page cache keeps it */
}

void segment_delete(struct segment *s)
{
	unlink(s->path);
	segment_close(s);
}

bool segment_fits(const struct segment *s, size_t payload)
{
	return record_room(payload) <= s->bytes - s->end;
}

void segment_write(struct segment *s, enum record_kind kind, uint64_t last_seq, struct str payload)
{
	size_t at = s->end, room = record_room(payload.n);
	CHECK(room <= s->bytes - at);
	struct record_header *h = (struct record_header *)(void *)(s->map + at);
	h->last_seq = last_seq;
	h->kind = kind;
	h->zero = 0;
	if (payload.n)
		memcpy(s->map + at + RECORD_HEADER, payload.p, payload.n);
	h->crc = crc32c(0, &h->last_seq,
			RECORD_HEADER + payload.n - offsetof(struct record_header, last_seq));
	if (at + room + sizeof(uint32_t) <= s->bytes)
		memset(s->map + at + room, 0, sizeof(uint32_t));
	atomic_store_explicit(&h->length, (uint32_t)(RECORD_HEADER + payload.n),
			      memory_order_release);
	if (last_seq > s->last_seq)
		atomic_store_explicit(&s->last_seq, last_seq, memory_order_release);
	atomic_store_explicit(&s->end, at + room, memory_order_release);
}

bool segment_read(const struct segment *s, size_t *at, struct ring_record *out)
{
	if (*at >= atomic_load_explicit(&s->end, memory_order_acquire))
		return false;
	const struct record_header *h = (const struct record_header *)(void *)(s->map + *at);
	size_t length = atomic_load_explicit(&h->length, memory_order_relaxed);
	out->kind = (enum record_kind)h->kind;
	out->last_seq = h->last_seq;
	out->bytes = str_make(s->map + *at + RECORD_HEADER, length - RECORD_HEADER);
	*at += record_room(length - RECORD_HEADER);
	return true;
}
