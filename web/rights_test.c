/*
 * rights_test.c - who may do what. The expectation is written a second time here, by address and
 * role, so that a slip in the route table does not confirm itself; every route must be covered.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"
#include "web/handlers.h"

#define T "/api/v1/tenants/acme"

/* What a role gets: '+' may, 'o' may for himself, '-' may not. Order: agent, supervisor, admin,
 * viewer, a supervisor of the team of anna that serves `support`: `t` may within his teams, `n` is
 * told that it is not there. `o` is asked with his own id and with another's. */
static const struct {
	enum http_method method;
	const char *path;
	const char *rights;
} expected[] = {
	{HTTP_GET, "/healthz", "+++++"},
	{HTTP_GET, "/readyz", "+++++"},
	{HTTP_GET, "/metrics", "-----"}, /* from elsewhere; see below */
	{HTTP_GET, "/api/v1/openapi.json", "+++++"},
	{HTTP_GET, "/ctl/show/queues", "00000"},
	{HTTP_GET, "/ctl/trace/x", "00000"},
	{HTTP_GET, "/ctl/follow", "00000"},
	{HTTP_GET, "/ctl/check-now", "00000"},
	{HTTP_POST, "/ctl/apply", "00000"},
	{HTTP_POST, "/api/v1/login", "+++++"},
	{HTTP_POST, "/api/v1/logout", "+++++"},
	{HTTP_POST, "/api/v1/csp_reports", "+++++"},
	{HTTP_GET, "/api/v1/me", "+++++"},
	{HTTP_PUT, "/api/v1/me/settings", "+++++"},
	{HTTP_POST, "/api/v1/me/password", "+++++"},
	{HTTP_POST, "/api/v1/me/totp", "+++++"},
	{HTTP_POST, "/api/v1/me/totp/confirm", "+++++"},
	{HTTP_DELETE, "/api/v1/me/totp", "+++++"},
	{HTTP_DELETE, T "/users/anna/totp", "--+--"},
	{HTTP_GET, "/api/v1/permissions", "+++++"},
	{HTTP_GET, "/api/v1/sessions", "+++++"},
	{HTTP_DELETE, "/api/v1/sessions", "+++++"},
	{HTTP_GET, T "/users/anna/sessions", "oo+oo"},
	{HTTP_GET, T "/users/boris/sessions", "--+--"},
	{HTTP_DELETE, T "/users/anna/sessions", "oo+oo"},
	{HTTP_DELETE, T "/users/boris/sessions", "--+--"},
	{HTTP_POST, "/api/v1/apply", "--+--"},
	{HTTP_GET, "/api/v1/export", "--+--"},
	{HTTP_GET, T "/agents", "++++t"},
	{HTTP_GET, T "/agents/anna", "+++++"},
	{HTTP_POST, T "/agents/anna/presence", "+++-+"},
	{HTTP_POST, T "/agents/boris/presence", "-++-n"},
	{HTTP_POST, T "/agents/anna/phone", "ooo-o"},
	{HTTP_POST, "/api/v1/demo/enter", "-----"}, /* from elsewhere */
	{HTTP_POST, "/api/v1/demo/ring", "+++-+"},
	{HTTP_POST, "/api/v1/demo/storm", "+++-+"},
	{HTTP_POST, "/api/v1/demo/speed", "+++-+"},
	{HTTP_GET, "/api/v1/demo", "+++++"},
	{HTTP_GET, "/api/v1/live", "+++++"},
	{HTTP_POST, T "/agents/anna/skills", "-++-+"},
	{HTTP_POST, T "/agents/boris/skills", "-++-n"},
	{HTTP_POST, T "/agents/anna/approval", "-++-+"},
	{HTTP_POST, T "/agents/boris/approval", "-++-n"},
	{HTTP_GET, T "/notices", "-+++t"},
	{HTTP_POST, T "/notices/7/acknowledge", "-++-t"},
	{HTTP_POST, T "/messages", "-++-t"},
	{HTTP_POST, T "/messages/7/read", "+++++"},
	{HTTP_POST, T "/contacts/x/help", "o++-t"},
	{HTTP_DELETE, T "/contacts/x/help", "o++-t"},
	{HTTP_POST, T "/alerts/x/acknowledge", "-++--"},
	{HTTP_POST, T "/alerts/x/test", "-++--"},
	{HTTP_POST, T "/wallboards/x/link", "-++--"},
	{HTTP_GET, T "/wallboards/x/test", "-++--"},
	{HTTP_GET, T "/wallboards/x/test/live", "-++--"},
	{HTTP_GET, "/api/v1/wall/x", "+++++"},
	{HTTP_GET, "/api/v1/wall/x/live", "+++++"},
	{HTTP_GET, T "/queues/support/live", "+++++"},
	{HTTP_POST, T "/queues/support/close", "-++-+"},
	{HTTP_POST, T "/queues/late/close", "-++-n"},
	{HTTP_POST, T "/queues/support/open", "-++-+"},
	{HTTP_POST, T "/queues/late/open", "-++-n"},
	{HTTP_POST, T "/queues/support/overflow", "-++-+"},
	{HTTP_POST, T "/queues/late/overflow", "-++-n"},
	{HTTP_GET, T "/trunks/carrier/live", "-+++-"},
	{HTTP_GET, T "/retention", "--+--"},
	{HTTP_POST, T "/trunks/carrier/test", "-++--"},
	{HTTP_GET, T "/contacts", "o+++t"},
	{HTTP_GET, T "/contacts/x", "o+++t"},
	{HTTP_GET, T "/contacts/x/events", "o+++t"},
	{HTTP_GET, T "/contacts/x/why", "o+++t"},
	{HTTP_GET, T "/contacts/x/sip", "-++-t"},
	{HTTP_POST, T "/contacts/x/customer", "o++-t"},
	{HTTP_GET, T "/customers", "+++-+"},
	{HTTP_POST, T "/customers", "+++-+"},
	{HTTP_GET, T "/customers/match", "+++-+"},
	{HTTP_GET, T "/customers/duplicates", "-++-+"},
	{HTTP_GET, T "/customers/export", "--+--"},
	{HTTP_GET, T "/customers/imports", "--+--"},
	{HTTP_POST, T "/customers/imports", "--+--"},
	{HTTP_GET, T "/customers/imports/x", "--+--"},
	{HTTP_DELETE, T "/customers/imports/x", "--+--"},
	{HTTP_PUT, T "/customers/imports/x/file", "--+--"},
	{HTTP_POST, T "/customers/imports/x/preview", "--+--"},
	{HTTP_POST, T "/customers/imports/x/start", "--+--"},
	{HTTP_GET, T "/customers/imports/x/rejects", "--+--"},
	{HTTP_GET, T "/customers/x", "+++-+"},
	{HTTP_PUT, T "/customers/x", "+++-+"},
	{HTTP_PATCH, T "/customers/x", "+++-+"},
	{HTTP_DELETE, T "/customers/x", "--+--"},
	{HTTP_GET, T "/customers/x/timeline", "+++-+"},
	{HTTP_GET, T "/customers/x/notes", "+++-+"},
	{HTTP_POST, T "/customers/x/notes", "+++-+"},
	{HTTP_GET, T "/customers/x/history", "+++-+"},
	{HTTP_POST, T "/customers/x/merge", "-++-+"},
	{HTTP_POST, T "/customers/x/unmerge", "-++-+"},
	{HTTP_GET, T "/tokens", "--+--"},
	{HTTP_POST, T "/tokens", "--+--"},
	{HTTP_DELETE, T "/tokens/x", "--+--"},
	{HTTP_POST, "/api/v1/backup", "-----"},
	{HTTP_GET, "/api/v1/backups", "-----"},
	{HTTP_GET, "/api/v1/backups/x", "-----"},
	{HTTP_DELETE, "/api/v1/backups/x", "-----"},
	{HTTP_GET, T "/teams", "++++t"},
	{HTTP_GET, T "/users/anna", "-+++t"},
	{HTTP_GET, T "/users/boris", "-+++n"},
	{HTTP_GET, T "/queues/late", "++++n"},
	{HTTP_GET, T "/queues/late/live", "++++n"},
	{HTTP_GET, T "/agents/boris", "++++n"},
	{HTTP_GET, T "/users/boris/versions", "-+++n"},
	{HTTP_GET, T "/users/anna/diff", "-+++t"},
	{HTTP_GET, T "/audit", "--+--"},
	{HTTP_POST, T "/contacts/x/monitor", "-++-t"},
	{HTTP_POST, T "/contacts/x/wrap", "o++-t"},
	{HTTP_POST, T "/contacts/x/end", "o++-t"},
	{HTTP_POST, T "/calls", "o++-t"},
	{HTTP_GET, T "/recordings/x", "o+++t"},
	{HTTP_GET, T "/prompts/x/audio", "-++++"},
	{HTTP_PUT, T "/prompts/x/audio", "--+--"},
	{HTTP_DELETE, T "/prompts/x/audio", "--+--"},
	{HTTP_GET, T "/reports/queues", "-+++t"},
	{HTTP_GET, T "/reports/flows", "-+++-"},
	{HTTP_GET, T "/reports/flow_nodes", "-+++-"},
	{HTTP_GET, T "/reports/flow_paths", "-+++-"},
	{HTTP_GET, T "/reports/agents", "o+++t"},
	{HTTP_GET, T "/reports/mass_events", "-+++-"},
	{HTTP_GET, T "/reports/trunks", "-+++-"},
	{HTTP_POST, T "/mass_events/outage/start", "-++--"},
	{HTTP_POST, T "/mass_events/outage/stop", "-++--"},
	{HTTP_GET, T "/events", "-+++-"},
	{HTTP_GET, "/api/v1/tenants", "+++++"},
	{HTTP_GET, T, "+++++"},
	{HTTP_PUT, T, "--+--"},
	{HTTP_DELETE, T, "-----"},
	{HTTP_GET, T "/versions", "-+++-"},
	{HTTP_GET, T "/diff", "-+++-"},
	{HTTP_GET, T "/flows/x/draft", "-+++-"},
	{HTTP_PUT, T "/flows/x/draft", "--+--"},
	{HTTP_DELETE, T "/flows/x/draft", "--+--"},
	{HTTP_POST, T "/flows/x/publish", "--+--"},
	{HTTP_POST, T "/rollback", "--+--"},
	{HTTP_GET, T "/reasons", "++++t"},
	{HTTP_GET, T "/users", "-+++t"},
	{HTTP_GET, T "/reasons/break", "++++t"},
	{HTTP_GET, T "/hours/office", "++++t"},
	{HTTP_GET, T "/trunks/carrier", "-+++-"},
	{HTTP_PUT, T "/queues/x", "--+--"},
	{HTTP_DELETE, T "/users/x", "--+--"},
	{HTTP_GET, T "/flows/x/versions", "-+++-"},
	{HTTP_GET, T "/flows/x/diff", "-+++-"},
	{HTTP_POST, T "/flows/x/rollback", "--+--"},
	{HTTP_GET, T "/flows/x/referrers", "-+++-"},
	{HTTP_GET, T "/reports/contacts", "-+++t"},
	{HTTP_GET, T "/saved_reports", "-++++"},
	{HTTP_GET, T "/saved_reports/{id}", "-++++"},
	{HTTP_PUT, T "/saved_reports/{id}", "-++-+"},
	{HTTP_DELETE, T "/saved_reports/{id}", "-++-+"},
	{HTTP_GET, T "/saved_reports/{id}/versions", "-++++"},
	{HTTP_GET, T "/saved_reports/{id}/diff", "-++++"},
	{HTTP_POST, T "/saved_reports/{id}/rollback", "-++-+"},
	{HTTP_GET, T "/saved_reports/{id}/runs", "-++++"},
	{HTTP_POST, T "/saved_reports/{id}/send", "-++-+"},
	{HTTP_GET, T "/reports/{word}/columns", "+++++"},
	{HTTP_GET, T "/sessions", "--+--"},
	{HTTP_PATCH, T "/contacts/x", "o++-t"},
	{HTTP_POST, T "/flows/x/check", "-+++-"},
	{HTTP_POST, T "/flows/x/simulate", "-+++-"},
	{HTTP_GET, "/api/v1/setup", "++++"},
	{HTTP_POST, "/api/v1/setup", "++++"},
	{HTTP_POST, T "/speech", "--+-"},
};

static struct caller somebody(const char *tenant, enum role role)
{
	struct caller c = {.roles = BIT(role)};
	str_copy(str_of(tenant), c.tenant, sizeof c.tenant);
	str_copy(STR("anna"), c.user, sizeof c.user);
	return c;
}

static enum err find(enum http_method method, const char *text, struct arena *a,
		     struct route_match *m)
{
	struct path p;
	const enum err e = path_split(a, str_of(text), &p);
	return e == ERR_OK ? route_find(method, &p, m) : e;
}

static bool tenant_bound(const struct route_match *m)
{
	return m->route->access == ACCESS_TENANT;
}

/* A row of four letters: nobody thought of supervisors of teams yet, so they may not. */
static char fifth(const char *rights, enum access access)
{
	if (strlen(rights) > 4)
		return rights[4];
	return rights[1] == '+' && access != ACCESS_OPEN ? '-' : rights[1];
}

TEST(every_route_serves_exactly_the_roles_it_should)
{
	static const enum role roles[] = {ROLE_AGENT, ROLE_SUPERVISOR, ROLE_ADMIN, ROLE_VIEWER,
					  ROLE_SUPERVISOR};
	static const struct str people[] = {STR("anna")}, queues[] = {STR("support")};
	const struct reach reach = {people, queues, 1, 1};
	bool *seen = xcalloc(route_count, sizeof *seen);
	struct arena a;
	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		struct route_match m = {0};
		struct leave own;
		if (find(expected[i].method, expected[i].path, &a, &m) != ERR_OK) {
			test_failed("no such route", __FILE__, __LINE__);
			test_say(str_of(expected[i].path));
			continue;
		}
		seen[m.route - routes] = true;
		for (size_t r = 0; r < COUNT_OF(roles); r++) {
			struct caller who = somebody("acme", roles[r]), foreign;
			who.held = r == 4;
			foreign = who;
			const enum err e = authorise(&m, &who, &reach, false, &own);
			const char right = r == 4 ? fifth(expected[i].rights, m.route->access)
						  : expected[i].rights[r];
			const bool good = right == '-'	 ? e == ERR_FORBIDDEN
					  : right == '0' ? e == ERR_NOT_FOUND
					  : right == 'n' ? e == ERR_NOT_FOUND
					  : right == 'o' ? e == ERR_OK && own.own_only
					  : right == 't' ? e == ERR_OK && own.held
							 : e == ERR_OK && !own.held;
			if (!good) {
				test_failed("another right than expected", __FILE__, __LINE__);
				test_say(str_of(expected[i].path));
				test_say(str_make(&right, 1));
			}
			str_copy(STR("other"), foreign.tenant, sizeof foreign.tenant);
			if (tenant_bound(&m)) /* a foreign tenant is not there, whatever the role */
				EXPECT(authorise(&m, &foreign, &reach, false, &own) ==
				       ERR_NOT_FOUND);
		}
		if (m.route->access == ACCESS_TENANT || m.route->access == ACCESS_SIGNED_IN)
			EXPECT(authorise(&m, NULL, NULL, true, &own) == ERR_UNAUTHORIZED);
		struct caller root = somebody("system", ROLE_ADMIN), local = {.local = true};
		if (m.route->access != ACCESS_LOCAL)
			EXPECT(authorise(&m, &root, NULL, false, &own) == ERR_OK && !own.own_only);
		EXPECT(authorise(&m, &local, NULL, true, &own) == ERR_OK);
	}
	for (uint32_t i = 0; i < route_count; i++)
		if (!seen[i]) {
			test_failed("a route without an expectation", __FILE__, __LINE__);
			test_say(str_of(routes[i].pattern));
		}
	arena_finish(&a);
	free(seen);
}

TEST(who_must_enrol_a_second_factor_can_do_that_and_nothing_else)
{
	static const char *const may[] = {"/api/v1/me",	     "/api/v1/logout",
					  "/api/v1/me/totp", "/api/v1/me/totp/confirm",
					  "/healthz",	     "/api/v1/login"};
	struct arena a;
	struct leave own;
	arena_init(&a);
	struct caller who = somebody("system", ROLE_ADMIN);
	who.must_enrol = true;
	uint32_t refused = 0;
	for (uint32_t i = 0; i < route_count; i++) {
		const struct route_match m = {
			.route = &routes[i], .tenant = STR("system"), .id = STR("anna")};
		bool allowed = str_starts(str_of(routes[i].pattern), STR("/api/v1/me/"));
		for (size_t k = 0; k < COUNT_OF(may); k++)
			allowed = allowed || !strcmp(routes[i].pattern, may[k]);
		const enum err e = authorise(&m, &who, NULL, false, &own);
		if (routes[i].access == ACCESS_TENANT || routes[i].access == ACCESS_SIGNED_IN)
			EXPECT(e == (allowed ? ERR_OK : ERR_FORBIDDEN));
		refused += e == ERR_FORBIDDEN;
	}
	EXPECT(refused > 40);
	arena_finish(&a);
}

TEST(who_is_agent_and_supervisor_of_teams_may_what_either_may)
{
	static const struct str people[] = {STR("anna")};
	const struct reach reach = {people, NULL, 1, 0};
	struct route_match m = {0};
	struct leave own;
	struct arena a;
	arena_init(&a);
	struct caller who = somebody("acme", ROLE_SUPERVISOR);
	who.roles |= BIT(ROLE_AGENT);
	who.held = true;
	EXPECT(find(HTTP_GET, T "/agents/boris", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, &who, &reach, false, &own) == ERR_OK && !own.held && !own.own_only);
	EXPECT(find(HTTP_GET, T "/contacts", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, &who, &reach, false, &own) == ERR_OK && own.held && !own.own_only);
	EXPECT(find(HTTP_POST, T "/agents/boris/presence", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, &who, &reach, false, &own) == ERR_NOT_FOUND);
	EXPECT(find(HTTP_GET, T "/reports/flows", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, &who, &reach, false, &own) == ERR_FORBIDDEN);
	who.roles |= BIT(ROLE_VIEWER); /* a viewer sees the whole tenant */
	EXPECT(authorise(&m, &who, &reach, false, &own) == ERR_OK && !own.held);
	arena_finish(&a);
}

TEST(an_api_token_has_its_roles_but_nothing_of_its_own)
{
	struct arena a;
	struct leave own;
	arena_init(&a);
	for (uint32_t i = 0; i < route_count; i++) {
		const struct route *rt = &routes[i];
		const struct route_match m = {
			.route = rt, .tenant = STR("acme"), .id = STR("anna"), .kind = KIND_user};
		for (int role = 0; role < 4; role++) {
			struct caller person = somebody("acme", (enum role)role), token = person;
			token.token = true;
			struct leave his;
			const enum err e = authorise(&m, &person, NULL, false, &his);
			const enum err t = authorise(&m, &token, NULL, false, &own);
			if (rt->access != ACCESS_TENANT && rt->access != ACCESS_SIGNED_IN)
				EXPECT(t == e);
			else if (e == ERR_OK && (rt->person || his.own_only))
				EXPECT(t == ERR_FORBIDDEN && route_wants_person(rt, &token));
			else
				EXPECT(t == e && !own.own_only);
		}
	}
	arena_finish(&a);
}

TEST(somebody_of_tenant_system_without_admin_is_nobody_elsewhere)
{
	struct route_match m = {0};
	struct arena a;
	struct leave own;
	arena_init(&a);
	struct caller viewer = somebody("system", ROLE_VIEWER);
	EXPECT(find(HTTP_GET, T "/agents", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, &viewer, NULL, false, &own) == ERR_NOT_FOUND);
	EXPECT(find(HTTP_GET, "/metrics", &a, &m) == ERR_OK);
	EXPECT(authorise(&m, NULL, NULL, true, &own) == ERR_OK);
	EXPECT(authorise(&m, NULL, NULL, false, &own) == ERR_UNAUTHORIZED);
	arena_finish(&a);
}

TEST(paths_lead_to_their_routes)
{
	struct route_match m = {0};
	struct arena a;
	arena_init(&a);
	EXPECT(find(HTTP_GET, T "/numbers/%2B48221000000", &a, &m) == ERR_OK);
	EXPECT(m.kind == KIND_number && m.route->run == run_object_get);
	EXPECT_STR(m.id, "+48221000000");
	EXPECT_STR(m.tenant, "acme");
	EXPECT(find(HTTP_HEAD, T "/hours/office", &a, &m) == ERR_OK && m.kind == KIND_hours);
	EXPECT(find(HTTP_GET, T, &a, &m) == ERR_OK && m.kind == KIND_tenant);
	EXPECT_STR(m.id, "acme");
	EXPECT(find(HTTP_POST, T "/contacts/x/record_pause", &a, &m) == ERR_OK &&
	       m.verb == VERB_RECORD_PAUSE);
	EXPECT(find(HTTP_POST, T "/contacts/x/monitor", &a, &m) == ERR_OK &&
	       m.verb == VERB_MONITOR);
	EXPECT(find(HTTP_POST, T "/contacts/x/explode", &a, &m) == ERR_NOT_FOUND);
	EXPECT(find(HTTP_GET, T "/queues/support/live", &a, &m) == ERR_OK &&
	       m.route->run == run_queue_live);
	EXPECT(find(HTTP_GET, T "/tenants/x", &a, &m) == ERR_NOT_FOUND);
	EXPECT(find(HTTP_GET, T "/hourss", &a, &m) == ERR_NOT_FOUND);
	EXPECT(find(HTTP_PUT, T "/contacts", &a, &m) == ERR_UNSUPPORTED &&
	       m.allowed == BIT(HTTP_GET));
	arena_finish(&a);
}

/* -- permissions -- */

static void expect_permission(enum http_method method, const char *path, const char *name)
{
	struct route_match m = {0};
	struct arena a;
	char got[PERMISSION_MAX];
	arena_init(&a);
	EXPECT(find(method, path, &a, &m) == ERR_OK);
	route_permission(m.route, got);
	EXPECT_STR(str_of(got), name);
	arena_finish(&a);
}

TEST(permissions_are_named_by_their_addresses)
{
	expect_permission(HTTP_GET, T "/contacts", "contacts:read");
	expect_permission(HTTP_GET, T "/contacts/x", "contacts:read");
	expect_permission(HTTP_GET, T "/contacts/x/why", "contacts:why");
	expect_permission(HTTP_GET, T "/contacts/x/sip", "contacts:sip");
	expect_permission(HTTP_POST, T "/contacts/x/hold", "contacts:act");
	expect_permission(HTTP_POST, T "/contacts/x/monitor", "contacts:monitor");
	expect_permission(HTTP_POST, T "/calls", "calls:create");
	expect_permission(HTTP_PUT, T "/queues/x", "objects:write");
	expect_permission(HTTP_GET, T "/flows/x/draft", "flows:draft");
	expect_permission(HTTP_PUT, T "/flows/x/draft", "flows:draft_write");
	expect_permission(HTTP_DELETE, T "/users/x/sessions", "users:sessions_delete");
	expect_permission(HTTP_GET, T, "tenants:read");
	expect_permission(HTTP_PUT, "/api/v1/me/settings", "me:settings_write");
}

/* Of a supervisor who is held to teams. */
static const char *team_right(const struct route *rt)
{
	if (!(rt->any & BIT(ROLE_SUPERVISOR)))
		return rt->own & BIT(ROLE_SUPERVISOR) && rt->scope != SCOPE_SYSTEM ? " own |"
										   : " |";
	return rt->team == TEAM_NO ? " |" : rt->team == TEAM_ANY ? " yes |" : " team |";
}

static void put_rights(struct buf *out, const struct route *rt)
{
	static const enum role roles[] = {ROLE_AGENT, ROLE_SUPERVISOR, ROLE_ADMIN, ROLE_VIEWER};
	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		buf_c(out, rt->any & BIT(roles[i])     ? " yes |"
			   : rt->scope == SCOPE_SYSTEM ? " |"
			   : rt->own & BIT(roles[i])   ? " own |"
						       : " |");
		if (roles[i] == ROLE_SUPERVISOR)
			buf_c(out, team_right(rt));
	}
	buf_c(out, rt->person ? " no |\n" : " |\n");
}

/* docs/permissions.md as the route table has it. */
static void permissions_page(struct buf *out)
{
	char name[PERMISSION_MAX];
	buf_c(out,
	      "# Permissions\n\n"
	      "Made from `web/route.c` by its test; `UPDATE_DOCS=1 make room ROOM=web` writes it "
	      "anew. `GET /api/v1/me` and the desk's\nsnapshot tell the permissions of whoever "
	      "asks; `own` is told as `NAME:own`. Admins of tenant `system` may do everything "
	      "in every\ntenant; of addresses below `/api/v1/tenants/{t}` everybody else has "
	      "those of his own tenant alone. A supervisor with `supervises` has the column `of "
	      "teams`: `team` is what\nis with his people or in his queues, everything else is not "
	      "there (404). An API token has its roles, but nothing that is `own`, and\nnot where "
	      "`token` says no. `GET /api/v1/permissions` is this table.\n\n"
	      "| permission | method | address | agent | supervisor | of teams | admin | viewer | "
	      "token |\n"
	      "|---|---|---|---|---|---|---|---|---|\n");
	for (uint32_t i = 0; i < route_count; i++) {
		const struct route *rt = &routes[i];
		if (rt->access != ACCESS_TENANT && rt->access != ACCESS_SIGNED_IN)
			continue;
		route_permission(rt, name);
		buf_fmt(out, "| `%s` | %s | `%s` |", name, http_method_word(rt->method),
			rt->pattern);
		put_rights(out, rt);
	}
}

TEST(the_page_of_permissions_is_true)
{
	static const char path[] = "docs/permissions.md";
	struct buf made = buf_grow(8192), said = buf_grow(8192);
	char room[4096];
	permissions_page(&made);
	if (getenv("UPDATE_DOCS")) {
		FILE *f = fopen(path, "w");
		CHECK(f && fwrite(made.p, 1, made.n, f) == made.n && fclose(f) == 0);
	}
	FILE *f = fopen(path, "r");
	EXPECT(f != NULL);
	for (size_t n; f && (n = fread(room, 1, sizeof room, f)) > 0;)
		buf_put(&said, str_make(room, n));
	if (f)
		(void)fclose(f);
	if (!str_eq(buf_str(&made), buf_str(&said)))
		test_failed("docs/permissions.md is stale: UPDATE_DOCS=1 make room ROOM=web",
			    __FILE__, __LINE__);
	buf_free(&made);
	buf_free(&said);
}
