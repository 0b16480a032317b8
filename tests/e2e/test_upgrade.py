"""SIGUSR2: the core is replaced at once, media drains beside a new process (faults.md R24)."""
import os
import random
import shutil
import signal
import tempfile
import time

import harness
from harness import AGENT, CUSTOMER, House, SEEDS, seeds, wait_until
from sound import undisturbed
from test_call import check_recording

QUIET = {"wrap_s": 1, "ring_s": 30}
TALKS, WAITING = 20, 30


def upgrade(h):
    """SIGUSR2, and until a new core serves beside two media processes: (old core, old media, new)."""
    core, = h.server.children("centrala-core")
    old, = h.server.children("centrala-media")
    os.kill(h.server.process.pid, signal.SIGUSR2)
    wait_until(lambda: [c for c in h.server.children("centrala-core") if c != core], 5, "a new core")
    new, = wait_until(lambda: [m for m in h.server.children("centrala-media") if m != old], 5,
                      "a new media process")
    h.server.healthy(5)
    return core, old, new


def port_of(call):
    return call.remote_sdp.port


def owner_of(port):
    """The pid that has this UDP port of 127.0.0.1 open."""
    inode = None
    with open("/proc/net/udp", encoding="ascii") as table:
        for line in table:
            words = line.split()
            if words[1].upper() == f"0100007F:{port:04X}":
                inode = words[9]
    for pid in [p for p in os.listdir("/proc") if p.isdigit()] if inode else []:
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{fd}") == f"socket:[{inode}]":
                    return int(pid)
        except OSError:
            continue
    return None


def test_upgrade_during_fifty_calls_drops_none():
    agents = [f"a{i}" for i in range(TALKS)]
    with House(agents=agents, queue_more=QUIET) as h:
        talks, waiting = [], []
        h.boss.ready(*agents)
        for i in range(TALKS):
            call = h.ring(user=f"+4860100{i:04}").wait_answer(5)
            phone = h.phones.wait_call(5)
            phone.ring().accept().say(AGENT)
            talks.append((call, phone))
        for i in range(WAITING):
            waiting.append(h.ring(user=f"+4860200{i:04}").wait_answer(5))
        h.boss.wait_waiting(WAITING)
        for call, phone in talks:
            call.sound.wait_for(AGENT, 3)
            phone.sound.wait_for(CUSTOMER, 3)
        began = time.monotonic()
        time.sleep(0.3)
        _, old, new = upgrade(h)
        time.sleep(0.5)
        until = time.monotonic()
        for call, phone in talks:
            for sound, hz in ((call.sound, AGENT), (phone.sound, CUSTOMER)):
                gap = sound.longest_gap(began, until, hz)
                assert gap < 0.2, f"a gap of {gap * 1000:.0f} ms in a talk"
            assert not call.over.is_set() and not phone.over.is_set(), "a call was dropped"
        for call in waiting:
            assert call.sound.longest_gap(began, until) < 0.2
            assert not call.over.is_set(), "a waiting call was dropped"
        # a new call lands on the new process; an old one that is answered now stays on the old one
        late = h.ring(user="+48603000001").wait_answer(5)
        assert owner_of(port_of(late)) == new, "a new call is mixed by the old process"
        talks[0][0].bye()
        talks[0][1].wait_over(3, by="them")
        phone = h.phones.wait_call(8)
        phone.accept().say(AGENT)
        assert owner_of(port_of(phone)) == old, "an old call's second leg is not beside the first"
        waiting[0].sound.wait_for(AGENT, 3)
        # once more, while the first still drains: three processes
        before = time.monotonic()
        os.kill(h.server.process.pid, signal.SIGUSR2)
        wait_until(lambda: len(h.server.children("centrala-media")) == 3, 5, "three media processes")
        h.server.healthy(5)
        time.sleep(0.3)
        assert waiting[0].sound.longest_gap(before, time.monotonic(), AGENT) < 0.2
        assert late.sound.longest_gap(before, time.monotonic()) < 0.2
        for call in [c for c, _ in talks[1:]] + waiting + [late]:
            assert not call.over.is_set(), "a call was dropped by the second upgrade"
            assert call.bye().status == 200
        wait_until(lambda: len(h.server.children("centrala-media")) == 1, 10,
                   "the old processes end with their last call")
        assert old not in h.server.children("centrala-media")
        h.settled()
        contacts = h.boss.contacts()
        assert len(contacts) == TALKS + WAITING + 1, len(contacts)
        for c in contacts:
            for recording in c["recordings"]:
                meta = h.boss.get(f"recordings/{recording['id']}.json")
                assert not meta.get("flaw"), meta


test_upgrade_during_fifty_calls_drops_none.seconds = 120


def dies_while_media_drains(seed):
    dice = random.Random(5000 + seed)
    with House(queue_more=QUIET) as h:
        call, phone, contact = h.talk()
        call.sound.wait_for(AGENT, 2)
        _, old, new = upgrade(h)
        late, late_phone, late_contact = h.talk(user="+48601000002", agent="boris")
        late.sound.wait_for(AGENT, 2)
        began = time.monotonic()
        time.sleep(dice.uniform(0, 0.3))
        h.server.kill("centrala-core")
        h.server.healthy(5)
        for c in (contact, late_contact):
            h.boss.wait_contact(c, lambda r: r["state"] == "talking", 3, "they talk on")
        time.sleep(0.3)
        for sound, hz in ((call.sound, AGENT), (phone.sound, CUSTOMER), (late.sound, AGENT),
                          (late_phone.sound, CUSTOMER)):
            gap = sound.longest_gap(began, time.monotonic(), hz)
            assert gap < 0.2, f"seed {seed}: a gap of {gap * 1000:.0f} ms"
        assert sorted(h.server.children("centrala-media")) == sorted([old, new])
        victim = dice.choice([old, new])
        os.kill(victim, signal.SIGKILL)
        lost, kept = ((call, phone, contact), (late, late_phone, late_contact))[
            ::1 if victim == old else -1]
        lost[0].wait_over(5, by="them")
        lost[1].wait_over(5, by="them")
        record = h.boss.wait_ended(lost[2], 5)
        assert record["ended_by"] == "system", record
        assert record["recordings"], "its recording was not told"
        wait_until(lambda: kept[0].sound.hears(AGENT, time.monotonic() - 0.5, time.monotonic()) > 0.9, 3,
                   "the other talk goes on")
        assert not kept[0].over.is_set() and not kept[1].over.is_set()
        kept[0].bye()
        kept[1].wait_over(3, by="them")
        record = h.boss.wait_ended(kept[2], 5)
        check_recording(h.boss, kept[2], kept[0].over_at - kept[1].accepted_at)
        wait_until(lambda: len(h.server.children("centrala-media")) == 1, 10, "one is left")
        again = h.ring(user="+48601000009").wait_answer(5)
        again.bye()
        h.settled()


def test_deaths_while_media_drains():
    """The core, the draining process or the new one dies in the midst of an upgrade."""
    for seed in seeds(min(SEEDS, 5)):
        undisturbed(lambda: dies_while_media_drains(seed))


test_deaths_while_media_drains.per_seed = 40


def test_upgrade_takes_the_binary_now_in_place():
    with tempfile.TemporaryDirectory() as place:
        program = os.path.join(place, "centrala")
        shutil.copy(harness.PROGRAM, program)
        was, harness.PROGRAM = harness.PROGRAM, program
        try:
            with House(queue_more=QUIET) as h:
                call, phone, _ = h.talk()
                call.sound.wait_for(AGENT, 2)
                shutil.copy(was, program + ".new")
                os.rename(program + ".new", program)
                _, old, new = upgrade(h)
                core, = h.server.children("centrala-core")

                def exe(pid):
                    return os.readlink(f"/proc/{pid}/exe")
                assert exe(core) == exe(new) == program, (exe(core), exe(new))
                assert exe(old) == program + " (deleted)", exe(old)
                call.sound.wait_for(AGENT, 3, since=time.monotonic())  # gaps are counted above
                call.bye()
                phone.wait_over(3, by="them")
                wait_until(lambda: h.server.children("centrala-media") == [new], 10, "the old one ends")
                h.settled()
        finally:
            harness.PROGRAM = was
