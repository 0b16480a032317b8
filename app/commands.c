/* commands.c - apply, export, ctl, check: to a running server through its socket, else to the
 * store. */
#include "app/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "app/client.h"
#include "app/file.h"
#include "app/house.h"
#include "objects/forms.h"
#include "os/log.h"

static int complain(const char *what, struct str detail)
{
	fprintf(stderr, "centrala: %s" STR_FMT "\n", what, STR_ARG(detail));
	return 1;
}

/* -- a stopped server: we hold its lock, open what it would, and close it again -- */

static int lock_stopped(const char *dir)
{
	char path[SETTING_MAX + 32];
	snprintf(path, sizeof path, "%s/lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	complain(dir, fd < 0 ? STR(": cannot be opened") : STR(": a server starts or stops there"));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int with_house(struct command_line *c, int (*work)(struct command_line *c, struct house *h))
{
	static struct house h;
	char room[1024];
	struct buf why = buf_make(room, sizeof room);
	int lock = lock_stopped(c->settings.dir);
	if (lock < 0)
		return 1;
	log_level_set(LOG_ERROR);
	int status = house_open(&h, &c->settings, STR_NONE, NULL, HOUSE_FRESH, &why) == ERR_OK
			     ? work(c, &h)
			     : complain("", buf_str(&why));
	house_close(&h);
	close(lock);
	return status;
}

/* -- what a running server answers -- */

static size_t print_errors(const json_t *errors)
{
	size_t i;
	json_t *one;
	json_array_foreach(errors, i, one)
	{
		const char *path = json_string_value(json_object_get(one, "path"));
		const char *message = json_string_value(json_object_get(one, "message"));
		fprintf(stderr, "centrala: %s: %s\n", path ? path : "?", message ? message : "?");
	}
	return json_array_size(errors);
}

size_t print_mistakes(struct str list)
{
	json_error_t e;
	json_t *errors = json_loadb(list.p, list.n, 0, &e);
	size_t n = print_errors(errors);
	json_decref(errors);
	return n;
}

static int print_problem(struct str body)
{
	json_error_t e;
	json_t *p = json_loadb(body.p, body.n, 0, &e);
	const char *detail = json_string_value(json_object_get(p, "detail"));
	if (!print_errors(json_object_get(p, "errors")))
		complain("", detail ? str_of(detail) : str_head(body, 300));
	json_decref(p);
	return 1;
}

static void print_list(const json_t *answer, const char *op)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(answer, op), i, one)
		printf("%s %s\n", op, json_string_value(one));
}

static int print_applied(struct str body)
{
	json_error_t e;
	json_t *a = json_loadb(body.p, body.n, 0, &e);
	print_list(a, "created");
	print_list(a, "updated");
	print_list(a, "deleted");
	size_t changed = json_array_size(json_object_get(a, "created")) +
			 json_array_size(json_object_get(a, "updated"));
	printf("%zu changed, %lld unchanged\n", changed,
	       (long long)json_integer_value(json_object_get(a, "unchanged")));
	json_decref(a);
	return 0;
}

static void write_out(struct str bytes)
{
	fwrite(bytes.p, 1, bytes.n, stdout);
	fflush(stdout);
}

/* GET on the control socket, the answer on standard output. A code to keep: the caller tells what
 * a 404 means. */
static int get_local(struct client *k, const char *path, bool stream, int *keep)
{
	struct buf out = buf_grow(65536);
	int code = 0;
	enum err e = client_request(k, "GET", path, STR_NONE, STR_NONE, &code, &out,
				    stream ? write_out : NULL);
	int status = 0;
	if (e != ERR_OK)
		status = complain("the server does not answer", STR_NONE);
	else if (code == 404 && keep)
		status = 1;
	else if (code >= 400)
		status = print_problem(buf_str(&out));
	else
		write_out(buf_str(&out));
	if (keep)
		*keep = code;
	buf_free(&out);
	client_close(k);
	return status;
}

/* -- apply -- */

static int apply_to(struct client *k, const char *path, struct str token, struct str body)
{
	struct buf out = buf_grow(65536);
	int code = 0;
	enum err e = client_request(k, "POST", path, token, body, &code, &out, NULL);
	int status = e != ERR_OK   ? complain("the server does not answer", STR_NONE)
		     : code >= 400 ? print_problem(buf_str(&out))
				   : print_applied(buf_str(&out));
	buf_free(&out);
	client_close(k);
	return status;
}

static int apply_stopped(struct command_line *c, struct house *h)
{
	struct str body = file_read(c->file);
	struct buf out = buf_grow(4096), why = buf_grow(4096);
	int status = 0;
	if (house_apply(h, body, &out, &why) == ERR_OK) {
		write_out(buf_str(&out));
	} else {
		status = 1;
		if (!print_mistakes(buf_str(&why)))
			complain("", buf_str(&why));
	}
	buf_free(&out);
	buf_free(&why);
	free((char *)(uintptr_t)body.p);
	return status;
}

int command_apply(struct command_line *c)
{
	struct client k;
	if (!c->file || c->word_count != 1) {
		fprintf(stderr, "usage: centrala apply --data DIR FILE.json | --url URL --token T "
				"FILE.json\n");
		return 2;
	}
	struct str body = file_read(c->file);
	if (!body.p)
		return complain(c->file, STR(": cannot be read"));
	int status;
	if (c->url) {
		enum err e = client_url(c->url, &k);
		status = e == ERR_OK
				 ? apply_to(&k, "/api/v1/apply", str_of(c->token), body)
				 : complain(c->url,
					    e == ERR_FORBIDDEN
						    ? STR(": its certificate is not to be trusted")
						    : STR(": cannot be reached"));
	} else if (client_local(c->settings.dir, &k) == ERR_OK) {
		status = apply_to(&k, "/ctl/apply", STR_NONE, body);
	} else {
		status = with_house(c, apply_stopped);
	}
	free((char *)(uintptr_t)body.p);
	return status;
}

/* -- export -- */

static int no_tenant(const struct command_line *c)
{
	return complain("no tenant is called ", str_of(c->tenant));
}

static int export_stopped(struct command_line *c, struct house *h)
{
	struct buf out = buf_grow(65536);
	const struct str t = str_of(c->tenant);
	if (t.n && registry_get(h->registry, KIND_tenant, t, t, &out) != ERR_OK) {
		buf_free(&out);
		return no_tenant(c);
	}
	out.n = 0;
	registry_export(h->registry, str_of(c->tenant), &out);
	buf_ch(&out, '\n');
	write_out(buf_str(&out));
	buf_free(&out);
	return 0;
}

int command_export(struct command_line *c)
{
	struct client k;
	char path[256];
	int code;
	if (c->tenant && !form_id(str_of(c->tenant)))
		return no_tenant(c);
	snprintf(path, sizeof path, "/api/v1/export%s%s", c->tenant ? "?tenant=" : "",
		 c->tenant ? c->tenant : "");
	if (client_local(c->settings.dir, &k) != ERR_OK)
		return with_house(c, export_stopped);
	int status = get_local(&k, path, false, &code);
	return code == 404 && c->tenant ? no_tenant(c) : status;
}

/* -- ctl -- */

/* Prints what was made, as the server tells it. */
static int backup_local(struct client *k)
{
	struct buf out = buf_grow(1024);
	int code = 0;
	const enum err e =
		client_request(k, "POST", "/api/v1/backup", STR_NONE, STR("{}"), &code, &out, NULL);
	int status = 0;
	if (e != ERR_OK)
		status = complain("the server does not answer", STR_NONE);
	else if (code >= 400)
		status = print_problem(buf_str(&out));
	else
		write_out(buf_str(&out));
	if (!status)
		write_out(STR("\n"));
	buf_free(&out);
	client_close(k);
	return status;
}

int command_ctl(struct command_line *c)
{
	struct client k;
	char path[512];
	const char *word = c->word_count ? c->words[0] : "";
	bool show = !strcmp(word, "show") && c->word_count == 2;
	bool trace = !strcmp(word, "trace") && c->word_count == 2;
	bool follow = !strcmp(word, "follow") && c->word_count == 1;
	bool check = !strcmp(word, "check-now") && c->word_count == 1;
	bool backup = !strcmp(word, "backup") && c->word_count == 1;
	if (!show && !trace && !follow && !check && !backup) {
		fprintf(stderr, "usage: centrala ctl --data DIR show "
				"calls|queues|agents|flows|limits|timers|"
				"slow|threads|sip|voice|media|net\n"
				"       centrala ctl --data DIR trace CONTACT\n"
				"       centrala ctl --data DIR follow\n"
				"       centrala ctl --data DIR check-now\n"
				"       centrala ctl --data DIR backup\n");
		return 2;
	}
	if (client_local(c->settings.dir, &k) != ERR_OK)
		return complain(c->settings.dir, STR(": no server runs there"));
	if (backup)
		return backup_local(&k);
	snprintf(path, sizeof path, "/ctl/%s%s%s", word, show || trace ? "/" : "",
		 show || trace ? c->words[1] : "");
	return get_local(&k, path, follow, NULL);
}

/* -- check -- */

static int check_store(struct command_line *c, struct store *store)
{
	struct store_reader *r;
	char recordings[SETTING_PATH];
	uint32_t problems = 0;
	struct buf out = buf_grow(4096);
	settings_recordings(&c->settings, recordings);
	enum err e = store_reader_open(store, &r);
	if (e == ERR_OK) {
		e = store_check(r, str_of(recordings), &out, &problems);
		store_reader_close(r);
	}
	write_out(buf_str(&out));
	buf_free(&out);
	if (e != ERR_OK)
		return complain("the check could not be made: ", str_of(err_text(e)));
	printf("%u problems\n", problems);
	return problems ? 1 : 0;
}

static int check_stopped(struct command_line *c, struct house *h)
{
	return check_store(c, h->store);
}

int command_check(struct command_line *c)
{
	struct client k;
	char room[512];
	struct buf why = buf_make(room, sizeof room);
	struct store *store;
	if (client_local(c->settings.dir, &k) != ERR_OK)
		return with_house(c, check_stopped);
	client_close(&k);
	struct store_options o = {.dir = str_of(c->settings.dir),
				  .url = str_of(c->settings.store_url)};
	if (store_open(&o, &store, &why) != ERR_OK)
		return complain("", buf_str(&why));
	int status = check_store(c, store);
	store_close(store);
	return status;
}
