/*
 * russian.c - Russian numbers and sentences.
 *
 * Source of the forms: Russkaya grammatika (AN SSSR, 1980), sections on numerals. One at the end is
 * declined and takes the singular (двадцать одна минута, двадцати одной минуты); in an ordinal only
 * the last word is; whole thousands grow together with what counts them (двадцатиоднотысячный).
 */
#include "phrase/tongue.h"

/* nominative and accusative of a thing; genitive; locative */
static const char *const units[][3] = {{"ноль", "ноля", "ноле"},
				       {"один", "одного", "одном"},
				       {"два", "двух", "двух"},
				       {"три", "трёх", "трёх"},
				       {"четыре", "четырёх", "четырёх"},
				       {"пять", "пяти", "пяти"},
				       {"шесть", "шести", "шести"},
				       {"семь", "семи", "семи"},
				       {"восемь", "восьми", "восьми"},
				       {"девять", "девяти", "девяти"},
				       {"десять", "десяти", "десяти"},
				       {"одиннадцать", "одиннадцати", "одиннадцати"},
				       {"двенадцать", "двенадцати", "двенадцати"},
				       {"тринадцать", "тринадцати", "тринадцати"},
				       {"четырнадцать", "четырнадцати", "четырнадцати"},
				       {"пятнадцать", "пятнадцати", "пятнадцати"},
				       {"шестнадцать", "шестнадцати", "шестнадцати"},
				       {"семнадцать", "семнадцати", "семнадцати"},
				       {"восемнадцать", "восемнадцати", "восемнадцати"},
				       {"девятнадцать", "девятнадцати", "девятнадцати"}};
static const char *const tens[][3] = {{"", "", ""},
				      {"", "", ""},
				      {"двадцать", "двадцати", "двадцати"},
				      {"тридцать", "тридцати", "тридцати"},
				      {"сорок", "сорока", "сорока"},
				      {"пятьдесят", "пятидесяти", "пятидесяти"},
				      {"шестьдесят", "шестидесяти", "шестидесяти"},
				      {"семьдесят", "семидесяти", "семидесяти"},
				      {"восемьдесят", "восьмидесяти", "восьмидесяти"},
				      {"девяносто", "девяноста", "девяноста"}};
static const char *const hundreds[][3] = {{"", "", ""},
					  {"сто", "ста", "ста"},
					  {"двести", "двухсот", "двухстах"},
					  {"триста", "трёхсот", "трёхстах"},
					  {"четыреста", "четырёхсот", "четырёхстах"},
					  {"пятьсот", "пятисот", "пятистах"},
					  {"шестьсот", "шестисот", "шестистах"},
					  {"семьсот", "семисот", "семистах"},
					  {"восемьсот", "восьмисот", "восьмистах"},
					  {"девятьсот", "девятисот", "девятистах"}};
static const char *const one[PHRASE_GENDERS][PHRASE_CASES] = {
	[PHRASE_MASCULINE] = {"один", "одного", "один", "одном"},
	[PHRASE_FEMININE] = {"одна", "одной", "одну", "одной"},
	[PHRASE_NEUTER] = {"одно", "одного", "одно", "одном"},
};
static const char *const unit_ordinals[] = {
	"нулев",     "перв",	   "втор",	"трет",	       "четвёрт",
	"пят",	     "шест",	   "седьм",	"восьм",       "девят",
	"десят",     "одиннадцат", "двенадцат", "тринадцат",   "четырнадцат",
	"пятнадцат", "шестнадцат", "семнадцат", "восемнадцат", "девятнадцат"};
static const char *const ten_ordinals[] = {
	"",	     "",	   "двадцат",	"тридцат",     "сороков",
	"пятидесят", "шестидесят", "семидесят", "восьмидесят", "девяност"};
static const char *const hundred_ordinals[] = {"",	     "сот",	 "двухсот",  "трёхсот",
					       "четырёхсот", "пятисот",	 "шестисот", "семисот",
					       "восьмисот",  "девятисот"};

static int column(enum phrase_case k)
{
	return k == PHRASE_GENITIVE ? 1 : k == PHRASE_LOCATIVE ? 2 : 0;
}

/* ends in one, but not in eleven */
static bool single(uint32_t n)
{
	return n % 10 == 1 && n % 100 != 11;
}

static bool few(uint32_t n)
{
	return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14);
}

static void below_thousand(uint32_t n, struct phrase_form f, struct buf *out)
{
	int c = column(f.kase);
	if (n >= 100)
		tongue_word(out, hundreds[n / 100][c]);
	if (n % 100 >= 20)
		tongue_word(out, tens[n % 100 / 10][c]);
	uint32_t rest = n % 100 < 20 ? n % 100 : n % 10;
	if (rest == 1)
		tongue_word(out, one[f.gender][f.kase]);
	else if (rest == 2 && f.gender == PHRASE_FEMININE && c == 0)
		tongue_word(out, "две");
	else if (rest)
		tongue_word(out, units[rest][c]);
}

/* The noun that follows n: its forms are one by case (4), few, many, locative plural. */
static const char *counted(const char *const forms[7], uint32_t n, enum phrase_case kase)
{
	if (single(n))
		return forms[kase];
	if (kase == PHRASE_LOCATIVE)
		return forms[6];
	return forms[few(n) && column(kase) == 0 ? 4 : 5];
}

static void cardinal(uint32_t n, struct phrase_form f, struct buf *out)
{
	static const char *const thousand[7] = {"тысяча", "тысячи", "тысячу", "тысяче",
						"тысячи", "тысяч",  "тысячах"};
	uint32_t k = n / 1000;
	if (k > 1)
		below_thousand(k, (struct phrase_form){PHRASE_FEMININE, f.kase}, out);
	if (k)
		tongue_word(out, counted(thousand, k, f.kase));
	if (n == 0)
		tongue_word(out, units[0][column(f.kase)]);
	else if (n % 1000)
		below_thousand(n % 1000, f, out);
}

static bool is_one_of(struct str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(s, words[i]))
			return true;
	return false;
}

/* -ой where the ending is stressed, -ий of третий; otherwise -ый */
static void declined(const char *stem, struct phrase_form f, struct buf *out)
{
	static const char *const hard[PHRASE_GENDERS][PHRASE_CASES] = {
		[PHRASE_MASCULINE] = {"ый", "ого", "ый", "ом"},
		[PHRASE_FEMININE] = {"ая", "ой", "ую", "ой"},
		[PHRASE_NEUTER] = {"ое", "ого", "ое", "ом"},
	};
	static const char *const soft[PHRASE_GENDERS][PHRASE_CASES] = {
		[PHRASE_MASCULINE] = {"ий", "ьего", "ий", "ьем"},
		[PHRASE_FEMININE] = {"ья", "ьей", "ью", "ьей"},
		[PHRASE_NEUTER] = {"ье", "ьего", "ье", "ьем"},
	};
	static const char *const stressed[] = {"нулев", "втор",	 "шест",
					       "седьм", "восьм", "сороков"};
	struct str s = str_of(stem);
	bool nominative = f.kase == PHRASE_NOMINATIVE || f.kase == PHRASE_ACCUSATIVE;
	tongue_word(out, stem);
	if (str_is(s, "трет"))
		buf_c(out, soft[f.gender][f.kase]);
	else if (f.gender == PHRASE_MASCULINE && nominative &&
		 is_one_of(s, stressed, COUNT_OF(stressed)))
		buf_c(out, "ой");
	else
		buf_c(out, hard[f.gender][f.kase]);
}

/* before -тысячный: the genitive, but for одно-, сорока-, девяносто-, сто- */
static void thousandth(uint32_t k, struct phrase_form f, struct buf *out)
{
	char room[256];
	struct buf stem = buf_make(room, sizeof room - 1);
	uint32_t rest = k % 100 < 20 ? k % 100 : k % 10, ten = k % 100 / 10;
	if (k >= 100)
		buf_c(&stem, k / 100 == 1 ? "сто" : hundreds[k / 100][1]);
	if (ten >= 2)
		buf_c(&stem, ten == 9 ? "девяносто" : tens[ten][1]);
	if (rest && k > 1)
		buf_c(&stem, rest == 1 ? "одно" : units[rest][1]);
	buf_c(&stem, "тысячн");
	room[stem.n] = 0;
	declined(room, f, out);
}

static void ordinal(uint32_t n, struct phrase_form f, struct buf *out)
{
	uint32_t k = n / 1000, rest = n % 1000;
	if (n && !rest) {
		thousandth(k, f, out);
		return;
	}
	if (k)
		cardinal(k * 1000, (struct phrase_form){0}, out);
	if (rest >= 100 && rest % 100 == 0) {
		declined(hundred_ordinals[rest / 100], f, out);
		return;
	}
	if (rest >= 100)
		tongue_word(out, hundreds[rest / 100][0]);
	rest %= 100;
	if (rest < 20) {
		declined(unit_ordinals[rest], f, out);
		return;
	}
	if (rest % 10 == 0) {
		declined(ten_ordinals[rest / 10], f, out);
		return;
	}
	tongue_word(out, tens[rest / 10][0]);
	declined(unit_ordinals[rest % 10], f, out);
}

static const char *noun_of(enum phrase_noun noun, uint32_t n, enum phrase_case kase)
{
	static const char *const nouns[PHRASE_NOUNS][7] = {
		[PHRASE_SECOND] = {"секунда", "секунды", "секунду", "секунде", "секунды", "секунд",
				   "секундах"},
		[PHRASE_MINUTE] = {"минута", "минуты", "минуту", "минуте", "минуты", "минут",
				   "минутах"},
		[PHRASE_HOUR] = {"час", "часа", "час", "часе", "часа", "часов", "часах"},
		[PHRASE_DAY] = {"день", "дня", "день", "дне", "дня", "дней", "днях"},
		[PHRASE_CALL] = {"звонок", "звонка", "звонок", "звонке", "звонка", "звонков",
				 "звонках"},
	};
	return counted(nouns[noun], n, kase);
}

/* "on" that day: all in the genitive */
static void date(uint32_t year, uint32_t month, uint32_t day, struct buf *out)
{
	static const char *const months[] = {"января",	 "февраля", "марта",  "апреля",
					     "мая",	 "июня",    "июля",   "августа",
					     "сентября", "октября", "ноября", "декабря"};
	ordinal(day, (struct phrase_form){PHRASE_NEUTER, PHRASE_GENITIVE}, out);
	tongue_word(out, months[month - 1]);
	if (!year)
		return;
	ordinal(year, (struct phrase_form){PHRASE_MASCULINE, PHRASE_GENITIVE}, out);
	tongue_word(out, "года");
}

static void counted_out(uint32_t n, enum phrase_noun noun, enum phrase_gender gender,
			struct buf *out)
{
	cardinal(n, (struct phrase_form){gender, PHRASE_NOMINATIVE}, out);
	tongue_word(out, noun_of(noun, n, PHRASE_NOMINATIVE));
}

static void time_of_day(uint32_t hour, uint32_t minute, struct buf *out)
{
	counted_out(hour, PHRASE_HOUR, PHRASE_MASCULINE, out);
	if (minute)
		counted_out(minute, PHRASE_MINUTE, PHRASE_FEMININE, out);
}

const struct tongue tongue_ru = {
	.tag = "ru",
	.cardinal = cardinal,
	.ordinal = ordinal,
	.noun = noun_of,
	.genders = {[PHRASE_SECOND] = PHRASE_FEMININE,
		    [PHRASE_MINUTE] = PHRASE_FEMININE,
		    [PHRASE_HOUR] = PHRASE_MASCULINE,
		    [PHRASE_DAY] = PHRASE_MASCULINE,
		    [PHRASE_CALL] = PHRASE_MASCULINE},
	.and = "и",
	.date = date,
	.time = time_of_day,
	.plus = "плюс",
	.star = "звёздочка",
	.hash = "решётка",
	.position = {"Ваша позиция в очереди: ", "."},
	.position_past = {"Перед вами в очереди более ", "."},
	.position_form = {PHRASE_FEMININE, PHRASE_NOMINATIVE},
	.test_call = "Это тестовый звонок. Если этот голос слышен, телефон работает. "
		     "На другом конце никого нет, и этот звонок не попадёт в отчёты. "
		     "Положить трубку можно в любой момент.",
	.wait_less = "Ожидаемое время ответа: менее одной минуты.",
	.wait_about = {"Ожидаемое время ответа: около ", "."},
	.wait_range = {"Ожидаемое время ответа: от ", " до ", "."},
	.wait_past = {"Ожидаемое время ответа: более ", "."},
	.about_case = PHRASE_GENITIVE,
	.range_case = PHRASE_GENITIVE,
	.past_case = PHRASE_GENITIVE,
};
