"""Reading who answers for customers, and what the managers' rules wish of who does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from cordboard.org.absence import Away, stand_in
from cordboard.org.models import User
from cordboard.org.queries_absence import away
from cordboard.parties import ownership, queries
from cordboard.parties.models import Deputy, HandOff, Party
from cordboard.parties.ownership import Choice, Customer, Wish
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import Published, published

AREA = "ownership"


def wish(party: Party, policies: Iterable[Published], now: datetime) -> Wish | None:
    """What the managers' rules say of this customer; None where none holds. The queries of the facts that the rules ask."""
    situation = {"party": party, "now": now}
    for policy in policies:
        if policy.compiled is None:
            continue
        units: set[str] = set()
        people: set[str] = set()
        most: int | None = None
        rule = ""
        names = {one.id: one.name for one in policy.compiled.rules}
        for action in policy.compiled.evaluate(REGISTRY.reader(situation), now).actions:
            rule = rule or names.get(str(action["rule"]), str(action["rule"]))
            match action["do"]:
                case "owner_unit":
                    units.add(str(action["unit"]))
                case "owner_person":
                    people.add(str(action["person"]))
                case "owner_most":
                    most = int(action["customers"]) if most is None else min(most, int(action["customers"]))
        if rule:
            return Wish(rule, frozenset(units), frozenset(people), most)
    return None


def customer(party: Party, now: datetime | None = None, policies: Iterable[Published] | None = None) -> Customer:
    """What the choice of an owner goes by. One query without `policies`, and those of the facts that the rules ask."""
    found = wish(party, published(AREA) if policies is None else policies, now or timezone.now())
    return Customer(party.pk, tuple(party.languages), party.country, found, party.account_owner_id)


def planned(parties: Sequence[int], now: datetime | None = None) -> list[tuple[Customer, Choice]]:
    """Who would get these customers by the rules, in the order given. Four queries, and for each customer those of the facts that the rules ask."""
    rows, policies = Party.objects.in_bulk(list(parties)), published(AREA)
    customers = [customer(rows[pk], now, policies) for pk in parties if pk in rows and rows[pk].root_id is None]
    return ownership.plan(customers, queries.owner_candidates(now))


def to_assign(*, owner: int | None = None, segment: str = "", country: str = "") -> QuerySet[Party]:
    """Customers whom `owner` answers for (None: nobody does), of a segment or country where those are given. No query yet."""
    rows = Party.objects.filter(root=None, account_owner=owner, roles__kind="customer")
    rows = rows.filter(value_segment=segment) if segment else rows
    return (rows.filter(country=country) if country else rows).order_by("pk")


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a customer now: the owner, or who stands in while the owner is away (`until` the day of return)."""

    owner: User | None
    deputies: list[User]
    answers: User | None
    away: Away | None
    log: list[HandOff]


def responsible(party: Party, now: datetime) -> Responsible:
    """Five queries at most."""
    deputies = [row.user for row in Deputy.objects.filter(party=party).select_related("user").order_by("order") if row.user.is_active]
    absent = away(now)
    owner = party.account_owner
    who = answering(party.account_owner_id, [one.pk for one in deputies], absent)
    known = {one.pk: one for one in (*deputies, *([owner] if owner is not None else []))}
    answers = (known.get(who) or User.objects.filter(pk=who).first()) if who is not None else None
    rows = HandOff.objects.filter(party__in=[party.pk]).select_related("old", "new", "by").order_by("-at", "-pk")[:20]
    return Responsible(owner, deputies, answers, absent.get(party.account_owner_id or 0), list(rows))


def answers(party: Party, now: datetime) -> User | None:
    """Who answers for a customer now, with an account that is open: the owner, or who stands in. Three queries."""
    deputies = list(Deputy.objects.filter(party=party, user__is_active=True).order_by("order").values_list("user_id", flat=True))
    who = answering(party.account_owner_id, deputies, away(now))
    return User.objects.select_related("unit").filter(pk=who, is_active=True).first() if who is not None else None


def answering(owner: int | None, deputies: Sequence[int], absent: dict[int, Away]) -> int | None:
    """Who answers: the owner, or who stands in. Without an owner the first deputy who is at work. Pure."""
    if owner is None:
        return next((one for one in deputies if one not in absent), None)
    return stand_in(owner, absent, deputies)


def owners(users: Iterable[Any]) -> list[User]:
    """Who may own customers, by name. One query."""
    return list(User.objects.filter(is_active=True, roles__permissions__has_key="parties.own").distinct().order_by("name"))
