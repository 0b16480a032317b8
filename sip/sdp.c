/* sdp.c - RFC 4566 as far as one audio stream needs it, offers and answers of RFC 3264. */
#include "sip/sdp.h"

#include "sip/message.h"

enum { SDP_BYTES_MAX = 16384, SDP_LINES_MAX = 1024, SDP_PT_MAX = 64 };

/* RFC 3551 table 4: payload types that need no rtpmap */
static const struct {
	const char *name;
	uint8_t pt;
	uint32_t rate;
} static_types[] = {
	{"PCMU", 0, 8000}, {"GSM", 3, 8000},   {"PCMA", 8, 8000},
	{"G722", 9, 8000}, {"G729", 18, 8000},
};

struct sdp_reader {
	struct sdp_audio *out;
	bool web; /* of a browser */
	struct str session_address;
	enum sdp_direction session_direction;
	uint32_t media_count;
	bool in_audio, found; /* inside the stream we speak; it was seen */
	bool direction_said;
	uint32_t formats[SDP_PT_MAX]; /* all of the m= line, in its order */
	uint32_t format_count;
	struct sdp_codec maps[SDP_PT_MAX];
	uint32_t map_count;
	struct str fmtp[128]; /* by payload type */
};

bool sdp_media_split(struct str v, struct sdp_media *m)
{
	if (!str_cut(v, ' ', &m->type, &v) || !str_cut(v, ' ', &m->port, &v) ||
	    !str_cut(v, ' ', &m->proto, &m->formats))
		return false;
	m->formats = str_trim(m->formats);
	return m->type.n && m->proto.n && m->formats.n;
}

/* RFC 5764 section 8: DTLS-SRTP; browsers always say the first. */
bool sdp_media_web(const struct sdp_media *m)
{
	return str_ieq(m->type, STR("audio")) && (str_ieq(m->proto, STR("UDP/TLS/RTP/SAVPF")) ||
						  str_ieq(m->proto, STR("UDP/TLS/RTP/SAVP")));
}

static bool ours(const struct sdp_media *m)
{
	return str_ieq(m->type, STR("audio")) &&
	       (str_ieq(m->proto, STR("RTP/AVP")) || str_ieq(m->proto, STR("RTP/SAVP")));
}

/* "IN IP4 192.0.2.1[/ttl]" */
static enum err read_connection(struct sdp_reader *r, struct str v)
{
	struct str net, family, address, rest;
	if (!str_cut(v, ' ', &net, &v) || !str_cut(v, ' ', &family, &rest) ||
	    !str_ieq(net, STR("IN")))
		return ERR_INVALID;
	str_cut(str_trim(rest), '/', &address, &rest);
	if (!address.n || address.n > 255)
		return ERR_INVALID;
	for (size_t i = 0; i < address.n; i++)
		if (address.p[i] <= ' ' || address.p[i] > '~')
			return ERR_INVALID;
	if (r->in_audio)
		r->out->address = address;
	else if (!r->media_count)
		r->session_address = address;
	return ERR_OK;
}

static enum err read_media(struct sdp_reader *r, struct str v)
{
	struct sdp_media m;
	uint32_t port;
	struct str port_text, count;
	if (!sdp_media_split(v, &m) || ++r->media_count > SDP_MEDIA_MAX)
		return ERR_INVALID;
	str_cut(m.port, '/', &port_text, &count);
	if (str_to_u32(port_text, 65535, &port) != ERR_OK)
		return ERR_INVALID;
	r->in_audio = !r->found && (r->web ? sdp_media_web(&m) : ours(&m));
	if (!r->in_audio) {
		r->out->extra_media++;
		return ERR_OK;
	}
	r->found = true;
	r->out->port = (uint16_t)port;
	r->out->secure = str_ieq(m.proto, STR("RTP/SAVP"));
	for (struct str f = m.formats, one; f.n && r->format_count < SDP_PT_MAX;) {
		uint32_t pt;
		str_cut(f, ' ', &one, &f);
		if (!one.n)
			continue;
		if (str_to_u32(one, 127, &pt) != ERR_OK)
			return ERR_INVALID;
		r->formats[r->format_count++] = pt;
	}
	return ERR_OK;
}

/* a=rtpmap:8 PCMA/8000[/1] */
static void read_rtpmap(struct sdp_reader *r, struct str v)
{
	struct str pt_text, name, rate_text, channels;
	uint32_t pt, rate;
	if (!str_cut(v, ' ', &pt_text, &v) || !str_cut(str_trim(v), '/', &name, &v))
		return;
	str_cut(v, '/', &rate_text, &channels);
	if (str_to_u32(pt_text, 127, &pt) != ERR_OK || !name.n || name.n > 32 ||
	    str_to_u32(rate_text, 768000, &rate) != ERR_OK || rate == 0 ||
	    r->map_count == SDP_PT_MAX)
		return;
	r->maps[r->map_count++] = (struct sdp_codec){.name = name, .rate = rate, .pt = (uint8_t)pt};
}

/* a=fmtp:111 useinbandfec=1 */
static void read_fmtp(struct sdp_reader *r, struct str v)
{
	struct str pt_text;
	uint32_t pt;
	if (str_cut(v, ' ', &pt_text, &v) && str_to_u32(pt_text, 127, &pt) == ERR_OK)
		r->fmtp[pt] = str_trim(v);
}

static bool is_base64(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '+' || c == '/' || c == '='))
			return false;
	}
	return s.n > 0;
}

/* "inline:" key ["|" lifetime] ["|" MKI ":" bytes], RFC 4568 section 9.2 */
static bool read_key(struct str v, struct sdp_crypto *c)
{
	struct str part, length;
	if (!str_starts(v, STR("inline:")) || str_find(v, ';') >= 0)
		return false;
	str_cut(str_from(v, 7), '|', &c->key, &v);
	while (v.n) {
		str_cut(v, '|', &part, &v);
		if (!str_cut(part, ':', &part, &length))
			continue; /* a lifetime: longer than our calls */
		if (str_to_u32(part, UINT32_MAX, &c->mki) != ERR_OK ||
		    str_to_u32(length, 4, &c->mki_n) != ERR_OK || !c->mki_n ||
		    (c->mki_n < 4 && c->mki >> (8 * c->mki_n)))
			return false;
	}
	return is_base64(c->key);
}

/* a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:… [session parameters] */
static void read_crypto(struct sdp_reader *r, struct str v)
{
	struct sdp_audio *a = r->out;
	struct sdp_crypto c = {.mki_n = 0};
	struct str tag, key, params, one;
	if (a->crypto_count == SDP_CRYPTO_MAX || !str_cut(v, ' ', &tag, &v) ||
	    !str_cut(str_trim(v), ' ', &c.suite, &v))
		return;
	str_cut(str_trim(v), ' ', &key, &params);
	if (str_to_u32(tag, 999999999, &c.tag) != ERR_OK || !c.suite.n || !read_key(key, &c))
		return;
	for (size_t i = 0; i < c.suite.n; i++)
		if (c.suite.p[i] <= ' ' || c.suite.p[i] > '~')
			return;
	while (params.n) {
		str_cut(params, ' ', &one, &params);
		if (one.n && !str_starts(one, STR("WSH=")))
			return;
	}
	a->cryptos[a->crypto_count++] = c;
}

static void read_attribute(struct sdp_reader *r, struct str v)
{
	static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
	for (uint32_t i = 0; i < COUNT_OF(directions); i++) {
		if (!str_is(v, directions[i]))
			continue;
		if (r->in_audio) {
			r->out->direction = (enum sdp_direction)i;
			r->direction_said = true;
		} else if (!r->media_count) {
			r->session_direction = (enum sdp_direction)i;
		}
		return;
	}
	uint32_t ms;
	if (!r->in_audio)
		return;
	if (str_starts(v, STR("rtpmap:")))
		read_rtpmap(r, str_from(v, 7));
	else if (str_starts(v, STR("fmtp:")))
		read_fmtp(r, str_from(v, 5));
	else if (str_starts(v, STR("crypto:")))
		read_crypto(r, str_from(v, 7));
	else if (str_starts(v, STR("ptime:")) &&
		 str_to_u32(str_trim(str_from(v, 6)), 1000, &ms) == ERR_OK)
		r->out->ptime_ms = (uint16_t)ms;
}

/* Codecs in the order of the m= line; those of unknown meaning are left out. */
static void settle_codecs(struct sdp_reader *r)
{
	struct sdp_audio *a = r->out;
	for (uint32_t i = 0; i < r->format_count && a->codec_count < SDP_CODEC_MAX; i++) {
		struct sdp_codec c = {.rate = 0};
		for (uint32_t k = 0; k < COUNT_OF(static_types); k++)
			if (static_types[k].pt == r->formats[i])
				c = (struct sdp_codec){.name = str_of(static_types[k].name),
						       .rate = static_types[k].rate,
						       .pt = static_types[k].pt};
		for (uint32_t k = 0; k < r->map_count; k++)
			if (r->maps[k].pt == r->formats[i])
				c = r->maps[k];
		c.fmtp = r->fmtp[r->formats[i]];
		if (c.rate)
			a->codecs[a->codec_count++] = c;
	}
}

static enum err parse(struct str body, bool web, struct sdp_audio *out)
{
	struct sdp_audio a = {0};
	struct sdp_reader r;
	r.out = &a;
	r.web = web;
	r.session_address = STR_NONE;
	r.session_direction = SDP_SENDRECV;
	r.media_count = r.format_count = r.map_count = 0;
	r.in_audio = r.found = r.direction_said = false;
	memset(r.fmtp, 0, sizeof r.fmtp);
	struct str rest = body, line;
	if (body.n > SDP_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (!str_line(&rest, &line) || !str_is(line, "v=0"))
		return ERR_INVALID;
	for (uint32_t count = 0; str_line(&rest, &line); count++) {
		enum err e = ERR_OK;
		if (!line.n)
			continue;
		if (line.n < 2 || line.p[1] != '=' || count > SDP_LINES_MAX)
			return ERR_INVALID;
		struct str v = str_from(line, 2);
		switch (line.p[0]) {
		case 'c':
			e = read_connection(&r, v);
			break;
		case 'm':
			e = read_media(&r, v);
			break;
		case 'a':
			read_attribute(&r, str_trim(v));
			break;
		default:
			break;
		}
		if (e != ERR_OK)
			return e;
	}
	if (!r.found)
		return ERR_UNSUPPORTED;
	if (!a.address.n)
		a.address = r.session_address;
	if (!a.address.n && a.port)
		return ERR_INVALID;
	if (!r.direction_said)
		a.direction = r.session_direction;
	/* RFC 2543 section B.5: the old way to say hold; browsers say it before ICE knows better */
	if (!web && str_is(a.address, "0.0.0.0") && a.direction == SDP_SENDRECV)
		a.direction = SDP_SENDONLY;
	settle_codecs(&r);
	*out = a;
	return ERR_OK;
}

enum err sdp_parse(struct str body, struct sdp_audio *out)
{
	return parse(body, false, out);
}

enum err sdp_parse_web(struct str body, struct sdp_audio *out)
{
	return parse(body, true, out);
}

/* -- writing -- */

/* Nothing of a description may begin a line of its own. */
void sdp_put_word(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_ch(out, (unsigned char)s.p[i] <= ' ' ? '_' : s.p[i]);
}

static void put_origin(struct buf *out, const struct sdp_audio *a, uint64_t session_id,
		       uint32_t version)
{
	struct str address = a->address.n ? a->address : STR("0.0.0.0");
	const char *family = str_find(address, ':') >= 0 ? " IP6 " : " IP4 ";
	buf_c(out, "v=0\r\no=- ");
	buf_u64(out, session_id);
	buf_ch(out, ' ');
	buf_u64(out, version);
	buf_c(out, " IN");
	buf_c(out, family);
	sdp_put_word(out, address);
	buf_c(out, "\r\ns=-\r\nc=IN");
	buf_c(out, family);
	sdp_put_word(out, address);
	buf_c(out, "\r\nt=0 0\r\n");
}

static void put_cryptos(struct buf *out, const struct sdp_audio *a)
{
	for (uint32_t i = 0; i < a->crypto_count && a->port; i++) {
		const struct sdp_crypto *c = &a->cryptos[i];
		buf_c(out, "a=crypto:");
		buf_u64(out, c->tag);
		buf_ch(out, ' ');
		sdp_put_word(out, c->suite);
		buf_c(out, " inline:");
		sdp_put_word(out, c->key);
		if (c->mki_n)
			buf_fmt(out, "|%u:%u", c->mki, c->mki_n);
		buf_c(out, "\r\n");
	}
}

void sdp_put_formats(struct buf *out, const struct sdp_audio *a)
{
	CHECK(a->codec_count <= SDP_CODEC_MAX);
	for (uint32_t i = 0; i < a->codec_count; i++) {
		buf_ch(out, ' ');
		buf_u64(out, a->codecs[i].pt);
	}
	buf_c(out, a->codec_count ? "\r\n" : " 0\r\n");
}

void sdp_put_codecs(struct buf *out, const struct sdp_audio *a)
{
	for (uint32_t i = 0; i < a->codec_count; i++) {
		const struct sdp_codec *c = &a->codecs[i];
		buf_c(out, "a=rtpmap:");
		buf_u64(out, c->pt);
		buf_ch(out, ' ');
		sdp_put_word(out, c->name);
		buf_ch(out, '/');
		buf_u64(out, c->rate);
		if (str_ieq(c->name, STR("opus")))
			buf_c(out, "/2"); /* RFC 7587 section 7: always */
		buf_c(out, "\r\n");
		bool event = str_ieq(c->name, STR("telephone-event"));
		if (!event && !c->fmtp.n)
			continue;
		buf_c(out, "a=fmtp:");
		buf_u64(out, c->pt);
		buf_ch(out, ' ');
		put_value(out, c->fmtp.n ? c->fmtp : STR("0-15"));
		buf_c(out, "\r\n");
	}
}

void sdp_put_direction(struct buf *out, enum sdp_direction d)
{
	static const char *const directions[] = {"sendrecv", "sendonly", "recvonly", "inactive"};
	buf_c(out, "a=");
	buf_c(out, directions[d & 3]);
	buf_c(out, "\r\n");
}

static void put_audio(struct buf *out, const struct sdp_audio *a)
{
	buf_c(out, "m=audio ");
	buf_u64(out, a->port);
	buf_c(out, a->secure ? " RTP/SAVP" : " RTP/AVP");
	sdp_put_formats(out, a);
	sdp_put_codecs(out, a);
	put_cryptos(out, a);
	if (!a->port)
		return;
	if (a->ptime_ms) {
		buf_c(out, "a=ptime:");
		buf_u64(out, a->ptime_ms);
		buf_c(out, "\r\n");
	}
	sdp_put_direction(out, a->direction);
}

void sdp_write(struct buf *out, const struct sdp_audio *a, uint64_t session_id, uint32_t version)
{
	put_origin(out, a, session_id, version);
	put_audio(out, a);
	for (uint32_t i = 0; i < a->extra_media; i++)
		buf_c(out, "m=video 0 RTP/AVP 31\r\n");
}

void sdp_write_layout(struct buf *out, const struct sdp_audio *a, uint64_t session_id,
		      uint32_t version, struct str layout)
{
	struct str line;
	put_origin(out, a, session_id, version);
	if (!layout.n)
		put_audio(out, a);
	while (str_line(&layout, &line)) {
		if (str_is(line, "=")) {
			put_audio(out, a);
			continue;
		}
		buf_c(out, "m=");
		put_value(out, line);
		buf_c(out, "\r\n");
	}
}

enum err sdp_layout(struct str body, struct buf *out)
{
	bool found = false;
	size_t was = out->n;
	for (struct str line; str_line(&body, &line);) {
		struct sdp_media m;
		struct str format, rest;
		if (!str_starts(line, STR("m=")) || !sdp_media_split(str_from(line, 2), &m))
			continue;
		if (!found && ours(&m)) {
			found = true;
			buf_c(out, "=\n");
			continue;
		}
		str_cut(m.formats, ' ', &format, &rest);
		sdp_put_word(out, m.type);
		buf_c(out, " 0 ");
		sdp_put_word(out, m.proto);
		buf_ch(out, ' ');
		sdp_put_word(out, format);
		buf_ch(out, '\n');
	}
	return out->full || out->n - was > SDP_LAYOUT_MAX ? ERR_TOO_LARGE : ERR_OK;
}
