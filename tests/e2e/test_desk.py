"""The agent's desk in a real browser: a day's work in one call, how fast it is, what is loaded (issue 5, 5.1 and 5.3)."""
import contextlib
import gzip
import json
import statistics
import time

from desk import COLLEAGUE, DeskHouse
from pulse import Pulse
from harness import AGENT, CUSTOMER, wait_until


def both(sound, seconds=6.0, *tones):
    """All these tones are heard at once."""
    def now():
        at = time.monotonic()
        frames = sound.frames(at - 0.4, at)
        return frames and all(
            sum(sound.share_of(f, hz) for f in frames) / len(frames) > 0.12 for hz in tones)
    wait_until(now, seconds, f"{tones} Hz are heard together", 0.1)


def test_desk_a_call_from_ring_to_wrap_up():
    with DeskHouse(queue_more={"outcome_required": True, "wrap_s": 60}) as h, h.desk("anna") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "they talk")
        d.talks(call)

        d.press("m")
        d.see("Muted: nobody hears you")
        d.silent_for(call)
        d.press("m")
        d.gone("Muted: nobody hears you")
        d.talks(call)

        d.press("h")
        d.see("On hold")
        d.silent_for(call)
        d.hears_no_tone(CUSTOMER)
        call.sound.wait_loud(5)  # music
        d.press("h")
        d.talks(call)

        h.boss.ready("boris")
        d.press("t")
        d.fill("A colleague, a queue or a number", "Boris")
        d.press("Enter")  # ask first
        boris = h.phones.wait_call()
        boris.ring()
        boris.accept()
        boris.say(COLLEAGUE)
        d.hears_tone(COLLEAGUE)
        boris.sound.wait_for(AGENT, 6)
        d.hears_no_tone(CUSTOMER)
        d.silent_for(call)

        d.click("button", "Swap")
        d.talks(call)
        d.click("button", "Merge")
        d.see("In this call")
        both(call.sound, 8, AGENT, COLLEAGUE)
        both(boris.sound, 8, AGENT, CUSTOMER)
        d.hears_tone(CUSTOMER)
        d.hears_tone(COLLEAGUE)

        d.click("button", "Leave")
        call.sound.wait_for(COLLEAGUE, 8, since=time.monotonic() + 0.3)
        d.hears_no_tone(CUSTOMER)
        wait_until(lambda: d.agent()["work"] == "wrapping", 10, "anna wraps up")
        d.pick("Outcome (required)", "Solved")
        d.note("agreed: żółć, Ёлка")
        d.click("button", "Save & next")
        wait_until(lambda: d.agent()["work"] == "idle", 10, "anna is free")
        call.bye()
        wraps = [e for e in h.boss.events(contact) if e["event"] == "wrap_end" and e["agent"] == "anna"]
        assert wraps and wraps[0]["outcome"] == "solved" and "żółć" in wraps[0]["note"], wraps
        d.quiet_page()


test_desk_a_call_from_ring_to_wrap_up.seconds = 180


def test_desk_transfers_after_asking():
    with DeskHouse() as h, h.desk("anna") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        contact = h.contact_of(call)
        d.talks(call)
        h.boss.ready("boris")
        d.click("button", "Transfer")
        d.fill("A colleague, a queue or a number", "Boris")
        d.see("Free")
        d.click("button", "Ask first")
        boris = h.phones.wait_call()
        boris.ring()
        boris.accept()
        boris.say(COLLEAGUE)
        d.hears_tone(COLLEAGUE)
        d.click("button", "Complete transfer")
        boris.sound.wait_for(CUSTOMER, 6)
        call.sound.wait_for(COLLEAGUE, 6)
        d.hears_no_tone(CUSTOMER)
        assert h.boss.contact(contact)["agent"] == "boris"
        call.bye()
        d.quiet_page()


test_desk_transfers_after_asking.seconds = 120


def test_desk_with_a_telephone_beside_it():
    """His phone is of kind sip: it rings there, everything else is done on the page."""
    with DeskHouse(at_desks=()) as h, h.desk("boris") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.see("Answer on your phone")
        phone = h.phones.wait_call()
        phone.ring()
        phone.accept()
        phone.say(AGENT)
        call.sound.wait_for(AGENT, 6)
        d.see("Talking")
        d.press("h")
        d.silent_for(call)
        d.press("h")
        call.sound.wait_for(AGENT, 6, since=time.monotonic())
        d.press("m")
        d.see("Muted: nobody hears you")
        d.silent_for(call)
        d.press("m")
        call.sound.wait_for(AGENT, 6, since=time.monotonic())
        d.hang_up()
        call.wait_over(by="them")
        phone.wait_over()
        d.quiet_page()


test_desk_with_a_telephone_beside_it.seconds = 120

def test_desk_keys_into_the_talk():
    """For menus of others: RFC 4733 from the browser, clicked and typed."""
    with DeskHouse() as h, h.desk("anna") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        d.talks(call)
        d.click("button", "Keypad")
        d.click("button", "5", exact=True)
        for key in "#071":  # faster than they are sent
            d.press(key)

        def told():
            ends = {ts: data[0] for _, pt, _, ts, data in list(call.sound.heard)
                    if pt == call.sound.event_pt and len(data) >= 4 and data[1] & 0x80}
            return list(ends.values())
        with contextlib.suppress(AssertionError):
            wait_until(lambda: len(told()) >= 5, 20)
        assert told() == [5, 11, 0, 7, 1], told()
        d.quiet_page()


test_desk_keys_into_the_talk.seconds = 120


def test_desk_the_phone_is_tried():
    """Microphone, level, the own voice played back."""
    with DeskHouse() as h, h.desk("anna") as d:
        d.ready()
        d.click("button", "Phone settings")
        d.see("The network is good.", 15)
        wait_until(lambda: float(d.run("return await page.getByRole('meter').first().getAttribute('aria-valuenow')")) > 20,
                   10, "the level moves")
        d.click("button", "Test my voice")
        d.see("Speak now")
        d.see("This is how you sound.")
        for device in ("Microphone", "Speaker", "Ring on"):
            d.see(device)
        d.quiet_page()


test_desk_the_phone_is_tried.seconds = 120


def test_desk_microphones_are_chosen_and_unplugged():
    """Another one is heard at once; the one that is pulled out in a talk is replaced by what is there, and said so."""
    with Pulse(headset=700, spare=1500) as p, DeskHouse() as h, h.desk("anna", pulse=p) as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        call.sound.wait_for(700, 8)
        d.click("button", "Phone settings")
        d.pick("Microphone", "Sine source at 1500 Hz")
        call.sound.wait_for(1500, 8)
        p.unplug("spare")
        d.see("The microphone was unplugged", 10)
        call.sound.wait_for(700, 8, since=time.monotonic())
        p.unplug("headset")
        p.plug("third", 1900)
        call.sound.wait_for(1900, 15, since=time.monotonic())
        call.bye()


test_desk_microphones_are_chosen_and_unplugged.seconds = 120


def test_desk_without_a_microphone():
    """Not allowed: said plainly, and nobody is offered a customer whom he could not hear."""
    with DeskHouse() as h, h.desk("anna", args=["--use-fake-ui-for-media-stream=deny"]) as d:
        d.run("await context.clearPermissions()")
        d.click("button", "Go ready")
        d.see("The microphone is not allowed.")
        assert d.agent()["presence"] != "ready", d.agent()
        d.see_role("button", "Retry")


test_desk_without_a_microphone.seconds = 120

# When a text is first on the page, by the page's own clock; armed before it can be there.
WATCH = """new Promise(done => {
  const words = %s, seen = () => document.body.innerText.includes(words) && (o.disconnect(), done(Date.now()));
  const o = new MutationObserver(seen); o.observe(document.body, {subtree: true, childList: true, characterData: true});
  seen(); })"""


def test_desk_is_fast():
    """An offer is seen within 150 ms of the match, a page within a second of the click; asserted of the best, with room
    for a machine that does other things, printed as measured."""
    with DeskHouse(queue_more={"wrap_s": 0}) as h, h.desk("anna") as d:
        d.ready()
        took = []
        for n in range(5):
            number = f"+4860100010{n}"
            d.inside(f"void (window.__seen = {WATCH % json.dumps('Accept')})")
            call = h.ring(user=number)
            call.wait_answer()
            at = d.inside("window.__seen")
            contact = h.contact_of(call)
            offered = next(e["at"] for e in h.boss.events(contact) if e["event"] == "offer")
            took.append(at - d.inside(f"Date.parse({json.dumps(offered)})"))
            d.accept()
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "they talk")
            call.bye()
            h.boss.wait_ended(contact, 10)
            d.gone("Hang up", 10)
            wait_until(lambda: d.agent()["work"] == "idle", 10, "anna is free")
        print(f"    offer on the screen after {sorted(took)} ms of the match, median {statistics.median(took)} ms")
        assert min(took) < 400, took

        pages = []
        for link, words in (("Customers", "Search customers"), ("Desk", "My last contacts")) * 3:
            pages.append(d.run("""
                const [link, words] = args, began = Date.now();
                await page.getByRole('navigation').getByRole('link', {name: link}).click();
                if (words.startsWith('Search')) await page.getByLabel(words).first().waitFor();
                else await page.getByText(words).first().waitFor();
                return Date.now() - began""", [link, words]))
        print(f"    a page after {sorted(pages)} ms of the click")
        assert min(pages[0::2]) < 1000 and min(pages[1::2]) < 1000, pages

        loaded = d.inside("performance.getEntriesByType('resource').map(r => r.name)"
                          ".filter(n => n.endsWith('.js')).concat(document.querySelector('script[src]').src)")
        size = sum(len(gzip.compress(h.server.api.raw("GET", "/" + n.split("/", 3)[3]).body, 9)) for n in set(loaded))
        print(f"    JavaScript before the desk works, customers' pages too: {size / 1000:.1f} kB gzip")
        assert size < 270_000, size


test_desk_is_fast.alone = True
test_desk_is_fast.seconds = 150
