/*
 * columns.h - a line of a file becomes what somebody could have written of a customer.
 *
 * A target says where a column goes: a member of the record (name, street …), number:LABEL,
 * email:LABEL, numbers and emails (several, parted by |, each LABEL:VALUE or VALUE), tags,
 * field:ID; empty: nowhere. Pure.
 */
#pragma once

#include <jansson.h>

#include "base/str.h"

/* Is it a target? fields: the declared ones. */
bool column_target_known(struct str target, const json_t *fields);
/* What a column of this name is likely to be, in Polish, Russian, English, German or Czech; empty:
 * nothing known. */
struct str column_guess(struct str name, const json_t *fields, char room[80]);
/* A document as customer_make() takes it; the caller's. Fields without target are left out. */
json_t *columns_document(const struct str *cells, uint32_t count, const struct str *targets,
			 uint32_t target_count, const json_t *fields);
/* The targets of an export, in order, and a customer's cells in that order: cell by cell. */
uint32_t columns_exported(const json_t *fields, void (*target)(void *arg, struct str target),
			  void *arg);
void columns_cells(const json_t *doc, const json_t *fields,
		   void (*cell)(void *arg, struct str text), void *arg);
