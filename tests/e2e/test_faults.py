"""Kills at exact instants of calls, and the laws after each of them (faults.md 1.1, R1, R2).

    make e2e E2E=faults             as many kills as E2E_SEEDS says
    FAULTS=all make e2e E2E=faults  two hundred; FAULTS=50: fifty

A kill's number is its seed: it says which three stories are under way, who is killed and when. `--first 17 --seeds 1` plays
number 17 again. The instant is placed by what the wire loses: a telephone that never hears the 200 has not sent its ACK.
"""
import contextlib
import os
import queue
import random
import shutil
import subprocess
import threading
import time

import laws
from harness import AGENT, CUSTOMER, House, SEEDS, alive, seeds, wait_until
from sip import UserAgent

ACTORS = 3
NUMBERS = ("direct", "menu", "digits", "outcome", "away")
MENU = {"greet": "Welcome to the company of Acme. You are going to hear what you can choose from.",
        "choose": "Press one for billing.", "digits": "Please type your customer number of four digits."}


def objects(ports, prober):
    """Each actor has a trunk, a queue and an agent of its own, so that stories do not touch."""
    made = [*laws.OBJECTS, laws.prober(prober)]
    made += [{"kind": "prompt", "tenant": "acme", "id": k, "text": {"en": v}} for k, v in MENU.items()]
    for i, (carrier, phone) in enumerate(ports):
        made += [
            {"kind": "trunk", "tenant": "acme", "id": f"t{i}", "peers": [f"127.0.0.1:{carrier}"],
             "codecs": ["PCMA", "PCMU"], "max_calls": 50, "prefixes": [f"+49301{i}"]},
            {"kind": "queue", "tenant": "acme", "id": f"q{i}", "name": f"Q{i}", "ring_s": 30,
             "strategy": "longest_idle", "wrap_s": 0, "record": "always"},
            {"kind": "queue", "tenant": "acme", "id": f"o{i}", "name": f"O{i}", "ring_s": 30,
             "strategy": "longest_idle", "wrap_s": 60, "outcome_required": True, "record": "always"},
            {"kind": "user", "tenant": "acme", "id": f"g{i}", "name": f"G{i}", "roles": ["agent"],
             "password": f"g{i}-secret-1", "queues": [f"q{i}", f"o{i}"],
             "phone": {"kind": "sip", "contact": f"sip:g{i}@127.0.0.1:{phone}"}},
            flow(f"direct{i}", "q", q={"do": "queue", "queue": f"q{i}"}),
            flow(f"outcome{i}", "q", q={"do": "queue", "queue": f"o{i}"}),
            flow(f"away{i}", "to", to={"do": "transfer", "to": f"+49301{i}234567", "on": {
                "failed": "bye", "busy": "bye", "no_answer": "bye"}}, bye={"do": "hangup"}),
            flow(f"menu{i}", "hello", hello={"do": "play", "prompt": "greet", "next": "menu"},
                 menu={"do": "menu", "prompt": "choose", "timeout_s": 9, "tries": 3,
                       "keys": {"1": "q"}, "else": "bye"},
                 q={"do": "queue", "queue": f"q{i}"}, bye={"do": "hangup"}),
            flow(f"digits{i}", "ask",
                 ask={"do": "collect", "prompt": "digits", "min": 4, "max": 4, "var": "n",
                      "timeout_s": 9, "next": "q", "else": "bye"},
                 q={"do": "queue", "queue": f"q{i}"}, bye={"do": "hangup"}),
        ]
        made += [{"kind": "number", "tenant": "acme", "id": f"+4822200{n}00{i}", "flow": f"{f}{i}"}
                 for n, f in enumerate(NUMBERS)]
    return made


def flow(name, start, **nodes):
    return {"kind": "flow", "tenant": "acme", "id": name, "start": start, "nodes": nodes}


class World(House):
    def __init__(self, **more):
        self.actors = [Actor(self, i) for i in range(ACTORS)]
        self.prober = UserAgent()
        ports = [(a.carrier.port, a.phone.port) for a in self.actors]
        super().__init__(agents=(), objects=objects(ports, self.prober.port), **more)
        self.agents = [f"g{i}" for i in range(ACTORS)]
        self.carriers = [self.carrier, *[a.carrier for a in self.actors]]

    def __exit__(self, *why):
        try:
            return super().__exit__(*why)
        finally:
            self.prober.close()
            for a in self.actors:
                a.carrier.close(), a.phone.close()


class Actor:
    """Plays one story: a caller (or two) and one agent's telephone."""

    def __init__(self, h, i):
        self.h, self.i = h, i
        self.carrier, self.phone = UserAgent(), UserAgent()
        self.agent, self.queue = f"g{i}", f"q{i}"
        self.survivors = []
        self.then = lambda: None  # done while the core is dead

    def call(self, to="direct", caller=0):
        number = f"+4822200{NUMBERS.index(to)}00{self.i}"
        return self.carrier.call(f"sip:{number}@{self.h.server.sip}", self.h.server.sip,
                                 user=f"+4860{self.i}00000{caller}", hz=CUSTOMER)

    def ready(self):
        self.h.boss.presence(self.agent, "ready")

    def waiting(self, count):
        self.h.boss.wait_waiting(count, self.queue)

    def rings(self, seconds=6):
        return self.phone.wait_call(seconds)

    def both_hear(self, call, phone, since=None):
        call.sound.wait_for(AGENT, since=since)
        phone.sound.wait_for(CUSTOMER, since=since)

    def talk(self, to="direct"):
        self.ready()
        call = self.call(to).wait_answer()
        phone = self.rings()
        phone.ring().accept().say(AGENT)
        self.both_hear(call, phone)
        return call, phone

    def hang_up(self, call, *phones):
        assert call.bye().status == 200, "the BYE is not answered with 200"
        for p in phones:
            p.wait_over(by="them")

    def rings_again(self, old):
        """The old INVITE is cancelled with its own branch, and the offer is made again."""
        again = self.rings(8).ring()
        while again.over.wait(0.4):  # of a life that ended too
            again = self.rings(8).ring()
        assert again.invite.branch != old.invite.branch
        again.accept().say(AGENT)
        old.wait_over(by="them")
        cancels = [m for _, way, m in list(self.phone.log) if way == "<" and m.method == "CANCEL" and
                   not m.status and m.get("call-id") == old.call_id]
        assert old.final == 200 or any(m.branch == old.invite.branch for m in cancels), \
            "the old INVITE was not cancelled with its branch"
        wait_until(lambda: not self.phone.unacked, 10, "what the phone answered is acknowledged")
        return again

    def heal(self):
        self.carrier.loses = self.phone.loses = None

    def everybody_gone(self):
        """After a kill that calls do not survive: both sides hear that it is over."""
        self.heal()
        calls = [c for ua in (self.carrier, self.phone) for c in list(ua.by_id.values())]
        for call in calls:
            if call.outgoing and call.final is None:
                wait_until(lambda c=call: c.final or c.over.is_set(), 10, "a final answer")
            if not call.outgoing and call.final is None:
                call.ring()  # a phone that has said nothing yet cannot be told to stop
                call.wait_over(by="them")
            if call.over.is_set() or (call.final or 999) >= 300:
                continue
            if call in self.survivors:
                call.wait_over(10, by="them")
            elif not call.over.wait(3):
                assert call.bye().status in (200, 481)
        if self.h.boss.agent(self.agent)["work"] == "wrapping":  # that lasts until an outcome is set
            for contact in self.h.boss.agent(self.agent)["contacts"]:
                self.h.boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": ""})


# -- stories: up to `yield` a call comes to its stage; there the kill falls; then it goes on --

def playing(a):
    call = a.call("menu").wait_answer()
    call.sound.wait_loud(4)
    yield
    wait_until(lambda: at_node(a, call, "menu"), 12, "the prompt ends and the menu follows")
    call.press("1")
    a.waiting(1)
    a.hang_up(call)


def at_node(a, call, node):
    return any(e["event"] == "flow_step" and e.get("node") == node
               for e in a.h.boss.events(contact_of(a, call)))


def contact_of(a, call):
    return a.h.contact_of(call)


def menu(a):
    call = a.call("menu").wait_answer()
    wait_until(lambda: at_node(a, call, "menu"), 12, "the menu is reached")
    yield
    call.press("1")  # he is at his node: the key counts
    a.waiting(1)
    a.hang_up(call)


def collect(a):
    call = a.call("digits").wait_answer()
    call.sound.wait_loud(4)
    call.press("1")
    call.press("2")
    time.sleep(0.3)
    yield
    for digit in "3456":
        call.press(digit)
    a.waiting(1)
    a.hang_up(call)


def waiting(a):
    first = a.call().wait_answer()
    a.waiting(1)
    second = a.call(caller=1).wait_answer()
    a.waiting(2)
    began = time.monotonic()
    yield
    for call in (first, second):
        gap = call.sound.longest_gap(began, time.monotonic())
        assert gap < 0.2, f"a gap of {gap * 1000:.0f} ms in the music"
    a.ready()
    for call in (first, second):  # in their old order
        phone = a.rings(8)
        phone.ring().accept().say(AGENT)
        a.both_hear(call, phone)
        a.hang_up(call, phone)


def ringing_silent(a):
    """No provisional response yet: the CANCEL waits for one (RFC 3261 section 9.1)."""
    a.ready()
    call = a.call().wait_answer()
    old = a.rings()
    yield
    old.ring()
    again = a.rings_again(old)
    a.both_hear(call, again)
    a.hang_up(call, again)


def ringing(a):
    a.ready()
    call = a.call().wait_answer()
    old = a.rings().ring()
    time.sleep(0.1)
    yield
    again = a.rings_again(old)
    a.both_hear(call, again)
    a.hang_up(call, again)


def offer_and_answer(a):
    """The phone answers while nobody listens: between offer and answer."""
    a.ready()
    call = a.call().wait_answer()
    old = a.rings().ring()
    time.sleep(0.1)
    a.then = lambda: old.over.is_set() or old.accept().say(AGENT)
    yield
    again = a.rings_again(old)
    a.both_hear(call, again)
    a.hang_up(call, again)


def ok_and_ack(a):
    """The caller has not heard our 200: between 200 and ACK."""
    a.carrier.loses = lambda m: m.status and m.status >= 200
    call = a.call()
    wait_until(lambda: any(way == "x" for _, way, _ in list(a.carrier.log)), 10, "a 200 is lost")
    yield
    a.carrier.loses = None
    call.wait_answer(6)
    a.waiting(1)
    a.hang_up(call)


def phone_ok_and_ack(a):
    """The agent's phone has not heard our ACK."""
    a.ready()
    call = a.call().wait_answer()
    phone = a.rings().ring()
    a.phone.loses = lambda m: m.method == "ACK"
    phone.accept().say(AGENT)
    a.both_hear(call, phone)
    yield
    a.phone.loses = None
    wait_until(lambda: not a.phone.unacked, 10, "the 200 is acknowledged in the end")
    a.both_hear(call, phone, time.monotonic())
    a.hang_up(call, phone)


def talking(a):
    call, phone = a.talk()
    began = time.monotonic()
    yield
    time.sleep(0.2)
    until = time.monotonic()
    for sound, hz in ((call.sound, AGENT), (phone.sound, CUSTOMER)):
        gap = sound.longest_gap(began, until, hz)
        assert gap < 0.2, f"a gap of {gap * 1000:.0f} ms in the talk"
    a.hang_up(call, phone)


def held(a):
    call, phone = a.talk()
    phone.reinvite("sendonly")
    time.sleep(0.2)
    yield
    phone.reinvite("sendrecv")
    a.both_hear(call, phone, time.monotonic())
    a.hang_up(call, phone)


def reinvite_and_ok(a):
    """The answer to the agent's hold is lost with the core."""
    call, phone = a.talk()
    a.phone.loses = lambda m: m.status and m.method == "INVITE"
    told = []

    def put_on_hold():
        with contextlib.suppress(AssertionError):  # a kill it does not survive
            told.append(phone.reinvite("sendonly", 12))
    hold = threading.Thread(target=put_on_hold, daemon=True)
    hold.start()
    wait_until(lambda: any(way == "x" for _, way, _ in list(a.phone.log)), 10, "a 200 is lost")
    yield
    a.phone.loses = None
    hold.join(10)
    assert told and told[0].direction == "recvonly", "the hold was never answered"
    phone.reinvite("sendrecv")
    a.both_hear(call, phone, time.monotonic())
    a.hang_up(call, phone)


def wrapping(a):
    call, phone = a.talk("outcome")
    contact = contact_of(a, call)
    a.hang_up(call, phone)
    a.h.boss.wait_work(a.agent, "wrapping")
    yield
    a.h.boss.wait_work(a.agent, "wrapping")
    a.h.boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": ""})
    a.h.boss.wait_work(a.agent, "idle")


def our_bye_and_ok(a):
    """The agent has hung up, the caller has not heard our BYE."""
    call, phone = a.talk()
    a.carrier.loses = lambda m: m.method == "BYE"
    assert phone.bye().status == 200
    wait_until(lambda: any(way == "x" for _, way, _ in list(a.carrier.log)), 10, "a BYE is lost")
    yield
    a.carrier.loses = None
    call.wait_over(by="them")


def their_bye_and_ok(a):
    """The caller has not heard the 200 to his BYE."""
    call, phone = a.talk()
    a.carrier.loses = lambda m: m.method == "BYE"
    answer = a.carrier.begin(call.request("BYE"))
    call._end("us")
    wait_until(lambda: any(way == "x" for _, way, _ in list(a.carrier.log)), 10, "a 200 is lost")
    yield
    a.carrier.loses = None
    final = answer.get_final(8)
    assert final and final.status in (200, 481), f"a BYE said again is answered with {final}"
    phone.wait_over(by="them")


def cancel_and_487(a):
    """The caller has hung up while the phone rang; the phone has not heard our CANCEL."""
    a.ready()
    call = a.call().wait_answer()
    phone = a.rings().ring()
    a.phone.loses = lambda m: m.method == "CANCEL"
    a.hang_up(call)
    wait_until(lambda: any(way == "x" for _, way, _ in list(a.phone.log)), 10, "a CANCEL is lost")
    yield
    a.phone.loses = None
    phone.wait_over(by="them")
    wait_until(lambda: not a.phone.unacked, 10, "the 487 is acknowledged")


def transferring(a):
    """His call to somebody outside rings: it is cancelled with its branch and made again."""
    call = a.call("away").wait_answer()
    old = a.carrier.wait_call().ring()
    time.sleep(0.1)
    rung = queue.Queue()

    def ring_on():  # at once, whatever other stories take: four seconds of silence are a dead trunk
        with contextlib.suppress(AssertionError, OSError):
            while True:
                rung.put(a.carrier.wait_call().ring())
    a.then = lambda: threading.Thread(target=ring_on, daemon=True).start()
    yield
    again = rung.get(timeout=8)
    while again.over.wait(0.4):  # of a life that ended too
        again = rung.get(timeout=8)
    old.wait_over(by="them")
    again.accept().say(AGENT)
    a.both_hear(call, again)
    a.hang_up(call, again)


def transferred(a):
    call = a.call("away").wait_answer()
    far = a.carrier.wait_call().ring().accept().say(AGENT)
    a.both_hear(call, far)
    began = time.monotonic()
    yield
    time.sleep(0.2)
    until = time.monotonic()
    for sound, hz in ((call.sound, AGENT), (far.sound, CUSTOMER)):
        gap = sound.longest_gap(began, until, hz)
        assert gap < 0.2, f"a gap of {gap * 1000:.0f} ms in the talk"
    a.hang_up(call, far)


STORIES = (playing, menu, collect, waiting, ringing_silent, ringing, offer_and_answer, ok_and_ack,
           phone_ok_and_ack, talking, held, reinvite_and_ok, wrapping, our_bye_and_ok,
           their_bye_and_ok, cancel_and_487, transferring, transferred)


# -- kills --

def kill_core(h, dice):
    return h.server.kill("centrala-core")


def kill_core_twice(h, dice):
    h.server.kill("centrala-core")
    time.sleep(dice.uniform(0, 0.4))
    return h.server.kill("centrala-core")


def kill_core_writing(h, dice):
    """In the midst of its N-th write or sync to the database."""
    if not shutil.which("strace"):
        return kill_core(h, dice)
    core, = h.server.children("centrala-core")
    call, n = dice.choice((("pwrite64", 30), ("fdatasync", 6)))
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(core), "-e",
                               f"trace={call}", "-e",
                               f"inject={call}:signal=KILL:when={dice.randrange(1, n)}"],
                              stderr=subprocess.DEVNULL)
    with contextlib.suppress(AssertionError):
        # a group of facts is written once a second
        wait_until(lambda: core not in h.server.children("centrala-core"), 6, "it dies")
    at = time.monotonic()
    if core in h.server.children("centrala-core"):
        at = kill_core(h, dice)
    tracer.kill()  # its tracee is gone: there is nothing to let go of
    tracer.wait(5)
    return at


def kill_media(h, dice):
    return h.server.kill("centrala-media")


def kill_both(h, dice):
    pids = h.server.children()
    at = time.monotonic()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)
    wait_until(lambda: not [p for p in pids if p in h.server.children()], 10, "both are dead")
    return at


def kill_all(h, dice):
    h.server.kill_all()
    at = time.monotonic()
    h.server.start()
    return max(at, time.monotonic() - 1)


def kill_supervisor(h, dice):
    """`serve` itself: the others end with it."""
    kids = h.server.children()
    h.server.process.kill()
    h.server.process.wait()
    wait_until(lambda: not [k for k in kids if alive(k)], 10, "the children end with serve")
    h.server.start()
    return time.monotonic() - 1


KILLS = {kill_core: 12, kill_core_twice: 2, kill_core_writing: 2, kill_media: 2, kill_both: 1,
         kill_all: 1, kill_supervisor: 1}
SURVIVED = (kill_core, kill_core_twice, kill_core_writing)


def count():
    said = os.environ.get("FAULTS", "")
    return 200 if said == "all" else int(said) if said.isdigit() else SEEDS


def one_kill(seed):
    dice = random.Random(90000 + seed)
    stories = dice.sample(STORIES, ACTORS)
    kill = dice.choices(list(KILLS), KILLS.values())[0]
    print(f"    kill {seed}: {kill.__name__} during {', '.join(s.__name__ for s in stories)}",
          flush=True)
    with World() as h:
        ledger = laws.Ledger(h)
        told = [story(a) for story, a in zip(stories, h.actors)]
        for a, story in zip(h.actors, told):
            next(story)
        for a in h.actors:
            a.survivors = [c for ua in (a.carrier, a.phone) for c in list(ua.by_id.values())
                           if c.established.is_set() and not c.over.is_set()]
        time.sleep(dice.uniform(0, 0.3))
        at = kill(h, dice)
        for a in h.actors:
            a.then()
        ledger.alive(at)
        if kill in SURVIVED:
            for story in told:
                with contextlib.suppress(StopIteration):
                    next(story)
        else:
            for a, story in zip(h.actors, told):
                story.close()
                a.everybody_gone()
        for a in h.actors:
            assert not a.carrier.errors and not a.phone.errors
        ledger.hold()


def test_faults_kills_at_exact_instants():
    for seed in seeds(count()):
        try:
            one_kill(seed)
        except BaseException:
            print(f"    again: FAULTS=1 E2E_FIRST_SEED={seed} python3 tests/e2e/run.py faults_kills")
            raise


test_faults_kills_at_exact_instants.seconds = 60 + 40 * count()


def test_faults_every_story_alone():
    """Each story with a plain kill of the core: what a stage promises, told by its name."""
    for k in range(0, len(STORIES), ACTORS):
        stories = [STORIES[(k + j) % len(STORIES)] for j in range(ACTORS)]
        print(f"    {', '.join(s.__name__ for s in stories)}", flush=True)
        with World() as h:
            ledger = laws.Ledger(h)
            told = [story(a) for story, a in zip(stories, h.actors)]
            for story in told:
                next(story)
            at = kill_core(h, None)
            for a in h.actors:
                a.then()
            ledger.alive(at)
            for story in told:
                with contextlib.suppress(StopIteration):
                    next(story)
            ledger.hold()


test_faults_every_story_alone.seconds = 240
