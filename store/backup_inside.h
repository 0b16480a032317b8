/* backup_inside.h - what backup.c and restore.c share. */
#pragma once

#include <openssl/evp.h>

#include "store/backup.h"

#define BACKUP_PATH 4352
#define MANIFEST_MAX (32u << 20)

struct json_t;

/* The manifest, which comes first; the file is read on behind it. ERR_INVALID: no backup of ours.
 */
MUST_USE enum err backup_manifest(int fd, struct json_t **out);

struct backup_sum {
	EVP_MD_CTX *sha;
};
void backup_sum_begin(struct backup_sum *s);
void backup_sum_add(struct backup_sum *s, const void *bytes, size_t n);
void backup_sum_end(struct backup_sum *s, char hex[65]);
