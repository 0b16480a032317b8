"""Call control over HTTP: states, facts, records and figures of hold, transfer, consult, conference,
park, move and supervisors. Who hears whom is told by tones in test_parties.py."""
import time

from harness import AGENT, CUSTOMER, House, near, wait_until

NUMBER = "+48600700800"


def user(name, phones, roles=("agent",), queues=(), **more):
    return {"kind": "user", "tenant": "acme", "id": name, "name": name.title(), "roles": list(roles),
            "password": f"{name}-secret-1", "sip_password": f"{name}-sip-1",
            "phone": {"kind": "sip", "contact": f"sip:{name}@127.0.0.1:{phones.port}"},
            "queues": list(queues), "capacity": {"voice": 100}, **more}


class Control(House):
    """Queues support (anna, boris) and help (clara); eva supervises and is an agent too."""

    def __init__(self, **more):
        super().__init__(**more)
        queue = next(o for o in self.objects["objects"] if o["kind"] == "queue")
        self.more = [{**queue, "id": "help", "name": "Help"}, user("clara", self.phones, queues=["help"]),
                     user("eva", self.phones, ("supervisor", "agent"))]

    def __enter__(self):
        super().__enter__()
        self.server.apply({"objects": self.more})
        self.on = {}
        self.api = {name: self.server.login(name) for name in ("anna", "boris", "clara", "eva")}
        return self

    def does(self, who, contact, verb, body=None, expect=200):
        return self.api[who].post(f"contacts/{contact}/{verb}", body, expect)

    def rings(self, name, seconds=10.0):
        phone = self.phones.wait_call(seconds)
        assert phone.user == name, f"{phone.user}'s phone rang, not {name}'s"
        phone.ring()
        return phone

    def answers(self, name, seconds=10.0):
        phone = self.rings(name, seconds)
        phone.accept()
        phone.say(AGENT)
        phone.established.wait(10)
        return phone

    def number_rings(self):
        call = self.carrier.wait_call()
        assert call.user == NUMBER, call.user
        call.ring()
        return call

    def state(self, contact, state, seconds=10.0):
        return self.boss.wait_contact(contact, lambda c: c["state"] == state, seconds,
                                      f"the contact is {state}")

    def names(self, contact):
        return [e["event"] for e in self.boss.events(contact)]

    def segments(self, contact):
        return [(s["kind"], s.get("agent") or s.get("queue"), s["result"])
                for s in self.boss.contact(contact)["segments"] if s["kind"] != "flow"]


def test_hold_and_resume():
    with Control() as h:
        call, phone, contact = h.talk()
        asked = time.monotonic()
        assert h.does("anna", contact, "hold")["state"] == "held"
        h.boss.wait_work("anna", "holding")
        assert h.does("anna", contact, "hold", expect=409)["detail"]
        h.does("boris", contact, "resume", expect=403)
        call.sound.free_of(AGENT, 0.7)
        call.sound.steadily_loud(0.7, 0.4)  # music
        most = time.monotonic() - asked
        assert h.does("anna", contact, "resume")["state"] == "talking"
        h.boss.wait_work("anna", "talking")
        call.sound.steady(AGENT)
        call.bye()
        record = h.boss.wait_ended(contact)
        assert 700 <= record["hold_ms"], record
        near(record["hold_ms"], most * 1000, 1000, "hold_ms")
        names = h.names(contact)
        assert names.count("hold_on") == names.count("hold_off") == 1, names
        h.settled()


def test_a_phone_that_holds_is_the_same_hold():
    with Control() as h:
        call, phone, contact = h.talk()
        phone.reinvite("sendonly")
        h.state(contact, "held")
        h.boss.wait_work("anna", "holding")
        h.does("anna", contact, "hold", expect=409)
        phone.reinvite("sendrecv")
        h.state(contact, "talking")
        call.bye()
        h.boss.wait_ended(contact)
        h.settled()


def test_blind_transfer_to_an_agent():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "transfer", {"to": {"agent": "clara"}}, 409)  # signed out
        h.does("anna", contact, "transfer", {"to": {"agent": "nobody"}}, 400)
        h.does("anna", contact, "transfer", {}, 400)
        h.boss.ready("clara")
        assert h.does("anna", contact, "transfer", {"to": {"agent": "clara"}})["state"] == "offered"
        phone.wait_over(by="them")
        clara = h.answers("clara")
        h.state(contact, "talking")
        assert h.boss.agent("clara")["contacts"] == [contact]
        call.sound.steady(AGENT)
        clara.sound.steady(CUSTOMER)
        clara.bye()
        call.wait_over(by="them")
        record = h.boss.wait_ended(contact, 10)
        assert h.segments(contact) == [("queue", "support", "answered"),
                                       ("agent", "anna", "transferred"),
                                       ("agent", "clara", "completed")], record["segments"]
        assert len(record["recordings"]) == 2, record["recordings"]
        row = h.boss.report()
        assert (row["offered"], row["answered"], row["transferred"]) == (1, 1, 1), row
        assert row["transfer_rate"] == 1, row
        h.settled()


def test_a_transfer_that_nobody_takes_comes_back():
    with Control(queue_more={"wrap_s": 30}) as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        h.does("anna", contact, "transfer", {"to": {"agent": "clara"}})
        phone.wait_over(by="them")
        h.boss.wait_work("anna", "wrapping")
        h.rings("clara").reject()
        back = h.answers("anna")  # out of her wrap-up: it is this very contact
        h.state(contact, "talking")
        h.does("anna", contact, "transfer", {"to": {"number": NUMBER}})
        back.wait_over(by="them")
        h.number_rings().reject(486, "Busy Here")
        h.rings("anna").reject(603, "Decline")  # then it waits in its queue
        h.state(contact, "waiting")
        h.boss.ready("boris")
        h.answers("boris")
        h.state(contact, "talking")
        call.bye()
        h.boss.wait_work("boris", "wrapping")
        for name in ("anna", "boris"):
            if h.boss.agent(name)["work"] == "wrapping":
                h.does(name, contact, "wrap", {"outcome": "solved"})
        h.boss.wait_ended(contact, 10)
        assert h.names(contact).count("transfer_back") == 3
        h.settled()


def test_transfer_to_a_queue_keeps_its_time():
    with Control() as h:
        call, phone, contact = h.talk()
        later = h.ring(number="+48221000001", user="+48601000002")
        later.wait_answer()
        other = h.contact_of(later)
        h.boss.wait_waiting(1)
        h.boss.post(f"contacts/{other}/move", {"to": {"queue": "help"}})
        h.boss.wait_waiting(1, "help")
        h.does("anna", contact, "transfer", {"to": {"queue": "help"}})
        h.boss.wait_waiting(2, "help")
        assert [c["id"] for c in h.boss.live("help")["contacts"]] == [contact, other]
        h.boss.ready("clara")
        clara = h.answers("clara")
        assert h.boss.agent("clara")["contacts"] == [contact]
        clara.bye()
        call.wait_over(by="them")
        second = h.answers("clara")
        assert h.boss.agent("clara")["contacts"] == [other]
        later.bye()
        h.boss.wait_ended(other, 10)
        rows = h.boss.report("help"), h.boss.report("support")
        assert [r["offered"] for r in rows] == [2, 2] and rows[1]["flow_out"] == 1, rows
        second.wait_over()
        h.settled()


def test_transfer_to_a_number():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "transfer", {"to": {"number": "+48600700800"}})
        far = h.number_rings()
        phone.wait_over(by="them")
        far.accept()
        far.say(AGENT)
        far.established.wait(10)
        call.sound.steady(AGENT)
        far.sound.steady(CUSTOMER)
        h.boss.wait_work("anna", "idle")
        far.bye()
        call.wait_over(by="them")
        record = h.boss.wait_ended(contact, 10)
        assert record["ended_by"] == "system", record
        h.settled()


def test_consult_swap_and_complete():
    with Control() as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        assert h.does("anna", contact, "consult", {"to": {"agent": "clara"}})["state"] == "held"
        h.boss.wait_work("anna", "consulting")
        h.does("anna", contact, "swap", expect=409)
        clara = h.answers("clara")
        h.boss.wait_work("clara", "consulting")
        assert h.state(contact, "held")
        h.does("clara", contact, "complete", expect=409)
        assert h.does("anna", contact, "swap")["state"] == "talking"
        assert h.does("anna", contact, "swap")["state"] == "held"
        h.does("anna", contact, "complete")
        phone.wait_over(by="them")
        h.boss.wait_work("clara", "talking")
        h.state(contact, "talking")
        clara.sound.steady(CUSTOMER)
        call.bye()
        h.boss.wait_ended(contact, 10)
        assert h.segments(contact)[1:] == [("agent", "anna", "transferred"),
                                           ("agent", "clara", "completed")]
        names = h.names(contact)
        assert "consult_start" in names and "consult_end" in names, names
        h.settled()


def test_consult_a_number_and_put_down():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "consult", {"to": {"number": NUMBER}})
        far = h.number_rings()
        far.accept()
        far.say(AGENT)
        far.established.wait(10)
        phone.sound.steady(AGENT)
        call.sound.free_of(AGENT)
        phone.bye()  # as telephones complete
        call.sound.steady(AGENT)
        call.bye()
        far.wait_over(by="them")
        h.boss.wait_ended(contact, 10)
        h.settled()


def test_consult_cancelled_and_refused():
    with Control() as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        h.does("anna", contact, "consult", {"to": {"queue": "help"}})
        clara = h.rings("clara")
        h.does("anna", contact, "cancel")
        clara.wait_over(by="them")
        h.state(contact, "talking")
        h.boss.wait_work("anna", "talking")
        h.does("anna", contact, "consult", {"to": {"agent": "clara"}})
        h.rings("clara").reject(603, "Decline")
        h.boss.wait_work("anna", "talking")
        h.state(contact, "talking")
        h.does("anna", contact, "cancel", expect=409)
        call.bye()
        h.boss.wait_ended(contact, 10)
        row = h.boss.report("help")
        assert (row["offered"], row["flow_out"]) == (1, 1), row
        h.settled()


def test_conference_mute_and_leave():
    with Control() as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        h.does("anna", contact, "conference", {"to": {"agent": "clara"}})
        clara = h.answers("clara")
        for name in ("anna", "clara"):
            h.boss.wait_work(name, "conferencing")
        h.does("anna", contact, "conference", {"to": {"number": NUMBER}})
        far = h.number_rings()
        far.accept()
        far.established.wait(10)
        h.does("clara", contact, "mute")
        h.does("clara", contact, "mute", expect=409)
        h.does("anna", contact, "unmute", {"who": {"agent": "clara"}})
        h.does("anna", contact, "mute", {"who": "customer"})
        h.does("anna", contact, "unmute", {"who": "customer"})
        h.does("anna", contact, "mute", {"who": {"number": "+48111"}}, 400)
        h.does("anna", contact, "leave")
        phone.wait_over(by="them")
        assert h.state(contact, "talking")
        clara.bye()
        time.sleep(0.3)
        assert not call.over.is_set(), "the number is still there"
        far.bye()
        call.wait_over(by="them")
        h.boss.wait_ended(contact, 10)
        names = h.names(contact)
        assert names.count("conf_on") == names.count("conf_off") + 1 or "conf_on" in names, names
        assert names.count("mute_on") == names.count("mute_off") == 2, names
        h.settled()


def test_park_and_pick_up():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("clara", contact, "accept", expect=403)
        assert h.does("anna", contact, "park")["state"] == "parked"
        phone.wait_over(by="them")
        assert [c["id"] for c in h.boss.contacts(state="parked")] == [contact]
        h.boss.ready("clara")
        h.does("clara", contact, "accept")
        clara = h.answers("clara")
        h.state(contact, "talking")
        clara.sound.steady(CUSTOMER)
        clara.bye()
        call.wait_over(by="them")
        h.boss.wait_ended(contact, 10)
        h.settled()


def test_parked_too_long():
    with Control(queue_more={"park_s": 10}) as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "park")
        phone.wait_over(by="them")
        back = h.answers("anna", 30)
        h.state(contact, "talking")
        back.bye()
        call.wait_over(by="them")
        h.boss.wait_ended(contact, 10)
        h.settled()


def modes_told(h, user, contact):
    """How supervisors were with this contact, as he is told."""
    return [e["mode"] for e in h.api[user].events(contact) if e["event"] == "monitor_start"]


def test_a_supervisor_listens_and_takes_over():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "monitor", {"mode": "listen"}, 403)
        h.does("boris", contact, "take_over", expect=403)
        h.boss.post(f"contacts/{contact}/monitor", {"mode": "listen"}, 409)  # olga has no phone
        h.does("eva", contact, "monitor", {"mode": "loud"}, 400)
        h.does("eva", contact, "monitor", {"mode": "listen"})
        eva = h.answers("eva")
        wait_until(lambda: "monitor_start" in h.names(contact), 10, "she listens")
        eva.sound.steadily_loud(0.4, 0.9)
        assert h.boss.agent("anna")["contacts"] == [contact]
        assert h.boss.agent("eva")["contacts"] == []
        assert modes_told(h, "anna", contact) == ["listen"], "anna is to see that she is listened to"
        h.server.apply({"objects": [{"kind": "tenant", "id": "acme", "name": "Acme S.A.", "domain": "acme.test",
                                     "time_zone": "Europe/Warsaw", "monitor_silent": True}]})
        assert modes_told(h, "anna", contact) == [], "listening is silent in this tenant"
        h.does("eva", contact, "monitor", {"mode": "barge"})
        assert modes_told(h, "anna", contact) == ["barge"], "who speaks is always seen"
        h.does("eva", contact, "take_over")
        phone.wait_over(by="them")
        h.boss.wait_work("eva", "talking")
        call.sound.steady(AGENT)
        eva.bye()
        call.wait_over(by="them")
        h.boss.wait_ended(contact, 10)
        assert h.segments(contact)[1:] == [("agent", "anna", "transferred"),
                                           ("agent", "eva", "completed")]
        h.settled()


def test_a_recording_is_paused():
    with Control() as h:
        call, phone, contact = h.talk()
        h.does("anna", contact, "record_resume", expect=409)
        h.does("anna", contact, "record_pause")
        time.sleep(0.5)
        h.does("anna", contact, "record_resume")
        call.bye()
        h.boss.wait_ended(contact, 10)
        names = h.names(contact)
        assert names.index("record_pause") < names.index("record_resume"), names
        h.settled()


def test_a_consultation_outlives_the_core():
    """kill -9 while it rings, and while they talk."""
    with Control() as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        h.does("anna", contact, "consult", {"to": {"agent": "clara"}})
        old = h.rings("clara")
        h.server.kill("centrala-core")
        h.server.healthy()
        old.wait_over(by="them")
        clara = h.answers("clara")  # rung anew
        h.boss.wait_work("clara", "consulting")
        h.server.kill("centrala-core")
        h.server.healthy()
        h.state(contact, "held")
        h.does("anna", contact, "swap")
        h.does("anna", contact, "swap")
        h.does("anna", contact, "complete")
        phone.wait_over(by="them")
        h.boss.wait_work("clara", "talking")
        clara.sound.steady(CUSTOMER)
        call.bye()
        h.boss.wait_ended(contact, 10)
        h.settled(8)


def test_a_conference_and_a_parked_contact_outlive_the_core():
    with Control() as h:
        call, phone, contact = h.talk()
        h.boss.ready("clara")
        h.does("anna", contact, "consult", {"to": {"agent": "clara"}})
        clara = h.answers("clara")
        h.does("anna", contact, "conference")
        h.boss.wait_work("clara", "conferencing")
        h.server.kill("centrala-core")
        h.server.healthy()
        h.boss.wait_work("anna", "conferencing")
        call.sound.steady(AGENT)
        h.does("anna", contact, "leave")
        phone.wait_over(by="them")
        h.boss.wait_work("clara", "talking")
        h.does("clara", contact, "park")
        clara.wait_over(by="them")
        h.server.kill("centrala-core")
        h.server.healthy()
        h.state(contact, "parked")
        call.bye()
        h.boss.wait_ended(contact, 10)
        assert h.segments(contact)[1:] == [("agent", "anna", "transferred"),
                                           ("agent", "clara", "transferred")]
        h.settled(8)
