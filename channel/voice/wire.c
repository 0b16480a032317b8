/*
 * wire.c - what a leg and its peer agree on: codecs, telephone events, directions, keys.
 *
 * Offers and answers of RFC 3264; keys of RFC 4568 (SDES). Whose rules hold is the trunk's, or the
 * user's telephone's.
 */
#include <sodium.h>

#include "audio/codec.h"
#include "channel/voice/line.h"

enum { OPUS_PT = 111, EVENT_48_PT = 110 };

/* What is offered of Opus: speech both ways, its packets' repair is used. */
#define OPUS_FMTP "useinbandfec=1; stereo=0; maxplaybackrate=16000; sprop-maxcapturerate=16000"

struct sound_rules {
	const struct str *codecs; /* in order; none: the customer's and G.711 */
	uint32_t codec_count;
	enum srtp_rule srtp;
	bool without_tls; /* keys may be offered over any transport */
	bool tls;	  /* signalling to it is encrypted */
};

/* In the order we like them; for offers. */
static const enum srtp_suite suites[] = {SRTP_AES128_GCM, SRTP_AES128_SHA1_80, SRTP_AES256_GCM,
					 SRTP_AES256_SHA1_80, SRTP_AES128_SHA1_32};

const char *wire_codec_name(uint8_t codec)
{
	const struct codec_facts *f = codec_facts(codec);
	return f ? f->name : "PCMU";
}

/* What we may do when the peer says this of itself. RFC 3264 section 6.1 */
enum sdp_direction wire_mirrored(enum sdp_direction d)
{
	switch (d) {
	case SDP_SENDRECV:
		return SDP_SENDRECV;
	case SDP_SENDONLY:
		return SDP_RECVONLY;
	case SDP_RECVONLY:
		return SDP_SENDONLY;
	case SDP_INACTIVE:
		return SDP_INACTIVE;
	}
	return SDP_INACTIVE;
}

/* -- whose rules -- */

static void trunk_rules(const struct trunk_config *t, struct sound_rules *r)
{
	*r = (struct sound_rules){.codecs = t->codecs,
				  .codec_count = t->codec_count,
				  .srtp = t->srtp,
				  .without_tls = t->srtp_without_tls,
				  .tls = t->transport == TRUNK_TLS};
}

static bool phone_on_tls(struct voice *v, const struct object *user)
{
	const struct user_config *u = &user->config->user;
	struct sip_phone phone = {.address.transport = SIP_UDP};
	const struct object *t =
		objects_find(v->core->objects, KIND_tenant, user->tenant, user->tenant);
	bool known = u->phone_contact.n
			     ? names_of_uri(v, u->phone_contact, &phone.address)
			     : t && sip_phone_find(v->sip, user->name, t->config->tenant_of.domain,
						   &phone) == ERR_OK;
	return known && (phone.address.transport == SIP_TLS || phone.address.transport == SIP_WSS);
}

static void rules_of(const struct leg *leg, struct sound_rules *r)
{
	struct voice *v = leg->voice;
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *user = objects_get(v->core->objects, ID(leg->agent));
	const struct trunk_config *trunk = trunk_config(v->core->objects, leg->way.trunk);
	*r = (struct sound_rules){.srtp = SRTP_RULE_OPTIONAL};
	if (!trunk && !user && k && leg->role == PARTY_customer)
		trunk = trunk_config(v->core->objects, k->trunk);
	if (trunk) {
		trunk_rules(trunk, r);
	} else if (user) {
		const struct user_config *u = &user->config->user;
		*r = (struct sound_rules){.codecs = u->phone_codecs,
					  .codec_count = u->phone_codec_count,
					  .srtp = u->phone_srtp,
					  .without_tls = u->phone_srtp_without_tls};
		r->tls = u->phone_srtp != SRTP_RULE_OFF && phone_on_tls(v, user);
	}
}

static bool allows(const struct sound_rules *r, const char *name)
{
	for (uint32_t i = 0; i < r->codec_count; i++)
		if (str_ieq(r->codecs[i], str_of(name)))
			return true;
	return !r->codec_count;
}

/* The codecs of a leg, best first: what it speaks or its customer does, then the rules'. all: a
 * telephone without rules may also ask for those we would not offer it. Returns how many. */
static uint32_t order_of(const struct leg *leg, const struct sound_rules *r, bool all,
			 struct str out[SDP_CODEC_MAX])
{
	static const struct str usual[] = {{"PCMA", 4}, {"PCMU", 4}, {"G722", 4}, {"opus", 4}};
	const struct str *more = r->codec_count ? r->codecs : usual;
	uint32_t count = r->codec_count ? r->codec_count : all ? 4 : 2, n = 0;
	const char *first = wire_codec_name(leg->wire.codec);
	if (leg->wire.codec == CODEC_NONE && !r->codec_count)
		first = "PCMU";
	if (leg->wire.codec != CODEC_NONE || !r->codec_count)
		if (allows(r, first))
			out[n++] = str_of(first);
	for (uint32_t i = 0; i < count && n < SDP_CODEC_MAX - 2; i++)
		if (!n || !str_ieq(more[i], out[0]))
			out[n++] = more[i];
	return n;
}

/* -- what the other side says -- */

/* The first line we could speak. False: none. */
static bool take_keys(const struct sdp_audio *sdp, struct wire *w)
{
	for (uint32_t i = 0; i < sdp->crypto_count; i++) {
		const struct sdp_crypto *c = &sdp->cryptos[i];
		enum srtp_suite suite = srtp_named(c->suite);
		uint8_t key[SRTP_KEY_MAX];
		size_t n = 0;
		if (!suite ||
		    (sodium_base642bin(key, sizeof key, c->key.p, c->key.n, NULL, &n, NULL,
				       sodium_base64_VARIANT_ORIGINAL) &&
		     sodium_base642bin(key, sizeof key, c->key.p, c->key.n, NULL, &n, NULL,
				       sodium_base64_VARIANT_ORIGINAL_NO_PADDING)) ||
		    n != srtp_key_bytes(suite))
			continue;
		w->suite = (uint8_t)suite;
		w->crypto_tag = c->tag;
		memcpy(w->key, key, n);
		w->mki_n = (uint8_t)c->mki_n;
		for (uint32_t b = 0; b < c->mki_n; b++)
			w->mki[b] = (uint8_t)(c->mki >> (8 * (c->mki_n - 1 - b)));
		return true;
	}
	return false;
}

/* RFC 4733 section 2.1: events on the sound's clock; some peers know them at 8,000 only. */
static void take_events(const struct sdp_audio *sdp, uint32_t clock, struct wire *w)
{
	for (uint32_t i = 0; i < sdp->codec_count; i++) {
		const struct sdp_codec *c = &sdp->codecs[i];
		bool fits = c->rate == clock || (c->rate == 8000 && w->dtmf_pt == DTMF_NONE);
		if (!str_ieq(c->name, STR("telephone-event")) || !fits)
			continue;
		w->dtmf_pt = c->pt;
		w->dtmf_khz = (uint8_t)(c->rate / 1000);
	}
}

enum err wire_from(const struct sdp_audio *sdp, const struct str *allowed, uint32_t allowed_count,
		   struct wire *out)
{
	struct wire w = {.codec = CODEC_NONE,
			 .dtmf_pt = DTMF_NONE,
			 .port = sdp->port,
			 .peer = sdp->direction,
			 .secure = sdp->secure,
			 .ptime_ms = sdp->ptime_ms ? sdp->ptime_ms : 20};
	const struct codec_facts *f = NULL;
	if (!sdp->port || !str_copy(sdp->address, w.address, sizeof w.address))
		return ERR_UNSUPPORTED;
	for (uint32_t a = 0; a < allowed_count && w.codec == CODEC_NONE; a++)
		for (uint32_t i = 0; i < sdp->codec_count && w.codec == CODEC_NONE; i++) {
			if (!str_ieq(sdp->codecs[i].name, allowed[a]) ||
			    !(f = codec_named(allowed[a])) || sdp->codecs[i].rate != f->clock)
				continue;
			w.codec = (uint8_t)f->codec;
			w.pt = sdp->codecs[i].pt;
		}
	f = codec_facts(w.codec);
	if (!f || (!take_keys(sdp, &w) && sdp->secure))
		return ERR_UNSUPPORTED;
	take_events(sdp, f->clock, &w);
	*out = w;
	return ERR_OK;
}

/* With keys or without, as the rules want it. */
static enum err judge_keys(const struct sound_rules *r, struct wire *w)
{
	if (r->srtp == SRTP_RULE_REQUIRED && !w->suite)
		return ERR_UNSUPPORTED;
	if (r->srtp == SRTP_RULE_OFF && w->secure)
		return ERR_UNSUPPORTED;
	if (r->srtp == SRTP_RULE_OFF)
		w->suite = SRTP_NONE; /* it was only a wish */
	return ERR_OK;
}

enum err wire_offered(const struct sdp_audio *sdp, const struct trunk_config *trunk,
		      const struct sip_address *from, struct wire *out)
{
	struct sound_rules r;
	struct wire w;
	trunk_rules(trunk, &r);
	bool tls = from->transport == SIP_TLS || from->transport == SIP_WSS;
	/* who demands encryption is not served by keys that everybody on the way has read */
	if (r.srtp == SRTP_RULE_REQUIRED && !tls && !r.without_tls)
		return ERR_UNSUPPORTED;
	enum err e = wire_from(sdp, r.codecs, r.codec_count, &w);
	if (e == ERR_OK)
		e = judge_keys(&r, &w);
	if (e == ERR_OK)
		*out = w;
	return e;
}

/* What this leg (or, before it has spoken, its customer) speaks goes first: then nothing has to be
 * decoded, even when an answer names several. */
enum err leg_wire_agreed(const struct leg *leg, const struct sdp_audio *sdp, struct wire *out)
{
	struct sound_rules r;
	struct str order[SDP_CODEC_MAX];
	struct wire w;
	rules_of(leg, &r);
	enum err e = wire_from(sdp, order, order_of(leg, &r, true, order), &w);
	if (e == ERR_OK)
		e = judge_keys(&r, &w);
	if (e == ERR_OK)
		*out = w;
	return e;
}

/* -- what we say -- */

static void add_codec(struct sdp_audio *sdp, const char *name, uint32_t clock, uint8_t pt)
{
	bool opus = !strcmp(name, "opus");
	sdp->codecs[sdp->codec_count++] =
		(struct sdp_codec){str_of(name), clock, pt, opus ? STR(OPUS_FMTP) : STR_NONE};
}

static void offer_codecs(const struct leg *leg, const struct sound_rules *r, struct sdp_audio *out)
{
	struct str order[SDP_CODEC_MAX];
	uint32_t n = order_of(leg, r, false, order);
	bool opus = false;
	for (uint32_t i = 0; i < n; i++) {
		const struct codec_facts *f = codec_named(order[i]);
		/* RFC 3264 section 8.3.2: within a session a number keeps its meaning */
		bool same = f && leg->wire_known && leg->wire.codec == f->codec;
		if (!f)
			continue;
		opus |= f->codec == SOUND_OPUS;
		add_codec(out, f->name, f->clock,
			  same			   ? leg->wire.pt
			  : f->codec == SOUND_OPUS ? OPUS_PT
						   : (uint8_t)f->codec);
	}
	bool named = leg->wire_known && leg->wire.dtmf_pt != DTMF_NONE;
	bool wide = named && leg->wire.dtmf_khz == 48;
	if (opus)
		add_codec(out, "telephone-event", 48000, wide ? leg->wire.dtmf_pt : EVENT_48_PT);
	if (!opus || n > 1)
		add_codec(out, "telephone-event", 8000,
			  named && !wide ? leg->wire.dtmf_pt : DTMF_OURS);
}

static void fresh_key(struct leg *leg)
{
	struct voice *v = leg->voice;
	if (v->o.random) {
		v->o.random(v->o.arg, leg->seal, sizeof leg->seal);
	} else {
		for (size_t i = 0; i < sizeof leg->seal; i++)
			leg->seal[i] = (uint8_t)(core_dice(v->core) >> 32);
	}
	leg->sealed = true;
	leg_touch(leg);
}

static void add_keys(struct leg *leg, enum srtp_suite suite, uint32_t tag, struct sdp_audio *out)
{
	char *text = leg->voice->key_texts[out->crypto_count];
	sodium_bin2base64(text, sizeof leg->voice->key_texts[0], leg->seal, srtp_key_bytes(suite),
			  sodium_base64_VARIANT_ORIGINAL);
	out->cryptos[out->crypto_count++] = (struct sdp_crypto){
		.tag = tag, .suite = str_of(srtp_name(suite)), .key = str_of(text)};
}

/* Keys go over encrypted signalling only, unless the rules say otherwise. Of many lines with one
 * key only one is ever used. */
static void offer_keys(struct leg *leg, const struct sound_rules *r, struct sdp_audio *out)
{
	if (leg->wire_known) { /* it stays as it is: the same suite, the same key of ours */
		out->secure = leg->wire.suite && leg->wire.secure;
		if (leg->wire.suite)
			add_keys(leg, (enum srtp_suite)leg->wire.suite, 1, out);
		return;
	}
	if (r->srtp == SRTP_RULE_OFF)
		return;
	out->secure = r->srtp == SRTP_RULE_REQUIRED;
	if (!r->tls && !r->without_tls) {
		if (out->secure)
			log_line(LOG_WARN, "event=srtp_not_offered why=\"signalling without TLS\"");
		return; /* required: an offer nobody can accept */
	}
	fresh_key(leg); /* each peer that is asked has one of its own */
	for (uint32_t i = 0; i < COUNT_OF(suites); i++)
		add_keys(leg, suites[i], i + 1, out);
}

struct str leg_media_address(const struct voice *v, bool six)
{
	struct str first, second;
	(void)str_cut(v->o.media_address, ',', &first, &second);
	return second.n && six != (str_find(first, ':') >= 0) ? second : first;
}

void leg_sdp(struct leg *leg, bool offer, struct sdp_audio *out)
{
	struct sound_rules r;
	const struct wire *w = &leg->wire;
	bool six = str_find(str_of(w->address), ':') >= 0;
	*out = (struct sdp_audio){.address = leg_media_address(leg->voice, six),
				  .port = leg->port,
				  .ptime_ms = 20,
				  .direction = SDP_SENDRECV};
	if (offer) { /* wire.codec is the customer's: when the phone takes it nothing is decoded */
		rules_of(leg, &r);
		offer_codecs(leg, &r, out);
		offer_keys(leg, &r, out);
		return;
	}
	out->direction = wire_mirrored(w->peer);
	add_codec(out, wire_codec_name(w->codec),
		  codec_facts(w->codec) ? codec_facts(w->codec)->clock : 8000, w->pt);
	if (w->dtmf_pt != DTMF_NONE)
		add_codec(out, "telephone-event", w->dtmf_khz * 1000u, w->dtmf_pt);
	out->secure = w->secure;
	if (w->suite)
		add_keys(leg, (enum srtp_suite)w->suite, w->crypto_tag, out);
}

/* -- to media -- */

static void order_keys(struct leg *leg)
{
	const struct wire *w = &leg->wire;
	enum srtp_suite suite = (enum srtp_suite)w->suite;
	size_t n = suite ? srtp_key_bytes(suite) : 0;
	if (!suite && !leg->sealed)
		return; /* it has never been anything but plain */
	ORDER_NOW(leg->voice, leg_secure, .leg = ID(leg->id), .suite = w->suite,
		  .seal = str_make((const char *)leg->seal, n),
		  .open = str_make((const char *)w->key, n),
		  .mki = str_make((const char *)w->mki, w->mki_n));
}

/* Over a trunk whose sound comes from where its SDP says and from nowhere else? */
static bool is_fixed(const struct leg *leg)
{
	const struct objects *os = leg->voice->core->objects;
	const struct contact *k = contact_get(leg->voice->core, leg->contact);
	const struct trunk_config *t = NULL;
	if (!ID_NONE(leg->way.trunk))
		t = trunk_config(os, leg->way.trunk);
	else if (leg->role == PARTY_customer && k && !ID_NONE(k->trunk))
		t = trunk_config(os, k->trunk);
	return t && t->media_fixed;
}

void leg_order_remote(struct leg *leg)
{
	enum sdp_direction ours = wire_mirrored(leg->wire.peer);
	order_keys(leg);
	ORDER_NOW(leg->voice, leg_remote, .leg = ID(leg->id), .address = str_of(leg->wire.address),
		  .port = leg->wire.port, .codec = leg->wire.codec, .pt = leg->wire.pt,
		  .dtmf_pt = leg->wire.dtmf_pt,
		  .send = ours == SDP_SENDRECV || ours == SDP_SENDONLY,
		  .receive = ours == SDP_SENDRECV || ours == SDP_RECVONLY,
		  .ptime_ms = leg->wire.ptime_ms, .dtmf_khz = leg->wire.dtmf_khz,
		  .fixed = is_fixed(leg));
}

void leg_renew_key(struct leg *leg, const struct wire *w)
{
	if (leg->sealed && w->suite && leg->wire.suite != w->suite)
		fresh_key(leg);
}

void leg_set_wire(struct leg *leg, const struct wire *w)
{
	leg->wire = *w;
	leg->wire_known = true;
	if (w->suite && !leg->sealed)
		fresh_key(leg);
	leg_touch(leg);
	leg_order_remote(leg);
}
