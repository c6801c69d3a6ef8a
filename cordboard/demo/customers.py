"""Writing the demo's customers, some at a time: each transaction holds a few customers with all they have, or none of it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.catalogue.models import Fault, Product, RegisteredProduct
from cordboard.demo import stories
from cordboard.demo.contacts import Contacts, World, contacts
from cordboard.demo.draw import SEED, Person, people
from cordboard.demo.trade import Trade, products, trade
from cordboard.events import log
from cordboard.interactions.models import Interaction, InteractionReason, Note, Segment
from cordboard.knowledge.models import ArticleUse
from cordboard.org.models import User
from cordboard.parties import normalise, ownership, queries
from cordboard.parties.actions import words_of
from cordboard.parties.models import Address, Consent, ContactPoint, Deputy, Party, PartyRole, Relationship, Word
from cordboard.parties.ownership import Candidate
from cordboard.routing.models import Entry
from cordboard.sales.actions import value_policy
from cordboard.sales.models import Invoice, Order, OrderLine
from cordboard.sales.valuation import judge
from cordboard.sales.value import Purchase
from cordboard.tickets.models import Ticket, TicketInteraction, TicketMessage

A_TIME = 12
"""Customers a transaction: some forty rows each."""

# each before what refers to it
TRADE: tuple[tuple[Any, str], ...] = (
    (Order, "orders"),
    (OrderLine, "lines"),
    (Invoice, "invoices"),
    (RegisteredProduct, "registered"),
    (Fault, "faults"),
)
TOLD: tuple[tuple[Any, str], ...] = (
    (Interaction, "interactions"),
    (Segment, "segments"),
    (Entry, "entries"),
    (InteractionReason, "reasons"),
    (Note, "notes"),
    (Ticket, "tickets"),
    (TicketInteraction, "links"),
    (TicketMessage, "ticket_notes"),
    (ArticleUse, "uses"),
)


def build(now: datetime | None = None) -> int:
    """Write the customers who are not there yet; returns how many."""
    now = now or timezone.now()
    catalogue = products()
    known = set(Party.objects.values_list("customer_number", flat=True))
    missing = [(place, person) for place, person in enumerate(people(now.date())) if person.number not in known]
    if not missing:
        return 0
    world = World.read()
    owners = _Owners(queries.owner_candidates())
    row, policy = value_policy()
    rest = iter(missing)
    while some := list(islice(rest, A_TIME)):
        with transaction.atomic():
            written = _write(some, catalogue, world, owners, now)
            for party, trade_ in written:
                purchases = [Purchase(order.ordered_at.date(), order.total, order.currency) for order in trade_.orders]
                judgement = judge(purchases, party.customer_since, policy, now)
                party.value_segment, party.value_reason, party.value_at = judgement.segment, judgement.reason(row.code, row.version), now
            Party.objects.bulk_update([party for party, _trade in written], ["value_segment", "value_reason", "value_at"])
    _relate()
    return len(missing)


class _Owners:
    """Account owners by the rule, counted in memory while many are given out."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.candidates = {one.user: one for one in candidates}
        self.by_name = dict(User.objects.values_list("username", "pk"))

    def give(self, person: Person) -> int | None:
        picked = self.by_name.get(person.owner) or ownership.choose(self.candidates.values(), person.languages, person.country)
        if picked in self.candidates:
            one = self.candidates[picked]
            self.candidates[picked] = Candidate(one.user, one.languages, one.customers + 1, one.country)
        return picked

    def deputy_of(self, owner: int, person: Person) -> int | None:
        return ownership.choose([one for one in self.candidates.values() if one.user != owner], person.languages, person.country)


def _write(some: Sequence[tuple[int, Person]], catalogue: dict[str, Product], world: World, owners: _Owners, now: datetime) -> list[tuple[Party, Trade]]:
    parties = [_party(person, owners, now) for _place, person in some]
    Party.objects.bulk_create(parties)
    points: list[ContactPoint] = []
    addresses: list[Address] = []
    words: list[Word] = []
    roles: list[PartyRole] = []
    deputies: list[Deputy] = []
    consents: list[Consent] = []
    trades: list[Trade] = []
    told: list[Contacts] = []
    for (place, person), party in zip(some, parties, strict=True):
        rng = random.Random(f"{SEED}-{person.number}")
        roles.append(PartyRole(party=party, kind=PartyRole.Kind.CUSTOMER))
        points += _points(party, person, now)
        addresses.append(
            Address(
                party=party,
                street=person.street,
                postcode=person.postcode,
                city=person.city,
                city_key=normalise.fold(person.city),
                region=person.region,
                country=person.country,
            )
        )
        words += words_of(party, [person.city])
        if party.account_owner_id and (deputy := owners.deputy_of(party.account_owner_id, person)):
            deputies.append(Deputy(party=party, user_id=deputy))
        if person.email and rng.random() < 0.4:
            consents.append(Consent(party=party, channel="email", purpose="marketing", granted=rng.random() < 0.8, proof="ticked at the order", at=now))
        bought, talked = _life(party, person, place, catalogue, world, now, rng)
        trades.append(bought)
        told.append(talked)
    _create(ContactPoint, points)
    _create(Address, addresses)
    _create(Word, words)
    _create(PartyRole, roles)
    _create(Deputy, deputies)
    _create(Consent, consents)
    for model, part in TRADE:
        _create(model, [row for one in trades for row in getattr(one, part)])
    for model, part in TOLD:
        _create(model, [row for one in told for row in getattr(one, part)])
    log.record("parties.imported", actor="system", why="demo centre", count=len(parties))
    return list(zip(parties, trades, strict=True))


def _create(model: Any, rows: list[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=100)


def _party(person: Person, owners: _Owners, now: datetime) -> Party:
    return Party(
        name=person.name, given_name=person.given, family_name=person.family, name_key=normalise.fold(person.name), salutation=person.salutation,
        customer_number=person.number, customer_since=person.since, languages=person.languages, country=person.country, timezone=person.timezone,
        account_owner_id=owners.give(person), owner_note=person.note, flags=person.flags, created_at=now,
    )  # fmt: skip


def _points(party: Party, person: Person, now: datetime) -> list[ContactPoint]:
    points = [
        ContactPoint(
            party=party,
            kind="phone",
            value=number,
            display=normalise.phone_shown(number),
            label="mobile" if place else "home",
            primary=place == 0,
            verified_at=now if place == 0 else None,
            created_at=now,
        )
        for place, number in enumerate(person.phones)
    ]
    if person.email:
        points.append(ContactPoint(party=party, kind="email", value=normalise.email(person.email), display=person.email, primary=True, created_at=now))
    return points


def _life(party: Party, person: Person, place: int, catalogue: dict[str, Product], world: World, now: datetime, rng: random.Random) -> tuple[Trade, Contacts]:
    match person.story:
        case "noor":
            return stories.noor(party, person, catalogue, world, now, rng)
        case "margaret":
            return stories.margaret(party, person, catalogue, world, now, rng)
    bought = trade(party, person, catalogue, place, now.date(), rng)
    talked = contacts(party, person, bought.registered, world, now, rng)
    if person.story == "twice-this-week":
        stories.twice_this_week(talked, party, person, world, now)
    return bought, talked


RELATED = (
    # source is ... of target
    ("44716685", Relationship.Kind.HOUSEHOLD_OF, "44716677", ""),
    ("44710946", Relationship.Kind.AUTHORISED, "44710938", "grandson; may ask and book, bank details stay closed"),
)


def _relate() -> None:
    """A household that shares a number, and a grandson who calls for his grandmother."""
    numbers = {number for source, _kind, target, _note in RELATED for number in (source, target)}
    with transaction.atomic():
        party = {one.customer_number: one for one in Party.objects.filter(customer_number__in=numbers)}
        for source, kind, target, note in RELATED:
            if source in party and target in party:
                Relationship.objects.get_or_create(source=party[source], target=party[target], kind=kind, defaults={"note": note})
