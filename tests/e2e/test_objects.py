"""Declared objects: atomic apply, export, versions, rollback, referrers, secrets, tenants."""
import copy
import json
import subprocess

from harness import PROGRAM, Api, House, Server, site


def test_one_mistake_changes_nothing():
    with House() as h:
        before = h.server.export()
        wrong = copy.deepcopy(h.objects)
        for o in wrong["objects"]:
            if o["id"] == "support":
                o["ring_s"] = "long"
            if o["id"] == "anna":
                o["name"] = "Changed"
            if o["id"] == "main":
                o["nodes"]["menu"]["keys"]["1"] = "nowhere"
        h.server.apply(wrong, expect=1)
        index = next(i for i, o in enumerate(wrong["objects"]) if o["id"] == "support")
        assert f"objects[{index}]" in h.server.stderr or f"/objects/{index}" in h.server.stderr, \
            h.server.stderr
        assert "ring_s" in h.server.stderr and "nowhere" in h.server.stderr, \
            "not every mistake is named: " + h.server.stderr
        assert h.server.export() == before


def test_serve_names_every_mistake_of_its_site_file():
    s = Server(start=False)
    path = s.data / "bad.json"
    path.write_text(json.dumps({"objects": [
        {"kind": "tenant", "id": "t", "country": "Poland"},
        {"kind": "hours", "tenant": "t", "id": "h",
         "weekly": {"mon": ["9:00-12:00", "25:00-26:00"]}}]}))
    words = [PROGRAM, "serve", "--data", str(s.data), "--site", str(path)]
    for key, value in s.settings.items():
        words += ["--set", f"{key}={value}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and not done.stdout, done
    said = [line for line in done.stderr.splitlines() if line.startswith("centrala: ")]
    for place in ("[0].country", "[1].weekly.mon[0]", "[1].weekly.mon[1]"):
        assert any(line.startswith(f"centrala: $.objects{place}: ") for line in said), done.stderr
    assert said[-1] == f"centrala: {path}: 3 mistakes, nothing was changed", said
    assert len(said) == 4, said


def test_export_of_no_tenant():
    s = Server(start=False)
    for word in ("nope", "no such", "-"):
        s.run("export", "--data", str(s.data), "--tenant", word, expect=1)
        assert s.stderr == f"centrala: no tenant is called {word}\n", s.stderr
    with House() as h:
        h.server.run("export", "--data", str(h.server.data), "--tenant", "nope", expect=1)
        assert h.server.stderr == "centrala: no tenant is called nope\n", h.server.stderr
        h.server.run("export", "--data", str(h.server.data), "--tenant", "acme")


def test_second_apply_changes_nothing():
    with House() as h:
        h.server.apply(h.objects)
        admin = h.server.login("adam")
        first = admin.get("queues/support/versions")
        out = h.server.apply(h.objects)
        assert admin.get("queues/support/versions") == first
        assert "changed" not in out.lower() or "0 changed" in out or "nothing" in out.lower(), out
        for o in h.objects["objects"]:
            if o["id"] == "support":
                o["ring_s"] = 33
        out = h.server.apply(h.objects)
        assert "support" in out, out
        assert len(admin.get("queues/support/versions")["items"]) == len(first["items"]) + 1


def test_export_is_a_site_file():
    with House() as h:
        exported = h.server.export()
        text = json.dumps(exported)
        for secret in ("secret-1", "sip-1", "argon2", "$argon"):
            assert secret not in text, f"export shows {secret}"
        kinds = {(o["kind"], o["id"]) for o in exported["objects"]}
        for o in h.objects["objects"]:
            assert (o["kind"], o["id"]) in kinds, o
        h.server.apply(exported)  # secrets left out stay
        assert h.server.export() == exported
        h.server.login("anna")
    # a fresh server takes it as well
    with House() as h:
        h.server.apply(exported)


def test_apply_without_a_server():
    with Server(site(5080, 5090)) as s:
        s.stop()
        objects = site(5080, 5090)
        next(o for o in objects["objects"] if o["id"] == "support")["ring_s"] = 44
        out = s.apply(objects)
        assert "support" in out
        queue = next(o for o in s.export()["objects"] if o["id"] == "support")
        assert queue["ring_s"] == 44
        s.start()
        admin = s.login("adam")
        assert admin.get("queues/support")["ring_s"] == 44


def test_versions_and_rollback():
    with House() as h:
        admin = h.server.login("adam")
        queue = admin.get("queues/support")
        assert queue["ring_s"] == 15
        changed = {k: v for k, v in queue.items() if k not in ("version", "tenant", "kind")}
        changed["ring_s"] = 21
        admin.put("queues/support", changed)
        assert admin.get("queues/support")["ring_s"] == 21
        versions = admin.get("queues/support/versions")["items"]
        assert len(versions) == 2, versions
        newest = max(versions, key=lambda v: v["version"])
        assert newest["by"] and newest["at"], newest
        assert "adam" in newest["by"], newest
        assert newest["before"]["ring_s"] == 15 and newest["after"]["ring_s"] == 21, newest
        oldest = min(versions, key=lambda v: v["version"])["version"]
        admin.post("queues/support/rollback", {"version": oldest})
        assert admin.get("queues/support")["ring_s"] == 15
        assert len(admin.get("queues/support/versions")["items"]) == 3


def test_delete_names_the_referrers():
    with House() as h:
        admin = h.server.login("adam")
        refused = admin.ask("DELETE", "queues/support", expect=409)
        assert "main" in str(refused.json) and "anna" in str(refused.json), refused
        assert refused.headers["content-type"].startswith("application/problem+json")
        admin.ask("DELETE", "outcomes/solved", expect=(200, 204))
        admin.get("outcomes/solved", expect=404)


def test_bodies_are_checked():
    with House() as h:
        admin = h.server.login("adam")
        for body, path in (({"name": "X", "ring_s": -1}, "ring_s"), ({"name": "X", "nonsense": 1},
                                                                    "nonsense"),
                           ({"name": "X", "strategy": "guess"}, "strategy")):
            answer = admin.ask("PUT", "queues/newq", body, expect=(400, 422))
            problem = answer.json
            assert problem["status"] == answer.status and problem["title"], problem
            assert any(path in e["path"] or path in e["message"] for e in problem["errors"]), problem
        admin.ask("PUT", "queues/newq", "{not json", expect=400)
        admin.get("queues/newq", expect=404)
        admin.put("queues/newq", {"name": "New"})
        assert admin.get("queues/newq")["name"] == "New"
        admin.ask("PUT", "queues/BAD%20ID", {"name": "X"}, expect=(400, 404, 422))
        admin.ask("PUT", "numbers/%2B48221000005", {"flow": "main"}, expect=(200, 201))
        admin.ask("PUT", "numbers/%2B48221000006", {"flow": "nowhere"}, expect=(400, 409, 422))


def test_same_number_in_two_tenants_is_refused():
    other = [{"kind": "tenant", "id": "other", "name": "Other", "domain": "other.test",
              "locale": "pl", "time_zone": "Europe/Warsaw", "country": "PL"},
             {"kind": "flow", "tenant": "other", "id": "f", "start": "x",
              "nodes": {"x": {"do": "hangup"}}}]
    with House() as h:
        h.server.apply({"objects": [*other, {"kind": "number", "tenant": "other",
                                             "id": "+48221000000", "flow": "f"}]}, expect=1)
        assert "+48221000000" in h.server.stderr
        assert not [o for o in h.server.export()["objects"] if o.get("tenant") == "other"]


def test_changed_queue_counts_at_once():
    with House() as h:
        admin = h.server.login("adam")
        h.boss.ready("anna")
        queue = admin.get("queues/support")
        changed = {k: v for k, v in queue.items() if k not in ("version", "tenant", "kind")}
        admin.put("queues/support", {**changed, "ring_s": 2})
        h.ring().wait_answer(3)
        phone = h.phones.wait_call(5).ring()
        phone.wait_over(8, by="them")


def test_objects_outlive_a_restart():
    with House() as h:
        admin = h.server.login("adam")
        admin.put("outcomes/fresh", {"name": "Fresh"})
        before = h.server.export()
        h.server.stop()
        h.server.start()
        assert h.server.export() == before
        # a token of before is still good or honestly 401
        again = Api(h.server.http, admin.token)
        assert again.raw("GET", "/api/v1/tenants/acme/outcomes/fresh").status in (200, 401)
        assert h.server.login("adam").get("outcomes/fresh")["name"] == "Fresh"
