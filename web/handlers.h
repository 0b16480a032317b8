/*
 * handlers.h - the functions that routes.c names; one file a subject. All run on a clerk's thread
 * (but those of DESK_WEB) and read top to bottom.
 */
#pragma once

#include "web/answer.h"

#define HANDLER(name) enum err name(struct clerk *me, struct job *j);
/* api_house.c */
HANDLER(run_healthz)
HANDLER(run_readyz)
HANDLER(run_metrics)
HANDLER(run_openapi)
HANDLER(run_show)
HANDLER(run_trace)
HANDLER(run_follow)
HANDLER(run_check)
/* api_session.c */
HANDLER(run_login)
HANDLER(run_logout)
/* api_me.c */
HANDLER(run_me)
HANDLER(run_settings_put)
HANDLER(run_sessions)
HANDLER(run_sessions_end)
HANDLER(run_csp_report)
/* live_load.c */
HANDLER(run_live)
/* api_factor.c */
HANDLER(run_password)
HANDLER(run_totp_enrol)
HANDLER(run_totp_confirm)
HANDLER(run_totp_delete)
HANDLER(run_totp_reset)
/* api_objects.c */
HANDLER(run_objects)
HANDLER(run_object_get)
HANDLER(run_object_put)
HANDLER(run_object_delete)
HANDLER(run_object_versions)
HANDLER(run_object_rollback)
HANDLER(run_object_diff)
HANDLER(run_flow_publish)
HANDLER(run_apply)
HANDLER(run_export)
/* api_agents.c */
HANDLER(run_agents)
HANDLER(run_agent)
HANDLER(run_presence)
HANDLER(run_phone)
HANDLER(run_mass_start)
HANDLER(run_mass_stop)
HANDLER(run_report_mass_events)
HANDLER(run_report_trunks)
HANDLER(run_queue_live)
HANDLER(run_trunk_live)
/* api_contacts.c */
HANDLER(run_contacts)
HANDLER(run_contact)
HANDLER(run_contact_events)
HANDLER(run_contact_why)
HANDLER(run_verb)
HANDLER(run_calls)
HANDLER(run_recording)
/* api_reports.c */
HANDLER(run_report_queues)
HANDLER(run_report_agents)
HANDLER(run_report_flows)
HANDLER(run_report_flow_nodes)
HANDLER(run_report_flow_paths)
HANDLER(run_events)
/* api_customers.c */
HANDLER(run_customers)
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
/* api_customers_join.c */
HANDLER(run_merge)
HANDLER(run_unmerge)
HANDLER(run_link)
/* api_imports.c */
HANDLER(run_imports)
HANDLER(run_import)
HANDLER(run_import_upload)
HANDLER(run_import_append)
HANDLER(run_import_preview)
HANDLER(run_import_start)
HANDLER(run_import_delete)
HANDLER(run_import_rejects)
HANDLER(run_customers_export)
/* api_audit.c */
HANDLER(run_audit)
/* api_sounds.c */
HANDLER(run_sound_get)
HANDLER(run_sound_put)
HANDLER(run_sound_delete)
#undef HANDLER

/* Shared by those who change objects. What was prepared (e, res) is carried out; mistakes go into
 * the job. */
enum err object_change_finish(struct clerk *me, struct job *j, enum err e,
			      struct registry_result *res);
/* The roles and permissions of a caller, as keys of the object being written. */
void put_roles(struct jsonw *w, uint32_t roles);
void put_permissions(struct jsonw *w, const struct caller *who);
/* j->caller is who he says: opens a session and answers with its token. */
enum err sign_in(struct clerk *me, struct job *j);
/* Ends the sign-in with this token; waits until that is stored. */
enum err session_end(struct clerk *me, struct job *j, struct str tenant, struct str user,
		     struct str token_hash);
/* The contact of the path, when the caller may see it; its record as the answer. */
MUST_USE enum err contact_of_path(struct clerk *me, struct job *j, struct uuid *out);
enum err contact_answer(struct clerk *me, struct job *j, struct uuid contact);
/* 200 with the object of the path, of this kind. */
enum err object_answer(struct clerk *me, struct job *j, enum object_kind kind);
