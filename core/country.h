/*
 * country.h - whose a telephone number is, by its first digits (ITU-T E.164 annex, NANPA's list of
 * area codes for +1); and which countries there are.
 */
#pragma once

#include "base/str.h"

/* ISO 3166 letters of "+48600100200": PL. Empty: not E.164 with its plus, or of no country
 * (satellites, shared-cost services). */
struct str country_of_number(struct str number);

/* Two letters of ISO 3166-1 (in capitals or not), or Kosovo's XK, which country_of_number says. */
bool country_known(struct str letters);
