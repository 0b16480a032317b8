/* trace.c - writing the trace (trace.h); what must not be shown stays out here. */
#include "channel/voice/trace.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel/voice/trace_file.h"
#include "core/bytes.h"

struct trace {
	struct trace_head *head;
	char *entries;
	uint64_t room;
};

struct trace *trace_open(struct str path, uint32_t mib)
{
	char name[512];
	struct stat is;
	const size_t bytes = (size_t)MIN(MAX(mib, 1), TRACE_MIB_MAX) << 20;
	if (!path.n || !str_copy(path, name, sizeof name))
		return NULL;
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	void *map = MAP_FAILED;
	if (fstat(fd, &is) == 0 && ((size_t)is.st_size <= bytes || !ftruncate(fd, 0)) &&
	    posix_fallocate(fd, 0, (off_t)bytes) == 0)
		map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return NULL;
	struct trace *t = xcalloc(1, sizeof *t);
	t->head = map;
	t->entries = (char *)map + sizeof *t->head;
	t->room = bytes - sizeof *t->head;
	if (memcmp(t->head->magic, TRACE_MAGIC, 8) != 0 || t->head->room != t->room ||
	    t->head->oldest > t->head->written || t->head->written - t->head->oldest > t->room)
		*t->head = (struct trace_head){.magic = TRACE_MAGIC, .room = t->room};
	return t;
}

void trace_close(struct trace *t)
{
	if (!t)
		return;
	munmap(t->head, t->room + sizeof *t->head);
	free(t);
}

/* -- the circle -- */

/* Behind the entry that lies there; `written` when it is none. */
static uint64_t behind(const struct trace *t, uint64_t place)
{
	const uint64_t at = place % t->room, left = t->room - at;
	uint32_t size = 0;
	if (left >= sizeof size)
		memcpy(&size, t->entries + at, sizeof size);
	if (!size)
		return place + left;
	return size >= ENTRY_MIN && size <= ENTRY_MAX && size <= left ? place + size
								      : t->head->written;
}

/* Readers look at `oldest` again when they have what they want: it goes on before a byte of what
 * it leaves behind is written over (trace_read.c). */
static void make_room(struct trace *t, uint64_t until)
{
	uint64_t oldest = t->head->oldest;
	while (oldest < t->head->written && oldest + t->room < until)
		oldest = behind(t, oldest);
	__atomic_store_n(&t->head->oldest, MIN(oldest, t->head->written), __ATOMIC_SEQ_CST);
}

static void append(struct trace *t, struct buf *entry)
{
	const uint32_t size = (uint32_t)entry->n, none = 0;
	uint64_t place = t->head->written, left = t->room - place % t->room;
	if (entry->full)
		return;
	memcpy(entry->p, &size, sizeof size);
	make_room(t, place + (left < size ? left : 0) + size);
	if (left < size) { /* the rest of this lap stays empty */
		if (left >= sizeof none)
			memcpy(t->entries + place % t->room, &none, sizeof none);
		place += left;
	}
	memcpy(t->entries + place % t->room, entry->p, size);
	__atomic_store_n(&t->head->written, place + size, __ATOMIC_RELEASE);
}

/* -- what is kept of a message -- */

struct kept {
	struct buf *out;
	struct str call_id, method; /* views into the message */
	bool cut, hides;	    /* the header at hand is not shown */
};

static void put(struct kept *k, struct str s)
{
	const struct str fits = str_head(s, k->out->cap - k->out->n);
	k->cut |= fits.n < s.n;
	buf_put(k->out, fits);
}

static void dots(char *from, size_t n)
{
	for (size_t i = 0; i < n && (unsigned char)from[i] > ' '; i++)
		from[i] = '.';
}

static bool ends_uri(char c)
{
	return c == '<' || c == '"' || c == ',' || c == ' ' || c == '\t' || !c;
}

/* sip:USER:PASSWORD@HOST, RFC 3261 section 19.1.1: the password of each becomes dots. */
static void hide_passwords(char *p, size_t n)
{
	for (char *at = p; (at = memchr(at, '@', (size_t)(p + n - at))); at++) {
		char *from = at;
		while (from > p && !ends_uri(from[-1]))
			from--;
		const struct str said = str_make(from, (size_t)(at - from));
		const size_t scheme = str_ieq(str_head(said, 4), STR("sip:"))	 ? 4
				      : str_ieq(str_head(said, 5), STR("sips:")) ? 5
										 : 0;
		const ptrdiff_t colon = scheme ? str_find(str_from(said, scheme), ':') : -1;
		if (colon >= 0) {
			char *word = from + scheme + colon + 1;
			dots(word, (size_t)(at - word));
		}
	}
}

/* Most names are none of those that are looked at; this says so by their first letter. */
static bool may_matter(char first)
{
	const char c = (char)(first | 0x20);
	return c < 'a' || c > 'z' || c == 'a' || c == 'c' || c == 'i' || c == 'p' || c == 'w';
}

/* Who proves to be somebody does it there: RFC 3261 sections 20.6, 20.7, 20.27, 20.28, 20.44. */
static bool is_proof(struct str name)
{
	static const struct str names[] = {
		{"Authorization", 13},	     {"Proxy-Authorization", 19},
		{"WWW-Authenticate", 16},    {"Proxy-Authenticate", 18},
		{"Authentication-Info", 19}, {"Proxy-Authentication-Info", 25}};
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

/* One line of the head, with its end. */
static void keep_header(struct kept *k, struct str line)
{
	struct str name, value;
	if (line.p[0] == ' ' || line.p[0] == '\t') { /* RFC 3261 section 7.3.1: it goes on */
		if (k->hides)
			return;
	} else if (!may_matter(line.p[0])) {
		k->hides = false;
	} else if (str_cut(line, ':', &name, &value)) {
		name = str_trim(name);
		value = str_trim(value);
		k->hides = is_proof(name);
		if (str_ieq(name, STR("Call-ID")) || str_ieq(name, STR("i")))
			k->call_id = value;
		if (str_ieq(name, STR("CSeq"))) {
			const ptrdiff_t blank = str_find(value, ' ');
			k->method = blank < 0 ? STR_NONE : str_trim(str_from(value, (size_t)blank));
		}
	}
	if (k->hides) {
		str_cut(line, ':', &name, &value);
		put(k, name);
		put(k, STR(": (hidden)\r\n"));
		return;
	}
	const size_t at = k->out->n;
	put(k, line);
	hide_passwords(k->out->p + at, k->out->n - at);
}

/* Keys of calls (RFC 4568, RFC 8839) stand nowhere but in the calls themselves. */
static const struct str inline_key = {"inline:", 7}, ice = {"a=ice-pwd:", 10};

static void keep_line_of_body(struct kept *k, struct str line)
{
	const size_t at = k->out->n;
	put(k, line);
	char *p = k->out->p + at;
	const size_t n = k->out->n - at;
	if (str_starts(str_make(p, n), ice))
		dots(p + ice.n, n - ice.n);
	for (size_t done = 0; done < n;) {
		const ptrdiff_t next = str_find_str(str_make(p + done, n - done), inline_key);
		if (next < 0)
			break;
		done += (size_t)next + inline_key.n;
		dots(p + done, n - done);
	}
}

static struct str take_line(struct str *rest)
{
	const ptrdiff_t end = str_find(*rest, '\n');
	const struct str line = end < 0 ? *rest : str_head(*rest, (size_t)end + 1);
	*rest = str_from(*rest, line.n);
	return line;
}

/* An INFO's body is a key that was pressed (RFC 6086), perhaps one of a PIN: what a flow masks must
 * stand nowhere, and here nobody knows which those are. A MESSAGE's is what somebody wrote. */
static bool of_people(struct str message)
{
	return str_starts(message, STR("INFO ")) || str_starts(message, STR("MESSAGE "));
}

static void keep(struct kept *k, struct str message)
{
	struct str rest = message, line = STR_NONE;
	while (rest.n && str_trim(line = take_line(&rest)).n)
		keep_header(k, line);
	put(k, line); /* the blank one */
	if (of_people(message))
		return;
	if (str_find_str(rest, inline_key) < 0 && str_find_str(rest, ice) < 0)
		put(k, rest); /* as most are: no key in it */
	else
		while (rest.n)
			keep_line_of_body(k, take_line(&rest));
}

/* Registrations and signs of life belong to no contact, and there are more of them than of anything
 * else: they would wash the calls away. */
static bool of_no_contact(const struct kept *k)
{
	return !k->call_id.n || str_is(k->method, "REGISTER") || str_is(k->method, "OPTIONS");
}

void trace_message(struct trace *t, int64_t utc_ms, bool out, const struct sip_address *peer,
		   struct str bytes)
{
	if (!t)
		return;
	char room[ENTRY_MAX], said[MESSAGE_MAX], text[80];
	struct buf b = buf_make(room, sizeof room), p = buf_make(text, sizeof text),
		   message = buf_make(said, sizeof said);
	struct kept k = {.out = &message};
	keep(&k, bytes);
	if (of_no_contact(&k))
		return;
	sip_address_text(peer, &p);
	put_u32(&b, 0);
	put_u8(&b, ENTRY_MESSAGE);
	put_i64(&b, utc_ms);
	put_u8(&b, (uint8_t)((out ? MESSAGE_OUT : 0) | (k.cut ? MESSAGE_CUT : 0)));
	put_word(&b, buf_str(&p));
	put_word(&b, k.call_id);
	put_text(&b, buf_str(&message));
	append(t, &b);
}

void trace_leg(struct trace *t, int64_t utc_ms, struct uuid contact, struct str call_id,
	       enum party party, struct str who)
{
	if (!t || !call_id.n)
		return;
	char room[ENTRY_MAX];
	struct buf b = buf_make(room, sizeof room);
	put_u32(&b, 0);
	put_u8(&b, ENTRY_LEG);
	put_i64(&b, utc_ms);
	put_bytes(&b, contact.b, sizeof contact.b);
	put_word(&b, call_id);
	put_u8(&b, (uint8_t)party);
	put_word(&b, who);
	append(t, &b);
}
