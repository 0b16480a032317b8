/*
 * session.c - session timers, RFC 4028: one side refreshes the session at half of its interval (an
 * UPDATE where the peer knows it, else a re-INVITE with the description that stands), and a session
 * nobody refreshed ends with BYE. So a call whose other end died silently does not stay for ever.
 */
#include "sip/engine.h"

enum {
	SESSION_USUAL_S = 1800,
	SESSION_LEAST_S = 90,	/* RFC 4028 section 4 */
	SESSION_MOST_S = 86400, /* what a peer asks beyond is a day */
	RETRY_MS = 2000,
	TRIES_MAX = 2, /* to a 422 */
};

static uint32_t least_s(const struct sip *s)
{
	return MIN(MAX(s->o.session_min_s, (uint32_t)SESSION_LEAST_S), (uint32_t)SESSION_MOST_S);
}

uint32_t session_usual_s(const struct sip *s)
{
	uint32_t wanted = s->o.session_s ? s->o.session_s : SESSION_USUAL_S;
	return MIN(MAX(wanted, least_s(s)), (uint32_t)SESSION_MOST_S);
}

/* "1800;refresher=uac". 0: not said, or not to be read. */
static uint32_t read_seconds(struct sip *s, enum sip_header_name name, struct str *params)
{
	struct str v = sip_header_get(&s->in, name), number = v;
	uint64_t n;
	ptrdiff_t mark = str_find(v, ';');
	*params = STR_NONE;
	if (mark >= 0) {
		number = str_head(v, (size_t)mark);
		*params = str_from(v, (size_t)mark);
	}
	if (str_to_u64(str_trim(number), UINT64_MAX, &n) != ERR_OK)
		return 0;
	return (uint32_t)MIN(n, (uint64_t)SESSION_MOST_S);
}

uint32_t session_judge(struct sip *s)
{
	struct str params;
	/* section 9: who does not know 422 is not refused with it; a proxy may have said it */
	if (!s->in.first[HDR_SESSION_EXPIRES] || !sip_header_lists(&s->in, HDR_SUPPORTED, "timer"))
		return 0;
	uint32_t said = read_seconds(s, HDR_SESSION_EXPIRES, &params);
	return said && said < least_s(s) ? 422 : 0;
}

void session_put_least(const struct sip *s, struct buf *out)
{
	buf_c(out, "Min-SE: ");
	buf_u64(out, least_s(s));
	buf_c(out, "\r\n");
}

/* What their request at hand asks for; section 9, table 2. */
void session_asked(struct call *c)
{
	struct sip *s = c->sip;
	struct str params, least_params, who;
	if (s->in.first[HDR_ALLOW])
		c->peer_update = sip_header_lists(&s->in, HDR_ALLOW, "UPDATE");
	bool knows = s->in.first[HDR_SUPPORTED] && sip_header_lists(&s->in, HDR_SUPPORTED, "timer");
	uint32_t said = s->in.first[HDR_SESSION_EXPIRES]
				? read_seconds(s, HDR_SESSION_EXPIRES, &params)
				: 0;
	c->peer_timer = knows;
	if (!said) {
		if (c->session_s || !knows)
			return; /* as it was */
		c->session_s = session_usual_s(s);
		c->session_ours = true; /* who did not ask for it need not care */
		return;
	}
	uint32_t least = read_seconds(s, HDR_MIN_SE, &least_params);
	uint32_t wanted = MIN(said, session_usual_s(s));
	c->session_s = MAX(wanted, MAX(least, (uint32_t)SESSION_LEAST_S));
	c->session_ours = !knows;
	if (knows && sip_param(params, "refresher", &who))
		c->session_ours = str_ieq(who, STR("uas"));
}

void session_put(const struct call *c, bool we_ask, struct buf *out)
{
	const struct sip *s = c->sip;
	bool first = c->state == CALL_OUT_SENT || c->state == CALL_OUT_RINGING;
	bool uac = c->session_ours == we_ask;
	if (!c->session_s && !first)
		return;
	buf_c(out, "Session-Expires: ");
	buf_u64(out, c->session_s ? c->session_s : MAX(session_usual_s(s), c->session_least_s));
	if (!first)
		buf_c(out, uac ? ";refresher=uac" : ";refresher=uas");
	buf_c(out, "\r\n");
	if (we_ask) {
		buf_c(out, "Min-SE: ");
		buf_u64(out, MAX(least_s(s), c->session_least_s));
		buf_c(out, "\r\n");
	} else if (uac && c->peer_timer) {
		buf_c(out, "Require: timer\r\n");
	}
}

/* -- its end, and what prevents it -- */

static int64_t end_ms(const struct call *c)
{
	int64_t whole = (int64_t)c->session_s * 1000;
	/* section 10: who does not refresh hangs up a little earlier */
	return c->session_at_ms + (c->session_ours ? whole : whole - MIN(32000, whole / 3));
}

static void session_over(struct call *c)
{
	c->sip->counters[COUNT_timeouts]++;
	sip_call_because(c->sip, c->id, 408, 0, STR("Session expired"));
	call_break(c, SIP_OVER_TIMEOUT, 408, STR("session expired"));
}

static void session_due(struct timer *t, int64_t now_ms)
{
	struct call *c = t->arg;
	struct timers *timers = c->sip->o.timers;
	if (c->state == CALL_IN_ACCEPTED && c->session_s) /* its ACK is on the way */
		timer_start(timers, t, now_ms + RETRY_MS, session_due, c);
	if (c->state != CALL_UP || !c->session_s)
		return;
	if (now_ms >= end_ms(c)) {
		session_over(c);
		return;
	}
	bool busy = c->offer != OFFER_NONE || c->final.n || timer_running(&c->again);
	enum err e = busy ? ERR_AGAIN : c->peer_update ? update_send(c, false, 0) : uac_refresh(c);
	timer_start(timers, t, e == ERR_OK ? end_ms(c) : MIN(now_ms + RETRY_MS, end_ms(c)),
		    session_due, c);
}

static void arm(struct call *c, int64_t not_before_ms)
{
	int64_t at = c->session_ours ? c->session_at_ms + (int64_t)c->session_s * 500 : end_ms(c);
	timer_start(c->sip->o.timers, &c->session, MAX(at, not_before_ms), session_due, c);
}

void session_begin(struct call *c)
{
	if (!c->session_s) {
		timer_stop(c->sip->o.timers, &c->session);
		return;
	}
	c->session_at_ms = c->sip->now_ms;
	arm(c, c->session_at_ms);
}

/* The 2xx at hand to a request of ours; section 7.2. */
void session_answered(struct call *c)
{
	struct sip *s = c->sip;
	struct str params, who;
	if (s->in.first[HDR_ALLOW])
		c->peer_update = sip_header_lists(&s->in, HDR_ALLOW, "UPDATE");
	c->session_s = s->in.first[HDR_SESSION_EXPIRES]
			       ? read_seconds(s, HDR_SESSION_EXPIRES, &params)
			       : 0;
	if (c->session_s) {
		c->session_s = MAX(c->session_s, (uint32_t)SESSION_LEAST_S);
		c->session_ours = !sip_param(params, "refresher", &who) || str_ieq(who, STR("uac"));
	}
	session_begin(c);
}

bool session_too_brief(struct call *c)
{
	struct str params;
	struct sip *s = c->sip;
	uint32_t least = s->in.status == 422 ? read_seconds(s, HDR_MIN_SE, &params) : 0;
	uint32_t now = c->session_s ? c->session_s : MAX(session_usual_s(s), c->session_least_s);
	if (least <= now || c->session_tries >= TRIES_MAX)
		return false;
	c->session_tries++;
	c->session_least_s = least;
	if (c->session_s)
		c->session_s = least;
	return true;
}

void session_refreshed(struct call *c, uint32_t status)
{
	struct sip *s = c->sip;
	struct timers *timers = s->o.timers;
	if (c->state != CALL_UP)
		return;
	if (status < 300) {
		struct sip_address source = *s->in_source;
		dialog_retarget(c, &source);
		session_answered(c);
		call_changed(c);
		return;
	}
	if (status == 481 || status == 408) { /* RFC 3261 section 12.2.1.2 */
		call_break(c, status == 408 ? SIP_OVER_TIMEOUT : SIP_OVER_BROKEN, status,
			   STR("session lost"));
		return;
	}
	if (status == 405 || status == 501)
		c->peer_update = false; /* it said it knew it; then by re-INVITE */
	bool soon = status == 405 || status == 501 || (status == 422 && session_too_brief(c));
	int64_t wait = soon	       ? 0
		       : status == 491 ? RETRY_MS + (int64_t)(engine_dice(s) % RETRY_MS)
				       : MAX((end_ms(c) - s->now_ms) / 4, (int64_t)RETRY_MS);
	timer_start(timers, &c->session, MIN(s->now_ms + wait, end_ms(c)), session_due, c);
}

/* The clock goes on over a restart; what was missed meanwhile is made good. */
void session_resume(struct call *c)
{
	if ((c->state != CALL_UP && c->state != CALL_IN_ACCEPTED) || !c->session_s)
		return;
	c->session_at_ms = MIN(c->session_at_ms, c->sip->now_ms);
	arm(c, c->sip->now_ms + RETRY_MS);
}
