/*
 * customers.h - what the handlers of customers share: views told, changes said, rules read. All on
 * a clerk's thread.
 */
#pragma once

#include <jansson.h>

#include "core/message.h"
#include "crm/customer.h"
#include "store/query_customers.h"
#include "web/handlers.h"
#include "web/web_inside.h"

/* Personal data are about to be shown: told first (views.h). what: a word of messages.def's viewed;
 * id: of whom, or empty; query: what was asked for, or empty. An error: do not show them. */
MUST_USE enum err customers_viewed(struct clerk *me, struct job *j, const char *what, struct str id,
				   struct str query, uint32_t count);

/* An event of this kind to be filled and given to customers_say; its texts must lie in a->arena. */
struct event *customers_event(struct clerk *me, struct job *j, enum event_kind kind,
			      struct ask **a);
/* Says it and waits until it is durable; frees the question. */
MUST_USE enum err customers_say(struct clerk *me, struct job *j, struct ask *a);
/* The same; at_ms: when it was, as every reader will see it. */
MUST_USE enum err customers_say_when(struct clerk *me, struct job *j, struct ask *a,
				     int64_t *at_ms);

/* Country and declared fields of the tenant; fields: the caller's to json_decref. */
struct customers_rules {
	struct customer_rules rules;
	char country[8];
	json_t *fields;
};
void customers_rules(struct clerk *me, struct str tenant, struct customers_rules *out);
void customers_rules_finish(struct customers_rules *r);

/* The customer of this id as a document; ERR_NOT_FOUND. */
MUST_USE enum err customers_get(struct clerk *me, struct str tenant, struct str id, json_t **out);
/* Answers with a document, its ETag. */
void customers_answer(struct job *j, const json_t *doc, int status);
struct str customers_text(struct arena *a, const json_t *doc); /* compact, a line */
struct uuid customers_new_id(void); /* ascending within this process; any thread */
