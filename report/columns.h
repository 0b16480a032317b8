/*
 * columns.h - the columns of every report: their order, their kind, their name and formula in
 * words, and whether contacts stand behind them. The one source for pages, exports and outsiders.
 * Pure; constant.
 */
#pragma once

#include "base/str.h"

enum report_kind {
	REPORT_OF_queues,
	REPORT_OF_agents,
	REPORT_OF_contacts,
	REPORT_OF_flows,
	REPORT_OF_flow_nodes,
	REPORT_OF_flow_paths,
	REPORT_OF_trunks,
	REPORT_OF_mass_events,
	REPORT_OF_contact_list, /* not figures: contacts themselves, as GET …/contacts has them */
	REPORT_KIND_COUNT
};
struct str report_word(enum report_kind r);
MUST_USE enum err report_from(struct str word, enum report_kind *out);

enum report_lang { REPORT_EN, REPORT_PL, REPORT_RU, REPORT_LANG_COUNT };
/* "en", "pl", "ru"; ERR_INVALID: none of ours. */
MUST_USE enum err report_lang_from(struct str word, enum report_lang *out);

enum column_type {
	COLUMN_TEXT,
	COLUMN_LIST,	  /* an array of texts */
	COLUMN_TIME,	  /* RFC 3339 */
	COLUMN_COUNT,	  /* whole */
	COLUMN_RATIO,	  /* 0 to 1 */
	COLUMN_REAL,	  /* any number */
	COLUMN_DURATION,  /* milliseconds */
	COLUMN_COUNTS,	  /* an object: name and count */
	COLUMN_DURATIONS, /* an object: name and milliseconds */
};

struct column {
	const char *name;
	enum column_type type;
	bool shown; /* without being asked for */
};

uint32_t report_column_count(enum report_kind r);
const struct column *report_column_at(enum report_kind r, uint32_t i);	 /* in the order shown */
const struct column *report_column(enum report_kind r, struct str name); /* NULL: none */
struct str column_title(enum report_kind r, const struct column *c, enum report_lang lang);
struct str column_formula(enum report_kind r, const struct column *c,
			  enum report_lang lang); /* may be empty */
/* Whether `list` of this name gives the contacts behind it (K-3). */
bool column_opens(enum report_kind r, const struct column *c);
struct str column_type_word(enum column_type t);
