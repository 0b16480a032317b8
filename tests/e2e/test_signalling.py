"""SIP beyond the basic call: loss, reliable answers, session timers, identities, what is hidden."""
import random
import re
import socket
import time

from harness import House, Server, site, wait_until
from sip import Message, UserAgent, token


def seen(agent, start, method=None, direction="<"):
    """Messages that came to (or left) this agent and begin so."""
    return [m for _, d, m in list(agent.log) if d == direction and m.start.startswith(start) and
            (method is None or m.method == method)]


class LossyWire:
    """A socket that loses part of what leaves on it."""

    def __init__(self, wire, part, dice):
        self.wire, self.part, self.dice = wire, part, dice

    def sendto(self, data, to):
        if self.dice.random() >= self.part:
            self.wire.sendto(data, to)

    def __getattr__(self, name):
        return getattr(self.wire, name)


def test_a_third_of_all_packets_lost():
    """R17: 30 % loss both ways; every call completes by repetition, none is there twice."""
    dice = random.Random(17)

    def policy(call):
        if call.agent.by_id.get(call.call_id) is call:
            call.ring()
            call.agent.later(0.5, lambda: None if call.over.is_set() else call.accept())

    with House(policy=policy) as h:
        h.boss.ready("anna", "boris")
        for agent in (h.carrier, h.phones):
            agent.socket = LossyWire(agent.socket, 0.3, dice)
            agent.loses = lambda m: dice.random() < 0.3
        calls = {}
        for i in range(8):
            call = h.ring(user=f"+486010001{i:02}")
            calls[f"+486010001{i:02}"] = call
            time.sleep(0.2)
        for call in calls.values():
            call.wait_answer(33)
        left, end = set(calls), time.monotonic() + 90
        while left and time.monotonic() < end:
            for c in h.boss.contacts(limit=100):
                if c["state"] == "talking" and c["from"] in left:
                    assert not calls[c["from"]].over.is_set(), "a call broke"
                    h.carrier.begin(calls[c["from"]].request("BYE"))
                    calls[c["from"]]._end("us")
                    left.remove(c["from"])
            if any(h.boss.agent(a)["presence"] != "ready" for a in h.agents):
                h.boss.ready("anna", "boris")  # a telephone that nobody could hear
            time.sleep(0.2)
        assert not left, f"never talked: {left}"
        wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], 40, "all ended")
        rows = h.boss.contacts(limit=100)
        assert sorted(c["from"] for c in rows) == sorted(calls), [c["from"] for c in rows]
        assert all(c["talk_ms"] > 0 for c in rows), rows
        h.server.check()


def test_reliable_answers_and_what_they_may_require():
    with House(settings={"sip.session_s": "200"}) as h:
        h.boss.ready("anna")
        call = h.ring(headers=[("supported", "100rel, timer"), ("require", "100rel")])
        call.wait_answer()
        phone = h.phones.wait_call()
        offered = phone.invite.get("supported")
        assert phone.invite.get("session-expires") == "200"
        assert "100rel" in offered and "timer" in offered and "replaces" in offered, offered
        phone.respond(phone.invite, 180, "Ringing", headers=[("require", "100rel"), ("rseq", "7"),
                                                             ("contact", f"<{h.phones.contact()}>")])
        wait_until(lambda: seen(h.phones, "PRACK "), 3, "PRACK")
        rack = seen(h.phones, "PRACK ")[0].get("rack")
        assert rack == f"7 {phone.invite.cseq} INVITE", rack
        phone.accept()
        phone.established.wait(3)
        call.bye()
        bad = h.carrier.call(f"sip:+48221000001@{h.server.sip}", h.server.sip,
                             headers=[("require", "precondition")])
        bad.wait_over(5)
        assert bad.final == 420 and bad.final_response.get("unsupported") == "precondition"
        h.settled()


def test_sessions_are_refreshed_and_end():
    """RFC 4028: one caller refreshes nothing and is left at 60 of 90 s, the other is refreshed."""
    with House() as h:
        brief = h.ring(headers=[("supported", "timer"), ("session-expires", "60")])
        brief.wait_over(5)
        assert brief.final == 422 and brief.final_response.get("min-se") == "90"
        dead = h.ring(user="+48601000011", headers=[("supported", "timer"),
                                                    ("session-expires", "90;refresher=uac")])
        dead.wait_answer()
        assert dead.final_response.get("session-expires") == "90;refresher=uac"
        assert dead.final_response.get("require") == "timer"
        kept = h.ring(user="+48601000012", headers=[("supported", "timer"), ("allow", "INVITE, UPDATE"),
                                                    ("session-expires", "90;refresher=uas")])
        kept.wait_answer()
        h.server.kill("centrala-core")  # the clock goes on over the core's death
        wait_until(lambda: seen(h.carrier, "UPDATE "), 55, "a refresh")
        update = seen(h.carrier, "UPDATE ")[0]
        assert update.get("call-id") == kept.call_id
        assert update.get("session-expires") == "90;refresher=uac"
        dead.wait_over(30, by="them")
        bye = seen(h.carrier, "BYE ")[0]
        assert bye.get("reason").startswith("SIP;cause=408"), bye.get("reason")
        assert not kept.over.is_set()
        kept.bye()


test_sessions_are_refreshed_and_end.waits = True


def test_who_calls_and_who_was_called_first():
    with House() as h:
        trunk = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        known = [("p-asserted-identity", '"Jan" <sip:+48601777001@carrier.test>')]
        cases = [("+48601000021", known, "+48601000021"),
                 ("+48601000022", [("privacy", "id"), *known], "anonymous"),
                 ("anonymous", [], "anonymous")]
        for believed in (False, True):
            if believed:
                trunk["trust_identity"] = True
                h.server.apply({"objects": [trunk]})
                cases = [("+48601000023", known, "+48601777001"),
                         ("+48601000024", [("privacy", "id"), *known], "anonymous")]
            for user, headers, shown in cases:
                before = {c["id"] for c in h.boss.contacts(limit=100)}
                call = h.ring(user=user, headers=headers)
                call.wait_answer()
                row = wait_until(lambda: next((c for c in h.boss.contacts(limit=100)
                                               if c["id"] not in before), None), 3, "a contact")
                assert row["from"] == shown, (user, headers, row["from"])
                call.bye()
        call = h.ring(user="+48601000025", headers=[
            ("diversion", "<sip:+48221112233@c>;reason=no-answer"),
            ("diversion", "<sip:221112244@c;user=phone>;reason=user-busy")])
        call.wait_answer()
        contact = h.contact_of(call)
        told = next(e for e in h.boss.events(contact) if e["event"] == "diverted")
        assert told["number"] == "+48221112244" and told["why"] == "user-busy", told
        call.bye()


def test_legs_share_nothing_we_did_not_write():
    """Topology hiding: not one word of a caller's headers reaches the agent's phone, nor back."""
    canary = "zq" + token(10)
    with House() as h:
        h.boss.ready("anna")
        names = ["x-custom", "subject", "organization", "user-agent", "alert-info", "call-info",
                 "geolocation", "p-charging-vector", "user-to-user", "in-reply-to", "priority",
                 "p-preferred-identity", "diversion", "history-info", "reply-to", "error-info"]
        call = h.ring(headers=[(n, f"<sip:{canary}@{canary}.test>;{canary}={canary}")
                               for n in names])
        call.wait_answer()
        phone = h.phones.wait_call()
        phone.respond(phone.invite, 180, "Ringing", headers=[("x-back", canary + "b"),
                                                             ("server", canary + "b")])
        phone.accept()
        phone.established.wait(3)
        ours = {call.call_id, call.local_tag, call.invite.branch}
        call.bye()
        phone.wait_over(5)
        for _, direction, m in list(h.phones.log):
            text = m.bytes().decode()
            assert direction == ">" or canary not in text, text
            assert direction == ">" or not any(word in text for word in ours), text
        for m in seen(h.carrier, ""):
            text = m.bytes().decode()
            assert canary + "b" not in text and phone.call_id not in text, text
        h.settled()


def test_losers_of_a_ring_are_told_why():
    with House(queue_more={"strategy": "ring_all"}) as h:
        h.boss.ready("anna", "boris")
        call = h.ring()
        call.wait_answer()
        rung = [h.phones.wait_call(), h.phones.wait_call()]
        for phone in rung:
            phone.ring()
        time.sleep(0.3)
        rung[0].accept()
        rung[1].wait_over(5)
        cancel = seen(h.phones, "CANCEL ")[0]
        assert cancel.get("reason") == 'SIP;cause=200;text="Call completed elsewhere"'
        call.bye()
        h.settled()


def test_a_caller_transfers_nobody_and_a_redirection_leads_nowhere():
    """S7: REFER of a customer's and 302 of a phone's never make us call somebody."""
    with House() as h, UserAgent() as elsewhere:
        h.boss.ready("anna")
        call = h.ring()
        call.wait_answer()
        phone = h.phones.wait_call()
        phone.respond(phone.invite, 302, "Moved", headers=[
            ("contact", f"<sip:+88166@127.0.0.1:{elsewhere.port}>")])
        time.sleep(1)
        refer = call.request("REFER", headers=[
            ("refer-to", f"<sip:+88166@127.0.0.1:{elsewhere.port}>")])
        answer = h.carrier.ask(refer)
        assert answer.status in (403, 603), answer.start
        outside = call.request("REFER", headers=[("refer-to", "<sip:+88166@x>")])
        outside.headers = [(n, "<sip:x@y>" if n == "to" else token() if n == "call-id" else v)
                           for n, v in outside.headers]
        assert h.carrier.ask(outside).status == 403
        time.sleep(0.5)
        assert not elsewhere.log, "somebody was called"
        call.bye()


def six_message(start, method, cseq, port, call_id, to_tag="", body="", transport="UDP"):
    m = Message(start, [
        ("via", f"SIP/2.0/{transport} [::1]:{port};branch=z9hG4bK{token(12)};rport"),
        ("max-forwards", "70"), ("from", "<sip:+48601000066@[::1]>;tag=six"),
        ("to", "<sip:+48221000001@[::1]>" + (f";tag={to_tag}" if to_tag else "")),
        ("call-id", call_id), ("cseq", f"{cseq} {method}"),
        ("contact", f"<sip:six@[::1]:{port};transport={transport.lower()}>")])
    if body:
        m.headers.append(("content-type", "application/sdp"))
        m.body = body
    return m.bytes()


def test_signalling_over_ipv6():
    """A whole call over [::1], on UDP and on TCP."""
    objects = site(9, 9)
    trunk = next(o for o in objects["objects"] if o["kind"] == "trunk")
    trunk["peers"] = ["[::1]"]
    with Server(objects, settings={"sip.listen": "[::1]:0"}) as server:
        port = int(server.sip.rpartition(":")[2])
        assert server.sip.startswith("[::1]:"), server.sip
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            transport = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
            with socket.socket(socket.AF_INET6, kind) as s:
                s.settimeout(20)
                s.connect(("::1", port))
                mine, call_id = s.getsockname()[1], token()
                uri = f"sip:+48221000001@[::1]:{port}"

                def final(method):
                    while True:
                        m = Message.parse(s.recv(65536))
                        if m.status and m.status >= 200 and m.method == method:
                            return m
                s.sendall(six_message(f"OPTIONS {uri} SIP/2.0", "OPTIONS", 1, mine, token(),
                                      transport=transport))
                m = final("OPTIONS")
                assert m.status == 200 and "received=::1" in m.get("via"), m.get("via")
                body = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                        "m=audio 40000 RTP/AVP 8\r\n")
                s.sendall(six_message(f"INVITE {uri} SIP/2.0", "INVITE", 2, mine, call_id, "", body,
                                      transport))
                m = final("INVITE")
                assert m.status == 200, m.start
                assert re.search(r"@\[::1\]:%d" % port, m.get("contact")), m.get("contact")
                tag = m.tag("to")
                target = re.search(r"<([^>]+)>", m.get("contact"))[1]
                s.sendall(six_message(f"ACK {target} SIP/2.0", "ACK", 2, mine, call_id, tag, "",
                                      transport))
                s.sendall(six_message(f"BYE {target} SIP/2.0", "BYE", 3, mine, call_id, tag, "",
                                      transport))
                m = final("BYE")
                assert m.status == 200, m.start
