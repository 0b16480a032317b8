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

/* Language of a tag, RFC 5646 section 2.2.1. */
static struct str first_part(struct str tag)
{
	const ptrdiff_t end = str_find(tag, '-');
	return end < 0 ? tag : str_head(tag, (size_t)end);
}

const struct lang_text *lang_text_find(const struct lang_text *texts, uint32_t count,
				       struct str lang)
{
	const struct lang_text *near = NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (!texts[i].lang.n)
			continue;
		if (str_ieq(texts[i].lang, lang))
			return &texts[i];
		if (!near && str_ieq(first_part(texts[i].lang), first_part(lang)))
			near = &texts[i];
	}
	return near;
}
