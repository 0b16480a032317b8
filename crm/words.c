/* words.c - see words.h. */
#include "crm/words.h"

#include "core/number.h"
#include "crm/customer.h"
#include "crm/plain.h"

#define WORD_MAX 40u   /* bytes of a word that are told apart */
#define WORDS_MAX 300u /* of one customer */
#define RUN_MIN 4u     /* digits */
#define ASKED_MAX 12u  /* words of a question */

static void put_tenant(struct str tenant, struct buf *out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint32_t h = 2166136261u; /* FNV-1a: what is stored once must be found for ever */
	for (size_t i = 0; i < tenant.n; i++)
		h = (h ^ (unsigned char)tenant.p[i]) * 16777619u;
	for (int i = 0; i < 3; i++, h >>= 5)
		buf_ch(out, letters[h & 31]);
}

/* At most WORD_MAX bytes, whole letters. */
static struct str cut_word(struct str w)
{
	if (w.n <= WORD_MAX)
		return w;
	size_t n = WORD_MAX;
	while (n && ((unsigned char)w.p[n] & 0xc0) == 0x80)
		n--;
	return str_head(w, n);
}

/* -- a record's words -- */

struct wording {
	struct buf *out;
	struct str tenant;
	struct {
		uint32_t at, n; /* in out */
	} seen[WORDS_MAX];
	uint32_t count;
};

static bool said_already(const struct wording *w, struct str word)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->seen[i].n == word.n && !memcmp(w->out->p + w->seen[i].at, word.p, word.n))
			return true;
	return false;
}

static void put_word(struct wording *w, const char *mark, struct str word)
{
	char text[WORD_MAX + 8];
	struct buf b = buf_make(text, sizeof text);
	put_tenant(w->tenant, &b);
	buf_c(&b, mark);
	buf_put(&b, cut_word(word));
	if (w->count == WORDS_MAX || said_already(w, buf_str(&b)))
		return;
	if (w->count)
		buf_ch(w->out, ' ');
	w->seen[w->count].at = (uint32_t)w->out->n;
	w->seen[w->count++].n = (uint32_t)b.n;
	buf_put(w->out, buf_str(&b));
}

static void put_text(struct wording *w, struct str text)
{
	struct buf plain = buf_grow(64);
	struct str word;
	plain_text(text, &plain);
	for (struct str rest = buf_str(&plain); rest.n;) {
		str_cut(rest, ' ', &word, &rest);
		put_word(w, "", word);
	}
	buf_free(&plain);
}

static struct str digits_of(struct str s, char *room, size_t size)
{
	struct buf b = buf_make(room, size);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			buf_ch(&b, s.p[i]);
	return buf_str(&b);
}

static void put_number(struct wording *w, struct str number)
{
	char room[NUMBER_TEXT];
	struct str digits = digits_of(number, room, sizeof room);
	if (!digits.n || digits.n < RUN_MIN) {
		put_text(w, number);
		return;
	}
	for (; digits.n >= RUN_MIN; digits = str_from(digits, 1))
		put_word(w, "#", digits);
}

static void put_value(struct wording *w, const json_t *v)
{
	char text[32];
	struct buf b = buf_make(text, sizeof text);
	if (json_is_string(v))
		put_text(w, str_make(json_string_value(v), json_string_length(v)));
	else if (json_is_integer(v)) {
		buf_i64(&b, json_integer_value(v));
		put_text(w, buf_str(&b));
	}
}

/* Of each entry of a list, the member `key`; NULL: all texts. */
static void put_list(struct wording *w, const json_t *list, const char *key)
{
	size_t i;
	json_t *v, *part;
	const char *name;
	json_array_foreach(list, i, v)
	{
		if (json_is_string(v)) {
			put_value(w, v);
			continue;
		}
		json_object_foreach(v, name, part) if (!key || str_is(str_of(key), name))
			put_value(w, part);
	}
}

void words_of(const json_t *doc, struct str tenant, struct buf *out)
{
	static const char *const texts[] = {"name",	"given_name",	"family_name", "title",
					    "position", "company_name", "external_id"};
	struct wording w = {.out = out, .tenant = tenant};
	const size_t from = out->n;
	CHECK(from == 0);
	const char *key;
	json_t *v;
	size_t i;
	for (i = 0; i < COUNT_OF(texts); i++)
		put_text(&w, json_member(doc, texts[i]));
	json_array_foreach(json_object_get(doc, "numbers"), i, v)
		put_number(&w, json_member(v, "number"));
	put_list(&w, json_object_get(doc, "emails"), "address");
	put_list(&w, json_object_get(doc, "handles"), "address");
	put_list(&w, json_object_get(doc, "tags"), NULL);
	json_object_foreach(json_object_get(doc, "fields"), key, v) put_value(&w, v);
	put_list(&w, json_object_get(doc, "addresses"), NULL);
}

/* -- a question -- */

/* A part of a question: digits that may be a number, or what stands between such. */
struct part {
	struct str text; /* view into the question */
	char digits[32];
	size_t digit_count; /* 0: words alone */
};

static bool of_a_number(char c)
{
	return (c >= '0' && c <= '9') || c == '+' || c == '(' || c == ')' || c == '-' || c == '.' ||
	       c == '/' || c == ' ';
}

/* Takes the next part off *rest. A run of what numbers are written with is a number when it has
 * digits enough and touches no letter. */
static bool next_part(struct str *rest, struct part *out)
{
	*out = (struct part){0};
	*rest = str_trim(*rest);
	if (!rest->n)
		return false;
	size_t n = 0;
	while (n < rest->n && of_a_number(rest->p[n]))
		n++;
	if (n < rest->n) /* the word behind is none of it, nor what touches that */
		while (n && rest->p[n - 1] != ' ')
			n--;
	const struct str run = str_trim(str_head(*rest, n));
	const struct str digits = digits_of(run, out->digits, sizeof out->digits);
	if (run.n && digits.n >= RUN_MIN) {
		out->text = run;
		out->digit_count = digits.n;
		*rest = str_from(*rest, n);
		return true;
	}
	n = 0;
	while (n < rest->n && rest->p[n] != ' ')
		n++;
	out->text = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return true;
}

struct asking {
	struct buf *out;
	struct str tenant;
	enum words_dialect dialect;
	bool whole;
	uint32_t words;
};

static void put_sign(struct asking *a, bool either)
{
	if (a->dialect == WORDS_FTS5)
		buf_c(a->out, either ? " OR " : " AND ");
	else
		buf_c(a->out, either ? " | " : " & ");
}

static void put_term(struct asking *a, const char *mark, struct str word, bool whole)
{
	const char quote = a->dialect == WORDS_FTS5 ? '"' : '\'';
	buf_ch(a->out, quote);
	put_tenant(a->tenant, a->out);
	buf_c(a->out, mark);
	buf_put(a->out, cut_word(word));
	buf_ch(a->out, quote);
	if (!whole)
		buf_c(a->out, a->dialect == WORDS_FTS5 ? "*" : ":*");
}

/* All words of a text; how many were put. */
static uint32_t put_words(struct asking *a, struct str text)
{
	struct buf plain = buf_grow(64);
	struct str word;
	uint32_t n = 0;
	plain_text(text, &plain);
	for (struct str rest = buf_str(&plain); rest.n && a->words < ASKED_MAX; n++, a->words++) {
		str_cut(rest, ' ', &word, &rest);
		if (n)
			put_sign(a, false);
		put_term(a, "", word, a->whole);
	}
	buf_free(&plain);
	return n;
}

/* As a number, without what is dialled before it, or as words. */
static void put_run(struct asking *a, const struct part *p)
{
	const struct str digits = str_make(p->digits, p->digit_count);
	struct str bare = digits;
	buf_ch(a->out, '(');
	put_term(a, "#", digits, false);
	while (bare.n && bare.p[0] == '0')
		bare = str_from(bare, 1);
	if (bare.n >= RUN_MIN && bare.n < digits.n) {
		put_sign(a, true);
		put_term(a, "#", bare, false);
	}
	put_sign(a, true);
	buf_ch(a->out, '(');
	if (!put_words(a, p->text))
		put_term(a, "#", digits, false);
	buf_c(a->out, "))");
}

void words_query(struct str question, struct str tenant, enum words_dialect dialect, bool whole,
		 struct buf *out)
{
	struct asking a = {.out = out, .tenant = tenant, .dialect = dialect, .whole = whole};
	struct part p;
	uint32_t parts = 0;
	while (a.words < ASKED_MAX && next_part(&question, &p)) {
		const size_t before = out->n;
		if (parts)
			put_sign(&a, false);
		const size_t body = out->n;
		if (p.digit_count)
			put_run(&a, &p);
		else
			(void)put_words(&a, p.text);
		if (out->n == body)
			out->n = before; /* signs only */
		else
			parts++;
	}
}

/* -- how well it is answered -- */

#define POINTS_NUMBER 1000 /* the number, whole */
#define POINTS_NAME 500	   /* the name, whole */
#define POINTS_WORD 40	   /* a word of the name; of its beginning */
#define POINTS_BEGINNING 25
#define POINTS_RUN 30 /* digits in a number */
#define POINTS_ELSEWHERE 8

/* Does `word` stand among these (with spaces between), whole (2), by its beginning (1), not (0)? */
static int stands_among(struct str words, struct str word)
{
	struct str one;
	int best = 0;
	while (words.n && best < 2) {
		str_cut(words, ' ', &one, &words);
		if (str_eq(one, word))
			best = 2;
		else if (str_starts(one, word))
			best = MAX(best, 1);
	}
	return best;
}

static int number_points(const json_t *doc, const struct part *p, struct str country)
{
	char asked[NUMBER_TEXT], room[NUMBER_TEXT];
	int best = 0;
	size_t i;
	json_t *v;
	number_normalise(p->text, country, asked);
	struct str bare = str_make(p->digits, p->digit_count);
	while (bare.n > RUN_MIN && bare.p[0] == '0')
		bare = str_from(bare, 1);
	json_array_foreach(json_object_get(doc, "numbers"), i, v)
	{
		const struct str number = json_member(v, "number");
		const struct str digits = digits_of(number, room, sizeof room);
		if (str_eq(number, str_of(asked)))
			best = POINTS_NUMBER;
		else if (str_ends(digits, bare))
			best = MAX(best, 2 * POINTS_RUN);
		else if (str_find_str(digits, bare) >= 0)
			best = MAX(best, POINTS_RUN);
	}
	return best;
}

struct words_score words_score(const json_t *doc, struct str question, struct str country)
{
	struct words_score s = {0, FOUND_words};
	struct buf name = buf_grow(64), asked = buf_grow(64), a = buf_grow(64), b = buf_grow(64);
	struct str rest = question, word;
	struct part p;
	bool by_name = false;
	plain_text(json_member(doc, "name"), &name);
	customer_key('p', json_member(doc, "name"), &a);
	customer_key('p', question, &b);
	if (b.n && str_eq(buf_str(&a), buf_str(&b)))
		s.points += POINTS_NAME;
	while (next_part(&rest, &p)) {
		const int points = p.digit_count ? number_points(doc, &p, country) : 0;
		if (points) {
			s.points += points;
			s.by = FOUND_number;
			continue;
		}
		asked.n = 0;
		plain_text(p.text, &asked);
		for (struct str words = buf_str(&asked); words.n;) {
			str_cut(words, ' ', &word, &words);
			const int how = stands_among(buf_str(&name), word);
			by_name |= how > 0;
			s.points += how == 2   ? POINTS_WORD
				    : how == 1 ? POINTS_BEGINNING
					       : POINTS_ELSEWHERE;
		}
	}
	if (s.by != FOUND_number && by_name)
		s.by = FOUND_name;
	buf_free(&name);
	buf_free(&asked);
	buf_free(&a);
	buf_free(&b);
	return s;
}
