/*
 * caller.c - who calls, beyond From: asserted identities (RFC 3325), privacy (RFC 3323), diversions
 * (RFC 5806, RFC 7044), and the Reason of what ends a call (RFC 3326). Read only when there.
 */
#include "sip/engine.h"

static struct str person(struct buf *names, const struct sip_uri *uri)
{
	size_t at = names->n;
	if (sip_uri_person(uri, names) != ERR_OK || names->full)
		return uri->user;
	return str_make(names->p + at, names->n - at);
}

struct str caller_name(struct buf *names, struct str quoted)
{
	size_t at = names->n;
	for (size_t i = 0; i < quoted.n; i++) {
		char c = quoted.p[i];
		if (c == '\\' && i + 1 < quoted.n)
			c = quoted.p[++i];
		buf_ch(names, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
	return names->full ? STR_NONE : str_make(names->p + at, names->n - at);
}

/* tel: has no host: the number alone. False: it names nobody. */
static bool read_party(const struct sip_name_addr *a, struct buf *names, struct sip_party *out)
{
	struct sip_uri u;
	if (sip_uri_parse(a->uri, &u) != ERR_OK || u.scheme == SCHEME_OTHER || !u.user.n)
		return false;
	*out = (struct sip_party){person(names, &u), u.host, caller_name(names, a->name)};
	return true;
}

/* The first one of this header that names somebody. */
static bool first_party(struct sip *s, enum sip_header_name name, struct buf *names,
			struct sip_party *out)
{
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, name, &at, &v);) {
		struct sip_name_addr a;
		while (v.n && sip_take_name_addr(&v, &a) == ERR_OK)
			if (read_party(&a, names, out))
				return true;
	}
	return false;
}

/* "id;header" (RFC 3323 section 4.2): anything but none. */
static bool private(struct str v)
{
	struct str one;
	while (v.n) {
		str_cut(v, ';', &one, &v);
		one = str_trim(one);
		if (str_ieq(one, STR("id")) || str_ieq(one, STR("user")) ||
		    str_ieq(one, STR("header")) || str_ieq(one, STR("critical")))
			return true;
	}
	return false;
}

/* draft-ietf-sip-privacy: what carriers still send in place of RFC 3325 */
static bool read_remote_party(struct sip *s, struct buf *names, struct sip_caller *out)
{
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, HDR_REMOTE_PARTY_ID, &at, &v);) {
		struct sip_name_addr a;
		struct str value;
		if (sip_take_name_addr(&v, &a) != ERR_OK)
			continue;
		if (sip_param(a.params, "party", &value) && !str_ieq(value, STR("calling")))
			continue;
		if (sip_param(a.params, "privacy", &value) && !str_ieq(value, STR("off")))
			out->withheld = true;
		if (!out->asserted.user.n && read_party(&a, names, &out->asserted))
			return true;
	}
	return false;
}

/* The newest Diversion stands on top (RFC 5806 section 6), so the oldest is the last one. */
static void read_diversion(struct sip *s, struct buf *names, struct sip_caller *out)
{
	uint32_t at = 0;
	struct sip_name_addr oldest = {0};
	for (struct str v; sip_header_next(&s->in, HDR_DIVERSION, &at, &v);) {
		struct sip_name_addr a;
		while (v.n && sip_take_name_addr(&v, &a) == ERR_OK)
			oldest = a;
	}
	if (oldest.uri.n && read_party(&oldest, names, &out->diverted))
		(void)sip_param(oldest.params, "reason", &out->diverted_why);
}

/* RFC 7044: the first entry is whom the call was first sent to; with one entry nobody diverted it.
 */
static void read_history(struct sip *s, struct buf *names, struct sip_caller *out)
{
	uint32_t at = 0, count = 0;
	struct sip_name_addr first = {0};
	for (struct str v; sip_header_next(&s->in, HDR_HISTORY_INFO, &at, &v);) {
		struct sip_name_addr a;
		while (v.n && sip_take_name_addr(&v, &a) == ERR_OK)
			if (count++ == 0)
				first = a;
	}
	if (count > 1) /* its uri may carry headers of its own, behind '?': they are not read */
		(void)read_party(&first, names, &out->diverted);
}

bool caller_read(struct sip *s, const struct sip_uri *from, struct buf *names,
		 struct sip_caller *out)
{
	const uint16_t *first = s->in.first;
	bool anonymous = str_ieq(from->user, STR("anonymous")) ||
			 str_ieq(from->host, STR("anonymous.invalid"));
	if (!anonymous && !first[HDR_PRIVACY] && !first[HDR_P_ASSERTED_IDENTITY] &&
	    !first[HDR_P_PREFERRED_IDENTITY] && !first[HDR_REMOTE_PARTY_ID] &&
	    !first[HDR_DIVERSION] && !first[HDR_HISTORY_INFO])
		return false;
	*out = (struct sip_caller){.withheld = anonymous};
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, HDR_PRIVACY, &at, &v);)
		out->withheld = out->withheld || private(v);
	(void)first_party(s, HDR_P_ASSERTED_IDENTITY, names, &out->asserted);
	(void)read_remote_party(s, names, out);
	(void)first_party(s, HDR_P_PREFERRED_IDENTITY, names, &out->preferred);
	read_diversion(s, names, out);
	if (!out->diverted.user.n)
		read_history(s, names, out);
	return true;
}

/* -- Reason, RFC 3326 -- */

uint32_t reason_q850(struct sip *s)
{
	uint32_t at = 0, cause;
	for (struct str v, one, value; sip_header_next(&s->in, HDR_REASON, &at, &v);)
		while (sip_take_element(&v, &one)) {
			ptrdiff_t mark = str_find(one, ';');
			if (mark < 0 ||
			    !str_ieq(str_trim(str_head(one, (size_t)mark)), STR("Q.850")))
				continue;
			if (sip_param(str_from(one, (size_t)mark), "cause", &value) &&
			    str_to_u32(value, 127, &cause) == ERR_OK)
				return cause;
		}
	return 0;
}

void sip_call_because(struct sip *s, struct sip_call_id id, uint32_t status, uint32_t q850,
		      struct str text)
{
	struct call *c = call_get(s, id);
	char line[256];
	struct buf b = buf_make(line, sizeof line);
	if (!c || (!status && !q850))
		return;
	buf_c(&b, status ? "Reason: SIP;cause=" : "Reason: Q.850;cause=");
	buf_u64(&b, status ? status : q850);
	if (text.n) {
		buf_c(&b, ";text=");
		put_quoted(&b, str_head(text, 80));
	}
	buf_c(&b, "\r\n");
	CHECK(!b.full);
	text_set(&c->why, buf_str(&b));
	call_changed(c);
}
