"""Trunks: calls out to them, known by name (DNS), agents on ordinary telephones."""
import copy
import hashlib
import random
import re
import socket
import time

from harness import AGENT, CUSTOMER, House, seeds, wait_until
from names import Names
from sip import Call, Sdp, UserAgent, uri_of


def trunk(h, **fields):
    """Replaces fields of the house's trunk."""
    t = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
    t.update(fields)
    h.server.apply({"objects": [t]})


NINA = {"kind": "user", "tenant": "acme", "id": "nina", "name": "Nina", "roles": ["agent"],
        "password": "nina-secret-1", "phone": {"kind": "number", "number": "+48601602603"},
        "queues": ["support"], "capacity": {"voice": 100}}


def nina_talks(h, far):
    """A caller reaches nina at her ordinary telephone, which is far's."""
    h.boss.ready("nina")
    call = h.ring().wait_answer(3)
    phone = far.wait_call(5)
    assert phone.user == "+48601602603", phone.user
    phone.ring().accept()
    phone.say(AGENT)
    contact = h.contact_of(call)
    h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
    call.sound.wait_for(AGENT, 3)
    phone.sound.wait_for(CUSTOMER, 3)
    return call, phone, contact


def test_agent_on_an_ordinary_number():
    with House(agents=(), objects=[NINA]) as h:
        call, phone, contact = nina_talks(h, h.carrier)
        assert "sip:+48221000000@" in phone.invite.get("from"), phone.invite.get("from")
        phone.bye()
        call.wait_over(3, by="them")
        record = h.boss.wait_ended(contact)
        agent = next(s for s in record["segments"] if s["kind"] == "agent")
        assert (agent["agent"], agent["result"]) == ("nina", "completed"), agent
        # nobody answers: a missed offer, and the telephone stops ringing
        h.boss.presence("nina", "ready")
        wait_until(lambda: h.boss.agent("nina")["work"] == "idle", 5)
        call = h.ring().wait_answer(3)
        phone = h.carrier.wait_call(3).ring()
        call.bye()
        phone.wait_over(3, by="them")
        assert phone.final == 487
        h.settled()


ZONE = {"carrier.test": {}, "_sip._udp.carrier.test": {}, "sbc.carrier.test": {"A": ["127.0.0.1"]}}


def named(h, names, **zone):
    names.zone["_sip._udp.carrier.test"] = {"SRV": [(10, 1, h.carrier.port, "sbc.carrier.test")]}
    trunk(h, peers=["carrier.test"], **zone)
    wait_until(lambda: ("sbc.carrier.test", "A") in names.answered, 5, "the target is known")


def test_trunk_by_srv_name():
    with Names(ZONE) as names, House(agents=(), objects=[NINA],
                                     settings={"dns.server": names.server}) as h:
        names.false_first = True  # lies from elsewhere and with other ids change nothing
        named(h, names)
        call, phone, _ = nina_talks(h, h.carrier)  # in and out through the name
        assert phone.invite.uri == "sip:+48601602603@carrier.test", phone.invite.uri
        # DNS falls silent and the core dies: what was good stays
        names.deaf = True
        h.server.kill("centrala-core")
        h.server.healthy()
        call.sound.wait_for(AGENT, 3)
        second = h.ring(user="+48601000002").wait_answer(5)
        second.bye()
        call.bye()
        phone.wait_over(3, by="them")
        h.settled()


def test_dns_never_stops_a_call():
    """R26: silence, SERVFAIL, TTL 0, 300 records; calls of another trunk do not even stutter."""
    other = {"kind": "trunk", "tenant": "acme", "id": "other", "peers": ["big.test:5099"],
             "prefixes": ["+99"]}
    zone = {"big.test": {"A": [f"10.9.{i >> 8}.{i & 255}" for i in range(300)]}}
    with Names(zone, ttl=0) as names, House(settings={"dns.server": names.server}) as h:
        call, phone, _ = h.talk()
        names.delay = 0.3
        h.server.apply({"objects": [other]})
        wait_until(lambda: names.count("big.test", "A") >= 2, 10, "asked again although TTL is 0")
        assert [over for _, kind, n, over in names.asked if n == "big.test" and kind == "A"][:2] \
            == ["udp", "tcp"], names.asked
        asked = names.count("big.test", "A")
        began = time.monotonic()
        time.sleep(2)
        assert names.count("big.test", "A") <= asked + 2, "a flood of questions for TTL 0"
        names.deaf = True
        time.sleep(6)
        names.deaf, names.fail = False, True
        time.sleep(3)
        gap = phone.sound.longest_gap(began, time.monotonic(), CUSTOMER)
        assert gap < 0.3, f"the talk had a hole of {gap:.2f} s"
        slow = h.server.run("ctl", "--data", str(h.server.data), "show", "slow")
        for line in slow.splitlines():
            if "dns" in line:
                assert int(line.split()[-1]) < 250000, line  # less than an answer takes
        trunk(h, peers=["nobody.test"])  # a name that does not exist is no start nor apply failure
        call.bye()
        phone.wait_over(3, by="them")
        h.settled()


test_dns_never_stops_a_call.seconds = 120


def test_silent_peer_gives_way():
    """The first peer says nothing: the second is called after 4 s, and at once the next time."""
    with House(agents=(), objects=[NINA]) as h, UserAgent() as deaf:
        deaf.deaf = True
        trunk(h, peers=[f"127.0.0.1:{deaf.port}", f"127.0.0.1:{h.carrier.port}"])
        h.boss.ready("nina")
        began = time.monotonic()
        call = h.ring().wait_answer(3)
        phone = h.carrier.wait_call(8)
        assert 3.9 < phone.arrived_at - began < 7, phone.arrived_at - began
        phone.ring().accept()
        h.boss.wait_work("nina", "talking")
        phone.bye()
        call.wait_over(3)
        h.boss.wait_work("nina", "idle", 5)
        call = h.ring(user="+48601000002").wait_answer(3)
        since = time.monotonic()
        phone = h.carrier.wait_call().ring()
        assert phone.arrived_at - since < 3.5, "it was asked first again"
        call.bye()
        phone.wait_over(3)
        h.settled()


class Registrar(UserAgent):
    """A carrier that wants to be registered at. RFC 3261 section 10.3, digest of RFC 2617 and 7616."""

    def __init__(self, user="centrala", password="tajne", algorithm="MD5", expires=60):
        self.user, self.password, self.algorithm = user, password, algorithm
        self.expires, self.least = expires, 0
        self.registers = []  # (time, expires asked, was it let in)
        self.bound, self.until = None, 0.0
        self.challenge_calls = False
        self.silent = False
        super().__init__()

    def _right(self, m):
        found = dict(re.findall(r'(\w+)="?([^",]*)"?', m.get("authorization") or
                                m.get("proxy-authorization")))
        if found.get("nonce") != "n0" or found.get("username") != self.user:
            return False
        h = (lambda *x: (hashlib.md5 if self.algorithm == "MD5" else hashlib.sha256)(
            ":".join(x).encode()).hexdigest())
        ha1 = h(self.user, "carrier", self.password)
        return found["response"] == h(ha1, "n0", found["nc"], found["cnonce"], "auth",
                                      h(m.method, found["uri"]))

    def _challenge(self, name="www-authenticate"):
        return (name, f'Digest realm="carrier", nonce="n0", algorithm={self.algorithm}, qop="auth"')

    def _request(self, m):
        first = m.method == "INVITE" and not m.tag("to") and m.get("call-id") not in self.by_id
        if m.method == "REGISTER" and not self.silent:
            self._register(m)
        elif first and self.challenge_calls and not self._right(m):
            Call(self, False, m.get("call-id")).respond(
                m, 407, "Proxy Authentication Required",
                headers=[self._challenge("proxy-authenticate")])
        elif m.method != "REGISTER":
            super()._request(m)

    def _register(self, m):
        answer = Call(self, False, m.get("call-id")).respond
        asked = int(m.get("expires"))
        right = self._right(m)
        self.registers.append((time.monotonic(), asked, right))
        if not right:
            answer(m, 401, "Unauthorized", headers=[self._challenge()])
        elif 0 < asked < self.least:
            answer(m, 423, "Interval Too Brief", headers=[("min-expires", str(self.least))])
        else:
            given = min(asked, self.expires)
            self.bound = uri_of(m.get("contact")) if given else None
            self.until = time.monotonic() + given
            answer(m, 200, "OK", headers=[("contact", m.get("contact") + f";expires={given}")])

    def let_in(self):
        return [r for r in self.registers if r[2]]


def shown(h):
    line = next(x for x in h.server.run("ctl", "--data", str(h.server.data), "show",
                                        "trunks").splitlines() if " carrier " in x)
    return "not registered" not in line and "registered" in line


def test_register_to_a_trunk():
    for algorithm in ("MD5", "SHA-256"):
        with Registrar(algorithm=algorithm, expires=8) as far, \
                House(agents=(), objects=[NINA]) as h:
            far.challenge_calls = True
            trunk(h, peers=[f"127.0.0.1:{far.port}"],
                  register={"server": f"127.0.0.1:{far.port}", "user": "centrala",
                            "password": "tajne"})
            wait_until(lambda: far.bound, 5, "registered")
            assert far.bound == f"sip:centrala@{h.server.sip}", far.bound
            wait_until(lambda: shown(h), 3, "ctl show trunks knows")
            live = h.boss.get("trunks/carrier/live")
            assert (live["calls"], live["cps"], live["registered"], live["registrar_status"],
                    live["errors"]) == (0, 0, True, 200, []), live
            assert live["registered_until_at"] and [p["address"] for p in live["peers"]] == \
                [f"127.0.0.1:{far.port}"] and not any(
                    live["peers"][0][what] for what in ("silent", "busy", "down")), live
            wait_until(lambda: len(far.let_in()) >= 2, 9, "refreshed before its 8 s are over")
            first, second = far.let_in()[:2]
            assert second[0] - first[0] < 7.9, second[0] - first[0]
            # a call in: to the contact we gave, the number called stands in To
            call = far.call(far.bound, h.server.sip)
            call.wait_over(3)  # To is the contact: no number
            assert call.final == 404, call.final
            # a call out is challenged, and answered with this trunk's words
            h.boss.ready("nina")
            call = far.call(f"sip:+48221000001@{h.server.sip}", h.server.sip).wait_answer(3)
            phone = far.wait_call(5).ring()
            assert phone.invite.get("proxy-authorization"), "no credentials"
            assert "<sip:+48221000000@127.0.0.1>" in phone.invite.get("from"), \
                phone.invite.get("from")
            phone.accept()
            h.boss.wait_work("nina", "talking")
            # the core dies: the registrar knows us, and is not asked again before the refresh
            far.expires = 600
            wait_until(lambda: far.until - time.monotonic() > 500, 15, "a long one")
            asked = len(far.registers)
            h.server.kill("centrala-core")
            h.server.healthy()
            time.sleep(1.5)
            assert len(far.registers) == asked, far.registers[asked:]
            assert shown(h)
            phone.bye()
            call.wait_over(3)
            h.settled()
            h.server.stop()
            wait_until(lambda: far.bound is None, 3, "it says goodbye")


test_register_to_a_trunk.seconds = 120
test_register_to_a_trunk.waits = True


def test_registration_refused_and_lost():
    with Registrar(expires=4) as far, House() as h:
        far.least = 3700  # 423 first
        words = {"server": f"127.0.0.1:{far.port}", "user": "centrala", "password": "wrong"}
        trunk(h, register=words)
        wait_until(lambda: len(far.registers) >= 2, 5, "tried with the wrong password")
        time.sleep(2)
        assert len(far.registers) == 2 and not shown(h), far.registers

        def alarms():
            return [e["name"] for e in h.boss.get("events?after=0&limit=500")["items"]
                    if e["event"] == "alarm"]
        wait_until(lambda: "trunk_not_registered" in alarms(), 3, "an alarm")
        # tried at a click: asked again at once, and told in so many words
        tried = h.boss.post("trunks/carrier/test", {})
        told = {a["asked"]: a for a in tried["answers"]}
        assert not tried["ok"] and (told["register"]["why"], told["register"]["status"]) == \
            ("refused", 401) and told["options"]["ok"] and told["options"]["ms"] < 5000, tried
        assert len(far.registers) == 4, far.registers
        newest = h.boss.get("trunks/carrier/live")["errors"][0]
        assert (newest["asked"], newest["why"], newest["status"]) == ("register", "refused", 401) \
            and newest["count"] >= 2, newest
        trunk(h, register={**words, "password": "tajne"})  # at once with the new one
        wait_until(lambda: far.bound, 5, "registered")
        assert [r[1] for r in far.registers[-2:]] == [3600, 3700] or \
            far.registers[-1][1] == 3700, far.registers
        assert "trunk_registered_again" not in alarms(), "declared anew is not again"
        far.silent = True
        wait_until(lambda: not shown(h), 12, "its time is over")
        wait_until(lambda: alarms().count("trunk_not_registered") == 2, 3, "the loss is an alarm")
        metrics = h.boss.raw("GET", "/metrics").body.decode()
        assert "trunks_not_registered 1" in metrics, metrics[:400]
        # never answered for a peer without credentials: CVE-2021-41158
        trunk(h, register={"server": f"127.0.0.1:{far.port}"}, peers=[f"127.0.0.1:{far.port}"])
        far.silent = False
        time.sleep(1)
        assert not shown(h)
        h.boss.get("trunks/nobody/live", expect=404)
        h.settled()


AWAY = [{"kind": "number", "tenant": "acme", "id": "+48221000009", "flow": "away"},
        {"kind": "flow", "tenant": "acme", "id": "away", "start": "out", "nodes": {
            "out": {"do": "transfer", "to": "+48601602603",
                    "on": {"busy": "q", "no_answer": "q", "failed": "q"}},
            "q": {"do": "queue", "queue": "support"}}}]


def early(call, hz):
    """183 with sound, and the tone in it, before any answer."""
    call._open_sound()
    call._hear(call.invite.body)
    call.codecs = [call.sound.pt]
    call.event_pt = call.sound.event_pt
    call.respond(call.invite, 183, "Session Progress", call._sdp())
    call.say(hz)


def facts(h, contact, *names):
    return [e for e in h.boss.events(contact) if e["event"] in names]


def test_caller_transferred_to_a_number():
    with House(objects=AWAY) as h:
        call = h.ring("+48221000009").wait_answer(3)
        far = h.carrier.wait_call(3)
        assert far.user == "+48601602603" and "+48221000000" in far.invite.get("from")
        contact = h.contact_of(call)
        call.sound.wait_for(425, 7)  # a ringing tone of ours, until he plays something himself
        far.ring()
        early(far, 1100)
        call.sound.wait_for(1100, 3)
        assert not facts(h, contact, "dial_answer")
        far.say(None)
        accepted = time.monotonic()
        far.accept()
        answered = time.monotonic()
        far.say(AGENT)
        call.sound.wait_for(AGENT, 3)
        far.sound.wait_for(CUSTOMER, 3)
        h.server.kill("centrala-core")  # the talk does not notice
        h.server.healthy()
        time.sleep(1)
        now = time.monotonic()
        assert far.sound.longest_gap(answered + 1, now, CUSTOMER) < 0.3
        at_least = time.monotonic() - far.answered_at
        far.bye()
        at_most = time.monotonic() - accepted
        call.wait_over(3, by="them")
        h.boss.wait_ended(contact)
        ends = facts(h, contact, "dial", "dial_answer", "dial_end")
        assert [e["event"] for e in ends] == ["dial", "dial_answer", "dial_end"], ends
        assert ends[2]["result"] == "none" and ends[2]["by"] == "callee", ends[2]
        assert at_least - 0.1 < ends[2]["talk_ms"] / 1000 < at_most + 0.1, (at_least, ends[2], at_most)
        legs = facts(h, contact, "leg_end")
        assert sorted(e["party"] for e in legs) == ["callee", "customer"], legs
        h.settled()


def test_transfer_that_fails_goes_on():
    with House(objects=AWAY) as h:
        for status, reason, result in ((486, "Busy Here", "busy"), (480, "Away", "no_answer"),
                                       (404, "Not Found", "failed")):
            call = h.ring("+48221000009", user=f"+48601000{status}").wait_answer(3)
            far = h.carrier.wait_call(3)
            early(far, 1100)
            call.sound.wait_for(1100, 3)
            far.reject(status, reason)
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 3, "the queue after it")
            end = facts(h, contact, "dial_end")[0]
            assert (end["result"], end["sip_code"]) == (result, status), end
            gone = time.monotonic() + 0.3
            call.sound.wait_loud(3, gone)  # the music of the queue
            assert not call.sound.hears(1100, gone, time.monotonic())
            call.bye()
            h.boss.wait_ended(contact)
        # the caller leaves while it rings
        call = h.ring("+48221000009").wait_answer(3)
        far = h.carrier.wait_call(3).ring()
        call.bye()
        far.wait_over(3, by="them")
        assert far.final == 487
        h.settled()


def test_empty_reinvite_gets_a_whole_offer():
    """RFC 3261 section 14.2: hold, then an empty re-INVITE that resumes."""
    with House() as h:
        call, phone, contact = h.talk()
        answer = call.reinvite("sendonly")
        assert answer.direction == "recvonly", answer.direction
        h.boss.wait_contact(contact, lambda c: c["state"] == "held", 3, "held")
        # resume by an empty re-INVITE: a whole offer in the 200, the answer in the ACK
        response = call.agent.ask(call.request("INVITE"), 5.0)
        assert response.status == 200, response.status
        offer = Sdp(response.body)
        assert offer.direction == "sendrecv" and {0, 8} <= set(offer.pts), response.body
        call.sdp_version += 1
        call.sound.sending = True
        ack = call.request("ACK", call._sdp("sendrecv"))
        ack.headers = [(n, v) if n != "cseq" else (n, f"{response.cseq} ACK")
                       for n, v in ack.headers]
        call.agent.send(ack)
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "talking again")
        since = time.monotonic()
        phone.sound.wait_for(CUSTOMER, 3, since)
        call.sound.wait_for(AGENT, 3, since)
        call.bye()
        phone.wait_over(3)
        h.settled()


def test_trunk_pace_and_prefixes():
    """cps_max in both directions; numbers that no trunk may carry are failed at once."""
    abroad = copy.deepcopy(AWAY)
    abroad[1]["nodes"]["out"]["to"] = "+442079460000"
    with House(objects=abroad) as h:
        call = h.ring("+48221000009").wait_answer(3)
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 3, "refused: the queue")
        assert not facts(h, contact, "dial")
        call.bye()
        trunk(h, prefixes=["+44"])
        call = h.ring("+48221000009", user="+48601000002").wait_answer(3)
        far = h.carrier.wait_call(3).ring()
        assert far.user == "+442079460000"
        call.bye()
        far.wait_over(3)
        trunk(h, cps_max=2)
        began = time.monotonic()
        calls = [h.ring(user=f"+4860100010{i}") for i in range(6)]
        wait_until(lambda: all(c.final for c in calls), 5, "all have an answer")
        refused = [c for c in calls if c.final == 503]
        assert 4 >= len(refused) >= 4 - 2 * (time.monotonic() - began), [c.final for c in calls]
        assert all(int(c.final_response.get("retry-after")) > 0 for c in refused)
        time.sleep(1)
        again = h.ring(user="+48601000110").wait_answer(3)
        for c in (again, *(c for c in calls if c.final == 200)):
            c.bye()
        h.settled()


def test_streams_that_say_nothing_are_closed():
    with House() as h:
        host, _, port = h.server.sip.rpartition(":")
        silent, speaking = (socket.create_connection((host, int(port))) for _ in range(2))
        began = time.monotonic()
        speaking.sendall(b"OPTIONS sip:x@acme.test SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:1;branch="
                         b"z9hG4bKa\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:x@acme.test>\r\nCall-ID: 1\r\n"
                         b"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n")
        assert speaking.recv(1000).startswith(b"SIP/2.0 200")
        silent.settimeout(80)
        assert silent.recv(10) == b""
        assert 30 < time.monotonic() - began < 45, "when it was closed"
        speaking.settimeout(1)
        try:
            assert speaking.recv(10), "the one that spoke was closed too"
        except TimeoutError:
            pass
        silent.close()
        speaking.close()


test_streams_that_say_nothing_are_closed.waits = True


def test_fixed_phone_by_name():
    with Names({"phone.test": {"A": ["127.0.0.1"]}}) as names, \
            House(agents=(), settings={"dns.server": names.server}) as h:
        anna = {"kind": "user", "tenant": "acme", "id": "anna", "name": "Anna", "roles": ["agent"],
                "password": "anna-secret-1", "queues": ["support"], "capacity": {"voice": 100},
                "phone": {"kind": "sip", "contact": f"sip:anna@phone.test:{h.phones.port}"}}
        h.server.apply({"objects": [anna]})
        wait_until(lambda: ("phone.test", "A") in names.answered, 3, "asked for when it is declared")
        call, phone, _ = h.talk()
        assert phone.invite.uri == f"sip:anna@phone.test:{h.phones.port}", phone.invite.uri
        call.bye()
        phone.wait_over(3, by="them")
        h.settled()


def test_kill_during_a_transfer():
    """kill -9 of the core somewhere between dial and talk: one dial, one end, nobody lost."""
    for seed in seeds():
        dice = random.Random(seed)
        with House(objects=AWAY) as h:
            h.carrier.policy = lambda c: c.agent.later(
                0.3, lambda: c.over.is_set() or (c.ring(), c.agent.later(
                    0.4, lambda: c.over.is_set() or c.accept())))
            call = h.ring("+48221000009").wait_answer(3)
            contact = h.contact_of(call)
            time.sleep(dice.uniform(0, 1.2))
            h.server.kill("centrala-core")
            h.server.healthy()
            wait_until(lambda: facts(h, contact, "dial_answer"), 8, f"seed {seed}: they talk")
            far = wait_until(lambda: next((c for c in list(h.carrier.by_id.values())
                                           if not c.outgoing and c.final == 200
                                           and not c.over.is_set()), None), 3,
                             f"seed {seed}: his call")
            far.say(AGENT)
            call.sound.wait_for(AGENT, 4)
            far.sound.wait_for(CUSTOMER, 4)
            far.bye()
            call.wait_over(4, by="them")
            h.boss.wait_ended(contact)
            told = [e["event"] for e in facts(h, contact, "dial", "dial_answer", "dial_end")]
            assert told == ["dial", "dial_answer", "dial_end"], (seed, told)
            h.settled()


test_kill_during_a_transfer.per_seed = 30
