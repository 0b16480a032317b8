/* settings.c - see settings.h. */
#include "app/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/sql.h"

enum kind {
	ADDRESS,
	TEXT,
	HOST,
	PORTS,
	NUMBER,
	FORMAT,
	LEVEL,
	STORE,
	FOLDER,
	SERVER,
	CLOCK,
	LISTEN,
	AUTH,
	SWITCH,
	MAIL,
	FROM
};

static const struct setting {
	const char *key, *initial, *text;
	enum kind kind;
	size_t offset;
} table[] = {
#define SETTING(key, member, kind, initial, text)                                                  \
	{key, initial, text, kind, offsetof(struct settings, member)},
#include "app/settings.def"
#undef SETTING
};

enum err settings_address(struct str text, char host[64], uint16_t *port)
{
	struct str h, p;
	uint32_t n;
	ptrdiff_t close = str_find(text, ']');
	if (text.n && text.p[0] == '[' && close > 0) {
		h = str_head(str_from(text, 1), (size_t)close - 1);
		p = str_from(text, (size_t)close + 1);
		if (!p.n || p.p[0] != ':')
			return ERR_INVALID;
		p = str_from(p, 1);
	} else if (!str_cut(text, ':', &h, &p)) {
		return ERR_INVALID;
	}
	if (!h.n || str_to_u32(p, 65535, &n) != ERR_OK || !str_copy(h, host, 64))
		return ERR_INVALID;
	*port = (uint16_t)n;
	return ERR_OK;
}

enum err settings_ports(struct str text, uint16_t *low, uint16_t *high)
{
	struct str a, b;
	uint32_t from, to;
	if (!str_cut(text, '-', &a, &b) || str_to_u32(a, 65535, &from) != ERR_OK ||
	    str_to_u32(b, 65535, &to) != ERR_OK || from < 1024 || to < from + 3)
		return ERR_INVALID;
	*low = (uint16_t)from;
	*high = (uint16_t)to;
	return ERR_OK;
}

void settings_recordings(const struct settings *s, char out[SETTING_PATH])
{
	struct str folder = str_of(s->recordings_url), scheme;
	str_cut(folder, ':', &scheme, &folder); /* file: is all there is, settings_read saw to it */
	if (folder.n && folder.p[0] == '/')
		snprintf(out, SETTING_PATH, STR_FMT, STR_ARG(folder));
	else
		snprintf(out, SETTING_PATH, "%s/" STR_FMT, s->dir, STR_ARG(folder));
}

uint32_t settings_number(const char *text)
{
	uint32_t n = 0;
	return str_to_u32(str_of(text), UINT32_MAX, &n) == ERR_OK ? n : 0;
}

static uint32_t minute_of(struct str text)
{
	struct str h, m;
	uint32_t hour, minute;
	if (!str_cut(text, ':', &h, &m) || h.n != 2 || m.n != 2 ||
	    str_to_u32(h, 23, &hour) != ERR_OK || str_to_u32(m, 59, &minute) != ERR_OK)
		return UINT32_MAX;
	return hour * 60 + minute;
}

uint32_t settings_minute(const char *text)
{
	return minute_of(str_of(text));
}

static const char *mistake(enum kind kind, struct str value)
{
	char host[64];
	uint16_t a, b;
	uint32_t n;
	switch (kind) {
	case ADDRESS:
		return settings_address(value, host, &a) == ERR_OK ? NULL : "must be address:port";
	case LISTEN:
		return !value.n ? NULL : mistake(ADDRESS, value);
	case AUTH:
		return str_is(value, "none") || str_is(value, "optional") ||
				       str_is(value, "required")
			       ? NULL
			       : "must be none, optional or required";
	case SWITCH:
		return str_is(value, "on") || str_is(value, "off") ? NULL : "must be on or off";
	case SERVER: /* who resolves names has none himself */
		return !value.n || (settings_address(value, host, &a) == ERR_OK && a &&
				    strspn(host, "0123456789abcdefABCDEF:.") == strlen(host))
			       ? NULL
			       : "must be address:port, the address in digits";
	case HOST:
		return str_find(value, ' ') < 0 && str_find(value, '/') < 0 && value.n < 64
			       ? NULL
			       : "must be an address";
	case PORTS:
		return settings_ports(value, &a, &b) == ERR_OK ? NULL : "must be LOW-HIGH";
	case NUMBER:
		return str_to_u32(value, 1000000, &n) == ERR_OK ? NULL : "must be a number";
	case FORMAT:
		return str_is(value, "wav") || str_is(value, "opus") ? NULL : "must be wav or opus";
	case LEVEL:
		return str_is(value, "error") || str_is(value, "warn") || str_is(value, "info") ||
				       str_is(value, "debug")
			       ? NULL
			       : "must be error, warn, info or debug";
	case STORE:
		return value.n ? sql_url_mistake(value) : "must not be empty";
	case FOLDER:
		return str_starts(value, STR("file:")) && value.n > 5 ? NULL
								      : "must be file:FOLDER";
	case CLOCK:
		return value.n == 5 && minute_of(value) != UINT32_MAX ? NULL : "must be HH:MM";
	case MAIL:
		return !value.n || str_starts(value, STR("smtp://")) ||
				       str_starts(value, STR("smtps://"))
			       ? NULL
			       : "must be smtp://HOST:PORT or smtps://HOST:PORT";
	case FROM:
		return !value.n || (str_find(value, '@') > 0 && str_find(value, ' ') < 0 &&
				    str_find(value, '<') < 0)
			       ? NULL
			       : "must be a mail address";
	case TEXT:
		return NULL;
	}
	return NULL;
}

static enum err set(struct settings *s, struct str key, struct str value, const char *where,
		    struct buf *why)
{
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (!str_is(key, table[i].key))
			continue;
		const char *wrong =
			value.n < SETTING_MAX ? mistake(table[i].kind, value) : "is too long";
		if (wrong && table[i].kind == STORE) { /* there may be a password in it */
			buf_fmt(why, "%s: %s: %s", where, table[i].key, wrong);
			return ERR_INVALID;
		}
		if (wrong) { /* what is no possible value is shown as such */
			buf_fmt(why, "%s: %s: \"" STR_FMT "\" %s", where, table[i].key,
				STR_ARG(value), wrong);
			return ERR_INVALID;
		}
		CHECK(str_copy(value, (char *)s + table[i].offset, SETTING_MAX));
		return ERR_OK;
	}
	buf_fmt(why, "%s: unknown setting \"" STR_FMT "\"", where, STR_ARG(key));
	return ERR_INVALID;
}

static enum err set_line(struct settings *s, struct str line, const char *where, struct buf *why)
{
	struct str key, value;
	if (!str_cut(line, '=', &key, &value)) {
		buf_fmt(why, "%s: \"" STR_FMT "\" is not KEY = VALUE", where, STR_ARG(line));
		return ERR_INVALID;
	}
	return set(s, str_trim(key), str_trim(value), where, why);
}

static enum err read_file(struct settings *s, struct buf *why)
{
	char name[SETTING_MAX + 32], where[SETTING_MAX + 64], bytes[16384];
	snprintf(name, sizeof name, "%s/centrala.conf", s->dir);
	FILE *f = fopen(name, "r");
	if (!f) {
		if (errno == ENOENT)
			return ERR_OK;
		buf_fmt(why, "%s cannot be read", name);
		return ERR_IO;
	}
	struct str rest = str_make(bytes, fread(bytes, 1, sizeof bytes, f)), line;
	bool whole = feof(f) != 0 || rest.n < sizeof bytes;
	fclose(f);
	if (!whole) {
		buf_fmt(why, "%s is longer than 16 KiB", name);
		return ERR_TOO_LARGE;
	}
	for (int n = 1; str_line(&rest, &line); n++) {
		line = str_trim(line);
		snprintf(where, sizeof where, "%s:%d", name, n);
		if (line.n && line.p[0] != '#') {
			enum err e = set_line(s, line, where, why);
			if (e != ERR_OK)
				return e;
		}
	}
	return ERR_OK;
}

/* NAME_FILE: where the value stands, for what may hold a password. */
static enum err set_by_file(struct settings *s, size_t i, const char *name, struct buf *why)
{
	char at[80], bytes[SETTING_MAX + 2];
	snprintf(at, sizeof at, "%s_FILE", name);
	const char *path = getenv(at);
	if (!path)
		return ERR_OK;
	FILE *f = fopen(path, "r");
	if (!f) {
		buf_fmt(why, "%s: %s cannot be read", at, path);
		return ERR_IO;
	}
	const size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	return set(s, str_of(table[i].key), str_trim(str_make(bytes, n)), at, why);
}

static enum err read_environment(struct settings *s, struct buf *why)
{
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		char name[64] = "CENTRALA_";
		size_t n = 9;
		for (const char *k = table[i].key; *k && n < sizeof name - 1; k++)
			name[n++] = (char)(*k == '.' ? '_' : *k >= 'a' && *k <= 'z' ? *k - 32 : *k);
		const char *value = getenv(name);
		enum err e = ERR_OK;
		if (value)
			e = set(s, str_of(table[i].key), str_of(value), name, why);
		else
			e = set_by_file(s, i, name, why);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

/* What no single setting can be wrong about. */
static enum err together(const struct settings *s, struct buf *why)
{
	bool serves = s->sip_tls_listen[0] || s->sip_wss_listen[0] || s->https_listen[0];
	if (serves && !(s->tls_cert[0] && s->tls_key[0])) {
		buf_c(why,
		      "https.listen, sip.tls_listen, sip.wss_listen: need tls.cert and tls.key");
		return ERR_INVALID;
	}
	if (!s->tls_cert[0] != !s->tls_key[0]) {
		buf_c(why, "tls.cert, tls.key: belong together");
		return ERR_INVALID;
	}
	if (!s->stir_certificates[0] != !s->stir_trust[0]) {
		buf_c(why, "stir.certificates, stir.trust: belong together");
		return ERR_INVALID;
	}
	if (!s->stir_certificate[0] != !s->stir_key[0] || !s->stir_key[0] != !s->stir_x5u[0]) {
		buf_c(why, "stir.certificate, stir.key, stir.x5u: belong together");
		return ERR_INVALID;
	}
	if (!str_is(str_of(s->tls_client_auth), "none") && !s->tls_client_ca[0]) {
		buf_c(why, "tls.client_auth: needs tls.client_ca");
		return ERR_INVALID;
	}
	return ERR_OK;
}

enum err settings_read(struct settings *s, const char *dir, char *const *sets, uint32_t set_count,
		       struct buf *why)
{
	*s = (struct settings){0};
	for (size_t i = 0; i < COUNT_OF(table); i++)
		CHECK(str_copy(str_of(table[i].initial), (char *)s + table[i].offset, SETTING_MAX));
	if (!str_copy(str_of(dir), s->dir, sizeof s->dir) || !dir[0]) {
		buf_c(why, "--data: the folder's name is too long or empty");
		return ERR_INVALID;
	}
	enum err e = read_file(s, why);
	if (e == ERR_OK)
		e = read_environment(s, why);
	for (uint32_t i = 0; i < set_count && e == ERR_OK; i++)
		e = set_line(s, str_of(sets[i]), "--set", why);
	return e == ERR_OK ? together(s, why) : e;
}

void settings_help(struct buf *out)
{
	for (size_t i = 0; i < COUNT_OF(table); i++)
		buf_fmt(out, "  %-18s %-20s %s\n", table[i].key, table[i].initial, table[i].text);
}
