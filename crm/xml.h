/*
 * xml.h - XML from strangers, read in pieces: elements and texts, nothing else. Pure but for expat,
 * which is taken into memory when somebody reads (docs/decisions/0045-workbooks.md).
 *
 * A document type is refused where it begins, so there are no entities but the five of XML; so are
 * more than XML_DEPTH_MAX elements within each other and markup of more than XML_MARKUP_MAX bytes.
 */
#pragma once

#include "base/str.h"

#define XML_DEPTH_MAX 64u
#define XML_MARKUP_MAX (1u << 20)

struct expat;
struct xml {
	/* names are without prefix; attributes: name, value … NULL */
	void (*open)(void *arg, struct str name, const char **attributes);
	void (*close)(void *arg, struct str name);
	void (*text)(void *arg, struct str text); /* in pieces */
	void *arg;
	const char *wrong; /* NULL: nothing yet; else for people */
	/* its own */
	struct expat *expat;
	uint32_t depth;
	uint64_t fed, told; /* bytes; told: fed when something was told last */
};

/* ERR_UNSUPPORTED: expat is not installed. The callbacks stand in x already. */
MUST_USE enum err xml_init(struct xml *x);
void xml_finish(struct xml *x); /* also one that is all zero */
/* False: no more, x->wrong says why. */
bool xml_feed(struct xml *x, struct str piece, bool last);
void xml_stop(struct xml *x, const char *why); /* from within a callback */
/* By the name behind its prefix; empty: absent. */
struct str xml_attribute(const char **attributes, const char *name);
