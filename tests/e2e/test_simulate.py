"""Flows walked by invented callers: what the simulation says is what a real caller meets."""
import time

from harness import House
from test_flow import BYE, body, flow, number, steps

PROMPTS = [{"kind": "prompt", "tenant": "acme", "id": name, "text": {"en": text, "pl": "Po polsku."}}
           for name, text in (("ask", "Which one?"), ("night", "We are closed."))]
OFFICE = {"kind": "hours", "tenant": "acme", "id": "office", "weekly": {"mon": ["08:00-16:00"]}}
LINE = flow("line", "when",
            when={"do": "hours", "hours": "office", "open": "ask", "closed": "night"},
            ask={"do": "menu", "prompt": "ask", "timeout_s": 5, "tries": 2,
                 "keys": {"1": "code", "2": "help"}, "else": "sorry"},
            code={"do": "collect", "prompt": "ask", "var": "pin", "max": 4, "masked": True,
                  "timeout_s": 5, "next": "kind", "else": "sorry"},
            kind={"do": "branch", "if": [{"when": "var.pin == '0000'", "next": "sorry"},
                                         {"when": "caller.country == 'PL'", "next": "help"}]},
            help={"do": "queue", "queue": "support", "priority_min": 7, "on": {"no_agents": "sorry"}},
            night={"do": "play", "prompt": "night", "next": "bye"},
            sorry={"do": "say", "text": {"en": "Sorry.", "pl": "Przykro."}, "next": "bye"}, bye=BYE)
ALWAYS = {**LINE["nodes"], "when": {"do": "hours", "hours": "always", "open": "ask", "closed": "night"}}


def way(answer):
    return [s["node"] for s in answer["steps"]]


def happened(answer, node, what):
    return [h for s in answer["steps"] if s["node"] == node for h in s["happened"] if h["what"] == what]


def test_a_simulated_caller_goes_the_way_a_real_one_does():
    always = {"kind": "hours", "tenant": "acme", "id": "always",
              "weekly": {d: ["00:00-24:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    with House(agents=("anna",), objects=[*PROMPTS, OFFICE, always, {**LINE, "nodes": ALWAYS},
                                          number("+48221000005", "line")]) as h:
        boss = h.server.login()

        def simulated(**wish):
            return boss.post("flows/line/simulate", {"to": "+48221000005", "caller": "+48601000031", **wish})
        # nobody is signed in: the same keys, pressed by nobody and by somebody
        for keys in ("2", "1" + "1234", "99"):
            said = simulated(keys=keys, queue={"state": "no_agents"}, silent=True)
            call = h.ring("+48221000005", "+48601000031").wait_answer()
            contact = h.contact_of(call)
            for key in keys:
                time.sleep(0.8)
                call.press(key)
            call.wait_over(15, by="them")
            assert way(said) == steps(boss, contact), (keys, way(said), steps(boss, contact))
            edges = [e["edge"] for e in boss.events(contact) if e["event"] == "flow_step"]
            assert [s["edge"] for s in said["steps"]] == edges, (said, edges)
        assert "1234" not in str(said)
        # what a simulation is leaves no trace
        boss.wait_ended(contact)
        h.settled()

        def known():
            return [c["id"] for c in boss.get("contacts")["items"]]
        before = known()
        simulated(keys="2")
        assert known() == before


def test_what_is_asked_when_and_by_whom():
    with House(objects=[*PROMPTS, OFFICE, LINE]) as h:
        boss, admin = h.server.login(), h.server.login("adam")
        path = "flows/line/simulate"
        monday = {"at": "2026-11-23T10:00"}  # Warsaw
        open_ = boss.post(path, {**monday, "keys": "2", "caller": {"number": "+48600100200", "language": "pl"}})
        assert open_["at"] == "2026-11-23T09:00:00.000Z", open_
        assert way(open_) == ["when", "ask", "help"] and open_["end"] == {"how": "queue"}, open_
        heard = happened(open_, "ask", "heard")
        assert heard[0]["prompt"] == "ask" and heard[0]["text"] == "Po polsku.", heard
        queue = happened(open_, "help", "queue")
        assert queue[0]["queue"] == "support" and queue[0]["priority_min"] == 7, queue
        assert way(boss.post(path, {"at": "2026-11-23T16:00"})) == ["when", "night", "bye"]
        assert way(boss.post(path, {"at": "2026-11-23T14:59:59Z"})) == ["when", "ask"]
        assert way(boss.post(path, {"at": "2026-11-22T10:00"})) == ["when", "night", "bye"]
        asks = boss.post(path, monday)["end"]
        assert asks["how"] == "asks" and asks["asks"]["keys"] == ["1", "2"], asks
        pin = boss.post(path, {**monday, "keys": "14"})["end"]["asks"]
        assert pin["masked"] and pin["max"] == 4, pin
        secret = boss.post(path, {**monday, "keys": "10000", "caller": "+48600100200"})
        assert way(secret) == ["when", "ask", "code", "kind", "sorry", "bye"], secret
        assert happened(secret, "kind", "tested")[0]["is"] == [True]
        assert {"name": "pin", "value": None, "masked": True} in secret["steps"][-1]["variables"]
        abroad = boss.post(path, {**monday, "keys": "11234", "caller": "+4930123456"})
        assert abroad["end"]["how"] == "hangup" and happened(abroad, "kind", "tested")[0]["is"] == [False, False]
        cut = boss.post(path, {**monday, "keys": [{"press": "2", "at_ms": 100}]})
        assert happened(cut, "ask", "heard")[0]["cut"] and way(cut)[-1] == "help", cut
        # drafts and documents
        boss.post(path, {"draft": True}, expect=404)
        night = {**body(LINE), "start": "night"}
        assert way(boss.post(path, {"draft": night})) == ["night", "bye"]
        admin.put("flows/line/draft", night)
        assert way(boss.post(path, {"draft": True})) == ["night", "bye"]
        wrong = {**night, "start": "nowhere"}
        said = boss.ask("POST", path, {"draft": wrong}, 400).json
        assert said["errors"][0]["path"] == "$.start", said
        assert boss.post("flows/line/check", wrong)["errors"] == said["errors"]
        assert boss.post("flows/new/check", night) == {"errors": []}
        assert boss.get("flows/line/draft")["start"] == "night" and boss.get("flows/line")["version"] == 1
        for bad in ({"keys": "x"}, {"at": "soon"}, {"queue": {"state": "odd"}}, {"nothing": 1}, {"draft": 3},
                    {"keys": [{"press": "1", "at_ms": -1}]}, {"caller": 5}):
            boss.ask("POST", path, bad, 400)
        h.server.login("anna").ask("POST", path, {}, 403)
        boss.ask("POST", "flows/nobody/simulate", {}, 404)


def test_no_flow_keeps_a_simulation_for_ever():
    menu = {"do": "menu", "prompt": "ask", "timeout_s": 1, "tries": 1, "keys": {"1": "menu"}, "else": "menu"}
    with House(objects=[*PROMPTS, flow("line", "menu", menu=menu)]) as h:
        said = h.boss.post("flows/line/simulate", {"silent": True})
        assert said["end"]["how"] == "bound" and len(said["steps"]) == 500, said["end"]


def test_two_who_begin_a_draft_do_not_overwrite_each_other():
    with House(objects=[*PROMPTS, OFFICE, LINE]) as h:
        admin = h.server.login("adam")
        first = admin.ask("PUT", "flows/line/draft", body(LINE), 201, headers=[("If-None-Match", "*")])
        assert first.json["version"] == 1
        admin.ask("PUT", "flows/line/draft", {**body(LINE), "name": "Other"}, 412, headers=[("If-None-Match", "*")])
        admin.ask("PUT", "flows/line/draft", {**body(LINE), "name": "Mine",
                                              "layout": {"when": {"x": 10, "y": -20}}}, 200,
                  headers=[("If-Match", '"1"')])
        admin.ask("PUT", "flows/line/draft", {**body(LINE), "name": "His"}, 412, headers=[("If-Match", '"1"')])
        assert admin.post("flows/line/publish")["layout"] == {"when": {"x": 10, "y": -20}}
