"""streams.py - the test phone over TCP and TLS, and certificates made by openssl's command line.

RFC 3261 section 18.3: framing by Content-Length. Each connection is a thread; what comes on it goes
through a socket pair, so that the phone of sip.py reads it like datagrams.
"""
import pathlib
import re
import select
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from sip import UserAgent, token


class Authority:
    """A private certificate authority in a folder of its own."""

    def __init__(self, name="Test CA"):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="centrala-ca-"))
        self.cert, self.key = self.dir / "ca.crt", self.dir / "ca.key"
        self._openssl("req", "-x509", *self._new_key(self.key), "-out", str(self.cert), "-days", "30",
                      "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")

    @staticmethod
    def _new_key(path, kind="ec"):
        words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else \
            ["-newkey", "rsa:2048"]
        return [*words, "-nodes", "-keyout", str(path)]

    @staticmethod
    def _openssl(*words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-800:]

    def make(self, name, *names, days=30, kind="ec", self_signed=False):
        """A certificate for names ("DNS:a.test", "IP:127.0.0.1"): (certificate's path, key's)."""
        cert, key, asked = (self.dir / f"{name}.{end}" for end in ("crt", "key", "csr"))
        more = self.dir / f"{name}.ext"
        more.write_text(f"subjectAltName={','.join(names)}\nbasicConstraints=CA:FALSE\n")
        if self_signed:
            self._openssl("req", "-x509", *self._new_key(key, kind), "-out", str(cert), "-days",
                          str(days), "-subj", f"/CN={name}", "-addext",
                          f"subjectAltName={','.join(names)}")
            return str(cert), str(key)
        self._openssl("req", "-new", *self._new_key(key, kind), "-out", str(asked), "-subj",
                      f"/CN={name}")
        self._openssl("x509", "-req", "-in", str(asked), "-CA", str(self.cert), "-CAkey",
                      str(self.key), "-CAcreateserial", "-out", str(cert), "-extfile", str(more),
                      "-days", str(days))
        return str(cert), str(key)


def server_context(pair, ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    if ca:
        context.load_verify_locations(str(ca))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(ca=None, pair=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(str(ca))
    if pair:
        context.load_cert_chain(*pair)
    return context


NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """What a UserAgent takes for its datagram socket.

    One thread reads, others write: `guard` keeps them apart, since OpenSSL's connections are not made
    for two threads at once and Python before 3.13 does not keep them apart either.
    """

    def __init__(self, host, port, listens, dials):
        self.listens, self.dials = listens, dials  # SSL contexts; None: plain TCP
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(64)
        self.read_end, self.write_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.write_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.open = {}  # (host, port) of the other side → socket
        self.made = []  # those we dialled, in order
        self.refused = []  # handshakes that failed here
        self.guard = threading.Lock()
        self.closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def fileno(self):
        return self.read_end.fileno()

    def getsockname(self):
        return self.listener.getsockname()

    def recvfrom(self, _):
        data = self.read_end.recv(70000)
        host, port = socket.inet_ntoa(data[:4]), struct.unpack(">H", data[4:6])[0]
        return data[6:], (host, port)

    def sendto(self, data, to):
        with self.guard:
            s = self.open.get(to)
            if s is None:
                s = socket.create_connection(to, timeout=5)
                if self.dials:
                    s = self.dials.wrap_socket(s, server_hostname=None)
                self.made.append(s)
                self._begin(s, to)
            try:
                while data:
                    try:
                        data = data[s.send(data):]
                    except NOT_NOW:
                        select.select([], [s], [], 1)
            except OSError:
                self.open.pop(to, None)

    def cut(self):
        """All connections end, without goodbye."""
        with self.guard:
            for s in self.open.values():
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.open.clear()

    def close(self):
        self.closing = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.cut()
        self.read_end.close()
        self.write_end.close()

    def _begin(self, s, peer):
        s.setblocking(False)
        self.open[peer] = s
        threading.Thread(target=self._read, args=(s, peer), daemon=True).start()

    def _accept(self):
        while not self.closing:
            try:
                s, peer = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._welcome, args=(s, peer), daemon=True).start()

    def _welcome(self, s, peer):
        if self.listens:
            try:
                s.settimeout(5)
                s = self.listens.wrap_socket(s, server_side=True)
            except OSError as error:
                self.refused.append(str(error))
                s.close()
                return
        with self.guard:
            self._begin(s, peer)

    def _read(self, s, peer):
        left = b""
        while not self.closing:
            try:
                select.select([s], [], [])
                with self.guard:
                    more = s.recv(65536)
            except NOT_NOW:
                continue
            except (OSError, ValueError):  # ValueError: it was closed
                more = b""
            if not more:
                break
            left += more
            while b"\r\n\r\n" in left:
                head, _, rest = left.partition(b"\r\n\r\n")
                if not head.strip():
                    left = rest
                    continue
                n = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head)
                n = int(n[1]) if n else 0
                if len(rest) < n:
                    break
                self._hand_up(head + b"\r\n\r\n" + rest[:n], peer)
                left = rest[n:]
        with self.guard:
            if self.open.get(peer) is s:
                del self.open[peer]

    def _hand_up(self, message, peer):
        try:
            self.write_end.send(socket.inet_aton(peer[0]) + struct.pack(">H", peer[1]) + message)
        except OSError:
            pass


class StreamAgent(UserAgent):
    """sip.py's phone over TCP, or over TLS when it has contexts."""

    def __init__(self, listens=None, dials=None, policy=None, host="127.0.0.1", port=0):
        self.listens, self.dials = listens, dials
        self.over = "TLS" if listens or dials else "TCP"
        super().__init__(host, port, policy)

    @property
    def wire(self):
        return self.socket

    def _open_wire(self, host, port):
        return Wire(host, port, self.listens, self.dials)

    def contact(self, user=""):
        return f"sip:{user or 'test'}@{self.host}:{self.port};transport={self.over.lower()}"

    def via(self):
        return f"SIP/2.0/{self.over} {self.host}:{self.port};branch=z9hG4bK{token(16)}"

