/* world_test.c - the invented world itself, see world_test.h: turns, lives, what people do in it.
 */
#include "channel/voice/world_inside_test.h"

#include <stdlib.h>

#include "core/batch.h"

#define UTC_MS 1700000000000

bool has(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) >= 0;
}

/* -- speech -- */

static void core_speak(void *arg, struct str key, struct str lang, struct str text)
{
	struct world *w = arg;
	w->asked++;
	(void)str_copy(key, w->asked_key, sizeof w->asked_key);
	(void)str_copy(lang, w->asked_lang, sizeof w->asked_lang);
	(void)str_copy(str_head(text, 63), w->asked_text, sizeof w->asked_text);
	if (w->speaks_at_once)
		voice_spoken(w->voice, key, true);
}

static void core_resolve(void *arg, enum dns_kind kind, struct str name)
{
	struct world *w = arg;
	(void)kind;
	w->names_asked++;
	(void)str_copy(name, w->name_asked, sizeof w->name_asked);
}

/* -- desks -- */

static void core_trunk_tested(void *arg, void *token, const struct trunk_answer *answers,
			      uint32_t count)
{
	struct world *w = arg;
	EXPECT(token == w);
	w->tried.times++;
	w->tried.count = MIN(count, (uint32_t)COUNT_OF(w->tried.answers));
	for (uint32_t i = 0; i < w->tried.count; i++)
		w->tried.answers[i] = answers[i];
}

static void core_phone_answered(void *arg, void *token, const struct voice_phone_answer *a)
{
	struct world *w = arg;
	EXPECT(token == w);
	w->phone.answers++;
	w->phone.err = a->err;
	EXPECT(str_copy(a->answer, w->phone.answer, sizeof w->phone.answer) &&
	       str_copy(a->key, w->phone.key, sizeof w->phone.key) &&
	       str_copy(a->detail, w->phone.detail, sizeof w->phone.detail));
}

static void core_desk_told(void *arg, uint64_t desk, enum desk_phone state)
{
	struct world *w = arg;
	if (w->hears_phones)
		buf_fmt(&w->log, "%sdesk%u " STR_FMT, w->log.n ? "; " : "", (unsigned)desk,
			STR_ARG(desk_phone_word(state)));
}

/* -- turns and lives -- */

void turn(struct world *w)
{
	CHECK(!w->in_turn && w->voice);
	w->in_turn = true;
	core_turn_begin(&w->core, w->now_ms, UTC_MS + w->now_ms);
	voice_time(w->voice);
}

void turn_end(struct world *w)
{
	buf_put(&w->all, core_turn_end(&w->core).bytes);
	w->in_turn = false;
	media_obey_all(w);
}

void world_object(struct world *w, const struct config *c)
{
	struct config *copy = xcalloc(1, sizeof *copy);
	struct id id;
	*copy = *c;
	arena_init(&copy->arena);
	CHECK(objects_put(w->core.objects, copy, 1, &id) == ERR_OK);
	EMIT(&w->core, object_moved, .kind = c->kind, .slot = id.slot, .age = id.age);
	core_deliver(&w->core);
}

#define OBJECT(kind_, name, member, ...)                                                           \
	world_object(w, &(struct config){.kind = kind_,                                            \
					 .tenant = STR("acme"),                                    \
					 .id = STR(name),                                          \
					 .member = __VA_ARGS__})

static void declare(struct world *w)
{
	static const struct trunk_peer peers[] = {{.address = {"10.0.0.1", 8}},
						  {.address = {"10.0.0.9", 8}},
						  {.address = {"not-an-address", 14}}};
	static const struct str codecs[] = {{"PCMA", 4}, {"PCMU", 4}};
	static const struct lang_text hello[] = {{{"pl", 2}, {"Witaj", 5}},
						 {{"en", 2}, {"Hello", 5}}};
	static const struct lang_text tune[] = {{{"en", 2}, {"la la", 5}}};
	static const struct lang_text say[] = {{{"", 0}, {"Bywaj", 5}}};
	static const struct flow_node node = {.kind = NODE_SAY, .texts = say, .text_count = 1};
	OBJECT(KIND_tenant, "acme", tenant_of,
	       {.domain = STR("acme.test"),
		.locale = STR("pl-PL"),
		.country = STR("PL"),
		.media_timeout_ms = 30000,
		.record_percent = w->tenant_records});
	OBJECT(KIND_prompt, "hello", prompt, {.texts = hello, .text_count = 2});
	OBJECT(KIND_prompt, "tune", prompt, {.texts = tune, .text_count = 1});
	OBJECT(KIND_flow, "main", flow, {.nodes = &node, .node_count = 1});
	OBJECT(KIND_number, NUMBER, number, {.flow = STR("main")});
	OBJECT(KIND_number, "200", number, {.flow = STR("nowhere")});
	OBJECT(KIND_trunk, "carrier", trunk,
	       {.peers = peers,
		.peer_count = COUNT_OF(peers),
		.codecs = codecs,
		.codec_count = COUNT_OF(codecs),
		.max_calls = w->max_calls});
	OBJECT(KIND_queue, "sales", queue,
	       {.record_percent = w->record_percent,
		.record_said = !w->tenant_records,
		.music = str_of(w->queue_music)});
	OBJECT(KIND_user, "anna", user,
	       {.record_percent = w->anna_records,
		.record_said = w->anna_says,
		.phone = PHONE_sip,
		.phone_contact = STR("sip:anna@10.0.0.2:5060")});
	/* boris:acme.test:swordfish */
	OBJECT(KIND_user, "boris", user,
	       {.phone = PHONE_sip, .ha1_md5 = STR("7f2524aea6e41f8056c0f59c1dc84bf6")});
	OBJECT(KIND_user, "clara", user, {.phone = PHONE_browser});
	if (w->declares)
		w->declares(w);
}

static bool still_offered(void *arg, struct contact_id c, struct agent_id a)
{
	struct world *w = arg;
	struct row *r = row_of(w, c);
	return r && r->state == ROW_OFFERED && is_agent(w, r, a);
}

static void life_begin(struct world *w)
{
	core_init(&w->core, &(struct core_limits){.contacts = w->contacts_max, .objects = 64},
		  7 + w->life, w->life);
	w->acd = (struct room){.name = "acd", .command = acd_command, .event = acd_event};
	w->flow = (struct room){.name = "flow", .command = flow_command, .event = flow_event};
	w->call = (struct room){.name = "call", .command = call_command, .event = call_event};
	w->ear = (struct room){.name = "ear", .event = ear_event};
	core_add_room(&w->core, &w->acd);
	core_add_room(&w->core, &w->flow);
	core_add_room(&w->core, &w->call);
	w->voice = voice_create(&(struct voice_options){
		.core = &w->core,
		.advertise_udp = STR("10.0.0.100:5060"),
		.advertise_tcp = STR("10.0.0.100:5060"),
		.media_address = STR("10.0.0.100"),
		.speech_dir = STR("/speech"),
		.trace_file = str_of(w->trace_file ? w->trace_file : ""),
		.product = STR("centrala"),
		.contacts_max = w->contacts_max,
		.birth = (w->life & 0x7fff) << 16,
		.secret = {1, 2, 3},
		.arg = w,
		.send = core_send_sip,
		.order = core_order,
		.speak = core_speak,
		.phone_answered = core_phone_answered,
		.trunk_tested = core_trunk_tested,
		.desk_told = core_desk_told,
		.resolve = core_resolve,
	});
	voice_offered_by(w->voice, still_offered, w);
	core_add_room(&w->core, &w->ear);
	w->life++;
}

static struct world *new_world(uint32_t contacts_max, uint32_t record_percent, uint32_t max_calls)
{
	struct world *w = xcalloc(1, sizeof *w);
	log_level_set(LOG_ERROR);
	w->now_ms = 1000000;
	w->contacts_max = contacts_max;
	w->record_percent = record_percent;
	w->max_calls = max_calls;
	w->queue_music = "default";
	w->next_port = 20000;
	w->media_up = w->speaks_at_once = true;
	w->media_number = 1;
	w->log = buf_grow(1024);
	w->all = buf_grow(4096);
	w->orders = buf_grow(1024);
	w->reports = buf_grow(1024);
	return w;
}

static struct world *begin(struct world *w)
{
	for (int i = 0; i < SIDES; i++)
		side_begin(w, i);
	life_begin(w);
	TURN(w, declare(w));
	media_comes(w);
	w->log.n = 0;
	return w;
}

struct world *world_create_with(uint32_t contacts_max, uint32_t record_percent, uint32_t max_calls)
{
	return begin(new_world(contacts_max, record_percent, max_calls));
}

struct world *world_create_rules(uint32_t queue, uint32_t tenant, uint32_t anna, bool anna_says)
{
	struct world *w = new_world(8, queue, 0);
	w->tenant_records = tenant;
	w->anna_records = anna;
	w->anna_says = anna_says;
	return begin(w);
}

struct world *world_create(void)
{
	return world_create_with(8, 100, 0);
}

void world_die(struct world *w)
{
	if (w->in_turn)
		turn_end(w);
	/* as in the program: what the dead had in memory is simply gone */
	timers_finish(&w->core.timers);
	voice_destroy(w->voice);
	core_finish(&w->core);
	w->voice = NULL;
}

static void collect(void *arg, struct str bytes)
{
	buf_put(arg, bytes);
}

void world_live(struct world *w)
{
	life_begin(w);
	turn(w);
	/* other slots than before, so that no id of the object table can be right by luck */
	OBJECT(KIND_reason, "lunch", reason, {.name = STR("lunch")});
	OBJECT(KIND_reason, "coffee", reason, {.name = STR("coffee")});
	declare(w);
	struct str rest = buf_str(&w->all);
	struct batch_item item;
	while (batch_next(&rest, &item) == ERR_OK) {
		bool torn = item.kind == IMAGE_LEG && item.id.slot == w->torn_leg;
		if (item.type == BATCH_IMAGE && torn) /* its dialog cannot be read */
			item.image.n -= MIN(item.image.n, 8u);
		if (item.type == BATCH_IMAGE)
			core_load(&w->core, (enum image_kind)item.kind, item.id, item.image);
		else if (item.type == BATCH_GONE)
			core_unload(&w->core, (enum image_kind)item.kind, item.id);
	}
	EXPECT(!rest.n);
	EXPECT(core_loaded(&w->core) == 0);
	w->all.n = 0;
	core_save_all(&w->core, collect, &w->all); /* a new segment, as the ring would begin one */
	turn_end(w);
	if (w->media_up)
		media_introduced(w);
}

void world_restart(struct world *w)
{
	world_die(w);
	world_live(w);
	world_run(w, 0);
}

static int64_t next_time(const struct world *w)
{
	int64_t at = w->voice ? core_next_timer(&w->core) : INT64_MAX;
	for (uint32_t i = 0; i < w->packet_count; i++)
		if (w->voice || !sip_address_eq(&w->packets[i].to, &core_address))
			at = MIN(at, w->packets[i].at_ms);
	for (int i = 0; i < SIDES; i++)
		at = MIN(at, timers_next(&w->sides[i].timers));
	return at;
}

void world_run(struct world *w, int64_t ms)
{
	int64_t end = w->now_ms + ms;
	for (;;) {
		while (media_report_all(w))
			;
		int64_t at = next_time(w);
		if (at > end)
			break;
		w->now_ms = MAX(at, w->now_ms);
		for (int i = 0; i < SIDES; i++) {
			sip_time(w->sides[i].sip, w->now_ms);
			timers_run(&w->sides[i].timers, w->now_ms, 1000);
		}
		if (w->voice)
			TURN(w, (void)0);
		while (carry_one(w) || media_report_all(w))
			;
	}
	w->now_ms = end;
	for (int i = 0; i < SIDES; i++)
		sip_time(w->sides[i].sip, w->now_ms);
}

uint32_t lines_of(struct world *w)
{
	return pool_count(w->voice->lines);
}

void world_destroy(struct world *w)
{
	if (w->voice)
		world_die(w);
	for (int i = 0; i < SIDES; i++) {
		timers_finish(&w->sides[i].timers);
		sip_destroy(w->sides[i].sip);
	}
	for (uint32_t i = 0; i < w->packet_count; i++)
		free((char *)(uintptr_t)w->packets[i].bytes.p);
	buf_free(&w->log);
	buf_free(&w->all);
	buf_free(&w->orders);
	buf_free(&w->reports);
	free(w);
}

void world_end(struct world *w)
{
	char text[4096];
	struct buf counters = buf_make(text, sizeof text);
	w->wire_cut = false;
	world_run(w, 70000);
	EXPECT(contact_count(&w->core) == 0);
	EXPECT(voice_legs(w->voice) == 0);
	EXPECT(lines_of(w) == 0);
	for (uint32_t i = 0; i < w->voice->trunk_room; i++)
		EXPECT(w->voice->trunks[i].calls == 0);
	for (uint32_t i = 0; i < MEDIA_MAX; i++) {
		EXPECT(!w->media_legs[i].id.slot);
		EXPECT(!w->media_recs[i].id.slot || w->media_recs[i].acked);
	}
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		EXPECT(w->rows[i].state == ROW_FREE);
	sip_counters(voice_sip(w->voice), &counters);
	EXPECT(has(buf_str(&counters), "sip_calls 0\nsip_transactions 0\n"));
	/* a new core would find nobody either */
	world_restart(w);
	EXPECT(contact_count(&w->core) == 0 && voice_legs(w->voice) == 0);
	world_destroy(w);
}

/* -- what people do -- */

struct sip_call_id dial(struct world *w, const char *number)
{
	char text[96];
	struct buf uri = buf_make(text, sizeof text);
	struct side *t = &w->sides[TRUNK];
	buf_fmt(&uri, "sip:%s@10.0.0.100:5060", number);
	struct sip_invite i = {.uri = buf_str(&uri),
			       .to = core_address,
			       .from_user = STR(CALLER),
			       .from_host = STR("10.0.0.1"),
			       .sdp = sound_of(t)};
	t->direction = SDP_SENDRECV;
	EXPECT(sip_call_start(t->sip, &i, &t->call) == ERR_OK);
	world_run(w, 50);
	return t->call;
}

void call_in_flow(struct world *w)
{
	uint32_t before = w->flow_starts;
	dial(w, NUMBER);
	EXPECT(w->flow_starts == before + 1);
	EXPECT(w->sides[TRUNK].answered);
}

void enqueue(struct world *w)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_FLOW);
	r->state = ROW_WAITING;
	TURN(w, EMIT(&w->core, enqueue, .contact = r->c, .queue = queue_called(w, "sales")));
	world_run(w, 0);
}

void call_waiting(struct world *w)
{
	call_in_flow(w);
	enqueue(w);
}

void offer(struct world *w, const char *agent)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_WAITING);
	r->state = ROW_OFFERED;
	r->agent = agent;
	TURN(w, EMIT(&w->core, offer, .contact = r->c, .queue = queue_called(w, "sales"),
		     .agent = agent_called(w, agent), .ring_ms = 15000));
	world_run(w, 40);
}

void offer_times_out(struct world *w)
{
	struct row *r = row_of(w, w->contact);
	CHECK(r && r->state == ROW_OFFERED);
	TURN(w, acd_offer_end(w, r, OFFER_no_answer));
	world_run(w, 40);
}

void call_ringing(struct world *w)
{
	w->sides[ANNA].answers = false;
	call_waiting(w);
	offer(w, "anna");
	EXPECT(w->sides[ANNA].incoming);
}

void call_talking(struct world *w)
{
	call_waiting(w);
	offer(w, "anna");
	EXPECT(row_of(w, w->contact) && row_of(w, w->contact)->state == ROW_TALKING);
	w->log.n = 0;
}

void hang_up(struct world *w, int side)
{
	sip_call_end(w->sides[side].sip, w->sides[side].call);
	world_run(w, 40);
}

enum err play(struct world *w, uint32_t token, const char *a, const char *b)
{
	struct play_item items[2] = {{.text = str_of(a)}, {.text = str_of(b)}};
	enum err e;
	TURN(w, e = SEND(&w->core, media_play, .contact = w->contact, .token = token,
			 .items = items, .count = b ? 2 : 1));
	world_run(w, 0);
	return e;
}
