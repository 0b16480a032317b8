/* listen.h - binding the sockets that the supervisor hands down. */
#pragma once

#include "base/str.h"

/* ADDRESS as "host:port"; numeric hosts only. kind: SOCK_STREAM (listening) or SOCK_DGRAM.
 * why gets one line. Returns the descriptor or -1. Non-blocking, close-on-exec. */
int listen_at(const char *address, int kind, struct buf *why);
/* The same port for both: a datagram and a stream socket (SIP); port 0 picks one that is free
 * twice. */
MUST_USE enum err listen_both(const char *address, int *udp, int *tcp, struct buf *why);
/* DIR/ctl.sock, mode 0600; an old one is replaced. */
int listen_local(const char *path, struct buf *why);
/* What is really bound, "127.0.0.1:8080". */
void listen_text(int fd, struct buf *out);
/* Does it listen? An older supervisor, or one with fewer settings, hands fewer sockets down. */
bool listen_is(int fd);
