/* words.c - see words.h. */
#include "core/words.h"

static struct str word_at(const struct str *names, size_t count, unsigned v)
{
	return v < count ? names[v] : STR("?");
}

static enum err word_find(const struct str *names, size_t count, struct str s, unsigned *out)
{
	for (unsigned i = 0; i < count; i++) {
		if (str_eq(names[i], s)) {
			*out = i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

#define W(set, word) {#word, sizeof #word - 1},
#define WORDS(set, list)                                                                           \
	static const struct str set##_names[] = {list};                                            \
	struct str set##_word(enum set v)                                                          \
	{                                                                                          \
		return word_at(set##_names, COUNT_OF(set##_names), (unsigned)v);                   \
	}                                                                                          \
	enum err set##_from(struct str s, enum set *out)                                           \
	{                                                                                          \
		unsigned v;                                                                        \
		enum err e = word_find(set##_names, COUNT_OF(set##_names), s, &v);                 \
		if (e == ERR_OK)                                                                   \
			*out = (enum set)v;                                                        \
		return e;                                                                          \
	}
#include "core/words.def"
#undef W
#undef WORDS
