/*
 * authorise.h - who may do what: the one function that every request passes. Pure.
 */
#pragma once

#include "web/route.h"

struct caller {
	char tenant[64], user[64], name[256];
	uint32_t roles;			/* BIT(enum role) */
	int64_t expires_at_ms, idle_ms; /* of his session; idle_ms 0: no limit */
	bool must_enrol;		/* his tenant wants a second factor, and he has none yet */
	bool local;			/* the control socket */
};

#define ROLES_ALL (BIT(ROLE_AGENT) | BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN) | BIT(ROLE_VIEWER))

bool caller_is_system(
	const struct caller *who); /* an admin of tenant system, or the local socket */
/* May act for others in this tenant. */
bool caller_supervises(const struct caller *who);

/*
 * who: NULL when nobody is signed in. loopback: asked from this machine. *own_only: the handler
 * must hold him to what is his own. ERR_UNAUTHORIZED: sign in first. ERR_NOT_FOUND: not his tenant
 * (told like one that does not exist). ERR_FORBIDDEN: his role may not.
 */
MUST_USE enum err authorise(const struct route_match *m, const struct caller *who, bool loopback,
			    bool *own_only);
