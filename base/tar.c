/* tar.c - see tar.h. */
#include "base/tar.h"

#include "base/check.h"

/* Where fields stand in a head, and how long they are. */
#define NAME 0, 100
#define MODE 100, 8
#define UID 108, 8
#define GID 116, 8
#define SIZE 124, 12
#define MTIME 136, 12
#define CHKSUM 148, 8
#define TYPEFLAG 156
#define MAGIC 257
#define SIZE_OCTAL_MAX 077777777777ull

static void put_octal(char *head, size_t at, size_t room, uint64_t v)
{
	for (size_t i = room - 1; i-- > 0; v >>= 3)
		head[at + i] = (char)('0' + (v & 7));
	head[at + room - 1] = '\0';
}

static void put_binary(char *head, size_t at, size_t room, uint64_t v)
{
	for (size_t i = room; i-- > 0; v >>= 8)
		head[at + i] = (char)(v & 0xff);
	head[at] = (char)0x80;
}

static uint64_t sum(const char head[TAR_BLOCK])
{
	uint64_t n = 0;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		n += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	return n;
}

void tar_head(char out[TAR_BLOCK], struct str name, uint64_t bytes, int64_t mtime_s)
{
	CHECK(name.n && name.n <= 100 && mtime_s >= 0);
	memset(out, 0, TAR_BLOCK);
	memcpy(out, name.p, name.n);
	put_octal(out, MODE, 0600);
	put_octal(out, UID, 0);
	put_octal(out, GID, 0);
	if (bytes <= SIZE_OCTAL_MAX)
		put_octal(out, SIZE, bytes);
	else
		put_binary(out, SIZE, bytes);
	put_octal(out, MTIME, (uint64_t)mtime_s);
	out[TYPEFLAG] = '0';
	memcpy(out + MAGIC,
	       "ustar\0"
	       "00",
	       8);
	put_octal(out, CHKSUM, sum(out));
}

static bool take_octal(const char *head, size_t at, size_t room, uint64_t *out)
{
	uint64_t v = 0;
	size_t i = 0;
	while (i < room && head[at + i] == ' ')
		i++;
	const size_t from = i;
	for (; i < room && head[at + i] >= '0' && head[at + i] <= '7'; i++)
		v = v << 3 | (uint64_t)(head[at + i] - '0');
	*out = v;
	return i > from && (i == room || head[at + i] == '\0' || head[at + i] == ' ');
}

static bool take_size(const char *head, size_t at, size_t room, uint64_t *out)
{
	if (!(head[at] & 0x80))
		return take_octal(head, at, room, out);
	uint64_t v = 0;
	for (size_t i = 1; i < room; i++) {
		if (i < room - 8 && head[at + i])
			return false;
		v = v << 8 | (unsigned char)head[at + i];
	}
	*out = v;
	return v <= INT64_MAX;
}

enum err tar_read(const char in[TAR_BLOCK], struct tar_entry *out)
{
	uint64_t said, bytes;
	size_t zeros = 0;
	while (zeros < TAR_BLOCK && !in[zeros])
		zeros++;
	if (zeros == TAR_BLOCK)
		return ERR_NOT_FOUND;
	if (!take_octal(in, CHKSUM, &said) || said != sum(in) || !take_size(in, SIZE, &bytes) ||
	    memcmp(in + MAGIC, "ustar", 5) != 0 || (in[TYPEFLAG] != '0' && in[TYPEFLAG]) || !in[0])
		return ERR_INVALID;
	memcpy(out->name, in, 100);
	out->name[100] = '\0';
	out->bytes = bytes;
	return ERR_OK;
}
