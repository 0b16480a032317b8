#!/usr/bin/env python3
"""tls.py [CALLS] - what SIP over TLS costs the core: CPU per call, memory per connection.

A call is INVITE, 200, ACK, BYE to a number whose flow plays music; CPU is that of centrala-core's
main thread (/proc/PID/task/PID/schedstat), media's and the disk's not in it. TCP and UDP beside it
show what TLS adds. Run on a quiet machine: CENTRALA=build/centrala python3 bench/tls.py
"""
import pathlib
import re
import socket
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/e2e"))
from harness import Server, free_port, site  # noqa: E402
from streams import Authority, client_context  # noqa: E402

CALLS = int(sys.argv[1]) if len(sys.argv) > 1 else 400
RATE = 40


def message(method, n, via, to, branch, tag="", body="", cseq=1):
    return (f"{method} {to} SIP/2.0\r\nVia: SIP/2.0/{via} 127.0.0.1:9;branch=z9hG4bK{branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:+4860{n:07d}@h>;tag=f{n}\r\nTo: <{to}>{tag}\r\n"
            f"Call-ID: b{n}\r\nCSeq: {cseq} {method}\r\nContact: <sip:c@127.0.0.1:9>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


SDP = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")


class Way:
    """How calls go: kept or new connections over one transport."""

    def __init__(self, server, over, kept, resumed=False):
        self.over, self.kept, self.resumed = over, kept, resumed
        self.context = client_context()
        self.at = server.settings["sip.tls_listen"] if over == "TLS" else server.sip
        self.session = None
        self.socket = self.open() if kept else None

    def open(self):
        host, _, port = self.at.rpartition(":")
        if self.over == "UDP":
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.connect((host, int(port)))
        else:
            s = socket.create_connection((host, int(port)))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.over == "TLS":
            s = self.context.wrap_socket(s, session=self.session)
        s.settimeout(5)
        return s

    def call(self, n):
        s = self.socket or self.open()
        to = "sip:+48221000000@h"

        def wait(word):
            got = b""
            while word not in got or not got.endswith(b"\n"):
                got += s.recv(65536)
            return got.decode()
        s.sendall(message("INVITE", n, self.over, to, f"i{n}", body=SDP))
        answer = wait(b"SIP/2.0 200")
        tag = re.search(r"To: [^\r]*(;tag=\w+)", answer[answer.index("SIP/2.0 200"):])[1]
        s.sendall(message("ACK", n, self.over, to, f"a{n}", tag))
        s.sendall(message("BYE", n, self.over, to, f"b{n}", tag, cseq=2))
        wait(b"CSeq: 2 BYE")
        if not self.kept:
            if self.over == "TLS" and self.resumed:
                self.session = s.session
            s.close()


def cpu_ns(pid):
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0])


def rss_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def measure(server, first, *way, **more):
    w = Way(server, *way, **more)
    pid = server.children("centrala-core")[0]
    for n in range(first, first + 20):
        w.call(n)
    began, at = cpu_ns(pid), time.monotonic()
    for n in range(CALLS):
        w.call(first + 20 + n)
        at += 1 / RATE
        time.sleep(max(0, at - time.monotonic()))
    return (cpu_ns(pid) - began) / CALLS / 1e6


def main():
    ca = Authority()
    objects = site(1, 1)
    for o in objects["objects"]:
        if o["kind"] == "trunk":
            o["peers"] = ["127.0.0.1"]
        if o["kind"] == "flow" and o["id"] == "main":
            o["nodes"]["hello"]["prompt"] = "menu"
    rows = []
    for kind in ("ec", "rsa"):
        pair = ca.make(f"bench-{kind}", "IP:127.0.0.1", kind=kind)
        with Server(objects, {"sip.tls_listen": f"127.0.0.1:{free_port()}", "tls.cert": pair[0],
                              "tls.key": pair[1]}) as server:
            first = 1
            ways = [("UDP", True, {}), ("TCP", True, {}), ("TLS", True, {}), ("TLS", False, {}),
                    ("TLS", False, {"resumed": True})]
            for over, kept, more in ways if kind == "ec" else ways[3:]:
                ms = measure(server, first, over, kept, **more)
                first += CALLS + 20
                rows.append((f"{over}, {'kept' if kept else 'a new connection each'}"
                             + (", resumed by ticket" if more else "")
                             + (f", {'P-256' if kind == 'ec' else 'RSA 2048'}" if over == "TLS" and not kept
                                else ""), ms))
            if kind == "ec":
                time.sleep(1)
                pid = server.children("centrala-core")[0]
                host, _, port = server.settings["sip.tls_listen"].rpartition(":")

                def many(count, tls):
                    made = []
                    for n in range(count):
                        s = socket.create_connection((host, int(port if tls else server.sip.split(":")[1])))
                        if tls:
                            s = client_context().wrap_socket(s)
                        s.sendall(b"\r\n\r\n")
                        s.recv(10)
                        made.append(s)
                    return made
                warm = many(200, True)
                before = rss_kb(pid)
                made = many(2000, True)
                rows_memory = (rss_kb(pid) - before) / 2000
                for s in made + warm:
                    s.close()
    for name, ms in rows:
        print(f"{name:58} {ms:.3f} ms a call")
    print(f"{'memory of an idle TLS connection':58} {rows_memory:.1f} KiB")


if __name__ == "__main__":
    main()
