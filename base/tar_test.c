/* tar_test.c - heads as POSIX has them; `tar` itself reads them in tests/e2e/test_backup.py. */
#include "base/tar.h"
#include "tests/test.h"

TEST(a_head_is_read_as_it_was_written)
{
	static const uint64_t sizes[] = {0, 1, 511, 512, 8589934591ull, 8589934592ull, 1ull << 50};
	struct tar_entry e;
	char head[TAR_BLOCK];
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		tar_head(head, STR("prompts/a.wav"), sizes[i], 1700000000);
		EXPECT(tar_read(head, &e) == ERR_OK);
		EXPECT_STR(str_of(e.name), "prompts/a.wav");
		EXPECT(e.bytes == sizes[i]);
	}
	EXPECT(tar_fill(0) == 0 && tar_fill(1) == 511 && tar_fill(512) == 0 &&
	       tar_fill(513) == 511);
}

/* POSIX.1-2017, pax, ustar Interchange Format: offsets of the fields. */
TEST(a_head_has_its_fields_where_posix_has_them)
{
	char head[TAR_BLOCK];
	tar_head(head, STR("x"), 10, 0);
	EXPECT(!memcmp(head + 100, "0000600", 8));
	EXPECT(!memcmp(head + 124, "00000000012", 12));
	EXPECT(head[156] == '0');
	EXPECT(!memcmp(head + 257,
		       "ustar\0"
		       "00",
		       8));
}

TEST(what_is_damaged_or_no_plain_file_is_refused)
{
	struct tar_entry e = {.bytes = 7};
	char head[TAR_BLOCK] = {0};
	EXPECT(tar_read(head, &e) == ERR_NOT_FOUND);
	tar_head(head, STR("x"), 10, 0);
	for (size_t i = 0; i < 257; i++) {
		head[i] ^= 1;
		EXPECT(tar_read(head, &e) == ERR_INVALID);
		head[i] ^= 1;
	}
	head[156] = '2'; /* a symbolic link, its sum made right */
	head[153] = (char)(head[153] + 2);
	EXPECT(tar_read(head, &e) == ERR_INVALID);
	EXPECT(e.bytes == 7);
}
