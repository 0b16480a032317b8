/* expression_test.c - the language of conditions: what is read, what is refused, what it comes to.
 */
#include "core/expression.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

/* var.n = 7, var.digits = "0042", var.two = "2", var.ten = "10", var.empty = "", var.yes = true;
 * number "+48600100200" from PL to "112"; Saturday 13 o'clock; queue support: 3 wait, ewt absent.
 */
static void know(void *arg, enum expr_name name, struct str which, struct expr_value *out)
{
	static const struct {
		const char *var, *text;
	} texts[] = {{"digits", "0042"}, {"two", "2"}, {"ten", "10"}, {"empty", ""}};
	(*(uint32_t *)arg)++;
	switch (name) {
	case EXPR_VAR:
		if (str_is(which, "n"))
			*out = (struct expr_value){.kind = VALUE_NUMBER, .number = 7};
		if (str_is(which, "yes"))
			*out = (struct expr_value){.kind = VALUE_BOOL, .number = 1};
		for (size_t i = 0; i < COUNT_OF(texts); i++)
			if (str_is(which, texts[i].var))
				*out = (struct expr_value){.kind = VALUE_TEXT,
							   .text = str_of(texts[i].text)};
		break;
	case EXPR_CALLER_NUMBER:
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = STR("+48600100200")};
		break;
	case EXPR_CALLER_COUNTRY:
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = STR("PL")};
		break;
	case EXPR_CALLER_VERSTAT:
	case EXPR_CALLER_ATTEST:
	case EXPR_CALL_DIVERTED:
		break;
	case EXPR_CALL_TO:
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = STR("112")};
		break;
	case EXPR_TIME_HOUR:
		*out = (struct expr_value){.kind = VALUE_NUMBER, .number = 13};
		break;
	case EXPR_TIME_WEEKDAY:
		*out = (struct expr_value){.kind = VALUE_NUMBER, .number = 6, .text = STR("sat")};
		break;
	case EXPR_CUSTOMER_LANGUAGE:
		*out = (struct expr_value){.kind = VALUE_TEXT, .text = STR("pl")};
		break;
	case EXPR_QUEUE_WAITING:
		if (str_is(which, "support-2"))
			*out = (struct expr_value){.kind = VALUE_NUMBER, .number = 3};
		break;
	case EXPR_QUEUE_EWT:
	case EXPR_NAME_COUNT:
		break;
	}
}

/* "true", "false", "none", a number or 'a text'; what is wrong when it does not compile. */
static struct str value_of(struct str text)
{
	static char room[1024];
	struct buf out = buf_make(room, sizeof room);
	struct arena a;
	struct expression e, copy;
	uint32_t asked = 0;
	arena_init(&a);
	if (expression_compile(text, &a, &e, &out) == ERR_OK) {
		copy = expression_copy(&e, &a);
		struct expr_value v = expression_value(&copy, know, &asked);
		if (v.kind == VALUE_NONE)
			buf_c(&out, "none");
		else if (v.kind == VALUE_BOOL)
			buf_c(&out, v.number != 0 ? "true" : "false");
		else if (v.kind == VALUE_NUMBER)
			buf_fmt(&out, "%g", v.number);
		else
			buf_fmt(&out, "'" STR_FMT "'", STR_ARG(v.text));
	}
	arena_finish(&a);
	return buf_str(&out);
}

TEST(expressions_come_to_what_they_say)
{
	static const struct {
		const char *text, *value;
	} rows[] = {
		/* alone */
		{"12.5", "12.5"},
		{" 'it is \"so\"' ", "'it is \"so\"'"},
		{"\"don't\"", "'don't'"},
		{"true", "true"},
		{"var.n", "7"},
		{"var.nobody", "none"},
		{"call.to", "'112'"},
		{"queue.support-2.waiting", "3"},
		/* computing, and what binds tighter */
		{"1 + 2 * 3 - 4 / 2", "5"},
		{"(1 + 2) * 3", "9"},
		{"10 - 3 - 2", "5"},
		{"16/4/2", "2"},
		{"-var.n + 1", "-6"},
		{"- -2", "2"},
		{"var.digits + 1", "43"},
		{"1 / 0", "none"},
		{"'x' + 1", "none"},
		{"true + 1", "none"},
		{"var.nobody * 0", "none"},
		/* comparing */
		{"var.n >= 7", "true"},
		{"var.n > 7", "false"},
		{"var.n <= 7 && var.n < 8", "true"},
		{"var.n != 8", "true"},
		{"var.digits == '0042'", "true"},
		{"var.digits == '42'", "false"},
		{"var.digits == 42", "true"},
		{"call.to == 112", "true"},
		{"var.two < var.ten", "true"},
		{"'2' < '10x'", "false"},
		{"'abc' < 'abd'", "true"},
		{"'abc' < 5", "false"},
		{"'abc' == 5", "false"},
		{"'abc' != 5", "true"},
		{"caller.number == '+48600100200'", "true"},
		{"caller.number == 48600100200", "false"},
		{"var.empty == ''", "true"},
		{"var.yes == true", "true"},
		{"var.yes == 1", "false"},
		{"var.yes < 2", "false"},
		{"time.weekday == 'sat'", "true"},
		{"time.weekday == 'sun'", "false"},
		{"'sat' == time.weekday", "true"},
		{"time.weekday > 5", "true"},
		{"time.weekday in ('sat', 'sun')", "true"},
		{"time.hour == ''", "false"},
		/* what is absent */
		{"var.nobody == 1", "false"},
		{"var.nobody != 1", "false"},
		{"var.nobody == var.nobody", "false"},
		{"1 < var.nobody", "false"},
		{"queue.support-2.ewt_s < 100000", "false"},
		{"queue.other.waiting >= 0", "false"},
		{"!(var.nobody == 1)", "true"},
		{"var.nobody in (1, 2)", "false"},
		{"1 in (var.nobody, 1)", "true"},
		/* joining */
		{"1 == 1 || 1 == 2 && 1 == 3", "true"},
		{"(1 == 1 || 1 == 2) && 1 == 3", "false"},
		{"!var.n == 8", "true"}, /* not (var.n == 8) */
		{"!!var.n", "true"},
		{"!var.empty", "true"},
		{"!0", "true"},
		{"var.yes && var.digits", "true"},
		{"var.nobody || var.two", "true"},
		{"1==1&&2==2", "true"},
		/* in */
		{"caller.country in ('DE', 'PL')", "true"},
		{"caller.country in [\"DE\",\"PL\"]", "true"},
		{"caller.country in ('DE')", "false"},
		{"var.n in (1 + 6)", "true"},
		{"!var.n in (1, 7)", "false"},
		{"'48' in caller.number", "true"},
		{"'49' in caller.number", "false"},
		{"1 in 12", "false"},
		{"1 in (2, 1 in (1, 2), 1)", "true"},
		{"var.n in (7) && time.hour in (13, 14)", "true"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		EXPECT_STR(value_of(str_of(rows[i].text)), rows[i].value);
}

TEST(expressions_that_are_none_are_refused_with_their_place)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "a value is expected at character 1"},
		{"1 +", "a value is expected at character 4"},
		{"(1", "a closing parenthesis is expected at character 3"},
		{"1 2", "an operator such as && or == is expected at character 3"},
		{"1 = 2", "an operator such as && or == is expected at character 3"},
		{"1 & 2", "an operator such as && or == is expected at character 3"},
		{"1 < 2 < 3", "comparisons do not follow each other without parentheses; at"},
		{"'abc", "the quote is not closed at character 1"},
		{"0042", "a number has no leading zero; texts stand in quotes, at character 1"},
		{"5apples", "no number; texts stand in quotes, at character 1"},
		{"5.", "a digit is expected at character 3"},
		{"1 in ()", "a value is expected at character 7"},
		{"1 in (1, )", "a value is expected at character 10"},
		{"1 in (1]", "a comma or the end of the list is expected at character 8"},
		{"gold", "unknown name 'gold' at character 1; known are var.NAME, queue.NAME.wa"},
		{"1 == caller.name", "unknown name 'caller.name' at character 6"},
		{"var.", "unknown name 'var.' at character 1"},
		{"var.1a", "unknown name 'var.1a' at character 1"},
		{"queue.support", "unknown name 'queue.support' at character 1"},
		{"queue.support.size", "unknown name 'queue.support.size' at character 1"},
		{"queue..waiting", "unknown name 'queue..waiting' at character 1"},
		{"time.hour.utc", "unknown name 'time.hour.utc' at character 1"},
		{"True", "unknown name 'True'"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str why = value_of(str_of(rows[i].text));
		EXPECT(str_starts(why, str_of(rows[i].why)));
		if (!str_starts(why, str_of(rows[i].why)))
			EXPECT_STR(why, rows[i].why);
	}
	EXPECT_STR(value_of(str_make("1\0", 2)),
		   "an operator such as && or == is expected at character 2");
}

static struct str repeated(char *room, const char *before, const char *mid, const char *after,
			   int n)
{
	struct buf b = buf_make(room, 4096);
	for (int i = 0; i < n; i++)
		buf_c(&b, before);
	buf_c(&b, mid);
	for (int i = 0; i < n; i++)
		buf_c(&b, after);
	return buf_str(&b);
}

TEST(expressions_are_bounded)
{
	char room[4096];
	EXPECT_STR(value_of(repeated(room, "(", "1", ")", 63)), "1");
	EXPECT_STR(value_of(repeated(room, "(", "1", ")", 64)), "nested too deep at character 65");
	EXPECT(str_starts(value_of(repeated(room, "!", "1", "", 64)), STR("nested too deep")));
	EXPECT(str_starts(value_of(repeated(room, "-", "1", "", 64)), STR("nested too deep")));
	EXPECT(str_starts(value_of(repeated(room, "1 in (", "1", ")", 200)),
			  STR("nested too deep")));
	/* what waits on the stack while something is nested */
	EXPECT(str_starts(value_of(repeated(room, "1||1&&1==1+1*(", "1", ")", 60)),
			  STR("nested too deep")));
	EXPECT_STR(value_of(repeated(room, "1||1&&1==1+1*(", "1", ")", 40)), "true");
	EXPECT_STR(value_of(repeated(room, "1+", "1", "", 999)), "1000");
	EXPECT_STR(value_of(repeated(room, "1+", "11", "1", 999)), "longer than 2000 bytes");
	EXPECT_STR(value_of(repeated(room, "'", "", "x", 1)),
		   "the quote is not closed at character 1");
	/* infinite is absent */
	EXPECT_STR(value_of(repeated(room, "99999999999999999999*", "1", "", 20)), "none");
	EXPECT_STR(value_of(repeated(room, "", "1", "9", 400)),
		   "no number; texts stand in quotes, at character 1");
}

TEST(expressions_hold_texts_of_256_bytes)
{
	char room[600] = "'";
	memset(room + 1, 'x', 256);
	room[257] = '\'';
	EXPECT(value_of(str_make(room, 258)).n == 258);
	room[257] = 'x';
	room[258] = '\'';
	EXPECT_STR(value_of(str_make(room, 259)), "a text of more than 256 bytes at character 1");
}

TEST(constants_are_expressions)
{
	struct arena a;
	uint32_t asked = 0;
	arena_init(&a);
	struct expr_value v = {.kind = VALUE_TEXT, .text = STR("gold")};
	struct expression e = expression_constant(&v, &a);
	struct expr_value got = expression_value(&e, know, &asked);
	EXPECT(got.kind == VALUE_TEXT && str_is(got.text, "gold") && asked == 0);
	v.kind = VALUE_NONE;
	e = expression_constant(&v, &a);
	EXPECT(expression_value(&e, know, &asked).kind == VALUE_NONE);
	arena_finish(&a);
}
