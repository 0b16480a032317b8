"""How long recordings are kept (screens section 4): rules, holds, a death in the midst, what people see of it."""
import contextlib
import sqlite3
import time

import postgres
from harness import House, wait_until

DAY_MS = 86400000


def sql(server, text):
    """One statement straight to the house's own database: the one value it answers."""
    url = server.settings.get("store.url")
    if url:
        return postgres.shared().sql(url.rpartition("/")[2], text)
    with contextlib.closing(sqlite3.connect(server.data / "centrala.db", timeout=5)) as db, db:
        ((value,),) = db.execute(text).fetchall()
        return str(value)


def test_recordings_are_kept_as_long_as_their_rule_says():
    with House(agents=("anna",), queue_more={"record": "always", "wrap_s": 0}) as h:
        contacts = []
        for n in range(4):
            call, _, contact = h.talk(user=f"+4860100000{n}")
            time.sleep(0.5)
            call.bye()
            h.boss.wait_ended(contact)
            contacts.append(contact)
        held, old, torn, young = contacts
        sound = {c: h.boss.contact(c)["recordings"][0]["id"] for c in contacts}
        for c in (held, old, torn):  # forty days pass for these
            assert sql(h.server, f"UPDATE recordings SET started_at = started_at - {40 * DAY_MS} WHERE id = '{sound[c]}' RETURNING 1") == "1"
        paths = {c: h.server.data / "recordings" / sql(h.server, f"SELECT path FROM recordings WHERE id = '{sound[c]}'")
                 for c in contacts}
        assert all(p.exists() for p in paths.values()), paths
        anna, root = h.server.login("anna"), h.server.login("adam")
        anna.ask("PATCH", f"contacts/{old}", {"hold": True}, 403)
        assert h.boss.ask("PATCH", f"contacts/{held}", {"hold": True}).json["hold"] is True

        # what a rule would delete, before there is one; then there is
        rules = root.get("retention?days=30")["items"]
        assert [(r["queue"], r["days"], r["recordings"], r["held"], r["due"]) for r in rules] == \
            [(None, 30, 4, 1, 2)] and rules[0]["due_bytes"] > 1000, rules
        assert root.get("retention")["items"][0]["due"] == 0
        h.boss.get("retention", expect=403)
        paths[torn].unlink()  # as if the core had died between the file and the fact
        tenant = next(o for o in h.objects["objects"] if o["kind"] == "tenant")
        queue = next(o for o in h.objects["objects"] if o["kind"] == "queue")
        h.server.apply({"objects": [{**tenant, "recording_retention_days": 30},
                                    {**queue, "recording_retention_days": 0}]})
        h.server.kill("centrala-core")
        h.server.healthy()
        time.sleep(2.5)
        assert paths[old].exists(), "the queue's own rule says for ever"
        h.server.apply({"objects": [{k: v for k, v in queue.items()
                                     if k != "recording_retention_days"}]})
        h.server.kill("centrala-core")
        h.server.healthy()
        for c in (old, torn):
            wait_until(lambda: "deleted_at" in h.boss.contact(c)["recordings"][0], 10, "it is told")
            assert not paths[c].exists() and not paths[c].with_suffix(".peaks").exists()
            h.boss.get(f"recordings/{sound[c]}", expect=404)
            assert h.boss.get(f"recordings/{sound[c]}.json")["deleted_at"]
            facts = [e for e in h.boss.events(c) if e["event"] == "recording_deleted"]
            assert [(e["recording"], e["why"]) for e in facts] == [(sound[c], "retention")], facts
        for c in (held, young):
            assert paths[c].exists() and "deleted_at" not in h.boss.contact(c)["recordings"][0]
        told = [a["what"] for a in root.get("audit?limit=200")["items"]]
        assert told.count("recording_deleted") == 2 and told.count("recording_hold") == 1, told
        h.settled()  # and check finds the files of the others only
        # the hold is over: the next look takes it
        h.boss.ask("PATCH", f"contacts/{held}", {"hold": False})
        h.server.kill("centrala-core")
        h.server.healthy()
        wait_until(lambda: not paths[held].exists(), 10, "what is not held any more goes")
        wait_until(lambda: "deleted_at" in h.boss.contact(held)["recordings"][0], 5, "and is told")
        h.server.check()
