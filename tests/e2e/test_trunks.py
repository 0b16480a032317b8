"""Trunks: calls out to them, known by name (DNS), agents on ordinary telephones."""
import time

from harness import AGENT, CUSTOMER, House, near, wait_until
from names import Names


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
    wait_until(lambda: names.count("sbc.carrier.test", "A"), 5, "the target is asked for")
    time.sleep(0.2)


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
                assert int(line.split()[-1]) < 50000, line
        trunk(h, peers=["nobody.test"])  # a name that does not exist is no start nor apply failure
        call.bye()
        phone.wait_over(3, by="them")
        h.settled()


test_dns_never_stops_a_call.seconds = 120


def test_silent_peer_gives_way():
    """The first peer says nothing: the second is called after 4 s, and at once the next time."""
    from sip import UserAgent
    with House(agents=(), objects=[NINA]) as h, UserAgent() as deaf:
        deaf.deaf = True
        trunk(h, peers=[f"127.0.0.1:{deaf.port}", f"127.0.0.1:{h.carrier.port}"])
        h.boss.ready("nina")
        began = time.monotonic()
        call = h.ring().wait_answer(3)
        phone = h.carrier.wait_call(6)
        near(phone.arrived_at - began, 4.0, 0.7, "when the second peer was asked")
        phone.ring().accept()
        h.boss.wait_work("nina", "talking")
        phone.bye()
        call.wait_over(3)
        h.boss.wait_work("nina", "idle", 5)
        call = h.ring(user="+48601000002").wait_answer(3)
        phone = h.carrier.wait_call(2).ring()
        call.bye()
        phone.wait_over(3)
        h.settled()
