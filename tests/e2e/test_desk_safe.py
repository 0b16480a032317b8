"""What comes from outside is text, wherever a page shows it (faults.md S16); and nothing serious for axe (issue 5, 5.4, 5.5)."""
import json

from desk import COLLEAGUE, DeskHouse, Desk
from harness import wait_until

# Each would set window.__fired or open a dialog if anything of it ran (S16 of faults.md; OWASP's list, shortened).
PAYLOADS = [
    "<script>window.__fired=1</script>",
    "<img src=x onerror=\"window.__fired=2\">",
    "\"><svg/onload=window.__fired=3>",
    "'-alert(4)-'",
    "javascript:alert(5)",
    "<iframe srcdoc=\"<script>parent.__fired=6</script>\">",
    "{{constructor.constructor('window.__fired=7')()}}",
    "${window.__fired=8}",
    "<math><mtext></table><mglyph><style><img src onerror=window.__fired=9>",
    "+ADw-script+AD4-window.__fired=10+ADw-/script+AD4-",
    "</title><script>window.__fired=11</script>",
    "\u202egnp.exe",
]


def nothing_fired(d, pages=("desk",)):
    for page in pages:
        assert d.inside("window.__fired === undefined", page), f"something ran on {page}"
    bad = [c for c in d.complaints() if c["kind"] == "dialog" or "Content Security" in c["text"]
           or "Refused to" in c["text"] or c["kind"] == "error" and "401" not in c["text"] and "ERR_" not in c["text"]]
    assert not bad, bad


def customers(h, facts):
    return [h.boss.post("customers", one, expect=201)["id"] for one in facts]


def test_desk_safe_from_what_others_write():
    with DeskHouse(queue_more={"wrap_s": 0}) as h:
        boss = h.boss
        made = customers(h, [
            {"kind": "person", "name": p, "company_name": p, "position": p, "tags": [p[:60]], "external_id": f"{n} {p}"[:100],
             "numbers": [{"number": f"+4860200{n:04d}", "label": p[:40]}], "emails": [{"address": "a@b.example", "label": p[:40]}],
             "addresses": [{"street": p, "city": p}], "preferences": {"do_not_call": [{"reason": p}]}}
            for n, p in enumerate(PAYLOADS)])
        for id, p in zip(made, PAYLOADS):
            boss.post(f"customers/{id}/notes", {"text": p}, expect=201)
        with h.desk("anna") as d:
            for n, p in enumerate(PAYLOADS):
                d.goto(f"/customers/{made[n]}")
                d.see(p.strip()[:30])
                d.click("tab", "Notes")
            d.goto("/customers?q=" + "%3Cscript%3E")
            d.see("<script>")
            d.fill("Search customers", PAYLOADS[1])
            nothing_fired(d)
            d.goto("/")
            d.see_role("button", "My state")
            d.ready()
            for n in (0, 1, 2):  # their names while it rings, in the talk, in the history
                call = h.ring(user=f"+4860200{n:04d}")
                call.wait_answer()
                d.see_role("button", "Accept")
                d.see(PAYLOADS[n][:30])
                d.accept()
                contact = h.contact_of(call)
                boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "they talk")
                d.note(PAYLOADS[n])
                d.click("button", "Save the note")
                d.see("Saved")
                call.bye()
                boss.wait_ended(contact, 10)
                wait_until(lambda: d.agent()["work"] == "idle", 10, "anna is free")
            for strange in ('<img/src=x onerror=alert(1)>', "';alert(2)//", '"onfocus=alert(3) autofocus="'):
                call = h.ring(user=strange.replace("<", "%3C").replace(">", "%3E").replace('"', "%22").replace(" ", "%20"))
                call.wait_answer()
                d.see_role("button", "Accept")
                d.accept()
                wait_until(lambda: d.agent()["work"] == "talking", 10, "anna talks")
                call.bye()
                wait_until(lambda: d.agent()["work"] == "idle", 10, "anna is free")
            nothing_fired(d)
        # names of colleagues and of what is declared, and of files
        h.server.apply({"objects": [
            {"kind": "user", "tenant": "acme", "id": "boris", "name": PAYLOADS[1], "roles": ["agent"],
             "phone": {"kind": "sip", "contact": f"sip:boris@127.0.0.1:{h.phones.port}"}, "queues": ["support"]},
            {"kind": "outcome", "tenant": "acme", "id": "solved", "name": PAYLOADS[2]},
            {"kind": "reason", "tenant": "acme", "id": "break", "name": PAYLOADS[0]}]})
        boss.presence("boris", "not_ready", "break")
        with h.desk("anna") as d:
            d.see(PAYLOADS[1][:20])
            d.click("button", "My state")
            d.see(PAYLOADS[0][:20])
            d.press("Escape")
            nothing_fired(d)
        with Desk(h, "adam") as d:
            d.goto("/")
            d.sign_in()
            d.goto("/customers/import")
            d.run("await page.setInputFiles('input[type=file]', {name: args[0] + '.csv', mimeType: 'text/csv', "
                  "buffer: Buffer.from(args[1])})", [PAYLOADS[1], f"name,number\n\"{PAYLOADS[0]}\",{PAYLOADS[4]}\n"])
            d.see(PAYLOADS[0][:20])
            d.see(PAYLOADS[1][:20])
            nothing_fired(d)


test_desk_safe_from_what_others_write.seconds = 400


def test_desk_safe_canary_sings():
    """The test above can fail: markup that does run is noticed by it."""
    with DeskHouse() as h, h.desk("anna") as d:
        d.inside("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.__fired=1\">')")

        def sings():
            try:
                nothing_fired(d)
            except AssertionError:
                return True
            return False
        wait_until(sings, 15, "the canary sings")


def clean(d, what, page=None):
    found = []

    def nothing():  # colours that move from one to the other are neither
        found[:] = d.axe(page)
        return not found
    try:
        wait_until(nothing, 15, "", 0.3)
    except AssertionError:
        raise AssertionError(f"{what}: " + json.dumps(found, ensure_ascii=False)[:1500]) from None


def test_desk_safe_for_everybody():
    """axe finds nothing serious on any page, light and dark, wide and narrow."""
    with DeskHouse(queue_more={"wrap_s": 60, "ring_s": 120}) as h:
        ids = customers(h, [{"kind": "person", "name": "Żaneta Żółć", "language": "pl", "time_zone": "Europe/Warsaw",
                             "tags": ["vip"], "numbers": [{"number": "+48601000001", "label": "mobile"}]},
                            {"kind": "person", "name": "Zaneta Zolc", "numbers": [{"number": "+48601000001"}]},
                            {"kind": "company", "name": "Nova sp. z o.o.", "numbers": [{"number": "+48221112233"}]}])
        with Desk(h, "anna") as d:
            d.goto("/")
            d.see("Sign in")
            for dark in (False, True):
                d.dark(dark)
                clean(d, f"sign-in, dark {dark}")
            d.sign_in()
            for dark, width in ((False, 1280), (True, 1280), (True, 390)):
                d.dark(dark)
                d.size(width, 720)
                for path in ("/customers", f"/customers/{ids[0]}", "/"):
                    d.goto(path)
                    d.see_role("button", "My state")
                    clean(d, f"{path}, dark {dark}, {width} wide")
            d.dark(False)
            d.size(1280, 720)
            d.goto("/")
            d.ready()
            call = h.ring()
            call.wait_answer()
            d.see_role("button", "Accept")
            d.see("Who is it?")
            clean(d, "ringing, who is it")
            d.accept()
            d.see("Talking")
            d.press("m")
            d.see("Muted: nobody hears you")
            d.press("t")
            clean(d, "talking, muted, transfer")
            d.dark(True)
            clean(d, "talking, muted, transfer, dark")
            d.dark(False)
            call.bye()
            d.see("Save & next")
            clean(d, "wrap-up")
            d.press("?")
            d.see("Single keys")
            clean(d, "sheet of keys")
            d.press("Escape")
            d.press("Control+k")
            d.see_role("combobox", "Search and commands")
            clean(d, "palette")
            d.press("Escape")
            d.click("button", "Phone settings")
            d.see("Test my voice")
            clean(d, "phone settings")
        with Desk(h, "adam") as d:
            d.goto("/")
            d.sign_in()
            for path in ("/customers/duplicates", "/customers/import"):
                d.goto(path)
                d.see("Customers")
                clean(d, path)
            d.run("await page.setInputFiles('input[type=file]', {name: 'people.csv', mimeType: 'text/csv', "
                  "buffer: Buffer.from(args)})", "name;number\nJan Łoś;+48601234567\nAnna;12\n")
            d.see("Start the import")
            clean(d, "import, preview")


test_desk_safe_for_everybody.seconds = 400
