/* customers.c - see customers.h. */
#include "demo/customers.h"

#include "base/jsonw.h"
#include "crowd/people.h"

static const char *const MEN[] = {"Adam",	"Piotr",   "Paweł", "Michał",	 "Jakub",
				  "Krzysztof",	"Marcin",  "Jan",   "Łukasz",	 "Tomasz",
				  "Stanisław",	"Rafał",   "Marek", "Grzegorz",	 "Dariusz",
				  "Zbigniew",	"Jerzy",   "Kamil", "Sebastian", "Wojciech",
				  "Bartłomiej", "Mateusz", "Filip", "Szymon",	 "Dominik"};
static const char *const WOMEN[] = {"Anna",	  "Maria",  "Katarzyna", "Małgorzata", "Agnieszka",
				    "Barbara",	  "Ewa",    "Krystyna",	 "Magdalena",  "Elżbieta",
				    "Joanna",	  "Zofia",  "Teresa",	 "Monika",     "Danuta",
				    "Natalia",	  "Julia",  "Karolina",	 "Marta",      "Beata",
				    "Aleksandra", "Dorota", "Halina",	 "Jadwiga",    "Irena"};
/* as a man writes it; ski, cki and dzki become ska, cka, dzka */
static const char *const FAMILIES[] = {
	"Nowak",       "Kowalski",  "Wiśniewski",  "Wójcik",	 "Kowalczyk",	"Kamiński",
	"Lewandowski", "Zieliński", "Szymański",   "Woźniak",	 "Dąbrowski",	"Kozłowski",
	"Mazur",       "Jankowski", "Kwiatkowski", "Krawczyk",	 "Piotrowski",	"Grabowski",
	"Pawłowski",   "Michalski", "Król",	   "Wieczorek",	 "Jabłoński",	"Wróbel",
	"Majewski",    "Olszewski", "Stępień",	   "Malinowski", "Jaworski",	"Adamczyk",
	"Dudek",       "Nowicki",   "Pawlak",	   "Górski",	 "Witkowski",	"Walczak",
	"Sikora",      "Baran",	    "Rutkowski",   "Michalak",	 "Szewczyk",	"Ostrowski",
	"Tomaszewski", "Pietrzak",  "Zalewski",	   "Wróblewski", "Marciniak",	"Jasiński",
	"Sadowski",    "Bąk",	    "Zawadzki",	   "Duda",	 "Jakubowski",	"Wilk",
	"Chmielewski", "Borkowski", "Włodarczyk",  "Sokołowski", "Szczepański", "Sawicki"};
static const char *const ENGLISH[] = {"Oliver", "Amelia", "George", "Isla",  "Harry", "Ava",
				      "Noah",	"Emily",  "Jack",   "Grace", "Leo",   "Freya"};
static const char *const ENGLISH_FAMILIES[] = {"Smith",	 "Jones",  "Taylor", "Brown",  "Williams",
					       "Wilson", "Davies", "Evans",  "Thomas", "Roberts",
					       "Walker", "Wright", "Hughes", "Green",  "Clarke"};
static const char *const RUSSIAN[] = {"Оксана", "Иван",	   "Елена", "Сергей", "Наталья", "Андрей",
				      "Ольга",	"Дмитрий", "Ирина", "Павел",  "Татьяна", "Юрий"};
/* the feminine form is an а more */
static const char *const RUSSIAN_FAMILIES[] = {
	"Иванов",  "Петров",  "Смирнов", "Кузнецов", "Соколов",	 "Попов",  "Лебедев", "Козлов",
	"Новиков", "Морозов", "Волков",	 "Соловьёв", "Васильев", "Павлов", "Фёдоров"};
#define PICK(list, dice) (list)[dice_below(dice, COUNT_OF(list))]

static void polish(struct dice *d, struct buf *name)
{
	const bool woman = dice_chance(d, 0.5);
	struct str family = str_of(PICK(FAMILIES, d));
	buf_c(name, woman ? PICK(WOMEN, d) : PICK(MEN, d));
	buf_ch(name, ' ');
	if (woman && str_ends(family, STR("ki")))
		buf_fmt(name, STR_FMT "a", STR_ARG(str_head(family, family.n - 1)));
	else
		buf_put(name, family);
}

void demo_customer(uint32_t i, struct demo_customer *out)
{
	static const char *const tiers[] = {"standard", "standard", "standard", "gold", "business"};
	struct dice d = dice_make(0x6e6f7661u + (uint64_t)i * 2654435761u);
	memset(out, 0, sizeof *out);
	struct buf name = buf_make(out->name, sizeof out->name - 1),
		   number = buf_make(out->number, sizeof out->number - 1),
		   email = buf_make(out->email, sizeof out->email - 1);
	const char *lang = i % 10 == 0 ? "en" : i % 10 == 5 ? "ru" : "pl";
	if (*lang == 'e') {
		buf_fmt(&name, "%s %s", PICK(ENGLISH, &d), PICK(ENGLISH_FAMILIES, &d));
		buf_fmt(&number, "+447700900%03u", i / 10 % 1000);
	} else if (*lang == 'r') {
		const uint32_t who = dice_below(&d, COUNT_OF(RUSSIAN));
		buf_fmt(&name, "%s %s%s", RUSSIAN[who], PICK(RUSSIAN_FAMILIES, &d),
			who % 2 ? "" : "а");
	} else {
		polish(&d, &name);
	}
	if (!number.n) /* 7919 is prime: all different below ten million */
		buf_fmt(&number, "+4828%07u", (uint32_t)((uint64_t)i * 7919 % 10000000));
	out->reference = 100000 + i;
	buf_fmt(&email, "klient%u@example.com", out->reference);
	CHECK(str_copy(str_of(lang), out->lang, sizeof out->lang));
	out->tier = PICK(tiers, &d);
}

void demo_customer_json(const struct demo_customer *c, struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	char reference[24];
	struct buf r = buf_make(reference, sizeof reference);
	buf_fmt(&r, "N-%u", c->reference);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "name", str_of(c->name));
	jsonw_kstr(&w, "external_id", buf_str(&r));
	jsonw_kstr(&w, "language", str_of(c->lang));
	jsonw_key(&w, "numbers");
	jsonw_open(&w, '[');
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "number", str_of(c->number));
	jsonw_kstr(&w, "label", STR("mobile"));
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_key(&w, "emails");
	jsonw_open(&w, '[');
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "address", str_of(c->email));
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	jsonw_key(&w, "tags");
	jsonw_open(&w, '[');
	jsonw_str(&w, str_of(c->tier));
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}
