"""The flow editor in a browser: drawn by keyboard alone, simulated, published, walked by real callers, rolled back."""
import time

from desk import Desk, DeskHouse
from harness import CUSTOMER, wait_until
from test_desk_safe import PAYLOADS, nothing_fired
from test_flow import BYE, body, flow, number, steps, wait_step

OLD = flow("line", "hello", hello={"do": "say", "text": {"en": "Old words."}, "next": "wait"},
           wait={"do": "menu", "prompt": "menu", "timeout_s": 60, "tries": 1, "keys": {"1": "bye"}, "else": "bye"}, bye=BYE)
ASK = {"kind": "prompt", "tenant": "acme", "id": "ask", "text": {"en": "To speak to us press one."}}
LINES = [OLD, ASK, number("+48221000005", "line"), number("+48221000006", "line", draft=True)]

# the current line of the outline has the keyboard: it comes a frame after the key
ARRIVED = "document.activeElement === document.querySelector('[role=tree] [role=treeitem][tabindex=\"0\"]')"
# what has the keyboard, as a screen reader tells it
FOCUS = """(() => { const e = document.activeElement; const by = e.getAttribute('aria-label') || (e.labels && e.labels[0]
  && e.labels[0].textContent) || e.textContent || ''; return (e.getAttribute('role') || e.tagName.toLowerCase()) + ' ' + by.trim(); })()"""


class Drawing(Desk):
    """Somebody who has no mouse."""

    def focus(self):
        return self.inside(FOCUS)

    def tab_to(self, wanted, back=False, most=150):
        for _ in range(most):
            if wanted in self.focus():
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the keyboard never comes to {wanted!r}, it is at {self.focus()!r}")

    def at(self, wanted, seconds=15.0):
        wait_until(lambda: wanted in self.focus(), seconds, f"the keyboard comes to {wanted!r}", 0.1)

    def choose(self, text):
        self.at("combobox")
        self.type(text)
        self.press("Enter")

    def walk(self, wanted, key="ArrowDown", most=30):
        for _ in range(most):
            if wanted in self.focus():
                return
            self.press(key)
            wait_until(lambda: self.inside(ARRIVED), 15, "the keyboard comes to the next line", 0.02)
        raise AssertionError(f"{wanted!r} is no line: {self.focus()!r}")


def wait_draft(api, test, message):
    """What is stored, once it is so: "Draft saved" may still stand there from before."""
    return wait_until(lambda: (lambda d: d if test(d) else None)(api.get("flows/line/draft", expect=(200, 404))), 15, message, 0.1)


def drawing(house, user="adam"):
    return Drawing(house, user)


def open_flow(d, name="line"):
    d.goto(f"/flows/{name}")
    d.see_role("treeitem", "Start")
    d.tab_to("treeitem Start")


def test_flow_pages_by_keyboard_alone():
    with DeskHouse(at_desks=(), agents=("anna",), objects=LINES) as h:
        admin = h.server.login("adam")
        with drawing(h) as d:
            d.goto("/")
            d.sign_in()
            d.goto("/flows")
            d.see("Callers today")
            d.tab_to("a line")
            d.press("Enter")
            d.see_role("treeitem", "Start")
            d.tab_to("treeitem Start hello")

            # somebody is in it already
            old = h.ring("+48221000005", "+48601000041").wait_answer()
            old_contact = h.contact_of(old)
            wait_step(h.boss, old_contact, "wait")

            d.press("F2")
            d.at("input Name")
            d.type("greet")
            d.press("Enter")
            d.at("treeitem Start greet")
            d.press("Enter")
            d.at("textarea Words in en")
            d.press("Control+a")
            d.type("Brand new words.")
            d.press("Escape")
            d.at("treeitem Start greet")
            d.press("Insert")
            d.choose("menu")
            d.at("treeitem then menu")
            d.press("Enter")
            d.at("select Prompt")
            d.type("ask")
            d.press("Escape")
            d.at("treeitem then menu")
            d.walk("treeitem Key 1 wait")
            d.press("Insert")
            d.choose("queue")
            d.at("treeitem Key 1 queue")
            d.walk("treeitem after the talk wait")
            d.press("l")
            d.choose("nowhere")
            d.at("treeitem after the talk the call ends")
            d.walk("treeitem no or wrong key the call ends")
            d.press("l")
            d.choose("bye")
            d.walk("treeitem Not reached wait")
            d.press("Delete")
            drawn = {
                "greet": {"do": "say", "text": {"en": "Brand new words."}, "next": "menu"},
                "menu": {"do": "menu", "prompt": "ask", "keys": {"1": "queue"}, "else": "bye"},
                "queue": {"do": "queue", "queue": "support"}, "bye": BYE}
            wait_draft(admin, lambda told: told.get("start") == "greet" and told.get("nodes") == drawn, "what was drawn is stored")
            d.see("Draft saved")
            # undone and done again
            d.press("Control+z")
            d.at("treeitem")
            d.press("Home")
            d.walk("treeitem Not reached wait")
            d.press("Control+y")
            wait_draft(admin, lambda told: told.get("nodes") == drawn, "what was done again is stored")
            d.see("Draft saved")

            # a test number hears the draft
            test = h.ring("+48221000006", "+48601000042").wait_answer()
            wait_step(h.boss, h.contact_of(test), "menu")
            test.bye()

            d.press("F9")
            d.at("input Keys pressed")
            d.see("Waits for a key: 1")
            d.type("1")
            d.see("An agent of support answers")
            d.see("Brand new words.")
            d.type("9")
            d.tab_to("button Publish", back=True)
            d.press("Enter")
            d.see("From now on callers of +48221000005 hear this.")
            d.see("1 caller who is in it now finishes on the version")
            d.has_keyboard("[role=dialog]")
            d.at("button Publish")
            d.press("Enter")
            d.see("Version 2 is published")
            wait_until(lambda: admin.get("flows/line")["version"] == 2, 10, "it is published")
            admin.get("flows/line/draft", expect=404)

            # a real caller: what is said is heard, the key leads to the queue
            new = h.ring("+48221000005", "+48601000043", hz=CUSTOMER).wait_answer()
            contact = h.contact_of(new)
            new.sound.wait_loud(8)  # the greeting
            wait_step(h.boss, contact, "menu")
            wait_until(lambda: "1 now" in d.text(), 10, "the canvas shows who is there now", 0.2)
            new.press("1")
            wait_step(h.boss, contact, "queue")
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting" and c["queue"] == "support", 10, "he waits")
            wait_until(lambda: "1 now" in (d.inside("document.querySelector('.react-flow__node[data-id=\"queue\"]')?.innerText") or ""),
                       10, "who waits is at the node that sent him into the queue", 0.2)
            assert steps(h.boss, contact) == ["greet", "menu", "queue"]
            # who was in it finishes on his version
            old.press("1")
            old.wait_over(by="them")
            assert steps(h.boss, old_contact) == ["hello", "wait", "bye"]

            began = time.monotonic()
            d.tab_to("tab Versions")
            d.press("Enter")
            d.see("Version 1")
            d.tab_to("button Back to version 1")
            d.press("Enter")
            d.see("Callers hear version 1 again.")
            assert time.monotonic() - began < 60
            later = h.ring("+48221000005", "+48601000044").wait_answer()
            wait_step(h.boss, h.contact_of(later), "wait")
            assert steps(h.boss, h.contact_of(later)) == ["hello", "wait"]
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 10, "and the caller in the queue still waits")
            for call in (later, new):
                call.bye()
            nothing_fired(d)


def test_flow_pages_tell_of_mistakes_and_of_others():
    with DeskHouse(at_desks=(), agents=("anna",), objects=LINES) as h:
        admin = h.server.login("adam")
        with drawing(h) as d:
            d.goto("/")
            d.sign_in()
            open_flow(d)
            d.walk("treeitem then wait")
            d.press("Insert")  # behind the key of the way here
            d.choose("condition")
            d.at("treeitem then branch")
            d.press("Enter")
            d.at("combobox Condition 1")
            d.press("Control+a")
            d.type("caller.count")
            d.see("1 mistake: it cannot be published")
            d.see("Kept in this browser")
            d.settled()  # what was right for a moment may be on its way
            # what stood there without a mistake for a moment is a draft; what has one is not
            assert "caller.count" not in str(admin.get("flows/line/draft", expect=(200, 404)))
            # it is still there after a reload, and the list of problems leads to it
            d.reload()
            d.see("1 mistake: it cannot be published")
            d.at("treeitem Start")
            d.press("F8")
            d.at("combobox Condition 1")
            # names are proposed
            d.press("Control+a")
            d.type("caller.cou")
            d.press("ArrowDown")
            d.press("Enter")
            d.type("== 'PL'")
            wait_draft(admin, lambda told: "caller.country == 'PL'" in str(told.get("nodes", {}).get("branch")).replace("  ", " "),
                       "the condition is stored")
            d.see("Draft saved")
            d.settled()
            d.press("Escape")  # what is proposed

            # somebody else writes meanwhile: nothing is overwritten
            other = {**body(OLD), "name": "Theirs"}
            admin.put("flows/line/draft", other)
            d.press("Escape")
            d.at("treeitem")
            d.press("Insert")
            d.choose("hang")
            d.see("Somebody else has changed this draft")
            assert admin.get("flows/line/draft")["name"] == "Theirs"
            d.click("button", "Take theirs")
            d.see_role("heading", "Theirs")
            assert admin.get("flows/line/draft")["name"] == "Theirs"
            # who may look but not change
        with drawing(h, "olga") as d:
            d.goto("/")
            d.sign_in()
            open_flow(d)
            d.see("read only")
            d.press("Delete")
            d.press("Insert")
            time.sleep(1)
            assert d.inside("document.querySelectorAll('[role=dialog]').length") == 0
            assert admin.get("flows/line/draft")["name"] == "Theirs"


def test_flow_pages_draft_over_a_slow_line():
    """What is written while an earlier draft is still on its way is stored after it, once, and nobody else wrote it."""
    with DeskHouse(at_desks=(), agents=("anna",), objects=LINES) as h, drawing(h) as d:
        admin = h.server.login("adam")
        d.goto("/")
        d.sign_in()
        d.run("""globalThis.held = []; globalThis.hold = true;
                 await page.route('**/flows/line/draft', r => r.request().method() === 'PUT' && globalThis.hold ? globalThis.held.push(r) : r.continue())""")
        held = lambda: d.run("return globalThis.held.length")
        release = "globalThis.hold = false; for (const r of globalThis.held.splice(0)) await r.continue()"

        open_flow(d)
        d.walk("treeitem then wait")
        d.press("Insert")
        d.choose("condition")
        wait_until(lambda: held() == 1, 15, "the first draft is on its way")
        d.at("treeitem then branch")
        d.press("Enter")
        d.at("combobox Condition 1")
        d.fill("Condition 1", "caller.country == 'DE'")
        time.sleep(2)  # the pause after which it would be stored
        assert held() == 1, "the second does not wait for the first"
        d.run(release)
        wait_draft(admin, lambda told: "'DE'" in str(told), "the second is stored, too")
        d.see("Draft saved")
        assert admin.get("flows/line/draft")["version"] == 2

        d.run("globalThis.hold = true")
        d.fill("Condition 1", "caller.country == 'CZ'")
        wait_until(lambda: held() == 1, 15, "the third is on its way")
        d.fill("Condition 1", "caller.count")
        d.see("1 mistake: it cannot be published")
        d.run(release)
        wait_draft(admin, lambda told: "'CZ'" in str(told), "the third is stored")
        d.see("Kept in this browser")
        d.settled()
        assert d.has("Kept in this browser") and not d.has("Somebody else")
        d.reload()
        d.see("1 mistake: it cannot be published")
        assert d.has("Kept in this browser") and not d.has("Somebody else"), d.text()


def test_flow_pages_safe_and_accessible():
    nasty = [p for p in PAYLOADS if len(p) < 190]
    nodes = {f"n{i}": {"do": "say", "text": {"en": p}, "next": f"n{i + 1}"} for i, p in enumerate(nasty)}
    nodes[f"n{len(nasty)}"] = {"do": "branch", "if": [{"when": f"caller.number == \"{nasty[0]}\"", "next": "bye"}], "else": "bye"}
    bad = flow("line", "n0", **nodes, bye=BYE)
    prompts = [{"kind": "prompt", "tenant": "acme", "id": f"p{i}", "text": {"en": p, "pl": p}} for i, p in enumerate(nasty)]
    with DeskHouse(at_desks=(), agents=("anna",), objects=[{**bad, "name": nasty[1]}, *prompts, number("+48221000005", "line")]) as h:
        with drawing(h) as d:
            d.goto("/")
            d.sign_in()
            for width, height, dark in ((1280, 720, False), (390, 844, True)):
                d.size(width, height)
                d.dark(dark)
                for path in ("/flows", "/flows/line"):
                    d.goto(path)
                    d.see(nasty[1][:20])
                    assert not d.axe(), d.axe()
            d.size(1280, 720)
            d.goto("/flows/line")
            d.see_role("treeitem", "Start")
            d.press("F9")
            d.see("The call ends")
            assert not d.axe(), d.axe()
            d.click("tab", "Versions")
            d.see("Callers hear this")
            d.click("treeitem", "Start")
            d.press("Insert")
            d.at("combobox")
            assert not d.axe(), d.axe()
            d.press("Escape")
            nothing_fired(d)
