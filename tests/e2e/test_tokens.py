"""API tokens: other systems that ask, what each may, and how they end."""
import time

from harness import House, Server, site, wait_until
from live import Desk
from test_sessions import open_stream

TOKENS = "/api/v1/tenants/acme/tokens"


def make(api, name, *roles, **more):
    return api.ask("POST", TOKENS, {"name": name, "roles": list(roles), **more}, expect=201).json


def bearer(server, token):
    api = server.login("wera")
    api.token = token["token"]
    return api


def test_tokens_are_made_told_once_and_taken_back():
    with Server(site(5080, 5090)) as s:
        adam = s.login("adam")
        made = make(adam, "CRM", "viewer")
        assert made["token"].startswith("ctk_") and len(made["token"]) == 68, made
        assert made["by"] == "adam" and made["used_at"] is None and made["expires_at"] is None, made
        crm = bearer(s, made)
        me = crm.ask("GET", "/api/v1/me").json
        assert me["api_token"] and me["name"] == "CRM" and me["roles"] == ["viewer"], me
        assert crm.ask("GET", "/api/v1/tenants/acme/contacts").json["items"] == []
        listed = wait_until(lambda: [t for t in adam.ask("GET", TOKENS).json["items"] if t["used_at"]], 5,
                            "its use is told")[0]
        assert listed["id"] == made["id"] and listed["used_from"] == "127.0.0.1", listed
        assert "token" not in listed
        # nothing of it lies in the data folder
        raw = made["token"].encode()
        for file in s.data.rglob("*"):
            if file.is_file():
                assert raw not in file.read_bytes(), file
        # it outlives a death of the core
        s.kill("centrala-core")
        assert wait_until(lambda: crm.raw("GET", "/api/v1/me").status == 200, 10)
        stream = open_stream(crm)
        began = time.monotonic()
        adam.ask("DELETE", f"{TOKENS}/{made['id']}", expect=204)
        crm.ask("GET", "/api/v1/me", expect=401)
        while stream.recv(65536):
            assert time.monotonic() - began < 5, "the stream of a token that was taken back goes on"
        adam.ask("DELETE", f"{TOKENS}/{made['id']}", expect=404)
        assert adam.ask("GET", TOKENS).json["items"] == []
        told = [(e["what"], e["by"]) for e in adam.ask("GET", "/api/v1/tenants/acme/audit").json["items"]]
        assert ("token_made", "adam") in told and ("token_ended", "adam") in told, told


def test_tokens_end_by_themselves_and_are_no_persons():
    with House() as h:
        adam = h.server.login("adam")
        past = "2020-01-01T00:00:00.000Z"
        for bad in ({"name": "x"}, {"name": "", "roles": ["viewer"]}, {"name": "x", "roles": []},
                    {"name": "x", "roles": ["boss"]}, {"name": "x", "roles": ["viewer"], "expires_at": past},
                    {"name": "x", "roles": ["viewer"], "expires_at": "soon"}):
            adam.ask("POST", TOKENS, bad, expect=400)
        for role in ("agent", "supervisor", "admin", "viewer"):
            api = bearer(h.server, make(adam, role, role))
            for method, path, body in (("PUT", "/api/v1/me/settings", {}), ("POST", "/api/v1/logout", None),
                                       ("GET", "/api/v1/sessions", None), ("POST", TOKENS, {"name": "y", "roles": [role]})):
                refused = api.ask(method, path, body, expect=403).json
            if role == "admin":
                assert "no person" in refused["detail"], refused
        agent = bearer(h.server, make(adam, "as an agent", "agent"))
        assert "no person" in agent.ask("GET", "/api/v1/tenants/acme/contacts", expect=403).json["detail"]
        boss = bearer(h.server, make(adam, "as a supervisor", "supervisor"))
        assert "name the agent" in boss.ask("POST", "/api/v1/tenants/acme/calls", {"to": "+48601"}, expect=409).json["detail"]
        assert boss.ask("POST", "/api/v1/tenants/acme/agents/anna/presence", {"presence": "ready"}).json["presence"] == "ready"
        soon = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 8))
        short = bearer(h.server, make(adam, "for eight seconds", "viewer", expires_at=soon))
        assert short.raw("GET", "/api/v1/me").status == 200
        wait_until(lambda: short.raw("GET", "/api/v1/me").status == 401, 20, "it ends when it said")


def test_tokens_that_read_write_nowhere():
    """CVE GHSA-wcvv: a read-only key wrote over the WebSocket."""
    with House() as h:
        adam = h.server.login("adam")
        viewer = bearer(h.server, make(adam, "read only", "viewer"))
        with Desk(viewer) as desk:
            h.boss.ready("anna")
            call = h.ring()
            contact = h.contact_of(call)
            for verb in ("accept", "hold", "end", "move", "park", "monitor", "wrap", "transfer", "prioritise", "take_over"):
                desk.do(verb, 403, contact=contact)
            desk.do("presence", 403, agent="anna", presence="not_ready")
            desk.do("call", 403, to="+48601000002", agent="anna")
            desk.do("phone", 403, offer="v=0")
            assert [c for c in viewer.contacts() if not c["ended_at"]]
            made = make(adam, "second", "viewer")
            adam.ask("DELETE", f"{TOKENS}/{made['id']}", expect=204)
            mine = next(t for t in adam.ask("GET", TOKENS).json["items"] if t["name"] == "read only")
            adam.ask("DELETE", f"{TOKENS}/{mine['id']}", expect=204)
            wait_until(desk.over.is_set, 5, "its desk ends with it")
            call.cancel()
