/* frame.c - see ws.h: frames and messages, RFC 6455 section 5. */
#include "ws/ws.h"

enum {
	FIN = 0x80,
	RESERVED = 0x70,
	MASKED = 0x80,
	CONTROL_BYTES_MAX = 125,
	FIRST_BYTES = 4096, /* of a buffer: a head that promises much has not brought it yet */
	FRAGMENTS_MAX = 4096,
};

void ws_reader_init(struct ws_reader *r, size_t message_max)
{
	*r = (struct ws_reader){.message_max = message_max};
}

void ws_reader_finish(struct ws_reader *r)
{
	buf_free(&r->message);
}

static enum err bad(struct ws_reader *r, enum ws_code code)
{
	r->code = code;
	return ERR_INVALID;
}

/* How many bytes the head at hand has; 2 until its second byte is known. */
static size_t head_size(const struct ws_reader *r)
{
	if (r->head_n < 2)
		return 2;
	uint8_t n = r->head[1] & 0x7f;
	return 2u + (n == 126 ? 2u : n == 127 ? 8u : 0u) + 4u;
}

static bool known(uint8_t opcode)
{
	return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

/* The first two bytes say already whether all this can be (sections 5.1, 5.2, 5.4, 5.5). */
static enum err judge_head(struct ws_reader *r)
{
	uint8_t opcode = r->head[0] & 0x0f, n = r->head[1] & 0x7f;
	bool final = r->head[0] & FIN;
	if ((r->head[0] & RESERVED) || !known(opcode) || !(r->head[1] & MASKED))
		return bad(r, WS_PROTOCOL_ERROR);
	if (opcode >= WS_CLOSE)
		return final && n <= CONTROL_BYTES_MAX ? ERR_OK : bad(r, WS_PROTOCOL_ERROR);
	/* a continuation needs a beginning, and nothing begins before the last one is whole */
	return (opcode == 0) == (r->opcode != 0) ? ERR_OK : bad(r, WS_PROTOCOL_ERROR);
}

/* The whole head is there. */
static enum err begin_frame(struct ws_reader *r)
{
	uint8_t opcode = r->head[0] & 0x0f, n = r->head[1] & 0x7f;
	size_t wide = n == 126 ? 2 : n == 127 ? 8 : 0;
	uint64_t length = wide ? 0 : n;
	for (size_t i = 0; i < wide; i++)
		length = length << 8 | r->head[2 + i];
	/* section 5.2: the shortest form, and no more than 63 bits */
	if ((wide == 2 && length < 126) || (wide == 8 && length <= UINT16_MAX) ||
	    length > INT64_MAX)
		return bad(r, WS_PROTOCOL_ERROR);
	memcpy(r->mask, r->head + 2 + wide, sizeof r->mask);
	r->final = r->head[0] & FIN;
	r->control = opcode >= WS_CLOSE;
	if (r->control) {
		r->small_kind = opcode;
		r->small_n = 0;
	} else {
		if (length > r->message_max - r->message.n || r->fragments == FRAGMENTS_MAX)
			return bad(r, WS_TOO_LARGE);
		r->opcode = opcode ? opcode : r->opcode;
		r->fragments++;
	}
	r->left = length;
	r->mask_at = 0;
	r->head_n = 0;
	r->in_frame = true;
	return ERR_OK;
}

static enum err take_head(struct ws_reader *r, struct str *in)
{
	while (in->n && r->head_n < head_size(r)) {
		r->head[r->head_n++] = (uint8_t)in->p[0];
		*in = str_from(*in, 1);
		if (r->head_n == 2 && judge_head(r) != ERR_OK)
			return ERR_INVALID;
	}
	return r->head_n < head_size(r) ? ERR_AGAIN : begin_frame(r);
}

/* Section 5.3: takes the mask off while copying. */
static void take_payload(struct ws_reader *r, struct str *in)
{
	size_t n = (size_t)MIN(r->left, (uint64_t)in->n);
	char *to;
	if (!n)
		return;
	if (r->control) {
		to = (char *)r->small + r->small_n;
		memcpy(to, in->p, n);
		r->small_n = (uint8_t)(r->small_n + n);
	} else {
		if (!r->message.p)
			r->message = buf_grow((size_t)MIN(r->left, (uint64_t)FIRST_BYTES));
		size_t at = r->message.n;
		buf_put(&r->message, str_head(*in, n));
		to = r->message.p + at;
	}
	for (size_t i = 0; i < n; i++)
		to[i] = (char)(to[i] ^ (char)r->mask[r->mask_at++ & 3]);
	r->left -= n;
	*in = str_from(*in, n);
}

bool ws_is_text(struct str s)
{
	while (s.n) {
		size_t n = utf8_length((const unsigned char *)s.p, s.n);
		if (!n)
			return false;
		s = str_from(s, n);
	}
	return true;
}

/* Section 7.4: may this code stand in a close frame? */
static bool sendable(uint32_t code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static enum err end_control(struct ws_reader *r, struct ws_message *out)
{
	struct str bytes = str_make((const char *)r->small, r->small_n);
	*out = (struct ws_message){(enum ws_kind)r->small_kind, bytes, WS_NO_CODE};
	if (r->small_kind != WS_CLOSE || !bytes.n)
		return ERR_OK;
	if (bytes.n < 2)
		return bad(r, WS_PROTOCOL_ERROR);
	out->code = (uint32_t)r->small[0] << 8 | r->small[1];
	out->bytes = str_from(bytes, 2);
	if (!sendable(out->code))
		return bad(r, WS_PROTOCOL_ERROR);
	return ws_is_text(out->bytes) ? ERR_OK : bad(r, WS_BAD_TEXT);
}

static enum err end_message(struct ws_reader *r, struct ws_message *out)
{
	*out = (struct ws_message){(enum ws_kind)r->opcode, buf_str(&r->message), WS_NO_CODE};
	r->opcode = 0;
	r->fragments = 0;
	r->told = true;
	return out->kind == WS_TEXT && !ws_is_text(out->bytes) ? bad(r, WS_BAD_TEXT) : ERR_OK;
}

enum err ws_read(struct ws_reader *r, struct str *in, struct ws_message *out)
{
	if (r->code)
		return ERR_INVALID;
	if (r->told) {
		r->told = false;
		buf_free(&r->message);
	}
	for (;;) {
		if (!r->in_frame) {
			enum err e = take_head(r, in);
			if (e != ERR_OK)
				return e;
		}
		take_payload(r, in);
		if (r->left)
			return ERR_AGAIN;
		r->in_frame = false;
		if (r->control)
			return end_control(r, out);
		if (r->final)
			return end_message(r, out);
	}
}

void ws_write(struct buf *out, enum ws_kind kind, struct str bytes)
{
	buf_ch(out, (char)(FIN | kind));
	if (bytes.n <= CONTROL_BYTES_MAX) {
		buf_ch(out, (char)bytes.n);
	} else {
		unsigned wide = bytes.n <= UINT16_MAX ? 2 : 8;
		buf_ch(out, (char)(wide == 2 ? 126 : 127));
		while (wide--)
			buf_ch(out, (char)((uint64_t)bytes.n >> (8 * wide)));
	}
	buf_put(out, bytes);
}

void ws_write_close(struct buf *out, uint32_t code, struct str reason)
{
	char text[CONTROL_BYTES_MAX];
	struct buf b = buf_make(text, sizeof text);
	if (code != WS_NO_CODE) {
		buf_ch(&b, (char)(code >> 8));
		buf_ch(&b, (char)code);
		buf_put(&b, str_head(reason, CONTROL_BYTES_MAX - 2));
	}
	ws_write(out, WS_CLOSE, buf_str(&b));
}
