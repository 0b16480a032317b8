/* sound_test.c - playings, texts to be spoken, music, digits. */
#include "channel/voice/world_test.h"

static char first[128], second[128];

static const char *file_of(char room[128], const char *lang, const char *text)
{
	char key[VOICE_KEY_TEXT + 1];
	struct buf b = buf_make(room, 127);
	voice_speech_key(str_of(lang), str_of(text), key);
	buf_fmt(&b, "/speech/%s.wav", key);
	room[b.n] = 0;
	return room;
}

static const char *two_files(const char *a, const char *b)
{
	static char both[256];
	struct buf out = buf_make(both, 255);
	buf_fmt(&out, "%s\n%s", file_of(first, "pl", a), file_of(second, "pl", b));
	both[out.n] = 0;
	return both;
}

static struct media_leg *customer(struct world *w)
{
	struct media_leg *m = media_of(w, PARTY_customer);
	CHECK(m);
	return m;
}

TEST(every_text_is_asked_for_when_it_is_declared)
{
	struct world *w = world_create();
	/* Witaj and Hello, la la, Bywaj: in the order of the objects */
	EXPECT(w->asked == 4);
	EXPECT_STR(str_of(w->asked_text), "Bywaj");
	EXPECT_STR(str_of(w->asked_lang), "pl"); /* the tenant's: pl-PL */
	world_end(w);
}

TEST(two_texts_are_played_one_after_the_other)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->log.n = 0;
	EXPECT(play(w, 7, "raz", "dwa") == ERR_OK);
	EXPECT_STR(str_of(customer(w)->files), two_files("raz", "dwa"));
	EXPECT(!customer(w)->loop);
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_SAID(w, "play_done 7 ok");
	/* told once */
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_SAID(w, "");
	EXPECT(play(w, 8, "trzy", NULL) == ERR_OK);
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 0);
	EXPECT_SAID(w, "play_done 8 failed");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_prompt_speaks_the_callers_language_or_english_or_what_there_is)
{
	static const struct {
		const char *prompt, *lang, *want_lang, *want;
	} cases[] = {
		{"hello", "", "pl", "Witaj"}, /* the contact's own */
		{"hello", "en", "en", "Hello"},
		{"hello", "ru", "en", "Hello"},
		{"tune", "pl", "en", "la la"},
		{"hello", "en-GB", "en", "Hello"}, /* by the first part */
		{"hello", "pl-PL", "pl", "Witaj"},
	};
	struct world *w = world_create();
	call_in_flow(w);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct object *o = objects_find(w->core.objects, KIND_prompt, STR("acme"),
						      str_of(cases[i].prompt));
		struct play_item item = {.prompt = ID_AS(prompt_id, o->id),
					 .lang = str_of(cases[i].lang)};
		enum err e;
		TURN(w, e = SEND(&w->core, media_play, .contact = w->contact, .token = 1,
				 .items = &item, .count = 1));
		EXPECT(e == ERR_OK);
		EXPECT_STR(str_of(customer(w)->files),
			   file_of(first, cases[i].want_lang, cases[i].want));
	}
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(nothing_to_play_is_refused)
{
	struct world *w = world_create();
	call_in_flow(w);
	EXPECT(play(w, 1, "", NULL) == ERR_NOT_FOUND);
	struct play_item gone = {.prompt = {55, 1}}, many[40];
	enum err e;
	TURN(w, e = SEND(&w->core, media_play, .contact = w->contact, .items = &gone, .count = 1));
	EXPECT(e == ERR_NOT_FOUND);
	for (size_t i = 0; i < COUNT_OF(many); i++)
		many[i] = (struct play_item){.text = STR("raz")};
	TURN(w, e = SEND(&w->core, media_play, .contact = w->contact, .items = many, .count = 40));
	EXPECT(e == ERR_TOO_LARGE);
	EXPECT(w->plays == 0);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_text_not_spoken_yet_is_waited_for)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->log.n = 0;
	w->speaks_at_once = false;
	EXPECT(play(w, 3, "nowe", NULL) == ERR_OK);
	EXPECT(w->plays == 0);
	EXPECT_STR(str_of(w->asked_text), "nowe");
	world_run(w, 2000);
	TURN(w, voice_spoken(w->voice, STR("0000"), true)); /* another one: nothing to do */
	EXPECT(w->plays == 0);
	TURN(w, voice_spoken(w->voice, str_of(w->asked_key), true));
	EXPECT(w->plays == 1);
	EXPECT_STR(str_of(customer(w)->files), file_of(first, "pl", "nowe"));
	world_run(w, 10000);
	EXPECT_SAID(w, "");
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_SAID(w, "play_done 3 ok");
	/* five seconds at most */
	EXPECT(play(w, 4, "nigdy", NULL) == ERR_OK);
	world_run(w, 4900);
	EXPECT_SAID(w, "");
	world_run(w, 200);
	EXPECT_SAID(w, "play_done 4 failed");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(two_texts_not_spoken_yet_wait_for_the_later_one)
{
	struct world *w = world_create();
	char one[VOICE_KEY_TEXT + 1], two[VOICE_KEY_TEXT + 1];
	call_in_flow(w);
	w->speaks_at_once = false;
	voice_speech_key(STR("pl"), STR("raz"), one);
	voice_speech_key(STR("pl"), STR("dwa"), two);
	EXPECT(strcmp(one, two) != 0 && strlen(one) == VOICE_KEY_TEXT);
	EXPECT(play(w, 3, "raz", "dwa") == ERR_OK);
	TURN(w, voice_spoken(w->voice, str_of(two), true));
	EXPECT(w->plays == 0);
	TURN(w, voice_spoken(w->voice, str_of(one), false)); /* media will say what is missing */
	EXPECT(w->plays == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_newer_playing_replaces_the_older_one_silently)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->log.n = 0;
	EXPECT(play(w, 1, "raz", NULL) == ERR_OK);
	uint32_t old = customer(w)->play;
	EXPECT(play(w, 2, "dwa", NULL) == ERR_OK);
	EXPECT(customer(w)->play != old);
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = old, .ok = 1); /* crossed */
	EXPECT_SAID(w, "");
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_SAID(w, "play_done 2 ok");
	/* also one that still waits to be spoken */
	w->speaks_at_once = false;
	EXPECT(play(w, 3, "nigdy", NULL) == ERR_OK);
	EXPECT(play(w, 4, "raz", NULL) == ERR_OK);
	world_run(w, 6000);
	EXPECT_SAID(w, "");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_playing_is_stopped_by_its_name_only)
{
	struct world *w = world_create();
	enum err e;
	call_in_flow(w);
	w->log.n = 0;
	EXPECT(play(w, 5, "raz", NULL) == ERR_OK);
	TURN(w, e = SEND(&w->core, media_stop, .contact = w->contact, .token = 4));
	EXPECT(e == ERR_OK && customer(w)->files[0]);
	TURN(w, e = SEND(&w->core, media_stop, .contact = w->contact, .token = 5));
	EXPECT(e == ERR_OK && !customer(w)->files[0]);
	world_run(w, 100);
	EXPECT_SAID(w, "");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(music_comes_back_after_an_announcement_in_the_queue)
{
	struct world *w = world_create();
	enum err e;
	call_waiting(w);
	EXPECT_STR(str_of(customer(w)->music), "default");
	EXPECT(play(w, 1, "raz", NULL) == ERR_OK);
	EXPECT(!customer(w)->music[0]);
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_STR(str_of(customer(w)->music), "default");
	/* stopped */
	EXPECT(play(w, 2, "raz", NULL) == ERR_OK);
	TURN(w, e = SEND(&w->core, media_stop, .contact = w->contact, .token = 2));
	EXPECT(e == ERR_OK);
	EXPECT_STR(str_of(customer(w)->music), "default");
	/* never spoken */
	w->speaks_at_once = false;
	EXPECT(play(w, 3, "nigdy", NULL) == ERR_OK);
	world_run(w, 5100);
	EXPECT_STR(str_of(customer(w)->music), "default");
	EXPECT(w->voice->lines && !customer(w)->files[0]);
	/* nothing to play at all */
	EXPECT(play(w, 4, "", NULL) == ERR_NOT_FOUND);
	EXPECT_STR(str_of(customer(w)->music), "default");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(an_agent_who_answers_ends_the_announcement)
{
	struct world *w = world_create();
	call_ringing(w);
	w->log.n = 0;
	w->sides[ANNA].answers = true;
	EXPECT(play(w, 1, "raz", NULL) == ERR_OK);
	struct sdp_audio mine = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 50);
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	EXPECT(!customer(w)->files[0] && !customer(w)->music[0]);
	hang_up(w, TRUNK);
	world_end(w);
	/* also one not spoken yet: nothing is told of it later */
	w = world_create();
	call_ringing(w);
	w->log.n = 0;
	w->speaks_at_once = false;
	EXPECT(play(w, 1, "nigdy", NULL) == ERR_OK);
	mine = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 10000);
	EXPECT(!has(buf_str(&w->log), "play_done"));
	EXPECT(w->plays == 0);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(music_may_be_a_prompt)
{
	struct world *w = world_create();
	TURN(w, world_object(w, &(struct config){.kind = KIND_queue,
						 .tenant = STR("acme"),
						 .id = STR("sales"),
						 .queue = {.music = STR("tune")}}));
	call_waiting(w);
	EXPECT_STR(str_of(customer(w)->files), file_of(first, "en", "la la"));
	EXPECT(customer(w)->loop && !customer(w)->music[0]);
	hang_up(w, TRUNK);
	/* a prompt that is gone: the default */
	TURN(w, world_object(w, &(struct config){.kind = KIND_queue,
						 .tenant = STR("acme"),
						 .id = STR("sales"),
						 .queue = {.music = STR("nothing")}}));
	call_waiting(w);
	EXPECT_STR(str_of(customer(w)->music), "default");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(music_ends_with_the_queue)
{
	struct world *w = world_create();
	call_waiting(w);
	TURN(w, EMIT(&w->core, dequeue, .contact = w->contact, .queue = queue_called(w, "sales"),
		     .reason = RESULT_flow_out, .exit = EXIT_timeout));
	row_of(w, w->contact)->state = ROW_FLOW;
	EXPECT(!customer(w)->music[0]);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(digits_of_the_customer_are_told_and_no_others)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->log.n = 0;
	static const char keys[] = "0159*#ABCD";
	for (const char *k = keys; *k; k++)
		MEDIA_SAYS(w, digit, .leg = customer(w)->id, .digit = (uint8_t)*k);
	EXPECT_SAID(w,
		    "digit 0; digit 1; digit 5; digit 9; digit 10; digit 11; digit 12; digit 13; "
		    "digit 14; digit 15");
	MEDIA_SAYS(w, digit, .leg = customer(w)->id, .digit = 'x');
	MEDIA_SAYS(w, digit, .leg = customer(w)->id, .digit = 0);
	MEDIA_SAYS(w, digit, .leg = {77, 1}, .digit = '1');
	EXPECT_SAID(w, "");
	enqueue(w);
	offer(w, "anna");
	w->log.n = 0;
	MEDIA_SAYS(w, digit, .leg = media_of(w, PARTY_agent)->id, .digit = '1');
	EXPECT_SAID(w, "");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(broken_packets_of_media_hurt_nobody)
{
	struct world *w = world_create();
	call_in_flow(w);
	w->log.n = 0;
	char bytes[64];
	struct buf b = buf_make(bytes, sizeof bytes);
	report_encode(&b, &(struct report){.kind = REPORT_play_done, .play_done = {.play = 1}});
	for (size_t n = 0; n <= b.n; n++)
		TURN(w, voice_media_input(w->voice, w->media_number, str_make(bytes, n)));
	TURN(w, voice_media_input(w->voice, w->media_number,
				  STR("\x03\x00\xff\x00\x00"))); /* of a later version */
	EXPECT_SAID(w, "");
	MEDIA_SAYS(w, silent, .leg = customer(w)->id, .ms = 5000);
	MEDIA_SAYS(w, gauges, .legs = 3);
	EXPECT(voice_gauges(w->voice)->legs == 3);
	hang_up(w, TRUNK);
	world_end(w);
}
