/* options.c - the demo's people, and the load generator's command line. */
#include <stdlib.h>

#include "crowd/crowd.h"

/* Everybody but anna, who is the visitor. Those in front come first; they know every queue. */
static const struct crowd_agent DEMO_AGENTS[] = {
	{"boris", "demo-boris"},     {"clara", "demo-clara"},	{"dorota", "demo-dorota"},
	{"edward", "demo-edward"},   {"fatima", "demo-fatima"}, {"grzegorz", "demo-grzegorz"},
	{"helena", "demo-helena"},   {"igor", "demo-igor"},	{"julia", "demo-julia"},
	{"kamil", "demo-kamil"},     {"lena", "demo-lena"},	{"marek", "demo-marek"},
	{"natalia", "demo-natalia"}, {"oskar", "demo-oskar"},	{"paulina", "demo-paulina"},
	{"rafal", "demo-rafal"},     {"sonia", "demo-sonia"},	{"tomasz", "demo-tomasz"},
	{"urszula", "demo-urszula"}, {"wiktor", "demo-wiktor"}, {"xenia", "demo-xenia"},
	{"yan", "demo-yan"},	     {"zofia", "demo-zofia"},
};

void crowd_demo_options(struct crowd_options *o)
{
	*o = (struct crowd_options){
		.sip = "127.0.0.1:5060",
		.http = "127.0.0.1:8080",
		.trunk = "127.0.0.1:5080",
		.phones = "127.0.0.1:5090",
		.tenant = "demo",
		.numbers = {"+48221000000", "+48221000000", "+48221000000", "+48221000001"},
		.number_count = 4,
		.keys = "1223",
		.lang_keys = "en8ru9",
		.agents = DEMO_AGENTS,
		.agent_count = COUNT_OF(DEMO_AGENTS),
		.at_work = 10,
		.outcomes = {"solved", "solved", "sold", "call_back", "complaint", "technician"},
		.outcome_count = 6,
		.reasons = {"break", "meal", "meeting", "back_office"},
		.reason_count = 4,
		.notes = {"Wyjaśniona różnica na rachunku.", "Umówiony technik na jutro rano.",
			  "Klient prosi o fakturę mailem.", "Zainteresowany światłowodem.",
			  "Asked for the contract in English.", "Отправлена ссылка на оплату."},
		.note_count = 6,
		.queues = {"sales", "support", "billing"},
		.queue_count = 3,
		.verbs_share = 0.3,
		.seed = 1,
		/* ten agents who need about a minute a call are then two thirds busy */
		.calls_per_hour = 380,
		.at_once_max = 200,
		.agent_calls = 1,
		.key_ms = 8000, /* the greeting takes some three seconds, the menu six */
		.patience_ms = 75000,
		.ring_ms = 3000,
		.talk_ms = 35000,
		.wrap_ms = 9000,
		.desk_ms = 1500,
		.break_every_ms = 400000,
		.break_ms = 60000,
		.deaf_share = 0.03,
		.hasty_share = 0.04,
		.agent_ends_share = 0.5,
		.rtp = true,
		.watcher = {"simon", "demo-simon"},
		.out = stdout,
		.report_ms = 60000,
	};
}

/* -- the command line -- */

static const char USAGE[] =
	"usage: centrala crowd [WORD VALUE]...   invented callers and phones; a load generator\n"
	"  sip http trunk phones   addresses A:P (- : none)\n"
	"  tenant number keys      whom to call and what to press (- : nothing)\n"
	"  agents N                phones a0001 … aNNNN, password PREFIX-a0001 …; without it the "
	"demo's people\n"
	"  password PREFIX\n"
	"  rate CALLS_PER_HOUR  factor CLOCK  calls N  at_once N  seed N\n"
	"  key_ms patience_ms ring_ms talk_ms wrap_ms desk_ms break_every_ms report_ms MS\n"
	"  deaf hasty agent_ends   shares, percent\n"
	"  fixed 0|1 (talks last exactly talk_ms)  rtp 0|1\n";

static volatile sig_atomic_t stopped;

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static const char *some(const char *value)
{
	return str_is(str_of(value), "-") ? NULL : value;
}

static bool set_text(struct crowd_options *o, struct str word, const char *value)
{
	if (str_is(word, "sip"))
		o->sip = value;
	else if (str_is(word, "http"))
		o->http = some(value);
	else if (str_is(word, "trunk"))
		o->trunk = some(value);
	else if (str_is(word, "phones"))
		o->phones = some(value);
	else if (str_is(word, "tenant"))
		o->tenant = value;
	else if (str_is(word, "keys"))
		o->keys = some(value) ? value : "";
	else if (str_is(word, "number")) {
		o->numbers[0] = value;
		o->number_count = 1;
	} else
		return false;
	return true;
}

static bool set_number(struct crowd_options *o, struct str word, const char *value)
{
	const struct {
		const char *word;
		uint32_t *to;
	} plain[] = {
		{"calls", &o->calls_max},     {"at_once", &o->at_once_max},
		{"key_ms", &o->key_ms},	      {"patience_ms", &o->patience_ms},
		{"ring_ms", &o->ring_ms},     {"talk_ms", &o->talk_ms},
		{"wrap_ms", &o->wrap_ms},     {"desk_ms", &o->desk_ms},
		{"report_ms", &o->report_ms}, {"break_every_ms", &o->break_every_ms},
	};
	uint32_t n;
	if (str_to_u32(str_of(value), 1000000000, &n))
		return false;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		if (str_is(word, plain[i].word)) {
			*plain[i].to = n;
			return true;
		}
	if (str_is(word, "rate"))
		o->calls_per_hour = n;
	else if (str_is(word, "factor"))
		o->clock_factor = n;
	else if (str_is(word, "seed"))
		o->seed = n;
	else if (str_is(word, "deaf"))
		o->deaf_share = n / 100.0;
	else if (str_is(word, "hasty"))
		o->hasty_share = n / 100.0;
	else if (str_is(word, "agent_ends"))
		o->agent_ends_share = n / 100.0;
	else if (str_is(word, "fixed"))
		o->talk_fixed = n != 0;
	else if (str_is(word, "rtp"))
		o->rtp = n != 0;
	else
		return false;
	return true;
}

/* Phones with made names; lives until the program ends. */
static void make_agents(struct crowd_options *o, uint32_t count, const char *prefix)
{
	struct crowd_agent *agents = xcalloc(count, sizeof *agents);
	for (uint32_t i = 0; i < count; i++) {
		char name[16], password[128];
		struct buf n = buf_make(name, sizeof name), p = buf_make(password, sizeof password);
		buf_fmt(&n, "a%04u", i + 1);
		buf_fmt(&p, "%s-a%04u", prefix, i + 1);
		agents[i] = (struct crowd_agent){str_dup(buf_str(&n)), str_dup(buf_str(&p))};
	}
	o->agents = agents;
	o->agent_count = count;
}

int crowd_main(int argc, char **argv)
{
	struct crowd_options o;
	struct crowd_result r;
	uint32_t agents = 0;
	const char *prefix = "bench";
	crowd_demo_options(&o);
	/* a generator of load: everybody works, and does nothing but take calls */
	o.at_work = 0;
	o.verbs_share = 0;
	o.lang_keys = NULL;
	for (int i = 1; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		struct str word = str_of(argv[i]);
		while (str_starts(word, STR("-")))
			word = str_from(word, 1);
		if (str_is(word, "password"))
			prefix = value;
		else if (str_is(word, "agents") &&
			 !str_to_u32(str_of(value), CROWD_AGENTS_MAX, &agents))
			continue;
		else if (!set_text(&o, word, value) && !set_number(&o, word, value)) {
			fprintf(stderr, "crowd: " STR_FMT " %s: not understood\n%s", STR_ARG(word),
				value, USAGE);
			return 2;
		}
	}
	if (agents)
		make_agents(&o, agents, prefix);
	const struct sigaction stop = {.sa_handler = on_stop};
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	o.stop = &stopped;
	const enum err e = crowd_run(&o, &r);
	if (e) {
		fprintf(stderr, "crowd: %s (sip=%s trunk=%s phones=%s http=%s)\n", err_text(e),
			o.sip, o.trunk ? o.trunk : "-", o.phones ? o.phones : "-",
			o.http ? o.http : "-");
		return 1;
	}
	crowd_print(&r, stdout);
	return r.failed || r.refused || r.deaf_talks ? 1 : 0;
}
