"""What people say of a contact: tags, and when they come back to it (screens section 2)."""
from datetime import datetime, timedelta, timezone

from desk import DeskHouse
from harness import House, wait_until


def stamp(**ahead):
    return (datetime.now(timezone.utc) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_marks_with_the_wrap_up_and_long_after():
    with House(agents=("anna", "boris"), queue_more={"wrap_s": 60}) as h:
        anna, boris = h.server.login("anna"), h.server.login("boris")
        call, _, contact = h.talk()
        call.bye()
        h.boss.wait_work("anna", "wrapping")
        late = stamp(minutes=-5)
        anna.post(f"contacts/{contact}/wrap", {"outcome": "solved", "tags": [" vip ", "refund", "vip"], "follow_up_at": late})
        record = h.boss.wait_contact(contact, lambda c: c["state"] == "ended", 5, "it is over")
        assert record["tags"] == ["vip", "refund"], record
        assert record["follow_up"] == {"at": late, "agent": "anna"}, record


        def listed(**query):
            return [c["id"] for c in h.boss.contacts(**query)]
        assert listed(tag="vip") == [contact] and listed(tag="vi") == [] and listed(tag="%") == []
        assert listed(follow_up_before=stamp(), follow_up_agent="anna") == [contact]
        assert listed(follow_up_before=stamp(minutes=-10)) == []
        assert listed(follow_up_before=stamp(), follow_up_agent="boris") == []

        later = stamp(days=1)
        moved = h.boss.ask("PATCH", f"contacts/{contact}", {"follow_up_at": later, "follow_up_agent": "boris"}).json
        assert moved["follow_up"] == {"at": later, "agent": "boris"} and moved["tags"] == ["vip", "refund"]
        done = anna.ask("PATCH", f"contacts/{contact}", {"follow_up_at": None, "tags": []}).json
        assert "follow_up" not in done and "tags" not in done, done
        assert listed(follow_up_before=stamp(days=2)) == []
        facts = [e["event"] for e in h.boss.events(contact)]
        assert facts.count("follow_up") == 3 and facts.count("contact_tagged") == 2, facts

        boris.ask("PATCH", f"contacts/{contact}", {"tags": ["mine"]}, 403)
        anna.ask("PATCH", f"contacts/{contact}", {"tags": ["two\nlines"]}, 400)
        anna.ask("PATCH", f"contacts/{contact}", {"tags": ["x" * 41]}, 400)
        anna.ask("PATCH", f"contacts/{contact}", {"follow_up_at": "tomorrow"}, 400)
        anna.ask("PATCH", f"contacts/{contact}", {"follow_up_at": later, "follow_up_agent": "nobody"}, 400)
        anna.ask("PATCH", f"contacts/{contact}", {"follow_up_agent": "boris"}, 400)


def test_desk_tags_and_comes_back():
    with DeskHouse(queue_more={"wrap_s": 60}) as h, h.desk("anna") as d:
        d.ready()
        call = h.ring()
        call.wait_answer()
        d.accept()
        contact = h.contact_of(call)
        d.run("const t = page.getByRole('combobox', {name: 'Tags'}); await t.fill('vip'); await t.press('Enter')")
        now = d.run("const d = new Date(Date.now() - 60000); d.setMinutes(d.getMinutes() - d.getTimezoneOffset()); "
                    "return d.toISOString().slice(0, 16)")
        d.run("await page.getByLabel('Come back to it').fill(args)", now)
        call.bye()
        wait_until(lambda: d.agent()["work"] == "wrapping", 5, "anna wraps up")
        d.click("button", "Save & next")
        record = h.boss.wait_contact(contact, lambda c: c["state"] == "ended", 5, "it is over")
        assert record["tags"] == ["vip"] and record["follow_up"]["agent"] == "anna", record
        d.see("To come back to")
        d.click("button", "Done")
        d.gone("To come back to")
        wait_until(lambda: "follow_up" not in h.boss.contact(contact), 5, "it is done")
        d.quiet_page()
