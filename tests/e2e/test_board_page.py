"""The supervisor's board in a real browser: listens, whispers, joins, takes over, who hears what proven by tones; moves who
waits; changes a skill and the next match obeys (issue 6, 5.1 and 1)."""
import time

from desk import COLLEAGUE, CUSTOMER, Desk, DeskHouse
from harness import AGENT, wait_until
from test_desk import both
from test_gray import frozen
from test_desk_safe import PAYLOADS, nothing_fired

COACH = 2300  # what the supervisor's microphone says (browser.py)
QUEUE = {"kind": "queue", "tenant": "acme", "id": "sales", "name": "Sales", "wrap_s": 0, "strategy": "longest_idle"}


def sara(**more):
    return {"kind": "user", "tenant": "acme", "id": "sara", "name": "Sara Super", "roles": ["supervisor", "agent"],
            "password": "sara-secret-1", "phone": {"kind": "browser"}, "queues": ["support"], "skills": {"billing": 1},
            "capacity": {"voice": 100}, **more}


def house(*objects, **more):
    return DeskHouse(at_desks=(), agents=("anna", "boris"), objects=[QUEUE, sara(), *objects], queue_more={"wrap_s": 0}, **more)


class Board(Desk):
    def __init__(self, h, user="sara", **more):
        super().__init__(h, user, **more)
        self.goto("/board")
        self.sign_in()
        self.see_role("heading", "Live contacts", seconds=20)

    def open_agent(self, name):
        self.run("await page.getByRole('list', {name: 'Agents'}).getByText(args, {exact: true}).click()", name)
        self.see_role("heading", name)

    def open_contact(self, number):
        self.run("await page.getByRole('list', {name: 'Live contacts'}).getByText(args).first().click()", number)

    def queue_menu(self, queue, deed):
        """What a row of the queues can do."""
        self.click("button", f"{queue}: actions")
        self.click("menuitem", deed)

    def mode(self, name):
        self.run("await page.getByRole('group', {name: 'Listen in'}).getByRole('button', {name: args}).click()", name)


def hears_nothing_of(sound, hz, seconds=15.0):
    """For half a second the tone is no part of what comes."""
    def now():
        at = time.monotonic()
        frames = sound.frames(at - 0.5, at)
        return frames and max(sound.share_of(f, hz) for f in frames) < 0.03
    wait_until(now, seconds, f"{hz} Hz is not heard", 0.1)


def hears_now(sound, hz, seconds=10.0):
    sound.wait_for(hz, seconds, since=time.monotonic())


def test_board_page_listens_whispers_joins_and_takes_over():
    with house() as h:
        call, phone, contact = h.talk(hz=COLLEAGUE)
        with Board(h) as b:
            b.open_agent("Anna")
            b.mode("Listen")
            b.see("You listen to Anna", seconds=20)
            b.hears_tone(CUSTOMER, 20)
            b.hears_tone(COLLEAGUE)
            hears_nothing_of(call.sound, COACH)
            hears_nothing_of(phone.sound, COACH)

            b.mode("Whisper")
            both(phone.sound, 10, COACH, CUSTOMER)
            hears_nothing_of(call.sound, COACH)
            b.see("only Anna hears you")

            b.press("3")  # join, by key
            both(call.sound, 10, COACH, COLLEAGUE)
            both(phone.sound, 10, COACH, CUSTOMER)
            b.see("You are in the call of Anna")
            b.goto("/reports")  # another page, loaded anew: he is in it as before, and is told so
            b.see("You are in a call: everybody in it hears you", 20)
            both(call.sound, 20, COACH, COLLEAGUE)
            b.hears_tone(CUSTOMER)
            b.click("button", "To the board")
            b.see("You are in the call of Anna")

            b.click("button", "Take over")
            b.click("button", "Really take it over?")
            phone.wait_over(by="them")
            b.see_role("button", "Hang up")  # at his desk: the contact is his
            hears_now(call.sound, COACH)
            b.hears_tone(CUSTOMER)
            assert h.boss.contact(contact)["agent"] == "sara"
            b.hang_up()
            call.wait_over(by="them")
            b.quiet_page()


test_board_page_listens_whispers_joins_and_takes_over.seconds = 180


def test_board_page_stops_listening_and_nobody_noticed():
    with house() as h:
        call, phone, contact = h.talk(hz=COLLEAGUE)
        with Board(h) as b:
            b.open_contact("601 000 001")
            b.mode("Listen")
            b.hears_tone(CUSTOMER, 20)
            b.click("button", "Leave")
            b.gone("You listen to")
            b.hears_no_tone(CUSTOMER)
            hears_now(call.sound, COLLEAGUE)
            hears_now(phone.sound, CUSTOMER)
            told = [e["event"] for e in h.boss.events(contact)]
            assert "monitor_start" in told and "monitor_end" in told, told
            call.bye()
            b.see("Ended")
            b.quiet_page()


test_board_page_stops_listening_and_nobody_noticed.seconds = 120


def queue_of(h, contacts):
    return [h.boss.contact(c)["queue"] for c in contacts]


def test_board_page_empties_closes_and_staffs_a_queue():
    """The menu of a queue's row, with callers who wait: everybody sent on in their order, a message to who serves it, more
    people for a while, closed so that the next caller waits elsewhere, and open again."""
    with house() as h, Board(h) as b:
        calls = [h.ring(user=f"+4860100000{n}").wait_answer() for n in (1, 2)]
        h.boss.wait_waiting(2)
        waiting = [h.contact_of(c) for c in calls]

        b.queue_menu("Support", "Message its agents")
        b.run("await page.getByRole('dialog').getByRole('textbox', {name: 'Text'}).fill('all hands <b>on deck</b>')")
        b.click("button", "Send", exact=True)
        b.see("Sent")
        told = [e for e in h.boss.get("events?limit=500")["items"] if e["event"] == "message"]
        assert [(e["to"], e["name"], e["text"]) for e in told] == [("queue", "support", "all hands <b>on deck</b>")], told

        b.queue_menu("Support", "Send all who wait to another queue")
        b.see("2 people wait in Support")
        b.run("await page.getByRole('dialog').getByLabel('Move to queue').first().click()")
        b.click("option", "Sales")
        assert queue_of(h, waiting) == ["support"] * 2, "nothing was pressed"
        b.run("await page.getByRole('dialog').getByRole('button', {name: 'Send all who wait to another queue'}).click()")
        b.see("Done for 2 of 2.")
        assert [c["id"] for c in h.boss.live("sales")["contacts"]] == waiting, "the order they came in"

        b.queue_menu("Sales", "Add agents")
        b.run("await page.getByRole('dialog').getByLabel('Who serves it too').first().click()")
        b.click("option", "Boris")
        b.press("Tab")
        b.run("await page.getByRole('dialog').getByRole('button', {name: 'Add agents'}).click()")
        b.see("Saved; the next match obeys")
        boris = h.boss.get("users/boris")
        assert boris["queues"] == ["sales", "support"] and boris["for_now"]["queues"] == ["support"], boris
        h.boss.ready("boris")  # who never served it takes the eldest there
        phone = h.phones.wait_call()
        phone.ring()
        phone.accept()
        h.boss.wait_contact(waiting[0], lambda c: c["state"] == "talking" and c["agent"] == "boris", 10, "boris talks")

        b.queue_menu("Support", "Close the queue")
        b.see("Nobody new will wait in Support.")
        b.run("await page.getByRole('dialog').getByLabel('New callers go to').first().click()")
        b.click("option", "Sales")
        b.run("await page.getByRole('dialog').getByRole('button', {name: 'Close the queue'}).click()")
        b.see("closed → Sales")
        late = h.ring(user="+48601000003")
        late.wait_answer()
        wait_until(lambda: queue_of(h, [h.contact_of(late)]) == ["sales"], 10, "who comes now waits elsewhere")

        b.queue_menu("Support", "Open the queue")
        b.gone("closed → Sales")
        next_one = h.ring(user="+48601000004")
        next_one.wait_answer()
        wait_until(lambda: queue_of(h, [h.contact_of(next_one)]) == ["support"], 10, "it is open")
        for call in (*calls, late, next_one):
            call.bye()
        b.quiet_page()


test_board_page_empties_closes_and_staffs_a_queue.seconds = 150


def test_board_page_moves_ranks_assigns_pulls_and_ends_who_waits():
    with house() as h, Board(h) as b:
        calls = [h.ring(user=f"+4860100000{n}").wait_answer() for n in (1, 2, 3, 4)]
        one, two, three, four = [h.contact_of(c) for c in calls]
        b.open_contact("601 000 001")
        b.see("Move to queue")
        b.pick("Move to queue", "Sales")
        h.boss.wait_contact(one, lambda c: c["queue"] == "sales", 10, "it is in the other queue")
        b.press("Escape")

        b.open_contact("601 000 003")
        b.fill("Priority, min", "30")
        b.click("button", "Rank", exact=True)
        wait_until(lambda: h.boss.live()["contacts"][0]["id"] == three, 10, "it is the first of its queue")
        b.click("button", "End the contact")
        assert h.boss.contact(three)["ended_at"] is None, "it was not asked"
        b.click("button", "Really end it?")
        calls[2].wait_over(by="them")
        assert h.boss.wait_ended(three)["ended_by"] == "agent"

        h.boss.ready("anna")  # takes the eldest that is left
        phone = h.phones.wait_call()
        phone.ring()
        phone.accept()
        h.boss.wait_contact(two, lambda c: c["state"] == "talking", 10, "anna talks")
        h.boss.presence("boris", "not_ready", "break")
        b.run("await page.goto(args)", b.base + f"/board?contact={four}")
        b.see("Give to an agent", seconds=15)
        b.run("await page.getByRole('button', {name: 'Go ready'}).click()")
        wait_until(lambda: b.agent()["work"] != "idle" or b.agent()["presence"] == "ready", 15, "sara is ready")
        h.boss.wait_contact(four, lambda c: c["state"] in ("offered", "talking"), 10, "it rings at sara's")
        for call in calls:
            call.bye()
        b.quiet_page(also=("409",))


test_board_page_moves_ranks_assigns_pulls_and_ends_who_waits.seconds = 180


def test_board_page_is_quiet_about_what_others_write():
    """Hostile names of queues, agents, reasons and callers are text on the board and in its drawers (faults.md S16)."""
    objects = [{"kind": "queue", "tenant": "acme", "id": f"q{n}", "name": p[:80]} for n, p in enumerate(PAYLOADS)]
    objects += [{"kind": "user", "tenant": "acme", "id": f"u{n}", "name": p[:80], "roles": ["agent"], "queues": ["support"],
                 "phone": {"kind": "sip", "contact": f"sip:u{n}@127.0.0.1:9"}} for n, p in enumerate(PAYLOADS)]
    objects += [{"kind": "skill", "tenant": "acme", "id": "odd", "name": PAYLOADS[0]},
                {"kind": "reason", "tenant": "acme", "id": "odd", "name": PAYLOADS[1]}]
    with house(*objects) as h:
        for n in range(len(PAYLOADS)):
            h.boss.presence(f"u{n}", "not_ready", "odd")
        strange = '<img/src=x onerror=window.__fired=1>'
        call = h.ring(user=strange.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20").replace("=", "%3D"))
        call.wait_answer()
        with Board(h) as b:
            b.see(PAYLOADS[0][:20])
            b.see(PAYLOADS[1][:20])
            for n in (0, 1, 2, 5):
                b.goto(f"/board?agent=u{n}")
                b.see_role("heading", PAYLOADS[n][:12], seconds=15)
            b.goto("/board?q=%3Cscript%3Ewindow.__fired=1%3C/script%3E&queue=%22%3E%3Cimg%20src=x%20onerror=window.__fired=2%3E&part=%3Cb%3E&agent=%3Cimg%20src=x%20onerror=window.__fired=3%3E")
            b.see("There is no such agent", seconds=15)
            waiting = next(c["id"] for c in h.boss.contacts() if not c["ended_at"])
            b.goto(f"/board?contact={waiting}")
            b.see("Move to queue", seconds=15)
            b.run("await page.getByText('Why this one?').click()")
            b.see("Who was looked at")
            nothing_fired(b)
            assert not [v for v in b.axe() if v["impact"] in ("serious", "critical")], b.axe()
        call.bye()


test_board_page_is_quiet_about_what_others_write.seconds = 150


def test_board_page_of_a_viewer_only_looks():
    with house() as h:
        call, _, contact = h.talk(hz=COLLEAGUE)
        with Desk(h, "wera") as b:
            b.goto(f"/board?contact={contact}")
            b.fill("Organisation", "acme")
            b.fill("User", "wera")
            b.run("await page.getByLabel('Password', {exact: true}).fill(args)", "wera-secret-1")
            b.click("button", "Sign in")
            b.see("About it", seconds=20)
            for word in ("Listen", "Take over", "End the contact", "Move to queue"):
                assert not b.has(word), f"a viewer is offered {word!r}"
            b.goto("/board?agent=anna")
            b.see("Anna", seconds=15)
            assert not b.has("Change state") and not b.has("Really sign out"), "a viewer is offered states"

            # no figure is taken for one of now when the server says nothing, though the connection stands
            with frozen(h.server.children("centrala-core")):
                b.see("The server has been silent since")
            b.gone("The server has been silent since", 20)
            b.quiet_page()
        call.bye()


test_board_page_of_a_viewer_only_looks.seconds = 90


def test_board_page_changes_a_skill_and_the_next_match_obeys():
    """Nobody of whom who waits needs: one level more on the board, and he rings."""
    need = [{"after_s": 0, "need": "billing >= 7"}]
    with DeskHouse(at_desks=(), agents=("anna", "boris"), objects=[QUEUE, sara()], queue_more={"wrap_s": 0, "skills": need}) as h:
        h.boss.ready("anna", "boris")
        call = h.ring()
        call.wait_answer()
        h.boss.wait_waiting(1)
        with Board(h) as b:
            b.open_agent("Boris")
            b.run("await page.locator('summary', {hasText: 'Skills'}).click()")
            b.run("await page.getByLabel('Billing: level 0 to 100').fill('9')")
            b.click("button", "Save")
            b.see("Saved; the next match obeys")
            phone = h.phones.wait_call()
            assert phone.user == "boris", phone.user
            phone.ring()
            phone.accept()
            phone.established.wait(10)
            assert h.boss.get("users/boris")["skills"] == {"billing": 9}
            call.bye()
            b.quiet_page(("Failed to load",))


test_board_page_changes_a_skill_and_the_next_match_obeys.seconds = 120


OTHER_COACH = 1900
UNSEEN = {"kind": "tenant", "id": "acme", "name": "Acme S.A.", "domain": "acme.test", "time_zone": "Europe/Warsaw",
          "monitor_silent": True}
ERRAND = {"kind": "reason", "tenant": "acme", "id": "errand", "name": "Errand", "approval": True}


def test_board_page_help_and_messages():
    """An agent asks for help in a talk, the board shows it; a message to him waits behind his bell until it is read. He sees who
    listens; what he asks is refused by key; his skills are others for a while; he is signed out and his customer waits again."""
    with DeskHouse(at_desks=("anna",), agents=("boris",), objects=[QUEUE, sara(), ERRAND], queue_more={"wrap_s": 0}) as h, \
            h.desk("anna") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        d.talks(call)
        d.click("button", "Help")
        d.run("await page.getByRole('textbox', {name: /What|Why|help/i}).last().fill('he wants <b>żółć</b>')")
        d.press("Enter")
        with Board(h, microphone_hz=OTHER_COACH) as b:  # her microphone and anna's say different tones
            b.see("asks for help", seconds=15)
            b.see("he wants <b>żółć</b>", seconds=15)
            b.open_agent("Anna")
            b.click("button", "Message")
            b.run("await page.getByRole('textbox', {name: 'Text'}).fill('I am with you')")
            b.click("button", "Send")
            d.see_role("button", "1 message", seconds=10)
            d.reload()
            d.see_role("button", "1 message", seconds=15)
            d.click("button", "1 message")
            d.see("I am with you", 10)
            d.press("Escape")

            b.mode("Listen")  # whom he listens to sees it, and that it is over
            d.see("Sara Super listens", 20)
            b.mode("Whisper")
            d.see("Sara Super whispers to you", 10)
            b.click("button", "Leave")
            d.gone("Sara Super")

            h.server.apply({"objects": [UNSEEN]})  # who listens is not seen, who is heard is
            b.mode("Listen")
            b.hears_tone(CUSTOMER, 20)
            d.gone("Sara Super")  # desks are told anew what they may see
            b.mode("Join")
            both(call.sound, 10, OTHER_COACH, AGENT)
            d.hears_tone(OTHER_COACH)
            d.see("Sara Super is in the call", 10)
            b.mode("Whisper")
            d.see("Sara Super whispers to you", 10)
            d.hears_tone(OTHER_COACH)
            hears_nothing_of(call.sound, OTHER_COACH)
            b.mode("Listen")
            d.gone("Sara Super")
            d.hears_no_tone(OTHER_COACH)
            b.click("button", "Leave")
            b.gone("You listen to")
            b.mode("Listen")  # from the beginning unseen
            b.hears_tone(CUSTOMER, 20)
            assert not d.has("Sara Super"), "she sees who listens unseen"
            b.click("button", "Leave")
            b.gone("You listen to")

            h.server.login("anna").post("agents/anna/presence", {"presence": "not_ready", "reason": "errand"}, expect=403)
            b.see("Anna asks to pause: Errand", 10)
            assert not b.has("asks for help"), "who listens has answered"
            b.press("9")  # the feed by keys
            b.press("r")
            b.gone("asks to pause")
            decided = [e for e in h.boss.get("events?limit=500")["items"] if e["event"] == "approval_end"]
            assert [(e["how"], e["by"]) for e in decided] == [("refused", "sara")], decided
            assert h.boss.agent("anna")["presence"] == "ready"

            b.run("await page.locator('summary', {hasText: 'Skills'}).click()")
            b.run("await page.getByLabel('Billing: level 0 to 100').fill('9')")
            b.pick("For how long", "For 2 hours")
            b.click("button", "Save")
            b.see("skills until", 10)
            assert h.boss.get("users/anna")["for_now"]["skills"] == {"billing": 5}

            contact = h.contact_of(call)
            b.click("button", "Sign out now…")
            b.see("he waits again before all others")
            assert h.boss.contact(contact)["state"] == "talking", "it was not asked"
            b.run("await page.getByRole('group', {name: 'Sign out now'}).getByRole('button', {name: 'Sign out now'}).click()")
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 10, "he waits again")
            wait_until(lambda: h.boss.agent("anna")["presence"] == "signed_out", 10, "she is signed out")
            nothing_fired(d)
            nothing_fired(b)
            call.bye()


test_board_page_help_and_messages.seconds = 180
