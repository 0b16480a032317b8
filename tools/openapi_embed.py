#!/usr/bin/env python3
"""Embeds api/openapi.yaml into the program: YAML -> compact JSON -> objects/openapi.gen.c.

    openapi_embed.py           writes the C file
    openapi_embed.py --check   fails when the C file is stale or the description is not sound
"""
import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "api" / "openapi.yaml"
TARGET = ROOT / "objects" / "openapi.gen.c"
LINE = 88


class Loader(yaml.SafeLoader):
    """YAML 1.1 reads on, off, yes and no as booleans; `on` is a field of ours."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value!r}", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, rx) for tag, rx in rules
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", __import__("re").compile("^(?:true|false)$"), list("tf"))


def keys_as_text(value):
    """JSON keys are strings: response codes are numbers in YAML."""
    if isinstance(value, dict):
        return {str(k): keys_as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [keys_as_text(v) for v in value]
    return value


def check_refs(doc):
    """Every $ref must lead somewhere; a dead one would be found by a stranger's tool only."""
    faults = []

    def walk(value, at):
        if isinstance(value, dict):
            refs = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            mapping = value.get("discriminator", {})
            if isinstance(mapping, dict) and isinstance(mapping.get("mapping"), dict):
                refs += mapping["mapping"].values()
            for ref in refs:
                target = doc
                for part in ref.removeprefix("#/").split("/"):
                    target = target.get(part) if isinstance(target, dict) else None
                if target is None:
                    faults.append(f"{at}: {ref} leads nowhere")
            for key, item in value.items():
                walk(item, f"{at}/{key}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, f"{at}/{index}")

    walk(doc, "#")
    return faults


def c_source(text):
    """A C file with the text as one string, cut at whole characters."""
    lines, line = [], ""
    for ch in text:
        if ch in '"\\':
            piece = "\\" + ch
        elif ch == "?":
            piece = "\\?"  # no trigraphs
        elif ord(ch) < 0x80:
            piece = ch
        else:
            piece = "".join(f"\\{byte:03o}" for byte in ch.encode())
        if len(line) + len(piece) > LINE:
            lines.append(line)
            line = ""
        line += piece
    lines.append(line)
    body = "\n".join(f'\t"{part}"' for part in lines)
    return (
        "/* openapi.gen.c - made from api/openapi.yaml by tools/openapi_embed.py; do not edit. */\n"
        "/* clang-format off */\n"
        '#include "objects/openapi.h"\n\n'
        f"const char openapi_json[] =\n{body};\n"
        "const size_t openapi_json_size = sizeof openapi_json - 1;\n"
    )


def main():
    doc = keys_as_text(yaml.load(SOURCE.read_text(encoding="utf-8"), Loader))
    faults = check_refs(doc)
    for fault in faults:
        print(f"api/openapi.yaml: {fault}", file=sys.stderr)
    if faults:
        return 1
    source = c_source(json.dumps(doc, ensure_ascii=False, separators=(",", ":")))
    if "--check" in sys.argv[1:]:
        if not TARGET.exists() or TARGET.read_text(encoding="ascii") != source:
            print("objects/openapi.gen.c is stale: run tools/openapi_embed.py", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(source, encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
