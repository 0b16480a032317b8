/* sheet_test.c - workbooks as Excel, LibreOffice and others write them, and as nobody should. */
#include "crm/sheet.h"

#include <stdlib.h>

#include "tests/test.h"

TEST(numbers_are_what_people_see)
{
	static const struct {
		const char *code, *v, *want; /* code NULL: General */
	} rows[] = {
		{NULL, "42", "42"},
		{NULL, "48601000001", "48601000001"},
		{NULL, "4.8601000001E10", "48601000001"}, /* a telephone number */
		{NULL, "4.86E+10", "48600000000"},
		{NULL, "601000002.0", "601000002"},
		{NULL, "-1.5", "-1.5"},
		{NULL, "0.30000000000000004", "0.3"},
		{NULL, "4.9999999999999996E-2", "0.05"},
		{NULL, "1E-3", "0.001"},
		{NULL, "0.0", "0"},
		{NULL, "-0.0", "0"},
		{NULL, "0e5", "0"},
		{NULL, "9.9999999999999999e2", "1000"},
		{NULL, "12345678901234567890", "12345678901234567890"},
		{NULL, "1e300", "1e300"},
		{NULL, "1e", "1e"},
		{NULL, "", ""},
		{NULL, "abc", "abc"},
		{NULL, " 7 ", "7"},
		/* ECMA-376 18.17.4.1: 1900-01-01 is 1 */
		{"yyyy-mm-dd", "1", "1900-01-01"},
		{"dd.mm.yyyy", "59", "1900-02-28"},
		{"dd.mm.yyyy", "60", "60"}, /* a day that never was */
		{"d/m/yy", "61", "1900-03-01"},
		{"d mmm yyyy", "46348", "2026-11-22"},
		{"mmm", "46348", "2026-11-22"},
		{"dd.mm.yyyy", "46348.99", "2026-11-22"},
		{"yyyy-mm-dd hh:mm", "46348.5", "2026-11-22T12:00:00"},
		{"yyyy-mm-dd hh:mm", "46348.999999999", "2026-11-23T00:00:00"},
		{"h:mm:ss", "0.75", "18:00:00"},
		{"[h]:mm", "1.5", "36:00:00"},
		{"dd.mm.yyyy", "2958465", "9999-12-31"},
		{"dd.mm.yyyy", "2958466", "2958466"},
		{"dd.mm.yyyy", "-1", "-1"},
		{"[$-415]d\\ mmmm\\ yyyy;@", "46348", "2026-11-22"},
		{"0.00E+00", "486", "486"},
		{"[Red]0.00", "486", "486"},
		{"#,##0.00\" dzień\"", "486", "486"}, /* a text holds no day */
		{"General", "46348", "46348"},
		{"00\\-000", "950", "00-950"}, /* a Polish postal code */
		{"00000", "1067", "01067"},
		{"00000", "0", "00000"},
		{"00000", "123456", "123456"},
		{"000\\ 000\\ 000", "601000001", "601 000 001"},
		{"00", "1.5", "1.5"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct cell_form f =
			rows[i].code ? cell_form_of(str_of(rows[i].code)) : cell_form_known(0);
		struct buf out = buf_grow(16);
		cell_number(str_of(rows[i].v), &f, false, &out);
		EXPECT_STR(buf_str(&out), rows[i].want);
		buf_free(&out);
	}
	const struct cell_form day = cell_form_known(14);
	struct buf out = buf_grow(16);
	cell_number(STR("0"), &day, true, &out);
	EXPECT_STR(buf_str(&out), "1904-01-01");
	buf_free(&out);
}

static void show(void *arg, uint32_t number, const struct str *fields, uint32_t count)
{
	struct buf *out = arg;
	buf_u64(out, number);
	for (uint32_t i = 0; i < count; i++) {
		buf_ch(out, '[');
		buf_put(out, str_head(fields[i], 40));
		buf_ch(out, ']');
	}
	buf_ch(out, '|');
}

static const char *part(struct workbook *b, enum workbook_part p, const char *xml)
{
	CHECK(workbook_begin(b, p, STR("xl/")) == ERR_OK);
	for (size_t i = 0; xml[i] && !b->wrong; i++)
		(void)workbook_feed(b, str_make(xml + i, 1), false);
	(void)(b->wrong || workbook_feed(b, STR_NONE, true));
	return b->wrong;
}

#define TEXTS                                                                                      \
	"<sst><si><t>plain</t></si><si><r><t>rich </t></r><r><t xml:space='preserve'>text</t></r>" \
	"<rPh><t>how</t></rPh></si><si><t/></si><si><t>a_x000D_&lt;b&gt;_x005F_x0041_</t></si>"    \
	"</sst>"
#define STYLES                                                                                     \
	"<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd'/></numFmts>"      \
	"<cellStyleXfs><xf numFmtId='22'/></cellStyleXfs>"                                         \
	"<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf "                                       \
	"numFmtId='164'/></cellXfs></styleSheet>"

/* Read whole, and byte by byte: the same. NULL: fine. */
static const char *rows_of(const char *xml, struct buf *out)
{
	struct workbook b;
	const char *wrong = NULL;
	workbook_init(&b);
	CHECK(!part(&b, PART_TEXTS, TEXTS) && !part(&b, PART_STYLES, STYLES));
	for (size_t step = 1; step <= strlen(xml) + 1; step += strlen(xml)) {
		struct sheet *s = xcalloc(1, sizeof *s);
		*s = (struct sheet){.row = show, .arg = out, .book = &b};
		out->n = 0;
		CHECK(sheet_init(s) == ERR_OK);
		struct str rest = str_of(xml);
		while (rest.n && sheet_feed(s, str_head(rest, step), rest.n <= step))
			rest = str_from(rest, step);
		wrong = s->wrong;
		sheet_finish(s);
		free(s);
	}
	workbook_finish(&b);
	return wrong;
}

#define DATA(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"
#define ROW(cells) DATA("<row r='1'>" cells "</row>")

TEST(cells_stand_where_their_names_say)
{
	static const struct {
		const char *xml, *want;
	} rows[] = {
		{ROW("<c r='A1' t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c>"),
		 "1[plain][][rich text]|"},
		{ROW("<c><v>1</v></c><c><v>2</v></c>"), "1[1][2]|"}, /* no names: one by one */
		{ROW("<c r='B1'><v>2</v></c><c r='A1'><v>1</v></c>"), "1[1][2]|"},
		{ROW("<c r='A1'><v>1</v></c><c r='A1'><v>2</v></c>"), "1[2]|"},
		{DATA("<row r='2'><c r='A2'><v>1</v></c></row><row r='5'/><row r='9'><c r='B9'>"
		      "<v>2</v></c></row>"),
		 "2[1]|9[][2]|"},
		{DATA("<row><c><v>1</v></c></row><row><c><v>2</v></c></row>"), "1[1]|2[2]|"},
		{DATA("<row r='7'><c><v>1</v></c></row><row r='3'><c><v>2</v></c></row>"),
		 "7[1]|8[2]|"},
		{ROW("<c "
		     "t='inlineStr'><is><t>in</t><r><t>line</t></r><rPh><t>x</t></rPh></is></c>"),
		 "1[inline]|"},
		{ROW("<c t='b'><v>1</v></c><c t='b'><v>0</v></c><c t='e'><v>#N/A</v></c>"),
		 "1[true][false][#N/A]|"},
		{ROW("<c t='str'><f>A1&amp;\"x\"</f><v>came to</v></c><c><f>1+1</f><v>2</v></c>"),
		 "1[came to][2]|"},
		{ROW("<c><f>1+1</f></c><c><v>2</v></c>"), "1[][2]|"}, /* never computed */
		{ROW("<c s='1'><v>46348</v></c><c s='2'><v>46348</v></c><c s='9'><v>46348</v></c>"),
		 "1[2026-11-22][2026-11-22][46348]|"},
		{ROW("<c t='d'><v>2026-11-22</v></c>"), "1[2026-11-22]|"},
		{ROW("<c t='s'><v>2</v></c>"), ""}, /* nothing but an empty text */
		{ROW("<c t='s'><v>3</v></c>"), "1[a\r<b>_x0041_]|"},
		{ROW("<c t='str'><v>=1+1</v></c><c t='str'><v><![CDATA[<x>]]></v></c>"),
		 "1[=1+1][<x>]|"},
		{"<x:worksheet xmlns:x='u'><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row>"
		 "</x:sheetData></x:worksheet>",
		 "1[1]|"},
		{"<worksheet><c><v>9</v></c><sheetData/><row><c><v>9</v></c></row></worksheet>",
		 ""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = buf_grow(64);
		EXPECT(rows_of(rows[i].xml, &out) == NULL);
		EXPECT_STR(buf_str(&out), rows[i].want);
		buf_free(&out);
	}
}

TEST(hostile_sheets_are_refused_with_a_reason)
{
	static const struct {
		const char *xml, *want;
	} rows[] = {
		{"<!DOCTYPE x [<!ENTITY a 'ha'>]><worksheet>&a;</worksheet>", "document type"},
		{"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><worksheet/>", "document type"},
		{"<worksheet>&a;</worksheet>", "broken"},
		{"<worksheet><sheetData><row>", "broken"},
		{"<worksheet></sheet>", "broken"},
		{"", "broken"},
		{ROW("<c t='s'><v>4</v></c>"), "not there"},
		{ROW("<c t='s'><v>-1</v></c>"), "not there"},
		{ROW("<c r='XFE1'><v>1</v></c>"), "no column"},
		{ROW("<c r='1'><v>1</v></c>"), "no column"},
		{DATA("<row r='1048577'/>"), "1048576 rows"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = buf_grow(64);
		const char *wrong = rows[i].xml[0] ? rows_of(rows[i].xml, &out) : "broken";
		EXPECT(wrong && strstr(wrong, rows[i].want));
		buf_free(&out);
	}
	struct buf deep = buf_grow(1024), out = buf_grow(64);
	for (int i = 0; i < 100; i++)
		buf_c(&deep, "<a>");
	buf_ch(&deep, 0);
	const char *wrong = rows_of(deep.p, &out);
	EXPECT(wrong && strstr(wrong, "too deeply"));
	deep.n = 0;
	buf_c(&deep, "<a b='");
	for (uint32_t i = 0; i < XML_MARKUP_MAX + 200000; i++)
		buf_ch(&deep, 'x');
	struct sheet *s = xcalloc(1, sizeof *s);
	CHECK(sheet_init(s) == ERR_OK);
	EXPECT(!sheet_feed(s, buf_str(&deep), false) && strstr(s->wrong, "megabyte"));
	sheet_finish(s);
	free(s);
	buf_free(&deep);
	buf_free(&out);
}

/* What is too much for a line of a CSV is too much here, and told by the same reader. */
TEST(too_much_is_cut_just_behind_the_limit)
{
	struct buf xml = buf_grow(1024), out = buf_grow(64);
	buf_c(&xml, "<worksheet><sheetData><row><c r='GR1'><v>1</v></c><c r='GT1'><v>2</v></c>"
		    "<c r='XFD1'><v>3</v></c></row></sheetData></worksheet>");
	buf_ch(&xml, 0);
	EXPECT(rows_of(xml.p, &out) == NULL);
	EXPECT(out.n == 1 + 199 * 2 + 3 + 3 + 1 && str_ends(buf_str(&out), STR("[1][3]|")));
	buf_free(&xml);
	buf_free(&out);
}

TEST(a_workbook_tells_where_its_sheets_are)
{
	struct workbook b;
	workbook_init(&b);
	EXPECT(!part(&b, PART_RELS,
		     "<Relationships><Relationship Id='r1' Type='http://x/worksheet' "
		     "Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='http://x/styles' "
		     "Target='/xl/styles.xml'/></Relationships>"));
	EXPECT(!part(&b, PART_BOOK,
		     "<workbook xmlns:r='u'><workbookPr date1904='true'/><sheets>"
		     "<sheet name='Ukryty' sheetId='1' state='hidden' r:id='r9'/>"
		     "<sheet name='Żółć &amp; co' sheetId='2' r:id='r1'/></sheets></workbook>"));
	EXPECT(b.from_1904 && b.sheet_count == 2 && b.sheets[0].hidden && !b.sheets[1].hidden);
	EXPECT_STR(str_of(b.sheets[1].name), "Żółć & co");
	EXPECT_STR(str_of(workbook_rel(&b, NULL, STR("r1"))->path), "xl/worksheets/sheet1.xml");
	EXPECT_STR(str_of(workbook_rel(&b, "styles", STR_NONE)->path), "xl/styles.xml");
	EXPECT(!workbook_rel(&b, "sharedStrings", STR_NONE));
	EXPECT(part(&b, PART_TEXTS, "<!DOCTYPE a><sst/>") != NULL);
	workbook_finish(&b);
}
