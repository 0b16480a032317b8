/*
 * authorise.h - who may do what: the one function that every request passes. Pure.
 */
#pragma once

#include "core/reach.h"
#include "web/route.h"

struct caller {
	char tenant[64], user[72], name[256]; /* user of an API token: token:ID */
	uint32_t roles;			      /* BIT(enum role) */
	int64_t expires_at_ms, idle_ms;	      /* of his session; idle_ms 0: no limit */
	bool must_enrol; /* his tenant wants a second factor, and he has none yet */
	bool local;	 /* the control socket */
	bool token;	 /* an API token: another system, no person */
	bool held;	 /* as a supervisor he looks after some teams only: `reach` says whom */
};

#define ROLES_ALL (BIT(ROLE_AGENT) | BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN) | BIT(ROLE_VIEWER))

bool caller_is_system(
	const struct caller *who);		/* an admin of tenant system, or the local socket */
bool caller_is_admin(const struct caller *who); /* of his tenant, or of the system */
/* May act for others in this tenant; whom for, authorise says. */
bool caller_supervises(const struct caller *who);
/* The roles he has for the whole tenant: one who is held to teams is no supervisor of all. */
uint32_t caller_roles(const struct caller *who);

/* What the handler must hold him to; neither: the whole tenant. */
struct leave {
	bool own_only; /* what is his own */
	bool held;     /* what is in his reach, his own too */
};

/*
 * who: NULL when nobody is signed in. reach: of somebody who is held, else NULL. loopback: asked
 * from this machine. ERR_UNAUTHORIZED: sign in first. ERR_NOT_FOUND: not his tenant, or beyond his
 * teams (told like what does not exist). ERR_FORBIDDEN: his role may not; a token, where a person
 * is needed.
 */
MUST_USE enum err authorise(const struct route_match *m, const struct caller *who,
			    const struct reach *reach, bool loopback, struct leave *out);
/* Does this route want somebody signed in who is a person? */
bool route_wants_person(const struct route *rt, const struct caller *who);
