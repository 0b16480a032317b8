#!/usr/bin/env python3
"""check_floors.py - do all #includes keep to tools/floors.txt? One line per offence, exit 1.

A *_test.c beside the code may also include tests/. Rooms that are pure may not include the headers
of clocks, sockets and threads either.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PURE = {"base", "core", "objects", "audio", "phrase", "sip", "stir", "ws", "acd", "flow", "report", "crm", "plan", "sim"}
IMPURE = re.compile(r"^(time|pthread|sys/(time|socket|epoll|eventfd|timerfd|stat|mman)|netinet/.*|"
                    r"netdb|unistd|fcntl|poll|signal)\.h$")
# who needs one all the same, and why
IMPURE_MAY = {
    ("core/zone.c", "pthread.h"),  # zones are read by main and web; the cache of loaded zones has a lock
    ("core/zone.c", "fcntl.h"),  # reads /usr/share/zoneinfo
    ("core/zone.c", "unistd.h"),
    ("core/zone.c", "sys/stat.h"),
}
FOREIGN = ("bench/peer/",)  # measuring tools that came as they are
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def read_floors():
    floors = {}
    for line in (ROOT / "tools/floors.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            folder, _, may = line.partition(":")
            floors[folder.strip()] = may.split()
    return floors


def folder_of(path, floors):
    """The longest folder of the table that holds path."""
    best = None
    for folder in floors:
        if path.startswith(folder + "/") and (best is None or len(folder) > len(best)):
            best = folder
    return best


def sources():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h", "*.def"],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(p for p in set(out.split("\n"))
                  if p and (ROOT / p).exists() and not p.startswith(FOREIGN))


def allowed(target, folder, may, floors):
    to = folder_of(target, floors)
    return to == folder or "*" in may or to in may or target in may


def main():
    floors = read_floors()
    wrong = []
    for path in sources():
        folder = folder_of(path, floors)
        if folder is None:
            wrong.append(f"{path}: its folder has no line in tools/floors.txt")
            continue
        test = path.endswith(("_test.c", "_test.h", "_fuzz.c"))
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            m = INCLUDE.match(line)
            if not m:
                continue
            where = f"{path}:{number}"
            if m[1] == "<":
                if (folder in PURE and not test and IMPURE.match(m[2])
                        and (path, m[2]) not in IMPURE_MAY):
                    wrong.append(f"{where}: {folder} is pure and may not include <{m[2]}>")
                continue
            target = m[2]
            if not (ROOT / target).exists():
                wrong.append(f"{where}: \"{target}\" is not a path from the project's root")
            elif test and target.startswith("tests/"):
                continue
            elif not allowed(target, folder, floors[folder], floors):
                wrong.append(f"{where}: {folder} may not include {target} (tools/floors.txt)")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
