/* backups.c - copies of everything stored, for the people of the house (store/backup.h). */
#include <unistd.h>

#include "os/clock.h"
#include "store/backup.h"
#include "web/customers.h"

static void put_backup(struct jsonw *w, const struct backup_row *b)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(b->id));
	jsonw_kstr(w, "state", b->whole ? STR("whole") : STR("making"));
	if (b->whole) {
		jsonw_ktime(w, "at", b->at_ms);
		jsonw_ki64(w, "bytes", b->bytes);
		jsonw_key(w, "seq");
		jsonw_u64(w, b->seq);
		jsonw_ki64(w, "files", b->files);
		jsonw_kstr(w, "version", str_of(b->version));
	}
	jsonw_close(w, '}');
}

/* Who made or took away a copy of everybody's data is for the audit. */
static enum err tell(struct clerk *me, struct job *j, struct str id, int64_t bytes)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_backup_made, &a);
	a->tenant = STR("system");
	ev->backup_made.backup = arena_copy(&a->arena, id);
	ev->backup_made.by = a->actor;
	ev->backup_made.bytes = bytes;
	return customers_say(me, j, a);
}

static bool going(void *arg)
{
	return !atomic_load(&((struct web *)arg)->stopping);
}

enum err run_backup(struct clerk *me, struct job *j)
{
	struct web *w = me->web;
	struct backup_row row;
	struct backup_options o = {.folder = w->backups,
				   .sounds = w->sounds,
				   .version = w->version,
				   .now_ms = clock_utc_ms(),
				   .going = going,
				   .arg = w};
	os_random(&o.dice, sizeof o.dice);
	backup_key_print(registry_key_bytes(clerk_registry(me)), o.key_print);
	clerk_registry_done(me);
	/* everything said so far is to be in it */
	if (!store_catch_up(w->o.store, 10000)) {
		str_copy(STR("the database takes nothing now: a copy would lack the newest"),
			 j->detail, sizeof j->detail);
		return ERR_AGAIN;
	}
	enum err e = backup_make(me->reader, &o, &row);
	if (e == ERR_UNSUPPORTED)
		str_copy(
			STR("the database is PostgreSQL: copy it with pg_dump, and DIR/prompts and "
			    "DIR/secret.key with it (docs/administer.md, Backups)"),
			j->detail, sizeof j->detail);
	if (e == ERR_OK)
		e = tell(me, j, str_of(row.id), row.bytes);
	if (e != ERR_OK)
		return e;
	struct jsonw out = answer_begin(j);
	put_backup(&out, &row);
	answer_json(j, 201);
	return ERR_OK;
}

static void each(void *arg, const struct backup_row *b)
{
	put_backup(arg, b);
}

enum err run_backups(struct clerk *me, struct job *j)
{
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_open(&w, '[');
	backup_each(me->web->backups, each, &w);
	jsonw_close(&w, ']');
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

/* The file itself, as something to be kept, not shown. */
enum err run_backup_get(struct clerk *me, struct job *j)
{
	struct backup_row row;
	int fd;
	enum err e = backup_open(me->web->backups, j->match.id, &row, &fd);
	if (e != ERR_OK)
		return e;
	j->match.tenant = STR("system"); /* whose audit tells it */
	e = customers_viewed(me, j, "backup", STR_NONE, j->match.id, 1);
	if (e != ERR_OK) {
		close(fd);
		return e;
	}
	e = answer_file(j, fd, row.bytes, "application/x-tar", row.id);
	buf_fmt(&j->answer.extra,
		"Content-Disposition: attachment; filename=\"centrala-%s.tar\"\r\n", row.id);
	return e;
}

enum err run_backup_delete(struct clerk *me, struct job *j)
{
	enum err e = backup_delete(me->web->backups, j->match.id);
	if (e == ERR_OK)
		e = tell(me, j, j->match.id, 0);
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}
