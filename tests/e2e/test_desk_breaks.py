"""The desk can fail, the call cannot: reloads, a tab that dies, networks that are gone, the core's death (issue 5,
5.2; behaviours.md A-6)."""
import contextlib
import time

from browser import Wire
from desk import DeskHouse
from harness import CUSTOMER, wait_until


@contextlib.contextmanager
def in_a_call(wire=None, **more):
    """(house, desk, caller's call, contact): anna talks to a customer from her browser."""
    with contextlib.ExitStack() as stack:
        h = stack.enter_context(DeskHouse(wire=wire, queue_more={"wrap_s": 60, "record": "never"}, **more))
        d = stack.enter_context(h.desk("anna"))
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "they talk")
        d.talks(call)
        yield h, d, call, contact
        d.quiet_page(("ERR_", "WebSocket", "Failed to load"))


def same_talk(h, d, call, contact, seconds=20.0, page=None):
    """The same contact is in the same place, and they hear each other."""
    d.talks(call, seconds, page)
    d.see("Talking", 10, page)
    assert call.over_at is None, "the caller's call went on"
    record = h.boss.contact(contact)
    assert (record["state"], record["agent"]) == ("talking", "anna"), record


def test_desk_breaks_reload_ten_times():
    with in_a_call() as (h, d, call, contact):
        d.note("half a word")
        times = []
        for _ in range(10):
            d.reload()
            began = time.monotonic()
            same_talk(h, d, call, contact)
            times.append(time.monotonic() - began)
        print(f"    they hear each other again after {min(times):.1f} to {max(times):.1f} s")
        wait_until(lambda: d.inside("document.querySelector('textarea')?.value") == "half a word", 15, "the note is there")
        assert h.boss.agent("anna")["presence"] == "ready"
        call.bye()
        d.see("Save & next")


test_desk_breaks_reload_ten_times.seconds = 240


def test_desk_breaks_the_tab_dies():
    with in_a_call() as (h, d, call, contact):
        d.open("other")  # another tab: it mirrors, and has the phone when the first is gone
        d.see("Your phone is in another tab.", 10, "other")
        d.shut()
        same_talk(h, d, call, contact, page="other")
        d.shut("other")  # nobody is left: he hears music until somebody comes back
        time.sleep(0.5)
        d.silent_for(call)
        call.sound.wait_loud(10)
        time.sleep(3)
        assert h.boss.contact(contact)["agent"] == "anna"
        d.open("third")
        same_talk(h, d, call, contact, page="third")


test_desk_breaks_the_tab_dies.seconds = 120


def test_desk_breaks_two_tabs_and_taking_over():
    with in_a_call() as (h, d, call, contact):
        d.open("other")
        d.see("Your phone is in another tab.", 10, "other")
        d.press("m", "other")  # what is done here is done there
        d.see("Muted: nobody hears you")
        d.silent_for(call)
        d.press("m", "other")
        d.gone("Muted: nobody hears you")
        d.click("button", "Use the phone here", "other")
        d.see("Your phone is in another tab.")
        same_talk(h, d, call, contact, page="other")


test_desk_breaks_two_tabs_and_taking_over.seconds = 120


def network_is_gone(seconds, silently):
    wire = Wire()
    try:
        with in_a_call(wire) as (h, d, call, contact):
            began = time.monotonic()
            wire.pull(silently)
            while time.monotonic() - began < seconds:
                time.sleep(0.25)
                assert call.over_at is None, "the customer's call went on"
            if seconds >= 8:
                d.silent_for(call)
            wire.plug()
            back = time.monotonic()
            same_talk(h, d, call, contact, 30)
            print(f"    {seconds} s without a network: they hear each other {time.monotonic() - back:.1f} s after it is back")
            assert h.boss.agent("anna")["presence"] == "ready"
    finally:
        wire.close()


def test_desk_breaks_network_gone_2_s():
    network_is_gone(2, silently=True)


def test_desk_breaks_network_gone_8_s():
    network_is_gone(8, silently=False)


def test_desk_breaks_network_gone_30_s():
    network_is_gone(30, silently=True)


test_desk_breaks_network_gone_30_s.waits = True


def test_desk_breaks_network_gone_90_s():
    """90 s: after 60 s he is not ready, the customer waits again with his first time, marked, and is told to others."""
    wire = Wire()
    try:
        with in_a_call(wire) as (h, d, call, contact):
            before = h.boss.contact(contact)
            wire.pull(silently=True)
            gone = time.monotonic()
            h.boss.wait_contact(contact, lambda c: c["state"] in ("waiting", "offered"), 80, "he waits again")
            away = h.boss.agent("anna")
            assert away["presence"] == "not_ready" and away["reason"] == "technical", away
            assert call.over_at is None
            record = h.boss.contact(contact)
            assert record["arrived_at"] == before["arrived_at"], record
            h.boss.ready("boris")
            phone = h.phones.wait_call()
            phone.ring()
            phone.accept()
            phone.say(1100)
            call.sound.wait_for(1100, 8)
            time.sleep(max(0, gone + 90 - time.monotonic()))
            wire.plug()
            d.see("You get no contacts now", 30)
            assert h.boss.contact(contact)["agent"] == "boris"
            call.bye()
    finally:
        wire.close()


test_desk_breaks_network_gone_90_s.waits = True


for test, seconds in ((test_desk_breaks_network_gone_2_s, 100), (test_desk_breaks_network_gone_8_s, 120),
                      (test_desk_breaks_network_gone_30_s, 150), (test_desk_breaks_network_gone_90_s, 240)):
    test.seconds = seconds


def test_desk_breaks_the_core_dies():
    with in_a_call() as (h, d, call, contact):
        d.note("what was said")
        waiting = h.ring(user="+48601000009")
        waiting.wait_answer()
        h.boss.wait_waiting(1)
        began = time.monotonic()
        h.server.kill("centrala-core")
        d.hears_tone(CUSTOMER, 8)  # the talk goes on without it
        h.server.healthy(10)
        wait_until(lambda: d.inside("!document.body.innerText.includes('cannot be reached')") and d.has("Talking"),
                   20, "the desk shows it again")
        print(f"    the desk is back {time.monotonic() - began:.1f} s after the core's death")
        same_talk(h, d, call, contact)
        wait_until(lambda: d.inside("document.querySelector('textarea')?.value") == "what was said", 15, "the note is there")
        d.click("button", "Hold")
        d.see("On hold")
        d.click("button", "Resume")
        d.talks(call)
        waiting.bye()


test_desk_breaks_the_core_dies.seconds = 120
