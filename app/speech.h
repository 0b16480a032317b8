/*
 * speech.h - the speech clerk: texts into DIR/speech/KEY.wav at 8 kHz, one at a time, on a thread
 * of its own. The synthesiser is a program that only the supervisor starts.
 */
#pragma once

#include "os/mailbox.h"
#include "base/str.h"

struct speech;

struct speech_options {
	struct str dir; /* DIR/speech; made when missing */
	int control;	/* the supervisor: KIN_SPEAK goes there */
	void *arg;
	/* Clerk's thread: the file is there (or could not be made). Post a letter of your own. */
	void (*done)(void *arg, struct str key, bool ok);
};

struct speech *speech_start(const struct speech_options *o);
void speech_stop(struct speech *s);
/* Main thread. True when the file exists already: nothing will be told. */
bool speech_want(struct speech *s, struct str key, struct str lang, struct str text);
/* Main thread: the supervisor said KIN_SPOKEN. */
void speech_spoken(struct speech *s, uint32_t job, bool ok);
