"""Collect the words of code and templates into the catalogues, and say what is to be translated."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).parent.parent
LANGUAGES = ("nl", "ru", "th", "zh_Hans")


def main() -> None:
    package = ROOT / "cordboard"
    command = [sys.executable, "-m", "django", "makemessages", "--no-location", "--no-wrap", "--ignore", "tests", "--ignore", "static"]
    for language in LANGUAGES:
        command += ["--locale", language]
    subprocess.run(command, cwd=package, check=True)
    for path in sorted((package / "locale").glob("*/LC_MESSAGES/django.po")):
        catalogue = polib.pofile(str(path), wrapwidth=0)
        for entry in list(catalogue.obsolete_entries()):
            catalogue.remove(entry)
        catalogue.metadata.pop("POT-Creation-Date", None)
        catalogue.save()
        print(f"{path.parent.parent.name}: {len(catalogue.untranslated_entries())} to translate, {len(catalogue.fuzzy_entries())} to look at")


if __name__ == "__main__":
    main()
