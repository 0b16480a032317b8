"""Codecs and keys: tones through every pair of codecs, SRTP on either side, what attackers send, kills in between."""
import re
import struct
import time

from codecs_peers import Law, Srtp, Wire, agreed
from harness import AGENT, CUSTOMER, House, Server, free_port, site, wait_until
from sip import Sdp, UserAgent
from sound import Clockwork
from test_baresip import Baresip
from test_call import channels_of, tone_share

ALL = ["PCMA", "PCMU", "G722", "opus"]


class SoundHouse(House):
    """A house whose trunk takes all codecs and whose phones have rules. caller, phone: makers of Wires."""

    def __init__(self, caller, phone, trunk=None, more_trunk=None, more_phone=None):
        self.carrier, self.phones, self.agents = UserAgent(), UserAgent(), ("anna",)
        self.carrier.wire_of, self.phones.wire_of = caller, phone
        self.objects = site(self.carrier.port, self.phones.port, self.agents)
        for o in self.objects["objects"]:
            if o["kind"] == "trunk":
                o.update({"codecs": trunk or ALL, **(more_trunk or {})})
            if o["kind"] == "user" and "phone" in o:
                o["phone"].update(more_phone or {})
        self.server = Server(self.objects)


def both_hear(call, phone, seconds=1.2, least=0.9):
    """In one of three spans: a machine that is busy elsewhere for a moment is nobody's fault."""
    call.sound.wait_for(AGENT)
    phone.sound.wait_for(CUSTOMER)
    for _ in range(3):
        begin = time.monotonic() + 0.1
        time.sleep(seconds)
        got = [who.sound.hears(hz, begin, begin + seconds - 0.2) for who, hz in ((call, AGENT), (phone, CUSTOMER))]
        if min(got) >= least:
            return
    raise AssertionError(f"{AGENT} Hz in {got[0]:.2f}, {CUSTOMER} Hz in {got[1]:.2f} of the frames "
                         f"({agreed(call)}, {agreed(phone)})")


def ended(house, call, contact):
    call.bye()
    return house.boss.wait_contact(contact, lambda c: c["ended_at"], 10, "the contact ends")


def _pairs(phone_codec):
    caller = {"codec": "PCMA"}
    with SoundHouse(lambda: Wire([caller["codec"]]), lambda: Wire([phone_codec]),
                     more_phone={"codecs": [phone_codec]}) as house:
        for codec in ALL:
            caller["codec"] = codec
            call, phone, contact = house.talk(user=f"+4860100{ALL.index(codec):04d}")
            both_hear(call, phone)
            record = ended(house, call, contact)
            quality = {q["party"]: q for q in record["quality"]}
            assert quality["customer"]["codec"] == codec and quality["agent"]["codec"] == phone_codec
            assert quality["customer"]["srtp"] is None and quality["customer"]["forged"] == 0
            (left, right), rate = channels_of(house.boss.recording(record["recordings"][0]["id"]))
            for side, hz in ((left, CUSTOMER), (right, AGENT)):
                middle = side[int(0.5 * rate):-int(0.4 * rate)]
                got = tone_share(middle, rate, hz)
                now = time.monotonic()
                least = 0.9 - Clockwork.stalled(phone.accepted_at, now) / (now - phone.accepted_at)
                assert got > least, f"recording of {codec} and {phone_codec}: {hz} Hz in {got:.2f}"
            house.boss.wait_work("anna", "idle")


def test_callers_of_all_codecs_and_a_pcma_phone():
    _pairs("PCMA")


def test_callers_of_all_codecs_and_a_g722_phone():
    _pairs("G722")


def test_callers_of_all_codecs_and_an_opus_phone():
    _pairs("opus")


def test_the_callers_codec_is_offered_to_the_phone_first():
    with SoundHouse(lambda: Wire(["G722", "PCMA"]), lambda: Wire(ALL), trunk=["G722", "PCMA"]) as house:
        call, phone, contact = house.talk()
        assert agreed(call) == ("G722", "") and agreed(phone) == ("G722", "")
        assert phone.wire.offered[0] == "G722", phone.wire.offered
        both_hear(call, phone)
        # relayed as it came: both ends' own coders meet, numbers and bytes are not touched
        ended(house, call, contact)


def test_a_trunks_list_of_codecs_is_kept_in_order():
    with SoundHouse(lambda: Wire(["opus", "PCMU", "PCMA"]), lambda: Wire(["PCMA"]),
                     trunk=["PCMA", "PCMU"]) as house:
        call, phone, contact = house.talk()
        assert agreed(call) == ("PCMA", ""), agreed(call)
        both_hear(call, phone)
        ended(house, call, contact)


SUITES = ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80",
          "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"]


def test_srtp_callers_of_every_suite():
    suite = {}
    with SoundHouse(lambda: Wire(["PCMA"], [suite["now"]]), lambda: Wire(["PCMA"])) as house:
        for i, name in enumerate(SUITES):
            suite["now"] = name
            call, phone, contact = house.talk(user=f"+4860200{i:04d}")
            assert agreed(call) == ("PCMA", name) and call.wire.profile == "RTP/SAVP"
            both_hear(call, phone)
            assert call.sound.bad == 0
            record = ended(house, call, contact)
            quality = {q["party"]: q for q in record["quality"]}
            assert quality["customer"]["srtp"] == name and quality["agent"]["srtp"] is None
            trace = house.server.run("ctl", "--data", str(house.server.data), "trace", contact)
            key = re.search(r"inline:(\S+)", call.wire.text)[1]
            assert "inline:" in trace and key not in trace, "a key stands in the trace"
            house.boss.wait_work("anna", "idle")


def test_srtp_on_both_sides_with_different_suites():
    with SoundHouse(lambda: Wire(["opus"], ["AEAD_AES_256_GCM"]),
                     lambda: Wire(["G722"], ["AES_CM_128_HMAC_SHA1_80"]),
                     more_phone={"srtp": "required", "srtp_without_tls": True, "codecs": ["G722"]}) as house:
        call, phone, contact = house.talk()
        assert agreed(call) == ("opus", "AEAD_AES_256_GCM")
        assert agreed(phone) == ("G722", "AES_CM_128_HMAC_SHA1_80") and phone.wire.profile == "RTP/SAVP"
        both_hear(call, phone)
        ended(house, call, contact)


def test_keys_are_not_offered_without_tls():
    """srtp required and no TLS: the phone is never rung plainly; optional: it is rung, without keys."""
    with SoundHouse(None, lambda: Wire(["PCMA"], SUITES)) as house:
        call, phone, contact = house.talk()
        assert not phone.wire.crypto and phone.wire.profile == "RTP/AVP"
        ended(house, call, contact)


def test_trunk_rules_of_srtp():
    for rule, suites, wants in (("off", SUITES[:1], 488), ("required", [], 488)):
        with SoundHouse(lambda: Wire(["PCMA"], suites), None,
                         more_trunk={"srtp": rule, "srtp_without_tls": True}) as house:
            call = house.ring()
            wait_until(lambda: call.final, 10, "an answer")
            assert call.final == wants, (rule, call.final)


def test_hostile_srtp_packets():
    """S4: repeated, altered, with a jumped round, from who has no key: dropped, counted, heard nowhere."""
    with SoundHouse(lambda: Wire(["PCMA"], ["AES_CM_128_HMAC_SHA1_80"]), lambda: Wire(["PCMA"])) as house:
        call, phone, contact = house.talk()
        both_hear(call, phone)
        stream = call.sound
        evil = 1900  # the tone of whatever must not be heard
        begin, sent = time.monotonic(), 0
        forger = Srtp("AES_CM_128_HMAC_SHA1_80", bytes(30))
        law = Law(8)
        for i in range(60):
            packet = stream.last_sealed
            stream.put(packet)  # again
            flipped = bytearray(packet)
            flipped[20] ^= 1
            stream.put(bytes(flipped))
            head = struct.pack("!BBHII", 0x80, 8, (stream.seq + 40) & 0xFFFF, stream.ts, stream.ssrc)
            evil_frame = head + law.frame(evil, i)
            stream.put(forger.seal(evil_frame))  # no key
            stream.put(stream.seal.seal(evil_frame, roc=7))  # another round
            stream.put(evil_frame)  # not sealed at all
            stream.put(packet[:-10] + b"\1" + packet[-10:])  # an MKI nobody agreed on
            sent += 6
            time.sleep(0.02)
        over = time.monotonic()
        assert phone.sound.hears(CUSTOMER, begin, over) > 0.95 - Clockwork.stalled(begin, over) / (over - begin), "the talk was disturbed"
        assert phone.sound.hears(evil, begin, over) == 0.0, "an attacker was heard"
        heard = phone.sound.frames(begin, over)
        assert len(heard) < (over - begin) * 50 + 12, "repeated packets were relayed"
        both_hear(call, phone)
        record = ended(house, call, contact)
        forged = next(q["forged"] for q in record["quality"] if q["party"] == "customer")
        assert sent * 0.95 <= forged <= sent, (forged, sent)
        (left, _), rate = channels_of(house.boss.recording(record["recordings"][0]["id"]))
        assert tone_share(left, rate, evil) == 0.0, "an attacker is in the recording"


def test_another_codec_within_the_call():
    with SoundHouse(lambda: Wire(ALL[:1]), lambda: Wire(["PCMA"])) as house:
        call, phone, contact = house.talk()
        both_hear(call, phone)
        for codec in ("opus", "PCMU", "G722", "PCMA"):
            call.wire.codecs, call.wire.agreed = [codec], None
            answer = call.reinvite()
            assert isinstance(answer, Sdp) and agreed(call)[0] == codec, answer
            both_hear(call, phone)
        ended(house, call, contact)


def test_keys_of_opus_and_g722_legs():
    """RFC 4733 on the codec's clock: a key pressed on an Opus leg chooses in the menu."""
    for codec in ("opus", "G722"):
        with SoundHouse(lambda: Wire([codec]), lambda: Wire(["PCMA"])) as house:
            house.boss.ready("anna")
            call = house.ring("+48221000000")
            call.wait_answer()
            call.sound.wait_loud(6)
            time.sleep(0.3)
            call.sound.press("1")
            phone = house.phones.wait_call(12)
            phone.ring()
            phone.accept()
            phone.say(AGENT)
            call.sound.wait_for(AGENT)
            assert call.sound.event_pt
            ended(house, call, house.contact_of(call))


def test_core_killed_in_an_srtp_call():
    """Sound goes on under the same keys and numbers; the new core offers and takes keys again."""
    with SoundHouse(lambda: Wire(["G722"], ["AEAD_AES_128_GCM"]), lambda: Wire(["G722"]),
                     more_phone={"codecs": ["G722"]}) as house:
        call, phone, contact = house.talk()
        both_hear(call, phone)
        key = call.wire.their_key
        begin = time.monotonic()
        house.server.kill("centrala-core")
        time.sleep(1.5)
        gap = call.sound.longest_gap(begin, time.monotonic(), AGENT)
        assert gap < 0.2, f"a gap of {gap:.3f} s"
        both_hear(call, phone)
        answer = call.reinvite()
        assert isinstance(answer, Sdp), answer
        assert call.wire.their_key == key and agreed(call) == ("G722", "AEAD_AES_128_GCM")
        both_hear(call, phone)
        call.wire.keys["AEAD_AES_128_GCM"] = bytes(range(28))  # the peer renews his
        call.sound.seal = None
        assert isinstance(call.reinvite(), Sdp)
        both_hear(call, phone)
        record = ended(house, call, contact)
        assert next(q for q in record["quality"] if q["party"] == "customer")["srtp"] == "AEAD_AES_128_GCM"


def test_fax_is_refused_and_the_call_goes_on():
    with SoundHouse(lambda: Wire(["PCMA"]), lambda: Wire(["PCMA"])) as house:
        call, phone, contact = house.talk()
        both_hear(call, phone)
        usual = call.wire.sdp
        fax = "m=image 40000 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\n"
        call.wire.sdp = lambda c, d: re.sub(r"m=audio(?s:.*)", fax, usual(c, d))
        refused = call.reinvite()
        assert not isinstance(refused, Sdp) and refused.status == 488, refused
        both_hear(call, phone)
        call.wire.sdp = lambda c, d: usual(c, d) + fax
        answer = call.reinvite()
        assert isinstance(answer, Sdp) and re.search(r"^m=image 0 udptl t38", answer.text, re.M), answer.text
        both_hear(call, phone)
        ended(house, call, contact)


def test_baresip_speaks_srtp_g722_and_opus():
    """A stranger's telephone: keys on RTP/SAVP from its side, then ours; wideband both ways."""
    for codec, module, rate in (("g722", "g722.so", 16000), ("opus", "opus.so", 48000),
                                ("pcma", "g711.so", 8000)):
        port = free_port()
        rita = {"kind": "user", "tenant": "acme", "id": "rita", "name": "Rita", "roles": ["agent"],
                "password": "rita-secret-1", "sip_password": "rita-sip-1", "queues": ["support"],
                "phone": {"kind": "sip", "srtp": "required", "srtp_without_tls": True,
                          "codecs": [codec.upper() if codec != "opus" else codec]}}
        with House(agents=(), objects=[rita]) as h:
            account = (f'<sip:rita@acme.test>;auth_user=rita;auth_pass=rita-sip-1;mediaenc=srtp-mand;'
                       f'outbound="sip:{h.server.sip}";regint=60;answermode=auto;audio_codecs={codec}')
            with Baresip(account, port, AGENT, f"module {module}\nmodule srtp.so\n"
                         "opus_stereo no\nopus_sprop_stereo no\n", rate) as phone:
                wait_until(lambda: h.boss.agent("rita")["phone"]["ready"], 10, "baresip registers")
                h.boss.ready("rita")
                call = h.ring().wait_answer()
                call.sound.wait_for(AGENT, 5)
                call.sound.steady(AGENT, 1.5)
                phone.do("hangup")
                call.wait_over(by="them")
                record = h.boss.wait_ended(h.contact_of(call))
                agent = next(q for q in record["quality"] if q["party"] == "agent")
                assert agent["codec"].lower() == codec and agent["srtp"], agent
                assert agent["forged"] <= 4, agent  # it opens its way through a NAT with plain ones
                left, right = channels_of(h.boss.recording(record["recordings"][0]["id"]))[0]
                assert tone_share(right[6000:-4000], 8000, AGENT) > 0.85
                assert tone_share(left[6000:-4000], 8000, AGENT) == 0


def test_comfort_noise_is_heard():
    """RFC 3389: a caller who falls silent and says how loud it is around him; frames go on, softly."""
    with SoundHouse(lambda: Wire(["PCMA"]), lambda: Wire(["PCMA"])) as house:
        call, phone, contact = house.talk()
        both_hear(call, phone)
        stream = call.sound
        stream.sending, silent = False, time.monotonic()
        stream.put(struct.pack("!BBHII", 0x80, 13, stream.seq, stream.ts, stream.ssrc) + bytes([40]))
        for _ in range(3):  # a machine that is busy elsewhere for a moment is nobody's fault
            begin = time.monotonic() + 0.2
            time.sleep(1.2)
            frames = phone.sound.frames(begin, begin + 1.0)
            if 45 <= len(frames) <= 55:
                break
        assert 45 <= len(frames) <= 55, f"{len(frames)} frames in a second of noise"
        assert phone.sound.loud(begin, begin + 1.0) > 0.9  # -40 dBov: some 327 of 32768
        assert phone.sound.hears(CUSTOMER, begin, begin + 1.0) == 0
        stream.seq, stream.ts, stream.sending = (stream.seq + 1) & 0xFFFF, stream.ts + 160 * int(50 * (time.monotonic() - silent)), True
        both_hear(call, phone)
        record = ended(house, call, contact)
        assert next(q for q in record["quality"] if q["party"] == "customer")["lost"] == 0
