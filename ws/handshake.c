/* handshake.c - see ws.h: the offer, RFC 6455 section 4.2. */
#include <openssl/evp.h>
#include <sodium.h>

#include "ws/ws.h"

/* A word in a comma-separated list; `exact`: with its case. */
static bool has_word(struct str list, struct str word, bool exact)
{
	struct str one;
	while (list.n) {
		str_cut(list, ',', &one, &list);
		one = str_trim(one);
		if (exact ? str_eq(one, word) : str_ieq(one, word))
			return true;
	}
	return false;
}

/* 16 bytes in base64 */
static bool sound_key(struct str key)
{
	unsigned char bytes[18];
	size_t n;
	return key.n == 24 &&
	       sodium_base642bin(bytes, sizeof bytes, key.p, key.n, NULL, &n, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       n == 16;
}

/* Section 1.3: SHA-1 of the key and a string of the RFC. */
static void accept_of(struct str key, char accept[WS_ACCEPT_TEXT + 1])
{
	static const char fixed[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[64];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	struct buf b = buf_make(text, sizeof text);
	buf_put(&b, key);
	buf_c(&b, fixed);
	CHECK(EVP_Digest(b.p, b.n, digest, &n, EVP_sha1(), NULL) == 1 && n == 20);
	sodium_bin2base64(accept, WS_ACCEPT_TEXT + 1, digest, n, sodium_base64_VARIANT_ORIGINAL);
}

void ws_welcome(struct buf *out, const char accept[WS_ACCEPT_TEXT + 1], struct str protocol)
{
	buf_c(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		   "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
	buf_c(out, accept);
	if (protocol.n) {
		buf_c(out, "\r\nSec-WebSocket-Protocol: ");
		buf_put(out, protocol);
	}
	buf_c(out, "\r\n\r\n");
}

uint32_t ws_judge(const struct ws_offer *o, struct str protocol, char accept[WS_ACCEPT_TEXT + 1])
{
	if (!o->get || !has_word(o->upgrade, STR("websocket"), false) ||
	    !has_word(o->connection, STR("upgrade"), false))
		return 400;
	if (!str_is(o->version, "13"))
		return 426;
	if (!sound_key(o->key) || (protocol.n && !has_word(o->protocol, protocol, true)))
		return 400;
	accept_of(o->key, accept);
	return 101;
}
