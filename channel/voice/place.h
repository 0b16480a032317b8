/*
 * place.h - what the names of hosts stand for: a small memory of DNS, and RFC 3263 as far as SIP
 * over UDP, TCP and TLS needs it. Pure: whoever owns it asks and tells the answers.
 *
 *   literal address          itself
 *   name with port           its addresses
 *   name without             SRV of _sip._udp, else of _sip._tcp (RFC 2782), else its addresses,
 *                            5060; where TCP or TLS is wanted of _sip._tcp or _sips._tcp (5061)
 *
 * Names are used in sweeps: places_begin, places_find for everything declared, places_end; what no
 * sweep uses any more is forgotten. An answer is asked for again when its TTL is over and serves
 * until there is another: when DNS fails the last good one stays.
 */
#pragma once

#include "os/dns.h"
#include "sip/sip.h"

enum {
	PLACE_TTL_MIN_MS = 5000, /* also of TTL 0: nobody is asked more often */
	PLACE_TTL_MAX_MS = 3600000,
	PLACE_NONE_MS = 30000, /* a name that does not exist, RFC 2308's idea */
	PLACE_FAILED_MS = 10000,
};

struct place_name {
	enum { NAME_FREE, NAME_NEW, NAME_KNOWN } state;
	enum dns_kind kind;
	char name[DNS_NAME_MAX + 1];
	bool used, asked;
	int64_t ask_ms; /* when to ask again */
	struct dns_record *records;
	uint32_t count;
};

struct places {
	struct place_name *names; /* [slot]: stable */
	uint32_t room;
};

struct place {
	struct sip_address address;
	uint16_t priority, weight; /* of its SRV record; 0 without */
};

void places_finish(struct places *ps);
void places_begin(struct places *ps);
enum place_way { PLACE_ANY, PLACE_UDP, PLACE_TCP, PLACE_TLS }; /* ANY: UDP, TCP if DNS says so */

/* Puts at most `room` places, those of low priority first; returns how many. Before the first
 * answer there are none. */
uint32_t places_find(struct places *ps, struct str host, uint16_t port, enum place_way way,
		     struct place *out, uint32_t room);
void places_end(struct places *ps);
/* A name that is due to be asked for: marked as asked. False: none. */
bool places_due(struct places *ps, int64_t now_ms, enum dns_kind *kind, struct str *name);
int64_t places_next_ms(const struct places *ps); /* INT64_MAX: never */
/* True when what the name stands for is not what it was; *slot: which one. dice: spreads questions
 * of many names over time. */
bool places_answer(struct places *ps, const struct dns_answer *a, int64_t now_ms, uint64_t dice,
		   uint32_t *slot);
/* One name for the next life; false: nothing there. Taken back it is asked for at once. */
bool places_save(const struct places *ps, uint32_t slot, struct buf *out);
MUST_USE enum err places_load(struct places *ps, uint32_t slot, struct str image);
