#!/usr/bin/env python3
"""desks.py [DESKS [SECONDS]] - what open desks cost: WebSockets of /api/v1/live while calls ring.

Nine of ten desks are agents', the others supervisors'; calls ring and are given up or talk for a moment, about twenty
facts a second. Measured: CPU of the core's web thread (/proc/PID/task/TID/schedstat) and of the whole core, memory a
desk, and how late what was said is on a desk (peer/desks.c). CENTRALA=build/centrala python3 bench/desks.py
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/e2e"))
from harness import House, free_port  # noqa: E402
from streams import Authority  # noqa: E402

DESKS = int(sys.argv[1]) if len(sys.argv) > 1 else 500
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 30
AGENTS = [f"a{i:02}" for i in range(1, 21)]


def threads_ns(pid):
    made = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        made[name] = made.get(name, 0) + int((task / "schedstat").read_text().split()[0])
    return made


def rss_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def calls(h, stop):
    """Rings an agent, is answered, hangs up; a call a second."""
    n = 0
    while not stop.is_set():
        n += 1
        began = time.monotonic()
        try:
            call = h.ring(user=f"+4860100{n:04}").wait_answer()
            phone = h.phones.wait_call(3)
            phone.ring()
            phone.accept()
            phone.established.wait(2)
            time.sleep(0.2)
            call.bye()
        except Exception as e:  # noqa: BLE001 - one call less
            print("    a call failed:", e)
        time.sleep(max(0, began + 1 - time.monotonic()))


def measure(h, tokens, secure):
    pid = h.server.children("centrala-core")[0]
    at = h.server.settings["https.listen"] if secure else h.server.http
    host, _, port = at.rpartition(":")
    with tempfile.TemporaryDirectory() as folder:
        tool = f"{folder}/desks"
        subprocess.run(["gcc", "-O2", "-w", "-o", tool, str(HERE / "peer/desks.c"), "-lssl", "-lcrypto"], check=True)
        before_kb = rss_kb(pid)
        peer = subprocess.Popen([tool, host, port, "/api/v1/live", str(SECONDS), *(["tls"] if secure else [])],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        peer.stdin.write("".join(f"{t}\n" for t in tokens))
        peer.stdin.close()
        assert peer.stdout.readline().startswith("open"), "desks did not open"
        memory_kb = (rss_kb(pid) - before_kb) / len(tokens)
        began, seq = threads_ns(pid), last_seq(h)
        time.sleep(SECONDS - 1)
        ended, facts = threads_ns(pid), last_seq(h) - seq
        said = peer.stdout.readline().strip()
        peer.wait()
    percent = {n: (ended[n] - began.get(n, 0)) / (SECONDS - 1) / 1e7 for n in ended}
    print(f"live desks={len(tokens)} tls={int(secure)} facts_per_s={facts / (SECONDS - 1):.1f} "
          f"web_percent={percent['web']:.1f} core_percent={sum(percent.values()):.1f} "
          f"kib_a_desk={memory_kb:.1f} load={os.getloadavg()[0]:.1f}")
    print("  " + " ".join(f"{n}={p:.1f}%" for n, p in sorted(percent.items(), key=lambda x: -x[1])[:6]))
    print("  " + said)


def last_seq(h):
    """The newest number is in any desk's snapshot."""
    from live import Desk
    with Desk(h.boss) as d:
        return d.snapshots[0]["seq"]


def main():
    ca = Authority()
    pair = ca.make("bench", "IP:127.0.0.1")
    settings = {"https.listen": f"127.0.0.1:{free_port()}", "tls.cert": pair[0], "tls.key": pair[1]}
    with House(agents=AGENTS, settings=settings, queue_more={"wrap_s": 0}) as h:
        tokens = [h.server.login(a).token for a in AGENTS]
        h.boss.ready(*AGENTS)
        supervisors = DESKS // 10
        every = [tokens[i % len(tokens)] for i in range(DESKS - supervisors)] + [h.boss.token] * supervisors
        stop = threading.Event()
        caller = threading.Thread(target=calls, args=(h, stop))
        caller.start()
        try:
            for secure in (False, True):
                measure(h, every, secure)
        finally:
            stop.set()
            caller.join()


if __name__ == "__main__":
    main()
