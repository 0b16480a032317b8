/*
 * registry_secrets.c - what must not be readable: passwords and trunk secrets; see registry.h.
 *
 * Sign-in passwords: argon2id with 19 MiB and 2 passes (OWASP Password Storage Cheat Sheet). SIP
 * passwords: HA1 of RFC 7616 section 3.4.2, by MD5 and by SHA-256, for the domain the tenant had
 * then. Trunk secrets are needed in clear to register: crypto_secretbox with the registry's key.
 */
#include "objects/registry_parts.h"

#include <openssl/evp.h>

#include "objects/schema.h"

#define PASSES 2ull
#define MEMORY_BYTES (19ull << 20)
#define SECRET_MAX 4096u /* bytes: 512 characters of UTF-8 and room to spare */

static void set_text(json_t *doc, const char *key, struct str text)
{
	CHECK(json_object_set_new(doc, key, json_stringn(text.p, text.n)) == 0);
}

static void keep_text(json_t *doc, const json_t *from, const char *key)
{
	json_t *v = json_object_get(from, key);
	if (v)
		CHECK(json_object_set(doc, key, v) == 0);
}

static enum err hash_password(json_t *doc, const json_t *keep)
{
	const json_t *clear = json_object_get(doc, "password");
	const json_t *stored = json_object_get(keep, "password_hash");
	struct str password = json_str(clear);
	char hash[crypto_pwhash_STRBYTES];
	if (!clear) {
		keep_text(doc, keep, "password_hash");
		return ERR_OK;
	}
	/* the same password again is no change: its salt stays */
	if (stored &&
	    crypto_pwhash_str_verify(json_string_value(stored), password.p, password.n) == 0) {
		keep_text(doc, keep, "password_hash");
	} else {
		if (crypto_pwhash_str(hash, password.p, password.n, PASSES, MEMORY_BYTES) != 0)
			return ERR_FULL;
		set_text(doc, "password_hash", str_of(hash));
	}
	json_object_del(doc, "password");
	return ERR_OK;
}

static void set_ha1(json_t *doc, const char *key, const EVP_MD *algorithm, struct str text)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	char hex[2 * EVP_MAX_MD_SIZE];
	struct buf b = buf_make(hex, sizeof hex);
	CHECK(EVP_Digest(text.p, text.n, digest, &size, algorithm, NULL) == 1);
	buf_hex(&b, digest, size);
	set_text(doc, key, buf_str(&b));
}

static void hash_sip(json_t *doc, const json_t *keep, struct str user, struct str domain)
{
	const json_t *clear = json_object_get(doc, "sip_password");
	if (!clear) {
		keep_text(doc, keep, "sip_ha1_md5");
		keep_text(doc, keep, "sip_ha1_sha256");
		keep_text(doc, keep, "sip_ha1_realm");
		return;
	}
	char text[SECRET_MAX];
	struct buf b = buf_make(text, sizeof text);
	buf_put(&b, user);
	buf_ch(&b, ':');
	buf_put(&b, domain);
	buf_ch(&b, ':');
	buf_put(&b, json_str(clear));
	CHECK(!b.full);
	set_ha1(doc, "sip_ha1_md5", EVP_md5(), buf_str(&b));
	set_ha1(doc, "sip_ha1_sha256", EVP_sha256(), buf_str(&b));
	set_text(doc, "sip_ha1_realm", domain);
	sodium_memzero(text, sizeof text);
	json_object_del(doc, "sip_password");
}

const uint8_t *registry_key_bytes(const struct registry *g)
{
	return g->key;
}

void registry_seal(const struct registry *g, struct str clear, struct buf *hex)
{
	uint8_t box[crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + SECRET_MAX];
	const size_t head = crypto_secretbox_NONCEBYTES;
	CHECK(clear.n <= SECRET_MAX);
	randombytes_buf(box, head);
	CHECK(crypto_secretbox_easy(box + head, (const uint8_t *)clear.p, clear.n, box, g->key) ==
	      0);
	buf_hex(hex, box, head + crypto_secretbox_MACBYTES + clear.n);
}

enum err registry_unseal(const struct registry *g, struct str hex, struct buf *clear)
{
	uint8_t bytes[crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + SECRET_MAX],
		text[SECRET_MAX];
	const size_t head = crypto_secretbox_NONCEBYTES;
	size_t n = 0;
	if (sodium_hex2bin(bytes, sizeof bytes, hex.p, hex.n, NULL, &n, NULL) != 0 ||
	    n < head + crypto_secretbox_MACBYTES ||
	    crypto_secretbox_open_easy(text, bytes + head, n - head, bytes, g->key) != 0)
		return ERR_INVALID;
	buf_put(clear, str_make((const char *)text, n - head - crypto_secretbox_MACBYTES));
	sodium_memzero(text, sizeof text);
	return clear->full ? ERR_FULL : ERR_OK;
}

static struct str open_box(const struct registry *g, const json_t *doc, char *out, size_t room)
{
	const json_t *box = json_object_get(json_object_get(doc, "register"), "password_box");
	struct buf clear = buf_make(out, room);
	if (!box || registry_unseal(g, json_str(box), &clear) != ERR_OK)
		return STR_NONE;
	return buf_str(&clear);
}

static void seal_register(const struct registry *g, json_t *doc, const json_t *keep)
{
	json_t *reg = json_object_get(doc, "register");
	const json_t *clear = json_object_get(reg, "password");
	struct str password = json_str(clear);
	char before[SECRET_MAX];
	if (!reg)
		return;
	struct str old = open_box(g, keep, before, sizeof before);
	if (!clear || (old.n && str_eq(old, password))) {
		keep_text(reg, json_object_get(keep, "register"), "password_box");
	} else {
		struct buf hex = buf_grow(256);
		registry_seal(g, password, &hex);
		set_text(reg, "password_box", buf_str(&hex));
		buf_free(&hex);
	}
	json_object_del(reg, "password");
	sodium_memzero(before, sizeof before);
}

enum err secrets_apply(const struct registry *g, struct staged *s, struct str domain)
{
	if (s->kind == KIND_trunk)
		seal_register(g, s->doc, s->keep);
	if (s->kind != KIND_user)
		return ERR_OK;
	hash_sip(s->doc, s->keep, s->id, domain);
	return hash_password(s->doc, s->keep);
}

void secrets_strip(json_t *doc)
{
	static const char *const hidden[] = {"password_hash", "sip_ha1_md5", "sip_ha1_sha256",
					     "sip_ha1_realm"};
	for (size_t i = 0; i < COUNT_OF(hidden); i++)
		json_object_del(doc, hidden[i]);
	json_t *reg = json_object_get(doc, "register");
	if (json_is_object(reg))
		json_object_del(reg, "password_box");
}

struct str secrets_open(const struct registry *g, const json_t *doc, struct arena *arena)
{
	char clear[SECRET_MAX];
	struct str s = open_box(g, doc, clear, sizeof clear);
	if (s.n)
		s = arena_copy(arena, s);
	sodium_memzero(clear, sizeof clear);
	return s;
}

bool secrets_of_other_domain(const json_t *doc, struct str domain)
{
	const json_t *realm = json_object_get(doc, "sip_ha1_realm");
	return realm && !str_eq(json_str(realm), domain);
}
