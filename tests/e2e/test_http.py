"""The HTTP door: sign-in, roles, tenants, problems, events, health."""
import http.client
import json
import time

from harness import Api, House, Server, site, wait_until

OTHER = [{"kind": "tenant", "id": "other", "name": "Other", "domain": "other.test", "locale": "pl",
          "time_zone": "Europe/Warsaw", "country": "PL"},
         {"kind": "queue", "tenant": "other", "id": "support", "name": "Theirs"},
         {"kind": "queue", "tenant": "other", "id": "secret-queue", "name": "Marker-7261"},
         {"kind": "user", "tenant": "other", "id": "boss", "name": "Boss", "roles": ["admin"],
          "password": "boss-secret-1"}]


def test_sign_in_and_out():
    with House() as h:
        for body in ({"tenant": "acme", "user": "anna", "password": "wrong"},
                     {"tenant": "acme", "user": "nobody", "password": "anna-secret-1"},
                     {"tenant": "nowhere", "user": "anna", "password": "anna-secret-1"}):
            answer = h.server.api.ask("POST", "/api/v1/login", body, expect=401)
            assert answer.json["status"] == 401
        answer = h.server.api.ask("POST", "/api/v1/login", {
            "tenant": "acme", "user": "anna", "password": "anna-secret-1"})
        assert answer.json["user"]["id"] == "anna", answer
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite" in cookie, cookie
        by_cookie = h.server.api.raw("GET", "/api/v1/tenants/acme/agents/anna",
                                     headers={"Cookie": cookie.split(";")[0]})
        assert by_cookie.status == 200
        anna = Api(h.server.http, answer.json["token"])
        assert anna.agent("anna")["id"] == "anna"
        anna.ask("POST", "/api/v1/logout", {}, expect=(200, 204))
        anna.get("agents/anna", expect=401)
        h.server.api.get("/api/v1/tenants/acme/agents", expect=401)
        Api(h.server.http, "x" * 43).get("agents", expect=401)


def test_guessing_is_slowed():
    with House() as h:
        seen = []
        for _ in range(40):
            answer = h.server.api.raw("POST", "/api/v1/login", {
                "tenant": "acme", "user": "anna", "password": "guess"})
            seen.append(answer.status)
            if answer.status == 429:
                assert answer.headers.get("retry-after"), answer
                break
        assert seen[-1] == 429 and set(seen[:-1]) == {401}, seen
        # even the right password has to wait from here: a second at least
        assert h.server.api.raw("POST", "/api/v1/login", {
            "tenant": "acme", "user": "anna", "password": "anna-secret-1"}).status == 429
        h.server.login("boris")  # others are not slowed


def test_a_new_password_signs_out():
    with Server(site(5080, 5090)) as s:
        adam, olga, wera = s.login("adam"), s.login("olga"), s.login("wera")
        s.apply(site(5080, 5090))  # the same passwords: nobody notices
        olga.get("agents")
        body = {"name": "Olga Boss", "roles": ["supervisor"]}
        adam.put("users/olga", {**body, "name": "Olga"})  # a secret left out stays
        olga.get("agents")
        adam.put("users/olga", {**body, "password": "olga-secret-2"})
        wait_until(lambda: olga.raw("GET", "/api/v1/tenants/acme/agents").status == 401, 3)
        s.login("olga", "olga-secret-2").get("agents")
        adam.ask("DELETE", "users/wera", None, 204)
        adam.put("users/wera", {"name": "Another", "roles": ["viewer"], "password": "w-secret-9"})
        wait_until(lambda: wera.raw("GET", "/api/v1/tenants/acme/agents").status == 401, 3)


def test_roles():
    with House() as h:
        anna, viewer, admin = (h.server.login(u) for u in ("anna", "wera", "adam"))
        anna.presence("anna", "not_ready", "break")
        anna.presence("boris", "not_ready", "break", expect=403)
        anna.ask("PUT", "queues/x", {"name": "X"}, expect=403)
        viewer.presence("anna", "ready", expect=403)
        viewer.ask("DELETE", "outcomes/solved", expect=403)
        viewer.get("queues/support/live")
        h.boss.presence("anna", "not_ready", "break")
        admin.put("queues/x", {"name": "X"})
        root = h.server.login("admin", "root-secret-1", "system")
        assert root.get("queues/x")["name"] == "X"
        h.boss.get("users/anna")
        assert "password" not in json.dumps(admin.get("users/anna"))


def test_presence_rules():
    with House() as h:
        # a reason is compulsory, and the tenant's own
        bare = h.boss.presence("anna", "not_ready", expect=400)
        assert bare["errors"][0]["path"] == "$.reason", bare
        assert bare["errors"][0]["message"].startswith("a reason is needed: break"), bare
        wrong = h.boss.presence("anna", "not_ready", "nonsense", expect=400)
        assert wrong["errors"] == [{"path": "$.reason", "message": "no such reason: nonsense"}]
        h.boss.post("agents/anna/presence", {"presence": "sleeping"}, expect=(400, 422))
        h.boss.presence("nobody", "ready", expect=404)
        h.boss.presence("anna", "ready")
        assert h.boss.agent("anna")["presence"] == "ready"
        h.boss.presence("anna", "signed_out")
        assert h.boss.agent("anna")["presence"] == "signed_out"


def test_tenants_are_apart():
    with House(objects=OTHER) as h:
        theirs = Api(h.server.http, tenant="other").login("boss", tenant="other")
        theirs.get("queues/secret-queue")
        foreign = h.boss.raw("GET", "/api/v1/tenants/other/queues/secret-queue")
        nowhere = h.boss.raw("GET", "/api/v1/tenants/nowhere/queues/secret-queue")
        unknown = h.boss.raw("GET", "/api/v1/tenants/acme/queues/secret-queue")
        assert foreign.status == nowhere.status == unknown.status == 404
        plain = lambda a: {k: v for k, v in a.json.items() if k != "instance"}
        assert plain(foreign) == plain(nowhere) == plain(unknown), (foreign, nowhere, unknown)
        call = h.ring().wait_answer(3)
        contact = h.contact_of(call)
        for path in (f"contacts/{contact}", f"contacts/{contact}/events", f"contacts/{contact}/why"):
            theirs.get(path, expect=404)
        assert theirs.contacts() == []
        theirs.post(f"contacts/{contact}/wrap", {"outcome": "solved"}, expect=404)
        for path in ("agents", "queues", "users", "contacts", "events"):
            foreign = theirs.raw("GET", f"/api/v1/tenants/acme/{path}")
            assert foreign.status == 404, (path, foreign)
            ours = json.dumps(h.boss.get(path))
            assert "Marker-7261" not in ours
        call.bye()
        stream = json.dumps(theirs.get("events?after=0"))
        assert contact not in stream and "+48601000001" not in stream
        h.settled()


def test_problems():
    with House() as h:
        for answer in (h.boss.raw("GET", "/api/v1/nothing/here"), h.boss.raw("GET", "/nothing.txt"),
                       h.boss.raw("GET", "/api/v1/tenants/acme/contacts/zzz")):
            assert answer.status == 404
            assert answer.headers["content-type"].startswith("application/problem+json"), answer
            assert answer.json["status"] == 404 and answer.json["title"]
        assert h.boss.raw("DELETE", "/healthz").status in (404, 405)
        h.boss.raw("GET", "/api/v1/tenants/acme/contacts?limit=0").status in (400, 422)
        big = h.boss.raw("PUT", "/api/v1/tenants/acme/outcomes/x", b'{"name":"' + b"a" * 3_000_000 +
                         b'"}', {"Content-Type": "application/json"})
        assert big.status in (400, 403, 413, 422), big


def test_health_and_interface():
    with House() as h:
        assert h.server.api.raw("GET", "/healthz").status == 200
        assert h.server.api.raw("GET", "/readyz").status == 200
        metrics = h.server.api.raw("GET", "/metrics")
        assert metrics.status == 200 and b"# TYPE" in metrics.body or b"centrala" in metrics.body
        openapi = h.server.api.raw("GET", "/api/v1/openapi.json")
        assert openapi.status == 200 and openapi.json["openapi"].startswith("3.1")


def test_garbage_does_no_harm():
    import socket
    with House() as h:
        host, port = h.server.http.split(":")
        for bytes_ in (b"\0" * 2000, b"GET / HTTP/9.9\r\n\r\n", b"GET " + b"x" * 200000,
                       b"POST /api/v1/login HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
                       b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with socket.create_connection((host, int(port)), 2) as s:
                try:
                    s.sendall(bytes_)
                    s.settimeout(0.3)
                    s.recv(100)
                except OSError:
                    pass
        sip_host, sip_port = h.server.sip.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
            for bytes_ in (b"\0", b"INVITE", b"INVITE sip:x SIP/2.0\r\n\r\n", b"\xff" * 3000,
                           b"SIP/2.0 200 OK\r\nVia: \r\nCSeq: 1\r\n\r\n"):
                u.sendto(bytes_, (sip_host, int(sip_port)))
        core = h.server.children("centrala-core")
        time.sleep(0.3)
        assert h.server.children("centrala-core") == core, "the core died of garbage"
        assert h.server.api.raw("GET", "/healthz").status == 200


def test_event_stream():
    with House() as h:
        first = h.boss.get("events?after=0")
        items = first["items"]
        assert items, "no events"
        assert [i["seq"] for i in items] == sorted({i["seq"] for i in items})
        for a, b in zip(items, items[1:]):
            assert b["prev"] == a["seq"], (a, b)
        last = items[-1]["seq"]
        while True:
            page = h.boss.get(f"events?after={last}&limit=500")["items"]
            if not page:
                break
            last = page[-1]["seq"]
        connection = http.client.HTTPConnection(h.server.http, timeout=5)
        connection.request("GET", f"/api/v1/tenants/acme/events?after={last}", headers={
            "Accept": "text/event-stream", "Authorization": f"Bearer {h.boss.token}"})
        response = connection.getresponse()
        assert response.status == 200
        assert response.getheader("content-type").startswith("text/event-stream")
        call = h.ring().wait_answer(3)
        call.bye()
        seen, end = [], time.monotonic() + 20
        block = {}
        while time.monotonic() < end:
            line = response.readline().decode().rstrip("\r\n")
            if line == "" and block.get("data"):
                item = json.loads(block["data"])
                assert str(item["seq"]) == block.get("id"), block
                seen.append(item)
                block = {}
                if item["event"] == "disconnect":
                    break
            elif ":" in line and not line.startswith(":"):
                key, _, value = line.partition(":")
                block[key] = value.strip()
        connection.close()
        assert seen[0]["prev"] == last, (last, seen[0])
        for a, b in zip(seen, seen[1:]):
            assert b["prev"] == a["seq"]
        names = [s["event"] for s in seen]
        assert "arrive" in names and "enqueue" in names and names[-1] == "disconnect", names
        replay = h.boss.get(f"events?after={last}")["items"][:len(seen)]
        assert replay == seen, "the stream and the replay differ"


def test_pages_of_contacts():
    with House() as h:
        for i in range(5):
            h.ring(user=f"+4860100050{i}").wait_answer(3).bye()
        wait_until(lambda: len(h.boss.contacts()) == 5, 3, "five contacts")
        found, after = [], None
        for _ in range(5):
            page = h.boss.get("contacts?limit=2" + (f"&after={after}" if after else ""))
            assert len(page["items"]) <= 2
            found += [c["id"] for c in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert len(found) == 5 and len(set(found)) == 5, found
        assert found == [c["id"] for c in h.boss.contacts()], "newest first, in the same order"


def test_idempotency_key():
    with House() as h:
        key = {"Idempotency-Key": "abc-1"}
        first = h.boss.ask("POST", "agents/anna/presence", {"presence": "ready"}, headers=key)
        h.boss.presence("anna", "not_ready", "break")
        again = h.boss.ask("POST", "agents/anna/presence", {"presence": "ready"}, headers=key)
        assert again.json == first.json
        assert h.boss.agent("anna")["presence"] == "not_ready", "it was done twice"
