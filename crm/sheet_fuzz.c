/* sheet_fuzz.c - any bytes as a sheet, its texts and its styles: read in pieces, they give the same
 * rows as read whole; rows come in order, and no field is larger than a line may be. */
#include <stdlib.h>

#include "crm/sheet.h"

struct seen {
	struct buf out;
	uint32_t number;
};

static void take(void *arg, uint32_t number, const struct str *fields, uint32_t count)
{
	struct seen *seen = arg;
	size_t bytes = 0;
	CHECK(number > seen->number && number <= SHEET_ROWS_MAX);
	CHECK(count >= 1 && count <= SHEET_CELLS && fields[count - 1].n);
	seen->number = number;
	buf_u64(&seen->out, number);
	for (uint32_t i = 0; i < count; i++) {
		bytes += fields[i].n;
		CHECK(!memchr(fields[i].n ? fields[i].p : "x", 0, fields[i].n));
		buf_put(&seen->out, str_head(fields[i], 1000));
		buf_ch(&seen->out, 0);
	}
	CHECK(bytes <= CSV_LINE_MAX + 1);
}

static void book_of(struct workbook *b, struct str in)
{
	static const enum workbook_part parts[] = {PART_TEXTS, PART_STYLES, PART_RELS, PART_BOOK};
	workbook_init(b);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		CHECK(workbook_begin(b, parts[i], STR("xl/")) == ERR_OK);
		(void)workbook_feed(b, in, true);
	}
	for (uint32_t i = 0; i < b->text_count; i++)
		CHECK(workbook_text(b, i).n <= 2 * in.n); /* ISO-8859-1 grows as UTF-8 */
}

/* False: refused, and then only what came before it is sure. */
static bool run(const struct workbook *b, struct str in, size_t step, struct seen *seen)
{
	struct sheet *s = xcalloc(1, sizeof *s);
	*s = (struct sheet){.row = take, .arg = seen, .book = b};
	CHECK(sheet_init(s) == ERR_OK);
	bool good = true;
	for (size_t i = 0; good && i < in.n; i += step)
		good = sheet_feed(s, str_head(str_from(in, i), step), false);
	good = good && sheet_feed(s, STR_NONE, true);
	CHECK(good == !s->wrong);
	sheet_finish(s);
	free(s);
	return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* step, the parts of the book, a zero, the sheet */
	if (!size)
		return 0;
	const struct str in = str_make((const char *)data + 1, size - 1);
	const ptrdiff_t cut = str_find(in, 0);
	const struct str sheet = cut < 0 ? in : str_from(in, (size_t)cut + 1);
	struct seen whole = {.out = buf_grow(256)}, pieces = {.out = buf_grow(256)};
	struct workbook b;
	book_of(&b, cut < 0 ? in : str_head(in, (size_t)cut));
	const bool good = run(&b, sheet, sheet.n + 1, &whole);
	CHECK(run(&b, sheet, 1 + data[0] % 7, &pieces) == good);
	if (good)
		CHECK(str_eq(buf_str(&whole.out), buf_str(&pieces.out)));
	workbook_finish(&b);
	buf_free(&whole.out);
	buf_free(&pieces.out);
	return 0;
}
