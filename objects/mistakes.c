/* mistakes.c - see mistakes.h. */
#include "objects/mistakes.h"

#include <stdio.h>

#define KEY_MAX 120u /* bytes of a key that are worth showing */
#define MESSAGE_MAX 800u

struct mistakes mistakes_begin(struct buf *out)
{
	struct mistakes m = {.out = out};
	if (out) {
		m.w = jsonw_make(out);
		m.said = buf_grow(64);
	}
	return m;
}

void mistakes_end(struct mistakes *m)
{
	if (m->out && m->count)
		jsonw_close(&m->w, ']');
	if (m->out)
		buf_free(&m->said);
}

static bool plain(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '_' || c == '-';
		if (!word)
			return false;
	}
	return key.n > 0;
}

void jpath_text(const struct jpath *at, struct buf *out)
{
	if (!at->up) {
		buf_ch(out, '$');
		return;
	}
	jpath_text(at->up, out);
	if (!at->key) {
		buf_fmt(out, "[%zu]", at->index);
		return;
	}
	struct str key = str_of(at->key);
	if (plain(key)) {
		buf_ch(out, '.');
		buf_put(out, str_head(key, KEY_MAX));
		return;
	}
	buf_c(out, "[\"");
	buf_put(out, str_head(key, KEY_MAX));
	buf_c(out, "\"]");
}

void mistake_at(struct mistakes *m, struct str path, struct str message)
{
	m->count++;
	if (!m->out || m->count > MISTAKES_MAX)
		return;
	if (m->count == 1)
		jsonw_open(&m->w, '[');
	jsonw_open(&m->w, '{');
	jsonw_kstr(&m->w, "path", path);
	jsonw_kstr(&m->w, "message", message);
	jsonw_close(&m->w, '}');
}

/* Was this place, or one that holds it, named before? At most MISTAKES_MAX paths to look at. */
static bool said_before(const struct mistakes *m, struct str path)
{
	struct str rest = buf_str(&m->said);
	while (rest.n) {
		struct str said = str_head(rest, strlen(rest.p));
		if (said.n <= path.n && memcmp(said.p, path.p, said.n) == 0 &&
		    (said.n == path.n || path.p[said.n] == '.' || path.p[said.n] == '['))
			return true;
		rest = str_from(rest, said.n + 1);
	}
	return false;
}

void mistake(struct mistakes *m, const struct jpath *at, const char *fmt, ...)
{
	if (!m->out || m->count >= MISTAKES_MAX) {
		m->count++;
		return;
	}
	char text[MESSAGE_MAX];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	struct buf path = buf_grow(128);
	jpath_text(at, &path);
	size_t shown = n < 0 ? 0 : MIN((size_t)n, sizeof text - 1);
	if (!said_before(m, buf_str(&path))) {
		mistake_at(m, buf_str(&path), str_make(text, shown));
		buf_put(&m->said, buf_str(&path));
		buf_ch(&m->said, 0);
	}
	buf_free(&path);
}
