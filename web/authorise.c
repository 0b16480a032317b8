/* authorise.c - see authorise.h. */
#include "web/authorise.h"

bool caller_is_system(const struct caller *who)
{
	return who->local ||
	       (str_is(str_of(who->tenant), "system") && who->roles & BIT(ROLE_ADMIN));
}

bool caller_supervises(const struct caller *who)
{
	return caller_is_system(who) || who->roles & (BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN));
}

static bool within(enum scope scope, const struct route_match *m, const struct caller *who)
{
	switch (scope) {
	case SCOPE_NONE:
		return false;
	case SCOPE_AGENT:
		return str_eq(m->id, str_of(who->user));
	case SCOPE_CONTACT:
		return true;
	case SCOPE_HARMLESS:
		return m->kind != KIND_user && m->kind != KIND_trunk && m->kind != KIND_flow &&
		       m->kind != KIND_draft && m->kind != KIND_number;
	case SCOPE_SYSTEM:
		return caller_is_system(who);
	}
	return false;
}

/* What somebody may do who has yet to get a second factor. */
static bool helps_to_enrol(const struct route *rt)
{
	const struct str p = str_of(rt->pattern);
	return str_is(p, "/api/v1/me") || str_starts(p, STR("/api/v1/me/")) ||
	       str_is(p, "/api/v1/logout");
}

enum err authorise(const struct route_match *m, const struct caller *who, bool loopback,
		   bool *own_only)
{
	const struct route *rt = m->route;
	bool own = false;

	switch (rt->access) {
	case ACCESS_OPEN:
		break;
	case ACCESS_LOOPBACK:
		if (loopback)
			break;
		if (!who)
			return ERR_UNAUTHORIZED;
		if (!caller_is_system(who))
			return ERR_FORBIDDEN;
		break;
	case ACCESS_LOCAL:
		if (!who || !who->local)
			return ERR_NOT_FOUND;
		break;
	case ACCESS_TENANT:
	case ACCESS_SIGNED_IN:
		if (!who)
			return ERR_UNAUTHORIZED;
		if (who->must_enrol && !helps_to_enrol(rt))
			return ERR_FORBIDDEN;
		if (caller_is_system(who))
			break;
		if (rt->access == ACCESS_TENANT && !str_eq(m->tenant, str_of(who->tenant)))
			return ERR_NOT_FOUND;
		if (who->roles & rt->any)
			break;
		if (!(who->roles & rt->own) || !within(rt->scope, m, who))
			return ERR_FORBIDDEN;
		own = rt->scope == SCOPE_CONTACT || rt->scope == SCOPE_AGENT;
		break;
	}
	*own_only = own;
	return ERR_OK;
}
