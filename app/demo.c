/*
 * demo.c - `centrala demo`: a small contact centre that lives: the server in one process, invented
 * callers and agents in another, real SIP and RTP over loopback between them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/client.h"
#include "app/commands.h"
#include "app/supervisor.h"
#include "crowd/crowd.h"
#include "os/log.h"

static volatile sig_atomic_t stop;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stop = 1;
}

static bool write_site(const char *path)
{
	struct str site = crowd_demo_site();
	FILE *f = fopen(path, "wb");
	bool good = f && fwrite(site.p, 1, site.n, f) == site.n;
	return f && fclose(f) == 0 && good;
}

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

/* "tenant user password role" lines as a table. */
static void print_sign_ins(void)
{
	struct str rest = str_of(crowd_demo_sign_ins()), line, word;
	printf("  %-10s%-12s%-22s%s\n", "tenant", "user", "password", "role");
	while (str_line(&rest, &line)) {
		static const int widths[] = {10, 12, 22, 0};
		printf("  ");
		for (size_t i = 0; i < COUNT_OF(widths) && line.n; i++) {
			str_cut(line, ' ', &word, &line);
			printf("%-*.*s", widths[i], STR_ARG(word));
		}
		printf("\n");
	}
}

static void welcome(const char *http, const char *dir)
{
	printf("\n  centrala demo: invented callers and agents, real SIP, RTP and HTTP\n\n"
	       "  http://%s   open it and sign in, as maria to take calls yourself; the\n"
	       "  interface is at /api/v1. There are no pages for supervisors yet.\n\n",
	       http);
	print_sign_ins();
	printf("\n  watch   centrala ctl --data %s follow\n"
	       "          centrala ctl --data %s show queues\n"
	       "  stop    Ctrl-C\n\n",
	       dir, dir);
	fflush(stdout);
}

int command_demo(struct command_line *c)
{
	char site[SETTING_MAX + 32], http[80], sip[80];
	int ready[2];
	mkdir(c->settings.dir, 0700); /* a nested path is the server's to make */
	snprintf(site, sizeof site, "%s/demo-site.json", c->settings.dir);
	if (!write_site(site)) {
		fprintf(stderr, "centrala: %s: %s\n", site, strerror(errno));
		return 1;
	}
	if (pipe(ready) < 0)
		return 1;
	pid_t server = fork();
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		setpgid(0, 0); /* Ctrl-C reaches the demo, which stops the server itself */
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		/* quiet, unless the caller's own --set, which comes later, says otherwise */
		char **args = xcalloc(c->passed_count + 2, sizeof *args);
		args[0] = (char *)(uintptr_t) "--set";
		args[1] = (char *)(uintptr_t) "log.level=error";
		memcpy(args + 2, c->passed, c->passed_count * sizeof *args);
		log_level_set(str_is(str_of(c->settings.log_level), "info") ? LOG_ERROR : LOG_INFO);
		struct supervisor_options o = {.settings = &c->settings,
					       .args = args,
					       .arg_count = c->passed_count + 2,
					       .site = site};
		_exit(supervisor_run(&o));
	}
	close(ready[1]);
	FILE *from = fdopen(ready[0], "r");
	if (server < 0 || !from)
		return 1;
	struct sigaction act = {.sa_handler = on_stop};
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	int status = 1;
	if (read_ready(from, http, sip)) {
		struct crowd_options o;
		struct crowd_result result;
		welcome(http, c->settings.dir);
		crowd_demo_options(&o);
		o.sip = sip;
		o.http = http;
		o.out = stdout;
		o.stop = &stop;
		enum err e = crowd_run(&o, &result);
		if (e == ERR_OK)
			crowd_print(&result, stdout);
		if (e != ERR_OK)
			fprintf(stderr, "centrala: the invented callers cannot start: %s\n",
				err_text(e));
		status = e == ERR_OK ? 0 : 1;
	}
	kill(server, SIGTERM);
	int ended;
	while (waitpid(server, &ended, 0) < 0 && errno == EINTR)
		;
	fclose(from);
	return WIFEXITED(ended) && WEXITSTATUS(ended) == 0 ? status : 1;
}
