/* restore.c - `centrala restore`: a data folder out of a backup (store/backup.h). */
#include <fcntl.h>
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "app/commands.h"
#include "store/backup.h"

static int usage(void)
{
	fprintf(stderr, "usage: centrala restore --data DIR FILE.tar (--key SECRET.KEY | "
			"--without-key)\n");
	return 2;
}

static bool read_key(const char *path, uint8_t key[33])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : read(fd, key, 33);
	if (fd >= 0)
		close(fd);
	return n == 32;
}

int command_restore(struct command_line *c)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
						{"key", required_argument, NULL, 'k'},
						{"without-key", no_argument, NULL, 'w'},
						{NULL, 0, NULL, 0}};
	const char *dir = NULL, *key_path = NULL;
	bool without = false;
	uint8_t bytes[33] = {0};
	struct backup_key key = {.bytes = bytes};
	optind = 1;
	for (int o; (o = getopt_long((int)c->word_count, c->words, "", options, NULL)) != -1;) {
		if (o == 'd')
			dir = optarg;
		else if (o == 'k')
			key_path = optarg;
		else if (o == 'w')
			without = true;
		else
			return usage();
	}
	if (!dir || (uint32_t)optind + 1 != c->word_count || !key_path == !without)
		return usage();
	if (key_path && !read_key(key_path, bytes)) {
		fprintf(stderr, "centrala: %s: is no secret.key of an installation\n", key_path);
		return 1;
	}
	backup_key_print(bytes, key.print);
	struct buf said = buf_grow(512);
	const enum err e = backup_restore(c->words[optind], dir, key_path ? &key : NULL, &said);
	sodium_memzero(bytes, sizeof bytes);
	fprintf(e == ERR_OK ? stdout : stderr, STR_FMT, STR_ARG(buf_str(&said)));
	buf_free(&said);
	return e == ERR_OK ? 0 : 1;
}
