"""Who may do what, over the wire (faults.md S12, S13): every address and every desk's command, as the server itself names
them, tried by every kind of caller; what comes must be what the table says (GET /api/v1/permissions, docs/permissions.md).
A new address is in the table and so in these tests."""
import http.client
import json
import re
import time

from harness import Api, House, free_port, site, wait_until
from live import Desk
from schema import Interface
from sip import UserAgent
from test_tokens import TOKENS, make

NONE = "00000000-0000-7000-8000-000000000000"  # a contact nobody ever had
NOBODY = "zz-none"
MARK = "BETA-MARK"
WRONG = {"zzz": 1}  # a body that no address takes: whoever may gets 400, and nothing is changed
HIDDEN = ("agents", "queues", "contacts", "recordings", "users")  # what teams part
NOT_FOR_AGENTS = ("users", "trunks", "flows", "drafts", "numbers")
OF_TEAMS = ("teams", "skills", "reasons", "outcomes", "prompts", "hours", "fields", "users", "queues")  # that their supervisors know

MORE = [
    {"kind": "team", "tenant": "acme", "id": "north", "name": "North"},
    {"kind": "queue", "tenant": "acme", "id": "polar", "name": "Polar", "team": "north"},
    {"kind": "user", "tenant": "acme", "id": "tina", "name": "Tina of North", "roles": ["supervisor"],
     "supervises": ["north"], "password": "tina-secret-1"},
    {"kind": "hours", "tenant": "acme", "id": "office", "weekly": {"mon": ["08:00-16:00"]}},
    {"kind": "field", "tenant": "acme", "id": "shoe", "name": "Shoe", "type": "text"},
    {"kind": "mass_event", "tenant": "acme", "id": "outage", "name": "Outage", "queues": ["support"]},
]


def beta(trunk_port, phone_port):
    """The same again as another tenant, every name of which is marked."""
    made = json.loads(json.dumps(site(trunk_port, phone_port)["objects"] + MORE).replace('"acme"', '"beta"')
                      .replace("acme.test", "beta.test").replace("+48221", "+48222").replace("+48601", "+48602"))
    for o in made:
        if "name" in o:
            o["name"] = f"{MARK} {o['name']}"
    return [o for o in made if o.get("tenant") != "system"]


class Caller:
    """One connection that stays; somebody, or nobody."""

    def __init__(self, name, role, api, token=False, user=None):
        self.name, self.role, self.api, self.token, self.user = name, role, api, token, user
        self.connection = http.client.HTTPConnection(api.address, timeout=20)

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.api.token}"} if self.api.token else {}
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        for again in (True, False):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                self.connection.close()
                if not again:
                    raise


class World:
    """acme with one call and everybody who may ask, beta with another; what exists in each."""

    def __init__(self, h, other):
        s = h.server
        self.carrier = other
        port = free_port()
        s.apply({"objects": MORE + beta(other.port, port)})
        call, phone, self.contact = h.talk()
        call.bye()
        phone.wait_over(3)
        self.recording = h.boss.wait_ended(self.contact)["recordings"][0]["id"]
        adam = s.login("adam")
        self.customer = adam.post("customers", {"name": "Jan Kowalski"}, 201)["id"]
        self.token = make(adam, "spare", "viewer")["id"]
        self.own = {"contact": self.contact, "recording": self.recording, "customer": self.customer, "token": self.token}
        badam = Api(s.http, tenant="beta").login("adam")
        ring = other.call(f"sip:+48222000001@{s.sip}", s.sip, user="+48602000001")
        self.theirs = {"contact": wait_until(lambda: [c["id"] for c in badam.contacts()], 5)[0]}
        ring.cancel()
        self.theirs["customer"] = badam.post("customers", {"name": f"{MARK} Secret"}, 201)["id"]
        self.theirs["token"] = badam.ask("POST", "/api/v1/tenants/beta/tokens", {"name": MARK, "roles": ["viewer"]}, expect=201).json["id"]
        self.theirs["recording"] = "0" * 8
        self.rows = adam.ask("GET", "/api/v1/permissions").json["items"]
        self.interface = Interface(adam.ask("GET", "/api/v1/openapi.json").json)
        paths = self.interface.openapi["paths"]
        self.verbs = sorted({p.rsplit("/", 1)[1] for p in paths
                             if re.fullmatch(r"/api/v1/tenants/\{tenant\}/contacts/\{contact\}/[a-z_]+", p) and "post" in paths[p]}
                            - {"customer"})
        alone = {r["address"].removeprefix("/api/v1/tenants/{t}/") for r in self.rows}  # kinds with addresses of their own
        self.kinds = sorted({p.split("/")[5] for p in paths if re.fullmatch(r"/api/v1/tenants/\{tenant\}/[a-z_]+/\{id\}/rollback", p)}
                            - alone)
        assert len(self.kinds) >= 12, self.kinds
        assert len(self.rows) > 90 and len(self.verbs) > 20, (len(self.rows), self.verbs)
        self.callers = [Caller(r, r, s.login(u), user=u) for r, u in (
            ("agent", "anna"), ("supervisor", "olga"), ("supervisor_of_teams", "tina"), ("admin", "adam"), ("viewer", "wera"))]
        self.callers += [Caller(f"token of {r}", r, Api(s.http, make(adam, r, r)["token"]), token=True)
                         for r in ("agent", "supervisor", "admin", "viewer")]
        self.nobody = Caller("nobody", None, Api(s.http))

    def undeclared(self, path, body):
        """What of an answer is not as the interface says it."""
        address = self.interface.template(path)
        schema = self.interface.answer(address) if address else None
        return [f"{address} {m}" for m in self.interface.mistakes(json.loads(body), schema)] if schema else []

    def ids(self, address, exists, of=None, user=None):
        """The addresses a row stands for, filled in: of what there is, or of what nobody has."""
        at = address.split("/{t}/")[-1]
        of = of or self.own
        known = {"agents": "anna", "queues": "support", "contacts": of["contact"], "recordings": of["recording"],
                 "customers": of["customer"], "users": "anna", "trunks": "carrier", "prompts": "welcome", "flows": "main",
                 "tokens": of["token"], "mass_events": "outage"}
        unknown = {"contacts": NONE, "customers": NONE}
        kinds = self.kinds if "{kinds}" in at else (at.split("/")[0],)
        for kind in kinds:
            name = (known if exists else unknown).get(kind, NOBODY)
            if kind in ("skills", "reasons", "outcomes", "hours", "fields", "teams", "numbers") and exists:
                name = {"skills": "billing", "reasons": "break", "outcomes": "solved", "hours": "office", "fields": "shoe",
                        "teams": "north", "numbers": "%2B48221000000"}[kind]
            if kind == "numbers" and not exists:
                name = "%2B48999"
            if user and kind in ("agents", "users") and not exists:
                name = user
            filled = address.replace("{kinds}", kind).replace("{id}", name).replace("{word}", "queues")
            for verb in self.verbs if "{verb}" in filled else [""]:
                yield kind, filled.replace("{verb}", verb)


def ask(caller, method, path):
    """Nothing that succeeds changes anything here: bodies are wrong, what would be deleted is not there."""
    if method == "DELETE" and path.endswith("/sessions"):
        path += "?id=ffffffffffffffff"
    return caller.ask(method, path, WRONG if method in ("POST", "PUT", "PATCH") else None)


def wanted(row, caller, kind):
    """What the table says of him: may, own, team or no."""
    right = row[caller.role]
    if caller.token and (row["person"] or right == "own"):
        right = "no"
    if right == "own" and "{kinds}" in row["address"]:  # what desks need and tells nothing of others
        right = "no" if kind in NOT_FOR_AGENTS else "yes"
    if right == "team" and "{kinds}" in row["address"] and kind not in OF_TEAMS:
        right = "no"
    return "no" if right == "system" else right


def judge(row, caller, kind, path, status, body):
    right, what = wanted(row, caller, kind), f"{caller.name}: {row['method']} {path}: {status} {body[:200]}"
    if "/v1/demo" in row["address"]:
        assert status == 404, f"no demo here, but: {what}"
    elif right == "no":
        assert status == 403, f"may not, but: {what}"
    elif right == "yes" or (right == "own" and caller.user in path.split("/")):
        assert status not in (401, 403), f"may, but: {what}"
    elif right == "own":
        assert status in (200, 400, 403, 404, 409), what
    elif right == "team":
        assert status not in (401, 403), what
        if row["method"] == "GET":  # all there is belongs to no team of tina's
            assert status == (404 if "{id}" in row["address"] and kind in HIDDEN else 200), what
            assert b'"support"' not in body and b'"anna"' not in body and b"+48601" not in body, what


def test_rights_are_what_the_table_says():
    other = UserAgent()
    try:
        with House() as h:
            w = World(h, other)
            tried, wrong = 0, {}
            for row in w.rows:
                method, address = row["method"], row["address"]
                if address == "/api/v1/logout":
                    continue  # ends who asks: below
                reads = method == "GET"
                for caller in w.callers:
                    own = caller.user if not reads and wanted(row, caller, "") == "own" else None
                    for kind, path in w.ids(address, reads, user=own):
                        path = path.replace("{t}", "acme")
                        status, body = ask(caller, method, path)
                        judge(row, caller, kind, path, status, body)
                        tried += 1
                        if reads and status == 200 and caller.name in ("admin", "viewer"):
                            wrong.update({m: path for m in w.undeclared(path, body)})
                for _, path in w.ids(address, reads):
                    status, body = ask(w.nobody, method, path.replace("{t}", "acme"))
                    assert status == (404 if "/v1/demo" in path else 401), f"nobody: {method} {path}: {status} {body[:200]}"
                    break
            logout = next(r for r in w.rows if r["address"] == "/api/v1/logout")
            for caller in w.callers:
                status, body = caller.ask("POST", "/api/v1/logout")
                assert status == (403 if caller.token else 204), (caller.name, status, body, logout)
            assert tried > 1500, tried
            assert not wrong, "\n".join(f"{what} ({path})" for what, path in sorted(wrong.items()))
            print(f"{len(w.rows)} addresses, {tried} times asked")
    finally:
        other.close()


def beyond(w, s, caller):
    """All addresses of another tenant, and of ours with its ids: 404 with one and the same body, and no mark."""
    said = set()
    for row in w.rows:
        if not row["tenant"]:
            continue
        for _, path in w.ids(row["address"], True, w.theirs):
            if row["method"] == "DELETE":
                continue
            status, body = ask(caller, row["method"], path.replace("{t}", "beta"))
            assert status == 404 and MARK.encode() not in body, (caller.name, row["method"], path, status, body[:300])
            said.add(body)
    status, body = ask(caller, "GET", "/api/v1/tenants/nowhere/queues")
    assert status == 404 and said == {body}, said


def test_rights_end_at_ones_tenant():
    other = UserAgent()
    try:
        with House() as h:
            w = World(h, other)
            for caller in w.callers:
                beyond(w, h.server, caller)
                # ids of the other tenant in ours: exactly as if nobody had them
                for row in w.rows:
                    if not row["tenant"] or "{id}" not in row["address"] or "{kinds}" in row["address"]:
                        continue
                    foreign = list(w.ids(row["address"], True, w.theirs))
                    unknown = list(w.ids(row["address"], False))
                    for (kind, there), (_, nowhere) in zip(foreign, unknown):
                        if kind not in ("contacts", "customers", "tokens", "recordings"):
                            continue
                        answers = [ask(caller, row["method"], p.replace("{t}", "acme")) for p in (there, nowhere)]
                        assert answers[0] == answers[1], (caller.name, row["method"], there, answers)
                        assert MARK.encode() not in answers[0][1]
                # lists, searches and exports of ours hold nothing of theirs
                for path in ("contacts", "customers?q=secret", "customers", "customers/export", "users", "queues", "audit", "events",
                             "reports/queues", "reports/agents", "reports/contacts", "tokens", "agents"):
                    status, body = caller.ask("GET", f"/api/v1/tenants/acme/{path}")
                    assert MARK.encode() not in body, (caller.name, path)
                for path in ("/api/v1/export", "/api/v1/tenants", "/api/v1/export?tenant=beta"):
                    assert MARK.encode() not in caller.ask("GET", path)[1], (caller.name, path)
                with Desk(caller.api, wait=False) as desk:
                    wait_until(lambda: desk.snapshots, 5)
                    assert MARK not in json.dumps(desk.snapshots)
                assert Desk(caller.api, "?tenant=beta", wait=False).status == 404, caller.name
    finally:
        other.close()


def test_rights_hold_on_desks_too():
    """CVE GHSA-wcvv: what a key may not over HTTP it did over the WebSocket."""
    other = UserAgent()
    try:
        with House() as h:
            w = World(h, other)
            by = {(r["method"], r["address"].split("/{t}/")[-1]): r for r in w.rows}
            rows = {v: by.get(("POST", f"contacts/{{id}}/{v}"), by[("POST", "contacts/{id}/{verb}")]) for v in w.verbs}
            commands = [(v, rows[v], {"contact": NONE, **WRONG}) for v in w.verbs]
            commands += [("presence", by[("POST", "agents/{id}/presence")], {"agent": "boris", **WRONG}),
                         ("call", by[("POST", "calls")], dict(WRONG)),
                         ("phone", by[("POST", "agents/{id}/phone")], dict(WRONG))]
            for word in ("message", "skills", "help"):
                row = by.get(("POST", {"message": "messages", "skills": "agents/{id}/skills", "help": "contacts/{id}/help"}[word]))
                if row:
                    commands.append((word, row, {"agent": "boris", "contact": NONE, **WRONG}))
            for caller in w.callers:
                with Desk(caller.api, wait=False) as desk:
                    wait_until(lambda: desk.snapshots, 5)
                    for word, row, body in commands:
                        status = 429
                        while status == 429:  # a desk may ask so often and no more
                            desk.last_id += 1
                            desk.send({"id": desk.last_id, "do": word, **body})
                            status = desk.answers.get(timeout=6)["error"]["status"]
                            if status == 429:
                                time.sleep(0.3)
                        right = wanted(row, caller, "")
                        if word == "presence" and right == "own":
                            right = "no"  # boris is somebody else
                        what = (caller.name, word, right, status)
                        assert status == 403 if right == "no" else status not in (401, 403) or right == "own", what
                        if word == "presence" and right == "team":
                            assert status == 404, what  # not of his team
    finally:
        other.close()


def test_rights_beyond_ones_tenant_are_told_there():
    """S12: whose ids were tried sees it in the audit, once; who tried learns nothing of it."""
    other = UserAgent()
    try:
        with House() as h:
            h.server.apply({"objects": beta(other.port, other.port)})
            anna = h.server.login("anna")
            theirs = h.server.login("adam", "adam-secret-1", "beta")
            for path in ("queues/support", "contacts", "users/olga"):
                known = anna.raw("GET", f"/api/v1/tenants/beta/{path}")
                unknown = anna.raw("GET", f"/api/v1/tenants/{NOBODY}/{path}")
                assert (known.status, known.body) == (404, unknown.body), (known, unknown)

            def told():
                found = theirs.get("audit")["items"]
                return [e for e in found if e["what"] == "alarm" and "acme/anna" in json.dumps(e)]
            wait_until(told, 5, "the other firm's audit tells of it")
            assert len(told()) == 1 and "foreign_access" in json.dumps(told()), told()
            assert "foreign_access" not in json.dumps(h.server.login("adam").get("audit"))
    finally:
        other.close()


for _name, _test in list(globals().items()):
    if _name.startswith("test_"):  # thousands of questions
        _test.seconds = 300
