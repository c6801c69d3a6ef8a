"""What a tag may look like. Pure."""

from __future__ import annotations

import unicodedata

LONGEST = 40


def tidy(given: str) -> str:
    """A tag as it is kept: one line, no signs that cannot be seen, lower case, at most LONGEST signs; "" when nothing is left."""
    plain = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", given) if sign.isprintable() or sign.isspace())
    return " ".join(plain.casefold().split())[:LONGEST].strip()
