/* world_inside_test.h - what the files of the invented world share; tests include world_test.h. */
#pragma once

#include "channel/voice/world_test.h"

extern const struct sip_address core_address;

/* world_rooms_test.c */
void ear_event(struct room *r, const struct event *ev);
enum err acd_command(struct room *room, const struct command *cmd);
void call_event(struct room *room, const struct event *ev);
enum err call_command(struct room *room, const struct command *cmd);
void acd_event(struct room *room, const struct event *ev);
enum err flow_command(struct room *room, const struct command *cmd);
void flow_event(struct room *room, const struct event *ev);
bool is_agent(struct world *w, const struct row *r, struct agent_id a);
void acd_offer_end(struct world *w, struct row *r, enum offer_result result);

/* world_peers_test.c */
void side_begin(struct world *w, int n);
void core_send_sip(void *arg, const struct sip_address *to, struct str bytes);
bool carry_one(struct world *w); /* the oldest packet that is due; false: none */

/* world_media_test.c */
void core_order(void *arg, uint32_t media, struct str bytes);
void media_obey_all(struct world *w);
bool media_report_all(struct world *w); /* false: it had nothing to say */
