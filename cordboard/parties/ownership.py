"""Who becomes a customer's account owner when nobody chose one, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    user: int
    languages: frozenset[str]
    customers: int
    """how many the candidate answers for now"""
    country: str = ""
    unit: str = ""
    """code of the candidate's unit"""
    username: str = ""
    away: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What a rule of the managers asks for: somebody of a unit, or one person; with so many customers at most."""

    rule: str = ""
    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    """usernames"""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who it is, and why: `because` is {"code": ..., values}, put into words by the screen. None: there is nobody."""

    user: int | None
    because: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Customer:
    """What the choice goes by; `wish` is what the managers' rules say of this customer."""

    party: int
    languages: tuple[str, ...] = ()
    country: str = ""
    wish: Wish | None = None
    owner: int | None = None


def choose(candidates: Iterable[Candidate], languages: Sequence[str], country: str = "") -> int | None:
    """The user who speaks the customer's most preferred language, then sits in the customer's country, then answers for the fewest
    customers; the lowest id where all that is equal. Somebody who speaks none of the languages still beats nobody. None without candidates."""
    best = _best(list(candidates), languages, country)
    return best.user if best else None


def _best(candidates: Sequence[Candidate], languages: Sequence[str], country: str) -> Candidate | None:
    def rank(one: Candidate) -> tuple[int, int, int, int]:
        spoken = next((place for place, language in enumerate(languages) if language in one.languages), len(languages))
        return (spoken, 0 if country and one.country == country else 1, one.customers, one.user)

    return min(candidates, key=rank, default=None)


def assign(candidates: Sequence[Candidate], customer: Customer) -> Choice:
    """As `choose`, among those whom the rule wishes and who are at work. Where the wish leaves nobody (the unit is empty, all have as many customers as they may), it
    is passed over, and the reason says so; somebody who is away beats nobody."""
    wish = customer.wish
    pool = list(candidates)
    code = "by_language"
    if wish is not None and (wish.units or wish.people or wish.most is not None):
        wanted = [one for one in pool if _fits(one, wish)]
        pool, code = (wanted, "by_rule") if wanted else (pool, "rule_left_nobody")
    here = [one for one in pool if not one.away]
    best = _best(here or pool, customer.languages, customer.country)
    if best is None:
        return Choice(None, {"code": "nobody"})
    spoken = next((language for language in customer.languages if language in best.languages), "")
    return Choice(
        best.user,
        {
            "code": code, "rule": wish.rule if wish is not None else "", "language": spoken, "country": customer.country if best.country == customer.country else "",
            "customers": best.customers, "away": best.away,
        },
    )  # fmt: skip


def _fits(one: Candidate, wish: Wish) -> bool:
    if wish.most is not None and one.customers >= wish.most:
        return False
    if not wish.units and not wish.people:
        return True
    return one.unit in wish.units or one.username in wish.people


def plan(customers: Iterable[Customer], candidates: Iterable[Candidate]) -> list[tuple[Customer, Choice]]:
    """Many at once, loads counted on as they are given out: each customer with whom they would get. Who owns one already counts as they stand, so that giving a
    customer to whoever has it costs nobody a place."""
    load = {one.user: one for one in candidates}
    made: list[tuple[Customer, Choice]] = []
    for customer in customers:
        if customer.owner in load:
            one = load[customer.owner]
            load[customer.owner] = replace(one, customers=one.customers - 1)
        choice = assign(list(load.values()), customer)
        if choice.user is not None:
            one = load[choice.user]
            load[choice.user] = replace(one, customers=one.customers + 1)
        made.append((customer, choice))
    return made
