"""Strangers of every kind: baresip and sipp over streams, Kamailio in front, two of our own servers."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import AGENT, CUSTOMER, House, Skip, free_port, wait_until
from sip import UserAgent
from test_baresip import Baresip
from test_sipp import Sipp, house
from test_tls import NINA, RITA, authority, tls_settings, trunk

KAMAILIO = pathlib.Path(__file__).resolve().parent / "kamailio"


# -- baresip and sipp --

def baresip_over(transport):
    """baresip registers over this transport, rings on its connection, talks, hangs up."""
    ca = authority()
    with House(agents=(), objects=[RITA], settings=tls_settings()) as h:
        at = h.server.settings["sip.tls_listen"] if transport == "tls" else h.server.sip
        account = (f'<sip:rita@acme.test;transport={transport}>;auth_user=rita;auth_pass=rita-sip-1;'
                   f'outbound="sip:{at};transport={transport}";regint=60;answermode=auto;'
                   f'audio_codecs=pcma')
        with Baresip(account, free_port(), AGENT,
                     more=f"sip_cafile {ca.cert}\nsip_certificate {ca.both}\n") as phone:
            wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 15, "baresip registers")
            h.boss.ready("rita")
            call = h.ring().wait_answer(3)
            call.sound.wait_for(AGENT, 5)
            wait_until(lambda: call.sound.hears(AGENT, time.monotonic() - 1, time.monotonic()) > 0.9, 8, "a second of it")
            phone.do("hangup")
            call.wait_over(3, by="them")
            assert h.boss.wait_ended(h.contact_of(call))["ended_by"] == "agent"
        h.settled()


def test_baresip_over_tcp():
    baresip_over("tcp")


def test_baresip_over_tls():
    baresip_over("tls")


def test_sipp_over_tcp():
    """Six callers of sipp on one TCP connection, then a connection each (Debian's sipp has no TLS)."""
    for mode in ("t1", "tn"):
        port = free_port()
        with house(caller_port=port, queue_more={"wrap_s": 0}) as h:
            if mode == "tn":  # each from a port of its own
                trunk(h, peers=["127.0.0.1"])
            h.phones.policy = lambda c: (c.ring(), c.accept(), c.agent.later(
                0.5, lambda: c.agent.begin(c.request("BYE")) and c._end("us")))
            h.boss.ready("anna", "boris")
            with Sipp("caller", port, "-s", "+48221000001", "-m", "6", "-r", "3", "-timeout", "25s",
                      "-t", mode, "-max_socket", "100", target=h.server.sip) as sipp:
                sipp.good(30)
            wait_until(lambda: h.boss.report() and h.boss.report()["answered"] == 6, 5, "answered")
            h.settled()


# -- Kamailio in front --

class Kamailio:
    """A stateful proxy with Record-Route between h's carrier and h."""

    def __init__(self, h, over, port, tls_port):
        if not shutil.which("kamailio"):
            raise Skip("kamailio is not installed")
        ca = authority()
        pair = ca.make("kamailio", "DNS:proxy.test", "IP:127.0.0.1")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kamailio-"))
        self.port, self.tls_port = port, tls_port
        at = h.server.settings["sip.tls_listen"] if over == "tls" else h.server.sip
        words = {"UDP_PORT": port, "TLS_PORT": tls_port, "CARRIER_PORT": h.carrier.port,
                 "CARRIER": f"127.0.0.1:{h.carrier.port}", "DIR": self.dir,
                 "HOUSE": f"sip:{at};transport={over}",
                 "MODULES": "/usr/lib/x86_64-linux-gnu/kamailio/modules/"}
        text = (KAMAILIO / "proxy.cfg").read_text()
        for word in sorted(words, key=len, reverse=True):
            text = text.replace(word, str(words[word]))
        (self.dir / "proxy.cfg").write_text(text)
        (self.dir / "tls.cfg").write_text("".join(
            f"[{who}:default]\nmethod = TLSv1.2+\ncertificate = {pair[0]}\nprivate_key = {pair[1]}\n"
            f"ca_list = {ca.cert}\nverify_certificate = {verify}\nrequire_certificate = no\n"
            for who, verify in (("server", "no"), ("client", "yes"))))
        self.out = open(self.dir / "out", "wb")
        self.process = subprocess.Popen(
            ["kamailio", "-DD", "-E", "-f", str(self.dir / "proxy.cfg"), "-Y", str(self.dir), "-m",
             "32", "-M", "4"], stdout=self.out, stderr=subprocess.STDOUT, start_new_session=True)

    def __enter__(self):
        try:
            wait_until(self._listens, 20, "kamailio listens")
        except BaseException:
            self.__exit__(AssertionError)
            raise
        return self

    def _listens(self):
        assert self.process.poll() is None, "kamailio ended: " + self.text()[-1500:]
        try:
            socket.create_connection(("127.0.0.1", self.tls_port), 1).close()
            return True
        except OSError:
            return False

    def text(self):
        return (self.dir / "out").read_text(errors="replace")

    def __exit__(self, kind, *_):
        if kind:
            print("    kamailio: " + self.text()[-2500:].replace("\n", "\n    "))
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.out.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def through_kamailio(over):
    port, tls_port = free_port(), free_port()
    settings = tls_settings(**{"tls.client_ca": str(authority().cert),
                               "tls.client_auth": "optional"})
    with House(agents=("anna",), objects=[NINA], settings=settings) as h, \
            Kamailio(h, over, port, tls_port) as proxy:
        if over == "tls":
            trunk(h, peers=[f"127.0.0.1:{tls_port}"], transport="tls", certificate="proxy.test")
        else:
            trunk(h, peers=[f"127.0.0.1:{port}"])
        through = f"127.0.0.1:{proxy.port}"
        # in: the carrier calls through the proxy; in-dialog requests follow the recorded route
        for hangs_up in ("customer", "agent"):
            h.boss.ready("anna")
            call = h.carrier.call(f"sip:+48221000001@{through}", through, user="+4860100" +
                                  ("0001" if hangs_up == "customer" else "0002"), hz=CUSTOMER)
            call.wait_answer(4)
            assert len(call.routes) == (2 if over == "tls" else 1), call.routes
            phone = h.phones.wait_call(3).ring().accept()
            phone.say(AGENT)
            call.sound.wait_for(AGENT, 3)
            phone.sound.wait_for(CUSTOMER, 3)
            contact = h.contact_of(call)
            (call if hangs_up == "customer" else phone).bye()
            (phone if hangs_up == "customer" else call).wait_over(3, by="them")
            assert h.boss.wait_ended(contact)["ended_by"] == hangs_up
            h.boss.wait_work("anna", "idle")
        h.boss.presence("anna", "not_ready", "break")
        # out: nina's ordinary telephone is behind the proxy, whose route stays over the core's death
        h.boss.ready("nina")
        call = h.carrier.call(f"sip:+48221000001@{through}", through, user="+48601000003", hz=CUSTOMER)
        call.wait_answer(4)
        far = h.carrier.wait_call(4)
        assert far.user == "+48601602603" and far.invite.all("record-route")
        far.ring().accept()
        far.say(AGENT)
        call.sound.wait_for(AGENT, 3)
        contact = h.contact_of(call)
        h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 3, "they talk")
        h.server.kill("centrala-core")
        h.server.healthy()
        wait_until(lambda: h.boss.contact(contact)["state"] == "talking", 3, "they talk on")
        far.bye()
        call.wait_over(4, by="them")
        assert h.boss.wait_ended(contact)["ended_by"] == "agent"
        h.settled()


def test_kamailio_in_front_over_udp():
    through_kamailio("udp")


def test_kamailio_in_front_over_tls():
    through_kamailio("tls")


def test_phone_behind_kamailio():
    """RFC 3327: a phone registers through the proxy, whose Path every call to it takes."""
    for over in ("udp", "tls"):
        port, tls_port = free_port(), free_port()
        with UserAgent() as phone, House(agents=(), objects=[RITA], settings=tls_settings()) as h, \
                Kamailio(h, over, port, tls_port) as proxy:
            answer = phone.register("rita", "acme.test", f"127.0.0.1:{proxy.port}", "rita-sip-1")
            assert answer.status == 200 and answer.get("path"), answer.headers
            h.boss.ready("rita")
            call = h.ring().wait_answer(3)
            rang = phone.wait_call(4).ring().accept()
            assert rang.invite.source[1] == proxy.port and rang.routes, rang.invite.headers
            rang.say(AGENT)
            call.sound.wait_for(AGENT, 3)
            rang.sound.wait_for(CUSTOMER, 3)
            contact = h.contact_of(call)
            rang.bye()
            call.wait_over(3, by="them")
            assert h.boss.wait_ended(contact)["ended_by"] == "agent"
            h.settled()


# -- two of our own servers --

def two_houses(over):
    """A transfers by its flow to a number of B over the trunk between them; B's agent answers."""
    ca = authority()
    flow = [{"kind": "number", "tenant": "acme", "id": "+48221000009", "flow": "away"},
            {"kind": "flow", "tenant": "acme", "id": "away", "start": "out", "nodes": {
                "out": {"do": "transfer", "to": "+48221000001", "on": {"failed": "bye"}},
                "bye": {"do": "hangup"}}}]
    names = ("a", "b")
    settings = {}
    for name in names:
        pair = ca.make(f"house-{name}", f"DNS:{name}.test", "IP:127.0.0.1")
        settings[name] = tls_settings(**{"tls.cert": pair[0], "tls.key": pair[1],
                                         "tls.client_ca": str(ca.cert),
                                         "tls.client_auth": "optional"})
    with House(agents=(), objects=flow, settings=settings["a"]) as a, \
            House(agents=("anna",), settings=settings["b"]) as b:
        # a: its carrier is where the caller comes from; b is where numbers go
        base = next(o for o in a.objects["objects"] if o["kind"] == "trunk")
        for here, there, name in ((a, b, "b"), (b, a, "a")):
            at = settings[name]["sip.tls_listen"] if over == "tls" else there.server.sip
            more = {"transport": over}
            if over == "tls":
                more["certificate"] = f"{name}.test"
            here.server.apply({"objects": [{**base, "id": "kin", "peers": [at], "priority": 0,
                                            "caller_id": "+48221000000", **more}]})
        # the number is one of a's too: without its own it goes out
        a.objects["objects"] = [o for o in a.objects["objects"]
                                if (o["kind"], o["id"]) != ("number", "+48221000001")]
        trunk(a, priority=9)
        b.boss.ready("anna")
        for hangs_up in ("caller", "agent"):
            user = "+4860100000" + ("1" if hangs_up == "caller" else "2")
            call = a.ring("+48221000009", user).wait_answer(3)
            phone = b.phones.wait_call(5).ring().accept()
            phone.say(AGENT)
            call.sound.wait_for(AGENT, 4)
            phone.sound.wait_for(CUSTOMER, 4)
            first, second = a.contact_of(call), wait_until(
                lambda: next((c["id"] for c in b.boss.contacts() if not c["ended_at"]), None), 3)
            b.boss.wait_contact(second, lambda c: c["state"] == "talking", 3, "they talk")
            a.server.kill("centrala-core")  # its streams die, its dialogs do not
            a.server.healthy()
            (call if hangs_up == "caller" else phone).bye()
            (phone if hangs_up == "caller" else call).wait_over(5, by="them")
            a.boss.wait_ended(first)
            record = b.boss.wait_ended(second)
            assert record["ended_by"] == ("customer" if hangs_up == "caller" else "agent"), record
            b.boss.wait_work("anna", "idle")
        a.settled()
        b.settled()


def test_two_servers_over_udp():
    two_houses("udp")


def test_two_servers_over_tls():
    two_houses("tls")


for _slow in (test_kamailio_in_front_over_udp, test_kamailio_in_front_over_tls,
              test_two_servers_over_udp, test_two_servers_over_tls):
    _slow.seconds = 120
