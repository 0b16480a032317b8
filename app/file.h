/* file.h - a whole file in memory, for our own commands and the start; never for the loop. */
#pragma once

#include "base/str.h"

#define FILE_READ_MAX (64u << 20) /* what is longer is cut, and then is no valid site file */

/* "-": standard input. p is malloc'd, the caller frees it; NULL when the file cannot be opened. */
struct str file_read(const char *path);
