/*
 * past.c - versions of flows that contacts are still in, brought back from the database while
 * images are loaded (decision 0018).
 */
#include "app/house.h"
#include "flow/flow.h"
#include "os/log.h"

struct past {
	struct house *h;
	struct store_reader *reader; /* NULL: opened with the first question */
	uint32_t version;
	struct config *found;
};

static void past_row(void *arg, const struct object_row *o)
{
	struct past *p = arg;
	if (o->version == p->version && o->doc.n && !p->found)
		p->found = registry_compile_past(p->h->registry, o->kind, o->tenant, o->id, o->doc);
}

static struct config *past_flow(void *arg, enum object_kind kind, struct str tenant,
				struct str flow, uint32_t version)
{
	struct past *p = arg;
	p->version = version;
	p->found = NULL;
	if (!p->reader && store_reader_open(p->h->store, &p->reader) != ERR_OK)
		return NULL;
	if (query_versions(p->reader, kind, tenant, flow, past_row, p) != ERR_OK || !p->found)
		log_line(LOG_ERROR,
			 "event=flow_version_lost tenant=" STR_FMT " flow=" STR_FMT " version=%u",
			 STR_ARG(tenant), STR_ARG(flow), version);
	return p->found;
}

uint32_t house_load_images(struct house *h)
{
	struct past past = {.h = h};
	flow_past_from(h->flow, past_flow, &past);
	const uint32_t dropped = core_loaded(&h->core);
	flow_past_from(h->flow, NULL, NULL);
	store_reader_close(past.reader);
	return dropped;
}
