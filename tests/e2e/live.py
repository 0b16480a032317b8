"""A desk as a test has one: the WebSocket of /api/v1/live by hand, and its snapshot kept by a thread."""
import base64
import json
import os
import queue
import socket
import struct
import threading
import time

from harness import wait_until


class Closed(Exception):
    pass


class Desk:
    """Opened as `api`'s user. `snapshots` and `events` hold all that was heard; `answers` what was asked."""

    def __init__(self, api, query="", reads=True, wait=True, context=None, **headers):
        host, _, port = api.address.rpartition(":")
        self.s = socket.create_connection((host.strip("[]"), int(port)), timeout=5)
        if context:
            self.s = context.wrap_socket(self.s)
        words = {"Host": api.address, "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                 "Authorization": f"Bearer {api.token}", **headers}
        self.s.sendall((f"GET /api/v1/live{query} HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in words.items() if v is not None) + "\r\n").encode())
        self.left = b""
        head = self._until(b"\r\n\r\n")
        self.status = int(head.split()[1])
        self.head = head.decode()
        self.snapshots, self.events, self.phones, self.messages = [], [], [], []
        self.answers, self.last_id = queue.Queue(), 0
        self.bye = self.code = None
        self.over = threading.Event()
        if self.status != 101:
            self.s.close()
            return
        self.s.settimeout(None)
        if reads:
            self.read_on()
            if wait:
                wait_until(lambda: self.snapshots, 5, "a snapshot")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.s.close()

    def read_on(self):
        threading.Thread(target=self._read, daemon=True).start()

    # -- bytes --
    def _more(self):
        more = self.s.recv(65536)
        if not more:
            raise Closed
        self.left += more

    def _until(self, mark):
        while mark not in self.left:
            self._more()
        head, _, self.left = self.left.partition(mark)
        return head

    def _take(self, n):
        while len(self.left) < n:
            self._more()
        piece, self.left = self.left[:n], self.left[n:]
        return piece

    def frame(self, first, body=b"", mask=b"\x01\x02\x03\x04"):
        n = len(body)
        size = bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n) if n < 65536 else \
            b"\xff" + struct.pack(">Q", n)
        self.s.sendall(bytes([first]) + size + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(body)))

    def _read(self):
        try:
            while True:
                head = self._take(2)
                n = head[1] & 127
                if n == 126:
                    n = struct.unpack(">H", self._take(2))[0]
                elif n == 127:
                    n = struct.unpack(">Q", self._take(8))[0]
                body = self._take(n)
                kind = head[0] & 15
                if kind == 9:
                    self.frame(0x8a, body)
                elif kind == 8:
                    self.code = struct.unpack(">H", body[:2])[0] if body else 1005
                elif kind == 1:
                    self._hear(json.loads(body), time.monotonic())
        except (Closed, OSError):
            pass
        self.over.set()

    def _hear(self, m, at):
        self.messages.append((at, m))
        if "snapshot" in m:
            self.snapshots.append(m["snapshot"])
        elif "bye" in m:
            self.bye = m["bye"]["reason"]
        elif "phone" in m:
            self.phones.append(m["phone"]["state"])
        elif "ok" in m or "error" in m:
            self.answers.put(m)
        else:
            self.events.append(m)

    # -- what is done --
    def send(self, message):
        self.frame(0x81, message if isinstance(message, bytes) else json.dumps(message).encode())

    def do(self, verb, expect=200, **body):
        """Asks and waits; the answer, or the problem with the status that is expected."""
        self.last_id += 1
        self.send({"id": self.last_id, "do": verb, **body})
        m = self.answers.get(timeout=6)
        assert m["id"] == self.last_id, m
        if expect == 200:
            assert "ok" in m, m
            return m["ok"]
        assert "error" in m and m["error"]["status"] == expect, m
        return m["error"]

    # -- what is seen --
    def seq(self):
        return max([self.snapshots[-1]["seq"], *(e["seq"] for e in self.events)])

    def wait_event(self, name, seconds=5, **fields):
        def find():
            return next((e for e in self.events if e["event"] == name
                         and all(e.get(k) == v for k, v in fields.items())), None)
        return wait_until(find, seconds, f"{name} {fields}")
