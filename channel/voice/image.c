/*
 * image.c - legs and lines as bytes, for the next life of the core.
 *
 * A leg carries its SIP dialog; a line what should be heard. Names, not ids, for what is declared:
 * the object table gives new ids after a restart.
 */
#include "channel/voice/browser.h"
#include "channel/voice/own_call.h"
#include "core/bytes.h"

/* versions; the older ones are read too, so that an upgrade in place keeps its calls */
enum { LEG_IMAGE = 8, LINE_IMAGE = 4 };

#define MEDIA_ONLY 1 /* the process of those versions that knew of one only */

static void put_id(struct buf *b, struct id id)
{
	put_u32(b, id.slot);
	put_u32(b, id.age);
}

static struct id take_id(struct take *t)
{
	uint32_t slot = take_u32(t);
	return (struct id){slot, take_u32(t)};
}

static void put_wire(struct buf *b, const struct wire *w)
{
	put_word(b, str_of(w->address));
	put_u16(b, w->port);
	put_u16(b, w->ptime_ms);
	put_u8(b, w->codec);
	put_u8(b, w->pt);
	put_u8(b, w->dtmf_pt);
	put_u8(b, (uint8_t)w->peer);
}

static bool take_wire(struct take *t, struct wire *w)
{
	if (!str_copy(take_word(t), w->address, sizeof w->address))
		return false;
	w->port = take_u16(t);
	w->ptime_ms = take_u16(t);
	w->codec = take_u8(t);
	w->pt = take_u8(t);
	w->dtmf_pt = take_u8(t);
	uint8_t peer = take_u8(t);
	w->peer = (enum sdp_direction)peer;
	return !t->torn && peer <= SDP_INACTIVE;
}

static bool take_way(struct voice *v, struct take *t, struct way *w, uint8_t version)
{
	if (!str_copy(take_word(t), w->number, sizeof w->number))
		return false;
	w->trunk = ID_AS(trunk_id, objects_take_name(v->core->objects, t, KIND_trunk));
	w->rang = take_u8(t);
	if (version > 3) {
		uint8_t flags = take_u8(t);
		w->tolled = flags & 1;
		w->talked = flags & 2;
		w->rate = take_i64(t);
		w->user = ID_AS(agent_id, objects_take_name(v->core->objects, t, KIND_user));
	}
	return !t->torn;
}

static void put_dial(struct voice *v, struct buf *b, const struct dial *d)
{
	put_u8(b, (uint8_t)d->state);
	put_u32(b, d->callee);
	put_id(b, ID(d->leg));
	put_word(b, str_of(d->number));
	objects_put_name(v->core->objects, b, ID(d->trunk));
	put_i64(b, d->began_ms);
	put_i64(b, d->ring_until_ms);
	put_i64(b, d->answered_ms);
}

/* Versions before 4 knew of one dial, or none: state 0. */
static enum err take_dial(struct voice *v, struct take *t, uint8_t version, struct line *l)
{
	uint8_t state = take_u8(t);
	if (!state && version < 4)
		return t->torn ? ERR_INVALID : ERR_OK;
	struct dial *d = state == DIALLED_RINGING || state == DIALLED_TALKING ? dial_take(l) : NULL;
	if (!d)
		return ERR_INVALID;
	d->state = (enum dial_state)state;
	d->callee = version < 4 ? 0 : take_u32(t);
	d->leg = ID_AS(leg_id, take_id(t));
	bool good = str_copy(take_word(t), d->number, sizeof d->number);
	d->trunk = ID_AS(trunk_id, objects_take_name(v->core->objects, t, KIND_trunk));
	d->began_ms = take_i64(t);
	d->ring_until_ms = take_i64(t);
	d->answered_ms = take_i64(t);
	return good && !t->torn ? ERR_OK : ERR_INVALID;
}

static enum err take_dials(struct voice *v, struct take *t, uint8_t version, struct line *l)
{
	uint32_t count = version > 3 ? take_u8(t) : version > 1;
	enum err e = ERR_OK;
	for (uint32_t i = 0; i < count && e == ERR_OK; i++)
		e = take_dial(v, t, version, l);
	return e;
}

static void put_seats(struct voice *v, struct buf *b, const struct line *l)
{
	put_u8(b, (uint8_t)l->seat_count);
	for (uint32_t i = 0; i < l->seat_count; i++) {
		const struct seat *s = &l->seats[i];
		put_u8(b, (uint8_t)s->party);
		objects_put_name(v->core->objects, b, ID(s->agent));
		put_u32(b, s->callee);
		put_u32(b, s->hears);
		put_u8(b, (uint8_t)s->sound);
		put_u8(b, (uint8_t)s->track);
	}
}

static bool take_seats(struct voice *v, struct take *t, struct line *l)
{
	l->seat_count = take_u8(t);
	if (l->seat_count > SEATS_MAX)
		return false;
	for (uint32_t i = 0; i < l->seat_count; i++) {
		struct seat *s = &l->seats[i];
		uint8_t party = take_u8(t);
		s->party = (enum party)party;
		s->agent = ID_AS(agent_id, objects_take_name(v->core->objects, t, KIND_user));
		s->callee = take_u32(t);
		s->hears = take_u32(t);
		uint8_t sound = take_u8(t), track = take_u8(t);
		s->sound = (enum seat_sound)sound;
		s->track = (enum seat_track)track;
		if (party >= PARTY_COUNT || sound >= SOUND_COUNT || track >= TRACK_COUNT)
			return false;
	}
	return !t->torn;
}

/* So that they can be offered again, and the next life says the same to media. */
static void put_keys(struct buf *b, const struct leg *leg)
{
	const struct wire *w = &leg->wire;
	put_u8(b, w->dtmf_khz);
	put_u8(b, (uint8_t)(leg->sealed | w->secure << 1));
	put_u8(b, w->suite);
	if (!leg->sealed && !w->suite)
		return;
	put_u32(b, w->crypto_tag);
	put_word(b, str_make((const char *)w->mki, w->mki_n));
	put_word(b, str_make((const char *)w->key, sizeof w->key));
	put_word(b, str_make((const char *)leg->seal, sizeof leg->seal));
}

static bool take_key(struct take *t, uint8_t *out, size_t n)
{
	struct str s = take_word(t);
	if (t->torn || s.n != n)
		return false;
	memcpy(out, s.p, n);
	return true;
}

static bool take_keys(struct take *t, struct leg *leg)
{
	struct wire *w = &leg->wire;
	w->dtmf_khz = take_u8(t);
	uint8_t flags = take_u8(t);
	leg->sealed = flags & 1;
	w->secure = flags & 2;
	w->suite = take_u8(t);
	if (w->suite >= SRTP_SUITES)
		return false;
	if (!leg->sealed && !w->suite)
		return !t->torn;
	w->crypto_tag = take_u32(t);
	struct str mki = take_word(t);
	if (mki.n > sizeof w->mki)
		return false;
	if (mki.n)
		memcpy(w->mki, mki.p, mki.n);
	w->mki_n = (uint8_t)mki.n;
	return take_key(t, w->key, sizeof w->key) && take_key(t, leg->seal, sizeof leg->seal);
}

static bool leg_save(struct voice *v, struct id id, struct buf *out)
{
	const struct leg *leg = pool_get(v->legs, id);
	if (!leg)
		return false;
	put_u8(out, LEG_IMAGE);
	put_id(out, ID(leg->contact));
	put_u8(out, (uint8_t)leg->role);
	put_u8(out, (uint8_t)leg->state);
	put_u8(out, (uint8_t)(leg->media_open | leg->wire_known << 1 | leg->late_offer << 2 |
			      leg->replaces << 3 | leg->swapped << 4));
	put_u16(out, leg->port);
	put_u32(out, leg->media);
	put_u64(out, leg->sdp_id);
	objects_put_name(v->core->objects, out, ID(leg->agent));
	objects_put_name(v->core->objects, out, ID(leg->queue));
	put_wire(out, &leg->wire);
	put_word(out, str_of(leg->way.number));
	objects_put_name(v->core->objects, out, ID(leg->way.trunk));
	put_u8(out, leg->way.rang);
	put_u8(out, (uint8_t)(leg->way.tolled | leg->way.talked << 1));
	put_i64(out, leg->way.rate);
	objects_put_name(v->core->objects, out, ID(leg->way.user));
	put_i64(out, leg->ring_until_ms);
	put_id(out, ID(leg->beside));
	put_id(out, ID(leg->home));
	put_id(out, ID(leg->wanted));
	put_keys(out, leg);
	put_id(out, ID(leg->left));
	put_u8(out, (uint8_t)leg->left_role);
	put_id(out, ID(leg->call));
	if (!ID_NONE(leg->call))
		sip_call_save(v->sip, leg->call, out);
	return true;
}

static enum err leg_fields(struct voice *v, struct take *t, struct leg *leg)
{
	uint8_t version = take_u8(t);
	if (!version || version > LEG_IMAGE)
		return ERR_INVALID;
	leg->contact = ID_AS(contact_id, take_id(t));
	uint8_t role = take_u8(t), state = take_u8(t), flags = take_u8(t);
	leg->role = (enum party)role;
	leg->state = (enum leg_state)state;
	leg->media_open = flags & 1;
	leg->wire_known = flags & 2;
	leg->late_offer = flags & 4;
	leg->replaces = flags & 8;
	leg->swapped = flags & 16;
	leg->port = take_u16(t);
	leg->media = version > 2 ? take_u32(t) : MEDIA_ONLY;
	leg->sdp_id = take_u64(t);
	leg->agent = ID_AS(agent_id, objects_take_name(v->core->objects, t, KIND_user));
	leg->queue = ID_AS(queue_id, objects_take_name(v->core->objects, t, KIND_queue));
	if (!take_wire(t, &leg->wire) || (version > 1 && !take_way(v, t, &leg->way, version)))
		return ERR_INVALID;
	if (version > 4) {
		leg->ring_until_ms = take_i64(t);
		leg->beside = ID_AS(leg_id, take_id(t));
	}
	if (version > 5) {
		leg->home = ID_AS(contact_id, take_id(t));
		leg->wanted = ID_AS(contact_id, take_id(t));
	}
	leg->wire.dtmf_khz = 8;
	if (version > 6 && !take_keys(t, leg))
		return ERR_INVALID;
	if (version > 7) {
		leg->left = ID_AS(contact_id, take_id(t));
		leg->left_role = (enum party)take_u8(t);
	}
	leg->call = ID_AS(sip_call_id, take_id(t));
	bool good = !t->torn && role < PARTY_COUNT && leg->left_role < PARTY_COUNT &&
		    state <= LEG_EARLY;
	return good ? ERR_OK : ERR_INVALID;
}

static enum err leg_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct leg got = {.id = ID_AS(leg_id, id), .voice = v};
	enum err e = leg_fields(v, &t, &got);
	if (e != ERR_OK)
		return e;
	struct leg *leg = pool_take_at(v->legs, id);
	if (!leg)
		return ERR_INVALID;
	*leg = got;
	list_init(&leg->link);
	if (!contact_get(v->core, leg->contact))
		leg->contact = (struct contact_id){0};
	leg_hold(leg);
	if (!contact_get(v->core, leg->left))
		leg->left = (struct contact_id){0};
	leg_left_loaded(leg);
	if (!ID_NONE(leg->call) && sip_call_load(v->sip, leg->call, t.rest, leg) != ERR_OK)
		leg->call = (struct sip_call_id){0}; /* voice.c ends it when all is loaded */
	return ERR_OK;
}

static bool line_save(struct voice *v, struct id id, struct buf *out)
{
	const struct line *l = line_of(v, ID_AS(contact_id, id));
	if (!l)
		return false;
	put_u8(out, LINE_IMAGE);
	put_u32(out, l->media);
	put_id(out, ID(l->customer));
	put_id(out, ID(l->joined));
	objects_put_name(v->core->objects, out, ID(l->queue));
	put_u8(out, (uint8_t)(l->waiting | l->disconnected << 1 | (l->sound == SOUND_music) << 2 |
			      l->playing << 3 | (l->announce == ANNOUNCE_HEARD) << 4 |
			      (l->sound == SOUND_ringing) << 5 | l->paused << 6));
	put_u32(out, l->holds);
	put_u32(out, l->play_serial);
	put_u32(out, l->play_token);
	put_text(out, str_of(l->playing ? l->files : ""));
	put_u32(out, l->recording_count);
	for (uint32_t i = 0; i < l->recording_count; i++) {
		const struct recording *r = &l->recordings[i];
		put_u8(out, (uint8_t)(r->open | r->stopped << 1));
		put_id(out, ID(r->right));
		objects_put_name(v->core->objects, out, ID(r->agent));
		put_word(out, str_of(r->path));
		put_i64(out, r->started_ms);
	}
	uint8_t dials = 0;
	list_for_each (link, &l->dials)
		dials++;
	put_u8(out, dials);
	list_for_each (link, &l->dials)
		put_dial(v, out, CONTAINER_OF(link, struct dial, link));
	put_seats(v, out, l);
	return true;
}

static bool take_recordings(struct voice *v, struct take *t, uint8_t version, struct line *l)
{
	l->recording_count = take_u32(t);
	if (l->recording_count > LINE_RECORDINGS)
		return false;
	for (uint32_t i = 0; i < l->recording_count; i++) {
		struct recording *r = &l->recordings[i];
		uint8_t flags = take_u8(t);
		r->open = flags & 1;
		r->stopped = flags & 2;
		r->right = ID_AS(leg_id, take_id(t));
		if (version > 3)
			r->agent =
				ID_AS(agent_id, objects_take_name(v->core->objects, t, KIND_user));
		if (!str_copy(take_word(t), r->path, sizeof r->path))
			return false;
		r->started_ms = take_i64(t);
	}
	return !t->torn;
}

static enum err line_fields(struct voice *v, struct take *t, struct line *l, uint8_t version)
{
	l->media = version > 2 ? take_u32(t) : MEDIA_ONLY;
	l->customer = ID_AS(leg_id, take_id(t));
	l->joined = ID_AS(leg_id, take_id(t));
	l->queue = ID_AS(queue_id, objects_take_name(v->core->objects, t, KIND_queue));
	uint8_t flags = take_u8(t);
	l->waiting = flags & 1;
	l->disconnected = flags & 2;
	l->sound = flags & 4 ? SOUND_music : flags & 32 ? SOUND_ringing : SOUND_silence;
	l->playing = flags & 8;
	l->announce = flags & 16 ? ANNOUNCE_HEARD : ANNOUNCE_NONE;
	l->paused = flags & 64;
	l->holds = take_u32(t);
	l->play_serial = take_u32(t);
	l->play_token = take_u32(t);
	if (!str_copy(take_text(t), l->files, sizeof l->files) ||
	    !take_recordings(v, t, version, l) || take_dials(v, t, version, l) != ERR_OK)
		return ERR_INVALID;
	return version < 4 || take_seats(v, t, l) ? ERR_OK : ERR_INVALID;
}

static enum err line_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	uint8_t version = take_u8(&t);
	if (!version || version > LINE_IMAGE || !contact_get(v->core, ID_AS(contact_id, id)))
		return ERR_INVALID;
	struct line *l = line_begin(v, ID_AS(contact_id, id));
	if (!l)
		return ERR_INVALID;
	enum err e = line_fields(v, &t, l, version);
	if (e != ERR_OK) {
		line_gone(l);
		return e;
	}
	for (uint32_t i = 0; i < l->recording_count; i++)
		if (l->recordings[i].open)
			contact_hold(v->core, l->contact);
	return ERR_OK;
}

bool voice_save(struct room *r, enum image_kind kind, struct id id, struct buf *out)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	switch ((int)kind) {
	case IMAGE_LEG:
		return leg_save(v, id, out);
	case IMAGE_BINDING:
		return phones_save(v, id, out);
	case IMAGE_VOICE:
		return line_save(v, id, out);
	case IMAGE_PLACE:
		return places_save(&v->places, id.slot - 1, out);
	case IMAGE_ENROLMENT:
		return enrol_save(v, id, out);
	case IMAGE_TOLL:
		return toll_save(v, id, out);
	case IMAGE_OWN_CALL:
		return own_image_save(v, id, out);
	case IMAGE_BROWSER:
		return browser_save(v, id, out);
	case IMAGE_TROUBLE:
		return trouble_save(v, id, out);
	default:
		return false;
	}
}

enum err voice_load(struct room *r, enum image_kind kind, struct id id, struct str image)
{
	struct voice *v = CONTAINER_OF(r, struct voice, room);
	switch ((int)kind) {
	case IMAGE_LEG:
		return leg_load(v, id, image);
	case IMAGE_BINDING:
		return phones_load(v, id, image);
	case IMAGE_VOICE:
		return line_load(v, id, image);
	case IMAGE_PLACE:
		return places_load(&v->places, id.slot - 1, image);
	case IMAGE_ENROLMENT:
		return enrol_load(v, image);
	case IMAGE_TOLL:
		return toll_load(v, id, image);
	case IMAGE_OWN_CALL:
		return own_image_load(v, id, image);
	case IMAGE_BROWSER:
		return browser_load(v, id, image);
	case IMAGE_TROUBLE:
		return trouble_load(v, id, image);
	default:
		return ERR_INVALID;
	}
}
