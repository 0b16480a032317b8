/* pool.c - see pool.h. */
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

struct place {
	uint32_t age;  /* odd: given out, even: free */
	uint32_t next; /* next free slot while free */
};

struct pool {
	const char *name;
	size_t size;
	uint32_t total, limit, count, peak, birth;
	uint32_t high; /* slots above were never given out: untouched memory stays unmapped */
	uint32_t free_first, free_last;
	struct place *places; /* index = slot; [0] unused */
	char *items;
};

#define POOL_TOTAL_MAX (16u << 20)

struct pool *pool_create(const char *name, size_t size, uint32_t count)
{
	CHECK(count > 0 && count <= POOL_TOTAL_MAX && size > 0);
	struct pool *p = xcalloc(1, sizeof *p);
	p->name = name;
	p->size = (size + 15) & ~(size_t)15;
	p->total = p->limit = count;
	p->places = xcalloc(count + 1u, sizeof *p->places);
	p->items = xcalloc(count + 1u, p->size);
	return p;
}

void pool_destroy(struct pool *p)
{
	if (!p)
		return;
	free(p->places);
	free(p->items);
	free(p);
}

static void *item_at(const struct pool *p, uint32_t slot)
{
	return p->items + (size_t)slot * p->size;
}

static void *give_out(struct pool *p, uint32_t slot)
{
	p->count++;
	p->peak = MAX(p->peak, p->count);
	void *item = item_at(p, slot);
	memset(item, 0, p->size);
	return item;
}

void *pool_take(struct pool *p, struct id *id)
{
	if (p->count >= p->limit)
		return NULL;
	uint32_t slot = p->free_first;
	if (slot) {
		p->free_first = p->places[slot].next;
		if (!p->free_first)
			p->free_last = 0;
	} else {
		slot = ++p->high;
		CHECK(slot <= p->total);
		p->places[slot].age = p->birth;
	}
	p->places[slot].age++;
	*id = (struct id){slot, p->places[slot].age};
	return give_out(p, slot);
}

static void free_list_push(struct pool *p, uint32_t slot)
{
	p->places[slot].next = 0;
	if (p->free_last)
		p->places[p->free_last].next = slot;
	else
		p->free_first = slot;
	p->free_last = slot;
}

static void free_list_remove(struct pool *p, uint32_t slot)
{
	uint32_t prev = 0;
	for (uint32_t at = p->free_first; at != slot; at = p->places[at].next) {
		CHECK(at);
		prev = at;
	}
	uint32_t next = p->places[slot].next;
	if (prev)
		p->places[prev].next = next;
	else
		p->free_first = next;
	if (p->free_last == slot)
		p->free_last = prev;
}

void *pool_take_at(struct pool *p, struct id id)
{
	if (!id.slot || id.slot > p->total || !(id.age & 1))
		return NULL;
	if (id.slot <= p->high && (p->places[id.slot].age & 1))
		return NULL;
	if (id.slot <= p->high)
		free_list_remove(p, id.slot);
	while (p->high < id.slot) {
		p->places[++p->high].age = p->birth;
		if (p->high != id.slot)
			free_list_push(p, p->high);
	}
	p->places[id.slot].age = id.age;
	return give_out(p, id.slot);
}

void pool_give(struct pool *p, void *item)
{
	struct id id = pool_id(p, item);
	CHECK(p->places[id.slot].age & 1);
	p->places[id.slot].age++;
	p->count--;
	free_list_push(p, id.slot);
}

void *pool_get(const struct pool *p, struct id id)
{
	if (!id.slot || id.slot > p->high || p->places[id.slot].age != id.age || !(id.age & 1))
		return NULL;
	return item_at(p, id.slot);
}

struct id pool_id(const struct pool *p, const void *item)
{
	size_t offset = (size_t)((const char *)item - p->items);
	CHECK(offset % p->size == 0 && offset / p->size <= p->high);
	uint32_t slot = (uint32_t)(offset / p->size);
	return (struct id){slot, p->places[slot].age};
}

uint32_t pool_count(const struct pool *p)
{
	return p->count;
}

uint32_t pool_limit(const struct pool *p)
{
	return p->limit;
}

uint32_t pool_peak(const struct pool *p)
{
	return p->peak;
}

const char *pool_name(const struct pool *p)
{
	return p->name;
}

void pool_born(struct pool *p, uint32_t birth)
{
	CHECK(p->high == 0);
	p->birth = birth & ~1u;
}

void pool_starve(struct pool *p, uint32_t limit)
{
	p->limit = MIN(limit, p->total);
}

void *pool_next(const struct pool *p, uint32_t *slot)
{
	while (++*slot <= p->high)
		if (p->places[*slot].age & 1)
			return item_at(p, *slot);
	return NULL;
}
