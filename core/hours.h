/* hours.h - is it open? Declared hours against the local clock; a special day takes the place of
 * its weekday, also when it has no hours at all. Pure. */
#pragma once

#include "core/config.h"
#include "core/zone.h"

bool hours_open(const struct hours_config *h, const struct zone *z, int64_t utc_ms);
