#!/usr/bin/env python3
"""run_tests.py - runs test programs, shows what failed or was skipped, and sums up.

    run_tests.py [--seconds N] [--quiet] PROGRAM...    unit test programs (tests/test.h)
    run_tests.py --all                                 what `make test` is: unit, fuzz, e2e

The last line is `N passed, N failed, N skipped`; the exit status is 1 when anything failed.
A program that dies, hangs, or does not end with its own such line counts as one failure.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROCESSORS = os.cpu_count() or 2
SUM = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")
SANITIZERS = {
    # a leak in a unit test is a bug as well; the stack says where
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Sums:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.lock = threading.Lock()

    def add(self, passed, failed, skipped):
        with self.lock:
            self.passed += passed
            self.failed += failed
            self.skipped += skipped

    def line(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(sums, name, command, seconds, live=False, one=False):
    """Runs one program that ends with a line of sums (`one`: that is one test, by its exit status).
    True when all in it passed."""
    env = dict(os.environ)
    for key, value in SANITIZERS.items():
        env.setdefault(key, value)
    began = time.monotonic()
    output, status = "", None
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        if live:  # long ones show what they do
            lines = []
            for line in child.stdout:
                lines.append(line)
                if not SUM.match(line.strip()):
                    print("  " + line.rstrip(), flush=True)
            output = "".join(lines)
            status = child.wait(timeout=seconds)
        else:
            output, _ = child.communicate(timeout=seconds)
            status = child.returncode
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    took = time.monotonic() - began
    lines = output.rstrip().splitlines()
    found = SUM.match(lines[-1].strip()) if lines else None
    if found:
        counts = [int(n) for n in found.groups()]
        if status != 0 and counts[1] == 0:
            counts[1] = 1  # it died after its sums: a leak, a sanitizer's report
    elif one and status == 0:
        counts = [1, 0, 0]
    else:
        counts = [0, 1, 0]
    sums.add(*counts)
    told = [f"{name}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped ({took:.1f} s)"]
    if counts[1] and not live:
        why = "took longer than %d s" % seconds if status is None else f"exit status {status}"
        told += ["  " + line for line in lines[-60:]] + [f"  ({why})"]
    elif not live:
        told += ["  " + line for line in lines if line.startswith("skipped ")]
    print("\n".join(told), flush=True)
    return counts[1] == 0


def run_at_once(sums, rows):
    """Programs that only calculate, as many at once as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
        for done in [pool.submit(run, sums, *row, one=True) for row in rows]:
            done.result()


def make(sums, what, *words):
    """A step of building; when it fails, that is one failure. True when it worked."""
    done = subprocess.run(["make", "-s", f"-j{PROCESSORS}", *words], cwd=ROOT,
                          capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        print(f"{what}: built", flush=True)
        return True
    sums.add(0, 1, 0)
    print(f"{what}: does not build\n" + "\n".join((done.stdout + done.stderr).splitlines()[-40:]),
          flush=True)
    return False


def programs_of(*words):
    done = subprocess.run(["make", "-s", "--no-print-directory", *words], cwd=ROOT,
                          capture_output=True, text=True, check=True)
    return done.stdout.split()


# what the whole program does a second time, on the other database: a call, its figures, kills,
# declared objects, the HTTP door (test_postgres.py, where that database fails, is in the first run)
CORE_STORIES = ("call.whole", "call.caller_hangs", "call.figures_of", "crash.core_dies_while_two",
                "crash.everything_dies", "crash.state_of", "objects.", "http.", "life.ctl",
                "ring.ring_all_first", "retention.")


def run_on_postgres(sums, name, command):
    run(sums, name, [sys.executable, str(ROOT / "tests/e2e/postgres.py"), "run", *command], 300)


def run_all(sums):
    built = make(sums, "release", "all")
    if make(sums, "unit tests with sanitizers", "MODE=dev", "test-programs"):
        for program in programs_of("MODE=dev", "list-test-programs"):
            run(sums, "unit " + pathlib.Path(program).name, [str(ROOT / program)], 180)
        run_on_postgres(sums, "unit store on PostgreSQL", [str(ROOT / "build/dev/test/store")])
    run(sums, "pages", [str(ROOT / "tools/pages.sh"), "test"], 300)
    if make(sums, "invented worlds", "build/sim"):
        sim = str(ROOT / "build/sim")
        seeds = range(1, 1 + int(os.environ.get("SIM_SEEDS", "50")))
        run_at_once(sums, [("sim soak", [sim, "7", "100000", "1000"], 300),
                           *((f"sim seed {n}", [sim, str(n)], 120) for n in seeds)])
    if built:  # several queues that share agents; `make sim-exact` is the whole of it
        for group in ("n_design",):
            run(sums, f"sim exact {group}", [sys.executable, str(ROOT / "tests/sim/exact.py"), "--only",
                                             group, "--contacts", "20000"], 300, one=True)
    if make(sums, "fuzz targets", "fuzz-programs"):
        seconds = os.environ.get("FUZZ_SECONDS", "10")
        run_at_once(sums, [("fuzz " + pathlib.Path(p).name, [str(ROOT / "tools/fuzz.sh"),
                                                             str(ROOT / p), seconds], 300)
                           for p in programs_of("list-fuzz-programs")])
    if built:
        run(sums, "e2e", [sys.executable, str(ROOT / "tests/e2e/run.py"), "--jobs",
                          os.environ.get("E2E_JOBS", str(PROCESSORS))], 3000, live=True)
        run(sums, "e2e on PostgreSQL", [sys.executable, str(ROOT / "tests/e2e/run.py"), "--store",
                                        "postgresql", "--seeds", "2", *CORE_STORIES], 1200, live=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seconds", type=int, default=120, help="most that one program may take")
    parser.add_argument("programs", nargs="*")
    args = parser.parse_args()
    sums = Sums()
    if args.all:
        run_all(sums)
    for program in args.programs:
        run(sums, pathlib.Path(program).name, [str(pathlib.Path(program).resolve())], args.seconds)
    print(sums.line())
    return 1 if sums.failed else 0


if __name__ == "__main__":
    sys.exit(main())
