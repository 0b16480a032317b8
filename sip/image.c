/* image.c - a call as bytes and back, see image.h and the restart part of sip.h. */
#include "sip/image.h"

#include "sip/engine.h"

void image_put(struct buf *out, char key, struct str value)
{
	buf_ch(out, key);
	buf_u64(out, value.n);
	buf_ch(out, ':');
	buf_put(out, value);
}

void image_put_u64(struct buf *out, char key, uint64_t value)
{
	char text[20];
	struct buf b = buf_make(text, sizeof text);
	buf_u64(&b, value);
	image_put(out, key, buf_str(&b));
}

/* By sip_transport. */
static const char transport_keys[SIP_TRANSPORTS + 1] = "utswx";

void image_put_address(struct buf *out, char key, const struct sip_address *a)
{
	char text[64];
	struct buf b = buf_make(text, sizeof text);
	buf_ch(&b, transport_keys[a->transport]);
	buf_u64(&b, a->family);
	buf_ch(&b, ' ');
	buf_u64(&b, a->port);
	buf_ch(&b, ' ');
	buf_hex(&b, a->ip, sizeof a->ip);
	if (a->server) {
		buf_ch(&b, ' ');
		buf_u64(&b, a->server);
	}
	image_put(out, key, buf_str(&b));
}

enum err image_take(struct str *rest, char *key, struct str *value)
{
	struct str number, after;
	uint32_t n;
	if (!rest->n)
		return ERR_NOT_FOUND;
	if (!str_cut(str_from(*rest, 1), ':', &number, &after) || number.n > 10 ||
	    str_to_u32(number, UINT32_MAX, &n) != ERR_OK || n > after.n)
		return ERR_INVALID;
	*key = rest->p[0];
	*value = str_head(after, n);
	*rest = str_from(after, n);
	return ERR_OK;
}

enum err image_address(struct str value, struct sip_address *out)
{
	struct sip_address a = {0};
	struct str head, port, hex, server;
	uint32_t n;
	ptrdiff_t transport = value.n < 2 ? -1 : str_find(str_of(transport_keys), value.p[0]);
	if (transport < 0)
		return ERR_INVALID;
	a.transport = (enum sip_transport)transport;
	if (!str_cut(str_from(value, 1), ' ', &head, &value) || !str_cut(value, ' ', &port, &hex))
		return ERR_INVALID;
	if (str_cut(hex, ' ', &hex, &server) && str_to_u32(server, UINT32_MAX, &a.server) != ERR_OK)
		return ERR_INVALID;
	if ((!str_is(head, "4") && !str_is(head, "6")) || str_to_u32(port, 65535, &n) != ERR_OK ||
	    hex.n != 32)
		return ERR_INVALID;
	a.family = str_is(head, "4") ? 4 : 6;
	a.port = (uint16_t)n;
	for (size_t i = 0; i < 32; i++) {
		char c = hex.p[i];
		int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
		if (d < 0)
			return ERR_INVALID;
		a.ip[i / 2] = (uint8_t)(a.ip[i / 2] << 4 | d);
	}
	*out = a;
	return ERR_OK;
}

/* -- calls -- */

/* Secrets stay out: after a restart a trunk's challenge to a BYE goes unanswered. */
static const struct {
	char key;
	size_t at;
} text_fields[] = {
	{'i', offsetof(struct call, call_id)},	     {'l', offsetof(struct call, local_tag)},
	{'r', offsetof(struct call, remote_tag)},    {'L', offsetof(struct call, local)},
	{'R', offsetof(struct call, remote)},	     {'T', offsetof(struct call, target)},
	{'O', offsetof(struct call, routes)},	     {'C', offsetof(struct call, contact)},
	{'U', offsetof(struct call, uri)},	     {'F', offsetof(struct call, to_first)},
	{'f', offsetof(struct call, final)},	     {'b', offsetof(struct call, body)},
	{'y', offsetof(struct call, layout)},	     {'p', offsetof(struct call, pending)},
	{'a', offsetof(struct call, why)},	     {'e', offsetof(struct call, reliable)},
	{'G', offsetof(struct call, invite_routes)},
};

static const struct {
	char key;
	size_t at;
} address_fields[] = {
	{'1', offsetof(struct call, peer)},
	{'2', offsetof(struct call, invite_peer)},
	{'3', offsetof(struct call, final_peer)},
	{'4', offsetof(struct call, source)},
};

static const struct {
	char key;
	size_t at;
} number_fields[] = {
	{'m', offsetof(struct call, local_cseq)},  {'n', offsetof(struct call, remote_cseq)},
	{'I', offsetof(struct call, invite_cseq)}, {'Y', offsetof(struct call, bye_cseq)},
	{'A', offsetof(struct call, server_cseq)}, {'V', offsetof(struct call, session_version)},
	{'c', offsetof(struct call, refer_cseq)},  {'d', offsetof(struct call, refer_status)},
	{'j', offsetof(struct call, rseq)},	   {'s', offsetof(struct call, session_s)},
};

/* Their open or answered INVITE: what is needed to know it again and to answer it. */
struct server_image {
	struct str key, head, routes;
	uint64_t method;
	struct sip_address peer;
};

enum {
	FLAG_OUTGOING = 1,
	FLAG_REMOTE_CSEQ = 2,
	FLAG_LATE_OFFER = 4,
	FLAG_EARLY_BODY = 8,
	FLAG_REFER_NAMED = 16,
	FLAG_REFER_BEFORE = 32,
	FLAG_REL_REQUIRED = 64,
	FLAG_REL_SUPPORTED = 128,
	FLAG_REL_DESCRIBED = 256,
	FLAG_EARLY_DONE = 512,
	FLAG_ACCEPT_WAITS = 1024,
	FLAG_SESSION_OURS = 2048,
	FLAG_PEER_UPDATE = 4096,
	FLAG_PEER_TIMER = 8192,
};

static const struct {
	uint32_t flag;
	size_t at;
} flag_fields[] = {
	{FLAG_OUTGOING, offsetof(struct call, outgoing)},
	{FLAG_REMOTE_CSEQ, offsetof(struct call, remote_cseq_known)},
	{FLAG_LATE_OFFER, offsetof(struct call, late_offer)},
	{FLAG_REFER_NAMED, offsetof(struct call, refer_named)},
	{FLAG_REFER_BEFORE, offsetof(struct call, refer_before)},
	{FLAG_REL_REQUIRED, offsetof(struct call, rel_required)},
	{FLAG_REL_SUPPORTED, offsetof(struct call, rel_supported)},
	{FLAG_REL_DESCRIBED, offsetof(struct call, rel_described)},
	{FLAG_EARLY_DONE, offsetof(struct call, early_done)},
	{FLAG_ACCEPT_WAITS, offsetof(struct call, accept_waits)},
	{FLAG_SESSION_OURS, offsetof(struct call, session_ours)},
	{FLAG_PEER_UPDATE, offsetof(struct call, peer_update)},
	{FLAG_PEER_TIMER, offsetof(struct call, peer_timer)},
};

static void save_server(const struct call *c, struct buf *out)
{
	const struct txn *t = txn_get(c->sip, c->server);
	if (!t || t->state == TXN_COMPLETED || t->state == TXN_CONFIRMED)
		return;
	image_put(out, 'k', text_str(&t->key));
	image_put(out, 'h', text_str(&t->head));
	image_put(out, 'o', text_str(&t->routes));
	image_put_u64(out, 'M', t->method);
	image_put_address(out, '5', &t->peer);
}

void sip_call_save(struct sip *s, struct sip_call_id id, struct buf *out)
{
	const struct call *c = call_get(s, id);
	if (!c)
		return;
	image_put_u64(out, 'v', 1);
	image_put_u64(out, 'S', c->state);
	image_put_u64(out, 'X', c->offer);
	uint64_t flags = c->remote_body.n ? FLAG_EARLY_BODY : 0;
	for (size_t i = 0; i < COUNT_OF(flag_fields); i++)
		if (*(const bool *)((const char *)c + flag_fields[i].at))
			flags |= flag_fields[i].flag;
	image_put_u64(out, 'g', flags);
	image_put_u64(out, 'D', c->session_id);
	if (c->session_s)
		image_put_u64(out, 'w', (uint64_t)MAX(c->session_at_ms, 0));
	for (size_t i = 0; i < COUNT_OF(text_fields); i++) {
		const struct text *t = (const void *)((const char *)c + text_fields[i].at);
		if (t->n)
			image_put(out, text_fields[i].key, text_str(t));
	}
	for (size_t i = 0; i < COUNT_OF(address_fields); i++) {
		const struct sip_address *a =
			(const void *)((const char *)c + address_fields[i].at);
		if (a->family)
			image_put_address(out, address_fields[i].key, a);
	}
	for (size_t i = 0; i < COUNT_OF(number_fields); i++) {
		const uint32_t *n = (const void *)((const char *)c + number_fields[i].at);
		image_put_u64(out, number_fields[i].key, *n);
	}
	image_put(out, 'B', str_of(c->branch));
	image_put(out, 'E', str_of(c->bye_branch));
	save_server(c, out);
}

static enum err take_branch(struct str v, char out[BRANCH_TEXT + 1])
{
	return v.n == 0 || v.n == BRANCH_TEXT
		       ? str_copy(v, out, BRANCH_TEXT + 1) ? ERR_OK : ERR_INVALID
		       : ERR_INVALID;
}

static enum err take_number(struct call *c, char key, struct str v)
{
	uint64_t n;
	if (str_to_u64(v, UINT64_MAX, &n) != ERR_OK)
		return ERR_INVALID;
	switch (key) {
	case 'v':
		return n == 1 ? ERR_OK : ERR_INVALID;
	case 'S':
		c->state = (enum call_state)MIN(n, CALL_STATE_COUNT);
		return n < CALL_STATE_COUNT ? ERR_OK : ERR_INVALID;
	case 'X':
		c->offer = (enum offer_state)MIN(n, OFFER_THEIRS);
		return n <= OFFER_THEIRS ? ERR_OK : ERR_INVALID;
	case 'g':
		for (size_t i = 0; i < COUNT_OF(flag_fields); i++)
			*(bool *)(void *)((char *)c + flag_fields[i].at) = n & flag_fields[i].flag;
		if (n & FLAG_EARLY_BODY) /* there was one; its text is the past's */
			text_set(&c->remote_body, STR("-"));
		return ERR_OK;
	case 'D':
		c->session_id = n;
		return ERR_OK;
	case 'w':
		c->session_at_ms = (int64_t)MIN(n, (uint64_t)INT64_MAX);
		return ERR_OK;
	default:
		break;
	}
	for (size_t i = 0; i < COUNT_OF(number_fields); i++)
		if (number_fields[i].key == key) {
			*(uint32_t *)(void *)((char *)c + number_fields[i].at) = (uint32_t)n;
			return n <= UINT32_MAX ? ERR_OK : ERR_INVALID;
		}
	return ERR_OK; /* of a later version */
}

static enum err take_field(struct call *c, char key, struct str v, struct server_image *server)
{
	for (size_t i = 0; i < COUNT_OF(text_fields); i++)
		if (text_fields[i].key == key) {
			text_set((struct text *)(void *)((char *)c + text_fields[i].at), v);
			return ERR_OK;
		}
	for (size_t i = 0; i < COUNT_OF(address_fields); i++)
		if (address_fields[i].key == key)
			return image_address(v, (void *)((char *)c + address_fields[i].at));
	switch (key) {
	case 'B':
		return take_branch(v, c->branch);
	case 'E':
		return take_branch(v, c->bye_branch);
	case 'k':
		server->key = v;
		return ERR_OK;
	case 'h':
		server->head = v;
		return ERR_OK;
	case 'o':
		server->routes = v;
		return ERR_OK;
	case 'M':
		return str_to_u64(v, METHOD_OTHER - 1, &server->method);
	case '5':
		return image_address(v, &server->peer);
	default:
		return take_number(c, key, v);
	}
}

static enum err take_fields(struct call *c, struct str image, struct server_image *server)
{
	char key;
	enum err e;
	for (struct str v; (e = image_take(&image, &key, &v)) == ERR_OK;)
		if (take_field(c, key, v, server) != ERR_OK)
			return ERR_INVALID;
	bool in = c->state == CALL_IN_ASKED || c->state == CALL_IN_ACCEPTED ||
		  c->state == CALL_IN_DYING;
	struct sip_uri uri;
	struct sdp_audio sdp;
	if (e != ERR_NOT_FOUND || !c->local_tag.n || !c->call_id.n || !c->peer.family ||
	    sip_uri_parse(text_str(&c->target), &uri) != ERR_OK ||
	    (in && (!server->key.n || !server->peer.family)) ||
	    (c->final.n && !c->final_peer.family) ||
	    ((c->state == CALL_IN_ACCEPTED || c->state == CALL_IN_DYING) && !c->final.n) ||
	    (c->pending.n && sdp_parse(text_str(&c->pending), &sdp) != ERR_OK) ||
	    (c->outgoing && !in && c->state < CALL_IN_ASKED && !c->invite_peer.family))
		return ERR_INVALID;
	return ERR_OK;
}

static void restore_server(struct call *c, const struct server_image *image)
{
	struct sip *s = c->sip;
	if (!image->key.n || !image->peer.family)
		return;
	enum txn_kind kind = image->method == METHOD_INVITE ? TXN_SERVER_INVITE : TXN_SERVER;
	struct txn *t = txn_restore(s, kind, (enum sip_method)image->method, image->key,
				    &image->peer, c->id);
	if (!t)
		return;
	c->server = txn_id_of(t);
	text_set(&t->head, image->head);
	text_set(&t->routes, image->routes);
	if (c->state != CALL_IN_ASKED && c->offer != OFFER_THEIRS)
		txn_restore_accepted(t, text_str(&c->final));
}

enum err sip_call_load(struct sip *s, struct sip_call_id id, struct str image, void *owner)
{
	struct call *c = pool_take_at(s->calls, ID(id));
	struct server_image server = {.method = METHOD_INVITE};
	if (!c)
		return ERR_CONFLICT;
	c->sip = s;
	c->id = id;
	c->owner = owner;
	enum err e = take_fields(c, image, &server);
	if (e == ERR_OK && map_add(&s->by_tag, text_str(&c->local_tag), c) != ERR_OK)
		e = ERR_CONFLICT;
	if (e != ERR_OK) {
		/* not ours to take another's entry out of the map */
		text_free(&c->local_tag);
		call_free(c);
		return e;
	}
	c->local_cseq += 100;
	restore_server(c, &server);
	if (c->state < CALL_IN_ASKED || c->state >= CALL_UP)
		uac_resume(c);
	if (c->state >= CALL_IN_ASKED)
		uas_resume(c);
	return ERR_OK;
}
