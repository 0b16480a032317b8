"""Who is signed in: sessions, their limits and ends, what is kept for a user, requests of strangers' pages."""
import json
import socket
import time

from harness import Api, Server, site, wait_until

ME = "/api/v1/me"


def rules(**more):
    """The site of the harness with other rules for its tenant."""
    made = site(5080, 5090)
    made["objects"][0].update(more)
    return made


def open_stream(api):
    host, port = api.address.split(":")
    stream = socket.create_connection((host, int(port)), timeout=10)
    stream.sendall(f"GET /api/v1/tenants/acme/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                   f"{api.token}\r\nAccept: text/event-stream\r\n\r\n".encode())
    assert stream.recv(65536).startswith(b"HTTP/1.1 200")
    return stream


def dead(api):
    return api.raw("GET", ME).status == 401


def test_me():
    with Server(site(5080, 5090)) as s:
        anna = s.login("anna")
        me = anna.ask("GET", ME).json
        assert me["tenant"] == "acme" and me["user"] == "anna" and me["roles"] == ["agent"], me
        assert me["tenant_name"] == "Acme S.A." and me["locale"] == "en", me
        assert me["time_zone"] == "Europe/Warsaw" and me["settings"] == {}, me
        assert "contacts:act:own" in me["permissions"] and "agents:read" in me["permissions"], me
        assert not [p for p in me["permissions"] if p.startswith(("users:write", "apply"))], me
        assert len(set(me["permissions"])) == len(me["permissions"])
        adam = s.login("adam").ask("GET", ME).json["permissions"]
        assert "contacts:act" in adam and "objects:write" in adam and "apply:create" in adam, adam
        s.api.ask("GET", ME, expect=401)

        wanted = {"language": "pl", "theme": "dark", "keys": {"ready": "Alt+R"}, "z": "żółć"}
        assert anna.ask("PUT", f"{ME}/settings", wanted).json == wanted
        assert anna.ask("GET", ME).json["settings"] == wanted
        assert s.login("boris").ask("GET", ME).json["settings"] == {}
        anna.ask("PUT", f"{ME}/settings", {"theme": "pink"}, expect=400)
        anna.ask("PUT", f"{ME}/settings", [1], expect=400)
        anna.ask("PUT", f"{ME}/settings", {"x": "y" * 20000}, expect=413)
        s.kill("centrala-core")
        assert wait_until(lambda: anna.raw("GET", ME).status == 200, 10)
        assert anna.ask("GET", ME).json["settings"] == wanted


def test_sessions_are_listed_and_ended():
    with Server(site(5080, 5090)) as s:
        one, two, three = (s.login("anna") for _ in range(3))
        items = one.ask("GET", "/api/v1/sessions").json["items"]
        assert len(items) == 3 and [i["current"] for i in items].count(True) == 1, items
        assert all(i["from"] == "127.0.0.1" and i["expires_at"] > i["began_at"] for i in items)
        assert one.token not in json.dumps(items)
        mine = two.ask("GET", "/api/v1/sessions").json["items"]
        two_id = next(i["id"] for i in mine if i["current"])
        one.ask("DELETE", f"/api/v1/sessions?id={two_id}", expect=204)
        assert dead(two) and not dead(three)
        one.ask("DELETE", f"/api/v1/sessions?id={two_id}", expect=404)
        one.ask("DELETE", "/api/v1/sessions", expect=204)
        assert dead(three) and not dead(one)

        boris, adam = s.login("boris"), s.login("adam")
        path = "/api/v1/tenants/acme/users/anna/sessions"
        boris.ask("GET", path, expect=403)
        boris.ask("DELETE", path, expect=403)
        assert len(one.ask("GET", path).json["items"]) == 1
        adam.ask("GET", path.replace("anna", "nobody"), expect=404)
        adam.ask("DELETE", path, expect=204)
        assert dead(one) and not dead(boris) and not dead(adam)


def test_each_sign_in_has_a_new_id_and_too_many_end_the_oldest():
    with Server(rules(sessions_max=3)) as s:
        made = [s.login("anna") for _ in range(4)]
        assert len({a.token for a in made}) == 4
        assert [dead(a) for a in made] == [True, False, False, False]
        # an id that a stranger chose is not taken over
        answer = s.api.raw("POST", "/api/v1/login", {
            "tenant": "acme", "user": "boris", "password": "boris-secret-1"},
            headers={"Cookie": "centrala_session=" + "a" * 64,
                     "Origin": f"http://{s.http}"})
        assert answer.status == 200 and "a" * 64 not in answer.headers["set-cookie"], answer
        assert Api(s.http, "a" * 64).raw("GET", ME).status == 401


def test_idle_and_absolute_limits():
    with Server(rules(session_idle_s=2, session_max_s=6)) as s:
        busy, lazy = s.login("anna"), s.login("boris")
        began = time.monotonic()
        while time.monotonic() - began < 3.2:
            assert not dead(busy)
            time.sleep(0.4)
        assert dead(lazy)
        # nobody tried this one: it ended all the same
        s.login("boris")
        wait_until(lambda: dead(busy), 5)
        assert time.monotonic() - began > 4.5
        root = Api(s.http).login("admin", "root-secret-1", "system")
        path = "/api/v1/tenants/acme/users/boris/sessions"
        wait_until(lambda: not root.ask("GET", path).json["items"], 15)


def test_sessions_die_with_rights():
    """S14: tokens and event streams, within 5 s."""
    boss = {"name": "Olga Boss", "roles": ["supervisor"]}
    changes = {"role": {**boss, "roles": ["viewer"]}, "disabled": {**boss, "disabled": True},
               "password": {**boss, "password": "olga-secret-2"}}
    for change in changes.values():
        with Server(site(5080, 5090)) as s:
            adam, olga = s.login("adam"), s.login("olga")
            stream = open_stream(olga)
            adam.put("users/olga", change)
            since = time.monotonic()
            wait_until(lambda: dead(olga), 5)
            while stream.recv(65536):
                assert time.monotonic() - since < 5, change
            if change.get("disabled"):
                for password in ("olga-secret-1", "olga-secret-2"):
                    s.api.ask("POST", "/api/v1/login", {"tenant": "acme", "user": "olga",
                                                        "password": password}, expect=401)
                adam.put("users/olga", boss)
                s.login("olga")


def test_a_core_that_dies_forgets_no_sign_in_and_no_sign_out():
    with Server(site(5080, 5090)) as s:
        stays, gone = s.login("anna"), s.login("anna")
        gone.ask("POST", "/api/v1/logout", {}, expect=204)
        s.kill("centrala-core")
        wait_until(lambda: stays.raw("GET", ME).status == 200, 10)
        assert dead(gone)


def test_pages_of_strangers_change_nothing():
    """S15: cross-origin forms and fetches, JSON as text/plain, no CORS headers."""
    with Server(site(5080, 5090)) as s:
        answer = s.api.raw("POST", "/api/v1/login", {
            "tenant": "acme", "user": "anna", "password": "anna-secret-1"})
        cookie = {"Cookie": answer.headers["set-cookie"].split(";")[0]}
        ours = {**cookie, "Origin": f"http://{s.http}"}
        path, body = f"{ME}/settings", json.dumps({"theme": "dark"}).encode()
        hostile = [
            ({"Origin": "http://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({"Origin": f"https://{s.http}.evil.example"}, 403),
            ({"Origin": f"http://{s.http}", "Sec-Fetch-Site": "cross-site"}, 403),
            ({"Origin": f"http://{s.http}", "Sec-Fetch-Site": "same-site"}, 403),
            ({"Referer": f"http://{s.http}/"}, 403),
            ({}, 403),
        ]
        for more, status in hostile:
            got = s.api.raw("PUT", path, body=body, headers={
                **cookie, "Content-Type": "application/json", **more})
            assert got.status == status, (more, got)
            assert not [k for k in got.headers if k.lower().startswith("access-control")], got
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                     "text/plain; application/json", "", None):
            more = {} if kind is None else {"Content-Type": kind}
            got = s.api.raw("PUT", path, body=body, headers={**ours, **more})
            assert got.status == 415, (kind, got)
        # a preflight gives nothing away
        got = s.api.raw("OPTIONS", path, headers={
            "Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"})
        assert not [k for k in got.headers if k.lower().startswith("access-control")], got
        assert s.api.raw("GET", ME, headers=cookie).json["settings"] == {}
        got = s.api.raw("PUT", path, body=body, headers={
            **ours, "Content-Type": "application/json; charset=utf-8"})
        assert got.status == 200, got
        assert s.api.raw("GET", ME, headers=cookie).json["settings"] == {"theme": "dark"}
        # a stranger's page cannot sign its reader in as somebody else either
        got = s.api.raw("POST", "/api/v1/login", {
            "tenant": "acme", "user": "anna", "password": "anna-secret-1"},
            headers={"Origin": "http://evil.example"})
        assert got.status == 403 and "set-cookie" not in got.headers, got


def test_reports_of_the_policy_are_counted():
    with Server(site(5080, 5090)) as s:
        count = lambda: int(next(line.split()[1] for line in s.api.raw("GET", "/metrics").body
                                 .decode().splitlines()
                                 if line.startswith("cc_csp_reports_total ")))
        assert count() == 0
        report = {"csp-report": {"effective-directive": "script-src\r\nevent=forged",
                                 "blocked-uri": "inline"}}
        for body in (json.dumps(report).encode(), b"{", b"[]", b"\xff"):
            got = s.api.raw("POST", "/api/v1/csp_reports", body=body, headers={
                "Content-Type": "application/csp-report", "Origin": "null"})
            assert got.status == 204, got
        assert count() == 4
        lines = [line for line in (s.data / "stderr.log").read_text().splitlines() if "csp_report" in line]
        assert len(lines) == 1 and "script-src??event=forged" in lines[0], lines
