/* own_image.c - calls of our users over a restart: their images, and what goes on of them. */
#include "channel/voice/own_call.h"
#include "core/bytes.h"

enum { OWN_IMAGE = 1 };

static void put_leg(struct buf *b, struct leg_id id)
{
	put_u32(b, id.slot);
	put_u32(b, id.age);
}

static struct leg_id take_leg(struct take *t)
{
	uint32_t slot = take_u32(t);
	return (struct leg_id){slot, take_u32(t)};
}

bool own_image_save(struct voice *v, struct id contact, struct buf *out)
{
	const struct line *l = line_of(v, ID_AS(contact_id, contact));
	const struct own_call *own = l ? l->own : NULL;
	const struct objects *os = v->core->objects;
	if (!own)
		return false;
	put_u8(out, OWN_IMAGE);
	put_u8(out, (uint8_t)own->state);
	put_u8(out, (uint8_t)own->target);
	put_u8(out, (uint8_t)(own->asked | own->answered << 1 | own->told << 2 | own->loose << 3 |
			      own->help << 4 | own->withheld << 5));
	objects_put_name(os, out, ID(own->agent));
	objects_put_name(os, out, ID(own->to));
	objects_put_name(os, out, ID(own->queue));
	objects_put_name(os, out, ID(own->trunk));
	put_leg(out, own->phone);
	put_leg(out, own->called);
	put_word(out, str_of(own->number));
	put_word(out, str_of(own->shown));
	put_i64(out, own->dialled_ms);
	put_i64(out, own->until_ms);
	put_i64(out, own->answered_ms);
	return true;
}

enum err own_image_load(struct voice *v, struct id contact, struct str image)
{
	struct take t = {.rest = image};
	struct line *l = line_of(v, ID_AS(contact_id, contact));
	struct objects *os = v->core->objects;
	struct own_call got = {.line = l};
	struct id unused;
	if (!l || l->own || take_u8(&t) != OWN_IMAGE)
		return ERR_INVALID;
	uint8_t state = take_u8(&t), target = take_u8(&t), flags = take_u8(&t);
	got.state = (enum own_state)state;
	got.target = (enum own_target)target;
	got.asked = flags & 1;
	got.answered = flags & 2;
	got.told = flags & 4;
	got.loose = flags & 8;
	got.help = flags & 16;
	got.withheld = flags & 32;
	got.agent = ID_AS(agent_id, objects_take_name(os, &t, KIND_user));
	got.to = ID_AS(agent_id, objects_take_name(os, &t, KIND_user));
	got.queue = ID_AS(queue_id, objects_take_name(os, &t, KIND_queue));
	got.trunk = ID_AS(trunk_id, objects_take_name(os, &t, KIND_trunk));
	got.phone = take_leg(&t);
	got.called = take_leg(&t);
	bool fits = str_copy(take_word(&t), got.number, sizeof got.number) &&
		    str_copy(take_word(&t), got.shown, sizeof got.shown);
	got.dialled_ms = take_i64(&t);
	got.until_ms = take_i64(&t);
	got.answered_ms = take_i64(&t);
	if (t.torn || !fits || state > OWN_TALK || target > OWN_TEST)
		return ERR_INVALID;
	l->own = pool_take(v->owns, &unused);
	if (!l->own)
		return ERR_FULL;
	*l->own = got;
	return ERR_OK;
}
