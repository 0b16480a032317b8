"""HTTP/2: the same door by other frames. curl and nghttp as strangers; hostile frames from RFC 9113."""
import json
import socket
import ssl
import struct
import subprocess
import time

from harness import House, free_port, site, wait_until
from streams import client_context
from test_tls import authority, tls_settings

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS = 1, 4
PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED, CALM = 1, 2, 7, 0xb


def house(**more):
    return House(settings=tls_settings(**{"https.listen": f"127.0.0.1:{free_port()}"}), **more)


def at(h):
    host, _, port = h.server.settings["https.listen"].rpartition(":")
    return host, int(port)


def curl(h, path, *words, seconds=20):
    """Protocol, status and body."""
    host, port = at(h)
    got = subprocess.run(
        ["curl", "-sS", "--http2", "--cacert", str(authority().cert), "-m", str(seconds),
         "-w", "\n%{http_version} %{http_code}", *words, f"https://{host}:{port}{path}"],
        capture_output=True, timeout=seconds + 10)
    body, _, last = got.stdout.rpartition(b"\n")
    version, status = last.decode().split()
    return version, int(status), body


def field(name, value):
    """HPACK, RFC 7541 section 6.2.2: a literal without indexing, a new name."""
    name, value = name.encode(), value.encode()
    number = lambda n: bytes([n]) if n < 127 else bytes([127]) + rest(n - 127)

    def rest(n):
        out = b""
        while n >= 128:
            out += bytes([n % 128 + 128])
            n //= 128
        return out + bytes([n])
    return b"\0" + number(len(name)) + name + number(len(value)) + value


def request(path="/healthz", method="GET", more=()):
    pairs = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "x"), *more]
    return b"".join(field(n, v) for n, v in pairs)


class Frames:
    """One connection, frame by frame."""

    def __init__(self, h, alpn=("h2",), settings=b""):
        context = client_context(authority().cert)
        context.set_alpn_protocols(list(alpn))
        plain = socket.create_connection(at(h), timeout=10)
        self.s = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.agreed = self.s.selected_alpn_protocol()
        self.left = b""
        if self.agreed == "h2":
            self.s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            self.send(SETTINGS, 0, 0, settings)

    def send(self, kind, flags, stream, payload=b""):
        self.s.sendall(self.frame(kind, flags, stream, payload))

    @staticmethod
    def frame(kind, flags, stream, payload=b""):
        return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + \
            struct.pack("!I", stream) + payload

    def read(self):
        """kind, flags, stream, payload; None at the end."""
        while len(self.left) < 9 or len(self.left) < 9 + int.from_bytes(self.left[:3], "big"):
            try:
                more = self.s.recv(65536)
            except (ssl.SSLError, ConnectionError):
                return None
            if not more:
                return None
            self.left += more
        n = int.from_bytes(self.left[:3], "big")
        frame = (self.left[3], self.left[4], int.from_bytes(self.left[5:9], "big"),
                 self.left[9:9 + n])
        self.left = self.left[9 + n:]
        return frame

    def answer(self, stream):
        """The body of a stream; (RST, code) if it was reset."""
        body = b""
        while True:
            frame = self.read()
            assert frame, "the connection ended"
            kind, flags, number, payload = frame
            if number == stream and kind == RST:
                return RST, int.from_bytes(payload, "big")
            if number == stream and kind == DATA:
                body += payload
            if number == stream and flags & END_STREAM and kind in (DATA, HEADERS):
                return body

    def goodbye(self):
        """The code of the GOAWAY, or None where the connection just ended."""
        code = None
        while frame := self.read():
            if frame[0] == GOAWAY:
                code = int.from_bytes(frame[3][4:8], "big")
        return code

    def close(self):
        self.s.close()


def test_h2_speaks_as_http1_does():
    with house() as h:
        call, _, contact = h.talk()
        time.sleep(2)
        call.bye()
        h.boss.wait_ended(contact)
        version, status, body = curl(h, "/healthz")
        assert (version, status) == ("2", 200) and json.loads(body)["status"] == "ok"
        login = json.dumps({"tenant": "acme", "user": "olga", "password": "olga-secret-1"})
        cookies = str(h.server.data / "cookies")
        version, status, body = curl(h, "/api/v1/login", "-c", cookies, "-H",
                                     "Content-Type: application/json", "-d", login)
        assert (version, status) == ("2", 200), body
        assert "__Host-centrala_session" in open(cookies).read()
        version, status, body = curl(h, "/api/v1/me", "-b", cookies)
        assert (version, status) == ("2", 200) and json.loads(body)["user"] == "olga"
        # a change by cookie needs its origin here, too
        settings = ["-b", cookies, "-X", "PUT", "-H", "Content-Type: application/json",
                    "-d", '{"theme":"dark"}']
        assert curl(h, "/api/v1/me/settings", *settings)[1] == 403
        origin = "https://{}:{}".format(*at(h))
        assert curl(h, "/api/v1/me/settings", *settings, "-H", f"Origin: {origin}")[1] == 200
        assert curl(h, "/api/v1/me/settings", *settings, "-H", "Origin: https://evil.example")[1] == 403
        # heads and bodies that are too large
        version, status, body = curl(h, "/api/v1/login", "-H", "Content-Type: application/json",
                                     "-d", "x" * 70000)
        assert (version, status) == ("2", 413), body
        assert curl(h, "/healthz", "-H", "X: " + "y" * 17000)[1] == 431
        assert curl(h, "/healthz", *[w for i in range(70) for w in ("-H", f"X-{i}: 1")])[1] == 431
        assert curl(h, "/api/v1/nothing")[1] == 404
        version, status, body = curl(h, "/healthz", "-I")
        assert status == 200 and b"content-length" in body and b"strict-transport" in body, body
        # a recording, whole and in part; a long answer
        rec = h.boss.contact(contact)["recordings"][0]["id"]
        path = f"/api/v1/tenants/acme/recordings/{rec}"
        whole = h.boss.recording(rec)
        assert curl(h, path, "-b", cookies)[2] == whole and len(whole) > 30000
        version, status, body = curl(h, path, "-b", cookies, "-H", "Range: bytes=100-20000")
        assert status == 206 and body == whole[100:20001]
        assert curl(h, "/api/v1/openapi.json")[2] == h.server.api.raw(
            "GET", "/api/v1/openapi.json").body
        h.settled()


test_h2_speaks_as_http1_does.seconds = 90


def test_h2_many_streams_and_the_event_stream():
    with house(agents=("anna",)) as h:
        host, port = at(h)
        got = subprocess.run(["nghttp", "-nv", "-m", "60", "--no-verify-peer",
                              f"https://{host}:{port}/api/v1/openapi.json"],
                             capture_output=True, text=True, timeout=30)
        text = got.stdout + got.stderr
        assert text.count(":status: 200") == 60, text[-2000:]
        assert "SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100" in text
        assert "ENABLE_CONNECT_PROTOCOL" not in text
        token = h.boss.token
        stream = subprocess.Popen(
            ["curl", "-sS", "-N", "--http2", "--cacert", str(authority().cert), "-H",
             f"Authorization: Bearer {token}", "-H", "Accept: text/event-stream",
             f"https://{host}:{port}/api/v1/tenants/acme/events?after=0"], stdout=subprocess.PIPE)
        try:
            assert stream.stdout.readline().startswith((b"retry:", b"id:"))
            h.boss.presence("anna", "not_ready", "break")
            line = b""
            while b"agent_presence" not in line:
                line = stream.stdout.readline()
                assert line, "the stream ended"
            # it ends with its session
            h.boss.ask("POST", "/api/v1/logout", {}, expect=204)
            began = time.monotonic()
            while stream.stdout.readline():
                assert time.monotonic() - began < 5
            assert stream.wait(5) == 0
        finally:
            stream.kill()
            stream.wait()
        h.boss = h.server.login()


def test_h2_is_agreed_on_or_not_spoken():
    with house(agents=()) as h:
        assert Frames(h, ("h2", "http/1.1")).agreed == "h2"
        assert Frames(h, ("http/1.1", "h2")).agreed == "h2"
        old = Frames(h, ("http/1.1",))
        assert old.agreed == "http/1.1"
        key = f"GET /api/v1/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
            f"Authorization: Bearer {h.boss.token}\r\n\r\n"
        old.s.sendall(key.encode())
        assert old.s.recv(4096).startswith(b"HTTP/1.1 101 "), "the desk's WebSocket beside HTTP/2"
        try:
            Frames(h, ("smtp",))
            raise AssertionError("agreed on what we do not speak")
        except ssl.SSLError:
            pass
        assert curl(h, "/healthz", "--http1.1")[0] == "1.1"
        # prior knowledge, in the clear and over TLS that agreed on HTTP/1.1
        for alpn in (None, ("http/1.1",)):
            if alpn:
                s = Frames(h, alpn).s
            else:
                host, _, port = h.server.http.rpartition(":")
                s = socket.create_connection((host, int(port)), timeout=5)
            s.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frames.frame(SETTINGS, 0, 0))
            said = s.recv(4096)
            assert said.startswith(b"HTTP/1.1 5") or said.startswith(b"HTTP/1.1 4"), said


def memory(h):
    pid = h.server.children("centrala-core")[0]
    with open(f"/proc/{pid}/status") as f:
        return int(next(line.split()[1] for line in f if line.startswith("VmRSS:")))


def roomy(h):
    """Does the program keep what is freed for a while, as address sanitizer does?"""
    with open(f"/proc/{h.server.children('centrala-core')[0]}/maps") as f:
        return "libasan" in f.read()


def flood(h, frames, at_once=1):
    """Sends until the other side ends it, or all are sent; its goodbye: ours, or nghttp2's own."""
    c = Frames(h)
    try:
        for i in range(0, len(frames), at_once):
            c.s.sendall(b"".join(frames[i:i + at_once]))
    except (ssl.SSLError, ConnectionError):
        pass
    try:
        code = c.goodbye()
    except OSError:
        code = None
    c.close()
    assert code in (CALM, PROTOCOL_ERROR, INTERNAL_ERROR, None), code
    return code


def test_h2_floods_end_their_connection_alone():
    """CVE-2023-44487, CVE-2024-28182, CVE-2019-9512, -9515, -9518: the peer is told to calm down, others
    are served meanwhile, and nothing is kept."""
    frame = Frames.frame
    begin = lambda i: frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request("/api/v1/openapi.json"))
    reset = lambda i: frame(RST, 0, 2 * i + 1, struct.pack("!I", 8))
    floods = {
        "rapid reset": [begin(i) + reset(i) for i in range(3000)],
        "ping": [frame(PING, 0, 0, b"12345678")] * 5000,
        "settings": [frame(SETTINGS, 0, 0)] * 5000,
        "priority": [frame(PRIORITY, 0, 2 * i + 1, b"\0\0\0\0\x10") for i in range(5000)],
        "empty data": [frame(HEADERS, END_HEADERS, 1, request("/api/v1/login", "POST"))] +
                      [frame(DATA, 0, 1)] * 5000,
        "continuation": [frame(HEADERS, 0, 1, request())] +
                        [frame(CONTINUATION, 0, 1, field("x", "y" * 100))] * 5000,
        "made to reset": [frame(HEADERS, END_HEADERS, 2 * i + 1, request("/api/v1/login", "POST")) +
                          frame(WINDOW, 0, 2 * i + 1, b"\0\0\0\0") for i in range(3000)],
    }
    with house(agents=("anna",)) as h:
        call, _, _ = h.talk()
        curl(h, "/healthz")
        before = memory(h)
        told = {}
        for name, frames in floods.items():
            told[name] = flood(h, frames, at_once=50)
            took = []
            while not took or (min(took) >= 2 and len(took) < 3):
                began = time.monotonic()
                assert curl(h, "/healthz")[1] == 200, name
                took.append(time.monotonic() - began)
            assert min(took) < 2, (name, took)
        assert sum(code == CALM for code in told.values()) >= 4, told
        assert memory(h) - before < (150000 if roomy(h) else 30000), (before, memory(h))
        call.bye()
        h.settled()


test_h2_floods_end_their_connection_alone.seconds = 120


def test_h2_rules_of_a_request():
    with house(agents=()) as h:
        good = Frames(h)
        good.send(HEADERS, END_HEADERS | END_STREAM, 1, request())
        assert json.loads(good.answer(1))["status"] == "ok"
        # what makes requests mean two things (RFC 9113 section 8.2, 8.3) is reset, never answered
        wrong = [
            request(more=[("connection", "close")]), request(more=[("transfer-encoding", "chunked")]),
            request(more=[("Upper", "1")]), request(more=[("x", "a\r\nb: c")]),
            request(more=[("content-length", "5")]), request() + field(":path", "/again"),
            field("x", "1") + request(), field(":method", "GET") + field(":scheme", "https"),
            request(more=[("te", "gzip")]), request("healthz"), request(""),
            request(more=[(":protocol", "websocket")]),
        ]
        for i, block in enumerate(wrong):
            stream = 2 * i + 3
            good.send(HEADERS, END_HEADERS | END_STREAM, stream, block)
            got = good.answer(stream)
            assert got == (RST, 1) or (isinstance(got, bytes) and b'"status":400' in got), (i, got)
        # cookies in crumbs are one (RFC 9113 section 8.2.3)
        crumbs = [("cookie", "a=b"), ("cookie", f"__Host-centrala_session={h.boss.token}"),
                  ("cookie", "c=d")]
        good.send(HEADERS, END_HEADERS | END_STREAM, 101, request("/api/v1/me", more=crumbs))
        assert json.loads(good.answer(101))["user"] == "olga"
        # more streams at once than were allowed
        many = Frames(h)
        for i in range(101):
            many.send(HEADERS, END_HEADERS, 2 * i + 1, request("/api/v1/login", "POST"))
        assert many.answer(201) == (RST, REFUSED)
        # a body that is longer than it said
        longer = Frames(h)
        longer.send(HEADERS, END_HEADERS, 1, request("/api/v1/login", "POST",
                                                     [("content-length", "3")]))
        longer.send(DATA, END_STREAM, 1, b"12345")
        assert longer.answer(1)[0] == RST
        # half a head, and half a body: ended in time
        began = time.monotonic()
        half = Frames(h)
        half.send(HEADERS, 0, 1, request()[:20])
        slow = Frames(h)
        slow.send(HEADERS, END_HEADERS, 1, request("/api/v1/login", "POST"))
        slow.send(DATA, 0, 1, b"{")
        half.s.settimeout(20)
        slow.s.settimeout(20)
        half.goodbye()
        assert slow.answer(1) == (RST, 8)
        assert time.monotonic() - began < 16
        slow.send(HEADERS, END_HEADERS | END_STREAM, 3, request())
        assert json.loads(slow.answer(3))["status"] == "ok"  # the connection lives


test_h2_rules_of_a_request.seconds = 60


def test_h2_readers_that_do_not_read():
    """Windows that never open: bounded memory, and an end after half a minute."""
    with house(agents=()) as h:
        curl(h, "/healthz")
        before = memory(h)
        stalled = []
        for _ in range(10):
            c = Frames(h, settings=struct.pack("!HI", 4, 0))  # no window for streams
            for i in range(50):
                c.send(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, request("/api/v1/openapi.json"))
            stalled.append(c)
        began = time.monotonic()
        time.sleep(2)
        assert curl(h, "/healthz")[1] == 200
        grown = memory(h) - before
        assert grown < 250000, grown  # 500 answers of 170 kB would be 85 MB; each is held once
        for c in stalled:
            c.s.settimeout(45)
            assert c.answer(1) == (RST, 8)
        assert 25 < time.monotonic() - began < 45
        wait_until(lambda: curl(h, "/healthz")[1] == 200, 3)


test_h2_readers_that_do_not_read.seconds = 90
test_h2_readers_that_do_not_read.waits = True
