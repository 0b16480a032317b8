/* vault.c - see vault.h. Chains are checked when they are read; of a call only the hour is left. */
#include "stir/vault.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define CHAIN_MAX 8 /* certificates of one file */
#define NAME_TEXT 64

static bool is_p256(EVP_PKEY *key)
{
	char group[32];
	size_t n;
	return key && EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof group, &n) == 1 &&
	       str_is(str_make(group, n), "prime256v1");
}

/* No password is asked for: a file that has one cannot be read. */
static int no_password(char *to, int room, int writing, void *arg)
{
	(void)to, (void)room, (void)writing, (void)arg;
	return -1;
}

static BIO *open_file(const char *path)
{
	return BIO_new_file(path, "r");
}

/* The first is alone in *leaf when leaf is given. False: nothing of use is there. */
static bool read_pem(const char *path, X509 **leaf, STACK_OF(X509) * rest, int max)
{
	BIO *in = open_file(path);
	int n = 0;
	if (!in)
		return false;
	for (X509 *c; n < max && (c = PEM_read_bio_X509(in, NULL, no_password, NULL)); n++) {
		if (leaf && !*leaf)
			*leaf = c;
		else if (!sk_X509_push(rest, c))
			X509_free(c);
	}
	BIO_free(in);
	ERR_clear_error();
	return n > 0;
}

static int64_t seconds_of(const ASN1_TIME *t, int64_t otherwise)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days, s;
	bool ok = epoch && ASN1_TIME_diff(&days, &s, epoch, t) == 1;
	ASN1_TIME_free(epoch);
	return ok ? (int64_t)days * 86400 + s : otherwise;
}

/* Good while all of the chain is. */
static void read_times(STACK_OF(X509) * chain, struct signer *out)
{
	out->from_s = INT64_MIN;
	out->until_s = INT64_MAX;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		const X509 *c = sk_X509_value(chain, i);
		int64_t from = seconds_of(X509_get0_notBefore(c), INT64_MAX);
		int64_t until = seconds_of(X509_get0_notAfter(c), INT64_MIN);
		out->from_s = MAX(out->from_s, from);
		out->until_s = MIN(out->until_s, until);
	}
}

static void judge(X509 *leaf, STACK_OF(X509) * between, X509_STORE *anchors, struct signer *out)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	out->fault = "chain";
	if (ctx && X509_STORE_CTX_init(ctx, anchors, leaf, between) == 1) {
		/* the hour is looked at with each call */
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME);
		if (X509_verify_cert(ctx) == 1) {
			read_times(X509_STORE_CTX_get0_chain(ctx), out);
			out->fault = NULL;
		}
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	EVP_PKEY *key = X509_get0_pubkey(leaf);
	if (out->fault)
		return;
	if (!is_p256(key) || X509_check_ca(leaf) == 1 ||
	    !(X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE)) {
		out->fault = "certificate";
		return;
	}
	EVP_PKEY_up_ref(key);
	out->key = key;
}

static void read_signer(const char *path, X509_STORE *anchors, struct signer *out)
{
	X509 *leaf = NULL;
	STACK_OF(X509) *between = sk_X509_new_null();
	out->fault = "certificate";
	if (between && read_pem(path, &leaf, between, CHAIN_MAX))
		judge(leaf, between, anchors, out);
	X509_free(leaf);
	sk_X509_pop_free(between, X509_free);
}

static X509_STORE *read_anchors(const char *path, struct buf *why)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *all = sk_X509_new_null();
	CHECK(store && all);
	if (!read_pem(path, NULL, all, 1000)) {
		buf_fmt(why, "stir.trust: no certificate can be read from %s", path);
		X509_STORE_free(store);
		store = NULL;
	}
	for (int i = 0; store && i < sk_X509_num(all); i++)
		CHECK(X509_STORE_add_cert(store, sk_X509_value(all, i)) == 1);
	sk_X509_pop_free(all, X509_free);
	return store;
}

/* "SHA256.pem"; other files are nobody's. */
static bool file_name(const char *text, unsigned char out[32])
{
	static const char digits[] = "0123456789abcdef";
	if (strlen(text) != NAME_TEXT + 4 || strcmp(text + NAME_TEXT, ".pem") != 0)
		return false;
	for (size_t i = 0; i < NAME_TEXT; i++) {
		const char *at = strchr(digits, text[i]);
		if (!at)
			return false;
		out[i / 2] = (unsigned char)(out[i / 2] << 4 | (at - digits));
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return memcmp(((const struct signer *)a)->name, ((const struct signer *)b)->name, 32);
}

static enum err read_folder(const char *path, X509_STORE *anchors, struct vault *out,
			    struct buf *why)
{
	DIR *folder = opendir(path);
	if (!folder) {
		buf_fmt(why, "stir.certificates: folder %s cannot be read", path);
		return ERR_IO;
	}
	out->signers = xcalloc(VAULT_FILES_MAX, sizeof *out->signers);
	for (const struct dirent *d; (d = readdir(folder));) {
		char file[1024];
		struct buf b = buf_make(file, sizeof file - 1);
		struct signer *s = &out->signers[out->count];
		if (!file_name(d->d_name, s->name))
			continue;
		if (out->count == VAULT_FILES_MAX - 1) {
			buf_c(why, "stir.certificates: too many files");
			closedir(folder);
			return ERR_TOO_LARGE;
		}
		buf_fmt(&b, "%s/%s", path, d->d_name);
		file[b.n] = 0;
		read_signer(file, anchors, s);
		out->count++;
	}
	closedir(folder);
	qsort(out->signers, out->count, sizeof *out->signers, by_name);
	return ERR_OK;
}

static enum err read_own(const struct stir_options *o, struct vault *out, struct buf *why)
{
	X509 *cert = NULL;
	STACK_OF(X509) *rest = sk_X509_new_null();
	BIO *in = open_file(o->key);
	CHECK(rest);
	if (in)
		out->key = PEM_read_bio_PrivateKey(in, NULL, no_password, NULL);
	BIO_free(in);
	bool read = read_pem(o->certificate, &cert, rest, CHAIN_MAX);
	enum err e = ERR_INVALID;
	if (!out->key)
		buf_fmt(why, "stir.key: %s cannot be read, or has a password", o->key);
	else if (!read)
		buf_fmt(why, "stir.certificate: %s cannot be read", o->certificate);
	else if (!is_p256(out->key))
		buf_c(why, "stir.key: must be of the curve P-256 (ES256)");
	else if (X509_check_private_key(cert, out->key) != 1)
		buf_c(why, "stir.key: is not the key of stir.certificate");
	else if (!passport_url_fits(str_of(o->x5u)))
		buf_c(why, "stir.x5u: must be the http(s) address of stir.certificate");
	else
		e = ERR_OK;
	X509_free(cert);
	sk_X509_pop_free(rest, X509_free);
	ERR_clear_error();
	return e;
}

enum err vault_read(const struct stir_options *o, struct vault *out, struct buf *why)
{
	enum err e = ERR_OK;
	*out = (struct vault){0};
	if (o->trust && o->trust[0]) {
		X509_STORE *anchors = read_anchors(o->trust, why);
		e = anchors ? ERR_OK : ERR_INVALID;
		if (anchors && o->certificates && o->certificates[0])
			e = read_folder(o->certificates, anchors, out, why);
		X509_STORE_free(anchors);
	}
	if (e == ERR_OK && o->key && o->key[0])
		e = read_own(o, out, why);
	if (e != ERR_OK)
		vault_finish(out);
	return e;
}

void vault_finish(struct vault *v)
{
	for (uint32_t i = 0; i < v->count; i++)
		EVP_PKEY_free(v->signers[i].key);
	free(v->signers);
	EVP_PKEY_free(v->key);
	*v = (struct vault){0};
}

const struct signer *vault_find(const struct vault *v, struct str x5u)
{
	struct signer key;
	unsigned int n;
	if (!v->count || EVP_Digest(x5u.p, x5u.n, key.name, &n, EVP_sha256(), NULL) != 1)
		return NULL;
	return bsearch(&key, v->signers, v->count, sizeof key, by_name);
}
