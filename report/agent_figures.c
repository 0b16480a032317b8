/* agent_figures.c - see agent_figures.h. */
#include "report/agent_figures.h"

#include "report/queue_figures.h" /* figures_average */

static enum agent_time time_of(const struct spell *s)
{
	if (s->private && s->work != WORK_idle && s->work != WORK_no_answer)
		return TIME_private;
	switch (s->work) {
	case WORK_idle:
		return s->presence == PRESENCE_ready	       ? TIME_ready
		       : s->presence == PRESENCE_outbound_only ? TIME_outbound_only
							       : TIME_not_ready;
	case WORK_offered:
		return TIME_offered;
	case WORK_dialling:
		return TIME_dialling;
	case WORK_talking:
	case WORK_consulting:
	case WORK_conferencing:
		return TIME_talk;
	case WORK_holding:
		return TIME_hold;
	case WORK_wrapping:
		return TIME_wrap;
	case WORK_preview:
		return TIME_preview;
	case WORK_no_answer:
		return TIME_no_answer;
	}
	return TIME_not_ready;
}

static void add_reason(struct agent_figures *f, struct str name, int64_t ms)
{
	for (uint32_t i = 0; i < f->reason_count; i++) {
		if (str_is(name, f->reasons[i].name)) {
			f->reasons[i].ms += ms;
			return;
		}
	}
	if (f->reason_count == AGENT_REASONS) {
		f->reasons[AGENT_REASONS - 1].ms += ms;
		return;
	}
	struct agent_reason *r = &f->reasons[f->reason_count++];
	if (f->reason_count == AGENT_REASONS)
		name = STR("other");
	(void)str_copy(name, r->name, sizeof r->name);
	r->ms = ms;
}

bool agent_time_of(const struct spell *s, enum agent_time *out)
{
	if (s->presence == PRESENCE_signed_out && s->work == WORK_idle)
		return false;
	*out = time_of(s);
	return true;
}

void agent_occupancy(const int64_t time[AGENT_TIME_COUNT], bool ringing_works, int64_t *busy_ms,
		     int64_t *of_ms)
{
	const int64_t handling = time[TIME_talk] + time[TIME_hold] + time[TIME_wrap];
	*busy_ms = handling + (ringing_works ? time[TIME_offered] : 0);
	*of_ms = handling + time[TIME_ready] + time[TIME_offered];
}

bool agent_figures_spell(struct agent_figures *f, const struct spell *s, int64_t ms)
{
	enum agent_time t;
	if (!agent_time_of(s, &t))
		return false;
	f->time[TIME_signed_in] += ms;
	f->time[t] += ms;
	if (t == TIME_not_ready)
		add_reason(f, s->reason.n ? s->reason : STR("none"), ms);
	return true;
}

bool offer_counts(enum agent_count count, bool ended, enum offer_result result)
{
	static const enum agent_count of[] = {
		[OFFER_accepted] = AGENT_accepted,
		[OFFER_no_answer] = AGENT_missed,
		[OFFER_rejected] = AGENT_rejected,
		[OFFER_busy] = AGENT_busy,
		[OFFER_unreachable] = AGENT_unreachable,
		[OFFER_cancelled_by_caller] = AGENT_cancelled,
		[OFFER_answered_elsewhere] = AGENT_answered_elsewhere,
		[OFFER_agent_lost] = AGENT_lost,
	};
	return count == AGENT_offers || (ended && of[result] == count);
}

void agent_figures_offer(struct agent_figures *f, bool ended, enum offer_result result)
{
	for (int c = AGENT_offers; c <= AGENT_lost; c++)
		f->count[c] += offer_counts((enum agent_count)c, ended, result);
}

void agent_figures_contact(struct agent_figures *f, int64_t talk_ms, int64_t hold_ms,
			   int64_t wrap_ms)
{
	f->count[AGENT_handled]++;
	f->handled_ms += talk_ms + hold_ms + wrap_ms;
	f->handled_wrap_ms += wrap_ms;
}

void agent_figures_own(struct agent_figures *f, int64_t talk_ms, bool answered)
{
	f->count[AGENT_dialled]++;
	f->count[AGENT_dialled_answered] += answered;
	f->dialled_talk_ms += talk_ms;
}

void agent_figures_merge(struct agent_figures *f, const struct agent_figures *other)
{
	for (int t = 0; t < AGENT_TIME_COUNT; t++)
		f->time[t] += other->time[t];
	for (int c = 0; c < AGENT_COUNT_COUNT; c++)
		f->count[c] += other->count[c];
	for (uint32_t i = 0; i < other->reason_count; i++)
		add_reason(f, str_of(other->reasons[i].name), other->reasons[i].ms);
	f->dialled_talk_ms += other->dialled_talk_ms;
	f->handled_ms += other->handled_ms;
	f->handled_wrap_ms += other->handled_wrap_ms;
}

void agent_figures_json(struct jsonw *w, const struct agent_figures *f, bool ringing_works)
{
	static const char *const times[] = {
#define X(name) #name "_ms",
		AGENT_TIMES(X)
#undef X
	};
	static const char *const counts[] = {
#define X(name) #name,
		AGENT_COUNTS(X)
#undef X
	};
	for (int t = 0; t < AGENT_TIME_COUNT; t++)
		jsonw_ki64(w, times[t], f->time[t]);
	jsonw_key(w, "reasons");
	jsonw_open(w, '{');
	for (uint32_t i = 0; i < f->reason_count; i++)
		jsonw_ki64(w, f->reasons[i].name, f->reasons[i].ms);
	jsonw_close(w, '}');
	for (int c = 0; c < AGENT_COUNT_COUNT; c++)
		jsonw_ki64(w, counts[c], f->count[c]);
	jsonw_ki64(w, "dialled_talk_ms", f->dialled_talk_ms);
	int64_t handling = f->time[TIME_talk] + f->time[TIME_hold] + f->time[TIME_wrap];
	int64_t busy_ms, of_ms;
	agent_occupancy(f->time, ringing_works, &busy_ms, &of_ms);
	figures_put_average(w, "aht_ms", f->handled_ms, f->count[AGENT_handled]);
	figures_put_average(w, "acw_ms", f->handled_wrap_ms, f->count[AGENT_handled]);
	figures_put_ratio(w, "occupancy", busy_ms, of_ms);
	figures_put_ratio(w, "utilisation", handling, f->time[TIME_signed_in]);
	/* a caller who hangs up while it rings is nobody's missed call */
	figures_put_ratio(w, "answer_rate", f->count[AGENT_accepted],
			  f->count[AGENT_offers] - f->count[AGENT_cancelled]);
	figures_put_ratio(w, "answer_rate_plain", f->count[AGENT_accepted], f->count[AGENT_offers]);
}

enum err agent_field(struct str name, struct agent_list *out)
{
	static const struct {
		const char *name;
		struct agent_list list;
	} fields[] = {
		{"handled", {BEHIND_handled, AGENT_handled}},
		{"aht_ms", {BEHIND_handled, AGENT_handled}},
		{"acw_ms", {BEHIND_handled, AGENT_handled}},
		{"talk_ms", {BEHIND_talk, AGENT_handled}},
		{"hold_ms", {BEHIND_hold, AGENT_handled}},
		{"wrap_ms", {BEHIND_wrap, AGENT_handled}},
		{"offered_ms", {BEHIND_offers, AGENT_offers}},
		{"answer_rate", {BEHIND_offers, AGENT_accepted}},
		{"answer_rate_plain", {BEHIND_offers, AGENT_accepted}},
		{"dialled", {BEHIND_dialled, AGENT_dialled}},
		{"dialled_answered", {BEHIND_dialled_answered, AGENT_dialled_answered}},
		{"dialled_talk_ms", {BEHIND_dialled_answered, AGENT_dialled_answered}},
#define X(name) {#name, {BEHIND_offers, AGENT_##name}},
		AGENT_COUNTS(X) /* `handled` was found above */
#undef X
	};
	static const char *const empty[] = {
#define X(name) #name "_ms",
		AGENT_TIMES(X)
#undef X
			"reasons",
		"occupancy",
		"utilisation",
	};
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (str_is(name, fields[i].name)) {
			*out = fields[i].list;
			return ERR_OK;
		}
	}
	for (size_t i = 0; i < COUNT_OF(empty); i++)
		if (str_is(name, empty[i]))
			return ERR_UNSUPPORTED;
	return ERR_INVALID;
}
