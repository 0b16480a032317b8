/* csv_test.c - fields as RFC 4180 and spreadsheets write them; the guard against formulas. */
#include <stdlib.h>

#include "crm/charset.h"
#include "crm/csv.h"
#include "tests/test.h"

static void show(void *arg, const struct str *fields, uint32_t count, enum csv_flaw flaw,
		 uint64_t line)
{
	struct buf *out = arg;
	buf_u64(out, line);
	if (flaw)
		buf_fmt(out, "!%d", (int)flaw);
	for (uint32_t i = 0; i < count; i++) {
		buf_ch(out, '[');
		buf_put(out, str_head(fields[i], 40));
		buf_ch(out, ']');
	}
	buf_ch(out, '|');
}

/* Read whole, and byte by byte: the same. */
static void expect_records(const char *text, size_t n, char delimiter, const char *want)
{
	for (size_t step = 1; step <= n + 1; step += n + 1) {
		struct buf out = buf_grow(64);
		struct csv_reader r;
		csv_init(&r, delimiter);
		r.record = show;
		r.arg = &out;
		for (size_t i = 0; i < n; i += step)
			csv_read(&r, str_head(str_make(text + i, n - i), step));
		csv_end(&r);
		csv_finish(&r);
		EXPECT_STR(buf_str(&out), want);
		buf_free(&out);
	}
}

TEST(records_are_read_as_people_write_them)
{
	static const struct {
		const char *text;
		char delimiter;
		const char *want;
	} rows[] = {
		{"a,b\r\nc,d\r\n", ',', "1[a][b]|2[c][d]|"},
		{"a,b\nc,d", ',', "1[a][b]|2[c][d]|"},
		{"a\rb\r", ',', "1[a]|2[b]|"},
		{"a;;b;\n", ';', "1[a][][b][]|"},
		{"\"a,b\",c\n", ',', "1[a,b][c]|"},
		{"\"say \"\"hi\"\"\"\n", ',', "1[say \"hi\"]|"},
		{"\"two\r\nlines\",x\ny\n", ',', "1[two\r\nlines][x]|3[y]|"},
		{"a\"b,c\n", ',', "1[a\"b][c]|"}, /* a quote in the midst is itself */
		{"\"a\"b,c\n", ',', "1[ab][c]|"},
		{"\"\",\"\"\n", ',', "1[][]|"},
		{"\n\n a \n\n", ',', "3[ a ]|"},
		{"\"open,\n", ',', "1!3[open,\n]|"},
		{"a\tb\n", '\t', "1[a][b]|"},
		{"", ',', ""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect_records(rows[i].text, strlen(rows[i].text), rows[i].delimiter, rows[i].want);
}

TEST(what_is_too_large_is_one_bad_record)
{
	struct buf text = buf_grow(1 << 20), out = buf_grow(64);
	for (uint32_t i = 0; i < CSV_LINE_MAX + 10; i++)
		buf_ch(&text, 'x');
	buf_c(&text, "\n");
	for (uint32_t i = 0; i < CSV_FIELDS_MAX + 10; i++)
		buf_c(&text, ",");
	buf_c(&text, "\nfine\n");
	struct csv_reader r;
	csv_init(&r, ',');
	r.record = show;
	r.arg = &out;
	csv_read(&r, buf_str(&text));
	csv_end(&r);
	EXPECT(r.text.cap < 2 * CSV_LINE_MAX + 4096);
	csv_finish(&r);
	EXPECT(str_starts(buf_str(&out), STR("1!1[xxxx")));
	EXPECT(str_find_str(buf_str(&out), STR("|2!2[]")) > 0);
	EXPECT(str_ends(buf_str(&out), STR("|3[fine]|")));
	buf_free(&text);
	buf_free(&out);
}

/* What is written is read back as it was, and no cell begins as a formula. */
TEST(formulas_are_guarded_and_come_back)
{
	static const char *const cells[] = {
		"=1+1", "+48601",	  "-2",	   "@x",  "\tx",  "\rx", "'=1", "''+",
		"'a",	"\xef\xbc\x9d x", "plain", "a;b", "q\"q", " x ", "",	"'"};
	for (size_t i = 0; i < COUNT_OF(cells); i++) {
		struct buf out = buf_grow(64), got = buf_grow(64);
		struct csv_reader r;
		csv_put(&out, str_of(cells[i]), ';');
		buf_c(&out, ";end\n");
		csv_init(&r, ';');
		r.record = show;
		r.arg = &got;
		csv_read(&r, buf_str(&out));
		csv_end(&r);
		csv_finish(&r);
		struct str cell = str_from(buf_str(&got), 2);
		cell.n -= STR("][end]|").n;
		EXPECT(!cell.n || !strchr("=+-@\t\r\xef", cell.p[0]));
		EXPECT_STR(csv_unguarded(cell), cells[i]);
		buf_free(&out);
		buf_free(&got);
	}
}

TEST(delimiters_are_guessed)
{
	EXPECT(csv_guess(STR("a;b;c\n1,5;2;3\n")) == ';');
	EXPECT(csv_guess(STR("a,b\n\"x;y;z\",2\n")) == ',');
	EXPECT(csv_guess(STR("a\tb\n1\t2\n")) == '\t');
	EXPECT(csv_guess(STR("one\ntwo\n")) == ',');
	EXPECT(csv_guess(STR_NONE) == ',');
}

TEST(encodings_are_guessed_and_read)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum charset charset;
		const char *text;
	} rows[] = {
		{"Za\xbf\xf3\xb3\xe6", 6, CHARSET_WINDOWS_1250, "Zażółć"},
		{"\x8cwi\xeaty \x9fle", 10, CHARSET_WINDOWS_1250, "Święty źle"},
		{"\xa6wi\xeaty \xbcle", 10, CHARSET_ISO_8859_2, "Święty źle"},
		{"\xcf\xb8\xf2\xf0 \xc8\xe2\xe0\xed\xee\xe2", 11, CHARSET_WINDOWS_1251,
		 "Пётр Иванов"},
		{"\xef\xbb\xbf\xc5\xbb", 5, CHARSET_UTF_8, "Ż"},
		{"\xc5\xbb"
		 "a",
		 3, CHARSET_UTF_8, "Ża"},
		{"\xff\xfe\x7b\x01", 4, CHARSET_UTF_16LE, "Ż"},
		{"\xfe\xff\x01\x7b", 4, CHARSET_UTF_16BE, "Ż"},
		{"\xff\xfe\x3d\xd8\x00\xde", 6, CHARSET_UTF_16LE, "😀"},
		{"a\0b\0c\0d\0e\0f\0", 12, CHARSET_UTF_16LE, "abcdef"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t mark;
		const struct str in = str_make(rows[i].bytes, rows[i].n);
		EXPECT(charset_guess(in, true, &mark) == rows[i].charset);
		for (size_t step = 1; step < 9; step += 7) { /* cut anywhere */
			struct charset_reader r = {.charset = rows[i].charset};
			struct buf out = buf_grow(16);
			for (size_t at = mark; at < in.n; at += step)
				charset_read(&r, str_head(str_from(in, at), step), false, &out);
			charset_read(&r, STR_NONE, true, &out);
			EXPECT_STR(buf_str(&out), rows[i].text);
			buf_free(&out);
		}
	}
}
