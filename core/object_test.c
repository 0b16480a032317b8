/* object_test.c - the table of declared objects: ids that stay, die, and names that outlive. */
#include <stdio.h>
#include <stdlib.h>

#include "core/object.h"
#include "tests/test.h"

static struct config *config(enum object_kind kind, const char *tenant, const char *name)
{
	struct config *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = arena_copy(&c->arena, str_of(tenant));
	c->id = arena_copy(&c->arena, str_of(name));
	return c;
}

static struct id put(struct objects *os, enum object_kind kind, const char *tenant,
		     const char *name, uint32_t version)
{
	struct id id = {0};
	EXPECT(objects_put(os, config(kind, tenant, name), version, &id) == ERR_OK);
	return id;
}

TEST(an_objects_id_stays_while_it_is_replaced)
{
	struct objects *os = objects_create(4, 1, 0);
	struct id a = put(os, KIND_queue, "acme", "sales", 1);
	struct id again = put(os, KIND_queue, "acme", "sales", 2);
	EXPECT(ID_EQ(a, again) && objects_count(os) == 1);
	const struct object *o = objects_get(os, a);
	EXPECT(o && o->version == 2 && o->kind == KIND_queue);
	EXPECT_STR(o->name, "sales");
	EXPECT_STR(o->tenant, "acme");
	EXPECT(objects_find(os, KIND_queue, STR("acme"), STR("sales")) == o);
	/* the same name of another kind or tenant is somebody else */
	struct id b = put(os, KIND_user, "acme", "sales", 1);
	struct id c = put(os, KIND_queue, "beta", "sales", 1);
	EXPECT(!ID_EQ(a, b) && !ID_EQ(a, c) && objects_count(os) == 3);
	EXPECT(!objects_find(os, KIND_flow, STR("acme"), STR("sales")));
	EXPECT(queue_config(os, ID_AS(queue_id, a)) && !agent_config(os, ID_AS(agent_id, a)));
	EXPECT(agent_config(os, ID_AS(agent_id, b)) && !queue_config(os, ID_AS(queue_id, b)));
	objects_destroy(os);
	objects_destroy(NULL);
}

TEST(a_dropped_object_keeps_its_name_for_facts)
{
	struct objects *os = objects_create(4, 1, 0);
	struct id a = put(os, KIND_queue, "acme", "sales", 1);
	struct id dropped = objects_drop(os, KIND_queue, STR("acme"), STR("sales"));
	EXPECT(ID_EQ(dropped, a));
	dropped = objects_drop(os, KIND_queue, STR("acme"), STR("sales"));
	EXPECT(ID_NONE(dropped));
	EXPECT(!objects_get(os, a) && objects_count(os) == 0);
	EXPECT(!queue_config(os, ID_AS(queue_id, a)));
	EXPECT(objects_who(os, a) && !objects_who(os, a)->config);
	EXPECT_STR(objects_who(os, a)->name, "sales");
	/* born again it is another one */
	struct id b = put(os, KIND_queue, "acme", "sales", 1);
	EXPECT(!ID_EQ(a, b) && objects_get(os, b) && !objects_get(os, a));
	objects_destroy(os);
}

TEST(a_full_table_uses_the_places_of_the_gone)
{
	struct objects *os = objects_create(3, 1, 1u << 16);
	struct id id[3], more;
	char name[16];
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "q%d", i);
		id[i] = put(os, KIND_queue, "acme", name, 1);
		EXPECT(id[i].age > 1u << 16);
	}
	struct config *c = config(KIND_queue, "acme", "q3");
	EXPECT(objects_put(os, c, 1, &more) == ERR_FULL);
	config_free(c);
	objects_drop(os, KIND_queue, STR("acme"), STR("q1"));
	more = put(os, KIND_queue, "acme", "q3", 1);
	EXPECT(more.slot == id[1].slot && more.age != id[1].age);
	EXPECT(!objects_who(os, id[1]) && objects_get(os, more));
	for (int i = 4; i < 50; i++) { /* around and around */
		snprintf(name, sizeof name, "q%d", i - 1);
		objects_drop(os, KIND_queue, STR("acme"), str_of(name));
		snprintf(name, sizeof name, "q%d", i);
		struct id next = put(os, KIND_queue, "acme", name, 1);
		EXPECT(!objects_get(os, more) && objects_get(os, next));
		more = next;
	}
	EXPECT(objects_count(os) == 3);
	objects_destroy(os);
}

TEST(objects_are_walked_by_kind_in_order_of_creation)
{
	struct objects *os = objects_create(8, 1, 0);
	put(os, KIND_queue, "acme", "b", 1);
	put(os, KIND_user, "acme", "x", 1);
	put(os, KIND_queue, "acme", "a", 1);
	put(os, KIND_queue, "acme", "gone", 1);
	objects_drop(os, KIND_queue, STR("acme"), STR("gone"));
	put(os, KIND_queue, "acme", "b", 2);
	uint32_t at = 0;
	EXPECT_STR(objects_next(os, KIND_queue, &at)->name, "b");
	EXPECT_STR(objects_next(os, KIND_queue, &at)->name, "a");
	EXPECT(!objects_next(os, KIND_queue, &at));
	EXPECT(!objects_get(os, (struct id){0}) && !objects_get(os, (struct id){99, 1}));
	char huge[400];
	memset(huge, 'x', sizeof huge);
	EXPECT(!objects_find(os, KIND_queue, str_make(huge, 400), str_make(huge, 400)));
	objects_destroy(os);
}
