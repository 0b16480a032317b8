/*
 * trace.c - the SIP messages of the last while, in a circular file that outlives the process.
 *
 * Entries: u32 size, u8 type, i64 utc_ms, body. A message's body: u8 out, text of the peer with a
 * length, the message (cut at MESSAGE_MAX). A leg's body: contact, Call-ID. Printing reads the file
 * twice: which Call-IDs belong to the contact, then their messages. A torn entry (killed while
 * writing) ends the walk of its lap; a trace is a help for people, never a fact.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "channel/voice/line.h"
#include "core/bytes.h"

#define TRACE_BYTES (16u << 20)
#define MESSAGE_MAX 4000u
#define CALLS_MAX 32

struct trace_head {
	char magic[8];
	uint64_t written; /* bytes ever; the place is written % room */
};

struct trace {
	struct trace_head *head;
	char *entries;
	size_t room;
};

enum { ENTRY_SKIP, ENTRY_MESSAGE, ENTRY_LEG };

struct trace *trace_open(struct str path)
{
	char name[512];
	if (!path.n || !str_copy(path, name, sizeof name))
		return NULL;
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	void *map = MAP_FAILED;
	if (posix_fallocate(fd, 0, TRACE_BYTES) == 0)
		map = mmap(NULL, TRACE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return NULL;
	struct trace *t = xcalloc(1, sizeof *t);
	t->head = map;
	t->entries = (char *)map + sizeof *t->head;
	t->room = TRACE_BYTES - sizeof *t->head;
	if (memcmp(t->head->magic, "sipview1", 8) != 0)
		*t->head = (struct trace_head){.magic = "sipview1"};
	return t;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	munmap(t->head, TRACE_BYTES);
	free(t);
}

static void append(struct trace *t, struct str entry)
{
	size_t at = t->head->written % t->room;
	if (t->room - at < entry.n + 4) { /* the rest of this lap stays empty */
		if (t->room - at >= 4)
			memset(t->entries + at, 0, 4);
		t->head->written += t->room - at;
		at = 0;
	}
	memcpy(t->entries + at, entry.p, entry.n);
	if (t->room - at - entry.n >= 4)
		memset(t->entries + at + entry.n, 0, 4); /* what lies behind is of the lap before */
	t->head->written += entry.n;
}

static void finish(struct trace *t, struct buf *b)
{
	uint32_t size = (uint32_t)b->n;
	memcpy(b->p, &size, sizeof size);
	append(t, buf_str(b));
}

/* An INFO's body is a key that was pressed (RFC 6086), perhaps one of a PIN: what a flow masks must
 * stand nowhere, and here nobody knows which those are. */
static struct str without_key(struct str message)
{
	static const struct str blank = {"\r\n\r\n", 4};
	const ptrdiff_t end = str_find_str(message, blank);
	return str_starts(message, STR("INFO ")) && end >= 0
		       ? str_head(message, (size_t)end + blank.n)
		       : message;
}

/* Keys of calls (a=crypto, RFC 4568) stand nowhere but in the calls themselves. A copy where there
 * are any: their bytes become dots. */
static struct str without_keys(struct str message, char room[MESSAGE_MAX])
{
	static const struct str inline_key = {"inline:", 7};
	if (str_find_str(message, inline_key) < 0)
		return message;
	size_t n = MIN(message.n, (size_t)MESSAGE_MAX);
	memcpy(room, message.p, n);
	for (size_t at = 0; at < n;) {
		ptrdiff_t next = str_find_str(str_make(room + at, n - at), inline_key);
		if (next < 0)
			break;
		for (at += (size_t)next + inline_key.n; at < n && (unsigned char)room[at] > ' ';
		     at++)
			room[at] = '.';
	}
	return str_make(room, n);
}

void trace_message(struct trace *t, int64_t utc_ms, bool out, const struct sip_address *peer,
		   struct str bytes)
{
	if (!t)
		return;
	char room[MESSAGE_MAX + 256], hidden[MESSAGE_MAX], text[80];
	struct buf b = buf_make(room, sizeof room), p = buf_make(text, sizeof text);
	sip_address_text(peer, &p);
	put_u32(&b, 0);
	put_u8(&b, ENTRY_MESSAGE);
	put_i64(&b, utc_ms);
	put_u8(&b, out);
	put_word(&b, buf_str(&p));
	put_text(&b, str_head(without_keys(without_key(bytes), hidden), MESSAGE_MAX));
	finish(t, &b);
}

void trace_leg(struct trace *t, int64_t utc_ms, struct uuid contact, struct str call_id)
{
	if (!t)
		return;
	char room[512];
	struct buf b = buf_make(room, sizeof room);
	put_u32(&b, 0);
	put_u8(&b, ENTRY_LEG);
	put_i64(&b, utc_ms);
	put_bytes(&b, contact.b, sizeof contact.b);
	put_word(&b, call_id);
	finish(t, &b);
}

/* Calls `see` for every whole entry, oldest first. */
static void walk(struct trace *t,
		 void (*see)(void *arg, uint8_t type, int64_t utc_ms, struct take *body), void *arg)
{
	uint64_t written = t->head->written;
	size_t at = written % t->room;
	/* the older lap begins somewhere behind `at`, in the middle of an entry: find it by trying
	 */
	for (int lap = written > t->room ? 0 : 1; lap < 2; lap++) {
		size_t from = lap ? 0 : at, to = lap ? at : t->room;
		while (from + 4 < to) {
			uint32_t size;
			memcpy(&size, t->entries + from, sizeof size);
			uint8_t type = (uint8_t)t->entries[from + 4];
			bool whole = size > 13 && size <= MESSAGE_MAX + 256 && from + size <= to &&
				     (type == ENTRY_MESSAGE || type == ENTRY_LEG);
			if (!whole) {
				if (lap)
					break;
				from++; /* not the start of an entry */
				continue;
			}
			struct take body = {.rest = str_make(t->entries + from + 5, size - 5)};
			int64_t utc_ms = take_i64(&body);
			see(arg, type, utc_ms, &body);
			from += size;
		}
	}
}

struct search {
	struct uuid contact;
	struct str calls[CALLS_MAX];
	uint32_t call_count;
	struct buf *out;
};

static void see_leg(void *arg, uint8_t type, int64_t utc_ms, struct take *body)
{
	struct search *s = arg;
	struct uuid contact;
	(void)utc_ms;
	if (type != ENTRY_LEG || s->call_count == CALLS_MAX)
		return;
	take_into(body, contact.b, sizeof contact.b);
	struct str call = take_word(body);
	if (!body->torn && uuid_eq(contact, s->contact))
		s->calls[s->call_count++] = call;
}

static bool wanted(const struct search *s, struct str message)
{
	for (uint32_t i = 0; i < s->call_count; i++)
		if (s->calls[i].n && str_find_str(message, s->calls[i]) >= 0)
			return true;
	return false;
}

static void see_message(void *arg, uint8_t type, int64_t utc_ms, struct take *body)
{
	struct search *s = arg;
	if (type != ENTRY_MESSAGE)
		return;
	bool out = take_u8(body) != 0;
	struct str peer = take_word(body), message = take_text(body), line;
	if (body->torn || !wanted(s, message))
		return;
	time_text(s->out, utc_ms);
	str_line(&message, &line);
	buf_fmt(s->out, "  SIP %s %-22.*s " STR_FMT "\n", out ? "──▶" : "◀──", STR_ARG(peer),
		STR_ARG(line));
	while (str_line(&message, &line))
		buf_fmt(s->out, "                              | " STR_FMT "\n", STR_ARG(line));
}

void trace_print(struct trace *t, struct uuid contact, struct buf *out)
{
	if (!t)
		return;
	struct search s = {.contact = contact, .out = out};
	walk(t, see_leg, &s);
	walk(t, see_message, &s);
}
