"""A full disk and a disk that fails (faults.md R4, R5): calls stay up, nothing is claimed that is not stored."""
import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

import harness
from harness import AGENT, CUSTOMER, House, Skip, wait_until
from test_call import check_recording

QUIET = {"wrap_s": 0, "ring_s": 30}


@contextlib.contextmanager
def small_disk(megabytes):
    """A tmpfs under the place where data directories are made."""
    place = tempfile.mkdtemp(prefix="centrala-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", place],
                      capture_output=True, check=False).returncode:
        os.rmdir(place)
        raise Skip("no tmpfs can be mounted here")
    was, tempfile.tempdir = tempfile.tempdir, place
    try:
        yield pathlib.Path(place)
    finally:
        tempfile.tempdir = was
        subprocess.run(["umount", "-l", place], check=False)
        os.rmdir(place)


def fill(place):
    """Takes all the room there is; returns the file that holds it."""
    hog = place / "hog"
    with open(hog, "wb", buffering=0) as f, contextlib.suppress(OSError):
        while True:
            f.write(bytes(1 << 16))
    return hog


def ready(h):
    return h.server.api.raw("GET", "/readyz").status


def test_full_disk_during_calls():
    """R4: data, database and recordings on a disk that is full for a while."""
    with small_disk(160) as place, House(queue_more=QUIET) as h:
        admin = h.server.login("adam")
        call, phone, contact = h.talk()
        waits = h.ring(user="+48601000002").wait_answer()
        h.boss.wait_waiting(1)
        hog = fill(place)
        refused = None
        for i in range(4000):  # until ring and database have no room left
            answer = admin.raw("PUT", f"/api/v1/tenants/acme/outcomes/x{i}",
                               {"name": "x" * 200})
            if answer.status not in (200, 201):
                refused = answer
                break
        assert refused and refused.status in (503, 507), refused
        with contextlib.suppress(AssertionError):  # the disk may be too full even to say so
            wait_until(lambda: ready(h) == 503, 5, "/readyz says so within 5 s")
        assert ready(h) == 503
        # calls stay up
        began = time.monotonic()
        time.sleep(1.5)
        for sound, hz in ((call.sound, AGENT), (phone.sound, CUSTOMER)):
            assert sound.longest_gap(began, time.monotonic(), hz) < 0.2, "the talk stutters"
        # done in memory, and honestly not acknowledged
        h.boss.presence("boris", "ready", expect=(503, 507))
        second = h.phones.wait_call()
        second.accept().say(AGENT)
        waits.sound.wait_for(AGENT)
        time.sleep(0.5)
        waits.bye()
        hog.unlink()
        freed = time.monotonic()
        wait_until(lambda: ready(h) == 200, 10, "it resumes by itself")
        assert admin.raw("PUT", "/api/v1/tenants/acme/outcomes/after", {"name": "after"}).status == 201
        assert time.monotonic() - freed < 11
        call.bye()
        record = h.boss.wait_ended(contact, 20)
        for r in record["recordings"]:  # it says what is not in the file, or the file is whole
            meta = h.boss.get(f"recordings/{r['id']}.json")
            assert meta.get("flaw", "").startswith("truncated") or not meta.get("flaw"), meta
        h.server.kill("centrala-core")  # and all that was said is there
        h.server.healthy(5)
        h.boss = h.server.login()
        assert h.boss.get("outcomes/after")["name"] == "after"
        h.settled(20)


test_full_disk_during_calls.seconds = 300


def inject(pid, what):
    """strace that makes a system call of this process fail; ended by the caller."""
    if not shutil.which("strace"):
        raise Skip("strace is not here")
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid), "-e",
                               "trace=fdatasync,fsync", "-e", what], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    assert tracer.poll() is None, "strace does not attach"
    return tracer


def test_a_sync_that_fails_is_not_acknowledged():
    """R5: fdatasync says EIO for a while: nothing is acknowledged that is not stored; it goes on afterwards."""
    for what in ("inject=fdatasync,fsync:error=EIO:when=1", "inject=fdatasync,fsync:error=EIO"):
        with House(queue_more=QUIET) as h:
            call, phone, contact = h.talk()
            admin = h.server.login("adam")
            core, = h.server.children("centrala-core")
            tracer = inject(core, what)
            acked = []
            end = time.monotonic() + 4
            while time.monotonic() < end:
                name = f"e{time.monotonic_ns()}"
                with contextlib.suppress(Exception):
                    if admin.raw("PUT", f"/api/v1/tenants/acme/outcomes/{name}", {"name": "e"},
                                 seconds=3).status in (200, 201):
                        acked.append(name)
            tracer.terminate()
            tracer.wait(5)
            h.server.healthy(5)
            wait_until(lambda: ready(h) == 200, 15, "the database works again")
            admin = h.server.login("adam")
            assert admin.raw("PUT", "/api/v1/tenants/acme/outcomes/after", {"name": "a"}).status == 201
            assert not call.over.is_set(), "a call was dropped"
            h.server.kill_all()
            h.server.start()
            h.server.healthy(5)
            h.boss = h.server.login()
            for name in [*acked, "after"]:
                assert h.boss.get(f"outcomes/{name}"), name
            call.wait_over(by="them")
            h.settled(15)


test_a_sync_that_fails_is_not_acknowledged.seconds = 120


def heavy(i):
    """A flow of some 100 KiB: a few hundred of them fill a segment of the ring."""
    nodes = {f"n{k}": {"do": "set", "var": "x", "value": f"'{f'{i:04}' * 50}'", "next": f"n{k + 1}"}
             for k in range(400)}
    return {"start": "n0", "nodes": {**nodes, "n400": {"do": "hangup"}}}


def test_full_ring_then_death():
    """Only the ring finds no room; calls go on in memory. The core dies about when it catches up."""
    for seed in harness.seeds(min(harness.SEEDS, 2)):
        dice = random.Random(7000 + seed)
        with tempfile.TemporaryDirectory() as elsewhere, small_disk(100) as place, \
                House(queue_more=QUIET, settings={"store.url": f"sqlite:{elsewhere}/c.db"}) as h:
            admin = h.server.login("adam")
            call, phone, contact = h.talk()
            acked = []
            for i in range(1500):
                answer = admin.raw("PUT", f"/api/v1/tenants/acme/flows/f{i % 50}", heavy(i))
                if answer.status not in (200, 201):
                    break
                acked.append(i)
            assert b"event=ring_failed" in (h.server.data / "stderr.log").read_bytes(), answer
            assert answer.status in (503, 507) and ready(h) == 503, answer
            began = time.monotonic()
            waits = h.ring(user="+48601000002").wait_answer()  # memory takes a good deal
            time.sleep(0.5)
            assert call.sound.longest_gap(began, time.monotonic(), AGENT) < 0.2
            phone.bye()
            call.wait_over(by="them")
            subprocess.run(["mount", "-o", "remount,size=400m", place], check=True)
            time.sleep(dice.uniform(0, 1.0))
            h.server.kill("centrala-core")
            h.server.healthy(10)
            wait_until(lambda: ready(h) == 200, 10, "it works again")
            h.boss = h.server.login()
            for i in acked[-49:]:  # the one before was written over by what was not acknowledged
                assert f"{i:04}" in h.boss.get(f"flows/f{i % 50}")["nodes"]["n0"]["value"]
            # whether or not the core had caught up: both sides agree with the records in the end
            if not waits.over.is_set():
                answer = waits.bye()
                assert answer.status in (200, 481), answer
            h.settled(20)


test_full_ring_then_death.seconds = 600
