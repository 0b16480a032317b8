/* site_test.c - see site_test.h; holds no test of its own. */
#include "objects/site_test.h"

const uint8_t FIXTURE_KEY[32] = {1, 2, 3};
char last_errors[16384], last_doc[16384];
const char *last_op;

bool has(struct str text, const char *what)
{
	return str_find_str(text, str_of(what)) >= 0;
}

struct str site_acme(void)
{
	static struct str text;
	if (!text.n)
		text = test_file("tests/data/site/acme.json");
	return text;
}

/* Commits what was prepared; the version of the last change, 0: none, minus the error. */
static int settle(struct registry *g, enum err e, struct registry_result *r)
{
	int version = e == ERR_OK ? 0 : -(int)e;
	EXPECT(str_copy(buf_str(&r->errors), last_errors, sizeof last_errors));
	EXPECT((e == ERR_OK) == (r->errors.n == 0) || e == ERR_NOT_FOUND);
	EXPECT(e == ERR_OK || r->change_count == 0);
	if (e == ERR_OK && r->change_count) {
		const struct registry_change *c = &r->changes[r->change_count - 1];
		version = (int)c->version;
		last_op = c->op;
		EXPECT(str_copy(c->doc, last_doc, sizeof last_doc));
		EXPECT((c->config == NULL) == str_is(str_of(c->op), "deleted"));
	}
	if (e == ERR_OK)
		registry_commit(g, r);
	return version;
}

int site_apply(struct registry *g, struct str body)
{
	struct registry_result r;
	int version = settle(g, registry_prepare_site(g, body, &r), &r);
	int n = version < 0 ? -1 : (int)r.change_count;
	registry_result_finish(&r);
	return n;
}

struct registry *site_registry(void)
{
	struct registry *g = registry_create(FIXTURE_KEY);
	EXPECT(site_apply(g, site_acme()) == 12);
	return g;
}

static struct str tenant_of(enum object_kind kind, const char *id)
{
	return kind == KIND_tenant ? str_of(id) : STR("acme");
}

int put(struct registry *g, enum object_kind kind, const char *id, const char *body)
{
	struct registry_result r;
	int version = settle(
		g, registry_prepare_put(g, kind, tenant_of(kind, id), str_of(id), str_of(body), &r),
		&r);
	registry_result_finish(&r);
	return version;
}

int drop(struct registry *g, enum object_kind kind, const char *id)
{
	struct registry_result r;
	int version = settle(
		g, registry_prepare_delete(g, kind, tenant_of(kind, id), str_of(id), &r), &r);
	registry_result_finish(&r);
	return version;
}

int rollback(struct registry *g, enum object_kind kind, const char *id, const char *doc)
{
	struct registry_result r;
	int version = settle(g,
			     registry_prepare_rollback(g, kind, tenant_of(kind, id), str_of(id),
						       str_of(doc), &r),
			     &r);
	registry_result_finish(&r);
	return version;
}

struct str got(struct registry *g, enum object_kind kind, const char *id)
{
	static char room[16384];
	struct buf b = buf_make(room, sizeof room);
	if (registry_get(g, kind, tenant_of(kind, id), str_of(id), &b) != ERR_OK)
		return STR_NONE;
	return buf_str(&b);
}

struct wanted {
	enum object_kind kind;
	struct str id;
	struct config **found;
};

static void take_config(void *arg, struct config *c, uint32_t version)
{
	struct wanted *w = arg;
	(void)version;
	if (c->kind == w->kind && str_eq(c->id, w->id) && !*w->found)
		*w->found = c;
	else
		config_free(c);
}

__attribute__((destructor)) static void forget(void);
static struct config *kept;

const struct config *compiled(struct registry *g, enum object_kind kind, const char *id)
{
	static const struct config nothing;
	struct wanted w = {kind, str_of(id), &kept};
	forget();
	registry_compile_all(g, take_config, &w);
	return kept ? kept : &nothing;
}

static void forget(void)
{
	config_free(kept);
	kept = NULL;
}
