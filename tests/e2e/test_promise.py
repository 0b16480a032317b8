"""What who waits is told about his place and his wait, in the facts, in the record and in his ear."""
import time
import wave

from harness import AGENT, House, near, wait_until
from sound import DECODE, FRAME, RATE
from test_reports import behind

TELLS = {"wrap_s": 0, "announce": {"every_s": 15, "position": True, "wait": True, "head": True}}


def files(server):
    """The sentences that were spoken beforehand, in pieces of 20 ms: {name: [pieces]}."""
    made = {}
    for path in sorted((server.data / "speech").glob("*.wav")):
        with wave.open(str(path)) as w:
            data = w.readframes(w.getnframes())
        pcm = [int.from_bytes(data[i:i + 2], "little", signed=True) for i in range(0, len(data), 2)]
        made[path.name] = [pcm[i:i + FRAME] for i in range(0, len(pcm) - FRAME, FRAME)]
    return made


def alike(a, b):
    """Two pieces are the same sound, but for what G.711 costs."""
    ab, aa, bb = (sum(x * y for x, y in zip(p, q)) for p, q in ((a, b), (a, a), (b, b)))
    return ab > 0 and ab * ab > 0.95 * aa * bb


def heard(call, sentences, since=0.0):
    """The files that this caller heard whole, in order: [(when, name)]."""
    frames = call.sound.frames(since)
    pieces = [[DECODE[f[1]][b] for b in f[4]] for f in frames]
    found = []
    for name, sentence in sentences.items():
        loud = [i for i, p in enumerate(sentence) if max(map(abs, p)) > 1500]
        for at in range(len(pieces) - len(sentence) + loud[0]):
            if not alike(pieces[at], sentence[loud[0]]):
                continue
            begin = at - loud[0]
            good = sum(0 <= begin + i < len(pieces) and alike(pieces[begin + i], sentence[i])
                       for i in loud)
            if good > 0.9 * len(loud):
                found.append((frames[at][0], name))
                break
    return sorted(found)


def no_hole(call, since):
    """Nothing is missing in what this caller heard: neither in its own time stamps nor in when it came, where one of
    both may falter with this machine."""
    frames = call.sound.frames(since)
    holes = [min(b[0] - a[0], ((b[3] - a[3]) & 0xFFFFFFFF) / RATE) for a, b in zip(frames, frames[1:])]
    assert max(holes) < 0.12, f"a hole of {max(holes):.2f} s"
    assert time.monotonic() - frames[-1][0] < 2, "nothing is heard any more"


def promises(boss, contact):
    return [e for e in boss.events(contact) if e["event"] == "promise"]


def wait_promises(boss, contact, count, seconds=5.0):
    return wait_until(lambda: (p := promises(boss, contact)) and len(p) >= count and p, seconds,
                      f"{count} promises")


def sentences_ready(h, least):
    """The usual sentences are spoken before anybody waits: 10 places and 15 waits."""
    wait_until(lambda: len(list((h.server.data / "speech").glob("*.wav"))) >= least, 60,
               "the sentences are spoken")
    return files(h.server)


def handled(h, count):
    """So many short contacts, so that the queue knows how long they take."""
    for n in range(count):
        call, phone, contact = h.talk(user=f"+4860200000{n}")
        call.bye()
        phone.wait_over(5)
        h.boss.wait_ended(contact)


def busy(h):
    """Anna talks; what comes now waits."""
    return h.talk(user="+48603000000")


def test_three_wait_and_each_hears_his_own_place():
    with House(agents=("anna",), queue_more=TELLS) as h:
        boss = h.boss
        sentences = sentences_ready(h, 25)
        handled(h, 5)
        talking, phone, _ = busy(h)
        calls, contacts = [], []
        for n in range(3):
            calls.append(h.ring(user=f"+4860100000{n}"))
            calls[n].wait_answer(3)
            boss.wait_waiting(n + 1)
            contacts.append(h.contact_of(calls[n]))
        told = [wait_promises(boss, c, 1)[0] for c in contacts]
        assert [p["position"] for p in told] == [1, 2, 3], told
        assert all(0 < p["low_ms"] <= p["high_ms"] for p in told), told
        assert all(p["high_ms"] % 60000 == 0 for p in told), told
        live = boss.live()
        assert [c["position"] for c in live["contacts"]] == [1, 2, 3]
        assert live["ewt_ms"] >= 0, live
        time.sleep(7.0)  # both sentences are over
        ears = [heard(c, sentences) for c in calls]
        assert all(len(e) == 2 for e in ears), ears
        assert len({e[0][1] for e in ears}) == 3, f"the same place was told to two: {ears}"
        for call, ear in zip(calls, ears):
            before, after = ear[0][0], ear[-1][0]
            assert 0 < after - before < 4, "place and wait follow one another"
            assert call.sound.loud(time.monotonic() - 0.5, time.monotonic()) > 0.5, "no music"
            no_hole(call, before)
        # the next one in 15 s, and nothing in between
        again = [wait_promises(boss, c, 2, 12)[1] for c in contacts]
        for first, second in zip(told, again):
            assert 14.9 < seconds(first, second) < 17, (first, second)

        talking.bye()
        phone.wait_over(5)
        answered = h.phones.wait_call(5)
        answered.ring()
        answered.accept()
        record = boss.wait_contact(contacts[0], lambda c: c["state"] == "talking", 3, "they talk")
        assert len(record["promises"]) == 2, record
        for p, e in zip(record["promises"], (told[0], again[0])):
            assert (p["queue"], p["position"], p["at"]) == ("support", 1, e["at"]), (p, e)
            assert (p["low_ms"], p["high_ms"]) == (e["low_ms"], e["high_ms"]), (p, e)
        near(record["promises"][0]["waited_ms"], record["wait_ms"], 1000, "wait since the promise")
        near(record["promises"][0]["waited_ms"] - record["promises"][1]["waited_ms"], seconds(told[0], again[0]) * 1000, 2)
        for call in calls:
            call.bye()
        h.settled(8)
        row = boss.report()
        # the first kept what it was told; two gave up before it ran out, or after
        assert row["promised"] >= 1 and row["promise_kept"] == row["promised"], row
        assert row["promise_kept_rate"] == 1 and row["promise_error_p50"] is not None, row
        told = row["promised"]
        for field in ("promised", "promise_kept", "promise_kept_rate", "promise_error_p50"):
            items = behind(boss, "queues", field, queue="support")
            assert len({i["id"] for i in items}) == len(items) == told, (field, items)


def seconds(a, b):
    from datetime import datetime
    at = [datetime.fromisoformat(e["at"].replace("Z", "+00:00")) for e in (a, b)]
    return (at[1] - at[0]).total_seconds()


def test_an_answer_cuts_the_sentence_off():
    with House(agents=("anna",), queue_more=TELLS) as h:
        sentences = sentences_ready(h, 25)
        handled(h, 5)
        talking, phone, _ = busy(h)
        call = h.ring(user="+48601000009")
        call.wait_answer(3)
        contact = h.contact_of(call)
        wait_promises(h.boss, contact, 1)
        time.sleep(0.4)  # in the middle of a sentence
        talking.bye()
        ringing = h.phones.wait_call(5)
        offered = time.monotonic()
        ringing.ring()
        ringing.accept()
        ringing.say(AGENT)
        first = call.sound.wait_for(AGENT, 5, offered)
        assert first - ringing.accepted_at < 1, "the answer waited for the sentence"
        wait_until(lambda: call.sound.hears(AGENT, max(first + 0.1, time.monotonic() - 1), time.monotonic()) > 0.95
                   and time.monotonic() > first + 1, 8, "a second of the agent alone")
        assert len(heard(call, sentences)) < 2, "the sentences were played to their end"
        call.bye()
        h.settled()


def test_the_core_dies_while_somebody_is_told():
    with House(agents=("anna",), queue_more=TELLS) as h:
        sentences = sentences_ready(h, 25)
        handled(h, 5)
        talking, phone, _ = busy(h)
        calls = [h.ring(user=f"+4860100001{n}") for n in range(2)]
        for call in calls:
            call.wait_answer(3)
        contacts = [h.contact_of(c) for c in calls]
        told = [wait_promises(h.boss, c, 1)[0] for c in contacts]
        time.sleep(0.5)
        since = time.monotonic()
        h.server.kill("centrala-core")
        h.server.healthy(5)
        wait_until(lambda: h.server.login(), 5, "the house is back")
        h.boss = h.server.login()
        time.sleep(6)
        for call in calls:
            assert len(heard(call, sentences)) == 2, "a sentence was cut off or begun anew"
            no_hole(call, since)
        again = [wait_promises(h.boss, c, 2, 12)[1] for c in contacts]
        for first, second in zip(told, again):
            assert 14.9 < seconds(first, second) < 17, (first, second)
            assert second["high_ms"] > 0, "what the queue learned is forgotten"
        talking.bye()
        for call in calls:
            call.bye()
        h.settled(8)


for _name, _test in list(globals().items()):
    if _name.startswith("test_"):
        _test.seconds = 180
