/*
 * err.h - what went wrong, with a face for people, for HTTP and for SIP. The table is err.def.
 *
 * Results go out by pointer and are written only on ERR_OK.
 */
#pragma once

#include "base/check.h"

enum err {
#define ERR(name, text, http, sip) ERR_##name,
#include "base/err.def"
#undef ERR
	ERR_COUNT
};

const char *err_name(enum err e); /* "CONFLICT" */
const char *err_text(enum err e); /* "not possible in this state" */
int err_http(enum err e);
int err_sip(enum err e);
