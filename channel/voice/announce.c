/*
 * announce.c - a promise becomes sound (behaviours.md P-1): who waits hears his place and his wait,
 * between music and music.
 *
 *                promise, texts spoken       done, offer, answer, left the queue
 *   NONE ──────────────────────────▶ HEARD ─────────────────────────────────────▶ NONE
 *    └─ not spoken yet ─▶ AWAITED ─────┘
 *                            └─ not in time: passed over, the music never stopped
 *
 * The sentences are few (phrase/), so all of them become files in the end; the usual ones before
 * anybody needs them.
 */
#include "channel/voice/line.h"
#include "phrase/phrase.h"

#define PATIENCE_MS                                                                                \
	3000 /* for a text that is not spoken yet: later it would not be true any more */
#define BULLETIN_PATIENCE_MS 10000 /* what has happened stays true */
#define POSITIONS_READY 10u	   /* spoken beforehand */
#define WAITS_READY 5u
#define MINUTE_MS 60000

static uint32_t minutes(int64_t ms)
{
	return (uint32_t)MIN((ms + MINUTE_MS - 1) / MINUTE_MS, 100000);
}

static void awaited_too_late(struct timer *t, int64_t now_ms)
{
	struct line *l = t->arg;
	(void)now_ms;
	l->announce = ANNOUNCE_NONE;
	line_touch(l);
}

/* The files of what the event says; true when there are any. */
static bool texts_of(struct line *l, const struct contact *k, const struct event_promise *ev,
		     struct buf *files, bool *pending)
{
	enum phrase_lang lang = phrase_lang_of(str_of(k->lang));
	char place[512], wait[512];
	struct buf texts[] = {buf_make(place, sizeof place), buf_make(wait, sizeof wait)};
	if (ev->position)
		phrase_position(lang, ev->position, &texts[0]);
	if (ev->high_ms)
		phrase_wait(lang, minutes(ev->low_ms), minutes(ev->high_ms), &texts[1]);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct play_item item = {.text = buf_str(&texts[i]), .lang = phrase_lang_tag(lang)};
		if (item.text.n)
			speech_item(l->voice, k, &item, files, pending);
	}
	return files->n && !files->full;
}

void announce_promise(struct voice *v, const struct event_promise *ev)
{
	struct line *l = line_of(v, ev->contact);
	const struct contact *k = contact_get(v->core, ev->contact);
	char room[LINE_FILES_MAX];
	struct buf files = buf_make(room, sizeof room - 1);
	bool pending = false;
	if (!l || !k || l->disconnected || !l->waiting || l->playing)
		return; /* he hears something else: the next one is for him */
	if (!texts_of(l, k, ev, &files, &pending))
		return;
	CHECK(str_copy(buf_str(&files), l->files, sizeof l->files));
	if (!pending) {
		announce_heard(l);
		return;
	}
	l->announce = ANNOUNCE_AWAITED;
	timer_start(&v->core->timers, &l->speech, v->core->now_ms + PATIENCE_MS, awaited_too_late,
		    l);
}

void announce_bulletin(struct voice *v, const struct event_bulletin *ev)
{
	struct line *l = line_of(v, ev->contact);
	const struct contact *k = contact_get(v->core, ev->contact);
	const struct object *queue = objects_get(v->core->objects, ID(ev->queue));
	char room[LINE_FILES_MAX];
	struct buf files = buf_make(room, sizeof room - 1);
	bool pending = false;
	if (!l || !k || !queue || l->disconnected || !l->waiting)
		return;
	const struct object *prompt =
		objects_find(v->core->objects, KIND_prompt, queue->tenant, ev->prompt);
	if (prompt)
		speech_item(v, k, &(struct play_item){.prompt = ID_AS(prompt_id, prompt->id)},
			    &files, &pending);
	if (!files.n || files.full)
		return;
	announce_stop(l); /* a place in the queue can wait */
	CHECK(str_copy(buf_str(&files), l->files, sizeof l->files));
	if (!pending) {
		announce_heard(l);
		return;
	}
	l->announce = ANNOUNCE_AWAITED;
	timer_start(&v->core->timers, &l->speech, v->core->now_ms + BULLETIN_PATIENCE_MS,
		    awaited_too_late, l);
}

void announce_heard(struct line *l)
{
	timer_stop(&l->voice->core->timers, &l->speech);
	l->announce = ANNOUNCE_HEARD;
	l->play_digits = false;
	l->play_serial++;
	l->playing = true;
	l->sound = SOUND_silence;
	line_order_play(l);
	line_touch(l);
}

void announce_stop(struct line *l)
{
	if (l->announce == ANNOUNCE_NONE)
		return;
	line_hush(l);
	line_music(l);
}

/* A language's usual sentences about a queue. */
void announce_prepare(struct voice *v, const struct queue_config *q, struct str tag)
{
	enum phrase_lang lang = phrase_lang_of(tag);
	char room[512];
	struct buf b = buf_make(room, sizeof room);
	if (q->announce_every_ms <= 0)
		return;
	for (uint32_t i = 1; q->announce_position && i <= POSITIONS_READY; i++) {
		b.n = 0;
		phrase_position(lang, i, &b);
		speech_prepare(v, phrase_lang_tag(lang), buf_str(&b));
	}
	for (uint32_t low = 1; q->announce_wait && low <= WAITS_READY; low++)
		for (uint32_t high = low; high <= WAITS_READY; high++) {
			b.n = 0;
			phrase_wait(lang, low, high, &b);
			speech_prepare(v, phrase_lang_tag(lang), buf_str(&b));
		}
}
