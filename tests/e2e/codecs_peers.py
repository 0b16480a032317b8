"""codecs_peers.py - telephones that speak G.722, Opus and SRTP: libopus and spandsp through ctypes, AES of python3-cryptography.

Nothing here is ours: each side of a call is decoded and opened by others' code.
"""
import base64
import ctypes
import hashlib
import hmac
import math
import os
import re
import struct
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from harness import Skip
from sound import FRAME, PCMA, PCMU, DECODE, Stream, encode, tone

CLOCK = {"PCMA": 8000, "PCMU": 8000, "G722": 8000, "opus": 48000}
PT = {"PCMA": 8, "PCMU": 0, "G722": 9, "opus": 96}


def library(name):
    try:
        return ctypes.CDLL(name)
    except OSError as e:
        raise Skip(f"{name} is not installed") from e


class Law:
    def __init__(self, pt):
        self.pt = pt

    def frame(self, hz, n):
        return encode(self.pt, tone(hz, FRAME, start=n * FRAME) if hz else [0] * FRAME)

    def hear(self, payload):
        return [DECODE[self.pt][b] for b in payload]


class G722:
    rate = 16000

    def __init__(self):
        lib = library("libspandsp.so.2")
        lib.g722_encode_init.restype = lib.g722_decode_init.restype = ctypes.c_void_p
        self.encode, self.decode = lib.g722_encode, lib.g722_decode
        for f in (self.encode, self.decode):
            f.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
        self.out = lib.g722_encode_init(None, 64000, 0)
        self.into = lib.g722_decode_init(None, 64000, 0)

    def frame(self, hz, n):
        pcm = wide_tone(hz, n, self.rate)
        room = ctypes.create_string_buffer(FRAME)
        assert self.encode(self.out, room, (ctypes.c_int16 * len(pcm))(*pcm), len(pcm)) == FRAME
        return room.raw

    def hear(self, payload):
        pcm = (ctypes.c_int16 * (2 * len(payload)))()
        n = self.decode(self.into, pcm, payload, len(payload))
        return list(pcm[:n:2])


class Opus:
    rate = 48000

    def __init__(self):
        self.lib = lib = library("libopus.so.0")
        lib.opus_encoder_create.restype = lib.opus_decoder_create.restype = ctypes.c_void_p
        error = ctypes.c_int()
        self.out = ctypes.c_void_p(lib.opus_encoder_create(48000, 1, 2048, ctypes.byref(error)))
        self.into = ctypes.c_void_p(lib.opus_decoder_create(48000, 1, ctypes.byref(error)))

    def frame(self, hz, n):
        pcm = wide_tone(hz, n, self.rate)
        room = ctypes.create_string_buffer(1500)
        size = self.lib.opus_encode(self.out, (ctypes.c_int16 * len(pcm))(*pcm), len(pcm), room, 1500)
        assert size > 0, size
        return room.raw[:size]

    def hear(self, payload):
        pcm = (ctypes.c_int16 * 5760)()
        n = self.lib.opus_decode(self.into, payload, len(payload), pcm, 5760, 0)
        return list(pcm[:n:6]) if n > 0 else []


def wide_tone(hz, n, rate):
    count = rate // 50
    if not hz:
        return [0] * count
    return [int(8000 * math.sin(2 * math.pi * hz * (n * count + i) / rate)) for i in range(count)]


def coder(name):
    return {"PCMA": lambda: Law(PCMA), "PCMU": lambda: Law(PCMU), "G722": G722, "opus": Opus}[name]()


class Srtp:
    """One direction under one key, RFC 3711 and 7714; written from the RFCs."""

    SUITES = {"AES_CM_128_HMAC_SHA1_80": (16, 14, 10), "AES_CM_128_HMAC_SHA1_32": (16, 14, 4),
              "AES_256_CM_HMAC_SHA1_80": (32, 14, 10), "AEAD_AES_128_GCM": (16, 12, 16),
              "AEAD_AES_256_GCM": (32, 12, 16)}

    def __init__(self, suite, key, mki=b""):
        n, salt, self.tag = self.SUITES[suite]
        assert len(key) == n + salt, (suite, len(key))
        self.gcm, self.mki, self.roc, self.last = "GCM" in suite, mki, 0, None
        self.master, self.master_salt = key[:n], key[n:].ljust(14, b"\0")
        self.key = self._derive(0, n)
        self.auth = self._derive(1, 20)
        self.salt = self._derive(2, salt)

    def _ctr(self, key, iv, data):
        return Cipher(algorithms.AES(key), modes.CTR(iv)).encryptor().update(data)

    def _derive(self, label, n):
        iv = bytearray(self.master_salt + b"\0\0")
        iv[7] ^= label
        return self._ctr(self.master, bytes(iv), bytes(n))

    def _iv(self, packet, roc):
        ssrc, seq = packet[8:12], packet[2:4]
        if self.gcm:
            raw = b"\0\0" + ssrc + struct.pack("!I", roc) + seq
            return bytes(a ^ b for a, b in zip(raw, self.salt))
        raw = bytes(4) + ssrc + struct.pack("!I", roc) + seq + b"\0\0"
        return bytes(a ^ b for a, b in zip(raw, self.salt + b"\0\0"))

    def seal(self, packet, roc=None):
        seq = struct.unpack("!H", packet[2:4])[0]
        if roc is None:
            if self.last is not None and seq < self.last and self.last - seq > 32768:
                self.roc += 1
            self.last, roc = seq, self.roc
        iv, head, body = self._iv(packet, roc), packet[:12], packet[12:]
        if self.gcm:
            return head + AESGCM(self.key).encrypt(iv, body, head) + self.mki
        sealed = head + self._ctr(self.key, iv, body)
        tag = hmac.new(self.auth, sealed + struct.pack("!I", roc), hashlib.sha1).digest()
        return sealed + self.mki + tag[:self.tag]

    def open(self, packet):
        """The plain packet, or None."""
        seq = struct.unpack("!H", packet[2:4])[0]
        if self.last is not None and seq < self.last and self.last - seq > 32768:
            self.roc += 1
        self.last = seq
        iv, head = self._iv(packet, self.roc), packet[:12]
        if self.gcm:
            try:
                return head + AESGCM(self.key).decrypt(iv, packet[12:], head)
            except Exception:
                return None
        sealed, tag = packet[:-self.tag], packet[-self.tag:]
        want = hmac.new(self.auth, sealed + struct.pack("!I", self.roc), hashlib.sha1).digest()
        return head + self._ctr(self.key, iv, sealed[12:]) if want[:self.tag] == tag else None


class WideStream(Stream):
    """A Stream that speaks any codec, perhaps sealed. What is heard is kept as mu-law of 8 kHz."""

    codec, theirs = "PCMA", None
    seal = unseal = None
    bad = 0
    last_sealed = b""

    def speak(self, codec, pt, event_pt=None):
        if codec != self.codec or self.theirs is None:
            self.codec, self.coder, self.ear = codec, coder(codec), coder(codec)
        self.pt, self.theirs, self.event_pt = pt, pt, event_pt
        self.count = 0

    def tick(self):
        if self.to is None or not self.sending or self.theirs is None:
            return
        marker, pt, ts = 0, self.pt, self.ts
        if self.keys:
            first, event, end, duration = self.keys.pop(0)
            if first:
                self._key_ts = self.ts
            marker, pt, ts = 0x80 if first else 0, self.event_pt, self._key_ts
            duration = duration * CLOCK[self.codec] // 8000
            payload = struct.pack("!BBH", event, (0x80 if end else 0) | 10, duration)
        else:
            payload = self.coder.frame(self.hz, self.count)
        self.count += 1
        packet = struct.pack("!BBHII", 0x80, marker | pt, self.seq, ts, self.ssrc) + payload
        if self.seal:
            packet = self.last_sealed = self.seal.seal(packet)
        self.put(packet)
        self.sent += 1
        self.seq = (self.seq + 1) & 0xFFFF
        self.ts = (self.ts + CLOCK[self.codec] // 50) & 0xFFFFFFFF

    def read(self):
        while True:
            try:
                data = self.socket.recv(2048)
            except OSError:
                return
            if len(data) < 12 or data[0] >> 6 != 2 or 64 <= (data[1] & 0x7F) <= 95:
                continue
            if self.unseal:
                data = self.unseal.open(data)
                if data is None:
                    self.bad += 1
                    continue
            self.hear(data[1] & 0x7F, *struct.unpack("!HI", data[2:8]), data[12:])

    def hear(self, pt, seq, ts, payload):
        if pt == self.theirs:
            pt, payload = PCMU, encode(PCMU, self.ear.hear(payload))
        self.heard.append((time.monotonic(), pt, seq, ts, payload))


class Wire:
    """What a Call of sip.py agrees on instead of G.711: give its maker to UserAgent.wire_of."""

    def __init__(self, codecs=("PCMA",), suites=(), profile=None, mki=b""):
        self.codecs, self.suites, self.mki = list(codecs), list(suites), mki
        self.profile = profile or ("RTP/SAVP" if suites else "RTP/AVP")
        self.keys = {s: os.urandom(sum(Srtp.SUITES[s][:2])) for s in self.suites}
        self.agreed = None  # the suite
        self.tag = 1

    def open(self, call):
        if call.sound is None:
            call.sound = WideStream(call.agent.host)
            call.agent.streams.append(call.sound)

    def sdp(self, call, direction):
        offering = self.agreed is None
        pts = [PT[c] for c in self.codecs] if offering else [call.sound.pt]
        names = self.codecs if offering else [call.sound.codec]
        clocks = sorted({CLOCK[c] for c in names})
        events = {c: 101 if c == 8000 else 102 for c in clocks}
        if not offering and call.sound.event_pt:
            events = {CLOCK[call.sound.codec]: call.sound.event_pt}
        lines = ["v=0", f"o=test {call.sdp_id} {call.sdp_version} IN IP4 {call.agent.host}", "s=-",
                 f"c=IN IP4 {call.agent.host}", "t=0 0",
                 f"m=audio {call.sound.port} {self.profile} {' '.join(map(str, [*pts, *events.values()]))}"]
        for name, pt in zip(names, pts):
            lines.append(f"a=rtpmap:{pt} {name}/{CLOCK[name]}" + ("/2" if name == "opus" else ""))
        lines += [f"a=rtpmap:{pt} telephone-event/{clock}" for clock, pt in events.items()]
        suites = self.suites if offering or not self.agreed else [self.agreed]
        for i, s in enumerate(suites):
            tag = i + 1 if offering else self.tag
            mki = f"|{int.from_bytes(self.mki, 'big')}:{len(self.mki)}" if self.mki else ""
            lines.append(f"a=crypto:{tag} {s} inline:{base64.b64encode(self.keys[s]).decode()}{mki}")
        return "\r\n".join([*lines, f"a={direction or call.direction}"]) + "\r\n"

    def hear(self, call, text):
        self.text = text
        audio = re.search(r"^m=audio (\d+) (\S+) (.*?)\s*$", text, re.M)
        address = re.search(r"^c=IN IP4 (\S+)", text, re.M)[1]
        maps = {int(p): (n, int(r)) for p, n, r in
                re.findall(r"^a=rtpmap:(\d+) ([^/\s]+)/(\d+)", text, re.M)}
        pts = [int(p) for p in audio[3].split()]
        self.offered = [maps[p][0] for p in pts if p in maps]
        codec, pt = next((maps[p][0], p) for p in pts if p in maps and maps[p][0] in self.codecs)
        event = next((p for p in pts if maps.get(p) == ("telephone-event", CLOCK[codec])), None)
        call.sound.speak(codec, pt, event)
        self.profile = audio[2]
        self.crypto = re.findall(r"^a=crypto:(\d+) (\S+) inline:([A-Za-z0-9+/=]+)", text, re.M)
        found = next((c for c in self.crypto if c[1] in self.suites), None)
        assert found or audio[2] == "RTP/AVP", "no keys in " + text
        self.agreed = found[1] if found else ""
        if found:
            self.tag, key = int(found[0]), base64.b64decode(found[2])
            if getattr(self, "their_key", None) != key:
                self.their_key = key
                call.sound.unseal = Srtp(found[1], key)
            if not call.sound.seal:
                call.sound.seal = Srtp(found[1], self.keys[found[1]], self.mki)
        else:
            call.sound.seal = call.sound.unseal = None
        call.sound.to = (address, int(audio[1]))


def agreed(call):
    """(codec, suite) as the telephone knows it."""
    return call.sound.codec, call.wire.agreed
