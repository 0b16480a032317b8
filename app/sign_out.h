/*
 * sign_out.h - somebody is signed out at once: what he is at ends now, and nobody is hung up on.
 *
 * What rings at him goes back to its place before all others, and so does the customer he talks to,
 * with the time he has waited; a wrap-up ends; what he dialled himself is hung up. He is to be
 * signed out before (presence_set), so that nothing new comes to him; he goes when it has ended.
 * Main thread, within a turn.
 */
#pragma once

#include "acd/acd.h"

void sign_out_now(struct core *c, const struct room *acd, struct agent_id agent, struct str by);
