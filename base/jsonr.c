/* jsonr.c - see jsonr.h. */
#include "base/jsonr.h"

#include <stdlib.h>
#include <string.h>

struct jsonr jsonr_make(struct str object)
{
	object = str_trim(object);
	if (!object.n || object.p[0] != '{')
		return (struct jsonr){STR_NONE};
	return (struct jsonr){str_from(object, 1)};
}

/* Where the text that begins at s ends, its quotes with it; 0: nowhere. */
static size_t text_end(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

static size_t nested_end(struct str s)
{
	size_t depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];
		if (c == '"') {
			const size_t n = text_end(str_from(s, i));
			if (!n)
				return 0;
			i += n - 1;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

static size_t value_end(struct str s)
{
	if (!s.n)
		return 0;
	if (s.p[0] == '"')
		return text_end(s);
	if (s.p[0] == '{' || s.p[0] == '[')
		return nested_end(s);
	size_t i = 0;
	while (i < s.n && s.p[i] != ',' && s.p[i] != '}' && s.p[i] != ']')
		i++;
	return i;
}

bool jsonr_next(struct jsonr *r, struct str *key, struct str *value)
{
	struct str s = str_trim(r->rest);
	r->rest = STR_NONE;
	if (s.n && s.p[0] == ',')
		s = str_trim(str_from(s, 1));
	const size_t k = s.n && s.p[0] == '"' ? text_end(s) : 0;
	if (!k)
		return false;
	struct str after = str_trim(str_from(s, k));
	if (!after.n || after.p[0] != ':')
		return false;
	after = str_trim(str_from(after, 1));
	const size_t v = value_end(after);
	if (!v)
		return false;
	*key = str_make(s.p + 1, k - 2);
	*value = str_trim(str_head(after, v));
	r->rest = str_from(after, v);
	return true;
}

struct jsonr jsonr_array(struct str array)
{
	array = str_trim(array);
	if (!array.n || array.p[0] != '[')
		return (struct jsonr){STR_NONE};
	return (struct jsonr){str_from(array, 1)};
}

bool jsonr_item(struct jsonr *r, struct str *value)
{
	struct str s = str_trim(r->rest);
	r->rest = STR_NONE;
	if (s.n && s.p[0] == ',')
		s = str_trim(str_from(s, 1));
	const size_t n = s.n && s.p[0] != ']' ? value_end(s) : 0;
	if (!n)
		return false;
	*value = str_trim(str_head(s, n));
	r->rest = str_from(s, n);
	return true;
}

struct str jsonr_get(struct str object, const char *key)
{
	struct jsonr r = jsonr_make(object);
	struct str name, value;
	while (jsonr_next(&r, &name, &value))
		if (str_is(name, key))
			return value;
	return STR_NONE;
}

bool jsonr_i64(struct str value, int64_t *out)
{
	return str_to_i64(value, out) == ERR_OK;
}

bool jsonr_real(struct str value, double *out)
{
	char text[40], *end;
	if (!value.n || !(value.p[0] == '-' || (value.p[0] >= '0' && value.p[0] <= '9')) ||
	    !str_copy(value, text, sizeof text))
		return false;
	const double v = strtod(text, &end);
	if (*end)
		return false;
	*out = v;
	return true;
}

static void put_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_ch(out, (char)c);
		return;
	}
	if (c >= 0x800)
		buf_ch(out, (char)(0xe0 | c >> 12));
	buf_ch(out, (char)(c < 0x800 ? 0xc0 | c >> 6 : 0x80 | (c >> 6 & 0x3f)));
	buf_ch(out, (char)(0x80 | (c & 0x3f)));
}

/* jsonw.h writes \uXXXX for control characters alone: no surrogates. */
static bool put_escape(struct str s, size_t *at, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = *at < s.n && s.p[*at] ? strchr(from, s.p[*at]) : NULL;
	if (known) {
		buf_ch(out, to[known - from]);
		return true;
	}
	if (*at + 4 >= s.n || s.p[*at] != 'u')
		return false;
	uint32_t c = 0;
	for (int i = 0; i < 4; i++) {
		const char h = s.p[++*at];
		const int digit = h >= '0' && h <= '9'	 ? h - '0'
				  : h >= 'a' && h <= 'f' ? h - 'a' + 10
				  : h >= 'A' && h <= 'F' ? h - 'A' + 10
							 : -1;
		if (digit < 0)
			return false;
		c = c << 4 | (uint32_t)digit;
	}
	put_utf8(out, c);
	return true;
}

bool jsonr_text(struct str value, struct buf *out)
{
	if (value.n < 2 || value.p[0] != '"')
		return false;
	const struct str s = str_make(value.p + 1, value.n - 2);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			buf_ch(out, s.p[i]);
			continue;
		}
		i++;
		if (!put_escape(s, &i, out))
			return false;
	}
	return true;
}

struct str jsonr_plain(struct str value)
{
	if (value.n < 2 || value.p[0] != '"' || str_find(value, '\\') >= 0)
		return STR_NONE;
	return str_make(value.p + 1, value.n - 2);
}
