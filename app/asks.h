/* asks.h - what asks.c and verbs.c share: how the main thread answers what others ask. */
#pragma once

#include "app/house.h"

struct tenant_id asks_tenant(struct house *h, struct str name);
struct agent_id asks_agent(struct house *h, struct str tenant, struct str name);
uint32_t asks_agents_count(struct house *h, struct str tenant); /* signed in or not */
/* A word that the tenant declares: "no such reason: x", "a reason is needed: break, meal". */
void asks_declared(struct house *h, struct ask *a, enum object_kind kind, struct str said);
/* voice_options.phone_answered: arg is the house, token the ask. */
void asks_phone_answered(void *arg, void *token, const struct voice_phone_answer *got);
/* The answer goes back when the turn is stored. */
void asks_answered(struct house *h, struct ask *a);
/* asks_trunk.c: a trunk as it is; tested now, which is answered turns later. */
enum err asks_trunk_live(struct house *h, struct ask *a);
void asks_trunk_test(struct house *h, struct ask *a);
/* voice_options.trunk_tested: arg is the house, token the ask. */
void asks_trunk_tested(void *arg, void *token, const struct trunk_answer *answers, uint32_t count);
/* asks_board.c: boards, alerts, help, messages, wallboards. */
enum err asks_board(struct house *h, struct ask *a);
void asks_alerts_told(struct house *h, struct ask *a);
enum err asks_figures(struct house *h, struct ask *a, struct tenant_id tenant);
enum err asks_help(struct house *h, struct ask *a, struct tenant_id tenant);
enum err asks_message(struct house *h, struct ask *a, struct tenant_id tenant);
enum err asks_acknowledge(struct house *h, struct ask *a, struct tenant_id tenant);
enum err asks_alert_test(struct house *h, struct ask *a, struct tenant_id tenant);
enum err asks_wall(struct house *h, struct ask *a, struct tenant_id tenant);
/* asks_people.c: people and queues, from the board. */
void asks_closed(struct house *h, struct ask *a);
enum err asks_timed(struct house *h, struct ask *a);
enum err asks_approval(struct house *h, struct ask *a);
enum err asks_gate(struct house *h, struct ask *a);
enum err asks_overflow(struct house *h, struct ask *a);
/* verbs.c: what somebody does with a contact. */
enum err asks_verb(struct house *h, struct ask *a);
