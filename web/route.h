/*
 * route.h - every address of the interface, who may use it, and who works on it. One table, so that
 * the rights test and the 405 answers cannot forget one.
 *
 * Pattern segments: a word; {t} a tenant's id; {kinds} the plural of a kind of object; {id}
 * anything; {verb} a verb on a contact.
 */
#pragma once

#include "core/ask.h"
#include "core/config.h"
#include "web/h1.h"
#include "web/path.h"

struct clerk;
struct job;

enum access {
	ACCESS_OPEN,	 /* anybody */
	ACCESS_LOOPBACK, /* anybody on this machine, else a system admin */
	ACCESS_LOCAL,	 /* the control socket; unknown to everybody else */
	ACCESS_SIGNED_IN,
	ACCESS_TENANT, /* people of the tenant in the path, and system admins */
};

/* What a role in `own` (rather than `any`) is held to. */
enum scope {
	SCOPE_NONE,
	SCOPE_AGENT,	/* {id} is the caller himself */
	SCOPE_CONTACT,	/* the handler lets him only at what is his: job->own_only */
	SCOPE_HARMLESS, /* kinds of objects that desks need and that tell nothing of others */
	SCOPE_SYSTEM,	/* only of tenant system */
};

enum desk {
	DESK_WEB,
	DESK_QUERY,
	DESK_COMMAND,
	DESK_CHANGE,
	DESK_SIGN_IN,
	DESK_PROBE, /* for those who watch the house: answered even when the other desks are stuck
		     */
	DESK_CHECK,
	DESK_CUSTOMERS, /* customers' records: screens wait for them while somebody rings */
	DESK_IMPORT,
	DESK_REPORT, /* figures: they may take seconds, and nobody who looks up a record waits for
		      * them */
	DESK_EXPORT, /* the same as files, at the lowest priority */
	DESK_MAIL,   /* waits for mail servers */
	DESK_WAIT,   /* what takes seconds by nature (speech, other people's telephone exchanges):
		      * no page waits behind it */
	DESK_COUNT
};

/* What a supervisor who is held to teams may do where supervisors may. A new route: nothing. */
enum team {
	TEAM_NO,
	TEAM_ANY,     /* as all of them: it is of no team */
	TEAM_AGENT,   /* {id} is an agent in his reach; else it is not there */
	TEAM_QUEUE,   /* {id} is a queue in his reach; else it is not there */
	TEAM_KIND,    /* by the kind of object; users and queues of his reach */
	TEAM_LIMITED, /* the handler lets him only at what is in his reach: job->held */
};

struct route {
	enum http_method method;
	const char *pattern;
	enum access access;
	uint32_t any; /* BIT(enum role): may, for everybody of the tenant */
	uint32_t own; /* BIT(enum role): may, within `scope` */
	enum scope scope;
	enum desk desk;
	/* ERR_OK: job->answer is filled; else a problem is made from it, job->detail, job->errors
	 */
	enum err (*run)(struct clerk *me, struct job *j);
	const char *schema; /* of the body; NULL: run looks itself */
	enum team team;
	bool person; /* not for API tokens; nor is what only `own` allows */
};

extern const struct route routes[];
extern const uint32_t route_count;

struct route_match {
	const struct route *route;
	struct str tenant, id, word; /* {t}, {id}, {word} */
	enum object_kind kind;	     /* {kinds} */
	enum ask_verb verb;	     /* {verb} */
	uint32_t allowed; /* BIT(enum http_method): what the path knows, when the method does not
			     fit */
};

/* ERR_NOT_FOUND: no such path; ERR_UNSUPPORTED: another method (out->allowed is set). */
MUST_USE enum err route_find(enum http_method method, const struct path *path,
			     struct route_match *out);
/* The name of what a route permits, `resource:verb`, made of its address and method: GET reads, PUT
 * writes, DELETE deletes, POST does what its last word says. out: PERMISSION_MAX bytes. */
#define PERMISSION_MAX 64
void route_permission(const struct route *rt, char out[PERMISSION_MAX]);
/* Of the living demo: it does not exist elsewhere. */
bool route_is_demo(const struct route *r);
struct str kind_plural(enum object_kind kind); /* "queues", "hours" */
struct str verb_word(enum ask_verb v);
const char *verb_schema(enum ask_verb v);
