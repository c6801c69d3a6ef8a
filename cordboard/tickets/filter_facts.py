"""What a view of the ticket list may ask of a ticket, in words; and which views everybody has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cordboard.org.permissions import masks
from cordboard.parties.models import Party
from cordboard.rules.facts import BOOLEAN, CHOICE, DATE, DATETIME, LIST, NUMBER, TEXT, Fact
from cordboard.tickets.filters import Every, Field, Has, Plan, Reader
from cordboard.tickets.filters_related import OWN, RELATED, Related
from cordboard.tickets.kinds import Field as OwnField
from cordboard.tickets.kinds import kind_name, kinds_fields
from cordboard.tickets.models import Complaint, SupportLevel, Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

OPEN = Has("resolved_at", "known", negated=True)
"""No ticket that somebody still has to do something about has a moment of resolution, and every other has one. Written so, indexes of open tickets fit."""


def _late(now: datetime, reader: Reader) -> Plan:
    return Every((OPEN, Has("due_at", "less", now)))


def _open(now: datetime, reader: Reader) -> Plan:
    return OPEN


def _followed(now: datetime, reader: Reader) -> Plan:
    return Has("watcher", "is", reader.user)


def _always(value: Any) -> bool:
    return True


def _detail(value: Any) -> bool:
    """Words that may be a detail of a customer: a serial number, a postcode, an address of mail."""
    return any("@" in one or sum(sign.isdigit() for sign in one) > 2 for one in map(str, value if isinstance(value, (list, tuple)) else [value]))


_FIELDS = (
    Field(Fact("ticket.open", BOOLEAN, _("the ticket is open")), whole=_open),
    Field(Fact("ticket.late", BOOLEAN, _("the ticket is late")), whole=_late),
    Field(Fact("ticket.state", CHOICE, pgettext_lazy("of a ticket", "state"), choices=dict(Ticket.State.choices)), "state"),
    Field(Fact("ticket.kind", CHOICE, pgettext_lazy("of a ticket", "kind")), "kind"),
    Field(Fact("ticket.priority", NUMBER, pgettext_lazy("of a ticket", "priority")), "priority"),
    Field(Fact("ticket.owner", CHOICE, pgettext_lazy("of a ticket", "owner")), "owner_id", id=True),
    Field(Fact("ticket.unit", CHOICE, pgettext_lazy("of a ticket", "unit")), "unit_id", id=True),
    Field(Fact("ticket.position", CHOICE, _("the position in whose list it stands")), "position_id", id=True, own="position"),
    Field(Fact("ticket.level", CHOICE, _("support level"), choices={str(code): words for code, words in SupportLevel.Rank.choices}), "level", id=True),
    Field(Fact("ticket.followed", BOOLEAN, _("I follow the ticket")), whole=_followed),
    Field(Fact("ticket.followers", LIST, _("who follows it")), "watcher", id=True),
    Field(Fact("ticket.opened_by", CHOICE, _("who opened it")), "opened_by_id", id=True),
    Field(Fact("ticket.opened_at", DATETIME, pgettext_lazy("of a ticket", "opened")), "opened_at"),
    Field(Fact("ticket.due_at", DATETIME, pgettext_lazy("of a ticket", "due")), "due_at"),
    Field(Fact("ticket.changed_at", DATETIME, _("the last change")), "changed"),
    Field(Fact("ticket.unanswered_since", DATETIME, _("the customer waits for an answer since")), "unanswered_since"),
    Field(Fact("ticket.resolved_at", DATETIME, pgettext_lazy("of a ticket", "resolved")), "resolved_at"),
    Field(Fact("ticket.reason", CHOICE, _("contact reason")), "reason_id", id=True),
    Field(Fact("ticket.tags", LIST, pgettext_lazy("of a ticket", "tags")), "tag"),
    Field(Fact("ticket.words", LIST, _("words in the ticket")), "words", masked=_detail),
    Field(Fact("ticket.product", CHOICE, _("the product")), "product__product_id", id=True),
    Field(Fact("ticket.product_group", CHOICE, _("the group of products")), "product__product__family"),
    Field(Fact("ticket.serial", TEXT, _("the serial number")), "serial", masked=_always),
    Field(Fact("ticket.stage", CHOICE, _("a kind's own state")), "stage_of_kind"),
    Field(Fact("ticket.severity", CHOICE, _("how much the complaint weighs"), choices=dict(Complaint.Band.choices)), "complaint__band"),
    Field(Fact("customer.segment", CHOICE, _("value segment"), choices=dict(Party.Segment.choices)), "party__value_segment"),
    Field(Fact("customer.owner", CHOICE, _("account owner")), "party__account_owner_id", id=True),
)
FIELDS: dict[str, Field] = {field.fact.name: field for field in _FIELDS}
"""Those that stand in every installation; kinds' own fields come to them (`Fields`)."""


def offer(field: Field, related: Related | None = None) -> None:
    """A package above tickets has something to ask for: `related` is what the field's column means to the database."""
    FIELDS[field.fact.name] = field
    if related is not None:
        RELATED[field.column] = related


_OWN_TYPES = {"text": TEXT, "number": NUMBER, "date": DATE, "choice": CHOICE, "yes_no": BOOLEAN}
_OWN_PREFIX = "field."


class Fields(Mapping[str, Field]):
    """All that views may ask for, kinds' own fields as `field.kind.code`. Those are looked at only when one is asked for (one query in five seconds)."""

    def __getitem__(self, name: str) -> Field:
        if (found := FIELDS.get(name)) is not None:
            return found
        kind, _dot, code = name.removeprefix(_OWN_PREFIX).partition(".")
        if name.startswith(_OWN_PREFIX):
            for one in kinds_fields().get(kind, ()):
                if one.code == code:
                    return _own(kind, one)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        yield from FIELDS
        for kind, own in kinds_fields().items():
            yield from (f"{_OWN_PREFIX}{kind}.{one.code}" for one in own)

    def __len__(self) -> int:
        return sum(1 for _name in self)


def _own(kind: str, one: OwnField) -> Field:
    language = translation.get_language() or "en"
    words = gettext("%(kind)s: %(field)s") % {"kind": kind_name(kind), "field": one.name_in(language)}
    choices = {code: str(names.get(language) or names.get("en") or code) for code, names in one.choices.items()}
    fact = Fact(f"{_OWN_PREFIX}{kind}.{one.code}", _OWN_TYPES[one.type], words, choices=choices)
    return Field(fact, f"{OWN}{one.type}:{kind}:{one.code}", masked=_always if one.type in ("text", "number", "date") else None)


EVERY = Fields()


def reader_of(user: Any) -> Reader:
    """Two queries at most, whatever is asked: the user's roles."""
    return Reader(user.pk, user.unit_id, user.position_id, masks(user))


def offered(user: Any) -> dict[str, Field]:
    """What this user may ask for."""
    hidden = masks(user)
    return {name: field for name, field in EVERY.items() if not (hidden and field.masked is not None and field.masked(None))}


@dataclass(frozen=True, slots=True)
class BuiltIn:
    code: str
    name: str | StrPromise
    condition: Mapping[str, Any]
    sort: str = "due"


_IS_OPEN = {"fact": "ticket.open", "op": "is", "value": True}
_OWN = {"fact": "ticket.owner", "op": "is", "value": "me"}
_UNIT = {"fact": "ticket.unit", "op": "is", "value": "mine"}

BUILT_IN = (
    BuiltIn("mine", _("My open tickets"), {"all": [_IS_OPEN, _OWN]}),
    BuiltIn("unit", _("Open in my unit"), {"all": [_IS_OPEN, _UNIT]}),
    BuiltIn("unowned", _("Nobody's yet, in my unit"), {"all": [_IS_OPEN, _UNIT, {"fact": "ticket.owner", "op": "unknown"}]}),
    BuiltIn("open", _("All open"), _IS_OPEN),
    BuiltIn("late", _("Late"), {"fact": "ticket.late", "op": "is", "value": True}),
    BuiltIn("followed", _("Followed by me"), {"all": [_IS_OPEN, {"fact": "ticket.followed", "op": "is", "value": True}]}),
    BuiltIn("waiting", _("Waiting for the customer"), {"fact": "ticket.state", "op": "is", "value": "waiting"}),
    BuiltIn("resolved", _("Resolved in 7 days"), {"fact": "ticket.resolved_at", "op": "within", "value": "7d"}, "resolved"),
    BuiltIn("all", _("All tickets"), {}, "newest"),
)
