/*
 * link.h - the conversation with the core: one seqpacket socket, now and then a new one.
 *
 * What is said while nobody listens waits: bounded, oldest thrown away first. Never blocks. Control
 * thread only.
 */
#pragma once

#include "base/list.h"
#include "media/order.h"

#define LINK_KEPT_MAX 4096  /* reports waiting for a core */
#define LINK_ONCE_MAX 65536 /* pages of an inventory waiting for a slow core */
#define LINK_GAUGES_MAX 4

/* What becomes of a report when the socket is full or the core gone. */
enum link_class {
	LINK_KEEP,  /* waits for the next core, too */
	LINK_ONCE,  /* an answer to this core: forgotten with it */
	LINK_GAUGE, /* the first to be dropped */
	LINK_CLASSES
};

struct link {
	int fd;		     /* -1: no core */
	bool greeted;	     /* the core has said hello: now it may hear all */
	bool blocked;	     /* the socket is full: wait for POLLOUT */
	uint32_t generation; /* counts cores */
	struct list waiting;
	uint32_t counts[LINK_CLASSES];
	uint64_t dropped;
};

void link_init(struct link *l);
void link_finish(struct link *l);
/* A new core: the former one, if any, is left. Says hello at once. */
void link_attach(struct link *l, int fd, uint32_t legs);
void link_lose(struct link *l);
void link_say(struct link *l, enum link_class class, const struct report *r);
void link_flush(struct link *l);
/* The next packet; views live until the next call. ERR_NOT_FOUND: none now; ERR_CONFLICT: no
 * core, or it went just now. */
MUST_USE enum err link_read(struct link *l, struct str *packet);
