/* wall.c - wallboards: their links, what one shows, whether a token is good; see walls.h. */
#include <jansson.h>
#include <sodium.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define SECRET_TEXT 32u /* characters of base64: 24 random bytes */
#define DAY_MS 86400000ll
#define LOOK_MS 600000ll /* a test's figures end then, and may be asked for again */
#define KEPT_NAME 80

static void kept_name(struct str id, char out[KEPT_NAME])
{
	struct buf b = buf_make(out, KEPT_NAME - 1);
	buf_fmt(&b, "wallboard:" STR_FMT, STR_ARG(id));
	out[b.n] = '\0';
}

/* The secret, then the tenant and the wallboard, in base64 for addresses. */
static void make_token(struct str tenant, struct str id, char *out, size_t room)
{
	unsigned char secret[24];
	char which[140];
	struct buf b = buf_make(which, sizeof which);
	randombytes_buf(secret, sizeof secret);
	buf_fmt(&b, STR_FMT "/" STR_FMT, STR_ARG(tenant), STR_ARG(id));
	CHECK(!b.full && room > SECRET_TEXT + sodium_base64_ENCODED_LEN(sizeof which, 7));
	sodium_bin2base64(out, SECRET_TEXT + 1, secret, sizeof secret,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_bin2base64(out + SECRET_TEXT, room - SECRET_TEXT, (unsigned char *)which, b.n,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool take_token(struct str token, char *which, size_t room, struct str *tenant,
		       struct str *id)
{
	size_t n;
	if (token.n <= SECRET_TEXT || token.n > 220 ||
	    sodium_base642bin((unsigned char *)which, room, token.p + SECRET_TEXT,
			      token.n - SECRET_TEXT, NULL, &n, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	return str_cut(str_make(which, n), '/', tenant, id) && tenant->n && tenant->n < 64 &&
	       id->n && id->n < 64;
}

static enum err the_wallboard(struct clerk *me, struct str tenant, struct str id, struct buf *out)
{
	const enum err e = registry_get(clerk_registry(me), KIND_wallboard, tenant, id, out);
	clerk_registry_done(me);
	return e;
}

enum err run_wall_link(struct clerk *me, struct job *j)
{
	char token[256], hash[65];
	struct buf doc = buf_grow(1024), kept = buf_grow(256);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *o;
	const json_t *days = json_object_get(body, "days");
	const int64_t expires_ms = clock_utc_ms() + (days ? json_integer_value(days) : 90) * DAY_MS;
	json_decref(body);
	enum err e = the_wallboard(me, j->match.tenant, j->match.id, &doc);
	if (e == ERR_OK) {
		make_token(j->match.tenant, j->match.id, token, sizeof token);
		token_hash(str_of(token), hash);
		o = json_loadb(doc.p, doc.n, 0, NULL);
		buf_fmt(&kept, "{\"hash\":\"%s\",\"expires_at_ms\":%lld,\"version\":%lld}", hash,
			(long long)expires_ms,
			(long long)json_integer_value(json_object_get(o, "version")));
		json_decref(o);
		struct ask *a = clerk_ask(me, j, ASK_WALL);
		a->object = arena_copy(&a->arena, j->match.id);
		a->text = arena_copy(&a->arena, buf_str(&kept));
		a->expires_at_ms = expires_ms;
		e = clerk_wait(me, j, &a);
		ask_free(a);
	}
	buf_free(&doc);
	buf_free(&kept);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	char url[280];
	struct buf b = buf_make(url, sizeof url);
	buf_fmt(&b, "/wall/%s", token);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "url", buf_str(&b));
	jsonw_ktime(&w, "expires_at", expires_ms);
	jsonw_close(&w, '}');
	answer_json(j, 201);
	return ERR_OK;
}

/* It was deleted since: whoever declares one of its name again does not open it by that link. */
static void deleted_row(void *arg, const struct object_row *o)
{
	int64_t *version = arg;
	if (*version >= 0 && (int64_t)o->version > *version && !o->doc.n)
		*version = -1;
}

/* The link it has now; ERR_NOT_FOUND: none. */
static enum err kept_link(struct clerk *me, struct str tenant, struct str id, char hash[65],
			  int64_t *expires_ms)
{
	char name[KEPT_NAME];
	struct buf text = buf_grow(256);
	kept_name(id, name);
	enum err e = query_user_kept(me->reader, tenant, str_of(name), "wall_link", &text);
	json_t *kept = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	int64_t version = json_integer_value(json_object_get(kept, "version"));
	*expires_ms = json_integer_value(json_object_get(kept, "expires_at_ms"));
	if (e == ERR_OK &&
	    (!str_copy(json_str(json_object_get(kept, "hash")), hash, 65) || strlen(hash) != 64))
		e = ERR_NOT_FOUND;
	json_decref(kept);
	buf_free(&text);
	if (e == ERR_OK)
		e = query_versions(me->reader, KIND_wallboard, tenant, id, deleted_row, &version);
	return e == ERR_OK && version < 0 ? ERR_NOT_FOUND : e;
}

/* Is that it? */
static enum err is_kept(struct clerk *me, struct str tenant, struct str id, struct str token,
			int64_t *expires_ms)
{
	char known[65], hash[65];
	const enum err e = kept_link(me, tenant, id, known, expires_ms);
	token_hash(token, hash);
	return e == ERR_OK && (sodium_memcmp(known, hash, 64) != 0 || *expires_ms <= clock_utc_ms())
		       ? ERR_NOT_FOUND
		       : e;
}

static void take_tile(struct wall *w, const json_t *o, struct wall_tile *t)
{
	const json_t *queues = json_object_get(o, "queues"), *v;
	size_t i;
	if (measure_from(json_str(json_object_get(o, "measure")), &t->measure) != ERR_OK)
		t->measure = MEASURE_trunks_down; /* of a later version: unknown */
	str_copy(json_str(json_object_get(o, "queue")), t->queue, sizeof t->queue);
	if (!json_array_size(queues))
		return;
	t->queues = arena_alloc(&w->arena, json_array_size(queues) * sizeof *t->queues);
	json_array_foreach((json_t *)queues, i, v) t->queues[t->queue_count++] =
		arena_copy(&w->arena, json_str(v));
}

static void take_pages(struct wall *w)
{
	json_t *o = json_loadb(w->doc.p, w->doc.n, 0, NULL), *page, *tile;
	const json_t *pages = json_object_get(o, "pages");
	size_t i, k;
	w->pages = arena_alloc(&w->arena, (json_array_size(pages) + 1) * sizeof *w->pages);
	json_array_foreach((json_t *)pages, i, page)
	{
		json_t *tiles = json_object_get(page, "tiles");
		struct wall_page *p = &w->pages[w->page_count++];
		*p = (struct wall_page){.tiles = arena_alloc(&w->arena, (json_array_size(tiles) +
									 1) * sizeof *p->tiles)};
		json_array_foreach(tiles, k, tile)
		{
			struct wall_tile *t = &p->tiles[p->tile_count++];
			*t = (struct wall_tile){0};
			take_tile(w, tile, t);
		}
	}
	json_decref(o);
}

/* As it is declared now. */
static enum err wall_open(struct clerk *me, struct str tenant, struct str id, struct str token,
			  int64_t expires_ms, struct wall **out)
{
	struct buf doc = buf_grow(1024);
	const enum err e = the_wallboard(me, tenant, id, &doc);
	if (e == ERR_OK) {
		struct arena a;
		arena_init(&a);
		struct wall *w = arena_alloc(&a, sizeof *w);
		*w = (struct wall){.tenant = arena_copy(&a, tenant),
				   .id = arena_copy(&a, id),
				   .token = arena_copy(&a, token),
				   .doc = arena_copy(&a, buf_str(&doc)),
				   .expires_at_ms = expires_ms};
		w->arena = a;
		take_pages(w);
		*out = w;
	}
	buf_free(&doc);
	return e;
}

enum err wall_of_id(struct clerk *me, struct str tenant, struct str id, struct wall **out)
{
	return wall_open(me, tenant, id, STR_NONE, clock_utc_ms() + LOOK_MS, out);
}

enum err wall_of_token(struct clerk *me, struct str token, struct wall **out)
{
	char which[220];
	struct str tenant, id;
	int64_t expires_ms;
	if (!take_token(token, which, sizeof which, &tenant, &id))
		return ERR_NOT_FOUND;
	const enum err e = is_kept(me, tenant, id, token, &expires_ms);
	if (e != ERR_OK)
		return e;
	return wall_open(me, tenant, id, token, expires_ms, out);
}

/* The name of a queue; of several their names with a comma between. */
static void put_names(struct clerk *me, struct jsonw *w, struct str tenant, const json_t *tile)
{
	struct buf names = buf_grow(128);
	const json_t *list = json_object_get(tile, "queues"), *one = json_object_get(tile, "queue");
	for (size_t i = 0; i < (one ? 1 : json_array_size(list)); i++) {
		const struct str id = json_str(one ? one : json_array_get(list, i));
		struct buf doc = buf_grow(512);
		const enum err e = registry_get(clerk_registry(me), KIND_queue, tenant, id, &doc);
		clerk_registry_done(me);
		json_t *queue = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
		const struct str name = json_str(json_object_get(queue, "name"));
		if (names.n)
			buf_c(&names, ", ");
		buf_put(&names, name.n ? name : id);
		json_decref(queue);
		buf_free(&doc);
	}
	if (names.n)
		jsonw_kstr(w, "name", buf_str(&names));
	buf_free(&names);
}

static void put_tile(struct clerk *me, struct jsonw *w, struct str tenant, const json_t *tile)
{
	const json_t *queue = json_object_get(tile, "queue"),
		     *target = json_object_get(tile, "target");
	jsonw_open(w, '{');
	jsonw_kstr(w, "measure", json_str(json_object_get(tile, "measure")));
	if (queue)
		jsonw_kstr(w, "queue", json_str(queue));
	put_names(me, w, tenant, tile);
	if (target) {
		jsonw_key(w, "target");
		jsonw_real(w, json_number_value(target));
	}
	jsonw_close(w, '}');
}

/* As told to who has nothing but the link: no names of people, nothing of the house. */
static void put_shown(struct clerk *me, struct jsonw *w, const struct wall *wall)
{
	json_t *o = json_loadb(wall->doc.p, wall->doc.n, 0, NULL), *page, *tile;
	const json_t *rotate = json_object_get(o, "rotate_s");
	const struct str name = json_str(json_object_get(o, "name"));
	size_t i, k;
	jsonw_kstr(w, "name", name.n ? name : wall->id);
	jsonw_ki64(w, "rotate_s", rotate ? json_integer_value(rotate) : 20);
	jsonw_key(w, "pages");
	jsonw_open(w, '[');
	json_array_foreach(json_object_get(o, "pages"), i, page)
	{
		const struct str title = json_str(json_object_get(page, "title"));
		jsonw_open(w, '{');
		if (title.n)
			jsonw_kstr(w, "title", title);
		jsonw_key(w, "tiles");
		jsonw_open(w, '[');
		json_array_foreach(json_object_get(page, "tiles"), k, tile)
			put_tile(me, w, wall->tenant, tile);
		jsonw_close(w, ']');
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
	json_decref(o);
}

/* Guesses are slowed as those of passwords are. */
static enum err open_wall(struct clerk *me, struct job *j, struct wall **out)
{
	const enum err e = wall_of_token(me, j->match.word, out);
	j->password_checked = e == ERR_OK || e == ERR_NOT_FOUND;
	j->password_right = e == ERR_OK;
	return e;
}

enum err run_wall(struct clerk *me, struct job *j)
{
	struct wall *wall;
	const enum err e = open_wall(me, j, &wall);
	if (e != ERR_OK)
		return e;
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	put_shown(me, &w, wall);
	jsonw_ktime(&w, "expires_at", wall->expires_at_ms);
	jsonw_close(&w, '}');
	wall_free(wall);
	answer_json(j, 200);
	return ERR_OK;
}

enum err run_wall_live(struct clerk *me, struct job *j)
{
	return open_wall(me, j, &j->wall);
}

/* -- a test: what it shows, and whether its link is one -- */

enum err run_wallboard_wall(struct clerk *me, struct job *j)
{
	struct wall *wall;
	char hash[65];
	int64_t expires_ms = 0;
	enum err e = wall_of_id(me, j->match.tenant, j->match.id, &wall);
	if (e != ERR_OK)
		return e;
	e = kept_link(me, wall->tenant, wall->id, hash, &expires_ms);
	if (e == ERR_OK || e == ERR_NOT_FOUND) {
		const bool kept = e == ERR_OK, good = kept && expires_ms > clock_utc_ms();
		struct jsonw w = answer_begin(j);
		jsonw_open(&w, '{');
		put_shown(me, &w, wall);
		jsonw_key(&w, "link");
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "state", str_of(good ? "good" : kept ? "over" : "none"));
		jsonw_ktime(&w, "expires_at", kept ? expires_ms : 0);
		jsonw_close(&w, '}');
		jsonw_close(&w, '}');
		answer_json(j, 200);
		e = ERR_OK;
	}
	wall_free(wall);
	return e;
}

enum err run_wallboard_live(struct clerk *me, struct job *j)
{
	return wall_of_id(me, j->match.tenant, j->match.id, &j->wall);
}
