"""webrtc.py - the sound of a browser without the browser, and a desk's WebSocket.

    desk = Desk(server, token)            # /api/v1/live, as an agent's page has it
    tab = Tab()                           # ICE, DTLS-SRTP (libssl through ctypes), a tone
    answer = desk.do("phone", offer=tab.offer())
    tab.go(answer["answer"])

A Tab is a Stream of sound.py, so all its ears work: say(), wait_for(), hears() ... Written from RFC 8445, 8489, 5763,
5764, 7714; nothing of media/ is used.
"""
import base64
import binascii
import ctypes
import ctypes.util
import datetime
import hashlib
import hmac
import json
import os
import random
import re
import socket
import struct
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from codecs_peers import Srtp, WideStream
from harness import wait_until

COOKIE = 0x2112A442
PROFILE, SUITE = b"SRTP_AEAD_AES_128_GCM", "AEAD_AES_128_GCM"
EVP_PKEY_EC, MTU, NO_QUERY_MTU = 408, 1200, 1 << 12
CTRL_SET_MTU, CTRL_TIMEOUT = 17, 74  # SSL_ctrl, ssl.h

_ssl = None
VERIFY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
take_any = VERIFY(lambda ok, store: 1)  # the test compares the fingerprint


def libssl():
    global _ssl
    if _ssl is None:
        _ssl = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
        crypto = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3")
        p, i, n = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
        for lib, name, result, words in (
                (_ssl, "DTLS_client_method", p, []), (_ssl, "SSL_CTX_new", p, [p]),
                (_ssl, "SSL_CTX_free", None, [p]), (_ssl, "SSL_new", p, [p]),
                (_ssl, "SSL_free", None, [p]), (_ssl, "SSL_set_bio", None, [p, p, p]),
                (_ssl, "SSL_set_connect_state", None, [p]), (_ssl, "SSL_do_handshake", i, [p]),
                (_ssl, "SSL_read", i, [p, p, i]), (_ssl, "SSL_shutdown", i, [p]),
                (_ssl, "SSL_CTX_set_verify", None, [p, i, VERIFY]),
                (_ssl, "SSL_CTX_use_certificate_ASN1", i, [p, i, ctypes.c_char_p]),
                (_ssl, "SSL_CTX_use_PrivateKey_ASN1", i, [i, p, ctypes.c_char_p, ctypes.c_long]),
                (_ssl, "SSL_CTX_set_tlsext_use_srtp", i, [p, ctypes.c_char_p]),
                (_ssl, "SSL_set_options", ctypes.c_uint64, [p, ctypes.c_uint64]),
                (_ssl, "SSL_ctrl", ctypes.c_long, [p, i, ctypes.c_long, p]),
                (_ssl, "SSL_get1_peer_certificate", p, [p]),
                (_ssl, "SSL_get_selected_srtp_profile", p, [p]),
                (_ssl, "SSL_export_keying_material", i,
                 [p, p, n, ctypes.c_char_p, n, p, n, i]),
                (crypto, "BIO_s_mem", p, []), (crypto, "BIO_new", p, [p]),
                (crypto, "BIO_write", i, [p, ctypes.c_char_p, i]),
                (crypto, "BIO_read", i, [p, p, i]), (crypto, "X509_free", None, [p]),
                (crypto, "BIO_ctrl", ctypes.c_long, [p, i, ctypes.c_long, p]),
                (crypto, "i2d_X509", i, [p, p]), (crypto, "ERR_clear_error", None, [])):
            f = getattr(lib, name)
            f.restype, f.argtypes = result, words
            setattr(_ssl, name, f)
    return _ssl


def certificate():
    """A browser's: of its own making. (key and certificate in DER, fingerprint)"""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "WebRTC")])
    now = datetime.datetime.utcnow()
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30)).sign(key, hashes.SHA256()))
    der = cert.public_bytes(serialization.Encoding.DER)
    private = key.private_bytes(serialization.Encoding.DER,
                                serialization.PrivateFormat.TraditionalOpenSSL,
                                serialization.NoEncryption())
    return private, der, print_of(der)


def print_of(der):
    return "sha-256 " + ":".join(f"{b:02X}" for b in hashlib.sha256(der).digest())


class Dtls:
    """The client's side of one association; bytes in, bytes out. Whoever uses it holds its lock: a tab is closed by
    another thread than that of the sound, and what is freed then must not be in use."""

    def __init__(self):
        self.lock = threading.RLock()
        lib = self.lib = libssl()
        key, cert, self.fingerprint = certificate()
        self.ctx = lib.SSL_CTX_new(lib.DTLS_client_method())
        assert lib.SSL_CTX_use_certificate_ASN1(self.ctx, len(cert), cert) == 1
        assert lib.SSL_CTX_use_PrivateKey_ASN1(EVP_PKEY_EC, self.ctx, key, len(key)) == 1
        lib.SSL_CTX_set_verify(self.ctx, 1, take_any)
        assert lib.SSL_CTX_set_tlsext_use_srtp(self.ctx, PROFILE) == 0
        self.ssl = lib.SSL_new(self.ctx)
        self.into, self.out = lib.BIO_new(lib.BIO_s_mem()), lib.BIO_new(lib.BIO_s_mem())
        lib.BIO_ctrl(self.into, 130, -1, None)  # BIO_C_SET_BUF_MEM_EOF_RETURN: try again
        lib.SSL_set_bio(self.ssl, self.into, self.out)
        lib.SSL_set_options(self.ssl, NO_QUERY_MTU)
        lib.SSL_ctrl(self.ssl, CTRL_SET_MTU, MTU, None)
        lib.SSL_set_connect_state(self.ssl)
        self.done = False

    def put(self, datagram):
        self.lib.BIO_write(self.into, datagram, len(datagram))

    def take(self):
        """Records to send, each in a datagram of its own."""
        room = ctypes.create_string_buffer(65536)
        n = self.lib.BIO_read(self.out, room, len(room))
        rest, records = room.raw[:max(n, 0)], []
        while len(rest) >= 13:
            size = 13 + struct.unpack("!H", rest[11:13])[0]
            records.append(rest[:size])
            rest = rest[size:]
        return records

    def step(self):
        self.lib.ERR_clear_error()
        if self.done:
            self.lib.SSL_read(self.ssl, ctypes.create_string_buffer(2048), 2048)
        else:
            self.lib.SSL_ctrl(self.ssl, CTRL_TIMEOUT, 0, None)
            self.done = self.lib.SSL_do_handshake(self.ssl) == 1

    def keys(self):
        """(what we seal with, what we open with), RFC 5764 section 4.2."""
        assert self.lib.SSL_get_selected_srtp_profile(self.ssl), "no SRTP was agreed"
        key, salt, _ = Srtp.SUITES[SUITE]
        room = ctypes.create_string_buffer(2 * (key + salt))
        label = b"EXTRACTOR-dtls_srtp"
        assert self.lib.SSL_export_keying_material(self.ssl, room, len(room), label, len(label),
                                                   None, 0, 0) == 1
        raw = room.raw
        ours, theirs = raw[:key], raw[key:2 * key]
        salts = raw[2 * key:]
        return Srtp(SUITE, ours + salts[:salt]), Srtp(SUITE, theirs + salts[salt:])

    def peer_print(self):
        cert = self.lib.SSL_get1_peer_certificate(self.ssl)
        assert cert, "the server showed no certificate"
        room = ctypes.create_string_buffer(8192)
        at = ctypes.c_void_p(ctypes.addressof(room))
        n = self.lib.i2d_X509(cert, ctypes.byref(at))
        self.lib.X509_free(cert)
        return print_of(room.raw[:n])

    def leave(self):
        with self.lock:
            self.lib.SSL_shutdown(self.ssl)

    def close(self):
        with self.lock:
            if self.ssl:
                self.lib.SSL_free(self.ssl)
                self.lib.SSL_CTX_free(self.ctx)
            self.ssl = None


# -- STUN, RFC 8489 --

def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def check(user, password):
    """A binding request that nominates, as the controlling side sends it (RFC 8445 section 7.2)."""
    number = os.urandom(12)
    body = attribute(0x0006, user.encode()) + attribute(0x0024, struct.pack("!I", 1853824767))
    body += attribute(0x802A, os.urandom(8)) + attribute(0x0025, b"")

    def head(more):
        return struct.pack("!HHI", 0x0001, len(body) + more, COOKIE) + number
    digest = hmac.new(password.encode(), head(24) + body, hashlib.sha1).digest()
    body += attribute(0x0008, digest)
    crc = binascii.crc32(head(8) + body) ^ 0x5354554E
    return number, head(8) + body + attribute(0x8028, struct.pack("!I", crc))


class Tab(WideStream):
    """What a page's RTCPeerConnection does: one sound stream to the server."""

    def __init__(self, codec="opus", host="127.0.0.1"):
        self.ufrag = base64.b64encode(os.urandom(6)).decode()
        self.password = base64.b64encode(os.urandom(18)).decode()
        self.wanted, self.remote, self.dtls, self.up = codec, None, Dtls(), False
        self.cut = False  # the network is away: nothing goes or comes
        self.checks, self.next_check = {}, 0.0
        self.ice_at = self.up_at = None
        super().__init__(host)

    def offer(self):
        numbers = {"opus": 111, "PCMA": 8, "PCMU": 0, "G722": 9}
        pt = numbers[self.wanted]
        clock = 48000 if self.wanted == "opus" else 8000
        events = 110 if clock == 48000 else 126
        name = f"{self.wanted}/{clock}" + ("/2" if clock == 48000 else "")
        lines = ["v=0", f"o=- {random.randrange(1 << 62)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
                 "a=group:BUNDLE 0", "a=msid-semantic: WMS page",
                 f"m=audio 9 UDP/TLS/RTP/SAVPF {pt} {events}", "c=IN IP4 0.0.0.0",
                 "a=rtcp:9 IN IP4 0.0.0.0", f"a=ice-ufrag:{self.ufrag}",
                 f"a=ice-pwd:{self.password}", "a=ice-options:trickle",
                 f"a=fingerprint:{self.dtls.fingerprint}", "a=setup:actpass", "a=mid:0",
                 "a=sendrecv", "a=rtcp-mux", f"a=rtpmap:{pt} {name}",
                 f"a=rtpmap:{events} telephone-event/{clock}", f"a=ssrc:{self.ssrc} cname:page"]
        return "\r\n".join(lines) + "\r\n"

    def go(self, answer, seconds=5.0):
        """Follows the answer until sound can flow."""
        def said(pattern):
            found = re.search(pattern, answer, re.M)
            assert found, (pattern, answer)
            return found
        assert "a=ice-lite" in answer and "a=setup:passive" in answer and "a=mid:0" in answer, answer
        self.print = said(r"^a=fingerprint:(.*?)\s*$")[1]
        candidate = said(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host")
        user = said(r"^a=ice-ufrag:(.*?)\s*$")[1] + ":" + self.ufrag
        pt = int(said(r"^m=audio \d+ UDP/TLS/RTP/SAVPF (\d+)")[1])
        events = re.search(r"^a=rtpmap:(\d+) telephone-event", answer, re.M)
        codec = {0: "PCMU", 8: "PCMA", 9: "G722"}.get(pt) or said(rf"^a=rtpmap:{pt} (\w+)/")[1]
        self.speak(codec, pt, int(events[1]) if events else None)
        self.remote = (user, said(r"^a=ice-pwd:(.*?)\s*$")[1])
        self.to = (candidate[1], int(candidate[2]))
        if seconds:
            self.wait_up(seconds)
        return self

    def wait_up(self, seconds=10.0):
        wait_until(lambda: self.up, seconds, "ICE and DTLS of the tab are through")

    def leave(self):
        """The page says goodbye and is gone."""
        self.dtls.leave()
        self._flush()
        self.close()

    def close(self):
        self.up = False
        super().close()
        self.dtls.close()

    def moves(self):
        """Another network: a new address of ours, which ICE tells by its checks."""
        old, self.socket = self.socket, socket.socket(self.socket.family, socket.SOCK_DGRAM)
        self.socket.bind((old.getsockname()[0], 0))
        self.socket.setblocking(False)
        old.close()
        self.next_check = 0.0

    # -- for Clockwork --
    def _flush(self):
        with self.dtls.lock:
            records = self.dtls.take() if self.dtls.ssl else []
        for record in records:
            if not self.cut:
                self.put(record)

    def _shake(self):
        """A step of the handshake; the keys once it is done."""
        with self.dtls.lock:
            if self.dtls.ssl is None:
                return
            self.dtls.step()
            self._flush()
            if self.dtls.done:
                assert self.dtls.peer_print() == self.print, "another certificate than the answer's"
                self.seal, self.unseal = self.dtls.keys()
                self.up, self.up_at = True, time.monotonic()

    def tick(self):
        if self.remote is None or self.dtls.ssl is None:
            return
        now = time.monotonic()
        if now >= self.next_check:
            number, packet = check(*self.remote)
            self.checks[number] = now
            self.next_check = now + (1.0 if self.up else 0.1)
            if not self.cut:
                self.put(packet)
        if self.ice_at and not self.up:
            self._shake()
        if self.up and not self.cut:
            super().tick()

    def read(self):
        while True:
            try:
                data = self.socket.recv(2048)
            except OSError:
                return
            if self.cut or not data:
                continue
            if data[0] < 4:
                self._stun(data)
            elif 20 <= data[0] < 64:
                with self.dtls.lock:
                    if self.dtls.ssl:
                        self.dtls.put(data)
                        self.dtls.step()
                self._flush()
            elif self.up:
                self._sound(data)

    def _stun(self, data):
        if data[:2] == b"\x01\x01" and self.checks.pop(data[8:20], None):
            self.ice_at = self.ice_at or time.monotonic()

    def _sound(self, data):
        if len(data) < 12 or 64 <= (data[1] & 0x7F) <= 95:
            return
        data = self.unseal.open(data)
        if data is None:
            self.bad += 1
            return
        pt, seq, ts = data[1] & 0x7F, *struct.unpack("!HI", data[2:8])
        self.hear(pt, seq, ts, data[12:])


class Refused(Exception):
    """The answer to a command was a problem."""

    def __init__(self, problem):
        super().__init__(str(problem))
        self.problem, self.status = problem, problem.get("status")


class Desk(threading.Thread):
    """A page's WebSocket on /api/v1/live."""

    def __init__(self, address, token):
        super().__init__(daemon=True, name="desk")
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), 20)
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {nonce}\r\n"
                             f"Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n").encode())
        self.rest, self.lock, self.number = b"", threading.Lock(), 0
        while b"\r\n\r\n" not in self.rest:
            more = self.socket.recv(4096)
            assert more, "the server closed before it answered"
            self.rest += more
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        self.snapshot, self.events, self.phone, self.bye = None, [], [], None
        self.answers, self.closed = {}, None
        self.socket.settimeout(None)
        self.start()
        wait_until(lambda: self.snapshot, 5, "a snapshot")

    def do(self, what, seconds=8.0, **body):
        with self.lock:
            self.number += 1
            number = self.number
        self.send({"id": number, "do": what, **body})
        wait_until(lambda: number in self.answers or self.closed is not None, seconds,
                   f"an answer to {what}")
        answer = self.answers.get(number, {"error": {"status": 0, "title": "the desk is closed"}})
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["ok"]

    def wait_event(self, test, seconds=5.0, what="an event"):
        return wait_until(lambda: next((e for e in list(self.events) if test(e)), None), seconds, what)

    def wait_phone(self, state, seconds=8.0):
        wait_until(lambda: state in self.phone, seconds, f"the phone is told {state}: {self.phone}")

    def send(self, message):
        self._frame(1, json.dumps(message).encode())

    def leave(self, code=1001):
        """As a page that is left or loaded again."""
        if self.closed is None:
            self._frame(8, struct.pack("!H", code))
        self.break_off()

    def break_off(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    # -- RFC 6455 --
    def _frame(self, opcode, data):
        mask = os.urandom(4)
        size = len(data)
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | min(size, 126 if size < 65536 else 127)) \
            if size < 126 else (struct.pack("!BBH", 0x80 | opcode, 0xFE, size) if size < 65536
                                else struct.pack("!BBQ", 0x80 | opcode, 0xFF, size))
        sealed = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        with self.lock:
            self.socket.sendall(head + mask + sealed)

    def _exactly(self, n):
        while len(self.rest) < n:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def run(self):
        message = b""
        try:
            while True:
                first, second = self._exactly(2)
                size = second & 127
                if size == 126:
                    size = struct.unpack("!H", self._exactly(2))[0]
                elif size == 127:
                    size = struct.unpack("!Q", self._exactly(8))[0]
                data, opcode = self._exactly(size), first & 15
                if opcode == 8:
                    self.closed = struct.unpack("!H", data[:2])[0] if len(data) > 1 else 0
                    return
                if opcode == 9:
                    self._frame(10, data)
                elif opcode in (0, 1):
                    message += data
                    if first & 0x80:
                        self._said(json.loads(message))
                        message = b""
        except (EOFError, OSError):
            self.closed = self.closed or 1006

    def _said(self, m):
        if "snapshot" in m:
            self.snapshot = m["snapshot"]
        elif "event" in m:
            self.events.append({**m, "heard": time.monotonic()})
        elif "phone" in m:
            self.phone.append(m["phone"]["state"])
        elif "bye" in m:
            self.bye = m["bye"]
        elif "id" in m:
            self.answers[m["id"]] = m
