"""What appointments offer to flows: which times are free, and the act that books one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, Act, declare_act, declare_lookup
from cordboard.org.languages import LANGUAGES


def _asked(about: About, args: Mapping[str, Any]) -> Any:
    """The visit that is meant, for the customer of the contact. Raises ValueError: what is missing."""
    from django.core.exceptions import ValidationError

    from cordboard.appointments import actions
    from cordboard.appointments.models import VisitKind
    from cordboard.interactions.models import Interaction
    from cordboard.parties.queries import ids_of

    number = about.id_of("interaction")
    contact = Interaction.objects.select_related("subject").filter(pk=number).first() if number is not None else None
    if contact is None or contact.subject is None:
        raise ValueError("nobody is known for whom it would be")
    kind = VisitKind.objects.filter(code=str(args.get("kind") or ""), active=True).first()
    if kind is None:
        raise ValueError("there is no such kind of visit")
    try:
        return actions.visit(
            kind, contact.subject, parties=ids_of(contact.subject.pk), note=str(args.get("note") or ""), interaction=contact.pk, by=about.by
        )  # fmt: skip
    except ValidationError as problem:
        raise ValueError("; ".join(problem.messages)) from None


def free_times(about: About, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The three earliest times for a visit to the contact's customer, apart from each other: `times` as "2026-11-23T09:00+01:00/7" (the moment, the person), to be given to the act
    that books; `spoken` the first of them in the words of the run's language. None: nothing is free, or nobody is known."""
    from cordboard.appointments import queries, slots
    from cordboard.appointments.models import Staff

    try:
        what = _asked(about, args)
    except ValueError:
        return None
    found = queries.earliest(what.kind, what.area.pk if what.area else None, timezone.now())
    if not found:
        return None
    zones = dict(Staff.objects.filter(pk__in=[one.person for one in found]).values_list("pk", "timezone"))
    local = [slots.moment(one.start).astimezone(ZoneInfo(zones[one.person])) for one in found]
    language = about.language if about.language in LANGUAGES else "en"
    with translation.override(language), timezone.override(local[0].tzinfo):
        words = [f"{date_format(one, 'l')} {date_format(one, 'MONTH_DAY_FORMAT')} {date_format(one, 'TIME_FORMAT')}" for one in local]
    times = [f"{when.isoformat(timespec='minutes')}/{one.person}" for when, one in zip(local, found, strict=True)]
    return {"times": times, "first": times[0], "spoken": words[0], "words": words}


def book(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Books the time that was chosen, as `free_times` wrote it; without one the earliest. Somebody else was faster: the earliest that is free then, only where no time was chosen.
    Raises ValueError when it cannot be booked."""
    from cordboard.appointments import actions, queries, slots
    from cordboard.appointments.actions import NotFree

    what = _asked(about, args)
    what = actions.Visit(**{**{name: getattr(what, name) for name in what.__slots__}, "key": key})
    chosen = str(args.get("time") or "")
    if chosen:
        text, _slash, person = chosen.rpartition("/")
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError("this is no time of those that were free") from None
        if start.tzinfo is None or not person.isdigit():
            raise ValueError("this is no time of those that were free")
        tries = [(int(person), start)]
    else:
        tries = [(one.person, slots.moment(one.start)) for one in queries.earliest(what.kind, what.area.pk if what.area else None, timezone.now())]
    for number, start in tries:
        try:
            row = actions.book(what, number, start)
        except NotFree:
            continue
        local = row.starts_at.astimezone(ZoneInfo(row.staff.timezone))
        return {"id": row.pk, "at": local.isoformat(timespec="minutes"), "who": str(row.staff)}
    raise ValueError("this time is not free any more" if chosen else "no time is free")


declare_lookup(
    "free_times",
    _("free times for a visit"),
    args={"kind": str},
    gives={"times": "list", "first": "text", "spoken": "text", "words": "list"},
    read=free_times,
)
declare_act(
    Act(
        "appointment",
        "book",
        _("an appointment for a visit"),
        args={"kind": str, "time": str, "note": str},
        gives={"id": "number", "at": "text", "who": "text"},
        do=book,
        optional=frozenset({"time", "note"}),
    )
)
