"""Who is signed in: sessions, their limits and ends, what is kept for a user, requests of strangers' pages."""
import base64
import hashlib
import hmac
import json
import socket
import threading
import time

from harness import Api, House, Server, site, wait_until
from mallory import Mallory

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
    with Server(rules(session_idle_s=4, session_max_s=12)) as s:
        began = time.monotonic()
        busy, lazy = s.login("anna"), s.login("boris")
        signed_in = time.monotonic()
        while time.monotonic() - signed_in < 5.5:
            assert not dead(busy)
            time.sleep(0.4)
        assert dead(lazy)
        # nobody tried this one: it ended all the same
        s.login("boris")
        wait_until(lambda: dead(busy), 15)
        assert time.monotonic() - began > 11
        root = Api(s.http).login("admin", "root-secret-1", "system")
        path = "/api/v1/tenants/acme/users/boris/sessions"
        wait_until(lambda: not root.ask("GET", path).json["items"], 25)


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


def totp(secret, step=None):
    """RFC 6238, written from the RFC."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int(time.time()) // 30 if step is None else step
    mac = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[19] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 1000000:06d}"


def sign_in(s, user, expect, **more):
    return s.api.ask("POST", "/api/v1/login", {
        "tenant": "acme", "user": user, "password": f"{user}-secret-1", **more}, expect=expect).json


def enrol(s, api, user):
    """Secret, recovery codes, and the step of the code that was used for it."""
    api.ask("POST", f"{ME}/totp", {"password": "wrong"}, expect=403)
    made = api.ask("POST", f"{ME}/totp", {"password": f"{user}-secret-1"}).json
    assert made["uri"].startswith(f"otpauth://totp/centrala:{user}@acme?secret={made['secret']}&")
    api.ask("POST", f"{ME}/totp/confirm", {"code": "000000"}, expect=400)
    step = int(time.time()) // 30
    codes = api.ask("POST", f"{ME}/totp/confirm", {"code": totp(made["secret"], step)}).json
    assert len(set(codes["recovery_codes"])) == 10, codes
    return made["secret"], codes["recovery_codes"], step


def test_a_second_factor():
    with Server(site(5080, 5090)) as s:
        anna = s.login("anna")
        secret, recovery, step = enrol(s, anna, "anna")
        assert anna.ask("GET", ME).json["totp"] == {"on": True, "required": False,
                                                    "recovery_codes": 10}
        asked = sign_in(s, "anna", 401)
        assert asked["totp"] is True and asked["status"] == 401, asked
        assert "totp" not in sign_in(s, "boris", 200)
        # whoever does not know the password does not learn that there is a second factor
        got = s.api.ask("POST", "/api/v1/login", {"tenant": "acme", "user": "anna", "password": "x"},
                        expect=401).json
        assert "totp" not in got, got
        assert sign_in(s, "anna", 401, code=totp(secret, step))["totp"]  # was used to confirm
        token = sign_in(s, "anna", 200, code=totp(secret, step + 1))["token"]
        s.kill("centrala-core")
        wait_until(lambda: s.api.raw("GET", "/healthz").status == 200, 10)
        sign_in(s, "anna", 401, code=totp(secret, step + 1))  # used, also after the core's death
        # the window would let step - 1 pass, but something newer was used
        sign_in(s, "anna", 401, code=totp(secret, step - 1))
        # a recovery code instead, however it is written, and once
        sign_in(s, "anna", 200, code=recovery[3].lower().replace("-", " "))
        sign_in(s, "anna", 401, code=recovery[3])
        again = Api(s.http, token)
        assert again.ask("GET", ME).json["totp"]["recovery_codes"] == 9
        # nothing of it can be read
        root = s.login("admin", "root-secret-1", "system")
        seen = json.dumps([root.get("users/anna"), root.get("events?after=0&limit=500"),
                           root.ask("GET", "/api/v1/export").json])
        assert secret not in seen and "recovery" not in seen and '"box"' not in seen
        disk = b"".join(p.read_bytes() for p in s.data.rglob("*") if p.is_file())
        plain = base64.b32decode(secret + "=" * (-len(secret) % 8))
        for what in (secret.encode(), plain, plain.hex().encode(), recovery[0].encode(),
                     recovery[0].replace("-", "").encode()):
            assert what not in disk
        # an admin resets it, nobody else
        s.login("olga").ask("DELETE", "users/anna/totp", expect=403)
        s.login("adam").ask("DELETE", "users/anna/totp", expect=204)
        sign_in(s, "anna", 200)


def test_guessing_codes_is_slowed():
    with Server(site(5080, 5090)) as s:
        secret, _, step = enrol(s, s.login("anna"), "anna")
        seen = []
        for i in range(40):
            # asking without a code in between must not forget the wrong ones
            code = {} if i % 3 == 2 else {"code": "000000"}
            answer = s.api.raw("POST", "/api/v1/login", {
                "tenant": "acme", "user": "anna", "password": "anna-secret-1", **code})
            seen.append(answer.status)
            if answer.status == 429:
                break
        assert seen[-1] == 429 and set(seen[:-1]) == {401} and len(seen) < 12, seen
        s.login("boris")


def test_a_tenant_that_wants_second_factors():
    with Server(rules(totp="admins")) as s:
        s.login("anna").get("agents")  # no admin
        adam = s.login("adam")
        assert adam.ask("GET", ME).json["totp"] == {"on": False, "required": True}
        got = adam.get("agents", expect=403)
        assert "second factor" in got["detail"], got
        adam.ask("POST", "/api/v1/apply", {"objects": []}, expect=403)
        enrol(s, adam, "adam")
        adam.get("agents")
        assert sign_in(s, "adam", 401)["totp"]
        # by two at once a code is taken once
        secret = None
        adam.ask("DELETE", f"{ME}/totp", {"password": "wrong"}, expect=403)
        adam.ask("DELETE", f"{ME}/totp", {"password": "adam-secret-1"}, expect=204)
        adam.get("agents", expect=403)
        secret, _, step = enrol(s, adam, "adam")
        body = {"tenant": "acme", "user": "adam", "password": "adam-secret-1",
                "code": totp(secret, step + 1)}
        seen = []
        ask = lambda: seen.append(s.api.raw("POST", "/api/v1/login", body).status)
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(seen) == [200, 401, 401, 401], seen


def test_ones_own_password():
    with Server(site(5080, 5090)) as s:
        anna, other = s.login("anna"), s.login("anna")
        path = f"{ME}/password"
        new = "żółw na rowerze 7"
        anna.ask("POST", path, {"old": "wrong", "new": new}, expect=403)
        for bad in ("short", "password1234", "PassWord1234", "aaaaaaaaaaaaaaa", "abababababab",
                    "anna12345678"[:11], "żółwżółwżółw"):
            got = anna.ask("POST", path, {"old": "anna-secret-1", "new": bad}, expect=400).json
            assert got["errors"][0]["path"] == "$.new", (bad, got)
        got = anna.ask("POST", path, {"old": "anna-secret-1", "new": new})
        fresh = Api(s.http, got.json["token"])
        assert "centrala_session=" in got.headers["set-cookie"]
        fresh.get("agents")
        assert dead(anna) and dead(other)
        s.api.ask("POST", "/api/v1/login", {"tenant": "acme", "user": "anna",
                                            "password": "anna-secret-1"}, expect=401)
        s.login("anna", new)
        # all else about her is as it was
        assert s.login("adam").get("users/anna")["queues"] == ["support"]
        statuses = [fresh.raw("POST", path, {"old": "guess", "new": new}).status for _ in range(9)]
        assert statuses[0] == 403 and statuses[-1] == 429, statuses


def test_signing_in_with_anothers_token_mixes_nobody_up():
    with Server(site(5080, 5090)) as s:
        olga = s.login("olga")
        for _ in range(3):
            got = olga.ask("POST", "/api/v1/login", {
                "tenant": "acme", "user": "anna", "password": "anna-secret-1"},
                headers={"Idempotency-Key": "k"})
            assert got.json["user"]["id"] == "anna" and "idempotency-replayed" not in got.headers
            assert olga.ask("GET", ME).json["user"] == "olga"
        anna = Api(s.http, got.json["token"])
        assert anna.ask("GET", ME).json["user"] == "anna"
        # what is told once is not kept for whoever asks again with the same key
        key = {"Idempotency-Key": "again"}
        password = {"password": "anna-secret-1"}
        made = [anna.ask("POST", f"{ME}/totp", password, headers=key).json for _ in range(2)]
        assert made[0]["secret"] != made[1]["secret"]


def test_a_registration_ends_with_its_password():
    """S14: the telephone of somebody who is disabled, or got another SIP password, is nobody's within 5 s."""
    rita = {"kind": "user", "tenant": "acme", "id": "rita", "name": "Rita", "roles": ["agent"],
            "password": "rita-secret-1", "sip_password": "rita-sip-1", "phone": {"kind": "sip"},
            "queues": ["support"]}
    with House(objects=[rita]) as h, Mallory(h.server.sip) as m:
        ready = lambda: h.boss.agent("rita")["phone"]["ready"]
        adam = h.server.login("adam")
        body = {k: rita[k] for k in ("name", "roles", "phone", "queues")}
        assert m.register("rita", "rita-sip-1") == 200
        wait_until(ready, 3)
        adam.put("users/rita", {**body, "name": "Rita R."})
        time.sleep(0.5)
        assert ready()
        adam.put("users/rita", {**body, "sip_password": "rita-sip-2"})
        wait_until(lambda: not ready(), 5)
        assert m.register("rita", "rita-sip-1") in (401, 403)
        assert m.register("rita", "rita-sip-2") == 200
        wait_until(ready, 3)
        adam.put("users/rita", {**body, "disabled": True})
        wait_until(lambda: m.register("rita", "rita-sip-2") in (401, 403), 5)
        shown = lambda: h.boss.raw("GET", "/api/v1/tenants/acme/agents/rita")
        wait_until(lambda: shown().status == 404 or not shown().json["phone"]["ready"], 5)
        adam.put("users/rita", body)  # and back
        assert m.register("rita", "rita-sip-2") == 200
        wait_until(ready, 3)
