"""What rules may ask about the customer. The situation has "party": a Party, or None while nobody is known; "now" where a test or a replay sets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cordboard.org.languages import OWN_NAMES
from cordboard.parties import queries, rule_verbs  # noqa: F401  the verbs register themselves
from cordboard.parties.models import Address, Party, PartyTag
from cordboard.rules.facts import BOOLEAN, CHOICE, LIST, NUMBER, TEXT, Situation, declare

T = TypeVar("T")


def now_of(at: Situation) -> datetime:
    """The moment of the decision."""
    now = at.get("now")
    return now if isinstance(now, datetime) else timezone.now()


def once(at: Situation, key: str, read: Callable[[Party], T]) -> T | None:
    """What `read` says of the situation's party, looked up once however many facts ask; None while nobody is known."""
    party = at.get("party")
    if not isinstance(party, Party):
        return None
    kept: dict[str, Any] = party.__dict__.setdefault("_read_for_rules", {})
    if key not in kept:
        kept[key] = read(party)
    found: T = kept[key]
    return found


def ids_of(at: Situation) -> list[int]:
    """The party and the records merged into it."""
    return once(at, "ids", lambda party: queries.ids_of(party.pk)) or []


def _of(field: str) -> Callable[[Situation], Any]:
    return lambda at: getattr(at["party"], field) or None if at.get("party") is not None else None


def _tags(at: Situation) -> list[str] | None:
    return once(at, "tags", lambda _party: sorted({*PartyTag.objects.filter(party__in=ids_of(at)).values_list("tag", flat=True)}))


def _place(field: str) -> Callable[[Situation], Any]:
    def look(_party: Party) -> Address | None:
        return Address.objects.filter(party=_party).order_by("-primary", "pk").first()

    return lambda at: getattr(found, field) or None if (found := once(at, "address", look)) is not None else None


def _known_tags() -> dict[str, str]:
    """The tags in use, most used first, for editors."""
    used = PartyTag.objects.values("tag").annotate(count=Count("pk")).order_by("-count", "tag").values_list("tag", flat=True)[:200]
    return {tag: tag for tag in used}


def _customer_days(at: Situation) -> int | None:
    since = once(at, "since", lambda party: party.customer_since)
    return (now_of(at).date() - since).days if since else None


declare("party.known", BOOLEAN, _("customer is known"), read=lambda at: at.get("party") is not None)
declare("party.value_segment", CHOICE, _("value segment"), read=_of("value_segment"), choices=dict(Party.Segment.choices))
declare("party.language", CHOICE, _("customer's language"), read=_of("language"), choices=OWN_NAMES)
declare("party.languages", LIST, _("customer's languages"), read=_of("languages"), choices=OWN_NAMES)
declare("party.country", TEXT, _("customer's country"), read=_of("country"))
declare("party.postcode", TEXT, _("postcode"), read=_place("postcode"))
declare("party.city", TEXT, _("place"), read=_place("city"))
declare("party.account_owner", NUMBER, _("account owner"), read=_of("account_owner_id"))
declare("party.has_account_owner", BOOLEAN, _("has an account owner"), read=lambda at: once(at, "owned", lambda party: party.account_owner_id is not None))
declare(
    "party.flags",
    LIST,
    _("flags"),
    read=lambda at: once(at, "flags", lambda party: party.flags),
    choices={"vulnerable": _("Vulnerable"), "threatening": _("Threatening"), "deceased": _("Deceased")},
)
declare("party.tags", LIST, _("customer's tags"), read=_tags, options=_known_tags)
declare("party.owner_note", TEXT, _("account owner's note"), read=_of("owner_note"))
declare("party.customer_days", NUMBER, _("customer since"), read=_customer_days, unit=_("days"))
declare("party.kind", CHOICE, _("kind of customer"), read=_of("kind"), choices=dict(Party.Kind.choices))
declare("party.name", TEXT, _("customer's name"), read=_of("name"))
