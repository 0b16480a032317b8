"""One inbound call, from the carrier's INVITE to true figures, and all the ways it can end earlier."""
import io
import time
import wave

from harness import AGENT, CUSTOMER, House, near, wait_until
from sip import Sdp, UserAgent
from sound import PCMA, PCMU, Clockwork, most, share


def channels_of(wav):
    """The samples of each channel of a WAV file, and its rate."""
    with wave.open(io.BytesIO(wav)) as w:
        assert w.getsampwidth() == 2, w.getparams()
        data, n, rate = w.readframes(w.getnframes()), w.getnchannels(), w.getframerate()
    samples = [int.from_bytes(data[i:i + 2], "little", signed=True) for i in range(0, len(data), 2)]
    return [samples[c::n] for c in range(n)], rate


def tone_share(samples, rate, hz):
    """Share of the 20 ms pieces that are mostly this tone."""
    n = rate // 50
    pieces = [samples[i:i + n] for i in range(0, len(samples) - n + 1, n)]
    return sum(share(p, hz, rate) > 0.7 for p in pieces) / max(1, len(pieces))


def seconds_between(a, b):
    from datetime import datetime
    parse = lambda s: datetime.fromisoformat(s.replace("Z", "+00:00"))
    return (parse(b) - parse(a)).total_seconds()


def check_recording(boss, contact, talked_s):
    """Two channels, the right one each, as long as the agent's segment (contract section 4)."""
    record = boss.wait_contact(contact, lambda c: c["recordings"] and
                               c["recordings"][0].get("duration_ms"), 5, "the recording is there")
    r = record["recordings"][0]
    agent_segment = next(s for s in record["segments"] if s["kind"] == "agent")
    segment_s = seconds_between(agent_segment["started_at"], agent_segment["ended_at"])
    near(r["duration_ms"] / 1000, segment_s, 1.0, "length of recording and segment")
    near(segment_s, talked_s, 1.0, "length of the agent's segment")
    assert r["channels"] == 2, r
    (left, right), rate = channels_of(boss.recording(r["id"]))
    near(len(left) / rate, r["duration_ms"] / 1000, 0.1, "samples in the file")
    middle = slice(int(0.4 * rate), int((talked_s - 0.4) * rate))
    assert tone_share(left[middle], rate, CUSTOMER) > most(talked_s), "left is not the customer"
    assert tone_share(right[middle], rate, AGENT) > most(talked_s), "right is not the agent"
    assert tone_share(left, rate, AGENT) < 0.02 and tone_share(right, rate, CUSTOMER) < 0.02
    return record


def check_sip(h, boss, contact, record):
    """The messages of both legs as they were on the wire, in order, for supervisors; nobody's secrets."""
    told = boss.get(f"contacts/{contact}/sip")
    assert told["kept"] == "all" and not told["more"] and told["since"] <= record["arrived_at"], told
    assert [(leg["party"], leg["agent"]) for leg in told["legs"]] == [("customer", None), ("agent", "anna")], told["legs"]
    steps = [(m["leg"], m["way"], m["method"] or m["status"]) for m in told["items"]]
    rest = iter(steps)
    for step in ((0, "in", "INVITE"), (0, "out", 200), (0, "in", "ACK"), (1, "out", "INVITE"), (1, "in", 200), (1, "out", "ACK"),
                 (0, "in", "BYE"), (0, "out", 200)):
        assert step in rest, (step, steps)
    assert (1, "out", "BYE") in steps and (1, "in", 200) in steps[steps.index((1, "out", "BYE")):], steps
    assert [m["at"] for m in told["items"]] == sorted(m["at"] for m in told["items"])
    first = told["items"][0]
    assert first["text"].startswith("INVITE sip:") and first["cseq"].endswith(" INVITE") and "m=audio" in first["text"], first
    assert not any(m["cut"] for m in told["items"]) and "REGISTER" not in str(steps), steps
    for who in ("anna", "wera"):  # his own contact, and a viewer
        assert h.server.login(who).raw("GET", f"/api/v1/tenants/acme/contacts/{contact}/sip").status == 403, who
    assert boss.raw("GET", "/api/v1/tenants/acme/contacts/00000000-0000-7000-8000-000000000000/sip").status == 404


def heard_within(call, phone):
    """How long after the phone answered the later of both heard the other."""
    heard = phone.sound.wait_for(CUSTOMER, since=phone.accepted_at - 1), call.sound.wait_for(AGENT, since=phone.accepted_at - 1)
    return max(heard) - phone.accepted_at - Clockwork.stalled(phone.accepted_at, max(heard))


def test_whole_call():
    with House(queue_more={"wrap_s": 60}) as h:
        boss = h.boss
        call = h.ring("+48221000000", "+48601000077")
        call.wait_answer()
        call.sound.wait_loud(6)  # the greeting
        wait_until(lambda: any(e["event"] == "flow_step" and e.get("node") == "menu"
                               for e in boss.events(h.contact_of(call))), 20, "the menu is reached")
        call.press("1")
        boss.wait_waiting(1)
        contact = h.contact_of(call)
        boss.wait_contact(contact, lambda c: c["state"] == "waiting", 10, "it waits")
        call.sound.steadily_loud(1.5)  # music
        call.sound.unbroken()

        boss.ready("anna")
        phone = h.phones.wait_call()
        phone.ring()
        boss.wait_work("anna", "offered")
        boss.wait_contact(contact, lambda c: c["state"] == "offered", 10, "it is offered")
        time.sleep(0.5)
        phone.accept()
        phone.say(AGENT)
        answer = phone.accepted_at
        took = [heard_within(call, phone)]
        call.sound.steady(AGENT, 1.5, 0.98)
        phone.sound.steady(CUSTOMER, 1.5, 0.98)
        call.sound.unbroken(1.5, AGENT)
        now = time.monotonic()
        assert call.sound.hears(CUSTOMER, answer - 1, now) == 0, "the customer hears himself"
        assert phone.sound.hears(AGENT, answer - 1, now) == 0, "the agent hears himself"
        boss.wait_work("anna", "talking")
        assert boss.agent("anna")["contacts"] == [contact]

        time.sleep(1.0)
        asked = time.monotonic()
        call.bye()
        ended = time.monotonic()
        phone.wait_over(by="them")
        boss.wait_work("anna", "wrapping")
        boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": "Zażółć"})
        boss.wait_work("anna", "idle")

        record = check_recording(boss, contact, ended - answer)
        record = boss.wait_ended(contact)
        assert record["channel"] == "voice" and record["direction"] == "inbound"
        assert record["state"] == "ended" and record["ended_by"] == "customer", record
        assert record["from"] == "+48601000077" and record["to"] == "+48221000000", record
        assert record["queue"] == "support" and record["agent"] == "anna", record
        assert record["outcome"] == "solved"
        near(record["talk_ms"] / 1000, (asked + ended) / 2 - answer, 0.3 + (ended - asked), "talk_ms")
        assert record["hold_ms"] == 0
        assert [(s["kind"], s["result"]) for s in record["segments"]] == \
            [("flow", "completed"), ("queue", "answered"), ("agent", "completed")] or \
            [s["kind"] for s in record["segments"]] == ["flow", "queue", "agent"], record["segments"]
        assert record["segments"][1]["result"] == "answered"

        events = boss.events(contact)
        names = [e["event"] for e in events]
        order = ["arrive", "ivr_end", "enqueue", "offer", "offer_end", "answer", "dequeue",
                 "disconnect", "wrap_start", "wrap_end"]
        for name in order:
            assert names.count(name) == 1, f"{name} came {names.count(name)} times: {names}"
        spine = [n for n in names if n in ("arrive", "ivr_end", "enqueue", "offer", "offer_end",
                                           "answer", "wrap_start", "wrap_end")]
        assert spine == ["arrive", "ivr_end", "enqueue", "offer", "offer_end", "answer",
                         "wrap_start", "wrap_end"], names
        assert [e["seq"] for e in events] == sorted({e["seq"] for e in events})
        by_name = {e["event"]: e for e in events}
        assert by_name["offer_end"]["result"] == "accepted"
        assert by_name["disconnect"]["by"] == "customer"
        assert by_name["dequeue"]["reason"] == "answered"
        why = boss.get(f"contacts/{contact}/why")
        assert "anna" in str(why) and "boris" in str(why), why

        check_sip(h, boss, contact, record)

        row = boss.report()
        for field, value in (("offered", 1), ("answered", 1), ("abandoned", 0), ("flow_out", 0),
                             ("waiting", 0), ("answered_in_threshold", 1), ("sl_1", 1)):
            assert row[field] == value, (field, row)
        near(row["asa_ms"], record["wait_ms"], 1, "asa_ms")
        while min(took) > 0.3 and len(took) < 3:  # the best of three
            call, phone, contact = h.talk(user=f"+4860100007{len(took)}")
            took.append(heard_within(call, phone))
            call.bye()
            boss.wait_work("anna", "wrapping")
            boss.post(f"contacts/{contact}/wrap", {"outcome": "solved"})
            boss.wait_work("anna", "idle")
        assert min(took) < 0.3, f"they heard each other after {took} s"
        h.settled()


test_whole_call.seconds = 120


def test_keys_when_payload_types_differ():
    """Both law and telephone-event number are the caller's choice (RFC 3264 section 6.1)."""
    with House() as h:
        for codecs, event_pt in (([PCMU], 96), ([PCMA], 101), ([PCMU, PCMA], 127)):
            call = h.ring("+48221000000", codecs=codecs, event_pt=event_pt)
            call.wait_answer()
            assert Sdp(call.final_response.body).pt_of("telephone-event") == event_pt
            time.sleep(0.5)
            call.press("9")  # already while the greeting plays, or in the menu
            try:
                call.wait_over(by="them")
            except AssertionError:
                call.press("9")
                call.wait_over(by="them")
        h.settled()


def test_menu_gives_up_after_its_tries():
    with House() as h:
        menu = next(o for o in h.objects["objects"] if o["id"] == "main")
        menu["nodes"]["menu"].update(timeout_s=1, tries=2)
        h.server.apply(h.objects)
        call = h.ring("+48221000000").wait_answer()
        call.wait_over(20, by="them")
        record = h.boss.wait_ended(h.contact_of(call))
        assert record["ended_by"] == "system" and record["queue"] is None, record
        assert h.boss.report() is None or h.boss.report()["offered"] == 0


test_menu_gives_up_after_its_tries.seconds = 40


def test_caller_hangs_up_in_greeting_and_menu():
    with House() as h:
        for wait in (0.0, 0.2, 2.5):
            call = h.ring("+48221000000").wait_answer()
            time.sleep(wait)
            assert call.bye().status == 200
            record = h.boss.wait_ended(h.contact_of(call), 10)
            assert record["ended_by"] == "customer" and not record["queue"], record
        h.settled()


def test_caller_hangs_up_while_waiting():
    with House() as h:
        call = h.ring().wait_answer()
        h.boss.wait_waiting(1)
        time.sleep(0.5)
        call.bye()
        h.boss.wait_waiting(0)
        record = h.boss.wait_ended(h.contact_of(call))
        assert record["segments"][-1]["result"] == "abandoned", record
        row = h.boss.report()
        assert (row["offered"], row["abandoned"], row["short_abandoned"]) == (1, 1, 1), row
        h.settled()


def test_caller_hangs_up_while_it_rings():
    with House() as h:
        h.boss.ready("anna")
        took = []
        while not took or min(took) > 0.25 and len(took) < 3:  # the best of three
            call = h.ring(user=f"+4860100000{len(took)}").wait_answer()
            phone = h.phones.wait_call().ring()
            time.sleep(0.4)
            call.bye()
            at = time.monotonic()
            phone.wait_over(by="them")
            assert phone.final == 487
            took.append(phone.over_at - at)
            h.boss.wait_work("anna", "idle")
        assert min(took) < 0.25, took  # 200 ms
        assert h.boss.agent("anna")["presence"] == "ready"
        contact = h.contact_of(call)
        h.boss.wait_ended(contact)
        offer_end = next(e for e in h.boss.events(contact) if e["event"] == "offer_end")
        assert offer_end["result"] == "cancelled_by_caller", offer_end
        h.settled()


def test_agent_hangs_up():
    with House() as h:
        call, phone, contact = h.talk()
        time.sleep(0.5)
        assert phone.bye().status == 200
        call.wait_over(by="them")
        record = h.boss.wait_ended(contact)
        assert record["ended_by"] == "agent", record
        h.settled()


def test_both_hang_up_at_once():
    with House() as h:
        for i in range(4):
            call, phone, contact = h.talk(user=f"+4860100010{i}")
            with call.agent.guard, phone.agent.guard:
                a = call.agent.begin(call.request("BYE"))
                b = phone.agent.begin(phone.request("BYE"))
            assert a.get_final(3).status in (200, 481) and b.get_final(3).status in (200, 481)
            call._end("us"), phone._end("us")
            h.boss.wait_ended(contact)
            h.boss.wait_work("anna", "idle")
        h.settled()


def test_cancel_at_every_moment():
    """CANCEL before, at and after the 200: it ends by 487 or, when they crossed, by BYE."""
    with House() as h:
        ended = {487: 0, 200: 0}
        for i in range(14):
            call = h.ring(user=f"+4860100020{i:x}".replace("a", "10").replace("b", "11")
                          .replace("c", "12").replace("d", "13"))
            time.sleep((0, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032)[i % 7])
            response = call.cancel()
            assert response.status in (200, 481), response.start
            wait_until(lambda: call.final, 10, "a final answer to the INVITE")
            assert call.final in ended, call.final
            ended[call.final] += 1
            if call.final == 200:
                assert call.bye().status == 200
        wait_until(lambda: h.boss.live()["waiting"] == 0, 10, "nobody waits")
        h.settled()


def test_cancel_for_a_call_nobody_knows():
    with House() as h:
        call = h.ring().wait_answer()
        call.bye()
        # a CANCEL whose INVITE is long answered changes nothing; one of another branch is 481
        call.invite.headers = [(n, v if n != "via" else h.carrier.via())
                               for n, v in call.invite.headers]
        assert call.cancel().status == 481
        h.settled()


def test_busy_phone_passes_the_call_on():
    with House() as h:
        h.phones.policy = lambda c: c.user == "anna" and c.reject(486)
        h.boss.ready("anna")
        call = h.ring().wait_answer()
        h.phones.wait_call()
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 10, "it waits again")
        h.boss.ready("boris")
        phone = wait_until(lambda: next((c for c in iter(lambda: h.phones.wait_call(), None)
                                         if c.user == "boris"), None), 5, "boris's phone rings")
        phone.accept().say(AGENT)
        call.sound.wait_for(AGENT)
        results = [e["result"] for e in h.boss.events(contact) if e["event"] == "offer_end"]
        assert results[0] == "busy" and results[-1] == "accepted", results
        call.bye()
        h.settled()


def test_declined_call_is_a_rejection():
    with House() as h:
        h.phones.policy = lambda c: c.user == "anna" and c.reject(603, "Decline")
        h.boss.ready("anna")
        call = h.ring().wait_answer()
        h.phones.wait_call()
        contact = h.contact_of(call)
        end = wait_until(lambda: next((e for e in h.boss.events(contact)
                                       if e["event"] == "offer_end"), None), 3, "the offer ends")
        assert end["result"] == "rejected", end
        assert call.over.is_set() is False
        call.bye()
        h.settled()


def rings_in_vain(h, expected):
    """The call goes to anna in vain, then to boris, and keeps its place and music."""
    h.boss.ready("anna", "boris")
    call = h.ring().wait_answer()
    contact = h.contact_of(call)
    first = None
    second = None
    end = time.monotonic() + 30
    while time.monotonic() < end and second is None:
        c = h.phones.wait_call()
        if first is None or c.user == first.user:
            first = first or c
            if expected == "no_answer":
                c.ring()
        else:
            second = c
    assert second, "the other agent's phone never rang"
    second.accept().say(AGENT)
    call.sound.wait_for(AGENT)
    ends = [e for e in h.boss.events(contact) if e["event"] == "offer_end"]
    assert ends[0]["agent"] == first.user and ends[0]["result"] == expected, ends
    assert ends[-1]["result"] == "accepted"
    return call, first, second


def test_phone_that_rings_in_vain():
    """RONA (A-3): back to its place, not again to the same agent, who gets no_answer."""
    with House(queue_more={"ring_s": 2}) as h:
        call, first, second = rings_in_vain(h, "no_answer")
        first.wait_over(by="them")
        assert first.final == 487
        agent = h.boss.agent(first.user)
        assert agent["work"] == "no_answer" and agent["presence"] == "ready", agent
        h.boss.ready(first.user)  # clears it
        h.boss.wait_work(first.user, "idle")
        call.bye()
        h.settled()


def test_silent_phone():
    """A phone that answers nothing at all, not even 100."""
    with House(queue_more={"ring_s": 2}) as h:
        silent = UserAgent()
        try:
            silent.deaf = True
            for o in h.objects["objects"]:
                if o["id"] == "anna":
                    o["phone"]["contact"] = f"sip:anna@127.0.0.1:{silent.port}"
            h.server.apply(h.objects)
            h.boss.ready("anna")
            call = h.ring().wait_answer()
            contact = h.contact_of(call)
            end = wait_until(lambda: next((e for e in h.boss.events(contact)
                                           if e["event"] == "offer_end"), None), 6, "offer_end")
            assert end["result"] in ("no_answer", "unreachable"), end
            assert h.boss.contact(contact)["state"] == "waiting"
            h.boss.ready("boris")
            h.phones.wait_call().accept().say(AGENT)
            call.sound.wait_for(AGENT)
            call.bye()
            h.settled()
        finally:
            silent.close()


def test_hold_by_the_agents_phone():
    with House() as h:
        call, phone, contact = h.talk()
        call.sound.wait_for(AGENT)
        asked = time.monotonic()
        answer = phone.reinvite("sendonly")
        holds = time.monotonic()
        assert answer.direction == "recvonly", answer.text
        h.boss.wait_contact(contact, lambda c: c["state"] == "held", 10, "held")
        h.boss.wait_work("anna", "holding")
        call.sound.free_of(AGENT, 1.0)
        call.sound.steadily_loud(1.0)  # music
        since = time.monotonic()
        time.sleep(0.5)
        assert call.sound.hears(AGENT, since, time.monotonic()) == 0, "the agent is heard in hold"
        assert phone.sound.hears(CUSTOMER, since, time.monotonic()) == 0
        least = time.monotonic() - holds
        answer = phone.reinvite("sendrecv")
        most = time.monotonic() - asked
        assert answer.direction == "sendrecv"
        phone.say(AGENT)
        call.sound.wait_for(AGENT)
        phone.sound.wait_for(CUSTOMER)
        h.boss.wait_work("anna", "talking")
        names = [e["event"] for e in h.boss.events(contact)]
        assert names.count("hold_on") == 1 and names.count("hold_off") == 1, names
        time.sleep(0.5)
        call.bye()
        record = h.boss.wait_ended(contact)
        assert least - 0.1 <= record["hold_ms"] / 1000 <= most + 0.1, (least, record["hold_ms"], most)
        h.settled()


def test_hold_by_the_caller():
    with House() as h:
        call, phone, contact = h.talk()
        phone.sound.wait_for(CUSTOMER)
        answer = call.reinvite("sendonly")
        assert answer.direction == "recvonly", answer.text
        time.sleep(1)
        answer = call.reinvite("inactive")
        assert answer.direction == "inactive", answer.text
        time.sleep(0.3)
        answer = call.reinvite("sendrecv")
        assert answer.direction == "sendrecv"
        since = time.monotonic()
        phone.sound.wait_for(CUSTOMER, since=since)
        call.sound.wait_for(AGENT, since=since)
        phone.bye()
        call.wait_over(by="them")
        h.boss.wait_ended(contact)
        h.settled()


def test_reinvite_without_offer():
    """RFC 3261 section 14.1: the 200 carries an offer then, the ACK its answer."""
    with House() as h:
        call, phone, _ = h.talk()
        response = call.agent.ask(call.request("INVITE"), 3)
        assert response.status == 200 and Sdp(response.body).pts, response.start
        call.sdp_version += 1
        ack = call.request("ACK", call._sdp())
        ack.headers = [(n, f"{response.cseq} ACK" if n == "cseq" else v) for n, v in ack.headers]
        call.agent.send(ack)
        since = time.monotonic() + 0.2
        call.sound.wait_for(AGENT, since=since)
        phone.sound.wait_for(CUSTOMER, since=since)
        call.bye()
        h.settled()


def test_call_without_offer():
    """A carrier's INVITE without SDP: the 200 offers, the ACK answers."""
    with House() as h:
        h.boss.ready("anna")
        call = h.ring(sdp=False).wait_answer()
        offer = Sdp(call.final_response.body)
        assert offer.port and offer.direction == "sendrecv" and {0, 8} <= set(offer.pts), offer.pts
        phone = h.phones.wait_call().ring()
        phone.accept()
        phone.say(AGENT)
        call.sound.wait_for(AGENT)
        phone.sound.wait_for(CUSTOMER)
        call.bye()
        phone.wait_over(by="them")
        h.settled()


def test_unknown_number():
    with House() as h:
        for number in ("+48229999999", "nobody", "*99"):
            call = h.ring(number)
            call.wait_over()
            assert call.final == 404, (number, call.final)
        h.settled()


def test_numbers_are_normalised():
    """The tenant's country is PL: national and international spellings are one number."""
    with House() as h:
        for number in ("48221000001", "0048221000001", "221000001", "%2B48221000001"):
            call = h.ring(number)
            call.wait_answer()
            assert h.boss.contact(h.contact_of(call))["to"] == "+48221000001", number
            call.bye()
            h.boss.wait_ended(h.contact_of(call))


def test_strangers_are_challenged():
    with House() as h:
        stranger = UserAgent()
        try:
            answers = set()
            for user in ("+48221000001", "anna", "nobody"):
                call = stranger.call(f"sip:{user}@{h.server.sip}", h.server.sip)
                call.wait_over()
                r = call.final_response
                assert r.status == 401 and "digest" in r.get("www-authenticate").lower(), r.start
                answers.add((r.start, len(r.headers)))
            assert len(answers) == 1, "the answer tells who exists"
            guess = stranger.call(f"sip:+48221000001@{h.server.sip}", h.server.sip,
                                  auth=("anna", "wrong"), user="anna", domain="acme.test")
            guess.wait_over()
            assert guess.final in (401, 403), guess.final
        finally:
            stranger.close()
        assert h.boss.contacts() == []


def test_too_many_calls():
    with House() as h:
        trunk = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        trunk["max_calls"] = 1
        h.server.apply(h.objects)
        first = h.ring().wait_answer()
        second = h.ring(user="+48601000002")
        second.wait_over()
        assert second.final == 503 and second.final_response.get("retry-after"), second.final
        told = [e for e in h.boss.get("events?after=0&limit=500")["items"] if e["event"] == "blocked"]
        assert [(e["trunk"], e["from"], e["to"], e["cause"], e["count"]) for e in told] == \
            [("carrier", "+48601000002", "+48221000001", "max_calls", 1)], told
        first.bye()
        wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], 10, "all over")
        third = h.ring(user="+48601000003").wait_answer()
        third.bye()
        h.settled()


def test_trunk_occupancy():
    with House() as h:
        trunk = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        trunk["max_calls"] = 2
        h.server.apply(h.objects)
        first = h.ring(user="+48601000001").wait_answer()
        asked = time.monotonic()
        second = h.ring(user="+48601000002").wait_answer()
        began = time.monotonic()
        h.ring(user="+48601000003").wait_over()
        time.sleep(2)
        path = "reports/trunks?from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z&interval_s="
        row, = h.boss.get(path + "0")["items"]  # both go on
        assert (row["calls"], row["blocked"], row["most"]) == (2, 1, 2) and row["full_ms"] >= 2000, row
        least = time.monotonic() - began
        first.bye()
        most = time.monotonic() - asked
        h.server.kill("centrala-core")
        h.server.healthy()
        time.sleep(1)
        second.bye()
        h.settled()
        row, = h.boss.get(path + "0")["items"]
        assert row["trunk"] == "carrier" and (row["inbound"], row["outbound"]) == (2, 0), row
        assert least - 0.5 < row["full_ms"] / 1000 < most + 0.5, (least, row, most)
        records = h.boss.contacts()
        assert row["used_ms"] > 2 * row["full_ms"] + 1000, row
        quarters = h.boss.get(path + "900")["items"]
        for name in ("calls", "inbound", "outbound", "blocked", "used_ms", "full_ms"):
            assert sum(q[name] for q in quarters) == row[name], (name, quarters, row)
        listed = h.boss.get(path + "0&list=calls&limit=1")
        rest = h.boss.get(path + f"0&list=calls&limit=1&after={listed['next']}")
        assert {c["id"] for c in listed["items"] + rest["items"]} == {r["id"] for r in records}
        assert len(listed["items"]) == len(rest["items"]) == 1 and rest["next"] is None
        assert h.boss.get(path + "0&list=outbound")["items"] == []


def test_options_are_answered():
    with House() as h:
        from sip import Message, token
        for agent in (h.carrier, h.phones):
            host, port = h.server.sip.split(":")
            m = Message(f"OPTIONS sip:{h.server.sip} SIP/2.0", [
                ("via", agent.via()), ("max-forwards", "70"),
                ("from", f"<sip:x@{agent.host}>;tag={token()}"), ("to", f"<sip:{h.server.sip}>"),
                ("call-id", token()), ("cseq", "1 OPTIONS")])
            response = agent.ask(m, 3)
            assert response.status == 200, response.start


def test_first_come_first_served_and_longest_idle():
    with House(queue_more={"wrap_s": 0}) as h:
        calls = []
        for i in range(3):
            calls.append(h.ring(user=f"+4860100030{i}").wait_answer())
            h.boss.wait_waiting(i + 1)
        positions = h.boss.live()["contacts"]
        assert [p["position"] for p in positions] == [1, 2, 3], positions
        assert [p["id"] for p in positions] == [h.contact_of(c) for c in calls]
        served = []
        h.boss.ready("anna")
        for i in range(3):
            phone = h.phones.wait_call()
            from sip import user_of
            served.append(user_of(phone.remote))
            phone.accept()
            phone.established.wait(10)
            time.sleep(0.2)
            phone.bye()
        assert [s[-3:] for s in served] == ["300", "301", "302"], served
        # idle since the last contact, or since sign-in: anna first, then boris
        h.boss.ready("boris")
        for i, agent in enumerate(("anna", "boris", "anna")):
            call = h.ring(user=f"+4860100031{i}").wait_answer()
            phone = h.phones.wait_call()
            assert phone.user == agent, f"{phone.user} instead of {agent}"
            phone.accept()
            phone.established.wait(10)
            call.bye()
            h.boss.wait_work(agent, "idle")
        h.settled()


def test_outcome_is_required():
    with House(queue_more={"outcome_required": True, "wrap_s": 1}) as h:
        call, phone, contact = h.talk()
        call.bye()
        h.boss.wait_work("anna", "wrapping")
        time.sleep(1.6)
        assert h.boss.agent("anna")["work"] == "wrapping", "wrap-up ended without an outcome"
        h.boss.post(f"contacts/{contact}/wrap", {"outcome": "nonsense"}, expect=(400, 404, 422))
        h.boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": "x"})
        h.boss.wait_work("anna", "idle")
        assert h.boss.wait_ended(contact)["outcome"] == "solved"
        h.settled()


def test_presence_while_talking_comes_after():
    """A-1: a change while working takes effect after the work, and is shown at once."""
    with House() as h:
        call, phone, contact = h.talk()
        h.boss.presence("anna", "not_ready", "break")
        agent = h.boss.agent("anna")
        assert agent["work"] == "talking" and agent["next_presence"] == "not_ready", agent
        call.bye()
        wait_until(lambda: h.boss.agent("anna")["presence"] == "not_ready", 10, "anna's break")
        agent = h.boss.agent("anna")
        assert agent["reason"] == "break" and not agent["next_presence"], agent
        h.settled()


def test_registered_phones():
    with House(objects=[
        {"kind": "user", "tenant": "acme", "id": "rita", "name": "Rita", "roles": ["agent"],
         "password": "rita-secret-1", "sip_password": "rita-sip-1", "phone": {"kind": "sip"},
         "queues": ["support"]},
        {"kind": "user", "tenant": "acme", "id": "sven", "name": "Sven", "roles": ["agent"],
         "password": "sven-secret-1", "sip_password": "sven-sip-1",
         "phone": {"kind": "sip", "digest": "sha-256"}, "queues": ["support"]}]) as h:
        rita = h.server.login("rita")
        rita.presence("rita", "ready", expect=409)  # no phone yet
        phone = UserAgent()
        try:
            for user, algorithm in (("rita", "MD5"), ("sven", "SHA-256")):
                challenge = phone.register(user, "acme.test", h.server.sip)
                assert challenge.status == 401, challenge.start
                assert challenge.get("www-authenticate").upper().count(algorithm) <= 1
                bad = phone.register(user, "acme.test", h.server.sip, "wrong")
                assert bad.status in (401, 403), bad.start
                good = phone.register(user, "acme.test", h.server.sip, f"{user}-sip-1")
                assert good.status == 200 and "expires" in good.get("contact").lower() + \
                    str(good.headers).lower(), good.start
                if algorithm == "SHA-256":
                    assert "SHA-256" in challenge.get("www-authenticate")
            unknown = phone.register("nobody", "acme.test", h.server.sip)
            assert unknown.status == 401
            wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 10, "rita's phone is ready")
            rita.presence("rita", "ready")
            call = h.ring().wait_answer()
            ringing = phone.wait_call()
            assert ringing.user == "rita"
            ringing.accept().say(AGENT)
            call.sound.wait_for(AGENT)
            call.bye()
            ringing.wait_over()
            gone = phone.register("rita", "acme.test", h.server.sip, "rita-sip-1", expires=0)
            assert gone.status == 200
            wait_until(lambda: not h.boss.agent("rita")["phone"]["ready"], 10, "the phone is gone")
        finally:
            phone.close()
        h.settled()


def test_record_never():
    with House(queue_more={"record": "never"}) as h:
        call, _, contact = h.talk()
        call.bye()
        assert h.boss.wait_ended(contact)["recordings"] == []
        h.settled()


def test_full_queue_and_longest_wait():
    with House(queue_more={"max_waiting": 1, "max_wait_s": 9}) as h:
        first = h.ring().wait_answer()
        h.boss.wait_waiting(1)
        second = h.ring(user="+48601000002").wait_answer()
        second.wait_over(by="them")  # `full`: bye
        first.wait_over(20, by="them")  # `timeout`: bye
        row = wait_until(h.boss.report, 10, "a report")
        wait_until(lambda: h.boss.report()["flow_out"] == 1, 10, f"the flow-out in {row}")
        row = h.boss.report()
        # `full` counts as offered, and as rejected by a rule; leaving after max_wait_s is a flow-out
        assert row["offered"] == 2 and row["answered"] == 0 and row["abandoned"] == 0, row
        assert row["rejected"] == 1 and row["waiting"] == 0, row
        assert row["sl_1"] == 0 and row["sl_3"] is None, row
        h.settled()


def test_figures_of_ten_contacts():
    """K-2, faster: threshold 4 s, short 2 s; answered after 0.5, 1, 1.5, 4.6, 5 s, abandoned after
    0.5, 2.5, 4.6 s, one flow-out. Between what was meant and the next limit are 1.5 s at least."""
    with House(queue_more={"threshold_s": 4, "short_abandon_s": 2, "max_wait_s": 10, "wrap_s": 0}) as h:
        h.phones.policy = lambda c: c.accept()
        for i, wait in enumerate((0.5, 1.0, 1.5, 4.6, 5.0)):
            call = h.ring(user=f"+4860100040{i}").wait_answer()
            began = time.monotonic()
            time.sleep(max(0, wait - (time.monotonic() - began)))
            h.boss.ready("anna")
            h.boss.wait_work("anna", "talking")
            call.bye()
            h.boss.wait_work("anna", "idle")
            h.boss.presence("anna", "not_ready", "break")
        for i, wait in enumerate((0.5, 2.5, 4.6)):
            call = h.ring(user=f"+4860100041{i}").wait_answer()
            time.sleep(wait)
            call.bye()
            h.boss.wait_ended(h.contact_of(call))
        h.ring(user="+48601000420").wait_answer().wait_over(20, by="them")
        wait_until(lambda: h.boss.report()["flow_out"] == 1, 10, "the flow-out")
        row = h.boss.report()
        counts = {k: row[k] for k in ("offered", "answered", "abandoned", "short_abandoned", "flow_out",
                                      "answered_in_threshold", "abandoned_in_threshold")}
        assert counts == {"offered": 9, "answered": 5, "abandoned": 3, "short_abandoned": 1,
                          "flow_out": 1, "answered_in_threshold": 3,
                          "abandoned_in_threshold": 2}, counts
        for name, value in (("sl_1", 3 / 9), ("sl_2", 3 / 8), ("sl_3", 3 / 5), ("sl_4", 5 / 8),
                            ("sl_5", 3 / 6), ("sl_6", 3 / 8), ("abandon_rate", 2 / 8)):
            near(row[name], value, 0.0005, name)
        waited = [c["wait_ms"] for c in h.boss.contacts() if c["agent"]]  # of those answered
        assert len(waited) == 5 and all(-50 < got - 1000 * meant < 1500 for got, meant in zip(sorted(waited), (0.5, 1.0, 1.5, 4.6, 5.0))), waited
        near(row["asa_ms"], sum(waited) / 5, 1, "asa_ms")
        assert row["wait_max_ms"] == max(waited), (row["wait_max_ms"], waited)
        # K-3: every count opens into exactly that many contacts
        import urllib.parse
        from harness import stamp
        for field in counts:
            query = urllib.parse.urlencode({"from": stamp(time.time() - 3600), "interval_s": 0,
                                            "to": stamp(time.time() + 3600), "queue": "support",
                                            "list": field, "limit": 500})
            items = h.boss.get(f"reports/queues?{query}")["items"]
            assert len({i["id"] for i in items}) == len(items) == counts[field], (field, items)
        h.settled()


test_figures_of_ten_contacts.seconds = 150
test_figures_of_ten_contacts.waits = True


def test_figures_without_data():
    with House() as h:
        assert h.boss.report() is None  # empty intervals are left out


def test_silence_is_no_open_relay():
    """Audio from a third address is not passed on once the source is locked."""
    with House() as h:
        call, phone, _ = h.talk()
        phone.sound.wait_for(CUSTOMER)
        from sound import Stream
        thief = Stream()
        try:
            thief.to = call.sound.to
            thief.say(3100)
            since = time.monotonic() + 0.2
            time.sleep(1.2)
            now = time.monotonic()
            assert phone.sound.hears(3100, since, now) == 0, "a third party is heard"
            phone.sound.steady(CUSTOMER, 1.0, 0.95)
            assert not thief.heard, "audio went to a third party"
        finally:
            thief.close()
        call.bye()
        h.settled()
