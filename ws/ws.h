/*
 * ws.h - WebSockets (RFC 6455), the server's side: the offer, messages out of bytes, bytes of
 * messages. Pure: bytes in, views out; whoever owns the connection sends and closes.
 *
 * No extensions. Strict: what the RFC forbids ends the connection with the code it names; sizes are
 * bounded by what the owner says. Memory is held only while a message is incomplete.
 */
#pragma once

#include "base/str.h"

/* -- the offer, section 4.2 -- */

struct ws_offer { /* values of the headers of that name; empty: absent */
	bool get;
	struct str upgrade, connection, version, key, protocol;
};

enum { WS_ACCEPT_TEXT = 28 };

/* The status to answer with: 101 with *accept for Sec-WebSocket-Accept, 400, or 426 with version
 * 13. protocol: a subprotocol that must be among those offered; empty: none is spoken. */
uint32_t ws_judge(const struct ws_offer *o, struct str protocol, char accept[WS_ACCEPT_TEXT + 1]);

/* The head of the answer 101, with its empty line. protocol empty: none was asked for. */
void ws_welcome(struct buf *out, const char accept[WS_ACCEPT_TEXT + 1], struct str protocol);

/* -- messages, section 5 -- */

bool ws_is_text(struct str s); /* UTF-8, as a text message must be */

enum ws_kind { WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

/* Section 7.4.1 */
enum ws_code {
	WS_NORMAL = 1000,
	WS_GOING_AWAY = 1001,
	WS_PROTOCOL_ERROR = 1002,
	WS_NOT_TAKEN = 1003,
	WS_NO_CODE = 1005, /* never on the wire */
	WS_BAD_TEXT = 1007,
	WS_POLICY = 1008,
	WS_TOO_LARGE = 1009,
};

struct ws_message {
	enum ws_kind kind;
	struct str bytes; /* of a close: the reason */
	uint32_t code;	  /* of a close; WS_NO_CODE when it said none */
};

struct ws_reader {
	size_t message_max;
	struct buf message; /* of a data message: what has come so far */
	uint8_t head[14];
	uint8_t head_n, opcode; /* opcode: of the message at hand, 0: none */
	bool in_frame, final, control;
	uint64_t left; /* of the frame at hand */
	uint32_t mask_at, fragments;
	uint8_t mask[4];
	uint8_t small[125]; /* of a control frame */
	uint8_t small_n, small_kind;
	bool told; /* the message in `message` was handed out: forgotten with the next call */
	enum ws_code code;
};

/* message_max: bytes of one data message, all its fragments together. */
void ws_reader_init(struct ws_reader *r, size_t message_max);
void ws_reader_finish(struct ws_reader *r);
/* Takes bytes off *in up to the end of the next message, whose bytes live until the next call.
 * ERR_AGAIN: all are taken, more must come. ERR_INVALID: the connection is to be closed with
 * r->code; nothing more can be read. */
MUST_USE enum err ws_read(struct ws_reader *r, struct str *in, struct ws_message *out);

/* One frame, unmasked as a server's must be (section 5.1). Control frames: at most 125 bytes. */
void ws_write(struct buf *out, enum ws_kind kind, struct str bytes);
/* code WS_NO_CODE: without one */
void ws_write_close(struct buf *out, uint32_t code, struct str reason);
