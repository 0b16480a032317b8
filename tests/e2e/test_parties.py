"""Who hears whom, by tones: hold, transfer, consultation, conference, supervisors, at desks and at telephones; what
of it is recorded; and the core's death in the midst of each (behaviours.md R-3, S-2; contract.md sections 3 and 4)."""
import io
import itertools
import math
import time
import wave

from harness import House, wait_until
from sip import user_of
from sound import Clockwork, DECODE, RATE, share, tone, encode, FRAME

# Hz, whole numbers of periods in 20 ms, so that each is silence to the others' ears
TONES = {"cust": 1600, "anna": 1900, "boris": 2150, "clara": 2400, "olga": 2650, "n1": 2900, "n2": 3150,
         **{f"g{i}": 1700 + 100 * i for i in range(9)}}
RINGING = 425
WINDOW = 0.3


def say(call, name, amplitude=4000):
    """This party's tone from now on; quieter than usual, so that ten of them are no noise together."""
    call.name = name
    pcm = tone(TONES[name], RATE, amplitude)
    stream = call.sound
    data = encode(stream.pt, pcm)
    stream._frames[(stream.pt, TONES[name])] = [data[i:i + FRAME] for i in range(0, RATE, FRAME)]
    stream.say(TONES[name])
    return call


def ear(call, names, since, until):
    """What this party hears in that time: names, "music", "ringing" or "" for silence."""
    pcm = [DECODE[f[1]][b] for f in call.sound.frames(since, until) for b in f[4]]
    if not pcm or max(abs(v) for v in pcm) < 200:
        return ""
    if share(pcm, RINGING) > 0.3:
        return "ringing"
    # frame by frame: where a jitter buffer gave up 10 ms a tone of 50 Hz steps goes on in opposite phase,
    # and a window with that in its midst would find nothing of it
    part = {n: sum(share(pcm[i:i + FRAME], TONES[n]) for i in range(0, len(pcm), FRAME)) /
            math.ceil(len(pcm) / FRAME) for n in names}
    heard = [n for n in names if part[n] > 0.4 / len(names)]
    whole = sum(part[n] for n in heard)
    return "+".join(heard) if heard and whole > 0.6 else "music"


class Room:
    """Those who are on a contact, by name."""

    def __init__(self, *calls):
        self.calls = list(calls)

    def add(self, call):
        self.calls.append(call)

    def heard(self, since, until):
        names = [c.name for c in self.calls]
        return " ".join(f"{c.name}:{ear(c, [n for n in names if n != c.name], since, until)}"
                        for c in self.calls if not c.over.is_set())

    def hears(self, want, seconds=4.0):
        """Waits until it is so; then it stays so. Ringing has pauses of four seconds."""
        rings = "ringing" in want
        end, got = time.monotonic() + seconds + 6 * rings, None
        while time.monotonic() < end:
            since = time.monotonic()
            time.sleep(WINDOW)
            got = self.heard(since, time.monotonic())
            if got == want:
                break
        assert got == want, f"{got!r} instead of {want!r}"
        if rings:
            return
        for _ in range(5):
            since = time.monotonic()
            time.sleep(WINDOW)
            got = self.heard(since, time.monotonic())
            if got == want:  # else the machine may have faltered: what has changed is so in the next ones, too
                break
        assert got == want, f"then {got!r} instead of {want!r}"


def everybody(*names):
    return " ".join(f"{n}:{'+'.join(m for m in names if m != n)}" for n in names)


# -- a house with people in it --

def begin(h, agent="anna"):
    """A customer who talks with an agent, each with his tone from the first word on."""
    h.boss.ready(agent)
    call = say(h.ring(), "cust").wait_answer()
    room = Room(call)
    phone = answer(h, room, agent)
    contact = h.contact_of(call)
    h.boss.wait_contact(contact, lambda c: c["state"] == "talking", 5, "they talk")
    room.hears(everybody("cust", agent))
    return call, phone, contact, room


def answer(h, room, user, name=None, ring=False):
    phone = h.phones.wait_call(5)
    assert phone.user == user, phone.user
    phone.ring()
    if ring:
        return phone
    return pick_up(room, phone, name or user)


def pick_up(room, phone, name):
    phone._open_sound()
    say(phone, name).accept()  # his tone from the first frame on
    phone.established.wait(3)
    room.add(phone)
    return phone


def desk(h, user):
    return h.boss if user == "olga" else h.server.login(user)


def do(h, contact, verb, user="anna", expect=200, **body):
    return desk(h, user).post(f"contacts/{contact}/{verb}", body, expect)


def refer(phone, to, more=""):
    return phone.agent.ask(phone.request("REFER", headers=[("refer-to", f"<{to}{more}>")])).status


def second_call(h, to, user="anna"):
    """His telephone calls somebody while it holds his customer."""
    call = h.phones.call(f"sip:{to}@acme.test", h.server.sip, user=user, domain="acme.test",
                         auth=(user, f"{user}-sip-1"))
    call.wait_answer(5)
    return say(call, user)


def replaces(call):
    """The dialog of this call, as Replaces in a Refer-To says it."""
    return (f"?Replaces={call.call_id.replace('@', '%40')}%3Bto-tag%3D{call.remote_tag}"
            f"%3Bfrom-tag%3D{call.local_tag}")


def outcome(phone):
    """What the NOTIFYs of a REFER said last."""
    said = [m.body.split("\r\n")[0] for _, way, m in phone.agent.log
            if way == "<" and m.start.startswith("NOTIFY") and m.get("call-id") == phone.call_id]
    return said[-1] if said else None


def kill(h):
    """The core dies and is back; not three times within ten seconds, which would be another story."""
    died = h.__dict__.setdefault("died", [])
    if len(died) > 1:
        time.sleep(max(0, died[-2] + 10.5 - time.monotonic()))
    at = h.server.kill("centrala-core")
    died.append(time.monotonic())  # as late as the supervisor may have seen it: dying takes a while, too
    h.server.healthy()
    return at


def survives(h, room, want, contact):
    """The core dies; meanwhile and afterwards everybody hears what he heard."""
    for last in (False, True):  # once more where the machine itself has faltered
        at = kill(h)
        room.hears(want)
        gaps = {c.name: c.sound.longest_gap(at - 0.2, time.monotonic()) for c in room.calls
                if not c.over.is_set() and f"{c.name}: " not in want + " "}
        if last or max(gaps.values()) < 0.2 or "ringing" in want:
            break
    assert max(gaps.values()) < 0.2, f"seconds in which nothing was heard: {gaps}"
    return h.boss.contact(contact)


def recordings(h, contact):
    """Left and right of each recording of an ended contact, oldest first, with its seconds."""
    c = h.boss.wait_ended(contact, 10)
    out = []
    for r in sorted(c["recordings"], key=lambda r: r["started_at"]):
        with wave.open(io.BytesIO(h.boss.recording(r["id"]))) as w:
            assert w.getnchannels() == 2 and w.getsampwidth() == 2
            data = w.readframes(w.getnframes())
            rate = w.getframerate()
        pcm = memoryview(data).cast("h")
        out.append((pcm[0::2].tolist(), pcm[1::2].tolist(), len(pcm) / 2 / rate))
    return c, out


def voices(pcm, names):
    """Who is heard in it, in order of appearance, by tenths of a second: "anna,,anna"; short ones are left out: silence
    that we made ourselves, when this machine let us not speak, and what is within a second of beginning and end, which a
    recording may be longer than the talk."""
    step, line = RATE // 10, []
    for i in range(0, len(pcm) - step + 1, step):
        part = pcm[i:i + step]
        loud = [n for n in names if share(part, TONES[n]) > 0.2]
        line.append("+".join(loud))
    since = time.monotonic() - len(pcm) / RATE - 20
    stalled = max((b - a for a, b in list(Clockwork.one.stalls) if b > since), default=0)
    spells, runs = [(v, len(list(same))) for v, same in itertools.groupby(line)], []
    for i, (v, tenths) in enumerate(spells):
        least = 4 if v else 10 if i in (0, len(spells) - 1) else max(4, 10 * stalled + 2)
        if tenths >= least and (not runs or runs[-1] != v):
            runs.append(v)
    return runs


def segment_s(c, agent):
    from datetime import datetime
    s = next(s for s in c["segments"] if s["kind"] == "agent" and s["agent"] == agent)
    began, ended = (datetime.fromisoformat(s[k].replace("Z", "+00:00"))
                    for k in ("started_at", "ended_at"))
    return (ended - began).total_seconds()


# -- at the telephone --

def test_parties_hold_by_telephone():
    with House() as h:
        call, phone, contact, room = begin(h)
        phone.reinvite("sendonly")
        room.hears("cust:music anna:")
        survives(h, room, "cust:music anna:", contact)
        time.sleep(1)
        phone.reinvite("sendrecv")
        room.hears(everybody("cust", "anna"))
        phone.bye()
        call.wait_over(5)
        c, (one,) = recordings(h, contact)
        left, right, seconds = one
        assert abs(seconds - segment_s(c, "anna")) < 1, (seconds, c["segments"])
        assert voices(left, ["cust", "anna"]) == ["cust", "", "cust"], voices(left, ["cust", "anna"])
        assert voices(right, ["cust", "anna"]) == ["anna", "", "anna"]
        assert c["hold_ms"] > 1000, c["hold_ms"]
        h.settled()


def test_parties_blind_transfer_by_telephone():
    with House() as h:
        call, phone, contact, room = begin(h)
        assert refer(phone, "sip:boris@example.com") == 403
        assert refer(phone, "sip:nobody@acme.test") == 404
        assert refer(call, "sip:+48601602603@acme.test") in (403, 405, 603)  # customers may not
        room.hears(everybody("cust", "anna"))
        h.boss.ready("boris")
        assert refer(phone, "sip:boris@acme.test") == 202
        phone.wait_over(3, by="them")
        assert outcome(phone) == "SIP/2.0 200 OK", outcome(phone)
        boris = answer(h, room, "boris", ring=True)
        room.hears("cust:ringing")
        pick_up(room, boris, "boris")
        room.hears(everybody("cust", "boris"))
        survives(h, room, everybody("cust", "boris"), contact)
        boris.bye()
        call.wait_over(5)
        c, (one, two) = recordings(h, contact)
        names = ["cust", "anna", "boris"]
        assert voices(one[1], names) == ["anna"], voices(one[1], names)
        assert voices(two[1], names) == ["boris"], voices(two[1], names)
        assert voices(two[0], names) == ["cust"], voices(two[0], names)
        assert [s["result"] for s in c["segments"] if s["kind"] == "agent"] == ["transferred", "completed"]
        h.settled()


def test_parties_attended_transfer_by_telephone():
    with House() as h:
        call, phone, contact, room = begin(h)
        h.boss.ready("boris")
        phone.reinvite("sendonly")
        second = second_call(h, "boris")
        boris = answer(h, room, "boris", ring=True)
        room.hears("cust:music anna:")
        room.calls[1] = second
        room.hears("cust:music anna:ringing")
        pick_up(room, boris, "boris")
        room.hears("cust:music anna:boris boris:anna")
        survives(h, room, "cust:music anna:boris boris:anna", contact)
        # back to the customer for a while
        second.reinvite("sendonly")
        phone.reinvite("sendrecv")
        room.calls[1] = phone
        room.hears("cust:anna anna:cust boris:music")
        phone.reinvite("sendonly")
        second.reinvite("sendrecv")
        room.calls[1] = second
        room.hears("cust:music anna:boris boris:anna")
        time.sleep(0.8)  # longer, with what was heard, than what voices() leaves out at the end
        assert refer(phone, "sip:boris@acme.test", replaces(second)) == 202
        phone.wait_over(3, by="them")
        second.wait_over(3, by="them")
        room.hears("cust:boris boris:cust")
        boris.bye()
        call.wait_over(5)
        c, (one, two) = recordings(h, contact)
        names = ["cust", "anna", "boris"]
        assert voices(one[1], names) == ["anna", "", "anna", ""], voices(one[1], names)
        assert voices(two[1], names) == ["", "boris"], voices(two[1], names)
        assert abs(one[2] - segment_s(c, "anna")) < 1 and abs(two[2] - segment_s(c, "boris")) < 1
        h.settled()


def test_parties_second_call_given_up():
    with House() as h:
        call, phone, contact, room = begin(h)
        h.boss.ready("boris")
        for rings in (True, False):
            phone.reinvite("sendonly")
            second = second_call(h, "boris")
            boris = answer(h, room, "boris", ring=True)
            if not rings:
                boris.accept()
                boris.established.wait(3)
            second.bye()
            boris.wait_over(3, by="them")
            phone.reinvite("sendrecv")
            room.hears(everybody("cust", "anna"))
            wait_until(lambda: h.boss.agent("boris")["work"] in ("idle", "wrapping"), 3, "boris is free")
            h.boss.wait_work("boris", "idle", 5)
        phone.bye()
        call.wait_over(5)
        h.settled()


def test_parties_call_moves_to_another_telephone():
    with House() as h:
        call, phone, contact, room = begin(h)

        def take(user, of):
            taking = h.phones.call(f"sip:{user}@acme.test", h.server.sip, user=user, domain="acme.test",
                                   auth=(user, f"{user}-sip-1"),
                                   headers=[("replaces", f"{of.call_id};to-tag={of.remote_tag}"
                                                         f";from-tag={of.local_tag}")])
            return taking

        other = take("boris", phone)  # a colleague's telephone may not
        wait_until(lambda: other.final, 5, "boris is refused")
        assert other.final == 403, other.final
        mine = take("anna", phone)
        mine.wait_answer(5)
        phone.wait_over(3, by="them")
        room.calls[1] = say(mine, "anna")
        room.hears(everybody("cust", "anna"))
        survives(h, room, everybody("cust", "anna"), contact)
        mine.bye()
        call.wait_over(5)
        c, (one,) = recordings(h, contact)
        assert abs(one[2] - segment_s(c, "anna")) < 1
        h.settled()


# -- at the desk --

def guest(h, room, contact, name, number, user="anna"):
    """A number that joins the conference."""
    do(h, contact, "conference", user, to={"number": number})
    far = h.carrier.wait_call(5)
    far.ring()
    return pick_up(room, far, name)


def supervised(h):
    """A supervisor with a telephone of his own."""
    h.server.apply({"objects": [
        {"kind": "user", "tenant": "acme", "id": "sara", "name": "Sara Super", "roles": ["supervisor", "agent"],
         "password": "sara-secret-1", "sip_password": "sara-sip-1", "queues": ["support"],
         "skills": {"billing": 1}, "phone": {"kind": "sip", "contact": f"sip:sara@127.0.0.1:{h.phones.port}"}}]})


TONES["sara"] = TONES.pop("olga")


def test_parties_hold_and_pause_at_the_desk():
    with House() as h:
        call, phone, contact, room = begin(h)
        time.sleep(0.5)
        do(h, contact, "hold")
        room.hears("cust:music anna:")
        survives(h, room, "cust:music anna:", contact)
        do(h, contact, "resume")
        room.hears(everybody("cust", "anna"))
        time.sleep(0.5)
        do(h, contact, "record_pause")
        room.hears(everybody("cust", "anna"))
        survives(h, room, everybody("cust", "anna"), contact)
        do(h, contact, "record_resume")
        time.sleep(1)
        call.bye()
        c, (one,) = recordings(h, contact)
        names = ["cust", "anna"]
        assert voices(one[0], names) == ["cust", "", "cust", "", "cust"], voices(one[0], names)
        assert voices(one[1], names) == ["anna", "", "anna", "", "anna"], voices(one[1], names)
        assert abs(one[2] - segment_s(c, "anna")) < 1
        h.settled()


def test_parties_consultation():
    with House() as h:
        call, phone, contact, room = begin(h)
        h.boss.ready("boris")
        do(h, contact, "consult", to={"agent": "boris"})
        boris = answer(h, room, "boris", ring=True)
        survives(h, room, "cust:music anna:ringing", contact)
        if boris.over.wait(3):  # the new core rings anew
            boris = answer(h, room, "boris", ring=True)
        pick_up(room, boris, "boris")
        room.hears("cust:music anna:boris boris:anna")
        survives(h, room, "cust:music anna:boris boris:anna", contact)
        do(h, contact, "swap")
        room.hears("cust:anna anna:cust boris:music")
        survives(h, room, "cust:anna anna:cust boris:music", contact)
        do(h, contact, "swap")
        room.hears("cust:music anna:boris boris:anna")
        time.sleep(0.8)  # so that it is no pause of this machine's
        do(h, contact, "conference")
        room.hears(everybody("cust", "anna", "boris"))
        survives(h, room, everybody("cust", "anna", "boris"), contact)
        time.sleep(0.5)
        phone.bye()  # the others go on
        room.hears("cust:boris boris:cust")
        survives(h, room, "cust:boris boris:cust", contact)
        boris.bye()
        call.wait_over(5)
        c, (one, two) = recordings(h, contact)
        names = ["cust", "anna", "boris"]
        assert voices(one[1], names) == ["anna", "", "anna", "", "anna+boris"], voices(one[1], names)
        assert voices(two[1], names) == ["", "anna+boris", "boris"], voices(two[1], names)
        assert voices(one[0], names) == ["cust", "", "cust", "", "cust"], voices(one[0], names)
        assert voices(two[0], names) == ["", "cust"], voices(two[0], names)
        assert abs(one[2] - segment_s(c, "anna")) < 1 and abs(two[2] - segment_s(c, "boris")) < 1
        h.settled()


def test_parties_consultation_of_a_number():
    with House() as h:
        call, phone, contact, room = begin(h)
        do(h, contact, "consult", to={"number": "+48601602603"})
        far = h.carrier.wait_call(5)
        far.ring()
        room.hears("cust:music anna:ringing")
        kill(h)
        far.wait_over(5, by="them")
        far = h.carrier.wait_call(5)  # rung anew
        far.ring()
        pick_up(room, far, "n1")
        room.hears("cust:music anna:n1 n1:anna")
        do(h, contact, "conference")
        room.hears(everybody("cust", "anna", "n1"))
        time.sleep(0.5)
        phone.bye()
        room.hears("cust:n1 n1:cust")
        survives(h, room, "cust:n1 n1:cust", contact)
        far.bye()
        call.wait_over(5)
        c, (one,) = recordings(h, contact)
        names = ["cust", "anna", "n1"]
        assert voices(one[0], names) == ["cust", "", "cust+n1"], voices(one[0], names)
        assert voices(one[1], names) == ["anna", "", "anna"], voices(one[1], names)
        h.settled()


def test_parties_conference_of_ten():
    for i, hz in enumerate((1650, 1700, 1750, 1800, 1850, 1950, 2000, 2050)):
        TONES[f"g{i}"] = hz
    with House() as h:
        call, phone, contact, room = begin(h)
        names = ["cust", "anna"]
        for i in range(8):
            guest(h, room, contact, f"g{i}", f"+4860160200{i}")
            names.append(f"g{i}")
        for c in room.calls:
            say(c, c.name, 1500)
        room.hears(everybody(*names), 8)
        survives(h, room, everybody(*names), contact)
        do(h, contact, "mute", who="customer")
        rest = names[1:]
        deaf = {n: [m for m in rest if m != n] for n in names}
        muted = " ".join(f"{n}:{'+'.join(deaf[n])}" for n in names)
        room.hears(muted, 8)
        survives(h, room, muted, contact)
        do(h, contact, "unmute", who="customer")
        room.hears(everybody(*names), 8)
        gone = room.calls.pop()
        gone.bye()
        names.pop()
        room.hears(everybody(*names), 8)
        call.bye()
        for c in room.calls[1:]:
            c.wait_over(5, by="them")
        h.settled(10)


def test_parties_supervisor_listens_whispers_barges_and_takes_over():
    with House() as h:
        call, phone, contact, room = begin(h)
        supervised(h)
        desk(h, "sara").presence("sara", "ready")
        do(h, contact, "monitor", "sara", mode="listen")
        answer(h, room, "sara")
        listen = "cust:anna anna:cust sara:cust+anna"
        room.hears(listen)
        survives(h, room, listen, contact)
        time.sleep(0.5)
        do(h, contact, "monitor", "sara", mode="whisper")
        whisper = "cust:anna anna:cust+sara sara:cust+anna"
        room.hears(whisper)
        survives(h, room, whisper, contact)
        time.sleep(0.5)
        do(h, contact, "monitor", "sara", mode="barge")
        room.hears(everybody("cust", "anna", "sara"))
        survives(h, room, everybody("cust", "anna", "sara"), contact)
        time.sleep(0.5)
        do(h, contact, "take_over", "sara")
        phone.wait_over(3, by="them")
        room.hears("cust:sara sara:cust")
        survives(h, room, "cust:sara sara:cust", contact)
        call.bye()
        c, (one, two) = recordings(h, contact)
        names = ["cust", "anna", "sara"]
        assert voices(one[0], names) == ["cust"] and voices(two[0], names) == ["cust"]
        assert voices(one[1], names) == ["anna", "anna+sara"], voices(one[1], names)
        assert voices(two[1], names) == ["sara"], voices(two[1], names)
        h.settled()


def test_parties_parked():
    with House() as h:
        call, phone, contact, room = begin(h)
        do(h, contact, "park")
        phone.wait_over(3, by="them")
        room.hears("cust:music")
        survives(h, room, "cust:music", contact)
        h.boss.ready("boris")
        do(h, contact, "accept", "boris")
        answer(h, room, "boris")
        room.hears(everybody("cust", "boris"))
        survives(h, room, everybody("cust", "boris"), contact)
        call.bye()
        h.settled()


def test_parties_parked_and_picked_up_by_telephone():
    with House() as h:
        call, phone, contact, room = begin(h)
        assert refer(phone, "sip:*8@acme.test") == 202
        phone.wait_over(3, by="them")
        room.hears("cust:music")
        assert h.boss.contact(contact)["slot"] == 701
        assert [f["slot"] for f in h.boss.events(contact) if f["event"] == "park"] == [701]
        survives(h, room, "cust:music", contact)
        h.boss.ready("boris")
        wrong = h.phones.call("sip:*8702@acme.test", h.server.sip, user="boris",
                              domain="acme.test", auth=("boris", "boris-sip-1"))
        assert wrong.wait_over(3).final == 404
        boris = second_call(h, "*8701", user="boris")
        room.calls.append(boris)
        room.hears(everybody("cust", "boris"))
        c = survives(h, room, everybody("cust", "boris"), contact)
        assert "slot" not in c and c["state"] == "talking" and c["agent"] == "boris", c
        call.bye()
        boris.wait_over(3, by="them")
        c, (one, two) = recordings(h, contact)
        assert voices(one[1], ["cust", "anna"]) == ["anna"]
        assert voices(two[1], ["cust", "boris"]) == ["boris"]
        h.settled()


def test_parties_somebody_hangs_up_at_any_moment():
    """Each party at each moment: whoever is left is where the verbs say, and the books agree."""
    moments = ("held", "rings", "consults", "conference")
    with House(agents=("anna", "boris")) as h:
        for n, (moment, who) in enumerate((m, w) for m in moments for w in ("cust", "anna", "boris")):
            if who == "boris" and moment in ("held", "rings"):
                continue
            h.boss.ready("boris")
            h.boss.presence("boris", "not_ready", "break")
            h.boss.ready("anna")
            call = h.ring(user=f"+4860100{n:04}").wait_answer()
            phone = h.phones.wait_call()
            phone.ring().accept()
            say(phone, "anna").established.wait(3)
            room = Room(say(call, "cust"), phone)
            contact = h.contact_of(call)
            room.hears(everybody("cust", "anna"))
            h.boss.ready("boris")
            boris = None
            if moment == "held":
                do(h, contact, "hold")
                room.hears("cust:music anna:")
            else:
                do(h, contact, "consult", to={"agent": "boris"})
                boris = answer(h, room, "boris", ring=True)
                if moment != "rings":
                    pick_up(room, boris, "boris")
                    room.hears("cust:music anna:boris boris:anna")
                if moment == "conference":
                    do(h, contact, "conference")
                    room.hears(everybody("cust", "anna", "boris"))
            gone = {"cust": call, "anna": phone, "boris": boris}[who]
            gone.bye()
            if who == "cust" or (who, moment) == ("anna", "held"):
                for c in (call, phone, boris):
                    if c and c is not gone:
                        c.wait_over(3)
            elif who == "anna":
                if moment == "rings":
                    room.hears("cust:ringing")
                    pick_up(room, boris, "boris")
                room.hears("cust:boris boris:cust")
                boris.bye()
                call.wait_over(3)
            else:
                room.hears(everybody("cust", "anna"))
                phone.bye()
                call.wait_over(3)
            h.boss.wait_ended(contact)
            for agent in ("anna", "boris"):
                h.boss.wait_work(agent, "idle")
        h.settled()


def test_parties_silent_ones_are_gone():
    with House() as h:
        h.server.apply({"objects": [{**h.objects["objects"][0], "media_timeout_s": 6}]})
        call, phone, contact, room = begin(h)
        do(h, contact, "hold")
        call.sound.sending = False
        time.sleep(8)  # who is held may be silent
        assert not call.over.is_set()
        do(h, contact, "resume")
        at = time.monotonic()
        call.wait_over(20, by="them")
        assert 5 < time.monotonic() - at < 14, time.monotonic() - at
        c = h.boss.wait_ended(contact)
        ends = [e for e in h.boss.events(contact) if e["event"] == "disconnect"]
        assert ends[0]["cause"] == "media_timeout" and c["ended_by"] == "system", ends
        phone.wait_over(3, by="them")
        h.boss.wait_work("anna", "idle")
        h.settled()


test_parties_silent_ones_are_gone.waits = True


# -- one of ours who called another --

def test_who_called_a_colleague_has_the_verbs():
    """Anna calls boris: she holds him, asks a number, swaps, has all three, mutes herself; over the core's
    death in hold and in consultation. What she cannot do is refused plainly."""
    with House() as h:
        call = h.phones.call(f"sip:boris@{h.server.sip}", h.server.sip, user="anna", domain="acme.test",
                             auth=("anna", "anna-sip-1"))
        phone = h.phones.wait_call(3)
        phone.accept()
        call.wait_answer(3)
        room = Room(say(call, "anna"), say(phone, "boris"))
        room.hears(everybody("anna", "boris"))
        contact = h.boss.contacts()[0]["id"]
        assert do(h, contact, "hold")["state"] == "held"
        room.hears("anna: boris:music")
        do(h, contact, "hold", expect=409)
        do(h, contact, "resume", user="boris", expect=409)
        h.server.kill("centrala-core")
        h.server.healthy(5)
        room.hears("anna: boris:music")
        do(h, contact, "resume")
        room.hears(everybody("anna", "boris"))
        do(h, contact, "transfer", to={"number": "+48600700800"}, expect=409)
        do(h, contact, "park", expect=409)
        do(h, contact, "consult", to={"number": "+48600700800"})
        far = h.carrier.wait_call(4).ring()
        room.hears("anna:ringing boris:music")
        far.accept()
        room.add(say(far, "n1"))
        room.hears("anna:n1 boris:music n1:anna")
        h.server.kill("centrala-core")
        h.server.healthy(5)
        room.hears("anna:n1 boris:music n1:anna")
        do(h, contact, "swap")
        room.hears("anna:boris boris:anna n1:music")
        do(h, contact, "conference")
        room.hears(everybody("anna", "boris", "n1"))
        do(h, contact, "mute")
        room.hears("anna:boris+n1 boris:n1 n1:boris")
        do(h, contact, "unmute")
        phone.bye()
        room.hears("anna:n1 n1:anna")
        far.bye()
        call.wait_over(4, by="them")
        h.boss.wait_ended(contact)
        h.boss.wait_work("anna", "idle", 3)
        names = [e["event"] for e in h.boss.events(contact) if e["event"] in (
            "hold_on", "hold_off", "consult_start", "consult_end", "conf_on", "mute_on", "mute_off")]
        assert names[:5] == ["hold_on", "hold_off", "consult_start", "hold_on", "hold_off"], names
        assert names.count("consult_end") == 1 and names[-2:] == ["mute_on", "mute_off"], names
        h.settled()


for _name, _test in list(globals().items()):
    if _name.startswith("test_"):  # deaths of the core have ten seconds between them
        _test.seconds = 400
