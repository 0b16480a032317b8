"""sipp, a stranger, as caller and as the agents' phone. Scenarios: sipp/*.xml."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from harness import CUSTOMER, House, Skip, free_port, wait_until
from test_call import seconds_between

SCENARIOS = pathlib.Path(__file__).resolve().parent / "sipp"


class Sipp:
    """One sipp process on its own port; ends with its count of calls or is stopped."""

    def __init__(self, scenario, port, *words, target=None):
        if not shutil.which("sipp"):
            raise Skip("sipp is not installed")
        self.dir = tempfile.mkdtemp(prefix="sipp-")
        # sipp's media socket is bound on the port given and the one after the next
        self.process = subprocess.Popen(
            ["sipp", *([target] if target else []), "-sf", str(SCENARIOS / f"{scenario}.xml"),
             "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-nostdin", "-trace_err",
             "-error_file", f"{self.dir}/errors", "-cp", str(free_port()), *words],
            cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "TERM": "dumb"})

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if kind:
            with contextlib.suppress(OSError):
                print("    sipp: " + open(f"{self.dir}/errors").read()[:1500])
        shutil.rmtree(self.dir, ignore_errors=True)

    def good(self, seconds=60):
        """Waits for its end; every call of it must have gone as its scenario says."""
        out, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, f"sipp: status {self.process.returncode}\n" + \
            "\n".join(out.splitlines()[-12:])


def house(caller_port=None, phone_port=None, **words):
    """A house whose carrier or phones are not ours but at these ports."""
    h = House(**words)
    for o in h.objects["objects"]:
        if o["kind"] == "trunk" and caller_port:
            o["peers"].append(f"127.0.0.1:{caller_port}")
        if o["kind"] == "user" and o["id"] == "anna" and phone_port:
            o["phone"]["contact"] = f"sip:anna@127.0.0.1:{phone_port}"
    h.server.apply(h.objects)
    return h


def test_sipp_calls():
    """Six callers of sipp, one after the other quickly; the agents hang up."""
    port = free_port()
    with house(caller_port=port, queue_more={"wrap_s": 0}) as h:
        h.phones.policy = lambda c: (c.ring(), c.accept(), c.agent.later(0.5, lambda: c.agent.begin(
            c.request("BYE")) and c._end("us")))
        h.boss.ready("anna", "boris")
        with Sipp("caller", port, "-s", "+48221000001", "-m", "6", "-r", "3", "-timeout", "50s",
                  target=h.server.sip) as sipp:
            sipp.good()
        wait_until(lambda: h.boss.report() and h.boss.report()["answered"] == 6, 5, "six answered")
        h.settled()


def test_sipp_presses_a_key():
    """RFC 4733 as sipp plays it; it needs a raw socket."""
    if os.geteuid() != 0:
        raise Skip("sipp needs root to play keys")
    port = free_port()
    with house(caller_port=port) as h:
        with Sipp("caller_key", port, "-s", "+48221000000", "-m", "1", "-timeout", "50s",
                  "-mp", str(free_port()), target=h.server.sip) as sipp:
            h.boss.wait_waiting(1, seconds=12)
            sipp.good()
        wait_until(lambda: h.boss.report()["abandoned"] == 1, 5, "it hung up while waiting")
        h.settled()


def test_sipp_is_the_phone():
    """sipp's phone answers and echoes the audio: the caller hears himself through both legs."""
    port, media = free_port(), free_port()
    with house(phone_port=port) as h:
        with Sipp("phone", port, "-m", "1", "-rtp_echo", "-mp", str(media), "-timeout", "50s") as sipp:
            h.boss.ready("anna")
            began = time.monotonic()
            call = h.ring().wait_answer(3)
            when = call.sound.wait_for(CUSTOMER, 4)
            assert when
            call.wait_over(6, by="them")  # the phone hangs up after two seconds
            lasted = time.monotonic() - began
            sipp.good()
        record = h.boss.wait_ended(h.contact_of(call))
        assert record["ended_by"] == "agent", record
        assert 1900 < record["talk_ms"] < lasted * 1000 - 200, (record, lasted)  # it rings for 300 ms
        h.settled()


def test_sipp_phone_is_busy():
    port = free_port()
    with house(phone_port=port) as h:
        with Sipp("phone_busy", port, "-m", "1", "-timeout", "50s") as sipp:
            h.boss.ready("anna")
            call = h.ring().wait_answer(3)
            sipp.good()
            contact = h.contact_of(call)
            end = wait_until(lambda: told(h, contact, "offer_end"), 3, "offer_end")
            assert end["result"] == "busy", end
        call.bye()
        h.settled()


def test_sipp_phone_is_cancelled():
    port = free_port()
    with house(phone_port=port) as h:
        with Sipp("phone_cancelled", port, "-m", "1", "-timeout", "50s") as sipp:
            h.boss.ready("anna")
            call = h.ring().wait_answer(3)
            h.boss.wait_work("anna", "offered", 3)
            time.sleep(0.5)
            call.bye()
            sipp.good()
        h.settled()


def told(h, contact, what):
    """The fact, once it has happened."""
    return next((e for e in h.boss.events(contact) if e["event"] == what), None)


def test_sipp_phone_holds():
    port, media = free_port(), free_port()
    with house(phone_port=port) as h:
        with Sipp("phone_hold", port, "-m", "1", "-rtp_echo", "-mp", str(media), "-timeout",
                  "50s") as sipp:
            h.boss.ready("anna")
            call = h.ring().wait_answer(3)
            call.sound.wait_for(CUSTOMER, 4)
            contact = h.contact_of(call)
            held = wait_until(lambda: told(h, contact, "hold_on"), 4, "held")
            wait_until(lambda: told(h, contact, "hold_off"), 4, "talking again")
            call.sound.wait_for(CUSTOMER, 3, time.monotonic())
            call.wait_over(6, by="them")
            sipp.good()
        record = h.boss.wait_ended(contact)
        assert 1400 < record["hold_ms"] <= seconds_between(held["at"], record["ended_at"]) * 1000 - 1400, record
        h.settled()


def test_sipp_loses_every_third_packet():
    """R17 in small: sipp drops what it should send and hear; retransmission mends it."""
    port = free_port()
    with house(caller_port=port, queue_more={"wrap_s": 0}) as h:
        h.phones.policy = lambda c: (c.accept(), c.agent.later(0.5, lambda: c.agent.begin(
            c.request("BYE")) and c._end("us")))
        h.boss.ready("anna", "boris")
        with Sipp("caller", port, "-s", "+48221000001", "-m", "5", "-r", "2", "-timeout", "100s",
                  "-lost", "20", target=h.server.sip) as sipp:
            sipp.good(120)
        wait_until(lambda: h.boss.report()["offered"] == 5, 5, "five offered, none twice")
        assert len(h.boss.contacts()) == 5


test_sipp_loses_every_third_packet.seconds = 110
