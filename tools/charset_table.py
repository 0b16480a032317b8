#!/usr/bin/env python3
"""charset_table.py - makes crm/charset.gen.c from Python's codecs; `--check` fails when it is stale."""
import pathlib
import sys

TARGET = pathlib.Path(__file__).resolve().parent.parent / "crm" / "charset.gen.c"
SETS = (("windows_1250", "cp1250"), ("windows_1251", "cp1251"), ("iso_8859_2", "iso8859_2"))


def rows(codec):
    row = []
    for byte in range(128, 256):
        try:
            row.append(ord(bytes([byte]).decode(codec)))
        except UnicodeDecodeError:
            row.append(0)
    return row


def main():
    text = ("/* charset.gen.c - made by tools/charset_table.py; do not edit. 0: means nothing. */\n"
            "#include \"crm/charset_table.h\"\n\n")
    for name, codec in SETS:
        text += f"const uint16_t charset_{name}[128] = {{\n"
        codes = rows(codec)
        for i in range(0, 128, 8):
            text += "\t" + " ".join(f"0x{c:04x}," for c in codes[i:i + 8]) + "\n"
        text += "};\n"
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() != text:
            sys.exit("crm/charset.gen.c is stale: run tools/charset_table.py")
    else:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
