/* contact_json.c - a contact's row as desks get it; what is not so is left out. See inside.h. */
#include "live/inside.h"

static struct str party_kind_word(enum live_party_kind k)
{
	static const char *const words[] = {"agent", "number", "supervisor"};
	return str_of(words[k]);
}

static struct str party_state_word(enum live_party_state s)
{
	static const char *const words[] = {"dialling", "ringing", "talking", "held",
					    "listen",	"whisper", "barge"};
	return str_of(words[s]);
}

static void text(struct jsonw *w, const char *key, const char *value)
{
	if (value[0])
		jsonw_kstr(w, key, str_of(value));
}

static void when(struct jsonw *w, const char *key, int64_t at)
{
	if (at)
		jsonw_ktime(w, key, at);
}

static void yes(struct jsonw *w, const char *key, bool is)
{
	if (is)
		jsonw_kbool(w, key, true);
}

static void number(struct jsonw *w, const char *key, uint32_t n)
{
	if (n)
		jsonw_ki64(w, key, n);
}

static void offers_json(struct jsonw *w, const struct live_contact *c)
{
	jsonw_key(w, "offers");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < c->offers.count; i++) {
		const struct live_offer *o = &c->offers.at[i];
		jsonw_open(w, '{');
		jsonw_kstr(w, "agent", str_of(o->agent));
		jsonw_ktime(w, "at", o->at);
		jsonw_ktime(w, "until_at", o->until_at);
		yes(w, "accepted", o->accepted);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void parties_json(struct jsonw *w, const struct live_contact *c, bool silent)
{
	jsonw_key(w, "parties");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < c->parties.count; i++) {
		const struct live_party *p = &c->parties.at[i];
		const bool secret = silent && p->kind == LIVE_SUPERVISOR;
		if (secret && p->state == LIVE_LISTEN)
			continue;
		jsonw_open(w, '{');
		jsonw_kstr(w, "kind", party_kind_word(p->kind));
		jsonw_kstr(w, "id", str_of(p->id));
		number(w, "callee", p->callee);
		jsonw_kstr(w, "state", party_state_word(p->state));
		jsonw_ktime(w, "since_at", p->since_at);
		yes(w, "caller", p->caller);
		yes(w, "muted", p->muted && !secret);
		yes(w, "conference", p->conference);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void wraps_json(struct jsonw *w, const struct live_contact *c)
{
	jsonw_key(w, "wraps");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < c->wraps.count; i++) {
		const struct live_wrap *p = &c->wraps.at[i];
		jsonw_open(w, '{');
		jsonw_kstr(w, "agent", str_of(p->agent));
		text(w, "queue", p->queue);
		jsonw_ktime(w, "since_at", p->since_at);
		when(w, "until_at", p->until_at);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void consult_json(struct jsonw *w, const struct live_contact *c)
{
	if (!c->consult.since_at)
		return;
	jsonw_key(w, "consult");
	jsonw_open(w, '{');
	text(w, "agent", c->consult.agent);
	jsonw_kstr(w, "target", target_word(c->consult.target));
	jsonw_kstr(w, "name", str_of(c->consult.name));
	jsonw_ktime(w, "since_at", c->consult.since_at);
	jsonw_close(w, '}');
}

static void park_json(struct jsonw *w, const struct live_contact *c)
{
	if (!c->park.until_at)
		return;
	jsonw_key(w, "park");
	jsonw_open(w, '{');
	text(w, "agent", c->park.agent);
	text(w, "queue", c->park.queue);
	number(w, "slot", c->park.slot);
	jsonw_ktime(w, "until_at", c->park.until_at);
	jsonw_close(w, '}');
}

static void place_json(struct jsonw *w, const struct live_contact *c)
{
	text(w, "queue", c->queue);
	when(w, "enqueued_at", c->enqueued_at);
	number(w, "priority_min", c->priority_min);
}

static void whole_json(struct jsonw *w, const struct live_contact *c, bool silent)
{
	jsonw_ktime(w, "since_at", c->since_at);
	jsonw_kstr(w, "from", str_of(c->from));
	jsonw_kstr(w, "to", str_of(c->to));
	text(w, "customer", c->customer);
	text(w, "diverted", c->diverted);
	text(w, "verstat", c->verstat);
	yes(w, "private", c->private);
	yes(w, "test", c->test);
	jsonw_ktime(w, "arrived_at", c->arrived_at);
	text(w, "flow", c->flow);
	text(w, "node", c->node);
	text(w, "via_flow", c->via_flow);
	text(w, "via_node", c->via_node);
	place_json(w, c);
	text(w, "consults", c->consults);
	text(w, "agent", c->agent);
	offers_json(w, c);
	parties_json(w, c, silent);
	consult_json(w, c);
	yes(w, "held", contact_held(c));
	yes(w, "muted", c->muted);
	park_json(w, c);
	if (c->help.since_at) {
		jsonw_key(w, "help");
		jsonw_open(w, '{');
		jsonw_kstr(w, "agent", str_of(c->help.agent));
		text(w, "text", c->help.text);
		jsonw_ktime(w, "since_at", c->help.since_at);
		jsonw_close(w, '}');
	}
	jsonw_kstr(w, "recording",
		   !c->recording[0] ? STR("off")
		   : c->paused	    ? STR("paused")
				    : STR("on"));
	text(w, "recording_id", c->recording);
	wraps_json(w, c);
	if (c->disconnected_at) {
		jsonw_ktime(w, "disconnected_at", c->disconnected_at);
		jsonw_kstr(w, "ended_by", party_word(c->ended_by));
	}
}

void contact_json(struct jsonw *w, const struct live_contact *c, enum live_level level, bool silent)
{
	char id[UUID_TEXT + 1];
	uuid_text(c->id, id);
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(id));
	jsonw_kstr(w, "channel", channel_word(c->channel));
	if (level == LEVEL_WAITS) {
		jsonw_kstr(w, "state", c->enqueued_at ? STR("waiting") : STR("parked"));
		place_json(w, c);
		park_json(w, c);
	} else {
		jsonw_kstr(w, "direction", direction_word(c->direction));
		jsonw_kstr(w, "state", contact_state_word(c->state));
		whole_json(w, c, silent && level != LEVEL_ALL);
	}
	jsonw_close(w, '}');
}
