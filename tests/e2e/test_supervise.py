"""What supervisors do from the board (behaviours.md S-3, S-4, S-5): skills, messages, help, alerts, wallboards."""
import json
import re
import socket
import threading
import time

from harness import Api, House, happens, wait_until
from live import Desk, world_of, apply
from live_story import people


def world(desk):
    """What the desk has made of all it was told."""
    now = world_of(json.loads(json.dumps(desk.snapshots[-1])))
    for e in list(desk.events):
        if e["seq"] > now["seq"]:
            apply(now, e)
    return now


def user(h, name):
    return h.boss.get(f"users/{name}")


def waits_on(h, contact):
    """It waits, and is offered to nobody."""
    h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 3, "nobody can")
    time.sleep(0.5)
    assert h.boss.contact(contact)["state"] == "waiting"


def test_supervise_skills_are_obeyed_by_the_next_match():
    """boris lacks billing: who waits is not offered to him until a supervisor says he can."""
    with House(queue_more={"skills": [{"need": "billing >= 3"}]}) as h:
        h.boss.post("agents/boris/skills", {"skills": {}})
        before = user(h, "boris")
        h.boss.ready("boris")
        call = h.ring().wait_answer()
        contact = h.contact_of(call)
        waits_on(h, contact)
        with Desk(h.boss) as olga:
            after = olga.do("skills", agent="boris", skills={"billing": 7})
        assert after["skills"] == {"billing": 7} and after["version"] == before["version"] + 1, after
        assert after["queues"] == before["queues"] and after["name"] == before["name"]
        phone = h.phones.wait_call(3)
        assert phone.user == "boris"
        phone.ring()
        phone.accept()
        phone.established.wait(3)
        versions = h.boss.get("users/boris/versions")["items"]
        assert versions[-1]["by"] == "olga" and versions[-1]["before"].get("skills", {}) != {"billing": 7}
        call.bye()
        phone.wait_over(3, by="them")
        h.boss.wait_work("boris", "idle", 8)
        h.boss.post("agents/boris/skills", {"queues": []})  # he serves nothing from now on
        second = h.ring(user="+48601000002").wait_answer()
        waits_on(h, h.contact_of(second))
        second.bye()
        h.boss.post("agents/boris/skills", {"skills": {"nothing": 1}}, expect=400)
        h.boss.post("agents/boris/skills", {"skills": {"billing": 101}}, expect=400)
        h.boss.post("agents/boris/skills", {}, expect=400)
        h.boss.post("agents/nobody/skills", {"queues": []}, expect=404)
        h.server.login("anna").post("agents/anna/skills", {"skills": {}}, expect=403)
        h.server.login("boris")  # his password is what it was
        h.settled()


def test_supervise_messages():
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        anna, clara = h.server.login("anna"), h.server.login("clara")
        with Desk(anna) as a, Desk(clara) as c, Desk(h.boss) as olga:
            sent = olga.do("message", to={"queue": "support"}, text="ten more minutes, please", urgent=True)
            e = a.wait_event("message")
            assert e["text"] == "ten more minutes, please" and e["by"] == "olga" and str(e["seq"]) == sent["id"], e
            olga.do("message", to={"agent": "clara"}, text="come to me")
            assert c.wait_event("message")["text"] == "come to me"
            h.boss.post("messages", {"to": {"all": True}, "text": "lunch"}, expect=201)
            a.wait_event("message", text="lunch")
            c.wait_event("message", text="lunch")
            assert [e["text"] for e in c.events if e["event"] == "message"] == ["come to me", "lunch"]
            a.do("read", message=e["seq"])
            a.wait_event("message_read", message=e["seq"])
            with Desk(anna) as again:
                assert [m["text"] for m in again.snapshots[0]["messages"]] == ["lunch"], again.snapshots[0]["messages"]
                assert world(a)["messages"] == world(again)["messages"]
            anna.post("messages", {"to": {"all": True}, "text": "x"}, expect=403)
            for bad in ({"to": {}, "text": "x"}, {"to": {"queue": "none"}, "text": "x"}, {"to": {"all": True}, "text": " "},
                        {"to": {"all": True, "agent": "anna"}, "text": "x"}, {"to": {"all": True}, "text": "x" * 1001},
                        {"to": {"team": "none"}, "text": "x"}):
                h.boss.post("messages", bad, expect=400)
            anna.post("messages/999999999/read", {}, expect=404)
            h.server.kill("centrala-core")
            h.server.healthy()
        with Desk(anna) as again:
            assert [m["text"] for m in again.snapshots[0]["messages"]] == ["lunch"]
        for _ in range(30):
            h.boss.post("messages", {"to": {"agent": "anna"}, "text": "again"}, expect=(201, 429))
        h.boss.post("messages", {"to": {"agent": "anna"}, "text": "again"}, expect=429)


def test_supervise_help():
    """An agent asks for help; it stands over the core's death; listening in answers it, leaving the talk ends it."""
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        anna = h.server.login("anna")
        call, phone, contact = h.talk()
        with Desk(h.boss) as olga, Desk(anna) as a, Desk(h.server.login("boris")) as b:
            assert a.do("help", contact=contact, text="he shouts") == {"contact": contact, "wanted": True}
            e = olga.wait_event("help_wanted", contact=contact, agent="anna")
            assert e["text"] == "he shouts" and world(olga)["contacts"][contact]["help"]["text"] == "he shouts"
            a.do("help", 409, contact=contact)
            assert not [e for e in b.events if e["event"] == "help_wanted"]
            h.server.login("boris").post(f"contacts/{contact}/help", {}, expect=403)
            anna.ask("DELETE", f"contacts/{contact}/help", None, 200)
            olga.wait_event("help_end", contact=contact, how="withdrawn")
            assert "help" not in world(olga)["contacts"][contact]
            anna.ask("DELETE", f"contacts/{contact}/help", None, 409)
            a.do("help", contact=contact)
        h.server.kill("centrala-core")
        h.server.healthy()
        with Desk(h.boss) as olga:
            assert olga.snapshots[0]["contacts"][0]["help"]["agent"] == "anna", olga.snapshots[0]
            anna.post(f"contacts/{contact}/help", {}, expect=409)
            h.boss.presence("sara", "ready")
            h.server.login("sara").post(f"contacts/{contact}/monitor", {"mode": "listen"})
            ear = h.phones.wait_call(3)
            ear.ring()
            ear.accept()
            olga.wait_event("help_end", contact=contact, how="answered", by="sara")
            anna.post(f"contacts/{contact}/help", {})
            phone.bye()
            olga.wait_event("help_end", contact=contact, how="over")
        call.wait_over(3, by="them")
        h.settled()


def alert(**words):
    return {"kind": "alert", "tenant": "acme", "id": "queue", "name": "Too many wait", "measure": "waiting",
            "queue": "support", "above": 0, "for_s": 2, "clear_for_s": 1, **words}


def test_supervise_alerts():
    """On after its time and not before, once however often it trembles; over the core's death; acknowledged; off."""
    with House() as h:
        h.server.apply({"objects": [alert(above=1, clear=0)]})
        with Desk(h.boss) as olga, Desk(h.server.login("anna")) as anna:
            first = h.ring(user="+48601000001").wait_answer()
            time.sleep(4)
            assert not [e for e in olga.events if e["event"].startswith("alert")], "one is not too many"
            began = time.monotonic()
            second = h.ring(user="+48601000002").wait_answer()
            on = olga.wait_event("alert_on", 12, alert="queue")
            assert time.monotonic() - began > 1.5 and on["value"] == 2 and on["level"] == "warning", on
            assert world(olga)["alerts"]["queue"]["name"] == "Too many wait"
            second.bye()  # one waits still: neither beyond nor back
            time.sleep(3.5)
            assert not [e for e in olga.events if e["event"] == "alert_off"]
            with Desk(h.boss) as late:
                assert late.snapshots[0]["alerts"] == list(world(olga)["alerts"].values())
            h.boss.post("alerts/queue/acknowledge", {})
            assert h.boss.post("alerts/queue/acknowledge", {})["acknowledged_by"] == "olga"
            olga.wait_event("alert_acknowledged", alert="queue", by="olga")
            assert not [e for e in anna.events if e["event"].startswith("alert")]
            h.server.login("anna").post("alerts/queue/acknowledge", {}, expect=403)
        h.server.kill("centrala-core")
        h.server.healthy()
        with Desk(h.boss) as olga:
            assert olga.snapshots[0]["alerts"][0]["acknowledged_by"] == "olga", olga.snapshots[0]["alerts"]
            assert olga.snapshots[0]["alerts"][0]["since_at"] == on["at"]
            first.bye()
            off = olga.wait_event("alert_off", 12, alert="queue")
            assert off["why"] == "clear" and not world(olga)["alerts"]
            h.boss.post("alerts/queue/acknowledge", {}, expect=409)

            # a test: what it would do now, and that it comes through, marked, to whom it would be told
            now = wait_until(lambda: (lambda t: t["value"] == 0 and t)(h.boss.post("alerts/queue/test", {})), 5, "its figure")
            assert (now["beyond"], now["would_fire"], now["on"], now["notified"]) == (False,) * 4 and now["above"] == 1, now
            h.boss.post("alerts/queue/test", {"notify": True})
            tried = olga.wait_event("alert_on", 5, alert="queue", test=True)
            assert tried["by"] == "olga" and world(olga)["alerts"]["queue"]["test"], tried
            h.boss.post("alerts/queue/test", {"notify": True}, expect=409)
            assert h.boss.post("alerts/queue/acknowledge", {})["test"]
            olga.wait_event("alert_off", 8, alert="queue", why="test")
            h.boss.post("alerts/none/test", {}, expect=404)
            h.server.login("anna").post("alerts/queue/test", {}, expect=403)
            third = h.ring(user="+48601000003").wait_answer()
            h.server.apply({"objects": [alert(for_s=0)]})
            olga.wait_event("alert_on", 12, alert="queue", value=1)
            h.server.apply({"objects": [{"kind": "hours", "tenant": "acme", "id": "always",
                                         "weekly": {d: ["00:00-24:00"] for d in
                                                  ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}},
                                        alert(for_s=0, quiet="always")]})
            olga.wait_event("alert_off", 12, alert="queue", why="quiet")
            third.bye()
        for bad in (alert(below=1), {k: v for k, v in alert().items() if k != "above"}, alert(clear=5),
                    alert(measure="agent_time"), alert(queue="none"), alert(measure="weather")):
            h.server.login("adam").put("alerts/queue", bad, expect=400)
        h.settled()


class Wall(threading.Thread):
    """Reads a wallboard's stream."""

    def __init__(self, address, token, path=None, bearer=""):
        super().__init__(daemon=True)
        host, _, port = address.rpartition(":")
        self.s = socket.create_connection((host.strip("[]"), int(port)), timeout=5)
        who = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
        self.s.sendall(f"GET {path or f'/api/v1/wall/{token}/live'} HTTP/1.1\r\nHost: {address}\r\n{who}\r\n".encode())
        self.told, self.over, self.text = [], threading.Event(), b""
        self.s.settimeout(None)
        self.start()

    def run(self):
        try:
            while more := self.s.recv(65536):
                self.text += more
                self.told = [json.loads(x) for x in re.findall(r"data: (.*)\n\n", self.text.decode())]
        except OSError:
            pass
        self.over.set()

    def values(self):
        return [[t["value"] for t in page] for page in self.told[-1]["pages"]] if self.told else None


def test_supervise_wallboards():
    with House() as h:
        pages = [{"title": "Today", "tiles": [{"measure": "sl", "queue": "support", "target": 80}, {"measure": "waiting"},
                                              {"measure": "ready", "queues": ["support"]}]},
                 {"tiles": [{"measure": "longest_wait"}]}]
        board = {"kind": "wallboard", "tenant": "acme", "id": "hall", "name": "Hall", "rotate_s": 10, "pages": pages}
        h.server.apply({"objects": [board]})
        nobody = Api(h.server.http)
        test = h.boss.get("wallboards/hall/test")  # before anybody has a link
        assert test["link"] == {"state": "none", "expires_at": None} and test["name"] == "Hall", test
        link = h.boss.post("wallboards/hall/link", {}, expect=201)
        token = link["url"].removeprefix("/wall/")
        shown = nobody.get(f"/api/v1/wall/{token}")
        assert shown["name"] == "Hall" and shown["rotate_s"] == 10, shown
        assert shown["pages"][0]["tiles"][0] == {"measure": "sl", "queue": "support", "name": "Support", "target": 80}
        test = h.boss.get("wallboards/hall/test")
        assert test["link"] == {"state": "good", "expires_at": link["expires_at"]} and test["pages"] == shown["pages"], test
        tried = Wall(h.server.http, "", "/api/v1/tenants/acme/wallboards/hall/test/live", h.boss.token)
        wall = Wall(h.server.http, token)
        wait_until(lambda: wall.values() == tried.values() == [[None, 0, 0], [0]], 8, "empty figures, on the wall and in its test")
        assert wall.told[-1]["pages"][0][0]["variant"] == "sl_1"
        call, phone, _ = h.talk()
        wait_until(lambda: wall.values() and wall.values()[0] == [1, 0, 0], 8, "a talk")
        waits = h.ring(user="+48601000002").wait_answer()
        wait_until(lambda: wall.values()[0][1] == 1 and wall.values()[1][0] > 0, 8, "somebody waits")
        with Desk(h.boss) as looks:  # who waits is where the flow sent him from
            (c,) = [c for c in looks.snapshots[0]["contacts"] if c["state"] == "waiting"]
            step = [e for e in h.boss.events(c["id"]) if e["event"] == "flow_step"][-1]
            assert (c["via_flow"], c["via_node"], c.get("node")) == (step["flow"], step["node"], None), c
        assert "anna" not in wall.text.decode() and "48601" not in wall.text.decode()
        second = h.boss.post("wallboards/hall/link", {"days": 1}, expect=201)["url"].removeprefix("/wall/")
        assert happens(wall.over, 6), "a new link ends the one before"
        nobody.get(f"/api/v1/wall/{token}", expect=404)
        wall = Wall(h.server.http, second)
        wait_until(wall.values, 8, "figures by the new link")
        h.server.kill("centrala-core")
        h.server.healthy()
        wall = Wall(h.server.http, second)
        wait_until(wall.values, 8, "figures after the core's death")
        for bad in ("x", second[:-1], second[1:] + "A", "A" * 200, "A" * 64):
            nobody.get(f"/api/v1/wall/{bad}", expect=404)
        h.server.login("anna").post("wallboards/hall/link", {}, expect=403)
        h.boss.post("wallboards/none/link", {}, expect=404)
        waits.bye()
        phone.bye()
        call.wait_over(3, by="them")
        h.settled()


BREAK_ASKED = {"kind": "reason", "tenant": "acme", "id": "errand", "name": "Errand", "approval": True}


def notices(desk, **fields):
    return [n for n in world(desk)["notices"] if all(n.get(k) == v for k, v in fields.items())]


def test_supervise_feed_of_alarms_and_approvals():
    """anna asks for a reason that needs approval: refused, then granted; an alarm is acknowledged, for all, over a kill."""
    with House() as h:
        h.server.apply({"objects": [BREAK_ASKED, {"kind": "alert", "tenant": "acme", "id": "guessed", "measure": "alarm",
                                                  "alarm": "sign_in_guessing", "window_s": 25, "above": 0}]})
        anna = h.server.login("anna")
        h.boss.ready("anna")
        with Desk(anna) as a, Desk(h.boss) as olga:
            anna.post("agents/anna/presence", {"presence": "not_ready", "reason": "errand"}, expect=403)
            olga.wait_event("approval_asked", agent="anna", reason="errand")
            wait_until(lambda: notices(a, kind="approval", agent="anna"), 5, "her own desk shows that she asks")
            one = notices(olga, kind="approval", agent="anna", name="errand")[0]
            assert h.boss.get("notices")["items"] == [one]
            anna.post("agents/anna/approval", {"grant": True}, expect=403)
            assert olga.do("approval", agent="anna", grant=False)["presence"] == "ready"
            assert a.wait_event("approval_end", how="refused")["by"] == "olga"
            olga.wait_event("approval_end", how="refused")
            assert not notices(a) and not notices(olga)
            h.boss.post("agents/anna/approval", {"grant": True}, expect=409)  # she asks for nothing
            anna.post("agents/anna/presence", {"presence": "not_ready", "reason": "errand"}, expect=403)
        h.server.kill("centrala-core")
        h.server.healthy()
        assert h.boss.post("agents/anna/approval", {"grant": True})["reason"] == "errand"
        assert h.boss.get("notices")["items"] == []
        for _ in range(5):
            Api(h.server.http).ask("POST", "/api/v1/login", {"tenant": "acme", "user": "ghost", "password": "x"}, (401, 429))
        with Desk(h.boss) as olga:
            wait_until(lambda: notices(olga, name="sign_in_guessing"), 5, "the alarm")
            one = notices(olga, name="sign_in_guessing")[0]
            olga.wait_event("alert_on", 8, alert="guessed", value=1)
            told = olga.do("acknowledge_notice", notice=one["id"])
            assert told["acknowledged_by"] == "olga" and told["acknowledged_at"], told
            again = h.server.login("adam").post(f"notices/{one['id']}/acknowledge", {})
            assert again == told, "the first name stays"
            wait_until(lambda: notices(olga, acknowledged_by="olga"), 5, "the desk has it")
            h.boss.post("notices/999999999/acknowledge", {}, expect=404)
            anna.post(f"notices/{one['id']}/acknowledge", {}, expect=403)
        h.server.kill("centrala-core")
        h.server.healthy()
        with Desk(h.boss) as olga:
            assert notices(olga, id=one["id"], acknowledged_by="olga"), olga.snapshots[-1]["notices"]
            assert olga.snapshots[0]["alerts"][0]["id"] == "guessed", "it came within the last 25 seconds"
            olga.wait_event("alert_off", 60, alert="guessed", why="clear")


def in_seconds(s):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + s))


def test_supervise_queues_are_closed_and_emptied():
    """New callers go elsewhere or are turned away, who waits goes on waiting; all who wait are sent on in their order."""
    with House() as h:
        h.server.apply({"objects": people(h.phones.port)})
        first = h.contact_of(h.ring(user="+48601000001").wait_answer())
        with Desk(h.boss) as olga:
            gate = olga.do("queue_close", queue="support", to="late")
            assert gate["closed"] and gate["by"] == "olga" and gate["to"] == "late", gate
            second = h.contact_of(h.ring(user="+48601000002").wait_answer())
            h.boss.wait_contact(second, lambda c: c["queue"] == "late" and c["state"] == "waiting", 3, "sent on")
            assert h.boss.contact(first)["queue"] == "support"
            olga.wait_event("queue_closed", queue="support", to="late", by="olga")
            h.boss.post("queues/late/close", {"to": "support"}, expect=400)  # round and round
            h.boss.post("queues/support/close", {"to": "nowhere"}, expect=400)
            h.boss.post("queues/support/close", {"until_at": "2020-01-01T00:00:00.000Z"}, expect=400)
            h.server.login("anna").post("queues/support/close", {}, expect=403)
            h.boss.post("queues/support/close", {"until_at": in_seconds(12)})
            third = h.ring(user="+48601000003")
            h.server.kill("centrala-core")  # it is closed all the same, and opens at its time
            h.server.healthy()
            third.wait_over(8, by="them")
            assert "queue closed" in [e["cause"] for e in h.boss.events(h.contact_of(third)) if e["event"] == "disconnect"]
            wait_until(lambda: "queue_reopened" in [e["event"] for e in h.boss.get("events?limit=500")["items"]], 20,
                       "it opens by itself")
        fourth = h.contact_of(h.ring(user="+48601000004").wait_answer())
        h.boss.wait_contact(fourth, lambda c: c["queue"] == "support" and c["state"] == "waiting", 3, "open again")
        assert h.boss.post("queues/support/overflow", {"to": "late"}) == {"moved": 2, "left": 0}
        assert [c["id"] for c in h.boss.get("queues/late/live")["contacts"]] == [first, second, fourth]
        h.boss.post("queues/support/overflow", {"to": "support"}, expect=400)
        assert not h.boss.post("queues/support/open", {})["closed"]


def test_supervise_skills_for_a_while():
    """boris can billing until a moment: then he is as before, though the core was dead when it came."""
    with House(queue_more={"skills": [{"need": "billing >= 3"}]}) as h:
        h.boss.post("agents/boris/skills", {"skills": {"billing": 1}})
        h.boss.ready("boris")
        with Desk(h.boss) as olga:
            snapshots = len(olga.snapshots)
            after = olga.do("skills", agent="boris", skills={"billing": 7}, until_at=in_seconds(15))
            assert after["for_now"]["by"] == "olga" and after["for_now"]["skills"] == {"billing": 1}, after
            until = olga.wait_event("agent_skills", agent="boris", by="olga")["until_at"]
            assert until == after["for_now"]["until_at"]
            phone = h.ring()
            served = h.phones.wait_call(3)  # at once: he can now
            assert served.user == "boris"
            served.ring()
            phone.wait_answer()
            h.server.login("boris").post(f"contacts/{h.contact_of(phone)}/reject", {})
            phone.bye()
            assert world(olga)["agents"]["boris"]["skills_until_at"] == until
            assert len(olga.snapshots) == snapshots, "a change of skills is an event, not a new snapshot"
        h.boss.post("agents/boris/skills", {"until_at": in_seconds(60)}, expect=400)  # of what?
        h.boss.post("agents/boris/skills", {"skills": {}, "until_at": "2020-01-01T00:00:00.000Z"}, expect=400)
        h.server.kill("centrala-core")
        h.server.healthy()
        wait_until(lambda: "for_now" not in user(h, "boris"), 30, "his skills are back")
        now = user(h, "boris")
        assert now["skills"] == {"billing": 1}, now
        assert h.boss.get("users/boris/versions")["items"][-1]["by"] == "system"
        late = h.ring(user="+48601000002").wait_answer()
        waits_on(h, h.contact_of(late))
        assert "skills_until_at" not in h.boss.agent("boris")


def test_supervise_signs_out_at_once():
    """anna's customer waits again before all others with his time; what rings for boris goes back; their desks end."""
    with House(queue_more={"wrap_s": 0}) as h:
        h.boss.ready("anna")
        customer = h.ring(user="+48601000001").wait_answer()
        phone = h.phones.wait_call(3)
        phone.ring()
        phone.accept()
        contact = h.contact_of(customer)
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "talks")
        other = h.contact_of(h.ring(user="+48601000002").wait_answer())
        anna = h.server.login("anna")
        with Desk(anna) as a, Desk(h.boss) as olga:
            anna.post("agents/anna/presence", {"presence": "signed_out", "now": True}, expect=403)
            h.boss.post("agents/anna/presence", {"presence": "ready", "now": True}, expect=400)
            h.boss.presence("anna", "signed_out")  # without `now` she finishes first
            assert h.boss.contact(contact)["state"] == "talking"
            began = time.monotonic()
            olga.do("presence", agent="anna", presence="signed_out", now=True)
            phone.wait_over(3, by="them")
            assert happens(a.over, 6) and a.bye == "session_ended", a.bye
            assert time.monotonic() - began < 6
        c = h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 3, "he waits again")
        assert [w["id"] for w in h.boss.get("queues/support/live")["contacts"]] == [contact, other]
        agent = h.boss.agent("anna")
        assert agent["presence"] == "signed_out" and agent["work"] == "idle" and agent["contacts"] == [], agent
        anna.ask("GET", "agents/anna", None, 401)
        h.boss.ready("boris")
        rung = h.phones.wait_call(3)
        rung.ring()
        assert h.boss.wait_contact(contact, lambda c: c["state"] == "offered", 3, "boris is rung")
        h.boss.post("agents/boris/presence", {"presence": "signed_out", "now": True})
        h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 3, "it goes back")
        assert [w["id"] for w in h.boss.get("queues/support/live")["contacts"]] == [contact, other]
        assert "agent_lost" not in [n["name"] for n in h.boss.get("notices")["items"]], "nobody is alarmed"
