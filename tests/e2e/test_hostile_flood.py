"""R20 of faults.md, small: more new calls at once than can be served. bench/peer/flood.c measures it large."""
import socket
import threading
import time

from harness import House, near, wait_until
from mallory import SDP, Mallory, StreamMallory
from sip import Message


def flood(kind):
    with House(settings={"media.ports": "40000-49999"}) as h:  # a port for each
        trunk = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        flow = {"kind": "flow", "tenant": "acme", "id": "bye", "start": "b",
                "nodes": {"b": {"do": "hangup"}}}
        more = [flow, *({"kind": "number", "tenant": "acme", "id": n, "flow": "bye", **how}
                        for n, how in (("+48221000030", {}), ("+48221000031", {"low_priority": True}),
                                       ("112", {})))]
        with kind(h.server.sip, "127.0.0.1") as m:  # a second peer of the trunk
            trunk.update(peers=[*trunk["peers"], f"127.0.0.1:{m.port}"], max_calls=0, ping_s=0)
            h.server.apply({"objects": [trunk, *more]})
            m.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
            m.connect()
            call, phone, contact = h.talk()
            answers, asked, helped = {}, {}, {}
            stop = threading.Event()

            def listen():
                while not stop.is_set():
                    r = m.next(0.05)
                    if r is None:
                        continue
                    if r.status is None:  # their BYE
                        m.send(Message("SIP/2.0 200 OK", [(n, v) for n, v in r.headers if n in (
                            "via", "from", "to", "call-id", "cseq")]))
                    elif r.status >= 200 and r.method == "INVITE":
                        answers.setdefault(r.get("call-id"), (r, time.monotonic()))
                        m.send(m.message("ACK", asked[r.get("call-id")][0].uri, to=r.get("to"),
                                         call_id=r.get("call-id"),
                                         from_tag=r.tag("from")))
            ear = threading.Thread(target=listen)
            ear.start()
            began = time.monotonic()
            for burst in range(6):
                if m.over == "TCP":  # who reads too slowly is cut off: a machine's speed must not make it us
                    wait_until(lambda: len(asked) - len(answers) < 1500, 30, "we read what comes", every=0.005)
                made = []
                for i in range(500 if m.over == "UDP" else 1500):
                    number = "112" if i % 500 == 250 else f"+4822100003{i % 2}"
                    invite = m.message("INVITE", f"sip:{number}@{h.server.sip}", "+48601000009", body=SDP)
                    made.append((invite.get("call-id"), invite, invite.bytes()))
                for call_id, invite, data in made:
                    asked[call_id] = (invite, time.monotonic())
                    m.send(data)
                if burst == 3:
                    assert call.reinvite("sendonly", 2.0).direction == "recvonly"
                    assert call.reinvite("sendrecv", 2.0).direction == "sendrecv"
                time.sleep(0.05)

            def answered():
                """What the kernel dropped nobody saw: said again, as a transaction would (RFC 3261 17.1.1.2)."""
                silent = [invite for call_id, (invite, _) in asked.items() if call_id not in answers]
                for invite in silent if m.over == "UDP" else []:
                    m.send(invite)
                return not silent
            time.sleep(0.5)
            wait_until(answered, 30, "everybody has an answer", every=0.5)
            for call_id, (answer, at) in answers.items():
                assert answer.status in (200, 503), answer.start
                if answer.status == 503:
                    assert 1 <= int(answer.get("retry-after")) <= 10, answer.headers
                if "sip:112@" in asked[call_id][0].uri:
                    assert answer.status == 200, f"a call for help was turned away: {answer.headers}"
            if m.over == "TCP":  # nothing was lost: they were too many at once
                assert any(a.status == 503 for a, _ in answers.values()), "nobody was turned away"
            served = sum(a.status == 200 for a, _ in answers.values())
            assert served >= 100, served
            since = time.monotonic()
            assert not call.over.is_set() and not phone.over.is_set()
            phone.sound.wait_for(1700, 3, since)
            gap = phone.sound.longest_gap(began + 1, time.monotonic())
            assert gap < 0.5, f"the talk had a hole of {gap:.2f} s"
            assert call.bye(2.0).status == 200
            phone.wait_over(3, by="them")

            def normal():
                later = h.ring("+48221000000", user="+48601000077")
                wait_until(lambda: later.established.is_set() or later.over.is_set(), 5, "an answer")
                return later.bye() if later.established.is_set() else None
            wait_until(normal, 10, "normal again")
            stop.set()
            ear.join()


def test_a_flood_of_calls_leaves_those_that_live_alone():
    """Thousands of INVITEs in bursts: each has an answer, 200 or 503 with Retry-After; the talk goes on,
    its hold, its BYE and a call for help are served at once."""
    flood(Mallory)


test_a_flood_of_calls_leaves_those_that_live_alone.seconds = 120


def test_a_flood_over_a_stream_leaves_calls_alone():
    """The same over TCP, where nothing is lost on the way: who is turned away hears it."""
    flood(StreamMallory)


test_a_flood_over_a_stream_leaves_calls_alone.seconds = 120
