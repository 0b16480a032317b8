/*
 * polish.c - Polish numbers and sentences.
 *
 * Source of the forms: Wielki słownik ortograficzny PWN, chapters on numerals. "jeden" at the end
 * of a larger number is not declined (dwudziestu jeden minut); in an ordinal only tens and ones are
 * (tysiąc dziewięćset dziewięćdziesiąty dziewiąty); whole thousands grow together with what counts
 * them (dwudziestojednotysięczny).
 */
#include "phrase/tongue.h"

/* [oblique]: nominative and accusative of a thing; genitive and locative are alike from two on */
static const char *const units[][2] = {{"zero", "zera"},
				       {"jeden", "jeden"},
				       {"dwa", "dwóch"},
				       {"trzy", "trzech"},
				       {"cztery", "czterech"},
				       {"pięć", "pięciu"},
				       {"sześć", "sześciu"},
				       {"siedem", "siedmiu"},
				       {"osiem", "ośmiu"},
				       {"dziewięć", "dziewięciu"},
				       {"dziesięć", "dziesięciu"},
				       {"jedenaście", "jedenastu"},
				       {"dwanaście", "dwunastu"},
				       {"trzynaście", "trzynastu"},
				       {"czternaście", "czternastu"},
				       {"piętnaście", "piętnastu"},
				       {"szesnaście", "szesnastu"},
				       {"siedemnaście", "siedemnastu"},
				       {"osiemnaście", "osiemnastu"},
				       {"dziewiętnaście", "dziewiętnastu"}};
static const char *const tens[][2] = {{"", ""},
				      {"", ""},
				      {"dwadzieścia", "dwudziestu"},
				      {"trzydzieści", "trzydziestu"},
				      {"czterdzieści", "czterdziestu"},
				      {"pięćdziesiąt", "pięćdziesięciu"},
				      {"sześćdziesiąt", "sześćdziesięciu"},
				      {"siedemdziesiąt", "siedemdziesięciu"},
				      {"osiemdziesiąt", "osiemdziesięciu"},
				      {"dziewięćdziesiąt", "dziewięćdziesięciu"}};
static const char *const hundreds[][2] = {{"", ""},
					  {"sto", "stu"},
					  {"dwieście", "dwustu"},
					  {"trzysta", "trzystu"},
					  {"czterysta", "czterystu"},
					  {"pięćset", "pięciuset"},
					  {"sześćset", "sześciuset"},
					  {"siedemset", "siedmiuset"},
					  {"osiemset", "ośmiuset"},
					  {"dziewięćset", "dziewięciuset"}};
static const char *const one[PHRASE_GENDERS][PHRASE_CASES] = {
	[PHRASE_MASCULINE] = {"jeden", "jednego", "jeden", "jednym"},
	[PHRASE_FEMININE] = {"jedna", "jednej", "jedną", "jednej"},
	[PHRASE_NEUTER] = {"jedno", "jednego", "jedno", "jednym"},
};
/* stems; the endings are those of adjectives, softened after i */
static const char *const unit_ordinals[] = {
	"zerow",     "pierwsz",	 "drug",     "trzec",	   "czwart",	"piąt",	       "szóst",
	"siódm",     "ósm",	 "dziewiąt", "dziesiąt",   "jedenast",	"dwunast",     "trzynast",
	"czternast", "piętnast", "szesnast", "siedemnast", "osiemnast", "dziewiętnast"};
static const char *const ten_ordinals[] = {"",
					   "",
					   "dwudziest",
					   "trzydziest",
					   "czterdziest",
					   "pięćdziesiąt",
					   "sześćdziesiąt",
					   "siedemdziesiąt",
					   "osiemdziesiąt",
					   "dziewięćdziesiąt"};
static const char *const hundred_ordinals[] = {
	"",	    "setn",	 "dwusetn",    "trzechsetn", "czterechsetn",
	"pięćsetn", "sześćsetn", "siedemsetn", "osiemsetn",  "dziewięćsetn"};
/* what stands before -tysięczny */
static const char *const joined_units[] = {
	"",	      "jedno",	   "dwu",	  "trzy",	"cztero",
	"pięcio",     "sześcio",   "siedmio",	  "ośmio",	"dziewięcio",
	"dziesięcio", "jedenasto", "dwunasto",	  "trzynasto",	"czternasto",
	"piętnasto",  "szesnasto", "siedemnasto", "osiemnasto", "dziewiętnasto"};
static const char *const joined_tens[] = {"",
					  "",
					  "dwudziesto",
					  "trzydziesto",
					  "czterdziesto",
					  "pięćdziesięcio",
					  "sześćdziesięcio",
					  "siedemdziesięcio",
					  "osiemdziesięcio",
					  "dziewięćdziesięcio"};

static bool oblique(enum phrase_case k)
{
	return k == PHRASE_GENITIVE || k == PHRASE_LOCATIVE;
}

/* 2, 3, 4, but not 12, 13, 14 */
static bool few(uint32_t n)
{
	return n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14);
}

/* alone: nothing larger stands before it, so a one is declined */
static void below_thousand(uint32_t n, struct phrase_form f, bool alone, struct buf *out)
{
	int o = oblique(f.kase);
	if (n >= 100)
		tongue_word(out, hundreds[n / 100][o]);
	if (n % 100 >= 20)
		tongue_word(out, tens[n % 100 / 10][o]);
	uint32_t rest = n % 100 < 20 ? n % 100 : n % 10;
	if (rest == 1 && n == 1 && alone)
		tongue_word(out, one[f.gender][f.kase]);
	else if (rest == 2 && f.gender == PHRASE_FEMININE && !o)
		tongue_word(out, "dwie");
	else if (rest)
		tongue_word(out, units[rest][o]);
}

static void cardinal(uint32_t n, struct phrase_form f, struct buf *out)
{
	static const char *const thousand[] = {"tysiąc", "tysiąca", "tysiąc", "tysiącu"};
	uint32_t k = n / 1000;
	if (k == 1) {
		tongue_word(out, thousand[f.kase]);
	} else if (k) {
		below_thousand(k, (struct phrase_form){PHRASE_MASCULINE, f.kase}, false, out);
		if (f.kase == PHRASE_LOCATIVE)
			tongue_word(out, "tysiącach");
		else
			tongue_word(out, few(k) && !oblique(f.kase) ? "tysiące" : "tysięcy");
	}
	if (n == 0)
		tongue_word(out, f.kase == PHRASE_LOCATIVE ? "zerze" : units[0][oblique(f.kase)]);
	else if (n % 1000)
		below_thousand(n % 1000, f, k == 0, out);
}

/* hard: -y -a -e; after a k or g -i; soft (trzeci): -i -ia */
static void declined(const char *stem, struct phrase_form f, struct buf *out)
{
	static const char *const hard[PHRASE_GENDERS][PHRASE_CASES] = {
		[PHRASE_MASCULINE] = {"y", "ego", "y", "ym"},
		[PHRASE_FEMININE] = {"a", "ej", "ą", "ej"},
		[PHRASE_NEUTER] = {"e", "ego", "e", "ym"},
	};
	static const char *const soft[PHRASE_GENDERS][PHRASE_CASES] = {
		[PHRASE_MASCULINE] = {"i", "iego", "i", "im"},
		[PHRASE_FEMININE] = {"ia", "iej", "ią", "iej"},
		[PHRASE_NEUTER] = {"ie", "iego", "ie", "im"},
	};
	static const char *const drug[PHRASE_GENDERS][PHRASE_CASES] = {
		[PHRASE_MASCULINE] = {"i", "iego", "i", "im"},
		[PHRASE_FEMININE] = {"a", "iej", "ą", "iej"},
		[PHRASE_NEUTER] = {"ie", "iego", "ie", "im"},
	};
	struct str s = str_of(stem);
	tongue_word(out, stem);
	if (str_is(s, "drug"))
		buf_c(out, drug[f.gender][f.kase]);
	else
		buf_c(out, (str_is(s, "trzec") ? soft : hard)[f.gender][f.kase]);
}

static void thousandth(uint32_t k, struct phrase_form f, struct buf *out)
{
	char room[128];
	struct buf stem = buf_make(room, sizeof room - 1);
	if (k >= 100)
		buf_c(&stem, hundreds[k / 100][1]);
	if (k % 100 >= 20)
		buf_c(&stem, joined_tens[k % 100 / 10]);
	uint32_t rest = k % 100 < 20 ? k % 100 : k % 10;
	if (k > 1)
		buf_c(&stem, joined_units[rest]);
	buf_c(&stem, "tysięczn");
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
	declined(ten_ordinals[rest / 10], f, out);
	if (rest % 10)
		declined(unit_ordinals[rest % 10], f, out);
}

static const char *noun_of(enum phrase_noun noun, uint32_t n, enum phrase_case kase)
{
	/* one: by case; few; many (genitive plural); locative plural */
	static const char *const nouns[PHRASE_NOUNS][7] = {
		[PHRASE_SECOND] = {"sekunda", "sekundy", "sekundę", "sekundzie", "sekundy",
				   "sekund", "sekundach"},
		[PHRASE_MINUTE] = {"minuta", "minuty", "minutę", "minucie", "minuty", "minut",
				   "minutach"},
		[PHRASE_HOUR] = {"godzina", "godziny", "godzinę", "godzinie", "godziny", "godzin",
				 "godzinach"},
		[PHRASE_DAY] = {"dzień", "dnia", "dzień", "dniu", "dni", "dni", "dniach"},
		[PHRASE_CALL] = {"rozmowa", "rozmowy", "rozmowę", "rozmowie", "rozmowy", "rozmów",
				 "rozmowach"},
	};
	if (n == 1)
		return nouns[noun][kase];
	if (kase == PHRASE_LOCATIVE)
		return nouns[noun][6];
	return nouns[noun][few(n) && !oblique(kase) ? 4 : 5];
}

/* "on" that day: all in the genitive */
static void date(uint32_t year, uint32_t month, uint32_t day, struct buf *out)
{
	static const char *const months[] = {"stycznia", "lutego",	 "marca",     "kwietnia",
					     "maja",	 "czerwca",	 "lipca",     "sierpnia",
					     "września", "października", "listopada", "grudnia"};
	const struct phrase_form of = {PHRASE_MASCULINE, PHRASE_GENITIVE};
	ordinal(day, of, out);
	tongue_word(out, months[month - 1]);
	if (!year)
		return;
	ordinal(year, of, out);
	tongue_word(out, "roku");
}

static void time_of_day(uint32_t hour, uint32_t minute, struct buf *out)
{
	const struct phrase_form f = {PHRASE_FEMININE, PHRASE_NOMINATIVE};
	if (hour == 0 && minute == 0) {
		tongue_word(out, "północ");
		return;
	}
	if (hour == 0)
		tongue_word(out, "zero");
	else
		ordinal(hour, f, out);
	if (minute && minute < 10)
		tongue_word(out, "zero");
	if (minute) /* the number alone: no noun follows it */
		cardinal(minute, (struct phrase_form){0}, out);
}

const struct tongue tongue_pl = {
	.tag = "pl",
	.cardinal = cardinal,
	.ordinal = ordinal,
	.noun = noun_of,
	.genders = {[PHRASE_SECOND] = PHRASE_FEMININE,
		    [PHRASE_MINUTE] = PHRASE_FEMININE,
		    [PHRASE_HOUR] = PHRASE_FEMININE,
		    [PHRASE_DAY] = PHRASE_MASCULINE,
		    [PHRASE_CALL] = PHRASE_FEMININE},
	.and = "i",
	.date = date,
	.time = time_of_day,
	.plus = "plus",
	.star = "gwiazdka",
	.hash = "krzyżyk",
	.position = {"Państwa pozycja w kolejce: ", "."},
	.position_past = {"Przed Państwem w kolejce jest ponad ", "."},
	.position_form = {PHRASE_FEMININE, PHRASE_NOMINATIVE},
	.test_call = "To jest połączenie testowe. Jeśli słychać ten głos, telefon działa. "
		     "Po drugiej stronie nikogo nie ma, a ta rozmowa nie trafi do raportów. "
		     "Można się rozłączyć w każdej chwili.",
	.wait_less = "Przewidywany czas oczekiwania: poniżej jednej minuty.",
	.wait_about = {"Przewidywany czas oczekiwania: około ", "."},
	.wait_range = {"Przewidywany czas oczekiwania: od ", " do ", "."},
	.wait_past = {"Przewidywany czas oczekiwania: ponad ", "."},
	.about_case = PHRASE_GENITIVE,
	.range_case = PHRASE_GENITIVE,
	.past_case = PHRASE_ACCUSATIVE,
};
