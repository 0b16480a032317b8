/*
 * loop.h - waiting for file descriptors with epoll, and knowing who was slow. One thread.
 */
#pragma once

#include "base/str.h"

struct loop;
typedef void(loop_h)(void *arg, uint32_t events); /* EPOLLIN … */

struct loop *loop_create(void); /* never NULL */
void loop_destroy(struct loop *l);
/* name: for `ctl show slow`; lives for ever. Level-triggered. */
void loop_add(struct loop *l, int fd, uint32_t events, const char *name, loop_h *ready, void *arg);
void loop_change(struct loop *l, int fd, uint32_t events);
void loop_remove(struct loop *l, int fd); /* fine when unknown; also inside a handler */
/* Waits until something is ready or timeout_ms passed (-1: for ever), then runs `before` once and
 * every ready handler. Returns how many ran. */
uint32_t loop_wait(struct loop *l, int timeout_ms, void (*before)(void *arg), void *arg);
/* The slowest handlers so far, with names and microseconds. */
void loop_slow(const struct loop *l, struct buf *out);
/* For work outside handlers (a turn's end): counts like one. */
void loop_note(struct loop *l, const char *name, int64_t us);
