/* diff.c - see diff.h. */
#include "objects/diff.h"

#include "objects/mistakes.h"
#include "objects/registry_parts.h"

static void put_value(struct jsonw *w, const char *key, const json_t *value)
{
	if (!value)
		return;
	struct buf text = buf_grow(64);
	registry_put_json(&text, value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	jsonw_key(w, key);
	jsonw_raw(w, buf_str(&text));
	buf_free(&text);
}

static void put_change(struct jsonw *w, const struct jpath *at, const json_t *before,
		       const json_t *after)
{
	struct buf path = buf_grow(64);
	jpath_text(at, &path);
	jsonw_open(w, '{');
	jsonw_kstr(w, "path", buf_str(&path));
	jsonw_kstr(w, "op",
		   before && after ? STR("changed")
		   : before	   ? STR("removed")
				   : STR("added"));
	put_value(w, "before", before);
	put_value(w, "after", after);
	jsonw_close(w, '}');
	buf_free(&path);
}

static bool identity(const struct jpath *up, const char *key)
{
	return !up->up && (strcmp(key, "kind") == 0 || strcmp(key, "version") == 0);
}

static void compare(struct jsonw *w, const struct jpath *at, const json_t *before,
		    const json_t *after);

static void compare_fields(struct jsonw *w, const struct jpath *at, const json_t *before,
			   const json_t *after)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)before, key, v)
	{
		const struct jpath place = {.up = at, .key = key};
		if (!identity(at, key))
			compare(w, &place, v, json_object_get(after, key));
	}
	json_object_foreach((json_t *)after, key, v)
	{
		const struct jpath place = {.up = at, .key = key};
		if (!identity(at, key) && !json_object_get(before, key))
			compare(w, &place, NULL, v);
	}
}

static void compare_items(struct jsonw *w, const struct jpath *at, const json_t *before,
			  const json_t *after)
{
	const size_t n = MAX(json_array_size(before), json_array_size(after));
	for (size_t i = 0; i < n; i++) {
		const struct jpath place = {.up = at, .index = i};
		compare(w, &place, json_array_get(before, i), json_array_get(after, i));
	}
}

/* As deep as a document may be: the parser bounds that (mistakes.h). */
static void compare(struct jsonw *w, const struct jpath *at, const json_t *before,
		    const json_t *after)
{
	if (json_is_object(before) && json_is_object(after))
		compare_fields(w, at, before, after);
	else if (json_is_array(before) && json_is_array(after))
		compare_items(w, at, before, after);
	else if (!before || !after || !json_equal(before, after))
		put_change(w, at, before, after);
}

void document_diff(struct jsonw *w, const json_t *before, const json_t *after)
{
	const struct jpath root = {0};
	jsonw_open(w, '[');
	if (before && after)
		compare(w, &root, before, after);
	else if (before || after)
		put_change(w, &root, before, after);
	jsonw_close(w, ']');
}
