/*
 * trace.h - the SIP messages of the last while, in a circular file that outlives the process.
 *
 * Written by the main thread, read by whoever likes, at any time: reading asks nobody. What must
 * not be shown is not written: passwords and what proves them, keys of calls, keys that were
 * pressed, texts of people. A trace is a help for people, never a fact.
 */
#pragma once

#include "core/ids.h"
#include "core/traced.h"
#include "sip/sip.h"

enum { TRACE_MIB_MAX = 1024 };

struct trace;

/* mib: size of the file, 1..TRACE_MIB_MAX; one of another size begins anew. NULL when it cannot be
 * had; the others take it then and do nothing. */
struct trace *trace_open(struct str path, uint32_t mib);
void trace_close(struct trace *t);
void trace_message(struct trace *t, int64_t utc_ms, bool out, const struct sip_address *peer,
		   struct str bytes);
/* The call `call_id` belongs to this contact from now on. */
void trace_leg(struct trace *t, int64_t utc_ms, struct uuid contact, struct str call_id,
	       enum party party, struct str who);

/* Any thread. The contact's messages out of the file; nothing when there are none, or no file. The
 * caller ends with arena_finish(&out->arena). ERR_IO: the file cannot be read; out is empty. */
MUST_USE enum err trace_read(struct str path, struct uuid contact, struct traced *out);
