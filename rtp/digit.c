/* digit.c - see digit.h. */
#include "rtp/digit.h"

#define STALE_MS 2000	   /* after so long a sender's timestamps may have begun anew */
#define SEGMENT_MIN 0xf000 /* an event splits near the 16 bits of its duration */
#define TICK 160	   /* samples */
#define PAUSE_TICKS 3
#define END_PACKETS 3
#define VOLUME 10 /* -10 dBm0 */

static const char chars[] = "0123456789*#ABCD";

int digit_event(uint8_t digit)
{
	if (digit < 16)
		return digit;
	if (digit >= 'a' && digit <= 'd')
		digit = (uint8_t)(digit - 'a' + 'A');
	const char *at = strchr(chars, digit);
	return at ? (int)(at - chars) : -1;
}

uint8_t digit_char(uint8_t event)
{
	return event < 16 ? (uint8_t)chars[event] : 0;
}

/* A digit ends once: later packets of it are known by its timestamp. */
static bool tell(struct digit_in *d, struct digit_told *told)
{
	d->open = false;
	if (!digit_char(d->event))
		return false; /* hook flash, fax tones */
	uint32_t ms = (d->before + d->duration) / 8;
	*told = (struct digit_told){digit_char(d->event), (uint16_t)MIN(ms, 0xffffu)};
	return true;
}

bool digit_in_late(struct digit_in *d, int64_t now_ms, struct digit_told *told)
{
	return d->open && now_ms - d->seen_ms >= DIGIT_QUIET_MS && tell(d, told);
}

uint32_t digit_in_see(struct digit_in *d, const struct rtp *r, int64_t now_ms,
		      struct digit_told told[2])
{
	if (r->payload.n < DIGIT_PAYLOAD)
		return 0;
	const uint8_t *p = (const uint8_t *)r->payload.p;
	uint32_t count = 0, duration = (uint32_t)p[2] << 8 | p[3];
	bool known = d->any && d->ssrc == r->ssrc && now_ms - d->seen_ms < STALE_MS;
	bool same = known && r->ts == d->ts && p[0] == d->event;
	if (known && !same) {
		bool goes_on = d->open && p[0] == d->event && d->duration >= SEGMENT_MIN &&
			       r->ts == d->ts + d->duration;
		if (goes_on) {
			d->before += d->duration;
			d->duration = 0;
			d->ts = r->ts;
			same = true;
		} else if ((int32_t)(r->ts - d->ts) <= 0) {
			return 0; /* a late packet of an event before */
		}
	}
	if (!same) {
		if (d->open)
			count += tell(d, &told[count]);
		*d = (struct digit_in){
			.open = true, .any = true, .event = p[0], .ssrc = r->ssrc, .ts = r->ts};
	}
	d->seen_ms = now_ms;
	d->duration = MAX(d->duration, duration);
	if (d->open && p[1] & 0x80)
		count += tell(d, &told[count]);
	return count;
}

enum err digit_out_add(struct digit_out *d, uint8_t digit, uint16_t duration_ms)
{
	int event = digit_event(digit);
	if (event < 0)
		return ERR_INVALID;
	if (d->count == DIGIT_QUEUE)
		return ERR_FULL;
	d->queue[d->count] = (uint8_t)event;
	d->duration_ms[d->count++] = MIN(MAX(duration_ms, 40), 8000);
	return ERR_OK;
}

static void next_digit(struct digit_out *d)
{
	d->count--;
	memmove(d->queue, d->queue + 1, d->count);
	memmove(d->duration_ms, d->duration_ms + 1, d->count * sizeof d->duration_ms[0]);
	d->duration = 0;
	d->ends = 0;
	d->pause = PAUSE_TICKS;
}

bool digit_out_tick(struct digit_out *d, struct digit_packet *out)
{
	if (d->pause) {
		d->pause--;
		return false;
	}
	if (!d->count)
		return false;
	uint32_t whole = d->duration_ms[0] * 8u;
	bool first = !d->duration, end = d->duration + TICK >= whole;
	d->duration = end ? whole : d->duration + TICK;
	*out = (struct digit_packet){
		.first = first,
		.payload = {d->queue[0], (uint8_t)(end << 7 | VOLUME), (uint8_t)(d->duration >> 8),
			    (uint8_t)d->duration},
	};
	if (end && ++d->ends == END_PACKETS)
		next_digit(d);
	return true;
}
