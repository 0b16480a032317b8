"""S7 of faults.md: whatever Mallory tries, the carrier's ledger holds no call that policy did not allow."""
import copy
import time

from harness import House, wait_until
from mallory import SDP, Mallory
from sip import credentials
from test_trunks import AWAY, facts

SATELLITE = "+88161234567"


def ledger(h):
    """Numbers of every INVITE that came to the carrier and began a call."""
    return [m.uri for _, way, m in h.carrier.log
            if way == "<" and m.method == "INVITE" and not m.status and not m.tag("to")]


def out(number):
    made = copy.deepcopy(AWAY)
    made[1]["nodes"]["out"]["to"] = number
    return made


def test_strangers_never_reach_a_trunk():
    """Nobody's INVITE, whoever its headers say it comes from and through."""
    with House(objects=out(SATELLITE)) as h, Mallory(h.server.sip) as m:
        host = h.server.sip
        carrier = f"127.0.0.1:{h.carrier.port}"
        tries = []
        for uri in (f"sip:{SATELLITE}@{host}", f"sip:{SATELLITE}@acme.test", f"sip:+48601602603@{host}",
                    f"sip:+48221000009@{host}", f"sip:{SATELLITE}@{carrier}", f"tel:{SATELLITE}",
                    f"sip:{SATELLITE}%40{carrier}@{host}", f"sip:anna@acme.test;user=phone"):
            tries.append(m.message("INVITE", uri, body=SDP))
        known = f"sip:+48601602603@{host}"
        for user, domain in (("anna", "acme.test"), ("+48221000000", carrier), ("carrier", "127.0.0.1"),
                             ("admin", "system")):
            tries.append(m.message("INVITE", known, user, domain, body=SDP))
        for name, value in (
                ("route", f"<sip:{carrier};lr>"), ("record-route", f"<sip:{carrier};lr>"),
                ("p-asserted-identity", "<sip:+48221000000@127.0.0.1>"),
                ("p-preferred-identity", "<sip:anna@acme.test>"),
                ("remote-party-id", "<sip:anna@acme.test>;party=calling"),
                ("diversion", f"<sip:{SATELLITE}@{carrier}>;reason=unconditional"),
                ("history-info", f"<sip:{SATELLITE}@{carrier}>;index=1"),
                ("referred-by", "<sip:anna@acme.test>"), ("replaces", "abc;to-tag=1;from-tag=2"),
                ("x-forwarded-for", "127.0.0.1"), ("path", f"<sip:{carrier};lr>")):
            tries.append(m.message("INVITE", known, body=SDP, headers=[(name, value)]))
        # a Via that names the carrier does not make it come from there
        forged = m.message("INVITE", known, body=SDP)
        forged.headers.insert(1, ("via", f"SIP/2.0/UDP {carrier};branch=z9hG4bKreal"))
        tries.append(forged)
        answers = set()
        for message in tries:
            answer = m.ask(message, 1.0)
            answers.add(answer.status if answer else None)
            if answer:
                m.send(m.message("ACK", message.uri, call_id=message.get("call-id")))
        assert answers <= {401, 400, 403, 404, 416, 482, 483, None} and 401 in answers, answers
        for method in ("REFER", "MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY", "INFO", "UPDATE", "BYE",
                       "PRACK", "CANCEL"):
            answer = m.ask(m.message(method, known, headers=[
                ("refer-to", f"<sip:{SATELLITE}@{carrier}>"), ("event", "presence")]), 1.0)
            assert answer and answer.status in (401, 403, 404, 405, 481, 489, 501), (method, answer)
        time.sleep(0.5)
        assert not ledger(h), ledger(h)
        assert not h.boss.contacts(), "a contact came of it"


test_strangers_never_reach_a_trunk.seconds = 120


def test_a_flow_gives_nobody_the_world():
    """What a caller keys in is called only when it is an ordinary number at home."""
    keyed = [{"kind": "number", "tenant": "acme", "id": "+48221000009", "flow": "keyed"},
             {"kind": "flow", "tenant": "acme", "id": "keyed", "start": "ask", "nodes": {
                 "ask": {"do": "collect", "prompt": "welcome", "var": "number", "min": 1, "max": 20,
                         "timeout_s": 2, "next": "out", "else": "q"},
                 "out": {"do": "transfer", "to": {"number": "var.number"},
                         "on": {"busy": "q", "no_answer": "q", "failed": "q"}},
                 "q": {"do": "queue", "queue": "support"}}}]
    with House(agents=(), objects=keyed) as h:
        for i, digits in enumerate(("0088161234567", "00442079460000", "700123456", "801123456",
                                    "112", "19115", "*72601602603", "0")):
            call = h.ring("+48221000009", user=f"+4860100001{i}").wait_answer(3)
            for digit in digits:
                call.press(digit)
            call.press("#")
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 20, f"{digits} refused")
            call.bye()
        assert not ledger(h), ledger(h)
        call = h.ring("+48221000009", user="+48601000020").wait_answer(3)
        for digit in "601602603#":
            call.press(digit)
        far = h.carrier.wait_call(15)  # an ordinary one is called: the test can see what it forbids
        assert far.user == "+48601602603"
        far.reject(486, "Busy Here")
        call.bye()
        h.settled()


test_a_flow_gives_nobody_the_world.seconds = 150


def test_names_that_are_no_numbers():
    """Declared by somebody careless, or sent by a caller: no piece of it becomes part of a URI."""
    with House(agents=(), objects=AWAY) as h:
        for i, text in enumerate(("+48601602603;maddr=127.0.0.1", "+48601602603@127.0.0.1:9",
                                  "sip:x@127.0.0.1", "${EXTEN}", "601602603\\r\\nX: y")):
            made = copy.deepcopy(AWAY)
            made[1]["nodes"]["out"]["to"] = {"number": f"'{text}'"}
            path = h.server.data / "bad.json"
            import json
            path.write_text(json.dumps({"objects": made}))
            import subprocess
            from harness import PROGRAM
            done = subprocess.run([PROGRAM, "apply", "--data", str(h.server.data), str(path)],
                                  capture_output=True, text=True, timeout=20)
            if done.returncode:
                continue  # refused before it could do harm
            call = h.ring("+48221000009", user=f"+4860100003{i}").wait_answer(3)
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 5, f"{text} refused")
            call.bye()
        assert not ledger(h), ledger(h)


def test_redirects_are_not_followed():
    """302 to a premium number, and to somebody else's address: the call has failed, that is all."""
    with House(agents=(), objects=AWAY) as h:
        call = h.ring("+48221000009").wait_answer(3)
        far = h.carrier.wait_call(3)
        far.respond(far.invite, 302, "Moved Temporarily", headers=[
            ("contact", f"<sip:{SATELLITE}@127.0.0.1:{h.carrier.port}>"),
            ("contact", "<sip:+48700123456@127.0.0.1:9>")])
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 5, "it goes on")
        assert len(ledger(h)) == 1, ledger(h)
        end = facts(h, contact, "dial_end")[0]
        assert (end["result"], end["sip_code"]) == ("failed", 302), end
        call.bye()
        h.settled()


def test_an_agents_phone_has_his_limits():
    """A stolen phone password: premium and foreign numbers stay closed over every way out."""
    with House() as h, Mallory(h.server.sip, "127.0.66.9") as m:
        assert m.register("anna", "anna-sip-1") == 200
        for number in (SATELLITE, "+442079460000", "+48700123456", "0044123456789",
                       f"{SATELLITE};tag=x", f"sip:{SATELLITE}"):
            uri = f"sip:{number.replace(';', '%3B')}@acme.test"
            call_id = f"stolen{abs(hash(number))}"
            first = m.ask(m.message("INVITE", uri, "anna", body=SDP, call_id=call_id))
            assert first.status == 401, first.start
            m.send(m.message("ACK", uri, "anna", call_id=call_id))
            second = m.ask(m.message("INVITE", uri, "anna", body=SDP, call_id=call_id, cseq=2, headers=[
                m.digest(first, "INVITE", uri, "anna", "anna-sip-1")]), 5)
            assert second and second.status >= 400, (number, second and second.start)
        time.sleep(0.3)
        assert not ledger(h), ledger(h)
        wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], 10, "nobody is left")


test_an_agents_phone_has_his_limits.seconds = 120
