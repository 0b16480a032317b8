/*
 * sight.h - who sees what (contract section 3): the table that says of every event what an agent
 * is told, and who a contact belongs to at a moment.
 *
 * Supervisors, admins and viewers see all of their tenant. An agent sees whole what is his: rung
 * for him, spoken by him, wrapped up by him, parked by him; of what else waits or is parked in his
 * queues only that it does; of colleagues presence and work. Who listens in is never told to agents
 * (behaviours.md S-2).
 */
#pragma once

#include "live/inside.h"

enum live_told {
	TOLD_UNSAID,   /* nobody thought of it: told to none; the test finds it */
	TOLD_NOBODY,   /* agents never hear of it */
	TOLD_TO_ALL,   /* every agent hears `fields`; whose contact it names: the whole of it */
	TOLD_BY_SIGHT, /* of a contact: whose it is hears all, who sees it wait `fields` */
};

struct live_rule {
	enum live_told told;
	const char *fields[6]; /* ends with NULL */
};
const struct live_rule *sight_rule(enum event_kind kind);
/* Part of an event that tells of a supervisor who listens: for agents there is none. */
bool sight_hides(const struct fact *f);

enum live_level sight_of_contact(const struct live_contact *c, const struct live_viewer *v);

/* Whose a contact was at a moment, kept while it moves on. */
struct live_sight {
	bool there; /* it is known at all */
	char waits_in[LIVE_NAME];
	LIST_OF(live_owner) owners;
};
struct live_owner {
	char agent[LIVE_NAME];
};
void sight_take(struct live_sight *s, const struct live_contact *c); /* NULL: it is not there */
enum live_level sight_level(const struct live_sight *s, const struct live_viewer *v);
void sight_finish(struct live_sight *s);
