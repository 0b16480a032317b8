/*
 * addr.h - an IP address and port, IPv4 or IPv6. Pure.
 */
#pragma once

#include <netinet/in.h>

#include "base/str.h"

#define ADDR_FAMILIES 2

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len; /* 0: none */
};

/* Dotted or IPv6 text without brackets, no names. ERR_INVALID otherwise. */
MUST_USE enum err addr_parse(struct str ip, uint16_t port, struct addr *out);
/* One address, or one of each family with a comma between. ERR_INVALID otherwise. */
MUST_USE enum err addr_parse_pair(struct str ips, struct addr out[ADDR_FAMILIES]);
bool addr_eq(const struct addr *a, const struct addr *b);	 /* address and port */
bool addr_same_host(const struct addr *a, const struct addr *b); /* address alone */
bool addr_is_loopback(const struct addr *a);
bool addr_is_host(const struct addr *a); /* neither "any" nor multicast nor broadcast */
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
