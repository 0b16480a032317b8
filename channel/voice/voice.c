/* voice.c - the room: what the voice channel hears from the hall, from SIP and from media. */
#include <stdlib.h>

#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"

/* -- what SIP says -- */

static void on_sip(void *arg, const struct sip_event *ev)
{
	struct voice *v = arg;
	if (ev->kind == SIP_INCOMING)
		inbound_invite(v, ev);
	else if (ev->owner)
		leg_sip_event(ev->owner, ev);
}

static bool on_trusted(void *arg, const struct sip_address *from)
{
	return trunk_trusted(arg, from);
}

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct voice *v = arg;
	v->o.send(v->o.arg, to, bytes);
}

static void on_drop(void *arg, uint32_t stream)
{
	struct voice *v = arg;
	if (v->o.drop)
		v->o.drop(v->o.arg, stream);
}

static void on_trace(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		     struct str bytes)
{
	struct voice *v = arg;
	(void)call;
	trace_message(v->trace, v->core->utc_ms, out, peer, bytes);
}

static void on_changed(void *arg, struct sip_call_id call)
{
	struct voice *v = arg;
	struct leg *leg = sip_call_owner(v->sip, call);
	if (leg)
		leg_touch(leg);
}

static uint64_t dice(void *arg)
{
	return core_dice(arg);
}

/* -- what media says -- */

static struct leg *leg_of(struct voice *v, struct id id)
{
	return leg_get(v, ID_AS(leg_id, id));
}

static void on_report(struct voice *v, const struct report *r)
{
	struct leg *leg;
	switch (r->kind) {
	case REPORT_hello:
		if (r->hello.version != ORDER_VERSION)
			log_line(LOG_ERROR, "event=media_version ours=%d theirs=%u", ORDER_VERSION,
				 r->hello.version);
		break;
	case REPORT_leg_opened:
		leg = leg_of(v, r->leg_opened.leg);
		if (!leg || leg->media != v->hearing)
			break;
		leg->media_seen = true; /* also while the inventory is still read */
		leg_port(leg, r->leg_opened.port, (enum err)r->leg_opened.err);
		break;
	case REPORT_leg_closed:
		leg = leg_of(v, r->leg_closed.leg);
		if (leg)
			leg_media_closed(leg, &r->leg_closed);
		break;
	case REPORT_leg_moved:
		leg = leg_of(v, r->leg_moved.leg);
		if (leg)
			leg_media_moved(leg, &r->leg_moved);
		break;
	case REPORT_play_done:
		leg = leg_of(v, r->play_done.leg);
		if (leg && line_of(v, leg->contact))
			line_play_done(line_of(v, leg->contact), r->play_done.play,
				       r->play_done.ok);
		break;
	case REPORT_digit:
		leg = leg_of(v, r->digit.leg);
		if (leg)
			leg_digit(leg, (char)r->digit.digit, false);
		break;
	case REPORT_recorded:
		recording_done(v, &r->recorded);
		break;
	case REPORT_leg_is:
		media_leg_is(v, &r->leg_is);
		break;
	case REPORT_rec_is:
		break; /* line_sync says record again for those that should run */
	case REPORT_inventory_end:
		media_inventory_end(v, r->inventory_end.number);
		break;
	case REPORT_gauges:
		media_gauges(v, &r->gauges);
		break;
	case REPORT_silent:
		leg = leg_of(v, r->silent.leg);
		if (leg)
			leg_silent(leg, r->silent.ms);
		break;
	case REPORT_leg_web_opened:
		leg = leg_of(v, r->leg_web_opened.leg);
		if (!leg || leg->media != v->hearing)
			break;
		leg->media_seen = true;
		browser_opened(leg, &r->leg_web_opened);
		break;
	case REPORT_leg_path:
		leg = leg_of(v, r->leg_path.leg);
		if (leg && leg->media == v->hearing)
			browser_path(leg, r->leg_path.up);
		break;
	case REPORT_NONE:
	case REPORT_COUNT:
		break;
	}
}

void voice_media_input(struct voice *v, uint32_t number, struct str packet)
{
	struct report r;
	enum err e;
	v->hearing = number;
	while ((e = report_decode(&packet, &r)) == ERR_OK)
		on_report(v, &r);
	if (e != ERR_NOT_FOUND)
		log_line(LOG_ERROR, "event=media_packet_torn");
	v->hearing = 0;
}

/* -- what the hall says -- */

static void on_answer(struct voice *v, const struct event_answer *a)
{
	struct line *l = line_of(v, a->contact);
	if (!l)
		return;
	l->waiting = false;
	line_hush(l);
	own_call_answer(l);
	line_music(l);
	struct leg *leg = agent_serves(l, a->agent);
	if (!leg || leg->state != LEG_UP) {
		log_line(LOG_ERROR, "event=answer_without_leg");
		return;
	}
	leg->queue = a->queue;
	line_log(l, "answer", leg, STR_NONE);
	line_join(l, leg);
	recording_begin(l, leg);
	if (l->holds) /* the customer was put on hold by his own exchange while he waited */
		line_hold(l, PARTY_customer);
}

/* elsewhere: his telephone need not call it missed, RFC 3326 section 4.1 */
static void end_agent_legs(struct line *l, struct agent_id agent, bool elsewhere)
{
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->role != PARTY_agent || !ID_EQ(leg->agent, agent))
			continue;
		if (elsewhere)
			sip_call_because(l->voice->sip, leg->call, 200, 0,
					 STR("Call completed elsewhere"));
		leg_end(leg);
	}
}

/* He leaves; whoever else is on the contact stays. */
static void on_agent_end(struct voice *v, const struct event_agent_end *e)
{
	struct line *l = line_of(v, e->contact);
	if (!l)
		return;
	recording_stop(l, e->agent);
	end_agent_legs(l, e->agent, false);
	line_leaves(l);
	own_call_left(l, e);
}

static void on_object(struct voice *v, const struct event_object_moved *o)
{
	struct id id = {o->slot, o->age};
	v->users_age += o->kind == KIND_user;
	if (o->kind == KIND_user) {
		browser_user(v, id);
		phones_user(v);
	}
	if (o->kind == KIND_trunk || o->kind == KIND_user)
		names_soon(v);
	else if (o->kind == KIND_tenant)
		phones_realm(v);
	else
		speech_object(v, o->kind, id);
}

static void set_waiting(struct voice *v, struct contact_id contact, struct queue_id queue, bool on)
{
	struct line *l = line_of(v, contact);
	if (!l)
		return;
	l->waiting = on;
	if (on && !ID_NONE(queue)) /* without one the music of the last goes on */
		l->queue = queue;
	announce_stop(l);
	line_touch(l);
	line_music(l);
}

static void voice_event(struct room *r, const struct event *ev)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	struct line *l;
	switch ((int)ev->kind) {
	case EV_enqueue:
		if (ID_NONE(ev->enqueue.consults)) /* else an agent waits for another */
			set_waiting(v, ev->enqueue.contact, ev->enqueue.queue, true);
		break;
	case EV_dequeue:
		if (ev->dequeue.reason != RESULT_answered) /* the answer itself ends the music */
			set_waiting(v, ev->dequeue.contact, ev->dequeue.queue, false);
		break;
	case EV_bulletin:
		announce_bulletin(v, &ev->bulletin);
		break;
	case EV_promise:
		announce_promise(v, &ev->promise);
		break;
	case EV_offer:
		l = line_of(v, ev->offer.contact);
		if (l) /* what he was told is not true any more */
			announce_stop(l);
		if (ID_NONE(ev->offer.queue)) /* one agent without a queue: he waits all the same */
			set_waiting(v, ev->offer.contact, ev->offer.queue, true);
		leg_ring_agent(v, &ev->offer);
		break;
	case EV_offer_end:
		l = line_of(v, ev->offer_end.contact);
		if (!l || ev->offer_end.result == OFFER_accepted)
			break;
		if (ID_NONE(ev->offer_end.queue))
			set_waiting(v, l->contact, ev->offer_end.queue, false);
		standing_offer_end(v, &ev->offer_end);
		end_agent_legs(l, ev->offer_end.agent,
			       ev->offer_end.result == OFFER_answered_elsewhere);
		break;
	case EV_desk_changed:
		browser_desk(v, &ev->desk_changed);
		break;
	case EV_agent_presence:
		standing_presence(v, &ev->agent_presence);
		break;
	case EV_agent_ring_end:
		l = line_of(v, ev->agent_ring_end.contact);
		if (l)
			own_call_ring_end(l, ev->agent_ring_end.result);
		break;
	case EV_answer:
		on_answer(v, &ev->answer);
		break;
	case EV_agent_end:
		on_agent_end(v, &ev->agent_end);
		break;
	case EV_consult_end:
		l = line_of(v, ev->consult_end.contact);
		if (l)
			refer_consult_end(l, ev->consult_end.agent);
		break;
	case EV_disconnect:
		l = line_of(v, ev->disconnect.contact);
		if (!l)
			break;
		dial_over_all(l, ev->disconnect.by);
		own_call_over(l, ev->disconnect.by);
		list_for_each (link, &l->legs)
			leg_end(CONTAINER_OF(link, struct leg, link));
		break;
	case EV_contact_gone:
		l = line_of(v, ev->contact_gone.contact);
		if (l)
			line_gone(l);
		break;
	case EV_object_moved:
		on_object(v, &ev->object_moved);
		break;
	default:
		break;
	}
}

static enum err voice_command(struct room *r, const struct command *cmd)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	struct line *l;
	switch ((int)cmd->kind) {
	case CMD_media_play:
		l = line_of(v, cmd->media_play.contact);
		return l ? line_play(l, &cmd->media_play) : ERR_NOT_FOUND;
	case CMD_media_stop:
		l = line_of(v, cmd->media_stop.contact);
		if (l)
			line_play_stop(l, cmd->media_stop.token);
		return l ? ERR_OK : ERR_NOT_FOUND;
	case CMD_hang_up:
		l = line_of(v, cmd->hang_up.contact);
		if (!l || l->disconnected)
			return ERR_NOT_FOUND;
		line_disconnect(l, cmd->hang_up.by, cmd->hang_up.cause, 0);
		return ERR_OK;
	case CMD_call_out:
		return own_call_out(v, &cmd->call_out);
	case CMD_dial_out:
		l = line_of(v, cmd->dial_out.contact);
		return l ? dial_begin(l, &cmd->dial_out) : ERR_NOT_FOUND;
	case CMD_dial_cancel:
		l = line_of(v, cmd->dial_cancel.contact);
		return l ? dial_cancel(l, cmd->dial_cancel.callee) : ERR_NOT_FOUND;
	case CMD_seats_set:
		l = line_of(v, cmd->seats_set.contact);
		return l ? line_seats(l, cmd->seats_set.seats, cmd->seats_set.count)
			 : ERR_NOT_FOUND;
	case CMD_recording_pause:
		l = line_of(v, cmd->recording_pause.contact);
		return l ? recording_pause(l, cmd->recording_pause.on) : ERR_NOT_FOUND;
	case CMD_phone_ring:
		l = line_of(v, cmd->phone_ring.contact);
		return l ? agent_phone_ring(l, &cmd->phone_ring) : ERR_NOT_FOUND;
	case CMD_phone_drop:
		l = line_of(v, cmd->phone_drop.contact);
		return l ? agent_phone_drop(l, cmd->phone_drop.agent) : ERR_NOT_FOUND;
	default:
		return ERR_UNSUPPORTED;
	}
}

enum err voice_agent_hang_up(struct voice *v, struct contact_id contact, struct agent_id agent)
{
	if (!line_of(v, contact))
		return ERR_NOT_FOUND;
	return agent_left(v, contact, agent, false);
}

/* -- restart -- */

static void leg_loaded(struct voice *v, struct leg *leg)
{
	struct line *l = line_of(v, leg->contact);
	if (l)
		list_push(&l->legs, &leg->link);
	outbound_loaded(leg);
	if ((leg->role == PARTY_callee && leg->state != LEG_OVER && l) || own_call_loads(leg))
		return; /* dial.c, own_call.c, when all legs are there */
	if (leg->web && !l)
		leg->contact = (struct contact_id){0}; /* home */
	if (leg->web)
		return;
	bool dead = !l || ID_NONE(leg->call);
	if (leg->role == PARTY_customer && leg->state == LEG_UP && dead && l)
		line_disconnect(l, PARTY_system, STR("server_restart"), 0);
	if (leg->state == LEG_OVER) {
		leg->state = LEG_UP; /* end it once more from here */
		leg_end(leg);
	} else if (leg->role != PARTY_customer && leg->state != LEG_UP && l) {
		agent_ring_again(leg);
	} else if (dead && !(leg->state == LEG_PORT && !ID_NONE(leg->call))) {
		if (leg->role != PARTY_customer && l)
			agent_lost(leg);
		leg_end(leg);
	} else if (leg->state == LEG_PORT) {
		leg_patience(leg, 0);
	}
}

static void voice_loaded(struct room *r)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	names_sweep(v); /* calls are made anew below */
	pool_for_each (struct line, l, v->lines) {
		const struct contact *k = contact_get(v->core, l->contact);
		if (k && !l->disconnected && !ID_NONE(k->trunk))
			trunk_count(v, k->trunk, +1);
	}
	browser_legs_loaded(v);
	pool_for_each (struct leg, leg, v->legs)
		if (list_empty(&leg->link))
			leg_loaded(v, leg);
	pool_for_each (struct line, l, v->lines) {
		dial_loaded(l);
		own_call_loaded(l);
	}
	pool_for_each (struct leg, leg, v->legs)
		standing_loaded(leg);
	/* a contact of this channel whose line was lost cannot be heard any more */
	uint32_t slot = 0;
	for (struct contact *k; (k = contact_next(v->core, &slot));)
		if (k->channel == CHANNEL_voice && !k->line_gone && !line_of(v, k->id))
			EMIT(v->core, disconnect, .contact = k->id, .by = PARTY_system,
			     .cause = STR("server_restart"));
	pool_for_each (struct line, l, v->lines) {
		bool begins = l->own && l->own->state == OWN_PHONE;
		if (!line_customer(l) && !l->disconnected && !begins && !ring_me_is(l))
			line_disconnect(l, PARTY_system, STR("server_restart"), 0);
		if (l->disconnected) /* patience with media begins anew */
			line_recorded_patience(l);
	}
	phones_loaded(v);
	browser_loaded(v);
}

/* -- the whole -- */

static bool voice_dump(struct room *r, struct str what, struct buf *out)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	static const char *const states[] = {"port", "calling", "up", "over", "early"};
	if (str_is(what, "calls")) {
		buf_c(out,
		      "contact                               party     state    port  agent\n");
		pool_for_each (struct leg, leg, v->legs) {
			const struct contact *k = contact_get(v->core, leg->contact);
			const struct object *a = objects_who(v->core->objects, ID(leg->agent));
			char id[UUID_TEXT + 1] = "-";
			if (k)
				uuid_text(k->uuid, id);
			buf_fmt(out, "%-37s %-9.*s %-7s %5u  " STR_FMT "\n", id,
				STR_ARG(party_word(leg->role)), states[leg->state], leg->port,
				STR_ARG(a ? a->name : STR("-")));
		}
		return true;
	}
	if (str_is(what, "browsers")) {
		browser_dump(v, out);
		return true;
	}
	if (str_is(what, "trunks")) {
		trunk_dump(v, out);
		return true;
	}
	if (str_is(what, "toll")) {
		toll_dump(v, out);
		return true;
	}
	if (str_is(what, "sip")) {
		sip_counters(v->sip, out);
		return true;
	}
	if (!str_is(what, "voice"))
		return false;
	buf_fmt(out,
		"legs %u of %u, peak %u\nlines %u of %u, peak %u\nanswered %llu\nrefused %llu\n"
		"lost with media %llu\nmedia %s\n",
		pool_count(v->legs), pool_limit(v->legs), pool_peak(v->legs), pool_count(v->lines),
		pool_limit(v->lines), pool_peak(v->lines), (unsigned long long)v->answered,
		(unsigned long long)v->refused, (unsigned long long)v->lost,
		v->media_ready ? "connected" : "away");
	return true;
}

struct voice *voice_create(const struct voice_options *o)
{
	struct voice *v = xcalloc(1, sizeof *v);
	v->o = *o;
	v->core = o->core;
	list_init(&v->trials);
	/* two for each contact, and one for each browser that stands */
	v->legs = pool_create("legs", sizeof(struct leg), o->contacts_max * 3);
	v->browsers = pool_create("browsers", sizeof(struct browser), o->contacts_max);
	v->lines = pool_create("lines", sizeof(struct line), o->contacts_max);
	v->dials = pool_create("dials", sizeof(struct dial), o->contacts_max);
	v->owns = pool_create("own calls", sizeof(struct own_call), o->contacts_max);
	pool_born(v->legs, o->birth);
	v->by_contact = xcalloc(o->contacts_max + 1u, sizeof *v->by_contact);
	v->trace = trace_open(o->trace_file, o->trace_mib);
	speech_init(v);
	struct sip_options so = {
		.user = {.arg = v,
			 .event = on_sip,
			 .send = on_send,
			 .drop = on_drop,
			 .trusted = on_trusted,
			 .secret = phones_secret,
			 .domain_ours = phones_domain,
			 .binding = phones_binding,
			 .trace = on_trace,
			 .changed = on_changed,
			 .registered = enrol_told,
			 .pinged = watch_told,
			 .guessed = phones_guessed,
			 .registration_changed = enrol_changed},
		.timers = &o->core->timers,
		.dice = dice,
		.dice_arg = o->core,
		.advertise_udp = o->advertise_udp,
		.advertise_tcp = o->advertise_tcp,
		.product = o->product,
		.calls_max = o->contacts_max * 2,
		.transactions_max = o->contacts_max * 4,
		.bindings_max = 20000,
		.birth = o->birth,
		.session_s = o->session_s,
		.session_min_s = o->session_min_s,
	};
	memcpy(so.secret, o->secret, sizeof so.secret);
	memcpy(so.advertise_more, o->advertise_more, sizeof so.advertise_more);
	v->sip = sip_create(&so);
	v->room = (struct room){
		.name = "voice",
		.command = voice_command,
		.event = voice_event,
		.save = voice_save,
		.load = voice_load,
		.loaded = voice_loaded,
		.dump = voice_dump,
		.images = BIT(IMAGE_LEG) | BIT(IMAGE_BINDING) | BIT(IMAGE_VOICE) |
			  BIT(IMAGE_PLACE) | BIT(IMAGE_ENROLMENT) | BIT(IMAGE_TOLL) |
			  BIT(IMAGE_OWN_CALL) | BIT(IMAGE_BROWSER) | BIT(IMAGE_TROUBLE),
	};
	core_add_room(o->core, &v->room);
	return v;
}

void voice_destroy(struct voice *v)
{
	if (!v)
		return;
	sip_destroy(v->sip);
	speech_finish(v);
	phones_finish(v);
	trace_close(v->trace);
	pool_destroy(v->legs);
	pool_destroy(v->lines);
	pool_destroy(v->dials);
	pool_destroy(v->owns);
	pool_destroy(v->browsers);
	free(v->by_contact);
	watch_finish(v);
	toll_finish(v);
	trunk_finish(v);
	places_finish(&v->places);
	enrol_finish(v);
	trial_finish(v);
	trouble_finish(v);
	free(v);
}

void voice_time(struct voice *v)
{
	sip_time(v->sip, v->core->now_ms);
}

struct sip *voice_sip(struct voice *v)
{
	return v->sip;
}

void voice_all_lost(struct voice *v)
{
	v->last_life = true; /* datagrams could not leave yet */
	pool_for_each (struct line, l, v->lines)
		line_disconnect(l, PARTY_system, STR("server_restart"), 0);
	core_deliver(v->core);
	v->last_life = false;
}

void voice_pressed(struct voice *v, bool yes)
{
	v->pressed = yes;
}

void voice_admit(struct voice *v, bool yes)
{
	v->closed = !yes;
}

void voice_stop(struct voice *v)
{
	v->closed = v->leaving = true;
	watch_finish(v);
	pool_for_each (struct line, l, v->lines)
		line_disconnect(l, PARTY_system, STR("server stopped"), 0);
	browser_stop(v);
	enrol_sweep(v);
}

bool voice_stopped(const struct voice *v)
{
	return !pool_count(v->legs) && !sip_registrations(v->sip);
}

uint32_t voice_legs(const struct voice *v)
{
	return pool_count(v->legs);
}

void voice_offered_by(struct voice *v,
		      bool (*offered)(void *arg, struct contact_id c, struct agent_id a), void *arg)
{
	v->offered = offered;
	v->offered_arg = arg;
}

void voice_speech_object(struct voice *v, enum object_kind kind, struct id id)
{
	speech_object(v, kind, id);
}
