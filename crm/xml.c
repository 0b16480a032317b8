/* xml.c - see xml.h. */
#include "crm/xml.h"

#include <dlfcn.h>
#include <expat.h>
#include <stdlib.h>

#define FUNCTIONS(W)                                                                               \
	W(XML_ParserCreate)                                                                        \
	W(XML_ParserFree)                                                                          \
	W(XML_Parse)                                                                               \
	W(XML_StopParser)                                                                          \
	W(XML_SetUserData)                                                                         \
	W(XML_SetElementHandler)                                                                   \
	W(XML_SetCharacterDataHandler)                                                             \
	W(XML_SetStartDoctypeDeclHandler)

struct expat {
#define W(name) __typeof__(&(name)) f_##name;
	FUNCTIONS(W)
#undef W
	XML_Parser parser;
};

/* dlopen counts: said for each parser it costs nothing, and needs no lock of ours. */
static bool load(struct expat *e)
{
	void *library = dlopen("libexpat.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	bool all = library != NULL;
#define W(name)                                                                                    \
	*(void **)&e->f_##name = library ? dlsym(library, #name) : NULL;                           \
	all &= e->f_##name != NULL;
	FUNCTIONS(W)
#undef W
	if (library)
		dlclose(library);
	return all;
}

static struct str local(const char *name)
{
	const char *colon = strrchr(name, ':');
	return str_of(colon ? colon + 1 : name);
}

struct str xml_attribute(const char **attributes, const char *name)
{
	for (; attributes[0]; attributes += 2)
		if (str_is(local(attributes[0]), name))
			return str_of(attributes[1]);
	return STR_NONE;
}

void xml_stop(struct xml *x, const char *why)
{
	if (x->wrong)
		return;
	x->wrong = why;
	(void)x->expat->f_XML_StopParser(x->expat->parser, XML_FALSE);
}

static void XMLCALL opened(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = arg;
	x->told = x->fed;
	if (x->wrong)
		return;
	if (++x->depth > XML_DEPTH_MAX)
		xml_stop(x, "its elements are nested too deeply");
	else
		x->open(x->arg, local(name), attributes);
}

static void XMLCALL closed(void *arg, const XML_Char *name)
{
	struct xml *x = arg;
	x->told = x->fed;
	if (x->wrong)
		return;
	x->depth--;
	x->close(x->arg, local(name));
}

static void XMLCALL text(void *arg, const XML_Char *s, int n)
{
	struct xml *x = arg;
	x->told = x->fed;
	if (!x->wrong)
		x->text(x->arg, str_make(s, (size_t)n));
}

static void XMLCALL doctype(void *arg, const XML_Char *name, const XML_Char *system,
			    const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	xml_stop(arg, "it holds a document type (DTD), which no workbook needs");
}

enum err xml_init(struct xml *x)
{
	struct expat *e = xcalloc(1, sizeof *e);
	if (!load(e)) {
		free(e);
		return ERR_UNSUPPORTED;
	}
	e->parser = e->f_XML_ParserCreate(NULL);
	CHECK(e->parser);
	e->f_XML_SetUserData(e->parser, x);
	e->f_XML_SetElementHandler(e->parser, opened, closed);
	e->f_XML_SetCharacterDataHandler(e->parser, text);
	e->f_XML_SetStartDoctypeDeclHandler(e->parser, doctype);
	x->expat = e;
	x->wrong = NULL;
	x->depth = 0;
	x->fed = x->told = 0;
	return ERR_OK;
}

void xml_finish(struct xml *x)
{
	if (x->expat)
		x->expat->f_XML_ParserFree(x->expat->parser);
	free(x->expat);
	x->expat = NULL;
}

bool xml_feed(struct xml *x, struct str piece, bool last)
{
	/* expat keeps markup until it is whole: a piece never holds much more than is allowed */
	do {
		const struct str some = str_head(piece, 65536);
		piece = str_from(piece, some.n);
		x->fed += some.n;
		if (x->wrong)
			return false;
		if (x->expat->f_XML_Parse(x->expat->parser, some.n ? some.p : "", (int)some.n,
					  last && !piece.n) != XML_STATUS_OK &&
		    !x->wrong)
			x->wrong = "its XML is broken";
		if (!x->wrong && x->fed - x->told > XML_MARKUP_MAX)
			x->wrong = "it holds markup of more than a megabyte";
	} while (piece.n && !x->wrong);
	return !x->wrong;
}
