"""What goes through the sound itself: keys, prompts, recordings, what a bad net does."""
import hashlib
import subprocess
import tempfile
import time

from harness import AGENT, CUSTOMER, House, PROGRAM, near, wait_until
from sound import BadNet, most, undisturbed
from test_call import channels_of, seconds_between, tone_share


CODE_FLOW = [
    {"kind": "number", "tenant": "acme", "id": "+48221000002", "flow": "code"},
    {"kind": "prompt", "tenant": "acme", "id": "code", "text": {"en": "Your code please."}},
    {"kind": "flow", "tenant": "acme", "id": "code", "start": "ask", "nodes": {
        "ask": {"do": "collect", "prompt": "code", "min": 1, "max": 12, "terminator": "#",
                "var": "code", "timeout_s": 4, "next": "look", "else": "nothing"},
        "look": {"do": "branch", "if": [{"when": "var.code == \"1122907*\"", "next": "right"}],
                 "else": "wrong"},
        "right": {"do": "hangup"}, "wrong": {"do": "hangup"}, "nothing": {"do": "hangup"}}}]


def reached(h, call):
    """The last node of the flow, when it is over."""
    contact = h.contact_of(call)
    call.wait_over(20, by="them")
    h.boss.wait_ended(contact)
    steps = [e["node"] for e in h.boss.events(contact) if e["event"] == "flow_step"]
    return steps[-1]


def dial_code(h, press, **more):
    """The code is taken as it was pressed."""
    def dial():
        call = h.ring("+48221000002", "+48601000003", **more)
        call.wait_answer(3)
        call.sound.wait_loud(6)
        time.sleep(0.3)
        for digit in "1122907*#":
            press(call, digit)
        last = reached(h, call)
        assert last == "right", last
    undisturbed(dial)


def test_keys_in_the_sound():
    """A telephone whose SDP knows no telephone-event presses keys during the prompt; none doubles."""
    with House(objects=CODE_FLOW) as h:
        dial_code(h, lambda c, d: c.press_in_band(d), event_pt=None)


def test_keys_in_the_sound_though_events_were_agreed():
    with House(objects=CODE_FLOW) as h:
        dial_code(h, lambda c, d: c.press_in_band(d, 50))


def test_keys_as_sound_and_as_event_count_once():
    """A gateway that lets the beginning of each tone through before its RFC 4733 packets."""
    def leak(call, digit):
        call.press_in_band(digit, 60)
        wait_until(lambda: not call.sound.played, 2, every=0.005)
        call.press(digit)
        wait_until(lambda: not call.sound.keys or call.over.is_set(), 2, every=0.005)
        time.sleep(0.08)
    with House(objects=CODE_FLOW) as h:
        dial_code(h, leak)


def test_keys_by_info():
    def info(kind):
        def press(call, digit):
            assert call.press_by_info(digit, kind) == 200
        return press
    with House(objects=CODE_FLOW) as h:
        dial_code(h, info("application/dtmf-relay"), event_pt=None)
        dial_code(h, info("application/dtmf"), event_pt=None)


# -- bad nets: R16 of faults.md --

def bad_call(h, net, talk_s, hz=CUSTOMER):
    """A talk whose customer is behind a bad net from its first packet: (call, record, channels)."""
    call, phone, contact = h.talk(user=f"+4860200{net.dice.randrange(10000):04}")
    call.sound.net = net
    call.sound.say(hz)
    time.sleep(talk_s)
    call.bye()
    record = h.boss.wait_ended(contact, 8)
    r = record["recordings"][0]
    agent = next(s for s in record["segments"] if s["kind"] == "agent")
    near(r["duration_ms"] / 1000, seconds_between(agent["started_at"], agent["ended_at"]), 1.0,
         "length of the recording")
    channels, rate = channels_of(h.boss.recording(r["id"]))
    near(len(channels[0]) / rate, r["duration_ms"] / 1000, 0.1, "samples in the file")
    return call, record, channels, rate


def party(record, name):
    return next(q for q in record["quality"] if q["party"] == name)


def test_bad_nets_in_the_recording():
    """Loss, doubles, disorder and jitter: the tone is there, the other channel is clean."""
    nets = [("1 % loss", BadNet(loss=0.01), 0.97), ("5 % loss", BadNet(loss=0.05), 0.95),
            ("5 % twice", BadNet(twice=0.05), 0.97), ("5 % late", BadNet(late=0.05), 0.95),
            ("jitter of 80 ms", BadNet(jitter_ms=80), 0.85)]
    with House() as h:
        def bear(what, net, share):
            _, record, (left, right), rate = bad_call(h, net, 3)
            h.boss.wait_work("anna", "idle", 5)
            middle = slice(int(0.8 * rate), -int(0.3 * rate))
            got = tone_share(left[middle], rate, CUSTOMER)
            assert got >= share, (what, got)
            assert tone_share(right[middle], rate, AGENT) > 0.95, what
            assert tone_share(right, rate, CUSTOMER) < 0.02, what
            if not net.loss and not net.late and not net.jitter_ms:
                assert party(record, "customer")["mos"] > 4.3, record["quality"]
        for one in nets:
            undisturbed(lambda: bear(*one))


def test_loss_is_told_by_rtcp_and_in_the_record():
    """20 % loss: our RTCP says so within 1 %, the estimated opinion falls, the sound goes on."""
    def lose():
        net = BadNet(loss=0.2, seed=4)
        call, record, (left, _), rate = bad_call(h, net, 13)
        h.boss.wait_work("anna", "idle", 5)
        blocks = call.sound.reports()
        assert blocks, "no receiver report came within 13 s"
        share, lost, highest = blocks[-1]
        begun = call.sound.seq - call.sound.sent

        def known(until):
            """(lost, sent) from the first packet to this one."""
            at = (until - begun) % 65536
            return sum((n - begun) % 65536 <= at for n in net.lost), at + 1
        gone, expected = known(highest)
        near(lost / expected, gone / expected, 0.01, "cumulative loss in the report")
        before = known(blocks[-2][2]) if len(blocks) > 1 else (0, 0)
        near(share, (gone - before[0]) / (expected - before[1]), 0.02, "loss since the report before")
        customer = party(record, "customer")
        near(customer["lost"] / (customer["lost"] + customer["received"]),
             len(net.lost) / call.sound.sent, 0.01, "loss in the record")
        assert 1.5 < customer["mos"] < 3.2, customer
        assert customer["codec"] == "PCMA", customer
        assert party(record, "agent")["mos"] > 4.3, record["quality"]
        middle = slice(rate, -rate)
        got = tone_share(left[middle], rate, CUSTOMER)
        assert got > 0.85, f"20 % are lost, and {got} are the tone"
    with House() as h:
        undisturbed(lose)


def test_keys_as_events_at_20_percent_loss():
    """RFC 4733 with its three end packets: exact, never doubled, whatever is lost."""
    def lossy(call, digit):
        call.sound.net = call.sound.net or BadNet(loss=0.2, twice=0.05, seed=11)
        call.press(digit)
        wait_until(lambda: not call.sound.keys or call.over.is_set(), 2, every=0.005)
        time.sleep(0.1)
    with House(objects=CODE_FLOW) as h:
        dial_code(h, lossy)


# -- recordings as Ogg Opus, and their peaks --

def opus_channels(data):
    """Decoded by a stranger: opusdec of opus-tools."""
    with tempfile.TemporaryDirectory() as d:
        with open(f"{d}/a.opus", "wb") as f:
            f.write(data)
        subprocess.run(["opusdec", "--quiet", "--rate", "8000", f"{d}/a.opus", f"{d}/a.wav"], check=True,
                       capture_output=True)
        with open(f"{d}/a.wav", "rb") as f:
            return channels_of(f.read())


def check_peaks(boss, recording, duration_ms, loud):
    peaks = boss.get(f"recordings/{recording}.peaks.json")
    assert peaks["channels"] == 2 and peaks["bits"] == 8 and peaks["sample_rate"] == 8000, peaks
    near(peaks["length"] * peaks["samples_per_pixel"] / 8, duration_ms, 60, "length of the peaks")
    assert len(peaks["data"]) == 4 * peaks["length"]
    for channel in (0, 2):
        high = sorted(peaks["data"][channel + 1::4])
        assert abs(high[len(high) // 2] - loud) <= 3, (channel, high[len(high) // 2])
    raw = boss.raw("GET", f"/api/v1/tenants/acme/recordings/{recording}.peaks")
    assert raw.status == 200 and len(raw.body) == 24 + len(peaks["data"])
    assert raw.body[:4] == b"\x02\0\0\0"
    assert [b - 256 if b > 127 else b for b in raw.body[24:]] == peaks["data"]


def test_recording_as_opus():
    def record():
        call, phone, contact = h.talk()
        h.boss.get("recordings/" + h.boss.contact(contact)["recordings"][0]["id"] + ".peaks", expect=409)
        time.sleep(4)
        call.bye()
        record = h.boss.wait_ended(contact, 8)
        h.boss.wait_work("anna", "idle", 5)
        r = record["recordings"][0]
        assert r["codec"] == "opus" and r["channels"] == 2 and "flaw" not in r, r
        agent = next(s for s in record["segments"] if s["kind"] == "agent")
        near(r["duration_ms"] / 1000, seconds_between(agent["started_at"], agent["ended_at"]), 1.0,
             "length of the recording")
        answer = h.boss.raw("GET", f"/api/v1/tenants/acme/recordings/{r['id']}")
        assert answer.status == 200 and answer.headers["content-type"] == "audio/ogg", answer
        meta = h.boss.get(f"recordings/{r['id']}.json")
        assert meta["sha256"] == hashlib.sha256(answer.body).hexdigest()
        part = h.boss.raw("GET", f"/api/v1/tenants/acme/recordings/{r['id']}",
                          headers=[("Range", "bytes=0-3")])
        assert part.status == 206 and part.body == b"OggS", part
        (left, right), rate = opus_channels(answer.body)
        near(len(left) / rate, r["duration_ms"] / 1000, 0.01, "samples in the file")
        middle = slice(int(0.5 * rate), -int(0.3 * rate))
        assert tone_share(left[middle], rate, CUSTOMER) > 0.95, "left is not the customer"
        assert tone_share(right[middle], rate, AGENT) > 0.95, "right is not the agent"
        assert tone_share(left, rate, AGENT) < 0.02 and tone_share(right, rate, CUSTOMER) < 0.02
        check_peaks(h.boss, r["id"], r["duration_ms"], 8000 >> 8)
    with House(settings=[("recordings.format", "opus")]) as h:
        undisturbed(record)
        h.settled()


def test_recording_as_wav_has_peaks():
    with House() as h:
        call, phone, contact = h.talk()
        time.sleep(2)
        call.bye()
        r = h.boss.wait_ended(contact, 8)["recordings"][0]
        check_peaks(h.boss, r["id"], r["duration_ms"], 8000 >> 8)
        h.settled()


def test_recording_as_opus_when_media_is_killed():
    """kill -9 in the middle: what was written is a valid file with its flaw told, its hash and peaks."""
    with House(settings=[("recordings.format", "opus")]) as h:
        call, phone, contact = h.talk()
        time.sleep(4)
        h.server.kill("centrala-media")
        record = h.boss.wait_ended(contact, 30)
        r = record["recordings"][0]
        assert r["codec"] == "opus" and r["flaw"].startswith("truncated"), r
        assert 1500 < r["duration_ms"] < seconds_between(record["arrived_at"], record["ended_at"]) * 1000, r
        (left, right), rate = opus_channels(h.boss.recording(r["id"]))
        near(len(left) / rate, r["duration_ms"] / 1000, 0.01, "samples in the file")
        assert tone_share(left[int(0.5 * rate):-int(0.2 * rate)], rate, CUSTOMER) > most(4)
        check_peaks(h.boss, r["id"], r["duration_ms"], 8000 >> 8)
        h.server.check()


# -- uploaded prompts --

PROMPT_FLOW = [
    {"kind": "number", "tenant": "acme", "id": "+48221000003", "flow": "hear"},
    {"kind": "prompt", "tenant": "acme", "id": "tune"},
    {"kind": "flow", "tenant": "acme", "id": "hear", "start": "tune", "nodes": {
        "tune": {"do": "play", "prompt": "tune", "next": "bye"}, "bye": {"do": "hangup"}}}]


def sound_file(kind, hz=440, seconds=2, rate=44100, channels=2):
    """A tone as a stranger's program writes it."""
    with tempfile.TemporaryDirectory() as d:
        name = f"{d}/a.{kind}"
        made = f"{d}/a.wav" if kind == "opus" else name
        subprocess.run(["sox", "-n", "-r", str(rate), "-c", str(channels), "-b", "16", made, "synth",
                        str(seconds), "sine", str(hz), "vol", "0.4"], check=True, capture_output=True)
        if kind == "opus":
            subprocess.run(["opusenc", "--quiet", made, name], check=True, capture_output=True)
        with open(name, "rb") as f:
            return f.read()


def upload(admin, body, prompt="tune", lang="en", expect=200, kind="audio/mpeg"):
    answer = admin.raw("PUT", f"/api/v1/tenants/acme/prompts/{prompt}/audio?lang={lang}", body,
                       headers=[("Content-Type", kind)], seconds=30)
    assert answer.status == expect, answer
    return answer


def hears_prompt(h, hz, seconds=2.0):
    call = h.ring("+48221000003")
    call.wait_answer(3)
    begun = call.sound.wait_for(hz, 5)
    call.wait_over(8, by="them")
    share = call.sound.hears(hz, begun + 0.1, begun + seconds - 0.2)
    assert share > 0.95, (hz, share)
    assert call.sound.hears(hz, 0, 1e12) * len(call.sound.frames()) > (seconds - 0.2) * 50


def test_uploaded_prompts():
    """WAV, MP3, Ogg Vorbis and Ogg Opus are heard; versions, restart, export; the text comes back."""
    with House(objects=PROMPT_FLOW) as h:
        admin = h.server.login("adam")
        for hz, kind, rate in ((440, "wav", 16000), (620, "mp3", 44100), (810, "ogg", 48000),
                               (530, "opus", 48000)):
            doc = upload(admin, sound_file(kind, hz, 2, rate, 1 + (kind != "wav"))).json
            near(doc["audio"]["en"]["duration_ms"], 2000, 60, kind)
            hears_prompt(h, hz)
        version = doc["version"]
        answer = admin.raw("GET", "/api/v1/tenants/acme/prompts/tune/audio?lang=en")
        assert answer.status == 200 and answer.headers["content-type"] == "audio/wav"
        assert hashlib.sha256(answer.body).hexdigest() == doc["audio"]["en"]["sha256"]
        (mono,), rate = channels_of(answer.body)
        assert rate == 8000 and tone_share(mono, rate, 530) > 0.9
        # over a restart, and under a document that does not speak of it
        h.server.stop()
        h.server.start()
        h.boss, admin = h.server.login(), h.server.login("adam")
        admin.put("prompts/tune", {"text": {"en": "Spoken."}})
        hears_prompt(h, 530)
        assert doc["audio"]["en"]["sha256"] in str(h.server.export())
        # an older version, with the older sound
        admin.post("prompts/tune/rollback", {"version": version - 2})
        hears_prompt(h, 620)
        admin.put("prompts/tune", {"text": {"en": "Spoken."}})
        admin.ask("DELETE", "prompts/tune/audio?lang=en", expect=204)
        admin.ask("DELETE", "prompts/tune/audio?lang=en", expect=404)
        assert "audio" not in admin.get("prompts/tune")
        call = h.ring("+48221000003")
        call.wait_answer(3)
        call.sound.wait_loud(6)  # it speaks
        call.wait_over(8, by="them")
        assert call.sound.hears(620, 0, 1e12) < 0.1


def test_uploaded_music():
    with House(objects=[{"kind": "prompt", "tenant": "acme", "id": "tune"}],
               queue_more={"music": "tune"}) as h:
        upload(h.server.login("adam"), sound_file("mp3", 700, 1))
        call = h.ring()
        call.wait_answer(3)
        h.boss.wait_waiting(1)
        begun = call.sound.wait_for(700, 5)
        time.sleep(3)
        assert call.sound.hears(700, begun + 0.1, begun + 2.8) > 0.9, "it goes round"
        call.bye()


def test_bad_uploads_are_refused():
    with House(objects=PROMPT_FLOW) as h:
        admin = h.server.login("adam")
        good = sound_file("wav", 440, 1)
        upload(admin, b"", expect=400)
        upload(admin, b"hello, I am no sound at all " * 50, expect=415)
        upload(admin, b"\x7fELF" + bytes(5000), expect=415)
        upload(admin, good[:44], expect=400)
        upload(admin, good, lang="", expect=400)
        upload(admin, good, lang="../x", expect=400)
        upload(admin, good, prompt="nobody", expect=404)
        upload(h.server.login("anna"), good, expect=403)
        upload(admin, sound_file("wav", 440, 602, 4000, 1), expect=413)
        answer = upload(admin, bytes(20 * 1024 * 1024 + 1), expect=413)
        assert "20 MiB" in answer.json["detail"], answer
        mp3 = bytearray(sound_file("mp3", 440, 2))
        for i in range(400, len(mp3), 37):
            mp3[i] ^= 0x5A
        assert admin.raw("PUT", "/api/v1/tenants/acme/prompts/tune/audio?lang=en", bytes(mp3),
                         seconds=30).status in (200, 400, 415)
        ogg = sound_file("ogg", 440, 2)
        upload(admin, ogg[:60], expect=415)
        admin.put("prompts/tune", {"audio": {"en": {"sha256": "../../etc/passwd", "duration_ms": 1}}},
                  expect=400)
        h.server.healthy()


def test_audio_over_ipv6():
    """A carrier whose audio has IPv6 talks with a telephone that has none; each is told our address of
    its own family, and the same port of ours answers on both."""
    with House(settings={"media.ip": "127.0.0.1,::1"}) as h:
        h.carrier.media_host = "::1"
        call, phone, contact = h.talk()
        assert " IP6 ::1" in call.remote_sdp.text, call.remote_sdp.text
        assert " IP4 127.0.0.1" in phone.remote_sdp.text, phone.remote_sdp.text
        call.sound.wait_for(AGENT, 3)
        phone.sound.wait_for(CUSTOMER, 3)
        since = time.monotonic()
        time.sleep(1)
        assert call.sound.longest_gap(since, since + 0.9, AGENT) < 0.2
        phone.bye()
        call.wait_over(5, by="them")
        assert h.boss.wait_ended(contact)["outcome"] != "abandoned"


def test_both_families_or_one_but_not_two_of_one():
    with House(settings={"media.ip": "::1"}) as h:
        h.carrier.media_host = h.phones.media_host = "::1"
        call, phone, _ = h.talk()
        call.sound.wait_for(AGENT, 3)
        phone.bye()
        call.wait_over(5, by="them")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([PROGRAM, "serve", "--data", folder, "--set", "http.listen=127.0.0.1:0",
                               "--set", "sip.listen=127.0.0.1:0", "--set",
                               "media.ip=127.0.0.1,127.0.0.2"], capture_output=True, text=True, timeout=60)
        assert done.returncode != 0 and "media.ip" in done.stderr, done
