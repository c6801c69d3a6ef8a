"""One box that finds a customer by whatever the caller says: name, part of a name, place, number, e-mail, customer number; and by what
upper packages recognise (order, serial). At most seven queries and the finders' own, whatever is found; an index serves each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from cordboard.lib.prefix import starts_with
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.parties import finders, normalise
from cordboard.parties.addresses import short
from cordboard.parties.models import Address, ContactPoint, Party, Word
from cordboard.parties.queries import DEFAULT_REGION, cards, visible

Offer = Callable[[int, int, str, str], None]

CANDIDATES = 200
"""Parties looked at by name before ranking: more match a common name than anybody reads."""


@dataclass(frozen=True, slots=True)
class Hit:
    party: Party
    score: int
    why: str
    """customer_number, phone, email, social, postcode, name, place, or what a finder says (order, serial)"""
    matched: str
    """what matched, in writing"""

    @property
    def place(self) -> str:
        address = next(iter(self.party.addresses.all()), None)
        return short(address) if address else ""

    @property
    def phone(self) -> str:
        return next((point.value for point in self.party.contact_points.all() if point.kind == "phone"), "")


def search(user: User, typed: str, *, region: str = DEFAULT_REGION, limit: int = 20) -> list[Hit]:
    """The customers whom `user` may see and who fit what was typed, best first. Numbers of this country are read as of `region`."""
    text = " ".join(typed.split())[:200]
    if user_may(user, "parties.view") is None:
        return []
    if len(text) < 2 and not any("\u3400" <= sign <= "\u9fff" for sign in text):
        return []
    found: dict[int, tuple[int, str, str]] = {}

    def offer(party: int, score: int, why: str, matched: str) -> None:
        if score > found.get(party, (0, "", ""))[0]:
            found[party] = (score, why, matched)

    _by_numbers(text, region, offer)
    for finding in finders.findings(text):
        offer(finding.party, 90, finding.why, finding.shown)
    _by_words(text, offer)
    if not found:
        return []

    best = sorted(found, key=lambda party: (-found[party][0], party))[:CANDIDATES]
    rows = {pk: (root or pk, key) for pk, root, key in Party.objects.filter(pk__in=best).values_list("pk", "root_id", "name_key")}
    score_of: dict[int, tuple[int, str, str]] = {}
    for party in best:
        if party in rows:
            score_of.setdefault(rows[party][0], found[party])
    if user_may(user, "parties.view") != "all":
        seen = set(visible(user).filter(pk__in=list(score_of)).values_list("pk", flat=True))
        score_of = {root: score for root, score in score_of.items() if root in seen}
    # only what is shown is read in full: a common name fits hundreds
    shown = sorted(score_of, key=lambda root: (-score_of[root][0], rows.get(root, (root, ""))[1], root))[:limit]
    loaded = cards(shown)
    return [Hit(loaded[root], *score_of[root]) for root in shown if root in loaded]


def _by_numbers(text: str, region: str, offer: Offer) -> None:
    digits = normalise.customer_number(text)
    points = Q()
    if "@" in text:
        try:
            value = normalise.email(text)
        except normalise.NotNormal:  # still being typed: "noor@"
            value = text.lower()
        points = Q(kind="email") & starts_with("value", value)
    elif len(digits) >= 6 and len(digits) >= len(re.sub(r"[\s()./+-]", "", text)) - 1:
        number = normalise.phone_or_none(text, region)
        points = Q(kind="phone") & starts_with("value", number or "+" + digits)  # the beginning is enough: it may still be being typed
    elif ":" in text:
        try:
            points = Q(kind="social", value=normalise.social(text))
        except normalise.NotNormal:
            points = Q()
    if points:
        for party, kind, shown in ContactPoint.objects.filter(points).values_list("party_id", "kind", "display")[:50]:
            offer(party, 95, kind, shown)
    if len(digits) >= 4 and not re.search(r"[^\W\d]", text):
        numbered = Party.objects.filter(starts_with("customer_number", digits)).values_list("pk", "customer_number")[:50]
        for party, number in numbered:
            offer(party, 100 if number == digits else 60, "customer_number", number or "")
    code = text.upper()
    if 3 <= len(code) <= 10 and any(sign.isdigit() for sign in code):
        spaced = f"{code[:4]} {code[4:]}" if re.fullmatch(r"\d{4}[A-Z]{2}", code) else code
        for party, postcode in Address.objects.filter(postcode__in={code, spaced}).values_list("party_id", "postcode")[:50]:
            offer(party, 50, "postcode", postcode)


def _by_words(text: str, offer: Offer) -> None:
    words = normalise.fold(text).split()[:5]
    if not words or "@" in text:
        return
    fitting: QuerySet[Party] = Party.objects.all()
    # the rarest word is most likely the longest: it goes first where the database takes them in our order
    for word in sorted(words, key=len, reverse=True):
        fitting = fitting.filter(pk__in=Word.objects.filter(starts_with("word", word[:40])).values("party"))
    rows = fitting.values_list("pk", "name_key", "name")[:CANDIDATES]
    whole = " ".join(words)
    for party, key, name in rows:
        names = key.split()
        in_name = sum(any(part.startswith(word) or word in part for part in names) for word in words)
        exact = sum(word in names for word in words)
        if key == whole:
            offer(party, 85, "name", name)
        elif in_name:
            bonus = 10 if key.startswith(whole) else 0
            offer(party, 40 + min(20, 6 * in_name + 2 * exact) + bonus, "name", name)
        else:
            offer(party, 30, "place", name)
