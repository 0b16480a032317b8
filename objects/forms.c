/* forms.c - see forms.h. */
#include "objects/forms.h"

#include <arpa/inet.h>

#include "base/jsonw.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool word(char c)
{
	return digit(c) || small(c) || (c >= 'A' && c <= 'Z');
}

bool form_id(struct str s)
{
	if (s.n < 1 || s.n > 63 || !(digit(s.p[0]) || small(s.p[0])))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(digit(s.p[i]) || small(s.p[i]) || s.p[i] == '_' || s.p[i] == '-'))
			return false;
	return true;
}

bool form_number(struct str s)
{
	if (s.n && s.p[0] == '+') {
		if (s.n < 3 || s.n > 16 || s.p[1] == '0')
			return false;
		for (size_t i = 1; i < s.n; i++)
			if (!digit(s.p[i]))
				return false;
		return true;
	}
	if (s.n < 1 || s.n > 20)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!(digit(s.p[i]) || small(s.p[i]) || s.p[i] == '*' || s.p[i] == '#'))
			return false;
	return true;
}

static bool two_digits(struct str s, size_t at, unsigned *out)
{
	if (at + 2 > s.n || !digit(s.p[at]) || !digit(s.p[at + 1]))
		return false;
	*out = (unsigned)(s.p[at] - '0') * 10 + (unsigned)(s.p[at + 1] - '0');
	return true;
}

static bool clock_min(struct str s, size_t at, unsigned *out)
{
	unsigned hour, minute;
	if (at + 5 > s.n || s.p[at + 2] != ':' || !two_digits(s, at, &hour) ||
	    !two_digits(s, at + 3, &minute) || minute > 59)
		return false;
	*out = hour * 60 + minute;
	return *out <= 1440;
}

enum err form_span(struct str s, struct span *out)
{
	unsigned from, to;
	if (s.n != 11 || s.p[5] != '-' || !clock_min(s, 0, &from) || !clock_min(s, 6, &to) ||
	    from >= to)
		return ERR_INVALID;
	*out = (struct span){(uint16_t)from, (uint16_t)to};
	return ERR_OK;
}

enum err form_date(struct str s, int32_t *year, int32_t *month, int32_t *day)
{
	unsigned century, yy, mm, dd;
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !two_digits(s, 0, &century) ||
	    !two_digits(s, 2, &yy) || !two_digits(s, 5, &mm) || !two_digits(s, 8, &dd) || mm < 1 ||
	    mm > 12 || dd < 1)
		return ERR_INVALID;
	/* a day exists if counting it and counting back gives the same day */
	int y, m, d;
	civil_from_days(days_from_civil((int)(century * 100 + yy), (int)mm, (int)dd), &y, &m, &d);
	if (m != (int)mm || d != (int)dd)
		return ERR_INVALID;
	*year = y;
	*month = m;
	*day = d;
	return ERR_OK;
}

static bool is_ip(int family, struct str s)
{
	char text[INET6_ADDRSTRLEN + 1];
	unsigned char bytes[16];
	return str_copy(s, text, sizeof text) && inet_pton(family, text, bytes) == 1;
}

/* RFC 1123 section 2.1: letters, digits, hyphens and dots; what looks like an IPv4 address must be
 * one, so that 10.0.0.256 is a mistake and not a name. */
static bool is_host(struct str s)
{
	bool name = false;
	if (s.n < 1 || s.n > 253 || s.p[0] == '-' || s.p[0] == '.' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!word(c) && c != '-' && c != '.')
			return false;
		if (c == '.' && i + 1 < s.n && s.p[i + 1] == '.')
			return false;
		name |= !digit(c) && c != '.';
	}
	return name || is_ip(AF_INET, s);
}

static enum err host_port(struct str s, struct trunk_peer *out)
{
	struct trunk_peer peer = {0};
	struct str port = STR_NONE;
	bool has_port = false;
	if (s.n && s.p[0] == '[') {
		struct str inside;
		if (!str_cut(str_from(s, 1), ']', &inside, &port) || !is_ip(AF_INET6, inside))
			return ERR_INVALID;
		peer.address = inside;
		has_port = port.n > 0;
		if (has_port && port.p[0] != ':')
			return ERR_INVALID;
		port = str_from(port, 1);
	} else {
		has_port = str_cut(s, ':', &peer.address, &port);
		if (!is_host(peer.address))
			return ERR_INVALID;
	}
	uint32_t number = 0;
	if (has_port && (str_to_u32(port, 65535, &number) != ERR_OK || number == 0))
		return ERR_INVALID;
	peer.port = (uint16_t)number;
	*out = peer;
	return ERR_OK;
}

bool form_ip(struct str s)
{
	return is_ip(AF_INET, s) || is_ip(AF_INET6, s);
}

enum err form_peer(struct str s, struct trunk_peer *out)
{
	if (is_ip(AF_INET6, s)) {
		*out = (struct trunk_peer){.address = s};
		return ERR_OK;
	}
	return host_port(s, out);
}

/* RFC 3261 section 25.1, user and password: unreserved, escaped, user-unreserved, ':'. */
static bool user_char(char c)
{
	return word(c) || (c && strchr("-_.!~*'()%&=+$,;?/:", c));
}

static bool param_char(char c)
{
	return word(c) || (c && strchr("-_.!~*'()%[]/:&+$=;", c));
}

bool form_sip_uri(struct str s)
{
	struct str rest, host, params, user;
	if (str_starts(s, STR("sip:")))
		rest = str_from(s, 4);
	else if (str_starts(s, STR("sips:")))
		rest = str_from(s, 5);
	else
		return false;
	if (str_find(rest, '@') >= 0) {
		str_cut(rest, '@', &user, &rest);
		if (!user.n)
			return false;
		for (size_t i = 0; i < user.n; i++)
			if (!user_char(user.p[i]))
				return false;
	}
	bool has_params = str_cut(rest, ';', &host, &params);
	if (has_params && !params.n)
		return false;
	for (size_t i = 0; i < params.n; i++)
		if (!param_char(params.p[i]))
			return false;
	struct trunk_peer peer;
	return host_port(host, &peer) == ERR_OK;
}
