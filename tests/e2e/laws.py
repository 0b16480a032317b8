"""laws.py - what must hold after every fault (../../../shared/faults.md section 1.1), seen from outside.

A Ledger is begun with a House before the fault and keeps its own books: what was acknowledged to it, whom it called,
what the telephones saw. `hold()` is asked when all callers of the story have hung up.
"""
import collections
import contextlib
import os
import threading
import time

from harness import AGENT, CUSTOMER, conserved, wait_until
from sip import Message, Transaction, token
from test_call import channels_of, seconds_between

PROBE = "+48221000009"  # a number that rings at the prober alone
OBJECTS = [
    {"kind": "queue", "tenant": "acme", "id": "probe", "name": "Probe", "strategy": "longest_idle",
     "threshold_s": 20, "ring_s": 15, "wrap_s": 0, "max_waiting": 9, "record": "always"},
    {"kind": "flow", "tenant": "acme", "id": "probe", "start": "q", "nodes": {
        "q": {"do": "queue", "queue": "probe"}}},
    {"kind": "number", "tenant": "acme", "id": PROBE, "flow": "probe"},
]


def prober(phone_port):
    return {"kind": "user", "tenant": "acme", "id": "prober", "name": "Prober", "roles": ["agent"],
            "password": "prober-secret-1", "queues": ["probe"],
            "phone": {"kind": "sip", "contact": f"sip:prober@127.0.0.1:{phone_port}"}}


class Writer(threading.Thread):
    """Declares one outcome after the other while the fault strikes; remembers what was acknowledged (L1)."""

    def __init__(self, admin):
        super().__init__(daemon=True, name="writer")
        self.admin, self.tried, self.acked, self.stopping = admin, [], [], False
        self.start()

    def run(self):
        while not self.stopping:
            name = f"w{len(self.tried)}"
            self.tried.append(name)
            with contextlib.suppress(Exception):  # the server is away: not acknowledged
                if self.admin.raw("PUT", f"/api/v1/tenants/acme/outcomes/{name}", {"name": name},
                                  seconds=2).status in (200, 201):
                    self.acked.append(name)
            time.sleep(0.01)

    def stop(self):
        self.stopping = True
        self.join(5)


class Ledger:
    def __init__(self, h, writes=True):
        self.h = h
        self.writer = Writer(h.server.login("adam")) if writes else None

    # -- the fault is over --
    def alive(self, since, seconds=3.0):
        """L7: OPTIONS and /healthz within 3 s, then a whole call with both voices."""
        h = self.h
        h.server.healthy(max(0.5, seconds - (time.monotonic() - since)))
        self._options(max(0.5, seconds - (time.monotonic() - since)))
        h.boss = h.server.login()
        if self.writer:
            self.writer.stop()
        # a telephone of the probe's own, so that no story's policy answers it
        h.boss.presence("prober", "ready")
        call = h.ring(PROBE, "+48609999999").wait_answer(3)
        phone = h.prober.wait_call(5)
        phone.ring().accept().say(AGENT)
        call.sound.wait_for(AGENT, 3)
        phone.sound.wait_for(CUSTOMER, 3)
        assert call.bye().status == 200, "L7: the probe's BYE is not answered"
        phone.wait_over(3, by="them")

    def _options(self, seconds):
        carrier = self.h.carrier
        host, _, port = self.h.server.sip.rpartition(":")
        m = Message(f"OPTIONS sip:{self.h.server.sip} SIP/2.0", [
            ("via", carrier.via()), ("max-forwards", "70"),
            ("from", f"<sip:probe@{carrier.host}>;tag={token()}"), ("to", f"<sip:{self.h.server.sip}>"),
            ("call-id", token(16)), ("cseq", "1 OPTIONS")])
        t = Transaction(carrier, m, (host, int(port)))
        with carrier.guard:
            carrier.pending[(m.branch, "OPTIONS")] = t
            carrier.send(m, (host, int(port)))
        answer = t.get_final(seconds)
        assert answer and answer.status == 200, f"L7: OPTIONS: {answer and answer.status}"

    # -- nobody is left --
    def hold(self, seconds=8.0):
        h = self.h
        wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], seconds,
                   "L3: all contacts end")
        self.contacts = h.boss.contacts()
        self.facts = {c["id"]: h.boss.events(c["id"]) for c in self.contacts}
        self._durable()
        self._calls()
        self._queues()
        self._recordings()
        self._ghosts()
        conserved(h.boss.report())
        h.server.check()

    def _durable(self):
        """L1: acknowledged is a part of present, present is a part of tried; each once."""
        if not self.writer:
            return
        self.writer.stop()
        items, after = [], None
        while True:
            page = self.h.boss.get("outcomes?limit=500" + (f"&after={after}" if after else ""))
            items += page["items"]
            after = page.get("next")
            if not after:
                break
        present = [o["id"] for o in items if o["id"].startswith("w")]
        assert len(present) == len(set(present)), "L1: something is there twice"
        lost = set(self.writer.acked) - set(present)
        assert not lost, f"L1: acknowledged and gone: {sorted(lost)}"
        assert not set(present) - set(self.writer.tried), "L1: there is what nobody wrote"

    def _invited(self):
        """Call-ID → (from, last final status) of every INVITE that began a call of the carrier's."""
        calls, log = {}, []
        for carrier in getattr(self.h, "carriers", [self.h.carrier]):
            log += list(carrier.log)
        for _, way, m in log:
            if way == ">" and not m.status and m.method == "INVITE" and not m.tag("to"):
                calls.setdefault(m.get("call-id"), [m.get("from"), None, 0])
        for _, way, m in log:
            call = calls.get(m.get("call-id"))
            if call and way in "<x" and m.status and m.status >= 200 and m.method == "INVITE":
                if call[1] is None or (call[1] >= 300) == (m.status >= 300):
                    call[1] = call[1] or m.status
                else:
                    raise AssertionError(f"L2: {call} got {m.status} too")
        return calls

    def _calls(self):
        """L2: every INVITE has one final response, every answered call exactly one record with one cause."""
        calls = self._invited()
        silent = [c for c in calls.values() if c[1] is None]
        assert not silent, f"L2: no final response to {silent}"
        ours = [c for c in self.contacts if c["direction"] == "inbound"]
        answered = sum(c[1] < 300 for c in calls.values())
        assert answered <= len(ours) <= len(calls), \
            f"L2: {answered} answered of {len(calls)} calls, {len(ours)} records"
        for contact, facts in self.facts.items():
            names = collections.Counter(f["event"] for f in facts)
            for once in ("arrive", "disconnect", "ended"):
                assert names[once] == 1, f"L2: {names[once]} × {once} in {contact}: {names}"

    def _queues(self):
        """L4: an enqueue has one dequeue; one caller one agent, one agent one caller; first come, first served."""
        talks, waits = collections.defaultdict(list), []
        for contact, facts in self.facts.items():
            since, holder = None, None
            for f in sorted(facts, key=lambda f: f["seq"]):
                kind = f["event"]
                if kind == "enqueue":
                    assert since is None, f"L4: {contact} is queued twice"
                    since = f
                elif kind == "dequeue":
                    assert since is not None, f"L4: {contact} leaves a queue it is not in"
                    waits.append((since["queue"], since["seq"], f["seq"], f["reason"]))
                    since = None
                elif kind == "answer":
                    assert holder is None, f"L4: {contact} is at two agents"
                    holder = (f["agent"], f["seq"])
                elif kind == "agent_end" and holder:
                    talks[holder[0]].append((holder[1], f["seq"]))
                    holder = None
            assert since is None, f"L4: {contact} never left {since}"
            if holder:
                talks[holder[0]].append((holder[1], max(f["seq"] for f in facts)))
        for agent, spells in talks.items():
            spells.sort()
            for a, b in zip(spells, spells[1:]):
                assert a[1] <= b[0], f"L4: {agent} has two talks at once: {a} {b}"
        served = [w for w in waits if w[3] == "answered"]
        for a in served:
            for b in served:
                overtook = a[0] == b[0] and a[1] < b[1] and b[2] < a[2]
                assert not overtook, f"L4: {b} was served before {a}"

    def _recordings(self):
        """L6: a file for each talk that was recorded, as long as the talk unless it says why not; hashes by check."""
        for c in self.contacts:
            talks = [s for s in c["segments"] if s["kind"] == "agent"]
            assert len(c["recordings"]) == len(talks), \
                f"L6: {len(talks)} talks and {len(c['recordings'])} recordings: {c}"
            for talk, r in zip(talks, c["recordings"]):
                meta = self.h.boss.get(f"recordings/{r['id']}.json")
                if meta.get("flaw"):
                    assert meta["flaw"].split(":")[0] in ("truncated", "lost", "never began"), meta
                    continue
                length = seconds_between(talk["started_at"], talk["ended_at"])
                assert abs(meta["duration_ms"] / 1000 - length) <= 1.0, \
                    f"L6: {meta['duration_ms']} ms of {length} s"
                (left, _), rate = channels_of(self.h.boss.recording(r["id"]))
                assert abs(len(left) / rate - meta["duration_ms"] / 1000) < 0.1, "L6: the file is cut"

    def _ghosts(self):
        """L3: no leg, port or work is left."""
        h = self.h
        wait_until(lambda: not h.server.run("ctl", "--data", str(h.server.data), "show",
                                            "calls").splitlines()[1:], 5, "L3: legs are gone")

        def ports():
            count = 0
            for pid in h.server.children("centrala-media"):
                with contextlib.suppress(OSError):
                    for fd in os.listdir(f"/proc/{pid}/fd"):
                        with contextlib.suppress(OSError):
                            link = os.readlink(f"/proc/{pid}/fd/{fd}")
                            count += link.startswith("socket:") and is_udp(link[8:-1])
            return count
        wait_until(lambda: ports() == 0, 3, "L3: media's ports are given back")
        for agent in [*h.agents, "prober"]:
            h.boss.wait_work(agent, "idle", 4)
        live = h.boss.live()
        assert not live["waiting"] and not live["contacts"], f"L3: {live}"
        wait_until(lambda: len(h.server.children("centrala-media")) == 1, 3, "L3: one media process")


def is_udp(inode):
    with open("/proc/net/udp", encoding="ascii") as table:
        return any(line.split()[9] == inode for line in table)
