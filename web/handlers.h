/*
 * handlers.h - the functions that routes.c names; one file a subject. All run on a clerk's thread
 * (but those of DESK_WEB) and read top to bottom.
 */
#pragma once

#include <jansson.h>

#include "web/answer.h"

#define HANDLER(name) enum err name(struct clerk *me, struct job *j);
/* api/house.c */
HANDLER(run_healthz)
HANDLER(run_readyz)
HANDLER(run_metrics)
HANDLER(run_openapi)
HANDLER(run_show)
HANDLER(run_follow)
HANDLER(run_check)
/* api/session.c */
HANDLER(run_login)
HANDLER(run_logout)
/* api/setup.c */
HANDLER(run_setup)
HANDLER(run_setup_done)
HANDLER(run_speech)
/* api/me.c */
HANDLER(run_me)
HANDLER(run_settings_put)
HANDLER(run_sessions)
HANDLER(run_tenant_sessions)
HANDLER(run_sessions_end)
HANDLER(run_csp_report)
/* live_load.c */
HANDLER(run_live)
/* api/factor.c */
HANDLER(run_password)
HANDLER(run_totp_enrol)
HANDLER(run_totp_confirm)
HANDLER(run_totp_delete)
HANDLER(run_totp_reset)
/* api/objects.c */
HANDLER(run_objects)
HANDLER(run_object_get)
HANDLER(run_object_put)
HANDLER(run_object_delete)
HANDLER(run_object_versions)
HANDLER(run_object_rollback)
HANDLER(run_object_diff)
HANDLER(run_object_referrers)
HANDLER(run_flow_publish)
HANDLER(run_apply)
/* api/flows.c */
HANDLER(run_flow_check)
HANDLER(run_flow_simulate)
HANDLER(run_export)
/* api/agents.c */
HANDLER(run_agents)
HANDLER(run_agent)
HANDLER(run_presence)
HANDLER(run_phone)
HANDLER(run_mass_start)
HANDLER(run_mass_stop)
HANDLER(run_report_mass_events)
HANDLER(run_report_trunks)
HANDLER(run_queue_live)
HANDLER(run_retention)
HANDLER(run_trunk_live)
HANDLER(run_trunk_test)
/* api/contacts.c */
HANDLER(run_contacts)
HANDLER(run_contact)
HANDLER(run_contact_events)
HANDLER(run_contact_why)
HANDLER(run_verb)
HANDLER(run_calls)
HANDLER(run_recording)
/* api/sip.c */
HANDLER(run_contact_sip)
HANDLER(run_trace)
/* api/reports.c */
HANDLER(run_report_queues)
HANDLER(run_report_agents)
HANDLER(run_report_flows)
HANDLER(run_report_flow_nodes)
HANDLER(run_report_flow_paths)
HANDLER(run_report_contacts)
HANDLER(run_report_columns)
HANDLER(run_events)
/* api/customers.c */
HANDLER(run_customers)
HANDLER(run_saved_reports)
HANDLER(run_saved_report)
HANDLER(run_saved_put)
HANDLER(run_saved_delete)
HANDLER(run_saved_versions)
HANDLER(run_saved_diff)
HANDLER(run_saved_rollback)
HANDLER(run_saved_runs)
HANDLER(run_saved_send)
HANDLER(run_customer)
HANDLER(run_customer_create)
HANDLER(run_customer_put)
HANDLER(run_customer_patch)
HANDLER(run_customer_delete)
HANDLER(run_match)
HANDLER(run_duplicates)
HANDLER(run_notes)
HANDLER(run_note)
HANDLER(run_timeline)
HANDLER(run_customer_history)
/* api/customers_join.c */
HANDLER(run_merge)
HANDLER(run_unmerge)
HANDLER(run_link)
/* api/marks.c */
HANDLER(run_marks)
/* api/imports.c */
HANDLER(run_imports)
HANDLER(run_import)
HANDLER(run_import_upload)
HANDLER(run_import_append)
HANDLER(run_import_preview)
HANDLER(run_import_start)
HANDLER(run_import_delete)
HANDLER(run_import_rejects)
HANDLER(run_customers_export)
/* api/tokens.c */
HANDLER(run_tokens)
HANDLER(run_token_make)
HANDLER(run_token_end)
/* api/backups.c */
HANDLER(run_backup)
HANDLER(run_backups)
HANDLER(run_backup_get)
HANDLER(run_backup_delete)
/* api/me.c */
HANDLER(run_permissions)
/* api/audit.c */
HANDLER(run_audit)
/* api/sounds.c */
HANDLER(run_sound_get)
HANDLER(run_sound_put)
HANDLER(run_sound_delete)
/* api/demo.c */
HANDLER(run_demo_enter)
HANDLER(run_demo_ring)
HANDLER(run_demo_storm)
HANDLER(run_demo_speed)
HANDLER(run_demo_state)
/* api/board.c */
HANDLER(run_agent_skills)
HANDLER(run_message)
HANDLER(run_message_read)
HANDLER(run_help)
HANDLER(run_help_end)
HANDLER(run_alert_acknowledge)
HANDLER(run_alert_test)
HANDLER(run_wallboard_wall)
HANDLER(run_wallboard_live)
/* api/feed.c */
HANDLER(run_notices)
HANDLER(run_notice_acknowledge)
/* api/gates.c */
HANDLER(run_queue_close)
HANDLER(run_queue_open)
HANDLER(run_queue_overflow)
/* api/agents.c */
HANDLER(run_approval)
/* api/wall.c */
HANDLER(run_wall_link)
HANDLER(run_wall)
HANDLER(run_wall_live)
#undef HANDLER

/* Shared by those who change objects. What was prepared (e, res) is carried out; mistakes go into
 * the job. */
enum err object_change_finish(struct clerk *me, struct job *j, enum err e,
			      struct registry_result *res);
/* The roles and permissions of a caller, as keys of the object being written. */
void put_roles(struct jsonw *w, uint32_t roles);
/* Somebody who is held to teams: which; else nothing. */
void put_supervises(struct clerk *me, const struct caller *who, struct jsonw *w);
void put_permissions(struct jsonw *w, const struct caller *who);
/* j->caller is who he says: opens a session and answers with its token. */
enum err sign_in(struct clerk *me, struct job *j);
/* Who an API token is, by its SHA-256; from: where it comes from, for those who look after tokens.
 * ERR_NOT_FOUND: there is none, or it has expired. */
MUST_USE enum err token_caller(struct clerk *me, struct str hash, struct str from,
			       struct caller *out);
/* Alarms and approvals are shown for a day. */
#define NOTICES_MS 86400000
/* Agents of this tenant do not see who only listens to them. */
bool tenant_monitor_silent(struct clerk *me, struct str tenant);
struct live;
/* What supervisors look after, of a day: into a live that is being filled. */
enum err live_fill_notices(struct clerk *me, struct str tenant, struct live *l);
/* All sign-ins of this user, but not that of the caller. */
enum err sessions_end_all(struct clerk *me, struct job *j, struct str tenant, struct str user);
/* Ends the sign-in with this token; waits until that is stored. */
enum err session_end(struct clerk *me, struct job *j, struct str tenant, struct str user,
		     struct str token_hash);
/* The contact of the path, when the caller may see it; its record as the answer. */
/* Long enough, none of those that are tried first; else ERR_INVALID at `where`, told in the job. */
MUST_USE enum err password_good(struct job *j, const char *where, struct str user,
				struct str password);
/* What a body says of a contact (tags, follow_up_at, follow_up_agent), into the arena; *out NULL:
 * nothing. ERR_INVALID is told in the job. */
MUST_USE enum err marks_take(struct clerk *me, struct job *j, const json_t *body,
			     struct arena *arena, struct ask_marks **out);
MUST_USE enum err contact_of_path(struct clerk *me, struct job *j, struct uuid *out);
enum err contact_answer(struct clerk *me, struct job *j, struct uuid contact);
/* 200 with the object of the path, of this kind. */
enum err object_answer(struct clerk *me, struct job *j, enum object_kind kind);
