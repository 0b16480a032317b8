/*
 * desk_test.h - for tests: a desk, as a browser has one: a snapshot read from its JSON, then
 * message by message. It knows live/'s fold, and nothing of who may see what.
 */
#pragma once

#include <jansson.h>

#include "live/inside.h"

/* An event as desks get it. Fields that are not told are empty, 0, the first word. The texts lie in
 * the JSON. */
struct fact fact_of_json(json_t *event);

struct desk;
struct desk *desk_open(struct str snapshot);
void desk_close(struct desk *d);
void desk_hear(struct desk *d, struct str message);
/* {"seq","agents","queues","contacts"}, to be compared with a later snapshot's. */
json_t *desk_look(const struct desk *d);
