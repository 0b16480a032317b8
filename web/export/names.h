/*
 * names.h - what ids and words of the interface are called in files for people: queues, agents,
 * outcomes by their declared names; states, directions, weekdays … in the reader's language. What
 * has no name is told as it is. One clerk's thread; names are asked for once a file.
 */
#pragma once

#include "base/map.h"
#include "report/columns.h"

struct clerk;

struct names {
	struct clerk *me;
	struct str tenant;
	enum report_lang lang;
	bool plain; /* ids and words as they are */
	struct map known;
};

void names_init(struct names *n, struct clerk *me, struct str tenant, enum report_lang lang,
		bool plain);
void names_finish(struct names *n);
/* Appends; kind: the column's name, or what tells contacts apart ("hour"). */
void names_put(struct names *n, struct str kind, struct str value, struct buf *out);
/* Of several by commas. */
void names_put_all(struct names *n, struct str kind, struct str values, struct buf *out);
