/*
 * registry_rules.h - what a schema cannot say about one document by itself, and whom it names.
 * The document may have failed its schema: every part is looked at as far as it has the right
 * type; what is said of a place that the schema has named already is dropped (mistakes.h). Pure
 * but for time zone files.
 */
#pragma once

#include <jansson.h>

#include "objects/mistakes.h"
#include "core/words.h"

/* Times, addresses, expressions, the graph of a flow. */
void rules_check(enum object_kind kind, const json_t *doc, const struct jpath *at,
		 struct mistakes *m);
/* `skills` of a queue, or of a node of a flow: their order, and that each is a demand. */
void skills_check(const json_t *doc, const struct jpath *at, struct mistakes *m);
/* The graph of a flow: edges lead somewhere, no loop without a node that waits. */
void flow_check(const json_t *doc, const struct jpath *at, struct mistakes *m);

/* Can the flow of this name be gone through without waiting? queues: over full or empty ones, else
 * over prompts that cannot be played. */
typedef bool(flow_passes_h)(void *arg, struct str flow, bool queues);
/* A flow among others: loops that go through flows inside it. */
struct flow_around {
	const json_t *doc;
	const struct jpath *at; /* of the flow, or of the one that makes it wrong */
	struct str outside;	/* its name when it is not the one at `at`; else empty */
	flow_passes_h *passes;
	void *arg;
};
void flow_check_around(const struct flow_around *f, struct mistakes *m);
bool flow_has_quick_way(const json_t *doc, bool queues, flow_passes_h *passes, void *arg);

typedef void(ref_h)(void *arg, enum object_kind kind, struct str id, const struct jpath *at);
/* Every other object of the same tenant that this document names. A draft that is named may as well
 * be published. */
void refs_each(enum object_kind kind, const json_t *doc, const struct jpath *at, ref_h *ref,
	       void *arg);
