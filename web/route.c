/* route.c - see route.h. */
#include "web/route.h"

#include "web/handlers.h"

#define AGENT BIT(ROLE_AGENT)
#define SUPER BIT(ROLE_SUPERVISOR)
#define ADMIN BIT(ROLE_ADMIN)
#define VIEWER BIT(ROLE_VIEWER)
#define ALL (AGENT | SUPER | ADMIN | VIEWER)
#define ABOVE (SUPER | ADMIN | VIEWER) /* who may see what others do */
#define DESKS (AGENT | SUPER | ADMIN)  /* who works with customers */
#define T "/api/v1/tenants/{t}"
#define DEMO "/api/v1/demo"

/* A row that does not say `team` is TEAM_NO: closed to supervisors of teams until somebody thought
 * of them. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* More special patterns stand before those that would swallow them. */
const struct route routes[] = {
	/* clang-format off */
	/* the house */
	{HTTP_GET,  "/healthz", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_WEB, run_healthz, NULL},
	{HTTP_GET,  "/readyz", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_PROBE, run_readyz, NULL},
	{HTTP_GET,  "/metrics", ACCESS_LOOPBACK, 0, 0, SCOPE_NONE, DESK_PROBE, run_metrics, NULL},
	{HTTP_GET,  "/api/v1/openapi.json", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_WEB, run_openapi, NULL},
	{HTTP_GET,  "/ctl/show/{word}", ACCESS_LOCAL, 0, 0, SCOPE_NONE, DESK_PROBE, run_show, NULL},
	{HTTP_GET,  "/ctl/trace/{id}", ACCESS_LOCAL, 0, 0, SCOPE_NONE, DESK_QUERY, run_trace, NULL},
	{HTTP_GET,  "/ctl/follow", ACCESS_LOCAL, 0, 0, SCOPE_NONE, DESK_QUERY, run_follow, NULL},
	{HTTP_GET,  "/ctl/check-now", ACCESS_LOCAL, 0, 0, SCOPE_NONE, DESK_CHECK, run_check, NULL},
	{HTTP_POST, "/ctl/apply", ACCESS_LOCAL, 0, 0, SCOPE_NONE, DESK_CHANGE, run_apply, NULL},

	/* signing in */
	{HTTP_POST, "/api/v1/login", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_SIGN_IN, run_login,
		"LoginRequest"},
	{HTTP_GET,  "/api/v1/setup", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_QUERY, run_setup, NULL},
	{HTTP_POST, "/api/v1/setup", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_CHANGE, run_setup_done,
		"SetupRequest"},
	{HTTP_POST, "/api/v1/logout", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_COMMAND, run_logout, NULL,
		.team = TEAM_ANY, .person = true},

	{HTTP_POST, "/api/v1/csp_reports", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_WEB, run_csp_report, NULL},
	{HTTP_GET,  "/api/v1/me", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_QUERY, run_me, NULL, .team = TEAM_ANY},
	{HTTP_PUT,  "/api/v1/me/settings", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_COMMAND,
		run_settings_put, "UserSettings", .team = TEAM_ANY, .person = true},
	{HTTP_POST, "/api/v1/me/password", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_CHANGE,
		run_password, "PasswordChange", .team = TEAM_ANY, .person = true},
	{HTTP_POST, "/api/v1/me/totp", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_SIGN_IN,
		run_totp_enrol, "PasswordProof", .team = TEAM_ANY, .person = true},
	{HTTP_POST, "/api/v1/me/totp/confirm", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_COMMAND,
		run_totp_confirm, "CodeProof", .team = TEAM_ANY, .person = true},
	{HTTP_DELETE, "/api/v1/me/totp", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_SIGN_IN,
		run_totp_delete, "PasswordProof", .team = TEAM_ANY, .person = true},
	{HTTP_DELETE, T "/users/{id}/totp", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_COMMAND,
		run_totp_reset, NULL},
	{HTTP_GET,  "/api/v1/permissions", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_QUERY,
		run_permissions, NULL, .team = TEAM_ANY},
	{HTTP_GET,  "/api/v1/sessions", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_QUERY,
		run_sessions, NULL, .team = TEAM_ANY, .person = true},
	{HTTP_DELETE, "/api/v1/sessions", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_COMMAND,
		run_sessions_end, NULL, .team = TEAM_ANY, .person = true},
	{HTTP_GET,  T "/users/{id}/sessions", ACCESS_TENANT, ADMIN, ALL, SCOPE_AGENT, DESK_QUERY,
		run_sessions, NULL},
	{HTTP_DELETE, T "/users/{id}/sessions", ACCESS_TENANT, ADMIN, ALL, SCOPE_AGENT, DESK_COMMAND,
		run_sessions_end, NULL},

	{HTTP_GET,  T "/sessions", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_QUERY,
		run_tenant_sessions, NULL},

	/* the living demo; elsewhere these do not exist (api/demo.c) */
	{HTTP_POST, DEMO "/enter", ACCESS_LOOPBACK, 0, 0, SCOPE_NONE, DESK_SIGN_IN, run_demo_enter, NULL},
	{HTTP_POST, DEMO "/ring", ACCESS_SIGNED_IN, DESKS, 0, SCOPE_NONE, DESK_COMMAND, run_demo_ring, NULL,
		TEAM_ANY},
	{HTTP_POST, DEMO "/storm", ACCESS_SIGNED_IN, DESKS, 0, SCOPE_NONE, DESK_COMMAND, run_demo_storm, NULL,
		TEAM_ANY},
	{HTTP_POST, DEMO "/speed", ACCESS_SIGNED_IN, DESKS, 0, SCOPE_NONE, DESK_COMMAND, run_demo_speed, NULL,
		TEAM_ANY},
	{HTTP_GET,  DEMO, ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_COMMAND, run_demo_state, NULL,
		TEAM_ANY},

	/* what is now, kept true: a WebSocket */
	{HTTP_GET,  "/api/v1/live", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_QUERY, run_live, NULL,
		.team = TEAM_ANY},

	/* all objects together */
	{HTTP_POST, "/api/v1/apply", ACCESS_SIGNED_IN, ADMIN, 0, SCOPE_NONE, DESK_CHANGE, run_apply, NULL},
	{HTTP_GET,  "/api/v1/export", ACCESS_SIGNED_IN, ADMIN, 0, SCOPE_NONE, DESK_QUERY, run_export, NULL},

	/* agents and queues as they are now */
	{HTTP_GET,  T "/agents", ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_COMMAND, run_agents, NULL,
		.team = TEAM_LIMITED},
	{HTTP_GET,  T "/agents/{id}", ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_COMMAND, run_agent, NULL,
		.team = TEAM_AGENT},
	{HTTP_POST, T "/agents/{id}/presence", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_AGENT,
		DESK_COMMAND, run_presence, "PresenceRequest", .team = TEAM_AGENT},
	{HTTP_POST, T "/agents/{id}/phone", ACCESS_TENANT, 0, AGENT | SUPER | ADMIN, SCOPE_AGENT,
		DESK_COMMAND, run_phone, "PhoneRequest"},
	{HTTP_POST, T "/agents/{id}/skills", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_agent_skills, "AgentSkills", .team = TEAM_AGENT},
	{HTTP_POST, T "/agents/{id}/approval", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_approval, "ApprovalRequest", .team = TEAM_AGENT},
	{HTTP_GET,  T "/notices", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY, run_notices, NULL,
		.team = TEAM_LIMITED},
	{HTTP_POST, T "/notices/{id}/acknowledge", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_QUERY, run_notice_acknowledge, "EmptyRequest", .team = TEAM_LIMITED},
	{HTTP_POST, T "/messages", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_COMMAND,
		run_message, "MessageRequest", .team = TEAM_LIMITED},
	{HTTP_POST, T "/messages/{id}/read", ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_COMMAND,
		run_message_read, "EmptyRequest", .team = TEAM_ANY, .person = true},
	{HTTP_POST, T "/alerts/{id}/acknowledge", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_alert_acknowledge, "EmptyRequest"},
	{HTTP_POST, T "/alerts/{id}/test", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_alert_test, "AlertTestRequest"},
	{HTTP_POST, T "/wallboards/{id}/link", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_wall_link, "WallLinkRequest"},
	{HTTP_GET,  T "/wallboards/{id}/test", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_QUERY, run_wallboard_wall, NULL},
	{HTTP_GET,  T "/wallboards/{id}/test/live", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_QUERY, run_wallboard_live, NULL},
	{HTTP_GET,  "/api/v1/wall/{word}", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_QUERY, run_wall, NULL},
	{HTTP_GET,  "/api/v1/wall/{word}/live", ACCESS_OPEN, 0, 0, SCOPE_NONE, DESK_QUERY,
		run_wall_live, NULL},
	{HTTP_GET,  T "/queues/{id}/live", ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_COMMAND,
		run_queue_live, NULL, .team = TEAM_QUEUE},
	{HTTP_POST, T "/queues/{id}/close", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_queue_close, "QueueClose", .team = TEAM_QUEUE},
	{HTTP_POST, T "/queues/{id}/open", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_queue_open, "EmptyRequest", .team = TEAM_QUEUE},
	{HTTP_POST, T "/queues/{id}/overflow", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_queue_overflow, "QueueOverflow", .team = TEAM_QUEUE},
	{HTTP_GET,  T "/trunks/{id}/live", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_COMMAND,
		run_trunk_live, NULL},
	{HTTP_POST, T "/trunks/{id}/test", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_WAIT,
		run_trunk_test, "EmptyRequest"},

	/* contacts */
	{HTTP_GET,  T "/contacts", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_contacts, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/contacts/{id}", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_contact, NULL, .team = TEAM_LIMITED},
	{HTTP_PATCH, T "/contacts/{id}", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_marks, "ContactMarks", .team = TEAM_LIMITED},
	{HTTP_GET,  T "/contacts/{id}/events", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_contact_events, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/contacts/{id}/why", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_contact_why, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/contacts/{id}/sip", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_REPORT,
		run_contact_sip, NULL, .team = TEAM_LIMITED},
	{HTTP_POST, T "/contacts/{id}/customer", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT,
		DESK_QUERY, run_link, "LinkRequest", .team = TEAM_LIMITED},
	{HTTP_POST, T "/contacts/{id}/help", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT,
		DESK_COMMAND, run_help, "HelpRequest", .team = TEAM_LIMITED},
	{HTTP_DELETE, T "/contacts/{id}/help", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT,
		DESK_COMMAND, run_help_end, NULL, .team = TEAM_LIMITED},
	{HTTP_POST, T "/contacts/{id}/monitor", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_verb, NULL, .team = TEAM_LIMITED},
	{HTTP_POST, T "/contacts/{id}/{verb}", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT,
		DESK_COMMAND, run_verb, NULL, .team = TEAM_LIMITED},
	{HTTP_POST, T "/calls", ACCESS_TENANT, SUPER | ADMIN, AGENT, SCOPE_CONTACT, DESK_COMMAND,
		run_calls, "CallRequest", .team = TEAM_LIMITED},
	{HTTP_GET,  T "/retention", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_QUERY, run_retention,
		NULL},
	{HTTP_GET,  T "/recordings/{id}", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_QUERY,
		run_recording, NULL, .team = TEAM_LIMITED},

	/* customers: viewers see nobody's personal data (decision 0041) */
	{HTTP_GET,  T "/customers", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS, run_customers, NULL,
		.team = TEAM_ANY},
	{HTTP_POST, T "/customers", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_customer_create, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/customers/match", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS, run_match, NULL,
		.team = TEAM_ANY},
	{HTTP_GET,  T "/customers/duplicates", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_QUERY,
		run_duplicates, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/customers/export", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_QUERY,
		run_customers_export, NULL},
	{HTTP_GET,  T "/customers/imports", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_imports, NULL},
	{HTTP_POST, T "/customers/imports", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_import_upload, NULL},
	{HTTP_GET,  T "/customers/imports/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_import, NULL},
	{HTTP_DELETE, T "/customers/imports/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_import_delete, NULL},
	{HTTP_PUT, T "/customers/imports/{id}/file", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_import_append, NULL},
	{HTTP_POST, T "/customers/imports/{id}/preview", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE,
		DESK_CUSTOMERS, run_import_preview, "ImportRequest"},
	{HTTP_POST, T "/customers/imports/{id}/start", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE,
		DESK_CUSTOMERS, run_import_start, "ImportRequest"},
	{HTTP_GET,  T "/customers/imports/{id}/rejects", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE,
		DESK_CUSTOMERS, run_import_rejects, NULL},
	{HTTP_GET,  T "/customers/{id}", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS, run_customer, NULL,
		.team = TEAM_ANY},
	{HTTP_PUT,  T "/customers/{id}", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_customer_put, NULL, .team = TEAM_ANY},
	{HTTP_PATCH, T "/customers/{id}", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_customer_patch, NULL, .team = TEAM_ANY},
	{HTTP_DELETE, T "/customers/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_customer_delete, NULL},
	{HTTP_GET,  T "/customers/{id}/timeline", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_QUERY,
		run_timeline, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/customers/{id}/notes", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_notes, NULL, .team = TEAM_ANY},
	{HTTP_POST, T "/customers/{id}/notes", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS, run_note,
		"NoteRequest", .team = TEAM_ANY},
	{HTTP_GET,  T "/customers/{id}/history", ACCESS_TENANT, DESKS, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_customer_history, NULL, .team = TEAM_ANY},
	{HTTP_POST, T "/customers/{id}/merge", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_merge, "MergeRequest", .team = TEAM_ANY},
	{HTTP_POST, T "/customers/{id}/unmerge", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_CUSTOMERS,
		run_unmerge, "UnmergeRequest", .team = TEAM_ANY},
	/* other systems, and copies of everything */
	{HTTP_GET,  T "/tokens", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_QUERY, run_tokens, NULL},
	{HTTP_POST, T "/tokens", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_COMMAND, run_token_make,
		"TokenRequest", .person = true},
	{HTTP_DELETE, T "/tokens/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_COMMAND,
		run_token_end, NULL},
	{HTTP_POST, "/api/v1/backup", ACCESS_SIGNED_IN, 0, ADMIN, SCOPE_SYSTEM, DESK_CHECK,
		run_backup, "EmptyRequest"},
	{HTTP_GET,  "/api/v1/backups", ACCESS_SIGNED_IN, 0, ADMIN, SCOPE_SYSTEM, DESK_QUERY,
		run_backups, NULL},
	{HTTP_GET,  "/api/v1/backups/{id}", ACCESS_SIGNED_IN, 0, ADMIN, SCOPE_SYSTEM, DESK_QUERY,
		run_backup_get, NULL},
	{HTTP_DELETE, "/api/v1/backups/{id}", ACCESS_SIGNED_IN, 0, ADMIN, SCOPE_SYSTEM, DESK_COMMAND,
		run_backup_delete, NULL},

	{HTTP_GET,  T "/audit", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_QUERY, run_audit, NULL},

	/* figures and events */
	{HTTP_GET,  T "/reports/queues", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_queues, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/reports/agents", ACCESS_TENANT, ABOVE, AGENT, SCOPE_CONTACT, DESK_REPORT,
		run_report_agents, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/reports/contacts", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_contacts, NULL, .team = TEAM_LIMITED},
	{HTTP_GET,  T "/reports/{word}/columns", ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_QUERY,
		run_report_columns, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/reports/flows", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_flows, NULL},
	{HTTP_GET,  T "/reports/flow_nodes", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_flow_nodes, NULL},
	{HTTP_GET,  T "/reports/flow_paths", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_flow_paths, NULL},
	{HTTP_GET,  T "/reports/trunks", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_trunks, NULL},
	/* reports that people keep: their own and shared ones (saved_reports.c) */
	{HTTP_GET,  T "/saved_reports", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_saved_reports, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/saved_reports/{id}", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_saved_report, NULL, .team = TEAM_ANY},
	{HTTP_PUT,  T "/saved_reports/{id}", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_saved_put, NULL, .team = TEAM_ANY, .person = true},
	{HTTP_DELETE, T "/saved_reports/{id}", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_saved_delete, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/saved_reports/{id}/versions", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_saved_versions, NULL, .team = TEAM_ANY},
	{HTTP_GET,  T "/saved_reports/{id}/diff", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_saved_diff, NULL, .team = TEAM_ANY},
	{HTTP_POST, T "/saved_reports/{id}/rollback", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_CHANGE, run_saved_rollback, "RollbackRequest", .team = TEAM_ANY},
	{HTTP_GET,  T "/saved_reports/{id}/runs", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_saved_runs, NULL, .team = TEAM_ANY},
	{HTTP_POST, T "/saved_reports/{id}/send", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE, DESK_MAIL,
		run_saved_send, "EmptyRequest", .team = TEAM_ANY, .person = true},
	{HTTP_GET,  T "/events", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY, run_events, NULL},

	{HTTP_GET,  T "/reports/mass_events", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_REPORT,
		run_report_mass_events, NULL},
	{HTTP_POST, T "/mass_events/{id}/start", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_mass_start, "EmptyRequest"},
	{HTTP_POST, T "/mass_events/{id}/stop", ACCESS_TENANT, SUPER | ADMIN, 0, SCOPE_NONE,
		DESK_COMMAND, run_mass_stop, "EmptyRequest"},

	/* tenants */
	{HTTP_GET,  "/api/v1/tenants", ACCESS_SIGNED_IN, ALL, 0, SCOPE_NONE, DESK_QUERY, run_objects, NULL,
		.team = TEAM_ANY},
	{HTTP_GET,  T, ACCESS_TENANT, ALL, 0, SCOPE_NONE, DESK_QUERY, run_object_get, NULL, .team = TEAM_ANY},
	{HTTP_PUT,  T, ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE, run_object_put, NULL},
	{HTTP_DELETE, T, ACCESS_TENANT, 0, ADMIN, SCOPE_SYSTEM, DESK_CHANGE, run_object_delete, NULL},
	{HTTP_GET,  T "/versions", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_object_versions, NULL},
	{HTTP_POST, T "/rollback", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_rollback, "RollbackRequest"},

	{HTTP_GET,  T "/diff", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY, run_object_diff, NULL},

	/* a flow before it is published */
	{HTTP_GET,  T "/flows/{id}/draft", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_object_get, NULL},
	{HTTP_PUT,  T "/flows/{id}/draft", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_put, NULL},
	{HTTP_DELETE, T "/flows/{id}/draft", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_delete, NULL},
	{HTTP_POST, T "/flows/{id}/publish", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_flow_publish, "EmptyRequest"},
	{HTTP_POST, T "/flows/{id}/check", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_flow_check, NULL},
	{HTTP_POST, T "/flows/{id}/simulate", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_flow_simulate, "SimulateRequest"},

	/* uploaded sounds of prompts */
	{HTTP_POST, T "/speech", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_WAIT, run_speech,
		"SpeechRequest"},
	{HTTP_GET,  T "/prompts/{id}/audio", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_sound_get, NULL, .team = TEAM_ANY},
	{HTTP_PUT,  T "/prompts/{id}/audio", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_sound_put, NULL},
	{HTTP_DELETE, T "/prompts/{id}/audio", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_sound_delete, NULL},

	/* every other kind of object */
	{HTTP_GET,  T "/{kinds}", ACCESS_TENANT, ABOVE, AGENT, SCOPE_HARMLESS, DESK_QUERY, run_objects, NULL,
		.team = TEAM_KIND},
	{HTTP_GET,  T "/{kinds}/{id}", ACCESS_TENANT, ABOVE, AGENT, SCOPE_HARMLESS, DESK_QUERY,
		run_object_get, NULL, .team = TEAM_KIND},
	{HTTP_PUT,  T "/{kinds}/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_put, NULL},
	{HTTP_DELETE, T "/{kinds}/{id}", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_delete, NULL},
	{HTTP_GET,  T "/{kinds}/{id}/versions", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_object_versions, NULL, .team = TEAM_KIND},
	{HTTP_GET,  T "/{kinds}/{id}/diff", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_object_diff, NULL, .team = TEAM_KIND},
	{HTTP_GET,  T "/{kinds}/{id}/referrers", ACCESS_TENANT, ABOVE, 0, SCOPE_NONE, DESK_QUERY,
		run_object_referrers, NULL},
	{HTTP_POST, T "/{kinds}/{id}/rollback", ACCESS_TENANT, ADMIN, 0, SCOPE_NONE, DESK_CHANGE,
		run_object_rollback, "RollbackRequest"},
	/* clang-format on */
};
const uint32_t route_count = COUNT_OF(routes);

/* name and what its body must be */
static const struct {
	const char *word, *schema;
} verbs[VERB_COUNT] = {
	[VERB_ACCEPT] = {"accept", "EmptyRequest"},
	[VERB_REJECT] = {"reject", "RejectRequest"},
	[VERB_HOLD] = {"hold", "ForRequest"},
	[VERB_RESUME] = {"resume", "ForRequest"},
	[VERB_TRANSFER] = {"transfer", "TransferRequest"},
	[VERB_CONSULT] = {"consult", "ConsultRequest"},
	[VERB_SWAP] = {"swap", "ForRequest"},
	[VERB_COMPLETE] = {"complete", "ForRequest"},
	[VERB_CANCEL] = {"cancel", "ForRequest"},
	[VERB_CONFERENCE] = {"conference", "ConferenceRequest"},
	[VERB_MUTE] = {"mute", "MuteRequest"},
	[VERB_UNMUTE] = {"unmute", "MuteRequest"},
	[VERB_LEAVE] = {"leave", "ForRequest"},
	[VERB_TAKE_OVER] = {"take_over", "EmptyRequest"},
	[VERB_END] = {"end", "EmptyRequest"},
	[VERB_WRAP] = {"wrap", "WrapRequest"},
	[VERB_RECORD_PAUSE] = {"record_pause", "ForRequest"},
	[VERB_RECORD_RESUME] = {"record_resume", "ForRequest"},
	[VERB_PARK] = {"park", "ForRequest"},
	[VERB_MOVE] = {"move", "MoveRequest"},
	[VERB_MONITOR] = {"monitor", "MonitorRequest"},
	[VERB_PRIORITISE] = {"prioritise", "PrioritiseRequest"},
};

struct str verb_word(enum ask_verb v)
{
	return str_of(v < VERB_COUNT ? verbs[v].word : "?");
}

const char *verb_schema(enum ask_verb v)
{
	return v < VERB_COUNT ? verbs[v].schema : "EmptyRequest";
}

static bool verb_from(struct str word, enum ask_verb *out)
{
	for (uint32_t v = 0; v < VERB_COUNT; v++)
		if (str_is(word, verbs[v].word)) {
			*out = (enum ask_verb)v;
			return true;
		}
	return false;
}

struct str kind_plural(enum object_kind kind)
{
	static const char *const plurals[KIND_COUNT] = {
		[KIND_tenant] = "tenants",   [KIND_trunk] = "trunks",
		[KIND_number] = "numbers",   [KIND_mass_event] = "mass_events",
		[KIND_skill] = "skills",     [KIND_reason] = "reasons",
		[KIND_outcome] = "outcomes", [KIND_prompt] = "prompts",
		[KIND_hours] = "hours",	     [KIND_queue] = "queues",
		[KIND_user] = "users",	     [KIND_flow] = "flows",
		[KIND_draft] = "drafts",     [KIND_field] = "fields",
		[KIND_team] = "teams",	     [KIND_saved_report] = "saved_reports",
		[KIND_alert] = "alerts",     [KIND_wallboard] = "wallboards"};
	return str_of((unsigned)kind < KIND_COUNT ? plurals[kind] : NULL);
}

static bool kind_from_plural(struct str word, enum object_kind *out)
{
	for (uint32_t k = 0; k < KIND_COUNT; k++)
		if (k != KIND_tenant && str_eq(word, kind_plural((enum object_kind)k))) {
			*out = (enum object_kind)k;
			return true;
		}
	return false;
}

static bool segment_fits(struct str pattern, struct str segment, struct route_match *m)
{
	if (str_is(pattern, "{t}")) {
		m->tenant = segment;
		return true;
	}
	if (str_is(pattern, "{id}")) {
		m->id = segment;
		return true;
	}
	if (str_is(pattern, "{word}")) {
		m->word = segment;
		return true;
	}
	if (str_is(pattern, "{kinds}"))
		return kind_from_plural(segment, &m->kind);
	if (str_is(pattern, "{verb}"))
		return verb_from(segment, &m->verb);
	return str_eq(pattern, segment);
}

static bool path_fits(const char *pattern, const struct path *path, struct route_match *m)
{
	struct str rest = str_from(str_of(pattern), 1), part;
	uint32_t i = 0;

	*m = (struct route_match){.kind = KIND_tenant};
	for (; rest.n; i++) {
		str_cut(rest, '/', &part, &rest);
		if (i == path->count || !segment_fits(part, path->segments[i], m))
			return false;
	}
	if (i != path->count)
		return false;
	if (m->kind == KIND_tenant && !m->id.n)
		m->id = m->tenant; /* a tenant is its own tenant's object */
	if (str_ends(str_of(pattern), STR("/monitor")))
		m->verb = VERB_MONITOR;
	if (str_ends(str_of(pattern), STR("/draft")))
		m->kind = KIND_draft;
	if (str_ends(str_of(pattern), STR("/publish")))
		m->kind = KIND_flow;
	return true;
}

bool route_is_demo(const struct route *r)
{
	return str_starts(str_of(r->pattern), STR(DEMO));
}

enum err route_find(enum http_method method, const struct path *path, struct route_match *out)
{
	uint32_t allowed = 0;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (uint32_t i = 0; i < route_count; i++) {
		struct route_match m;
		if (!path_fits(routes[i].pattern, path, &m))
			continue;
		if (routes[i].method == method) {
			*out = m;
			out->route = &routes[i];
			return ERR_OK;
		}
		allowed |= BIT(routes[i].method);
	}
	if (!allowed)
		return ERR_NOT_FOUND;
	*out = (struct route_match){.allowed = allowed};
	return ERR_UNSUPPORTED;
}

static const char *verb_of(enum http_method m)
{
	switch (m) {
	case HTTP_GET:
	case HTTP_HEAD:
	case HTTP_OPTIONS:
	case HTTP_OTHER:
		return "read";
	case HTTP_POST:
		return "create";
	case HTTP_PUT:
	case HTTP_PATCH:
		return "write";
	case HTTP_DELETE:
		return "delete";
	}
	return "read";
}

/* "/api/v1/tenants/{t}/flows/{id}/draft" by PUT: "flows:draft_write" */
void route_permission(const struct route *rt, char out[PERMISSION_MAX])
{
	struct str rest = str_from(str_of(rt->pattern), 1), part, resource = STR_NONE;
	char detail_room[PERMISSION_MAX];
	struct buf detail = buf_make(detail_room, sizeof detail_room),
		   b = buf_make(out, PERMISSION_MAX - 1);
	bool acts = false;

	if (str_starts(rest, STR("api/v1/tenants/{t}/")))
		rest = str_from(rest, sizeof "api/v1/tenants/{t}/" - 1);
	else if (str_starts(rest, STR("api/v1/")))
		rest = str_from(rest, sizeof "api/v1/" - 1);
	while (rest.n) {
		str_cut(rest, '/', &part, &rest);
		if (str_is(part, "{kinds}"))
			part = STR("objects");
		acts = acts || str_is(part, "{verb}");
		if (part.p[0] == '{')
			continue;
		if (!resource.n) {
			resource = part;
			continue;
		}
		if (detail.n)
			buf_ch(&detail, '_');
		buf_put(&detail, part);
	}
	buf_put(&b, resource);
	buf_ch(&b, ':');
	buf_put(&b, buf_str(&detail));
	if (!detail.n)
		buf_c(&b, acts ? "act" : verb_of(rt->method));
	else if (rt->method != HTTP_GET && rt->method != HTTP_POST)
		buf_fmt(&b, "_%s", verb_of(rt->method));
	CHECK(!b.full);
	out[b.n] = '\0';
}
