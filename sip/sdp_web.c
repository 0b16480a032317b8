/* sdp_web.c - see sdp_web.h. RFC 9429 (JSEP), 8839 (ICE), 8842 (DTLS), 8843/9143 (BUNDLE). */
#include "sip/sdp_web.h"

#include "sip/message.h"

/* What a description says, first for the whole of it, then for one stream. */
struct says {
	struct str ufrag, password, fingerprint, setup, mid;
	bool mux;
};

struct web_reader {
	struct says all, audio;
	struct str bundle; /* mids of the first group */
	uint32_t media;	   /* m= lines so far */
	bool in_audio, found;
};

/* RFC 8839 section 5.4: ice-char */
static bool ice_chars(struct str s, size_t min, size_t max)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '+' || c == '/'))
			return false;
	}
	return s.n >= min && s.n <= max;
}

/* RFC 4566 section 9: token */
static bool is_token(struct str s, size_t max)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    str_find(STR("\"(),/:;<=>?@[\\]"), s.p[i]) >= 0)
			return false;
	return s.n && s.n <= max;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* "sha-256 AB:CD:…"; of several hashes the one we know. RFC 8122 section 5 */
static bool is_fingerprint(struct str s)
{
	struct str hash, hex;
	if (!str_cut(s, ' ', &hash, &hex) || !str_ieq(hash, STR("sha-256")) || hex.n != 95)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (i % 3 == 2 ? hex.p[i] != ':' : !is_hex(hex.p[i]))
			return false;
	return true;
}

static void read_line(struct web_reader *r, struct str v)
{
	struct says *s = r->in_audio ? &r->audio : &r->all;
	struct str name, value;
	if (r->media && !r->in_audio)
		return;
	(void)str_cut(v, ':', &name, &value);
	if (str_is(name, "ice-ufrag"))
		s->ufrag = value;
	else if (str_is(name, "ice-pwd"))
		s->password = value;
	else if (str_is(name, "fingerprint") && is_fingerprint(value))
		s->fingerprint = value;
	else if (str_is(name, "setup"))
		s->setup = value;
	else if (str_is(name, "mid"))
		s->mid = value;
	else if (str_is(name, "rtcp-mux"))
		s->mux = true;
	else if (str_is(name, "group") && !r->media && !r->bundle.n &&
		 str_starts(value, STR("BUNDLE ")))
		r->bundle = str_from(value, 7);
}

static void read_all(struct web_reader *r, struct str body)
{
	for (struct str line; str_line(&body, &line);) {
		struct sdp_media m;
		if (str_starts(line, STR("a="))) {
			read_line(r, str_trim(str_from(line, 2)));
		} else if (str_starts(line, STR("m="))) {
			r->media++;
			r->in_audio = !r->found && sdp_media_split(str_from(line, 2), &m) &&
				      sdp_media_web(&m);
			r->found = r->found || r->in_audio;
		}
	}
}

static struct str or_all(struct str one, struct str all)
{
	return one.n ? one : all;
}

static bool in_group(struct str group, struct str mid)
{
	for (struct str one; group.n;) {
		(void)str_cut(group, ' ', &one, &group);
		if (mid.n && str_eq(one, mid))
			return true;
	}
	return false;
}

static enum err no(const char **why, enum err e, const char *what)
{
	*why = what;
	return e;
}

static enum err judge(const struct web_reader *r, struct sdp_web *o, const char **why)
{
	const struct str setup = or_all(r->audio.setup, r->all.setup);
	o->ufrag = or_all(r->audio.ufrag, r->all.ufrag);
	o->fingerprint = or_all(r->audio.fingerprint, r->all.fingerprint);
	o->mid = r->audio.mid;
	o->bundled = in_group(r->bundle, o->mid);
	if (!ice_chars(o->ufrag, 4, SDP_UFRAG_MAX) ||
	    !ice_chars(or_all(r->audio.password, r->all.password), 22, 256))
		return no(why, ERR_UNSUPPORTED, "no ice-ufrag and ice-pwd");
	if (!o->fingerprint.n)
		return no(why, ERR_UNSUPPORTED, "no fingerprint of SHA-256");
	if (!str_is(setup, "actpass") && !str_is(setup, "active"))
		return no(why, ERR_UNSUPPORTED, "its DTLS does not begin (setup)");
	if (!r->audio.mux)
		return no(why, ERR_UNSUPPORTED, "no rtcp-mux");
	if (o->mid.n && !is_token(o->mid, SDP_MID_MAX))
		return no(why, ERR_INVALID, "a=mid is not a name");
	return ERR_OK;
}

enum err sdp_web_parse(struct str body, struct sdp_web *out, const char **why)
{
	struct sdp_web o = {.body = body};
	struct web_reader r = {0};
	enum err e = sdp_parse_web(body, &o.audio);
	if (e == ERR_UNSUPPORTED)
		return no(why, e, "no sound over UDP/TLS/RTP/SAVPF");
	if (e != ERR_OK)
		return no(why, e, "not a description (SDP)");
	if (!o.audio.port)
		return no(why, ERR_UNSUPPORTED, "its sound is refused (port 0)");
	read_all(&r, body);
	e = judge(&r, &o, why);
	if (e == ERR_OK)
		*out = o;
	return e;
}

/* -- the answer -- */

static void put_pair(struct buf *out, const char *name, struct str value)
{
	buf_c(out, "a=");
	buf_c(out, name);
	put_value(out, value);
	buf_c(out, "\r\n");
}

static const char *family(struct str address)
{
	return str_find(address, ':') >= 0 ? "IP6 " : "IP4 ";
}

/* RFC 8839 section 5.1, RFC 8445 section 5.1.2: host candidates; the first is liked best. */
static void put_candidates(struct buf *out, const struct sdp_web_answer *a)
{
	for (uint32_t i = 0; i < a->address_count; i++) {
		const uint32_t priority = (126u << 24) + ((65535 - i) << 8) + 255;
		buf_fmt(out, "a=candidate:%u 1 udp %u ", i + 1, priority);
		sdp_put_word(out, a->addresses[i]);
		buf_fmt(out, " %u typ host\r\n", a->port);
	}
	buf_c(out, "a=end-of-candidates\r\n");
}

static void put_sound(struct buf *out, const struct sdp_web *o, const struct sdp_web_answer *a,
		      const struct sdp_media *m)
{
	const struct str address = a->address_count ? a->addresses[0] : STR("0.0.0.0");
	buf_fmt(out, "m=audio %u ", a->port);
	sdp_put_word(out, m->proto);
	sdp_put_formats(out, a->audio);
	buf_c(out, "c=IN ");
	buf_c(out, family(address));
	sdp_put_word(out, address);
	buf_c(out, "\r\n");
	if (o->mid.n)
		put_pair(out, "mid:", o->mid);
	buf_c(out, "a=rtcp-mux\r\n");
	put_pair(out, "ice-ufrag:", a->ufrag);
	put_pair(out, "ice-pwd:", a->password);
	put_pair(out, "fingerprint:", a->fingerprint);
	buf_c(out, "a=setup:passive\r\n");
	sdp_put_direction(out, a->audio->direction);
	buf_c(out, "a=msid:centrala sound\r\n");
	sdp_put_codecs(out, a->audio);
	if (a->audio->ptime_ms)
		buf_fmt(out, "a=ptime:%u\r\n", a->audio->ptime_ms);
	put_candidates(out, a);
}

/* Each m= line has its place, and keeps its mid. RFC 9429 section 5.3.1 */
static void put_refused(struct buf *out, const struct sdp_media *m, struct str mid)
{
	struct str format, rest;
	(void)str_cut(m->formats, ' ', &format, &rest);
	buf_c(out, "m=");
	sdp_put_word(out, str_head(m->type, 32));
	buf_c(out, " 0 ");
	sdp_put_word(out, str_head(m->proto, 64));
	buf_ch(out, ' ');
	sdp_put_word(out, str_head(format, 64));
	buf_c(out, "\r\nc=IN IP4 0.0.0.0\r\n");
	if (is_token(mid, SDP_MID_MAX))
		put_pair(out, "mid:", mid);
	buf_c(out, "a=inactive\r\n");
}

/* The mid of the stream whose lines follow. */
static struct str mid_of(struct str rest)
{
	for (struct str line; str_line(&rest, &line) && !str_starts(line, STR("m="));)
		if (str_starts(line, STR("a=mid:")))
			return str_trim(str_from(line, 6));
	return STR_NONE;
}

void sdp_web_answer(struct buf *out, const struct sdp_web *offer, const struct sdp_web_answer *a)
{
	struct str rest = offer->body;
	bool found = false;
	buf_c(out, "v=0\r\no=- ");
	buf_u64(out, a->session_id);
	buf_c(out, " 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n");
	if (offer->bundled)
		put_pair(out, "group:BUNDLE ", offer->mid);
	for (struct str line; str_line(&rest, &line);) {
		struct sdp_media m;
		if (!str_starts(line, STR("m=")) || !sdp_media_split(str_from(line, 2), &m))
			continue;
		if (!found && sdp_media_web(&m)) {
			found = true;
			put_sound(out, offer, a, &m);
		} else {
			put_refused(out, &m, mid_of(rest));
		}
	}
}
