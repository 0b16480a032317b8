/*
 * update.c - our UPDATE, RFC 3311: an offer before the call is answered, or a session refreshed
 * without one (RFC 4028). Inside an answered call our offers are re-INVITEs (uac.c), which every
 * peer knows.
 */
#include "sip/engine.h"

enum { GLARE_TRIES_MAX = 5 };

bool update_early(const struct call *c)
{
	return (c->state == CALL_OUT_RINGING || c->state == CALL_IN_ASKED) && c->early_done &&
	       c->peer_update;
}

enum err update_send(struct call *c, bool offer, uint32_t tries)
{
	struct request r;
	struct sip *s = c->sip;
	char branch[BRANCH_TEXT + 1], text[128];
	struct buf extra = buf_make(text, sizeof text);
	call_new_branch(c, branch);
	dialog_request(c, METHOD_UPDATE, &r);
	if (c->state == CALL_UP)
		session_put(c, true, &extra);
	r.branch = str_of(branch);
	r.cseq = ++c->local_cseq;
	r.contact = text_str(&c->contact);
	r.extra = buf_str(&extra);
	r.body = offer ? text_str(&c->body) : STR_NONE;
	r.auth = tries ? text_str(&c->auth_line) : STR_NONE;
	r.auth_header = c->auth_header;
	struct txn *t =
		txn_client_create(s, METHOD_UPDATE, r.branch, &c->peer, write_request(s, &r),
				  offer ? USE_UPDATE : USE_REFRESH, c->id);
	if (!t)
		return ERR_FULL;
	t->auth_tries = tries;
	if (offer)
		c->offer = OFFER_OURS;
	call_changed(c);
	return ERR_OK;
}

void update_answered(struct call *c, uint32_t status)
{
	struct sip *s = c->sip;
	struct sdp_audio sdp;
	struct str body;
	const struct sdp_audio *theirs = NULL;
	bool alive = c->state == CALL_OUT_RINGING || c->state == CALL_IN_ASKED ||
		     c->state == CALL_IN_ACCEPTED || c->state == CALL_UP;
	if (!alive || c->offer != OFFER_OURS)
		return;
	c->offer = OFFER_NONE;
	if (status < 300 && s->in_source) {
		struct sip_address source = *s->in_source;
		dialog_retarget(c, &source);
		if (message_sdp(&s->in, &body) == ERR_OK && call_heard(c, body, &sdp) == ERR_OK)
			theirs = &sdp;
	}
	call_changed(c);
	if (status == 491 && c->glare_tries++ < GLARE_TRIES_MAX) {
		uac_wait_after_glare(c);
		return;
	}
	call_tell(c, &(struct sip_event){.kind = SIP_REANSWER, .sdp = theirs, .status = status});
}
