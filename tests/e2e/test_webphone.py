"""A browser as an agent's telephone: contract.md section 4, behaviours.md A-6. Callers are SIP, desks are WebSockets on
/api/v1/live, a tab's sound is ICE and DTLS-SRTP as a browser does it (webrtc.py)."""
import contextlib
import os
import random
import signal
import threading
import time

from browser import Browser
from harness import House, near, seeds, wait_until
from sound import RATE  # noqa: F401 (the rate of everything measured here)
from webrtc import Desk, Refused, Tab

CUSTOMER, AGENT, OTHER = 700, 1100, 1700
CLARA = {"kind": "user", "tenant": "acme", "id": "clara", "name": "Clara Desk", "roles": ["agent"],
         "password": "clara-secret-1", "phone": {"kind": "browser"}, "skills": {"billing": 5},
         "queues": ["support"], "capacity": {"voice": 100}}


def user(name, **more):
    return {**CLARA, "id": name, "name": name.title(), "password": f"{name}-secret-1", **more}


class Page:
    """What a signed-in agent has open: a desk with the phone."""

    def __init__(self, house, who="clara", codec="opus", token=None, hz=AGENT, **more):
        self.house, self.who, self.codec, self.hz = house, who, codec, hz
        self.api = None if token else house.server.login(who)
        self.token = token or self.api.token
        self.desk = self.tab = self.session = None
        self.open(**more)

    def open(self, **more):
        """As a page that was loaded: a new WebSocket, a new offer."""
        self.desk = Desk(self.house.server.http, self.token)
        self.offer(**more)

    def offer(self, **more):
        old, self.tab = self.tab, Tab(self.codec)
        if old:  # a stream of its own, though its numbers look like late ones of the former
            self.tab.seq = (old.seq - 200) & 0xFFFF
        try:
            got = self.desk.do("phone", offer=self.tab.offer(), **more)
        except Refused:
            self.tab.close()
            raise
        self.session = got["session"]
        self.tab.go(got["answer"])
        self.tab.say(self.hz)
        self.desk.wait_phone("up")

    def reload(self):
        """The page goes, with all it had, and comes again."""
        self.desk.leave(1001)
        self.tab.leave()
        self.open()

    def reconnect(self, seconds=20.0):
        """Another WebSocket; the page and its sound are the same."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.desk = Desk(self.house.server.http, self.token)
                return self.desk.do("phone", session=self.session)
            except (OSError, AssertionError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def close(self):
        with contextlib.suppress(Exception):
            self.desk.leave()
        with contextlib.suppress(Exception):
            self.tab.close()


@contextlib.contextmanager
def world(pages=("clara",), agents=(), codec="opus", settings=(), objects=(), **more):
    made = [user(name) for name in pages if name not in [o["id"] for o in objects]]
    with House(agents=agents, objects=[*made, *objects], settings=settings, **more) as h:
        opened = []
        try:
            for name in pages:
                opened.append(Page(h, name, codec))
            yield (h, *opened)
        finally:
            for page in opened:
                page.close()


def offered(page, contact=None, seconds=5.0, but=()):
    return page.desk.wait_event(lambda e: e["event"] == "offer" and e["agent"] == page.who
                                and contact in (None, e["contact"]) and e not in but, seconds,
                                "an offer on the desk")


def talk(h, page, **more):
    """A caller and a page that talk, both heard: (call, contact)."""
    before = list(page.desk.events)
    h.boss.ready(page.who)
    call = h.ring(hz=CUSTOMER, **more)
    call.wait_answer()
    offer = offered(page, but=before)
    page.desk.do("accept", contact=offer["contact"])
    both_hear(call, page)
    return call, offer["contact"]


def both_hear(call, page, seconds=5.0, since=None):
    since = since or time.monotonic()
    call.sound.wait_for(page.hz, seconds, since)
    page.tab.wait_for(CUSTOMER, seconds, since)


def music(call, seconds=3.0):
    """The caller hears something, which is not the agent."""
    began = time.monotonic()

    def plays():
        now = time.monotonic()
        return now - began > 0.3 and call.sound.loud(now - 0.3, now) and call.sound.hears(AGENT, now - 0.3, now) < 0.2
    wait_until(plays, seconds, "music")


def test_phone_is_ready_with_its_session_and_gone_with_its_desk():
    with House(agents=(), objects=[CLARA]) as h:
        h.boss.presence("clara", "ready", expect=409)
        page = Page(h)
        assert h.boss.agent("clara")["phone"] == {"kind": "browser", "ready": True, "state": "up"}
        h.boss.ready("clara")
        page.desk.leave(1001)
        page.tab.leave()
        wait_until(lambda: h.boss.agent("clara")["phone"]["state"] == "connecting", 3, "connecting")
        page.open()
        assert h.boss.agent("clara")["phone"]["ready"]
        page.close()


def test_offers_that_cannot_be_answered():
    with House(objects=[CLARA]) as h:
        desk = Desk(h.server.http, h.server.login("clara").token)
        tab = Tab()
        good = tab.offer()
        for cut, put, status in (("v=0", "v=9", 400), ("a=rtcp-mux", "a=x", 400), ("actpass", "passive", 400),
                                 ("opus/48000/2", "speex/16000", 400), ("sha-256", "md5", 400)):
            try:
                desk.do("phone", offer=good.replace(cut, put))
                raise SystemExit(f"{put} was answered")
            except Refused as e:
                assert e.status == status, e
        for body, status in (({"session": "nosuch"}, 404), ({}, 400)):
            try:
                desk.do("phone", **body)
                raise SystemExit(f"{body} was answered")
            except Refused as e:
                assert e.status in (status, 404), e
        anna = Desk(h.server.http, h.server.login("anna").token)  # her telephone is a SIP phone
        try:
            anna.do("phone", offer=good)
            raise SystemExit("a SIP phone's user got a session")
        except Refused as e:
            assert e.status == 409, e
        h.server.login("clara").post("agents/clara/phone", {"offer": good}, expect=409)  # no desk
        h.boss.post("agents/clara/phone", {"offer": good, "take": True}, expect=403)
        for one in (desk, anna):
            one.leave()
        tab.close()


def accepted(h, page):
    """A contact is accepted and both are heard: (call, offer, when, seconds from the click until both were)."""
    before = list(page.desk.events)
    h.boss.ready("clara")
    call = h.ring(hz=CUSTOMER)
    call.wait_answer()
    offer = offered(page, but=before)
    assert not page.tab.loud(time.monotonic() - 0.3, time.monotonic())  # he hears nothing
    since = time.monotonic()
    page.desk.do("accept", contact=offer["contact"])
    both_hear(call, page, 3, since)
    took = [ear.first_heard(hz, since) - since for ear, hz in ((call.sound, AGENT), (page.tab, CUSTOMER))]
    print(f"  {page.codec}: heard {took[0] * 1000:.0f} and {took[1] * 1000:.0f} ms after the click")
    return call, offer, since, max(took)


def test_accepted_contact_is_heard_at_once():
    """Within 100 ms of the click, both ways, without anything negotiated; then both ends hang up."""
    for codec in ("opus", "PCMA"):
        with world(codec=codec) as (h, page):
            for left in (2, 1, 0):  # the best of three: a machine may stumble over one
                call, offer, before, took = accepted(h, page)
                if took < 0.25 or not left:
                    break
                call.bye()
                h.boss.wait_ended(offer["contact"])
                h.boss.wait_work("clara", "idle")
            assert took < 0.25, took
            time.sleep(1)
            if codec == "opus":
                page.desk.do("end", contact=offer["contact"])
            else:
                call.bye()
            record = h.boss.wait_ended(offer["contact"])
            assert record["ended_by"] == ("agent" if codec == "opus" else "customer")
            (his,) = h.boss.figures(offer["contact"])  # of this contact, though his leg stays
            assert his["codec"] == codec and his["srtp"] == "AEAD_AES_128_GCM", his
            assert 20 < his["received"] < 50 * (time.monotonic() - before) + 10 and his["sent"] > 20, his
            assert his["mos_cent"] > 350 and not his["forged"], his
            assert h.boss.agent("clara")["phone"]["ready"]
            h.settled()


def test_verbs_work_as_with_any_phone():
    """hold, consult a colleague in a browser, complete; transfer back to a SIP phone; park and pick up."""
    with world(("clara", "dora"), agents=("anna",)) as (h, clara, dora):
        dora.tab.say(OTHER)
        dora.hz = OTHER
        call, contact = talk(h, clara)
        clara.desk.do("hold", contact=contact)
        music(call)
        clara.desk.do("resume", contact=contact)
        both_hear(call, clara)
        h.boss.ready("dora")
        clara.desk.do("consult", contact=contact, to={"agent": "dora"})
        offered(dora, contact)
        dora.desk.do("accept", contact=contact)
        clara.tab.wait_for(OTHER)
        dora.tab.wait_for(AGENT)
        music(call)
        clara.desk.do("complete", contact=contact)
        both_hear(call, dora)
        dora.desk.do("park", contact=contact)
        music(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "parked")
        wait_until(lambda: h.boss.agent("clara")["work"] in ("idle", "wrapping"), 3, "clara is through")
        wait_until(lambda: h.boss.agent("clara")["work"] == "idle", 4, "clara is idle")
        clara.desk.do("accept", contact=contact)  # nobody rings: he said so
        both_hear(call, clara)
        h.boss.ready("anna")
        clara.desk.do("transfer", contact=contact, to={"agent": "anna"})
        phone = h.phones.wait_call()
        phone.accept()
        phone.say(OTHER)
        call.sound.wait_for(OTHER)
        phone.bye()
        h.boss.wait_ended(contact)
        h.settled()


def test_supervisor_listens_in_his_browser():
    with world(("clara", "sara"), objects=[user("sara", roles=["supervisor", "agent"])]) as (h, clara, sara):
        call, contact = talk(h, clara)
        sara.tab.say(OTHER)
        clara.tab.say(None)  # what she hears is the sum of both
        sara.desk.do("monitor", contact=contact, mode="listen")
        sara.tab.wait_for(CUSTOMER)
        since = time.monotonic()
        time.sleep(0.3)
        assert call.sound.hears(OTHER, since, time.monotonic()) == 0
        since = time.monotonic()
        sara.desk.do("monitor", contact=contact, mode="barge")
        call.sound.wait_for(OTHER, 3, since)
        clara.tab.say(AGENT)
        sara.desk.do("monitor", contact=contact, mode="none")
        sara.tab.wait_silent()
        both_hear(call, clara)
        call.bye()
        h.boss.wait_ended(contact)
        h.settled()


def hear_each_other(who, seconds=6.0):
    """{ear: its tone}: each hears all the others and nothing else, not even itself."""
    def shares(ear, since, until):
        frames = ear.frames(since, until)
        return {hz: sum(ear.share_of(f, hz) for f in frames) / max(len(frames), 1) for hz in who.values()}

    def right():
        since = time.monotonic()
        time.sleep(0.4)
        got = [(hz, shares(ear, since, time.monotonic())) for ear, hz in who.items()]
        if all((share > 0.3 / (len(who) - 1)) == (of != own) for own, heard in got for of, share in heard.items()):
            return got
        print("  heard:", [(own, {hz: round(s, 2) for hz, s in heard.items()}) for own, heard in got])
        return None
    wait_until(right, seconds, "everybody hears everybody")


def test_conference_of_browsers_and_a_number():
    """Two browsers, the caller and a number; it outlives the core, and whoever asked for it leaves."""
    with world(("clara", "dora")) as (h, clara, dora):
        call, contact = talk(h, clara)
        dora.tab.say(OTHER)
        h.boss.ready("dora")
        clara.desk.do("conference", contact=contact, to={"agent": "dora"})
        offered(dora, contact)
        dora.desk.do("accept", contact=contact)
        people = {call.sound: CUSTOMER, clara.tab: AGENT, dora.tab: OTHER}
        hear_each_other(people)
        clara.desk.do("conference", contact=contact, to={"number": "+48601602603"})
        far = h.carrier.wait_call(5)
        far.accept()
        far.say(2300)
        people[far.sound] = 2300
        hear_each_other(people)
        h.server.kill("centrala-core")
        h.server.healthy()
        for page in (clara, dora):
            page.reconnect()
        hear_each_other(people)
        clara.desk.do("leave", contact=contact)
        del people[clara.tab]
        hear_each_other(people)
        clara.tab.wait_silent()  # at home
        call.bye()
        far.wait_over(5, by="them")
        h.boss.wait_ended(contact)
        hers, his = h.boss.figures(contact)
        assert hers["received"] < his["received"] and {hers["codec"], his["codec"]} == {"opus"}, (hers, his)
        assert min(hers["received"], hers["sent"], his["sent"]) > 50, (hers, his)
        h.settled()


def test_supervisor_takes_over_in_his_browser():
    with world(("clara", "sara"), objects=[user("sara", roles=["supervisor", "agent"])]) as (h, clara, sara):
        call, contact = talk(h, clara)
        sara.tab.say(OTHER)
        sara.hz = OTHER
        sara.desk.do("monitor", contact=contact, mode="barge")
        hear_each_other({call.sound: CUSTOMER, clara.tab: AGENT, sara.tab: OTHER})
        sara.desk.do("take_over", contact=contact)
        both_hear(call, sara)
        hear_each_other({call.sound: CUSTOMER, sara.tab: OTHER})
        clara.tab.wait_silent()
        assert h.boss.agent("sara")["contacts"] == [contact]
        assert [e for e in h.boss.events(contact) if e["event"] == "agent_work" and e["agent"] == "clara"
                and e["to"] == "wrapping"], h.boss.events(contact)
        sara.desk.do("hold", contact=contact)
        music(call)
        sara.desk.do("resume", contact=contact)
        both_hear(call, sara)
        call.bye()
        record = h.boss.wait_ended(contact)
        assert [(s["agent"], s["result"]) for s in record["segments"] if s["kind"] == "agent"] == [
            ("clara", "transferred"), ("sara", "completed")], record["segments"]
        first, second = h.boss.figures(contact)  # who took over is an agent now
        assert first["received"] > 15 and second["received"] > 30, (first, second)
        assert not h.boss.figures(contact, "supervisor")
        for who in ("clara", "sara"):
            assert h.boss.agent(who)["phone"]["ready"]
        h.settled()


def test_own_call_needs_no_ringing():
    with world() as (h, page):
        got = page.desk.do("call", to="+48601601601")
        callee = h.carrier.wait_call()
        page.tab.wait_loud(3)  # the ringing of the far end, from us
        callee.accept()
        callee.say(CUSTOMER)
        both_hear(callee, page)
        page.desk.do("end", contact=got["id"])
        callee.wait_over()
        h.boss.wait_ended(got["id"])


def test_auto_answer():
    with world(objects=[user("clara", phone={"kind": "browser", "auto_answer": True})]) as (h, page):
        h.boss.ready("clara")
        call = h.ring(hz=CUSTOMER)
        call.wait_answer()
        both_hear(call, page)
        call.bye()
        h.settled()


def test_ten_reloads_in_one_call():
    with world() as (h, page):
        call, contact = talk(h, page)
        took = []
        for _ in range(10):
            page.desk.leave(1001)
            page.tab.leave()
            music(call)
            before = time.monotonic()
            page.open()
            both_hear(call, page)
            took.append(time.monotonic() - before)
        took.sort()
        print(f"  slowest reload: {took[-1] * 1000:.0f} ms until both hear each other again")
        assert took[-3] < 2.5, took  # over two of ten a machine may stumble
        facts = [e["event"] for e in h.boss.events(contact)]
        assert facts.count("answer") == 1 and "agent_end" not in facts
        assert h.boss.agent("clara")["work"] == "talking"
        call.bye()
        record = h.boss.wait_ended(contact)
        assert [s["kind"] for s in record["segments"]].count("agent") == 1
        near(record["recordings"][0]["duration_ms"], record["talk_ms"], 1000, "the recording's length")
        h.settled()


def test_path_that_is_away_for_a_while():
    """The network goes for 2, 8 and 30 s: the same contact each time; music from 5 s on."""
    with world() as (h, page):
        call, contact = talk(h, page)
        for seconds in (2, 8, 30):
            page.tab.cut = True
            time.sleep(seconds)
            if seconds > 6:
                music(call)
                wait_until(lambda: h.boss.agent("clara")["phone"]["state"] == "connecting", 3, "connecting")
            page.tab.moves()  # it comes back under another address
            page.tab.cut = False
            both_hear(call, page, 5)
        wait_until(lambda: h.boss.agent("clara")["phone"]["state"] == "up", 3, "up")
        call.bye()
        h.boss.wait_ended(contact)
        h.settled()


test_path_that_is_away_for_a_while.waits = True


def test_path_that_is_away_for_too_long():
    """70 s: the caller waits again, first of all, and the agent is not ready."""
    with world(("clara", "dora")) as (h, page, dora):
        call, contact = talk(h, page)
        other = h.ring(user="+48601000002", hz=OTHER)
        other.wait_answer()
        page.tab.cut = True
        page.desk.leave(0)
        time.sleep(55)
        assert h.boss.agent("clara")["work"] == "talking"
        record = h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 15, "it waits again")
        agent = h.boss.agent("clara")
        assert (agent["presence"], agent["reason"]) == ("not_ready", "technical")
        first = h.boss.live()["contacts"][0]
        assert first["id"] == contact and record["id"] == contact
        events = h.boss.get("events?after=0&limit=500")["items"]
        told = [e["on"] for e in events if e["event"] == "agent_connecting" and e["agent"] == "clara"]
        assert told == [True, False], told
        assert [e["agent"] for e in events if e["event"] == "alarm" and e["name"] == "agent_lost"] == ["clara"], events
        h.boss.ready("dora")
        offered(dora, contact)
        dora.desk.do("accept", contact=contact)
        both_hear(call, dora)
        page.tab.close()
        page.open()
        h.boss.ready("clara")
        other_offer = offered(page)
        assert other_offer["contact"] != contact
        for one in (call, other):
            one.bye()
        h.settled()


test_path_that_is_away_for_too_long.waits = True


def test_desk_that_breaks_off_while_sound_flows():
    """A proxy that restarts cuts WebSockets, not talks; the desk takes the session up without SDP."""
    with world() as (h, page):
        call, contact = talk(h, page)
        since = time.monotonic()
        page.desk.break_off()
        wait_until(lambda: h.boss.agent("clara")["phone"]["state"] == "connecting", 3, "connecting")
        assert page.reconnect() == {"session": page.session}
        wait_until(lambda: h.boss.agent("clara")["phone"]["state"] == "up", 3, "up")
        until = time.monotonic()
        assert page.tab.longest_gap(since, until, CUSTOMER) < 0.2
        assert call.sound.longest_gap(since, until, AGENT) < 0.2
        page.desk.do("end", contact=contact)
        h.boss.wait_ended(contact)
        h.settled()


def test_offer_is_withdrawn_when_the_desk_goes():
    with world(("clara", "dora")) as (h, clara, dora):
        h.boss.ready("clara")
        call = h.ring(hz=CUSTOMER)
        call.wait_answer()
        offer = offered(clara)
        clara.desk.break_off()
        ends = wait_until(lambda: [e for e in h.boss.events(offer["contact"]) if e["event"] == "offer_end"],
                          3, "it is withdrawn")
        assert ends[0]["result"] == "unreachable"
        h.boss.ready("dora")
        offered(dora, offer["contact"])
        dora.desk.do("accept", contact=offer["contact"])
        both_hear(call, dora)
        call.bye()
        h.settled()


def test_second_desk():
    with world() as (h, page):
        call, contact = talk(h, page)
        try:
            Page(h)
            raise SystemExit("a second desk took the phone")
        except Refused as e:
            assert e.status == 409 and "take" in str(e), e
        both_hear(call, page)
        old = page.tab
        second = Page(h, take=True)
        page.desk.wait_phone("elsewhere")
        both_hear(call, second)
        old.wait_silent()
        page.desk.leave(1001)  # the first one may go: nothing happens
        time.sleep(0.3)
        both_hear(call, second)
        call.bye()
        h.boss.wait_ended(contact)
        second.close()
        h.settled()


def test_core_killed_in_a_call():
    """Sound goes on; desks come back with their session and no SDP; the offer made meanwhile is kept."""
    with world() as (h, page):
        call, contact = talk(h, page)
        for _ in range(2):
            since = time.monotonic()
            h.server.kill("centrala-core")
            time.sleep(0.3)
            assert page.reconnect() == {"session": page.session}
            wait_until(lambda: h.server.login().agent("clara")["phone"]["ready"], 5, "the phone is ready")
            until = time.monotonic()
            assert page.tab.longest_gap(since, until, CUSTOMER) < 0.3
            assert call.sound.longest_gap(since, until, AGENT) < 0.3
            time.sleep(4)  # three deaths within 10 s set images aside
        page.desk.do("hold", contact=contact)
        music(call)
        page.desk.do("resume", contact=contact)
        both_hear(call, page)
        page.desk.do("end", contact=contact)
        h.boss.wait_ended(contact)
        h.settled()


def test_core_killed_while_a_page_loads():
    """At moments between the page's going and its sound: it comes once more, and finds its contact."""
    for seed in seeds(3):
        with world() as (h, page):
            call, contact = talk(h, page)
            page.desk.leave(1001)
            page.tab.leave()
            wait = random.Random(seed).random() * 0.25
            killer = threading.Timer(wait, h.server.kill, ("centrala-core",))
            killer.start()
            until = time.monotonic() + 30
            while True:
                try:
                    page.open(take=True)
                    killer.join()
                    both_hear(call, page, 2)
                    break
                except (Refused, OSError, AssertionError):
                    page.close()
                    assert time.monotonic() < until, f"nobody is heard after a kill at {wait * 1000:.0f} ms"
            h.boss = h.server.login()
            assert h.boss.contact(contact)["state"] == "talking"
            call.bye()
            h.boss.wait_ended(contact)
            h.settled()


def test_core_killed_while_a_contact_ends():
    """The session stays, and the contact does not wait for ever to hear how its agent had sounded; mostly it is told."""
    told = 0
    for seed in seeds():
        with world() as (h, page):
            call, contact = talk(h, page)
            wait = random.Random(seed).random() * 0.03
            call.bye()
            time.sleep(wait)
            h.server.kill("centrala-core")
            assert page.reconnect() == {"session": page.session}
            h.boss = h.server.login()
            h.boss.wait_ended(contact, 16)
            told += len(h.boss.figures(contact))
            assert len(h.boss.figures(contact)) <= 1
            h.settled()
    print(f"  told after {told} of {len(seeds())} deaths")


test_core_killed_while_a_contact_ends.per_seed = 20


def test_media_killed():
    with world() as (h, page):
        call, contact = talk(h, page)
        h.server.kill("centrala-media")
        page.desk.wait_phone("lost")
        h.boss.wait_ended(contact)
        page.tab.close()
        wait_until(lambda: page_offers(page), 10, "media is back")
        call, contact = talk(h, page, user="+48601000007")
        call.bye()
        h.boss.wait_ended(contact)


def test_upgrade_in_a_call():
    """SIGUSR2: the talk goes on where it is; when it is over the page offers to the new media process."""
    with world() as (h, page):
        call, contact = talk(h, page)
        since = time.monotonic()
        os.kill(h.server.process.pid, signal.SIGUSR2)
        wait_until(lambda: page.desk.closed is not None, 10, "the old core has gone")
        page.reconnect()
        until = time.monotonic()
        assert page.tab.longest_gap(since, until, CUSTOMER) < 0.3
        assert call.sound.longest_gap(since, until, AGENT) < 0.3
        both_hear(call, page)
        page.desk.do("end", contact=contact)
        page.desk.wait_phone("lost")
        page.tab.close()
        wait_until(lambda: page_offers(page), 10, "the new media process answers")
        h.boss = h.server.login()
        call, contact = talk(h, page, user="+48601000008")
        call.bye()
        h.boss.wait_ended(contact)


def page_offers(page):
    try:
        page.offer()
        return True
    except Refused as e:
        assert e.status == 503, e
        return False


def test_sign_out_ends_the_session():
    with world() as (h, page):
        call, contact = talk(h, page)
        page.api.ask("POST", "/api/v1/logout", {}, expect=(200, 204))
        since = time.monotonic()
        wait_until(lambda: page.desk.closed is not None, 6, "the desk is closed")
        assert page.desk.closed == 4401, page.desk.closed
        h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 6, "the caller waits again")
        print(f"  {time.monotonic() - since:.1f} s after signing out")
        page.tab.wait_silent()
        call.bye()
        h.settled()


def test_many_offers_at_once_leave_one_session():
    with House(agents=(), objects=[CLARA]) as h:
        desk, tabs = Desk(h.server.http, h.server.login("clara").token), [Tab() for _ in range(8)]
        got, guard = [], threading.Lock()

        def offer(tab):
            try:
                answer = desk.do("phone", offer=tab.offer())
                with guard:
                    got.append((tab, answer))
            except Refused as e:
                assert e.status == 409, e
        threads = [threading.Thread(target=offer, args=(t,)) for t in tabs]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert got and len({a["session"] for _, a in got}) == 1
        for t in tabs:
            t.close()
        desk.leave()


# What a page has to do, and nothing else: sign in, a WebSocket, one connection with a microphone.
PAGE = """
(async () => {
  const words = {tenant: "acme", user: "clara", password: "clara-secret-1"};
  const {token} = await (await fetch("/api/v1/login", {method: "POST", body: JSON.stringify(words),
    headers: {"Content-Type": "application/json"}})).json();
  const ws = new WebSocket(`ws://${location.host}/api/v1/live`), waits = {};
  let number = 0;
  window.__said = [];
  ws.onmessage = e => {
    const m = JSON.parse(e.data);
    if (m.id) waits[m.id](m); else window.__said.push(m);
  };
  await new Promise((yes, no) => { ws.onopen = yes; ws.onerror = no; });
  window.__do = (what, body) => new Promise(yes => {
    waits[++number] = yes;
    ws.send(JSON.stringify({id: number, do: what, ...body}));
  });
  const pc = new RTCPeerConnection();
  const microphone = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: false,
    noiseSuppression: false, autoGainControl: false}});
  pc.addTrack(microphone.getTracks()[0], microphone);
  pc.ontrack = e => { const a = new Audio(); a.srcObject = e.streams[0]; a.play(); };
  await pc.setLocalDescription(await pc.createOffer());
  const got = await window.__do("phone", {offer: pc.localDescription.sdp});
  if (!got.ok) return JSON.stringify(got);
  await pc.setRemoteDescription({type: "answer", sdp: got.ok.answer});
  await new Promise(yes => {
    const look = () => pc.connectionState === "connected" && yes();
    pc.onconnectionstatechange = look;
    look();
  });
  return pc.connectionState;
})()
"""


def test_real_chromium_talks():
    """Its own ICE, DTLS and Opus against ours: connected, ready, a contact accepted, tones both ways, DTLS with GCM."""
    microphone = 2300
    with House(agents=(), objects=[CLARA]) as h, Browser(h.server.http, microphone_hz=microphone) as b:
        b.goto("/")
        assert b.inside(PAGE) == "connected"
        wait_until(lambda: h.boss.agent("clara")["phone"]["ready"], 5, "the phone is ready")
        h.boss.ready("clara")
        call = h.ring(hz=CUSTOMER)
        call.wait_answer()
        offer = wait_until(lambda: next((e for e in b.inside("window.__said") if e.get("event") == "offer"), None),
                           5, "an offer")
        before = time.monotonic()
        b.inside(f"window.__do('accept', {{contact: '{offer['contact']}'}})")
        took = call.sound.wait_for(microphone, 5, before) - before
        print(f"  its microphone was heard {took * 1000:.0f} ms after the test said: accept")
        wait_until(lambda: b.hears(CUSTOMER) > -40, 10, "the page hears the customer")
        stats = b.stats()
        transport = stats["transport"][0]
        print("  ", transport["srtpCipher"], transport["dtlsCipher"],
              [c["mimeType"] for c in stats["codec"]])
        assert transport["dtlsState"] == "connected" and "GCM" in transport["srtpCipher"]
        call.bye()
        h.boss.wait_ended(offer["contact"])
        wait_until(lambda: b.hears(CUSTOMER) < -80, 10, "the page hears nobody")
