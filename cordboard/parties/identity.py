"""Is it really the customer? Questions drawn from the record, and what the answers come to. Pure, but for the registry: packages that know more of a
customer than parties does offer it with `source`.

A question is one whose answer the record has and the caller has not shown already. Two right answers prove it; two wrong ones end it. A caller's number and
a customer number are hints that others can have seen: they are never asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NEEDED = 2
"""Right answers that prove it."""
ALLOWED_WRONG = 1
ASKED = 3
"""Questions offered at a time."""


@dataclass(frozen=True, slots=True)
class Known:
    """Something that the record knows: `code` names the question, `strength` (1 to 3) how few others know the answer."""

    code: str
    answer: str
    strength: int = 1


class Verdict(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


Read = Callable[[Sequence[int], date], Iterable[Known]]
_sources: list[Read] = []


def source(read: Read) -> None:
    """`read(party ids, today)` gives what a package knows of a customer."""
    _sources.append(read)


def known(parties: Sequence[int], today: date) -> list[Known]:
    """What all packages know. As many queries as they make together."""
    return [one for read in _sources for one in read(parties, today) if folded(one.answer)]


def choose(facts: Iterable[Known], asked: Iterable[str], turn: int, count: int = ASKED) -> list[Known]:
    """The next questions: the strongest that were not asked yet, one for each code; among equals `turn` (the contact) decides, so that a listener does not learn
    which come next."""
    done = set(asked)
    fresh: dict[str, Known] = {}
    for one in facts:
        if one.code not in done:
            fresh.setdefault(one.code, one)
    names = sorted(fresh)
    place = {code: (at + turn) % len(names) for at, code in enumerate(names)}
    return sorted(fresh.values(), key=lambda one: (-one.strength, place[one.code]))[:count]


def folded(answer: str) -> str:
    """Without case, accents, spaces and signs: 1234 AB is 1234ab."""
    plain = unicodedata.normalize("NFKD", answer).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def right(answers: Iterable[str], given: str) -> bool:
    """Whether what the caller said is one of the answers."""
    said = folded(given)
    return bool(said) and any(folded(one) == said for one in answers)


def verdict(results: Iterable[bool]) -> Verdict:
    """What the answers so far come to, in their order: what came after the end does not count."""
    good = bad = 0
    for one in results:
        good, bad = good + one, bad + (not one)
        if bad > ALLOWED_WRONG:
            return Verdict.FAILED
        if good >= NEEDED:
            return Verdict.PASSED
    return Verdict.OPEN


def masked(value: str, keep: int = 2) -> str:
    """A detail of which only the last signs are shown."""
    signs = [at for at, sign in enumerate(value) if sign.isalnum()]
    hidden = set(signs[: max(0, len(signs) - keep)])
    return "".join("•" if at in hidden else sign for at, sign in enumerate(value))
