"""Flows as a caller and an administrator meet them: drafts and versions, nodes, keys, figures."""
import time

from harness import House, wait_until


def number(name, flow, **more):
    return {"kind": "number", "tenant": "acme", "id": name, "flow": flow, **more}


def flow(name, start, **nodes):
    return {"kind": "flow", "tenant": "acme", "id": name, "start": start, "nodes": nodes}


def body(document):
    return {k: v for k, v in document.items() if k not in ("kind", "tenant", "id")}


def steps(boss, contact):
    return [e["node"] for e in boss.events(contact) if e["event"] == "flow_step"]


def wait_step(boss, contact, node, seconds=5.0):
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
            call.wait_over(8, by="them")
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
        call.wait_over(20, by="them")
        test.wait_over(20, by="them")
        assert steps(h.boss, contact) == ["menu", "old", "last", "bye"]
        assert steps(h.boss, tested) == ["try", "tried", "bye"]
        later = h.ring("+48221000005", "+48601000023").wait_answer()
        later.wait_over(8, by="them")
        assert steps(h.boss, h.contact_of(later)) == ["menu", "new"]
        assert not [e for e in h.boss.events(contact) if e["event"] == "alarm"]
        assert "flow_version_lost" not in (h.server.data / "stderr.log").read_text()
