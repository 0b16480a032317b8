/* gate.c - see gate.h. */
#include "sip/gate.h"

#include <stdlib.h>

#include "sip/engine.h"

enum {
	SERVE_US_FIRST = 300, /* one newcomer costs, until it is known */
	SERVE_US_MIN = 50,
	SERVE_US_MAX = 50000,
	STALE_US = 400000, /* he has sent it again by now, or will */
	PRESS_US = 1000000,
};

/* How long a newcomer of each kind may have to wait. */
static const int64_t patience_us[GATE_KINDS] = {
	[GATE_CALL] = 80000, [GATE_CALL_LOW] = 40000, [GATE_ASIDE] = 20000};

struct waiting {
	struct waiting *next;
	struct sip_address from;
	int64_t since_us;
	size_t n;
	char bytes[];
};

struct queue {
	struct waiting *first, **last;
	uint32_t count;
};

struct gate {
	struct gate_options o;
	struct queue queues[GATE_KINDS]; /* those of newcomers are used */
	uint32_t waiting;
	int64_t serve_us;  /* from one newcomer served to the next, smoothed */
	int64_t served_us; /* when, with more behind him; 0: nobody waited */
	int64_t away_us;   /* the last who was turned away; 0: nobody was */
	uint64_t dice;
	uint64_t queued, away[GATE_KINDS];
};

struct gate *gate_create(const struct gate_options *o)
{
	struct gate *g = xcalloc(1, sizeof *g);
	g->o = *o;
	g->dice = o->seed | 1;
	g->serve_us = SERVE_US_FIRST;
	for (size_t i = 0; i < GATE_KINDS; i++)
		g->queues[i].last = &g->queues[i].first;
	return g;
}

static struct waiting *take_first(struct gate *g, struct queue *q)
{
	struct waiting *w = q->first;
	if (!w)
		return NULL;
	q->first = w->next;
	if (!q->first)
		q->last = &q->first;
	q->count--;
	g->waiting--;
	return w;
}

void gate_destroy(struct gate *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < GATE_KINDS; i++)
		for (struct waiting *w; (w = take_first(g, &g->queues[i]));)
			free(w);
	free(g);
}

/* -- what it is, without reading it whole -- */

static bool has_tag(struct str line)
{
	for (size_t i = 0; i + 4 < line.n; i++) {
		if (line.p[i] != ';')
			continue;
		struct str rest = str_trim(str_from(line, i + 1));
		if (rest.n > 4 && str_ieq(str_head(rest, 3), STR("tag")) &&
		    (rest.p[3] == '=' || rest.p[3] == ' '))
			return true;
	}
	return false;
}

/* "To:", "t :" … and its value */
static bool is_to(struct str line)
{
	size_t n = 0;
	if (line.n > 2 && str_ieq(str_head(line, 2), STR("to")))
		n = 2;
	else if (line.n > 1 && (line.p[0] == 't' || line.p[0] == 'T'))
		n = 1;
	while (n && n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n && n < line.n && line.p[n] == ':';
}

static struct str next_line(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && rest->p[n] != '\n')
		n++;
	struct str line = str_head(*rest, n);
	*rest = str_from(*rest, MIN(n + 1, rest->n));
	return line;
}

struct str gate_user(struct str message)
{
	struct str line = next_line(&message);
	ptrdiff_t at = str_find(line, ' ');
	struct str uri = at < 0 ? STR_NONE : str_from(line, (size_t)at + 1);
	at = str_find(uri, ' ');
	uri = at < 0 ? STR_NONE : str_head(uri, (size_t)at);
	at = str_find(uri, ':');
	uri = at < 0 ? STR_NONE : str_from(uri, (size_t)at + 1);
	at = str_find(uri, '@');
	return at < 0 ? STR_NONE : str_head(uri, (size_t)at);
}

static bool is_help(struct str message)
{
	static const char *const users[] = {"112", "911", "999", "+112", "+911"};
	struct str user = gate_user(message), line = next_line(&message);
	for (size_t i = 0; i < COUNT_OF(users); i++)
		if (str_is(user, users[i]))
			return true;
	if (str_starts(line, STR("INVITE urn:service:sos"))) /* RFC 5031 */
		return true;
	while ((line = next_line(&message)).n > 1) { /* RFC 7135 */
		struct str name, value;
		if (line.p[0] != 'R' && line.p[0] != 'r')
			continue;
		str_cut(line, ':', &name, &value);
		if (str_ieq(str_trim(name), STR("Resource-Priority")) &&
		    str_ieq(str_head(str_trim(value), 6), STR("esnet.")))
			return true;
	}
	return false;
}

enum gate_kind gate_kind(struct str message)
{
	static const char *const aside[] = {"REGISTER ", "OPTIONS ", "SUBSCRIBE ", "PUBLISH ",
					    "MESSAGE ",	 "NOTIFY ",  "REFER "};
	bool call = str_starts(message, STR("INVITE ")), other = false;
	for (size_t i = 0; i < COUNT_OF(aside) && !call; i++)
		other = other || str_starts(message, str_of(aside[i]));
	if (!call && !other)
		return GATE_INSIDE;
	struct str rest = message, line;
	(void)next_line(&rest); /* the request line */
	while ((line = next_line(&rest)).n > 1)
		if (is_to(line)) {
			if (has_tag(line))
				return GATE_INSIDE;
			break;
		}
	return !call ? GATE_ASIDE : is_help(message) ? GATE_HELP : GATE_CALL;
}

/* -- in and out -- */

static void turn_away(struct gate *g, enum gate_kind kind, const struct sip_address *from,
		      struct str message, int64_t now_us)
{
	g->dice = g->dice * 6364136223846793005u + 1442695040888963407u;
	if (!sip_turn_away(g->o.sip, from, message, 1 + (uint32_t)(g->dice >> 33) % 10)) {
		g->o.take(g->o.arg, from, message); /* it belongs to something after all */
		return;
	}
	g->away[kind]++;
	g->away_us = now_us;
}

/* Before him: all of his kind and of those that are served first. */
static int64_t wait_us(const struct gate *g, enum gate_kind kind)
{
	int64_t before = 0;
	for (enum gate_kind k = GATE_CALL; k <= kind; k++)
		before += g->queues[k].count;
	return before * g->serve_us;
}

static void put(struct gate *g, enum gate_kind kind, const struct sip_address *from,
		struct str message, int64_t now_us)
{
	struct queue *q = &g->queues[kind];
	struct waiting *w = malloc(sizeof *w + message.n);
	CHECK(w);
	*w = (struct waiting){.from = *from, .since_us = now_us, .n = message.n};
	memcpy(w->bytes, message.p, message.n);
	if (!g->waiting)
		g->served_us = 0; /* nobody waited: the time until now cost nothing */
	*q->last = w;
	q->last = &w->next;
	q->count++;
	g->waiting++;
	g->queued++;
}

static bool is_busy(const struct gate *g)
{
	return g->o.busy && g->o.busy(g->o.arg);
}

void gate_input(struct gate *g, const struct sip_address *from, struct str message, bool crowded,
		int64_t now_us)
{
	if (!crowded && !g->waiting && !is_busy(g)) {
		g->o.take(g->o.arg, from, message);
		return;
	}
	enum gate_kind kind = gate_kind(message);
	if (kind == GATE_HELP && g->o.trusted && !g->o.trusted(g->o.arg, from))
		kind = GATE_CALL;
	if (kind == GATE_CALL && g->o.low && g->o.low(g->o.arg, from, gate_user(message)))
		kind = GATE_CALL_LOW;
	if (kind == GATE_INSIDE || kind == GATE_HELP)
		g->o.take(g->o.arg, from, message);
	else if (g->waiting >= g->o.most || wait_us(g, kind) > patience_us[kind])
		turn_away(g, kind, from, message, now_us);
	else
		put(g, kind, from, message, now_us);
}

bool gate_serve(struct gate *g, int64_t now_us)
{
	struct waiting *w = NULL;
	enum gate_kind kind = is_busy(g) ? GATE_ASIDE : GATE_CALL;
	while (kind < GATE_KINDS && !(w = take_first(g, &g->queues[kind])))
		kind++;
	if (!w)
		return false;
	if (g->served_us) {
		int64_t took = MIN(MAX(now_us - g->served_us, (int64_t)SERVE_US_MIN),
				   (int64_t)SERVE_US_MAX);
		g->serve_us += (took - g->serve_us) / 8;
	}
	g->served_us = now_us;
	struct str message = str_make(w->bytes, w->n);
	if (now_us - w->since_us > STALE_US)
		turn_away(g, kind, &w->from, message, now_us);
	else
		g->o.take(g->o.arg, &w->from, message);
	free(w);
	return true;
}

uint32_t gate_waiting(const struct gate *g)
{
	return g->waiting;
}

bool gate_presses(const struct gate *g, int64_t now_us)
{
	return g->away_us && now_us - g->away_us < PRESS_US;
}

void gate_counters(const struct gate *g, struct buf *out)
{
	buf_fmt(out,
		"sip_newcomers_queued_total %llu\nsip_newcomers_waiting %u\n"
		"sip_turned_away_calls_total %llu\nsip_turned_away_low_calls_total %llu\n"
		"sip_turned_away_others_total %llu\nsip_newcomer_us %lld\n",
		(unsigned long long)g->queued, g->waiting, (unsigned long long)g->away[GATE_CALL],
		(unsigned long long)g->away[GATE_CALL_LOW], (unsigned long long)g->away[GATE_ASIDE],
		(long long)g->serve_us);
}
