"""The only writers of customers: each action is one transaction with its event in it.

`by` is the user who does it, None for the system; `during` says in the course of what ("interaction:91"), so that the next agent
sees what changed and the screens of that contact hear of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties import normalise, queries
from cordboard.parties.actions_ownership import assign_new
from cordboard.parties.actions_ownership import set_account_owner as set_account_owner
from cordboard.parties.models import Address, Consent, ContactPoint, FieldChange, Party, PartyRole, Word

FIELDS = (
    "kind", "name", "given_name", "family_name", "salutation", "company", "languages", "preferred_way", "country", "timezone", "owner_note", "flags",
)  # fmt: skip
ADDRESS_FIELDS = ("street", "postcode", "city", "region", "country")
FLAGS = ("vulnerable", "threatening", "deceased")
FIRST_NUMBER = 50_000_000
"""Customer numbers that we give begin here: eight digits, easy to key."""


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    theirs: str
    yours: str


class Conflict(Exception):
    """Somebody else changed the same fields since the form was drawn. Nothing was saved; both texts are in `differences`."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(", ".join(one.field for one in differences))
        self.differences = list(differences)


def _actor(by: User | None) -> str:
    return f"user:{by.pk}" if by else "system"


# ---- create and change ----
def create(
    by: User | None,
    *,
    name: str = "",
    given_name: str = "",
    family_name: str = "",
    kind: str = Party.Kind.PERSON,
    languages: Sequence[str] = (),
    country: str = "",
    phone: str = "",
    email: str = "",
    address: Mapping[str, str] | None = None,
    company: Party | None = None,
    during: str = "",
    now: datetime | None = None,
) -> Party:
    """A new customer, with a customer number and an account owner; all that is asked for is a name. Raises ValidationError by field
    ({"phone": ...}) and PermissionDenied."""
    if by is not None:
        require(by, "parties.create")
    now = now or timezone.now()
    name = " ".join((name or f"{given_name} {family_name}").split())
    faults = too_long(
        {"name": name, "given_name": given_name, "family_name": family_name, **{f"address.{part}": text for part, text in (address or {}).items()}}
    )
    if not name:
        faults["name"] = _("A customer needs a name.")
    if unknown := [language for language in languages if language not in LANGUAGES]:
        faults["languages"] = _("%(language)s is not a language we speak.") % {"language": ", ".join(unknown)}
    region = country or queries.DEFAULT_REGION
    points: list[tuple[str, str, str]] = []
    for field, given in (("phone", phone), ("email", email)):
        if given.strip():
            try:
                points.append((field, normalise.contact_point(field, given, region), given.strip()))
            except normalise.NotNormal as fault:
                faults[field] = not_normal_text(fault)
    if faults:
        raise ValidationError(faults)
    if not country:
        country = next((normalise.phone_country(value) for kind_, value, _given in points if kind_ == "phone"), "")

    with transaction.atomic():
        party = Party.objects.create(
            kind=kind, name=name, given_name=given_name.strip(), family_name=family_name.strip(), name_key=normalise.fold(name)[:200],
            languages=list(languages), country=country, company=company, customer_since=now.date(), created_at=now,
        )  # fmt: skip
        _give_number(party)
        PartyRole.objects.create(party=party, kind=PartyRole.Kind.CUSTOMER)
        for place, (point_kind, value, given) in enumerate(points):
            ContactPoint.objects.create(party=party, kind=point_kind, value=value, display=given, primary=place == 0, created_at=now)
        if address and any(address.values()):
            _write_address(party, address, country)
        _index(party)
        log.record("parties.created", actor=_actor(by), party=party.pk, during=during or None)
        assign_new(party, now=now)
    return party


def _give_number(party: Party) -> None:
    number = FIRST_NUMBER + party.pk
    while True:
        party.customer_number = str(number)
        try:
            with transaction.atomic():
                party.save(update_fields=["customer_number"])
        except IntegrityError:  # a number from an older system stands in the way
            number += 10_000_000
            continue
        return


def not_normal_text(fault: normalise.NotNormal) -> str:
    """A sentence for the screen."""
    match fault.reason:
        case "phone":
            return _("%(given)s is not a telephone number.") % {"given": fault.given}
        case "email":
            return _("%(given)s is not an e-mail address.") % {"given": fault.given}
        case "social":
            return _("%(given)s is not a name on a social site.") % {"given": fault.given}
    return _("Enter something.")


def change(
    party_id: int,
    fields: Mapping[str, Any],
    by: User | None,
    *,
    during: str = "",
    version: int | None = None,
    seen: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Change a profile; returns the names of what changed. `fields` are of FIELDS, and of the address as "address.street".

    With `seen` (what the form showed), fields that somebody else changed meanwhile raise Conflict; with `version` alone, any other
    version does. What both set alike is no conflict. Raises ValidationError, PermissionDenied, Party.DoesNotExist."""
    if by is not None:
        require(by, "parties.change")
    _check(fields)
    now = now or timezone.now()
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=queries.root_id(party_id))
        address = party.addresses.order_by("-primary", "pk").first()
        old = {name: _value(party, address, name) for name in fields}
        differing = [name for name, value in fields.items() if old[name] != value]
        if seen is not None:
            clashing = [name for name in differing if name in seen and seen[name] != old[name]]
        else:
            clashing = differing if version is not None and version != party.version else []
        if clashing:
            raise Conflict([Difference(name, as_text(old[name]), as_text(fields[name])) for name in clashing])
        if not differing:
            return []
        for name in differing:
            if not name.startswith("address."):
                setattr(party, name, fields[name])
        if {"given_name", "family_name"} & set(differing) and "name" not in differing:
            whole = " ".join(f"{party.given_name} {party.family_name}".split())
            if whole and whole != party.name:
                differing.append("name")
                old["name"], party.name = party.name, whole
        parts = {name.removeprefix("address."): fields[name] for name in differing if name.startswith("address.")}
        if parts:
            before = {part: getattr(address, part) for part in ADDRESS_FIELDS} if address else {}
            _write_address(party, {**before, **parts}, party.country, address)
        party.name_key = normalise.fold(party.name)[:200]
        party.version += 1
        party.save()
        if parts or "name" in differing:
            _index(party)
        FieldChange.objects.bulk_create(
            FieldChange(party=party, field=name, old=as_text(old[name]), new=as_text(_after(party, fields, name)), by=by, origin=during, at=now)
            for name in differing
        )
        log.record("parties.changed", actor=_actor(by), party=party.pk, fields=differing, during=during or None)
    return differing


def _after(party: Party, fields: Mapping[str, Any], name: str) -> Any:
    return fields[name] if name in fields else getattr(party, name)


def too_long(fields: Mapping[str, Any]) -> dict[str, str]:
    """By field, what does not fit its column: SQLite would take it, PostgreSQL would not. NUL fits nowhere."""
    faults: dict[str, str] = {}
    for name, value in fields.items():
        model: Any = Address if name.startswith("address.") else Party
        most = getattr(model._meta.get_field(name.removeprefix("address.")), "max_length", None)
        if isinstance(value, str) and most is not None and len(value) > most:
            faults[name] = _("At most %(most)d characters.") % {"most": most}
        elif isinstance(value, str) and "\x00" in value:
            faults[name] = _("This contains a character that cannot be kept.")
    return faults


def _check(fields: Mapping[str, Any]) -> None:
    faults: dict[str, str] = {}
    for name, value in fields.items():
        if name not in FIELDS and name.removeprefix("address.") not in ADDRESS_FIELDS:
            raise ValueError(f"no such field of a customer: {name}")
        if name == "name" and not str(value).strip():
            faults[name] = _("A customer needs a name.")
        if name == "languages" and (unknown := [one for one in value if one not in LANGUAGES]):
            faults[name] = _("%(language)s is not a language we speak.") % {"language": ", ".join(unknown)}
        if name == "preferred_way" and value not in ("", *Party.Way.values):
            faults[name] = _("Choose how the customer wants to hear from us.")
        if name == "flags" and (unknown := [one for one in value if one not in FLAGS]):
            raise ValueError(f"no such flag: {', '.join(unknown)}")
    faults |= too_long(fields)
    if faults:
        raise ValidationError(faults)


def _value(party: Party, address: Address | None, name: str) -> Any:
    if name.startswith("address."):
        return getattr(address, name.removeprefix("address.")) if address else ""
    return getattr(party, name)


def as_text(value: Any) -> str:
    """A value as it is kept among the changes: lists by commas, nothing as ""."""
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _write_address(party: Party, parts: Mapping[str, str], country: str, address: Address | None = None) -> None:
    address = address or Address(party=party, country=country)
    for part in ADDRESS_FIELDS:
        if part in parts and (parts[part] or part != "country"):
            setattr(address, part, " ".join(str(parts[part]).split()))
    address.city_key = normalise.fold(address.city)[:100]
    address.save()


def words_of(party: Party, cities: Iterable[str]) -> list[Word]:
    """The rows of the index of words for a party, unsaved."""
    names = normalise.words(f"{party.name} {party.given_name} {party.family_name}")
    places = [word for city in cities for word in normalise.words(city) if word not in names]
    return [Word(party_id=party.pk, kind=Word.Kind.NAME, word=word) for word in names] + [
        Word(party_id=party.pk, kind=Word.Kind.PLACE, word=word) for word in dict.fromkeys(places)
    ]


def _index(party: Party) -> None:
    party.words.all().delete()
    Word.objects.bulk_create(words_of(party, party.addresses.values_list("city", flat=True)))


# ---- contact points, consents ----
def add_contact_point(
    party_id: int, kind: str, given: str, by: User | None, *, label: str = "", primary: bool = False, during: str = "", now: datetime | None = None
) -> ContactPoint:
    """Another number, address or handle; the one that stands already is given back. Raises ValidationError ({kind: ...}), PermissionDenied."""
    if by is not None:
        require(by, "parties.change")
    now = now or timezone.now()
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=queries.root_id(party_id))
        try:
            value = normalise.contact_point(kind, given, party.country or queries.DEFAULT_REGION)
        except normalise.NotNormal as fault:
            raise ValidationError({kind: not_normal_text(fault)}) from None
        if primary:
            party.contact_points.filter(kind=kind, primary=True).update(primary=False)
        point, made = ContactPoint.objects.get_or_create(
            party=party, kind=kind, value=value, defaults={"display": given.strip(), "label": label, "primary": primary, "created_at": now}
        )
        if not made and primary:
            point.primary = True
            point.save(update_fields=["primary"])
        if made:
            FieldChange.objects.create(party=party, field=kind, new=point.display, by=by, origin=during, at=now)
            log.record("parties.contact_point_added", actor=_actor(by), party=party.pk, contact_point=point.pk, kind=kind, during=during or None)
    return point


def verify_contact_point(point_id: int, by: User | None, *, during: str = "", now: datetime | None = None) -> None:
    """It was shown to be the customer's: they answered from it, or read back a code."""
    if by is not None:
        require(by, "parties.change")
    with transaction.atomic():
        if ContactPoint.objects.filter(pk=point_id, verified_at=None).update(verified_at=now or timezone.now()):
            point = ContactPoint.objects.get(pk=point_id)
            log.record("parties.contact_point_verified", actor=_actor(by), party=point.party_id, contact_point=point_id, during=during or None)


def record_consent(
    party_id: int, channel: str, purpose: str, granted: bool, proof: str, by: User | None, *, during: str = "", now: datetime | None = None
) -> Consent:
    """What the customer said about being contacted. Rows are only added: the newest holds, the older ones are the proof of their time."""
    if by is not None:
        require(by, "parties.change")
    with transaction.atomic():
        root = queries.root_id(party_id)
        consent = Consent.objects.create(party_id=root, channel=channel, purpose=purpose, granted=granted, proof=proof, at=now or timezone.now())
        log.record("parties.consent_recorded", actor=_actor(by), party=root, channel=channel, purpose=purpose, granted=granted, during=during or None)
    return consent


# ---- value ----
def set_value(party_id: int, segment: str, reason: Mapping[str, Any], *, now: datetime | None = None) -> bool:
    """Keep the value segment that a rule gave, with the facts and points it gave it for. True when the segment changed."""
    if segment not in Party.Segment.values:
        raise ValueError(f"no such value segment: {segment}")
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=queries.root_id(party_id))
        old = party.value_segment
        Party.objects.filter(pk=party.pk).update(value_segment=segment, value_reason=dict(reason), value_at=now or timezone.now())
        if old != segment:
            log.record("parties.value_set", actor="system", party=party.pk, old=old, new=segment)
    return old != segment


# ---- merge ----
def merge(survivor_id: int, merged_id: int, by: User | None, *, now: datetime | None = None) -> None:
    """Say that two records are one customer. Documents keep the party they were made for; `root` names the survivor. Raises ValueError
    when they are one already or the record to merge is itself a survivor of others (undo those first, so that each merge can be undone)."""
    if by is not None:
        require(by, "parties.merge")
    with transaction.atomic():
        survivor = queries.root_id(survivor_id)
        merged = Party.objects.select_for_update().get(pk=merged_id)
        if merged.pk == survivor or merged.root_id is not None:
            raise ValueError("merged already")
        if merged.merged.exists():
            raise ValueError("the record to merge is the survivor of others")
        merged.root_id = survivor
        merged.version += 1
        merged.save(update_fields=["root", "version"])
        log.record("parties.merged", actor=_actor(by), party=survivor, merged=merged.pk)


def unmerge(merged_id: int, by: User | None) -> None:
    """Undo a merge: the record stands for itself again, with all documents that were made for it."""
    if by is not None:
        require(by, "parties.merge")
    with transaction.atomic():
        merged = Party.objects.select_for_update().get(pk=merged_id)
        if merged.root_id is None:
            return
        survivor, merged.root_id = merged.root_id, None
        merged.version += 1
        merged.save(update_fields=["root", "version"])
        log.record("parties.unmerged", actor=_actor(by), party=survivor, merged=merged.pk)
