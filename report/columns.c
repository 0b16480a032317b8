/* columns.c - see columns.h. */
#include "report/columns.h"

#include "report/agent_figures.h"
#include "report/contact_figures.h"
#include "report/flow_figures.h"
#include "report/queue_figures.h"

static const char *const reports[REPORT_KIND_COUNT] = {"queues", "agents",	"contacts",
						       "flows",	 "flow_nodes",	"flow_paths",
						       "trunks", "mass_events", "contact_list"};

static const struct {
	enum report_kind report;
	struct column column;
} columns[] = {
#define COLUMN(report, name, type, shown) {REPORT_OF_##report, {#name, COLUMN_##type, shown}},
#include "report/columns.def"
#undef COLUMN
};

static const struct word {
	const char *report, *column, *texts[2 * REPORT_LANG_COUNT];
} words[] = {
#define WORD(report, column, ...) {report, #column, {__VA_ARGS__}},
#include "report/column_words.def"
#undef WORD
};

struct str report_word(enum report_kind r)
{
	return str_of((unsigned)r < REPORT_KIND_COUNT ? reports[r] : "?");
}

enum err report_from(struct str word, enum report_kind *out)
{
	for (int r = 0; r < REPORT_KIND_COUNT; r++) {
		if (str_is(word, reports[r])) {
			*out = (enum report_kind)r;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

enum err report_lang_from(struct str word, enum report_lang *out)
{
	static const char *const langs[] = {"en", "pl", "ru"};
	for (int l = 0; l < REPORT_LANG_COUNT; l++) {
		if (str_is(word, langs[l])) {
			*out = (enum report_lang)l;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* Those of one report stand together. */
static const struct column *nth(enum report_kind r, uint32_t i)
{
	for (size_t k = 0; k < COUNT_OF(columns); k++)
		if (columns[k].report == r && i-- == 0)
			return &columns[k].column;
	return NULL;
}

uint32_t report_column_count(enum report_kind r)
{
	uint32_t n = 0;
	for (size_t k = 0; k < COUNT_OF(columns); k++)
		n += columns[k].report == r;
	return n;
}

const struct column *report_column_at(enum report_kind r, uint32_t i)
{
	return nth(r, i);
}

const struct column *report_column(enum report_kind r, struct str name)
{
	for (size_t k = 0; k < COUNT_OF(columns); k++)
		if (columns[k].report == r && str_is(name, columns[k].column.name))
			return &columns[k].column;
	return NULL;
}

static struct str text_of(enum report_kind r, const struct column *c, int which)
{
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (str_is(str_of(words[i].column), c->name) &&
		    (!words[i].report || str_is(str_of(words[i].report), reports[r])))
			return str_of(words[i].texts[which]);
	return str_of(c->name);
}

struct str column_title(enum report_kind r, const struct column *c, enum report_lang lang)
{
	return text_of(r, c, 2 * (int)lang);
}

struct str column_formula(enum report_kind r, const struct column *c, enum report_lang lang)
{
	return text_of(r, c, 2 * (int)lang + 1);
}

bool column_opens(enum report_kind r, const struct column *c)
{
	const struct str name = str_of(c->name);
	enum queue_count q;
	struct agent_list a;
	enum contact_count n;
	unsigned f;
	switch (r) {
	case REPORT_OF_queues:
		return queue_field(name, &QUEUE_RULES_DEFAULT, &q) == ERR_OK;
	case REPORT_OF_agents:
		return agent_field(name, &a) == ERR_OK;
	case REPORT_OF_contacts:
		return contact_field(name, &n) == ERR_OK;
	case REPORT_OF_flows:
		return flow_field(REPORT_FLOWS, name, &f) == ERR_OK;
	case REPORT_OF_flow_nodes:
		return flow_field(REPORT_NODES, name, &f) == ERR_OK;
	case REPORT_OF_flow_paths:
		return flow_field(REPORT_PATHS, name, &f) == ERR_OK;
	case REPORT_OF_trunks:
		return str_is(name, "calls") || str_is(name, "inbound") ||
		       str_is(name, "outbound") || str_is(name, "used_ms") ||
		       str_is(name, "erlangs") || str_is(name, "most");
	case REPORT_OF_mass_events:
	case REPORT_OF_contact_list:
	case REPORT_KIND_COUNT:
		break;
	}
	return false;
}

struct str column_type_word(enum column_type t)
{
	static const char *const types[] = {"text", "list",	"time",	  "count",    "ratio",
					    "real", "duration", "counts", "durations"};
	return str_of((unsigned)t < COUNT_OF(types) ? types[t] : "?");
}
