#!/usr/bin/env python3
"""run.py [NAME_PART]... [--seeds N] [--first N] [--jobs N] [--keep] - the end-to-end tests.

Every test_*.py beside this file, every function test_* in it. The last line is
`N passed, N failed, N skipped`; the exit status is 1 when anything failed.
E2E_SEEDS (or --seeds): how many random moments each test of a kill tries; CI uses 20.
E2E_JOBS (or --jobs): how many at once, each in a network namespace of its own, where it has all
ports for itself; needs root, else it is one. A test with `alone = True` runs when no other does; tests
with `waits = True` (they sleep most of their time) have one more worker, beside the others.
CENTRALA: another program than build/centrala, such as build/dev/centrala.
"""
import argparse
import contextlib
import ctypes
import fcntl
import importlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
SLOW = 4  # how many times slower than at its ease a machine may be, before a test counts as one that hangs
END = "\x1e"  # a worker's output of one test ends with this line and the word


class TooLong(Exception):
    pass


def on_alarm(*_):
    raise TooLong("the test took too long")


def found():
    """{name: function} of all tests, in the order of files and lines."""
    tests = {}
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function) and \
                    function.__module__ == path.stem:
                tests[f"{path.stem[5:]}.{name[5:]}"] = function
    return tests


def run(name, function):
    """Runs one, prints what became of it, and returns passed, failed or skipped."""
    from harness import SEEDS, Skip
    began = time.monotonic()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(SLOW * (getattr(function, "seconds", 90) + SEEDS * getattr(function, "per_seed", 0)))
    result, word = "passed", "passed"
    try:
        function()
    except Skip as reason:
        result, word = "skipped", f"skipped ({reason})"
    except Exception as error:  # a failure must not stop the others
        signal.alarm(0)
        result, word = "failed", "FAILED"
        for frame in traceback.extract_tb(error.__traceback__)[1:]:
            print(f"    {pathlib.Path(frame.filename).name}:{frame.lineno}: {frame.line}")
        text = f"{type(error).__name__}: {error}"
        print("    " + text[:3000].replace("\n", "\n    "))
    finally:
        signal.alarm(0)
    print(f"{word} {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return result


def own_network():
    """This process goes into a network namespace of its own, with a loopback. False: it may not."""
    clone_newnet, siocsifflags, iff_up_running = 0x40000000, 0x8914, 0x41
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, siocsifflags, struct.pack("16sH14x", b"lo", iff_up_running))
    return True


def worker():
    """Runs the tests whose names come in, a line each."""
    if not own_network():
        sys.exit("no network namespace")
    from harness import BEFORE
    with contextlib.suppress(OSError):  # its phones speak in time where the system lets us: harness.plainly()
        os.setpriority(os.PRIO_PROCESS, 0, BEFORE)
    tests = found()
    print(END, flush=True)
    for line in sys.stdin:
        result = run(line.strip(), tests[line.strip()])
        print(END + result, flush=True)


class Worker:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.good = END in self.process.stdout.readline()

    def run(self, name):
        """What it printed, and what became of it."""
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.startswith(END):
                return "".join(lines), line[len(END):].strip()
            lines.append(line)
        self.process.kill()  # its sound thread may go on, or it is not quite dead yet: nobody asks it again
        status = self.process.wait()
        return "".join(lines) + f"FAILED {name} (its process died, status {status})\n", "failed"

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def run_at_once(tests, jobs, results):
    """False: workers cannot be made here."""
    def of(lane):
        return [n for n, f in tests if lane == next((w for w in ("alone", "waits") if getattr(f, w, False)), None)]

    names, waiting, alone = iter(of(None)), iter(of("waits")), of("alone")
    workers = [Worker() for _ in range(jobs + 1)]
    lanes = [names] * jobs + [waiting]
    lock = threading.Lock()

    def one(w, name):
        text, result = w.run(name)
        with lock:
            results[result].append(name)
            sys.stdout.write(text)
            sys.stdout.flush()

    def serve(w, lane):
        while w.process.poll() is None:
            with lock:
                name = next(lane, None)
            if name is None:
                return
            one(w, name)

    good = all(w.good for w in workers)
    if good:
        threads = [threading.Thread(target=serve, args=pair) for pair in zip(workers, lanes)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for name in [*names, *waiting, *alone]:  # what workers that died have left, too
            living = [w for w in workers if w.process.poll() is None] or [Worker()]
            workers += [w for w in living if w not in workers]
            one(living[0], name)
    for w in workers:
        w.close()
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="run only tests whose name holds one of these")
    parser.add_argument("--seeds", type=int, help="random moments for each kind of kill")
    parser.add_argument("--first", type=int, help="the first seed")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("E2E_JOBS", "1")))
    parser.add_argument("--keep", action="store_true", help="keep the data directories")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), help="the servers' database")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    for name, value in (("E2E_SEEDS", args.seeds), ("E2E_FIRST_SEED", args.first),
                        ("E2E_KEEP", 1 if args.keep else None), ("E2E_STORE", args.store)):
        if value is not None:
            os.environ[name] = str(value)
    if args.worker:
        return worker()
    tests = [(n, f) for n, f in found().items()
             if not args.parts or any(p in n for p in args.parts)]
    if args.list:
        print("\n".join(name for name, _ in tests))
        return 0
    results = {"passed": [], "failed": [], "skipped": []}
    if args.jobs < 2 or len(tests) < 2 or not run_at_once(tests, args.jobs, results):
        for name, function in tests:
            results[run(name, function)].append(name)
    for name in results["failed"]:
        print(f"failed: {name}")
    print(", ".join(f"{len(names)} {word}" for word, names in results.items()), flush=True)
    return 1 if results["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
