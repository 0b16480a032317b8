/* upgrade.c - see upgrade.h. */
#include "web/upgrade.h"

struct ws_offer upgrade_offer(const struct h1_head *h)
{
	return (struct ws_offer){.get = h->method == HTTP_GET,
				 .upgrade = h1_header(h, "upgrade"),
				 .connection = h1_header(h, "connection"),
				 .version = h1_header(h, "sec-websocket-version"),
				 .key = h1_header(h, "sec-websocket-key"),
				 .protocol = h1_header(h, "sec-websocket-protocol")};
}

bool upgrade_from_own_page(const struct h1_head *h)
{
	const struct str origin = h1_header(h, "origin"), host = h1_header(h, "host");
	const ptrdiff_t at = str_find_str(origin, STR("://"));
	return at > 0 && host.n && str_ieq(str_from(origin, (size_t)at + 3), host);
}
