/* main.c - the command line: every word of `centrala help`. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <fcntl.h>
#include <unistd.h>

#include "app/decode.h"
#include "app/client.h"
#include "app/commands.h"
#include "app/house.h"
#include "app/kin.h"
#include "app/supervisor.h"
#include "crowd/crowd.h"
#include "media/process.h"
#include "os/clock.h"
#include "os/log.h"

static int run_serve(struct command_line *c)
{
	struct supervisor_options o = {.settings = &c->settings,
				       .args = c->passed,
				       .arg_count = c->passed_count,
				       .site = c->site};
	return supervisor_run(&o);
}

static int run_core(struct command_line *c)
{
	return house_serve(&c->settings);
}

static int run_media(struct command_line *c)
{
	char recordings[SETTING_PATH], state[SETTING_PATH];
	prctl(PR_SET_NAME, "centrala-media");
	log_process("media");
	const char *anchor = getenv("CENTRALA_ANCHOR_MS");
	int64_t anchor_ms;
	if (anchor && str_to_i64(str_of(anchor), &anchor_ms) == ERR_OK)
		clock_anchor(anchor_ms);
	settings_recordings(&c->settings, recordings);
	snprintf(state, sizeof state, "%s/media", c->settings.dir);
	struct media_options o = {.control_fd = KIN_CONTROL,
				  .recordings = recordings,
				  .state = state,
				  .alone = getenv("CENTRALA_ALONE") != NULL,
				  .ip = c->settings.media_ip,
				  .threads = settings_number(c->settings.media_threads)};
	CHECK(settings_ports(str_of(c->settings.media_ports), &o.port_low, &o.port_high) == ERR_OK);
	fcntl(KIN_CONTROL, F_SETFD, FD_CLOEXEC);
	return media_process(&o);
}

static int run_decode(struct command_line *c)
{
	(void)c;
	return decode_child();
}

static int run_version(struct command_line *c)
{
	(void)c;
	printf("centrala %s\n", CENTRALA_VERSION);
	return 0;
}

static int run_help(struct command_line *c);

/* Beside commands.h's needs: how many words may follow the options; none otherwise. */
enum { ONE_WORD = 16, ANY_WORDS = 32 };

static const struct command_word words[] = {
	{"serve", run_serve, NEEDS_DATA, "--data DIR [--site FILE.json] [--set KEY=VALUE]...",
	 "run in the foreground"},
	{"apply", command_apply, NEEDS_DATA_OR_URL | ONE_WORD,
	 "--data DIR FILE.json | --url URL --token T FILE.json",
	 "declare objects (idempotent), print what changed"},
	{"export", command_export, NEEDS_DATA, "--data DIR [--tenant T]",
	 "print all declared objects as one site file"},
	{"demo", command_demo, NEEDS_DATA, "--data DIR [--days N] [--reset] [--set KEY=VALUE]...",
	 "a living demo: a small contact centre with invented callers and agents"},
	{"sim", command_sim, ONE_WORD, "FILE.json", "run a scenario in virtual time, print JSON"},
	{"staff", command_staff, OWN_OPTIONS,
	 "--calls N --per SECONDS --aht SECONDS (--agents N | --target 0.8)\n"
	 "               --threshold SECONDS [--patience SECONDS]",
	 "how long callers wait for so many agents, or how many agents are needed"},
	{"ctl", command_ctl, NEEDS_DATA | ANY_WORDS, "--data DIR WORD...",
	 "look inside a running server: show WHAT, trace CONTACT, follow; backup makes a copy"},
	{"check", command_check, NEEDS_DATA, "--data DIR",
	 "verify stored data: conservation laws, recordings, integrity"},
	{"restore", command_restore, OWN_OPTIONS,
	 "--data DIR FILE.tar (--key SECRET.KEY | --without-key)",
	 "a new data folder out of a backup; the server of that folder must not run"},
	{"version", run_version, NEEDS_NOTHING, "", "print the version"},
	{"help", run_help, ONE_WORD, "[COMMAND]", "this text"},
	/* not for people: started by serve, and the load generator */
	{"core", run_core, NEEDS_DATA | HIDDEN, "", ""},
	{"media", run_media, NEEDS_DATA | HIDDEN, "", ""},
	{"decode-sound", run_decode, HIDDEN, "", ""},
	{"crowd", NULL, HIDDEN, "", ""},
};

static int run_help(struct command_line *c)
{
	const char *about = c->file;
	if (!about) {
		printf("centrala - a contact centre in one program\n\n");
		for (size_t i = 0; i < COUNT_OF(words); i++)
			if (!(words[i].needs & HIDDEN))
				printf("  %-8s %s\n", words[i].name, words[i].text);
		printf("\n`centrala help COMMAND` says more.\n");
		return 0;
	}
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(words[i].name, about) != 0 || (words[i].needs & HIDDEN))
			continue;
		printf("centrala %s %s\n\n%s\n", about, words[i].usage, words[i].text);
		if (words[i].run == run_serve || words[i].run == command_demo) {
			struct buf b = buf_grow(4096);
			settings_help(&b);
			printf("\nSettings (KEY, default, what it is for), from DIR/centrala.conf, "
			       "then "
			       "CENTRALA_HTTP_LISTEN\nand so on, then --set:\n\n" STR_FMT,
			       STR_ARG(buf_str(&b)));
			buf_free(&b);
		}
		return 0;
	}
	fprintf(stderr, "centrala: no command is called \"%s\"\n", about);
	return 2;
}

static int usage(const struct command_word *w)
{
	fprintf(stderr, "usage: centrala %s %s\n", w->name, w->usage);
	return 2;
}

/* The options all commands share; what is left are words. */
static int parse(struct command_line *c, const struct command_word *w, int argc, char **argv)
{
	static const struct option options[] = {
		{"data", required_argument, NULL, 'd'},
		{"site", required_argument, NULL, 's'},
		{"set", required_argument, NULL, 'S'},
		{"tenant", required_argument, NULL, 't'},
		{"url", required_argument, NULL, 'u'},
		{"token", required_argument, NULL, 'T'},
		{"days", required_argument, NULL, 'D'},
		{"reset", no_argument, NULL, 'R'},
		{NULL, 0, NULL, 0},
	};
	const char *dir = NULL;
	char *sets[64];
	uint32_t set_count = 0;
	optind = 1;
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (o) {
		case 'd':
			dir = optarg;
			break;
		case 's':
			c->site = optarg;
			break;
		case 'S':
			if (set_count == COUNT_OF(sets))
				return usage(w);
			sets[set_count++] = optarg;
			break;
		case 't':
			c->tenant = optarg;
			break;
		case 'u':
			c->url = optarg;
			break;
		case 'T':
			c->token = optarg;
			break;
		case 'D':
		case 'R':
			if (w->run != command_demo)
				return usage(w);
			if (o == 'D')
				c->days = optarg;
			else
				c->reset = true;
			break;
		default:
			return usage(w);
		}
	}
	c->words = argv + optind;
	c->word_count = (uint32_t)(argc - optind);
	c->file = c->word_count ? c->words[0] : NULL;
	if (!(w->needs & ANY_WORDS) && c->word_count > (w->needs & ONE_WORD ? 1u : 0u))
		return usage(w);
	if (((w->needs & NEEDS_DATA) && !dir) ||
	    ((w->needs & NEEDS_DATA_OR_URL) && !dir == !c->url))
		return usage(w);
	c->passed = xcalloc(2 + 2 * set_count, sizeof *c->passed);
	for (uint32_t i = 0; i < set_count; i++) {
		c->passed[c->passed_count++] = (char *)(uintptr_t) "--set";
		c->passed[c->passed_count++] = sets[i];
	}
	if (!dir)
		return 0;
	c->passed[c->passed_count++] = (char *)(uintptr_t) "--data";
	c->passed[c->passed_count++] = (char *)(uintptr_t)dir;
	char room[512];
	struct buf why = buf_make(room, sizeof room);
	if (settings_read(&c->settings, dir, sets, set_count, &why) != ERR_OK) {
		fprintf(stderr, "centrala: " STR_FMT "\n", STR_ARG(buf_str(&why)));
		return 1;
	}
	const char *const levels[] = {"error", "warn", "info", "debug"};
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		if (!strcmp(levels[i], c->settings.log_level))
			log_level_set((enum log_level)i);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr,
			"usage: centrala COMMAND ...; `centrala help` lists the commands\n");
		return 2;
	}
	if (!strcmp(argv[1], "crowd"))
		return crowd_main(argc - 1, argv + 1);
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(words[i].name, argv[1]) != 0)
			continue;
		struct command_line c = {.name = words[i].name};
		int status = 0;
		if (words[i].needs & OWN_OPTIONS) {
			c.words = argv + 1; /* the command's name first, as getopt wants it */
			c.word_count = (uint32_t)(argc - 1);
		} else {
			status = parse(&c, &words[i], argc - 1, argv + 1);
		}
		if (status == 0)
			status = words[i].run(&c);
		free(c.passed);
		return status;
	}
	fprintf(stderr, "centrala: no command is called \"%s\"; `centrala help` lists them\n",
		argv[1]);
	return 2;
}
