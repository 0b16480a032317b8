#!/usr/bin/env python3
"""embed.py [--check] - files that live inside the program, as C. --check: are they fresh?

Each line of FILES: source, made file, name of the function that returns it (declared in HEADER).
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = [("crowd/demo_site.json", "crowd/demo_site.gen.c", "crowd_demo_site", "crowd/crowd.h")]


def made(source, function, header):
    lines = [f"/* Made by tools/embed.py from {source}; change that and run it again. */",
             f'#include "{header}"', "", "static const char bytes[] ="]
    for line in (ROOT / source).read_text(encoding="utf-8").splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'\t"{escaped}\\n"')
    lines[-1] += ";"
    lines += ["", f"struct str {function}(void)", "{",
              "\treturn str_make(bytes, sizeof bytes - 1);", "}", ""]
    return "\n".join(lines)


def main():
    stale = 0
    for source, target, function, header in FILES:
        text = made(source, function, header)
        path = ROOT / target
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv[1:]:
            print(f"{target} is stale: run tools/embed.py")
            stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
