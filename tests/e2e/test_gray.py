"""Processes that are stopped for a while, and clocks that jump (faults.md R18, R19)."""
import contextlib
import os
import signal
import subprocess
import tempfile
import time

from harness import AGENT, CUSTOMER, House, Skip, wait_until
from test_call import check_recording, seconds_between

QUIET = {"wrap_s": 0, "ring_s": 30}


@contextlib.contextmanager
def frozen(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def stopped(pids, seconds):
    with frozen(pids):
        time.sleep(seconds)


def talk_and_wait(h):
    call, phone, contact = h.talk()
    waits = h.ring(user="+48601000002").wait_answer(3)
    h.boss.wait_waiting(1)
    call.sound.wait_for(AGENT, 2)
    phone.sound.wait_for(CUSTOMER, 2)
    return call, phone, contact, waits


def goes_on(h, call, phone, contact, waits):
    """Everybody is where he was, and a new call gets in."""
    h.server.healthy(5)
    assert not (call.over.is_set() or phone.over.is_set() or waits.over.is_set()), "a call was dropped"
    call.sound.wait_for(AGENT, 3)
    phone.sound.wait_for(CUSTOMER, 3)
    assert h.boss.contact(contact)["state"] == "talking"
    assert h.boss.live()["waiting"] == 1
    h.ring(user="+48601000003").wait_answer(3).bye()
    h.boss.ready("boris")
    second = h.phones.wait_call(5)
    second.accept().say(AGENT)
    waits.sound.wait_for(AGENT, 3)
    waits.bye()
    call.bye()
    phone.wait_over(3, by="them")
    h.settled(10)


def test_core_is_stopped_for_five_seconds():
    with House(queue_more=QUIET) as h:
        story = talk_and_wait(h)
        began = time.monotonic()
        late = []
        pids = h.server.children("centrala-core")
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        late.append(h.ring(user="+48601000007"))  # waits in the socket meanwhile
        time.sleep(5)
        for sound, hz in ((story[0].sound, AGENT), (story[1].sound, CUSTOMER)):
            assert sound.longest_gap(began, time.monotonic(), hz) < 0.5, "sound needs no core"
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        late[0].wait_answer(3).bye()
        goes_on(h, *story)


test_core_is_stopped_for_five_seconds.seconds = 60


def test_media_is_stopped_for_five_seconds():
    with House(queue_more=QUIET) as h:
        call, phone, contact, waits = story = talk_and_wait(h)
        stopped(h.server.children("centrala-media"), 5)
        resumed = time.monotonic()
        time.sleep(1)
        frames = len(call.sound.frames(resumed, resumed + 1))
        assert frames < 150, f"{frames} frames in a second: what was missed is said all at once"
        goes_on(h, *story)
        record = h.boss.wait_ended(contact, 5)
        segment = next(s for s in record["segments"] if s["kind"] == "agent")
        length = seconds_between(segment["started_at"], segment["ended_at"])
        assert abs(record["recordings"][0]["duration_ms"] / 1000 - length) < 1, record["recordings"]


test_media_is_stopped_for_five_seconds.seconds = 60


def test_everything_is_stopped_for_thirty_seconds():
    """As a machine that was suspended: no storm of time-outs afterwards."""
    with House(queue_more=QUIET) as h:
        story = talk_and_wait(h)
        stopped([h.server.process.pid, *h.server.children()], 30)
        goes_on(h, *story)
        wait_until(lambda: len(h.server.children()) == 2, 5, "core and media, and nobody else")


test_everything_is_stopped_for_thirty_seconds.seconds = 120
test_everything_is_stopped_for_thirty_seconds.waits = True

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
static long offset(void)
{
	static char path[512];
	if (!path[0] && getenv("CLOCK_OFFSET"))
		snprintf(path, sizeof path, "%s", getenv("CLOCK_OFFSET"));
	FILE *f = path[0] ? fopen(path, "r") : NULL;
	long n = 0;
	if (f && fscanf(f, "%ld", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}
int clock_gettime(clockid_t which, struct timespec *t)
{
	static int (*real)(clockid_t, struct timespec *);
	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int r = real(which, t);
	if (which == CLOCK_REALTIME)
		t->tv_sec += offset();
	return r;
}
int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	t->tv_sec = now.tv_sec;
	t->tv_usec = now.tv_nsec / 1000;
	return 0;
}
time_t time(time_t *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
"""


def test_clock_jumps():
    """R18: the machine's clock is set while calls run; nothing moves, and restarts of the core keep the time."""
    with tempfile.TemporaryDirectory() as place:
        source, library, offset = f"{place}/shim.c", f"{place}/shim.so", f"{place}/offset"
        open(source, "w", encoding="ascii").write(SHIM)
        open(offset, "w", encoding="ascii").write("0")
        built = subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"],
                               capture_output=True, check=False)
        if built.returncode:
            raise Skip("no C compiler for the shim")
        os.environ.update(LD_PRELOAD=library, CLOCK_OFFSET=offset)
        try:
            h = House(queue_more=QUIET)
        finally:
            del os.environ["LD_PRELOAD"], os.environ["CLOCK_OFFSET"]
        with h:
            for jump in (3600, -3600, 10 * 86400):
                call, phone, contact = h.talk(user=f"+4860200{abs(jump) % 10000:04}")
                waits = h.ring(user="+48601000002").wait_answer(3)
                h.boss.wait_waiting(1)
                before = h.boss.contact(contact)["arrived_at"]
                # written beside and moved: never half a number
                open(offset + ".new", "w", encoding="ascii").write(str(jump))
                os.rename(offset + ".new", offset)
                time.sleep(1.2)
                h.server.kill("centrala-core")  # a new core, by the new clock
                h.server.healthy(5)
                assert not call.over.is_set() and not waits.over.is_set()
                row = h.boss.live()["contacts"][0]  # the sign-in still holds
                assert 1000 < row["wait_ms"] < 15000, row
                time.sleep(0.5)
                waits.bye()
                call.bye()
                record = h.boss.wait_ended(contact, 5)
                assert record["arrived_at"] == before
                talked = call.over_at - phone.accepted_at
                assert abs(record["talk_ms"] / 1000 - talked) < 1, record
                check_recording(h.boss, contact, talked)
                facts = h.boss.events(contact)
                assert [f["at"] for f in facts] == sorted(f["at"] for f in facts)
                open(offset + ".new", "w", encoding="ascii").write("0")
                os.rename(offset + ".new", offset)
                h.boss.wait_work("anna", "idle", 3)
                time.sleep(5)  # the third death within 10 s would be another story
            h.settled()


test_clock_jumps.seconds = 120
