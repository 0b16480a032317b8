/* charset_table.h - code points of bytes 0x80 to 0xff; charset.c's own. */
#pragma once

#include <stdint.h>

extern const uint16_t charset_windows_1250[128], charset_windows_1251[128], charset_iso_8859_2[128];
