"""Compile the message catalogues (.po to .mo) without gettext on the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).parent.parent / "cordboard" / "locale"


def main() -> None:
    for source in sorted(ROOT.glob("*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(source))
        catalogue.save_as_mofile(str(source.with_suffix(".mo")))
    if not ROOT.exists():
        sys.exit("there are no catalogues")


if __name__ == "__main__":
    main()
