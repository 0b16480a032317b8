/* asks_trunk.c - what those who look after trunks ask of the main thread; see core/ask.h. */
#include "app/asks.h"

static const struct object *trunk_of(struct house *h, const struct ask *a)
{
	return objects_find(h->core.objects, KIND_trunk, a->tenant, a->object);
}

static void put_peers(struct house *h, struct ask *a, struct trunk_id id)
{
	char text[TROUBLE_PEER];
	struct buf b = buf_make(text, sizeof text);
	uint32_t room = 0, at = 0;
	struct voice_peer is;
	while (voice_trunk_peer(h->voice, id, &at, &b, &is))
		room++;
	a->trunk.peers = arena_alloc(&a->arena, (room + 1) * sizeof *a->trunk.peers);
	for (at = 0, b.n = 0; voice_trunk_peer(h->voice, id, &at, &b, &is); b.n = 0)
		a->trunk.peers[a->trunk.peer_count++] =
			(struct ask_trunk_peer){.address = arena_copy(&a->arena, buf_str(&b)),
						.silent = is.silent,
						.busy = is.busy,
						.down = is.down,
						.since_at_ms = is.since_at_ms,
						.asked_at_ms = is.asked_at_ms,
						.rtt_ms = is.rtt_ms,
						.status = is.status};
}

enum err asks_trunk_live(struct house *h, struct ask *a)
{
	const struct object *o = trunk_of(h, a);
	struct voice_trunk now;
	if (!o)
		return ERR_NOT_FOUND;
	const struct trunk_id id = ID_AS(trunk_id, o->id);
	voice_trunk_look(h->voice, id, &now);
	a->trunk = (struct ask_trunk_live){.calls = now.calls,
					   .calls_max = o->config->trunk.max_calls,
					   .pace = now.pace,
					   .pace_max = o->config->trunk.cps_max,
					   .registers = now.registers,
					   .registered = now.registered,
					   .registered_until_at_ms = now.registered_until_at_ms,
					   .status = now.status};
	put_peers(h, a, id);
	const struct trouble *troubles =
		voice_trunk_troubles(h->voice, id, &a->trunk.trouble_count);
	a->trunk.troubles =
		arena_alloc(&a->arena, (a->trunk.trouble_count + 1) * sizeof *a->trunk.troubles);
	for (uint32_t i = 0; i < a->trunk.trouble_count; i++)
		a->trunk.troubles[i] = troubles[i];
	return ERR_OK;
}

void asks_trunk_test(struct house *h, struct ask *a)
{
	const struct object *o = trunk_of(h, a);
	const enum err e =
		o ? voice_trunk_test(h->voice, ID_AS(trunk_id, o->id), a) : ERR_NOT_FOUND;
	if (e == ERR_OK)
		return; /* asks_trunk_tested, perhaps already */
	a->err = e;
	if (e == ERR_CONFLICT)
		a->detail = STR("it is being tested just now");
	asks_answered(h, a);
}

void asks_trunk_tested(void *arg, void *token, const struct trunk_answer *answers, uint32_t count)
{
	struct ask *a = token;
	a->err = ERR_OK;
	a->trunk.answers = arena_alloc(&a->arena, (count + 1) * sizeof *a->trunk.answers);
	for (uint32_t i = 0; i < count; i++)
		a->trunk.answers[i] = answers[i];
	a->trunk.answer_count = count;
	asks_answered(arg, a);
}
