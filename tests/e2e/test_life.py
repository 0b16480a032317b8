"""The program's own life: start, settings, stop, commands (contract section 1)."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import time

from harness import AGENT, PROGRAM, House, Server, free_port, site, wait_until


def test_ports_zero_are_told():
    with Server(site(5080, 5090), {"http.listen": "127.0.0.1:0", "sip.listen": "127.0.0.1:0"}) as s:
        for address in (s.http, s.sip):
            assert re.fullmatch(r"127\.0\.0\.1:\d+", address) and not address.endswith(":0"), address
        s.healthy()
        assert len(s.children("centrala-core")) == 1 and len(s.children("centrala-media")) == 1
        took = [s.start_seconds]
        while min(took) >= 5 and len(took) < 3:
            s.stop()
            took.append(s.start().start_seconds)
        assert min(took) < 5, took


def test_wrong_settings_stop_the_start():
    s = Server(start=False)
    for words in (["--set", "no.such=1"], ["--set", "http.listen=nonsense"],
                  ["--set", "media.ports=9-1"], ["--set", "recordings.format=mp3"],
                  ["--set", "store.url=mysql:x"], ["--set", "recordings.url=nowhere"],
                  ["--set", "media.ip=999.1.1.1"], ["--set", "media.ip=192.0.2.1"]):
        done = subprocess.run([PROGRAM, "serve", "--data", str(s.data), *words],
                              capture_output=True, text=True, timeout=10)
        assert done.returncode in (1, 2), (words, done.returncode)
        key = words[1].split("=")[0]
        assert key in done.stderr and "ready" not in done.stdout, (words, done.stderr)
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_usage():
    for words, status in ((["version"], 0), (["help"], 0), ([], 2), (["nonsense"], 2), (["serve"], 2),
                          (["version", "too"], 2), (["serve", "--data", "/nonexistent/x", "too"], 2),
                          (["apply", "--data", "/nonexistent/x", "y", "too"], 2),
                          (["apply", "--data", "/nonexistent/x", "/nonexistent/y"], 1)):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=10)
        assert done.returncode == status, (words, done.returncode, done.stderr)
        if status:
            assert done.stderr.strip(), words


def test_settings_by_file_and_environment():
    with Server(site(5080, 5090), start=False) as s:
        port, other = free_port(), free_port()
        (s.data / "centrala.conf").write_text(f"http.listen = 127.0.0.1:{port}\n")
        del s.settings["http.listen"]
        s.start()
        assert s.http == f"127.0.0.1:{port}", s.http
        s.stop()
        os.environ["CENTRALA_HTTP_LISTEN"] = f"127.0.0.1:{other}"
        try:
            s.start()
        finally:
            del os.environ["CENTRALA_HTTP_LISTEN"]
        assert s.http == f"127.0.0.1:{other}", s.http


def test_second_server_on_the_same_data_is_refused():
    with Server(site(5080, 5090)) as s:
        done = subprocess.run([PROGRAM, "serve", "--data", str(s.data), "--set",
                               "http.listen=127.0.0.1:0", "--set", "sip.listen=127.0.0.1:0"],
                              capture_output=True, text=True, timeout=10)
        assert done.returncode == 1 and done.stderr.strip(), done
        s.healthy()


def test_wrong_site_stops_the_start():
    objects = site(5080, 5090)
    objects["objects"][0]["time_zone"] = "Mars/Olympus"
    s = Server(objects, start=False)
    done = subprocess.run([PROGRAM, "serve", "--data", str(s.data), "--site", str(s.site), "--set",
                           "http.listen=127.0.0.1:0", "--set", "sip.listen=127.0.0.1:0"],
                          capture_output=True, text=True, timeout=15)
    assert done.returncode == 1, done
    assert "time_zone" in done.stderr and "ready" not in done.stdout, done.stderr


def test_sigterm_ends_live_calls_with_their_records():
    with House() as h:
        call, phone, contact = h.talk()
        waiting = h.ring(user="+48601000002").wait_answer(3)
        h.boss.wait_waiting(1)
        second = h.contact_of(waiting)
        call.sound.wait_for(AGENT, 5)
        time.sleep(0.6)
        h.server.stop()
        for c in (call, phone, waiting):
            c.wait_over(3, by="them")
        out = h.server.check()
        h.server.start()
        boss = h.server.login()
        assert boss.contact(contact)["disconnected_at"] and boss.contact(second)["ended_at"]
        for c in (contact, second):  # the agent's wrap-up may go on after the restart
            record = boss.wait_ended(c)
            assert record["ended_by"] == "system", record
        record = boss.contact(contact)
        assert record["recordings"] and record["recordings"][0]["duration_ms"] > 400, (record, out)
        row = boss.report()
        assert row["offered"] == 2 and row["waiting"] == 0, row
        h.boss = boss


def test_serve_killed_children_end():
    with House() as h:
        kids = h.server.children()
        assert kids
        os.kill(h.server.process.pid, 9)
        h.server.process.wait()
        from harness import alive
        wait_until(lambda: not any(alive(k) for k in kids), 3, "the children end with serve")
        h.server.start()
        h.server.healthy()


def test_ctl():
    with House() as h:
        call, phone, contact = h.talk()
        data = str(h.server.data)
        for word in ("calls", "queues", "agents", "limits", "timers", "slow", "threads"):
            assert h.server.run("ctl", "--data", data, "show", word).strip(), word
        assert "support" in h.server.run("ctl", "--data", data, "show", "queues")
        agents = h.server.run("ctl", "--data", data, "show", "agents")
        assert "anna" in agents and "talking" in agents, agents
        ladder = h.server.run("ctl", "--data", data, "trace", contact)
        for word in ("INVITE", "200", "ACK", "enqueue", "offer", "answer"):
            assert word in ladder, f"{word} is not in the trace:\n{ladder}"
        done = subprocess.run([PROGRAM, "ctl", "--data", data, "nonsense"], capture_output=True,
                              text=True, timeout=10)
        assert done.returncode in (1, 2)
        follow = subprocess.Popen([PROGRAM, "ctl", "--data", data, "follow"],
                                  stdout=subprocess.PIPE)
        seen = ""

        def sees(word, cause=None):
            nonlocal seen
            end = time.monotonic() + 5
            while time.monotonic() < end and word not in seen:
                if cause:
                    cause()
                seen += (follow.stdout.read() or b"").decode()
                time.sleep(0.05)
            assert word in seen, seen

        try:
            os.set_blocking(follow.stdout.fileno(), False)
            sees("login", lambda: h.server.login("adam"))  # it takes a while until it follows
            call.bye()
            sees("disconnect")
        finally:
            follow.kill()
            follow.wait()
        h.settled()


def test_check_finds_a_changed_recording():
    """`centrala check` verifies recordings: it must see a byte that was changed."""
    with House() as h:
        call, phone, contact = h.talk()
        time.sleep(1)
        call.bye()
        h.boss.wait_ended(contact)
        h.boss.wait_contact(contact, lambda c: c["recordings"] and
                            c["recordings"][0].get("duration_ms"), 5, "the recording is done")
        h.server.check()
        h.server.stop()
        files = [p for p in (h.server.data / "recordings").rglob("*.wav")]
        assert len(files) == 1, files
        data = bytearray(files[0].read_bytes())
        data[-10] ^= 0xFF
        files[0].write_bytes(data)
        h.server.run("check", "--data", str(h.server.data), expect=1)


def test_secrets_stay_secret():
    """L10: no password in answers, logs, exports or the data directory."""
    with House() as h:
        call, _, _ = h.talk()
        call.bye()
        admin = h.server.login("adam")
        text = json.dumps(admin.get("users?limit=500")) + json.dumps(h.server.export())
        h.server.stop()
        h.server.site.unlink()
        for path in h.server.data.rglob("*"):
            if path.is_file() and path.name != "apply.json":
                text += path.read_bytes().decode("latin-1")
        for user in ("anna", "olga", "adam"):
            assert f"{user}-secret-1" not in text, f"the password of {user} is readable"
        assert "anna-sip-1" not in text


def test_demo_moves():
    """`make run`'s program: callers and agents of our own, until SIGTERM."""
    import tempfile
    with tempfile.TemporaryDirectory() as data:
        http, sip = free_port(), free_port()
        demo = subprocess.Popen([PROGRAM, "demo", "--data", data, "--days", "0", "--set",
                                 f"http.listen=127.0.0.1:{http}", "--set",
                                 f"sip.listen=127.0.0.1:{sip}", "--set", "media.ports=33000-33399"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(demo.stdout.fileno(), False)
        out = ""
        try:
            from harness import Api

            def moves():
                nonlocal out
                out += (demo.stdout.read() or b"").decode()
                assert demo.poll() is None, f"demo ended: {out}"
                try:
                    boss = Api(f"127.0.0.1:{http}", tenant="demo").login("simon", "demo-simon")
                    return any(c["talk_ms"] or c["state"] in ("talking", "wrapping")
                               for c in boss.contacts())
                except (OSError, AssertionError):
                    return False
            wait_until(moves, 150, "somebody talks in the demo", every=1)
            assert f"127.0.0.1:{http}" in out or f":{http}" in out, out
            assert "demo-simon" in out, "the sign-ins are not told: " + out
        finally:
            demo.terminate()
            try:
                demo.wait(8)
            except subprocess.TimeoutExpired:
                demo.kill()
                raise AssertionError("the demo did not end") from None


test_demo_moves.seconds = 240


def test_idle_costs_little():
    with House() as h:
        pids = [h.server.process.pid, *h.server.children("centrala-core"), *h.server.children("centrala-media")]

        def cpu():
            total = 0
            for pid in pids:
                text = open(f"/proc/{pid}/stat").read()
                fields = text[text.rindex(")") + 2:].split()
                total += int(fields[11]) + int(fields[12])
            return total / os.sysconf("SC_CLK_TCK")
        spent = []
        while not spent or (min(spent) >= 0.1 and len(spent) < 4):
            before = cpu()
            time.sleep(2)
            spent.append(cpu() - before)
        assert min(spent) < 0.1, f"{min(spent) * 50:.0f} % of a core when idle"


def test_started_and_stopped_many_times():
    """Nobody outlives serve, also when it is stopped at once, while prompts are being spoken."""
    objects = [{"kind": "prompt", "tenant": "acme", "id": f"p{i}", "text": {
        "en": f"This is sentence number {i}, long enough to be spoken for a while by anybody."}}
        for i in range(30)]
    with House(objects=objects) as h:
        for i in range(10):
            h.server.stop()
            h.server.start()
            call = h.ring(user=f"+4860100{i:04}").wait_answer(3)  # a port is there at once
            call.bye()
            if i % 3 == 2:
                h.server.kill_all()
                h.server.start()
        assert b"event=no_port" not in (h.server.data / "stderr.log").read_bytes()


test_started_and_stopped_many_times.seconds = 240


def test_a_planned_upgrade_is_no_error():
    with House() as h:
        core = h.server.children("centrala-core")[0]
        os.kill(h.server.process.pid, signal.SIGUSR2)
        wait_until(lambda: h.server.children("centrala-core") not in ([], [core]), 10,
                   "another core")
        h.server.healthy()
        text = (h.server.data / "stderr.log").read_text()
        assert "event=upgrade" in text and "level=error" not in text, h.server.tail()


def metric(server, name):
    """A number of /metrics."""
    text = server.api.raw("GET", "/metrics").body.decode()
    return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))


def conservation_alarms(server):
    return [e for e in server.login().get("events?after=0&limit=500")["items"]
            if e["event"] == "alarm" and e["name"] == "conservation"]


def test_nightly_check():
    """T-3: sound figures pass; a row that was spoiled is an alarm of its tenant in the night."""
    at = time.gmtime(time.time() + (60 if time.gmtime().tm_sec < 5 else 120))  # 55 s at least until then
    with House(settings={"check.at": time.strftime("%H:%M", at), "store.url": "sqlite:centrala.db"}) as h:
        s = h.server
        call, phone, _ = h.talk()
        call.bye()
        phone.wait_over(3)
        h.settled()
        data = ("--data", str(s.data))
        assert metric(s, "cc_check_last_at") == 0, "it ran at the start"
        assert s.run("ctl", *data, "check-now") == "0 differences\n"
        assert abs(metric(s, "cc_check_last_at") - time.time()) < 10
        assert metric(s, "cc_check_differences") == 0 and not conservation_alarms(s)

        with contextlib.closing(sqlite3.connect(s.data / "centrala.db", timeout=5)) as db, db:
            done = db.execute("UPDATE segments SET queue = 'elsewhere' WHERE kind = 'queue'")
            assert done.rowcount == 1, done.rowcount
        wait_until(lambda: metric(s, "cc_check_differences") == 2, 150, "the night's check")
        alarm, = wait_until(lambda: conservation_alarms(s), 5, "the alarm")
        assert "2 differences" in alarm["detail"] and "acme/" in alarm["detail"], alarm
        told = s.run("ctl", *data, "check-now")
        assert "acme/elsewhere" in told and told.endswith("2 differences\n"), told
        assert len(conservation_alarms(s)) == 2
        with contextlib.closing(sqlite3.connect(s.data / "centrala.db", timeout=5)) as db, db:
            db.execute("UPDATE segments SET queue = 'support' WHERE kind = 'queue'")
        assert s.run("ctl", *data, "check-now") == "0 differences\n"


test_nightly_check.seconds = 240
test_nightly_check.waits = True
