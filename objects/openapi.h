/*
 * openapi.h - api/openapi.yaml as compact JSON, embedded by tools/openapi_embed.py.
 */
#pragma once

#include <stddef.h>

extern const char openapi_json[];      /* NUL-terminated */
extern const size_t openapi_json_size; /* without the NUL */
