/*
 * ring_me.c - a desk tried by a call that nobody makes: it rings, is answered, and hears a voice
 * that says what it is, again and again, until it hangs up or a minute is over.
 *
 *   call_out, test ──▶ CALLED (acd rings him) ──▶ TALK ──▶ he hangs up, or TEST_MS
 *
 * The contact has no customer: in whose place his seat hears SOUND_test (seats.c). It is private,
 * so that it stands in no figure, and `test`, so that nobody takes it for somebody's call.
 */
#include "channel/voice/own_call.h"
#include "phrase/phrase.h"

#define RING_MS 30000
#define TEST_MS 60000

bool ring_me_is(const struct line *l)
{
	return l->own && l->own->target == OWN_TEST;
}

static void words_of(const struct contact *k, struct buf *text, struct str *lang)
{
	const enum phrase_lang spoken = phrase_lang_of(str_of(k->lang));
	*lang = phrase_lang_tag(spoken);
	phrase_test_call(spoken, text);
}

bool ring_me_words(struct line *l, struct buf *files)
{
	const struct contact *k = contact_get(l->voice->core, l->contact);
	char room[512];
	struct buf text = buf_make(room, sizeof room);
	struct play_item item = {0};
	bool pending = false;
	if (!k)
		return false;
	words_of(k, &text, &item.lang);
	item.text = buf_str(&text);
	speech_item(l->voice, k, &item, files, &pending);
	return files->n && !files->full && !pending;
}

/* What was music for want of words is a voice now. */
void ring_me_spoken(struct line *l)
{
	if (!ring_me_is(l) || l->disconnected)
		return;
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->sound == SOUND_test)
			leg->sound = SOUND_silence;
	}
	line_hear(l);
}

void ring_me_answered(struct line *l)
{
	own_call_until(l->own, l->voice->core->now_ms + TEST_MS);
}

void ring_me_over(struct line *l)
{
	line_disconnect(l, PARTY_system, STR("test over"), 0);
}

static enum err may(struct voice *v, const struct command_call_out *cmd)
{
	const enum err e = SEND(v->core, agent_ring, .agent = cmd->agent, .anyway = true);
	if (e == ERR_NOT_FOUND)
		return own_call_refused(ERR_CONFLICT, cmd,
					"only who takes calls (role agent) can be rung");
	return own_call_may(v, cmd, false, e != ERR_OK);
}

static struct line *begin(struct voice *v, const struct command_call_out *cmd,
			  const struct object *user)
{
	const struct contact_options o = {.tenant = cmd->tenant,
					  .channel = CHANNEL_voice,
					  .direction = DIRECTION_internal,
					  .from = user->name,
					  .to = user->name,
					  .test = true};
	struct own_call *own = own_call_create(v, &o, 1);
	if (!own)
		return NULL;
	own->target = OWN_TEST;
	own->state = OWN_CALLED;
	own->agent = own->to = cmd->agent;
	return own->line;
}

enum err ring_me(struct voice *v, const struct command_call_out *cmd)
{
	const struct object *user = objects_get(v->core->objects, ID(cmd->agent));
	char room[LINE_FILES_MAX];
	struct buf files = buf_make(room, sizeof room);
	enum err e = user ? may(v, cmd) : ERR_NOT_FOUND;
	if (e != ERR_OK)
		return e;
	struct line *l = begin(v, cmd, user);
	if (!l)
		return own_call_full(cmd);
	if (cmd->lang.n && contact_lang_set(v->core, l->contact, cmd->lang) != ERR_OK)
		log_line(LOG_DEBUG, "event=test_call_lang why=unknown");
	(void)ring_me_words(l, &files); /* spoken while it rings */
	*cmd->out = l->contact;
	e = SEND(v->core, agent_ring, .contact = l->contact, .agent = cmd->agent,
		 .ring_ms = RING_MS, .anyway = true);
	if (e != ERR_OK) /* he was free a moment ago */
		line_disconnect(l, PARTY_system, STR("failed"), 0);
	return ERR_OK;
}

/* The process came back: what is left of its minute. */
void ring_me_loaded(struct line *l)
{
	if (!l->disconnected && l->own->state == OWN_TALK)
		own_call_until(l->own, l->own->until_ms);
}
