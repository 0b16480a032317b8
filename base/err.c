/* err.c - see err.h. */
#include "base/err.h"

static const struct {
	const char *name, *text;
	int http, sip;
} faces[ERR_COUNT] = {
#define ERR(name, text, http, sip) [ERR_##name] = {#name, text, http, sip},
#include "base/err.def"
#undef ERR
};

const char *err_name(enum err e)
{
	return (unsigned)e < ERR_COUNT ? faces[e].name : "?";
}

const char *err_text(enum err e)
{
	return (unsigned)e < ERR_COUNT ? faces[e].text : "?";
}

int err_http(enum err e)
{
	return (unsigned)e < ERR_COUNT ? faces[e].http : 500;
}

int err_sip(enum err e)
{
	return (unsigned)e < ERR_COUNT ? faces[e].sip : 500;
}
