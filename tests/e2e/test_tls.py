"""SIP over TLS: phones and trunks, certificates good and bad, and what happens to a talk over a kill."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import threading
import time

from harness import AGENT, CUSTOMER, House, free_port, wait_until
from sip import Message
from names import Names
from streams import Authority, StreamAgent, client_context, server_context

_ca = None


def authority():
    """One for all tests of a run: making keys takes time."""
    global _ca
    if _ca is None:
        _ca = Authority()
        _ca.server = _ca.make("server", "DNS:sip.acme.test", "IP:127.0.0.1")
        _ca.both = _ca.dir / "both.pem"  # as baresip wants it
        _ca.both.write_text("".join(open(p).read() for p in _ca.server))
        _ca.peer = _ca.make("peer", "IP:127.0.0.1", "DNS:carrier.test")
    return _ca


RITA = {"kind": "user", "tenant": "acme", "id": "rita", "name": "Rita", "roles": ["agent"],
        "password": "rita-secret-1", "sip_password": "rita-sip-1", "phone": {"kind": "sip"},
        "queues": ["support"], "capacity": {"voice": 100}}
NINA = {"kind": "user", "tenant": "acme", "id": "nina", "name": "Nina", "roles": ["agent"],
        "password": "nina-secret-1", "phone": {"kind": "number", "number": "+48601602603"},
        "queues": ["support"], "capacity": {"voice": 100}}


def tls_settings(**more):
    ca = authority()
    return {"sip.tls_listen": f"127.0.0.1:{free_port()}", "tls.cert": ca.server[0],
            "tls.key": ca.server[1], "tls.ca": str(ca.cert), **more}


def trunk(h, **fields):
    t = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
    t.update(fields)
    h.server.apply({"objects": [t]})


def alarms(api, name):
    return [e["detail"] for e in api.get("events?after=0&limit=500")["items"]
            if e["event"] == "alarm" and e["name"] == name]


def tls_at(h):
    host, _, port = h.server.settings["sip.tls_listen"].rpartition(":")
    return host, int(port)


def shown_certificate(h, name=None):
    """The names in the certificate that a new connection sees."""
    context = client_context(authority().cert)
    with socket.create_connection(tls_at(h), timeout=20) as s, \
            context.wrap_socket(s, server_hostname=name) as t:
        return {n for _, n in t.getpeercert()["subjectAltName"]}


def register(h, phone, user="rita"):
    answer = phone.register(user, "acme.test", h.server.settings["sip.tls_listen"],
                            f"{user}-sip-1", expires=600)
    assert answer.status == 200, answer.start
    return answer


def rita_talks(h, phone):
    h.boss.ready("rita")
    call = h.ring().wait_answer(3)
    rang = phone.wait_call(3)
    rang.ring().accept()
    rang.say(AGENT)
    contact = h.contact_of(call)
    h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
    call.sound.wait_for(AGENT, 3)
    rang.sound.wait_for(CUSTOMER, 3)
    return call, rang, contact


def test_tls_phone():
    """A phone registers over TLS and rings on its own connection; both sides hear each other."""
    with StreamAgent(dials=client_context(authority().cert)) as phone, \
            House(agents=(), objects=[RITA], settings=tls_settings()) as h:
        register(h, phone)
        call, rang, contact = rita_talks(h, phone)
        assert len(phone.wire.made) == 1 and not phone.wire.refused
        assert rang.invite.get("via").startswith(
            f"SIP/2.0/TLS {h.server.settings['sip.tls_listen']};"), rang.invite.get("via")
        assert rang.target.endswith(f"@{h.server.settings['sip.tls_listen']};transport=tls"), \
            rang.target
        rang.bye()
        call.wait_over(3, by="them")
        assert h.boss.wait_ended(contact)["ended_by"] == "agent"
        # without its connection it is no phone
        phone.wire.cut()
        wait_until(lambda: not h.boss.agent("rita")["phone"]["ready"], 3, "not ready")
        register(h, phone)
        wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 3, "ready again")
        h.settled()


def test_tls_call_over_the_cores_death():
    """Connections die with the core; the phone comes back, and its dialog goes on both ways."""
    for hangs_up in ("phone", "caller"):
        with StreamAgent(dials=client_context(authority().cert)) as phone, \
                House(agents=(), objects=[RITA], settings=tls_settings()) as h:
            register(h, phone)
            call, rang, contact = rita_talks(h, phone)
            h.server.kill("centrala-core")
            wait_until(lambda: not phone.wire.open, 3, "its connection ended")
            h.server.healthy()
            wait_until(lambda: h.boss.contact(contact)["state"] == "talking", 3, "they talk on")
            assert not h.boss.agent("rita")["phone"]["ready"]  # nobody could ring it now
            register(h, phone)
            wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 3, "ready again")
            since = time.monotonic()
            time.sleep(1)
            assert call.sound.longest_gap(since, time.monotonic(), AGENT) < 0.3
            if hangs_up == "phone":
                rang.bye()
                call.wait_over(3, by="them")
            else:
                call.bye()
                rang.wait_over(3, by="them")
            assert h.boss.wait_ended(contact)["ended_by"] == ("agent" if hangs_up == "phone"
                                                              else "customer")
            h.settled()


def test_tls_trunk_out():
    """Calls to a trunk go over TLS once its certificate is good, and for the name it is declared by."""
    with StreamAgent(listens=server_context(authority().peer)) as far, \
            House(agents=(), objects=[NINA], settings=tls_settings()) as h:
        trunk(h, peers=[f"127.0.0.1:{far.port}"], transport="tls")
        h.objects["objects"].append({**next(o for o in h.objects["objects"] if o["kind"] == "trunk"),
                                     "id": "inlet", "transport": "udp", "priority": 9,
                                     "peers": [f"127.0.0.1:{h.carrier.port}"]})
        h.server.apply(h.objects)
        h.boss.ready("nina")
        call = h.ring().wait_answer(3)
        rang = far.wait_call(4)
        assert rang.invite.uri.endswith(f"127.0.0.1:{far.port};transport=tls"), rang.invite.uri
        assert "SIP/2.0/TLS" in rang.invite.get("via")
        rang.ring().accept()
        rang.say(AGENT)
        call.sound.wait_for(AGENT, 3)
        rang.sound.wait_for(CUSTOMER, 3)
        call.bye()
        rang.wait_over(3, by="them")
        live = h.boss.get("trunks/carrier/live")
        assert live["peers"][0]["address"].endswith("/tls"), live
        h.settled()


def test_tls_two_names_behind_one_address():
    """Two trunks of different names at one address and port: each has a connection of its own, for
    its own name; who does not show the right certificate gets no call over the other one's."""
    ca = authority()
    shown, asked = server_context(ca.peer), []
    other = server_context(ca.make("other", "DNS:other.test"))

    def choose(connection, name, context):
        asked.append(name)
        if name == "other.test":
            connection.context = other
    shown.sni_callback = choose
    zone = {name: {"A": ["127.0.0.1"]} for name in ("carrier.test", "other.test", "third.test")}
    with Names(zone) as names, StreamAgent(listens=shown) as far, \
            House(agents=(), objects=[NINA], settings=tls_settings(**{"dns.server": names.server})) as h:
        base = next(o for o in h.objects["objects"] if o["kind"] == "trunk")
        made = [{**base, "id": name, "transport": "tls", "peers": [f"{name}.test:{far.port}"],
                 "prefixes": [prefix], "ping_s": 0}
                for name, prefix in (("carrier", "+4911"), ("other", "+4922"), ("third", "+4933"))]
        flows = [{"kind": "flow", "tenant": "acme", "id": name, "start": "t",
                  "nodes": {"t": {"do": "transfer", "to": f"{prefix}5551234", "on": {
                      r: "b" for r in ("busy", "no_answer", "failed")}}, "b": {"do": "hangup"}}}
                 for name, prefix in (("carrier", "+4911"), ("other", "+4922"), ("third", "+4933"))]
        numbers = [{"kind": "number", "tenant": "acme", "id": f"+482210009{i}", "flow": flow["id"]}
                   for i, flow in enumerate(flows)]
        h.server.apply({"objects": [{**base, "id": "inlet", "priority": 9}, *made, *flows, *numbers]})
        wait_until(lambda: all((n, "A") in names.answered for n in zone), 5, "the names are known")
        for i, name in enumerate(("carrier", "other", "carrier", "other")):
            call = h.ring(f"+482210009{i % 2}").wait_answer(3)
            rang = far.wait_call(4)
            assert f"@{name}.test" in rang.invite.uri, rang.invite.uri
            rang.ring().accept().say(AGENT)
            call.sound.wait_for(AGENT, 3)
            if i == 2:  # in the midst of a talk: its dialog's way is still its own
                h.server.kill("centrala-core")
                h.server.healthy(5)
            call.bye()
            rang.wait_over(5, by="them")
        assert set(asked) == {"carrier.test", "other.test"} and len(asked) <= 4, asked
        call = h.ring("+4822100092").wait_answer(3)  # its name stands in no certificate there
        call.wait_over(8, by="them")
        wait_until(lambda: any("third.test" in a for a in alarms(h.boss, "trunk_certificate")), 3, "told")


def test_tls_trunk_with_a_bad_certificate():
    """Wrong name, unknown authority, expired: refused with an alarm, and the next trunk is asked."""
    ca = authority()
    bad = {"not for": ca.make("wrong", "DNS:other.test"),
           "self-signed": ca.make("self", "IP:127.0.0.1", self_signed=True),
           "expired": ca.make("old", "IP:127.0.0.1", days=-1)}
    for why, pair in bad.items():
        with StreamAgent(listens=server_context(pair)) as far, \
                House(agents=(), objects=[NINA], settings=tls_settings()) as h:
            trunk(h, peers=[f"127.0.0.1:{far.port}"], transport="tls")
            h.objects["objects"].append({
                **next(o for o in h.objects["objects"] if o["kind"] == "trunk"), "id": "other",
                "transport": "udp", "priority": 9, "peers": [f"127.0.0.1:{h.carrier.port}"]})
            h.server.apply(h.objects)
            h.boss.ready("nina")
            call = h.ring().wait_answer(3)
            rang = h.carrier.wait_call(5)  # the other trunk
            assert not [m for _, way, m in far.log if way == "<"], "nothing was said to it"
            told = wait_until(lambda: alarms(h.boss, "trunk_certificate"), 3, "an alarm")
            assert why in told[0] and "carrier" in told[0], told
            rang.reject(486, "Busy Here")
            call.bye()
            h.settled()


def test_tls_verify_off():
    pair = authority().make("self2", "DNS:whoever", self_signed=True)
    with StreamAgent(listens=server_context(pair)) as far, \
            House(agents=(), objects=[NINA], settings=tls_settings(**{"tls.verify": "off"})) as h:
        trunk(h, peers=[f"127.0.0.1:{far.port}", f"127.0.0.1:{h.carrier.port}"], transport="tls")
        h.objects["objects"].append({
            **next(o for o in h.objects["objects"] if o["kind"] == "trunk"), "id": "inlet",
            "transport": "udp", "priority": 9, "peers": [f"127.0.0.1:{h.carrier.port}"]})
        h.server.apply(h.objects)
        h.boss.ready("nina")
        call = h.ring().wait_answer(3)
        far.wait_call(4).ring().accept()
        call.bye()
        h.settled()


def test_tls_trunk_known_by_its_certificate():
    """With `certificate` a call counts as the trunk's by the certificate shown, not by its address."""
    ca = authority()
    mallory = ca.make("mallory", "DNS:mallory.test")
    with House(settings=tls_settings(**{"tls.client_ca": str(ca.cert),
                                        "tls.client_auth": "optional"})) as h:
        trunk(h, certificate="carrier.test", transport="tls")
        at = h.server.settings["sip.tls_listen"]
        tries = {"its certificate": (ca.peer, 200), "another's": (mallory, 401), "none": (None, 401)}
        for who, (pair, status) in tries.items():
            with StreamAgent(dials=client_context(ca.cert, pair)) as far:
                call = far.call(f"sip:+48221000001@{at}", at)
                wait_until(lambda: call.final, 3, f"an answer with {who}")
                assert call.final == status, f"{who}: {call.final}"
                if status == 200:
                    call.bye()
        # its old address, over UDP: an address alone is not enough any more
        call = h.ring()
        wait_until(lambda: call.final, 3)
        assert call.final == 401, call.final
        h.settled()


def test_tls_clients_must_show_a_certificate():
    ca = authority()
    foreign = Authority("Somebody else").make("f", "DNS:carrier.test")
    with House(agents=(), settings=tls_settings(**{"tls.client_ca": str(ca.cert),
                                                   "tls.client_auth": "required"})) as h:
        for pair, good in ((ca.peer, True), (None, False), (foreign, False)):
            context = client_context(ca.cert, pair)
            with socket.create_connection(tls_at(h), timeout=20) as s:
                try:
                    with context.wrap_socket(s) as t:
                        t.sendall(b"\r\n\r\n")
                        assert (t.recv(10) == b"\r\n") == good, pair
                except OSError as error:
                    assert not good, error


def test_tls_certificates_are_read_again():
    """SIGHUP: new connections see the new one, a talk goes on; a broken file keeps the old one and is an alarm."""
    ca = authority()
    with StreamAgent(dials=client_context(ca.cert)) as phone, \
            House(agents=(), objects=[RITA]) as h:
        home = h.server.data
        more = home / "more"
        more.mkdir()

        def install(pair, at):
            for end, path in zip(("crt", "key"), pair):
                (home / f"{at}.{end}.new").write_bytes(open(path, "rb").read())
                os.replace(home / f"{at}.{end}.new", home / f"{at}.{end}")
        install(ca.server, "own")
        install(ca.make("second", "DNS:second.test"), "more/second")
        h.server.stop()
        h.server.settings.update(tls_settings(**{
            "tls.cert": str(home / "own.crt"), "tls.key": str(home / "own.key"),
            "tls.more": str(more)}))
        h.server.start()
        h.boss = h.server.login()
        register(h, phone)
        call, rang, contact = rita_talks(h, phone)
        assert shown_certificate(h) == {"sip.acme.test", "127.0.0.1"}
        assert shown_certificate(h, "second.test") == {"second.test"}  # SNI
        assert shown_certificate(h, "third.test") == {"sip.acme.test", "127.0.0.1"}

        install(ca.make("fresh", "DNS:fresh.test", days=5), "own")
        h.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: shown_certificate(h) == {"fresh.test"}, 3, "the new one is shown")
        root = h.server.login("admin", "root-secret-1", "system")
        root.tenant = "system"
        told = wait_until(lambda: alarms(root, "certificate"), 3, "it ends soon: an alarm")
        assert "own.crt expires in" in told[0], told

        (home / "own.crt").write_text("no certificate\n")
        h.server.process.send_signal(signal.SIGHUP)
        told = wait_until(lambda: [a for a in alarms(root, "certificate") if "stays" in a], 3,
                          "a broken one: an alarm")
        assert "own.crt" in told[0], told
        assert shown_certificate(h) == {"fresh.test"}
        assert len(phone.wire.made) == 1
        rang.bye()  # on the connection that was made with the first one
        call.wait_over(3, by="them")
        h.boss.wait_ended(contact)
        # the core dies while the file is broken: calls go on, without TLS, and everybody is told
        h.server.kill("centrala-core")
        h.server.healthy()
        wait_until(lambda: [a for a in alarms(root, "certificate") if "not loaded" in a], 3, "told")
        h.ring().wait_answer(3).bye()
        h.settled()


test_tls_certificates_are_read_again.seconds = 120


def test_tls_a_start_with_bad_files_is_refused():
    h = House(agents=())
    with h:
        h.server.stop()
        for settings, part in (({"sip.tls_listen": "127.0.0.1:0"}, "tls.cert"),
                               ({"tls.cert": "/nowhere.crt", "tls.key": "/nowhere.key"}, "/nowhere.crt"),
                               ({"tls.client_auth": "required"}, "tls.client_ca"),
                               ({"tls.client_auth": "maybe"}, "none, optional or required"),
                               ({"sip.tls_listen": "here"}, "address:port")):
            words = [f"--set={k}={v}" for k, v in {**h.server.settings, **settings}.items()]
            words = [w for pair in words for w in ("--set", pair.removeprefix("--set="))]
            h.server.run("serve", "--data", str(h.server.data), *words, expect=1)
            assert part in h.server.stderr, h.server.stderr
        h.server.start()


def test_tls_refuses_what_is_old():
    """S31: nothing below TLS 1.2, no suite without AEAD and forward secrecy, no renegotiation."""
    with House(agents=(), settings=tls_settings()) as h:
        def shakes(**words):
            context = client_context()
            context.set_ciphers(words.get("ciphers", "ALL:@SECLEVEL=0"))
            if words.get("version"):
                context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
                context.maximum_version = words["version"]
            with socket.create_connection(tls_at(h), timeout=20) as s:
                try:
                    with context.wrap_socket(s) as t:
                        return f"{t.version()} {t.cipher()[0]}"
                except OSError:
                    return None
        assert shakes(version=ssl.TLSVersion.TLSv1) is None
        assert shakes(version=ssl.TLSVersion.TLSv1_1) is None
        two = ssl.TLSVersion.TLSv1_2
        for weak in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256"):
            assert shakes(version=two, ciphers=f"{weak}:@SECLEVEL=0") is None, weak
        assert shakes(version=two, ciphers="ECDHE+AESGCM") == "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"
        assert shakes().startswith("TLSv1.3 ")


def seconds_of(what):
    began = time.monotonic()
    what()
    return time.monotonic() - began


def test_tls_stalled_handshakes_are_ended():
    """R23: who stalls in the handshake is closed after 5 s, and others are served meanwhile."""
    with House(agents=(), settings=tls_settings()) as h:
        silent = [socket.create_connection(tls_at(h), timeout=5) for _ in range(300)]
        for i, s in enumerate(silent):
            if i % 3:  # some begin
                s.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[:i % 11 + 1])
        took = min(seconds_of(lambda: shown_certificate(h)) for _ in range(3))
        assert took < 0.5, f"{took:.3f} s for a good client"

        def closed(s):
            try:
                s.setblocking(False)
                return s.recv(100) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True
        wait_until(lambda: all(closed(s) for s in silent), 7, "all are closed")
        for s in silent:
            s.close()


def client_hello():
    """What a client says first."""
    there, ours = ssl.MemoryBIO(), ssl.MemoryBIO()
    c = client_context().wrap_bio(there, ours)
    with contextlib.suppress(ssl.SSLWantReadError):
        c.do_handshake()
    return ours.read()


def test_tls_a_flood_of_beginnings_leaves_calls_alone():
    """One source begins handshakes and never goes on: it holds few at once, calls go on, and a
    telephone elsewhere connects, registers and talks meanwhile."""
    with StreamAgent(dials=client_context(authority().cert)) as phone, \
            House(agents=("anna",), objects=[RITA], settings=tls_settings()) as h:
        call, _, _ = h.talk()
        stop, begun, worst, hello = threading.Event(), [0], [0], client_hello()

        def begin():
            held = []  # of both threads not so many that select() could not hold the others
            while not stop.is_set():
                s = socket.socket()
                s.settimeout(5)
                s.bind(("127.0.66.9", 0))
                with contextlib.suppress(OSError):
                    s.connect(tls_at(h))
                    s.sendall(hello)
                    begun[0] += 1
                held = [*held[-300:], s]

        def watch():
            while not stop.wait(0.1):
                under_way = re.search(r"sip_tls_handshakes_under_way (\d+)", h.boss.raw(
                    "GET", "/metrics").body.decode())
                worst[0] = max(worst[0], int(under_way[1]))
        threads = [threading.Thread(target=f) for f in (begin, begin, watch)]
        for t in threads:
            t.start()
        try:
            wait_until(lambda: begun[0] > 500, 60, "a flood")
            register(h, phone)
            assert min(seconds_of(lambda: shown_certificate(h)) for _ in range(3)) < 2, "a telephone waits"
            other, rang, _ = rita_talks(h, phone)
            rang.bye()
            other.wait_over(3, by="them")
            assert call.reinvite("sendonly").direction == "recvonly"
            assert call.reinvite("sendrecv").direction == "sendrecv"
            wait_until(lambda: begun[0] > 1500, 60, "more of it")
        finally:
            stop.set()
            for t in threads:
                t.join()
        assert 50 < worst[0] <= 110, f"{worst[0]} handshakes under way at once"
        assert call.bye().status == 200


def test_tls_registers_at_a_trunk():
    """Our own registration over TLS, refreshed on the same connection."""
    registers = []

    class Registrar(StreamAgent):
        def _request(self, m):
            if m.method != "REGISTER":
                return super()._request(m)
            registers.append(m)
            headers = [(n, v) for n, v in m.headers if n in ("via", "from", "call-id", "cseq")]
            headers += [("to", m.get("to") + ";tag=r"), ("contact", m.get("contact")),
                        ("expires", "60")]
            self.reply(m, Message("SIP/2.0 200 OK", headers))

    with Registrar(listens=server_context(authority().peer)) as far, \
            House(agents=(), settings=tls_settings()) as h:
        trunk(h, transport="tls", peers=[f"127.0.0.1:{far.port}"],
              register={"server": f"127.0.0.1:{far.port}", "user": "centrala", "password": "x"})
        wait_until(lambda: h.boss.get("trunks/carrier/live")["registered"], 5, "registered")
        m = registers[0]
        assert m.uri == f"sip:127.0.0.1:{far.port};transport=tls", m.uri
        assert f"@{h.server.settings['sip.tls_listen']};transport=tls" in m.get("contact"), \
            m.get("contact")


# -- the HTTP door --

class Door:
    """One kept HTTPS connection."""

    def __init__(self, h):
        host, _, port = h.server.settings["https.listen"].rpartition(":")
        self.c = http.client.HTTPSConnection(host, int(port), timeout=30,
                                             context=client_context(authority().cert))

    def ask(self, method, path, body=None, **headers):
        self.c.request(method, path, body and json.dumps(body),
                       {k.replace("_", "-"): v for k, v in headers.items()})
        r = self.c.getresponse()
        return r.status, r.headers, r.read()

    def certificate(self):
        return {n for _, n in self.c.sock.getpeercert()["subjectAltName"]}


def test_https():
    """Sign-in, a cookie for TLS alone, large bodies both ways, a recording in pieces, the event stream, SIGHUP."""
    with House(settings=tls_settings(**{"https.listen": f"127.0.0.1:{free_port()}"})) as h:
        call, phone, contact = h.talk()
        time.sleep(2.5)
        call.bye()
        recording = h.boss.wait_ended(contact)["recordings"][0]["id"]
        door = Door(h)
        status, headers, body = door.ask("POST", "/api/v1/login", {
            "tenant": "acme", "user": "olga", "password": "olga-secret-1"},
            Content_Type="application/json")
        assert status == 200 and json.loads(body)["token"]
        cookie = headers["Set-Cookie"]
        assert cookie.startswith("__Host-centrala_session=") and "; Secure" in cookie, cookie
        assert "max-age=" in headers["Strict-Transport-Security"]
        mine = {"Cookie": cookie.split(";")[0]}
        path = f"/api/v1/tenants/acme/recordings/{recording}"
        status, _, sound = door.ask("GET", path, **mine)
        assert status == 200 and sound == h.boss.recording(recording) and len(sound) > 50000
        status, _, piece = door.ask("GET", path, **mine, Range="bytes=17000-40000")
        assert status == 206 and piece == sound[17000:40001]
        status, _, _ = door.ask("POST", "/api/v1/tenants/acme/calls", {"to": "x" * 60000}, **mine,
                                Content_Type="application/json")
        assert status >= 400
        assert door.certificate() == {"sip.acme.test", "127.0.0.1"}
        # a crowd of readers on kept connections, each answer whole
        doors = [Door(h) for _ in range(20)]
        for _ in range(3):
            for d in doors:
                status, _, page = d.ask("GET", "/api/v1/openapi.json")
                assert status == 200 and json.loads(page)["openapi"]
        # the event stream, record by record
        stream = Door(h)
        stream.c.request("GET", "/api/v1/tenants/acme/events?after=0",
                         headers={**mine, "Accept": "text/event-stream"})
        first = stream.c.getresponse().read(2000)
        assert b"data: {" in first, first[:100]
        # who speaks no TLS, or stalls, harms nobody
        host, _, port = h.server.settings["https.listen"].rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                assert not s.recv(100).startswith(b"HTTP")
            except ConnectionResetError:
                pass
        stalled = [socket.create_connection((host, int(port)), timeout=20) for _ in range(50)]
        assert door.ask("GET", "/healthz")[0] == 200
        for s in stalled:
            assert s.recv(10) == b""  # closed within the limit
            s.close()
        h.settled()


test_https.seconds = 120


def test_https_certificate_read_again():
    ca = authority()
    with House(agents=()) as h:
        home = h.server.data
        paths = {"tls.cert": home / "own.crt", "tls.key": home / "own.key"}

        def install(pair):
            for path, source in zip(paths.values(), pair):
                path.write_bytes(open(source, "rb").read())
        install(ca.server)
        h.server.stop()
        h.server.settings.update({"https.listen": f"127.0.0.1:{free_port()}",
                                  **{k: str(p) for k, p in paths.items()}})
        h.server.start()
        old = Door(h)
        assert old.ask("GET", "/healthz")[0] == 200
        install(ca.make("later", "DNS:later.test"))
        h.server.process.send_signal(signal.SIGHUP)

        def shown():
            d = Door(h)
            d.ask("GET", "/healthz")
            return d.certificate()
        wait_until(lambda: shown() == {"later.test"}, 3, "the new one")
        assert old.ask("GET", "/healthz")[0] == 200  # on its connection


def test_apply_over_https():
    """`apply --url https://…` to a server whose certificate is good, and to one whose is not."""
    ca = authority()
    with House(agents=(), settings=tls_settings(**{"https.listen": f"127.0.0.1:{free_port()}"})) as h:
        admin = h.server.login("adam")
        site = h.server.data / "more.json"
        site.write_text(json.dumps({"objects": [
            {"kind": "skill", "tenant": "acme", "id": "sewing", "name": "Sewing"}]}))
        words = ("apply", "--url", f"https://{h.server.settings['https.listen']}", "--token",
                 admin.token, str(site))
        h.server.run(*words, expect=1)  # nobody vouches for it
        assert "certificate" in h.server.stderr, h.server.stderr
        os.environ["SSL_CERT_FILE"] = str(ca.cert)
        try:
            assert "sewing" in h.server.run(*words)
        finally:
            del os.environ["SSL_CERT_FILE"]
