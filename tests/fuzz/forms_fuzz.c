/*
 * forms_fuzz.c - any bytes as the small written forms of declared objects.
 *
 * Law: what is accepted lies inside what came in, and means something: spans end after they begin,
 * days are on the calendar, a skill demand can be answered.
 */
#include "objects/forms.h"
#include "core/skill_expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool inside(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static uint32_t level_of(void *arg, struct str skill)
{
	CHECK(inside(skill, *(const struct str *)arg) && form_id(str_head(skill, 63)));
	return (uint32_t)skill.n % 101;
}

static void check_demand(struct str s)
{
	struct skill_term terms[SKILL_TERMS_MAX];
	uint32_t count = 0;
	char text[160];
	struct buf why = buf_make(text, sizeof text);
	if (skill_expr_parse(s, terms, &count, &why) != ERR_OK) {
		CHECK(why.n > 0 && !why.full);
		return;
	}
	CHECK(count > 0 && count <= SKILL_TERMS_MAX);
	(void)skill_expr_fits(terms, count, level_of, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = str_make((const char *)data, n);
	struct span span;
	struct trunk_peer peer;
	int32_t y, m, d;
	if (form_span(s, &span) == ERR_OK)
		CHECK(span.from_min < span.to_min && span.to_min <= 1440);
	if (form_date(s, &y, &m, &d) == ERR_OK)
		CHECK(m >= 1 && m <= 12 && d >= 1 && d <= 31 && y >= 0 && y <= 9999);
	if (form_peer(s, &peer) == ERR_OK)
		CHECK(peer.address.n > 0 && inside(peer.address, s));
	if (form_sip_uri(s))
		CHECK(n > 4 && str_find(s, ' ') < 0 && str_find(s, '\n') < 0 &&
		      str_find(s, '<') < 0);
	if (form_id(s))
		CHECK(n <= 63);
	if (form_number(s))
		CHECK(n <= 20);
	check_demand(s);
	return 0;
}
