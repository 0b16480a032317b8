/*
 * demo.c - `centrala demo`: a firm that lives: the server in one process, invented callers and
 * agents in another, real SIP and RTP over loopback between them. Decision 0054.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/client.h"
#include "app/commands.h"
#include "app/demo.h"
#include "app/supervisor.h"
#include "crowd/crowd.h"
#include "demo/customers.h"
#include "os/clock.h"
#include "os/log.h"

#define DAYS 90
#define DAYS_MAX 400
#define PATH (SETTING_MAX + 64)

static volatile sig_atomic_t stop;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

/* -- the data -- */

static void path_in(const char *dir, const char *name, char out[PATH])
{
	snprintf(out, PATH, "%s/%s", dir, name);
}

static bool is_there(const char *dir, const char *name)
{
	char path[PATH];
	struct stat st;
	path_in(dir, name, path);
	return stat(path, &st) == 0;
}

static bool write_file(const char *dir, const char *name, struct str bytes)
{
	char path[PATH];
	path_in(dir, name, path);
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
	good = f && fclose(f) == 0 && good;
	if (!good)
		fprintf(stderr, "centrala: %s: %s\n", path, strerror(errno));
	return good;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	return at->level == 0 ? 0 : type == FTW_DP ? rmdir(path) : unlink(path);
}

/* Everything in DIR goes, if DIR is a demo's and nobody serves there. */
static bool reset(const char *dir)
{
	char path[PATH];
	struct stat st;
	if (stat(dir, &st) < 0)
		return true;
	if (!is_there(dir, "demo-site.json")) {
		fprintf(stderr, "centrala: %s is not a demo's: nothing is removed\n", dir);
		return false;
	}
	path_in(dir, "lock", path);
	const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	const bool ours = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0;
	if (!ours)
		fprintf(stderr, "centrala: %s: a demo runs there\n", dir);
	const bool good = ours && nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS) == 0;
	if (ours && !good)
		fprintf(stderr, "centrala: %s: %s\n", dir, strerror(errno));
	if (lock >= 0)
		close(lock);
	return good;
}

/* What the firm lived through before its first start. */
static bool make_past(const struct command_line *c, uint32_t days, const struct demo_voices *voices)
{
	char room[512];
	struct buf why = buf_make(room, sizeof room - 1);
	uint32_t contacts = 0;
	const int64_t began_ms = clock_mono_ms();
	const enum err e = demo_past_make(c->settings.dir, str_of(c->settings.store_url),
					  crowd_demo_site(), days, voices, &contacts, &why);
	if (e == ERR_UNSUPPORTED) {
		printf("  no history: this database is not a file of the demo\n");
		return true;
	}
	if (e != ERR_OK) {
		fprintf(stderr, "centrala: the demo's history cannot be written: %s " STR_FMT "\n",
			err_text(e), STR_ARG(buf_str(&why)));
		return false;
	}
	if (contacts)
		printf("  history: %u days, %u contacts, %.1f s\n", days, contacts,
		       (double)(clock_mono_ms() - began_ms) / 1000);
	return true;
}

/* -- what is told -- */

/* The server prints its ready line into this pipe; the crowd must know the ports. */
static bool read_ready(FILE *from, char http[80], char sip[80])
{
	char line[512];
	while (fgets(line, sizeof line, from)) {
		struct str s = str_trim(str_of(line)), a, b;
		fputs(line, stdout);
		fflush(stdout);
		if (!str_starts(s, STR("ready http=")))
			continue;
		str_cut(str_from(s, 11), ' ', &a, &b);
		return str_starts(b, STR("sip=")) && str_copy(a, http, 80) &&
		       str_copy(str_from(b, 4), sip, 80);
	}
	return false;
}

/* On this machine by its name, which browsers take for a safe place: the microphone needs one. */
static void address_of(const char *http, char out[96])
{
	struct str host, port, all = str_of(http);
	if (str_cut(all, ':', &host, &port) && str_is(host, "127.0.0.1"))
		snprintf(out, 96, "http://localhost:" STR_FMT, STR_ARG(port));
	else
		snprintf(out, 96, "http://" STR_FMT, STR_ARG(all));
}

/* A fresh link to the wallboard; the one of an earlier start ends. */
static bool wall_link(const char *dir, char out[160])
{
	struct client k;
	struct str url;
	int code = 0;
	if (client_local(dir, &k) != ERR_OK)
		return false;
	struct buf b = buf_grow(512);
	bool ok = client_request(&k, "POST", "/api/v1/tenants/demo/wallboards/floor/link", STR_NONE,
				 STR("{}"), &code, &b, NULL) == ERR_OK &&
		  code < 300;
	const ptrdiff_t at = ok ? str_find_str(buf_str(&b), STR("\"url\":\"")) : -1;
	if (at >= 0) {
		struct str rest;
		str_cut(str_from(buf_str(&b), (size_t)at + 7), '"', &url, &rest);
	}
	ok = at >= 0 && str_copy(url, out, 160);
	buf_free(&b);
	client_close(&k);
	return ok;
}

/* The program as the visitor would have to write it. */
static const char *program(void)
{
	static char path[PATH];
	char here[PATH];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	path[MAX(n, 0)] = 0;
	if (n <= 0 || !getcwd(here, sizeof here))
		return "centrala";
	const struct str cwd = str_of(here), at = str_of(path);
	const bool below = str_starts(at, cwd) && at.n > cwd.n && at.p[cwd.n] == '/';
	return below ? path + cwd.n + 1 : path;
}

static void welcome(const char *http, const char *sip, const char *dir, const struct demo_links *l)
{
	static const char *const names[] = {"Agent", "Supervisor", "Admin"};
	char address[96], wall[160];
	address_of(http, address);
	const bool has_wall = wall_link(dir, wall);
	const char *const slash = has_wall ? strrchr(wall, '/') : NULL;
	printf("\n  Nova Telecom, a living demo: invented callers and agents, real SIP, RTP and "
	       "HTTP\n"
	       "\n  %-12s%s/demo#%s%s%s\n"
	       "              (opens every door; the three links below sign in one person each, "
	       "once)\n",
	       "Open", address, l->keys[3].key, slash ? "." : "", slash ? slash + 1 : "");
	for (size_t i = 0; i < COUNT_OF(names); i++)
		printf("  %-12s%s/demo/%s#%s    %s / demo-%s\n", names[i], address, l->keys[i].door,
		       l->keys[i].key, l->keys[i].user, l->keys[i].user);
	if (has_wall)
		printf("  %-12s%s%s\n", "Wallboard", address, wall);
	printf("  %-12s%s/api/docs?demo\n"
	       "  %-12spress \"Ring me\" in the agent tab, or SIP %s user 2001 pass demo, "
	       "dial 221000000\n"
	       "  %-12s%s ctl --data %s follow\n"
	       "  %-12sCtrl-C          Reset   %s demo --data %s --reset\n\n",
	       "API docs", address, "Call in", sip, "Watch", program(), dir, "Stop", program(),
	       dir);
	fflush(stdout);
}

/* -- the processes -- */

/* Quiet, unless the caller's own --set, which comes later, says otherwise. */
static int serve(struct command_line *c, const char *site, const char *control)
{
	char setting[PATH + 16];
	char **args = xcalloc(c->passed_count + 4, sizeof *args);
	snprintf(setting, sizeof setting, "demo.socket=%s", control);
	args[0] = (char *)(uintptr_t) "--set";
	args[1] = (char *)(uintptr_t) "log.level=error";
	args[2] = (char *)(uintptr_t) "--set";
	args[3] = setting;
	memcpy(args + 4, c->passed, c->passed_count * sizeof *args);
	log_level_set(str_is(str_of(c->settings.log_level), "info") ? LOG_ERROR : LOG_INFO);
	struct supervisor_options o = {.settings = &c->settings,
				       .args = args,
				       .arg_count = c->passed_count + 4,
				       .site = site};
	return supervisor_run(&o);
}

static void person(uint32_t i, char number[20], char lang[4])
{
	struct demo_customer c;
	demo_customer(i, &c);
	memcpy(number, c.number, sizeof c.number);
	memcpy(lang, c.lang, sizeof c.lang);
}

static int run_crowd(const char *http, const char *sip, const char *control,
		     const struct demo_voices *voices, struct demo_links *links)
{
	struct crowd_options o;
	struct crowd_result result;
	struct crowd_talk *talks = xcalloc(voices->count + 1, sizeof *talks);
	for (uint32_t i = 0; i < voices->count; i++) {
		const struct demo_dialog *d = &voices->dialogs[i];
		talks[i] = (struct crowd_talk){
			.customer = d->customer, .agent = d->agent, .samples = d->samples};
		memcpy(talks[i].lang, d->lang, sizeof d->lang);
	}
	crowd_demo_options(&o);
	o.sip = sip;
	o.http = http;
	o.stop = &stop;
	o.person = person;
	o.person_count = DEMO_CUSTOMERS;
	o.talks = talks;
	o.talk_count = voices->count;
	o.control = control;
	o.asked = demo_links_asked;
	o.arg = links;
	const enum err e = crowd_run(&o, &result);
	if (e == ERR_OK)
		crowd_print(&result, stdout);
	else
		fprintf(stderr, "centrala: the invented callers cannot start: %s\n",
			e == ERR_CONFLICT ? "port 5080 or 5090 is taken; does another demo run?"
					  : err_text(e));
	free(talks);
	return e == ERR_OK ? 0 : 1;
}

static int live(struct command_line *c, const char *site, const struct demo_voices *voices)
{
	char http[80], sip[80], control[PATH];
	struct demo_links links;
	int ready[2];
	demo_links_make(&links, "demo");
	path_in(c->settings.dir, "demo/door", control);
	if (pipe(ready) < 0)
		return 1;
	fflush(stdout);
	pid_t server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		setpgid(0, 0); /* Ctrl-C reaches the demo, which stops the server itself */
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		_exit(serve(c, site, control));
	}
	close(ready[1]);
	FILE *from = fdopen(ready[0], "r");
	if (server < 0 || !from)
		return 1;
	struct sigaction act = {.sa_handler = on_stop};
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	int status = 1, ended;
	if (read_ready(from, http, sip)) {
		(void)write_file(c->settings.dir, "demo/firm", STR("nova\n"));
		welcome(http, sip, c->settings.dir, &links);
		log_level_set(LOG_ERROR);
		status = run_crowd(http, sip, control, voices, &links);
	}
	kill(server, SIGTERM);
	while (waitpid(server, &ended, 0) < 0 && errno == EINTR)
		;
	fclose(from);
	return WIFEXITED(ended) && WEXITSTATUS(ended) == 0 ? status : 1;
}

int command_demo(struct command_line *c)
{
	const char *dir = c->settings.dir;
	struct demo_voices voices;
	char site[PATH], path[PATH];
	uint32_t days = DAYS;
	if (c->days && str_to_u32(str_of(c->days), DAYS_MAX, &days)) {
		fprintf(stderr, "centrala: --days: 0 to %d\n", DAYS_MAX);
		return 2;
	}
	if (c->reset && !reset(dir))
		return 1;
	mkdir(dir, 0700); /* a nested path is the server's to make */
	path_in(dir, "demo-site.json", site);
	path_in(dir, "demo", path);
	(void)mkdir(path, 0700);
	if (!write_file(dir, "demo-site.json", crowd_demo_site()))
		return 1;
	demo_voices_load(dir, &voices);
	/* what a visitor changed stays as he left it */
	const bool is_new = !is_there(dir, "demo/firm");
	int status = 1;
	if (!is_new || make_past(c, days, &voices))
		status = live(c, is_new ? site : NULL, &voices);
	demo_voices_free(&voices);
	return status;
}
