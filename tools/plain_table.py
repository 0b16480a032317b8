#!/usr/bin/env python3
"""plain_table.py - makes crm/plain.gen.c: letters without case and marks, from Python's Unicode data.

NFKD and case folding take most marks off; what has no decomposition (ł, đ, ø, ß, ё stays е …) is
listed here. `--check` fails when the file is stale.
"""
import pathlib
import sys
import unicodedata

TARGET = pathlib.Path(__file__).resolve().parent.parent / "crm" / "plain.gen.c"
OWN = {"ł": "l", "đ": "d", "ð": "d", "þ": "th", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i",
       "ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "e", "ƒ": "f", "ё": "е", "ґ": "г", "ў": "у",
       "ѓ": "г", "ќ": "к", "є": "е", "’": "", "'": "", "ʼ": "", "`": ""}
RANGES = [(0x80, 0x250), (0x2b0, 0x300), (0x300, 0x370), (0x370, 0x530), (0x1e00, 0x2000),
          (0x2010, 0x2028), (0xff01, 0xff5f)]


def plain(c):
    out = ""
    for d in unicodedata.normalize("NFKD", c).casefold():
        for e in unicodedata.normalize("NFKD", OWN.get(d, d)):
            e = OWN.get(e, e)
            if not e or unicodedata.combining(e[0]):
                continue
            out += e if all(unicodedata.category(x)[0] in "LN" for x in e) else " "
    return " " if out.strip() == "" and out else out.strip()


def main():
    rows = []
    for first, end in RANGES:
        for cp in range(first, end):
            c = chr(cp)
            if unicodedata.category(c) in ("Cn", "Cs"):
                continue
            p = plain(c)
            if p != c:
                rows.append((cp, p))
    text = "/* plain.gen.c - made by tools/plain_table.py; do not edit. */\n#include \"crm/plain.h\"\n\n"
    text += f"const struct plain_row plain_rows[] = {{\n"
    for cp, p in rows:
        quoted = "".join(f"\\x{b:02x}" if b > 126 else chr(b) for b in p.encode())
        text += f"\t{{0x{cp:04x}, \"{quoted}\"}},\n"
    text += "};\nconst size_t plain_row_count = COUNT_OF(plain_rows);\n"
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() != text:
            sys.exit("crm/plain.gen.c is stale: run tools/plain_table.py")
    else:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
