"""Reports and contacts in a browser (issue 6, section 2): what the pages show is what the interface says, each number opens
exactly its contacts (behaviours.md K-3), recordings are heard there, nothing from outside runs."""
import csv
import io
import time

from desk import Desk, DeskHouse
from harness import AGENT, CUSTOMER, stamp, wait_until
from mailserver import Mailbox
from test_desk_safe import PAYLOADS, clean
from test_report_files import one_day, pdf_text, read_sheet

RECORD = {"record": "always", "wrap_s": 5}


def signed_in(h, user="olga"):
    d = Desk(h, user)
    d.goto("/")
    d.sign_in()
    return d


def some_calls(h):
    """Two that are served, one with a hold in it; one that gives up. The contact with the hold."""
    one_day(180)
    held = None
    for n, user in enumerate(("+48601000701", "+48601000702")):
        call, phone, contact = h.talk(user=user)
        if n == 0:
            held = contact
            time.sleep(1.0)
            h.boss.post(f"contacts/{contact}/hold", {})
            time.sleep(1.5)
            h.boss.post(f"contacts/{contact}/resume", {})
        time.sleep(1.0)
        call.bye()
        h.boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": f"note {n}"})
        h.boss.wait_ended(contact, 8)
    h.boss.presence("anna", "not_ready", "break")
    call = h.ring(user="+48601000703").wait_answer(3)
    time.sleep(1.2)
    call.bye()
    wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], 8, "all are over")
    return held


def nothing_fired(d):
    """Nothing ran that came from outside, nothing was refused by the policy; what is not there (401, 404) is no fault."""
    assert d.inside("window.__fired === undefined"), "something ran"
    bad = [c for c in d.complaints() if not any(s in c["text"] for s in ("(Unauthorized)", "(Not Found)", "(Forbidden)", "(Bad Request)"))]
    assert not bad, bad


def figures(d):
    """What the four numbers say, and each cell of the table's first row, with where it leads."""
    cells = d.inside("""[...document.querySelectorAll('tbody tr')].filter(r => r.querySelector('th')).map(r =>
        Object.fromEntries([...r.querySelectorAll('td[data-column]')].map(c => [c.dataset.column,
            {text: c.innerText.trim(), href: c.querySelector('a')?.getAttribute('href') ?? null}])))""")
    big = d.inside("Object.fromEntries([...document.querySelectorAll('[data-figure]')].map(e => [e.dataset.figure, e.innerText.trim()]))")
    return big, cells


def count_of(d):
    """How many contacts the open list has."""
    wait_until(lambda: d.inside("document.querySelector('[data-count]') !== null"), 10, "the list is there")
    return int(d.inside("document.querySelector('[data-count]').dataset.count"))


def test_reports_pages_show_what_is_and_open_it():
    with DeskHouse(at_desks=(), agents=("anna",), queue_more=RECORD) as h:
        some_calls(h)
        row = h.boss.report()
        assert (row["offered"], row["answered"], row["abandoned"]) == (3, 2, 1), row
        with signed_in(h) as d:
            d.click("link", "Reports")
            d.see("Service level")
            wait_until(lambda: figures(d)[0].get("offered") == "3", 15, "three were offered")
            d.settled()
            big, cells = figures(d)
            percent = f"{row['sl'] * 100:.1f}%".replace("100.0%", "100%").replace("\u00a00.0%", "0%")
            assert big["sl"] == percent == "66.7%", (big, row)
            assert cells[0]["offered"]["text"] == "3" and cells[0]["answered"]["text"] == "2", cells
            d.goto("/reports/queues?columns=offered,answered,abandoned,short_abandoned,flow_out,callbacks,answered_in_threshold,"
                   "handled,transferred,sl,sl_4,abandon_rate_plain,asa_ms,wait_max_ms,aht_ms,talk_ms,time_to_abandon_ms,promised")
            d.see("Together") if len(cells) > 1 else d.see("Offered")
            wait_until(lambda: len(figures(d)[1]) > 0, 10, "rows")
            d.settled()
            _, cells = figures(d)
            opened = 0
            for column, cell in cells[0].items():
                want = len(h.boss.get("reports/queues?" + "&".join(f"{k}={v}" for k, v in {
                    "from": stamp(time.time() - 86000), "to": stamp(time.time() + 60), "interval_s": 0,
                    "list": column, "limit": 500}.items()))["items"])
                assert (cell["href"] is not None) == (want > 0), (column, cell, want)
                if not cell["href"]:
                    continue
                d.goto(cell["href"])
                assert count_of(d) == want, (column, want)
                if cell["text"].isdigit():
                    assert int(cell["text"]) == want, (column, cell)
                opened += 1
            assert opened >= 10, opened
            # agents: the same law; and no data is a dash, never 0 %
            d.goto("/reports/agents?columns=handled,offers,accepted,missed,dialled,answer_rate,aht_ms")
            wait_until(lambda: len(figures(d)[1]) > 0, 10, "rows of agents")
            d.settled()
            _, cells = figures(d)
            for column in ("handled", "offers", "accepted"):
                number = int(cells[0][column]["text"])
                assert number == 2, (column, cells[0])
                d.goto(cells[0][column]["href"])
                assert count_of(d) == number, column
            d.goto("/reports/queues?period=last_month")
            d.see("Nothing happened in this period")
            d.settled()
            assert figures(d)[0]["sl"] == "—", figures(d)
            d.goto("/reports/agents?period=last_month")
            d.see("Nothing happened")
            # by keyboard: the formula is told where the focus is; a column is sorted
            d.goto("/reports/queues")
            d.see_role("button", "Offered")
            d.run("await page.getByRole('button', {name: 'Speed of answer'}).focus()")
            d.see("Average wait of the answered")
            # the service level: which one, within how long; another variant is another figure, and one agreed on anew the past's
            d.run("await page.locator('[class*=numbers]').getByText('Service level', {exact: true}).focus()")
            d.see("answered within T / offered · T = 20s")
            wait_until(lambda: figures(d)[0].get("sl") == percent, 10, "as before")
            d.run("await page.getByLabel('Service level', {exact: true}).selectOption('sl_3')")
            wait_until(lambda: figures(d)[0].get("sl_3") == "100%", 10, "of the answered all were in time")
            d.run("await page.locator('[class*=numbers]').getByText('Level, of answered', {exact: true}).focus()")
            d.see("answered within T / answered · T = 20s")
            adam = h.server.login("adam")
            firm = {k: v for k, v in adam.ask("GET", "/api/v1/tenants/acme").json.items() if k != "version"}
            adam.ask("PUT", "/api/v1/tenants/acme", {**firm, "formulas": {"sl": "sl_3"}})
            d.goto("/reports/queues")
            wait_until(lambda: figures(d)[0].get("sl") == "100%", 10, "the past is reckoned anew")
            adam.ask("PUT", "/api/v1/tenants/acme", firm)
            d.goto("/reports/queues")
            wait_until(lambda: figures(d)[0].get("sl") == percent, 10, "and back")
            d.run("await page.getByRole('button', {name: 'Speed of answer'}).focus()")
            d.press("Enter")
            wait_until(lambda: "sort=" in d.inside("location.search"), 5, "the order is in the address")
            for path in ("/reports/agents", "/reports/flows", "/reports/flow_nodes", "/reports/flow_paths", "/reports/trunks"):
                d.goto(path)
                wait_until(lambda: len(figures(d)[1]) > 0, 10, f"{path} has rows")
                d.inside("document.querySelectorAll('canvas').length")
            nothing_fired(d)
            for dark, width in ((False, 1280), (True, 1280), (False, 390)):
                d.dark(dark)
                d.size(width, 720)
                d.goto("/reports/queues?compare=previous_week")
                wait_until(lambda: len(figures(d)[1]) > 0, 10, "rows")
                clean(d, f"queues, dark {dark}, {width}")


test_reports_pages_show_what_is_and_open_it.seconds = 500


def downloaded(d, form):
    """What *Export* gives to the disk of who presses it: the file's name and its bytes."""
    d.click("button", "Export")
    got = d.run("""const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', {name: args}).click()]);
                   return {name: file.suggestedFilename(), path: await file.path()};""", form)
    with open(got["path"], "rb") as f:
        return got["name"], f.read()


def rows_seen(d):
    """The table: the head of each row and its cells, column by column."""
    return d.inside("""[...document.querySelectorAll('tbody tr')].filter(r => r.querySelector('th')).map(r =>
        [r.querySelector('th').innerText.trim(), ...[...r.querySelectorAll('td[data-column]')].map(c => c.innerText.trim())])""")


def number_links(d):
    """Where each number of the table leads, and what it says, column by column."""
    return d.inside("""[...document.querySelectorAll('tbody td[data-column] a, tfoot td[data-column] a')].map(a =>
        ({column: a.closest('td').dataset.column, text: a.innerText.trim(), href: a.getAttribute('href')}))""")


NAMES = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1"]
ALLOWED = {"allow": ["@acme.test"]}


def test_reports_pages_contacts_exported_kept_and_mailed():
    """Contacts told apart by their outcomes, whose names are payloads (faults.md S17): every number opens, the files say what
    the page says and nothing in them is reckoned; a colleague opens what was kept, and the mail of it comes."""
    with Mailbox() as box, DeskHouse(at_desks=(), agents=("anna",), queue_more={"wrap_s": 5}, settings={
            "mail.smtp": box.url, "mail.from": "centrala@acme.test"}) as h:
        h.objects["objects"][0]["mail"] = ALLOWED
        h.objects["objects"] += [{"kind": "outcome", "tenant": "acme", "id": f"o{i}", "name": name} for i, name in enumerate(NAMES)]
        h.server.apply(h.objects)
        one_day(180)
        for i in range(len(NAMES)):
            call, phone, contact = h.talk(user=f"+4860100090{i}")
            call.bye()
            h.boss.post(f"contacts/{contact}/wrap", {"outcome": f"o{i}"})
            h.boss.wait_ended(contact, 8)
        with signed_in(h) as d, signed_in(h, "adam") as other:
            d.goto("/reports/contacts?columns=contacts,answered,abandoned&sort=key")
            wait_until(lambda: len(rows_seen(d)) == 5, 10, "a row an outcome")
            d.settled()
            seen = rows_seen(d)
            assert {r[0] for r in seen} == {n.strip() for n in NAMES} and all(r[1:] == ["1", "1", "0"] for r in seen), seen
            for link in number_links(d)[:3] + number_links(d)[-2:]:
                d.goto(link["href"])
                assert count_of(d) == int(link["text"]), link
            d.goto("/reports/contacts?columns=contacts,answered,abandoned&sort=key")
            wait_until(lambda: len(rows_seen(d)) == 5, 10, "a row an outcome")

            name, data = downloaded(d, "CSV")
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
            assert name.startswith("contacts-") and name.endswith(".csv"), name
            assert sorted(rows[1:-1]) == sorted(["'" + n, "1", "1", "0"] for n in NAMES), rows
            assert rows[-1] == ["Total", "5", "5", "0"], rows
            cells, _ = read_sheet(downloaded(d, "Excel")[1])  # no formula in it
            firsts = {v[0] for at, v in cells.items() if at[0] == "A"}
            assert set(NAMES) <= firsts and cells["B2"][0] == 1.0, cells
            _, text, _ = pdf_text(downloaded(d, "PDF")[1])
            assert all(n.strip() in text for n in NAMES) and "Time zone: Europe/Warsaw" in text, text

            # chips: what narrows it is in the address, and goes again
            d.click("button", "Filter")
            d.run("await page.getByLabel('Outcome').selectOption('o1')")
            wait_until(lambda: len(rows_seen(d)) == 1, 10, "one outcome")
            wait_until(lambda: "outcome=o1" in d.inside("location.search"), 5, "it is in the address")
            d.press("Escape")
            d.click("button", "Outcome: +1+1, take away")
            wait_until(lambda: len(rows_seen(d)) == 5, 10, "all again")
            for split, first in (("hour", ":00"), ("weekday", "day"), ("queue", "Support"), ("agent", "Anna"), ("channel", "Telephone"),
                                 ("direction", "Inbound"), ("ended_by", "Customer"), ("line", "+48"), ("none", "All contacts")):
                d.run("await page.getByLabel('Told apart by').selectOption(args)", split)
                wait_until(lambda: (lambda rows: rows and first in rows[0][0] and all(r[1].isdigit() for r in rows)
                                    and sum(int(r[1]) for r in rows) == 5)(rows_seen(d)), 10, split)
            clean(d, "contacts")

            # kept for everybody, mailed by one who never saw the address of it
            d.click("button", "Save")
            d.click("menuitem", "Send it by e-mail")
            d.run("await page.getByRole('textbox', {name: 'Name'}).fill('All of them kept')")
            d.run("await page.getByLabel('Everybody who sees reports may open it').check()")
            d.run("await page.getByLabel('As', {exact: true}).selectOption('csv')")
            d.run("await page.getByRole('textbox', {name: 'To', exact: true}).fill('boss@acme.test')")
            clean(d, "the dialog")
            d.run("await page.locator('[role=dialog] button[type=submit]').click()")
            d.see("is saved")
            other.goto("/reports")
            other.click("link", "All of them kept")
            wait_until(lambda: rows_seen(other) == rows_seen(d), 10, "a colleague sees the same")
            other.click("button", "All of them kept")
            other.click("menuitem", "Send it now")
            other.see("Sent to boss@acme.test")
            part = next(box.mails[0].iter_attachments())
            body = part.get_content()
            body = body if isinstance(body, bytes) else body.encode()
            told = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
            assert box.mails[0]["subject"] == "All of them kept" and told[-1] == ["Total", "5", "5", "0"], told
            assert "All contacts" in told[1][0], told
            other.click("button", "All of them kept")
            other.click("menuitem", "Delete the saved report")
            wait_until(lambda: not h.boss.get("saved_reports")["items"], 5, "it is gone")
            nothing_fired(d)
            nothing_fired(other)


test_reports_pages_contacts_exported_kept_and_mailed.seconds = 400


def sound_at(d, recording):
    """How loud CUSTOMER is left and AGENT right in the file as the browser decodes it, and each in the other."""
    return d.inside("""(async () => {
        const path = `/api/v1/tenants/acme/recordings/%s`;
        const part = await fetch(path, {headers: {Range: 'bytes=0-43'}});
        const whole = await (await fetch(path)).arrayBuffer();
        const sound = await new OfflineAudioContext(2, 8000, 8000).decodeAudioData(whole);
        const tone = (samples, hz) => { // Goertzel over the first second
            let a = 0, b = 0; const w = 2 * Math.cos(2 * Math.PI * hz / sound.sampleRate), n = Math.min(samples.length, sound.sampleRate);
            for (let i = 0; i < n; i++) { const x = samples[i] + w * a - b; b = a; a = x; }
            return Math.sqrt(Math.max(0, a * a + b * b - w * a * b)) / n;
        };
        const [left, right] = [sound.getChannelData(0), sound.getChannelData(1)];
        return {part: part.status, customer: [tone(left, %d), tone(right, %d)], agent: [tone(left, %d), tone(right, %d)]};
    })()""" % (recording, CUSTOMER, CUSTOMER, AGENT, AGENT))


TOO_WIDE = """(() => {
    const bad = [], page = document.querySelector('main')
    if (document.documentElement.scrollWidth > innerWidth || page.scrollWidth > page.clientWidth)
        for (const e of document.querySelectorAll('main *')) {
            const r = e.getBoundingClientRect()
            if (r.right > innerWidth + 1 && r.width && !e.closest('[role=region], [class*=frame]')) bad.push(e.tagName + '.' + e.className + ' ' + Math.round(r.right))
        }
    return bad.slice(0, 8)
})()"""


def small_windows(d, contact):
    """On a telephone's screen nothing is wider than the window, in no language; what is pressed has 24 px (WCAG 2.2, 2.5.8)."""
    d.run("await page.setViewportSize({width: 390, height: 844})")
    for language in ("pl", "ru", "en"):
        said = f"{{method: 'PUT', headers: {{'Content-Type': 'application/json'}}, body: JSON.stringify({{language: '{language}'}})}}"
        assert d.inside(f"fetch('/api/v1/me/settings', {said}).then(r => r.status)") < 300
        for path in ("/contacts?period=today", "/contacts?period=last_30_days&state=ended&direction=inbound&number=601000701", contact, "/reports/agents?period=today"):
            d.goto(path)
            wait_until(lambda: d.inside("document.documentElement.lang") == language, 5, language)
            d.settled()
            wide = d.inside(TOO_WIDE)
            assert wide == [], (language, path, wide)
    small = d.inside("[...document.querySelectorAll('main a, main button, main [tabindex=\"0\"]')].map(e => [e.getBoundingClientRect(), e])"
                     ".filter(([r]) => r.width && (r.height < 24 || r.width < 24)).map(([r, e]) => e.className + ' ' + e.innerText + ' ' + r.width + 'x' + r.height)")
    assert small == [], small
    d.run("await page.setViewportSize({width: 1280, height: 720})")


def test_reports_pages_a_contact_is_heard_and_told():
    with DeskHouse(at_desks=(), agents=("anna",), queue_more=RECORD) as h:
        contact = some_calls(h)
        record = h.boss.get(f"contacts/{contact}")
        recording = record["recordings"][0]
        with signed_in(h, "adam") as other:
            other.goto(f"/contacts/{contact}")
            other.see("Nobody has listened to the recording.")
        with signed_in(h) as d:
            d.goto(f"/contacts/{contact}")
            d.see("What happened")
            for said in ("601 000 701", "Anna", "Solved", "note 0", "answers after", "puts the customer on hold", "They talk again", "The contact is over"):
                d.see(said)
            events = h.boss.get(f"contacts/{contact}/events")["items"]
            d.run("await page.getByRole('switch', {name: 'Everything'}).or(page.getByLabel('Everything')).first().click({force: true})")
            wait_until(lambda: d.inside("document.querySelectorAll('li[data-event]').length") == len(events), 5, "every fact has its step")
            d.run("await page.getByText('To scale').click()")
            clean(d, "a contact")
            # what was said in SIP: asked for when it is opened, each message read and copied by keyboard
            said = h.boss.get(f"contacts/{contact}/sip")["items"]
            assert d.inside("document.querySelectorAll('#sip-body li').length") == 0
            d.run("await page.locator('[aria-controls=sip-body]').focus()")
            d.press("Enter")
            wait_until(lambda: d.inside("document.querySelectorAll('#sip-body li').length") == len(said) > 8, 5, "every message has its step")
            wait_until(lambda: "sip=1" in d.inside("location.search"), 5, "it is in the address")
            d.run("await page.locator('#sip-body summary').first().focus()")
            d.press("Enter")
            wait_until(lambda: (d.inside("document.querySelector('#sip-body li pre')?.innerText") or "").startswith(
                said[0]["text"].split("\r\n")[0]), 5, "a message is read")
            # the clipboard itself is the machine's, and a browser without a window has none
            d.inside("(navigator.clipboard.writeText = async (text) => { window.__copied = text }, 1)")
            d.press("Tab")
            d.press("Enter")
            d.see("Copied")
            assert d.inside("window.__copied") == said[0]["text"]
            clean(d, "messages of SIP")
            # the player: it plays, as fast as it is told, from where it is told; the hold is marked where it was
            d.see_role("button", "Play")
            assert d.inside("document.querySelector('main audio').currentTime") == 0
            d.run("await page.getByRole('button', {name: 'Play'}).first().click();"  # in one go: it lasts but a few seconds
                  "await page.waitForFunction(() => document.querySelector('main audio').currentTime > 0.3);"
                  "await page.getByRole('button', {name: 'Pause'}).first().click()")
            d.run("await page.getByLabel('Speed').selectOption('2')")
            wait_until(lambda: d.inside("(a => [a.playbackRate, a.preservesPitch])(document.querySelector('main audio'))") == [2, True],
                       5, "twice as fast")
            hold = next(e for e in events if e["event"] == "hold_on")
            began = stamp_ms(hold["at"]) - stamp_ms(recording["started_at"])
            d.run("await page.getByRole('group', {name: 'What happened meanwhile'}).getByRole('button').first().click()")
            wait_until(lambda: abs(d.inside("document.querySelector('main audio').currentTime") * 1000 - began) < 60, 5, f"at {began} ms")
            d.run("await page.getByRole('slider', {name: 'Position'}).focus()")
            d.press("Home")
            wait_until(lambda: d.inside("document.querySelector('main audio').currentTime") == 0, 5, "at its beginning")
            d.press("ArrowDown")
            wait_until(lambda: d.inside("document.querySelector('main audio').playbackRate") == 1.75, 5, "slower by a step")
            d.press(" ")
            wait_until(lambda: d.inside("document.querySelector('main audio').currentTime") > 0, 5, "space plays")
            heard = sound_at(d, recording["id"])
            assert heard["part"] == 206, heard
            assert heard["customer"][0] > 20 * heard["customer"][1] and heard["customer"][0] > 0.01, heard
            assert heard["agent"][1] > 20 * heard["agent"][0] and heard["agent"][1] > 0.01, heard
            # the list: keys go through it, the dock plays
            d.goto("/contacts?period=today")
            assert count_of(d) == 3
            d.settled()
            d.press("j")
            d.press("j")
            newest, second = (c["id"] for c in h.boss.contacts()[:2])
            focused = lambda: d.inside("document.activeElement.getAttribute('href')")
            wait_until(lambda: focused() == f"/contacts/{second}", 5, "the second one")
            d.press("k")
            wait_until(lambda: focused() == f"/contacts/{newest}", 5, "the newest")
            d.press("Enter")
            d.see("What happened")
            d.see("Gives up in")
            d.goto("/contacts?period=today")
            assert count_of(d) == 3
            d.click("button", "Play the recording of")
            wait_until(lambda: d.inside("(document.querySelector('main audio')?.currentTime ?? 0) > 0.3"), 10, "the dock plays")
            first = d.inside("document.querySelector('main audio').src")
            d.click("button", "Next recording")
            wait_until(lambda: d.inside("document.querySelector('main audio')?.src") not in (first, None), 5, "the next one")
            clean(d, "the list, playing")
            small_windows(d, f"/contacts/{contact}?sip=1")
            nothing_fired(d)
        with signed_in(h, "adam") as d:
            d.goto(f"/contacts/{contact}")
            d.see("Who listened")
            d.see("olga")
        # the server's own filter: who heard this one, and nothing of another contact
        audit = h.server.login("adam").get(f"audit?contact={contact}")["items"]
        heard = [e for e in audit if e["what"] == "viewed" and e["detail"].get("query") == recording["id"]]
        assert {e["by"] for e in heard} == {"olga"} and len(heard) == len(h.server.login("adam").get(f"audit?recording={recording['id']}")["items"]), audit
        assert {e.get("contact", contact) for e in audit} == {contact}, audit
        quiet = next(c["id"] for c in h.boss.contacts() if not c["recordings"])
        assert not [e for e in h.server.login("adam").get(f"audit?contact={quiet}")["items"] if e["what"] == "viewed"]
        h.server.login("adam").get("audit?contact=x", 400)


test_reports_pages_a_contact_is_heard_and_told.seconds = 500


def stamp_ms(text):
    import datetime
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def loaded(d):
    """Drawn, and pictures that are not there have failed."""
    d.settled()
    d.run("await page.waitForLoadState('networkidle')")
    assert d.inside("window.__fired === undefined"), "something ran"


def test_reports_pages_run_nothing_from_outside():
    people = [{"kind": "outcome", "tenant": "acme", "id": "solved", "name": PAYLOADS[2]},
              {"kind": "reason", "tenant": "acme", "id": "break", "name": PAYLOADS[0]}]
    with DeskHouse(at_desks=(), agents=("anna",), queue_more={**RECORD, "name": PAYLOADS[1][:60]}) as h:
        h.server.apply({"objects": [*people, {
            "kind": "user", "tenant": "acme", "id": "anna", "name": PAYLOADS[5], "roles": ["agent"], "queues": ["support"],
            "skills": {"billing": 5}, "phone": {"kind": "sip", "contact": f"sip:anna@127.0.0.1:{h.phones.port}"}}]})
        made = []
        one_day()
        for n, payload in enumerate(PAYLOADS[:4]):
            call, phone, contact = h.talk(user=f"+4860100080{n}")
            call.bye()
            h.boss.post(f"contacts/{contact}/wrap", {"outcome": "solved", "note": payload})
            h.boss.wait_ended(contact, 8)
            made.append(contact)
        with signed_in(h) as d:
            for contact, payload in zip(made, PAYLOADS):
                d.goto(f"/contacts/{contact}")
                d.see(payload[:25])
                d.see(PAYLOADS[2][:20])
                d.see(PAYLOADS[5][:20])
            for path in ("/reports/queues", "/reports/agents", "/contacts", "/reports/flow_nodes"):
                d.goto(path)
                loaded(d)
            for word in ("queue", "columns", "sort", "zone", "period", "saved", "sl", "report", "list"):
                d.goto("/reports/queues?" + word + "=%3Cimg%20src%3Dx%20onerror%3D%22window.__fired%3D1%22%3E")
                loaded(d)
            d.goto("/contacts?report=queues&list=%3Cimg%20src%3Dx%20onerror%3D%22window.__fired%3D1%22%3E&queue=%22%3E%3Csvg%20onload%3Dalert(1)%3E")
            loaded(d)
            nothing_fired(d)


test_reports_pages_run_nothing_from_outside.seconds = 300


def test_reports_pages_everybody_sees_his_own():
    """An agent his own contacts; a viewer contacts, but no customers' data and no audit."""
    with DeskHouse(at_desks=("boris",), agents=("anna",), queue_more=RECORD) as h:
        call, phone, contact = h.talk()
        call.bye()
        h.boss.wait_ended(contact, 10)
        with h.desk("boris") as d:
            d.settled()
            assert not d.has("Reports"), "an agent has no reports of everybody"
            d.goto(f"/contacts/{contact}")
            d.see("You may not see this.")
            d.goto("/contacts")
            d.see("No contacts are like this.")
            d.goto("/reports/queues")
            d.see("no such report")
        with Desk(h, "wera") as d:
            d.goto("/")
            d.fill("Organisation", "acme")
            d.fill("User", "wera")
            d.run("await page.getByLabel('Password', {exact: true}).fill('wera-secret-1')")
            d.click("button", "Sign in")
            d.see_role("link", "Reports")
            d.goto(f"/contacts/{contact}")
            d.see("What happened")
            d.settled()
            assert not d.has("Who listened") and not d.has("No customer linked"), d.text()[:500]


test_reports_pages_everybody_sees_his_own.seconds = 240
