/* image_test.c - images: saved once a turn, gone when gone, and brought back in the right order. */
#include <stdlib.h>

#include "core/batch.h"
#include "core/core.h"
#include "tests/test.h"

enum { THINGS = 8 };

/* A room with things of two kinds; one of kind VOICE needs its leg of the same slot. */
struct shelf {
	struct room room;
	uint32_t ages[IMAGE_KIND_COUNT][THINGS], values[IMAGE_KIND_COUNT][THINGS];
	uint32_t saves, loaded;
	bool refuses;
};

static bool shelf_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	struct shelf *s = CONTAINER_OF(r, struct shelf, room);
	s->saves++;
	if (s->ages[kind][id.slot] != id.age)
		return false;
	buf_u64(out, s->values[kind][id.slot]);
	return true;
}

static enum err shelf_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	struct shelf *s = CONTAINER_OF(r, struct shelf, room);
	uint32_t value;
	if (s->refuses || str_to_u32(image, UINT32_MAX, &value) != ERR_OK)
		return ERR_INVALID;
	EXPECT(kind != IMAGE_VOICE || s->ages[IMAGE_LEG][id.slot]); /* earlier kinds first */
	s->ages[kind][id.slot] = id.age;
	s->values[kind][id.slot] = value;
	return ERR_OK;
}

static void shelf_loaded(struct room *r)
{
	CONTAINER_OF(r, struct shelf, room)->loaded++;
}

struct life {
	struct core core;
	struct shelf shelf;
};

static void life_begin(struct life *l)
{
	*l = (struct life){0};
	core_init(&l->core, &(struct core_limits){.contacts = 4, .objects = 4}, 1, 0);
	l->shelf.room = (struct room){.name = "shelf",
				      .save = shelf_save,
				      .load = shelf_load,
				      .loaded = shelf_loaded,
				      .images = BIT(IMAGE_LEG) | BIT(IMAGE_VOICE)};
	core_add_room(&l->core, &l->shelf.room);
	core_turn_begin(&l->core, 1, 1);
}

static void set(struct life *l, enum image_kind kind, struct id id, uint32_t value)
{
	l->shelf.ages[kind][id.slot] = id.age;
	l->shelf.values[kind][id.slot] = value;
	core_touch(&l->core, kind, id);
}

static void gone(struct life *l, enum image_kind kind, struct id id)
{
	l->shelf.ages[kind][id.slot] = 0;
	core_touch(&l->core, kind, id);
}

static uint32_t feed(struct core *c, struct str batch)
{
	struct batch_item item;
	uint32_t n = 0;
	core_load_batch(c, batch, UINT32_MAX);
	while (batch_next(&batch, &item) == ERR_OK)
		n++;
	return n;
}

/* The turn ends; its batch goes into `stored`; the next begins. Returns how many items it had. */
static uint32_t next_turn(struct life *l, struct buf *stored)
{
	struct str bytes = core_turn_end(&l->core).bytes, rest = bytes;
	struct batch_item item;
	uint32_t n = 0;
	buf_put(stored, bytes);
	while (batch_next(&rest, &item) == ERR_OK)
		n++;
	core_turn_begin(&l->core, l->core.now_ms + 1, 1);
	return n;
}

static void life_end(struct life *l)
{
	core_turn_end(&l->core);
	core_finish(&l->core);
}

TEST(what_is_touched_is_saved_once_a_turn)
{
	struct life l;
	struct buf stored = buf_grow(256);
	const struct id a = {1, 1};
	life_begin(&l);
	EXPECT(next_turn(&l, &stored) == 0);
	for (uint32_t i = 0; i < 5; i++)
		set(&l, IMAGE_LEG, a, i);
	EXPECT(next_turn(&l, &stored) == 1 && l.shelf.saves == 1);
	EXPECT(next_turn(&l, &stored) == 0 && l.shelf.saves == 1);
	gone(&l, IMAGE_LEG, a);
	EXPECT(next_turn(&l, &stored) == 1);
	gone(&l, IMAGE_LEG, a); /* gone is told once */
	gone(&l, IMAGE_LEG, (struct id){2, 1});
	EXPECT(next_turn(&l, &stored) == 0);
	life_end(&l);
	buf_free(&stored);
}

TEST(a_slot_given_back_and_taken_within_one_turn)
{
	for (int order = 0; order < 2; order++) {
		struct life l, next;
		struct buf stored = buf_grow(256);
		const struct id old = {3, 1}, new = {3, 3};
		life_begin(&l);
		set(&l, IMAGE_LEG, old, 10);
		next_turn(&l, &stored);
		if (order == 0)
			gone(&l, IMAGE_LEG, old);
		set(&l, IMAGE_LEG, new, 20);
		core_touch(&l.core, IMAGE_LEG, old);
		core_touch(&l.core, IMAGE_LEG, new);
		next_turn(&l, &stored);
		life_begin(&next);
		feed(&next.core, buf_str(&stored));
		EXPECT(core_loaded(&next.core) == 0);
		EXPECT(next.shelf.ages[IMAGE_LEG][3] == 3 && next.shelf.values[IMAGE_LEG][3] == 20);
		life_end(&next);
		life_end(&l);
		buf_free(&stored);
	}
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

/* The turn ends; its batch goes into `stored`, and with a piece of everything alive into `pieces`.
 */
static void next_turn_in_pieces(struct life *l, struct buf *stored, struct core_save *at,
				struct buf *pieces)
{
	size_t before = stored->n;
	next_turn(l, stored);
	buf_put(pieces, str_from(buf_str(stored), before));
	(void)core_save_some(&l->core, at, 1, collect, pieces);
}

/* The law of segments: images of all the turns, one saving of everything, and the turns since some
 * moment with everything saved in pieces between them give the same. */
TEST(replaying_all_turns_is_as_good_as_saving_everything)
{
	struct life l, replayed, saved, pieced;
	struct buf turns = buf_grow(256), whole = buf_grow(256), pieces = buf_grow(256);
	struct core_save at = {0};
	uint64_t z = 11;
	uint32_t age[THINGS] = {0};
	life_begin(&l);
	for (int i = 0; i < 500; i++) {
		z = z * 6364136223846793005ull + 1442695040888963407ull;
		struct id id = {1 + (uint32_t)(z >> 40) % (THINGS - 1), 0};
		enum image_kind kind = IMAGE_LEG;
		bool lives = l.shelf.ages[kind][id.slot] != 0;
		if (!lives)
			age[id.slot] += 2;
		id.age = age[id.slot] - 1;
		if (lives && (z >> 20) % 3 == 0) {
			gone(&l, kind, id);
		} else {
			set(&l, kind, id, (uint32_t)i);
			if (i % 7 == 0 || l.shelf.ages[IMAGE_VOICE][id.slot])
				set(&l, IMAGE_VOICE, (struct id){id.slot, 1}, (uint32_t)i);
		}
		if (lives && !l.shelf.ages[kind][id.slot] && l.shelf.ages[IMAGE_VOICE][id.slot])
			gone(&l, IMAGE_VOICE, (struct id){id.slot, 1});
		if (i % 3 == 0 && i > 400)
			next_turn_in_pieces(&l, &turns, &at, &pieces);
		else if (i % 3 == 0)
			next_turn(&l, &turns);
	}
	next_turn_in_pieces(&l, &turns, &at, &pieces);
	EXPECT(core_save_some(&l.core, &at, 1, collect, &pieces));
	core_save_all(&l.core, collect, &whole);
	life_begin(&replayed);
	life_begin(&saved);
	EXPECT(feed(&replayed.core, buf_str(&turns)) > feed(&saved.core, buf_str(&whole)));
	EXPECT(core_loaded(&replayed.core) == 0 && core_loaded(&saved.core) == 0);
	EXPECT(replayed.shelf.loaded == 1);
	life_begin(&pieced);
	feed(&pieced.core, buf_str(&pieces));
	EXPECT(core_loaded(&pieced.core) == 0);
	for (int kind = 0; kind < IMAGE_KIND_COUNT; kind++)
		for (int slot = 0; slot < THINGS; slot++) {
			uint32_t want = l.shelf.ages[kind][slot];
			EXPECT(replayed.shelf.ages[kind][slot] == want);
			EXPECT(saved.shelf.ages[kind][slot] == want);
			EXPECT(pieced.shelf.ages[kind][slot] == want);
			EXPECT(!want ||
			       pieced.shelf.values[kind][slot] == l.shelf.values[kind][slot]);
			EXPECT(!want ||
			       replayed.shelf.values[kind][slot] == l.shelf.values[kind][slot]);
			EXPECT(!want ||
			       saved.shelf.values[kind][slot] == l.shelf.values[kind][slot]);
		}
	life_end(&replayed);
	life_end(&saved);
	life_end(&pieced);
	life_end(&l);
	buf_free(&turns);
	buf_free(&whole);
	buf_free(&pieces);
}

TEST(images_that_cannot_live_on_are_dropped_and_told_gone)
{
	struct life l;
	struct buf stored = buf_grow(256);
	struct batch_item item;
	life_begin(&l);
	l.shelf.refuses = true;
	core_load(&l.core, IMAGE_LEG, (struct id){1, 5}, STR("7"));
	core_load(&l.core, IMAGE_CONTACT, (struct id){2, 1}, STR("not a contact"));
	core_load(&l.core, IMAGE_AGENT, (struct id){3, 1}, STR("nobody plays that room"));
	core_load(&l.core, IMAGE_KIND_COUNT, (struct id){1, 1}, STR("of a later version"));
	core_load(&l.core, IMAGE_LEG, (struct id){0, 1}, STR("no slot"));
	core_load(&l.core, IMAGE_LEG, (struct id){UINT32_MAX, 1}, STR("no such place"));
	EXPECT(core_loaded(&l.core) == 3);
	EXPECT(next_turn(&l, &stored) == 3);
	struct str rest = buf_str(&stored);
	while (batch_next(&rest, &item) == ERR_OK)
		EXPECT(item.type == BATCH_GONE);
	life_end(&l);
	buf_free(&stored);
}

TEST(the_last_image_fed_counts_and_only_its_own_end)
{
	struct life l;
	life_begin(&l);
	core_load(&l.core, IMAGE_LEG, (struct id){1, 1}, STR("1"));
	core_load(&l.core, IMAGE_LEG, (struct id){1, 3}, STR("2"));
	core_unload(&l.core, IMAGE_LEG, (struct id){1, 1}); /* of the one before */
	core_load(&l.core, IMAGE_LEG, (struct id){2, 1}, STR("3"));
	core_unload(&l.core, IMAGE_LEG, (struct id){2, 1});
	core_unload(&l.core, IMAGE_LEG, (struct id){2, 1});
	core_unload(&l.core, IMAGE_LEG, (struct id){900, 1});
	core_unload(&l.core, IMAGE_NONE, (struct id){1, 1});
	EXPECT(core_loaded(&l.core) == 0);
	EXPECT(l.shelf.ages[IMAGE_LEG][1] == 3 && l.shelf.values[IMAGE_LEG][1] == 2);
	EXPECT(l.shelf.ages[IMAGE_LEG][2] == 0);
	life_end(&l);
	/* fed and never loaded: nothing leaks */
	life_begin(&l);
	core_load(&l.core, IMAGE_LEG, (struct id){1, 1}, STR("1"));
	life_end(&l);
}
