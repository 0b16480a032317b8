/*
 * upgrade.h - a request that wants to become a WebSocket: what of its head RFC 6455 asks for. Pure.
 */
#pragma once

#include "web/h1.h"
#include "ws/ws.h"

struct ws_offer upgrade_offer(const struct h1_head *h);
/* RFC 6455 section 10.2: does a page of this very host ask? False without an Origin. */
bool upgrade_from_own_page(const struct h1_head *h);
