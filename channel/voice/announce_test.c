/* announce_test.c - what who waits is told, how it sounds, and what ends it (behaviours.md P-1). */
#include "channel/voice/world_test.h"

static struct media_leg *customer(struct world *w)
{
	return media_of(w, PARTY_customer);
}

/* Not a name of a test: what acd says. */
static void promised(struct world *w, uint32_t position, int64_t low_ms, int64_t high_ms)
{
	TURN(w, EMIT(&w->core, promise, .contact = w->contact, .queue = queue_called(w, "sales"),
		     .position = position, .low_ms = low_ms, .high_ms = high_ms));
}

static uint32_t files_of(const struct media_leg *m)
{
	uint32_t count = 0;
	struct str rest = str_of(m->files), line;
	while (str_line(&rest, &line))
		count++;
	return count;
}

TEST(a_promise_is_heard_between_music_and_music)
{
	struct world *w = world_create();
	call_waiting(w);
	w->log.n = 0;
	promised(w, 2, 60000, 120000);
	EXPECT(files_of(customer(w)) == 2 && !customer(w)->music[0]);
	EXPECT_STR(str_of(w->asked_lang), "pl");
	EXPECT_STR(str_head(str_of(w->asked_text), 29), "Przewidywany czas oczekiwania");
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_STR(str_of(customer(w)->music), "default");
	EXPECT(!str_starts(buf_str(&w->log), STR("play_done"))); /* no flow waits for it */
	promised(w, 1, 0, 0);
	EXPECT(files_of(customer(w)) == 1);
	EXPECT_STR(str_of(w->asked_text), "Państwa pozycja w kolejce: pierwsza.");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(it_is_in_the_language_of_the_contact_or_else_in_english)
{
	static const char *const langs[][3] = {{"ru", "ru", "Ваша позиция в очереди: третья."},
					       {"de", "en", "You are third in line."}};
	for (size_t i = 0; i < COUNT_OF(langs); i++) {
		struct world *w = world_create();
		call_waiting(w);
		EXPECT(contact_lang_set(&w->core, w->contact, str_of(langs[i][0])) == ERR_OK);
		promised(w, 3, 0, 0);
		EXPECT_STR(str_of(w->asked_lang), langs[i][1]);
		EXPECT_STR(str_of(w->asked_text), langs[i][2]);
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(an_offer_ends_it_at_once_and_so_does_an_answer)
{
	struct world *w = world_create();
	w->sides[ANNA].answers = false;
	call_waiting(w);
	promised(w, 2, 0, 0);
	EXPECT(customer(w)->files[0]);
	offer(w, "anna");
	EXPECT(!customer(w)->files[0]);
	EXPECT_STR(str_of(customer(w)->music), "default");
	w->sides[ANNA].answers = true;
	promised(w, 2, 0, 0); /* as if it were said too late */
	struct sdp_audio mine = sound_of(&w->sides[ANNA]);
	sip_call_accept(w->sides[ANNA].sip, w->sides[ANNA].call, &mine);
	world_run(w, 50);
	EXPECT(row_of(w, w->contact)->state == ROW_TALKING);
	EXPECT(!customer(w)->files[0] && !customer(w)->music[0]);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(the_music_goes_on_until_the_words_are_there)
{
	struct world *w = world_create();
	char key[VOICE_KEY_TEXT + 1];
	call_waiting(w);
	w->speaks_at_once = false;
	promised(w, 2, 0, 0);
	EXPECT_STR(str_of(customer(w)->music), "default");
	memcpy(key, w->asked_key, sizeof key);
	world_run(w, 2000);
	TURN(w, voice_spoken(w->voice, str_of(key), true));
	EXPECT(files_of(customer(w)) == 1 && !customer(w)->music[0]);
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = customer(w)->play, .ok = 1);
	EXPECT_STR(str_of(customer(w)->music), "default");
	promised(w, 3, 0, 0); /* this one comes too late and is passed over */
	memcpy(key, w->asked_key, sizeof key);
	world_run(w, 3100);
	TURN(w, voice_spoken(w->voice, str_of(key), true));
	EXPECT_STR(str_of(customer(w)->music), "default");
	EXPECT(!customer(w)->files[0]);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(what_is_awaited_is_forgotten_with_the_wait)
{
	struct world *w = world_create();
	char key[VOICE_KEY_TEXT + 1];
	w->sides[ANNA].answers = false;
	call_waiting(w);
	w->speaks_at_once = false;
	promised(w, 2, 0, 0);
	memcpy(key, w->asked_key, sizeof key);
	offer(w, "anna");
	TURN(w, voice_spoken(w->voice, str_of(key), true));
	EXPECT_STR(str_of(customer(w)->music), "default");
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_flow_that_plays_is_not_interrupted)
{
	struct world *w = world_create();
	call_in_flow(w);
	EXPECT(play(w, 1, "raz", NULL) == ERR_OK);
	uint32_t plays = w->plays;
	promised(w, 2, 0, 0);
	EXPECT(w->plays == plays && files_of(customer(w)) == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(an_announcement_outlives_the_core)
{
	struct world *w = world_create();
	call_waiting(w);
	promised(w, 2, 0, 0);
	uint32_t number = customer(w)->play;
	world_restart(w);
	EXPECT(customer(w)->files[0] && customer(w)->play == number);
	w->log.n = 0;
	MEDIA_SAYS(w, play_done, .leg = customer(w)->id, .play = number, .ok = 1);
	EXPECT_STR(str_of(customer(w)->music), "default");
	EXPECT(!str_starts(buf_str(&w->log), STR("play_done")));
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(the_usual_sentences_are_spoken_before_anybody_waits)
{
	struct world *w = world_create();
	uint32_t before = w->asked;
	struct queue_config c = {.announce_every_ms = 90000, .announce_position = true};
	TURN(w, world_object(w, &(struct config){.kind = KIND_queue,
						 .tenant = STR("acme"),
						 .id = STR("late"),
						 .queue = c}));
	EXPECT(w->asked == before + 10);
	c.announce_wait = true;
	TURN(w, world_object(w, &(struct config){.kind = KIND_queue,
						 .tenant = STR("acme"),
						 .id = STR("later"),
						 .queue = c}));
	EXPECT(w->asked == before + 10 + 15); /* 1..5 to 1..5 */
	world_end(w);
}
