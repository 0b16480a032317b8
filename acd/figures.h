/*
 * figures.h - what other rooms may ask about a queue, by the command queue_look.
 */
#pragma once

#include "acd/acd.h"

/* ERR_NOT_FOUND: no such queue, or it is about to be known. */
enum err figures_tell(const struct room *acd, const struct command_queue_look *cmd);
