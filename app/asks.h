/* asks.h - what asks.c and verbs.c share: how the main thread answers what others ask. */
#pragma once

#include "app/house.h"

struct tenant_id asks_tenant(struct house *h, struct str name);
struct agent_id asks_agent(struct house *h, struct str tenant, struct str name);
/* A word that the tenant declares: "no such reason: x", "a reason is needed: break, meal". */
void asks_declared(struct house *h, struct ask *a, enum object_kind kind, struct str said);
/* voice_options.phone_answered: arg is the house, token the ask. */
void asks_phone_answered(void *arg, void *token, const struct voice_phone_answer *got);
/* verbs.c: what somebody does with a contact. */
enum err asks_verb(struct house *h, struct ask *a);
