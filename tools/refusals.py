#!/usr/bin/env python3
"""refusals.py - the sentences in which the server refuses something, and their translations.

The server speaks English; the pages say its refusals in the language of their user, by
web/ui/src/refusals/{pl,ru}.json (key: the English sentence with {} for what the server puts in). This finds
every sentence in the sources below and checks: each has its translations or is NOT_FOR_PEOPLE, no translation
has lost its sentence, and both sides have the same gaps.
"""
import json
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS = ROOT / "web/ui/src/refusals"
SOURCES = ("objects/*.c", "web/*.c", "core/expression.c", "call/*.c", "crm/customer.c", "crm/sheet.c", "crm/workbook.c",
           "crm/xml.c", "app/asks*.c", "app/verbs.c", "app/decode.c", "app/house.c", "channel/voice/own_call.c",
           "channel/voice/ring_me.c", "channel/voice/browser.c", "flow/rehearsal.c")
# heads of HTTP, files with words of their own, what a programmer reads
PASSED_OVER = re.compile(r"_test\.|_fuzz\.|\.gen\.|^web/(head|http)\.c|^web/export/(names|pdf|xlsx)|^objects/schema_compile")
# a comment, a character, or strings in a row with what is pasted between them
TOKEN = re.compile(r"/\*.*?\*/|//[^\n]*|'(?:[^'\\]|\\.)'|"
                   r'((?:"(?:[^"\\]|\\.)*"\s*(?:(?:PRI[a-zA-Z0-9]+|STR_FMT|[A-Z_]+_WORDS)\s*)?)+)', re.S)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
CONVERSION = re.compile(r"%(?:\.\*|[-.0-9]*)(?:ll|z)?[sudgc]")
# log lines, metrics, SQL, kinds of content, what only looks inside (ctl), names of threads
NOT_FOR_PEOPLE = re.compile(
    r"event=|\w=%|^[a-z_]+ %|\\n|^(text|application|multipart)/|^[A-Z][A-Z ]+[ (]|^[ ?]|charset=|^[a-z.]+\(|^HTTP/|"
    r"^[{}:/ .,'`;()\[\]%-]*$|^%[^ ]* ?%|^\w+: %|^cc_|^web (accept|letters|stop|connection)|^words: |^Set-Cookie|^; Secure|"
    r"^Allow: |^agent lost$|^test over$|^; \{\}|^correct horse$|^time zone$|^: |^, |^; the first|^[A-ZА-ЯŹ-Ż][a-zа-я]+ [a-zа-я ]+$|"
    r"^ended by |data directory's ring|what the ring holds|objects cannot be read: |is damaged: 32|did not take it in time|^List of|^Lista |"
    r"^[ŚW][^ ]+ (w )?przepływ|differences between facts|wrong passwords for")
# what is said in pieces
WHOLE = {
    "no such outcome:": "no such outcome: {}",
    "no such reason:": "no such reason: {}",
    "refers to it in": "refers to it in {}",
    "the verb `": "the verb `{}` is not built yet",
    "` is not built yet": "the verb `{}` is not built yet",
    "unknown name '{}' at character {}; known are": "unknown name '{}' at character {}; known are {}",
    "comparisons do not follow each other without parentheses;":
        "comparisons do not follow each other without parentheses; texts stand in quotes",
    "; texts stand in quotes": "comparisons do not follow each other without parentheses; texts stand in quotes",
}


def sentence(text):
    """The printf text as its translators see it."""
    text = text.replace('\\"', '"').replace("\\\\", "\\")
    return CONVERSION.sub("{}", text).replace("%%", "%").strip()


def of_source(path):
    for m in TOKEN.finditer((ROOT / path).read_text()):
        if m[1]:
            pasted = re.sub(r"STR_FMT|[A-Z_]+_WORDS", ' "%.*s" ', re.sub(r"PRI[a-zA-Z0-9]+", ' "d" ', m[1]))
            text = "".join(STRING.findall(pasted))
            if " " in text.strip():
                yield text


def of_schema(node):
    """Every x-message below a part of the interface's description."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "x-message":
            yield value
        elif isinstance(value, (dict, list)):
            yield from of_schema(value)


def sentences():
    found = {}
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *SOURCES], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.split()
    for path in sorted(set(listed)):
        if not PASSED_OVER.search(path):
            for text in of_source(path):
                found.setdefault(text, path)
    for m in re.finditer(r'ERR\(\w+, +"([^"]*)"', (ROOT / "base/err.def").read_text()):
        found.setdefault(m[1], "base/err.def")
    found.pop("ok")
    for text in of_schema(yaml.safe_load((ROOT / "api/openapi.yaml").read_text())):
        found.setdefault(text.replace("%", "%%"), "api/openapi.yaml")
    told = ((sentence(t), p) for t, p in found.items() if not NOT_FOR_PEOPLE.search(t))
    whole = {WHOLE.get(t, t): p for t, p in told}
    # they may say what there is to choose from
    whole.update({f"{t}: {{}}": p for t, p in whole.items() if t in ("an outcome is needed", "a reason is needed")})
    return whole


def main():
    found = sentences()
    wrong = []
    for language in ("pl", "ru"):
        words = json.loads((WORDS / f"{language}.json").read_text())
        wrong += [f"{path}: no {language}: {text}" for text, path in found.items() if text not in words]
        wrong += [f"{language}.json: nobody says any more: {text}" for text in words if text not in found]
        wrong += [f"{language}.json: other gaps than in: {text}" for text, said in words.items()
                  if text.count("{}") != said.count("{}")]
    print("\n".join(sorted(wrong)) if wrong else f"{len(found)} refusals in three languages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
