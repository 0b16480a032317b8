/*
 * dns.h - asks for addresses and services by name; answers come through the loop. c-ares, RFC 1035,
 * 2782; /etc/hosts and the system's resolvers, or one server that is named.
 *
 * Nothing blocks; nothing is remembered (see channel/voice/place.h for that). One thread, that of
 * the loop. An answer may come before dns_ask has returned.
 */
#pragma once

#include "base/str.h"
#include "os/loop.h"

enum { DNS_NAME_MAX = 255, DNS_RECORDS_MAX = 512 /* more of one name are left out */ };

enum dns_kind {
	DNS_ADDRESS, /* A and AAAA */
	DNS_SRV,     /* the name with its _service._proto */
};

struct dns_record {
	uint8_t family; /* DNS_ADDRESS: 4 or 6 */
	uint8_t ip[16];
	uint16_t priority, weight, port; /* DNS_SRV, with the target */
	char target[DNS_NAME_MAX + 1];
};

struct dns_answer {
	enum dns_kind kind;
	struct str name;
	/* ERR_OK; ERR_NOT_FOUND: it was said that there is none; ERR_TIMEOUT, ERR_IO: nobody knew
	 */
	enum err err;
	uint32_t ttl_s; /* the least of all */
	const struct dns_record *records;
	uint32_t count;
};

struct dns_options {
	struct loop *loop;
	struct str server; /* "address:port"; empty: as the system has it */
	void *arg;
	void (*answer)(void *arg, const struct dns_answer *a);
};

struct dns;
struct dns *dns_create(const struct dns_options *o); /* NULL: no resolver can be had */
void dns_destroy(struct dns *d); /* NULL is fine; open questions stay unanswered */
void dns_ask(struct dns *d, enum dns_kind kind, struct str name);
