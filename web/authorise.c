/* authorise.c - see authorise.h. */
#include "web/authorise.h"

bool caller_is_system(const struct caller *who)
{
	return who->local ||
	       (str_is(str_of(who->tenant), "system") && who->roles & BIT(ROLE_ADMIN));
}

bool caller_is_admin(const struct caller *who)
{
	return caller_is_system(who) || who->roles & BIT(ROLE_ADMIN);
}

bool caller_supervises(const struct caller *who)
{
	return caller_is_system(who) || who->roles & (BIT(ROLE_SUPERVISOR) | BIT(ROLE_ADMIN));
}

uint32_t caller_roles(const struct caller *who)
{
	return who->held ? who->roles & ~(uint32_t)BIT(ROLE_SUPERVISOR) : who->roles;
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

/* Kinds of objects that a supervisor of teams may know; of users and queues those of his reach. */
static bool known_to_held(const struct route_match *m, const struct reach *reach)
{
	switch (m->kind) {
	case KIND_user:
		return !m->id.n || reach_agent(reach, m->id);
	case KIND_queue:
		return !m->id.n || reach_queue(reach, m->id);
	case KIND_team:
	case KIND_skill:
	case KIND_reason:
	case KIND_outcome:
	case KIND_prompt:
	case KIND_hours:
	case KIND_field:
		return true;
	default:
		return false;
	}
}

/* As the supervisor he is. ERR_FORBIDDEN: he may not as one; his other roles may still let him. */
static enum err held_may(const struct route_match *m, const struct reach *reach, struct leave *out)
{
	if (!reach && m->route->team != TEAM_ANY)
		return ERR_FORBIDDEN; /* without it nobody is within it */
	switch (m->route->team) {
	case TEAM_NO:
		return ERR_FORBIDDEN;
	case TEAM_ANY:
		return ERR_OK;
	case TEAM_AGENT:
		return reach_agent(reach, m->id) ? ERR_OK : ERR_NOT_FOUND;
	case TEAM_QUEUE:
		return reach_queue(reach, m->id) ? ERR_OK : ERR_NOT_FOUND;
	case TEAM_KIND:
		out->held = known_to_held(m, reach);
		if (out->held)
			return ERR_OK;
		return m->kind == KIND_user || m->kind == KIND_queue ? ERR_NOT_FOUND
								     : ERR_FORBIDDEN;
	case TEAM_LIMITED:
		out->held = true;
		return ERR_OK;
	}
	return ERR_FORBIDDEN;
}

/* Within his tenant. */
static enum err by_role(const struct route_match *m, const struct caller *who,
			const struct reach *reach, struct leave *out)
{
	const struct route *rt = m->route;
	enum err e = ERR_FORBIDDEN;
	if (caller_roles(who) & rt->any)
		return ERR_OK;
	if (who->held && (rt->any & BIT(ROLE_SUPERVISOR)))
		e = held_may(m, reach, out);
	if (e == ERR_OK || !(who->roles & rt->own) || who->token || !within(rt->scope, m, who))
		return e;
	out->own_only = rt->scope == SCOPE_CONTACT || rt->scope == SCOPE_AGENT;
	return ERR_OK;
}

/* What somebody may do who has yet to get a second factor. */
static bool helps_to_enrol(const struct route *rt)
{
	const struct str p = str_of(rt->pattern);
	return str_is(p, "/api/v1/me") || str_starts(p, STR("/api/v1/me/")) ||
	       str_is(p, "/api/v1/logout");
}

bool route_wants_person(const struct route *rt, const struct caller *who)
{
	return rt->person || (!(who->roles & rt->any) && who->roles & rt->own);
}

enum err authorise(const struct route_match *m, const struct caller *who, const struct reach *reach,
		   bool loopback, struct leave *out)
{
	const struct route *rt = m->route;
	*out = (struct leave){0};

	switch (rt->access) {
	case ACCESS_OPEN:
		return ERR_OK;
	case ACCESS_LOOPBACK:
		if (loopback)
			return ERR_OK;
		if (!who)
			return ERR_UNAUTHORIZED;
		return caller_is_system(who) ? ERR_OK : ERR_FORBIDDEN;
	case ACCESS_LOCAL:
		return who && who->local ? ERR_OK : ERR_NOT_FOUND;
	case ACCESS_TENANT:
	case ACCESS_SIGNED_IN:
		break;
	}
	if (!who)
		return ERR_UNAUTHORIZED;
	if (who->must_enrol && !helps_to_enrol(rt))
		return ERR_FORBIDDEN;
	if (rt->access == ACCESS_TENANT && !caller_is_system(who) &&
	    !str_eq(m->tenant, str_of(who->tenant)))
		return ERR_NOT_FOUND;
	if (who->token && rt->person)
		return ERR_FORBIDDEN;
	return caller_is_system(who) ? ERR_OK : by_role(m, who, reach, out);
}
