"""Flows as a caller and an administrator meet them: drafts and versions, nodes, keys, figures."""
import json
import time
import urllib.parse

from harness import AGENT, CUSTOMER, House, stamp, wait_until


def number(name, flow, **more):
    return {"kind": "number", "tenant": "acme", "id": name, "flow": flow, **more}


def flow(name, start, **nodes):
    return {"kind": "flow", "tenant": "acme", "id": name, "start": start, "nodes": nodes}


def body(document):
    return {k: v for k, v in document.items() if k not in ("kind", "tenant", "id")}


def steps(boss, contact):
    return [e["node"] for e in boss.events(contact) if e["event"] == "flow_step"]


def wait_step(boss, contact, node, seconds=10.0):
    wait_until(lambda: node in steps(boss, contact), seconds, f"the contact comes to {node}")


BYE = {"do": "hangup"}


def waits(after):
    """A menu without a key to press, which goes on to `after` after a second."""
    return {"do": "menu", "prompt": "menu", "timeout_s": 1, "tries": 1, "keys": {"0": after},
            "else": after}


def test_drafts_are_tested_published_and_rolled_back():
    one = flow("line", "hello", hello={"do": "say", "text": "One.", "next": "bye"}, bye=BYE)
    two = flow("line", "hello", hello={"do": "say", "text": "Two.", "next": "end"}, end=BYE)
    with House(objects=[one, number("+48221000005", "line"),
                        number("+48221000006", "line", draft=True)]) as h:
        admin = h.server.login("adam")
        admin.get("flows/line/draft", expect=404)
        admin.post("flows/line/publish", expect=404)
        bad = body(flow("line", "hello", hello={"do": "say", "text": "x", "next": "nobody"}))
        said = admin.ask("PUT", "flows/line/draft", bad, 400).json
        assert said["errors"][0]["path"] == "$.nodes.hello.next", said
        draft = admin.put("flows/line/draft", body(two))
        assert draft["kind"] == "draft" and draft["version"] == 1, draft
        h.boss.ask("PUT", "flows/line/draft", body(two), 403)
        assert admin.get("flows/line")["nodes"]["hello"]["text"] == "One."

        def walked(to, user):
            call = h.ring(to, user)
            call.wait_answer()
            call.wait_over(by="them")
            return steps(h.boss, h.contact_of(call))
        assert walked("+48221000005", "+48601000011") == ["hello", "bye"]
        assert walked("+48221000006", "+48601000012") == ["hello", "end"]  # the draft

        diff = admin.get("flows/line/diff?to=draft")
        assert [c["path"] for c in diff["changes"]] == \
            ["$.nodes.hello.text", "$.nodes.hello.next", "$.nodes.bye", "$.nodes.end"], diff
        # a draft is a declared object: it outlives everything, and is exported
        h.server.kill_all()
        h.server.start()
        h.boss, admin = h.server.login(), h.server.login("adam")
        assert [o["id"] for o in h.server.export()["objects"] if o["kind"] == "draft"] == ["line"]
        assert walked("+48221000006", "+48601000013") == ["hello", "end"]

        published = admin.post("flows/line/publish")
        assert published["kind"] == "flow" and published["version"] == 2, published
        admin.get("flows/line/draft", expect=404)
        assert walked("+48221000005", "+48601000014") == ["hello", "end"]
        assert walked("+48221000006", "+48601000015") == ["hello", "end"]  # no draft: the flow
        assert admin.post("flows/line/rollback", {"version": 1})["version"] == 3
        assert walked("+48221000005", "+48601000016") == ["hello", "bye"]
        ops = [(v["version"], v["op"], v["by"]) for v in admin.get("flows/line/versions")["items"]]
        assert ops == [(1, "created", "local"), (2, "published", "adam"),
                       (3, "rolled_back", "adam")], ops
        diff = admin.get("flows/line/diff?from=1&to=2")
        assert diff["changes"][0] == {"path": "$.nodes.hello.text", "op": "changed",
                                      "before": "One.", "after": "Two."}, diff
        assert admin.get("flows/line/diff?from=1&to=3")["changes"] == []
        admin.get("flows/line/diff?from=1&to=9", expect=404)
        admin.get("flows/line/diff?to=x", expect=400)


def test_contacts_finish_on_the_version_they_began_with():
    one = flow("line", "menu", menu={**waits("old"), "timeout_s": 6},
               old={"do": "menu", "prompt": "menu", "timeout_s": 2, "tries": 1, "keys": {"1": "bye"},
                    "else": "last"}, last=waits("bye"), bye=BYE)
    two = flow("line", "menu", menu={**waits("new"), "timeout_s": 1}, new=BYE)
    with House(objects=[one, number("+48221000005", "line"),
                        number("+48221000006", "line", draft=True)]) as h:
        admin = h.server.login("adam")
        admin.put("flows/line/draft", body(flow("line", "try", **{
            "try": {**waits("tried"), "timeout_s": 6}, "tried": waits("bye"), "bye": BYE})))
        call = h.ring("+48221000005", "+48601000021").wait_answer()
        test = h.ring("+48221000006", "+48601000022").wait_answer()
        contact, tested = h.contact_of(call), h.contact_of(test)
        wait_step(h.boss, contact, "menu")
        wait_step(h.boss, tested, "try")
        admin.put("flows/line", body(two))
        admin.ask("DELETE", "flows/line/draft", expect=204)
        # the newest version and a core that never knew the old one
        h.server.kill("centrala-core")
        h.server.healthy()
        time.sleep(0.5)
        h.server.kill("centrala-core")
        h.server.healthy()
        call.wait_over(40, by="them")
        test.wait_over(40, by="them")
        assert steps(h.boss, contact) == ["menu", "old", "last", "bye"]
        assert steps(h.boss, tested) == ["try", "tried", "bye"]
        later = h.ring("+48221000005", "+48601000023").wait_answer()
        later.wait_over(by="them")
        assert steps(h.boss, h.contact_of(later)) == ["menu", "new"]
        assert not [e for e in h.boss.events(contact) if e["event"] == "alarm"]
        assert "flow_version_lost" not in (h.server.data / "stderr.log").read_text()


# -- every kind of node -----------------------------------------------------------------------


def facts(boss, contact, name):
    return [e for e in boss.events(contact) if e["event"] == name]


def asks(var, **more):
    return {"do": "collect", "prompt": "menu", "var": var, "timeout_s": 8, **more}


def test_a_walk_through_the_nodes_that_take_no_time():
    inner = flow("inner", "in", **{"in": {"do": "say", "text": {"en": "In.", "pl": "W."},
                                          "next": "gold"},
                                   "gold": {"do": "set", "var": "level", "value": "gold"}})
    outer = flow("line", "lang",
                 lang={"do": "language", "lang": "pl", "next": "in"},
                 **{"in": {"do": "subflow", "flow": "inner", "next": "ask"}},
                 ask=asks("digits", min=2, max=4, next="sum", **{"else": "bye"}),
                 sum={"do": "set", "var": "sum", "value": "var.digits + 1", "next": "which"},
                 which={"do": "branch", "if": [
                     {"when": "var.sum == 43 && var.level == 'vip'", "next": "bye"},
                     {"when": "var.sum == 43 && var.level in ('gold', 'vip') && caller.country == 'PL'"
                              " && call.to == '+48221000005' && customer.language == 'pl'"
                              " && queue.support.waiting == 0", "next": "hours"}], "else": "bye"},
                 hours={"do": "hours", "hours": "always", "open": "keys", "closed": "bye"},
                 keys={"do": "menu", "prompt": "menu", "timeout_s": 8, "tries": 2,
                       "invalid": "welcome", "keys": {"7": "end"}, "else": "bye"},
                 end=BYE, bye=BYE)
    always = {"kind": "hours", "tenant": "acme", "id": "always",
              "weekly": {d: ["00:00-24:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    with House(objects=[inner, outer, always, number("+48221000005", "line")]) as h:
        call = h.ring("+48221000005", "+48601000031").wait_answer()
        contact = h.contact_of(call)
        wait_step(h.boss, contact, "ask")
        for digit in "42#":
            call.press(digit)
            time.sleep(0.3)
        wait_step(h.boss, contact, "keys")
        call.press("5")  # wrong: told so, and asked again
        time.sleep(0.3)
        call.press("7")
        call.wait_over(by="them")
        walked = [(e["flow"], e["node"], e["edge"], e["version"])
                  for e in facts(h.boss, contact, "flow_step")]
        assert walked == [
            ("line", "lang", "", 1), ("line", "in", "next", 1), ("inner", "in", "flow", 1),
            ("inner", "gold", "next", 1), ("line", "ask", "next", 1), ("line", "sum", "next", 1),
            ("line", "which", "next", 1), ("line", "hours", "if[1]", 1), ("line", "keys", "open", 1),
            ("line", "end", "7", 1)], walked
        assert not any(e["draft"] for e in facts(h.boss, contact, "flow_step"))


def test_transfer_to_an_agent():
    line = flow("line", "to",
                to={"do": "transfer", "to": {"agent": "anna"}, "ring_s": 5, "next": "after",
                    "on": {"busy": "busy", "no_answer": "late", "failed": "failed"}},
                after=waits("bye"), busy=BYE, late=BYE, failed=BYE, bye=BYE)
    with House(objects=[line, number("+48221000005", "line")]) as h:
        call = h.ring("+48221000005", "+48601000041").wait_answer()
        call.wait_over(by="them")
        assert steps(h.boss, h.contact_of(call)) == ["to", "busy"]  # she is not signed in

        h.boss.ready("anna")
        call = h.ring("+48221000005", "+48601000043").wait_answer()
        h.phones.wait_call().ring()
        call.wait_over(10, by="them")
        assert steps(h.boss, h.contact_of(call)) == ["to", "late"]

        h.boss.ready("anna")
        admin = h.server.login("adam")
        tenant = admin.ask("GET", "/api/v1/tenants/acme").json  # no queue says it: the tenant does
        admin.put("/api/v1/tenants/acme", body({**tenant, "record": "always"}))
        call = h.ring("+48221000005", "+48601000044").wait_answer()
        contact = h.contact_of(call)
        phone = h.phones.wait_call()
        phone.accept()
        phone.say(AGENT)
        call.sound.wait_for(AGENT)
        phone.sound.wait_for(CUSTOMER)
        h.server.kill("centrala-core")  # the talk goes on, and so does what comes after it
        h.server.healthy()
        wait_until(lambda: h.boss.contact(contact)["state"] == "talking", 10)
        phone.bye()
        call.wait_over(by="them")
        assert steps(h.boss, contact) == ["to", "after", "bye"]
        record = h.boss.wait_ended(contact)
        assert [(s["kind"], s["result"]) for s in record["segments"]] == \
            [("flow", "completed"), ("agent", "completed"), ("flow", "completed")], record
        assert [r["finished"] for r in record["recordings"]] == [True], record
        h.boss.wait_work("anna", "idle")

        call = h.ring("+48221000005", "+48601000042").wait_answer()
        phone = h.phones.wait_call()
        assert phone.user == "anna"
        phone.reject()
        call.wait_over(by="them")
        assert steps(h.boss, h.contact_of(call)) == ["to", "busy"]
        h.settled()


def test_transfer_to_a_number():
    line = flow("line", "to",
                to={"do": "transfer", "to": {"number": "+48601777888"}, "next": "after",
                    "on": {"busy": "busy", "no_answer": "late", "failed": "failed"}},
                after=waits("bye"), busy=BYE, late=BYE, failed=BYE, bye=BYE)
    keyed = flow("keyed", "ask", ask=asks("number", max=9, next="to"),
                 to={"do": "transfer", "to": "var.number", "on": {"failed": "failed"}}, failed=BYE)
    with House(objects=[line, keyed, number("+48221000005", "line"),
                        number("+48221000006", "keyed")]) as h:
        call = h.ring("+48221000005", "+48601000051").wait_answer()
        contact = h.contact_of(call)
        far = h.carrier.wait_call()
        assert far.user == "+48601777888", far.user
        far.ring()
        call.sound.wait_loud(6)  # he hears it ring: one second in five
        far.accept()
        far.say(AGENT)
        call.sound.wait_for(AGENT)
        far.sound.wait_for(CUSTOMER)
        h.server.kill("centrala-core")
        h.server.healthy()
        time.sleep(1)
        far.bye()
        call.wait_over(by="them")
        assert steps(h.boss, contact) == ["to", "after", "bye"]
        assert facts(h.boss, contact, "dial_end")[0]["by"] == "callee"

        call = h.ring("+48221000005", "+48601000052").wait_answer()
        h.carrier.wait_call().reject()
        call.wait_over(by="them")
        assert steps(h.boss, h.contact_of(call)) == ["to", "busy"]

        # the customer hangs up while it rings: it rings no more
        call = h.ring("+48221000005", "+48601000053").wait_answer()
        far = h.carrier.wait_call()
        far.ring()
        time.sleep(0.3)
        call.bye()
        far.wait_over()

        # what is keyed in must be an ordinary number
        for user, keys, ended in (("+48601000054", "701222333", ["ask", "to", "failed"]),
                                  ("+48601000055", "112#", ["ask", "to", "failed"]),
                                  ("+48601000056", "601777999", ["ask", "to"])):
            call = h.ring("+48221000006", user).wait_answer()
            contact = h.contact_of(call)
            for key in keys:
                call.press(key)
                time.sleep(0.2)
            if ended[-1] == "to":
                far = h.carrier.wait_call()
                assert far.user == "+48601777999", far.user
                far.reject()
            call.wait_over(by="them")
            assert steps(h.boss, contact) == ended, (keys, steps(h.boss, contact))


def test_callback_from_the_queue_and_at_once():
    line = flow("line", "wait",
                wait={"do": "queue", "queue": "support", "on": {"timeout": "back"}},
                back={"do": "callback", "queue": "support", "next": "thanks", "else": "sorry"},
                thanks={"do": "say", "text": "We call you.", "next": "bye"}, sorry=BYE, bye=BYE)
    offer = flow("offer", "ask", ask=asks("number", max=9, next="back"),
                 back={"do": "callback", "queue": "support", "number": "var.number",
                       "next": "bye", "else": "sorry"}, sorry=BYE, bye=BYE)
    with House(objects=[line, offer, number("+48221000005", "line"),
                        number("+48221000006", "offer")],
               queue_more={"max_wait_s": 1, "no_agents_grace_s": 600}) as h:
        h.boss.ready("anna")
        h.boss.presence("anna", "not_ready", "break")
        call = h.ring("+48221000005", "+48601000061").wait_answer()
        call.wait_over(10, by="them")
        contact = h.contact_of(call)
        assert steps(h.boss, contact) == ["wait", "back", "thanks", "bye"]
        wanted = facts(h.boss, contact, "callback_wanted")
        assert [(w["queue"], w["number"]) for w in wanted] == [("support", "+48601000061")], wanted
        record = h.boss.wait_ended(contact)
        assert [s["result"] for s in record["segments"] if s["kind"] == "queue"] == ["callback"]

        call = h.ring("+48221000005", "anonymous").wait_answer()
        call.wait_over(10, by="them")
        hidden = next(c["id"] for c in h.boss.contacts() if c["id"] != contact)
        assert steps(h.boss, hidden) == ["wait", "back", "sorry"]
        record = h.boss.wait_ended(hidden)
        assert [s["result"] for s in record["segments"] if s["kind"] == "queue"] == ["flow_out"]

        for user, keys, last in (("+48601000062", "601222333", "bye"),
                                 ("+48601000063", "701222333", "sorry")):
            call = h.ring("+48221000006", user).wait_answer()
            contact = h.contact_of(call)
            for key in keys:
                call.press(key)
                time.sleep(0.2)
            call.wait_over(by="them")
            assert steps(h.boss, contact)[-1] == last, (keys, steps(h.boss, contact))
        h.settled()
        row = h.boss.report()
        assert row["callbacks"] == 2 and row["flow_out"] == 1 and row["offered"] == 3, row


# -- figures ----------------------------------------------------------------------------------


def flow_report(boss, name, **query):
    words = {"from": stamp(time.time() - 3600), "to": stamp(time.time() + 3600), **query}
    items, after = [], None
    while True:
        page = boss.get(f"reports/{name}?" + urllib.parse.urlencode(
            {**words, **({"after": after} if after else {})}))
        items += page["items"]
        after = page["next"]
        if not after:
            return items


def test_figures_of_flows_add_up_and_open():
    inner = flow("inner", "ask", ask={"do": "menu", "prompt": "menu", "timeout_s": 60, "tries": 1,
                                      "keys": {"1": "said"}},
                 said={"do": "set", "var": "x", "value": 1})
    line = flow("line", "menu",
                menu={"do": "menu", "prompt": "menu", "timeout_s": 60, "tries": 1,
                      "keys": {"1": "in", "2": "support", "9": "bye"}, "else": "bye"},
                **{"in": {"do": "subflow", "flow": "inner", "next": "bye"}},
                support={"do": "queue", "queue": "support"}, bye=BYE)
    with House(objects=[inner, line, number("+48221000005", "line")]) as h:
        def walk(user, *keys, ends=True):
            call = h.ring("+48221000005", f"+4860100007{user}").wait_answer()
            contact = h.contact_of(call)
            wait_step(h.boss, contact, "menu")
            for key in keys:
                call.press(key)
                time.sleep(0.4)
            if ends:
                call.wait_over(by="them")
            return call, contact
        walk(1, "9")                          # contained
        walk(2, "1", "1")                     # through the inner one, contained
        call, dropped = walk(4, ends=False)   # hangs up in the menu
        call.bye()
        call, inside = walk(5, "1", ends=False)  # hangs up in the inner flow
        wait_step(h.boss, inside, "ask")
        call.bye()
        call, queued = walk(6, "2", ends=False)
        wait_step(h.boss, queued, "support")
        h.boss.wait_waiting(1)
        call.bye()
        now, _ = walk(7, ends=False)          # still there
        h.boss.wait_ended(queued)

        def row(report, flow, node=None):
            found = [r for r in flow_report(h.boss, report, flow=flow)
                     if node is None or r["node"] == node]
            assert len(found) == 1, found
            return found[0]
        outer = row("flows", "line")
        assert {k: outer[k] for k in ("entered", "contained", "abandoned", "passed_queue", "inside",
                                      "returned", "failed")} == {
            "entered": 6, "contained": 2, "abandoned": 2, "passed_queue": 1, "inside": 1,
            "returned": 0, "failed": 0}, outer
        assert outer["containment_rate"] == 0.4 and outer["passed_to"] == {"support": 1}, outer
        sub = row("flows", "inner")
        assert (sub["entered"], sub["returned"], sub["abandoned"]) == (2, 1, 1), sub
        menu = row("flow_nodes", "line", "menu")
        assert (menu["visited"], menu["dropped"], menu["inside"]) == (6, 1, 1), menu
        assert menu["left"] == {"1": 2, "2": 1, "9": 1}, menu
        assert row("flow_nodes", "inner", "ask")["dropped"] == 1
        assert row("flow_nodes", "line", "support")["dropped"] == 1
        paths = {r["path"]: r["entered"] for r in flow_report(h.boss, "flow_paths", flow="line")}
        assert paths == {"menu": 2, "menu>bye": 1, "menu>in>inner/ask>inner/said>bye": 1,
                         "menu>in>inner/ask": 1, "menu>support": 1}, paths

        # every number opens into exactly as many, page by page too
        counts = ("entered", "contained", "abandoned", "passed_queue", "passed_agent",
                  "passed_number", "passed_callback", "failed", "returned", "inside")
        for r in flow_report(h.boss, "flows"):
            assert r["entered"] == sum(r[c] for c in counts[1:]), r
            for field in counts:
                items = flow_report(h.boss, "flows", flow=r["flow"], list=field, limit=1)
                assert len(items) == r[field], (r, field, len(items))
        for r in flow_report(h.boss, "flow_nodes"):
            ends = sum(r[c] for c in ("dropped", "ended", "served", "failed", "inside"))
            assert r["visited"] == ends + sum(r["left"].values()), r
            at = {"flow": r["flow"], "node": r["node"]}
            for field in ("visited", "dropped", "ended", "served", "failed", "inside"):
                assert len(flow_report(h.boss, "flow_nodes", list=field, **at)) == r[field]
            for edge, count in r["left"].items():
                assert len(flow_report(h.boss, "flow_nodes", list="left", edge=edge, **at)) == count
        opened = flow_report(h.boss, "flow_nodes", flow="line", node="menu", list="dropped")
        assert [c["id"] for c in opened] == [dropped], opened
        assert len(flow_report(h.boss, "flow_paths", flow="line", list="entered", path="menu")) == 2
        h.boss.get("reports/flows?list=nonsense", expect=400)

        # nothing of it is lost: neither with the core nor with everything
        same = {"flow": "inner", "from": stamp(time.time() - 3600)}  # it stands in each row as `at`
        before = flow_report(h.boss, "flow_nodes", **same)
        h.server.kill("centrala-core")
        h.server.healthy()
        now.bye()
        h.boss.wait_ended(h.contact_of(now))
        after = flow_report(h.boss, "flow_nodes", **same)
        assert after == before, (before, after)
        assert row("flows", "line")["inside"] == 0
        h.server.check()


# -- secrets ----------------------------------------------------------------------------------


def forms(keys):
    """How a row of keys may have been written down, whoever did it."""
    codes = bytes(int(k) for k in keys)
    return [keys.encode(), codes, b"".join(bytes([c, 0, 0, 0]) for c in codes),
            " ".join(keys).encode(), ",".join(keys).encode(), keys.encode("utf-16-le")]


def holds(data, keys):
    return next((f for f in forms(keys) if f in data), None)


def test_masked_input_stands_nowhere():
    line = flow("line", "hello",
                hello={"do": "say", "text": "This takes a moment, please wait and then key in.",
                       "next": "pin"},
                pin=asks("pin", max=8, masked=True, timeout_s=20, next="copy", **{"else": "bye"}),
                copy={"do": "set", "var": "twice", "value": "var.pin", "next": "again"},
                again=asks("second", max=8, masked=True, timeout_s=20, next="which",
                           **{"else": "bye"}),
                which={"do": "branch", "if": [{"when": "var.twice == '73918264'", "next": "clear"}],
                       "else": "bye"},
                clear=asks("clear", max=8, timeout_s=20, next="support"),
                support={"do": "queue", "queue": "support", "next": "bye"}, bye=BYE)
    early, info, plain = "73918264", "58204716", "91647385"
    with House(objects=[line, number("+48221000005", "line")],
               settings={"log.level": "debug"}.items()) as h:
        h.boss.ready("anna")
        call = h.ring("+48221000005", "+48601000081").wait_answer()
        contact = h.contact_of(call)
        wait_step(h.boss, contact, "hello")
        for key in early[:4]:  # before anybody asked
            call.press(key)
            time.sleep(0.16)
        shown = [h.server.run("ctl", "--data", str(h.server.data), "show", "flows")]
        wait_step(h.boss, contact, "pin", 15)
        for key in early[4:7]:
            call.press(key)
            time.sleep(0.16)
        shown.append(h.server.run("ctl", "--data", str(h.server.data), "show", "flows"))
        call.press(early[7])
        wait_step(h.boss, contact, "again")
        for key in info:
            assert call.press_by_info(key) == 200
            time.sleep(0.05)
        wait_step(h.boss, contact, "clear")
        for key in plain:
            call.press(key)
            time.sleep(0.16)
        wait_step(h.boss, contact, "support")
        phone = h.phones.wait_call()
        phone.accept()
        phone.say(AGENT)
        call.sound.wait_for(AGENT)
        shown.append(h.server.run("ctl", "--data", str(h.server.data), "trace", contact))
        for word in ("flows", "calls", "agents", "sip", "media"):
            shown.append(h.server.run("ctl", "--data", str(h.server.data), "show", word))
        shown.append(json.dumps(h.boss.events(contact)))
        shown.append(json.dumps(h.boss.contact(contact)))
        shown.append(json.dumps(h.boss.get("events?limit=500")))
        call.bye()
        h.boss.wait_ended(contact)
        h.settled()
        h.server.stop()
        shown += h.server.lines
        found = []
        for path in sorted(h.server.data.rglob("*")):
            if path.is_file():
                found.append((str(path.relative_to(h.server.data)), path.read_bytes()))
        found += [(f"output {i}", text.encode()) for i, text in enumerate(shown)]
        assert any(name.startswith("ring/") for name, _ in found), [n for n, _ in found]
        # the search itself works: what is not masked is found, where it belongs
        plainly = [name for name, data in found if holds(data, plain)]
        assert any(name.startswith("ring/") for name in plainly), plainly
        for secret in (early, info):
            for name, data in found:
                if name == "site.json":  # the test's own: it compares with the secret
                    continue
                where = holds(data.replace(b"var.twice == '73918264'", b""), secret)
                assert not where, f"{name} holds {where}"
        for name, data in found:  # one key a message: none may tell which
            assert b"Signal=" not in data, f"{name} holds a key of a SIP INFO"


# -- keys -------------------------------------------------------------------------------------


def test_a_key_stops_the_prompt_whichever_way_it_comes():
    long = "This is a very long text. " * 12
    menu = flow("line", "menu",
                menu={"do": "menu", "prompt": "long", "timeout_s": 5, "tries": 1,
                      "keys": {"4": "wait"}, "else": "bye"},
                wait=asks("x", timeout_s=12, next="bye", **{"else": "bye"}), bye=BYE)
    menu["nodes"]["wait"]["prompt"] = "silent"
    prompts = [{"kind": "prompt", "tenant": "acme", "id": "long", "text": {"en": long}},
               {"kind": "prompt", "tenant": "acme", "id": "silent", "text": {"en": "Go."}}]
    ways = [lambda c: c.press("4"), lambda c: c.press_by_info("4"), lambda c: c.press_in_band("4")]
    with House(objects=[*prompts, menu, number("+48221000005", "line")]) as h:
        for i, press in enumerate(ways):
            call = h.ring("+48221000005", f"+4860100009{i}").wait_answer()
            contact = h.contact_of(call)
            call.sound.wait_loud(10)
            time.sleep(0.5)
            press(call)
            wait_step(h.boss, contact, "wait")

            def quiet():
                now = time.monotonic()
                return call.sound.loud(now - 0.5, now) < 0.2
            time.sleep(0.5)
            wait_until(quiet, 6, f"way {i}: \"Go.\", then nothing: the long text is over")
            call.bye()


def test_three_tries_unless_said_otherwise():
    menu = flow("line", "menu",
                menu={"do": "menu", "prompt": "menu", "timeout_s": 8, "keys": {"4": "bye"},
                      "invalid": "welcome", "else": "spent"}, spent=BYE, bye=BYE)
    with House(objects=[menu, number("+48221000005", "line")]) as h:
        call = h.ring("+48221000005", "+48601000095").wait_answer()
        contact = h.contact_of(call)
        wait_step(h.boss, contact, "menu")
        for i, key in enumerate("123"):  # wrong, each of them
            time.sleep(0.5)
            assert steps(h.boss, contact) == ["menu"], f"gave up after {i} tries"
            call.press(key)
        call.wait_over(by="them")
        assert steps(h.boss, contact) == ["menu", "spent"]


def test_transfers_that_ring_outlive_the_core():
    nodes = {"next": "after", "on": {"busy": "busy", "no_answer": "late", "failed": "failed"}}
    edges = {"after": waits("bye"), "busy": BYE, "late": BYE, "failed": BYE, "bye": BYE}
    lines = [flow("one", "to", to={"do": "transfer", "to": "+48601777888", **nodes}, **edges),
             flow("two", "to", to={"do": "transfer", "to": {"agent": "anna"}, **nodes}, **edges)]
    with House(objects=[*lines, number("+48221000005", "one"), number("+48221000006", "two")]) as h:
        h.boss.ready("anna")
        for to, far, user in (("+48221000005", h.carrier, "+48601000101"),
                              ("+48221000006", h.phones, "+48601000102")):
            call = h.ring(to, user).wait_answer()
            contact = h.contact_of(call)
            far.wait_call().ring()
            time.sleep(0.3)
            h.server.kill("centrala-core")
            h.server.healthy()
            phone = far.wait_call()  # it is called anew; the first one is cancelled
            phone.accept()
            phone.say(AGENT)
            call.sound.wait_for(AGENT)
            phone.bye()
            call.wait_over(by="them")
            assert steps(h.boss, contact) == ["to", "after", "bye"], steps(h.boss, contact)
        h.settled()
