/* line.c - a SIP address of ours: its socket, its engine, and the sound of its talkers. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include "audio/sound.h"
#include "crowd/inner.h"

enum { BATCH = 64, DATAGRAM_MAX = 65536, RTP_MAX = 512, CALLS_MAX = 20000 };

static struct sockaddr_in to_sockaddr(const struct sip_address *a)
{
	struct sockaddr_in s = {.sin_family = AF_INET, .sin_port = htons(a->port)};
	memcpy(&s.sin_addr, a->ip, 4);
	return s;
}

static struct sip_address from_sockaddr(const struct sockaddr_in *s)
{
	struct sip_address a = {.transport = SIP_UDP, .family = 4, .port = ntohs(s->sin_port)};
	memcpy(a.ip, &s->sin_addr, 4);
	return a;
}

enum err crowd_address(const char *text, struct sip_address *out)
{
	struct str ip, port;
	uint32_t number;
	if (!str_cut(str_of(text), ':', &ip, &port) || str_to_u32(port, 65535, &number))
		return ERR_INVALID;
	return sip_address_parse(ip, (uint16_t)number, out);
}

static int udp_open(const struct sip_address *a, uint16_t *port)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int room = 4 << 20; /* the default loses ACKs at 3,000 calls a second */
	struct sockaddr_in s = to_sockaddr(a);
	socklen_t n = sizeof s;
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	if (bind(fd, (struct sockaddr *)&s, sizeof s) ||
	    getsockname(fd, (struct sockaddr *)&s, &n)) {
		close(fd);
		return -1;
	}
	*port = ntohs(s.sin_port);
	return fd;
}

/* -- what the SIP engine asks of its user -- */

static void on_event(void *arg, const struct sip_event *ev)
{
	struct line *l = arg;
	l->event(l, ev);
}

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct line *l = arg;
	const struct sockaddr_in s = to_sockaddr(to);
	/* what the kernel does not take is lost as on any wire: SIP sends it again */
	(void)!sendto(l->sip_fd, bytes.p, bytes.n, 0, (const struct sockaddr *)&s, sizeof s);
}

static bool on_trusted(void *arg, const struct sip_address *from)
{
	(void)arg;
	(void)from;
	return true; /* our phones ring for anybody */
}

static enum err on_secret(void *arg, struct str user, struct str realm, struct str *ha1_md5,
			  struct str *ha1_sha256, bool *sha256)
{
	(void)arg, (void)user, (void)realm, (void)ha1_md5, (void)ha1_sha256, (void)sha256;
	return ERR_NOT_FOUND;
}

static bool on_domain(void *arg, struct str domain)
{
	(void)arg, (void)domain;
	return true;
}

static void on_binding(void *arg, uint32_t slot, struct str user, struct str domain,
		       struct str image)
{
	(void)arg, (void)slot, (void)user, (void)domain, (void)image;
}

static void on_trace(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		     struct str bytes)
{
	(void)arg, (void)call, (void)out, (void)peer, (void)bytes;
}

static void on_changed(void *arg, struct sip_call_id call)
{
	(void)arg, (void)call;
}

static uint64_t on_dice(void *arg)
{
	/* Call-IDs and tags must differ from those of an earlier run with the same seed */
	uint64_t random;
	(void)arg;
	os_random(&random, sizeof random);
	return random;
}

struct line *line_create(struct crowd *c, const char *own, const char *server, enum err *why)
{
	struct sip_address at, rtp_at, to;
	struct line *l;
	*why = ERR_INVALID;
	if (crowd_address(own, &at) || crowd_address(server, &to))
		return NULL;
	l = xcalloc(1, sizeof *l);
	list_init(&l->talkers);
	l->crowd = c;
	l->server = to;
	l->by_port = xcalloc(65536, sizeof(struct talker *));
	rtp_at = at;
	rtp_at.port = 0;
	l->sip_fd = udp_open(&at, &at.port);
	l->rtp_fd = udp_open(&rtp_at, &l->rtp_port);
	if (l->sip_fd < 0 || l->rtp_fd < 0) {
		*why = ERR_CONFLICT;
		line_destroy(l);
		return NULL;
	}
	struct buf text = buf_make(l->advertise, sizeof l->advertise - 1);
	sip_address_text(&at, &text);
	struct str host;
	str_cut(buf_str(&text), ':', &host, &(struct str){0});
	CHECK(str_copy(host, l->host, sizeof l->host));

	struct sip_options so = {
		.user = {.arg = l,
			 .event = on_event,
			 .send = on_send,
			 .trusted = on_trusted,
			 .secret = on_secret,
			 .domain_ours = on_domain,
			 .binding = on_binding,
			 .trace = on_trace,
			 .changed = on_changed},
		.timers = &c->timers,
		.dice = on_dice,
		.advertise_udp = buf_str(&text),
		.advertise_tcp = buf_str(&text),
		.product = STR("centrala-crowd"),
		.calls_max = CALLS_MAX,
		.transactions_max = 4 * CALLS_MAX,
		.bindings_max = 1,
		.birth = (uint32_t)on_dice(NULL) & ~1u,
	};
	for (size_t i = 0; i < sizeof so.secret; i += 8) {
		const uint64_t random = on_dice(NULL);
		memcpy(so.secret + i, &random, 8);
	}
	l->sip = sip_create(&so);
	sip_time(l->sip, c->now_ms);
	*why = ERR_OK;
	return l;
}

void line_destroy(struct line *l)
{
	if (!l)
		return;
	list_for_each (link, &l->talkers)
		talker_destroy(CONTAINER_OF(link, struct talker, link));
	if (l->sip)
		sip_destroy(l->sip);
	if (l->sip_fd >= 0)
		close(l->sip_fd);
	if (l->rtp_fd >= 0)
		close(l->rtp_fd);
	free(l->by_port);
	free(l);
}

void line_read(struct line *l)
{
	static char bytes[DATAGRAM_MAX];
	for (int i = 0; i < 1000; i++) { /* then let the others have a turn */
		struct sockaddr_in s = {0};
		socklen_t room = sizeof s;
		const ssize_t n =
			recvfrom(l->sip_fd, bytes, sizeof bytes, 0, (struct sockaddr *)&s, &room);
		if (n < 0 && (errno == EINTR || errno == ECONNREFUSED))
			continue;
		if (n < 0)
			return;
		const struct sip_address from = from_sockaddr(&s);
		sip_input(l->sip, &from, str_make(bytes, (size_t)n));
	}
}

void line_read_sound(struct line *l)
{
	static uint8_t bytes[BATCH][RTP_MAX];
	struct sockaddr_in from[BATCH] = {0};
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	int got;
	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){bytes[i], RTP_MAX};
			m[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &from[i],
							    .msg_namelen = sizeof from[i],
							    .msg_iov = &iov[i],
							    .msg_iovlen = 1}};
		}
		got = recvmmsg(l->rtp_fd, m, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < got; i++) {
			struct talker *t = l->by_port[ntohs(from[i].sin_port)];
			l->crowd->r.packets_in++;
			if (t && t->hears_talk && m[i].msg_len > 12 &&
			    (bytes[i][1] & 0x7f) == t->pt)
				t->heard++;
		}
		if (got < BATCH)
			return;
	}
}

/* -- sound -- */

static void put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)(v >> 16));
	put_u16(p + 2, (uint16_t)v);
}

/* RFC 3550 section 5.1 */
static void rtp_header(const struct talker *t, uint8_t *p, bool marker, uint8_t pt, uint32_t time)
{
	p[0] = 0x80;
	p[1] = (uint8_t)((marker ? 0x80 : 0) | pt);
	put_u16(p + 2, t->seq);
	put_u32(p + 4, time);
	put_u32(p + 8, t->ssrc);
}

static uint8_t event_of(char digit)
{
	return digit == '*' ? 10 : digit == '#' ? 11 : (uint8_t)(digit - '0');
}

/* RFC 4733 section 2.5.1: 160 ms of key in 20 ms updates, the last one three times. */
static size_t rtp_digit(struct talker *t, uint8_t *p)
{
	enum { KEY_TICKS = 8, END_TICKS = 3 };
	const uint32_t tick = t->digit_ticks++;
	const uint32_t length = MIN(tick + 1, (uint32_t)KEY_TICKS) * FRAME_BYTES;
	const bool end = tick + 1 >= KEY_TICKS;
	if (tick == 0)
		t->digit_time = t->time;
	rtp_header(t, p, tick == 0, t->dtmf_pt, t->digit_time);
	p[12] = event_of(t->digit);
	p[13] = (uint8_t)((end ? 0x80 : 0) | 10); /* -10 dBm0 */
	put_u16(p + 14, (uint16_t)length);
	if (tick + 1 >= KEY_TICKS + END_TICKS - 1)
		t->digit = 0;
	return 16;
}

static size_t rtp_frame(struct talker *t, uint8_t *p)
{
	size_t n;
	if (t->digit) {
		n = rtp_digit(t, p);
	} else {
		rtp_header(t, p, false, t->pt, t->time);
		memcpy(p + 12, t->voice + t->voice_at, FRAME_BYTES);
		if (t->talking && !t->alaw)
			for (size_t i = 12; i < 12 + FRAME_BYTES; i++)
				p[i] = sound_alaw_to_ulaw[p[i]];
		n = 12 + FRAME_BYTES;
	}
	t->voice_at = (t->voice_at + FRAME_BYTES) % t->voice_bytes;
	t->seq++;
	t->time += FRAME_BYTES;
	return n;
}

void line_tick(struct line *l)
{
	static uint8_t bytes[BATCH][12 + FRAME_BYTES];
	struct sockaddr_in to[BATCH];
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	unsigned n = 0;
	list_for_each (link, &l->talkers) {
		struct talker *t = CONTAINER_OF(link, struct talker, link);
		if (!t->sends)
			continue;
		to[n] = to_sockaddr(&t->to);
		iov[n] = (struct iovec){bytes[n], rtp_frame(t, bytes[n])};
		m[n] = (struct mmsghdr){.msg_hdr = {.msg_name = &to[n],
						    .msg_namelen = sizeof to[n],
						    .msg_iov = &iov[n],
						    .msg_iovlen = 1}};
		if (++n == BATCH) {
			(void)!sendmmsg(l->rtp_fd, m, n, 0);
			l->crowd->r.packets_out += n;
			n = 0;
		}
	}
	if (n)
		(void)!sendmmsg(l->rtp_fd, m, n, 0);
	l->crowd->r.packets_out += n;
}

/* -- talkers -- */

struct talker *talker_create(struct line *l)
{
	struct talker *t = xcalloc(1, sizeof *t);
	struct dice *d = &l->crowd->dice;
	t->line = l;
	t->ssrc = (uint32_t)dice_next(d);
	t->seq = (uint16_t)dice_next(d);
	t->time = (uint32_t)dice_next(d);
	t->began_us = clock_mono_us();
	list_push(&l->talkers, &t->link);
	return t;
}

void talker_destroy(struct talker *t)
{
	struct crowd *c = t->line->crowd;
	timer_stop(&c->timers, &t->timer);
	timer_stop(&c->timers, &t->key_timer);
	if (t->to.port && t->line->by_port[t->to.port] == t)
		t->line->by_port[t->to.port] = NULL;
	if (t->number[0])
		map_remove(&c->callers, str_of(t->number));
	if (t->other)
		t->other->other = NULL;
	list_remove(&t->link);
	free(t);
}

static bool is_g711(const struct sdp_codec *c)
{
	return c->rate == 8000 && (str_ieq(c->name, STR("PCMA")) || str_ieq(c->name, STR("PCMU")));
}

static bool is_event(const struct sdp_codec *c)
{
	return str_ieq(c->name, STR("telephone-event"));
}

void talker_sdp(struct talker *t, const struct sdp_audio *theirs, struct sdp_audio *out)
{
	*out = (struct sdp_audio){
		.address = str_of(t->line->host), .port = t->line->rtp_port, .ptime_ms = 20};
	if (!theirs) {
		out->codecs[0] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
		out->codecs[1] = (struct sdp_codec){STR("PCMU"), 8000, 0, STR_NONE};
		out->codecs[2] = (struct sdp_codec){STR("telephone-event"), 8000, 101, STR_NONE};
		out->codec_count = 3;
		return;
	}
	/* RFC 3264 section 6.1: what we take of the offer, in its numbers */
	out->extra_media = theirs->extra_media;
	if (theirs->direction == SDP_SENDONLY)
		out->direction = SDP_RECVONLY;
	else if (theirs->direction == SDP_RECVONLY)
		out->direction = SDP_SENDONLY;
	else
		out->direction = theirs->direction;
	for (uint32_t i = 0; i < theirs->codec_count && !out->codec_count; i++)
		if (is_g711(&theirs->codecs[i]))
			out->codecs[out->codec_count++] = theirs->codecs[i];
	for (uint32_t i = 0; i < theirs->codec_count && out->codec_count == 1; i++)
		if (is_event(&theirs->codecs[i]))
			out->codecs[out->codec_count++] = theirs->codecs[i];
}

void talker_hear(struct talker *t, const struct sdp_audio *theirs)
{
	struct crowd *c = t->line->crowd;
	struct sip_address to;
	bool alaw = false, found = false;
	if (!theirs || theirs->port == 0 || sip_address_parse(theirs->address, theirs->port, &to))
		return;
	for (uint32_t i = 0; i < theirs->codec_count; i++) {
		if (is_g711(&theirs->codecs[i]) && !found) {
			found = true;
			t->pt = theirs->codecs[i].pt;
			alaw = str_ieq(theirs->codecs[i].name, STR("PCMA"));
		} else if (is_event(&theirs->codecs[i])) {
			t->dtmf_pt = theirs->codecs[i].pt;
		}
	}
	if (!found)
		return;
	if (t->to.port && t->line->by_port[t->to.port] == t)
		t->line->by_port[t->to.port] = NULL;
	t->to = to;
	t->line->by_port[to.port] = t;
	t->alaw = alaw;
	if (!t->talking) {
		t->voice = c->voices[alaw] + (size_t)(t->ssrc % VOICES) * VOICE_BYTES;
		t->voice_bytes = VOICE_BYTES;
		t->voice_at = 0;
	}
	if (!t->talking && c->o->talk_count) { /* he listens */
		t->voice = c->voices[alaw] + VOICES * VOICE_BYTES;
		t->voice_bytes = FRAME_BYTES;
	}
	t->sends = c->o->rtp &&
		   (theirs->direction == SDP_SENDRECV || theirs->direction == SDP_RECVONLY);
}

void talker_speaks(struct talker *t, bool agent)
{
	const struct crowd *c = t->line->crowd;
	if (!c->o->talk_count)
		return;
	t->voice = c->tracks[t->talk][agent];
	t->voice_bytes = c->o->talks[t->talk].samples / FRAME_BYTES * FRAME_BYTES;
	t->voice_at = 0;
	t->talking = true;
}

void talker_press(struct talker *t, char digit)
{
	if (!t->sends || t->dtmf_pt == 0)
		return;
	t->digit = digit;
	t->digit_ticks = 0;
}
