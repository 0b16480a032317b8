"""Supervisors who are held to teams: what they see of calls, people and figures, live and later, and what they may do."""
import json
import time

from harness import House, wait_until
from live import Desk, fold
from live_story import pick_up
from test_live import Law
from test_rights import NONE

NOWHERE = f"contacts/{NONE}"


def user(name, role, **more):
    return {"kind": "user", "tenant": "acme", "id": name, "name": name.title(), "roles": [role], "password": f"{name}-secret-1", **more}


def agent(name, team, queue, port):
    return user(name, "agent", teams=[team], queues=[queue], sip_password=f"{name}-sip-1",
                phone={"kind": "sip", "contact": f"sip:{name}@127.0.0.1:{port}"})


class Firm(House):
    """North and south, each with a queue, an agent and a supervisor; olga looks after all."""

    def __init__(self):
        super().__init__(agents=())
        port = self.phones.port
        self.objects["objects"] += [
            *({"kind": "team", "tenant": "acme", "id": t, "name": t.title()} for t in ("north", "south")),
            *({"kind": "queue", "tenant": "acme", "id": f"{t}-line", "name": t.title(), "wrap_s": 1, "record": "always"}
              for t in ("north", "south")),
            *({"kind": "flow", "tenant": "acme", "id": t, "start": "q", "nodes": {"q": {"do": "queue", "queue": f"{t}-line"}}}
              for t in ("north", "south")),
            *({"kind": "number", "tenant": "acme", "id": f"+4822200000{n}", "flow": t} for n, t in enumerate(("north", "south"))),
            agent("nora", "north", "north-line", port), agent("sam", "south", "south-line", port),
            user("tina", "supervisor", supervises=["north"]), user("sven", "supervisor", supervises=["south"]),
        ]
        self.server.apply(self.objects)

    def call(self, where, agent=None, caller="+48601000001"):
        call = self.ring(f"+4822200000{('north', 'south').index(where)}", caller)
        call.wait_answer()
        contact = self.contact_of(call)
        if not agent:
            return call, None, contact
        phone = pick_up(self, agent)
        self.boss.wait_contact(contact, lambda c: c["state"] == "talking", 5)
        return call, phone, contact


def unseen(api, contact):
    """A contact that is not his is not there: the very words for one that never was."""
    for part in ("", "/events", "/why", "/sip"):
        there, nowhere = (api.raw("GET", f"/api/v1/tenants/acme/{p}{part}") for p in (f"contacts/{contact}", NOWHERE))
        assert there.status == 404 and there.body == nowhere.body, (part, there)
    for verb, body in (("end", {}), ("monitor", {"mode": "listen"}), ("move", {"to": {"queue": "north-line"}}),
                       ("transfer", {"to": {"queue": "north-line"}}), ("prioritise", {"priority_min": 5}), ("wrap", {})):
        there, nowhere = (api.raw("POST", f"/api/v1/tenants/acme/{p}/{verb}", body) for p in (f"contacts/{contact}", NOWHERE))
        assert there.status == 404 and there.body == nowhere.body, (verb, there)


def ids(items):
    return sorted(i["id"] for i in items)


def test_teams_part_what_supervisors_see():
    with Firm() as h:
        tina, sven = h.server.login("tina"), h.server.login("sven")
        me = tina.ask("GET", "/api/v1/me").json
        assert me["supervises"] == ["north"] and "contacts:monitor" in me["permissions"], me
        assert "events:read" not in me["permissions"], me
        h.boss.ready("nora", "sam")
        assert ids(tina.get("agents")["items"]) == ["nora"] and ids(sven.get("agents")["items"]) == ["sam"]
        assert ids(tina.get("queues")["items"]) == ["north-line"]
        assert ids(tina.get("users")["items"]) == ["nora", "tina"]
        assert ids(h.boss.get("agents")["items"]) == ["nora", "sam"]
        for path in ("agents/sam", "users/sam", "queues/south-line", "queues/south-line/live", "users/sam/versions"):
            tina.get(path, 404)
        tina.get("trunks", 403)
        tina.get("events", 403)
        tina.presence("nora", "not_ready", "break")
        tina.presence("nora", "ready")
        tina.presence("sam", "not_ready", expect=404)

        north, south = h.call("north", "nora"), h.call("south", "sam", "+48601000002")
        assert ids(tina.contacts()) == [north[2]] and ids(sven.contacts()) == [south[2]]
        assert len(h.boss.contacts()) == 2
        unseen(tina, south[2])
        unseen(sven, north[2])
        assert tina.contact(north[2])["agent"] == "nora" and tina.events(north[2])
        tina.post(f"contacts/{north[2]}/end", {})
        south[0].bye()
        recordings = {t: h.boss.wait_ended(c[2])["recordings"][0]["id"] for t, c in (("north", north), ("south", south))}
        h.settled()
        assert tina.raw("GET", f"/api/v1/tenants/acme/recordings/{recordings['north']}").body[:4] == b"RIFF"
        for ending in ("", ".json", ".peaks"):
            there, nowhere = (tina.raw("GET", f"/api/v1/tenants/acme/recordings/{r}{ending}") for r in (recordings["south"], "none"))
            assert there.status == 404 and there.body == nowhere.body, there

        # figures, their totals and lists are of the reach
        for api, queue, name in ((tina, "north-line", "nora"), (sven, "south-line", "sam")):
            rows = api.get("reports/queues?interval_s=0&total=true")
            assert [r["queue"] for r in rows["items"]] == [queue] and rows["total"]["offered"] == 1, rows
            assert [r["agent"] for r in api.get("reports/agents")["items"]] == [name]
            assert api.get("reports/queues?interval_s=0&group=none")["items"][0]["offered"] == 1
            assert len(api.get("reports/queues?interval_s=0&list=offered")["items"]) == 1
            assert api.get("reports/queues?interval_s=0&queue=north-line,south-line")["items"][0]["queue"] == queue
            assert [r["contacts"] for r in api.get("reports/contacts?by=none")["items"]] == [1]
            assert len(api.get("reports/contacts?list=contacts")["items"]) == 1
            assert api.raw("GET", "/api/v1/tenants/acme/contacts?format=csv").body.count(b"\n") == 2
        assert h.boss.get("reports/queues?interval_s=0&total=true")["total"]["offered"] == 2
        # team=: who looks after all sees one team; who looks after one sees nothing of another
        for api, team, seen in ((h.boss, "north", 1), (h.boss, "south", 1), (h.boss, "west", 0), (tina, "north", 1), (tina, "south", 0)):
            assert len(api.get(f"reports/queues?interval_s=0&team={team}")["items"]) == seen, (team, seen)
            assert len(api.get(f"reports/agents?team={team}")["items"]) == seen
            assert api.get(f"reports/contacts?by=none&team={team}&total=true")["total"]["contacts"] == seen
            assert len(api.get(f"reports/contacts?list=contacts&team={team}")["items"]) == seen
            assert len(api.get(f"contacts?team={team}")["items"]) == seen
            assert len(api.get(f"reports/queues?interval_s=0&list=offered&team={team}")["items"]) == seen
        assert len(h.boss.get("contacts?queue=north-line,south-line")["items"]) == 2
        assert len(h.boss.get("contacts?agent=nora,nobody")["items"]) == 1
        h.boss.get("reports/flows?team=north", 400)


def test_teams_part_what_is_live():
    with Firm() as h:
        tina = h.server.login("tina")
        law = Law({"olga": h.boss, "tina": tina, "sven": h.server.login("sven")})
        with Desk(tina) as desk:
            first = desk.snapshots[0]
            assert [a["id"] for a in first["agents"]] == ["nora"] and [q["id"] for q in first["queues"]] == ["north-line"], first
            assert first["me"]["supervises"] == ["north"], first["me"]
            h.boss.ready("nora")
            call, _, contact = h.call("south")
            h.boss.wait_contact(contact, lambda c: c["state"] == "waiting", 5)
            time.sleep(0.5)
            assert contact not in json.dumps(desk.events) and "sam" not in json.dumps(desk.messages), desk.messages
            desk.do("end", 404, contact=contact)
            # it comes to them, and goes again
            h.boss.post(f"contacts/{contact}/move", {"to": {"queue": "north-line"}})
            came = wait_until(lambda: next((e for e in desk.events if e.get("with", {}).get("id") == contact), None), 5)
            assert came["with"]["queue"] == "north-line", came
            phone = pick_up(h, "nora")
            desk.wait_event("answer", contact=contact, agent="nora")
            h.boss.ready("sam")
            h.boss.post(f"contacts/{contact}/transfer", {"to": {"queue": "south-line"}, "agent": "nora"})
            phone.wait_over(5)
            other = pick_up(h, "sam")
            wait_until(lambda: contact not in fold(desk)["contacts"], 8, "it is gone")
            assert tina.contact(contact)["state"] == "talking"  # it was theirs: the record stays
            refused = tina.post(f"contacts/{contact}/end", {}, 403)
            assert "other teams" in refused["detail"], refused

            # a member more, while she looks on
            sam = next(o for o in h.objects["objects"] if o["id"] == "sam")
            shown = len(desk.snapshots)
            h.server.login("adam").put("users/sam", {**sam, "teams": ["south", "north"]})
            snapshot = wait_until(lambda: len(desk.snapshots) > shown and desk.snapshots[-1], 8, "she sees more")
            wait_until(lambda: [a["id"] for a in desk.snapshots[-1]["agents"]] == ["nora", "sam"], 8)
            assert [q["id"] for q in desk.snapshots[-1]["queues"]] == ["north-line", "south-line"]
            assert [c["id"] for c in desk.snapshots[-1]["contacts"]] == [contact], snapshot
            desk.do("monitor", 409, contact=contact, mode="listen")  # hers now; but she has no telephone
            shown = len(desk.snapshots)
            h.server.login("adam").put("users/sam", sam)
            wait_until(lambda: len(desk.snapshots) > shown and [a["id"] for a in desk.snapshots[-1]["agents"]] == ["nora"], 8)
            assert desk.snapshots[-1]["contacts"] == []
            desk.do("end", 403, contact=contact)
            call.bye()
            other.wait_over(5)
            h.settled(10)
        time.sleep(0.5)
        assert law.done() > 10


def test_teams_own_queues():
    """A queue that says whose it is belongs to that team alone, whoever serves it."""
    with Firm() as h:
        adam, tina, sven = (h.server.login(u) for u in ("adam", "tina", "sven"))
        sam = next(o for o in h.objects["objects"] if o["id"] == "sam")
        adam.put("users/sam", {**sam, "queues": ["south-line", "north-line"]})
        assert ids(sven.get("queues")["items"]) == ["north-line", "south-line"]
        adam.put("queues/north-line", {"name": "North", "wrap_s": 1, "record": "always", "team": "north"})
        assert ids(sven.get("queues")["items"]) == ["south-line"]
        assert ids(tina.get("queues")["items"]) == ["north-line"]
        refused = adam.ask("DELETE", "/api/v1/tenants/acme/teams/north", expect=409).json["errors"]
        assert {r["path"] for r in refused} == {"queue/north-line", "user/nora", "user/tina"}, refused
        adam.put("users/x", {"name": "X", "roles": ["agent"], "teams": ["west"]}, 400)
        # held to nothing at all: nobody but himself
        adam.put("users/sven", {"name": "Sven", "roles": ["supervisor"], "supervises": []})
        sven = h.server.login("sven")
        assert ids(sven.get("users")["items"]) == ["sven"] and sven.get("queues")["items"] == []
        assert sven.get("reports/queues")["items"] == [] and sven.contacts() == []
