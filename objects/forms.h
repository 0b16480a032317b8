/*
 * forms.h - small written forms in declared objects: spans of hours, dates, peers, SIP addresses.
 * Views in, values out; nothing is written on error. Pure.
 */
#pragma once

#include "core/config.h"

bool form_id(struct str s);	/* [a-z0-9][a-z0-9_-]{0,62} */
bool form_number(struct str s); /* E.164 with its plus, or a short code [a-z0-9*#]{1,20} */
/* "08:00-16:00"; the end may be 24:00 and lies after the beginning. */
MUST_USE enum err form_span(struct str s, struct span *out);
/* "2026-12-24", a day that exists. */
MUST_USE enum err form_date(struct str s, int32_t *year, int32_t *month, int32_t *day);
/* "10.0.0.1", "10.0.0.1:5060", "[2001:db8::1]:5060", "2001:db8::1", "sip.carrier.example". */
MUST_USE enum err form_peer(struct str s, struct trunk_peer *out);
bool form_ip(struct str s); /* IPv4 or IPv6, without brackets */
/* sip: or sips:, an optional user, a host, an optional port, parameters; no headers. */
bool form_sip_uri(struct str s);
