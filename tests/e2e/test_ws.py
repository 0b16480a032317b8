"""SIP over WebSocket (RFC 7118): JsSIP as a stranger's web phone, and peers that mean ill."""
import base64
import json
import os
import pathlib
import queue
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time

from harness import AGENT, CUSTOMER, House, Skip, free_port, wait_until
from sip import Sdp
from sound import PCMA, Stream
from streams import client_context
from test_tls import RITA, authority

HERE = pathlib.Path(__file__).resolve().parent / "jssip"


def ws_settings(**more):
    ca = authority()
    return {"sip.ws_listen": f"127.0.0.1:{free_port()}",
            "sip.wss_listen": f"127.0.0.1:{free_port()}",
            "tls.cert": ca.server[0], "tls.key": ca.server[1], **more}


class JsSip:
    """One JsSIP under node; its sound is a Stream of ours."""

    def __init__(self, url, user="rita", domain="acme.test", password=None):
        if not shutil.which("node") or not (HERE / "node_modules/jssip").is_dir():
            raise Skip("node or its packages are not installed (tools/install.sh test)")
        self.told, self.seen = queue.Queue(), []
        self.sound = Stream()
        self.process = subprocess.Popen(
            ["node", str(HERE / "phone.js"), url, user, domain, password or f"{user}-sip-1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(authority().cert)})
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print("    jssip: " + "\n    ".join(map(str, self.seen[-12:])))
        self.process.stdin.close()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.sound.close()

    def _read(self):
        for line in self.process.stdout:
            try:
                m = json.loads(line)
            except ValueError:
                m = {"event": "said", "text": line.rstrip()}
            self.seen.append(m)
            self.told.put(m)

    def wait(self, event, seconds=20.0):
        end = time.monotonic() + seconds
        while True:
            try:
                m = self.told.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no `{event}` within {seconds} s") from None
            if m["event"] == event:
                if m["event"] == "described":
                    self.hear(m["sdp"])
                return m

    def hear(self, text):
        sdp = Sdp(text)
        self.sound.to, self.sound.pt = (sdp.address, sdp.port), PCMA
        return sdp

    def do(self, word, **more):
        self.process.stdin.write(json.dumps({"do": word, "port": self.sound.port, **more}) + "\n")
        self.process.stdin.flush()


def url(h, scheme):
    return f"{scheme}://{h.server.settings[f'sip.{scheme}_listen']}/sip"


def answers(h, phone):
    """A caller reaches JsSIP, and both hear each other."""
    h.boss.ready("rita")
    call = h.ring().wait_answer(3)
    rang = phone.wait("ringing")
    assert "+48601000001" in rang["from"], rang
    phone.do("answer")
    phone.wait("described")
    phone.sound.say(AGENT)
    phone.wait("confirmed")
    contact = h.contact_of(call)
    h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
    call.sound.wait_for(AGENT, 3)
    phone.sound.wait_for(CUSTOMER, 3)
    return call, contact


def test_ws_jssip_is_the_phone():
    """JsSIP registers, rings, answers, holds, hangs up: over ws and over wss."""
    with House(agents=(), objects=[RITA], settings=ws_settings()) as h:
        for scheme in ("ws", "wss"):
            with JsSip(url(h, scheme)) as phone:
                phone.wait("registered")
                wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 3, "ready")
                call, contact = answers(h, phone)
                phone.do("hold")
                h.boss.wait_contact(contact, lambda c: c["state"] == "held", 3, "held")
                phone.do("resume")
                h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "on again")
                phone.do("hangup")
                call.wait_over(3, by="them")
                assert h.boss.wait_ended(contact)["ended_by"] == "agent"
                # the next one is hung up by its caller while it rings
                h.boss.wait_work("rita", "idle")
                call = h.ring(user="+48601000002").wait_answer(3)
                phone.wait("ringing")
                call.bye()
                assert phone.wait("failed")["by"] == "remote"
                if scheme == "wss":  # refused: nobody is rung at once again
                    h.boss.wait_work("rita", "idle")
                    call = h.ring(user="+48601000003").wait_answer(3)
                    phone.wait("ringing")
                    phone.do("reject")
                    assert phone.wait("failed")["by"] == "local"
                    call.bye()
                phone.do("stop")
                wait_until(lambda: not h.boss.agent("rita")["phone"]["ready"], 3, "gone")
                wait_until(lambda: not [c for c in h.boss.contacts() if not c["ended_at"]], 5)
        h.settled()


def test_ws_jssip_over_the_cores_death():
    """The connection dies with the core; JsSIP comes back by itself, the talk goes on and ends well."""
    with House(agents=(), objects=[RITA], settings=ws_settings()) as h, \
            JsSip(url(h, "wss")) as phone:
        phone.wait("registered")
        wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 3, "ready")
        call, contact = answers(h, phone)
        h.server.kill("centrala-core")
        phone.wait("disconnected")
        phone.wait("registered", 60)
        h.server.healthy()
        since = time.monotonic()
        time.sleep(1)
        assert call.sound.longest_gap(since, time.monotonic(), AGENT) < 0.3
        assert h.boss.contact(contact)["state"] == "talking"
        call.bye()  # our BYE finds the phone on its new connection
        phone.wait("ended")
        assert h.boss.wait_ended(contact)["ended_by"] == "customer"
        h.settled()


test_ws_jssip_over_the_cores_death.seconds = 120


def test_ws_what_browsers_offer_is_refused():
    """DTLS-SRTP comes with issue 5: until then its offer gets 488, and bad credentials no call at all."""
    with House(agents=(), objects=[RITA], settings=ws_settings()) as h:
        with JsSip(url(h, "ws")) as phone:
            phone.wait("registered")
            phone.do("call", to="sip:+48221000001@acme.test", dtls=True)
            assert phone.wait("failed")["status"] == 488
        with JsSip(url(h, "ws"), password="wrong") as phone:
            assert phone.wait("refused")["cause"] == "Authentication Error"
        h.settled()


# -- by hand --

class Web:
    """A WebSocket client of a few lines, that can also do wrong."""

    def __init__(self, h, scheme="ws", **headers):
        host, _, port = h.server.settings[f"sip.{scheme}_listen"].rpartition(":")
        self.s = socket.create_connection((host, int(port)), timeout=20)
        if scheme == "wss":
            self.s = client_context().wrap_socket(self.s)
        words = {"Host": f"{host}:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                 "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "sip",
                 "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), **headers}
        self.s.sendall(("GET /sip HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in words.items() if v is not None) + "\r\n").encode())
        self.left = b""
        head = self._until(b"\r\n\r\n")
        self.status = int(head.split()[1]) if head else 0
        self.head = head.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s.close()

    def _until(self, mark):
        while mark not in self.left:
            more = self.s.recv(65536)
            if not more:
                return b""
            self.left += more
        head, _, self.left = self.left.partition(mark)
        return head

    def raw(self, data):
        self.s.sendall(data)

    def frame(self, first, body=b"", mask=b"\x01\x02\x03\x04"):
        n = len(body)
        size = bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n) if n < 65536 else \
            b"\xff" + struct.pack(">Q", n)
        self.raw(bytes([first]) + size + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(body)))

    def read(self):
        """(opcode, payload) of the next frame; None: the connection ended."""
        def take(n):
            while len(self.left) < n:
                more = self.s.recv(65536)
                if not more:
                    return None
                self.left += more
            piece, self.left = self.left[:n], self.left[n:]
            return piece
        try:
            head = take(2)
            if head is None:
                return None
            assert not head[1] & 0x80, "a server never masks"
            n = head[1] & 127
            if n == 126:
                n = struct.unpack(">H", take(2))[0]
            elif n == 127:
                n = struct.unpack(">Q", take(8))[0]
            return head[0] & 15, take(n)
        except (ConnectionError, ssl.SSLError):
            return None

    def ends_with(self, code):
        while True:
            m = self.read()
            assert m is not None, f"it ended without a close frame ({code} expected)"
            if m[0] == 8:
                assert struct.unpack(">H", m[1][:2])[0] == code, m
                assert self.read() is None
                return


OPTIONS = ("OPTIONS sip:x@acme.test SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKq1\r\n"
           "Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: w\r\n"
           "CSeq: 1 OPTIONS\r\n\r\n").encode()


def test_ws_offers():
    """RFC 6455 section 4.2, RFC 7118 section 4: who may open one."""
    with House(agents=(), settings=ws_settings(
            **{"sip.ws_origins": "https://phone.test, http://localhost:8000"})) as h:
        cases = [({}, 101), ({"Sec-WebSocket-Protocol": "chat, sip"}, 101),
                 ({"Sec-WebSocket-Protocol": None}, 400), ({"Sec-WebSocket-Protocol": "chat"}, 400),
                 ({"Sec-WebSocket-Version": "8"}, 426), ({"Sec-WebSocket-Key": "short"}, 400),
                 ({"Upgrade": None}, 400), ({"Connection": "close"}, 400),
                 ({"Origin": "https://phone.test"}, 101), ({"Origin": "http://OWN"}, 101),
                 ({"Origin": "https://evil.test"}, 403), ({"Origin": "null"}, 403),
                 ({"Origin": "https://phone.test.evil.test"}, 403), ({"X": "y" * 20000}, 431)]
        for headers, status in cases:
            for scheme in ("ws", "wss"):
                own = h.server.settings[f"sip.{scheme}_listen"]
                words = {k: v and v.replace("OWN", own) for k, v in headers.items()}
                with Web(h, scheme, **words) as w:
                    assert w.status == status, (words, w.status, status)
                    if status == 101:
                        assert "Sec-WebSocket-Protocol: sip" in w.head
                        w.frame(0x81, OPTIONS)
                        kind, body = w.read()
                        assert kind == 1 and body.startswith(b"SIP/2.0 200 "), body[:40]


def test_ws_hostile_frames():
    """S23 on the wire: each ends with the code RFC 6455 names, and the server keeps its size."""
    def size():
        text = pathlib.Path(f"/proc/{h.server.children('centrala-core')[0]}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0])

    with House(agents=(), settings=ws_settings()) as h:
        cases = [
            (lambda w: w.raw(b"\x81\x05hello"), 1002),  # no mask
            (lambda w: w.frame(0xc1, b"x"), 1002), (lambda w: w.frame(0x83, b"x"), 1002),
            (lambda w: w.frame(0x80, b"x"), 1002), (lambda w: w.frame(0x89, b"x" * 126), 1002),
            (lambda w: w.frame(0x09, b"x"), 1002), (lambda w: w.frame(0x81, b"\xff"), 1007),
            (lambda w: w.raw(b"\x82\xff" + b"\xff" * 12), 1002),
            (lambda w: w.raw(b"\x82\xff" + struct.pack(">Q", 1 << 62) + b"abcd"), 1009),
            (lambda w: w.frame(0x82, b"x" * 70000), 1009),
            (lambda w: [w.frame(0x02), *(w.frame(0x00, b"x") for _ in range(6000))], 1009),
            (lambda w: w.frame(0x88, b"\x03\xe8bye"), 1000), (lambda w: w.frame(0x88), None),
        ]
        with Web(h) as w:  # what is allowed: pings between the pieces of a message
            w.frame(0x01, OPTIONS[:20])
            w.frame(0x89, b"are you there")
            w.frame(0x80, OPTIONS[20:])
            assert w.read() == (10, b"are you there")
            assert w.read()[1].startswith(b"SIP/2.0 200 ")
            w.frame(0x82, OPTIONS)
            assert w.read()[1].startswith(b"SIP/2.0 200 ")
            w.frame(0x81, b"\r\n\r\n")
            assert w.read() == (1, b"\r\n")
            w.frame(0x81, b"INVITE what\r\n\r\n")
            w.frame(0x81, OPTIONS)
            assert w.read()[1].startswith(b"SIP/2.0 ")
        before = size()
        for round in range(20):
            for do, code in cases:
                with Web(h, "wss" if round % 2 else "ws") as w:
                    try:
                        do(w)
                    except (ConnectionError, ssl.SSLError):
                        continue  # it was closed while we were still talking
                    if code:
                        w.ends_with(code)
                    else:
                        assert w.read() == (8, b"") and w.read() is None
        assert size() - before < 4000, f"{before} → {size()} kB"
        with Web(h) as w:  # a flood of pings is answered, not kept
            for _ in range(2000):
                w.frame(0x89, b"p" * 125)
            for _ in range(2000):
                assert w.read()[0] == 10
        assert size() - before < 4000, f"{before} → {size()} kB"
        h.ring("+48221000009")
        h.settled()


test_ws_hostile_frames.seconds = 150
