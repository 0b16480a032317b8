/* message.c - names of commands and events; see message.h. */
#include "core/message.h"

static const struct str command_names[CMD_COUNT] = {
#define COMMAND(name, room, fields) {#name, sizeof #name - 1},
#define EVENT(name, keep, fields)
#include "core/messages.def"
#undef COMMAND
#undef EVENT
};

enum { TELL, KEEP };

static const struct {
	struct str name;
	bool kept;
} events[EV_COUNT] = {
#define COMMAND(name, room, fields)
#define EVENT(name, keep, fields) {{#name, sizeof #name - 1}, keep},
#include "core/messages.def"
#undef COMMAND
#undef EVENT
};

struct str command_name(enum command_kind kind)
{
	return (unsigned)kind < CMD_COUNT ? command_names[kind] : STR("?");
}

struct str event_name(enum event_kind kind)
{
	return (unsigned)kind < EV_COUNT ? events[kind].name : STR("?");
}

bool event_kept(enum event_kind kind)
{
	return (unsigned)kind < EV_COUNT && events[kind].kept;
}
