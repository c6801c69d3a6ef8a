"""Who becomes a customer's account owner when nobody chose one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    user: int
    languages: frozenset[str]
    customers: int
    """how many the candidate answers for now"""
    country: str = ""


def choose(candidates: Iterable[Candidate], languages: Sequence[str], country: str = "") -> int | None:
    """The user who speaks the customer's most preferred language, then sits in the customer's country, then answers for the fewest
    customers; the lowest id where all that is equal. Somebody who speaks none of the languages still beats nobody. None without candidates."""

    def rank(one: Candidate) -> tuple[int, int, int, int]:
        spoken = next((place for place, language in enumerate(languages) if language in one.languages), len(languages))
        return (spoken, 0 if country and one.country == country else 1, one.customers, one.user)

    best = min(candidates, key=rank, default=None)
    return best.user if best else None
