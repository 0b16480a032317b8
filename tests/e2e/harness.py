"""harness.py - the built program as a stranger meets it: starts, asks, kills, and looks at what is left.

Everything goes through contract.md: the command line, HTTP, SIP, files that are promised, /proc.
"""
import contextlib
import copy
import http.client
import json
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import postgres
import sip
from ports import free_port
from schema import Interface
from sip import UserAgent
from waiting import happens, wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("CENTRALA", str(ROOT / "build/centrala"))
# which database every server of a test gets: sqlite, or a new one on a private postgresql
STORE = os.environ.get("E2E_STORE", "sqlite")
SEEDS = int(os.environ.get("E2E_SEEDS", "3"))
STRICT = os.environ.get("E2E_STRICT")
# Hz: no harmonic of each other, and above what music and prompts are made of, so that neither is
# ever mistaken for a voice
CUSTOMER, AGENT = 1700, 2300


BEFORE = -11  # the priority of the tests' own threads, as of media's: a phone that is stopped says nothing about a server


def plainly(words):
    """This command at the priority that everybody else has."""
    return [*(["nice", "-n", str(-BEFORE)] if os.getpriority(os.PRIO_PROCESS, 0) == BEFORE else []), *words]


class Skip(Exception):
    """The test cannot be run here; the reason is shown."""


def seeds(count=None):
    first = int(os.environ.get("E2E_FIRST_SEED", "1"))
    return range(first, first + (count or SEEDS))


def near(value, expected, tolerance, what=""):
    assert value is not None and abs(value - expected) <= tolerance, \
        f"{what}: {value} is not within {tolerance} of {expected}"


def clear_of_edge(period_s, seconds):
    """Waits past the next edge of a period (900: a quarter of an hour, 3600: midnights too) that is nearer than this."""
    left = period_s - time.time() % period_s
    if left < seconds:
        time.sleep(left + 0.1)


def site(trunk_port, phone_port, agents=("anna", "boris"), queue_more=None, objects=(), **more):
    """The site of contract.md section 2, small: one tenant, one menu, one queue, some agents.

    Number +48221000000 goes through greeting and menu, +48221000001 straight into the queue.
    """
    queue = {"kind": "queue", "tenant": "acme", "id": "support", "name": "Support",
             "strategy": "longest_idle", "threshold_s": 20, "short_abandon_s": 5, "ring_s": 15,
             "wrap_s": 1, "outcome_required": False, "max_waiting": 200, "max_wait_s": 600,
             "music": "default", "record": "always", **(queue_more or {})}
    made = [
        {"kind": "tenant", "id": "acme", "name": "Acme S.A.", "domain": "acme.test",
         "locale": "en", "time_zone": "Europe/Warsaw", "country": "PL"},
        {"kind": "user", "tenant": "system", "id": "admin", "name": "Root", "roles": ["admin"],
         "password": "root-secret-1"},
        {"kind": "trunk", "tenant": "acme", "id": "carrier", "peers": [f"127.0.0.1:{trunk_port}"],
         "codecs": ["PCMA", "PCMU"], "caller_id": "+48221000000", "max_calls": 500},
        {"kind": "number", "tenant": "acme", "id": "+48221000000", "flow": "main"},
        {"kind": "number", "tenant": "acme", "id": "+48221000001", "flow": "direct"},
        {"kind": "skill", "tenant": "acme", "id": "billing", "name": "Billing"},
        {"kind": "reason", "tenant": "acme", "id": "break", "name": "Break", "paid": True,
         "max_minutes": 15},
        {"kind": "outcome", "tenant": "acme", "id": "solved", "name": "Solved"},
        {"kind": "prompt", "tenant": "acme", "id": "welcome",
         "text": {"en": "Hello.", "pl": "Dzień dobry."}},
        {"kind": "prompt", "tenant": "acme", "id": "menu", "text": {"en": "Billing: one.",
                                                                   "pl": "Rachunki: jeden."}},
        queue,
        {"kind": "flow", "tenant": "acme", "id": "main", "start": "hello", "nodes": {
            "hello": {"do": "play", "prompt": "welcome", "next": "menu"},
            "menu": {"do": "menu", "prompt": "menu", "timeout_s": 5, "tries": 3,
                     "keys": {"1": "support", "9": "bye"}, "else": "bye"},
            "support": {"do": "queue", "queue": "support", "on": {"full": "bye", "timeout": "bye"}},
            "bye": {"do": "hangup"}}},
        {"kind": "flow", "tenant": "acme", "id": "direct", "start": "support", "nodes": {
            "support": {"do": "queue", "queue": "support", "on": {"full": "bye", "timeout": "bye"}},
            "bye": {"do": "hangup"}}},
        {"kind": "user", "tenant": "acme", "id": "olga", "name": "Olga Boss",
         "roles": ["supervisor"], "password": "olga-secret-1"},
        {"kind": "user", "tenant": "acme", "id": "adam", "name": "Adam Admin", "roles": ["admin"],
         "password": "adam-secret-1"},
        {"kind": "user", "tenant": "acme", "id": "wera", "name": "Wera Viewer", "roles": ["viewer"],
         "password": "wera-secret-1"},
    ]
    for name in agents:
        made.append({"kind": "user", "tenant": "acme", "id": name, "name": name.title(),
                     "roles": ["agent"], "password": f"{name}-secret-1",
                     "sip_password": f"{name}-sip-1",
                     "phone": {"kind": "sip", "contact": f"sip:{name}@127.0.0.1:{phone_port}"},
                     "skills": {"billing": 5}, "queues": ["support"], "capacity": {"voice": 100}})
    return {"objects": [*made, *copy.deepcopy(list(objects))]}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Api:
    """One signed-in (or anonymous) HTTP client."""
    interface = None  # the same for all servers of a run

    def __init__(self, address, token=None, tenant="acme"):
        self.address, self.token, self.tenant = address, token, tenant

    def raw(self, method, path, body=None, headers=(), seconds=10.0):
        connection = http.client.HTTPConnection(self.address, timeout=seconds)
        try:
            all_headers = dict(headers)
            if self.token:
                all_headers.setdefault("Authorization", f"Bearer {self.token}")
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                all_headers.setdefault("Content-Type", "application/json")
            connection.request(method, path, body.encode() if isinstance(body, str) else body,
                               all_headers)
            response = connection.getresponse()
            return Answer(response.status, dict((k.lower(), v) for k, v in response.getheaders()),
                          response.read())
        finally:
            connection.close()

    def ask(self, method, path, body=None, expect=200, **more):
        if not path.startswith("/"):
            path = f"/api/v1/tenants/{self.tenant}/{path}"
        answer = self.raw(method, path, body, **more)
        allowed = expect if isinstance(expect, (tuple, list, set)) else (expect,)
        assert answer.status in allowed, f"{method} {path}: {answer} instead of {expect}"
        if STRICT:
            self.declared(method, path, answer)
        return answer

    def declared(self, method, path, answer):
        """E2E_STRICT=FILE: whatever is not as api/openapi.yaml says it is written there."""
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        if not Api.interface:
            Api.interface = Interface(self.raw("GET", "/api/v1/openapi.json").json)
        address = Api.interface.template(path)
        schema = address and Api.interface.answer(address, method.lower(), str(answer.status))
        wrong = Api.interface.mistakes(answer.json, schema) if schema else []
        with open(STRICT, "a") as out:
            out.writelines(f"{method} {address} {mistake}\n" for mistake in sorted(set(wrong)))

    def get(self, path, expect=200, **more):
        answer = self.ask("GET", path, None, expect, **more)
        return answer.json if answer.body else None

    def post(self, path, body=None, expect=200, **more):
        answer = self.ask("POST", path, {} if body is None else body, expect, **more)
        return answer.json if answer.body else None

    def put(self, path, body, expect=(200, 201), **more):
        answer = self.ask("PUT", path, body, expect, **more)
        return answer.json if answer.body else None

    # -- shorter words --
    def login(self, user, password=None, tenant=None):
        tenant = tenant or self.tenant
        answer = self.ask("POST", "/api/v1/login", {
            "tenant": tenant, "user": user, "password": password or f"{user}-secret-1"})
        assert answer.json["token"]
        return Api(self.address, answer.json["token"], tenant if tenant != "system" else "acme")

    def presence(self, agent, presence, reason=None, expect=200):
        body = {"presence": presence}
        if reason:
            body["reason"] = reason
        return self.post(f"agents/{agent}/presence", body, expect)

    def ready(self, *agents):
        for agent in agents:
            self.presence(agent, "ready")

    def agent(self, agent):
        return self.get(f"agents/{agent}")

    def wait_work(self, agent, work, seconds=5.0):
        return wait_until(lambda: (lambda a: a if a["work"] == work else None)(self.agent(agent)),
                          seconds, f"{agent} becomes {work}")

    def contacts(self, **query):
        items, after = [], None
        while True:
            words = {**query, "limit": 500, **({"after": after} if after else {})}
            page = self.get("contacts?" + urllib.parse.urlencode(words))
            items += page["items"]
            after = page.get("next")
            if not after:
                return items

    def contact(self, contact):
        return self.get(f"contacts/{contact}")

    def wait_contact(self, contact, test, seconds=5.0, message="the contact's record"):
        return wait_until(lambda: (lambda c: c if test(c) else None)(self.contact(contact)),
                          seconds, message)

    def wait_ended(self, contact, seconds=5.0):
        return self.wait_contact(contact, lambda c: c["ended_at"], seconds, "the contact ends")

    def events(self, contact):
        found = self.get(f"contacts/{contact}/events")
        return found["items"] if isinstance(found, dict) else found

    def figures(self, contact, party="agent"):
        """What media counted of each leg of this party while it was on the contact."""
        return [e for e in self.events(contact) if e["event"] == "leg_end" and e["party"] == party]

    def live(self, queue="support"):
        return self.get(f"queues/{queue}/live")

    def wait_waiting(self, count, queue="support", seconds=5.0):
        return wait_until(lambda: (lambda q: q if q["waiting"] == count else None)(self.live(queue)),
                          seconds, f"{count} wait in {queue}")

    def report(self, queue="support", interval_s=0):
        now = time.time()
        query = urllib.parse.urlencode({
            "from": stamp(now - 3600), "to": stamp(now + 3600), "interval_s": interval_s})
        rows = self.get(f"reports/queues?{query}")
        rows = rows["items"] if isinstance(rows, dict) else rows
        rows = [r for r in rows if r["queue"] == queue]
        assert len(rows) <= 1 or interval_s, rows
        return (rows[0] if rows else None) if interval_s == 0 else rows

    def recording(self, recording):
        return self.ask("GET", f"recordings/{urllib.parse.quote(recording)}").body


def stamp(seconds):
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + ".000Z"


class Server:
    """A running `centrala serve` with its own data directory. Use as a context."""

    def __init__(self, objects=None, settings=(), start=True):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="centrala-e2e-"))
        self.site = self.data / "site.json"
        if objects is not None:
            self.site.write_text(json.dumps(objects))
        low = random.randrange(30000, 32000, 2)
        self.settings = {"http.listen": f"127.0.0.1:{free_port()}",
                         "sip.listen": f"127.0.0.1:{free_port()}",
                         "media.ports": f"{low}-{low + 499}", **dict(settings)}
        if STORE == "postgresql" and "store.url" not in self.settings:
            server = postgres.shared()
            self.settings["store.url"] = server.url(server.database())
        if "store.url" in self.settings:  # other commands than serve look there too
            (self.data / "centrala.conf").write_text(f"store.url = {self.settings['store.url']}\n")
        self.process = self.http = self.sip = None
        self.lines, self.ready = [], queue.Queue()
        self.log = open(self.data / "stderr.log", "ab")
        self.first = True
        self.leave = os.environ.get("E2E_KEEP")
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if self.process and self.process.poll() is None:
                self.stop(quiet=kind is not None)
        finally:
            if self.process and self.process.poll() is None:
                self.kill_all()
            self.log.close()
            if kind is None:
                self.sound_of_mind()
            if kind is None and not self.leave:
                shutil.rmtree(self.data, ignore_errors=True)
            else:
                print(f"    left for looking at: {self.data}")
        return False

    def sound_of_mind(self):
        """No failed CHECK, no sanitizer's report, nobody who died of anything but our kill -9 (L9)."""
        text = (self.data / "stderr.log").read_text(errors="replace")
        for line in text.splitlines():
            died = re.search(r"event=ended .*signal=(\d+)", line)
            assert not (died and died[1] not in ("9", "15")), f"{line} ({self.data})"
            for word in ("check_failed", "AddressSanitizer:", "ThreadSanitizer:", "runtime error:"):
                assert word not in line or "bytes leaked" in line or " leaked in " in line, \
                    f"{line} ({self.data})"

    # -- life --
    def start(self, seconds=20.0):
        words = [PROGRAM, "serve", "--data", str(self.data)]
        if self.first and self.site.exists():
            words += ["--site", str(self.site)]
        for key, value in self.settings.items():
            words += ["--set", f"{key}={value}"]
        began = time.monotonic()
        self.process = subprocess.Popen(plainly(words), stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        start_new_session=True)
        self.ready = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, self.ready), daemon=True).start()
        try:
            line = self.ready.get(timeout=seconds)
        except queue.Empty:
            line = None
        if line is None:
            status = self.process.poll()
            self.kill_all()
            raise AssertionError(f"serve did not say ready within {seconds} s (status {status}): "
                                 + self.tail())
        words = dict(w.split("=", 1) for w in line.split()[1:])
        self.http, self.sip = words["http"], words["sip"]
        self.start_seconds = time.monotonic() - began
        self.first = False
        self.api = Api(self.http)
        return self

    def _read(self, process, ready):
        for line in process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("ready "):
                ready.put(line)
        ready.put(None)

    def tail(self, lines=15):
        text = (self.data / "stderr.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def stop(self, seconds=5.0, quiet=False):
        """SIGTERM; must end within 5 s with status 0 (contract section 1)."""
        began = time.monotonic()
        kids = self.children()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(seconds + 0.5)
        except subprocess.TimeoutExpired:
            self.kill_all()
            if not quiet:
                raise AssertionError(f"not stopped {seconds} s after SIGTERM") from None
            return None
        took = time.monotonic() - began
        if not quiet:
            assert status == 0, f"exit status {status} after SIGTERM: {self.tail()}"
            assert took <= seconds, f"stopping took {took:.1f} s"
            left = [k for k in kids if alive(k)]
            assert not left, f"children {left} outlived serve"
        return took

    def kill_all(self):
        """kill -9 of serve and its children, as if the machine lost power (almost)."""
        kids = self.children()
        for pid in [self.process.pid, *kids]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not [k for k in kids if alive(k)], 3, "children gone")

    def children(self, name=None):
        """Pids of serve's descendants, by the name in /proc/PID/comm."""
        found, parents = [], {self.process.pid} if self.process else set()
        table = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, ValueError):
                    text = (entry / "stat").read_text()
                    comm = text[text.index("(") + 1:text.rindex(")")]
                    state, parent = text[text.rindex(")") + 2:].split()[:2]
                    if state != "Z":
                        table[int(entry.name)] = (comm, int(parent))
        grew = True
        while grew:
            grew = False
            for pid, (comm, parent) in table.items():
                if parent in parents and pid not in parents:
                    parents.add(pid)
                    found.append((pid, comm))
                    grew = True
        return [pid for pid, comm in found if name is None or comm == name]

    def kill(self, name):
        """kill -9 of one child; returns when that was."""
        pids = wait_until(lambda: self.children(name), 5, f"{name} runs")
        at = time.monotonic()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(p) for p in pids), 3, f"{name} is dead")
        return at

    # -- looking --
    def login(self, user="olga", password=None, tenant="acme"):
        return Api(self.http, tenant=tenant).login(user, password)

    def run(self, *words, expect=0, seconds=30, text=None):
        """Another centrala command on the same data; returns its standard output."""
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=seconds,
                              input=text)
        assert done.returncode == expect, \
            f"centrala {' '.join(words)}: status {done.returncode}, not {expect}: " \
            f"{done.stdout[-800:]} {done.stderr[-800:]}"
        self.stderr = done.stderr
        return done.stdout

    def apply(self, objects, expect=0):
        path = self.data / "apply.json"
        path.write_text(json.dumps(objects))
        return self.run("apply", "--data", str(self.data), str(path), expect=expect)

    def export(self):
        return json.loads(self.run("export", "--data", str(self.data)))

    def check(self):
        return self.run("check", "--data", str(self.data))

    def healthy(self, seconds=5.0):
        def up():
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.api.raw("GET", "/healthz", seconds=1).status == 200
            return False
        wait_until(up, seconds, "/healthz is 200")


def alive(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text[text.rindex(")") + 2] != "Z"


class House:
    """A server with a carrier, phones for its agents and a signed-in supervisor: most tests' start."""

    def __init__(self, agents=("anna", "boris"), policy=None, settings=(), **site_words):
        self.carrier = UserAgent()
        self.phones = UserAgent(policy=policy)
        self.agents = agents
        self.objects = site(self.carrier.port, self.phones.port, agents, **site_words)
        self.server = Server(self.objects, settings)

    def __enter__(self):
        try:
            self.boss = self.server.login()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *why):
        try:
            return self.server.__exit__(*why)
        finally:
            self.carrier.close()
            self.phones.close()

    def ring(self, number="+48221000001", user="+48601000001", hz=CUSTOMER, **more):
        return self.carrier.call(f"sip:{number}@{self.server.sip}", self.server.sip, user=user, hz=hz,
                                 **more)

    def contact_of(self, call, seconds=3.0):
        """The id of the contact that a caller's call became."""
        user = sip.user_of(call.local)

        def find():
            return next((c["id"] for c in self.boss.contacts() if c["from"] == user), None)
        return wait_until(find, seconds, f"a contact of {user}")

    def talk(self, number="+48221000001", user="+48601000001", agent="anna", hz=AGENT):
        """A caller and an agent who talk, both with their tones: (call, phone's call, contact)."""
        self.boss.ready(agent)
        call = self.ring(number, user)
        call.wait_answer()
        phone = self.phones.wait_call()
        assert phone.user == agent, f"{phone.user}'s phone rang"
        phone.ring()
        phone.accept()
        phone.say(hz)
        assert happens(phone.established, 3), "no ACK came to the phone"
        contact = self.contact_of(call)
        self.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
        return call, phone, contact

    def settled(self, seconds=5.0):
        """Nobody lives any more and the books agree (T-3)."""
        wait_until(lambda: not [c for c in self.boss.contacts() if not c["ended_at"]], seconds,
                   "all contacts end")
        conserved(self.boss.report())
        self.server.check()


def conserved(row):
    """behaviours.md T-3: offered is the sum of all ends and those who wait."""
    if row is None:
        return
    ends = ["answered", "abandoned", "flow_out", "callbacks", "rejected", "failed", "waiting"]
    assert row["offered"] == sum(row[e] or 0 for e in ends), f"T-3 does not hold: {row}"
