"""S3, S11: packets without the right tag or from the wrong place end no call, move no sound, are in no
recording; the two sides of a call see nothing of each other."""
import re
import socket
import struct
import time

import sound
from harness import AGENT, CUSTOMER, House, near, wait_until
from mallory import SDP, Mallory
from sip import token

FOREIGN = 3100  # Hz: what nobody in the call speaks


def talk_goes_on(call, phone, seconds=1.0):
    """Both voices without a hole, in one second of three: the machine itself may falter."""
    gaps = []
    while not gaps or (min(gaps) >= 0.3 and len(gaps) < 3):
        since = time.monotonic()
        time.sleep(seconds)
        now = time.monotonic()
        assert not call.over.is_set() and not phone.over.is_set(), "the talk was ended"
        gaps.append(max(phone.sound.longest_gap(since, now, CUSTOMER), call.sound.longest_gap(since, now, AGENT)))
    assert min(gaps) < 0.3, f"agent and customer lost each other: {gaps}"


def test_forged_requests_inside_a_dialog():
    """BYE, re-INVITE, UPDATE, INFO, REFER, CANCEL with every wrong mixture of tags: 481, no effect."""
    with House() as h, Mallory(h.server.sip) as m:
        call, phone, contact = h.talk()
        for leg in (call, phone):
            ours, theirs = leg.remote_tag, leg.local_tag  # ours: the server's
            for to_tag, from_tag in ((ours, token()), (token(), theirs), (theirs, ours), (ours, ""),
                                     ("", theirs)):
                for method in ("BYE", "INVITE", "UPDATE", "INFO", "REFER", "NOTIFY", "MESSAGE", "PRACK"):
                    message = m.message(
                        method, f"sip:x@{h.server.sip}", "x", call_id=leg.call_id, cseq=9000,
                        to=f"<sip:x@acme.test>;tag={to_tag}" if to_tag else "<sip:x@acme.test>",
                        from_tag=from_tag or None, body=SDP if method in ("INVITE", "UPDATE") else "",
                        headers=[("refer-to", "<sip:+881612345@127.0.0.1>")])
                    if not from_tag:
                        message.headers = [(n, v.split(";")[0] if n == "from" else v)
                                           for n, v in message.headers]
                    answer = m.ask(message)
                    if method == "INVITE":
                        m.send(m.message("ACK", message.uri, call_id=leg.call_id, cseq=9000))
                    # (answers go where the request came from: the dialog is not touched)
                    assert answer is None or answer.status in (400, 401, 403, 405, 481, 501), \
                        (method, answer.start)
            cancel = m.message("CANCEL", leg.invite.uri, call_id=leg.call_id, cseq=leg.invite.cseq)
            assert m.ask(cancel).status == 481
            m.send(m.message("ACK", leg.invite.uri, call_id=leg.call_id, cseq=leg.invite.cseq))
        # responses out of the blue, to requests we made and did not make
        for status in ("200 OK", "486 Busy Here", "401 Unauthorized"):
            m.send((f"SIP/2.0 {status}\r\nVia: SIP/2.0/UDP {h.server.sip};branch=z9hG4bK{token(16)}\r\n"
                    f"From: {phone.invite.get('from')}\r\nTo: <sip:anna@acme.test>;tag=evil\r\n"
                    f"Call-ID: {phone.call_id}\r\nCSeq: {phone.invite.cseq} INVITE\r\n"
                    "Content-Length: 0\r\n\r\n").encode())
        talk_goes_on(call, phone)
        assert h.boss.contact(contact)["state"] == "talking"
        call.bye()
        phone.wait_over(3)
        h.settled()


test_forged_requests_inside_a_dialog.seconds = 120


def rtp(pt, seq, stamp, ssrc, payload, marker=0):
    return struct.pack("!BBHII", 0x80, marker << 7 | pt, seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + payload


def test_foreign_sound_is_not_heard_nor_answered():
    """RTP bleed: a third socket sprays every port of the range while two talk; it gets nothing back,
    nobody hears it, the recording has none of it. RTCP BYE from there ends nothing."""
    low, high = 31000, 31039
    with House(settings={"media.ports": f"{low}-{high}"}) as h:
        spy = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        spy.bind(("127.0.66.1", 0))
        spy.setblocking(False)
        tone = sound.encode(sound.PCMA, sound.tone(FOREIGN, sound.FRAME, 12000))

        def spray(frames, ssrc=77, pt=sound.PCMA):
            for i in range(frames):
                for port in range(low, high + 1):
                    spy.sendto(rtp(pt, 1000 + i, 160 * i, ssrc, tone), ("127.0.0.1", port))
                time.sleep(0.02)
        call, phone, contact = h.talk()
        began = time.monotonic()
        spray(60)
        ours = call.sound.ssrc if hasattr(call.sound, "ssrc") else 77
        spray(20, ours)  # with the customer's own SSRC, were it known
        bye = struct.pack("!BBHI", 0x81, 203, 1, ours)
        report = struct.pack("!BBHI", 0x80, 201, 1, ours)
        digit = bytes([5, 0x80 | 10, 800 >> 8, 800 & 255])
        for port in range(low, high + 1):
            for data in (report + bye, bye, b"", b"\x80", rtp(101, 5, 5, ours, digit, 1), b"\x00" * 1500):
                spy.sendto(data, ("127.0.0.1", port))
        talk_goes_on(call, phone)
        now = time.monotonic()
        for stream in (call.sound, phone.sound):
            assert not stream.hears(FOREIGN, began, now), "foreign sound was heard"
        got = 0
        try:
            while True:
                spy.recv(2048)
                got += 1
        except BlockingIOError:
            pass
        assert got == 0, f"{got} packets came back to the stranger"
        assert not [e for e in h.boss.events(contact) if e["event"] == "digit"]
        call.bye()
        record = h.boss.wait_ended(contact)
        data = h.boss.recording(record["recordings"][0]["id"])
        pcm = [s for s in struct.unpack(f"<{(len(data) - 44) // 2}h", data[44:44 + (len(data) - 44) // 2 * 2])]
        left, right = pcm[0::2], pcm[1::2]
        middle = slice(len(left) // 4, len(left) * 3 // 4)
        for channel, own in ((left, CUSTOMER), (right, AGENT)):
            tenths = [channel[middle][i:i + 800] for i in range(0, len(channel[middle]) - 800, 800)]
            good = sum(sound.share(piece, own) > 0.8 for piece in tenths)
            assert good > 0.8 * len(tenths), "the recording lacks its own voice"
            assert sound.share(channel[middle], FOREIGN) < 0.01, "foreign sound was recorded"
        spy.close()
        h.settled()


test_foreign_sound_is_not_heard_nor_answered.seconds = 120


def test_the_two_legs_share_no_header():
    """Topology: nothing of the carrier's is seen by the phone, nor the other way round."""
    with House() as h:
        call, phone, contact = h.talk()
        invite = phone.invite.bytes().decode()
        # a port is looked for as a whole word: its digits may be within any number
        for secret in (call.call_id, call.local_tag, call.remote_tag, call.invite.branch, rf"\b{h.carrier.port}\b"):
            assert not re.search(secret, invite), f"{secret} of the caller's leg is in the phone's INVITE"
        theirs = call.final_response.bytes().decode()
        for secret in (phone.call_id, phone.local_tag, phone.remote_tag, rf"\b{h.phones.port}\b"):
            assert not re.search(secret, theirs), f"{secret} of the phone's leg is in the caller's 200"
        sdp = phone.invite.body
        assert not re.search(rf"m=audio {call.sound.port} ", sdp) and "o=test" not in sdp, sdp
        marked = {"x-secret": "carrier-only", "user-agent": "CarrierSwitch/9", "subject": "canary",
                  "organization": "canary corp", "alert-info": "<http://canary.test>",
                  "call-info": "<http://canary.test>;purpose=icon"}
        h.boss.presence("boris", "ready")
        plain = h.carrier.send

        def marking(m, to=None):
            if m.start.startswith("INVITE"):
                m.headers += [x for x in marked.items() if x not in m.headers]
            plain(m, to)
        h.carrier.send = marking  # one more caller, with headers that must not travel
        second = h.carrier.call(f"sip:+48221000001@{h.server.sip}", h.server.sip, user="+48601000002")
        second.wait_answer(3)
        other = h.phones.wait_call(5)
        text = other.invite.bytes().decode().lower()
        assert "x-secret: carrier-only" in second.invite.bytes().decode().lower()
        for name, value in marked.items():
            assert value.lower() not in text, f"{name} travelled"
        other.ring()
        second.bye()
        call.bye()
        phone.wait_over(3)
        h.settled()
