/* world_media_test.c - the media process of the invented world: does as order.def says, without
 * sound. */
#include "channel/voice/world_inside_test.h"

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

static void media_pairs(struct world *w);

static void media_moves(struct world *w, struct media_leg *l, struct id contact)
{
	if (ID_EQ(l->contact, contact))
		return;
	if (!w->media_mute_moved)
		REPORT_NOW(w, leg_moved, .leg = l->id, .contact = l->contact, .sent = 5,
			   .received = 6);
	l->contact = contact;
	l->hears = (struct order_ids){0};
	media_pairs(w);
}

static void media_open(struct world *w, const struct order_leg_open *o)
{
	w->opens++;
	struct media_leg *l = media_leg(w, o->leg);
	if (w->media_no_ports) {
		REPORT_NOW(w, leg_opened, .leg = o->leg, .err = ERR_FULL);
		return;
	}
	if (l)
		media_moves(w, l, o->contact);
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

static void media_web(struct world *w, const struct order_leg_web *o)
{
	struct media_leg *l = media_leg(w, o->leg);
	if (!l) {
		bool mute = w->media_mute_open;
		w->media_mute_open = true;
		media_open(w, &(struct order_leg_open){.leg = o->leg, .contact = o->contact});
		w->media_mute_open = mute;
		l = media_leg(w, o->leg);
	}
	if (!l) {
		REPORT_NOW(w, leg_web_opened, .leg = o->leg, .err = ERR_FULL);
		return;
	}
	media_moves(w, l, o->contact);
	l->up = l->up && str_is(o->ufrag, l->ufrag);
	(void)str_copy(o->ufrag, l->ufrag, sizeof l->ufrag);
	EXPECT(str_starts(o->fingerprint, STR("sha-256 ")) && o->active);
	if (!w->media_mute_open)
		REPORT_NOW(w, leg_web_opened, .leg = o->leg, .port = l->port, .ufrag = STR("core"),
			   .password = STR("corecorecorecorecorecore"),
			   .fingerprint = STR("sha-256 00:11"));
}

static struct id pair_of(struct world *w, const struct media_leg *l)
{
	const struct media_leg *m = l->hears.count == 1 ? media_leg(w, l->hears.ids[0]) : NULL;
	bool both = m && m->hears.count == 1 && ID_EQ(m->hears.ids[0], l->id);
	return both ? m->id : (struct id){0};
}

/* Two that hear each other and nobody else are joined. */
static void media_pairs(struct world *w)
{
	uint32_t anew = 0;
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		struct media_leg *l = &w->media_legs[i];
		struct id pair = l->id.slot ? pair_of(w, l) : (struct id){0};
		anew += pair.slot && !ID_EQ(pair, l->joined);
		l->joined = pair;
	}
	w->joins += anew / 2;
}

static void media_close(struct world *w, struct id id)
{
	struct media_leg *l = media_leg(w, id);
	if (!l) { /* so that nobody waits for a leg that is not there */
		w->odd++;
		REPORT_NOW(w, leg_closed, .leg = id);
		return;
	}
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		struct media_rec *r = &w->media_recs[i];
		if (r->id.slot && !r->rules &&
		    (order_ids_have(&r->left, id) || order_ids_have(&r->right, id)))
			media_rec_over(w, r);
	}
	if (!w->media_mute_close)
		REPORT_NOW(w, leg_closed, .leg = id, .sent = 10, .received = 20);
	*l = (struct media_leg){0};
	media_pairs(w);
}

static void media_record(struct world *w, const struct order_record *o)
{
	struct media_rec *old = media_rec(w, o->rec);
	if (old && (!old->acked || str_is(o->path, old->path)))
		return;
	w->records++;
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		struct media_rec *r = &w->media_recs[i];
		if (old ? r != old : r->id.slot != 0)
			continue;
		*r = (struct media_rec){.id = o->rec,
					.left = {1, {o->left}},
					.right = {1, {o->right}},
					.from_ms = w->now_ms};
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
				   .play = l->play, .web = l->ufrag[0] != 0, .up = l->up);
	}
	REPORT_NOW(w, inventory_end, .number = number);
}

static void media_legs_order(struct world *w, const struct order *o)
{
	struct media_leg *l;
	switch ((int)o->kind) {
	case ORDER_leg_secure: /* which keys is told by the descriptions */
		break;
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
	case ORDER_hear:
		l = media_leg(w, o->hear.leg);
		w->odd += !l;
		if (l) {
			EXPECT(order_ids_get(o->hear.whom, &l->hears) == ERR_OK);
			media_pairs(w);
		}
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
	case ORDER_leg_web:
		media_web(w, &o->leg_web);
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
	case ORDER_record_hear:
		r = media_rec(w, o->record_hear.rec);
		w->odd += !r;
		if (r) {
			r->rules = true;
			EXPECT(order_ids_get(o->record_hear.left, &r->left) == ERR_OK);
			EXPECT(order_ids_get(o->record_hear.right, &r->right) == ERR_OK);
		}
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

void core_order(void *arg, uint32_t media, struct str bytes)
{
	struct world *w = arg;
	if (media != w->media_number) {
		EXPECT(media == w->media_beside);
		w->orders_beside++;
		return;
	}
	buf_put(&w->orders, bytes);
}

void media_obey_all(struct world *w)
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

bool media_report_all(struct world *w)
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
