"""STIR/SHAKEN: who calls is verified, shown, required; our own calls are signed. Tokens are made and
read here by python3-cryptography, certificates by openssl."""
import base64
import hashlib
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import House, Skip, wait_until
from test_outbound import calls

OURS, SHOWN = "+48221000001", "+48221000000"
X5U = "https://cr.example.test/carrier.pem"


def crypto():
    try:
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, utils
    except ImportError as e:
        raise Skip("python3-cryptography is not installed") from e
    return hashes, serialization, ec, utils


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def un64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authority:
    """An anchor and who it vouches for, in a folder of its own."""

    def __init__(self):
        if not shutil.which("openssl"):
            raise Skip("openssl is not installed")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="stir."))
        self.certs = self.dir / "certs"
        self.certs.mkdir()
        self.root = self.pair("root", ca=True)

    def run(self, *words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

    def pair(self, name, ca=False, days=30, by=None):
        key, request, cert = (self.dir / f"{name}.{end}" for end in ("key", "csr", "crt"))
        more = self.dir / f"{name}.ext"
        more.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n" if ca else
                        "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
        self.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        self.run("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        signed = ["-signkey", key] if ca else ["-CA", (by or self.root)[0], "-CAkey", (by or self.root)[1],
                                               "-CAcreateserial"]
        self.run("x509", "-req", "-in", request, *signed, "-days", days, "-extfile", more, "-out", cert)
        return cert, key

    def publish(self, x5u, cert):
        shutil.copy(cert, self.certs / (hashlib.sha256(x5u.encode()).hexdigest() + ".pem"))

    def settings(self, own=None):
        words = {"stir.certificates": self.certs, "stir.trust": self.root[0]}
        if own:
            words |= {"stir.certificate": own[0], "stir.key": own[1], "stir.x5u": X5U}
        return {k: str(v) for k, v in words.items()}


def signed(key, orig, dest, attest="A", iat=None, x5u=X5U, alg="ES256", origid="o-1"):
    """A header with an Identity as a carrier writes it."""
    hashes, serialization, ec, utils = crypto()
    private = serialization.load_pem_private_key(pathlib.Path(key).read_bytes(), None)
    parts = [{"alg": alg, "ppt": "shaken", "typ": "passport", "x5u": x5u},
             {"attest": attest, "dest": {"tn": [dest.lstrip("+")]}, "iat": iat or int(time.time()),
              "orig": {"tn": orig.lstrip("+")}, "origid": origid}]
    text = ".".join(b64(json.dumps(p, separators=(",", ":")).encode()) for p in parts)
    r, s = utils.decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return "identity", f'{token};info=<{x5u}>;alg={alg};ppt="shaken"'


def verified(value, cert):
    """The claims of an Identity header's value, its signature checked."""
    hashes, _, ec, utils = crypto()
    from cryptography.x509 import load_pem_x509_certificate
    token, info = re.fullmatch(r"([^;]+);info=<([^>]+)>;alg=ES256;ppt=shaken", value).groups()
    head, claims, raw = token.split(".")
    raw = un64(raw)
    assert len(raw) == 64
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = load_pem_x509_certificate(pathlib.Path(cert).read_bytes()).public_key()
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(un64(head)) == {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": info}
    return json.loads(un64(claims))


def trunk_with(h, **fields):
    base = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
    h.server.apply({"objects": [{**base, **fields}]})


def taken(h, user, headers):
    """The record of a call that came in with these headers."""
    call = h.ring(user=user, headers=headers)
    call.wait_answer(3)
    contact = h.boss.contact(h.contact_of(call))
    call.bye()
    return contact


def refused(h, user, headers):
    call = h.ring(user=user, headers=headers)
    call.wait_over(5)
    return call.final


def test_callers_are_verified_shown_and_required():
    ca = Authority()
    try:
        good, forger, gone = ca.pair("good"), ca.pair("forger"), ca.pair("gone", days=-1)
        ca.publish(X5U, good[0])
        ca.publish(X5U + "?gone", gone[0])
        with House(settings=ca.settings()) as h:
            n = iter(range(48601000100, 48601000200))
            ask = lambda **more: (lambda u: (u, [signed(more.pop("key", good[1]),
                                                        more.pop("orig", u), more.pop("dest", OURS),
                                                        **more)]))(f"+{next(n)}")
            # nobody asked: nothing is looked at
            assert "identity" not in taken(h, *ask())
            trunk_with(h, identity="show")
            row = taken(h, *ask())
            assert row["identity"] == {"verstat": "TN-Validation-Passed", "attest": "A",
                                       "origid": "o-1"}, row["identity"]
            told = next(e for e in h.boss.events(row["id"]) if e["event"] == "identity")
            assert (told["verstat"], told["attest"]) == ("TN-Validation-Passed", "A"), told
            failed = {"verstat": "TN-Validation-Failed", "attest": None, "origid": None}
            for wrong in ({"key": forger[1]}, {"alg": "none"}, {"iat": int(time.time()) - 3600},
                          {"dest": "+48221000002"}, {"orig": "+48221999999"},
                          {"x5u": "http://127.0.0.1:1/x"}, {"x5u": X5U + "?gone"}):
                row = taken(h, *ask(**wrong))
                assert row["identity"] == failed, (wrong, row["identity"])
            row = taken(h, f"+{next(n)}", [])
            assert row["identity"]["verstat"] == "No-TN-Validation"
            # who is verified is who is shown, not whom an unbelieved header names
            user, headers = ask(orig="+48601777001")
            row = taken(h, user, [*headers, ("p-asserted-identity", "<sip:+48601777001@c>")])
            assert row["from"] == user and row["identity"] == failed, row

            trunk_with(h, identity="require")
            for wrong, status in (({"key": forger[1]}, 438), ({"alg": "none"}, 438),
                                  ({"alg": "HS256"}, 438), ({"iat": int(time.time()) - 3600}, 403),
                                  ({"iat": int(time.time()) + 3600}, 403),
                                  ({"dest": "+48221000002"}, 438), ({"orig": "+48221999999"}, 438),
                                  ({"x5u": "http://127.0.0.1:1/x"}, 436),
                                  ({"x5u": X5U + "?gone"}, 437)):
                got = refused(h, *ask(**wrong))
                assert got == status, (wrong, got)
            assert refused(h, f"+{next(n)}", []) == 428
            user, headers = ask()
            assert refused(h, user, [("identity", headers[0][1].replace(";", "", 1))]) == 438
            assert refused(h, user, [("identity", headers[0][1] + ";x=" + "a" * 60000)]) in (400, 413, 438, 513)
            first = taken(h, user, [("y", headers[0][1])])  # the short name of the header
            assert first["identity"]["attest"] == "A"
            assert refused(h, user, headers) == 438  # the very same again
            # by a new certificate, after a reload; over the core's death
            ca.publish(X5U, forger[0])
            read = h.server.tail(4000).count("stir_read")
            h.server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: h.server.tail(4000).count("stir_read") > read, 5, "certificates are read again")
            assert refused(h, *ask()) == 438
            assert taken(h, *ask(key=forger[1]))["identity"]["attest"] == "A"
            h.server.kill("centrala-core")
            h.server.healthy()
            assert taken(h, *ask(key=forger[1], attest="C"))["identity"]["attest"] == "C"
            assert refused(h, *ask()) == 438
            h.settled()
    finally:
        shutil.rmtree(ca.dir)


def test_flows_know_who_is_verified():
    ca = Authority()
    try:
        good = ca.pair("good")
        ca.publish(X5U, good[0])
        flow = [{"kind": "number", "tenant": "acme", "id": "+48221000009", "flow": "sieve"},
                {"kind": "flow", "tenant": "acme", "id": "sieve", "start": "known", "nodes": {
                    "known": {"do": "branch", "if": [
                        {"when": "caller.verstat == 'TN-Validation-Passed' && caller.attest == 'A'",
                         "next": "wait"}], "else": "bye"},
                    "wait": {"do": "queue", "queue": "support", "on": {"timeout": "known"}},
                    "bye": {"do": "hangup"}}}]
        with House(settings=ca.settings(), objects=flow, queue_more={"max_wait_s": 2}) as h:
            trunk_with(h, identity="show")
            for attest, stays in (("A", True), ("B", False)):
                user = f"+4860100020{'AB'.index(attest)}"
                call = h.ring("+48221000009", user, headers=[
                    signed(good[1], user, "+48221000009", attest=attest)])
                call.wait_answer(3)
                if stays:
                    h.boss.wait_waiting(1)
                    h.server.kill("centrala-core")  # asked again by the next life
                    h.server.healthy()
                    steps = lambda: [e["node"] for e in h.boss.events(h.contact_of(call)) if e["event"] == "flow_step"]
                    wait_until(lambda: steps().count("known") >= 2, 10, "asked again")
                    h.boss.wait_waiting(1)
                    assert "bye" not in steps(), steps()
                    call.bye()
                else:
                    call.wait_over(5, by="them")
            h.settled()
    finally:
        shutil.rmtree(ca.dir)


def test_stir_files_must_be_good():
    """A start with bad ones is refused; a core that begins again serves, and nobody passes."""
    ca = Authority()
    try:
        good, other = ca.pair("good"), ca.pair("other")
        ca.publish(X5U, good[0])
        with House(agents=(), settings=ca.settings(good)) as h:
            trunk_with(h, identity="require", sign=True)
            user = "+48601000301"
            taken(h, user, [signed(good[1], user, OURS)])
            trust = ca.root[0].read_text()
            ca.root[0].write_text("nothing\n")
            h.server.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "the old ones stay" in h.server.tail(400), 5, "it is told")
            user = "+48601000302"
            taken(h, user, [signed(good[1], user, OURS)])  # the old ones stay
            h.server.kill("centrala-core")
            h.server.healthy()
            user = "+48601000303"
            assert refused(h, user, [signed(good[1], user, OURS)]) == 436
            h.server.stop()
            for settings, part in (({}, "stir.trust"), ({"stir.x5u": "x"}, "stir.x5u"),
                                   ({"stir.key": str(other[1])}, "not the key of"),
                                   ({"stir.certificates": "/nowhere"}, "/nowhere"),
                                   ({"stir.trust": ""}, "belong together")):
                words = [w for k, v in {**h.server.settings, **settings}.items()
                         for w in ("--set", f"{k}={v}")]
                h.server.run("serve", "--data", str(h.server.data), *words, expect=1)
                assert part in h.server.stderr and "PRIVATE" not in h.server.stderr, h.server.stderr
                ca.root[0].write_text(trust)
            h.server.start()
            user = "+48601000304"
            taken(h, user, [signed(good[1], user, OURS)])
    finally:
        shutil.rmtree(ca.dir)


def identity_of_call(h, **body):
    """Our INVITE's Identity header when an agent calls somebody; empty without."""
    calls(h, **body)
    h.phones.wait_call(3).ring().accept()
    far = h.carrier.wait_call(3)
    value = far.invite.get("identity")
    far.respond(far.invite, 486, "Busy Here")
    h.boss.wait_work("anna", "idle", 8)
    return value


def test_our_calls_are_signed():
    ca = Authority()
    try:
        own = ca.pair("own")
        ca.publish(X5U, own[0])
        with House(agents=("anna",), settings=ca.settings(own)) as h:
            assert not identity_of_call(h)
            trunk_with(h, sign=True, caller_id=SHOWN)
            claims = verified(identity_of_call(h), own[0])
            assert abs(claims["iat"] - time.time()) < 5, claims
            assert claims["orig"] == {"tn": SHOWN[1:]} and claims["dest"] == {"tn": ["48600700800"]}
            assert claims["attest"] == "A" and re.fullmatch(
                r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                claims["origid"]), claims
            again = verified(identity_of_call(h), own[0])
            assert again["origid"] == claims["origid"]
            # whom an administrator allowed beside our own; who is withheld; help
            tenant = next(o for o in h.objects["objects"] if o["kind"] == "tenant")
            h.server.apply({"objects": [{**tenant, "caller_ids": ["+48224444444"]}]})
            claims = verified(identity_of_call(h, **{"from": "+48224444444"}), own[0])
            assert (claims["attest"], claims["orig"]["tn"]) == ("B", "48224444444"), claims
            assert not identity_of_call(h, **{"from": "anonymous"})
            assert not identity_of_call(h, to="112")
            trunk_with(h, sign=True, caller_id=SHOWN, trust_identity=True)
            assert verified(identity_of_call(h), own[0])["orig"] == {"tn": SHOWN[1:]}
            secret = own[1].read_text().split("\n")[1]
            assert secret not in h.server.tail(100000)
            h.settled()
    finally:
        shutil.rmtree(ca.dir)


def test_one_server_verifies_the_other():
    """A caller reaches A, whose flow calls B; A signs what B requires."""
    ca = Authority()
    try:
        own = ca.pair("own")
        ca.publish(X5U, own[0])
        flow = [{"kind": "number", "tenant": "acme", "id": "+48221000009", "flow": "away"},
                {"kind": "flow", "tenant": "acme", "id": "away", "start": "out", "nodes": {
                    "out": {"do": "transfer", "to": OURS, "on": {"failed": "bye"}},
                    "bye": {"do": "hangup"}}}]
        with House(agents=(), objects=flow, settings=ca.settings(own)) as a, \
                House(agents=("anna",), settings=ca.settings()) as b:
            base = next(o for o in a.objects["objects"] if o["kind"] == "trunk")
            for here, there, more in ((a, b, {"sign": True}), (b, a, {"identity": "require"})):
                here.server.apply({"objects": [{**base, "id": "kin", "peers": [there.server.sip],
                                                "priority": 0, "caller_id": SHOWN, **more}]})
            trunk_with(a, priority=9)
            b.boss.ready("anna")
            call = a.ring("+48221000009", "+48601000031").wait_answer(3)
            b.phones.wait_call(5).ring().accept()
            row = wait_until(lambda: next(iter(b.boss.contacts()), None), 3)
            assert b.boss.contact(row["id"])["identity"]["attest"] == "A", row
            b.boss.wait_contact(row["id"], lambda c: c["state"] == "talking", 3, "they talk")
            call.bye()
            b.boss.wait_ended(row["id"])
            a.settled()
    finally:
        shutil.rmtree(ca.dir)
