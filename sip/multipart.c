/*
 * multipart.c - the sound description inside a body of several parts, as exchanges with ISUP send
 * it: RFC 5621 section 3.1, RFC 2046 section 5.1.
 */
#include "sip/message.h"

/* The boundary of a Content-Type; false: it is no multipart. */
static bool boundary_of(struct str type, struct str *boundary)
{
	struct str kind, rest;
	if (!str_cut(type, ';', &kind, &rest) ||
	    !str_ieq(str_head(str_trim(kind), 10), STR("multipart/")))
		return false;
	size_t at = (size_t)(rest.p - type.p) - 1; /* with its semicolon */
	return sip_param(str_from(type, at), "boundary", boundary) && boundary->n > 0 &&
	       boundary->n <= 70;
}

/* Takes the lines up to the next delimiter; *last: it was the closing one, or none came. */
static struct str take_part(struct str *rest, struct str boundary, bool *last)
{
	struct str from = *rest, line;
	*last = true;
	for (const char *begin = rest->p; str_line(rest, &line); begin = rest->p) {
		if (!str_starts(line, STR("--")) || !str_starts(str_from(line, 2), boundary))
			continue;
		struct str tail = str_trim(str_from(line, 2 + boundary.n));
		if (tail.n && !str_is(tail, "--"))
			continue; /* longer than ours: another's */
		*last = tail.n > 0;
		size_t n = (size_t)(begin - from.p);
		while (n && (from.p[n - 1] == '\n' || from.p[n - 1] == '\r'))
			n--; /* RFC 2046: the line end before a delimiter is the delimiter's */
		return str_head(from, n);
	}
	return STR_NONE;
}

/* Headers of a part until its empty line; true when it is of this type. */
static bool is_type(struct str *part, const char *type)
{
	struct str line, name, value, rest;
	bool right = false;
	while (str_line(part, &line) && line.n) {
		if (!str_cut(line, ':', &name, &value))
			continue;
		str_cut(value, ';', &value, &rest);
		name = str_trim(name);
		if (str_ieq(name, STR("Content-Type")) || str_ieq(name, STR("c")))
			right = str_ieq(str_trim(value), str_of(type));
	}
	return right;
}

enum err sip_body_part(struct str content_type, struct str body, const char *type, struct str *out)
{
	struct str boundary;
	bool last = false;
	if (!boundary_of(content_type, &boundary))
		return ERR_UNSUPPORTED;
	(void)take_part(&body, boundary, &last); /* the preamble */
	while (!last) {
		struct str part = take_part(&body, boundary, &last);
		if (part.n && is_type(&part, type)) {
			*out = part;
			return ERR_OK;
		}
	}
	return ERR_UNSUPPORTED;
}
