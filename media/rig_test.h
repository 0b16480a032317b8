/*
 * rig_test.h - the whole media process in a child, a core that orders, telephones that say tones:
 * for tests with real packets over loopback, which take real time.
 */
#pragma once

#include "rtp/addr.h"
#include "media/control.h"
#include "os/clock.h"
#include "tests/test.h"

#define PCM_MAX (20 * SOUND_RATE)

struct rig {
	pid_t pid;
	int control, core;
	uint16_t port_low, port_high;
	uint32_t threads; /* 0: one */
	const char *ip;	  /* NULL: 127.0.0.1 */
	char dir[64], recordings[96], state[96];
	char packet[ORDER_PACKET_MAX];
	struct str rest; /* of the packet being read */
};

/* A telephone: sends a tone, keeps all it hears in order of arrival. */
struct phone {
	int fd;
	uint16_t port, seq;
	uint32_t ts, ssrc;
	uint8_t pt, dtmf_pt;
	enum sound_codec law;
	double hz, phase;
	struct addr to;
	int16_t heard[PCM_MAX];
	size_t heard_n;
	uint32_t packets, events;
	uint32_t breaks; /* of the one stream we should hear: another source, a hole */
	struct rtp last;
	uint8_t last_event[DIGIT_PAYLOAD];
	struct coder ear;
	struct addr from;
	const char *ip;
};

#define LEG_A ((struct id){1, 7})
#define LEG_B ((struct id){2, 9})
#define LEG_C ((struct id){3, 11})
#define REC ((struct id){1, 3})
#define CONTACT ((struct id){5, 1})

struct talk_case {
	struct rig rig;
	struct phone a, b;
};

void start_media(struct rig *r, uint32_t orphan_ms);
void make_rig(struct rig *r);
void clear_rig(struct rig *r);
void stop_media(struct rig *r);
void tell(struct rig *r, struct order o);
bool await(struct rig *r, enum report_kind kind, int wait_ms, struct report *out);
void connect_core(struct rig *r);
void make_phone(struct phone *p, double hz, enum sound_codec law, uint8_t dtmf_pt);
void make_phone_at(struct phone *p, const char *ip, double hz, enum sound_codec law,
		   uint8_t dtmf_pt);
void phone_send(struct phone *p, uint8_t pt, const uint8_t *payload, size_t n, bool mark);
void phone_speak(struct phone *p);
void phone_hear(struct phone *p);
void phone_take(struct phone *p, struct str packet);
void sleep_until(int64_t at_us);
void talk_all(struct phone *const *all, int count, int ms);
void talk(struct phone *a, struct phone *b, int ms);
void forget_heard(struct phone *p);
uint16_t open_leg_in(struct rig *r, struct id leg, struct id contact, struct phone *p);
uint16_t open_leg(struct rig *r, struct id leg, struct phone *p);
void agree(struct rig *r, struct id leg, const struct phone *p, bool send, bool receive);
double share(const struct phone *p, double hz);
void hear(struct rig *r, struct id leg, const struct order_ids *whom);
void hear_each_other(struct rig *r);
void begin_talk(struct talk_case *t);
void end_talk(struct talk_case *t);
struct str read_file(const char *path);
