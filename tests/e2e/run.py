#!/usr/bin/env python3
"""run.py [NAME_PART]... [--seeds N] [--first N] [--keep] - the end-to-end tests, one after the other.

Every test_*.py beside this file, every function test_* in it. The last line is
`N passed, N failed, N skipped`; the exit status is 1 when anything failed.
E2E_SEEDS (or --seeds): how many random moments each test of a kill tries; CI uses 20.
CENTRALA: another program than build/centrala, such as build/dev/centrala.
"""
import argparse
import importlib
import os
import pathlib
import signal
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


class TooLong(Exception):
    pass


def on_alarm(*_):
    raise TooLong("the test took too long")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="run only tests whose name holds one of these")
    parser.add_argument("--seeds", type=int, help="random moments for each kind of kill")
    parser.add_argument("--first", type=int, help="the first seed")
    parser.add_argument("--keep", action="store_true", help="keep the data directories")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), help="the servers' database")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    for name, value in (("E2E_SEEDS", args.seeds), ("E2E_FIRST_SEED", args.first),
                        ("E2E_KEEP", 1 if args.keep else None), ("E2E_STORE", args.store)):
        if value is not None:
            os.environ[name] = str(value)
    signal.signal(signal.SIGALRM, on_alarm)

    from harness import SEEDS, Skip
    tests = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for name, function in vars(module).items():
            if name.startswith("test_") and callable(function):
                full = f"{path.stem[5:]}.{name[5:]}"
                if not args.parts or any(p in full for p in args.parts):
                    tests.append((full, function))
    if args.list:
        print("\n".join(name for name, _ in tests))
        return 0
    passed, failed, skipped = [], [], []
    for name, function in tests:
        began = time.monotonic()
        signal.alarm(getattr(function, "seconds", 90) + SEEDS * getattr(function, "per_seed", 0))
        try:
            function()
            passed.append(name)
            word = "passed"
        except Skip as reason:
            skipped.append(name)
            word = f"skipped ({reason})"
        except (Exception, KeyboardInterrupt) as error:  # a failure must not stop the others
            signal.alarm(0)
            failed.append(name)
            word = "FAILED"
            for frame in traceback.extract_tb(error.__traceback__)[1:]:
                print(f"    {pathlib.Path(frame.filename).name}:{frame.lineno}: {frame.line}")
            text = f"{type(error).__name__}: {error}"
            print("    " + text[:3000].replace("\n", "\n    "))
            if isinstance(error, KeyboardInterrupt):
                break
        finally:
            signal.alarm(0)
        print(f"{word} {name} ({time.monotonic() - began:.1f} s)", flush=True)
    for name in failed:
        print(f"failed: {name}")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
