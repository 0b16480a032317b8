#!/usr/bin/env python3
"""server.py - the server under test, in a folder of its own, as bench/peer/README.md wants it.

  server.py start N [KEY=VALUE]...  N agents a0001 ... signed in and ready; prints times and memory
  server.py stop | pids
  server.py cpu                     milliseconds of CPU of all its processes
  server.py memory                  resident memory now, KiB
  server.py crash                   kills the core; how long until it serves again, who is still there
  server.py show WHAT               centrala ctl show WHAT

Numbers: q, d (queue, not recorded), qr, dr (recorded), menu (greeting, menu, then q), wait (a queue
that nobody serves). CENTRALA is the program, BENCH_DIR the folder for its data.
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("CENTRALA", str(ROOT / "build/centrala"))
DIR = pathlib.Path(os.environ.get("BENCH_DIR", tempfile.gettempdir() + "/centrala-bench"))
HTTP = os.environ.get("BENCH_HTTP", "127.0.0.1:18201")
SIP = os.environ.get("BENCH_SIP", "127.0.0.1:15201")
PHONES = os.environ.get("BENCH_PHONES", "127.0.0.1:7000")
TRUNK = os.environ.get("BENCH_TRUNK", "127.0.0.1:17070")
MEDIA_PORTS = os.environ.get("BENCH_MEDIA_PORTS", "40000-49999")
SUPERVISOR = ("bench", "supervisor", "bench-supervisor")


def queue(name, record):
    return {"kind": "queue", "tenant": "bench", "id": name, "name": name, "strategy": "longest_idle",
            "threshold_s": 20, "short_abandon_s": 5, "ring_s": 30, "wrap_s": 0,
            "outcome_required": False, "max_waiting": 10000, "max_wait_s": 3600, "music": "default",
            "record": record}


def site(agents):
    queues = {"q": "never", "qr": "always", "d": "never", "dr": "always", "wait": "never"}
    made = [
        {"kind": "tenant", "id": "bench", "name": "Bench", "domain": "bench.test", "locale": "en",
         "time_zone": "Europe/Warsaw", "country": "PL"},
        {"kind": "trunk", "tenant": "bench", "id": "carrier", "peers": [TRUNK],
         "codecs": ["PCMU", "PCMA"], "max_calls": 9000},
        {"kind": "prompt", "tenant": "bench", "id": "welcome", "text": {"en": "Good morning."}},
        {"kind": "prompt", "tenant": "bench", "id": "menu", "text": {"en": "Billing: one."}},
        {"kind": "flow", "tenant": "bench", "id": "menu", "start": "hello", "nodes": {
            "hello": {"do": "play", "prompt": "welcome", "next": "menu"},
            "menu": {"do": "menu", "prompt": "menu", "timeout_s": 5, "tries": 3,
                     "keys": {"1": "queue"}, "else": "queue"},
            "queue": {"do": "queue", "queue": "q"}}},
        {"kind": "number", "tenant": "bench", "id": "menu", "flow": "menu"},
        {"kind": "user", "tenant": "bench", "id": SUPERVISOR[1], "name": "Supervisor",
         "roles": ["supervisor"], "password": SUPERVISOR[2]},
    ]
    for name, record in queues.items():
        made += [queue(name, record),
                 {"kind": "flow", "tenant": "bench", "id": name, "start": "queue",
                  "nodes": {"queue": {"do": "queue", "queue": name}}},
                 {"kind": "number", "tenant": "bench", "id": name, "flow": name}]
    made += [{"kind": "user", "tenant": "bench", "id": f"a{i:04}", "name": f"Agent {i}",
              "roles": ["agent"], "phone": {"kind": "sip", "contact": f"sip:a{i:04}@{PHONES}"},
              "queues": ["q", "qr", "d", "dr"], "capacity": {"voice": 100}}
             for i in range(1, agents + 1)]
    return {"objects": made}


class Api:
    """One kept connection, signed in as the supervisor."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(HTTP, timeout=30)
        self.token = None
        tenant, user, password = SUPERVISOR
        self.token = self.ask("POST", "/api/v1/login",
                              {"tenant": tenant, "user": user, "password": password})["token"]

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else None


def pids():
    """The supervisor and its children, the parent first."""
    first = int((DIR / "pid").read_text())
    children = pathlib.Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


def comm(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


def pid_of(name):
    return next(p for p in pids() if comm(p) == name)


def cpu_ms():
    total = 0
    for pid in pids():
        f = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(f[11]) + int(f[12])
    return total * 1000 // os.sysconf("SC_CLK_TCK")


def memory_kib():
    """Resident memory of each process, shared pages counted once a process (Rss) and shared out (Pss)."""
    made = {}
    for pid in pids():
        f = dict(line.split(":", 1) for line in
                 pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
        made[comm(pid)] = (int(f["Rss"].split()[0]), int(f["Pss"].split()[0]))
    return made


def told(memory):
    return " ".join([f"rss_kib={sum(r for r, _ in memory.values())}",
                     f"pss_kib={sum(p for _, p in memory.values())}",
                     *(f"{n}_pss_kib={p}" for n, (_, p) in memory.items())])


def start(agents, settings):
    stop()
    shutil.rmtree(DIR, ignore_errors=True)
    DIR.mkdir(parents=True)
    (DIR / "site.json").write_text(json.dumps(site(agents)))
    command = [PROGRAM, "serve", "--data", str(DIR / "data"), "--site", str(DIR / "site.json")]
    for s in [f"http.listen={HTTP}", f"sip.listen={SIP}", f"media.ports={MEDIA_PORTS}",
              "log.level=warn", *settings]:
        command += ["--set", s]
    before = time.monotonic()
    with open(DIR / "out", "wb") as out, open(DIR / "log", "wb") as log:
        server = subprocess.Popen(command, stdout=out, stderr=log, start_new_session=True)
    (DIR / "pid").write_text(str(server.pid))
    while b"ready " not in (DIR / "out").read_bytes():
        if server.poll() is not None or time.monotonic() - before > 60:
            raise SystemExit((DIR / "log").read_text()[-2000:] or "not ready within 60 s")
        time.sleep(0.005)
    ready_s, ready_ms = time.monotonic() - before, cpu_ms()
    while len(pids()) > 3:  # the synthesiser speaks the prompts, once
        time.sleep(0.02)
    memory = memory_kib()
    api = Api()
    for i in range(1, agents + 1):
        api.ask("POST", f"/api/v1/tenants/bench/agents/a{i:04}/presence", {"presence": "ready"})
    print(f"start agents={agents} ready_s={ready_s:.2f} ready_cpu_s={ready_ms / 1000:.2f} "
          f"signed_in_cpu_s={(cpu_ms() - ready_ms) / 1000:.2f} "
          f"{told(memory)} load={os.getloadavg()[0]:.1f}")


def stop():
    try:
        all_pids = pids()
        if comm(all_pids[0]) != "centrala":
            return
        os.kill(all_pids[0], signal.SIGTERM)
    except (OSError, ValueError, IndexError):
        return
    for _ in range(200):
        if not any(pathlib.Path(f"/proc/{p}/stat").exists() and
                   ") Z " not in pathlib.Path(f"/proc/{p}/stat").read_text() for p in all_pids):
            return
        time.sleep(0.05)
    os.kill(all_pids[0], signal.SIGKILL)


def alive(api):
    """(waiting, talking) in queue q, as the server says."""
    waiting = api.ask("GET", "/api/v1/tenants/bench/queues/q/live")["waiting"]
    talking, after = 0, ""
    while after is not None:
        page = api.ask("GET", f"/api/v1/tenants/bench/agents?limit=500{after}")
        talking += sum(a["work"] == "talking" for a in page["items"])
        after = f"&after={page['next']}" if page["next"] else None
    return waiting, talking


def crash():
    """As a fault would do it; the clock runs from the kill to a /readyz that says 200."""
    before_waiting, before_talking = alive(Api())
    old, media = pid_of("centrala-core"), pid_of("centrala-media")
    before = time.monotonic()
    os.kill(old, signal.SIGKILL)
    while True:
        try:
            connection = http.client.HTTPConnection(HTTP, timeout=0.5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200 and pid_of("centrala-core") != old:
                break
        except (OSError, http.client.HTTPException, StopIteration):
            pass
        time.sleep(0.005)
        if time.monotonic() - before > 60:
            raise SystemExit("no core within 60 s")
    took = time.monotonic() - before
    f = pathlib.Path(f"/proc/{pid_of('centrala-core')}/stat").read_text().rsplit(")", 1)[1].split()
    cpu_s = (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
    waiting, talking = alive(Api())
    print(f"restart waiting={before_waiting}:{waiting} talking={before_talking}:{talking} "
          f"ready_s={took:.2f} core_cpu_s={cpu_s:.2f} "
          f"media_lives={int(pid_of('centrala-media') == media)} load={os.getloadavg()[0]:.1f}")


def main(words):
    if words[:1] == ["start"] and len(words) > 1:
        start(int(words[1]), [w for w in words[2:] if "=" in w])
    elif words == ["stop"]:
        stop()
    elif words == ["pids"]:
        print(*pids())
    elif words == ["cpu"]:
        print(cpu_ms())
    elif words == ["memory"]:
        print(told(memory_kib()))
    elif words == ["crash"]:
        crash()
    elif words[:1] == ["show"]:
        os.execv(PROGRAM, [PROGRAM, "ctl", "--data", str(DIR / "data"), *words])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
