/*
 * phrase_test.c - tables of sentences as a speaker says them. Polish by the PWN dictionary's pages
 * on numerals, Russian by Russkaya grammatika (1980), English by the Chicago Manual of Style 9.
 */
#include "phrase/phrase.h"
#include "tests/test.h"

/* short, so that a row of a table is a line */
#define N PHRASE_NOMINATIVE
#define G PHRASE_GENITIVE
#define A PHRASE_ACCUSATIVE
#define L PHRASE_LOCATIVE
#define MASC PHRASE_MASCULINE
#define FEM PHRASE_FEMININE
#define NEUT PHRASE_NEUTER
#define EN PHRASE_en
#define PL PHRASE_pl
#define RU PHRASE_ru

static char room[1024];

static struct buf fresh(void)
{
	return buf_make(room, sizeof room);
}

struct number_row {
	enum phrase_lang lang;
	uint32_t n;
	enum phrase_gender gender;
	enum phrase_case kase;
	const char *text;
};

TEST(cardinals)
{
	static const struct number_row rows[] = {
		{EN, 0, MASC, N, "zero"},
		{EN, 13, MASC, N, "thirteen"},
		{EN, 21, MASC, N, "twenty-one"},
		{EN, 100, MASC, N, "one hundred"},
		{EN, 101, MASC, N, "one hundred one"},
		{EN, 342, MASC, N, "three hundred forty-two"},
		{EN, 1000, MASC, N, "one thousand"},
		{EN, 12005, MASC, N, "twelve thousand five"},
		{EN, 999999, MASC, N, "nine hundred ninety-nine thousand nine hundred ninety-nine"},
		{EN, 1000000, MASC, N,
		 "nine hundred ninety-nine thousand nine hundred ninety-nine"},

		{PL, 0, MASC, N, "zero"},
		{PL, 0, MASC, G, "zera"},
		{PL, 1, MASC, N, "jeden"},
		{PL, 1, FEM, N, "jedna"},
		{PL, 1, NEUT, N, "jedno"},
		{PL, 1, FEM, G, "jednej"},
		{PL, 1, FEM, A, "jedną"},
		{PL, 1, MASC, L, "jednym"},
		{PL, 2, MASC, N, "dwa"},
		{PL, 2, FEM, N, "dwie"},
		{PL, 2, NEUT, A, "dwa"},
		{PL, 2, FEM, G, "dwóch"},
		{PL, 3, FEM, G, "trzech"},
		{PL, 4, MASC, L, "czterech"},
		{PL, 5, FEM, G, "pięciu"},
		{PL, 8, FEM, G, "ośmiu"},
		{PL, 12, FEM, N, "dwanaście"},
		{PL, 15, FEM, G, "piętnastu"},
		{PL, 21, FEM, N, "dwadzieścia jeden"},
		{PL, 21, FEM, G, "dwudziestu jeden"},
		{PL, 22, FEM, N, "dwadzieścia dwie"},
		{PL, 22, MASC, N, "dwadzieścia dwa"},
		{PL, 45, FEM, G, "czterdziestu pięciu"},
		{PL, 90, MASC, N, "dziewięćdziesiąt"},
		{PL, 100, MASC, N, "sto"},
		{PL, 101, MASC, N, "sto jeden"},
		{PL, 256, FEM, N, "dwieście pięćdziesiąt sześć"},
		{PL, 600, FEM, G, "sześciuset"},
		{PL, 1000, MASC, N, "tysiąc"},
		{PL, 1001, FEM, N, "tysiąc jeden"},
		{PL, 1002, FEM, N, "tysiąc dwie"},
		{PL, 2000, MASC, N, "dwa tysiące"},
		{PL, 5000, MASC, N, "pięć tysięcy"},
		{PL, 2000, MASC, G, "dwóch tysięcy"},
		{PL, 12000, MASC, N, "dwanaście tysięcy"},
		{PL, 21000, MASC, N, "dwadzieścia jeden tysięcy"},
		{PL, 22000, MASC, N, "dwadzieścia dwa tysiące"},
		{PL, 999999, MASC, N,
		 "dziewięćset dziewięćdziesiąt dziewięć tysięcy dziewięćset dziewięćdziesiąt "
		 "dziewięć"},

		{RU, 0, MASC, N, "ноль"},
		{RU, 1, MASC, N, "один"},
		{RU, 1, FEM, N, "одна"},
		{RU, 1, NEUT, N, "одно"},
		{RU, 1, FEM, G, "одной"},
		{RU, 1, FEM, A, "одну"},
		{RU, 2, MASC, N, "два"},
		{RU, 2, FEM, N, "две"},
		{RU, 2, NEUT, N, "два"},
		{RU, 3, FEM, G, "трёх"},
		{RU, 5, FEM, G, "пяти"},
		{RU, 8, FEM, G, "восьми"},
		{RU, 11, FEM, N, "одиннадцать"},
		{RU, 21, FEM, N, "двадцать одна"},
		{RU, 21, FEM, G, "двадцати одной"},
		{RU, 21, MASC, N, "двадцать один"},
		{RU, 40, FEM, G, "сорока"},
		{RU, 55, FEM, G, "пятидесяти пяти"},
		{RU, 90, FEM, G, "девяноста"},
		{RU, 100, FEM, G, "ста"},
		{RU, 222, FEM, N, "двести двадцать две"},
		{RU, 500, FEM, G, "пятисот"},
		{RU, 300, FEM, L, "трёхстах"},
		{RU, 1000, MASC, N, "тысяча"},
		{RU, 1001, MASC, N, "тысяча один"},
		{RU, 2000, MASC, N, "две тысячи"},
		{RU, 5000, MASC, N, "пять тысяч"},
		{RU, 11000, MASC, N, "одиннадцать тысяч"},
		{RU, 21000, MASC, N, "двадцать одна тысяча"},
		{RU, 21000, MASC, A, "двадцать одну тысячу"},
		{RU, 2000, MASC, G, "двух тысяч"},
		{RU, 999999, MASC, N,
		 "девятьсот девяносто девять тысяч девятьсот девяносто девять"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct number_row *r = &rows[i];
		struct buf b = fresh();
		phrase_cardinal(r->lang, r->n, (struct phrase_form){r->gender, r->kase}, &b);
		EXPECT_STR(buf_str(&b), r->text);
	}
}

TEST(ordinals)
{
	static const struct number_row rows[] = {
		{EN, 1, MASC, N, "first"},
		{EN, 12, MASC, N, "twelfth"},
		{EN, 20, MASC, N, "twentieth"},
		{EN, 23, MASC, N, "twenty-third"},
		{EN, 100, MASC, N, "one hundredth"},
		{EN, 101, MASC, N, "one hundred first"},
		{EN, 1000, MASC, N, "one thousandth"},
		{EN, 2002, MASC, N, "two thousand second"},

		{PL, 1, FEM, N, "pierwsza"},
		{PL, 2, FEM, N, "druga"},
		{PL, 2, MASC, G, "drugiego"},
		{PL, 3, FEM, N, "trzecia"},
		{PL, 3, MASC, N, "trzeci"},
		{PL, 3, NEUT, N, "trzecie"},
		{PL, 4, MASC, G, "czwartego"},
		{PL, 7, FEM, L, "siódmej"},
		{PL, 11, FEM, N, "jedenasta"},
		{PL, 20, FEM, N, "dwudziesta"},
		{PL, 21, FEM, N, "dwudziesta pierwsza"},
		{PL, 40, MASC, N, "czterdziesty"},
		{PL, 99, MASC, G, "dziewięćdziesiątego dziewiątego"},
		{PL, 100, FEM, N, "setna"},
		{PL, 101, FEM, N, "sto pierwsza"},
		{PL, 123, FEM, N, "sto dwudziesta trzecia"},
		{PL, 200, MASC, N, "dwusetny"},
		{PL, 500, MASC, N, "pięćsetny"},
		{PL, 1000, MASC, N, "tysięczny"},
		{PL, 1001, FEM, N, "tysiąc pierwsza"},
		{PL, 2000, MASC, G, "dwutysięcznego"},
		{PL, 21000, MASC, N, "dwudziestojednotysięczny"},
		{PL, 100000, MASC, N, "stutysięczny"},
		{PL, 125000, MASC, N, "studwudziestopięciotysięczny"},

		{RU, 1, FEM, N, "первая"},
		{RU, 2, MASC, N, "второй"},
		{RU, 2, FEM, N, "вторая"},
		{RU, 3, FEM, N, "третья"},
		{RU, 3, NEUT, G, "третьего"},
		{RU, 3, MASC, N, "третий"},
		{RU, 6, MASC, N, "шестой"},
		{RU, 7, FEM, A, "седьмую"},
		{RU, 8, NEUT, G, "восьмого"},
		{RU, 12, FEM, N, "двенадцатая"},
		{RU, 21, FEM, N, "двадцать первая"},
		{RU, 40, MASC, N, "сороковой"},
		{RU, 90, FEM, N, "девяностая"},
		{RU, 100, FEM, N, "сотая"},
		{RU, 143, FEM, N, "сто сорок третья"},
		{RU, 300, MASC, N, "трёхсотый"},
		{RU, 1000, MASC, N, "тысячный"},
		{RU, 2000, MASC, G, "двухтысячного"},
		{RU, 2002, MASC, G, "две тысячи второго"},
		{RU, 21000, MASC, N, "двадцатиоднотысячный"},
		{RU, 40000, MASC, N, "сорокатысячный"},
		{RU, 125000, MASC, N, "стодвадцатипятитысячный"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct number_row *r = &rows[i];
		struct buf b = fresh();
		phrase_ordinal(r->lang, r->n, (struct phrase_form){r->gender, r->kase}, &b);
		EXPECT_STR(buf_str(&b), r->text);
	}
}

TEST(things_are_counted)
{
	static const struct {
		enum phrase_lang lang;
		uint32_t n;
		enum phrase_noun noun;
		enum phrase_case kase;
		const char *text;
	} rows[] = {
		{EN, 1, PHRASE_MINUTE, N, "one minute"},
		{EN, 0, PHRASE_MINUTE, N, "zero minutes"},
		{EN, 22, PHRASE_CALL, N, "twenty-two calls"},

		{PL, 0, PHRASE_MINUTE, N, "zero minut"},
		{PL, 1, PHRASE_MINUTE, N, "jedna minuta"},
		{PL, 1, PHRASE_MINUTE, A, "jedną minutę"},
		{PL, 1, PHRASE_MINUTE, G, "jednej minuty"},
		{PL, 2, PHRASE_MINUTE, N, "dwie minuty"},
		{PL, 4, PHRASE_MINUTE, A, "cztery minuty"},
		{PL, 5, PHRASE_MINUTE, N, "pięć minut"},
		{PL, 12, PHRASE_MINUTE, N, "dwanaście minut"},
		{PL, 13, PHRASE_MINUTE, N, "trzynaście minut"},
		{PL, 21, PHRASE_MINUTE, N, "dwadzieścia jeden minut"},
		{PL, 22, PHRASE_MINUTE, N, "dwadzieścia dwie minuty"},
		{PL, 112, PHRASE_MINUTE, N, "sto dwanaście minut"},
		{PL, 122, PHRASE_MINUTE, N, "sto dwadzieścia dwie minuty"},
		{PL, 3, PHRASE_MINUTE, G, "trzech minut"},
		{PL, 22, PHRASE_MINUTE, G, "dwudziestu dwóch minut"},
		{PL, 5, PHRASE_MINUTE, L, "pięciu minutach"},
		{PL, 2, PHRASE_DAY, N, "dwa dni"},
		{PL, 1, PHRASE_DAY, G, "jednego dnia"},
		{PL, 3, PHRASE_HOUR, N, "trzy godziny"},
		{PL, 3, PHRASE_CALL, N, "trzy rozmowy"},
		{PL, 7, PHRASE_SECOND, N, "siedem sekund"},

		{RU, 0, PHRASE_MINUTE, N, "ноль минут"},
		{RU, 1, PHRASE_MINUTE, N, "одна минута"},
		{RU, 1, PHRASE_MINUTE, A, "одну минуту"},
		{RU, 2, PHRASE_MINUTE, N, "две минуты"},
		{RU, 5, PHRASE_MINUTE, N, "пять минут"},
		{RU, 11, PHRASE_MINUTE, N, "одиннадцать минут"},
		{RU, 12, PHRASE_MINUTE, N, "двенадцать минут"},
		{RU, 21, PHRASE_MINUTE, N, "двадцать одна минута"},
		{RU, 21, PHRASE_MINUTE, G, "двадцати одной минуты"},
		{RU, 22, PHRASE_MINUTE, N, "двадцать две минуты"},
		{RU, 111, PHRASE_MINUTE, N, "сто одиннадцать минут"},
		{RU, 3, PHRASE_MINUTE, G, "трёх минут"},
		{RU, 2, PHRASE_HOUR, N, "два часа"},
		{RU, 5, PHRASE_HOUR, N, "пять часов"},
		{RU, 21, PHRASE_HOUR, N, "двадцать один час"},
		{RU, 4, PHRASE_DAY, N, "четыре дня"},
		{RU, 25, PHRASE_DAY, N, "двадцать пять дней"},
		{RU, 2, PHRASE_CALL, N, "два звонка"},
		{RU, 5, PHRASE_MINUTE, L, "пяти минутах"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_count(rows[i].lang, rows[i].n, rows[i].noun, rows[i].kase, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(durations)
{
	static const struct {
		enum phrase_lang lang;
		int64_t ms;
		enum phrase_case kase;
		const char *text;
	} rows[] = {
		{EN, 0, N, "zero seconds"},
		{EN, 499, N, "zero seconds"},
		{EN, 500, N, "one second"},
		{EN, 3661000, N, "one hour, one minute and one second"},
		{EN, 90000, N, "one minute and thirty seconds"},
		{EN, 7200000, N, "two hours"},
		{EN, 90061000, N, "one day, one hour, one minute and one second"},
		{EN, -5, N, "zero seconds"},
		{PL, 7510000, N, "dwie godziny, pięć minut i dziesięć sekund"},
		{PL, 61000, A, "jedną minutę i jedną sekundę"},
		{PL, 61000, G, "jednej minuty i jednej sekundy"},
		{PL, 0, N, "zero sekund"},
		{RU, 7510000, N, "два часа, пять минут и десять секунд"},
		{RU, 61000, A, "одну минуту и одну секунду"},
		{RU, 172800000, G, "двух дней"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_duration(rows[i].lang, rows[i].ms, rows[i].kase, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(positions)
{
	static const struct {
		enum phrase_lang lang;
		uint32_t position;
		const char *text;
	} rows[] = {
		{EN, 1, "You are first in line."},
		{EN, 3, "You are third in line."},
		{EN, 22, "You are twenty-second in line."},
		{EN, 100, "You are one hundredth in line."},
		{EN, 101, "There are more than one hundred calls in line before you."},
		{PL, 1, "Państwa pozycja w kolejce: pierwsza."},
		{PL, 3, "Państwa pozycja w kolejce: trzecia."},
		{PL, 22, "Państwa pozycja w kolejce: dwudziesta druga."},
		{PL, 5000, "Przed Państwem w kolejce jest ponad sto rozmów."},
		{RU, 1, "Ваша позиция в очереди: первая."},
		{RU, 3, "Ваша позиция в очереди: третья."},
		{RU, 22, "Ваша позиция в очереди: двадцать вторая."},
		{RU, 101, "Перед вами в очереди более ста звонков."},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_position(rows[i].lang, rows[i].position, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(waits)
{
	static const struct {
		enum phrase_lang lang;
		uint32_t low, high;
		const char *text;
	} rows[] = {
		{EN, 1, 1, "The expected wait is less than one minute."},
		{EN, 0, 1, "The expected wait is less than one minute."},
		{EN, 1, 2, "The expected wait is between one and two minutes."},
		{EN, 3, 5, "The expected wait is between three and five minutes."},
		{EN, 5, 5, "The expected wait is about five minutes."},
		{EN, 60, 60, "The expected wait is about sixty minutes."},
		{EN, 45, 65, "The expected wait is more than sixty minutes."},
		{PL, 1, 1, "Przewidywany czas oczekiwania: poniżej jednej minuty."},
		{PL, 1, 2, "Przewidywany czas oczekiwania: od jednej do dwóch minut."},
		{PL, 3, 5, "Przewidywany czas oczekiwania: od trzech do pięciu minut."},
		{PL, 2, 2, "Przewidywany czas oczekiwania: około dwóch minut."},
		{PL, 15, 25,
		 "Przewidywany czas oczekiwania: od piętnastu do dwudziestu pięciu minut."},
		{PL, 70, 80, "Przewidywany czas oczekiwania: ponad sześćdziesiąt minut."},
		{RU, 1, 1, "Ожидаемое время ответа: менее одной минуты."},
		{RU, 1, 2, "Ожидаемое время ответа: от одной до двух минут."},
		{RU, 3, 5, "Ожидаемое время ответа: от трёх до пяти минут."},
		{RU, 5, 5, "Ожидаемое время ответа: около пяти минут."},
		{RU, 20, 25, "Ожидаемое время ответа: от двадцати до двадцати пяти минут."},
		{RU, 70, 80, "Ожидаемое время ответа: более шестидесяти минут."},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_wait(rows[i].lang, rows[i].low, rows[i].high, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(dates)
{
	static const struct {
		enum phrase_lang lang;
		uint32_t year, month, day;
		const char *text;
	} rows[] = {
		{EN, 2026, 3, 3, "March third, twenty twenty-six"},
		{EN, 2005, 12, 31, "December thirty-first, two thousand five"},
		{EN, 2000, 1, 1, "January first, two thousand"},
		{EN, 1905, 8, 20, "August twentieth, nineteen oh five"},
		{EN, 1900, 8, 2, "August second, nineteen hundred"},
		{EN, 0, 5, 1, "May first"},
		{PL, 2026, 3, 3, "trzeciego marca dwa tysiące dwudziestego szóstego roku"},
		{PL, 1999, 10, 22,
		 "dwudziestego drugiego października tysiąc dziewięćset dziewięćdziesiątego "
		 "dziewiątego roku"},
		{PL, 2000, 1, 1, "pierwszego stycznia dwutysięcznego roku"},
		{PL, 2010, 11, 30, "trzydziestego listopada dwa tysiące dziesiątego roku"},
		{PL, 0, 8, 31, "trzydziestego pierwszego sierpnia"},
		{RU, 2026, 3, 3, "третьего марта две тысячи двадцать шестого года"},
		{RU, 1999, 10, 22,
		 "двадцать второго октября тысяча девятьсот девяносто девятого года"},
		{RU, 2000, 1, 1, "первого января двухтысячного года"},
		{RU, 0, 8, 30, "тридцатого августа"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_date(rows[i].lang, rows[i].year, rows[i].month, rows[i].day, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(times_of_day)
{
	static const struct {
		enum phrase_lang lang;
		uint32_t hour, minute;
		const char *text;
	} rows[] = {
		{EN, 0, 0, "midnight"},
		{EN, 12, 0, "noon"},
		{EN, 0, 15, "twelve fifteen a.m."},
		{EN, 15, 5, "three oh five p.m."},
		{EN, 9, 0, "nine a.m."},
		{PL, 0, 0, "północ"},
		{PL, 0, 15, "zero piętnaście"},
		{PL, 15, 0, "piętnasta"},
		{PL, 15, 5, "piętnasta zero pięć"},
		{PL, 22, 32, "dwudziesta druga trzydzieści dwa"},
		{RU, 0, 10, "ноль часов десять минут"},
		{RU, 1, 1, "один час одна минута"},
		{RU, 15, 22, "пятнадцать часов двадцать две минуты"},
		{RU, 21, 0, "двадцать один час"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_time(rows[i].lang, rows[i].hour, rows[i].minute, &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(digits_of_a_telephone_number)
{
	static const struct {
		enum phrase_lang lang;
		const char *number, *text;
	} rows[] = {
		{EN, "+48 22", "plus four eight, two two"},
		{EN, "1234567", "one two three, four five six, seven"},
		{EN, "(22) 10-0", "two two, one zero, zero"},
		{EN, "*31#", "star three one hash"},
		{EN, "", ""},
		{EN, "a-b", ""},
		{PL, "601", "sześć zero jeden"},
		{PL, "+48601", "plus cztery osiem sześć, zero jeden"},
		{PL, "*2#", "gwiazdka dwa krzyżyk"},
		{RU, "8-800", "восемь, восемь ноль ноль"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf b = fresh();
		phrase_digits(rows[i].lang, str_of(rows[i].number), &b);
		EXPECT_STR(buf_str(&b), rows[i].text);
	}
}

TEST(a_language_is_found_by_its_first_part_and_else_it_is_english)
{
	EXPECT(phrase_lang_of(STR("pl")) == PHRASE_pl && phrase_lang_of(STR("pl-PL")) == PHRASE_pl);
	EXPECT(phrase_lang_of(STR("RU")) == PHRASE_ru && phrase_lang_of(STR("ru_RU")) == PHRASE_ru);
	EXPECT(phrase_lang_of(STR("en-GB")) == PHRASE_en);
	EXPECT(phrase_lang_of(STR("de")) == PHRASE_en && phrase_lang_of(STR_NONE) == PHRASE_en);
	EXPECT(phrase_lang_of(STR("plt")) == PHRASE_en); /* Plateau Malagasy */
}

TEST(what_does_not_fit_leaves_the_text_as_it_was)
{
	char small[8];
	struct buf b = buf_make(small, sizeof small);
	buf_c(&b, "ab");
	phrase_position(PHRASE_pl, 3, &b);
	EXPECT(b.full);
	EXPECT_STR(buf_str(&b), "ab");
}

TEST(every_number_can_be_said_in_every_form)
{
	for (uint32_t n = 0; n <= PHRASE_MAX; n += n < 3000 ? 1 : 997)
		for (int lang = 0; lang < PHRASE_LANGS; lang++)
			for (int form = 0; form < PHRASE_GENDERS * PHRASE_CASES; form++) {
				struct phrase_form f = {(enum phrase_gender)(form / PHRASE_CASES),
							(enum phrase_case)(form % PHRASE_CASES)};
				struct buf b = fresh();
				phrase_cardinal((enum phrase_lang)lang, n, f, &b);
				buf_c(&b, "|");
				phrase_ordinal((enum phrase_lang)lang, n, f, &b);
				struct str s = buf_str(&b);
				EXPECT(!b.full && s.n > 6 && str_find_str(s, STR("  ")) < 0 &&
				       s.p[0] != ' ' && s.p[s.n - 1] != ' ');
			}
}
