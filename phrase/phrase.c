/* phrase.c - see phrase.h: sentences and lists, alike in all languages. */
#include "phrase/tongue.h"

static const struct tongue *tongue_of(enum phrase_lang lang)
{
	static const struct tongue *const tongues[] = {
		[PHRASE_en] = &tongue_en,
		[PHRASE_pl] = &tongue_pl,
		[PHRASE_ru] = &tongue_ru,
	};
	CHECK((unsigned)lang < PHRASE_LANGS);
	return tongues[lang];
}

enum phrase_lang phrase_lang_of(struct str tag)
{
	struct str first = str_head(tag, 2);
	bool whole = tag.n == 2 || (tag.n > 2 && (tag.p[2] == '-' || tag.p[2] == '_'));
	for (int i = 0; i < PHRASE_LANGS && whole; i++)
		if (str_ieq(first, str_of(tongue_of((enum phrase_lang)i)->tag)))
			return (enum phrase_lang)i;
	return PHRASE_en;
}

struct str phrase_lang_tag(enum phrase_lang lang)
{
	return str_of(tongue_of(lang)->tag);
}

void tongue_word(struct buf *out, const char *word)
{
	if (out->n && out->p[out->n - 1] != ' ')
		buf_ch(out, ' ');
	buf_c(out, word);
}

/* -- one piece at a time into a room of its own, so that a full buf stays as it was -- */

struct piece {
	char room[1024]; /* the longest number takes about 250 bytes, the longest date 200 */
	struct buf b;
};

static struct buf *piece_begin(struct piece *p)
{
	p->b = buf_make(p->room, sizeof p->room);
	return &p->b;
}

static void piece_end(const struct piece *p, struct buf *out)
{
	CHECK(!p->b.full);
	buf_put(out, buf_str(&p->b));
}

void phrase_cardinal(enum phrase_lang lang, uint32_t n, struct phrase_form f, struct buf *out)
{
	struct piece p;
	tongue_of(lang)->cardinal(MIN(n, PHRASE_MAX), f, piece_begin(&p));
	piece_end(&p, out);
}

void phrase_ordinal(enum phrase_lang lang, uint32_t n, struct phrase_form f, struct buf *out)
{
	struct piece p;
	tongue_of(lang)->ordinal(MIN(n, PHRASE_MAX), f, piece_begin(&p));
	piece_end(&p, out);
}

static void count(const struct tongue *t, uint32_t n, enum phrase_noun noun, enum phrase_case kase,
		  struct buf *out)
{
	n = MIN(n, PHRASE_MAX);
	t->cardinal(n, (struct phrase_form){t->genders[noun], kase}, out);
	tongue_word(out, t->noun(noun, n, kase));
}

void phrase_count(enum phrase_lang lang, uint32_t n, enum phrase_noun noun, enum phrase_case kase,
		  struct buf *out)
{
	struct piece p;
	count(tongue_of(lang), n, noun, kase, piece_begin(&p));
	piece_end(&p, out);
}

void phrase_duration(enum phrase_lang lang, int64_t ms, enum phrase_case kase, struct buf *out)
{
	static const enum phrase_noun nouns[] = {PHRASE_DAY, PHRASE_HOUR, PHRASE_MINUTE,
						 PHRASE_SECOND};
	const struct tongue *t = tongue_of(lang);
	int64_t s = (MIN(MAX(ms, 0), (int64_t)PHRASE_MAX * 86400000) + 500) / 1000;
	uint32_t parts[] = {(uint32_t)(s / 86400), (uint32_t)(s / 3600 % 24),
			    (uint32_t)(s / 60 % 60), (uint32_t)(s % 60)};
	uint32_t left = 0;
	struct piece p;
	struct buf *b = piece_begin(&p);
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		left += parts[i] > 0;
	if (!left)
		count(t, 0, PHRASE_SECOND, kase, b);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (!parts[i])
			continue;
		if (b->n && left == 1)
			tongue_word(b, t->and);
		else if (b->n)
			buf_ch(b, ',');
		if (b->n)
			buf_ch(b, ' ');
		count(t, parts[i], nouns[i], kase, b);
		left--;
	}
	piece_end(&p, out);
}

void phrase_date(enum phrase_lang lang, uint32_t year, uint32_t month, uint32_t day,
		 struct buf *out)
{
	struct piece p;
	CHECK(month >= 1 && month <= 12 && day >= 1 && day <= 31 && year <= 9999);
	tongue_of(lang)->date(year, month, day, piece_begin(&p));
	piece_end(&p, out);
}

void phrase_time(enum phrase_lang lang, uint32_t hour, uint32_t minute, struct buf *out)
{
	struct piece p;
	CHECK(hour <= 23 && minute <= 59);
	tongue_of(lang)->time(hour, minute, piece_begin(&p));
	piece_end(&p, out);
}

/* -- digits -- */

static bool breaks(char c)
{
	return c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' || c == '.';
}

static bool has_breaks(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (breaks(s.p[i]))
			return true;
	return false;
}

void phrase_digits(enum phrase_lang lang, struct str number, struct buf *out)
{
	const struct tongue *t = tongue_of(lang);
	bool grouped = has_breaks(number), comma = false;
	uint32_t run = 0;
	size_t before = out->n;
	for (size_t i = 0; i < number.n; i++) {
		char c = number.p[i], word[32];
		struct buf w = buf_make(word, sizeof word - 1);
		if (grouped ? breaks(c) : run == 3) {
			comma = out->n > before;
			run = 0;
		}
		if (c >= '0' && c <= '9') {
			t->cardinal((uint32_t)(c - '0'), (struct phrase_form){0}, &w);
			run++;
		} else if (c == '+' || c == '*' || c == '#') {
			buf_c(&w, c == '+' ? t->plus : c == '*' ? t->star : t->hash);
		} else {
			continue;
		}
		if (comma)
			buf_ch(out, ',');
		if (out->n > before)
			buf_ch(out, ' ');
		comma = false;
		buf_put(out, buf_str(&w));
	}
}

/* -- sentences -- */

void phrase_position(enum phrase_lang lang, uint32_t position, struct buf *out)
{
	const struct tongue *t = tongue_of(lang);
	bool past = position > PHRASE_POSITION_MAX;
	const char *const *around = past ? t->position_past : t->position;
	struct piece p;
	struct buf *b = piece_begin(&p);
	buf_c(b, around[0]);
	if (past)
		count(t, PHRASE_POSITION_MAX, PHRASE_CALL, t->past_case, b);
	else
		t->ordinal(MAX(position, 1u), t->position_form, b);
	buf_c(b, around[1]);
	piece_end(&p, out);
}

void phrase_wait(enum phrase_lang lang, uint32_t low_min, uint32_t high_min, struct buf *out)
{
	const struct tongue *t = tongue_of(lang);
	struct piece p;
	struct buf *b = piece_begin(&p);
	if (high_min > PHRASE_WAIT_MAX) {
		buf_c(b, t->wait_past[0]);
		count(t, PHRASE_WAIT_MAX, PHRASE_MINUTE, t->past_case, b);
		buf_c(b, t->wait_past[1]);
	} else if (high_min <= 1) {
		buf_c(b, t->wait_less);
	} else if (low_min >= high_min) {
		buf_c(b, t->wait_about[0]);
		count(t, high_min, PHRASE_MINUTE, t->about_case, b);
		buf_c(b, t->wait_about[1]);
	} else {
		struct phrase_form f = {t->genders[PHRASE_MINUTE], t->range_case};
		buf_c(b, t->wait_range[0]);
		t->cardinal(MAX(low_min, 1u), f, b);
		buf_c(b, t->wait_range[1]);
		count(t, high_min, PHRASE_MINUTE, t->range_case, b);
		buf_c(b, t->wait_range[2]);
	}
	piece_end(&p, out);
}

void phrase_test_call(enum phrase_lang lang, struct buf *out)
{
	struct piece p;
	buf_c(piece_begin(&p), tongue_of(lang)->test_call);
	piece_end(&p, out);
}
