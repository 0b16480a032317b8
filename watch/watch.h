/*
 * watch.h - the room of what supervisors look after: help that is wanted, messages, alerts.
 *
 * Answers help_set, message_send, alert_figure, alert_try, alert_acknowledge. Thread: the main
 * thread only.
 */
#pragma once

#include "core/core.h"

#define WATCH_HELPS_MAX 4096u
#define WATCH_ALERTS_MAX 4096u	      /* that are on or about to be, over all tenants */
#define WATCH_MESSAGES_PER_MINUTE 30u /* of a tenant */

/* Adds itself to the hall. Never NULL. */
struct room *watch_create(struct core *c);
void watch_destroy(struct room *r); /* before core_finish; NULL is fine */

/* Alerts of a tenant that are on, for screens: texts live until the next turn. *at starts at 0;
 * false at the end. */
struct watch_alert {
	struct str id, name, acknowledged_by;
	bool critical, test;
	int64_t since_utc_ms, value;
};
/* An alert's figure and what it means, at the newest second; false: no such alert. */
struct watch_figure {
	int64_t at_utc_ms; /* 0: none came yet */
	bool known;
	double value;
	bool beyond; /* past the limit at that moment, however long */
	bool quiet;  /* it may not be on now */
	bool on, test;
};
bool watch_alert_look(const struct room *r, struct str tenant, struct str alert,
		      struct watch_figure *out);
bool watch_alert_next(const struct room *r, struct str tenant, uint32_t *at,
		      struct watch_alert *out);
