"""Customers: records, search, matching with real calls, merging, timeline, audit; over deaths."""
import time
import urllib.parse

from harness import House, Server, site, wait_until


def fields():
    return [{"kind": "field", "tenant": "acme", "id": "contract", "type": "text", "label": {"pl": "Umowa"}},
            {"kind": "field", "tenant": "acme", "id": "since", "type": "date"},
            {"kind": "field", "tenant": "acme", "id": "tier", "type": "choice",
             "choices": [{"id": "gold", "label": {"en": "Gold"}}, {"id": "plain"}]},
            {"kind": "field", "tenant": "acme", "id": "paper", "type": "flag"},
            {"kind": "field", "tenant": "acme", "id": "debt", "type": "number"}]


def server():
    return Server(site(5080, 5070, objects=fields()))


def found(api, question, **more):
    query = urllib.parse.urlencode({"q": question, **more})
    return [c["name"] for c in api.get(f"customers?{query}")["items"]]


def make(api, **doc):
    return api.post("customers", doc, expect=201)


def mistakes(problem):
    return {e["path"]: e["message"] for e in problem["errors"]}


def test_a_record_from_beginning_to_end():
    with server() as s:
        boss, ada = s.login("olga"), s.login("adam")
        made = make(boss, given_name=" Zofia ", family_name="Żółć", numbers=[{"number": "601 602 603", "label": "mobile"}],
                    emails=[{"address": "Zofia.Zolc@example.com"}], language="pl", time_zone="Europe/Warsaw",
                    tags=["vip"], fields={"contract": "U/2026/7", "since": "2020-02-29", "tier": "gold", "paper": True,
                                          "debt": 12.5},
                    preferences={"agent": "anna", "contact_times": {"mon": ["08:00-12:00"]},
                                 "do_not_call": [{"reason": "asked us not to"}]})
        assert made["name"] == "Zofia Żółć" and made["version"] == 1 and made["kind"] == "person", made
        assert made["numbers"] == [{"number": "+48601602603", "label": "mobile"}], made
        assert made["created_by"] == "olga" and made["tenant"] == "acme"
        path = f"customers/{made['id']}"
        answer = boss.ask("GET", path)
        assert answer.json == made and answer.headers["etag"] == '"1"', answer.headers
        # changed with and without the right version
        boss.ask("PATCH", path, {"tags": ["vip", "old"]}, headers={"If-Match": '"7"'}, expect=412)
        two = boss.ask("PATCH", path, {"tags": ["vip", "old"], "language": None}, headers={"If-Match": '"1"'}).json
        assert two["version"] == 2 and "language" not in two and two["fields"] == made["fields"], two
        assert boss.ask("PATCH", path, {"tags": ["vip", "old"]}).json == two, "nothing changed: no new version"
        three = boss.put(path, {**two, "fields": {"contract": "U/2026/8"}})
        assert three["version"] == 3 and three["fields"] == {"contract": "U/2026/8"}
        # mistakes, each with its path
        bad = mistakes(boss.post("customers", {"name": "x", "fields": {"tier": "lead", "shoe": 1, "since": "2021-02-29"},
                                               "time_zone": "Mars/Base", "emails": [{"address": "nobody"}]}, expect=400))
        assert set(bad) == {"$.fields.tier", "$.fields.shoe", "$.fields.since", "$.time_zone", "$.emails[0]"}, bad
        assert "$.name" in mistakes(boss.post("customers", {"kind": "person"}, expect=400))
        assert "$.company" in mistakes(boss.post("customers", {"name": "x", "company": made["id"]}, expect=400))
        boss.post("customers", {"name": "x", "salary": 1}, expect=400)
        # notes, history, timeline
        note = boss.post(f"{path}/notes", {"text": "dzwoniła <script>alert(1)</script>"}, expect=201)
        assert boss.get(f"{path}/notes")["items"] == [note]
        history = boss.get(f"{path}/history")["items"]
        assert [(h["op"], h["version"], h["by"]) for h in history] == [("updated", 3, "olga"), ("updated", 2, "olga"),
                                                                      ("created", 1, "olga")], history
        assert history[0]["before"] == two and history[0]["after"] == three and history[2]["before"] is None
        page = boss.get(f"{path}/timeline?limit=3")
        rest = boss.get(f"{path}/timeline?limit=3&after={urllib.parse.quote(page['next'])}")
        assert [i["kind"] for i in page["items"] + rest["items"]] == ["note", "change", "change", "change"], (page, rest)
        assert rest["next"] is None
        # gone
        boss.ask("DELETE", path, expect=403)
        ada.ask("DELETE", path, expect=204)
        boss.get(path, expect=404)
        assert found(boss, "zolc") == [] and boss.get("customers/match?number=601602603")["items"] == []
        assert ada.get(f"{path}/history")["items"][0]["op"] == "deleted"


def test_search():
    with server() as s:
        api = s.login("anna")
        boss = s.login("olga")
        make(boss, given_name="Zofia", family_name="Żółć", numbers=[{"number": "+48601602603"}],
             emails=[{"address": "z.zolc@poczta.example"}], fields={"contract": "U/2026/7"}, tags=["złota"])
        make(boss, name="Пётр Ёлкин", numbers=[{"number": "+79161234567"}])
        make(boss, name="Jürgen Groß", numbers=[{"number": "+4917112345678"}])
        make(boss, name="Jiří Dvořák", addresses=[{"street": "Dlouhá 7", "city": "Brno", "postal_code": "602 00"}])
        firm = make(boss, kind="company", name="Żółw Sp. z o.o.", numbers=[{"number": "+48221112233"}])
        make(boss, name="Jan Żółwik", company=firm["id"])
        for question, want in [
                ("zolc", ["Zofia Żółć"]), ("ŻÓŁĆ", ["Zofia Żółć"]), ("zof zol", ["Zofia Żółć"]), ("zol zof", ["Zofia Żółć"]),
                ("елкин", ["Пётр Ёлкин"]), ("Ёлк петр", ["Пётр Ёлкин"]), ("gross", ["Jürgen Groß"]), ("groß", ["Jürgen Groß"]),
                ("jurgen", ["Jürgen Groß"]), ("dvorak jiri", ["Jiří Dvořák"]), ("brno", ["Jiří Dvořák"]),
                ("6026", ["Zofia Żółć"]), ("601 602 603", ["Zofia Żółć"]), ("+48 601-602-603", ["Zofia Żółć"]),
                ("0048601602603", ["Zofia Żółć"]), ("123456", ["Jürgen Groß", "Пётр Ёлкин"]), ("0171 1234", ["Jürgen Groß"]),
                ("poczta", ["Zofia Żółć"]), ("z.zolc@poczta.example", ["Zofia Żółć"]), ("u/2026/7", ["Zofia Żółć"]),
                ("zlota", ["Zofia Żółć"]), ("zolw", ["Żółw Sp. z o.o.", "Jan Żółwik"]), ("602 00", ["Jiří Dvořák"]),
                ("zolc nobody", []), ("'\"*() OR", []), ("%", []), ("zof*", ["Zofia Żółć"])]:
            got = found(api, question)
            assert sorted(got) == sorted(want), (question, got)
        assert found(api, "zolw", kind="company") == ["Żółw Sp. z o.o."]
        assert found(api, "zolw")[0] == "Żółw Sp. z o.o.", "a whole word stands before a beginning"
        assert api.get(f"customers?company={firm['id']}")["items"][0]["name"] == "Jan Żółwik"
        newest = [c["name"] for c in api.get("customers?limit=2")["items"]]
        assert newest == ["Jan Żółwik", "Żółw Sp. z o.o."], newest
        assert api.get("customers?number=601602603")["items"][0]["name"] == "Zofia Żółć"
        first = api.get("customers?q=zo&limit=1")
        second = api.get(f"customers?q=zo&limit=1&after={first['next']}")
        assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2


def test_matching_ranks_and_a_call_is_linked():
    with House(objects=fields()) as h:
        boss = h.boss
        firm = make(boss, kind="company", name="Firma", numbers=[{"number": "+48225550000"}])
        jan = make(boss, name="Jan Nowak", numbers=[{"number": "+48601000001", "label": "mobile"}], company=firm["id"])
        ewa = make(boss, name="Ewa Nowak", household=jan["id"])
        got = boss.get("customers/match?number=601000001")
        assert got["number"] == "+48601000001"
        assert [(m["rank"], m["customer"]["name"]) for m in got["items"]] == [
            ("exact", "Jan Nowak"), ("household", "Ewa Nowak"), ("company", "Firma")], got
        assert got["items"][0]["label"] == "mobile" and got["items"][1]["through"] == jan["id"]
        assert [(m["rank"], m["customer"]["name"]) for m in boss.get("customers/match?number=%2B48225550000")["items"]] == [
            ("exact", "Firma"), ("company", "Jan Nowak")]
        # a real call from his number is his, by itself
        call, _, contact = h.talk()
        boss.wait_contact(contact, lambda c: c["customer"] == jan["id"], 10, "the call is linked")
        assert any(e["event"] == "customer_linked" and e["how"] == "exact" for e in boss.events(contact))
        # corrected in one click by the agent who has it; and taken away
        anna = h.server.login("anna")
        assert anna.post(f"contacts/{contact}/customer", {"customer": ewa["id"]})["customer"] == ewa["id"]
        call.bye()
        boss.wait_ended(contact)
        assert anna.post(f"contacts/{contact}/customer", {"customer": None})["customer"] is None
        assert anna.post(f"contacts/{contact}/customer", {"customer": jan["id"]})["customer"] == jan["id"]
        assert [c["id"] for c in boss.get(f"contacts?customer={jan['id']}")["items"]] == [contact]
        assert [i["contact"]["id"] for i in boss.get(f"customers/{jan['id']}/timeline")["items"]
                if i["kind"] == "contact"] == [contact]
        boss.post(f"contacts/{contact}/customer", {"customer": "0193b5c0-0000-7000-8000-000000000000"}, expect=400)
        # two who share a number: nobody decides for the agent
        make(boss, name="Ola Nowak", numbers=[{"number": "+48601000001"}])
        assert [m["rank"] for m in boss.get("customers/match?number=601000001")["items"]].count("exact") == 2
        h.settled()
        second, _, other = h.talk()
        time.sleep(1.5)
        assert boss.contact(other)["customer"] is None
        second.bye()
        boss.wait_ended(other)


def test_merge_and_undo():
    with server() as s:
        boss = s.login("olga")
        a = make(boss, name="Jan Kowalski", numbers=[{"number": "+48601000010"}], tags=["a"])
        b = make(boss, name="Jan Kowalski", numbers=[{"number": "+48601000010"}, {"number": "+48601000011"}],
                 emails=[{"address": "jan@example.com"}], tags=["b"], language="pl")
        boss.post(f"customers/{b['id']}/notes", {"text": "of b"}, expect=201)
        twins = boss.get("customers/duplicates")["items"]
        assert {(t["why"], len(t["customers"])) for t in twins} == {("number", 2), ("name", 2)}, twins
        s.login("anna").post(f"customers/{a['id']}/merge", {"from": b["id"]}, expect=403)
        boss.post(f"customers/{a['id']}/merge", {"from": a["id"]}, expect=400)
        one = boss.post(f"customers/{a['id']}/merge", {"from": b["id"]})
        assert [n["number"] for n in one["numbers"]] == ["+48601000010", "+48601000011"] and one["tags"] == ["a", "b"]
        assert one["language"] == "pl" and one["id"] == a["id"]
        assert boss.get(f"customers/{b['id']}")["merged_into"] == a["id"]
        assert found(boss, "kowalski") == ["Jan Kowalski"] and boss.get("customers/duplicates")["items"] == []
        assert [m["customer"]["id"] for m in boss.get("customers/match?number=601000011")["items"]] == [a["id"]]
        assert any(i["kind"] == "note" and i["note"]["text"] == "of b"
                   for i in boss.get(f"customers/{a['id']}/timeline")["items"])
        boss.ask("PATCH", f"customers/{b['id']}", {"tags": []}, expect=409)
        boss.ask("PATCH", f"customers/{a['id']}", {"title": "Dr"})
        boss.post(f"customers/{a['id']}/unmerge", {"from": b["id"]}, expect=409)
        boss.post(f"customers/{a['id']}/unmerge", {"from": b["id"], "discard_changes": True})
        said = lambda c: {k: v for k, v in c.items() if k not in ("version", "updated_at", "updated_by")}
        assert said(boss.get(f"customers/{a['id']}")) == said(a)
        assert said(boss.get(f"customers/{b['id']}")) == said(b)
        assert len(found(boss, "kowalski")) == 2
        s.check()  # rows, words and keys are what the facts say
        boss.post(f"customers/{a['id']}/unmerge", {"from": b["id"]}, expect=409)


def test_who_may_and_the_audit():
    with server() as s:
        boss, anna, ada = s.login("olga"), s.login("anna"), s.login("adam")
        viewer = s.login("wera")
        one = make(anna, name="Jan Kowalski", numbers=[{"number": "+48601000010"}])
        path = f"customers/{one['id']}"
        for address in ("customers", "customers?q=jan", path, f"{path}/timeline", f"{path}/history",
                        "customers/match?number=1", "audit"):
            viewer.get(address, expect=403)
        boss.get("audit", expect=403)
        for _ in range(3):
            anna.get(path)
        anna.get("customers?q=kowalski")
        anna.get("customers/match?number=601000010")
        entries = ada.get("audit?user=anna&what=viewed")["items"]
        assert [(e["detail"]["what"], e["detail"]["count"]) for e in entries] == [("match", 1), ("search", 1),
                                                                                 ("customer", 1)], entries
        assert entries[1]["detail"]["query"] == "kowalski" and entries[2]["customer"] == one["id"]
        assert {e["what"] for e in ada.get(f"audit?customer={one['id']}")["items"]} == {"viewed", "customer_changed"}
        assert {"login", "object_changed"} <= {e["what"] for e in ada.get("audit?limit=500")["items"]}
        # what is personal never goes into the event stream
        stream = boss.ask("GET", "events?limit=500").body.decode()
        assert "customer_changed" in stream and "Kowalski" not in stream and "601000010" not in stream
        assert "kowalski" not in stream


def test_tenants_do_not_see_each_other():
    other = [{"kind": "tenant", "id": "globex", "name": "Globex", "domain": "globex.test", "country": "PL"},
             {"kind": "user", "tenant": "globex", "id": "gus", "roles": ["admin"], "password": "gus-secret-12"}]
    with Server(site(5080, 5070, objects=other)) as s:
        boss = s.login("olga")
        gus = s.login("gus", "gus-secret-12", tenant="globex")
        gus.tenant = "globex"
        one = make(boss, name="Jan Kowalski", numbers=[{"number": "+48601000010"}])
        assert found(gus, "kowalski") == [] and gus.get("customers")["items"] == []
        assert gus.get("customers/match?number=601000010")["items"] == []
        for method, path, body in [("GET", "", None), ("GET", "/timeline", None), ("GET", "/notes", None),
                                   ("GET", "/history", None), ("PUT", "", {"name": "x"}), ("PATCH", "", {"name": "x"}),
                                   ("DELETE", "", None), ("POST", "/notes", {"text": "x"}),
                                   ("POST", "/merge", {"from": one["id"]})]:
            gus.ask(method, f"customers/{one['id']}{path}", body, expect=404)
        mine = make(gus, name="Own")
        gus.post(f"customers/{mine['id']}/merge", {"from": one["id"]}, expect=400)
        gus.post("customers", {"name": "x", "household": one["id"]}, expect=400)
        boss.get("customers", expect=200)


def test_what_was_answered_survives_a_kill():
    with server() as s:
        boss = s.login("olga")
        made = []
        for round_ in range(3):
            made += [make(boss, name=f"Osoba {round_} {i}", numbers=[{"number": f"+4860100{round_}{i:03}"}])["id"]
                     for i in range(10)]
            s.kill("centrala-core")
            s.healthy()
            boss = s.login("olga")
            wait_until(lambda: len(boss.get("customers?limit=500")["items"]) == len(made), 10, "all are there")
        assert {c["id"] for c in boss.get("customers?limit=500")["items"]} == set(made)
        assert len(found(boss, "osoba 2", limit=500)) >= 10
        s.check()
