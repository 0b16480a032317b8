"""faults.md S2, S5, S6 at the port browsers share, while one of them talks: from a stranger's socket and from the
browser's own address. Nobody is answered who has not the password, nothing moves the sound, nothing ends the talk."""
import os
import random
import socket
import struct
import time

from test_webphone import AGENT, CUSTOMER, both_hear, talk, world
from webrtc import Dtls, check

FOREIGN = 3100  # Hz: what nobody in the call speaks


def datagrams(dice, tab, to):
    """What a port of a browser may be sent by who does not know its password."""
    user, _ = tab.remote
    hello = Dtls()
    hello.step()
    first = hello.take()[0]
    hello.close()
    whole = bytearray(first)
    yield first  # a handshake that would begin
    for _ in range(20):
        twisted = bytearray(first)
        for _ in range(dice.randrange(1, 9)):
            twisted[dice.randrange(len(twisted))] = dice.randrange(256)
        yield bytes(twisted)
    # fragments of one message that never ends (RFC 6347 section 4.2.3)
    for i in range(50):
        body = struct.pack("!B3sH3s3s", 11, b"\0\x20\0", 2, i.to_bytes(3, "big"), b"\0\0\x08") + os.urandom(8)
        yield b"\x16\xfe\xfd" + bytes(6) + struct.pack("!HH", i, len(body)) + body
    whole[1:3] = b"\xfe\xff"  # DTLS 1.0
    whole[25:27] = b"\xfe\xff"
    yield bytes(whole)
    yield b"\x15\xfe\xfd" + bytes(8) + b"\0\2\2\x28"  # an alert of nobody
    for password in ("", "guess", user):
        yield check(user, password)[1]
    number, signed = check(user, "x")
    yield signed[:2] + struct.pack("!H", 65532) + signed[4:]
    yield signed[:20]
    for _ in range(30):
        yield bytes([dice.choice((0, 1, 2, 3, 20, 22, 23, 63, 64, 128, 144, 191, 200, 255))]) + os.urandom(
            dice.randrange(1, 1400))
    for kind in range(200, 208):  # RTCP that is not sealed, BYE among it
        yield struct.pack("!BBHI", 0x81, kind, 1, tab.ssrc) + os.urandom(dice.randrange(40))
    for i in range(20):
        yield struct.pack("!BBHII", 0x80, 111, (tab.seq + i) & 0xFFFF, tab.ts, tab.ssrc) + os.urandom(60)


def test_strangers_at_the_shared_port():
    with world() as (h, page):
        call, contact = talk(h, page)
        tab, dice = page.tab, random.Random(5)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.66.1", 0))
            stranger.setblocking(False)
            for last in (False, False, True):  # what we say ourselves may falter once or twice
                begin = time.monotonic()
                for packet in datagrams(dice, tab, tab.to):
                    stranger.sendto(packet, tab.to)
                    tab.put(packet)  # and as if the browser had sent it
                    time.sleep(0.01)
                over = time.monotonic()
                time.sleep(0.3)
                try:
                    answer = stranger.recv(2048)
                except BlockingIOError:
                    answer = b""
                assert not answer, answer[:40]
                assert call.sound.hears(FOREIGN, begin, over) == 0.0
                heard = call.sound.hears(AGENT, begin, over), tab.hears(CUSTOMER, begin, over)
                if min(heard) > 0.95:
                    break
                assert not last, f"customer and agent lost each other: {heard}"
        both_hear(call, page)
        assert h.boss.contact(contact)["state"] == "talking"
        # the talk was not left by the browser, its association lives: a check still moves its path
        tab.moves()
        both_hear(call, page, since=time.monotonic() + 0.5)
        call.bye()
