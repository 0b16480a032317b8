/*
 * trace_read.c - one contact's messages out of the trace, while its writer goes on.
 *
 * Nothing is locked: what is wanted is copied, then `oldest` is looked at again. The writer moves
 * it before he writes over anything, so a copy of what lay behind it may be half of somebody
 * else's message, and is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/voice/trace.h"
#include "channel/voice/trace_file.h"
#include "core/bytes.h"

/* A queue that rang everybody for an hour; and what a page of them can still show. */
enum { LEGS_MAX = 256, MESSAGES_MAX = 2000, TRIES = 3 };

struct search {
	struct traced *out;
	struct uuid contact;
	uint64_t *leg_places, *places; /* beside out->legs and out->messages */
};

typedef void(see_entry)(struct search *s, uint64_t place, uint8_t type, int64_t utc_ms,
			struct take *body);

static const struct trace_head *map(struct str path, size_t *bytes, enum err *e)
{
	char name[512];
	struct stat is;
	*e = ERR_IO;
	if (!str_copy(path, name, sizeof name))
		return NULL;
	const int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		*e = errno == ENOENT ? ERR_OK : ERR_IO;
		return NULL;
	}
	void *p = MAP_FAILED;
	if (fstat(fd, &is) == 0 && (size_t)is.st_size > sizeof(struct trace_head))
		p = mmap(NULL, *bytes = (size_t)is.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return NULL;
	const struct trace_head *head = p;
	if (memcmp(head->magic, TRACE_MAGIC, 8) == 0 && head->room == *bytes - sizeof *head) {
		*e = ERR_OK;
		return head;
	}
	munmap(p, *bytes);
	return NULL;
}

/* Every entry that was whole when it began, oldest first. False: it came to bytes that are none. */
static bool walk(const struct trace_head *head, see_entry *see, struct search *s)
{
	const char *entries = (const char *)(head + 1);
	const uint64_t written = __atomic_load_n(&head->written, __ATOMIC_ACQUIRE),
		       room = head->room;
	uint64_t place = __atomic_load_n(&head->oldest, __ATOMIC_ACQUIRE);
	while (place < written) {
		const uint64_t at = place % room, left = room - at;
		uint32_t size = 0;
		if (left >= sizeof size)
			memcpy(&size, entries + at, sizeof size);
		if (!size) {
			place += left;
			continue;
		}
		if (size < ENTRY_MIN || size > ENTRY_MAX || size > left)
			return false;
		struct take body = {.rest = str_make(entries + at + 5, size - 5)};
		const int64_t utc_ms = take_i64(&body);
		if (!s->out->since_ms)
			s->out->since_ms = utc_ms;
		see(s, place, (uint8_t)entries[at + 4], utc_ms, &body);
		place += size;
	}
	return true;
}

static void see_leg(struct search *s, uint64_t place, uint8_t type, int64_t utc_ms,
		    struct take *body)
{
	struct traced *out = s->out;
	struct uuid contact;
	(void)utc_ms;
	if (type != ENTRY_LEG)
		return;
	take_into(body, contact.b, sizeof contact.b);
	const struct str call_id = take_word(body);
	const uint8_t party = take_u8(body);
	const struct str who = take_word(body);
	if (body->torn || !uuid_eq(contact, s->contact))
		return;
	if (out->leg_count == LEGS_MAX) {
		out->more = true;
		return;
	}
	s->leg_places[out->leg_count] = place;
	out->legs[out->leg_count++] = (struct traced_leg){
		.call_id = arena_copy(&out->arena, call_id),
		.party = party <= PARTY_supervisor ? (enum party)party : PARTY_system,
		.who = arena_copy(&out->arena, who),
	};
}

/* Of a call that was told twice (it came back to this contact) the first. */
static bool leg_of(const struct traced *out, struct str call_id, uint32_t *leg)
{
	for (*leg = 0; *leg < out->leg_count; ++*leg)
		if (str_eq(out->legs[*leg].call_id, call_id))
			return true;
	return false;
}

static void see_message(struct search *s, uint64_t place, uint8_t type, int64_t utc_ms,
			struct take *body)
{
	struct traced *out = s->out;
	struct traced_message m = {.at_ms = utc_ms};
	if (type != ENTRY_MESSAGE)
		return;
	const uint8_t flags = take_u8(body);
	const struct str peer = take_word(body), call_id = take_word(body);
	if (body->torn || !leg_of(out, call_id, &m.leg))
		return;
	const struct str text = take_text(body);
	if (body->torn)
		return;
	if (out->message_count == MESSAGES_MAX) {
		out->more = true;
		return;
	}
	m.out = flags & MESSAGE_OUT;
	m.cut = flags & MESSAGE_CUT;
	m.peer = arena_copy(&out->arena, peer);
	m.text = arena_copy(&out->arena, text);
	s->places[out->message_count] = place;
	out->messages[out->message_count++] = m;
}

static bool look(const struct trace_head *head, struct search *s)
{
	struct traced *out = s->out;
	uint32_t kept = 0;
	if (!walk(head, see_leg, s) || !walk(head, see_message, s))
		return false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	const uint64_t oldest = __atomic_load_n(&head->oldest, __ATOMIC_SEQ_CST);
	out->written_over = oldest > 0;
	for (uint32_t i = 0; i < out->leg_count; i++)
		if (s->leg_places[i] < oldest)
			return false;
	for (uint32_t i = 0; i < out->message_count; i++)
		if (s->places[i] >= oldest)
			out->messages[kept++] = out->messages[i];
	out->message_count = kept;
	return true;
}

static void empty(struct traced *out)
{
	arena_finish(&out->arena);
	*out = (struct traced){0};
	arena_init(&out->arena);
}

enum err trace_read(struct str path, struct uuid contact, struct traced *out)
{
	size_t bytes;
	enum err e;
	*out = (struct traced){0};
	arena_init(&out->arena);
	const struct trace_head *head = map(path, &bytes, &e);
	if (!head)
		return e;
	bool whole = false;
	for (int i = 0; i < TRIES && !whole; i++) {
		empty(out);
		struct arena *a = &out->arena;
		struct search s = {out, contact, arena_alloc(a, LEGS_MAX * sizeof(uint64_t)),
				   arena_alloc(a, MESSAGES_MAX * sizeof(uint64_t))};
		out->legs = arena_alloc(a, LEGS_MAX * sizeof *out->legs);
		out->messages = arena_alloc(a, MESSAGES_MAX * sizeof *out->messages);
		whole = look(head, &s);
	}
	if (!whole)
		empty(out);
	munmap((void *)(uintptr_t)head, bytes);
	return whole ? ERR_OK : ERR_IO;
}
