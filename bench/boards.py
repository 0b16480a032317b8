#!/usr/bin/env python3
"""boards.py [SECONDS [CONTACTS [AGENTS [QUEUES]]]] - what supervisors' boards cost the server at scale.

2,000 callers wait in 50 queues, 500 agents are signed in and serve ten queues each; presences change twenty times a
second, and each second a caller gives up and another one comes. Measured, with none, one and five boards open: CPU of the core's main thread and web thread
(/proc/PID/task/TID/schedstat), and how old the newest figures are when they come. An alert is declared, so that what
boards ask of the main thread (ASK_BOARD) is asked once a second in any case: the first row has it too, once; the row
`no alert` has it not. CENTRALA=build/centrala python3 bench/boards.py
"""
import datetime
import pathlib
import re
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/e2e"))
from harness import House, wait_until  # noqa: E402
from live import Desk  # noqa: E402

SECONDS, CONTACTS, AGENTS, QUEUES = [int(a) for a in sys.argv[1:]] + [20, 2000, 500, 50][len(sys.argv) - 1:]
ALERT = {"kind": "alert", "tenant": "acme", "id": "never", "measure": "waiting", "above": 999999}


class Callers(threading.Thread):
    """Calls that wait: INVITE, ACK, and nothing after it; their sound goes nowhere."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.s.bind(("127.0.0.1", 0))
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.port = self.s.getsockname()[1]
        host, _, port = server.rpartition(":")
        self.server, self.answered = (host, int(port)), {}

    def send(self, method, n, to, body=""):
        me = f"127.0.0.1:{self.port}"
        number = f"+4822200{n % QUEUES:04}"
        self.s.sendto((f"{method} sip:{number}@{self.server[0]}:{self.server[1]} SIP/2.0\r\nVia: SIP/2.0/UDP {me};"
                       f"branch=z9hG4bK{method}{n}\r\nMax-Forwards: 70\r\nFrom: <sip:+4860{n:07}@{me}>;tag=f{n}\r\n"
                       f"To: {to}\r\nCall-ID: bench-{n}\r\nCSeq: {1 + (method == 'BYE')} {method}\r\nContact: <sip:bench@{me}>\r\n"
                       + ("Content-Type: application/sdp\r\n" if body else "") +
                       f"Content-Length: {len(body)}\r\n\r\n{body}").encode(), self.server)

    def call(self, n):
        sdp = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
               "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")
        self.send("INVITE", n, f"<sip:+4822200{n % QUEUES:04}@bench>", sdp)

    def run(self):
        while True:
            text = self.s.recv(4096).decode()
            n = int(re.search(r"Call-ID: *bench-(\d+)", text)[1]) if "bench-" in text else None
            if n is not None and text.startswith("SIP/2.0 200") and "INVITE" in re.search(r"CSeq:(.*)", text)[1]:
                self.answered[n] = re.search(r"\r\nTo: *(.*)\r\n", text)[1]
                self.send("ACK", n, self.answered[n])


def objects(port):
    made = [{"kind": "trunk", "tenant": "acme", "id": "bench", "peers": [f"127.0.0.1:{port}"], "codecs": ["PCMA"],
             "max_calls": 9000}]
    for q in range(QUEUES):
        made += [{"kind": "queue", "tenant": "acme", "id": f"q{q:02}", "name": f"Queue {q}", "max_waiting": 0,
                  "max_wait_s": 0, "record": "never"},
                 {"kind": "flow", "tenant": "acme", "id": f"f{q:02}", "start": "in",
                  "nodes": {"in": {"do": "queue", "queue": f"q{q:02}"}}},
                 {"kind": "number", "tenant": "acme", "id": f"+4822200{q:04}", "flow": f"f{q:02}"}]
    for a in range(AGENTS):
        made.append({"kind": "user", "tenant": "acme", "id": f"b{a:03}", "name": f"Agent {a}", "roles": ["agent"],
                     "phone": {"kind": "number", "number": f"+4850{a:07}"},
                     "queues": [f"q{(a + i) % QUEUES:02}" for i in range(10)]})
    return made


def presences(h, callers, stop):
    """Twenty presences a second, and each second one caller gives up and another one comes."""
    n = 0
    while not stop.wait(0.05):
        if n % 20 == 0:
            callers.send("BYE", n // 20, callers.answered.get(n // 20, "<sip:gone@bench>"))
            callers.call(CONTACTS + n // 20)
        h.boss.post(f"agents/b{n % AGENTS:03}/presence",
                    {"presence": "not_ready", "reason": ("meal", "meeting")[n // AGENTS % 2]})
        n += 1


def used_ns(pid):
    made = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = "main" if task.name == str(pid) else (task / "comm").read_text().strip()
        made[name] = made.get(name, 0) + int((task / "schedstat").read_text().split()[0])
    return made


def ages_ms(desks):
    """How old figures were when they came: all were made in the last seconds, on this machine's clock."""
    return sorted((heard - made) * 1000 for d in desks for heard, made in d.ages)


class Board(Desk):
    def _hear(self, m, at):
        if "board" in m:
            made = datetime.datetime.fromisoformat(m["board"]["at"].replace("Z", "+00:00")).timestamp()
            self.ages.append((time.time(), made))
            return
        self.events = self.boards = self.messages = []  # only their cost is looked at
        super()._hear(m, at)

    def __init__(self, api):
        self.ages = []
        super().__init__(api)


def last_seq(h):
    with Desk(h.boss) as d:
        return d.snapshots[0]["seq"]


def measure(h, what, boards):
    before, since = last_seq(h), time.monotonic()
    desks = [Board(h.boss) for _ in range(boards)]
    for d in desks:
        d.send({"id": 1, "do": "board", "on": True})
    wait_until(lambda: all(len(d.ages) > 0 for d in desks), 30, "figures")
    for d in desks:
        d.ages.clear()
    pid = h.server.children("centrala-core")[0]
    began, at = used_ns(pid), time.monotonic()
    time.sleep(SECONDS)
    took, ended = time.monotonic() - at, used_ns(pid)
    percent = {n: (ended[n] - began.get(n, 0)) / took / 1e7 for n in ended}
    ages = ages_ms(desks)
    facts = (last_seq(h) - before) / (time.monotonic() - since)
    print(f"{what:12} facts_per_s={facts:.0f} boards={boards} main_percent={percent['main']:.2f} web_percent={percent['web']:.2f} "
          f"core_percent={sum(percent.values()):.1f}" +
          (f" age_ms_p50={ages[len(ages) // 2]:.0f} age_ms_most={ages[-1]:.0f}" if ages else ""), flush=True)
    for d in desks:
        d.close()
    time.sleep(2)


def main():
    with House(settings={"limits.contacts": "6000", "media.ports": "40000-49999"}) as h:
        callers = Callers(h.server.sip)
        callers.start()
        h.server.apply({"objects": objects(callers.port)})
        for n in range(CONTACTS):
            callers.call(n)
            time.sleep(0.01)
        wait_until(lambda: len(callers.answered) >= CONTACTS * 0.99, 60, "callers are in")
        for a in range(AGENTS):
            h.boss.post(f"agents/b{a:03}/presence", {"presence": "not_ready", "reason": "meeting"})
        waiting = sum(h.boss.get(f"queues/q{q:02}/live")["waiting"] for q in range(QUEUES))
        print(f"contacts={waiting} agents={AGENTS} queues={QUEUES}", flush=True)
        stop = threading.Event()
        changes = threading.Thread(target=presences, args=(h, callers, stop))
        changes.start()
        try:
            measure(h, "no alert", 0)
            measure(h, "no alert", 1)
            h.server.apply({"objects": [ALERT]})
            time.sleep(5)
            for boards in (0, 1, 5):
                measure(h, "with alert", boards)
        finally:
            stop.set()
            changes.join()


if __name__ == "__main__":
    main()
