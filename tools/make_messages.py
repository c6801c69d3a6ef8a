"""Collect the words of code and templates into the catalogues, and say what is to be translated."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import polib
from django.core.management import call_command
from django.core.management.commands.makemessages import Command

ROOT = Path(__file__).parent.parent
LANGUAGES = ("nl", "ru", "th", "zh_Hans")


class Collect(Command):
    """Also under the short names by which we import gettext_lazy and gettext_noop, and what the checks of flows say (`look.wrong(step, code, phrase)`): without
    them their words would be silently left out."""

    xgettext_options = [*Command.xgettext_options, "--keyword=later", "--keyword=noop", "--keyword=wrong:3", "--keyword=note:3"]


def collect(package: Path, languages: Sequence[str], *, quiet: bool = False) -> None:
    """The words of the code and templates below `package` into its catalogues."""
    back = Path.cwd()
    os.chdir(package)
    try:
        call_command(Collect(), locale=list(languages), no_location=True, no_wrap=True, ignore_patterns=["tests", "static"], verbosity=0 if quiet else 1)
    finally:
        os.chdir(back)


def main() -> None:
    package = ROOT / "cordboard"
    collect(package, LANGUAGES)
    for path in sorted((package / "locale").glob("*/LC_MESSAGES/django.po")):
        catalogue = polib.pofile(str(path), wrapwidth=0)
        for entry in list(catalogue.obsolete_entries()):
            catalogue.remove(entry)
        catalogue.metadata.pop("POT-Creation-Date", None)
        catalogue.save()
        print(f"{path.parent.parent.name}: {len(catalogue.untranslated_entries())} to translate, {len(catalogue.fuzzy_entries())} to look at")


if __name__ == "__main__":
    main()
