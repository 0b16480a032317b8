"""The desk in Firefox, and a server for this machine alone: its browsers reach it at any of its addresses, others at none."""
import re
import socket
import subprocess
import time

from browser import Wire
from desk import DeskHouse
from firefox import MICROPHONE, Firefox
from harness import CUSTOMER, wait_until
from test_webphone import CLARA
from webrtc import Desk, Tab, check

ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1.5)
s.sendto(bytes.fromhex(sys.argv[3]), (sys.argv[1], int(sys.argv[2])))
try:
    print(len(s.recv(2000)))
except OSError:
    print(0)
"""


def own_address(wire):
    """This machine's, as the kernel goes out; in a network of the test's own there is none yet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
        except OSError:
            subprocess.run(["ip", "route", "add", "default", "via", wire.theirs], check=True)
            s.connect(("192.0.2.1", 9))
        return s.getsockname()[0]


def test_firefox_is_a_desk():
    """It pairs none of its addresses with a loopback one; the server listens on 127.0.0.1, as it comes."""
    wire = Wire()
    try:
        own_address(wire)
        with DeskHouse() as h, Firefox(h.server.http) as f:
            f.goto("/")
            f.fill("Organisation", "acme")
            f.fill("User", "anna")
            f.fill("Password", "anna-secret-1")
            f.click("Sign in")
            f.watch_phones()
            f.click("Go ready")
            wait_until(lambda: h.boss.agent("anna")["presence"] == "ready", 20, "anna is ready")
            call = h.ring()
            call.wait_answer()
            f.find("//button[contains(., 'Accept')]")
            f.press("a")
            contact = h.contact_of(call)
            h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 10, "they talk")
            call.sound.wait_for(MICROPHONE, 8)
            before = wait_until(lambda: f.sound().get("packetsReceived", 0) > 10 and f.sound(), 10, "sound comes")
            wait_until(lambda: (lambda s: s.get("packetsReceived", 0) - before["packetsReceived"] > 30 and s["audioLevel"] > 0.1)(f.sound()),
                       10, "sound goes on")

            began = time.monotonic()
            f.reload()  # the call stays, its sound comes again by itself
            f.see("Hang up", 15)
            call.sound.wait_for(MICROPHONE, 15, since=began + 1)
            assert h.boss.contact(contact)["state"] == "talking"

            f.press("x")
            f.see("Press again")
            f.press("x")
            f.see("Save & next")
            f.click("Save & next")
            wait_until(lambda: h.boss.agent("anna")["work"] == "idle", 10, "anna is free")
            assert h.boss.wait_ended(contact)["talk_ms"] > 0
    finally:
        wire.close()


test_firefox_is_a_desk.seconds = 120


def test_media_for_this_machine_answers_no_other():
    """The same check of ICE, with the right password: from this machine it is answered, from its neighbour it is not."""
    wire = Wire()
    try:
        own = own_address(wire)
        with DeskHouse(at_desks=(), agents=(), objects=[CLARA]) as h:
            desk, tab = Desk(h.server.http, h.server.login("clara").token), Tab()
            answer = desk.do("phone", offer=tab.offer())["answer"]
            told = re.findall(r"a=candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host", answer)
            assert [ip for ip, _ in told] == ["127.0.0.1", own], answer
            tab.go(answer)
            _, packet = check(*tab.remote)

            def asked(ip, *apart):
                return int(subprocess.run([*apart, "python3", "-c", ASK, ip, told[0][1], packet.hex()],
                                          capture_output=True, text=True, check=True).stdout)
            assert asked(wire.ours) > 20 and asked("127.0.0.1") > 20
            assert asked(wire.ours, "ip", "netns", "exec", wire.name) == 0
            tab.leave()
            desk.leave()
    finally:
        wire.close()
