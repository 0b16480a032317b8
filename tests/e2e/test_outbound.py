"""Calls that agents begin: over HTTP and from their telephones, to numbers, colleagues, queues."""
import concurrent.futures
import time

from harness import AGENT, CUSTOMER, House, near, wait_until
from sip import uri_of, user_of
from test_trunks import Registrar

FAR = "+48600700800"


def anna(h):
    return h.server.login("anna")


def calls(h, api=None, expect=201, **body):
    return (api or anna(h)).post("calls", {"to": FAR, **body}, expect=expect)


def dial(h, agent="anna", to=FAR, **more):
    """From the agent's telephone, with his credentials."""
    return h.phones.call(f"sip:{to.replace('#', '%23')}@{h.server.sip}", h.server.sip, user=agent,
                         domain="acme.test", auth=(agent, f"{agent}-sip-1"), hz=AGENT, **more)


def picked_up(h, **body):
    """POST …/calls once she is free, and the agent answers his telephone: (contact's id, his call)."""
    h.boss.wait_work("anna", "idle", 8)
    made = calls(h, **body)
    phone = h.phones.wait_call(3)
    phone.ring().accept()
    phone.say(AGENT)
    phone.established.wait(3)
    return made["id"], phone


def sounds_early(far):
    """He sends sound before he answers: 183 with a description."""
    far._open_sound()
    far._hear(far.invite.body)
    far.respond(far.invite, 183, "Session Progress", far._sdp())
    far.say(CUSTOMER)
    return far


def boris_takes(h, far):
    """Boris is rung and answers; the number hears him."""
    his = h.phones.wait_call(5)
    assert his.user == "boris"
    his.accept()
    his.say(1100)
    far.sound.wait_for(1100, 4)
    return his


def says_nothing(stream, what, hz=None):
    """Frames come still, and for three tenths of a second all are silence (or none is this tone)."""
    def quiet():
        now = time.monotonic()
        return stream.frames(now - 0.3, now) and not (stream.hears(hz, now - 0.3, now) if hz else stream.loud(now - 0.3, now))
    wait_until(quiet, 5, what)


def talks(h, **body):
    """… and the number answers: (contact, agent's call, number's call)."""
    contact, phone = picked_up(h, **body)
    far = h.carrier.wait_call(3)
    far.ring().accept()
    far.say(CUSTOMER)
    phone.sound.wait_for(CUSTOMER, 3)
    far.sound.wait_for(AGENT, 3)
    h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
    return contact, phone, far


def names(api, contact):
    return [e["event"] for e in api.events(contact)]


def test_an_agent_calls_a_number():
    with House(queue_more={"wrap_s": 2}) as h:
        api = anna(h)
        api.presence("anna", "not_ready", "break")
        made = calls(h, api, to="600 700 800", queue="support", customer="C-17")
        assert made["direction"] == "outbound" and made["state"] == "offered", made
        assert (made["from"], made["to"]) == ("+48221000000", FAR), made
        assert (made["agent"], made["queue"], made["customer"]) == ("anna", "support", "C-17")
        assert api.agent("anna")["work"] == "dialling"
        assert api.agent("anna")["contacts"] == [made["id"]]
        phone = h.phones.wait_call(3)
        assert phone.user == "anna" and FAR in phone.invite.get("from"), phone.invite.get("from")
        since = time.monotonic()
        phone.ring().accept()
        phone.say(AGENT)
        far = h.carrier.wait_call(3)
        assert far.user == FAR and "sip:+48221000000@" in far.invite.get("from")
        far.ring()
        phone.sound.wait_loud(6, since)  # he hears it ring: 1 s in 5
        time.sleep(0.5)
        far.accept()
        far.say(CUSTOMER)
        phone.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        api.wait_work("anna", "talking", 3)
        time.sleep(1.5)
        far.bye()
        phone.wait_over(3, by="them")
        talked = far.over_at - far.accepted_at
        api.wait_work("anna", "wrapping", 3)
        api.post(f"contacts/{made['id']}/wrap", {"outcome": "solved"})
        api.wait_work("anna", "idle", 3)
        assert api.agent("anna")["presence"] == "not_ready"
        c = h.boss.wait_ended(made["id"])
        assert (c["ended_by"], c["outcome"]) == ("customer", "solved"), c
        (s,) = c["segments"]
        assert (s["kind"], s["agent"], s["queue"], s["result"]) == \
            ("agent", "anna", "support", "completed"), s
        assert s["dialled"] and s["dial_ms"] > 400, c
        near(c["talk_ms"] / 1000, talked, 1, "talk")
        (d,) = c["dials"]
        assert (d["number"], d["trunk"], d["result"]) == (FAR, "carrier", "answered"), d
        (g,) = c["recordings"]
        assert g["channels"] == 2 and abs(g["duration_ms"] - c["talk_ms"]) < 1000, g
        seen = names(h.boss, made["id"])
        assert [e for e in seen if e in ("arrive", "agent_dial", "dial", "dial_answer", "answer",
                                         "agent_end", "disconnect", "dial_end")] == \
            ["arrive", "agent_dial", "dial", "dial_answer", "answer", "disconnect", "agent_end",
             "dial_end"], seen
        # it is nobody's wait: the queue was offered nothing
        assert not (h.boss.report() or {"offered": 0})["offered"]
        (row,) = h.boss.get("reports/agents?agent=anna")["items"]
        assert (row["handled"], row["dialled"], row["dialled_answered"], row["offers"]) == \
            (1, 1, 1, 0), row
        assert len(h.boss.get("reports/agents?agent=anna&list=dialled")["items"]) == 1
        assert [k["id"] for k in h.boss.contacts(direction="outbound", customer="C-17")] == \
            [made["id"]]
        h.settled()


def test_what_is_heard_before_the_answer():
    with House() as h:
        contact, phone = picked_up(h)
        far = sounds_early(h.carrier.wait_call(3))
        phone.sound.wait_for(CUSTOMER, 3)
        assert h.boss.contact(contact)["state"] == "offered"
        assert not h.boss.contact(contact)["recordings"]
        far.accept()
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3)
        phone.bye()
        far.wait_over(3, by="them")
        assert h.boss.wait_ended(contact)["ended_by"] == "agent"
        h.settled()


def test_attempts_that_fail():
    """behaviours.md A-5: the presence is as it was before, never Ready."""
    ways = [(486, "busy", "customer"), (603, "busy", "customer"), (404, "failed", "system"),
            (480, "no_answer", "customer")]
    with House() as h:
        api = anna(h)
        for presence in ("not_ready", "outbound_only"):
            api.presence("anna", presence, "break" if presence == "not_ready" else None)
            for status, cause, by in ways:
                contact, phone = picked_up(h)
                h.carrier.wait_call(3).reject(status, "No")
                phone.wait_over(3, by="them")
                api.wait_work("anna", "idle", 3)
                c = h.boss.wait_ended(contact)
                assert (c["cause"], c["ended_by"]) == (cause, by), (status, c)
                assert [d["result"] for d in c["dials"]] == [cause], c["dials"]
                assert [(s["kind"], s["result"], s["talk_ms"]) for s in c["segments"]] == \
                    [("agent", "failed", 0)], c["segments"]
                assert api.agent("anna")["presence"] == presence
        (row,) = h.boss.get("reports/agents?agent=anna")["items"]
        assert (row["dialled"], row["dialled_answered"], row["handled"]) == (8, 0, 0), row
        h.settled()


def test_every_moment_to_hang_up():
    with House() as h:
        api = anna(h)
        # his telephone rings still
        made = calls(h, api)
        phone = h.phones.wait_call(3).ring()
        api.post(f"contacts/{made['id']}/end")
        phone.wait_over(3, by="them")
        c = h.boss.wait_ended(made["id"])
        assert c["ended_by"] == "agent" and c["segments"][0]["result"] == "abandoned", c
        # he refuses his own call
        made = calls(h, api)
        h.phones.wait_call(3).reject(486)
        assert h.boss.wait_ended(made["id"])["ended_by"] == "agent"
        # it rings there: he hangs up; the number's telephone stops
        contact, phone = picked_up(h)
        far = h.carrier.wait_call(3).ring()
        phone.bye()
        far.wait_over(3, by="them")
        assert far.final == 487
        c = h.boss.wait_ended(contact)
        assert (c["ended_by"], c["dials"][0]["result"]) == ("agent", "no_answer"), c
        # the same by the desk
        contact, phone = picked_up(h)
        far = h.carrier.wait_call(3).ring()
        api.post(f"contacts/{contact}/end")
        far.wait_over(3, by="them")
        phone.wait_over(3, by="them")
        # talking: the desk
        contact, phone, far = talks(h)
        api.post(f"contacts/{contact}/end")
        far.wait_over(3, by="them")
        phone.wait_over(3, by="them")
        c = h.boss.wait_ended(contact)
        assert (c["ended_by"], c["segments"][0]["result"]) == ("agent", "completed"), c
        api.wait_work("anna", "idle", 3)
        h.settled()


def test_refusals_over_http():
    agents = ("anna", "boris")
    olek = {"kind": "user", "tenant": "acme", "id": "olek", "name": "Olek", "roles": ["agent"],
            "password": "olek-secret-1", "phone": {"kind": "sip"}}
    with House(agents=agents, objects=[olek]) as h:
        api = anna(h)
        assert "phone" in calls(h, h.server.login("olek"), expect=409)["detail"]
        calls(h, to="+15551234567", expect=403)  # the trunk's prefixes: national only
        calls(h, to="nobody", expect=404)
        calls(h, to="anna", expect=409)  # himself
        for bad in ({"from": "+48999999999"}, {"to": ""}, {"queue": "nowhere"}, {"extra": 1}):
            calls(h, expect=400, **bad)
        calls(h, agent="boris", expect=403)  # only supervisors call for others
        h.boss.post("calls", {"to": FAR, "agent": "nobody"}, expect=400)
        h.server.login("wera").post("calls", {"to": FAR}, expect=403)
        made = h.boss.post("calls", {"to": FAR, "agent": "boris"}, expect=201)
        assert made["agent"] == "boris"
        h.phones.wait_call(3).reject(486)
        h.boss.wait_ended(made["id"])
        # he works
        contact, phone, far = talks(h)
        assert "works" in calls(h, expect=409)["detail"]
        far.bye()
        h.boss.wait_ended(contact)
        # once is enough
        a = api.post("calls", {"to": FAR}, expect=201, headers=[("Idempotency-Key", "k-1")])
        h.phones.wait_call(3).reject(486)
        h.boss.wait_ended(a["id"])
        b = api.post("calls", {"to": FAR}, expect=201, headers=[("Idempotency-Key", "k-1")])
        assert a["id"] == b["id"]
        h.settled()


def test_a_telephone_calls_out():
    with House() as h:
        call = dial(h, to="600700800")
        far = h.carrier.wait_call(3)
        assert far.user == FAR and "sip:+48221000000@" in far.invite.get("from")
        h.boss.wait_work("anna", "dialling", 3)
        far.ring()
        call.wait_ringing(3)
        time.sleep(0.3)
        far.accept()
        far.say(CUSTOMER)
        call.wait_answer(3)
        call.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        h.boss.wait_work("anna", "talking", 3)
        (c,) = h.boss.contacts()
        assert (c["direction"], c["agent"], c["to"], c["state"]) == \
            ("outbound", "anna", FAR, "talking"), c
        call.bye()
        far.wait_over(3, by="them")
        c = h.boss.wait_ended(c["id"])
        assert (c["ended_by"], c["segments"][0]["result"]) == ("agent", "completed"), c
        h.boss.wait_work("anna", "idle", 3)
        # early media is passed through
        call = dial(h)
        far = sounds_early(h.carrier.wait_call(3))
        call.sound.wait_for(CUSTOMER, 3)
        assert call.final is None
        far.accept()
        call.wait_answer(3)
        far.bye()
        call.wait_over(3, by="them")
        h.settled()


def test_a_telephone_is_refused_with_the_right_code():
    with House() as h:
        for to, status in (("+15551234567", 403), ("nobody", 404), ("anna", 486)):
            assert dial(h, to=to).wait_over(3).final == status, to
        wrong = h.phones.call(f"sip:{FAR}@acme.test", h.server.sip, user="anna",
                              domain="acme.test", auth=("anna", "guess"))
        assert wrong.wait_over(3).final in (401, 403)
        for there, here in ((486, 486), (404, 404), (480, 480), (603, 603), (500, 503)):
            call = dial(h)
            h.carrier.wait_call(3).reject(there, "No")
            assert call.wait_over(6).final == here, there
            h.boss.wait_work("anna", "idle", 3)
        # he gives up while it rings
        call = dial(h)
        far = h.carrier.wait_call(3).ring()
        call.wait_ringing(3)
        call.cancel()
        far.wait_over(3, by="them")
        assert far.final == 487 and call.wait_over(3).final == 487
        # he works: no second call
        contact, phone, far = talks(h)
        assert dial(h).wait_over(3).final == 486
        far.bye()
        h.settled()


def test_help_is_called_whatever_he_does():
    with House(queue_more={"wrap_s": 60}) as h:
        carrier = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        h.server.apply({"objects": [{**carrier, "prefixes": ["+4822"]}]})
        api = anna(h)
        call = h.ring()
        call.wait_answer(3)
        h.boss.ready("anna")
        phone = h.phones.wait_call(3)
        phone.accept()
        phone.established.wait(3)
        phone.bye()
        api.wait_work("anna", "wrapping", 3)
        help_ = dial(h, to="112")
        far = h.carrier.wait_call(3)
        assert far.user == "112", far.user
        far.accept()
        far.say(CUSTOMER)
        help_.wait_answer(3)
        help_.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        assert api.agent("anna")["work"] == "wrapping"
        far.bye()
        help_.wait_over(3, by="them")


def test_colleagues_call_each_other():
    with House() as h:
        h.boss.presence("boris", "not_ready", "break")
        call = dial(h, to="boris")
        phone = h.phones.wait_call(3)
        assert phone.user == "boris" and user_of(uri_of(phone.invite.get("from"))) == "anna"
        call.wait_ringing(3)
        assert h.boss.agent("boris")["work"] == "offered"
        assert h.boss.agent("anna")["work"] == "dialling"
        phone.accept()
        phone.say(CUSTOMER)
        call.wait_answer(3)
        call.sound.wait_for(CUSTOMER, 3)
        phone.sound.wait_for(AGENT, 3)
        h.boss.wait_work("anna", "talking", 3)
        h.boss.wait_work("boris", "talking", 3)
        (c,) = h.boss.contacts()
        assert (c["direction"], c["from"], c["to"]) == ("internal", "anna", "boris"), c
        call.bye()
        phone.wait_over(3, by="them")
        c = h.boss.wait_ended(c["id"])
        assert c["ended_by"] == "agent", c
        assert sorted((s["agent"], s["result"]) for s in c["segments"]) == \
            [("anna", "completed"), ("boris", "completed")], c["segments"]
        h.boss.wait_work("anna", "idle", 3)
        assert h.boss.agent("boris")["presence"] == "not_ready"
        # by the desk, and the other hangs up
        made = calls(h, to="boris")
        mine = h.phones.wait_call(3)
        assert mine.user == "anna"
        since = time.monotonic()
        mine.accept()
        mine.say(AGENT)
        his = h.phones.wait_call(3).ring()
        mine.sound.wait_loud(6, since)  # rings
        his.accept()
        his.say(CUSTOMER)
        mine.sound.wait_for(CUSTOMER, 3)
        his.bye()
        mine.wait_over(3, by="them")
        assert h.boss.wait_ended(made["id"])["ended_by"] == "agent"
        # he does not want to, he works
        call = dial(h, to="boris")
        h.phones.wait_call(3).reject(603, "Decline")
        assert call.wait_over(3).final == 486
        h.boss.wait_work("anna", "idle", 3)
        h.settled()


def test_a_telephone_calls_a_number_of_ours():
    with House() as h:
        h.boss.ready("boris")
        call = dial(h, to="+48221000001").wait_answer(3)
        phone = h.phones.wait_call(3)
        assert phone.user == "boris"
        phone.accept()
        phone.say(CUSTOMER)
        call.sound.wait_for(CUSTOMER, 3)
        h.boss.wait_work("anna", "talking", 3)
        (c,) = h.boss.contacts()
        assert (c["direction"], c["queue"], c["from"]) == ("internal", "support", "anna"), c
        phone.bye()
        call.wait_over(3, by="them")
        h.boss.wait_work("anna", "idle", 3)
        h.settled()


def test_which_number_is_shown():
    with House() as h:
        objects = {o["id"]: o for o in h.objects["objects"]}
        tenant = {**objects["acme"], "caller_ids": ["+48224444444"]}
        user, queue = objects["anna"], objects["support"]
        trunk = {**objects["carrier"]}
        trunk.pop("caller_id")

        def shown(**body):
            contact, phone = picked_up(h, **body)
            far = h.carrier.wait_call(3).ring()
            phone.bye()
            far.wait_over(3)
            h.boss.wait_work("anna", "idle", 3)
            return user_of(uri_of(far.invite.get("from"))), far.invite

        h.server.apply({"objects": [{**tenant, "caller_id": "+48221000001"}, trunk]})
        assert shown()[0] == "+48221000001"
        h.server.apply({"objects": [objects["carrier"]]})
        assert shown()[0] == "+48221000000"
        h.server.apply({"objects": [{**queue, "caller_id": "+48224444444"}]})
        assert shown(queue="support")[0] == "+48224444444" and shown()[0] == "+48221000000"
        h.server.apply({"objects": [{**user, "caller_id": "+48221000001"}]})
        assert shown(queue="support")[0] == "+48221000001"
        assert shown(**{"from": "224444444"})[0] == "+48224444444"
        h.server.apply({"objects": [{**user, "caller_id": "+48999999999"}]})  # is not theirs
        assert shown()[0] == "+48221000000"
        name, invite = shown(**{"from": "anonymous"})
        assert name == "anonymous" and "id" in invite.get("privacy"), invite.headers
        call = dial(h, to=f"#31#{FAR}")
        far = h.carrier.wait_call(3)
        assert far.user == FAR and "anonymous" in far.invite.get("from")
        far.ring()
        call.cancel()
        far.wait_over(3)
        h.settled()


def test_private_calls():
    with House() as h:
        contact, phone, far = talks(h, private=True)
        for mode in ("listen", "whisper", "barge"):
            h.boss.post(f"contacts/{contact}/monitor", {"mode": mode}, expect=403)
        time.sleep(1)
        far.bye()
        c = h.boss.wait_ended(contact)
        assert c["private"] is True and c["recordings"] == [], c
        call = dial(h, to=f"*7*{FAR}")
        far = h.carrier.wait_call(3)
        assert far.user == FAR
        far.accept()
        call.wait_answer(3)
        time.sleep(1)
        call.bye()
        far.wait_over(3)
        h.boss.wait_work("anna", "idle", 3)
        assert [k["private"] for k in h.boss.contacts()] == [True, True]
        h.settled()
        (row,) = h.boss.get("reports/agents?agent=anna")["items"]
        assert (row["handled"], row["dialled"], row["talk_ms"], row["dialling_ms"]) == \
            (0, 0, 0, 0), row
        assert row["private_ms"] > 2000, row


def test_a_telephone_that_answers_by_itself():
    with House() as h:
        user = next(o for o in h.objects["objects"] if o["id"] == "anna")
        h.server.apply({"objects": [{**user, "phone": {**user["phone"], "auto_answer": True}}]})
        calls(h)
        phone = h.phones.wait_call(3)
        assert "answer-after=0" in phone.invite.get("call-info"), phone.invite.headers
        assert "auto" in phone.invite.get("alert-info").lower(), phone.invite.headers
        phone.reject(486)
        h.boss.wait_work("anna", "idle", 3)
        calls(h, to="boris")
        mine = h.phones.wait_call(3)
        mine.accept()
        his = h.phones.wait_call(3)
        assert his.user == "boris" and not his.invite.get("call-info")
        his.reject(486)
        h.settled()


def test_many_at_once_and_nobody_is_lost():
    agents = tuple(f"a{i}" for i in range(6))

    def policy(call):
        call.accept()
    with House(agents=agents, policy=policy) as h:
        h.carrier.policy = policy

        def one(name):
            api = h.server.login(name, f"{name}-secret-1")
            for _ in range(3):
                made = api.post("calls", {"to": FAR}, expect=201)
                api.wait_work(name, "talking", 10)
                api.post(f"contacts/{made['id']}/end")
                api.wait_work(name, "idle", 10)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(one, agents))
        wait_until(lambda: all(c["ended_at"] for c in h.boss.contacts(limit=100)), 10)
        assert [c["segments"][-1]["result"] for c in h.boss.contacts(limit=100)] == \
            ["completed"] * 18
        h.settled()


# -- agents on ordinary numbers --

NINA = {"kind": "user", "tenant": "acme", "id": "nina", "name": "Nina", "roles": ["agent"],
        "password": "nina-secret-1", "queues": ["support"], "capacity": {"voice": 100}}


def nina(**phone):
    return {**NINA, "phone": {"kind": "number", "number": "+48601602603", **phone}}


def stands_up(h):
    """Nina becomes ready; her number is called once: the call that stays."""
    h.boss.presence("nina", "ready")
    leg = h.carrier.wait_call(3)
    assert leg.user == "+48601602603", leg.user
    leg.ring().accept()
    leg.say(AGENT)
    wait_until(lambda: h.boss.agent("nina")["phone"]["ready"], 3)
    return leg


def caller(h, hz=CUSTOMER, user="+48601000001"):
    return h.ring(hz=hz, user=user).wait_answer(3)


def test_a_leg_that_stays():
    with House(agents=(), objects=[nina(standing=True)]) as h:
        h.boss.presence("nina", "ready")
        assert h.boss.agent("nina")["phone"] == {"kind": "number", "ready": False, "state": "away"}
        leg = h.carrier.wait_call(3)
        leg.ring()
        early = caller(h)  # waits until she is there
        h.boss.wait_waiting(1)
        talked, mos = time.monotonic(), []
        leg.accept()
        leg.say(AGENT)
        for user in ("+48601000001", "+48601000002"):
            call = early if user.endswith("1") else caller(h, user=user)
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3)
            leg.sound.wait_for(CUSTOMER, 3)
            call.sound.wait_for(AGENT, 3)
            said = leg.sound.sent
            wait_until(lambda: leg.sound.sent > said + 40, 5, "she talks")
            call.bye()
            c = h.boss.wait_ended(contact)
            assert [s["result"] for s in c["segments"] if s["kind"] == "agent"] == ["completed"]
            (g,) = c["recordings"]
            assert not g.get("flaw"), g
            (hers,) = h.boss.figures(contact)  # of this contact alone, though her leg stays
            assert 25 < hers["received"] < 50 * (time.monotonic() - talked) + 10, hers
            assert hers["codec"] == "PCMA" and hers["sent"] > 25, hers
            mos.append(hers["mos_cent"])
            h.boss.wait_work("nina", "idle", 4)
            says_nothing(leg.sound, "silence")
            assert not leg.over.is_set()
            talked = time.monotonic()
        assert max(mos) > 400, mos  # one at least while this machine had time for it
        assert h.carrier.calls.empty()  # called once
        # she calls out with it
        made = h.server.login("nina").post("calls", {"to": FAR}, expect=201)
        far = h.carrier.wait_call(3)
        assert far.user == FAR
        far.accept()
        far.say(CUSTOMER)
        leg.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        far.bye()
        h.boss.wait_ended(made["id"])
        h.boss.wait_work("nina", "idle", 3)
        assert not leg.over.is_set()
        # it is hung up: she has no telephone until she says that she is ready
        leg.bye()
        wait_until(lambda: h.boss.agent("nina")["presence"] == "not_ready", 3)
        assert h.boss.agent("nina")["reason"] == "technical"
        own = next(c for c in h.boss.contacts() if c["to"] == "+48601602603")
        own = h.boss.wait_ended(own["id"])
        assert own["direction"] == "internal" and own["dials"][0]["result"] == "answered", own
        again = stands_up(h)
        h.boss.presence("nina", "signed_out")
        again.wait_over(3, by="them")
        # nobody answers there
        h.boss.presence("nina", "ready")
        h.carrier.wait_call(3).reject(486)
        wait_until(lambda: h.boss.agent("nina")["presence"] == "not_ready", 3)
        h.settled()


def test_a_leg_that_stays_is_lost_while_they_talk():
    with House(agents=(), objects=[nina(standing=True)]) as h:
        leg = stands_up(h)
        call = caller(h)
        leg.sound.wait_for(CUSTOMER, 3)
        leg.bye()
        call.wait_over(3, by="them")
        c = h.boss.wait_ended(h.contact_of(call))
        assert c["ended_by"] == "agent", c
        wait_until(lambda: h.boss.agent("nina")["presence"] == "not_ready", 4)
        h.settled()


def test_one_is_pressed_before_anybody_is_put_through():
    for standing in (False, True):
        with House(agents=(), objects=[nina(standing=standing, confirm=True)]) as h:
            h.boss.presence("nina", "ready")
            call = None if standing else caller(h)
            leg = h.carrier.wait_call(3)
            leg.accept()  # an answering machine would, too
            leg.say(AGENT)
            leg.sound.wait_for(1000, 3)  # beeps
            if standing:
                assert not h.boss.agent("nina")["phone"]["ready"]
                leg.press("1")
                wait_until(lambda: h.boss.agent("nina")["phone"]["ready"], 3)
                call = caller(h)
                leg.sound.wait_for(1000, 3, time.monotonic())
            contact = h.contact_of(call)
            leg.press("5")
            time.sleep(0.5)
            assert h.boss.contact(contact)["state"] == "offered"
            leg.press("1")
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3)
            leg.sound.wait_for(CUSTOMER, 3)
            call.bye()
            h.boss.wait_ended(contact)
            if not standing:
                leg.wait_over(3, by="them")


def test_the_core_dies_with_a_leg_that_stays():
    with House(agents=(), objects=[nina(standing=True)]) as h:
        leg = stands_up(h)
        h.server.kill("centrala-core")
        h.server.healthy()
        call = caller(h)
        leg.sound.wait_for(CUSTOMER, 5)
        h.server.kill("centrala-core")
        h.server.healthy()
        now = time.monotonic()
        leg.sound.wait_for(CUSTOMER, 3, now)
        call.sound.wait_for(AGENT, 3, now)
        call.bye()
        h.boss.wait_ended(h.contact_of(call))
        h.boss.wait_work("nina", "idle", 4)
        second = caller(h, user="+48601000002")
        leg.sound.wait_for(CUSTOMER, 5, time.monotonic())
        second.bye()
        assert h.carrier.calls.empty() and not leg.over.is_set()
        h.boss.presence("nina", "signed_out")
        leg.wait_over(8, by="them")
        h.settled()


# -- the core dies --

def test_the_core_dies_while_his_telephone_rings():
    with House() as h:
        made = calls(h)
        first = h.phones.wait_call(3).ring()
        h.server.kill("centrala-core")
        h.server.healthy()
        first.wait_over(5, by="them")  # cancelled with its branch
        phone = h.phones.wait_call(5)  # and rung anew
        assert h.boss.agent("anna")["work"] == "dialling"
        phone.accept()
        phone.say(AGENT)
        far = h.carrier.wait_call(3)
        far.accept()
        far.say(CUSTOMER)
        phone.sound.wait_for(CUSTOMER, 3)
        far.bye()
        phone.wait_over(3, by="them")
        assert h.boss.wait_ended(made["id"])["segments"][0]["result"] == "completed"
        h.settled()


def test_the_core_dies_while_the_number_rings():
    with House() as h:
        contact, phone = picked_up(h)
        first = h.carrier.wait_call(3).ring()
        time.sleep(0.2)
        h.server.kill("centrala-core")
        h.server.healthy()
        first.wait_over(5, by="them")
        far = h.carrier.wait_call(5)
        assert not phone.over.is_set() and far.user == FAR
        far.ring()
        far.accept()
        far.say(CUSTOMER)
        phone.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        phone.bye()
        far.wait_over(3, by="them")
        c = h.boss.wait_ended(contact)
        assert [s["result"] for s in c["segments"]] == ["completed"], c
        assert [d["result"] for d in c["dials"]] == ["answered"], c
        h.settled()


def test_the_core_dies_while_his_own_invite_waits():
    with House() as h:
        call = dial(h)
        first = h.carrier.wait_call(3).ring()
        call.wait_ringing(3)
        h.server.kill("centrala-core")
        h.server.healthy()
        first.wait_over(5, by="them")
        far = h.carrier.wait_call(5)
        far.accept()
        far.say(CUSTOMER)
        call.wait_answer(5)
        call.sound.wait_for(CUSTOMER, 3)
        far.sound.wait_for(AGENT, 3)
        h.boss.wait_work("anna", "talking", 3)
        call.bye()
        far.wait_over(3, by="them")
        h.settled()


def test_the_core_dies_while_they_talk():
    with House() as h:
        contact, phone, far = talks(h)
        h.server.kill("centrala-core")
        h.server.healthy()
        now = time.monotonic()
        phone.sound.wait_for(CUSTOMER, 3, now)
        far.sound.wait_for(AGENT, 3, now)
        h.boss.wait_work("anna", "talking", 3)
        far.bye()
        phone.wait_over(3, by="them")
        c = h.boss.wait_ended(contact)
        assert (c["ended_by"], [s["result"] for s in c["segments"]]) == \
            ("customer", ["completed"]), c
        assert [d["result"] for d in c["dials"]] == ["answered"], c
        h.settled()


def test_the_core_dies_while_colleagues_ring_and_talk():
    with House() as h:
        call = dial(h, to="boris")
        first = h.phones.wait_call(3).ring()
        call.wait_ringing(3)
        h.server.kill("centrala-core")
        h.server.healthy()
        first.wait_over(5, by="them")
        phone = h.phones.wait_call(5)
        assert phone.user == "boris"
        phone.accept()
        phone.say(CUSTOMER)
        call.wait_answer(5)
        call.sound.wait_for(CUSTOMER, 3)
        h.server.kill("centrala-core")
        h.server.healthy()
        h.boss.wait_work("anna", "talking", 3)
        h.boss.wait_work("boris", "talking", 3)
        phone.bye()
        call.wait_over(3, by="them")
        h.boss.wait_work("anna", "idle", 3)
        h.settled()


# -- telephones behind a PBX --

def test_agents_behind_a_pbx():
    """Two extensions of one exchange, which asks for a password; by its trunk, or by address."""
    with Registrar(user="acme", password="pbx-1") as pbx:
        pbx.challenge_calls = True
        at = f"127.0.0.1:{pbx.port}"
        users = [{**NINA, "id": name, "phone": {"kind": "number", "number": number}}
                 for name, number in (("nina", "120"), ("ola", "121"))]
        trunk = {"kind": "trunk", "tenant": "acme", "id": "pbx", "peers": [at],
                 "prefixes": ["12"], "register": {"server": at, "user": "acme",
                                                  "password": "pbx-1"}}
        fixed = {**NINA, "id": "pola", "phone": {"kind": "sip", "contact": f"sip:123@{at}"}}
        with House(agents=(), objects=[trunk, *users, fixed]) as h:
            wait_until(pbx.let_in, 5)
            for name, extension in (("nina", "120"), ("ola", "121"), ("pola", "123")):
                pbx.challenge_calls = name != "pola"
                h.boss.ready(name)
                call = caller(h)
                phone = pbx.wait_call(5)
                assert phone.user == extension, phone.user
                phone.accept()
                phone.say(AGENT)
                call.sound.wait_for(AGENT, 3)
                call.bye()
                phone.wait_over(3, by="them")
                h.boss.presence(name, "signed_out")
            assert h.carrier.calls.empty()
            h.settled()


# -- what is done with a call that was made --

def test_a_call_made_is_a_call_like_any():
    with House() as h:
        api = anna(h)
        contact, phone, far = talks(h, queue="support")

        def do(verb, body=None, expect=200, who=api):
            return who.post(f"contacts/{contact}/{verb}", body or {}, expect=expect)
        do("hold")
        api.wait_work("anna", "holding", 3)
        far.sound.wait_loud(3, time.monotonic())  # music
        says_nothing(far.sound, "she is not heard", AGENT)
        do("resume")
        api.wait_work("anna", "talking", 3)
        far.sound.wait_for(AGENT, 3, time.monotonic())
        do("record_pause")
        do("record_resume")
        # to a colleague, without asking him first
        h.boss.ready("boris")
        do("transfer", {"to": {"agent": "boris"}})
        his = boris_takes(h, far)
        phone.wait_over(4, by="them")
        h.boss.wait_work("boris", "talking", 3)
        his.bye()
        far.wait_over(4, by="them")
        c = h.boss.wait_ended(contact)
        agents = [(s["agent"], s["result"]) for s in c["segments"] if s["kind"] == "agent"]
        assert agents == [("anna", "transferred"), ("boris", "completed")], agents
        assert c["ended_by"] == "agent", c
        h.settled()


def test_a_call_made_goes_to_a_queue_and_into_a_conference():
    with House(queue_more={"wrap_s": 0}) as h:
        api = anna(h)
        contact, phone, far = talks(h)
        h.boss.ready("boris")
        api.post(f"contacts/{contact}/transfer", {"to": {"queue": "support"}})
        his = boris_takes(h, far)
        far.bye()
        his.wait_over(4, by="them")
        h.boss.wait_ended(contact)
        h.boss.wait_work("anna", "idle", 4)
        # a colleague is asked first, then all three talk
        contact, phone, far = talks(h)
        api.post(f"contacts/{contact}/consult", {"to": {"agent": "boris"}})
        his = h.phones.wait_call(5)
        his.accept()
        his.say(1100)
        phone.sound.wait_for(1100, 4)
        api.post(f"contacts/{contact}/conference")
        phone.say(None)
        far.sound.wait_for(1100, 4)
        his.say(None)
        phone.say(AGENT)
        far.sound.wait_for(AGENT, 4, time.monotonic())
        his.bye()
        far.sound.wait_for(AGENT, 4, time.monotonic())
        phone.bye()
        far.wait_over(4, by="them")
        h.boss.wait_ended(contact)
        h.settled()
