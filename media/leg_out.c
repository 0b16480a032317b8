/* leg_out.c - what a leg says by itself: players, digits, silence; and its RTCP. See leg.h. */
#include <sys/socket.h>

#include "audio/quality.h"
#include "media/leg.h"
#include "media/worker.h"
#include "os/clock.h"

#define RTCP_EVERY_US 5000000
#define NTP_OF_UNIX 2208988800u /* RFC 5905: seconds from 1900 to 1970 */

void player_start(struct player *p, struct playlist *list)
{
	*p = (struct player){.list = list};
	uint32_t skip = list->start_ms / 20, whole = playlist_frames(list);
	if (list->music || !whole)
		return;
	if (list->loop)
		skip %= whole;
	p->passed = MIN(skip, whole);
	for (skip = p->passed; p->item < list->count; p->item++) {
		if (skip < list->clips[p->item]->frames)
			break;
		skip -= list->clips[p->item]->frames;
	}
	p->frame = skip;
}

const uint8_t *player_next(struct player *p, enum sound_codec codec)
{
	struct playlist *l = p->list;
	/* at most once round: a list of empty files must not turn for ever */
	for (uint32_t turns = 0; turns <= l->count; turns++) {
		if (p->item >= l->count) {
			if (!l->loop)
				return NULL;
			p->item = p->frame = p->passed = 0;
		}
		if (p->item < l->count && p->frame < l->clips[p->item]->frames) {
			p->passed++;
			return clip_frame(l->clips[p->item], codec, p->frame++);
		}
		p->item++;
		p->frame = 0;
	}
	return NULL;
}

static void drop_list(struct leg *l)
{
	if (l->player.list)
		worker_give_back(l->worker, l->player.list);
	l->player.list = NULL;
}

void leg_play(struct leg *l, struct playlist *list)
{
	drop_list(l);
	l->play = list->play;
	player_start(&l->player, list);
	worker_activate(l->worker, l);
}

void leg_play_stop(struct leg *l)
{
	drop_list(l);
}

uint32_t leg_position_ms(const struct leg *l, uint64_t tick)
{
	const struct playlist *list = l->player.list;
	if (!list)
		return 0;
	if (list->music && list->count)
		return (uint32_t)(tick % list->clips[0]->frames) * 20;
	return l->player.passed * 20;
}

bool leg_wants_ticks(const struct leg *l)
{
	return l->player.list || digit_out_busy(&l->digits_out) || l->burst || l->digits_in.open ||
	       l->hears.mixes || l->quiet;
}

bool leg_can_send(const struct leg *l)
{
	return l->send && source_target(&l->source)->len;
}

/* frame: in the leg's law, in mu-law for codecs that have none. */
static void send_frame(struct leg *l, const uint8_t *frame, int64_t now_us)
{
	uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX];
	int16_t pcm[SOUND_FRAME];
	size_t n = SOUND_FRAME;
	struct rtp head = {.pt = l->pt};
	if (coder_stateless(l->coder.codec)) {
		memcpy(packet + RTP_HEADER, frame, SOUND_FRAME);
	} else {
		sound_decode(SOUND_PCMU, frame, pcm, SOUND_FRAME);
		n = coder_encode(&l->coder, pcm, SOUND_FRAME, packet + RTP_HEADER);
	}
	leg_speak(l, SPEAKER_PLAYER, &head, SOUND_FRAME, now_us);
	leg_send(l, &head, packet + RTP_HEADER, n);
}

static void send_silence(struct leg *l, int64_t now_us)
{
	uint8_t frame[SOUND_FRAME];
	memset(frame, l->coder.codec == SOUND_PCMA ? ALAW_SILENCE : ULAW_SILENCE, sizeof frame);
	send_frame(l, frame, now_us);
}

/* All packets of an event carry the timestamp of its beginning (RFC 4733 §2.5.1.1). */
static void send_digit(struct leg *l, int64_t now_us)
{
	struct digit_packet d;
	uint8_t packet[RTP_HEADER + DIGIT_PAYLOAD];
	if (!digit_out_tick(&l->digits_out, &d) || !leg_can_send(l) || l->dtmf_pt == 255)
		return;
	struct rtp head = {.pt = l->dtmf_pt};
	if (d.first)
		l->out.speaker = SPEAKER_NONE; /* a new beginning, even right behind a digit */
	uint32_t begun_ts = l->out.ts;
	int64_t begun_us = l->out.at_us;
	leg_speak(l, SPEAKER_DIGIT, &head, SOUND_FRAME, now_us);
	if (head.marker) {
		begun_ts = head.ts;
		begun_us = now_us;
	}
	/* whoever speaks next counts from there, too */
	head.ts = l->out.ts = begun_ts;
	l->out.at_us = begun_us;
	memcpy(packet + RTP_HEADER, d.payload, DIGIT_PAYLOAD);
	leg_send(l, &head, packet + RTP_HEADER, DIGIT_PAYLOAD);
}

static void play_over(struct leg *l)
{
	struct report r = {
		.kind = REPORT_play_done,
		.play_done = {.leg = l->id, .play = l->play, .ok = l->player.list->whole},
	};
	drop_list(l);
	worker_report(l->worker, &r);
}

static void play_tick(struct leg *l, uint64_t tick, int64_t now_us)
{
	struct playlist *list = l->player.list;
	const uint8_t *frame;
	if (list->music && list->count) {
		const struct clip *c = list->clips[0];
		frame = clip_frame(c, l->coder.codec, (uint32_t)(tick % c->frames));
	} else {
		frame = player_next(&l->player, l->coder.codec);
	}
	if (!frame)
		play_over(l);
	else if (leg_can_send(l))
		send_frame(l, frame, now_us);
}

void leg_tick(struct leg *l, uint64_t tick, int64_t now_us)
{
	leg_late_event(l, now_us);
	if (l->quiet)
		leg_quiet_tick(l, now_us);
	if (digit_out_busy(&l->digits_out)) {
		send_digit(l, now_us);
	} else if (l->player.list) {
		l->burst = 0;
		if (l->agreed) /* before an answer nobody can hear it: it waits */
			play_tick(l, tick, now_us);
	} else if (l->hears.mixes) {
		hear_tick(l, tick, now_us);
	} else if (l->burst) {
		l->burst--;
		if (leg_can_send(l))
			send_silence(l, now_us);
	}
}

/* The wall clock, only here and only for the peer's eyes and to know our words again. */
static uint64_t ntp_at(int64_t ago_us)
{
	uint64_t us = (uint64_t)(clock_utc_ms() * 1000 - ago_us);
	return ((us / 1000000 + NTP_OF_UNIX) << 32) | ((us % 1000000) << 32) / 1000000;
}

/* A datagram and how long ago it came: the kernel stamps it, so that it need not be read at once.
 */
static ssize_t read_stamped(int fd, char packet[RTP_PACKET_MAX], struct addr *from, int64_t *age_us)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} attached;
	struct iovec io = {packet, RTP_PACKET_MAX};
	struct msghdr m = {.msg_name = &from->sa,
			   .msg_namelen = sizeof from->in6,
			   .msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = &attached,
			   .msg_controllen = sizeof attached};
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
	from->len = m.msg_namelen;
	*age_us = 0;
	for (struct cmsghdr *h = n < 0 ? NULL : CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		struct timespec at;
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&at, CMSG_DATA(h), sizeof at);
		*age_us = clock_stamp_age_us(&at);
	}
	return n;
}

/* RFC 3550 §6.4.1: what we said at last_sr came back after since_last_sr there; 1/65536 s. A round
 * of more than ten seconds is a peer that does not know what it says. */
static void note_round(struct leg *l, const struct rtcp_in *in, int64_t age_us)
{
	if (!in->last_sr)
		return;
	uint32_t then = (uint32_t)(ntp_at(age_us) >> 16);
	int32_t round = (int32_t)(then - in->last_sr - in->since_last_sr);
	if (round >= 0 && round < 10 * 65536)
		l->rtt_us = (uint32_t)MAX((int64_t)round * 1000000 / 65536, (int64_t)1);
}

static void note_rtcp(struct leg *l, const struct rtcp_in *in, int64_t now_us, int64_t age_us)
{
	if (in->has_sr) {
		l->peer_sr_middle = in->sr_middle;
		l->peer_sr_us = now_us - age_us;
	}
	if (in->has_block) {
		l->peer_lost = in->lost & 0x800000 ? 0 : in->lost; /* signed, 24 bits */
		uint32_t jitter = in->jitter / coder_ticks(l->coder.codec);
		l->peer_jitter_us = jitter < 80000 ? jitter * 125 : 10000000;
		l->peer_told = true;
		note_round(l, in, age_us);
	}
}

bool leg_hear_rtcp(struct leg *l, char *packet, size_t n, int64_t now_us, int64_t age_us)
{
	struct rtcp_in in;
	if (l->web && !l->open)
		return false;
	if (l->open && srtcp_open(l->open, (uint8_t *)packet, &n) != ERR_OK) {
		l->forged++;
		worker_count(&l->worker->forged);
		return false;
	}
	if (rtcp_parse(str_make(packet, n), l->out.ssrc, &in) == ERR_OK)
		note_rtcp(l, &in, now_us, age_us);
	return true;
}

static void read_rtcp(struct leg *l, int fd, int64_t now_us)
{
	char packet[RTP_PACKET_MAX];
	for (int i = 0; i < 8; i++) {
		struct addr from;
		int64_t age_us;
		ssize_t n = read_stamped(fd, packet, &from, &age_us);
		if (n < 0)
			return;
		if (addr_same_host(&from, source_target(&l->source)))
			(void)leg_hear_rtcp(l, packet, (size_t)n, now_us, age_us);
	}
}

void leg_read_rtcp(struct leg *l, int64_t now_us)
{
	for (int i = 0; i < ADDR_FAMILIES; i++)
		if (l->doors[i].family && l->doors[i].rtcp >= 0)
			read_rtcp(l, l->doors[i].rtcp, now_us);
}

/* RFC 3550 §6.2: about every five seconds. The socket is looked at only then, which keeps it cheap;
 * when something came the kernel has noted. */
void leg_rtcp(struct leg *l, int64_t now_us)
{
	uint8_t packet[RTCP_MAX + SRTP_GROWTH];
	uint32_t ticks = coder_ticks(l->coder.codec);
	if (now_us < l->rtcp_due_us)
		return;
	l->rtcp_due_us = now_us + RTCP_EVERY_US;
	leg_read_rtcp(l, now_us);
	if (!l->agreed || !source_target(&l->source)->len)
		return;
	struct addr to = *source_target(&l->source);
	if ((l->web && !l->seal) || addr_port(&to) == UINT16_MAX)
		return;
	addr_set_port(&to, (uint16_t)(addr_port(&to) + 1));
	const struct door *door = leg_door(l, &to);
	struct rtcp_out o = {
		.ssrc = l->out.ssrc,
		.sent = l->out.packets != l->out.packets_told,
		.ntp = ntp_at(0),
		.ts = (l->out.ts + (uint32_t)((now_us - l->out.at_us) * 8 / 1000)) * ticks,
		.ticks = ticks,
		.packets = l->out.packets,
		.octets = l->out.octets,
		.peer_sr_middle = l->peer_sr_middle,
		.peer_sr_age = (uint32_t)((now_us - l->peer_sr_us) * 65536 / 1000000),
	};
	l->out.packets_told = l->out.packets;
	size_t n = rtcp_write(packet, &o, &l->count);
	if (l->seal && srtcp_seal(l->seal, packet, &n) != ERR_OK)
		return;
	if (l->web)
		(void)send(door->rtp, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		(void)sendto(door->rtcp, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL, &to.sa, to.len);
}

static uint32_t since(uint32_t now, uint32_t then)
{
	return now > then ? now - then
			  : 0; /* losses may be made good, a peer's count begins anew */
}

static uint32_t mos_cent(const struct leg *l, const struct leg_tally *t)
{
	const struct quality_path in = {.expected = t->expected,
					.lost = t->lost,
					.gaps = t->gaps,
					.jitter_us = rtp_count_jitter_us(&l->count),
					.rtt_us = l->rtt_us};
	const struct quality_path out = {.expected = t->sent,
					 .lost = t->peer_lost,
					 .jitter_us = l->peer_jitter_us,
					 .rtt_us = l->rtt_us};
	if (!t->received)
		return 0;
	double r = quality_r(&in);
	if (l->peer_told)
		r = MIN(r, quality_r(&out));
	return quality_mos_cent(r);
}

uint32_t leg_figures(struct leg *l, struct leg_tally *out)
{
	const struct leg_tally then = l->told, now = {
						       .sent = l->out.packets,
						       .received = rtp_count_received(&l->count),
						       .expected = rtp_count_expected(&l->count),
						       .lost = rtp_count_lost(&l->count),
						       .gaps = l->count.gaps,
						       .strays = l->strays,
						       .peer_lost = l->peer_lost,
						       .forged = l->forged,
					       };
	l->told = now;
	*out = (struct leg_tally){
		.sent = since(now.sent, then.sent),
		.received = since(now.received, then.received),
		.expected = since(now.expected, then.expected),
		.lost = since(now.lost, then.lost),
		.gaps = since(now.gaps, then.gaps),
		.strays = since(now.strays, then.strays),
		.peer_lost = since(now.peer_lost, then.peer_lost),
		.forged = since(now.forged, then.forged),
	};
	return mos_cent(l, out);
}
