/* world_test.c - see world_test.h. */
#include "channel/voice/world_test.h"

#include <stdlib.h>

#include "core/batch.h"

enum { WIRE_MS = 5 };
#define UTC_MS 1700000000000

static const struct sip_address core_address = {.family = 4, .ip = {10, 0, 0, 100}, .port = 5060};
static char raw_last[4096];
static uint8_t raw_byte; /* who said something raw last */

bool has(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) >= 0;
}

/* -- the ear -- */

static const char *name_of(struct world *w, struct id id)
{
	static char name[80];
	const struct object *o = objects_who(w->core.objects, id);
	(void)str_copy(o ? o->name : STR("?"), name, sizeof name);
	return name;
}

#define SAY(...)                                                                                   \
	do {                                                                                       \
		if (w->log.n)                                                                      \
			buf_c(&w->log, "; ");                                                      \
		buf_fmt(&w->log, __VA_ARGS__);                                                     \
	} while (0)

static void ear_calls(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_arrive:
		w->contact = ev->arrive.contact;
		SAY("arrive " STR_FMT " " STR_FMT, STR_ARG(ev->arrive.from),
		    STR_ARG(ev->arrive.to));
		break;
	case EV_disconnect:
		SAY("disconnect " STR_FMT " %u " STR_FMT, STR_ARG(party_word(ev->disconnect.by)),
		    ev->disconnect.sip_code, STR_ARG(ev->disconnect.cause));
		break;
	case EV_ended:
		SAY("ended");
		break;
	case EV_digit:
		SAY("digit %u", ev->digit.digit);
		break;
	case EV_play_done:
		SAY("play_done %u %s", ev->play_done.token, ev->play_done.ok ? "ok" : "failed");
		break;
	case EV_dial:
		SAY("dial %s " STR_FMT, name_of(w, ID(ev->dial.trunk)), STR_ARG(ev->dial.number));
		break;
	case EV_dial_answer:
		SAY("dial_answer %s", name_of(w, ID(ev->dial_answer.trunk)));
		break;
	case EV_dial_end:
		SAY("dial_end %s " STR_FMT " " STR_FMT " %u %lld",
		    name_of(w, ID(ev->dial_end.trunk)),
		    STR_ARG(dial_result_word(ev->dial_end.result)),
		    STR_ARG(party_word(ev->dial_end.by)), ev->dial_end.sip_code,
		    (long long)ev->dial_end.talk_ms);
		break;
	case EV_leg_end:
		SAY("leg_end " STR_FMT " " STR_FMT " %u", STR_ARG(party_word(ev->leg_end.party)),
		    STR_ARG(ev->leg_end.codec), ev->leg_end.received);
		break;
	case EV_recording_start:
		SAY("recording_start");
		break;
	case EV_recording_end:
		SAY("recording_end %lld [" STR_FMT "]", (long long)ev->recording_end.duration_ms,
		    STR_ARG(ev->recording_end.flaw));
		break;
	default:
		break;
	}
}

static void ear_agents(struct world *w, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_offer_end:
		SAY("offer_end %s " STR_FMT, name_of(w, ID(ev->offer_end.agent)),
		    STR_ARG(offer_result_word(ev->offer_end.result)));
		break;
	case EV_agent_end:
		SAY("agent_end %s " STR_FMT, name_of(w, ID(ev->agent_end.agent)),
		    STR_ARG(party_word(ev->agent_end.by)));
		break;
	case EV_hold_on:
	case EV_hold_off:
		SAY(STR_FMT " " STR_FMT, STR_ARG(event_name(ev->kind)),
		    STR_ARG(party_word(ev->hold_on.by)));
		break;
	case EV_phone_changed:
		if (w->hears_phones)
			SAY("phone %s %s", name_of(w, ID(ev->phone_changed.agent)),
			    ev->phone_changed.ready ? "ready" : "away");
		break;
	default:
		break;
	}
}

static void ear_event(struct room *r, const struct event *ev)
{
	struct world *w = CONTAINER_OF(r, struct world, ear);
	ear_calls(w, ev);
	ear_agents(w, ev);
}

/* -- the fakes of acd and flow -- */

struct row *row_of(struct world *w, struct contact_id c)
{
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		if (w->rows[i].state != ROW_FREE && ID_EQ(w->rows[i].c, c))
			return &w->rows[i];
	return NULL;
}

struct agent_id agent_called(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_user, STR("acme"), str_of(name ? name : ""));
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

struct queue_id queue_called(struct world *w, const char *name)
{
	const struct object *o =
		objects_find(w->core.objects, KIND_queue, STR("acme"), str_of(name));
	return ID_AS(queue_id, o->id);
}

static bool is_agent(struct world *w, const struct row *r, struct agent_id a)
{
	return r->agent && ID_EQ(agent_called(w, r->agent), a);
}

static void acd_offer_end(struct world *w, struct row *r, enum offer_result result)
{
	EMIT(&w->core, offer_end, .contact = r->c, .queue = queue_called(w, "sales"),
	     .agent = agent_called(w, r->agent), .result = result);
	r->state = ROW_WAITING;
}

static void acd_talk_over(struct world *w, struct row *r, enum party by)
{
	r->state = ROW_FLOW;
	r->held = false;
	EMIT(&w->core, agent_end, .contact = r->c, .queue = queue_called(w, "sales"),
	     .agent = agent_called(w, r->agent), .by = by, .result = RESULT_completed);
}

static enum err acd_accept(struct world *w, const struct command_offer_accept *cmd)
{
	struct row *r = row_of(w, cmd->contact);
	if (!r || r->state != ROW_OFFERED || !is_agent(w, r, cmd->agent)) {
		w->accepts_refused++;
		return ERR_CONFLICT;
	}
	struct queue_id q = queue_called(w, "sales");
	acd_offer_end(w, r, OFFER_accepted);
	r->state = ROW_TALKING;
	EMIT(&w->core, dequeue, .contact = r->c, .queue = q, .reason = RESULT_answered);
	EMIT(&w->core, answer, .contact = r->c, .queue = q, .agent = cmd->agent);
	return ERR_OK;
}

static enum err acd_command(struct room *room, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(room, struct world, acd);
	struct row *r;
	switch ((int)cmd->kind) {
	case CMD_offer_accept:
		return acd_accept(w, &cmd->offer_accept);
	case CMD_offer_fail:
		r = row_of(w, cmd->offer_fail.contact);
		if (!r || r->state != ROW_OFFERED || !is_agent(w, r, cmd->offer_fail.agent))
			return ERR_CONFLICT;
		w->failed = cmd->offer_fail.result;
		w->fails++;
		acd_offer_end(w, r, cmd->offer_fail.result);
		return ERR_OK;
	case CMD_talk_end:
		r = row_of(w, cmd->talk_end.contact);
		if (!r || r->state != ROW_TALKING || !is_agent(w, r, cmd->talk_end.agent))
			return ERR_CONFLICT;
		acd_talk_over(w, r, cmd->talk_end.by);
		return ERR_OK;
	case CMD_hold_set:
		r = row_of(w, cmd->hold_set.contact);
		if (!r || r->state != ROW_TALKING || r->held == cmd->hold_set.on)
			return ERR_CONFLICT;
		r->held = cmd->hold_set.on;
		if (r->held)
			EMIT(&w->core, hold_on, .contact = r->c, .by = cmd->hold_set.by);
		else
			EMIT(&w->core, hold_off, .contact = r->c, .by = cmd->hold_set.by);
		return ERR_OK;
	default:
		return ERR_UNSUPPORTED;
	}
}

static void acd_event(struct room *room, const struct event *ev)
{
	struct world *w = CONTAINER_OF(room, struct world, acd);
	if (ev->kind == EV_contact_gone) {
		struct row *gone = row_of(w, ev->contact_gone.contact);
		if (gone)
			*gone = (struct row){0};
	}
	struct row *r = ev->kind == EV_disconnect ? row_of(w, ev->disconnect.contact) : NULL;
	if (!r)
		return;
	if (r->state == ROW_OFFERED)
		acd_offer_end(w, r, OFFER_cancelled_by_caller);
	if (r->state == ROW_WAITING)
		EMIT(&w->core, dequeue, .contact = r->c, .queue = queue_called(w, "sales"),
		     .reason = RESULT_abandoned);
	if (r->state == ROW_TALKING)
		acd_talk_over(w, r, PARTY_customer);
	r->state = ROW_FLOW;
}

static enum err flow_command(struct room *room, const struct command *cmd)
{
	struct world *w = CONTAINER_OF(room, struct world, flow);
	if (cmd->kind != CMD_flow_start)
		return ERR_UNSUPPORTED;
	if (w->flow_refuses)
		return ERR_NOT_FOUND;
	w->flow_starts++;
	for (uint32_t i = 0; i < ROWS_MAX; i++) {
		if (w->rows[i].state != ROW_FREE)
			continue;
		w->rows[i] = (struct row){.c = cmd->flow_start.contact, .state = ROW_FLOW};
		return ERR_OK;
	}
	return ERR_FULL;
}

static void flow_event(struct room *room, const struct event *ev)
{
	struct world *w = CONTAINER_OF(room, struct world, flow);
	if (ev->kind != EV_agent_end || ev->agent_end.by != PARTY_agent || w->goes_on)
		return;
	EXPECT(SEND(&w->core, hang_up, .contact = ev->agent_end.contact, .by = PARTY_agent,
		    .cause = STR("flow")) == ERR_OK);
}

/* -- the wire -- */

static void post(struct world *w, const struct sip_address *from, const struct sip_address *to,
		 struct str bytes)
{
	w->sent++;
	if (w->wire_cut)
		return;
	CHECK(w->packet_count < PACKETS_MAX);
	struct packet *p = &w->packets[w->packet_count++];
	*p = (struct packet){.at_ms = w->now_ms + WIRE_MS,
			     .order = ++w->packet_order,
			     .from = *from,
			     .to = *to,
			     .bytes = str_make(str_dup(bytes), bytes.n)};
}

static void core_send_sip(void *arg, const struct sip_address *to, struct str bytes)
{
	post(arg, &core_address, to, bytes);
}

static void to_side(struct side *s, const struct packet *p)
{
	(void)str_copy(str_head(p->bytes, sizeof s->last - 1), s->last, sizeof s->last);
	sip_time(s->sip, s->w->now_ms);
	if (!s->scripted)
		sip_input(s->sip, &p->from, p->bytes);
}

static void carry(struct world *w, const struct packet *p)
{
	if (sip_address_eq(&p->to, &core_address)) {
		CHECK(w->voice); /* the run waits while no core lives */
		TURN(w, sip_input(voice_sip(w->voice), &p->from, p->bytes));
		return;
	}
	for (int i = 0; i < SIDES; i++)
		if (sip_address_eq(&p->to, &w->sides[i].address))
			to_side(&w->sides[i], p);
	if (p->to.ip[3] == raw_byte)
		(void)str_copy(str_head(p->bytes, sizeof raw_last - 1), raw_last, sizeof raw_last);
}

/* The oldest packet that is due; datagrams to a dead core wait in the socket. */
static bool carry_one(struct world *w)
{
	struct packet *best = NULL;
	for (uint32_t i = 0; i < w->packet_count; i++) {
		struct packet *p = &w->packets[i];
		bool waits = !w->voice && sip_address_eq(&p->to, &core_address);
		if (p->at_ms <= w->now_ms && !waits && (!best || p->order < best->order))
			best = p;
	}
	if (!best)
		return false;
	struct packet p = *best;
	*best = w->packets[--w->packet_count];
	carry(w, &p);
	free((char *)(uintptr_t)p.bytes.p);
	return true;
}

struct str raw_say(struct world *w, uint8_t last_byte, const char *text)
{
	struct sip_address from = {.family = 4, .ip = {10, 0, 0, last_byte}, .port = 5060};
	struct buf b = buf_grow(1024);
	const char *body = strstr(text, "\n\n");
	size_t length = 0;
	for (const char *c = body ? body + 2 : ""; *c; c++)
		length += *c == '\n' ? 2 : 1;
	for (; *text; text++) {
		if (text == body)
			buf_fmt(&b, "\r\nContent-Length: %zu", length);
		if (*text == '\n')
			buf_ch(&b, '\r');
		buf_ch(&b, *text);
	}
	raw_last[0] = 0;
	raw_byte = last_byte;
	post(w, &from, &core_address, buf_str(&b));
	buf_free(&b);
	world_run(w, 20);
	return str_of(raw_last);
}

/* -- carrier and phones -- */

struct sdp_audio sound_of(const struct side *s)
{
	struct sdp_audio a = {.address = STR("10.0.0.1"), .port = s->port, .ptime_ms = 20};
	if (s->codec) {
		a.codecs[a.codec_count++] =
			(struct sdp_codec){str_of(s->codec), 8000,
					   str_is(str_of(s->codec), "PCMU")   ? 0
					   : str_is(str_of(s->codec), "PCMA") ? 8
									      : 97};
	} else {
		a.codecs[a.codec_count++] = (struct sdp_codec){STR("PCMA"), 8000, 8};
		a.codecs[a.codec_count++] = (struct sdp_codec){STR("PCMU"), 8000, 0};
	}
	a.codecs[a.codec_count++] = (struct sdp_codec){STR("telephone-event"), 8000, 96};
	a.direction = s->direction;
	return a;
}

static void hear_sdp(struct side *s, const struct sdp_audio *sdp)
{
	s->peer_port = sdp->port;
	s->direction = sdp->direction;
	s->codec_count = sdp->codec_count;
	(void)str_copy(sdp->codecs[0].name, s->first_codec, sizeof s->first_codec);
}

static void side_incoming(struct side *s, const struct sip_event *ev)
{
	s->incoming++;
	s->call = ev->call;
	(void)str_copy(str_head(ev->from_user, 63), s->from_user, sizeof s->from_user);
	if (ev->sdp)
		hear_sdp(s, ev->sdp);
	s->direction = SDP_SENDRECV;
	struct sdp_audio mine = sound_of(s);
	if (s->refuses)
		sip_call_reject(s->sip, ev->call, s->refuses, 0);
	else if (s->rings)
		sip_call_ring(s->sip, ev->call, s->early ? 183 : 180, s->early ? &mine : NULL);
	if (!s->refuses && s->answers)
		sip_call_accept(s->sip, ev->call, &mine);
}

static void side_event(void *arg, const struct sip_event *ev)
{
	struct side *s = arg;
	struct sdp_audio mine;
	switch (ev->kind) {
	case SIP_INCOMING:
		side_incoming(s, ev);
		break;
	case SIP_ANSWERED:
		s->answered++;
		if (ev->sdp)
			hear_sdp(s, ev->sdp);
		break;
	case SIP_REOFFER:
		s->reoffers++;
		mine = sound_of(s);
		sip_call_answer(s->sip, ev->call, &mine);
		break;
	case SIP_REANSWER:
		s->reanswers++;
		s->status = ev->status;
		if (ev->sdp)
			hear_sdp(s, ev->sdp);
		break;
	case SIP_CALL_OVER:
		s->over++;
		s->status = ev->status;
		s->how = ev->over;
		break;
	case SIP_RINGING:
	case SIP_CONFIRMED:
	case SIP_DIGIT:
		break;
	}
}

static void side_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct side *s = arg;
	post(s->w, &s->address, to, bytes);
}

static bool side_trusts(void *arg, const struct sip_address *from)
{
	(void)arg, (void)from;
	return true;
}

static enum err no_secret(void *arg, struct str user, struct str realm, struct str *md5,
			  struct str *sha256, bool *wants)
{
	(void)arg, (void)user, (void)realm, (void)md5, (void)sha256, (void)wants;
	return ERR_NOT_FOUND;
}

static bool no_domain(void *arg, struct str domain)
{
	(void)arg, (void)domain;
	return false;
}

static void no_binding(void *arg, uint32_t slot, struct str user, struct str domain,
		       struct str image)
{
	(void)arg, (void)slot, (void)user, (void)domain, (void)image;
}

static void no_trace(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		     struct str bytes)
{
	(void)arg, (void)call, (void)out, (void)peer, (void)bytes;
}

static void no_change(void *arg, struct sip_call_id call)
{
	(void)arg, (void)call;
}

static uint64_t side_dice(void *arg)
{
	static uint64_t z;
	(void)arg;
	z += 0x9e3779b97f4a7c15ull;
	return (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
}

static void side_begin(struct world *w, int n)
{
	static const char *const names[] = {"10.0.0.1:5060", "10.0.0.2:5060", "10.0.0.3:5060"};
	struct side *s = &w->sides[n];
	*s = (struct side){
		.w = w, .rings = true, .answers = true, .port = (uint16_t)(4000 + 100 * n)};
	s->address =
		(struct sip_address){.family = 4, .ip = {10, 0, 0, (uint8_t)(n + 1)}, .port = 5060};
	timers_init(&s->timers);
	s->sip = sip_create(&(struct sip_options){
		.user = {s, side_event, side_send, side_trusts, no_secret, no_domain, no_binding,
			 no_trace, no_change, NULL},
		.timers = &s->timers,
		.dice = side_dice,
		.advertise_udp = str_of(names[n]),
		.product = STR("peer"),
		.calls_max = 64,
		.transactions_max = 256,
		.bindings_max = 4,
		.secret = {(uint8_t)n},
	});
	sip_time(s->sip, w->now_ms);
}

/* -- media -- */

static struct media_leg *media_leg(struct world *w, struct id id)
{
	for (uint32_t i = 0; i < MEDIA_MAX; i++)
		if (w->media_legs[i].id.slot && ID_EQ(w->media_legs[i].id, id))
			return &w->media_legs[i];
	return NULL;
}

static struct media_rec *media_rec(struct world *w, struct id id)
{
	for (uint32_t i = 0; i < MEDIA_MAX; i++)
		if (w->media_recs[i].id.slot && ID_EQ(w->media_recs[i].id, id))
			return &w->media_recs[i];
	return NULL;
}

#define REPORT_NOW(w, name_, ...)                                                                  \
	report_encode(&(w)->reports,                                                               \
		      &(struct report){.kind = REPORT_##name_, .name_ = {__VA_ARGS__}})

void media_tells_recorded(struct world *w, const struct media_rec *r)
{
	REPORT_NOW(w, recorded, .rec = r->id, .path = str_of(r->path),
		   .duration_ms = w->now_ms - r->from_ms, .bytes = 44, .sha256 = STR("abc"));
}

static void media_rec_over(struct world *w, struct media_rec *r)
{
	if (r->over)
		return;
	r->over = true;
	if (!w->media_mute_recorded)
		media_tells_recorded(w, r);
}

static void media_open(struct world *w, const struct order_leg_open *o)
{
	w->opens++;
	struct media_leg *l = media_leg(w, o->leg);
	if (w->media_no_ports) {
		REPORT_NOW(w, leg_opened, .leg = o->leg, .err = ERR_FULL);
		return;
	}
	for (uint32_t i = 0; !l && i < MEDIA_MAX; i++) {
		if (w->media_legs[i].id.slot)
			continue;
		l = &w->media_legs[i];
		*l = (struct media_leg){
			.id = o->leg, .contact = o->contact, .port = (uint16_t)(w->next_port += 2)};
	}
	CHECK(l);
	if (!w->media_mute_open)
		REPORT_NOW(w, leg_opened, .leg = o->leg, .port = l->port);
}

static void media_close(struct world *w, struct id id)
{
	struct media_leg *l = media_leg(w, id);
	if (!l) { /* so that nobody waits for a leg that is not there */
		w->odd++;
		REPORT_NOW(w, leg_closed, .leg = id);
		return;
	}
	for (uint32_t i = 0; i < MEDIA_MAX; i++)
		if (w->media_recs[i].id.slot &&
		    (ID_EQ(w->media_recs[i].left, id) || ID_EQ(w->media_recs[i].right, id)))
			media_rec_over(w, &w->media_recs[i]);
	if (!w->media_mute_close)
		REPORT_NOW(w, leg_closed, .leg = id, .sent = 10, .received = 20);
	*l = (struct media_leg){0};
}

static void media_record(struct world *w, const struct order_record *o)
{
	if (media_rec(w, o->rec))
		return;
	w->records++;
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		struct media_rec *r = &w->media_recs[i];
		if (r->id.slot)
			continue;
		*r = (struct media_rec){o->rec, o->left, o->right, .from_ms = w->now_ms};
		(void)str_copy(o->path, r->path, sizeof r->path);
		return;
	}
	CHECK(!"enough recordings");
}

static void media_inventory(struct world *w, uint32_t number)
{
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		const struct media_leg *l = &w->media_legs[i];
		if (l->id.slot)
			REPORT_NOW(w, leg_is, .leg = l->id, .contact = l->contact, .port = l->port,
				   .joined = l->joined, .play = l->play);
	}
	REPORT_NOW(w, inventory_end, .number = number);
}

static void media_legs_order(struct world *w, const struct order *o)
{
	struct media_leg *l, *m;
	switch ((int)o->kind) {
	case ORDER_leg_remote:
		l = media_leg(w, o->leg_remote.leg);
		w->odd += !l;
		if (l) {
			l->remote_port = o->leg_remote.port;
			l->send = o->leg_remote.send;
			l->receive = o->leg_remote.receive;
			l->codec = o->leg_remote.codec;
			l->dtmf_pt = o->leg_remote.dtmf_pt;
		}
		break;
	case ORDER_join:
		l = media_leg(w, o->join.a);
		m = media_leg(w, o->join.b);
		w->odd += !l || !m;
		if (l && m && !ID_EQ(l->joined, m->id)) {
			w->joins++;
			l->joined = m->id;
			m->joined = l->id;
		}
		break;
	case ORDER_part:
		l = media_leg(w, o->part.a);
		m = l ? media_leg(w, l->joined) : NULL;
		if (l)
			l->joined = (struct id){0};
		if (m)
			m->joined = (struct id){0};
		break;
	default:
		break;
	}
}

static void media_sounds(struct world *w, const struct order *o)
{
	struct media_leg *l;
	switch ((int)o->kind) {
	case ORDER_play:
		l = media_leg(w, o->play.leg);
		w->odd += !l;
		if (l && l->play != o->play.play) {
			w->plays++;
			l->play = o->play.play;
			l->loop = o->play.loop;
			l->music[0] = 0;
			(void)str_copy(o->play.files, l->files, sizeof l->files);
		}
		break;
	case ORDER_music:
		l = media_leg(w, o->music.leg);
		w->odd += !l;
		if (l && l->play != o->music.play) {
			w->musics++;
			l->play = o->music.play;
			l->files[0] = 0;
			(void)str_copy(o->music.name, l->music, sizeof l->music);
		}
		break;
	case ORDER_play_stop:
		l = media_leg(w, o->play_stop.leg);
		if (l && l->play == o->play_stop.play)
			l->files[0] = l->music[0] = 0;
		break;
	default:
		break;
	}
}

static void media_obey(struct world *w, const struct order *o)
{
	struct media_rec *r;
	switch ((int)o->kind) {
	case ORDER_hello:
		REPORT_NOW(w, hello, .version = ORDER_VERSION);
		for (uint32_t i = 0; i < MEDIA_MAX; i++)
			if (w->media_recs[i].id.slot && w->media_recs[i].over &&
			    !w->media_recs[i].acked && !w->media_mute_recorded)
				media_tells_recorded(w, &w->media_recs[i]);
		break;
	case ORDER_inventory:
		media_inventory(w, o->inventory.number);
		break;
	case ORDER_leg_open:
		media_open(w, &o->leg_open);
		break;
	case ORDER_leg_close:
		media_close(w, o->leg_close.leg);
		break;
	case ORDER_record:
		media_record(w, &o->record);
		break;
	case ORDER_record_stop:
		w->stops++;
		r = media_rec(w, o->record_stop.rec);
		if (r)
			media_rec_over(w, r);
		break;
	case ORDER_record_ack:
		r = media_rec(w, o->record_ack.rec);
		if (r)
			r->acked = true;
		break;
	default:
		media_legs_order(w, o);
		media_sounds(w, o);
		break;
	}
}

static void core_order(void *arg, uint32_t media, struct str bytes)
{
	struct world *w = arg;
	EXPECT(media == w->media_number);
	buf_put(&w->orders, bytes);
}

static void media_obey_all(struct world *w)
{
	struct str rest = buf_str(&w->orders);
	struct order o;
	while (rest.n) {
		EXPECT(order_decode(&rest, &o) == ERR_OK);
		if (w->media_up)
			media_obey(w, &o);
	}
	w->orders.n = 0;
}

static bool media_report_all(struct world *w)
{
	if (!w->media_up || !w->voice || !w->reports.n)
		return false;
	struct buf packet = w->reports;
	w->reports = buf_grow(1024);
	TURN(w, voice_media_input(w->voice, w->media_number, buf_str(&packet)));
	buf_free(&packet);
	return true;
}

void media_says(struct world *w, const struct report *r)
{
	report_encode(&w->reports, r);
	world_run(w, 0);
}

void media_dies(struct world *w)
{
	w->media_up = false;
	memset(w->media_legs, 0, sizeof w->media_legs);
	for (uint32_t i = 0; i < MEDIA_MAX; i++)
		if (!w->media_recs[i].over)
			w->media_recs[i] = (struct media_rec){0};
	w->reports.n = 0;
	if (w->voice)
		TURN(w, voice_media_down(w->voice, w->media_number));
	w->media_number++;
}

/* What the supervisor says when a connection is new. */
void media_introduced(struct world *w)
{
	TURN(w, voice_media_living(w->voice, &w->media_number, 1));
	TURN(w, voice_media_up(w->voice, w->media_number));
}

void media_comes(struct world *w)
{
	w->media_up = true;
	if (w->voice)
		media_introduced(w);
	world_run(w, 0);
}

struct media_leg *media_leg_of(struct world *w, struct id id)
{
	return media_leg(w, id);
}

struct media_leg *media_of(struct world *w, enum party role)
{
	struct media_leg *found = NULL;
	if (!w->voice)
		return NULL;
	pool_for_each (struct leg, leg, w->voice->legs) {
		if (leg->role == role && leg->state != LEG_OVER && ID_EQ(leg->contact, w->contact))
			found = media_leg(w, ID(leg->id));
	}
	return found;
}

/* -- speech -- */

static void core_speak(void *arg, struct str key, struct str lang, struct str text)
{
	struct world *w = arg;
	w->asked++;
	(void)str_copy(key, w->asked_key, sizeof w->asked_key);
	(void)str_copy(lang, w->asked_lang, sizeof w->asked_lang);
	(void)str_copy(str_head(text, 63), w->asked_text, sizeof w->asked_text);
	if (w->speaks_at_once)
		voice_spoken(w->voice, key, true);
}

static void core_resolve(void *arg, enum dns_kind kind, struct str name)
{
	struct world *w = arg;
	(void)kind;
	w->names_asked++;
	(void)str_copy(name, w->name_asked, sizeof w->name_asked);
}

/* -- turns and lives -- */

void turn(struct world *w)
{
	CHECK(!w->in_turn && w->voice);
	w->in_turn = true;
	core_turn_begin(&w->core, w->now_ms, UTC_MS + w->now_ms);
	voice_time(w->voice);
}

void turn_end(struct world *w)
{
	buf_put(&w->all, core_turn_end(&w->core).bytes);
	w->in_turn = false;
	media_obey_all(w);
}

void world_object(struct world *w, const struct config *c)
{
	struct config *copy = xcalloc(1, sizeof *copy);
	struct id id;
	*copy = *c;
	arena_init(&copy->arena);
	CHECK(objects_put(w->core.objects, copy, 1, &id) == ERR_OK);
	EMIT(&w->core, object_moved, .kind = c->kind, .slot = id.slot, .age = id.age);
	core_deliver(&w->core);
}

#define OBJECT(kind_, name, member, ...)                                                           \
	world_object(w, &(struct config){.kind = kind_,                                            \
					 .tenant = STR("acme"),                                    \
					 .id = STR(name),                                          \
					 .member = __VA_ARGS__})

static void declare(struct world *w)
{
	static const struct trunk_peer peers[] = {{.address = {"10.0.0.1", 8}},
						  {.address = {"10.0.0.9", 8}},
						  {.address = {"not-an-address", 14}}};
	static const struct str codecs[] = {{"PCMA", 4}, {"PCMU", 4}};
	static const struct lang_text hello[] = {{{"pl", 2}, {"Witaj", 5}},
						 {{"en", 2}, {"Hello", 5}}};
	static const struct lang_text tune[] = {{{"en", 2}, {"la la", 5}}};
	static const struct lang_text say[] = {{{"", 0}, {"Bywaj", 5}}};
	static const struct flow_node node = {.kind = NODE_SAY, .texts = say, .text_count = 1};
	OBJECT(KIND_tenant, "acme", tenant_of,
	       {.domain = STR("acme.test"), .locale = STR("pl-PL"), .country = STR("PL")});
	OBJECT(KIND_prompt, "hello", prompt, {.texts = hello, .text_count = 2});
	OBJECT(KIND_prompt, "tune", prompt, {.texts = tune, .text_count = 1});
	OBJECT(KIND_flow, "main", flow, {.nodes = &node, .node_count = 1});
	OBJECT(KIND_number, NUMBER, number, {.flow = STR("main")});
	OBJECT(KIND_number, "200", number, {.flow = STR("nowhere")});
	OBJECT(KIND_trunk, "carrier", trunk,
	       {.peers = peers,
		.peer_count = COUNT_OF(peers),
		.codecs = codecs,
		.codec_count = COUNT_OF(codecs),
		.max_calls = w->max_calls});
	OBJECT(KIND_queue, "sales", queue,
	       {.record_percent = w->record_percent, .music = str_of(w->queue_music)});
	OBJECT(KIND_user, "anna", user,
	       {.phone = PHONE_sip, .phone_contact = STR("sip:anna@10.0.0.2:5060")});
	/* boris:acme.test:swordfish */
	OBJECT(KIND_user, "boris", user,
	       {.phone = PHONE_sip, .ha1_md5 = STR("7f2524aea6e41f8056c0f59c1dc84bf6")});
	OBJECT(KIND_user, "clara", user, {.phone = PHONE_browser});
	if (w->declares)
		w->declares(w);
}

static bool still_offered(void *arg, struct contact_id c, struct agent_id a)
{
	struct world *w = arg;
	struct row *r = row_of(w, c);
	return r && r->state == ROW_OFFERED && is_agent(w, r, a);
}

static void life_begin(struct world *w)
{
	core_init(&w->core, &(struct core_limits){.contacts = w->contacts_max, .objects = 64},
		  7 + w->life, w->life);
	w->acd = (struct room){.name = "acd", .command = acd_command, .event = acd_event};
	w->flow = (struct room){.name = "flow", .command = flow_command, .event = flow_event};
	w->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&w->core, &w->acd);
	core_add_room(&w->core, &w->flow);
	w->voice = voice_create(&(struct voice_options){
		.core = &w->core,
		.advertise_udp = STR("10.0.0.100:5060"),
		.advertise_tcp = STR("10.0.0.100:5060"),
		.media_address = STR("10.0.0.100"),
		.speech_dir = STR("/speech"),
		.trace_file = str_of(w->trace_file ? w->trace_file : ""),
		.product = STR("centrala"),
		.contacts_max = w->contacts_max,
		.birth = (w->life & 0x7fff) << 16,
		.secret = {1, 2, 3},
		.arg = w,
		.send = core_send_sip,
		.order = core_order,
		.speak = core_speak,
		.resolve = core_resolve,
	});
	voice_offered_by(w->voice, still_offered, w);
	core_add_room(&w->core, &w->ear);
	w->life++;
}

struct world *world_create_with(uint32_t contacts_max, uint32_t record_percent, uint32_t max_calls)
{
	struct world *w = xcalloc(1, sizeof *w);
	log_level_set(LOG_ERROR);
	w->now_ms = 1000000;
	w->contacts_max = contacts_max;
	w->record_percent = record_percent;
	w->max_calls = max_calls;
	w->queue_music = "default";
	w->next_port = 20000;
	w->media_up = w->speaks_at_once = true;
	w->media_number = 1;
	w->log = buf_grow(1024);
	w->all = buf_grow(4096);
	w->orders = buf_grow(1024);
	w->reports = buf_grow(1024);
	for (int i = 0; i < SIDES; i++)
		side_begin(w, i);
	life_begin(w);
	TURN(w, declare(w));
	media_comes(w);
	w->log.n = 0;
	return w;
}

struct world *world_create(void)
{
	return world_create_with(8, 100, 0);
}

void world_die(struct world *w)
{
	if (w->in_turn)
		turn_end(w);
	/* as in the program: what the dead had in memory is simply gone */
	timers_finish(&w->core.timers);
	voice_destroy(w->voice);
	core_finish(&w->core);
	w->voice = NULL;
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

void world_live(struct world *w)
{
	life_begin(w);
	turn(w);
	/* other slots than before, so that no id of the object table can be right by luck */
	OBJECT(KIND_reason, "lunch", reason, {.name = STR("lunch")});
	OBJECT(KIND_reason, "coffee", reason, {.name = STR("coffee")});
	declare(w);
	struct str rest = buf_str(&w->all);
	struct batch_item item;
	while (batch_next(&rest, &item) == ERR_OK) {
		bool torn = item.kind == IMAGE_LEG && item.id.slot == w->torn_leg;
		if (item.type == BATCH_IMAGE && torn) /* its dialog cannot be read */
			item.image.n -= MIN(item.image.n, 8u);
		if (item.type == BATCH_IMAGE)
			core_load(&w->core, (enum image_kind)item.kind, item.id, item.image);
		else if (item.type == BATCH_GONE)
			core_unload(&w->core, (enum image_kind)item.kind, item.id);
	}
	EXPECT(!rest.n);
	EXPECT(core_loaded(&w->core) == 0);
	w->all.n = 0;
	core_save_all(&w->core, collect, &w->all); /* a new segment, as the ring would begin one */
	turn_end(w);
	if (w->media_up)
		media_introduced(w);
}

void world_restart(struct world *w)
{
	world_die(w);
	world_live(w);
	world_run(w, 0);
}

static int64_t next_time(const struct world *w)
{
	int64_t at = w->voice ? core_next_timer(&w->core) : INT64_MAX;
	for (uint32_t i = 0; i < w->packet_count; i++)
		if (w->voice || !sip_address_eq(&w->packets[i].to, &core_address))
			at = MIN(at, w->packets[i].at_ms);
	for (int i = 0; i < SIDES; i++)
		at = MIN(at, timers_next(&w->sides[i].timers));
	return at;
}

void world_run(struct world *w, int64_t ms)
{
	int64_t end = w->now_ms + ms;
	for (;;) {
		while (media_report_all(w))
			;
		int64_t at = next_time(w);
		if (at > end)
			break;
		w->now_ms = MAX(at, w->now_ms);
		for (int i = 0; i < SIDES; i++) {
			sip_time(w->sides[i].sip, w->now_ms);
			timers_run(&w->sides[i].timers, w->now_ms, 1000);
		}
		if (w->voice)
			TURN(w, (void)0);
		while (carry_one(w) || media_report_all(w))
			;
	}
	w->now_ms = end;
	for (int i = 0; i < SIDES; i++)
		sip_time(w->sides[i].sip, w->now_ms);
}

uint32_t lines_of(struct world *w)
{
	return pool_count(w->voice->lines);
}

void world_destroy(struct world *w)
{
	if (w->voice)
		world_die(w);
	for (int i = 0; i < SIDES; i++) {
		timers_finish(&w->sides[i].timers);
		sip_destroy(w->sides[i].sip);
	}
	for (uint32_t i = 0; i < w->packet_count; i++)
		free((char *)(uintptr_t)w->packets[i].bytes.p);
	buf_free(&w->log);
	buf_free(&w->all);
	buf_free(&w->orders);
	buf_free(&w->reports);
	free(w);
}

void world_end(struct world *w)
{
	char text[4096];
	struct buf counters = buf_make(text, sizeof text);
	w->wire_cut = false;
	world_run(w, 70000);
	EXPECT(contact_count(&w->core) == 0);
	EXPECT(voice_legs(w->voice) == 0);
	EXPECT(lines_of(w) == 0);
	for (uint32_t i = 0; i < w->voice->trunk_room; i++)
		EXPECT(w->voice->trunks[i].calls == 0);
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		EXPECT(!w->media_legs[i].id.slot);
		EXPECT(!w->media_recs[i].id.slot || w->media_recs[i].acked);
	}
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		EXPECT(w->rows[i].state == ROW_FREE);
	sip_counters(voice_sip(w->voice), &counters);
	EXPECT(has(buf_str(&counters), "sip_calls 0\nsip_transactions 0\n"));
	/* a new core would find nobody either */
	world_restart(w);
	EXPECT(contact_count(&w->core) == 0 && voice_legs(w->voice) == 0);
	world_destroy(w);
}

/* -- what people do -- */

struct sip_call_id dial(struct world *w, const char *number)
{
	char text[96];
	struct buf uri = buf_make(text, sizeof text);
	struct side *t = &w->sides[TRUNK];
	buf_fmt(&uri, "sip:%s@10.0.0.100:5060", number);
	struct sip_invite i = {.uri = buf_str(&uri),
			       .to = core_address,
			       .from_user = STR(CALLER),
			       .from_host = STR("10.0.0.1"),
			       .sdp = sound_of(t)};
	t->direction = SDP_SENDRECV;
	EXPECT(sip_call_start(t->sip, &i, &t->call) == ERR_OK);
	world_run(w, 50);
	return t->call;
}

void call_in_flow(struct world *w)
{
	uint32_t before = w->flow_starts;
	dial(w, NUMBER);
	EXPECT(w->flow_starts == before + 1);
	EXPECT(w->sides[TRUNK].answered);
}

void enqueue(struct world *w)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_FLOW);
	r->state = ROW_WAITING;
	TURN(w, EMIT(&w->core, enqueue, .contact = r->c, .queue = queue_called(w, "sales")));
	world_run(w, 0);
}

void call_waiting(struct world *w)
{
	call_in_flow(w);
	enqueue(w);
}

void offer(struct world *w, const char *agent)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_WAITING);
	r->state = ROW_OFFERED;
	r->agent = agent;
	TURN(w, EMIT(&w->core, offer, .contact = r->c, .queue = queue_called(w, "sales"),
		     .agent = agent_called(w, agent), .ring_ms = 15000));
	world_run(w, 40);
}

void offer_times_out(struct world *w)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_OFFERED);
	TURN(w, acd_offer_end(w, r, OFFER_no_answer));
	world_run(w, 40);
}

void call_ringing(struct world *w)
{
	w->sides[ANNA].answers = false;
	call_waiting(w);
	offer(w, "anna");
	EXPECT(w->sides[ANNA].incoming);
}

void call_talking(struct world *w)
{
	call_waiting(w);
	offer(w, "anna");
	EXPECT(row_of(w, w->contact) && row_of(w, w->contact)->state == ROW_TALKING);
	w->log.n = 0;
}

void hang_up(struct world *w, int side)
{
	sip_call_end(w->sides[side].sip, w->sides[side].call);
	world_run(w, 40);
}

enum err play(struct world *w, uint32_t token, const char *a, const char *b)
{
	struct play_item items[2] = {{.text = str_of(a)}, {.text = str_of(b)}};
	enum err e;
	TURN(w, e = SEND(&w->core, media_play, .contact = w->contact, .token = token,
			 .items = items, .count = b ? 2 : 1));
	world_run(w, 0);
	return e;
}
