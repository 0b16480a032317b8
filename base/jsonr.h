/*
 * jsonr.h - reading the members of a JSON object that we wrote ourselves (jsonw.h), without
 * building it: a report walks hundreds of thousands of records. Views into the text; no allocation.
 * What is no object of ours ends the walk and nothing worse: every byte is looked at only inside of
 * the text.
 */
#pragma once

#include "base/str.h"

struct jsonr {
	struct str rest;
};

struct jsonr jsonr_make(struct str object);
/* The next member: its key without quotes (escapes as they stand), its value as JSON text. False:
 * no more. */
bool jsonr_next(struct jsonr *r, struct str *key, struct str *value);
/* The elements of an array, one after the other: begin with the array's text. */
struct jsonr jsonr_array(struct str array);
bool jsonr_item(struct jsonr *r, struct str *value);
/* The value of one member; empty: none. */
struct str jsonr_get(struct str object, const char *key);
/* Values of a kind: what is of another one leaves *out alone and is false. */
bool jsonr_i64(struct str value, int64_t *out);
bool jsonr_real(struct str value, double *out);
/* A text, its escapes resolved, appended to out. */
bool jsonr_text(struct str value, struct buf *out);
/* The same where no escape is in it, as ids and words have none; else empty. */
struct str jsonr_plain(struct str value);
