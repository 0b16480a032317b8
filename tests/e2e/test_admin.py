"""Administration in a browser: by keyboard alone, mistakes at their field, history, rollback, refusals, who may what."""
import pathlib
import time

from desk import Desk, DeskHouse
from harness import STORE, Api, wait_until
from test_backup import restored
from test_desk_safe import PAYLOADS, nothing_fired


def admin(h, user="adam", path="/admin", **more):
    d = Desk(h, user, **more)
    try:
        d.goto("/")
        d.fill("Organisation", "acme")
        d.fill("User", user)
        d.run("await page.getByLabel('Password', {exact: true}).fill(args)", f"{user}-secret-1")
        d.click("button", "Sign in")
        d.see_role("link", "Administration")
        d.goto(path)
    except BaseException:
        d.close()
        raise
    return d


def focused(d):
    """What a screen reader says of where the keyboard is."""
    return d.inside("(() => { const e = document.activeElement; return (e.getAttribute('aria-label') || "
                    "(e.labels && e.labels[0] && e.labels[0].textContent) || e.textContent || '').trim(); })()")


def tab_to(d, name, most=40):
    for _ in range(most):
        if focused(d).startswith(name):
            return
        d.press("Tab")
    raise AssertionError(f"no Tab leads to {name!r}; last was {focused(d)!r}")


def value_at(d, path, what="value"):
    return d.inside(f"document.querySelector('[data-path=\"{path}\"]')?.{what} ?? null")


def stored(h, path):
    answer = h.root.raw("GET", f"/api/v1/tenants/acme/{path}")
    return answer.json if answer.status == 200 else None


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class AdminHouse(DeskHouse):
    def __enter__(self):
        super().__enter__()
        self.root = self.server.login("adam")
        return self


def test_admin_creates_by_keyboard():
    with AdminHouse() as h, admin(h) as d:
        # by the palette to a new skill: its id comes out of its name
        d.see("Everything this contact centre is made of")
        d.goto("/admin/skills")
        d.see_role("link", "New: Skill")
        d.press("Control+k")
        d.has_keyboard("[role=combobox][aria-label='Search and commands']")
        d.type("New: Skill")
        d.see_role("option", "New: Skill")
        d.press("Enter")
        d.see("Not created yet")
        wait_until(lambda: focused(d).startswith("Id"), 10, "the id has the keyboard")
        d.press("Tab")
        d.type("Język angielski")
        d.press("Enter")
        d.see("Język angielski is created")
        assert stored(h, "skills/jezyk-angielski")["name"] == "Język angielski"

        d.goto("/admin/queues/new")
        wait_until(lambda: focused(d).startswith("Id"), 10, "the id has the keyboard")
        d.type("sales")
        d.press("Tab")
        d.type("Sales")
        tab_to(d, "Add a step")
        d.press("Enter")
        wait_until(lambda: focused(d).startswith("Step 1: needs"), 10, "the new step has the keyboard")
        d.press("Control+a")
        d.type("jezyk-angielski >= 3")
        d.see("who has Język angielski of at least 3")
        tab_to(d, "Wrap-up time")
        d.type("45")
        d.press("Control+s")
        d.see("Sales is created")
        queue = stored(h, "queues/sales")
        assert queue["skills"] == [{"after_s": 0, "need": "jezyk-angielski >= 3"}] and queue["wrap_s"] == 45, queue

        d.goto("/admin/users/new")
        wait_until(lambda: focused(d).startswith("Id"), 10, "the id has the keyboard")
        d.type("zofia")
        d.press("Tab")
        d.type("Zofia Żak")
        tab_to(d, "Supervisor")
        d.press("Space")
        tab_to(d, "Password")
        d.type("zofia-secret-1")
        d.press("Control+s")
        d.see("Zofia Żak is created")
        assert stored(h, "users/zofia")["roles"] == ["agent", "supervisor"]
        h.server.login("zofia")  # the password is hers

        d.goto("/admin/hours/new")
        wait_until(lambda: focused(d).startswith("Id"), 10, "the id has the keyboard")
        d.type("office")
        tab_to(d, "Add hours to Monday")
        d.press("Enter")
        d.press("Enter")  # a second span on the same day
        d.press("Control+s")
        d.see("office is created")
        assert stored(h, "hours/office")["weekly"]["mon"] == ["09:00-17:00", "17:00-18:00"]
        assert not d.axe(), d.axe()


def test_admin_mistakes_stand_at_their_field():
    with AdminHouse() as h, admin(h, path="/admin/queues/support") as d:
        before = stored(h, "queues/support")
        d.see_role("tab", "Basics")
        d.fill("Ring an agent for", "0")
        d.click("button", "Save")
        d.see("1 mistake")
        d.see("Nothing was changed")
        wait_until(lambda: value_at(d, "$.ring_s", "getAttribute('aria-invalid')") == "true", 10, "the field is marked")
        wait_until(lambda: focused(d).startswith("Ring an agent for"), 10, "the mistake has the keyboard")
        assert stored(h, "queues/support") == before
        # one in Advanced is found from where one stands
        d.fill("Ring an agent for", "20")
        d.click("tab", "Advanced")
        d.fill("Again every", "5000")
        d.click("tab", "Basics")
        d.click("button", "Save")
        d.see("Announcements › Again every")
        wait_until(lambda: focused(d).startswith("Again every"), 10, "the mistake has the keyboard")
        assert stored(h, "queues/support") == before
        d.fill("Again every", "30")
        d.click("button", "Save")
        d.see("Support is saved")
        after = stored(h, "queues/support")
        assert after["ring_s"] == 20 and after["announce"] == {"every_s": 30}, after
        d.run("await page.getByRole('button', {name: /adam/i}).last().click()")
        d.click("menuitem", "Polski")
        d.press("Escape")
        d.click("tab", "Podstawy")
        d.fill("Dzwoń do agenta przez", "0")
        d.click("button", "Zapisz")
        d.see("musi być co najmniej 1")  # the server's own sentence, in Polish
        assert stored(h, "queues/support") == after


def test_admin_history_and_rollback():
    with AdminHouse() as h, admin(h, path="/admin/queues/support") as d:
        d.see_role("tab", "Basics")
        d.run("await page.getByLabel('Name', {exact: true}).fill('Help desk')")
        d.fill("Wrap-up time", "33")
        d.click("button", "Save")
        d.see("Help desk is saved")
        d.click("tab", "History")
        d.click("button", "2 changes")
        changes = "document.querySelector('[role=table][aria-label=Changes]')?.innerText ?? ''"
        wait_until(lambda: all(word in d.inside(changes) for word in ("Wrap-up time", "33 sec", "Support", "Help desk")), 15,
                   "the table tells what changed")
        t0 = time.monotonic()
        d.click("button", "Roll back")
        d.see("Roll back to version 1?")
        d.has_keyboard("[role=dialog] button")
        d.press("Enter")
        d.see("Version 1 is in force again")
        assert time.monotonic() - t0 < 60  # Z-5
        now = stored(h, "queues/support")
        assert now["name"] == "Support" and now["wrap_s"] == 1 and now["version"] == 3, now
        d.see("rolled back")
        d.click("tab", "Basics")
        wait_until(lambda: value_at(d, "$.name") == "Support", 15, "the form shows version 1")


def test_admin_tokens_and_backups():
    """A token is told once, works, and is taken back at once; a backup is made, loaded down and taken back whole elsewhere."""
    with AdminHouse() as h:
        with admin(h, path="/admin/tokens") as d:
            d.click("button", "New token")
            d.fill("Name", "CRM")
            d.click("button", "Create")
            d.see("Copy the token of CRM now")
            told = d.inside("document.querySelector('pre, code').textContent")
            crm = Api(h.server.http, told)
            crm.get("queues")
            crm.ask("PUT", "queues/support", {"name": "Mine"}, expect=403)  # it is a viewer
            d.reload()
            d.see_role("button", "Take back")
            assert told not in d.text() and "CRM" in d.text()
            d.click("button", "Take back")
            d.see("stops working within seconds")
            d.run("await page.getByRole('dialog').getByRole('button', {name: 'Take back'}).click()")
            d.see("There are no tokens.")
            wait_until(lambda: crm.raw("GET", "/api/v1/tenants/acme/queues").status == 401, 5, "it opens nothing any more")
        if STORE == "postgresql":
            return  # a server's database is copied by its own tools
        with Desk(h, "admin") as d:
            d.goto("/")
            d.fill("Organisation", "system")
            d.fill("User", "admin")
            d.run("await page.getByLabel('Password', {exact: true}).fill(args)", "root-secret-1")
            d.click("button", "Sign in")
            d.see_role("link", "Administration")
            d.goto("/admin/backup")
            d.see("There are no backups.")
            d.click("button", "Make a backup")
            d.see("The backup is whole", 60)
            copy = h.server.data / "copy.tar"
            copy.write_bytes(pathlib.Path(d.run("""
                const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', {name: 'Download'}).click()]);
                return await file.path()""")).read_bytes())
            folder = restored(h.server, copy, "--key", str(h.server.data / "secret.key"))
            assert stored(h, "queues/support")["name"] in h.server.run("export", "--data", str(folder), "--tenant", "acme")
            d.click("button", "Delete")
            d.run("await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click()")
            d.see("There are no backups.")
            h.server.run("check", "--data", str(folder))


test_admin_tokens_and_backups.seconds = 120


def test_admin_refuses_to_delete_what_is_used():
    with AdminHouse() as h, admin(h, path="/admin/skills/billing?tab=used") as d:
        d.see_role("link", "boris")
        d.see("Skills › billing")
        d.click("button", "More")
        d.click("menuitem", "Delete")
        d.see("Delete Billing?")
        d.run("await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click()")
        d.see("It is still used")
        d.run("await page.getByRole('dialog').getByRole('link', {name: /boris/}).click()")
        d.see_role("tab", "Access")
        assert d.inside("location.pathname") == "/admin/users/boris"
        assert stored(h, "skills/billing")
        h.root.put("skills/lonely", {"name": "Lonely"})
        d.goto("/admin/skills/lonely")
        d.click("button", "More")
        d.click("menuitem", "Delete")
        d.run("await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click()")
        d.see("Lonely is deleted")
        assert stored(h, "skills/lonely") is None
        each_kind_is_tried(h, d)


test_admin_refuses_to_delete_what_is_used.seconds = 300

# of each kind: an object, its tab, and what stands there
TRIED = {
    "trunks": ("carrier", "live", "Calls"),
    "numbers": ("%2B48221000000", "try", "you are a caller of this number"),
    "skills": ("billing", "test", "2 agents fit"),
    "reasons": ("break", "test", "After 15 minutes"),
    "teams": ("north", "test", "1 person"),
    "outcomes": ("solved", "test", "Chosen for 0 contacts"),
    "fields": ("shoe", "test", "Shoe size"),
    "prompts": ("welcome", "test", "Dzień dobry."),
    "hours": ("office", "preview", "as every week"),
    "queues": ("support", "try", "you are a caller of this queue"),
    "users": ("boris", "try", "Your own telephone rings"),
    "mass_events": ("outage", "test", "Its queues keep their own limits"),
    "alerts": ("many", "test", "it would not fire"),
    "wallboards": ("hall", "test", "It has no link yet"),
    "flows": ("main", "test", "+48 221 000 000"),
    "saved_reports": ("days", "test", "It is not sent by e-mail"),
}


def each_kind_is_tried(h, d):
    """Of every kind there is, how it is tried, or why there is nothing to try, is said on its page; by keyboard, axe clean."""
    for path, body in (("teams/north", {"name": "North"}), ("hours/office", {"weekly": {day: ["00:00-24:00"] for day in DAYS}}),
                       ("fields/shoe", {"label": {"en": "Shoe size", "pl": "Numer buta"}, "type": "number"}),
                       ("mass_events/outage", {"name": "Outage", "queues": ["support"]}),
                       ("alerts/many", {"name": "Many wait", "measure": "waiting", "queue": "support", "above": 900}),
                       ("wallboards/hall", {"name": "Hall", "pages": [{"tiles": [{"measure": "waiting", "queue": "support"}]}]}),
                       ("saved_reports/days", {"name": "Days", "report": "queues", "query": {"period": "today", "interval_s": 0}})):
        h.root.put(path, body)
    boris = {k: v for k, v in stored(h, "users/boris").items() if k not in ("kind", "tenant", "id", "version")}
    h.root.put("users/boris", {**boris, "teams": ["north"]})
    paths = h.root.ask("GET", "/api/v1/openapi.json").json["paths"]
    kinds = {p.split("/")[5] for p in paths if p.startswith("/api/v1/tenants/{tenant}/") and p.endswith("/{id}/rollback")}
    assert kinds - {"drafts"} == set(TRIED), "a new kind says how it is tried (web/ui/src/admin/test)"  # a draft is tried where it is drawn
    panel = "[...document.querySelectorAll('[role=tabpanel]')].map(e => e.innerText).join(' ')"
    for kind, (name, tab, said) in {**TRIED, "tenant": ("", "test", "Europe/Warsaw")}.items():
        d.goto(f"/admin/{kind}{name and '/' + name}?tab={tab}")
        wait_until(lambda: said in d.inside(panel), 20, f"{kind}: {tab} says {said!r}, not {d.inside(panel)!r}", 0.1)
        if tab == "test":
            wait_until(lambda: not d.axe(), 20, f"axe finds nothing on the test of {kind}", 0.3)
    d.goto("/admin/skills/billing?tab=test")
    d.fill("A demand, as queues have it", "billing >= 6")
    d.see("0 agents fit")
    d.fill("A demand, as queues have it", "singing >= 6")
    d.see("There is no skill singing")
    d.goto("/admin/fields/shoe?tab=test")
    d.see("Nothing would be stored")
    d.run("await page.getByRole('button', {name: /Shoe size/}).click()")
    d.has_keyboard("input")
    d.type("43")
    d.press("Enter")
    d.see("This would be stored: 43")


def test_admin_two_people_at_once():
    with AdminHouse() as h, admin(h, path="/admin/queues/support") as d:
        d.see_role("tab", "Basics")
        d.run("await page.getByLabel('Name', {exact: true}).fill('Mine')")
        theirs = {k: v for k, v in stored(h, "queues/support").items() if k not in ("kind", "tenant", "id", "version")}
        h.root.put("queues/support", {**theirs, "wrap_s": 77})
        d.click("button", "Save")
        d.see("Somebody else changed it meanwhile")
        d.see("1 min 17 sec")
        d.click("button", "Keep both and save")
        d.see("Mine is saved")
        both = stored(h, "queues/support")
        assert both["name"] == "Mine" and both["wrap_s"] == 77, both
        # and nobody replaces what he did not see
        d.goto("/admin/queues/new")
        d.see("Not created yet")
        d.run("await page.locator('[data-path=\"$.id\"]').fill('support')")
        d.click("button", "Create")
        d.see("There is one of this name already")
        assert stored(h, "queues/support") == both


def test_admin_leaving_asks():
    with AdminHouse() as h, admin(h, path="/admin/queues/support") as d:
        d.see_role("tab", "Basics")
        d.run("await page.getByLabel('Name', {exact: true}).fill('Half done')")
        d.click("link", "Skills")
        d.see("Leave without saving?")
        d.has_keyboard("[role=dialog] button")
        d.press("Enter")  # Stay here
        d.gone("Leave without saving?")
        assert d.inside("location.pathname") == "/admin/queues/support"
        assert value_at(d, "$.name") == "Half done"
        d.click("link", "Skills")
        d.click("button", "Leave")
        d.see_role("link", "New: Skill")
        assert stored(h, "queues/support")["name"] == "Support"


def nothing_refused(d):
    """A page does not ask for what its viewer may not see."""
    assert not [c for c in d.complaints() if "403" in c["text"]], d.complaints()


def test_admin_roles_see_what_they_may():
    with AdminHouse() as h:
        for user in ("wera", "olga"):
            with admin(h, user, "/admin/queues/support") as d:
                d.see("read only")
                page = d.text().replace("Saved reports", "")
                for word in ("Save", "Audit log", "API tokens", "Sign-ins", "Site file", "Backups"):
                    assert word not in page, (user, word)
                wait_until(lambda: value_at(d, "$.name", "disabled") is True, 15, "the form is closed")
                d.goto("/admin/queues")
                d.see_role("link", "support")
                assert "New: Queue" not in d.text()
                d.goto("/admin/audit")  # an address that was guessed
                d.see("Your role may not see this")
                nothing_refused(d)
        h.root.put("teams/north", {"name": "North"})
        h.root.put("users/tina", {"name": "Tina", "roles": ["supervisor"], "supervises": ["north"], "password": "tina-secret-1"})
        with admin(h, "tina") as d:
            d.see("Everything this contact centre is made of")
            d.see("Skills")
            assert "Trunks" not in d.text()
            d.press("Control+k")
            d.has_keyboard("[role=combobox][aria-label='Search and commands']")
            d.type("North")
            d.see_role("option", "North")
            d.press("Escape")
            for path, said in (("/admin/skills/billing?tab=test", "Who has it"), ("/admin/teams/north?tab=test", "Nobody is in it yet"),
                               ("/admin/users", "1 found"), ("/admin/tenant", "read only"), ("/admin/trunks", "may not see this")):
                d.goto(path)
                d.see(said)
            nothing_refused(d)
        with h.desk("anna") as d:
            assert "Administration" not in d.text()
            d.goto("/admin/users")
            d.see("Your role may not see this")
            d.goto("/admin")
            d.see("Your role may not see this")
            nothing_refused(d)
            d.goto("/flows/direct")
            d.see("Your role may not see flows")
            # who looks after all firms opens the flow of the one that he has chosen, not one of his own
            d.fresh("root", "/admin/flows")
            for field, text in (("Organisation", "system"), ("User", "admin")):
                d.fill(field, text, "root")
            d.run("await page.getByLabel('Password', {exact: true}).fill('root-secret-1')", page="root")
            d.click("button", "Sign in", "root")
            d.see_role("link", "Overview", "root")  # the field of that name is the one in the tree, not that of signing in
            d.run("await page.getByLabel('Organisation').first().click(); await page.getByRole('option', {name: /Acme/}).click()", page="root")
            d.run("await page.getByRole('link', {name: 'direct'}).first().click()", page="root")
            d.see("Version 1 is published", 15, "root")


NARROW = ("/board", "/board?part=agents", "/reports/queues", "/customers", "/flows", "/admin", "/admin/users", "/admin/queues/q1",
          "/admin/tenant?tab=advanced", "/admin/recordings", "/admin/audit", "/admin/backup", "/admin/matrix", "/api/docs")


def narrow(d):
    """On a telephone, in the longest words: no page is wider than the window, and axe finds nothing serious."""
    d.size(390, 844)
    for n, language in enumerate(("pl", "ru", "en")):
        d.inside("fetch('/api/v1/me/settings', {method: 'PUT', headers: {'Content-Type': 'application/json'},"
                 f" body: JSON.stringify({{language: '{language}'}})}}).then(r => r.status)")
        d.dark(n == 1)
        for k, path in enumerate(NARROW):
            d.goto(path)
            if path != "/api/docs":
                wait_until(lambda: d.inside("document.documentElement.lang") == language, 10, f"{path} speaks {language}")
                d.settled()
            over = d.inside("document.documentElement.scrollWidth - innerWidth")
            assert over <= 1, f"{path} in {language} is {over} px wider than a telephone"
            if k % 3 == n:
                wait_until(lambda: not d.axe(), 20, f"axe finds nothing on {path} in {language}", 0.3)  # colours may still move


def test_admin_shows_hostile_names_as_text():
    with AdminHouse() as h:
        for n, p in enumerate(PAYLOADS):
            h.root.put(f"outcomes/o{n}", {"name": p})
            h.root.put(f"queues/q{n}", {"name": p, "skills": []})
        h.root.put("users/mallory", {"name": PAYLOADS[1], "queues": [f"q{n}" for n in range(len(PAYLOADS))]})
        h.root.put("prompts/p0", {"text": {"en": PAYLOADS[0], "pl": PAYLOADS[3]}})
        with admin(h, path="/admin/outcomes") as d:
            d.see(PAYLOADS[0])
            for path in ("/admin/queues", "/admin/users", "/admin/prompts", "/admin/queues/q1", "/admin/queues/q1?tab=agents",
                         "/admin/queues/q1?tab=history", "/admin/queues/q1?tab=used", "/admin/users/mallory", "/admin/prompts/p0",
                         "/admin/matrix", "/admin/audit", "/admin/recordings", "/admin/queues?q=%3Cimg", "/api/docs?q=%3Cimg%20src"):
                d.goto(path)
                d.see("The HTTP interface") if path.startswith("/api/docs") else d.settled()
            d.goto("/admin/outcomes/o2?tab=history")
            d.click("button", "1 change")
            d.see(PAYLOADS[2][:20])
            d.goto("/admin")
            d.fill("Find any object", "<script>")
            d.see(PAYLOADS[0])
            nothing_fired(d)
            narrow(d)


test_admin_shows_hostile_names_as_text.seconds = 300


def test_admin_reference_is_served_to_anybody():
    with AdminHouse() as h, Desk(h, "nobody") as d:
        d.goto("/api/docs")
        d.see("The HTTP interface")
        d.fill("Search operations", "put queues")
        d.see("/api/v1/tenants/{tenant}/queues/{id}")
        d.run("await page.locator('#putQueue > summary').click()")
        d.see("curl -s -X PUT")
        d.see("strategy")
        assert not d.axe(), d.axe()
        assert not [c for c in d.complaints() if c["kind"] == "error"], d.complaints()
