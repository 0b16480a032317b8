/*
 * backup.h - a copy of everything that is stored, as one file, made while the server runs; and a
 * data folder made of it again (docs/decisions/0047-backups.md).
 *
 * The file is a tar archive: manifest.json, centrala.db, prompts/SHA256.wav. The database is copied
 * within one read transaction and holds every fact up to the manifest's `seq`. Not in it:
 * recordings, files of imports under way, settings, and the key of the installation (secret.key),
 * without which nobody reads the secrets of trunks and second factors. A database on a server is
 * copied by its own tools.
 */
#pragma once

#include "store/query.h"

#define BACKUP_ID_MAX 32

struct backup_row {
	char id[BACKUP_ID_MAX], version[32];
	int64_t at_ms, bytes;
	uint64_t seq;
	uint32_t files;
	bool whole; /* false: one is being made */
};

struct backup_options {
	const char *folder;  /* DIR/backups, made when it is not there */
	const char *sounds;  /* DIR/prompts */
	const char *version; /* of the program */
	char key_print[17];  /* tells keys apart, and nothing of them */
	int64_t now_ms;
	uint32_t dice;
	bool (*going)(void *arg); /* asked now and then; false ends it with ERR_AGAIN */
	void *arg;
};

/* Takes as long as it takes: seconds a gigabyte. ERR_UNSUPPORTED: the database is on a server.
 * ERR_DISK_FULL; whatever fails leaves nothing behind. */
MUST_USE enum err backup_make(struct store_reader *r, const struct backup_options *o,
			      struct backup_row *out);
/* Newest first. A folder that is not there has none. */
void backup_each(const char *folder, void (*each)(void *arg, const struct backup_row *b),
		 void *arg);
/* The file of one that is whole. ERR_NOT_FOUND. */
MUST_USE enum err backup_open(const char *folder, struct str id, struct backup_row *out, int *fd);
MUST_USE enum err backup_delete(const char *folder, struct str id);

/* Into `dir`, which is made, or has nothing in it; every file is compared with the manifest.
 * key: the installation's, 32 bytes, or NULL to go on without it: the server makes a new one then.
 * ERR_CONFLICT: the folder is not empty, or the key another. `said`: lines for people. */
struct backup_key {
	const uint8_t *bytes;
	char print[17];
};
MUST_USE enum err backup_restore(const char *file, const char *dir, const struct backup_key *key,
				 struct buf *said);
void backup_key_print(const uint8_t key[32], char out[17]);
