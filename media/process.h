/*
 * process.h - the whole life of the process `centrala-media`.
 *
 * The supervisor talks over control_fd (SOCK_SEQPACKET), one byte a message: 'C' with one file
 * descriptor attached (SCM_RIGHTS): a new core, talk with it over that seqpacket socket in the
 * words of order.def; 'D': drain: another process takes new calls, end when nothing is left; 'S':
 * stop cleanly. End of file on control_fd is like 'S'. The parent-death signal is the supervisor's
 * to set. No threads may run in the calling process before.
 */
#pragma once

#include "base/err.h"

struct media_options {
	int control_fd;
	const char *recordings; /* root of recordings; created when missing */
	const char *state; /* what must outlive this process: DIR/media; created when missing */
	const char *ip;	   /* to bind: dotted or IPv6; or one of each with a comma between */
	uint16_t port_low; /* RTP on even ports low..high, RTCP on the next odd one */
	uint16_t port_high;
	bool alone; /* no other media process may live: one that does was killed and is dying */
	uint32_t threads;   /* media threads; 0: half of the processors, 1..16 */
	uint32_t silent_ms; /* report `silent` after so long without packets; 0: 30000 */
	uint32_t path_ms;   /* nothing of a browser for so long: its path is lost; 0: 5000 */
	uint32_t orphan_ms; /* without a core for so long: legs end; 0: 60000 */
};

/* Runs until told to stop; returns the exit status: 0 after a clean stop, 1 when it could not start
 * (a line on standard error says why). */
int media_process(const struct media_options *o);
