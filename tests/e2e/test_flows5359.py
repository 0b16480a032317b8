"""Service flows of RFC 5359 that the server offers to telephones, as their keys do them."""
from harness import AGENT, CUSTOMER, House, wait_until

BORIS = 1234.0


def notifies(agent, call):
    """(what was said, whether more will come) of each NOTIFY in this call, in order, once each."""
    out = {}
    for _, direction, m in list(agent.log):
        if direction == "<" and m.start.startswith("NOTIFY ") and m.get("call-id") == call.call_id:
            out[m.cseq] = (m.body.split("\r\n")[0], m.get("subscription-state").split(";")[0])
    return [out[n] for n in sorted(out)]


def refer(h, phone, to, expect=202, **more):
    headers = [("refer-to", to), ("referred-by", "<sip:anna@acme.test>")]
    answer = h.phones.ask(phone.request("REFER", headers=headers))
    assert answer.status == expect, answer.start
    return answer


def test_hold_with_music():
    """RFC 5359 sections 2.1 and 2.3: the telephone holds, the caller hears music, then each other."""
    with House() as h:
        call, phone, _ = h.talk()
        call.say(CUSTOMER)
        phone.sound.wait_for(CUSTOMER)
        answer = phone.reinvite("sendonly")
        assert answer.direction == "recvonly", answer.text
        call.sound.free_of(AGENT, 1.0)
        call.sound.steadily_loud(1.0)  # music
        assert phone.reinvite("sendrecv").direction == "sendrecv"
        phone.say(AGENT)
        call.sound.wait_for(AGENT)
        phone.sound.wait_for(CUSTOMER)
        call.bye()
        h.settled()


def boris_answers(other, call):
    """He picks up, and the caller hears him."""
    other.ring()
    other.accept()
    other.say(BORIS)
    other.established.wait(10)
    call.sound.wait_for(BORIS, 5)


def test_transfer_unattended():
    """Section 2.4: REFER to a colleague; NOTIFYs tell how it goes; the caller talks to him."""
    with House() as h:
        call, phone, contact = h.talk()
        call.say(CUSTOMER)
        h.boss.ready("boris")
        refer(h, phone, "<sip:boris@acme.test>")
        other = h.phones.wait_call()
        assert other.user == "boris"
        boris_answers(other, call)
        other.sound.wait_for(CUSTOMER)
        wait_until(lambda: notifies(h.phones, phone) and
                   notifies(h.phones, phone)[-1][1] == "terminated", 5, "the last NOTIFY")
        told = notifies(h.phones, phone)
        assert told[0] == ("SIP/2.0 100 Trying", "active"), told
        assert told[-1][0].startswith("SIP/2.0 200"), told
        if not phone.over.is_set():
            phone.bye()
        assert not call.over.is_set()
        call.bye()
        other.wait_over()
        h.settled()


def test_transfer_to_somebody_unknown():
    """The transferor hears that it failed, and still has his caller."""
    with House() as h:
        call, phone, _ = h.talk()
        call.say(CUSTOMER)
        answer = h.phones.ask(phone.request("REFER", headers=[("refer-to", "<sip:nobody@acme.test>")]))
        assert answer.status >= 400, answer.start
        answer = h.phones.ask(phone.request("REFER", headers=[
            ("refer-to", "<sip:+88166777@elsewhere.test>")]))
        assert answer.status >= 400, answer.start
        phone.sound.wait_for(CUSTOMER)
        call.sound.wait_for(AGENT)
        call.bye()
        h.settled()


def test_transfer_attended():
    """Sections 2.2 and 2.5: hold, a second call to a colleague, REFER with Replaces."""
    with House() as h:
        call, phone, contact = h.talk()
        call.say(CUSTOMER)
        h.boss.ready("boris")
        phone.reinvite("sendonly")
        second = h.phones.call(f"sip:boris@{h.server.sip}", h.server.sip, user="anna",
                               domain="acme.test", auth=("anna", "anna-sip-1"), hz=AGENT)
        other = h.phones.wait_call()
        assert other.user == "boris", other.user
        other.ring()
        other.accept()
        other.say(BORIS)
        second.wait_answer()
        second.sound.wait_for(BORIS)
        replaces = (f"{second.call_id}%3Bto-tag%3D{second.remote_tag}"
                    f"%3Bfrom-tag%3D{second.local_tag}").replace("@", "%40")
        refer(h, phone, f"<sip:boris@acme.test?Replaces={replaces}>")
        call.sound.wait_for(BORIS, 5)
        other.sound.wait_for(CUSTOMER)
        wait_until(lambda: notifies(h.phones, phone) and
                   notifies(h.phones, phone)[-1][1] == "terminated", 5, "the last NOTIFY")
        assert notifies(h.phones, phone)[-1][0].startswith("SIP/2.0 200")
        for leg in (phone, second):
            if not leg.over.is_set():
                leg.bye()
        assert not call.over.is_set() and not other.over.is_set()
        call.bye()
        other.wait_over()
        h.settled()


def test_transfer_outlives_the_core():
    """A blind transfer whose colleague rings while the core dies: told of, and joined."""
    with House() as h:
        call, phone, contact = h.talk()
        call.say(CUSTOMER)
        h.boss.ready("boris")
        refer(h, phone, "<sip:boris@acme.test>")
        first = h.phones.wait_call()
        first.ring()
        h.server.kill("centrala-core")
        h.server.healthy(10)
        wait_until(lambda: not h.phones.calls.empty() or first.over.is_set(), 10, "rung again")
        other = h.phones.wait_call(10)
        boris_answers(other, call)
        assert not call.over.is_set()
        if not phone.over.is_set():
            phone.bye()
        call.bye()
        h.settled()
