/*
 * desks.c - many WebSockets that listen, as desks of a contact centre do (RFC 6455).
 *
 *   desks HOST PORT PATH SECONDS [tls] < TOKENS
 *
 * Opens one WebSocket a line of standard input, with that line as `Authorization: Bearer`; says `open
 * N` when all have had a message, listens, answers pings, and says at the end what came and how late:
 * now less the "at" of each message that begins {"seq":…,"at":"…" (UTC of the same machine).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define DESKS_MAX 20000
#define LATE_MAX 4000000

struct desk {
	int fd;
	SSL *ssl;
	char *in;
	size_t n, room;
	int heard;
};

static struct desk desks[DESKS_MAX];
static int count, heard;
static uint32_t *late, *late_offers;
static size_t late_n, late_offers_n;
static uint64_t messages, bytes, snapshots, closed;

static int64_t utc_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static ssize_t get(struct desk *d, char *to, size_t n)
{
	if (!d->ssl)
		return recv(d->fd, to, n, 0);
	int got = SSL_read(d->ssl, to, (int)n);
	if (got > 0)
		return got;
	int e = SSL_get_error(d->ssl, got);
	errno = e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
	return -1;
}

static void put(struct desk *d, const char *from, size_t n)
{
	if ((d->ssl ? SSL_write(d->ssl, from, (int)n) : send(d->fd, from, n, MSG_NOSIGNAL)) !=
	    (ssize_t)n)
		closed++;
}

/* "2026-11-22T09:00:00.123Z" */
static int64_t time_of(const char *s)
{
	struct tm t = {0};
	int ms = 0;
	if (sscanf(s, "%d-%d-%dT%d:%d:%d.%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
		   &t.tm_min, &t.tm_sec, &ms) != 7)
		return 0;
	t.tm_year -= 1900;
	t.tm_mon--;
	return (int64_t)timegm(&t) * 1000 + ms;
}

static void message(struct desk *d, const char *p, size_t n)
{
	char head[160];
	messages++;
	if (!d->heard) {
		d->heard = 1;
		heard++;
	}
	snprintf(head, sizeof head, "%.*s", (int)(n < 159 ? n : 159), p);
	snapshots += !strncmp(head, "{\"snapshot\"", 11);
	const char *at = strstr(head, "\"at\":\"");
	if (strncmp(head, "{\"seq\":", 7) || !at)
		return;
	int64_t ms = utc_ms() - time_of(at + 6);
	if (late_n < LATE_MAX)
		late[late_n++] = ms < 0 ? 0 : (uint32_t)ms;
	if (strstr(head, "\"event\":\"offer\"") && late_offers_n < LATE_MAX)
		late_offers[late_offers_n++] = ms < 0 ? 0 : (uint32_t)ms;
}

static void frames(struct desk *d)
{
	size_t at = 0;
	while (d->n - at >= 2) {
		const uint8_t *h = (uint8_t *)d->in + at;
		size_t n = h[1] & 127, head = 2;
		if (n == 126) {
			head = 4;
			if (d->n - at < head)
				break;
			n = (size_t)h[2] << 8 | h[3];
		} else if (n == 127) {
			head = 10;
			if (d->n - at < head)
				break;
			n = 0;
			for (int i = 2; i < 10; i++)
				n = n << 8 | h[i];
		}
		if (d->n - at < head + n)
			break;
		if ((h[0] & 15) == 1)
			message(d, d->in + at + head, n);
		if ((h[0] & 15) == 9)
			put(d, "\x8a\x80\1\2\3\4", 6);
		at += head + n;
	}
	memmove(d->in, d->in + at, d->n - at);
	d->n -= at;
}

static int readable(struct desk *d)
{
	for (;;) {
		if (d->room - d->n < 65536)
			d->in = realloc(d->in, d->room = d->n + 131072);
		ssize_t n = get(d, d->in + d->n, 65536);
		if (n > 0) {
			d->n += (size_t)n;
			bytes += (uint64_t)n;
			frames(d);
			continue;
		}
		return n < 0 && errno == EAGAIN;
	}
}

static void open_desk(struct desk *d, const struct sockaddr_in *to, const char *path,
		      const char *token, SSL_CTX *tls)
{
	char text[1024], answer[4096];
	const int one = 1;
	d->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(d->fd, (const struct sockaddr *)to, sizeof *to)) {
		perror("connect");
		exit(1);
	}
	setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (tls) {
		d->ssl = SSL_new(tls);
		SSL_set_fd(d->ssl, d->fd);
		if (SSL_connect(d->ssl) != 1)
			exit(1);
	}
	int n = snprintf(text, sizeof text,
			 "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
			 "Authorization: Bearer %s\r\n\r\n",
			 path, token);
	put(d, text, (size_t)n);
	size_t got = 0;
	char *end = NULL;
	while (!end) {
		ssize_t k = get(d, answer + got, sizeof answer - 1 - got);
		if (k <= 0)
			exit(1);
		got += (size_t)k;
		answer[got] = 0;
		end = strstr(answer, "\r\n\r\n");
	}
	if (strncmp(answer, "HTTP/1.1 101", 12)) {
		fprintf(stderr, "%s\n", answer);
		exit(1);
	}
	d->in = malloc(d->room = 131072);
	d->n = got - (size_t)(end + 4 - answer);
	memcpy(d->in, end + 4, d->n);
	frames(d);
	fcntl(d->fd, F_SETFL, O_NONBLOCK);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static void tell(const char *what, uint32_t *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	printf(" %s=%zu", what, n);
	if (n)
		printf(" %s_ms_p50=%u %s_ms_p99=%u %s_ms_max=%u", what, v[n / 2], what,
		       v[n * 99 / 100], what, v[n - 1]);
}

int main(int argc, char **argv)
{
	char token[512];
	if (argc < 5)
		return 2;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
	inet_pton(AF_INET, argv[1], &to.sin_addr);
	SSL_CTX *tls = argc > 5 ? SSL_CTX_new(TLS_client_method()) : NULL;
	late = malloc(LATE_MAX * sizeof *late);
	late_offers = malloc(LATE_MAX * sizeof *late_offers);
	int e = epoll_create1(0), told = 0;
	while (count < DESKS_MAX && fgets(token, sizeof token, stdin)) {
		token[strcspn(token, "\n")] = 0;
		struct desk *d = &desks[count++];
		open_desk(d, &to, argv[3], token, tls);
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = d};
		epoll_ctl(e, EPOLL_CTL_ADD, d->fd, &ev);
		readable(d);
	}
	int64_t until = 0;
	while (!until || utc_ms() < until) {
		struct epoll_event ev[256];
		int n = epoll_wait(e, ev, 256, 100);
		for (int i = 0; i < n; i++) {
			struct desk *d = ev[i].data.ptr;
			if (!readable(d)) {
				closed++;
				epoll_ctl(e, EPOLL_CTL_DEL, d->fd, NULL);
			}
		}
		if (!told && heard == count) {
			told = 1;
			printf("open %d\n", count);
			fflush(stdout);
			messages = bytes = snapshots = late_n = late_offers_n = 0;
			until = utc_ms() + atoi(argv[4]) * 1000;
		}
	}
	printf("desks=%d closed=%llu messages=%llu bytes=%llu snapshots=%llu", count,
	       (unsigned long long)closed, (unsigned long long)messages, (unsigned long long)bytes,
	       (unsigned long long)snapshots);
	tell("events", late, late_n);
	tell("offers", late_offers, late_offers_n);
	printf("\n");
	return 0;
}
