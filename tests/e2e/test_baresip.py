"""baresip, a stranger's telephone, headless: as a caller and as an agent's registered phone."""
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import wave

from harness import AGENT, CUSTOMER, House, Skip, free_port, wait_until
from sound import tone
from test_flow import wait_step

MODULES = "/usr/lib/baresip/modules"


class Baresip:
    """One baresip with a configuration of its own, steered over its TCP door (netstrings of JSON)."""

    def __init__(self, account, port, hz, more="", rate=8000):
        if not shutil.which("baresip") or not os.path.isdir(MODULES):
            raise Skip("baresip is not installed")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="baresip-"))
        self.door_port = free_port()
        low = free_port() & ~1
        (self.dir / "config").write_text(
            f"sip_listen 127.0.0.1:{port}\nsip_transports udp\nmodule_path {MODULES}\n"
            f"module aufile.so\nmodule g711.so\nmodule_tmp account.so\n"
            f"module_app menu.so\nmodule_app ctrl_tcp.so\n"
            f"ctrl_tcp_listen 127.0.0.1:{self.door_port}\n"
            f"audio_source aufile,{self.dir}/tone.wav\naudio_alert aufile,{self.dir}/tone.wav\n"
            f"audio_player aufile,{self.dir}/heard.wav\n"
            f"ausrc_srate {rate}\nauplay_srate {rate}\nausrc_channels 1\nauplay_channels 1\n"
            f"rtp_ports {low}-{low + 40}\njitter_buffer_delay 1-5\nnet_interface 127.0.0.1\n{more}")
        (self.dir / "accounts").write_text(account + "\n")
        (self.dir / "contacts").write_text("")
        with wave.open(str(self.dir / "tone.wav"), "wb") as w:
            w.setparams((1, 2, rate, 0, "NONE", ""))
            w.writeframes(struct.pack(f"<{rate}h", *tone(hz * 8000 / rate, rate)) * 40)
        self.out = open(self.dir / "out", "w+b")
        self.process = subprocess.Popen(["baresip", "-f", str(self.dir)], stdin=subprocess.PIPE,
                                        stdout=self.out, stderr=subprocess.STDOUT)
        self.door = None

        def opened():
            assert self.process.poll() is None, "baresip ended: " + self.text()[-600:]
            try:
                self.door = socket.create_connection(("127.0.0.1", self.door_port), 1)
                return True
            except OSError:
                return False
        try:
            wait_until(opened, 10, "baresip's door")
        except BaseException:
            self.__exit__(None)
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            print("    baresip: " + self.text()[-1500:].replace("\n", "\n    "))
        if self.door:
            self.door.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.out.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def text(self):
        self.out.flush()
        return (self.dir / "out").read_text(errors="replace")

    def do(self, command, params=""):
        text = json.dumps({"command": command, "params": params, "token": "t"})
        self.door.sendall(f"{len(text)}:{text},".encode())


def test_baresip_calls():
    """Two-way audio with baresip as caller; it presses a key first and hangs up at the end."""
    port = free_port()
    with House() as h:
        for o in h.objects["objects"]:
            if o["kind"] == "trunk":
                o["peers"].append(f"127.0.0.1:{port}")
        h.server.apply(h.objects)
        with Baresip("<sip:+48601777001@127.0.0.1>;regint=0;audio_codecs=pcma", port,
                     CUSTOMER) as phone:
            phone.do("dial", f"sip:+48221000000@{h.server.sip}")
            contact = wait_until(lambda: next((c["id"] for c in h.boss.contacts()), None), 5,
                                 "its call is a contact")
            wait_step(h.boss, contact, "menu", 15)
            phone.do("sndcode", "1")
            h.boss.wait_waiting(1, seconds=10)
            h.boss.ready("anna")
            agent = h.phones.wait_call()
            agent.accept().say(AGENT)
            agent.sound.wait_for(CUSTOMER)
            time.sleep(1.5)
            assert agent.sound.hears(AGENT, 0, time.monotonic()) == 0
            phone.do("hangup")
            agent.wait_over(by="them")
            record = h.boss.wait_ended(contact)
            assert record["ended_by"] == "customer" and record["agent"] == "anna", record
            wait_until(lambda: h.boss.contact(contact)["recordings"], 10, "a recording")
        h.settled()


def test_baresip_is_the_phone():
    """baresip registers with digest, rings, answers by itself; both sides hear each other."""
    port = free_port()
    with House(objects=[{"kind": "user", "tenant": "acme", "id": "rita", "name": "Rita",
                         "roles": ["agent"], "password": "rita-secret-1",
                         "sip_password": "rita-sip-1", "phone": {"kind": "sip"},
                         "queues": ["support"]}]) as h:
        account = (f'<sip:rita@acme.test>;auth_user=rita;auth_pass=rita-sip-1;'
                   f'outbound="sip:{h.server.sip}";regint=60;answermode=auto;audio_codecs=pcmu')
        with Baresip(account, port, AGENT) as phone:
            wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 10, "baresip registers")
            h.boss.ready("rita")
            call = h.ring().wait_answer()
            call.sound.wait_for(AGENT)
            call.sound.steady(AGENT, 1.5)
            assert call.sound.hears(CUSTOMER, 0, time.monotonic()) == 0
            phone.do("hold")
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "held", 10, "held")
            phone.do("resume")
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "talking again")
            call.sound.wait_for(AGENT, since=time.monotonic())
            phone.do("hangup")
            call.wait_over(by="them")
            assert h.boss.wait_ended(contact)["ended_by"] == "agent"
        h.settled()


def test_baresip_calls_out():
    """An agent's registered telephone dials a number, a colleague by his extension, nobody."""
    ports = free_port(), free_port()
    names = ("rita", "kuba")
    users = [{"kind": "user", "tenant": "acme", "id": name, "name": name.title(),
              "roles": ["agent"], "password": f"{name}-secret-1", "sip_password": f"{name}-sip-1",
              "phone": {"kind": "sip"}, "extension": extension,
              "queues": ["support"]} for name, extension in zip(names, ("201", "202"))]
    with House(agents=(), objects=users) as h:
        def account(name, more=""):
            return (f'<sip:{name}@acme.test>;auth_user={name};auth_pass={name}-sip-1;'
                    f'outbound="sip:{h.server.sip}";regint=60;audio_codecs=pcma{more}')
        with Baresip(account("rita"), ports[0], AGENT) as rita, \
                Baresip(account("kuba", ";answermode=auto"), ports[1], 1100) as kuba:
            wait_until(lambda: all(h.boss.agent(n)["phone"]["ready"] for n in names), 6,
                       "both register")
            rita.do("dial", "sip:600700800@acme.test")
            far = h.carrier.wait_call()
            assert far.user == "+48600700800", far.user
            far.ring()
            h.boss.wait_work("rita", "dialling")
            time.sleep(0.5)
            far.accept()
            far.say(CUSTOMER)
            far.sound.wait_for(AGENT)
            contact = h.boss.contacts()[0]["id"]
            time.sleep(1)
            rita.do("hangup")
            far.wait_over(by="them")
            c = h.boss.wait_ended(contact)
            assert (c["direction"], c["ended_by"], c["dials"][0]["result"]) == \
                ("outbound", "agent", "answered"), c
            rita.do("dial", "sip:202@acme.test")
            h.boss.wait_work("kuba", "talking", 5)
            h.boss.wait_work("rita", "talking")
            time.sleep(0.5)
            kuba.do("hangup")
            h.boss.wait_work("rita", "idle")
            assert h.boss.contacts()[0]["direction"] == "internal"
            rita.do("dial", "sip:nobody@acme.test")
            wait_until(lambda: "404" in rita.text(), 10, "nobody is called so")
        h.settled()
