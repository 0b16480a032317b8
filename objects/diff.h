/*
 * diff.h - what differs between two versions of a document. Pure; any thread.
 */
#pragma once

#include <jansson.h>

#include "base/jsonw.h"

/* An array of {"path","op","before","after"} as of VersionDiff in api/openapi.yaml. Objects are
 * compared field by field, in the order of `before` and then of what `after` has more; lists item
 * by item; everything else as a whole. The kind and the version of a document do not count. Either
 * may be NULL: there is no such document. */
void document_diff(struct jsonw *w, const json_t *before, const json_t *after);
