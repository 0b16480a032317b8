/* head.c - see head.h. */
#include "web/head.h"

#include "base/jsonw.h"
#include "os/clock.h"

const char *status_text(int status)
{
	switch (status) {
#define STATUS(code, text)                                                                         \
	case code:                                                                                 \
		return text;
		STATUS(200, "OK")
		STATUS(201, "Created")
		STATUS(204, "No Content")
		STATUS(206, "Partial Content")
		STATUS(304, "Not Modified")
		STATUS(400, "Bad Request")
		STATUS(401, "Unauthorized")
		STATUS(403, "Forbidden")
		STATUS(404, "Not Found")
		STATUS(405, "Method Not Allowed")
		STATUS(408, "Request Timeout")
		STATUS(409, "Conflict")
		STATUS(412, "Precondition Failed")
		STATUS(413, "Content Too Large")
		STATUS(415, "Unsupported Media Type")
		STATUS(416, "Range Not Satisfiable")
		STATUS(429, "Too Many Requests")
		STATUS(431, "Request Header Fields Too Large")
		STATUS(500, "Internal Server Error")
		STATUS(501, "Not Implemented")
		STATUS(503, "Service Unavailable")
		STATUS(504, "Gateway Timeout")
		STATUS(505, "HTTP Version Not Supported")
		STATUS(507, "Insufficient Storage")
#undef STATUS
	}
	return "Status";
}

/* RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT */
static void put_date(struct buf *out)
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const int64_t s = clock_utc_ms() / 1000, day = s / 86400, rest = s % 86400;
	int y, m, d;
	civil_from_days(day, &y, &m, &d);
	buf_fmt(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[day % 7], d, months[m - 1],
		y, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

/* May this be said back inside a policy? A host and a port, nothing that could end the directive.
 */
static bool is_host(struct str s)
{
	static const char others[] = ".-:[]";
	if (!s.n || s.n > 255)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') ||
		      ((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') ||
		      memchr(others, s.p[i], sizeof others - 1)))
			return false;
	return true;
}

/* CSP 3. Older browsers do not take 'self' for the WebSocket of the same host: it is named. */
static void put_policy(struct buf *out, const struct head_options *o)
{
	buf_c(out, "Content-Security-Policy: default-src 'self'; script-src 'self'; "
		   "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
		   "media-src 'self' blob:; connect-src 'self'");
	if (is_host(o->host))
		buf_fmt(out, " %s://" STR_FMT, o->secure ? "wss" : "ws", STR_ARG(o->host));
	buf_c(out, "; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
		   "object-src 'none'; report-uri " CSP_REPORTS "\r\n");
}

void head_put(struct buf *out, const struct head_options *o)
{
	put_date(out);
	if (o->type)
		buf_fmt(out, "Content-Type: %s\r\n", o->type);
	if (o->length >= 0 && o->status != 204 && o->status != 304)
		buf_fmt(out, "Content-Length: %lld\r\n", (long long)o->length);
	put_policy(out, o);
	buf_c(out, "X-Content-Type-Options: nosniff\r\n"
		   "Referrer-Policy: same-origin\r\n"
		   "Permissions-Policy: microphone=(self), camera=(), geolocation=(), usb=(), "
		   "payment=(), display-capture=()\r\n"
		   "Cross-Origin-Opener-Policy: same-origin\r\n"
		   "Cross-Origin-Resource-Policy: same-origin\r\n");
	if (str_find_str(o->extra, STR("Cache-Control:")) < 0)
		buf_c(out, "Cache-Control: no-store\r\n");
	if (o->secure) /* RFC 6797 */
		buf_c(out, "Strict-Transport-Security: max-age=31536000\r\n");
	buf_put(out, o->extra);
}
