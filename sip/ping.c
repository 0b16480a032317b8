/* ping.c - OPTIONS to a peer outside of any call, RFC 3261 section 11: does it live? */
#include "sip/engine.h"

/* "120 (in a meeting);duration=3600"; one beyond all reason counts as a day. */
uint32_t engine_retry_after(struct sip *s)
{
	struct str v = str_trim(sip_header_get(&s->in, HDR_RETRY_AFTER));
	uint32_t seconds;
	size_t n = 0;
	while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
		n++;
	if (!n)
		return 0;
	return str_to_u32(str_head(v, n), 86400, &seconds) == ERR_OK ? seconds : 86400;
}

enum err sip_ping(struct sip *s, const struct sip_address *to, struct str uri, uint64_t token)
{
	char branch[BRANCH_TEXT + 1] = "z9hG4bK", call_id[17], tag[17];
	char local_text[256], remote_text[400];
	struct buf local = buf_make(local_text, sizeof local_text);
	struct buf remote = buf_make(remote_text, sizeof remote_text);
	engine_hex16(engine_dice(s), branch + 7);
	engine_hex16(engine_dice(s), call_id);
	engine_hex16(engine_dice(s), tag);
	buf_fmt(&local, "<sip:%s>;tag=%s", s->advertise[to->transport], tag);
	buf_ch(&remote, '<');
	buf_put(&remote, uri);
	buf_ch(&remote, '>');
	if (local.full || remote.full)
		return ERR_TOO_LARGE;
	struct request q = {
		.method = METHOD_OPTIONS,
		.uri = uri,
		.branch = str_of(branch),
		.local = buf_str(&local),
		.remote = buf_str(&remote),
		.call_id = str_of(call_id),
		.cseq = 1,
		.transport = to->transport,
		.extra = STR("Accept: application/sdp\r\n"),
	};
	struct txn *t = txn_client_create(s, METHOD_OPTIONS, q.branch, to, write_request(s, &q),
					  USE_PING, (struct sip_call_id){0});
	if (!t)
		return ERR_FULL;
	t->ping = token;
	txn_expire(t, SIP_PING_MS);
	return ERR_OK;
}

static void tell(struct sip *s, uint64_t token, uint32_t status, struct str phrase)
{
	if (s->o.user.pinged)
		s->o.user.pinged(s->o.user.arg, token, status, phrase);
}

void ping_response(struct sip *s, struct txn *t)
{
	tell(s, t->ping, s->in.status, s->in.reason);
}

void ping_timeout(struct sip *s, struct txn *t)
{
	tell(s, t->ping, 408, STR_NONE);
}
