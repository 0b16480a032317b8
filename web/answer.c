/* answer.c - see answer.h. */
#include "web/answer.h"

#include <unistd.h>

const char *problem_title(int status)
{
	switch (status) {
	case 400:
		return "not valid";
	case 401:
		return "sign in first";
	case 403:
		return "not allowed";
	case 404:
		return "not found";
	case 405:
		return "method not allowed here";
	case 408:
		return "too slow";
	case 409:
		return "not possible now";
	case 412:
		return "changed meanwhile";
	case 413:
		return "too large";
	case 415:
		return "not in this form";
	case 416:
		return "no such range";
	case 429:
		return "too many attempts";
	case 431:
		return "head too large";
	case 501:
		return "not built yet";
	case 503:
		return "too busy";
	case 504:
		return "took too long";
	case 507:
		return "no space left";
	}
	return status >= 500 ? "something failed here" : "not possible";
}

void problem_body(struct buf *out, int status, struct str detail, struct str errors)
{
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "type", STR("about:blank"));
	jsonw_kstr(&w, "title", str_of(problem_title(status)));
	jsonw_ki64(&w, "status", status);
	if (detail.n)
		jsonw_kstr(&w, "detail", detail);
	if (errors.n) {
		jsonw_key(&w, "errors");
		jsonw_raw(&w, errors);
	}
	jsonw_close(&w, '}');
	buf_ch(out, '\n');
}

static void fresh_body(struct job *j)
{
	buf_free(&j->answer.body);
	j->answer.body = buf_grow(512);
}

void answer_problem(struct job *j, enum err e)
{
	const int status = err_http(e);
	struct str detail = str_of(j->detail);

	fresh_body(j);
	if (!j->answer.extra.p)
		j->answer.extra = buf_grow(64);
	if (status == 401)
		buf_c(&j->answer.extra, "WWW-Authenticate: Bearer\r\n");
	if (status == 429 || status == 503) {
		const int64_t s = MAX((int64_t)1, (j->retry_after_ms + 999) / 1000);
		buf_fmt(&j->answer.extra, "Retry-After: %lld\r\n", (long long)s);
	}
	if (status == 404)
		detail = STR("there is nothing at this address that you may see");
	else if (!detail.n)
		detail = str_of(err_text(e));
	problem_body(&j->answer.body, status, detail,
		     status == 404 ? STR_NONE : buf_str(&j->errors));
	j->answer.status = status;
	j->answer.type = "application/problem+json";
}

void answer_status(struct job *j, int status, const char *detail)
{
	fresh_body(j);
	problem_body(&j->answer.body, status, str_of(detail), STR_NONE);
	j->answer.status = status;
	j->answer.type = "application/problem+json";
}

void answer_json(struct job *j, int status)
{
	j->answer.status = status;
	j->answer.type = "application/json";
}

struct jsonw answer_begin(struct job *j)
{
	fresh_body(j);
	return jsonw_make(&j->answer.body);
}

enum err answer_invalid(struct job *j, const char *path, const char *message)
{
	buf_free(&j->errors);
	j->errors = buf_grow(128);
	struct jsonw w = jsonw_make(&j->errors);
	jsonw_open(&w, '[');
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "path", str_of(path));
	jsonw_kstr(&w, "message", str_of(message));
	jsonw_close(&w, '}');
	jsonw_close(&w, ']');
	return ERR_INVALID;
}

enum err param_str(struct job *j, const char *name, struct str *out)
{
	const enum err e = query_get(&j->req->arena, j->req->head.query, name, out);
	if (e == ERR_NOT_FOUND) {
		*out = STR_NONE;
		return ERR_OK;
	}
	return e == ERR_OK ? ERR_OK : answer_invalid(j, name, "given twice or badly encoded");
}

enum err param_u64(struct job *j, const char *name, uint64_t most, uint64_t *io)
{
	struct str s;
	if (param_str(j, name, &s) != ERR_OK)
		return ERR_INVALID;
	if (s.n && str_to_u64(s, most, io) != ERR_OK) {
		char message[80];
		struct buf b = buf_make(message, sizeof message - 1);
		buf_fmt(&b, "must be a whole number of at most %llu", (unsigned long long)most);
		message[b.n] = '\0';
		return answer_invalid(j, name, message);
	}
	return ERR_OK;
}

enum err param_time(struct job *j, const char *name, int64_t *io)
{
	struct str s;
	if (param_str(j, name, &s) != ERR_OK)
		return ERR_INVALID;
	if (s.n && time_parse(s, io) != ERR_OK)
		return answer_invalid(j, name, "must be a time such as 2026-11-21T20:33:25.123Z");
	return ERR_OK;
}

enum err param_page(struct job *j, uint32_t *limit, struct str *after)
{
	uint64_t n = 50;
	if (param_u64(j, "limit", 500, &n) != ERR_OK || param_str(j, "after", after) != ERR_OK)
		return ERR_INVALID;
	if (!n)
		return answer_invalid(j, "limit", "must be from 1 to 500");
	*limit = (uint32_t)n;
	return ERR_OK;
}

enum err answer_file(struct job *j, int fd, int64_t size, const char *type, const char *etag)
{
	int64_t first = 0, last = size - 1;
	struct http_answer *a = &j->answer;
	enum err e = ERR_NOT_FOUND;
	a->extra = buf_grow(256);
	buf_c(&a->extra, "Accept-Ranges: bytes\r\nCache-Control: private, no-cache\r\n");
	if (etag[0])
		buf_fmt(&a->extra, "ETag: \"%s\"\r\n", etag);
	if (j->req->head.method == HTTP_GET)
		e = range_parse(h1_header(&j->req->head, "range"), size, &first, &last);
	const struct str unless = h1_header(&j->req->head, "if-range");
	if (unless.n && !(unless.n == strlen(etag) + 2 &&
			  str_eq(str_head(str_from(unless, 1), unless.n - 2), str_of(etag)))) {
		e = ERR_NOT_FOUND; /* it was another file: all of this one */
		first = 0;
		last = size - 1;
	}
	if (e == ERR_INVALID) {
		close(fd);
		buf_fmt(&a->extra, "Content-Range: bytes */%lld\r\n", (long long)size);
		answer_status(j, 416, "the range lies outside the file");
		return ERR_OK;
	}
	if (e == ERR_OK)
		buf_fmt(&a->extra, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)first,
			(long long)last, (long long)size);
	a->status = e == ERR_OK ? 206 : 200;
	a->type = type;
	a->file_fd = fd;
	a->file_from = first;
	a->file_bytes = last - first + 1;
	return ERR_OK;
}
