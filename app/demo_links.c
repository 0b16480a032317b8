/* demo_links.c - see demo.h. */
#include "app/demo.h"

#include <sodium.h>

#include "os/clock.h"

void demo_links_make(struct demo_links *l, const char *tenant)
{
	static const struct {
		const char *door, *user;
	} doors[] = {{"agent", "anna"}, {"super", "simon"}, {"admin", "ada"}, {"", ""}};
	*l = (struct demo_links){.tenant = tenant};
	for (size_t i = 0; i < COUNT_OF(doors); i++) {
		struct demo_key *k = &l->keys[i];
		unsigned char secret[16];
		struct buf hex = buf_make(k->key, sizeof k->key - 1);
		os_random(secret, sizeof secret);
		buf_hex(&hex, secret, sizeof secret);
		k->door = doors[i].door;
		k->user = doors[i].user;
		k->again = !*k->door;
	}
}

static struct demo_key *by_key(struct demo_links *l, struct str key)
{
	for (size_t i = 0; i < COUNT_OF(l->keys); i++)
		if (key.n == sizeof l->keys[i].key - 1 &&
		    sodium_memcmp(key.p, l->keys[i].key, key.n) == 0)
			return &l->keys[i];
	return NULL;
}

static const char *user_of(const struct demo_links *l, struct str door)
{
	for (size_t i = 0; i < COUNT_OF(l->keys); i++)
		if (*l->keys[i].door && str_is(door, l->keys[i].door))
			return l->keys[i].user;
	return NULL;
}

void demo_links_asked(void *links, struct str line, struct buf *answer)
{
	struct demo_links *l = links;
	struct str word, key, door;
	str_cut(line, ' ', &word, &key);
	str_cut(key, ' ', &key, &door);
	struct demo_key *k = str_is(word, "enter") ? by_key(l, key) : NULL;
	const char *user = !k ? NULL : k->again ? user_of(l, door) : k->user;
	if (!user || k->spent) {
		buf_c(answer, user ? "no this link was used already\n"
				   : "no this link is not one of this demo\n");
		return;
	}
	k->spent = !k->again;
	buf_fmt(answer, "ok %s %s\n", l->tenant, user);
}
