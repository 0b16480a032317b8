/* csv_fuzz.c - any bytes: read in pieces, they give the same records as read whole; none is larger
 * than its limit; what is written of them comes back. */
#include <stdlib.h>

#include "crm/charset.h"
#include "crm/csv.h"

static void take(void *arg, const struct str *fields, uint32_t count, enum csv_flaw flaw,
		 uint64_t line)
{
	struct buf *out = arg;
	CHECK(count >= 1 && count <= CSV_FIELDS_MAX);
	buf_fmt(out, "%llu.%d", (unsigned long long)line, (int)flaw);
	size_t bytes = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct buf cell = buf_grow(64);
		bytes += fields[i].n;
		csv_put(&cell, fields[i], ';');
		struct str s = buf_str(&cell);
		if (s.n && s.p[0] && s.p[0] != '"') { /* strchr finds a NUL too */
			CHECK(!strchr("=+-@\t\r\n", s.p[0]));
			CHECK(str_eq(csv_unguarded(s), fields[i]));
		}
		buf_put(out, fields[i]);
		buf_ch(out, 0);
		buf_free(&cell);
	}
	CHECK(bytes <= CSV_LINE_MAX);
}

static void run(struct str in, enum charset charset, size_t step, struct buf *out)
{
	struct charset_reader letters = {.charset = charset};
	struct csv_reader r;
	struct buf text = buf_grow(256);
	csv_init(&r, ';');
	r.record = take;
	r.arg = out;
	for (size_t i = 0; i < in.n; i += step) {
		text.n = 0;
		charset_read(&letters, str_head(str_from(in, i), step), false, &text);
		csv_read(&r, buf_str(&text));
	}
	text.n = 0;
	charset_read(&letters, STR_NONE, true, &text);
	csv_read(&r, buf_str(&text));
	csv_end(&r);
	csv_finish(&r);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	const enum charset charset = (enum charset)(data[0] % CHARSET_COUNT);
	const struct str in = str_make((const char *)data + 1, size - 1);
	struct buf whole = buf_grow(256), pieces = buf_grow(256);
	size_t mark;
	(void)charset_guess(in, true, &mark);
	(void)csv_guess(in);
	run(in, charset, in.n + 1, &whole);
	run(in, charset, 1 + data[0] % 7, &pieces);
	CHECK(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
