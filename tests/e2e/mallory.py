"""mallory.py - somebody on the net with a socket and bad intent: raw SIP, digests, what came back."""
import hashlib
import re
import select
import socket
import time

from sip import Message, token

SDP = ("v=0\r\no=x 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")


class Mallory:
    """One UDP socket at an address of his own (all of 127/8 is ours to invent)."""
    over = "UDP"

    def __init__(self, server, address="127.0.66.1"):
        host, _, port = server.rpartition(":")
        self.server = (host, int(port))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(2)
        self.host, self.port = self.socket.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def message(self, method, uri, user="mallory", domain="acme.test", to=None, headers=(), body="",
                call_id=None, cseq=1, from_tag=None, branch=None):
        tag = from_tag or token()
        made = [("via", f"SIP/2.0/{self.over} {self.host}:{self.port};branch={branch or 'z9hG4bK' + token(16)};"
                        "rport"),
                ("max-forwards", "70"), ("from", f"<sip:{user}@{domain}>;tag={tag}"),
                ("to", to or f"<{uri}>"), ("call-id", call_id or token(16)),
                ("cseq", f"{cseq} {method}"),
                ("contact", f"<sip:{user}@{self.host}:{self.port}>"), *headers]
        if body:
            made.append(("content-type", "application/sdp"))
        return Message(f"{method} {uri} SIP/2.0", made, body)

    def send(self, message):
        data = message.bytes() if isinstance(message, Message) else message
        self.socket.sendto(data, self.server)

    def connect(self):
        pass

    def next(self, seconds):
        """Whatever comes next, or None."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        return Message.parse(self.socket.recv(65536))

    def hear(self, seconds=2.0, branch=None):
        """The next final response (to the request of this branch), or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                m = Message.parse(self.socket.recv(65536))
            except socket.timeout:
                return None
            if m.status and m.status >= 200 and branch in (None, m.branch):
                return m
        return None

    def ask(self, message, seconds=2.0):
        """The answer to this one: another's may come late, or again."""
        self.send(message)
        return self.hear(seconds, message.branch)

    def digest(self, challenge, method, uri, user, password, nc=1, **other):
        """An Authorization header for this 401; `other` replaces fields after the digest is made."""
        text = challenge.get("www-authenticate")
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', text))
        algorithm = other.pop("use", said.get("algorithm", "MD5"))
        made = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
        h = lambda *x: made(":".join(x).encode()).hexdigest()
        count, cnonce = f"{nc:08x}", "c0ffee"
        response = h(h(user, said["realm"], password), said["nonce"], count, cnonce, "auth",
                     h(method, uri))
        fields = {"username": user, "realm": said["realm"], "nonce": said["nonce"], "uri": uri,
                  "response": response, "cnonce": cnonce, **other}
        return ("authorization", "Digest " + ", ".join(f'{k}="{v}"' for k, v in fields.items()) +
                f", algorithm={algorithm}, qop=auth, nc={count}")

    def register(self, user, password, domain="acme.test", use=None):
        """REGISTER with these words: the final status."""
        uri = f"sip:{domain}"
        call_id, tag = token(16), token()
        say = lambda n, more: self.ask(self.message(
            "REGISTER", uri, user, domain, to=f"<sip:{user}@{domain}>", call_id=call_id, cseq=n,
            from_tag=tag, headers=[("expires", "60"), *more]))
        first = say(1, [])
        assert first is not None and first.status == 401, first
        more = {"use": use} if use else {}
        second = say(2, [self.digest(first, "REGISTER", uri, user, password, **more)])
        return second.status if second else None


class StreamMallory(Mallory):
    """The same over TCP."""
    over = "TCP"

    def __init__(self, server, address="127.0.66.1"):
        host, _, port = server.rpartition(":")
        self.server = (host, int(port))
        self.left = b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.bind((address, 0))
        self.host, self.port = self.socket.getsockname()

    def connect(self):
        self.socket.connect(self.server)

    def send(self, message):
        self.socket.sendall(message.bytes() if isinstance(message, Message) else message)

    def next(self, seconds):
        while b"\r\n\r\n" not in self.left:
            if not select.select([self.socket], [], [], seconds)[0]:
                return None
            more = self.socket.recv(65536)
            if not more:
                return None
            self.left += more
        head, _, rest = self.left.partition(b"\r\n\r\n")
        size = int(re.search(rb"(?im)^content-length\s*:\s*(\d+)", head)[1])
        while len(rest) < size:
            rest += self.socket.recv(65536)
        self.left = rest[size:]
        return Message.parse(head + b"\r\n\r\n" + rest[:size])


def alike(m):
    """A response without what must differ: tags, nonces, ids, addresses of who asked."""
    text = m.bytes().decode()
    text = re.sub(r'(?i)(tag=|nonce="|branch=)[^;">\s]+', r"\1*", text)
    text = re.sub(r"(?im)^(call-id|via|from|to): .*$", r"\1: *", text)
    return text
