/*
 * config_compile.h - a checked document becomes a struct config, defaults filled in.
 *
 * The document has passed its schema and objects/registry_rules.h; what it names in other objects
 * stays a name. secret: the trunk's registration password in clear, empty when there is none.
 */
#pragma once

#include <jansson.h>

#include "core/config.h"

/* Never NULL; config_free() is the caller's. */
struct config *config_compile(enum object_kind kind, struct str tenant, struct str id,
			      const json_t *doc, struct str secret);
/* BIT(enum role) of the words in a user's `roles`; NULL: the default. */
uint32_t config_roles(const json_t *list);
