/* skill_expr_test.c - demands such as "polish > 50 & mortgage > 0" (behaviours.md Q-5). */
#include "core/skill_expr.h"

#include "tests/test.h"

/* polish 60, billing 3, others none */
static uint32_t level_of(void *arg, struct str skill)
{
	(void)arg;
	return str_is(skill, "polish") ? 60 : str_is(skill, "billing") ? 3 : 0;
}

TEST(skill_demands_mean_what_they_say)
{
	static const struct {
		const char *text;
		bool fits;
	} table[] = {
		{"billing >= 3", true},
		{"billing>=3", true},
		{"billing > 3", false},
		{"billing == 3", true},
		{"billing = 3", true},
		{"billing != 3", false},
		{"billing <= 2", false},
		{"billing < 4", true},
		{"polish > 50 & mortgage > 0", false},
		{"polish > 50 && billing > 0", true},
		{"polish > 90 || billing > 0", true},
		{"polish > 90 | mortgage > 0", false},
		/* && binds more tightly than || */
		{"billing > 0 || polish > 90 && mortgage > 0", true},
		{"(billing > 0 || polish > 90) && mortgage > 0", false},
		{"!mortgage > 0",
		 true}, /* the comparison first, as there is nothing else to deny */
		{"!(billing > 0)", false},
		{"!!(billing > 0)", true},
		{"  ( ( billing >= 0 ) )  ", true},
		{"mortgage >= 0", true}, /* who has not learnt it has level 0 */
		{"polish <= 100", true},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct skill_term terms[SKILL_TERMS_MAX];
		uint32_t n = 0;
		char text[160];
		struct buf why = buf_make(text, sizeof text);
		EXPECT(skill_expr_parse(str_of(table[i].text), terms, &n, &why) == ERR_OK);
		if (skill_expr_fits(terms, n, level_of, NULL) != table[i].fits)
			test_failed(table[i].text, __FILE__, __LINE__);
	}
}

TEST(skill_demands_that_cannot_be_read_say_where)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{"", "a skill is expected at character 1"},
		{"   ", "a skill is expected at character 4"},
		{"billing", "a comparison (> >= < <= == !=) is expected at character 8"},
		{"billing >=", "a level is expected at character 11"},
		{"billing >= 101", "a level is at most 100 at character 15"},
		{"billing >= 99999999999", "a level is at most 100 at character 23"},
		{"billing >= -1", "a level is expected at character 12"},
		{"billing >= 3 billing < 4", "&& or || is expected at character 14"},
		{"billing >= 3 &&", "a skill is expected at character 16"},
		{"(billing >= 3", "a closing parenthesis is expected at character 14"},
		{"billing >= 3)", "&& or || is expected at character 13"},
		{"Billing >= 3", "a skill is expected at character 1"},
		{"3 >= billing", "a level is expected at character 6"},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct skill_term terms[SKILL_TERMS_MAX];
		uint32_t n = 77;
		char text[160];
		struct buf why = buf_make(text, sizeof text);
		EXPECT(skill_expr_parse(str_of(table[i].text), terms, &n, &why) == ERR_INVALID);
		EXPECT(n == 77);
		EXPECT_STR(buf_str(&why), table[i].why);
	}
}

TEST(skill_demands_are_bounded)
{
	struct skill_term terms[SKILL_TERMS_MAX];
	uint32_t n;
	char text[160];
	struct buf why = buf_make(text, sizeof text), b = buf_grow(4096);
	for (int i = 0; i < 31; i++)
		buf_ch(&b, '(');
	buf_c(&b, "a > 1");
	for (int i = 0; i < 31; i++)
		buf_ch(&b, ')');
	EXPECT(skill_expr_parse(buf_str(&b), terms, &n, &why) == ERR_OK && n == 1);
	b.n = 0;
	for (int i = 0; i < 1000; i++)
		buf_ch(&b, '(');
	EXPECT(skill_expr_parse(buf_str(&b), terms, &n, &why) == ERR_INVALID);
	b.n = 0;
	for (int i = 0; i < 64; i++) /* 64 comparisons and 63 && */
		buf_c(&b, i ? " && a > 1" : "a > 1");
	EXPECT(skill_expr_parse(buf_str(&b), terms, &n, &why) == ERR_OK && n == 127);
	buf_c(&b, " && a > 1");
	EXPECT(skill_expr_parse(buf_str(&b), terms, &n, &why) == ERR_INVALID);
	buf_free(&b);
}
