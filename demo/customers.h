/*
 * customers.h - the invented customers of the demo's firm: names, numbers, languages. Pure: number
 * i is always the same person.
 *
 * Numbers are nobody's: Polish ones have the area code 28, which no place has; English ones are of
 * Ofcom's range for films and plays (07700 900000 to 900999). Names are of common first and family
 * names, drawn by dice.
 */
#pragma once

#include "base/str.h"

enum { DEMO_CUSTOMERS = 3000 };

struct demo_customer {
	char name[64], number[20], email[96];
	char lang[4]; /* pl, en, ru */
	const char *tier;
	uint32_t reference; /* the firm's own number for him */
};

/* i: any; from DEMO_CUSTOMERS on they are strangers, who are in no list but call as well. */
void demo_customer(uint32_t i, struct demo_customer *out);
/* What somebody wrote of him, as the interface takes it: JSON for customer_make. */
void demo_customer_json(const struct demo_customer *c, struct buf *out);
