"""Fails when a catalogue has a gap: a message of the program missing, untranslated, fuzzy, or with other placeholders."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

import polib
from make_messages import collect

ROOT = Path(__file__).parent.parent
LANGUAGES = ("nl", "ru", "th", "zh_Hans")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+(?::\w+)?\}|%[sd]")


def messages_of_the_program() -> set[tuple[str, str]]:
    """(context, message) of everything marked for translation, collected afresh."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "cordboard"
        shutil.copytree(ROOT / "cordboard", copy, ignore=shutil.ignore_patterns("locale", "static", "tests", "__pycache__", "node_modules"))
        (copy / "locale" / "nl" / "LC_MESSAGES").mkdir(parents=True)
        collect(copy, ["nl"], quiet=True)
        return {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(copy / "locale/nl/LC_MESSAGES/django.po"))}


def problems(language: str, wanted: set[tuple[str, str]]) -> list[str]:
    path = ROOT / "cordboard" / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return [f"{language}: there is no catalogue"]
    catalogue = polib.pofile(str(path))
    found = []
    known = {(entry.msgctxt or "", entry.msgid) for entry in catalogue if not entry.obsolete}
    found += [f"{language}: missing {message!r}" for _, message in sorted(wanted - known)]
    found += [f"{language}: no longer used {message!r}" for _, message in sorted(known - wanted)]
    found += [f"{language}: fuzzy {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    found += [f"{language}: untranslated {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    for entry in catalogue.translated_entries():
        texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
        originals = [set(PLACEHOLDER.findall(text)) for text in (entry.msgid, entry.msgid_plural or entry.msgid)]
        for text in texts:
            if set(PLACEHOLDER.findall(text)) not in originals:
                found.append(f"{language}: other placeholders in {entry.msgid!r}")
                break
    return found


def main() -> None:
    wanted = messages_of_the_program()
    found = [line for language in LANGUAGES for line in problems(language, wanted)]
    for line in found[:60]:
        print(line)
    if found:
        sys.exit(f"{len(found)} gaps in the catalogues: `make messages`, then translate")
    print(f"Catalogues complete: {len(wanted)} messages in {len(LANGUAGES) + 1} languages")


if __name__ == "__main__":
    main()
