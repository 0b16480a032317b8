/* line.c - what a contact hears: playings, music, the agent he is joined to. */
#include "channel/voice/own_call.h"

#define SPEECH_PATIENCE_MS 5000
#define RECORDED_PATIENCE_MS 15000

struct line *line_of(struct voice *v, struct contact_id contact)
{
	if (!contact.slot || contact.slot > v->o.contacts_max)
		return NULL;
	struct line *l = v->by_contact[contact.slot];
	return l && ID_EQ(l->contact, contact) ? l : NULL;
}

struct line *line_begin(struct voice *v, struct contact_id contact)
{
	struct id id;
	struct line *l = pool_take(v->lines, &id);
	if (!l)
		return NULL;
	l->contact = contact;
	l->voice = v;
	l->media = v->newest;
	list_init(&l->legs);
	list_init(&l->dials);
	CHECK(contact.slot <= v->o.contacts_max && !v->by_contact[contact.slot]);
	v->by_contact[contact.slot] = l;
	return l;
}

struct leg *line_customer(struct line *l)
{
	return leg_get(l->voice, l->customer);
}

void line_touch(struct line *l)
{
	core_touch(l->voice->core, IMAGE_VOICE, ID(l->contact));
}

/* One info line about a call, with the names by which a trace and a carrier find it. */
void line_log(const struct line *l, const char *what, const struct leg *leg, struct str detail)
{
	struct voice *v = l->voice;
	const struct contact *k = contact_get(v->core, l->contact);
	char id[UUID_TEXT + 1] = "-";
	if (!log_wants(LOG_INFO))
		return;
	if (k)
		uuid_text(k->uuid, id);
	struct str call =
		leg && !ID_NONE(leg->call) ? sip_call_call_id(v->sip, leg->call) : STR("-");
	log_line(LOG_INFO, "event=%s contact=%s call_id=" STR_FMT " detail=\"" STR_FMT "\"", what,
		 id, STR_ARG(call), STR_ARG(detail));
}

void line_trace(const struct leg *leg)
{
	const struct voice *v = leg->voice;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *agent = objects_get(v->core->objects, ID(leg->agent));
	if (!k || ID_NONE(leg->call))
		return;
	trace_leg(v->trace, v->core->utc_ms, k->uuid, sip_call_call_id(v->sip, leg->call),
		  leg->role, agent ? agent->name : str_of(leg->way.number));
}

/* -- playing -- */

void line_order_play(struct line *l)
{
	struct leg *leg = line_customer(l);
	if (!leg || leg->state != LEG_UP)
		return;
	ORDER_NOW(l->voice, play, .leg = ID(leg->id), .play = l->play_serial,
		  .files = str_of(l->files));
}

static void tell_done(struct line *l, bool ok)
{
	uint32_t token = l->play_token;
	bool announced = l->announce == ANNOUNCE_HEARD;
	l->playing = false;
	l->announce = ANNOUNCE_NONE;
	timer_stop(&l->voice->core->timers, &l->speech);
	line_touch(l);
	if (!announced) /* that was ours: no flow waits for it */
		EMIT(l->voice->core, play_done, .contact = l->contact, .token = token, .ok = ok);
}

static void speech_too_late(struct timer *t, int64_t now_ms)
{
	struct line *l = t->arg;
	(void)now_ms;
	tell_done(l, false);
	line_music(l);
}

/* A newer playing replaces the older one, silently; one that is refused changes nothing. */
enum err line_play(struct line *l, const struct command_media_play *cmd)
{
	struct voice *v = l->voice;
	const struct contact *k = contact_get(v->core, l->contact);
	char room[LINE_FILES_MAX];
	struct buf files = buf_make(room, sizeof room - 1);
	bool pending = false;
	if (!k || l->disconnected)
		return ERR_CONFLICT;
	for (uint32_t i = 0; i < cmd->count; i++)
		speech_item(v, k, &cmd->items[i], &files, &pending);
	if (!files.n || files.full)
		return files.full ? ERR_TOO_LARGE : ERR_NOT_FOUND;
	CHECK(str_copy(buf_str(&files), l->files, sizeof l->files));
	l->play_serial++;
	l->play_token = cmd->token;
	l->play_digits = cmd->digits;
	l->playing = true;
	l->announce = ANNOUNCE_NONE;
	l->sound = SOUND_silence;
	timer_stop(&v->core->timers, &l->speech);
	if (pending)
		timer_start(&v->core->timers, &l->speech, v->core->now_ms + SPEECH_PATIENCE_MS,
			    speech_too_late, l);
	else
		line_order_play(l);
	line_touch(l);
	return ERR_OK;
}

/* A text was spoken that somebody waits for: play when everything is there. */
void line_speech_ready(struct line *l)
{
	if (!timer_running(&l->speech) || speech_pending(l->voice, str_of(l->files)))
		return;
	if (l->announce == ANNOUNCE_AWAITED) {
		announce_heard(l);
		return;
	}
	timer_stop(&l->voice->core->timers, &l->speech);
	line_order_play(l);
}

void line_hush(struct line *l)
{
	struct leg *leg = line_customer(l);
	if (l->announce == ANNOUNCE_AWAITED) {
		timer_stop(&l->voice->core->timers, &l->speech);
		l->announce = ANNOUNCE_NONE;
	}
	if (!l->playing)
		return;
	l->playing = false;
	l->announce = ANNOUNCE_NONE;
	timer_stop(&l->voice->core->timers, &l->speech);
	line_touch(l);
	if (leg)
		ORDER_NOW(l->voice, play_stop, .leg = ID(leg->id), .play = l->play_serial);
}

void line_play_stop(struct line *l, uint32_t token)
{
	if (!l->playing || l->announce || l->play_token != token)
		return;
	line_hush(l);
	line_music(l);
}

void line_play_done(struct line *l, uint32_t serial, bool ok)
{
	if (!l->playing || serial != l->play_serial)
		return; /* an older one, stopped meanwhile */
	if (!ok)
		log_line(LOG_WARN, "event=play_failed files=\"%s\"", l->files);
	tell_done(l, ok);
	line_music(l);
}

/* -- music -- */

/* The queue's own, when it has one and its words are spoken. */
static bool own_music(struct line *l, struct buf *files)
{
	struct voice *v = l->voice;
	const struct object *queue = objects_get(v->core->objects, ID(l->queue));
	struct str music = queue ? queue->config->queue.music : STR_NONE;
	bool pending = false;
	if (!music.n || str_is(music, "default"))
		return false;
	const struct contact *k = contact_get(v->core, l->contact);
	const struct object *prompt =
		objects_find(v->core->objects, KIND_prompt, queue->tenant, music);
	if (k && prompt)
		speech_item(v, k, &(struct play_item){.prompt = ID_AS(prompt_id, prompt->id)},
			    files, &pending);
	return files->n && !files->full && !pending;
}

void line_order_sound(struct line *l, struct leg *leg, uint32_t play, enum seat_sound sound)
{
	char room[LINE_FILES_MAX];
	struct buf files = buf_make(room, sizeof room);
	bool ringing = sound == SOUND_ringing;
	const bool words =
		sound == SOUND_test ? ring_me_words(l, &files) : !ringing && own_music(l, &files);
	if (words)
		ORDER_NOW(l->voice, play, .leg = ID(leg->id), .play = play, .loop = 1,
			  .files = buf_str(&files));
	else
		ORDER_NOW(l->voice, music, .leg = ID(leg->id), .play = play,
			  .name = ringing ? STR("ringing") : STR("default"));
}

static void order_music(struct line *l)
{
	struct leg *leg = line_customer(l);
	if (leg && leg->state == LEG_UP)
		line_order_sound(l, leg, l->play_serial, l->sound);
}

void line_music(struct line *l)
{
	enum seat_sound wanted = line_sound_wanted(l);
	struct leg *leg = line_customer(l);
	if (wanted == l->sound)
		return;
	l->sound = wanted;
	line_touch(l);
	if (wanted != SOUND_silence) {
		l->play_serial++;
		order_music(l);
	} else if (leg) {
		ORDER_NOW(l->voice, play_stop, .leg = ID(leg->id), .play = l->play_serial);
	}
}

/* -- joined -- */

void line_hold(struct line *l, enum party by)
{
	if (SEND(l->voice->core, hold_set, .contact = l->contact, .by = by, .on = l->holds != 0) !=
	    ERR_OK)
		return; /* nobody talks: a hold in the menu or the queue is only the carrier's */
}

void line_join(struct line *l, struct leg *leg)
{
	l->joined = leg->id;
	line_touch(l);
	line_hear(l);
}

static bool talks(const struct line *l, const struct leg *leg)
{
	return leg && leg->state != LEG_OVER && ID_EQ(leg->contact, l->contact);
}

void line_leaves(struct line *l)
{
	if (!dial_of(l, 0))
		l->holds &= ~BIT(PARTY_callee);
	l->holds &= ~BIT(PARTY_agent);
	line_touch(l);
	if (!talks(l, leg_get(l->voice, l->joined)))
		l->joined = (struct leg_id){0};
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (ID_NONE(l->joined) && leg->role == PARTY_agent && leg->state == LEG_UP)
			l->joined = leg->id;
	}
	line_hear(l);
}

/* Everything that should be so, said (again): media does only what is not so yet. */
void line_sync(struct line *l)
{
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->state == LEG_PORT || !ID_NONE(leg->home) ||
		    leg->web) /* it may have moved */
			leg_order_open(leg);
		if (leg->state != LEG_PORT && leg->wire_known)
			leg_order_remote(leg);
	}
	if (l->playing && !timer_running(&l->speech))
		line_order_play(l);
	else if (l->sound != SOUND_silence)
		order_music(l);
	recording_sync(l);
	line_hear_again(l);
}

/* -- the end -- */

static void recorded_too_late(struct timer *t, int64_t now_ms)
{
	struct line *l = t->arg;
	(void)now_ms;
	for (uint32_t i = 0; i < l->recording_count; i++) {
		struct recording *r = &l->recordings[i];
		if (r->open)
			recording_done(
				l->voice,
				&(struct report_recorded){
					.rec = recording_id(l, i),
					.path = str_of(r->path),
					.flaw = STR("lost: media did not say how it ended")});
	}
}

void line_recorded_patience(struct line *l)
{
	struct core *c = l->voice->core;
	timer_start(&c->timers, &l->recorded, c->now_ms + RECORDED_PATIENCE_MS, recorded_too_late,
		    l);
}

void line_disconnect(struct line *l, enum party by, struct str cause, uint32_t sip_code)
{
	struct voice *v = l->voice;
	const struct contact *k = contact_get(v->core, l->contact);
	if (l->disconnected || !k)
		return;
	line_log(l, "disconnect", line_customer(l), cause);
	l->disconnected = true;
	l->playing = l->waiting = false;
	l->announce = ANNOUNCE_NONE;
	timer_stop(&v->core->timers, &l->speech);
	if (!ID_NONE(k->trunk))
		trunk_count(v, k->trunk, -1);
	recording_stop(l, (struct agent_id){0});
	line_recorded_patience(l);
	line_touch(l);
	EMIT(v->core, disconnect, .contact = l->contact, .by = by, .cause = cause,
	     .sip_code = sip_code);
}

/* The contact is over: what is still ending goes on without it. */
void line_gone(struct line *l)
{
	struct voice *v = l->voice;
	timer_stop(&v->core->timers, &l->speech);
	timer_stop(&v->core->timers, &l->recorded);
	dial_forget_all(l);
	own_call_forget(l);
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		list_remove(&leg->link);
		leg->contact = (struct contact_id){0};
		leg_end(leg);
	}
	line_touch(l);
	v->by_contact[l->contact.slot] = NULL;
	pool_give(v->lines, l);
}
