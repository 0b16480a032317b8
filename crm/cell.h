/*
 * cell.h - the number of a spreadsheet's cell as people mean it: digits instead of 4.86E+10, days
 * and times as ISO 8601 writes them, leading zeros that its format adds. Pure.
 *
 * [ECMA-376 part 1: 18.8.30 numFmt, 18.17.4 dates]
 */
#pragma once

#include "base/str.h"

enum cell_kind { CELL_PLAIN, CELL_DATE, CELL_TIME, CELL_MOMENT, CELL_MASK };

struct cell_form {
	enum cell_kind kind;
	char mask[20]; /* of CELL_MASK: 0 is a digit, all else is itself: 00-000 */
};

struct cell_form cell_form_of(struct str code); /* what its author wrote */
struct cell_form cell_form_known(uint32_t id);	/* the ones below 164 have no code */
/* v: as it stands in the file; what is no number stays as it is. from_1904: how days are counted.
 */
void cell_number(struct str v, const struct cell_form *f, bool from_1904, struct buf *out);
