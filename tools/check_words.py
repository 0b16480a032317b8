#!/usr/bin/env python3
"""check_words.py - calls that are banned in a place (style.md section 14). One line per offence, exit 1."""
import pathlib
import re
import sys

from check_floors import PURE, ROOT, folder_of, read_floors, sources

# banned everywhere: no bounds, hidden state, or undefined on bad input
EVERYWHERE = {
    "strcpy": "str_copy", "strcat": "buf_put", "sprintf": "buf_fmt", "vsprintf": "buf_fmt",
    "strtok": "str_cut", "gets": "fgets", "sscanf": "str_to_u64 and friends", "atoi": "str_to_u32",
    "strncpy": "str_copy", "alloca": "an arena", "gmtime": "civil_from_days",
    "localtime": "core/zone", "gmtime_r": "civil_from_days", "localtime_r": "core/zone",
    "mktime": "days_from_civil", "rand": "dice handed in", "srand": "dice handed in",
    "random": "dice handed in", "system": "the supervisor runs programs", "popen": "the supervisor",
}
# banned outside os/ (and main's own door, app/): the clock, waiting, randomness
OUTSIDE_OS = {
    "time": "time is handed in", "sleep": "a timer", "usleep": "a timer", "nanosleep": "a timer",
    "gettimeofday": "time is handed in",
}
# banned in pure rooms: they are handed what they need
IN_PURE = {
    "clock_gettime": "time is handed in", "socket": "bytes are handed in and out",
    "pthread_mutex_lock": "one thread owns the truth", "pthread_create": "os starts threads",
    "getrandom": "dice are handed in", "getenv": "settings are handed in",
    "open": "files are the store's", "printf": "os/log",
}
# (file, word): who may all the same, and why
MAY = {
    ("core/zone.c", "pthread_mutex_lock"),  # zones are shared by main and web; loaded once each
    ("core/zone.c", "open"),  # reads /usr/share/zoneinfo
    ("base/check.c", "printf"),
    ("web/api/setup.c", "usleep"),  # a clerk may wait; the file comes from another process
    ("media/worker.c", "usleep"),  # gathers packets until the tick; its thread serves nothing else
}
TESTS = ("_test.c", "_test.h", "_fuzz.c")
IN_TESTS = {"system", "popen"}  # a test may clear its folder away
CALL = re.compile(r"(?<![\w.>])([a-z_][a-z0-9_]*)\s*\(")


def code_only(text):
    """The text with comments and the insides of strings blanked, line numbers kept."""
    out = []
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    at = 0
    for m in pattern.finditer(text):
        out.append(text[at:m.start()])
        out.append("\n" * m[0].count("\n") if m[0][0] == "/" else '""')
        at = m.end()
    out.append(text[at:])
    return "".join(out)


def main():
    floors = read_floors()
    wrong = []
    for path in sources():
        folder = folder_of(path, floors)
        banned = dict(EVERYWHERE)
        test = path.endswith(TESTS) or path.startswith(("tests/", "bench/"))
        if test:
            banned = {w: why for w, why in banned.items() if w not in IN_TESTS}
        if folder not in ("os", "app") and not test:
            banned.update(OUTSIDE_OS)
        if folder in PURE and not test:
            banned.update(IN_PURE)
        for number, line in enumerate(code_only((ROOT / path).read_text()).splitlines(), 1):
            for m in CALL.finditer(line):
                word = m[1]
                if word in banned and (path, word) not in MAY:
                    wrong.append(f"{path}:{number}: {word}() is banned here; use {banned[word]}")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
