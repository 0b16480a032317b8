/*
 * vault.h - certificates and keys, read from files. Inside of stir/.
 */
#pragma once

#include <openssl/evp.h>

#include "stir/stir.h"

enum { VAULT_FILES_MAX = 4096, VAULT_FILE_MAX = 64 * 1024 };

struct signer {
	unsigned char name[32]; /* SHA-256 of its x5u */
	EVP_PKEY *key;		/* NULL: see fault */
	int64_t from_s, until_s;
	const char *fault; /* why it can vouch for nobody; NULL: it can, within its time */
};

struct vault {
	struct signer *signers; /* by name */
	uint32_t count;
	EVP_PKEY *key; /* our own, NULL: none */
};

/* On an error *out is empty. */
MUST_USE enum err vault_read(const struct stir_options *o, struct vault *out, struct buf *why);
void vault_finish(struct vault *v);
const struct signer *vault_find(const struct vault *v, struct str x5u); /* NULL: unknown */
