/*
 * kin.h - what the supervisor and its children say to each other.
 *
 * Each child has a seqpacket socket to the supervisor at KIN_CONTROL; the core also inherits the
 * listening sockets. Messages are one byte, then what is said below. The supervisor is the only one
 * that executes programs.
 */
#pragma once

#include "base/str.h"

/* inherited descriptors; media has only the first */
enum {
	KIN_CONTROL = 3,
	KIN_HTTP,
	KIN_SIP_UDP,
	KIN_SIP_TCP,
	KIN_LOCAL,
	/* only those that are set; a supervisor of an older build knows none of them */
	KIN_SIP_TLS,
	KIN_SIP_WS,
	KIN_SIP_WSS,
	KIN_HTTPS,
	KIN_END
};

enum kin_word {
	/* supervisor → core */
	/* u32 numbers of the media processes that live, newest first: it takes new calls, the
	 * others drain. With an fd: after them u32 number, of the process it is a connection to. */
	KIN_MEDIA = 'M',
	KIN_STOP = 'S',	  /* end all calls, then exit 0 */
	KIN_LEAVE = 'X',  /* exit 0 now, calls go on: another core follows (upgrade) */
	KIN_RELOAD = 'L', /* read the certificates again */
	KIN_SPOKEN = 'D', /* u32 job, u8 ok */
	/* core → supervisor */
	KIN_READY = 'R',  /* text: the line for standard output */
	KIN_SPEAK = 'H',  /* u32 job, u8 voice; + fds: text to read, file to write */
	KIN_ALIVE = 'W',  /* about once a second: the watchdog's food */
	KIN_FAILED = 'F', /* text: why the core cannot start; nothing will help but a person */
	/* supervisor → media: media/process.h */
	KIN_CORE = 'C',
	KIN_DRAIN = 'D',
};

/* media processes at once: one takes calls, the others drain after upgrades */
#define KIN_MEDIA_MAX 4

/* voices of KIN_SPEAK; anything else is spoken by the first */
enum { VOICE_EN, VOICE_PL, VOICE_RU, VOICE_COUNT };

#define KIN_MESSAGE_MAX 1024

/* Sends one message with up to two descriptors (-1: none). ERR_IO when the other side is gone. */
MUST_USE enum err kin_send(int fd, struct str message, int pass_a, int pass_b);
/* Takes one message; passed[2] get descriptors or -1. ERR_AGAIN: nothing; ERR_IO: gone. */
MUST_USE enum err kin_take(int fd, char *room, size_t room_n, size_t *n, int passed[2]);
/* A connected seqpacket pair, close-on-exec, with large buffers. */
MUST_USE enum err kin_pair(int pair[2]);
