"""/api/v1/live: what desks are told, and what they do (contract.md section 3, docs/api.md Live)."""
import http.client
import json
import threading
import time

from harness import House, free_port, wait_until
from live import Desk, apply, fold, world_of
from live_story import people, pick_up, story
from streams import client_context
from test_tls import authority


def test_live_opens_and_tells():
    with House() as h, Desk(h.boss) as olga:
        first = olga.snapshots[0]
        assert first["me"]["user"] == "olga" and first["me"]["roles"] == ["supervisor"], first["me"]
        assert [a["id"] for a in first["agents"]] == ["anna", "boris"], first
        assert first["queues"] == [{"id": "support", "name": "Support"}] and first["contacts"] == []
        with Desk(h.server.login("anna")) as anna:
            assert anna.do("presence", presence="ready")["presence"] == "ready"
            olga.wait_event("agent_presence", agent="anna", to="ready")
            call = h.ring().wait_answer()
            offer = anna.wait_event("offer", agent="anna")
            assert offer["with"]["from"] == "+48601000001", offer
            phone = pick_up(h, "anna")
            anna.wait_event("answer")
            anna.do("hold", contact=offer["contact"])
            anna.wait_event("hold_on")
            anna.do("resume", contact=offer["contact"])
            anna.do("resume", 409, contact=offer["contact"])
            anna.do("fly", 404, contact=offer["contact"])
            anna.do("hold", 404, contact="nothing")
            call.bye()
            phone.wait_over(3, by="them")
            assert anna.wait_event("wrap_end")["gone"]
            olga.wait_event("ended", contact=offer["contact"])
        h.settled()


def as_of(desk, seq):
    """What this desk had made of what it was told up to that number."""
    world = None
    for _, m in list(desk.messages):
        if "snapshot" in m and m["snapshot"]["seq"] <= seq:
            world = world_of(json.loads(json.dumps(m["snapshot"])))
        elif "event" in m and m["seq"] <= seq:
            world = apply(world, m)
    return {**world, "seq": seq} if world else None


class Law(threading.Thread):
    """At any moment: what a desk that opens now is shown is what the early one has made of all it was told. The early
    ones come back as browsers do when the core was away."""

    def __init__(self, users):
        super().__init__()
        self.users, self.desks = users, {u: Desk(api) for u, api in users.items()}
        self.stop, self.failed, self.checked = threading.Event(), None, 0
        self.start()

    def run(self):
        while not self.stop.is_set() and not self.failed:
            for user, api in self.users.items():
                try:
                    self.look(user, api)
                except (OSError, IndexError, http.client.HTTPException, NoSnapshot):
                    time.sleep(0.1)  # the core is away

    def look(self, user, api):
        early = self.desks[user]
        if early.over.is_set():
            self.desks[user] = early = opened(api)
        with opened(api) as late:
            want = world_of(late.snapshots[0])
        got, end = as_of(early, want["seq"]), time.monotonic() + 5
        while got != want and time.monotonic() < end and not early.over.is_set():
            time.sleep(0.05)  # it may be on its way still
            got = as_of(early, want["seq"])
        if early.over.is_set() or not got:
            return
        if got != want:
            self.failed = f"{user}: {json.dumps(got)}\n instead of {json.dumps(want)}"
        self.checked += 1
        self.states(late)

    def states(self, late):
        """What was shown is what the records say, of those that moved on no further meanwhile."""
        for c in late.snapshots[0]["contacts"]:
            record = self.users["olga"].contact(c["id"]) if "parties" in c else None
            facts = self.users["olga"].events(c["id"]) if record else []
            if facts and facts[-1]["seq"] <= late.snapshots[0]["seq"] and record["state"] != c["state"]:
                self.failed = f"shown {json.dumps(c)}\n recorded {json.dumps(record)}"

    def done(self):
        self.stop.set()
        self.join()
        for d in self.desks.values():
            d.close()
        assert not self.failed, self.failed
        return self.checked


class NoSnapshot(Exception):
    pass


def opened(api):
    desk = Desk(api, wait=False)
    end = time.monotonic() + 5
    while not desk.snapshots and time.monotonic() < end and not desk.over.is_set():
        time.sleep(0.02)
    if not desk.snapshots:
        raise NoSnapshot
    return desk


def test_live_law_over_a_story():
    """Real calls with holds, consultations, a conference, supervisors, parking and the core's death."""
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        law = Law({"olga": h.boss, "anna": h.server.login("anna"), "clara": h.server.login("clara")})
        try:
            story(h)
            time.sleep(1)
        finally:
            checked = law.done()
        assert checked > 20, checked
        h.settled(10)


def test_live_agents_do_not_see_others_callers():
    """What waits is seen without its caller; what is rung for a colleague is not seen at all."""
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        with Desk(h.server.login("anna")) as anna, Desk(h.server.login("boris")) as boris, \
                Desk(h.server.login("clara")) as clara, Desk(h.server.login("wera")) as wera:
            call = h.ring(user="+48601000001").wait_answer()
            waits = anna.wait_event("enqueue")
            assert set(waits["with"]) == {"id", "channel", "state", "queue", "enqueued_at"}, waits
            assert waits["with"]["state"] == "waiting"
            anna.do("presence", presence="ready")
            whole = anna.wait_event("offer")["with"]
            assert whole["from"] == "+48601000001" and whole["offers"][0]["agent"] == "anna"
            phone = pick_up(h, "anna")
            boris.wait_event("dequeue")
            wera.wait_event("answer")
            boris.wait_event("agent_work", agent="anna", to="talking")
            heard = json.dumps([m for _, m in boris.messages])
            assert "+48601000001" not in heard and '"gone": true' in heard and "offer" not in \
                [e["event"] for e in boris.events], heard
            assert boris.wait_event("agent_work", agent="anna", to="talking").get("contact") is None
            assert not [e for e in clara.events if e.get("contact")], clara.events
            assert "+48601000001" in json.dumps([m for _, m in wera.messages])
            # nor may they act
            boris.do("hold", 403, contact=whole["id"])
            boris.do("presence", 403, agent="anna", presence="not_ready", reason="break")
            wera.do("presence", 403, agent="anna", presence="not_ready", reason="break")
            call.bye()
            phone.wait_over(3, by="them")
        h.settled()


def test_live_who_may_open_one():
    ca = authority()
    with House(settings={"https.listen": f"127.0.0.1:{free_port()}", "tls.cert": ca.server[0],
                         "tls.key": ca.server[1]}) as h:
        own = h.boss.address
        cookie = {"Authorization": None, "Cookie": f"centrala_session={h.boss.token}"}
        cases = [({}, 101), ({"Origin": "https://evil.test"}, 101),  # no page can send a Bearer token of ours
                 ({**cookie, "Origin": f"http://{own}"}, 101), ({**cookie}, 403),
                 ({**cookie, "Origin": "https://evil.test"}, 403), ({**cookie, "Origin": "null"}, 403),
                 ({**cookie, "Origin": f"http://{own}.evil.test"}, 403), ({"Authorization": None}, 401),
                 ({"Authorization": "Bearer nonsense"}, 401), ({"Upgrade": None}, 400),
                 ({"Sec-WebSocket-Version": "8"}, 426), ({"Sec-WebSocket-Key": "short"}, 400)]
        for headers, status in cases:
            with Desk(h.boss, reads=False, **headers) as d:
                assert d.status == status, (headers, d.status, status)
        for query, status in (("?tenant=acme", 101), ("?tenant=system", 404), ("?tenant=nobody", 404)):
            with Desk(h.boss, query, reads=False) as d:
                assert d.status == status, (query, d.status)
        root = h.server.login("admin", "root-secret-1", "system")
        with Desk(root, "?tenant=acme") as d:
            assert [a["id"] for a in d.snapshots[0]["agents"]] == ["anna", "boris"]
            assert d.snapshots[0]["me"]["tenant"] == "system"
        with Desk(root, "?tenant=none", reads=False) as d:
            assert d.status == 404
        # over TLS
        secure = h.server.login("anna")
        secure.address = h.server.settings["https.listen"]
        with Desk(secure, context=client_context()) as d:
            assert d.snapshots[0]["me"]["user"] == "anna"
            d.do("presence", presence="ready")


def test_live_hostile_messages():
    """Sizes, kinds and speed have limits; each is said, and the server goes on."""
    with House() as h:
        for do, code in ((lambda d: d.frame(0x82, b"x"), 1003), (lambda d: d.frame(0x81, b"x" * 70000), 1009),
                         (lambda d: d.s.sendall(b"\x81\x05hello"), 1002),
                         (lambda d: d.frame(0x81, b"\xff"), 1007), (lambda d: d.frame(0x88, b"\x03\xe8"), 1000)):
            with Desk(h.boss) as d:
                do(d)
                assert d.over.wait(3) and d.code == code, (d.code, code)
        with Desk(h.boss) as d:
            for text in (b"", b"nonsense", b"[]", b"{}", b'{"id":1}', b'{"id":"x","do":"hold"}', b"[" * 2000):
                d.send(text)
                assert d.answers.get(timeout=3)["error"]["status"] == 400, text
            for verb in ("../../agents", "hold/x", "%2e", "", "HOLD"):
                d.send({"id": 5, "do": verb, "contact": "01a2026d-b85a-76fc-a964-0b23721dedc6"})
                assert d.answers.get(timeout=3)["error"]["status"] == 404, verb
            d.do("presence", 404, agent="../x", presence="ready")
            d.do("presence", 400, agent="anna", presence="asleep")
            time.sleep(1.1)
            began = time.monotonic()
            for i in range(200):
                d.send({"id": i, "do": "presence", "agent": "anna", "presence": "ready"})
            said = [d.answers.get(timeout=10) for _ in range(200)]
            assert {m["error"]["status"] for m in said if "error" in m} == {429}
            seconds = int(time.monotonic() - began) + 2  # of the server's clock, at most, in which some of it came
            assert 10 <= sum("ok" in m for m in said) <= 20 * seconds, said
            assert not d.over.is_set()
        with Desk(h.boss, reads=False) as d:  # asks without end and reads nothing
            d.s.settimeout(3)
            try:
                for _ in range(400):
                    d.s.sendall((b"\x89\xfd\1\2\3\4" + bytes(125)) * 2000)
                raise AssertionError("pongs without end")
            except OSError:
                pass  # closed, or read no more


def test_live_revoked():
    """Signed out, or deleted: the desk hears why and is closed with 4401 within 5 s."""
    with House() as h:
        anna, other = h.server.login("anna"), h.server.login("anna")
        with Desk(anna) as one, Desk(other) as two, Desk(h.server.login("boris")) as boris:
            anna.ask("POST", "/api/v1/logout", expect=204)
            assert one.over.wait(5) and one.bye == "session_ended" and one.code == 4401, (one.bye, one.code)
            assert not two.over.is_set()
            two.do("presence", presence="ready")
            adam = h.server.login("adam")
            adam.ask("DELETE", "users/boris", expect=204)
            assert boris.over.wait(5) and boris.code == 4401
        with Desk(h.boss) as olga:
            began = time.monotonic()
            h.server.stop()
            assert olga.over.wait(3) and olga.bye == "server_stopping" and olga.code == 1001
            assert time.monotonic() - began < 5


def test_live_slow_reader_gets_a_new_snapshot():
    """Who does not read falls behind; when he reads again he is shown what is now, and misses nothing after."""
    with House() as h:
        slow = Desk(h.boss, reads=False)
        adam = h.server.login("adam")
        with Desk(h.boss) as fast:
            words = {"kind": "reason", "tenant": "acme", "id": "lunch", "paid": True}
            for i in range(60):  # each changes hundreds of objects
                many = [{**words, "id": f"r{n}", "name": f"{i} {n}"} for n in range(200)]
                adam.ask("POST", "/api/v1/apply", {"objects": many})
                wait_until(lambda: len(fast.events) >= 200 * (i + 1) or fast.over.is_set(), 10, "the fast one hears it")
                assert not fast.over.is_set(), "the fast one was closed"
            h.boss.ready("anna")
            fast.wait_event("agent_presence", agent="anna")
            slow.read_on()
            wait_until(lambda: len(slow.snapshots) > 1, 10, "a new snapshot")
            wait_until(lambda: fold(slow)["agents"]["anna"]["presence"] == "ready", 5, "what is now")
            assert len(slow.events) < len(fast.events), (len(slow.events), len(fast.events))
            assert len(fast.snapshots) == 1 and not slow.over.is_set()
            h.boss.presence("anna", "not_ready", "break")
            wait_until(lambda: fold(slow)["agents"]["anna"]["presence"] == "not_ready", 5, "what comes after")
        slow.close()


def test_live_over_the_cores_death():
    """kill -9: the desk comes back within 5 s and shows the same."""
    with House() as h:
        call, phone, contact = h.talk()
        anna = h.server.login("anna")
        anna.post(f"contacts/{contact}/hold", {})
        with Desk(anna) as desk:
            shown = lambda: fold(desk)["contacts"][contact]
            wait_until(lambda: shown()["state"] == "held" and shown().get("recording_id"), 3, "held, and recorded")
            before = fold(desk)
            died = h.server.kill("centrala-core")
            assert desk.over.wait(2)

            def again():
                try:
                    desk = Desk(anna)
                    return desk if desk.status == 101 else None
                except (OSError, IndexError):
                    return None
            with wait_until(again, 5, "a desk again") as back:
                after = fold(back)
                assert time.monotonic() - died < 5
                for world in (before, after):
                    world.pop("seq")
                    world["agents"]["boris"].pop("since_at")  # never signed in: since the program runs
                assert after == before, (before, after)
                back.do("resume", contact=contact)
                wait_until(lambda: fold(back)["contacts"][contact]["state"] == "talking", 3, "goes on")
                call.bye()
                phone.wait_over(3, by="them")
                wait_until(lambda: not fold(back)["contacts"], 5, "over")
        h.settled()
