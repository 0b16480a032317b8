/* store_inside.h - what the store's own files know of each other. */
#pragma once

#include "store/query.h"
#include "store/sql.h"

struct store_reader {
	struct sql *db;
};

struct str store_url(const struct store *s);
struct str store_dir(const struct store *s);
