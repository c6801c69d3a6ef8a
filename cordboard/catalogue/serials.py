"""What a product's serial numbers look like, and whether one that was read out can be right. Pure.

A format is written as people write one: `#` stands for a digit, `@` for a letter, `?` for either, every other sign for itself ("W8-####-######"). Signs that
only part a number (space, dash, dot, slash) may be left out or given otherwise.
"""

from __future__ import annotations

PARTING = frozenset(" -./_")
KINDS = {"#": str.isdigit, "@": str.isalpha, "?": str.isalnum}


def tidy(given: str) -> str:
    """Without white space, in capitals: as serials are kept."""
    return "".join(given.split()).upper()


def bare(serial: str) -> str:
    """Without the signs that only part it: two serials with one bare form are the same number, typed in two ways."""
    return "".join(sign for sign in tidy(serial) if sign not in PARTING)


def fits(serial: str, shape: str) -> bool:
    """Whether `serial` can be one of this format. Without a format everything can."""
    signs = [sign for sign in shape.upper() if sign not in PARTING]
    given = bare(serial)
    if not signs:
        return True
    return len(given) == len(signs) and all(
        KINDS[wanted](sign) and sign.isascii() if wanted in KINDS else sign == wanted for sign, wanted in zip(given, signs, strict=True)
    )


def parted(serial: str, shape: str) -> str:
    """As its format writes it: "w82411100023" becomes "W8-2411-100023". What does not fit stays as it is, tidied."""
    if not shape or not fits(serial, shape):
        return tidy(serial)
    given = iter(bare(serial))
    return "".join(sign if sign in PARTING else next(given) for sign in shape.upper())


def example(shape: str) -> str:
    """A number of this format, to show: "W8-1234-123456"."""
    digits, letters = iter("1234567890" * 6), iter("ABCDEFGHJK" * 6)
    run = ""
    for sign in shape.upper():
        if sign in PARTING:
            digits = iter("1234567890" * 6)
        run += next(digits) if sign in "#?" else next(letters) if sign == "@" else sign
    return run
