#!/usr/bin/env python3
"""reports.py - how long a day's report takes in a house with a past.

    bench/reports.py [--days 10] [--contacts 100000]

Fills the tables of a fresh SQLite house with so many contacts a day in 20 queues with 200 agents, as the
store's folds would, starts the server on it and asks over HTTP, ten times each. CENTRALA names the program (build/centrala).
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import urllib.parse
import uuid as uuid_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("CENTRALA", str(ROOT / "build" / "centrala"))
from harness import Server, site, stamp  # noqa: E402

DAY_MS = 86400000


def record(uuid, at, wait, talk, queue, agent):
    """As the store's fold writes it, about 1 kB."""
    t = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"
    segments = [{"kind": "flow", "started_at": t(at), "ended_at": t(at), "result": "completed"},
                {"kind": "queue", "queue": queue, "started_at": t(at), "ended_at": t(at + wait),
                 "result": "answered" if agent else "abandoned", "wait_ms": wait}]
    if agent:
        segments.append({"kind": "agent", "queue": queue, "agent": agent, "started_at": t(at + wait),
                         "ended_at": t(at + wait + talk), "result": "completed", "talk_ms": talk, "hold_ms": 0,
                         "wrap_ms": 0})
    return json.dumps({"id": str(uuid_of.UUID(bytes=uuid)), "channel": "voice", "direction": "inbound",
                       "state": "ended", "from": f"+4860{at % 10000000:07}", "to": "+48221000000", "queue": queue,
                       "agent": agent, "customer": None, "arrived_at": t(at),
                       "disconnected_at": t(at + wait + talk), "ended_at": t(at + wait + talk),
                       "ended_by": "customer", "cause": None, "outcome": "solved" if agent else None,
                       "segments": segments, "wait_ms": wait, "talk_ms": talk, "hold_ms": 0, "wrap_ms": 0,
                       "promises": [], "dials": [], "recordings": [], "quality": []}, separators=(",", ":"))


def fill(db, days, contacts, end_ms):
    dice = random.Random(7)
    db.execute("DELETE FROM contacts")
    for day in range(days):
        began = end_ms - (days - day) * DAY_MS
        rows, segments, offers = [], [], []
        for i in range(contacts):
            at = began + int(i * DAY_MS / contacts)
            uuid = (at << 80 | dice.getrandbits(80)).to_bytes(16, "big")
            queue, agent = f"q{dice.randrange(20):02}", f"a{dice.randrange(200):03}"
            wait = int(dice.expovariate(1 / 15000))
            lost = dice.random() < 0.1
            talk = 0 if lost else int(dice.expovariate(1 / 180000))
            rows.append(("acme", uuid, at, at + wait + talk, "ended", queue, agent, "+48600000000",
                         "+48221000000", "voice", "inbound", record(uuid, at, wait, talk, queue, None if lost else agent)))
            segments.append(("acme", uuid, 0, "queue", queue, None, at, at + wait,
                             "abandoned" if lost else "answered", 0 if lost else 1, wait, talk, 0, 0))
            offers.append(("acme", uuid, 0, queue, agent, at, at + wait,
                           "cancelled_by_caller" if lost else "accepted"))
            if not lost:
                segments.append(("acme", uuid, 1, "agent", queue, agent, at + wait, at + wait + talk,
                                 "completed", 1, 0, talk, 0, 0))
        db.executemany("INSERT INTO contacts(tenant, id, arrived_at, ended_at, state, queue, agent, "
                       "from_, to_, channel, direction, record) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", rows)
        db.executemany("INSERT INTO segments(tenant, contact, n, kind, queue, agent, started_at, "
                       "ended_at, result, handled, wait_ms, talk_ms, hold_ms, wrap_ms) "
                       "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", segments)
        db.executemany("INSERT INTO offers(tenant, contact, n, queue, agent, started_at, ended_at, "
                       "result) VALUES(?,?,?,?,?,?,?,?)", offers)
        db.executemany("INSERT INTO agent_spells(tenant, agent, seq, from_ms, to_ms, presence, work, "
                       "reason) VALUES('acme',?,?,?,?,'ready',?,'')",
                       [(f"a{a:03}", 10**9 + day * 10**6 + n, began + n * 60000, began + n * 60000 + 60000,
                         "talking" if n % 2 else "idle") for a in range(200) for n in range(480)])
        db.commit()


def cpu_ms(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """Its own memory, now and at most."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    anon = int(status["RssAnon"].split()[0]) >> 10
    return f"{anon} MiB, at most {int(status['VmHWM'].split()[0]) >> 10} MiB with its files"


def best(boss, pid, path, tries=10):
    """Milliseconds until the answer, the best; of the core's processor, on average; its bytes."""
    took, size, cpu = [], 0, cpu_ms(pid)
    for _ in range(tries):
        at = time.monotonic()
        answer = boss.raw("GET", f"/api/v1/tenants/acme/{path}", seconds=120)
        took.append((time.monotonic() - at) * 1000)
        assert answer.status == 200, answer
        size = len(answer.body)
    return min(took), (cpu_ms(pid) - cpu) / tries, size


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--days", type=int, default=10)
    p.add_argument("--contacts", type=int, default=100000)
    args = p.parse_args()
    server = Server(site(5999, 5998))
    try:
        server.stop()
        end = int(time.time() * 1000) // DAY_MS * DAY_MS
        db = sqlite3.connect(server.data / "centrala.db")
        fill(db, args.days, args.contacts, end)
        db.close()
        print(f"database {(server.data / 'centrala.db').stat().st_size >> 20} MiB, "
              f"{args.days} days of {args.contacts} contacts")
        server.start()
        boss = server.login()
        day = {"from": stamp((end - DAY_MS) / 1000), "to": stamp(end / 1000)}
        first = {"from": stamp((end - args.days * DAY_MS) / 1000),
                 "to": stamp((end - (args.days - 1) * DAY_MS) / 1000)}
        half = {"from": stamp((end - DAY_MS // 4) / 1000), "to": stamp(end / 1000)}
        print(f"core {memory(server.children('centrala-core')[0])}")
        for name, path, query in (
                ("queues, last day, quarters", "queues", {**day, "interval_s": 900}),
                ("queues, last day, one row", "queues", {**day, "interval_s": 0}),
                ("queues, first day, quarters", "queues", {**first, "interval_s": 900}),
                ("one queue, last day, quarters", "queues", {**day, "interval_s": 900, "queue": "q07"}),
                ("queues, last day, by answer", "queues", {**day, "interval_s": 900, "view": "answered"}),
                ("queues, a page behind a number", "queues", {**day, "list": "abandoned"}),
                ("agents, last day, one row", "agents", {**day, "interval_s": 0}),
                ("agents, first day, one row", "agents", {**first, "interval_s": 0}),
                ("agents, a page behind a number", "agents", {**day, "list": "missed"})):
            pid = server.children("centrala-core")[0]
            ms, cpu, size = best(boss, pid, f"reports/{path}?{urllib.parse.urlencode(query)}")
            print(f"{name:34} {ms:8.1f} ms {cpu:8.1f} ms CPU {size >> 10:6} KiB")
        for name, path, query in (
                ("contacts by outcome, last day", "reports/contacts", {**day, "by": "outcome"}),
                ("contacts by number, a quarter of a day", "reports/contacts", {**half, "by": "number"}),
                ("queues, quarters, as csv", "reports/queues", {**day, "interval_s": 900, "format": "csv"}),
                ("queues, quarters, as xlsx", "reports/queues", {**day, "interval_s": 900, "format": "xlsx"}),
                ("queues, quarters, as pdf", "reports/queues", {**day, "interval_s": 900, "format": "pdf"}),
                ("100,000 contacts as csv", "contacts", {**day, "format": "csv"}),
                ("100,000 contacts as xlsx", "contacts", {**day, "format": "xlsx"})):
            pid = server.children("centrala-core")[0]
            ms, cpu, size = best(boss, pid, f"{path}?{urllib.parse.urlencode(query)}", 2)
            print(f"{name:34} {ms:8.1f} ms {cpu:8.1f} ms CPU {size >> 10:6} KiB, core {memory(pid)}")
    finally:
        server.stop(quiet=True)
        shutil.rmtree(server.data, ignore_errors=True)


if __name__ == "__main__":
    main()
