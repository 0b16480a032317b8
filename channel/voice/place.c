/* place.c - see place.h. */
#include "channel/voice/place.h"

#include <stdlib.h>

#include "core/bytes.h"

enum { IMAGE_RECORDS_BYTES = 12000, PLACE_IMAGE = 1 };

void places_finish(struct places *ps)
{
	for (uint32_t i = 0; i < ps->room; i++)
		free(ps->names[i].records);
	free(ps->names);
	*ps = (struct places){0};
}

static void forget(struct place_name *n)
{
	free(n->records);
	*n = (struct place_name){0};
}

void places_begin(struct places *ps)
{
	for (uint32_t i = 0; i < ps->room; i++)
		ps->names[i].used = false;
}

void places_end(struct places *ps)
{
	for (uint32_t i = 0; i < ps->room; i++)
		if (ps->names[i].state != NAME_FREE && !ps->names[i].used)
			forget(&ps->names[i]);
}

static struct place_name *name_at(struct places *ps, enum dns_kind kind, struct str name)
{
	for (uint32_t i = 0; i < ps->room; i++)
		if (ps->names[i].state != NAME_FREE && ps->names[i].kind == kind &&
		    str_ieq(str_of(ps->names[i].name), name))
			return &ps->names[i];
	return NULL;
}

static struct place_name *free_at(struct places *ps, uint32_t from)
{
	for (uint32_t i = from; i < ps->room; i++)
		if (ps->names[i].state == NAME_FREE)
			return &ps->names[i];
	uint32_t at = MAX(ps->room, from), room = MAX(16u, at * 2);
	ps->names = xrealloc(ps->names, room * sizeof *ps->names);
	memset(ps->names + ps->room, 0, (room - ps->room) * sizeof *ps->names);
	ps->room = room;
	return &ps->names[at];
}

/* NULL: the name is too long. Pointers die with the next use. */
static const struct place_name *use(struct places *ps, enum dns_kind kind, const char *service,
				    struct str host)
{
	char text[DNS_NAME_MAX + 1];
	struct buf b = buf_make(text, DNS_NAME_MAX);
	buf_c(&b, service);
	buf_put(&b, host);
	if (b.full)
		return NULL;
	struct place_name *n = name_at(ps, kind, buf_str(&b));
	if (!n) {
		n = free_at(ps, 0);
		*n = (struct place_name){.state = NAME_NEW, .kind = kind};
		CHECK(str_copy(buf_str(&b), n->name, sizeof n->name));
	}
	n->used = true;
	return n;
}

/* -- finding -- */

struct finding {
	struct places *ps;
	struct place *out;
	uint32_t count, room;
};

static void add_addresses(struct finding *f, struct str host, uint16_t port,
			  enum sip_transport transport, const struct dns_record *srv)
{
	struct place p = {.address = {.transport = transport, .port = port}};
	if (srv) {
		p.priority = srv->priority;
		p.weight = srv->weight;
	}
	if (sip_address_parse(host, port, &p.address) == ERR_OK) {
		p.address.transport = transport;
		if (f->count < f->room)
			f->out[f->count++] = p;
		return;
	}
	const struct place_name *n = use(f->ps, DNS_ADDRESS, "", host);
	for (uint32_t i = 0; n && i < n->count && f->count < f->room; i++) {
		p.address.family = n->records[i].family;
		memcpy(p.address.ip, n->records[i].ip, sizeof p.address.ip);
		f->out[f->count++] = p;
	}
}

static int by_priority(const void *a, const void *b)
{
	return (int)((const struct dns_record *)a)->priority -
	       (int)((const struct dns_record *)b)->priority;
}

/* True: there are records, or nobody knows yet. */
static bool add_services(struct finding *f, const char *service, struct str host,
			 enum sip_transport transport)
{
	const struct place_name *n = use(f->ps, DNS_SRV, service, host);
	if (!n || n->state == NAME_NEW || !n->count)
		return n && n->state == NAME_NEW;
	/* copied: finding the targets may move the names */
	uint32_t count = n->count;
	struct dns_record *srv = xcalloc(count, sizeof *srv);
	memcpy(srv, n->records, count * sizeof *srv);
	qsort(srv, count, sizeof *srv, by_priority);
	for (uint32_t i = 0; i < count; i++)
		add_addresses(f, str_of(srv[i].target), srv[i].port, transport, &srv[i]);
	free(srv);
	return true;
}

uint32_t places_find(struct places *ps, struct str host, uint16_t port, enum place_way way,
		     struct place *out, uint32_t room)
{
	struct finding f = {ps, out, 0, room};
	struct sip_address literal;
	static const enum sip_transport plain[] = {SIP_UDP, SIP_UDP, SIP_TCP, SIP_TLS};
	uint16_t usual = way == PLACE_TLS ? 5061 : 5060;
	bool found = false;
	if (!port && sip_address_parse(host, usual, &literal) != ERR_OK) {
		if (way == PLACE_ANY || way == PLACE_UDP)
			found = add_services(&f, "_sip._udp.", host, SIP_UDP);
		if (!found && (way == PLACE_ANY || way == PLACE_TCP))
			found = add_services(&f, "_sip._tcp.", host, SIP_TCP);
		if (way == PLACE_TLS)
			found = add_services(&f, "_sips._tcp.", host, SIP_TLS);
	}
	if (!found)
		add_addresses(&f, host, port ? port : usual, plain[way], NULL);
	return f.count;
}

/* -- asking -- */

bool places_due(struct places *ps, int64_t now_ms, enum dns_kind *kind, struct str *name)
{
	for (uint32_t i = 0; i < ps->room; i++) {
		struct place_name *n = &ps->names[i];
		if (n->state == NAME_FREE || n->asked || n->ask_ms > now_ms)
			continue;
		n->asked = true;
		*kind = n->kind;
		*name = str_of(n->name);
		return true;
	}
	return false;
}

int64_t places_next_ms(const struct places *ps)
{
	int64_t next = INT64_MAX;
	for (uint32_t i = 0; i < ps->room; i++)
		if (ps->names[i].state != NAME_FREE && !ps->names[i].asked)
			next = MIN(next, ps->names[i].ask_ms);
	return next;
}

static bool same(const struct dns_record *a, const struct dns_record *b)
{
	return a->family == b->family && !memcmp(a->ip, b->ip, sizeof a->ip) &&
	       a->priority == b->priority && a->weight == b->weight && a->port == b->port &&
	       str_ieq(str_of(a->target), str_of(b->target));
}

static int in_order(const void *one, const void *other)
{
	const struct dns_record *a = one, *b = other;
	int ip = memcmp(a->ip, b->ip, sizeof a->ip), target = strcmp(a->target, b->target);
	return a->priority != b->priority ? (int)a->priority - (int)b->priority
	       : target			  ? target
	       : a->port != b->port	  ? (int)a->port - (int)b->port
	       : a->family != b->family	  ? (int)a->family - (int)b->family
					  : ip;
}

/* Servers turn their records round with every answer: sorted, the same set is the same. */
static bool replace(struct place_name *n, const struct dns_answer *a)
{
	struct dns_record *records = NULL;
	uint32_t count = 0;
	if (a->err == ERR_OK) {
		records = xcalloc(a->count, sizeof *records);
		for (uint32_t i = 0; i < a->count; i++) /* RFC 2782: "." is no such service */
			if (a->kind == DNS_ADDRESS ||
			    (a->records[i].target[0] && !str_is(str_of(a->records[i].target), ".")))
				records[count++] = a->records[i];
		qsort(records, count, sizeof *records, in_order);
	}
	bool changed = n->state == NAME_NEW || count != n->count;
	for (uint32_t i = 0; !changed && i < count; i++)
		changed = !same(&records[i], &n->records[i]);
	free(n->records);
	n->records = records;
	n->count = count;
	return changed;
}

bool places_answer(struct places *ps, const struct dns_answer *a, int64_t now_ms, uint64_t dice,
		   uint32_t *slot)
{
	struct place_name *n = name_at(ps, a->kind, a->name);
	bool changed;
	if (!n || !n->asked)
		return false; /* forgotten meanwhile */
	int64_t wait_ms;
	*slot = (uint32_t)(n - ps->names);
	n->asked = false;
	if (a->err == ERR_OK || a->err == ERR_NOT_FOUND) {
		changed = replace(n, a);
		wait_ms = a->err == ERR_NOT_FOUND
				  ? PLACE_NONE_MS
				  : MIN(MAX((int64_t)a->ttl_s * 1000, (int64_t)PLACE_TTL_MIN_MS),
					(int64_t)PLACE_TTL_MAX_MS);
		n->state = NAME_KNOWN;
	} else {
		/* what was good stays; without SRV to be had its name alone may still do */
		changed = n->state == NAME_NEW;
		n->state = NAME_KNOWN;
		wait_ms = PLACE_FAILED_MS;
	}
	/* up to a tenth earlier, so that names declared together do not ask together for ever */
	n->ask_ms = now_ms + wait_ms - (int64_t)(dice % (uint64_t)(wait_ms / 10 + 1));
	return changed;
}

/* -- for the next life -- */

bool places_save(const struct places *ps, uint32_t slot, struct buf *out)
{
	const struct place_name *n = slot < ps->room ? &ps->names[slot] : NULL;
	if (!n || n->state != NAME_KNOWN || !n->count)
		return false;
	size_t begin = out->n;
	put_u8(out, PLACE_IMAGE);
	put_u8(out, (uint8_t)n->kind);
	put_word(out, str_of(n->name));
	size_t count_at = out->n;
	uint16_t count = 0;
	put_u16(out, 0);
	for (; count < n->count && out->n - begin < IMAGE_RECORDS_BYTES; count++) {
		const struct dns_record *r = &n->records[count];
		put_u8(out, r->family);
		put_bytes(out, r->ip, sizeof r->ip);
		put_u16(out, r->priority);
		put_u16(out, r->weight);
		put_u16(out, r->port);
		put_word(out, str_of(r->target));
	}
	if (!out->full)
		memcpy(out->p + count_at, &count, sizeof count);
	return true;
}

enum err places_load(struct places *ps, uint32_t slot, struct str image)
{
	struct take t = {.rest = image};
	struct place_name got = {.state = NAME_KNOWN};
	if (take_u8(&t) != PLACE_IMAGE)
		return ERR_INVALID;
	uint8_t kind = take_u8(&t);
	got.kind = (enum dns_kind)kind;
	if (kind > DNS_SRV || !str_copy(take_word(&t), got.name, sizeof got.name) || !got.name[0])
		return ERR_INVALID;
	uint16_t count = take_u16(&t);
	struct dns_record *records = xcalloc(DNS_RECORDS_MAX, sizeof *records);
	while (got.count < count && !t.torn && got.count < DNS_RECORDS_MAX) {
		struct dns_record *r = &records[got.count++];
		r->family = take_u8(&t);
		struct str ip = take_bytes(&t, sizeof r->ip);
		if (!t.torn)
			memcpy(r->ip, ip.p, ip.n);
		r->priority = take_u16(&t);
		r->weight = take_u16(&t);
		r->port = take_u16(&t);
		if (!str_copy(take_word(&t), r->target, sizeof r->target) ||
		    (kind == DNS_ADDRESS && r->family != 4 && r->family != 6))
			t.torn = true;
	}
	if (t.torn || t.rest.n || name_at(ps, got.kind, str_of(got.name))) {
		free(records);
		return ERR_INVALID;
	}
	while (slot >= ps->room)
		(void)free_at(ps, ps->room);
	struct place_name *n = &ps->names[slot];
	free(n->records);
	*n = got;
	n->records = records;
	return ERR_OK;
}
