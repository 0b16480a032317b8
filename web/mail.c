/* mail.c - see mail.h. */
#include "web/mail.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "os/late.h"
#include "web/export/table.h" /* table_write */

#define CONNECT_S 15L
#define WHOLE_S 300L
#define SLOW_S 30L /* with less than a byte a second */

#define FUNCTIONS(W)                                                                               \
	W(curl_global_init)                                                                        \
	W(curl_easy_init)                                                                          \
	W(curl_easy_setopt)                                                                        \
	W(curl_easy_perform)                                                                       \
	W(curl_easy_getinfo)                                                                       \
	W(curl_easy_strerror)                                                                      \
	W(curl_easy_cleanup)                                                                       \
	W(curl_slist_append)                                                                       \
	W(curl_slist_free_all)

LATE_LIBRARY("libcurl.so.4", FUNCTIONS)

static void begin(void)
{
	load();
	if (loaded)
		loaded = library.f_curl_global_init(CURL_GLOBAL_SSL) == CURLE_OK;
}

/* -- addresses -- */

static bool in_local_part(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr(".!#$%&*+/=?^_{|}~-", c));
}

static bool in_domain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '-';
}

bool mail_address(struct str s)
{
	struct str local, domain;
	if (s.n > 254 || !str_cut(s, '@', &local, &domain) || !local.n || local.n > 64 || !domain.n)
		return false;
	for (size_t i = 0; i < local.n; i++)
		if (!in_local_part(local.p[i]))
			return false;
	for (size_t i = 0; i < domain.n; i++)
		if (!in_domain(domain.p[i]))
			return false;
	return domain.p[0] != '.' && domain.p[0] != '-' && domain.p[domain.n - 1] != '.';
}

bool mail_allowed(struct str allow, struct str address)
{
	const ptrdiff_t at = str_find(address, '@');
	struct str one;
	if (!mail_address(address))
		return false;
	while (allow.n) {
		str_cut(allow, ',', &one, &allow);
		one = str_trim(one);
		if (one.n &&
		    str_ieq(one, one.p[0] == '@' ? str_from(address, (size_t)at) : address))
			return true;
	}
	return false;
}

/* -- the message (RFC 5322, RFC 2045) -- */

static void put_base64(struct buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		const uint32_t v = (uint32_t)p[i] << 16 |
				   (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
				   (i + 2 < n ? p[i + 2] : 0u);
		buf_ch(out, digits[v >> 18]);
		buf_ch(out, digits[v >> 12 & 63]);
		buf_ch(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_ch(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

/* Words of at most 75 bytes that end between characters (RFC 2047 section 2). */
static void put_words(struct buf *out, struct str s)
{
	for (size_t at = 0; at < s.n;) {
		size_t n = 0;
		while (at + n < s.n) {
			size_t one = utf8_length((const unsigned char *)s.p + at + n, s.n - at - n);
			one = one ? one : 1;
			if (n + one > 42)
				break;
			n += one;
		}
		buf_fmt(out, "%s=?UTF-8?B?", at ? "\r\n " : "");
		put_base64(out, (const unsigned char *)s.p + at, n);
		buf_c(out, "?=");
		at += n;
	}
}

static void put_date(struct buf *out, int64_t at_ms)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const int64_t day = at_ms / 86400000, s = at_ms / 1000 % 86400;
	int y, m, d;
	civil_from_days(day, &y, &m, &d);
	buf_fmt(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + 3 * (day % 7), d,
		months + 3 * (m - 1), y, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

#define BOUNDARY "=_centrala_7f3b19d2c86e4a05_"

static void put_head(struct buf *out, const struct mail_server *s, const struct mail *m)
{
	struct str rest = m->to, one;
	buf_fmt(out, "From: <%s>\r\nTo: ", s->from);
	for (bool first = true; rest.n; first = false) {
		str_cut(rest, ',', &one, &rest);
		buf_fmt(out, "%s<" STR_FMT ">", first ? "" : ",\r\n ", STR_ARG(one));
	}
	buf_c(out, "\r\nSubject: ");
	put_words(out, m->subject);
	buf_c(out, "\r\n");
	put_date(out, m->at_ms);
	buf_fmt(out,
		"Message-ID: <" STR_FMT
		">\r\nMIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
		"Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n"
		"--" BOUNDARY "\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\n",
		STR_ARG(m->message_id));
}

static void put_lines(struct buf *out, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i += 57) { /* 76 characters a line */
		put_base64(out, p + i, n - i < 57 ? n - i : 57);
		buf_c(out, "\r\n");
	}
}

enum err mail_compose(const struct mail_server *s, const struct mail *m, int fd, int64_t *bytes)
{
	unsigned char piece[57 * 400];
	struct buf out = buf_grow(65536);
	ssize_t n = 0;
	off_t at = 0;
	put_head(&out, s, m);
	put_lines(&out, (const unsigned char *)m->text.p, m->text.n);
	buf_fmt(&out,
		"--" BOUNDARY "\r\nContent-Type: %s; name=\"%s\"\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"%s\"\r\n\r\n",
		m->file_type, m->file_name, m->file_name);
	*bytes = 0;
	enum err e = ERR_OK;
	while (e == ERR_OK && (n = pread(m->file_fd, piece, sizeof piece, at)) > 0) {
		at += n;
		put_lines(&out, piece, (size_t)n);
		*bytes += (int64_t)out.n;
		e = table_write(fd, &out);
	}
	buf_c(&out, "--" BOUNDARY "--\r\n");
	*bytes += (int64_t)out.n;
	if (e == ERR_OK)
		e = n < 0 ? ERR_IO : table_write(fd, &out);
	buf_free(&out);
	return e;
}

/* -- on its way -- */

struct sending {
	int fd;
	off_t at;
	const atomic_bool *stopping;
};

static size_t read_piece(char *room, size_t size, size_t count, void *arg)
{
	struct sending *s = arg;
	const ssize_t n = pread(s->fd, room, size * count, s->at);
	if (n < 0)
		return CURL_READFUNC_ABORT;
	s->at += n;
	return (size_t)n;
}

static int look(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct sending *s = arg;
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(s->stopping);
}

/* localhost.evil.example is none of ours */
static bool on_this_machine(const char *url)
{
	static const char *const ours[] = {"//127.0.0.1", "//localhost", "//[::1]"};
	const char *host = strstr(url, "//");
	for (size_t i = 0; host && i < COUNT_OF(ours); i++)
		if (str_starts(str_of(host), str_of(ours[i])) &&
		    strchr(":/", host[strlen(ours[i])]))
			return true;
	return false;
}

static void set_options(CURL *c, const struct mail_server *s, struct curl_slist *to, char *error,
			const char *from, struct sending *sending, int64_t bytes)
{
	__typeof__(library.f_curl_easy_setopt) set = library.f_curl_easy_setopt;
	const bool must = s->user[0] && !on_this_machine(s->url);
	set(c, CURLOPT_URL, s->url);
	set(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	set(c, CURLOPT_NOSIGNAL, 1L);
	set(c, CURLOPT_ERRORBUFFER, error);
	set(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	set(c, CURLOPT_TIMEOUT, WHOLE_S);
	set(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, SLOW_S);
	set(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	set(c, CURLOPT_LOW_SPEED_TIME, SLOW_S);
	set(c, CURLOPT_USE_SSL, (long)(must ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	if (s->user[0]) {
		set(c, CURLOPT_USERNAME, s->user);
		set(c, CURLOPT_PASSWORD, s->secret);
	}
	set(c, CURLOPT_MAIL_FROM, from);
	set(c, CURLOPT_MAIL_RCPT, to);
	set(c, CURLOPT_UPLOAD, 1L);
	set(c, CURLOPT_READFUNCTION, read_piece);
	set(c, CURLOPT_READDATA, sending);
	set(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes);
	set(c, CURLOPT_NOPROGRESS, 0L);
	set(c, CURLOPT_XFERINFOFUNCTION, look);
	set(c, CURLOPT_XFERINFODATA, sending);
}

static struct curl_slist *recipients(struct str to)
{
	struct curl_slist *list = NULL;
	struct str one;
	while (to.n) {
		char address[260];
		str_cut(to, ',', &one, &to);
		snprintf(address, sizeof address, "<" STR_FMT ">", STR_ARG(one));
		list = library.f_curl_slist_append(list, address);
	}
	return list;
}

enum err mail_send(const struct mail_server *s, const struct mail *m, int message_fd, int64_t bytes,
		   const atomic_bool *stopping, char why[240])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char error[CURL_ERROR_SIZE] = "", from[260];
	long status = 0;
	pthread_once(&once, begin);
	CURL *c = loaded ? library.f_curl_easy_init() : NULL;
	if (!c) {
		snprintf(why, 240, "the Debian package libcurl4 is not installed");
		return ERR_UNSUPPORTED;
	}
	struct sending sending = {message_fd, 0, stopping};
	struct curl_slist *to = recipients(m->to);
	snprintf(from, sizeof from, "<%s>", s->from);
	set_options(c, s, to, error, from, &sending, bytes);
	const CURLcode code = library.f_curl_easy_perform(c);
	(void)library.f_curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (code != CURLE_OK) {
		snprintf(why, 240, "%.200s%s",
			 error[0] ? error : library.f_curl_easy_strerror(code),
			 status ? ", the server said " : "");
		if (status)
			snprintf(why + strlen(why), 240 - strlen(why), "%ld", status);
	}
	for (char *p = why; code != CURLE_OK && *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 127)
			*p = '?';
	library.f_curl_slist_free_all(to);
	library.f_curl_easy_cleanup(c);
	if (code == CURLE_OK)
		return ERR_OK;
	return status >= 500 && status < 600 ? ERR_INVALID : ERR_AGAIN;
}
