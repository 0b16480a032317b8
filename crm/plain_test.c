/* plain_test.c - letters without marks, in the languages of our customers. */
#include "crm/plain.h"
#include "tests/test.h"

TEST(names_are_plain_in_every_language)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"Żółć", "zolc"},
		{"ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"},
		{"Ёлкин", "елкин"},
		{"Щёлоков-Йод", "щелоков иод"},
		{"Ґалаґан Їжак", "галаган іжак"}, /* Ukrainian */
		{"Groß Jürgen", "gross jurgen"},
		{"STRAẞE", "strasse"},
		{"Dvořák Žižka Ďáblík", "dvorak zizka dablik"},
		{"Ľubomír Ťažký", "lubomir tazky"},
		{"Đorđević", "dordevic"},
		{"Søren Ærø Åse", "soren aero ase"},
		{"Łódź, ul. 3 Maja 1/2", "lodz ul 3 maja 1 2"},
		{"d'Artagnan O’Neil", "dartagnan oneil"},
		{"e\xcc\x81te\xcc\x81", "ete"}, /* marks of their own, NFD */
		{"ＡＢＣ１２", "abc12"},
		{"a\xff\xfe b", "a b"}, /* no UTF-8 */
		{"  --  ", ""},
		{"", ""},
		{"日本", "日本"},
		{"Ελλάς", "ελλασ"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf out = buf_grow(16);
		plain_text(str_of(rows[i].in), &out);
		EXPECT_STR(buf_str(&out), rows[i].out);
		buf_free(&out);
	}
}

TEST(the_table_is_in_order)
{
	for (size_t i = 1; i < plain_row_count; i++)
		EXPECT(plain_rows[i - 1].from < plain_rows[i].from);
}
