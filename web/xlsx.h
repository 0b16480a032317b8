/*
 * xlsx.h - a workbook (.xlsx) becomes lines of a CSV, once, when its file is complete; from then on
 * an import knows only these. libzip and expat are taken into memory by the first workbook.
 *
 * Bounds: see xlsx.c and crm/workbook.h; whatever a file claims, no more than these is read,
 * written or kept. A clerk works on one for seconds at most; one workbook at a time.
 * docs/decisions/0045-workbooks.md
 */
#pragma once

#include <jansson.h>
#include <stdatomic.h>

#include "base/str.h"

/* By how it begins: an archive, so a workbook perhaps. */
bool xlsx_begins(struct str head);
/* An old Excel file or an encrypted workbook: why it cannot be read; NULL: neither. */
const char *xlsx_refused(struct str head);

struct xlsx {
	const char *from, *to; /* paths; `to` appears whole and durable, or not at all */
	struct str sheet;      /* wanted; empty: the first one that is not hidden */
	atomic_bool *stopping; /* the house: ERR_AGAIN then */
	json_t *sheets;	       /* the caller's array: gets the names */
	char chosen[128];
	char wrong[160]; /* of ERR_INVALID, for people */
};
/* ERR_NOT_FOUND: its end has not come yet; ERR_INVALID: `wrong` says why it cannot be read;
 * ERR_BUSY: another one is being read; ERR_UNSUPPORTED: a library is missing; ERR_DISK_FULL. */
MUST_USE enum err xlsx_to_csv(struct xlsx *x);
