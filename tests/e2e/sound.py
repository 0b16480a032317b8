"""sound.py - G.711, tones and their detection, RTP streams over real sockets, for the tests' phones."""
import math
import random
import select
import socket
import struct
import threading
import time

from waiting import wait_until

RATE = 8000
FRAME = 160  # samples in 20 ms
PCMU, PCMA, EVENT = 0, 8, 101


def _ulaw_decode(byte):
    byte = ~byte & 0xFF
    t = ((byte & 0x0F) << 3) + 0x84
    t <<= (byte & 0x70) >> 4
    return 0x84 - t if byte & 0x80 else t - 0x84


def _alaw_decode(byte):
    byte ^= 0x55
    t = (byte & 0x0F) << 4
    segment = (byte & 0x70) >> 4
    t += 8 if segment == 0 else 0x108
    if segment > 1:
        t <<= segment - 1
    return t if byte & 0x80 else -t


DECODE = {PCMU: [_ulaw_decode(b) for b in range(256)], PCMA: [_alaw_decode(b) for b in range(256)]}


def _encoder(pt):
    """Nearest code for each of 65536 values, by walking the sorted decode table."""
    levels = sorted((v, b) for b, v in enumerate(DECODE[pt]))
    table, at = bytearray(65536), 0
    for pcm in range(-32768, 32768):
        while at + 1 < len(levels) and abs(levels[at + 1][0] - pcm) <= abs(levels[at][0] - pcm):
            at += 1
        table[pcm & 0xFFFF] = levels[at][1]
    return table


_ENCODE = {}


def encode(pt, pcm):
    if pt not in _ENCODE:
        _ENCODE[pt] = _encoder(pt)
    table = _ENCODE[pt]
    return bytes(table[v & 0xFFFF] for v in pcm)


def tone(hz, samples, amplitude=8000, start=0):
    return [int(amplitude * math.sin(2 * math.pi * hz * (start + i) / RATE)) for i in range(samples)]


def share(pcm, hz, rate=RATE):
    """How much of the power in pcm is at hz (Goertzel): about 1 for a pure tone, 0 for silence."""
    n = len(pcm)
    total = sum(v * v for v in pcm)
    if not n or total < n * 100 * 100:  # quieter than any tone of ours: silence
        return 0.0
    k = 2 * math.cos(2 * math.pi * hz / rate)
    a = b = 0.0
    for v in pcm:
        a, b = v + k * a - b, a
    power = a * a + b * b - k * a * b
    return min(1.0, 2 * power / (n * total))


class BadNet:
    """What a net does to the packets of one stream: shares of 1, milliseconds; the dice have a seed."""

    def __init__(self, loss=0.0, twice=0.0, late=0.0, jitter_ms=0, seed=1):
        self.loss, self.twice, self.late, self.jitter_ms = loss, twice, late, jitter_ms
        self.dice = random.Random(seed)
        self.lost = []  # sequence numbers

    def send(self, stream, packet):
        if self.dice.random() < self.loss:
            self.lost.append(struct.unpack("!H", packet[2:4])[0])
            return
        wait = self.dice.random() * self.jitter_ms / 1000
        wait += 0.03 if self.dice.random() < self.late else 0
        for _ in range(2 if self.dice.random() < self.twice else 1):
            if wait:
                threading.Timer(wait, stream.put, (packet,)).start()
            else:
                stream.put(packet)


class Stream:
    """One RTP socket: sends a tone, silence or keys every 20 ms; keeps all that it hears.

    heard: list of (monotonic time, payload type, sequence, timestamp, payload).
    """

    def __init__(self, host="127.0.0.1", pt=PCMA):
        while True:  # a pair of neighbours, RFC 3550 section 11
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self.socket = socket.socket(family, socket.SOCK_DGRAM)
            self.rtcp = socket.socket(family, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            self.socket.bind((host, 0))
            self.port = self.socket.getsockname()[1]
            try:
                self.rtcp.bind((host, self.port + 1))
                break
            except (OSError, OverflowError):
                self.socket.close()
                self.rtcp.close()
        self.socket.setblocking(False)
        self.rtcp.setblocking(False)
        self.net = None  # a BadNet for what we send
        self.pt, self.event_pt = pt, EVENT
        self.to = None
        self.sending = True
        self.hz = None
        self.heard, self.strays = [], 0
        self.seq, self.ts = random.randrange(65536), random.randrange(1 << 32)
        self.ssrc = random.randrange(1 << 32)
        self.keys, self._frames = [], {}
        self.played = []  # frames that go before the tone
        self.sent = 0
        Clockwork.add(self)

    def say(self, hz):
        """Speak this tone from now on; None: silence."""
        self.hz = hz

    def press(self, digit, milliseconds=120):
        """One key by RFC 4733: updates every 20 ms, the end three times."""
        ticks = max(1, milliseconds // 20)
        event = "0123456789*#ABCD".index(digit)
        packets = [(event, False, (i + 1) * FRAME) for i in range(ticks)]
        packets += [(event, True, ticks * FRAME)] * 3
        self.keys += [(i == 0, *p) for i, p in enumerate(packets)]

    def press_in_band(self, digit, milliseconds=80, pause=80):
        """One key as ITU-T Q.23 tones instead of what is said."""
        at = "123A456B789C*0#D".index(digit)
        row, column = (697, 770, 852, 941)[at // 4], (1209, 1336, 1477, 1633)[at % 4]
        n = milliseconds * 8
        pcm = [a + b for a, b in zip(tone(row, n, 4000), tone(column, n, 5000))]
        pcm += [0] * (-n % FRAME + pause * 8)
        data = encode(self.pt, pcm)
        self.played += [data[i:i + FRAME] for i in range(0, len(data), FRAME)]

    def close(self):
        Clockwork.remove(self)
        self.socket.close()
        self.rtcp.close()

    # -- RTCP --
    def reports(self):
        """Receiver's blocks about our stream that came since: (share lost, lost, highest number)."""
        blocks = []
        while True:
            try:
                data = self.rtcp.recv(2048)
            except OSError:
                return blocks
            at = 28 if data[1] == 200 else 8
            for i in range(data[0] & 31):
                ssrc, lost, highest = struct.unpack("!III", data[at + 24 * i:at + 24 * i + 12])
                if ssrc == self.ssrc:
                    blocks.append(((lost >> 24) / 256, lost & 0xFFFFFF, highest))

    # -- for Clockwork --
    def _frame(self):
        """A second of the tone, cut into frames once: whole periods, so that it repeats smoothly."""
        key = (self.pt, self.hz)
        if key not in self._frames:
            pcm = tone(self.hz, RATE) if self.hz else [0] * RATE
            data = encode(self.pt, pcm)
            self._frames[key] = [data[i:i + FRAME] for i in range(0, RATE, FRAME)]
        frames = self._frames[key]
        return frames[self.sent % len(frames)]

    def tick(self):
        if self.to is None or not self.sending:
            return
        marker, pt, ts = 0, self.pt, self.ts
        if self.keys:
            first, event, end, duration = self.keys.pop(0)
            if first:
                self._key_ts = self.ts
            marker, pt, ts = 0x80 if first else 0, self.event_pt, self._key_ts
            payload = struct.pack("!BBH", event, (0x80 if end else 0) | 10, duration)
        elif self.played:
            payload = self.played.pop(0)
        else:
            payload = self._frame()
        header = struct.pack("!BBHII", 0x80, marker | pt, self.seq, ts, self.ssrc)
        if self.net:
            self.net.send(self, header + payload)
        else:
            self.put(header + payload)
        self.sent += 1
        self.seq = (self.seq + 1) & 0xFFFF
        self.ts = (self.ts + FRAME) & 0xFFFFFFFF

    def put(self, packet):
        try:
            self.socket.sendto(packet, self.to)
        except OSError:
            pass  # nobody there any more: as on any wire

    def read(self):
        now = time.monotonic()
        while True:
            try:
                data, source = self.socket.recvfrom(2048)
            except BlockingIOError:
                return
            except OSError:
                return
            if len(data) < 12 or data[0] >> 6 != 2:
                self.strays += 1
                continue
            pt, seq, ts = data[1] & 0x7F, *struct.unpack("!HI", data[2:8])
            if 64 <= pt <= 95:
                continue  # RTCP on the same port
            self.heard.append((now, pt, seq, ts, data[12:]))

    # -- what was heard --
    def frames(self, since=0.0, until=math.inf):
        return [f for f in list(self.heard) if since <= f[0] < until and f[1] in DECODE]

    def share_of(self, frame, hz):
        table = DECODE[frame[1]]
        return share([table[b] for b in frame[4]], hz)

    def first_heard(self, hz, since=0.0, until=math.inf):
        """When the tone was first heard, or None."""
        for frame in self.frames(since, until):
            if self.share_of(frame, hz) > 0.7:
                return frame[0]
        return None

    def hears(self, hz, since, until):
        """Share of the frames between two moments that are mostly this tone."""
        frames = self.frames(since, until)
        if not frames:
            return 0.0
        return sum(self.share_of(f, hz) > 0.7 for f in frames) / len(frames)

    def loud(self, since, until):
        """Share of the frames that are no silence."""
        frames = self.frames(since, until)
        if not frames:
            return 0.0
        return sum(max(abs(DECODE[f[1]][b]) for b in f[4]) > 200 for f in frames) / len(frames)

    def steady(self, hz, span=0.5, least=0.9, seconds=10.0):
        """Waits for a span of time in which the tone is heard all along: a machine that is busy elsewhere for a moment is nobody's fault."""
        self._span(lambda a, b: self.hears(hz, a, b) >= least, f"{hz} Hz all along", span, seconds)

    def free_of(self, hz, span=0.5, seconds=10.0):
        """Waits for a span of time whose frames have nothing of the tone."""
        self._span(lambda a, b: self.frames(a, b) and self.hears(hz, a, b) == 0, f"nothing of {hz} Hz", span, seconds)

    def steadily_loud(self, span=0.5, least=0.5, seconds=10.0):
        self._span(lambda a, b: self.loud(a, b) > least, "something loud", span, seconds)

    def unbroken(self, span=1.5, hz=None, gap=0.1, seconds=10.0):
        self._span(lambda a, b: self.longest_gap(a, b, hz) <= gap, f"sound without a gap of {gap} s", span, seconds)

    def _span(self, test, what, span, seconds):
        began = time.monotonic()
        while time.monotonic() < began + seconds + span:
            time.sleep(0.05)
            now = time.monotonic()
            if now - span >= began and test(now - span, now):
                return
        raise AssertionError(f"{what} was not heard for {span} s within {seconds} s")

    def longest_gap(self, since, until, hz=None):
        """The longest time without a frame (of this tone), in seconds; edges count, our own stalls do not."""
        times = [f[0] for f in self.frames(since, until) if hz is None or self.share_of(f, hz) > 0.5]
        times = [since, *times, until]
        return max(b - a - Clockwork.stalled(a, b) for a, b in zip(times, times[1:]))

    def wait_for(self, hz, seconds=5.0, since=None):
        """Waits until the tone is heard and returns when that was."""
        since = time.monotonic() if since is None else since
        listened = since

        def heard():
            nonlocal listened
            frames = self.frames(listened)
            listened = frames[-1][0] if frames else listened
            return next((f[0] for f in frames if self.share_of(f, hz) > 0.7), None)
        try:
            return wait_until(heard, seconds)
        except AssertionError:
            raise AssertionError(f"the tone of {hz} Hz was not heard within {seconds} s "
                                 f"({len(self.frames(since))} frames came)") from None

    def wait_loud(self, seconds=5.0, since=None):
        """Waits until something that is no silence is heard."""
        since = time.monotonic() if since is None else since
        wait_until(lambda: self.loud(since, math.inf) > 0, seconds, "something is heard")

    def wait_silent(self, seconds=5.0):
        """Waits until for 0.3 s nothing is heard."""
        since = time.monotonic()

        def silent():
            now = time.monotonic()
            return now - since > 0.3 and self.loud(now - 0.3, now) == 0
        wait_until(silent, seconds, "silence")


def most(talked_s):
    """How much of a talk that is just over must be in its recording: what the machine kept us from saying is not."""
    now = time.monotonic()
    return 0.95 - Clockwork.stalled(now - talked_s - 10, now) / talked_s


def undisturbed(measure, tries=4):
    """What measure() returns. Did it fail while the machine stopped our own sending and hearing, it has measured the
    machine: once more."""
    for left in reversed(range(tries)):
        began = time.monotonic()
        try:
            return measure()
        except AssertionError as error:
            if not left or not Clockwork.stalled(began, time.monotonic()):
                raise
            print(f"    once more, the machine stopped us: {error}")


class Clockwork(threading.Thread):
    """One thread reads and feeds all streams, every 20 ms."""

    one, guard = None, threading.Lock()

    def __init__(self):
        super().__init__(daemon=True, name="sound")
        self.streams = []
        self.stalls = []  # (from, until): when the machine let us not run

    @classmethod
    def add(cls, stream):
        with cls.guard:
            if cls.one is None:
                cls.one = cls()
                cls.one.start()
            cls.one.streams.append(stream)

    @classmethod
    def remove(cls, stream):
        with cls.guard:
            cls.one.streams.remove(stream)

    @classmethod
    def stalled(cls, since, until):
        """Seconds between two moments in which we could neither send nor hear: nobody else's fault."""
        stalls = list(cls.one.stalls) if cls.one else []
        return sum(max(0, min(b, until) - max(a, since)) for a, b in stalls)

    @staticmethod
    def _turn(of):
        """A stream's tick or read; the others go on though it cannot."""
        try:
            of()
        except Exception as error:  # the test fails by what is missing
            print(f"    sound: {error!r}")

    def run(self):
        due = last = time.monotonic()
        while True:
            with self.guard:
                streams = list(self.streams)
            if time.monotonic() - last > 0.04:
                self.stalls.append((last, time.monotonic()))
            last = time.monotonic()
            due = max(due + 0.02, time.monotonic() - 0.1)
            for s in streams:
                self._turn(s.tick)
            left = 1
            while left > 0:  # once at least, however late we are
                left = max(0, due - time.monotonic())
                try:
                    ready, _, _ = select.select([s.socket for s in streams if s.socket.fileno() >= 0],
                                                [], [], left)
                except (OSError, ValueError):
                    break  # one was closed meanwhile
                for s in streams:
                    if s.socket in ready:
                        self._turn(s.read)
