/*
 * sight.h - who sees what (contract section 3): the table that says of every event what an agent
 * is told, and who a contact belongs to at a moment.
 *
 * Supervisors, admins and viewers see all of their tenant. An agent sees whole what is his: rung
 * for him, spoken by him, wrapped up by him, parked by him; of what else waits or is parked in his
 * queues only that it does; of colleagues presence and work. He sees who listens to him, unless the
 * tenant's `monitor_silent` says no: then only who speaks (behaviours.md S-2). A supervisor who is
 * held to teams sees all of what is with his people or in his queues, now or last, of his people
 * everything, and nothing of others; of the house what agents hear. Who is both sees what either
 * would.
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
/* It tells of a supervisor who listens, and that is not for agents (`monitor_silent`). */
bool sight_hides(const struct fact *f, bool silent);

enum live_level sight_of_contact(const struct live_contact *c, const struct live_viewer *v);

/* Is this event of nobody's contact about somebody or a queue in his reach? */
bool sight_reaches(const struct fact *f, const struct reach *r);
/* May he know of these at all? */
bool sight_of_agent(const struct live_viewer *v, const char *agent);
bool sight_of_queue(const struct live_viewer *v, const char *queue);

/* Whose a contact was at a moment, kept while it moves on. */
struct live_sight {
	bool there; /* it is known at all */
	char waits_in[LIVE_NAME];
	char queue[LIVE_NAME], agent[LIVE_NAME]; /* the last ones */
	LIST_OF(live_owner) owners;
};
struct live_owner {
	char agent[LIVE_NAME];
};
void sight_take(struct live_sight *s, const struct live_contact *c); /* NULL: it is not there */
enum live_level sight_level(const struct live_sight *s, const struct live_viewer *v);
void sight_finish(struct live_sight *s);
