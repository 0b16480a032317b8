"""desk.py - an agent at his desk: a browser that is signed in, and what he does there.

    with DeskHouse() as h, h.desk("anna") as d:
        d.ready(); call = h.ring(); d.accept(); d.talks(call)

Agents named in `at_desks` have a browser for a telephone, `agents` a SIP phone. The customer says CUSTOMER,
the browser's microphone AGENT, telephones of colleagues COLLEAGUE.
"""
import time

from browser import Browser
from harness import AGENT, CUSTOMER, House, wait_until

COLLEAGUE = 1100
LOUD, QUIET = -60.0, -80.0  # dB at the browser's ear: a tone that is there, one that is not


def desk_user(name, full="", **more):
    return {"kind": "user", "tenant": "acme", "id": name, "name": full or name.title(), "roles": ["agent"],
            "password": f"{name}-secret-1", "phone": {"kind": "browser"}, "skills": {"billing": 5},
            "queues": ["support"], "capacity": {"voice": 100}, **more}


class DeskHouse(House):
    def __init__(self, at_desks=("anna",), agents=("boris",), wire=None, settings=(), objects=(), **more):
        self.wire = wire
        settings = {**dict(settings), **(wire.settings() if wire else {})}
        people = [desk_user(name) for name in at_desks]
        super().__init__(agents=agents, settings=settings, objects=[*people, *objects], **more)

    def desk(self, user="anna", sign_in=True, **more):
        d = Desk(self, user, **more)
        try:
            if sign_in:
                d.goto("/")
                d.sign_in()
        except BaseException:
            d.close()
            raise
        return d


class Desk(Browser):
    def __init__(self, house, user, **more):
        super().__init__(house.server.http, wire=house.wire, **{"seconds": 30.0, **more})
        self.house, self.user = house, user

    def __exit__(self, kind, *_):
        try:
            if kind:  # what he saw when it went wrong
                self.shot(self.house.server.data / f"desk-{self.user}.png")
                print("    on the page: " + " | ".join(self.text().splitlines())[:600])
                print(f"    complaints: {self.complaints()[-5:]}")
        except Exception:
            pass
        self.close()

    # -- what he does --
    def sign_in(self, password=None, page=None):
        self.fill("Organisation", "acme", page)
        self.fill("User", self.user, page)
        self.run("await page.getByLabel('Password', {exact: true}).fill(args)",
                 password or f"{self.user}-secret-1", page)
        self.click("button", "Sign in", page)
        if self.user in ("olga", "adam", "wera"):
            self.see_role("link", "Customers", page)
        else:
            self.see_role("button", "My state", page)

    def ready(self):
        self.click("button", "Go ready")
        wait_until(lambda: self.agent()["presence"] == "ready", 15, f"{self.user} is ready")

    def accept(self, seconds=20.0):
        """By the keyboard, once it is on the screen. When that was (the page's clock)."""
        self.see_role("button", "Accept", seconds=seconds)
        self.press("a")

    def note(self, text):
        """Of the wrap-up, as long as it is written."""
        self.run("await page.getByLabel('Note', {exact: true}).fill(args)", text)

    def pick(self, label, option):
        """In a list that opens."""
        self.run("await page.getByLabel(args).first().click()", label)
        self.click("option", option)

    def hang_up(self):
        """The second press counts for 2.5 s: it must not wait for us."""
        self.run("await page.keyboard.press('x'); await page.getByText('Press again').first().waitFor(); await page.keyboard.press('x')")

    # -- what is so --
    def agent(self):
        return self.house.boss.agent(self.user)

    def hears_tone(self, hz, seconds=20.0, page=None):
        wait_until(lambda: self.hears(hz, page) > LOUD, seconds, f"the browser hears {hz} Hz", 0.1)

    def hears_no_tone(self, hz, seconds=20.0, page=None):
        wait_until(lambda: self.hears(hz, page) < QUIET, seconds, f"the browser does not hear {hz} Hz", 0.1)

    def talks(self, call, seconds=20.0, page=None):
        """Customer and agent hear each other, now."""
        began = time.monotonic()
        call.sound.wait_for(AGENT, seconds, since=began)
        self.hears_tone(CUSTOMER, seconds, page)

    def silent_for(self, call, seconds=20.0):
        """The customer hears no agent (music does not say his tone) for half a second."""
        def quiet():
            now = time.monotonic()
            return not call.sound.first_heard(AGENT, now - 0.6, now)
        time.sleep(0.6)
        wait_until(quiet, seconds, "the customer does not hear the agent", 0.1)

    def quiet_page(self, also=()):
        """No errors, no warnings, nothing refused by the policy; 401 of the first look is no fault."""
        known = ("401 (Unauthorized)", *also)
        bad = [c for c in self.complaints() if not any(k in c["text"] for k in known)]
        assert not bad, bad
