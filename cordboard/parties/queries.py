"""Reading customers. Every function says how many queries it makes; what it gives are always survivors of merges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.org.queries_absence import away
from cordboard.parties import normalise
from cordboard.parties.models import Address, Consent, ContactPoint, Deputy, FieldChange, Party, Relationship
from cordboard.parties.ownership import Candidate

DEFAULT_REGION = "NL"


def visible(user: User) -> QuerySet[Party]:
    """The customers whom `user` may see: own (as account owner or deputy), of the user's unit, or all. No query yet."""
    living = Party.objects.filter(root=None)
    match user_may(user, "parties.view"):
        case "all":
            return living
        case "unit" if user.unit_id is not None:
            return living.filter(Q(account_owner__unit=user.unit_id) | Q(account_owner=user) | Q(deputies__user=user)).distinct()
        case "own" | "unit":
            return living.filter(Q(account_owner=user) | Q(deputies__user=user)).distinct()
    return Party.objects.none()


def root_id(party_id: int) -> int:
    """The survivor of `party_id`'s merges, itself when never merged. One query. Raises Party.DoesNotExist."""
    found = _ROOT(party_id)
    if not found:
        raise Party.DoesNotExist(f"no party {party_id}")
    return found[0] or party_id


def ids_of(party_id: int) -> list[int]:
    """The survivor and all records merged into it: whose documents are this customer's. Two queries; the survivor is first.

    Raises Party.DoesNotExist."""
    root = root_id(party_id)
    return [root, *_MERGED_INTO(root)]


# ---- identifying ----
@dataclass(frozen=True, slots=True)
class Found:
    """Who stands behind a number or an address. Several are offered to choose from; none is ever guessed."""

    kind: Literal["one", "several", "none"]
    parties: tuple[Party, ...] = ()

    @property
    def party(self) -> Party | None:
        """The customer, where there is exactly one."""
        return self.parties[0] if self.kind == "one" else None


def _found(parties: Sequence[Party]) -> Found:
    return Found("none" if not parties else "one" if len(parties) == 1 else "several", tuple(parties))


_WITH_CONTACT_POINT = Kept(lambda kind, value: Party.objects.filter(contact_points__kind=kind, contact_points__value=value).order_by("pk")[:20])


def by_contact_point(kind: str, value: str) -> list[Party]:
    """All living customers with this contact point (`value` as normalised), in the order of their making. One query, one more where a
    merged record has it. At most 20."""
    rows = _WITH_CONTACT_POINT(kind, value)
    merged = {row.root_id for row in rows if row.root_id is not None}
    roots = Party.objects.in_bulk(merged) if merged else {}
    return list({root.pk: root for root in (roots.get(row.root_id or 0, row) for row in rows)}.values())


def identify(ani: str, region: str = DEFAULT_REGION) -> Found:
    """Who calls from `ani`, as the switch gives it ("+31205550123", "0205550123" within `region`, "anonymous", ""). Two queries at most."""
    number = normalise.phone_or_none(ani, region)
    return _found(by_contact_point("phone", number)) if number else Found("none")


def by_customer_number(given: str) -> Party | None:
    """The customer with this number, written or keyed in any way. One query at most."""
    digits = normalise.customer_number(given)
    if not 4 <= len(digits) <= 20:
        return None
    party = Party.objects.select_related("root").filter(customer_number=digits).first()
    return (party.root or party) if party else None


# ---- one customer ----
@dataclass
class Profile:
    """What the account information shows of the customer alone; orders, balances and products come from the packages that own them. Each part
    is one query, made when it is first asked for."""

    party: Party
    ids: list[int]
    during: str = ""

    @cached_property
    def address(self) -> Address | None:
        return _ADDRESS.first(self.ids)

    @cached_property
    def contact_points(self) -> list[ContactPoint]:
        return _CONTACT_POINTS(self.ids)

    @property
    def phones(self) -> list[ContactPoint]:
        return _once(self.contact_points, "phone")

    @property
    def emails(self) -> list[ContactPoint]:
        return _once(self.contact_points, "email")

    @property
    def socials(self) -> list[ContactPoint]:
        return _once(self.contact_points, "social")

    @cached_property
    def deputies(self) -> list[User]:
        return [row.user for row in Deputy.objects.filter(party=self.party).select_related("user")]

    @cached_property
    def related(self) -> list[Related]:
        links = Relationship.objects.filter(Q(source__in=self.ids) | Q(target__in=self.ids)).select_related("source", "target").order_by("pk")[:20]
        return [
            Related(link.source if link.target_id in self.ids else link.target, link.kind, link.note, link.target_id in self.ids)
            for link in links
            if not (link.source_id in self.ids and link.target_id in self.ids)
        ]

    @cached_property
    def changed(self) -> dict[str, FieldChange]:
        """By field, the newest change made in the course of `during`: marked until seen."""
        if not self.during:
            return {}
        return {change.field: change for change in _CHANGED(self.ids, self.during)}


_ADDRESS = Kept(lambda parties: Address.objects.filter(party__in=parties).order_by("-primary", "pk")[:1])
_CONTACT_POINTS = Kept(lambda parties: ContactPoint.objects.filter(party__in=parties).order_by("-primary", "pk"))
_CHANGED = Kept(lambda parties, origin: FieldChange.objects.filter(party__in=parties, origin=origin).select_related("by").order_by("pk"))


@dataclass(frozen=True, slots=True)
class Related:
    party: Party
    kind: str
    note: str
    of_us: bool
    """True: they are `kind` of this customer; False: this customer is `kind` of them"""


def profile(party_id: int, during: str = "") -> Profile:
    """A customer's profile, with what changed `during` ("interaction:91"). Two queries, and one for each part that is asked for.
    Raises Party.DoesNotExist. For a merged record, the survivor's profile."""
    asked = _PARTY.first(party_id)
    if asked is None:
        raise Party.DoesNotExist(f"no party {party_id}")
    return profile_of(asked.root or asked, during)


def profile_of(party: Party, during: str = "") -> Profile:
    """As `profile`, of a survivor that was just read, with its company and account owner. One query."""
    return Profile(party, [party.pk, *_MERGED_INTO(party.pk)], during)


_PARTY = Kept(lambda party: Party.objects.select_related("company", "account_owner", "root__company", "root__account_owner").filter(pk=party))
_ROOT = Kept(lambda party: Party.objects.filter(pk=party).values_list("root_id", flat=True))
_MERGED_INTO = Kept(lambda party: Party.objects.filter(root=party).order_by("pk").values_list("pk", flat=True))


def _once(points: Iterable[ContactPoint], kind: str) -> list[ContactPoint]:
    first: dict[str, ContactPoint] = {}
    for point in points:
        if point.kind == kind:
            first.setdefault(point.value, point)
    return list(first.values())


def changes(party_id: int, limit: int = 50) -> list[FieldChange]:
    """What was changed in a customer's profile, newest first. Two queries."""
    return list(FieldChange.objects.filter(party__in=ids_of(party_id)).select_related("by").order_by("-pk")[:limit])


def may_contact(party_id: int, channel: str, purpose: str, at: datetime | None = None) -> bool | None:
    """Whether the customer allows it: the newest consent of the pair, as of `at`. None when never asked. Two queries."""
    asked = Consent.objects.filter(party__in=ids_of(party_id), channel=channel, purpose=purpose)
    if at is not None:
        asked = asked.filter(at__lte=at)
    newest: bool | None = asked.order_by("-at", "-pk").values_list("granted", flat=True).first()
    return newest


def consents(party_id: int) -> list[Consent]:
    """The consent that holds for each channel and purpose. Two queries."""
    newest: dict[tuple[str, str], Consent] = {}
    for consent in Consent.objects.filter(party__in=ids_of(party_id)).order_by("at", "pk"):
        newest[consent.channel, consent.purpose] = consent
    return list(newest.values())


def cards(ids: Sequence[int]) -> dict[int, Party]:
    """Parties by id, each with `addresses` and `contact_points` fetched, for lists. Three queries."""
    rows = Party.objects.select_related("account_owner", "root").filter(pk__in=ids)
    rows = rows.prefetch_related(
        Prefetch("addresses", Address.objects.order_by("-primary", "pk")), Prefetch("contact_points", ContactPoint.objects.order_by("-primary", "pk"))
    )
    return {party.pk: party for party in rows}


# ---- account owners ----
def owner_candidates(now: datetime | None = None) -> list[Candidate]:
    """Who may own customers, with how many each has, what each speaks (the own language and `preferences.languages`) and who is away. Three queries."""
    absent = away(now or timezone.now())
    users = list(User.objects.filter(is_active=True, roles__permissions__has_key="parties.own").select_related("unit").distinct())
    rows = Party.objects.filter(root=None, account_owner__in=users).values_list("account_owner").annotate(owned=Count("pk"))
    owned: dict[int, int] = {owner: count for owner, count in rows if owner is not None}
    return [
        Candidate(
            user.pk,
            frozenset([user.language, *user.preferences.get("languages", ())]),
            owned.get(user.pk, 0),
            user.unit.country if user.unit else "",
            user.unit.code if user.unit else "",
            user.username,
            user.pk in absent,
        )
        for user in users
    ]
