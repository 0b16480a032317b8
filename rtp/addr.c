/* addr.c - see addr.h. */
#include "rtp/addr.h"

#include <arpa/inet.h>

enum err addr_parse(struct str ip, uint16_t port, struct addr *out)
{
	char text[INET6_ADDRSTRLEN];
	if (!str_copy(ip, text, sizeof text))
		return ERR_INVALID;
	struct addr a = {0};
	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.len = sizeof a.in;
	} else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		a.len = sizeof a.in6;
	} else {
		return ERR_INVALID;
	}
	addr_set_port(&a, port);
	*out = a;
	return ERR_OK;
}

enum err addr_parse_pair(struct str ips, struct addr out[ADDR_FAMILIES])
{
	struct addr pair[ADDR_FAMILIES] = {0};
	struct str first = ips, second = STR_NONE;
	bool both = str_cut(ips, ',', &first, &second);
	if (addr_parse(first, 0, &pair[0]) != ERR_OK ||
	    (both && addr_parse(second, 0, &pair[1]) != ERR_OK) ||
	    (both && pair[0].sa.sa_family == pair[1].sa.sa_family))
		return ERR_INVALID;
	memcpy(out, pair, sizeof pair);
	return ERR_OK;
}

bool addr_same_host(const struct addr *a, const struct addr *b)
{
	if (!a->len || a->len != b->len || a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof a->in6.sin6_addr);
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && addr_port(a) == addr_port(b);
}

bool addr_is_loopback(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

bool addr_is_host(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET) {
		uint32_t ip = ntohl(a->in.sin_addr.s_addr);
		return ip >> 24 && !IN_MULTICAST(ip) && ip != INADDR_BROADCAST;
	}
	return a->sa.sa_family == AF_INET6 && !IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr) &&
	       !IN6_IS_ADDR_MULTICAST(&a->in6.sin6_addr);
}

uint16_t addr_port(const struct addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->in6.sin6_port : a->in.sin_port);
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
	else
		a->in.sin_port = htons(port);
}
