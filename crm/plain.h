/*
 * plain.h - letters as people search for them: small, without marks. żółć is zolc, Ёлкин is елкин,
 * Straße is strasse. Scripts stay: елкин is not elkin. Pure.
 */
#pragma once

#include "base/str.h"

struct plain_row {
	uint16_t from;	   /* a code point that is something else in plain */
	const char to[12]; /* UTF-8; " ": no letter; empty: a mark that goes away */
};
extern const struct plain_row plain_rows[];
extern const size_t plain_row_count;

/* Appends `in` in plain: letters and digits in words with one space between; everything else parts
 * words. What is no UTF-8 parts words too. */
void plain_text(struct str in, struct buf *out);
