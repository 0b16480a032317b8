/*
 * secure.h - TLS of the house: its certificates by the settings, read again on SIGHUP, watched for
 * their end. What is wrong is an alarm of the tenant `system`. Main thread only.
 */
#pragma once

#include "app/house.h"

/* Reads the certificates when a setting asks for any. A fresh start with bad ones is refused; a
 * restarted core serves without them (ERR_OK, an alarm follows), since calls must go on. */
MUST_USE enum err secure_open(struct house *h, enum house_start start, struct buf *why);
/* For the web door's thread, which has its own; NULL: none. */
struct tls *secure_web(struct house *h);
/* SIGHUP. What cannot be read leaves everything as it was. */
void secure_reload(struct house *h);
/* Within a turn, about once a second: alarms that are due. */
void secure_watch(struct house *h);
/* What certificate the peer at this address must have; see net.h. */
bool secure_name(void *arg, const struct sip_address *to, struct buf *name);
void secure_refused(void *arg, const struct sip_address *to, struct str why);
bool secure_certified(void *arg, uint32_t stream, struct str name);
