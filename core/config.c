/* config.c - see config.h. */
#include "core/config.h"

#include <stdlib.h>

void config_free(struct config *c)
{
	if (!c)
		return;
	arena_finish(&c->arena);
	free(c);
}
