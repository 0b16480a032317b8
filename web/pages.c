/* pages.c - see pages.h. */
#include "web/pages.h"

#include "web/answer.h"
#include "web/path.h"

static const char not_built[] =
	"<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>centrala</title>\n"
	"<h1>centrala</h1>\n"
	"<p>The server runs; its pages are not built into this program.</p>\n"
	"<p><code>make ui &amp;&amp; make</code> builds them. The interface is there: "
	"<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p>\n</html>\n";

static const char *type_of(struct str path)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".mjs", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".json", "application/json"},
		{".webmanifest", "application/manifest+json"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".jpg", "image/jpeg"},
		{".webp", "image/webp"},
		{".ico", "image/x-icon"},
		{".woff2", "font/woff2"},
		{".woff", "font/woff"},
		{".wasm", "application/wasm"},
		{".wav", "audio/wav"},
		{".mp3", "audio/mpeg"},
		{".ogg", "audio/ogg"},
		{".txt", "text/plain; charset=utf-8"},
	};
	for (uint32_t i = 0; i < COUNT_OF(types); i++)
		if (str_ends(path, str_of(types[i].end)))
			return types[i].type;
	return "application/octet-stream";
}

/* Compares path + suffix with a file's path, as bytes. */
static int compare(struct str path, const char *suffix, const char *with)
{
	const int d = strncmp(path.p, with, path.n);
	return d ? d : strcmp(suffix, with + path.n);
}

static const struct page_file *find(const struct pages *p, struct str path, const char *suffix)
{
	uint32_t low = 0, high = p->count;
	if (memchr(path.p, '\0', path.n))
		return NULL;
	while (low < high) {
		const uint32_t at = low + (high - low) / 2;
		const int d = compare(path, suffix, p->files[at].path);
		if (!d)
			return &p->files[at];
		if (d < 0)
			high = at;
		else
			low = at + 1;
	}
	return NULL;
}

/* "0.8" in thousandths (RFC 9110 section 12.4.2); nonsense weighs nothing. */
static uint32_t thousandths(struct str q)
{
	uint32_t whole = 0, part = 0, scale = 100;
	if (!q.n || q.p[0] < '0' || q.p[0] > '1')
		return 0;
	whole = (uint32_t)(q.p[0] - '0') * 1000;
	for (size_t i = 2; i < q.n && scale; i++, scale /= 10) {
		if (q.p[i] < '0' || q.p[i] > '9')
			return 0;
		part += (uint32_t)(q.p[i] - '0') * scale;
	}
	return MIN(whole + part, 1000u);
}

uint32_t coding_weight(struct str accept, const char *coding)
{
	uint32_t any = 0;
	while (accept.n) {
		struct str item, name, rest, key, value;
		uint32_t q = 1000;
		str_cut(accept, ',', &item, &accept);
		str_cut(item, ';', &name, &rest);
		if (str_cut(str_trim(rest), '=', &key, &value) && str_ieq(str_trim(key), STR("q")))
			q = thousandths(str_trim(value));
		name = str_trim(name);
		if (str_ieq(name, str_of(coding)))
			return q;
		if (str_is(name, "*"))
			any = q;
	}
	return any;
}

bool etag_listed(struct str header, struct str etag)
{
	while (header.n) {
		struct str item;
		str_cut(header, ',', &item, &header);
		item = str_trim(item);
		if (str_is(item, "*"))
			return true;
		if (str_starts(item, STR("W/")))
			item = str_from(item, 2);
		if (item.n == etag.n + 2 && item.p[0] == '"' && item.p[item.n - 1] == '"' &&
		    str_eq(str_head(str_from(item, 1), etag.n), etag))
			return true;
	}
	return false;
}

/* Of the bytes in `still`, the part that Range wants. */
static void cut_range(const struct h1_head *h, struct str etag, struct http_answer *out)
{
	const struct str unless = h1_header(h, "if-range");
	const int64_t size = (int64_t)out->still.n;
	int64_t first, last;

	if (h->method != HTTP_GET ||
	    (unless.n && !(unless.p[0] == '"' && etag_listed(unless, etag))))
		return;
	switch (range_parse(h1_header(h, "range"), size, &first, &last)) {
	case ERR_OK:
		out->status = 206;
		buf_fmt(&out->extra, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)first,
			(long long)last, (long long)size);
		out->still =
			str_head(str_from(out->still, (size_t)first), (size_t)(last - first + 1));
		break;
	case ERR_INVALID:
		out->status = 416;
		buf_fmt(&out->extra, "Content-Range: bytes */%lld\r\n", (long long)size);
		out->still = STR_NONE;
		out->body = buf_grow(128);
		out->type = "application/problem+json";
		problem_body(&out->body, 416, STR("the range lies outside the file"), STR_NONE);
		break;
	default:
		break;
	}
}

static void answer_file_of(const struct pages *p, struct str path, const struct page_file *f,
			   const struct h1_head *h, struct http_answer *out)
{
	const struct str accept = h1_header(h, "accept-encoding");
	const struct page_file *br = find(p, path, ".br"), *gz = find(p, path, ".gz");
	const uint32_t br_q = br ? coding_weight(accept, "br") : 0,
		       gz_q = gz ? coding_weight(accept, "gzip") : 0;
	const char *coding = NULL;

	*out = (struct http_answer){.status = 200, .type = type_of(path), .extra = buf_grow(256)};
	if (br_q && br_q >= gz_q) {
		f = br;
		coding = "br";
	} else if (gz_q) {
		f = gz;
		coding = "gzip";
	}
	const struct str etag = str_of(f->etag);
	buf_fmt(&out->extra, "ETag: \"%s\"\r\n", f->etag);
	buf_c(&out->extra, str_starts(path, STR("/assets/"))
				   ? "Cache-Control: public, max-age=31536000, immutable\r\n"
				   : "Cache-Control: no-cache\r\n");
	if (br || gz)
		buf_c(&out->extra, "Vary: Accept-Encoding\r\n");
	if (etag_listed(h1_header(h, "if-none-match"), etag)) {
		out->status = 304;
		return;
	}
	buf_c(&out->extra, "Accept-Ranges: bytes\r\n");
	if (coding)
		buf_fmt(&out->extra, "Content-Encoding: %s\r\n", coding);
	out->still = str_make(f->bytes, (size_t)f->size);
	cut_range(h, etag, out);
}

/* Is this an address of the interface, whose unknown ones are 404? */
static bool is_ours(struct str path)
{
	struct str first, rest;
	str_cut(str_from(path, 1), '/', &first, &rest);
	return str_is(first, "api") || str_is(first, "ctl") || str_is(first, "assets");
}

enum err pages_answer(const struct pages *p, const struct h1_head *h, struct http_answer *out)
{
	const bool reads = h->method == HTTP_GET || h->method == HTTP_HEAD;
	struct str path = h->path;
	const struct page_file *f = NULL;

	if (!path.n || path.p[0] != '/')
		return ERR_NOT_FOUND;
	if (!p->count) {
		if (!str_is(path, "/"))
			return ERR_NOT_FOUND;
		if (!reads)
			return ERR_UNSUPPORTED;
		*out = (struct http_answer){.status = 200,
					    .type = "text/html; charset=utf-8",
					    .still = str_of(not_built)};
		return ERR_OK;
	}
	if (str_find(path, '.') < 0) {
		if (str_is(path, "/api/docs"))
			path = STR("/api-docs.html");
		else if (is_ours(path))
			return ERR_NOT_FOUND;
		else
			path = STR("/index.html");
	} else if (str_ends(path, STR(".br")) || str_ends(path, STR(".gz"))) {
		return ERR_NOT_FOUND;
	}
	f = find(p, path, "");
	if (!f)
		return ERR_NOT_FOUND;
	if (!reads)
		return ERR_UNSUPPORTED;
	answer_file_of(p, path, f, h, out);
	return ERR_OK;
}
