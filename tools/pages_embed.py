#!/usr/bin/env python3
"""pages_embed.py DIST OUT.S - the files below DIST as an object: their bytes, and a sorted table.

The table is `pages_embedded_files` of web/pages.h. An absent or empty DIST makes an empty one.
"""
import hashlib
import pathlib
import sys


def main():
    dist, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    files = sorted((p for p in dist.rglob("*") if p.is_file()),
                   key=lambda p: p.relative_to(dist).as_posix().encode())
    lines = ["/* Made by tools/pages_embed.py. */", ".section .rodata"]
    for i, path in enumerate(files):
        name = "/" + path.relative_to(dist).as_posix()
        if not name.isascii() or any(c in name for c in '"\\\n'):
            sys.exit(f"pages_embed.py: {name!r}: plain names only")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines += [f'name{i}: .asciz "{name}"', f'tag{i}: .asciz "{digest}"',
                  ".balign 16", f'bytes{i}: .incbin "{path.as_posix()}"', f"end{i}:"]
    lines += [".section .data.rel.ro,\"aw\"", ".balign 8", ".globl pages_embedded_files",
              "pages_embedded_files:"]
    lines += [f".quad name{i}, bytes{i}, end{i} - bytes{i}, tag{i}" for i in range(len(files))]
    lines += [".section .rodata", ".balign 8", ".globl pages_embedded_count",
              f"pages_embedded_count: .quad {len(files)}",
              ".section .note.GNU-stack,\"\",%progbits", ""]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
