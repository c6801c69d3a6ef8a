"""Takes out of a text whose matter it was: names, numbers and addresses of the people in it, and what looks like such. Pure.

What is known is found however it is written (case, spaces and dashes in numbers); beside that, e-mail addresses, telephone and account numbers are known by their
form. Fault codes, model names and short numbers stay: they are the knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NAME, NUMBER, ADDRESS, EMAIL = "name", "number", "address", "email"
LEAST_NAME = 3
"""Letters of a part of a name in writing with spaces between words; in other writing two are enough."""
LEAST_DIGITS = 7
"""From so many digits on, however they are parted, it is somebody's number."""

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_DIGITS = re.compile(rf"(?<![\w.,])\+?\(?\d(?:[ ()./-]{{0,2}}\d){{{LEAST_DIGITS - 1},20}}(?!\w)")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Known:
    """Of everybody who was part of it."""

    names: Iterable[str] = ()
    numbers: Iterable[str] = ()
    """Telephone, customer, order, serial numbers."""
    addresses: Iterable[str] = ()
    """Streets with numbers, postcodes."""
    emails: Iterable[str] = ()


@dataclass(slots=True)
class Cleaned:
    text: str
    removed: dict[str, int] = field(default_factory=dict)
    """How many of each kind."""


def cleaned(text: str, known: Known, words: Mapping[str, str]) -> Cleaned:
    """`words`: what stands in the place of each kind ("[name]")."""
    found = Cleaned(text)
    for given in _longest(known.emails):
        _out(found, re.compile(re.escape(given), re.IGNORECASE), EMAIL, words)
    _out(found, _EMAIL, EMAIL, words)
    for given in _longest(known.addresses):
        _out(found, _loose(given), ADDRESS, words)
    _out(found, _IBAN, NUMBER, words)
    for given in _longest(known.numbers):
        if sum(sign.isdigit() for sign in given) >= 4:
            _out(found, _number(given), NUMBER, words)
    _out(found, _DIGITS, NUMBER, words)
    for given in _longest(part for name in known.names for part in _parts(name)):
        _out(found, _loose(given), NAME, words)
    return found


def _out(found: Cleaned, pattern: re.Pattern[str], kind: str, words: Mapping[str, str]) -> None:
    found.text, times = pattern.subn(lambda _match: words[kind], found.text)
    if times:
        found.removed[kind] = found.removed.get(kind, 0) + times


def _longest(given: Iterable[str]) -> list[str]:
    """The longest first: "Noor de Vries" before "Noor"."""
    return sorted({" ".join(one.split()) for one in given if one.strip()}, key=lambda one: (-len(one), one))


def _parts(name: str) -> list[str]:
    """A name whole, and those of its words that are somebody's alone (not "de", not "&")."""
    whole = " ".join(name.split())
    parts = [one.strip(".,()") for one in whole.split()]
    return [
        one for one in (whole, *parts) if len(one) >= (2 if _UNSPACED.search(one) else LEAST_NAME) and one[:1].upper() == one[:1] and any(map(str.isalpha, one))
    ]


def _loose(given: str) -> re.Pattern[str]:
    """Whole words, however they are spaced and cased; where words have no spaces between them, anywhere."""
    written = r"\s*".join(re.escape(word) for word in given.split()) if any(map(str.isdigit, given)) else r"\s+".join(re.escape(word) for word in given.split())
    return re.compile(written if _UNSPACED.search(given) else rf"(?<!\w){written}(?!\w)", re.IGNORECASE)


def _number(given: str) -> re.Pattern[str]:
    """With any spaces, dots, dashes and brackets between the signs."""
    signs = [re.escape(sign) for sign in given if sign.isalnum()]
    return re.compile(r"(?<!\w)\+?\(?" + r"[ ()./-]{0,2}".join(signs) + r"(?!\w)", re.IGNORECASE)
