/*
 * reliable.c - provisional answers that must arrive: 100rel and PRACK, RFC 3262.
 *
 * Ours: one at a time, said again until its PRACK comes (section 3); the next one and the 200 of a
 * call whose description is still on its way wait for it. Theirs: each is acknowledged once, in its
 * order and to its fork (section 4).
 */
#include "sip/engine.h"

/* -- ours -- */

bool reliable_wanted(const struct call *c, bool described)
{
	return c->rel_required || (c->rel_supported && described);
}

void reliable_stop(struct call *c)
{
	timer_stop(c->sip->o.timers, &c->rel_resend);
	timer_stop(c->sip->o.timers, &c->rel_end);
	text_free(&c->reliable);
}

/* Section 3: 64*T1 without PRACK refuse the request. */
static void unheard(struct timer *timer, int64_t now_ms)
{
	struct call *c = timer->arg;
	struct txn *t = txn_get(c->sip, c->server);
	(void)now_ms;
	c->sip->counters[COUNT_timeouts]++;
	reliable_stop(c);
	if (t)
		uas_reply(c, t, 504, STR_NONE, STR_NONE);
	call_over(c, SIP_OVER_TIMEOUT, 504, STR("no PRACK"));
}

static void say_again(struct timer *timer, int64_t now_ms)
{
	struct call *c = timer->arg;
	struct sip *s = c->sip;
	struct txn *t = txn_get(s, c->server);
	if (!t)
		return;
	c->interval_ms = c->interval_ms ? c->interval_ms * 2 : s->t1_ms;
	timer_start(s->o.timers, timer, now_ms + c->interval_ms, say_again, c);
	s->counters[COUNT_retransmissions]++;
	engine_send(s, c->id, &t->peer, text_str(&c->reliable));
}

static void wait_for_prack(struct call *c, int64_t first_ms)
{
	struct sip *s = c->sip;
	c->interval_ms = first_ms;
	timer_start(s->o.timers, &c->rel_resend, s->now_ms + first_ms, say_again, c);
	timer_start(s->o.timers, &c->rel_end, s->now_ms + 64 * s->t1_ms, unheard, c);
}

void reliable_resume(struct call *c)
{
	if (c->state == CALL_IN_ASKED && c->reliable.n)
		wait_for_prack(c, 0);
}

void reliable_ring(struct call *c, struct txn *t, uint32_t status, struct str body)
{
	struct sip *s = c->sip;
	char text[64];
	struct buf extra = buf_make(text, sizeof text);
	if (c->reliable.n) {
		c->rel_next = status;
		c->rel_next_described = body.n > 0;
		return;
	}
	c->rseq = c->rseq ? c->rseq + 1 : (uint32_t)(engine_dice(s) & 0xffffff) + 1;
	c->rel_described = body.n > 0;
	buf_c(&extra, "Require: 100rel\r\nRSeq: ");
	buf_u64(&extra, c->rseq);
	buf_c(&extra, "\r\n");
	text_set(&c->reliable, uas_reply_bytes(c, t, status, buf_str(&extra), body));
	wait_for_prack(c, s->t1_ms);
	txn_respond(t, status, text_str(&c->reliable));
}

/* "776656 1 INVITE": is it the one we wait for? */
static bool names_ours(struct sip *s, const struct call *c)
{
	struct str v = sip_header_get(&s->in, HDR_RACK), rseq, cseq, rest;
	uint32_t r, n;
	if (c->state != CALL_IN_ASKED || !c->reliable.n || !str_cut(v, ' ', &rseq, &rest) ||
	    !str_cut(str_trim(rest), ' ', &cseq, &rest))
		return false;
	return str_to_u32(str_trim(rseq), UINT32_MAX, &r) == ERR_OK && r == c->rseq &&
	       str_to_u32(str_trim(cseq), UINT32_MAX, &n) == ERR_OK && n == c->server_cseq &&
	       str_is(str_trim(rest), "INVITE");
}

/* What waited for the PRACK. */
void reliable_goes_on(struct call *c)
{
	struct txn *t = txn_get(c->sip, c->server);
	uint32_t next = c->rel_next;
	if (c->state != CALL_IN_ASKED || !t || c->reliable.n || c->offer == OFFER_THEIRS)
		return;
	if (c->accept_waits) {
		uas_accept_now(c, t);
	} else if (next) {
		c->rel_next = 0;
		reliable_ring(c, t, next,
			      c->rel_next_described && !c->early_done ? text_str(&c->body)
								      : STR_NONE);
		call_changed(c);
	}
}

/* A PRACK with a description: the answer to our offer, or an offer after both were agreed (section
 * 5). */
static void described(struct sip *s, struct call *c, struct str body, struct sdp_audio *sdp)
{
	struct sip_call_id id = c->id;
	bool answer = !c->remote_body.n;
	if (call_heard(c, body, sdp) != ERR_OK) {
		uas_reply_now(s, c, 488, STR_NONE);
		return;
	}
	c->early_done = true;
	if (answer) {
		uas_reply_now(s, c, 200, STR_NONE);
		call_changed(c);
		call_tell(c, &(struct sip_event){.kind = SIP_REANSWER, .sdp = sdp, .status = 200});
	} else {
		struct txn *t = txn_server_create(s, c->id, STR_NONE);
		if (!t) {
			engine_refuse(s, 503, STR("Retry-After: 5\r\n"));
			return;
		}
		c->early_server = txn_id_of(t);
		c->offer = OFFER_THEIRS;
		call_changed(c);
		call_tell(c, &(struct sip_event){.kind = SIP_REOFFER, .sdp = sdp});
	}
	c = call_get(s, id);
	if (c)
		reliable_goes_on(c);
}

void reliable_prack(struct sip *s, struct call *c)
{
	struct str body = STR_NONE;
	struct sdp_audio sdp;
	if (!names_ours(s, c)) {
		uas_reply_now(s, c, 481, STR_NONE);
		return;
	}
	uint32_t status = uas_judge_body(s, &body, &sdp);
	bool ours_waits = c->rel_described && !c->remote_body.n;
	reliable_stop(c);
	if (!status && body.n && !c->rel_described && !c->early_done)
		status = 488; /* theirs has no answer yet: nothing to offer */
	if (!status && ours_waits && !body.n)
		status = 400;
	if (!status && body.n) {
		described(s, c, body, &sdp);
		return;
	}
	uas_reply_now(s, c, status ? status : 200, STR_NONE);
	if (status && ours_waits) { /* no answer to our offer will come any more */
		struct txn *t = txn_get(s, c->server);
		if (t)
			uas_reply(c, t, 488, STR_NONE, STR_NONE);
		call_over(c, SIP_OVER_BROKEN, 488, STR("no usable answer"));
		return;
	}
	c->early_done = c->early_done || c->rel_described;
	call_changed(c);
	reliable_goes_on(c);
}

/* -- theirs -- */

static void send_prack(struct call *c, uint32_t rseq)
{
	struct sip *s = c->sip;
	struct sip_name_addr contact, hop;
	struct sip_address source = *s->in_source;
	struct str v = sip_header_get(&s->in, HDR_CONTACT);
	char branch[BRANCH_TEXT + 1], text[64];
	struct buf routes = buf_make(s->scratch, sizeof s->scratch);
	struct buf extra = buf_make(text, sizeof text);
	if (dialog_routes(s, true, &routes) != ERR_OK)
		return;
	bool named = v.n && sip_take_name_addr(&v, &contact) == ERR_OK;
	buf_c(&extra, "RAck: ");
	buf_u64(&extra, rseq);
	buf_ch(&extra, ' ');
	buf_u64(&extra, c->invite_cseq);
	buf_c(&extra, " INVITE\r\n");
	call_new_branch(c, branch);
	struct request r = {
		.method = METHOD_PRACK,
		.uri = named ? contact.uri : text_str(&c->uri),
		.branch = str_of(branch),
		.local = text_str(&c->local),
		.remote = sip_header_get(&s->in, HDR_TO),
		.call_id = text_str(&c->call_id),
		.routes = buf_str(&routes),
		.cseq = ++c->local_cseq,
		.extra = buf_str(&extra),
	};
	struct str list = r.routes;
	struct sip_address to = dialog_address(
		list.n && sip_take_name_addr(&list, &hop) == ERR_OK ? hop.uri : r.uri, &source);
	r.transport = to.transport;
	(void)txn_client_create(s, METHOD_PRACK, r.branch, &to, write_request(s, &r), USE_NONE,
				c->id);
}

/* Of each fork the last number heard; one beyond the fourth fork is not acknowledged and dies. */
static uint32_t *fork_of(struct call *c)
{
	uint64_t tag = str_hash(c->sip->in.to.tag, 1) | 1;
	for (size_t i = 0; i < COUNT_OF(c->forks); i++) {
		if (c->forks[i].tag && c->forks[i].tag != tag)
			continue;
		c->forks[i].tag = tag;
		return &c->forks[i].rseq;
	}
	return NULL;
}

bool reliable_heard(struct call *c)
{
	struct sip *s = c->sip;
	uint32_t rseq;
	if (!s->in.first[HDR_REQUIRE] || !sip_header_lists(&s->in, HDR_REQUIRE, "100rel") ||
	    str_to_u32(sip_header_get(&s->in, HDR_RSEQ), UINT32_MAX, &rseq) != ERR_OK || !rseq ||
	    !s->in.to.tag.n)
		return true;
	uint32_t *last = fork_of(c);
	/* Section 4: one that was heard is said again because our PRACK is on its way; one out of
	 * order is passed over, it will be said again. */
	if (!last || (*last && rseq != *last + 1))
		return false;
	*last = rseq;
	bool first = !c->remote_tag.n || str_eq(text_str(&c->remote_tag), s->in.to.tag);
	if (first && uac_confirm_dialog(c) != ERR_OK)
		return false;
	send_prack(c, rseq);
	if (first && s->in.body.n)
		c->early_done = true;
	return true;
}
