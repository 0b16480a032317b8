/* queue_figures.c - see queue_figures.h; formulas by their numbers in behaviours.md section 2. */
#include "report/queue_figures.h"

#include <math.h>
#include <stdlib.h>

void queue_figures_init(struct queue_figures *f)
{
	*f = (struct queue_figures){0};
}

void queue_figures_finish(struct queue_figures *f)
{
	free(f->waits);
	free(f->errors);
	queue_figures_init(f);
}

void queue_figures_clear(struct queue_figures *f)
{
	int64_t *waits = f->waits;
	double *errors = f->errors;
	size_t room = f->wait_room, error_room = f->error_room;
	*f = (struct queue_figures){.waits = waits,
				    .wait_room = room,
				    .errors = errors,
				    .error_room = error_room,
				    .ordered = f->ordered};
}

/* Left by rule, by transfer or to a mailbox: all flow-outs. What a crash ended before an agent
 * answered failed (contract section 5). */
static enum queue_count outcome_of(enum result r)
{
	switch (r) {
	case RESULT_none:
		return COUNT_waiting;
	case RESULT_answered:
		return COUNT_answered;
	case RESULT_abandoned:
		return COUNT_abandoned;
	case RESULT_flow_out:
	case RESULT_transferred:
		return COUNT_flow_out;
	case RESULT_callback:
		return COUNT_callbacks;
	case RESULT_rejected:
		return COUNT_rejected;
	case RESULT_failed:
	case RESULT_completed:
	case RESULT_server_restart:
		return COUNT_failed;
	}
	return COUNT_failed;
}

bool visit_counts(enum queue_count count, const struct queue_rules *rules, const struct visit *v)
{
	switch (count) {
	case COUNT_offered:
		return true;
	case COUNT_short_abandoned:
		return v->result == RESULT_abandoned && v->wait_ms <= rules->short_ms;
	case COUNT_answered_in_threshold:
		return v->result == RESULT_answered && v->wait_ms <= rules->threshold_ms;
	case COUNT_abandoned_in_threshold:
		return v->result == RESULT_abandoned && v->wait_ms <= rules->threshold_ms;
	case COUNT_handled:
		return v->result == RESULT_answered && v->handled;
	case COUNT_transferred:
		return v->result == RESULT_answered && v->transferred;
	case COUNT_promised: /* who gave up before it ran out leaves it open */
		return v->promise_ms &&
		       (v->result == RESULT_answered ||
			(v->result == RESULT_abandoned && v->promise_waited_ms > v->promise_ms));
	case COUNT_promise_kept:
		return v->promise_ms && v->result == RESULT_answered &&
		       v->promise_waited_ms <= v->promise_ms;
	case COUNT_answered:
	case COUNT_abandoned:
	case COUNT_flow_out:
	case COUNT_callbacks:
	case COUNT_rejected:
	case COUNT_failed:
	case COUNT_waiting:
		return outcome_of(v->result) == count;
	case COUNT_done_in_threshold:
		return visit_counts(COUNT_answered_in_threshold, rules, v) ||
		       visit_counts(COUNT_abandoned_in_threshold, rules, v);
	case COUNT_long_abandoned:
		return v->result == RESULT_abandoned && v->wait_ms > rules->short_ms;
	case QUEUE_COUNT_COUNT:
		break;
	}
	return false;
}

/* The real wait counts as a second at least: below that nobody notices. */
static double error_of(const struct visit *v)
{
	int64_t real_ms = MAX(v->promise_waited_ms, 1000), off_ms = v->promise_ewt_ms - real_ms;
	return (double)(off_ms < 0 ? -off_ms : off_ms) / (double)real_ms;
}

/* How many of them are below it: where it stands, or would. */
static size_t place_of_wait(const struct queue_figures *f, int64_t wait_ms)
{
	size_t low = 0, high = f->wait_count;
	while (low < high) {
		const size_t mid = (low + high) / 2;
		if (f->waits[mid] < wait_ms)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static size_t place_of_error(const struct queue_figures *f, double error)
{
	size_t low = 0, high = f->error_count;
	while (low < high) {
		const size_t mid = (low + high) / 2;
		if (f->errors[mid] < error)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void add_wait(struct queue_figures *f, int64_t wait_ms)
{
	if (f->wait_count == f->wait_room) {
		f->wait_room = 2 * f->wait_room + 64;
		f->waits = xrealloc(f->waits, f->wait_room * sizeof *f->waits);
	}
	const size_t at = f->ordered ? place_of_wait(f, wait_ms) : f->wait_count;
	memmove(f->waits + at + 1, f->waits + at, (f->wait_count++ - at) * sizeof *f->waits);
	f->waits[at] = wait_ms;
}

static void add_error(struct queue_figures *f, double error)
{
	if (f->error_count == f->error_room) {
		f->error_room = 2 * f->error_room + 64;
		f->errors = xrealloc(f->errors, f->error_room * sizeof *f->errors);
	}
	const size_t at = f->ordered ? place_of_error(f, error) : f->error_count;
	memmove(f->errors + at + 1, f->errors + at, (f->error_count++ - at) * sizeof *f->errors);
	f->errors[at] = error;
}

static void remove_wait(struct queue_figures *f, int64_t wait_ms)
{
	const size_t at = place_of_wait(f, wait_ms);
	CHECK(at < f->wait_count && f->waits[at] == wait_ms);
	memmove(f->waits + at, f->waits + at + 1, (--f->wait_count - at) * sizeof *f->waits);
}

static void remove_error(struct queue_figures *f, double error)
{
	const size_t at = place_of_error(f, error);
	CHECK(at < f->error_count);
	memmove(f->errors + at, f->errors + at + 1, (--f->error_count - at) * sizeof *f->errors);
}

/* Counts and sums; sign: 1 in, -1 out. */
static void count_visit(struct queue_figures *f, const struct queue_rules *rules,
			const struct visit *v, int sign)
{
	for (int c = 0; c < QUEUE_COUNT_COUNT; c++)
		f->count[c] += sign * visit_counts((enum queue_count)c, rules, v);
	f->talk_ms += sign * v->talk_ms;
	f->hold_ms += sign * v->hold_ms;
	f->wrap_ms += sign * v->wrap_ms;
	if (visit_counts(COUNT_handled, rules, v)) {
		f->handled_talk_ms += sign * v->talk_ms;
		f->handled_hold_ms += sign * v->hold_ms;
		f->handled_wrap_ms += sign * v->wrap_ms;
	}
	if (v->result == RESULT_abandoned)
		f->abandoned_wait_ms += sign * v->wait_ms;
	if (v->result == RESULT_answered)
		f->answered_wait_ms += sign * v->wait_ms;
}

void queue_figures_add(struct queue_figures *f, const struct queue_rules *rules,
		       const struct visit *v)
{
	count_visit(f, rules, v, 1);
	if (visit_counts(COUNT_promised, rules, v))
		add_error(f, error_of(v));
	if (v->result == RESULT_answered)
		add_wait(f, v->wait_ms);
}

void queue_figures_remove(struct queue_figures *f, const struct queue_rules *rules,
			  const struct visit *v)
{
	CHECK(f->ordered);
	count_visit(f, rules, v, -1);
	if (visit_counts(COUNT_promised, rules, v))
		remove_error(f, error_of(v));
	if (v->result == RESULT_answered)
		remove_wait(f, v->wait_ms);
}

int64_t figures_percentile(const int64_t *sorted, size_t n, uint32_t percent)
{
	CHECK(n > 0 && percent >= 1 && percent <= 100);
	return sorted[((uint64_t)n * percent + 99) / 100 - 1];
}

int64_t figures_average(int64_t sum, int64_t n)
{
	CHECK(n > 0);
	return (2 * sum + n) / (2 * n);
}

void figures_put_ratio(struct jsonw *w, const char *key, int64_t part, int64_t whole)
{
	jsonw_key(w, key);
	if (whole > 0)
		jsonw_real(w, (double)part / (double)whole);
	else
		jsonw_null(w);
}

void figures_put_average(struct jsonw *w, const char *key, int64_t sum, int64_t n)
{
	jsonw_key(w, key);
	if (n > 0)
		jsonw_i64(w, figures_average(sum, n));
	else
		jsonw_null(w);
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int by_error(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

void queue_figures_order(struct queue_figures *f)
{
	if (f->wait_count && !f->ordered)
		qsort(f->waits, f->wait_count, sizeof *f->waits, by_size);
	if (f->error_count && !f->ordered)
		qsort(f->errors, f->error_count, sizeof *f->errors, by_error);
	f->ordered = true;
}

static void put_percentile(struct jsonw *w, const char *key, const struct queue_figures *f,
			   uint32_t percent)
{
	jsonw_key(w, key);
	if (f->wait_count)
		jsonw_i64(w, figures_percentile(f->waits, f->wait_count, percent));
	else
		jsonw_null(w);
}

void queue_figures_promises(struct jsonw *w, struct queue_figures *f)
{
	figures_put_ratio(w, "promise_kept_rate", f->count[COUNT_promise_kept],
			  f->count[COUNT_promised]);
	jsonw_key(w, "promise_error_p50");
	if (f->error_count) {
		if (!f->ordered)
			qsort(f->errors, f->error_count, sizeof *f->errors, by_error);
		jsonw_real(w, f->errors[(f->error_count + 1) / 2 - 1]);
	} else {
		jsonw_null(w);
	}
}

/* Above the line of the service level agreed on. */
static enum queue_count level_top(const struct queue_rules *rules)
{
	return rules->sl == 4 ? COUNT_done_in_threshold : COUNT_answered_in_threshold;
}

/* Below it. */
static int64_t level_base(const int64_t *n, const struct queue_rules *rules)
{
	int64_t off = n[COUNT_offered], ans = n[COUNT_answered], ab = n[COUNT_abandoned];
	switch (rules->sl) {
	case 2:
		return ans + (rules->with_flow_out ? n[COUNT_flow_out] : 0) +
		       (rules->without_lost    ? 0
			: rules->without_short ? ab - n[COUNT_short_abandoned]
					       : ab);
	case 3:
		return ans;
	case 4:
		return ans + ab;
	case 5:
		return ans + ab - n[COUNT_abandoned_in_threshold];
	case 6:
		return off - n[COUNT_short_abandoned];
	default:
		return off;
	}
}

static void put_level(struct jsonw *w, const char *key, const int64_t *n, struct queue_rules rules)
{
	figures_put_ratio(w, key, n[level_top(&rules)], level_base(n, &rules));
}

static void put_levels(struct jsonw *w, const int64_t *n)
{
	for (uint32_t sl = 1; sl <= 6; sl++) {
		const char key[] = {'s', 'l', '_', (char)('0' + sl), 0};
		put_level(w, key, n, (struct queue_rules){.sl = sl});
	}
	put_level(w, "sl_2_with_flow_out", n, (struct queue_rules){.sl = 2, .with_flow_out = true});
	put_level(w, "sl_2_without_short", n, (struct queue_rules){.sl = 2, .without_short = true});
	put_level(w, "sl_2_without_abandoned", n,
		  (struct queue_rules){.sl = 2, .without_lost = true});
}

static enum queue_count abandon_top(enum abandon_formula formula)
{
	return formula == ABANDON_plain ? COUNT_abandoned : COUNT_long_abandoned;
}

static int64_t abandon_base(const int64_t *n, enum abandon_formula formula)
{
	int64_t base = n[COUNT_offered];
	if (formula == ABANDON_handled)
		base = n[COUNT_answered] + n[COUNT_abandoned];
	if (formula != ABANDON_plain)
		base -= n[COUNT_short_abandoned];
	return base;
}

static void put_abandon(struct jsonw *w, const char *key, const int64_t *n,
			enum abandon_formula formula)
{
	figures_put_ratio(w, key, n[abandon_top(formula)], abandon_base(n, formula));
}

void queue_choice_take(const struct queue_choice *choice, struct queue_rules *rules)
{
	const struct queue_rules *mine = &choice->rules;
	if (choice->level) {
		rules->sl = mine->sl;
		rules->with_flow_out = mine->with_flow_out;
		rules->without_short = mine->without_short;
		rules->without_lost = mine->without_lost;
	}
	if (choice->lost)
		rules->abandon = mine->abandon;
	if (choice->threshold)
		rules->threshold_ms = mine->threshold_ms;
	if (choice->shorts)
		rules->short_ms = mine->short_ms;
}

static bool cut_word(struct str *name, struct str word)
{
	if (!str_starts(*name, word))
		return false;
	*name = str_from(*name, word.n);
	return true;
}

enum err queue_level_from(struct str name, struct queue_rules *out)
{
	struct queue_rules r = {0};
	if (!cut_word(&name, STR("sl_")) || !name.n || name.p[0] < '1' || name.p[0] > '6')
		return ERR_INVALID;
	r.sl = (uint32_t)(name.p[0] - '0');
	name = str_from(name, 1);
	if (r.sl == 2) {
		r.with_flow_out = cut_word(&name, STR("_with_flow_out"));
		r.without_short = cut_word(&name, STR("_without_short"));
		r.without_lost = cut_word(&name, STR("_without_abandoned"));
	}
	if (name.n || (r.without_short && r.without_lost))
		return ERR_INVALID;
	out->sl = r.sl;
	out->with_flow_out = r.with_flow_out;
	out->without_short = r.without_short;
	out->without_lost = r.without_lost;
	return ERR_OK;
}

static const char *const abandon_words[] = {
#define X(name) #name,
	ABANDON_FORMULAS(X)
#undef X
};

enum err abandon_formula_from(struct str word, enum abandon_formula *out)
{
	for (size_t i = 0; i < COUNT_OF(abandon_words); i++) {
		if (str_is(word, abandon_words[i])) {
			*out = (enum abandon_formula)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

static void put_limit(struct jsonw *w, const char *key, int64_t ms)
{
	jsonw_key(w, key);
	if (ms >= 0)
		jsonw_i64(w, ms);
	else
		jsonw_null(w);
}

/* What was agreed on, by its name: a figure without it says nothing (K-1). */
static void put_agreed(struct jsonw *w, const int64_t *n, const struct queue_rules *rules)
{
	char room[96];
	struct buf name = buf_make(room, sizeof room);
	queue_figures_variant(rules, &name);
	put_level(w, "sl", n, *rules);
	jsonw_kstr(w, "sl_variant", buf_str(&name));
	put_abandon(w, "abandon_rate", n, rules->abandon);
	jsonw_kstr(w, "abandon_variant", str_of(abandon_words[rules->abandon]));
	put_abandon(w, "abandon_rate_default", n, ABANDON_default);
	put_abandon(w, "abandon_rate_plain", n, ABANDON_plain);
	put_abandon(w, "abandon_rate_handled", n, ABANDON_handled);
	put_limit(w, "threshold_ms", rules->threshold_ms);
	put_limit(w, "short_abandon_ms", rules->short_ms);
}

void queue_figures_json(struct jsonw *w, struct queue_figures *f, const struct queue_rules *rules)
{
	static const char *const names[] = {
#define X(name) #name,
		QUEUE_COUNTS(X)
#undef X
	};
	const int64_t *n = f->count;
	for (int c = 0; c < QUEUE_COLUMN_COUNT; c++)
		jsonw_ki64(w, names[c], n[c]);
	put_levels(w, n);
	put_agreed(w, n, rules);
	figures_put_ratio(w, "transfer_rate", n[COUNT_transferred], n[COUNT_answered]);
	figures_put_average(w, "asa_ms", f->answered_wait_ms, n[COUNT_answered]);
	figures_put_average(w, "time_to_abandon_ms", f->abandoned_wait_ms, n[COUNT_abandoned]);
	figures_put_average(w, "aht_ms",
			    f->handled_talk_ms + f->handled_hold_ms + f->handled_wrap_ms,
			    n[COUNT_handled]);
	figures_put_average(w, "acw_ms", f->handled_wrap_ms, n[COUNT_handled]);
	if (f->wait_count && !f->ordered)
		qsort(f->waits, f->wait_count, sizeof *f->waits, by_size);
	put_percentile(w, "wait_max_ms", f, 100);
	put_percentile(w, "wait_p50_ms", f, 50);
	put_percentile(w, "wait_p80_ms", f, 80);
	put_percentile(w, "wait_p90_ms", f, 90);
	queue_figures_promises(w, f);
	jsonw_ki64(w, "talk_ms", f->talk_ms);
	jsonw_ki64(w, "hold_ms", f->hold_ms);
	jsonw_ki64(w, "wrap_ms", f->wrap_ms);
}

void queue_figures_spark(struct jsonw *w, const int64_t *count, const struct queue_rules *rules)
{
	jsonw_ki64(w, "offered", count[COUNT_offered]);
	jsonw_ki64(w, "answered_in_threshold", count[COUNT_answered_in_threshold]);
	put_level(w, "sl", count, *rules);
	jsonw_ki64(w, "abandoned", count[COUNT_abandoned]);
}

enum err queue_field(struct str name, const struct queue_rules *rules, enum queue_count *out)
{
	static const struct {
		const char *name;
		enum queue_count count;
	} fields[] = {
#define X(name) {#name, COUNT_##name},
		QUEUE_COUNTS(X)
#undef X
			{"sl_1", COUNT_answered_in_threshold},
		{"sl_2", COUNT_answered_in_threshold},
		{"sl_3", COUNT_answered_in_threshold},
		{"sl_4", COUNT_done_in_threshold},
		{"sl_5", COUNT_answered_in_threshold},
		{"sl_6", COUNT_answered_in_threshold},
		{"sl_2_with_flow_out", COUNT_answered_in_threshold},
		{"sl_2_without_short", COUNT_answered_in_threshold},
		{"sl_2_without_abandoned", COUNT_answered_in_threshold},
		{"abandon_rate_default", COUNT_long_abandoned},
		{"abandon_rate_plain", COUNT_abandoned},
		{"abandon_rate_handled", COUNT_long_abandoned},
		{"asa_ms", COUNT_answered},
		{"time_to_abandon_ms", COUNT_abandoned},
		{"aht_ms", COUNT_handled},
		{"acw_ms", COUNT_handled},
		{"wait_max_ms", COUNT_answered},
		{"wait_p50_ms", COUNT_answered},
		{"wait_p80_ms", COUNT_answered},
		{"wait_p90_ms", COUNT_answered},
		{"transfer_rate", COUNT_transferred},
		{"promise_kept_rate", COUNT_promise_kept},
		{"promise_error_p50", COUNT_promised},
		{"talk_ms", COUNT_answered},
		{"hold_ms", COUNT_answered},
		{"wrap_ms", COUNT_answered},
	};
	static const char *const names[] = {"sl_variant", "abandon_variant", "threshold_ms",
					    "short_abandon_ms"};
	if (str_is(name, "sl")) {
		*out = level_top(rules);
		return ERR_OK;
	}
	if (str_is(name, "abandon_rate")) {
		*out = abandon_top(rules->abandon);
		return ERR_OK;
	}
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (str_is(name, names[i]))
			return ERR_UNSUPPORTED;
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (str_is(name, fields[i].name)) {
			*out = fields[i].count;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

void queue_figures_variant(const struct queue_rules *rules, struct buf *out)
{
	const bool two = rules->sl == 2;
	buf_fmt(out, "sl_%u%s%s%s", MAX(rules->sl, 1),
		two && rules->with_flow_out ? "_with_flow_out" : "",
		two && rules->without_short && !rules->without_lost ? "_without_short" : "",
		two && rules->without_lost ? "_without_abandoned" : "");
}

static double ratio(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

double queue_figures_level(const struct queue_figures *f, const struct queue_rules *rules)
{
	return ratio(f->count[level_top(rules)], level_base(f->count, rules));
}

double queue_figures_lost(const struct queue_figures *f, const struct queue_rules *rules)
{
	return ratio(f->count[abandon_top(rules->abandon)], abandon_base(f->count, rules->abandon));
}
