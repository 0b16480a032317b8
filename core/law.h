/*
 * law.h - what must hold between two causes, for the self checks of rooms: a law that does not hold
 * is written into `struct buf *out`, and the function that looks returns false.
 */
#pragma once

#include "base/str.h"

#define LAW(cond)                                                                                  \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			buf_fmt(out, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                    \
			return false;                                                              \
		}                                                                                  \
	} while (0)
