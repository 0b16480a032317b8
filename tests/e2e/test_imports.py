"""Customers from files and back: encodings, mistakes, duplicates, formulas, a death in the midst."""
import csv
import io
import time
import urllib.parse

from harness import House, Server, site, wait_until
from test_customers import fields, found, make
from test_parties import kill

NAMES = ("Żółć", "Ćwik", "Łoś", "Ąbrowski", "Święty", "Żak")


def server(**more):
    return Server(site(5080, 5070, objects=fields()), **more)


def upload(api, data, name="people.csv"):
    return api.ask("POST", f"customers/imports?name={name}", data, expect=201).json


def done(api, one, seconds=60, **wishes):
    api.post(f"customers/imports/{one['id']}/start", wishes)
    return finished(api, one, seconds)


def finished(api, one, seconds=60):
    path = f"customers/imports/{one['id']}"
    return wait_until(lambda: (lambda s: s if s["state"] != "running" else None)(api.get(path)), seconds,
                      "the import ends", every=0.1)


def counts(state):
    p = state["progress"]
    return p["created"], p["updated"], p["skipped"], p["rejected"]


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_every_encoding_is_detected():
    with server() as s:
        api = s.login("adam")
        text = "Imię;Nazwisko;Telefon;Miasto\r\n" + "".join(
            f"Józef;{n};60100{i:04};Łódź\r\n" for i, n in enumerate(NAMES))
        russian = "Имя;Телефон;Город\n" + "Пётр Ёлкин;+79161230000;Тверь\nАнна Щукина;+79161230001;Уфа\n"
        for codec, said, body in [("utf-8", "utf-8", text), ("utf-8-sig", "utf-8", text), ("utf-16", "utf-16le", text),
                                  ("cp1250", "windows-1250", text), ("iso8859_2", "iso-8859-2", text),
                                  ("cp1251", "windows-1251", russian)]:
            one = upload(api, body.encode(codec))
            assert (one["encoding"], one["delimiter"], one["state"]) == (said, "semicolon", "preview"), (codec, one)
            want = ["given_name", "family_name", "number", "city"] if body is text else ["name", "number", "city"]
            assert [c["target"] for c in one["columns"]] == want, (codec, one["columns"])
            assert one["rows"][0][1] == ("Żółć" if body is text else "+79161230000") and one["mistakes"] == [], one
        big = "Name,Phone\n".encode("utf-16-be")
        assert upload(api, b"\xfe\xff" + big)["encoding"] == "utf-16be"
        state = done(api, one)
        assert state["state"] == "done" and counts(state) == (2, 0, 0, 0), state
        assert found(api, "елкин") == ["Пётр Ёлкин"]
        assert upload(api, b"PK\x03\x04 a piece")["columns"] == []  # more of it may come
        api.ask("POST", "customers/imports", b"", expect=400)


def test_exact_counts_and_rejects():
    with server() as s:
        api = s.login("adam")
        make(api, name="Stary Klient", numbers=[{"number": "+48601000001"}], tags=["old"])
        make(api, name="Twin A", numbers=[{"number": "+48601000009"}])
        make(api, name="Twin B", numbers=[{"number": "+48601000009"}])
        lines = ["Name,Phone,E-mail,Umowa,tier,Tags",
                 'Nowy Klient,601 000 002,nowy@example.com,U/1,Gold,"a,b"',
                 "Nowe Imię,601000001,,,plain,new",  # known number
                 "Zły Adres,601000003,nobody,,,",  # no address
                 "Zły Wybór,601000004,,,silver,",  # no choice
                 ",,,,,",  # nothing
                 '"Z ""cudzysłowem""\ni linią",601000005,,,,',
                 "Bliźniak,601000009,,,,",  # several have it
                 "Nowy Klient,601000002,,,,",  # twice in the file
                 ""]
        data = "\n".join(lines).encode()
        one = upload(api, data)
        assert [c["target"] for c in one["columns"]] == ["name", "number", "email", "field:contract", "field:tier", "tags"]
        assert {m["line"] for m in one["mistakes"]} == {4, 5, 6}, one["mistakes"]
        bad = api.post(f"customers/imports/{one['id']}/preview", {"mapping": ["shoe_size"]}, expect=400)
        assert bad["errors"][0]["path"] == "$.mapping[0]"
        state = done(api, one, duplicates="update")
        assert counts(state) == (2, 1, 1, 4), state["progress"]
        rejects = list(csv.reader(io.StringIO(api.ask("GET", f"customers/imports/{one['id']}/rejects").body
                                              .decode("utf-8-sig"), newline="")))
        assert rejects[0][-1] == "reason" and len(rejects) == 5 and all(r[-1] for r in rejects), rejects
        assert [r[0] for r in rejects[1:]] == ["Zły Adres", "Zły Wybór", "", "Bliźniak"]
        old = api.get("customers?number=601000001")["items"][0]
        assert old["name"] == "Nowe Imię" and set(old["tags"]) == {"old", "new"} and old["version"] == 2, old
        new = api.get("customers?number=601000002")["items"][0]
        assert new["fields"] == {"contract": "U/1", "tier": "gold"} and new["tags"] == ["a", "b"]
        assert api.get("customers?number=601000005")["items"][0]["name"] == 'Z "cudzysłowem" i linią'
        assert api.get(f"customers/{new['id']}/history")["items"][0]["op"] == "imported"
        # again: nothing is new; skipped
        again = done(api, upload(api, data), duplicates="skip")
        assert counts(again)[0] == 0 and counts(again)[3] == 3, again["progress"]
        api.post(f"customers/imports/{one['id']}/start", {}, expect=409)
        assert [i["id"] for i in api.get("customers/imports")["items"]][-1] == one["id"]
        api.ask("DELETE", f"customers/imports/{one['id']}", expect=204)
        api.get(f"customers/imports/{one['id']}", expect=404)


def test_hostile_files():
    with server() as s:
        api = s.login("adam")
        cases = [(b'name\n"never closed,\n' + b"x" * 1000, (0, 0, 0, 1)),
                 (b"name\n" + b"y" * 3_000_000 + b"\nJan\n", (1, 0, 0, 1)),
                 (b"name\n" + b"a," * 5000 + b"\nEwa\n", (1, 0, 0, 1)),
                 (b"name\nA\x00B\nOla\n", (1, 0, 0, 1)),
                 (b"\n\n\n", (0, 0, 0, 0)),
                 (b'name\r"quoted"\r\n\'=1+1\n', (2, 0, 0, 0))]
        for data, want in cases:
            state = done(api, upload(api, data), duplicates="add")
            assert state["state"] == "done" and counts(state) == want, (data[:40], state)
        assert found(api, "quoted") == ["quoted"] and "=1+1" in found(api, "1")
        assert s.alive() if hasattr(s, "alive") else True


def test_formulas_go_out_harmless_and_come_back():
    with server() as s:
        api = s.login("adam")
        evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "'=quoted already", "''+twice", "'plain", "＝full",
                "＋full", "－full", "＠full", "a=b", "x,y;z", 'say "hi"', "<script>alert(1)</script>"]
        for i, name in enumerate(evil):
            make(api, name=name, external_id=f"E-{i}", tags=["=t"], numbers=[{"number": f"+4860200{i:04}", "label": "home"}],
                 fields={"contract": name, "debt": -1.5, "paper": False})
        for delimiter in ("comma", "semicolon", "tab"):
            body = api.ask("GET", f"customers/export?bom=1&delimiter={delimiter}").body
            assert body.startswith(b"\xef\xbb\xbf")
            mark = {"comma": ",", "semicolon": ";", "tab": "\t"}[delimiter]
            cells = [c for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=mark) for c in row]
            assert not [c for c in cells if c[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")], cells
        before = {c["external_id"]: c for c in api.get("customers?limit=500")["items"]}
        for c in before.values():
            api.ask("DELETE", f"customers/{c['id']}", expect=204)
        one = upload(api, body)
        assert one["mistakes"] == [] and all(c["target"] for c in one["columns"]), one
        assert counts(done(api, one)) == (len(evil), 0, 0, 0)
        after = {c["external_id"]: c for c in api.get("customers?limit=500")["items"]}
        for key, c in before.items():
            for member in ("name", "tags", "numbers", "fields"):
                assert after[key][member] == c[member], (key, member, after[key][member], c[member])
        s.login("olga").get("customers/export", expect=403)
        assert any(e["detail"].get("what") == "export" for e in api.get("audit?what=viewed")["items"])


def test_a_kill_in_the_midst_costs_nothing():
    with House(objects=fields()) as h:
        api = h.server.login("adam")
        count = 6000
        data = "external_id;name;number\n" + "".join(f"X{i};Osoba Numer {i};+48603{i:06}\n" if i % 100 else f"X{i};;\n"
                                                     for i in range(count))
        one = upload(api, data.encode())
        api.post(f"customers/imports/{one['id']}/start", {})
        path = f"customers/imports/{one['id']}"
        call, _, contact = h.talk(user="+48603000123")
        for _ in range(3):
            before = api.get(path)["progress"]["lines"]
            wait_until(lambda: api.get(path)["progress"]["lines"] > before or api.get(path)["state"] == "done", 60,
                       "it goes on")
            kill(h)
            api = h.server.login("adam")
        state = finished(api, one, 120)
        assert counts(state) == (count - count // 100, 0, 0, count // 100), state["progress"]
        rejects = api.ask("GET", f"{path}/rejects").body.decode("utf-8-sig").strip().splitlines()
        assert len(rejects) == 1 + count // 100 and len(set(rejects)) == len(rejects)
        assert len(found(api, "osoba 123", limit=500)) >= 1
        ids, after = set(), ""
        while after is not None:
            page = api.get(f"customers?limit=500{'&after=' + after if after else ''}")
            ids |= {c["external_id"] for c in page["items"]}
            after = page["next"]
        assert len(ids) == count - count // 100
        call.bye()
        h.settled()


test_a_kill_in_the_midst_costs_nothing.seconds = 240


def test_large_files_come_in_pieces_and_can_be_stopped():
    with server() as s:
        api = s.login("adam")
        text = "name;number\n" + "".join(f"Osoba {i};+48604{i:06}\n" for i in range(20000))
        data = text.encode()
        one = upload(api, data[:100_000])
        path = f"customers/imports/{one['id']}"
        api.ask("PUT", f"{path}/file?offset=5", data[5:10], expect=409)
        at = 100_000
        while at < len(data):
            piece = data[at:at + 200_000]
            at += len(piece)
            assert api.ask("PUT", f"{path}/file?offset={at - len(piece)}", piece).json["bytes"] == at
        api.post(f"{path}/start", {"duplicates": "add"})
        wait_until(lambda: api.get(path)["progress"]["lines"] > 0, 10, "it runs")
        api.ask("PUT", f"{path}/file?offset={at}", b"x", expect=409)
        api.ask("DELETE", path, expect=204)
        state = api.get(path)
        assert state["state"] == "stopped" and 0 < state["progress"]["created"] < 20000, state
        time.sleep(1)
        assert api.get(path)["progress"] == state["progress"]
