"""sip.py - a small scriptable SIP user agent over UDP for the tests. RFC 3261, 3264, 2617/7616.

Written apart from the product and from the documents only, so that both cannot be wrong alike.
"""
import contextlib
import hashlib
import queue
import random
import re
import select
import socket
import threading
import time

from sound import EVENT, PCMA, PCMU, Stream
from waiting import LOOK, happens, wait_until

T1, T2 = 0.5, 4.0
COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "s": "subject"}

SPELLED = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}


def token(n=10):
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(n))


def taken(from_queue):
    """What lies in it or comes in a moment."""
    try:
        return from_queue.get(timeout=LOOK)
    except queue.Empty:
        return None


class Message:
    def __init__(self, start, headers=(), body=""):
        self.start, self.headers, self.body = start, list(headers), body

    @classmethod
    def parse(cls, data):
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            headers.append((COMPACT.get(name, name), value.strip()))
        return cls(lines[0], headers, body)

    @property
    def status(self):
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self):
        return self.get("cseq").split()[1] if self.status else self.start.split()[0]

    @property
    def uri(self):
        return self.start.split()[1]

    def get(self, name, default=""):
        return next((v for n, v in self.headers if n == name), default)

    def all(self, name):
        return [v for n, v in self.headers if n == name]

    @property
    def cseq(self):
        return int(self.get("cseq").split()[0])

    @property
    def branch(self):
        m = re.search(r"branch=([^;,\s]+)", self.get("via"))
        return m[1] if m else ""

    def tag(self, name):
        m = re.search(r";\s*tag=([^;\s]+)", self.get(name))
        return m[1] if m else None

    def bytes(self):
        lines = [self.start] + [f"{SPELLED.get(n, n.title())}: {v}" for n, v in self.headers
                                if n != "content-length"]
        body = self.body.encode()
        return ("\r\n".join(lines) + f"\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def uri_of(header):
    m = re.search(r"<([^>]*)>", header)
    return m[1] if m else header.split(";")[0].strip()


def user_of(uri):
    m = re.match(r"(?:<|[^<]*<)?sips?:([^@;>]+)@", uri)
    return m[1] if m else ""


class Sdp:
    """What one audio stream's description says."""

    def __init__(self, text):
        self.text = text
        self.address = re.search(r"^c=IN IP[46] (\S+)", text, re.M)[1]
        audio = re.search(r"^m=audio (\d+) \S+ (.*)$", text, re.M)
        self.port = int(audio[1])
        self.pts = [int(p) for p in audio[2].split()]
        self.names = {int(p): n.lower() for p, n in
                      re.findall(r"^a=rtpmap:(\d+) ([^/\s]+)", text, re.M)}
        self.names.setdefault(0, "pcmu")
        self.names.setdefault(8, "pcma")
        found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", text, re.M)
        self.direction = found[1] if found else "sendrecv"
        self.origin = re.search(r"^o=\S+ (\S+) (\S+) ", text, re.M).groups()

    def pt_of(self, name):
        return next((p for p in self.pts if self.names.get(p) == name), None)


class Call:
    """One call of a user agent, either way round. Times are monotonic seconds."""

    def __init__(self, agent, outgoing, call_id=None):
        self.agent, self.outgoing = agent, outgoing
        self.call_id = call_id or f"{token(16)}@{agent.host}"
        self.local_tag, self.remote_tag = token(), None
        self.local = self.remote = ""  # From/To addresses without tags
        self.target = ""
        self.routes = []
        self.cseq = random.randrange(1, 1000)
        self.remote_cseq = 0
        self.invite = self.invite_branch = None
        self.events = queue.Queue()
        self.ringing_at = self.answered_at = self.over_at = self.accepted_at = None
        self.over_by = None  # "them", "us"
        self.final = None  # the final response to our INVITE, or that we gave
        self.established = threading.Event()
        self.over = threading.Event()
        self.sound = None
        self.sdp_version, self.sdp_id = 1, random.randrange(1, 1 << 31)
        self.remote_sdp = None
        self.codecs = [PCMA, PCMU]
        self.event_pt = EVENT
        self.direction = "sendrecv"
        self.auth = None
        self.ack = None
        self.last_2xx = None
        self.reinvited = 0
        self.wire = agent.wire_of() if agent.wire_of else None  # codecs.Wire: more than G.711

    # -- sound --
    def _sdp(self, direction=None):
        if self.wire:
            return self.wire.sdp(self, direction)
        names = {PCMA: "PCMA", PCMU: "PCMU"}
        pts = [*self.codecs, *([self.event_pt] if self.event_pt else [])]
        lines = ["v=0", f"o=test {self.sdp_id} {self.sdp_version} IN IP4 {self.agent.host}", "s=-",
                 f"c=IN IP{6 if ':' in self.agent.media_host else 4} {self.agent.media_host}", "t=0 0",
                 f"m=audio {self.sound.port} RTP/AVP {' '.join(map(str, pts))}"]
        lines += [f"a=rtpmap:{p} {names[p]}/8000" for p in self.codecs]
        if self.event_pt:  # None: a telephone that knows only tones
            lines += [f"a=rtpmap:{self.event_pt} telephone-event/8000",
                      f"a=fmtp:{self.event_pt} 0-15"]
        lines += ["a=ptime:20", f"a={direction or self.direction}"]
        return "\r\n".join(lines) + "\r\n"

    def _open_sound(self):
        if self.wire:
            self.wire.open(self)
        if self.sound is None:
            self.sound = Stream(self.agent.media_host, self.codecs[0])
            self.agent.streams.append(self.sound)

    def _hear(self, text):
        sdp = Sdp(text)
        self.remote_sdp = sdp
        if sdp.port == 0:
            return
        if self.wire:
            self.wire.hear(self, text)
            self.sound.sending = sdp.direction in ("sendrecv", "recvonly")
            return
        self.sound.to = (sdp.address, sdp.port)
        self.sound.sending = sdp.direction in ("sendrecv", "recvonly")
        pt = next((p for p in sdp.pts if sdp.names.get(p) in ("pcma", "pcmu")), None)
        assert pt is not None, "no G.711 in " + text
        self.sound.pt = pt
        self.sound.event_pt = sdp.pt_of("telephone-event") or EVENT

    # -- requests within --
    def request(self, method, body="", headers=()):
        self.cseq += method not in ("ACK", "CANCEL")
        m = Message(f"{method} {self.target} SIP/2.0", [
            ("via", self.agent.via()),
            *[("route", r) for r in self.routes],
            ("max-forwards", "70"),
            ("from", f"{self.local};tag={self.local_tag}"),
            ("to", self.remote + (f";tag={self.remote_tag}" if self.remote_tag else "")),
            ("call-id", self.call_id),
            ("cseq", f"{self.cseq} {method}"),
            ("contact", f"<{self.agent.contact(user_of(self.local))}>"),
            *headers])
        if body:
            m.headers.append(("content-type", "application/sdp"))
            m.body = body
        return m

    def wait_answer(self, seconds=10.0):
        """Waits for the 200 to our INVITE."""
        if not happens(self.established, seconds):
            raise AssertionError(f"no answer within {seconds} s (final {self.final})")
        return self

    def wait_over(self, seconds=10.0, by=None):
        if not happens(self.over, seconds):
            raise AssertionError(f"the call was not over within {seconds} s")
        if by:
            assert self.over_by == by, f"ended by {self.over_by}, expected {by}"
        return self

    def wait_ringing(self, seconds=10.0):
        wait_until(lambda: self.ringing_at or self.over.is_set(), seconds, "it rings", 0.01)
        assert self.ringing_at, "it does not ring"
        return self

    def press(self, digit):
        self.sound.press(digit)

    def press_in_band(self, digit, milliseconds=80):
        self.sound.press_in_band(digit, milliseconds)

    def press_by_info(self, digit, kind="application/dtmf-relay", seconds=5.0):
        """RFC 6086 INFO as phones write it; the final status."""
        m = self.request("INFO")
        m.headers.append(("content-type", kind))
        m.body = f"Signal={digit}\r\nDuration=160\r\n" if kind.endswith("relay") else digit
        return self.agent.ask(m, seconds).status

    def say(self, hz):
        self.sound.say(hz)
        return self

    def bye(self, seconds=5.0):
        """Hangs up and waits for the answer to the BYE."""
        if self.over.is_set():
            return None
        response = self.agent.ask(self.request("BYE"), seconds)
        self._end("us")
        return response

    def cancel(self):
        """CANCEL of our INVITE that has no final answer yet (RFC 3261 section 9.1)."""
        invite = self.invite
        m = Message(f"CANCEL {invite.uri} SIP/2.0",
                    [("via", invite.get("via")), ("max-forwards", "70"), ("from", invite.get("from")),
                     ("to", invite.get("to")), ("call-id", self.call_id),
                     ("cseq", f"{invite.cseq} CANCEL")])
        return self.agent.ask(m, 5.0, key=(invite.branch, "CANCEL"))

    def reinvite(self, direction="sendrecv", seconds=5.0):
        """Our re-INVITE; returns the answer's Sdp, or the refusing Message."""
        self.sdp_version += 1
        self.direction = direction
        self.sound.sending = direction in ("sendrecv", "sendonly")
        response = self.agent.ask(self.request("INVITE", self._sdp()), seconds)
        ack = self.request("ACK")
        if response.status < 300:
            ack.headers = [(n, v) if n != "cseq" else (n, f"{response.cseq} ACK")
                           for n, v in ack.headers]
            self.agent.send(ack)
            self.acks = ack
            self._hear(response.body)
            self.sound.sending = self.sound.sending and direction in ("sendrecv", "sendonly")
            return Sdp(response.body)
        return response

    # -- answering --
    def respond(self, request, status, reason, body="", headers=()):
        m = Message(f"SIP/2.0 {status} {reason}",
                    [("via", v) for v in request.all("via")] +
                    [("record-route", v) for v in request.all("record-route")] +
                    [("from", request.get("from")),
                     ("to", request.get("to") + ("" if request.tag("to") or status == 100
                                                 else f";tag={self.local_tag}")),
                     ("call-id", request.get("call-id")), ("cseq", request.get("cseq"))] +
                    ([("contact", f"<{self.agent.contact(user_of(request.uri))}>")]
                     if request.method == "INVITE" and 100 < status < 300 else []) + list(headers))
        if body:
            m.headers.append(("content-type", "application/sdp"))
            m.body = body
        self.agent.reply(request, m)
        return m

    def ring(self):
        self.respond(self.invite, 180, "Ringing")
        return self

    def accept(self):
        with self.agent.guard:
            if self.over.is_set():
                raise AssertionError("the call was cancelled")
            self._open_sound()
            if self.invite.body:
                self._hear(self.invite.body)
                self.codecs = [self.sound.pt] if not self.wire else self.codecs
                self.event_pt = self.sound.event_pt
            self.accepted_at = time.monotonic()
            self.final = 200
            self.respond(self.invite, 200, "OK", self._sdp())
            self.established_by_us = True
        return self

    def reject(self, status=486, reason="Busy Here"):
        self.final = status
        self.respond(self.invite, status, reason)
        self._end("us")

    def _end(self, by):
        if not self.over.is_set():
            self.over_by, self.over_at = by, time.monotonic()
            if self.sound:
                self.sound.sending = False
            self.over.set()


class UserAgent(threading.Thread):
    """One UDP socket with any number of users and calls. Incoming calls wait in `calls`.

    policy(call) decides about a new incoming call on the reader's thread: None lets the test do it.
    """

    wire_of = None

    def __init__(self, host="127.0.0.1", port=0, policy=None):
        super().__init__(daemon=True, name="sip")
        self.host, self.policy = host, policy
        self.media_host = host  # of its RTP; IPv6 or not, whatever SIP goes over
        self.socket = self._open_wire(host, port)
        self.port = self.socket.getsockname()[1]
        self.guard = threading.RLock()
        self.by_id = {}  # Call-ID → Call
        self.calls = queue.Queue()
        self.pending = {}  # (branch, method) → client transaction
        self.answered = {}  # (branch, method) → last response
        self.unacked = {}  # Call-ID → [response, source, next at, interval]
        self.log = []  # (time, ">" or "<", message)
        self.streams, self.timed = [], []
        self.errors = []
        self.deaf = False  # answers nothing at all
        self.loses = None  # loses(message): true for those that the wire loses on the way here
        self.closing = False
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.closing = True
        self.join(2)
        for s in self.streams:
            s.close()
        self.socket.close()

    def _open_wire(self, host, port):
        wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        wire.bind((host, port))
        return wire

    def contact(self, user=""):
        return f"sip:{user or 'test'}@{self.host}:{self.port}"

    def via(self):
        return f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{token(16)};rport"

    # -- the wire --
    def send(self, message, to=None):
        to = to or self._next_hop(message)
        self.log.append((time.monotonic(), ">", message))
        self.socket.sendto(message.bytes(), to)

    def _next_hop(self, message):
        uri = uri_of(message.get("route")) if message.get("route") else message.uri
        m = re.match(r"sips?:(?:[^@]*@)?([^:;>]+)(?::(\d+))?", uri)
        return getattr(self, "proxy", None) or (m[1], int(m[2] or 5060))

    def reply(self, request, response):
        source = request.source
        self.answered[(request.branch, request.method)] = response
        self.send(response, source)
        if request.method == "INVITE" and response.status >= 200:
            self.unacked[request.get("call-id")] = [response, source, time.monotonic() + T1, T1]

    def ask(self, message, seconds=5.0, key=None):
        """Sends a request with retransmissions and waits for its final response."""
        response = self.begin(message, key).get_final(seconds)
        if response is None:
            raise AssertionError(f"no answer to {message.method} within {seconds} s")
        return response

    def begin(self, message, key=None):
        t = Transaction(self, message)
        with self.guard:
            self.pending[key or (message.branch, message.method)] = t
            self.send(message)
        return t

    def run(self):
        while not self.closing:
            ready, _, _ = select.select([self.socket], [], [], 0.02)
            if ready:
                try:
                    data, source = self.socket.recvfrom(65536)
                except OSError:
                    continue
                if not data.strip() or self.deaf:
                    continue
                message = Message.parse(data)
                message.source = source
                if self.loses and self.loses(message):
                    self.log.append((time.monotonic(), "x", message))
                    continue
                with self.guard, self._living_on(data):
                    self.log.append((time.monotonic(), "<", message))
                    if message.status:
                        self._response(message)
                    else:
                        self._request(message)
            with self.guard, self._living_on(b"a timer"):
                self._timers(time.monotonic())

    @contextlib.contextmanager
    def _living_on(self, at):
        """The thread outlives a mistake; the test fails by what is missing."""
        try:
            yield
        except Exception as error:
            self.errors.append((error, at))
            print(f"    sip: {error!r} at {at[:400]!r}")

    def _timers(self, now):
        for t in list(self.pending.values()):
            t.timer(now)
        for call_id, entry in list(self.unacked.items()):
            response, source, at, interval = entry
            if now >= at:
                entry[3] = min(2 * interval, T2)
                entry[2] = now + entry[3]
                self.send(response, source)
        for item in [i for i in self.timed if i[0] <= now]:
            self.timed.remove(item)
            item[1]()

    def later(self, seconds, what):
        with self.guard:
            self.timed.append((time.monotonic() + seconds, what))

    def _response(self, m):
        t = self.pending.get((m.branch, m.method))
        if t:
            t.response(m)
        call = self.by_id.get(m.get("call-id"))
        if call is None or m.method != "INVITE" or call.invite is None or not call.outgoing:
            return
        if m.branch != call.invite.branch:
            if 200 <= m.status < 300 and getattr(call, "acks", None) and call.acks.cseq == m.cseq:
                self.send(call.acks)  # a 2xx to our re-INVITE, again
            return
        if m.status < 200:
            if m.status > 100:
                call.ringing_at = call.ringing_at or time.monotonic()
                call.remote_tag = m.tag("to")
                if m.body and call.remote_sdp is None:  # what is played before the answer
                    call._hear(m.body)
            return
        if m.status < 300:
            self._answered(call, m)
        else:
            ack = Message(f"ACK {call.invite.uri} SIP/2.0",
                          [("via", call.invite.get("via")), ("max-forwards", "70"),
                           ("from", m.get("from")), ("to", m.get("to")),
                           ("call-id", call.call_id), ("cseq", f"{m.cseq} ACK")])
            self.send(ack, call.invite_to)
            if m.status in (401, 407) and call.auth and not call.auth_tried:
                call.auth_tried = True
                self._again_with_credentials(call, m)
                return
            if call.final is None:
                call.final, call.final_response = m.status, m
                call._end("them")

    def _answered(self, call, m):
        if call.ack is None:
            call.remote_tag = m.tag("to")
            call.target = uri_of(m.get("contact"))
            call.routes = list(reversed(m.all("record-route")))
            late = m.body and not call.invite.body  # theirs is the offer: RFC 3261 section 13.2.1
            call.ack = call.request("ACK", call._sdp() if late else "")
            call.ack.headers = [(n, v) if n != "cseq" else (n, f"{m.cseq} ACK")
                                for n, v in call.ack.headers]
            call.final, call.final_response = m.status, m
            call.answered_at = time.monotonic()
            if m.body:
                call._hear(m.body)
            call.established.set()
        self.send(call.ack)  # again for every retransmission (RFC 3261 section 13.2.2.4)
        if getattr(call, "hang_up_on_answer", False):
            call.hang_up_on_answer = False
            self.begin(call.request("BYE"))
            call._end("us")

    def _request(self, m):
        key = (m.branch, m.method)
        call = self.by_id.get(m.get("call-id"))
        if m.method == "ACK":
            self.unacked.pop(m.get("call-id"), None)
            if call and call.final == 200 and not call.outgoing:
                call.answered_at = call.answered_at or time.monotonic()
                call.established.set()
            return
        if key in self.answered:
            self.send(self.answered[key], m.source)
            return
        if m.method == "INVITE" and not m.tag("to"):
            if call is None:
                self._incoming(m)
            return
        if m.method == "CANCEL":
            self._cancelled(call, m)
        elif m.method == "OPTIONS":
            Call(self, False, m.get("call-id")).respond(m, 200, "OK")
        elif call is None or m.tag("to") != call.local_tag:
            Call(self, False, m.get("call-id")).respond(m, 481, "Call/Transaction Does Not Exist")
        elif m.method == "BYE":
            call.respond(m, 200, "OK")
            call._end("them")
        elif m.method == "INVITE":
            self._reinvited(call, m)
        else:
            call.respond(m, 200, "OK")

    def _incoming(self, m):
        call = Call(self, False, m.get("call-id"))
        call.invite = m
        call.local = re.sub(r";\s*tag=.*", "", m.get("to"))
        call.remote = re.sub(r";\s*tag=.*", "", m.get("from"))
        call.remote_tag = m.tag("from")
        call.target = uri_of(m.get("contact"))
        call.routes = m.all("record-route")
        call.arrived_at = time.monotonic()
        call.user = user_of(m.uri)
        self.by_id[call.call_id] = call
        if self.policy:
            self.policy(call)
        self.calls.put(call)

    def _cancelled(self, call, m):
        if call is None:
            Call(self, False, m.get("call-id")).respond(m, 481, "Call/Transaction Does Not Exist")
            return
        call.respond(m, 200, "OK")
        if call.final is None:
            call.final = 487
            call.respond(call.invite, 487, "Request Terminated")
            call._end("them")

    def _reinvited(self, call, m):
        call.reinvited += 1
        call.remote_cseq = m.cseq
        call.sdp_version += 1
        if m.body:
            call._hear(m.body)
            direction = {"sendonly": "recvonly", "recvonly": "sendonly",
                         "inactive": "inactive"}.get(call.remote_sdp.direction, "sendrecv")
        else:
            direction = "sendrecv"
        if m.get("contact"):
            call.target = uri_of(m.get("contact"))
        call.respond(m, 200, "OK", call._sdp(direction))

    # -- what tests do --
    def call(self, uri, server, user="+48601000001", codecs=None, auth=None, sdp=True, hz=None,
             domain=None, event_pt=EVENT, headers=()):
        """Starts a call to uri through server ("host:port"); returns at once."""
        host, _, port = server.rpartition(":")
        call = Call(self, True)
        call.codecs = codecs or call.codecs
        call.event_pt = event_pt
        call._open_sound()
        call.sound.say(hz)
        call.local, call.remote, call.target = f"<sip:{user}@{domain or self.host}>", f"<{uri}>", uri
        call.auth, call.auth_tried = auth, False
        call.invite = call.request("INVITE", call._sdp() if sdp else "", headers)
        call.invite_to = (host, int(port))
        with self.guard:
            self.by_id[call.call_id] = call
            self._start(call)
        return call

    def _start(self, call):
        t = Transaction(self, call.invite, call.invite_to)
        self.pending[(call.invite.branch, "INVITE")] = t
        call.started_at = time.monotonic()
        self.send(call.invite, call.invite_to)

    def _again_with_credentials(self, call, challenge):
        call.cseq += 1
        call.invite = Message(call.invite.start, [h for h in call.invite.headers
                                                  if h[0] not in ("via", "cseq")], call.invite.body)
        call.invite.headers[:0] = [("via", self.via()), ("cseq", f"{call.cseq} INVITE"),
                                   credentials(challenge, "INVITE", call.invite.uri, *call.auth)]
        self._start(call)

    def wait_call(self, seconds=10.0):
        return wait_until(lambda: taken(self.calls), seconds, "a call comes", every=0)

    def register(self, user, domain, server, password=None, expires=60, contact_user=None,
                 algorithm=None):
        """REGISTER, once more with credentials when challenged; returns the last response."""
        host, _, port = server.rpartition(":")
        to = (host, int(port))
        call_id, tag = token(16), token()
        extra, response = [], None
        for cseq in (1, 2):
            m = Message(f"REGISTER sip:{domain} SIP/2.0", [
                ("via", self.via()), ("max-forwards", "70"),
                ("from", f"<sip:{user}@{domain}>;tag={tag}"), ("to", f"<sip:{user}@{domain}>"),
                ("call-id", call_id), ("cseq", f"{cseq} REGISTER"),
                ("contact", f"<{self.contact(contact_user or user)}>"), ("expires", str(expires)),
                *extra])
            t = Transaction(self, m, to)
            with self.guard:
                self.pending[(m.branch, "REGISTER")] = t
                self.send(m, to)
            response = t.get_final(5.0)
            assert response is not None, "no answer to REGISTER"
            if response.status != 401 or password is None:
                break
            extra = [credentials(response, "REGISTER", f"sip:{domain}", user, password)]
        return response


class Transaction:
    """A client transaction: sends again until there is an answer."""

    def __init__(self, agent, message, to=None):
        self.agent, self.message = agent, message
        self.to = to
        self.interval, self.at = T1, time.monotonic() + T1
        self.end = time.monotonic() + 64 * T1
        self.finals = queue.Queue()
        self.done = False

    def timer(self, now):
        if self.done or now < self.at:
            return
        if now >= self.end:
            self.done = True
            return
        self.interval = 2 * self.interval if self.message.method == "INVITE" \
            else min(2 * self.interval, T2)
        self.at = now + self.interval
        self.agent.send(self.message, self.to)

    def response(self, m):
        if m.status < 200:
            if self.message.method == "INVITE":
                self.done = True  # no more retransmissions
            return
        self.done = True
        self.finals.put(m)

    def get_final(self, seconds):
        try:
            return wait_until(lambda: taken(self.finals), seconds, every=0)
        except AssertionError:
            return None


def credentials(challenge, method, uri, user, password, count=1):
    """The header that answers a 401 or 407 (RFC 7616 section 3.4; RFC 2069 without qop)."""
    proxy = challenge.status == 407
    text = challenge.get("proxy-authenticate" if proxy else "www-authenticate")
    said = {k.lower(): v1 or v2 for k, v1, v2 in
            re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', text)}
    algorithm = said.get("algorithm", "MD5")

    def digest(data):
        made = hashlib.sha256 if algorithm.upper() == "SHA-256" else hashlib.md5
        return made(data.encode()).hexdigest()

    ha1 = digest(f"{user}:{said['realm']}:{password}")
    ha2 = digest(f"{method}:{uri}")
    out = (f'Digest username="{user}", realm="{said["realm"]}", nonce="{said["nonce"]}", '
           f'uri="{uri}"')
    if "algorithm" in said:
        out += f", algorithm={algorithm}"
    if "qop" in said:
        cnonce, nc = token(), f"{count:08x}"
        response = digest(f"{ha1}:{said['nonce']}:{nc}:{cnonce}:auth:{ha2}")
        out += f', qop=auth, nc={nc}, cnonce="{cnonce}"'
    else:
        response = digest(f"{ha1}:{said['nonce']}:{ha2}")
    if "opaque" in said:
        out += f', opaque="{said["opaque"]}"'
    return ("proxy-authorization" if proxy else "authorization", f'{out}, response="{response}"')
