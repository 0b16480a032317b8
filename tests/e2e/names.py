"""names.py - a small DNS server for tests: UDP and TCP, A, AAAA and SRV, and the ways DNS goes wrong.

RFC 1035, 2782. Written from the RFCs; nothing is shared with the program.
"""
import socket
import struct
import threading
import time

TYPES = {1: "A", 28: "AAAA", 33: "SRV", 6: "SOA"}


def _name(text):
    out = b""
    for label in text.rstrip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode()
    return out + b"\0"


def _read_name(data, at):
    labels = []
    while data[at]:
        n = data[at]
        labels.append(data[at + 1:at + 1 + n].decode())
        at += 1 + n
    return ".".join(labels).lower(), at + 1


def _pair():
    """A UDP and a TCP socket on one free port: the kernel promises a free port of one kind only."""
    for _ in range(100):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(udp.getsockname())
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()
    raise OSError("no port is free for both UDP and TCP")


class Names:
    """zone: {"name": {"A": ["127.0.0.1"], "SRV": [(priority, weight, port, "target")]}}

    deaf: says nothing. false_first: before the true answer come one with another id and one from
    another address, both with `lie` as the address. fail: SERVFAIL. delay: seconds.
    """

    def __init__(self, zone, ttl=60):
        self.zone, self.ttl = {k.lower(): v for k, v in zone.items()}, ttl
        self.deaf = self.fail = self.false_first = False
        self.lie = "127.0.0.9"
        self.delay = 0.0
        self.asked = []  # (time, type, name, over)
        self.answered = set()  # (name, type) that an asker has been told over UDP
        self.udp, self.tcp = _pair()
        self.port = self.udp.getsockname()[1]
        self.tcp.listen(16)
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.closing = False
        for run in (self._run_udp, self._run_tcp):
            threading.Thread(target=run, daemon=True, name="dns").start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing = True
        self.udp.close()
        self.tcp.close()
        self.other.close()

    @property
    def server(self):
        return f"127.0.0.1:{self.port}"

    def count(self, name, kind=None):
        return sum(n == name and kind in (None, k) for _, k, n, _ in self.asked)

    def _records(self, kind, name, lie):
        if lie and kind == "A":
            return [socket.inet_aton(self.lie)]
        out = []
        for r in self.zone.get(name, {}).get(kind, []):
            if kind == "A":
                out.append(socket.inet_aton(r))
            elif kind == "AAAA":
                out.append(socket.inet_pton(socket.AF_INET6, r))
            elif kind == "SRV":
                out.append(struct.pack("!HHH", *r[:3]) + _name(r[3]))
        return out

    def answer(self, question, over, lie=False):
        number, _, count = struct.unpack("!HHH", question[:6])
        assert count == 1
        name, at = _read_name(question, 12)
        kind = TYPES.get(struct.unpack("!H", question[at:at + 2])[0], "?")
        records = [] if self.fail else self._records(kind, name, lie)
        rcode = 2 if self.fail else 0 if name in self.zone or lie else 3
        head = struct.pack("!HHHHHH", number, 0x8180 | rcode, 1, len(records), 0, 0)
        body = question[12:at + 4]
        code = question[at:at + 2]
        for r in records:
            body += struct.pack("!H", 0xC00C) + code + struct.pack("!HIH", 1, self.ttl, len(r)) + r
        if over == "udp" and len(head) + len(body) > 512:  # truncated: ask again over TCP
            head = struct.pack("!HHHHHH", number, 0x8380 | rcode, 1, 0, 0, 0)
            body = question[12:at + 4]
        if not lie:
            self.asked.append((time.monotonic(), kind, name, over))
        return head + body

    def _run_udp(self):
        while not self.closing:
            try:
                question, source = self.udp.recvfrom(4096)
            except OSError:
                return
            reply = self.answer(question, "udp")
            if self.deaf:
                continue
            if self.false_first:
                false = self.answer(question, "udp", lie=True)
                self.udp.sendto(bytes([false[0] ^ 0x55]) + false[1:], source)
                self.other.sendto(false, source)
            threading.Timer(self.delay, self._later, (reply, source)).start()

    def _later(self, reply, source):
        if not self.closing:
            self.udp.sendto(reply, source)
            name, at = _read_name(reply, 12)
            self.answered.add((name, TYPES.get(struct.unpack("!H", reply[at:at + 2])[0])))

    def _run_tcp(self):
        while not self.closing:
            try:
                peer, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer):
        with peer:
            try:
                while True:
                    head = peer.recv(2, socket.MSG_WAITALL)
                    if len(head) < 2 or self.deaf:
                        return
                    question = peer.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
                    reply = self.answer(question, "tcp")
                    peer.sendall(struct.pack("!H", len(reply)) + reply)
            except OSError:
                return
