/* tls_inside.h - what tls.c (connections) and tls_cert.c (certificates) share. */
#pragma once

#include <openssl/ssl.h>

#include "os/tls.h"

enum { TLS_CERTS_MAX = 256, TLS_PATH_MAX = 512 };

/* One certificate with its key. */
struct tls_cert {
	SSL_CTX *ctx;
	char file[TLS_PATH_MAX];
};

/* Everything that is read from files: replaced as a whole. */
struct tls_files {
	struct tls_cert certs[TLS_CERTS_MAX]; /* [0]: for whoever asks for no other name */
	uint32_t count;
	SSL_CTX *out; /* connections we make */
};

struct tls {
	struct tls_options o;
	struct tls_files *files;
};

void tls_put_error(struct buf *why); /* OpenSSL's newest, in words */
