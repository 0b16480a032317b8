/* client.c - see client.h. */
#include "app/client.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum err client_local(const char *dir, struct client *out)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (snprintf(at.sun_path, sizeof at.sun_path, "%s/ctl.sock", dir) >=
	    (int)sizeof at.sun_path)
		return ERR_TOO_LARGE;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		if (fd >= 0)
			close(fd);
		return ERR_NOT_FOUND;
	}
	*out = (struct client){.fd = fd, .host = "localhost"};
	return ERR_OK;
}

void client_close(struct client *c)
{
	tls_free(c->tls);
	tls_destroy(c->trust);
	c->tls = NULL;
	c->trust = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* The socket blocks: so does the handshake. */
static enum err client_secure(struct client *c, struct str host)
{
	char room[200];
	struct buf why = buf_make(room, sizeof room);
	enum err e = tls_create(&(struct tls_options){.verify = true}, &c->trust, &why);
	if (e == ERR_OK) {
		c->tls = tls_connect(c->trust, c->fd, host);
		e = tls_handshake(c->tls) == ERR_OK ? ERR_OK : ERR_FORBIDDEN;
		buf_put(&why, tls_why(c->tls));
	}
	if (e == ERR_OK)
		return ERR_OK;
	fprintf(stderr, "centrala: " STR_FMT "\n", STR_ARG(buf_str(&why)));
	client_close(c);
	return e;
}

static ssize_t client_recv(const struct client *c, char *to, size_t n)
{
	return c->tls ? tls_read(c->tls, to, n) : recv(c->fd, to, n, 0);
}

enum err client_url(const char *url, struct client *out)
{
	struct str rest = str_of(url), host, port, path;
	char host_text[100], port_text[8];
	const bool secure = str_starts(rest, STR("https://"));
	if (!secure && !str_starts(rest, STR("http://")))
		return ERR_INVALID;
	rest = str_from(rest, secure ? 8 : 7);
	str_cut(rest, '/', &host, &path);
	if (!str_cut(host, ':', &host, &port))
		port = secure ? STR("443") : STR("80");
	if (!host.n || !str_copy(host, host_text, sizeof host_text) ||
	    !str_copy(port, port_text, sizeof port_text))
		return ERR_INVALID;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	if (getaddrinfo(host_text, port_text, &hints, &list) != 0)
		return ERR_IO;
	int fd = -1;
	for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(list);
	if (fd < 0)
		return ERR_IO;
	*out = (struct client){.fd = fd};
	snprintf(out->host, sizeof out->host, "%s:%s", host_text, port_text);
	return secure ? client_secure(out, host) : ERR_OK;
}

static bool send_all(const struct client *c, struct str s)
{
	while (s.n) {
		ssize_t n =
			c->tls ? tls_write(c->tls, s.p, s.n) : send(c->fd, s.p, s.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

/* Reads until the empty line; what came behind it stays in `in` after *head bytes. */
static enum err read_head(const struct client *c, struct buf *in, size_t *head)
{
	char piece[16384];
	for (;;) {
		ptrdiff_t end = str_find_str(buf_str(in), STR("\r\n\r\n"));
		if (end >= 0) {
			*head = (size_t)end + 4;
			return ERR_OK;
		}
		ssize_t n = client_recv(c, piece, sizeof piece);
		if (n <= 0 || in->n > (1u << 20))
			return ERR_IO;
		buf_put(in, str_make(piece, (size_t)n));
	}
}

/* The line before a chunk: *line gets its length with CRLF. ERR_AGAIN: it is not whole. */
static enum err chunk_size(struct str raw, size_t *line, size_t *size)
{
	ptrdiff_t eol = str_find_str(raw, STR("\r\n"));
	size_t digits = 0, n = 0;
	if (eol < 0)
		return raw.n > 256 ? ERR_INVALID : ERR_AGAIN;
	for (; digits < (size_t)eol; digits++) {
		char c = (char)(raw.p[digits] | 32);
		if (c >= '0' && c <= '9')
			n = n * 16 + (size_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			n = n * 16 + (size_t)(c - 'a' + 10);
		else
			break;
	}
	char after = raw.p[digits]; /* extensions may follow */
	if (!digits || digits > 7 || (after != '\r' && after != ';' && after != ' '))
		return ERR_INVALID;
	*line = (size_t)eol + 2;
	*size = n;
	return ERR_OK;
}

/* What of a chunked body (RFC 9112 section 7.1) is whole goes out and off raw. */
static enum err unchunk(struct buf *raw, struct buf *out, bool *over)
{
	size_t used = 0, line, size;
	enum err e;
	while ((e = chunk_size(str_from(buf_str(raw), used), &line, &size)) == ERR_OK) {
		*over = size == 0;
		if (*over || raw->n - used < line + size + 2)
			break;
		buf_put(out, str_make(raw->p + used + line, size));
		used += line + size + 2;
	}
	memmove(raw->p, raw->p + used, raw->n - used);
	raw->n -= used;
	return e == ERR_AGAIN ? ERR_OK : e;
}

static bool chunked(struct str head)
{
	struct str line;
	while (str_line(&head, &line))
		if (line.n > 18 && str_ieq(str_head(line, 18), STR("transfer-encoding:")))
			return str_ieq(str_trim(str_from(line, 18)), STR("chunked"));
	return false;
}

static bool content_length(struct str head, uint64_t *out)
{
	struct str line;
	while (str_line(&head, &line))
		if (line.n > 15 && str_ieq(str_head(line, 15), STR("content-length:")))
			return str_to_u64(str_trim(str_from(line, 15)), UINT32_MAX, out) == ERR_OK;
	return false;
}

/* ERR_IO: torn before its end. */
static enum err read_body(const struct client *c, struct buf *in, size_t head, struct buf *out,
			  void (*piece)(struct str bytes))
{
	struct str head_text = str_head(buf_str(in), head);
	bool in_chunks = chunked(head_text), over = false;
	uint64_t length = UINT64_MAX, got = 0;
	bool has_length = !in_chunks && content_length(head_text, &length);
	struct buf raw = buf_grow(65536), clear = buf_grow(65536);
	buf_put(&raw, str_from(buf_str(in), head));
	char bytes[65536];
	enum err e = ERR_OK;
	while (e == ERR_OK) {
		if (in_chunks) {
			e = unchunk(&raw, &clear, &over);
		} else {
			buf_put(&clear, str_head(buf_str(&raw), length - got));
			got += raw.n;
			raw.n = 0;
			over = has_length && got >= length;
		}
		if (piece)
			piece(buf_str(&clear));
		else
			buf_put(out, buf_str(&clear));
		clear.n = 0;
		if (over || e != ERR_OK)
			break;
		ssize_t n = client_recv(c, bytes, sizeof bytes);
		if (n <= 0) {
			e = n < 0 || in_chunks || has_length ? ERR_IO : ERR_OK;
			break;
		}
		buf_put(&raw, str_make(bytes, (size_t)n));
	}
	buf_free(&raw);
	buf_free(&clear);
	return e;
}

enum err client_request(struct client *c, const char *method, const char *path, struct str token,
			struct str body, int *status, struct buf *out,
			void (*piece)(struct str bytes))
{
	struct buf head = buf_grow(1024);
	buf_fmt(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, path,
		c->host);
	if (token.n)
		buf_fmt(&head, "Authorization: Bearer " STR_FMT "\r\n", STR_ARG(token));
	if (body.n || !strcmp(method, "POST"))
		buf_fmt(&head, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
	buf_c(&head, "\r\n");
	bool sent = send_all(c, buf_str(&head)) && send_all(c, body);
	head.n = 0;
	size_t head_n = 0;
	uint32_t code = 0;
	enum err e = sent ? read_head(c, &head, &head_n) : ERR_IO;
	if (e == ERR_OK &&
	    (head_n < 12 || str_to_u32(str_make(head.p + 9, 3), 999, &code) != ERR_OK))
		e = ERR_INVALID;
	if (e == ERR_OK) {
		*status = (int)code;
		e = read_body(c, &head, head_n, out, code < 400 ? piece : NULL);
	}
	buf_free(&head);
	return e;
}
