"""From an address's parameters to a question: which days, which rows, whose. Used by the screens and by the export, which differ in what they do with a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.analytics.channels import CODES, NUMBERS, words
from cordboard.analytics.intervals import STEPS
from cordboard.analytics.permissions import VIEW
from cordboard.analytics.queries import KINDS, Asked
from cordboard.interactions.models import ContactReason
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing import levels
from cordboard.routing.models import Queue, QueueMember, Skill

LONGEST = 400
"""Days."""


@dataclass(frozen=True, slots=True)
class Item:
    """A queue, skill, agent, reason or channel that can be asked for."""

    id: int
    code: str
    name: str
    group: str = ""
    """Of a reason: the name of its group."""
    target_percent: int | None = None
    target_seconds: int | None = None
    zone: str = ""


class BadQuestion(ValueError):
    """A parameter is none that can be asked for. `name` is the parameter, the text says what it may be."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def scope_of(user: Any) -> Mapping[str, frozenset[int]]:
    """How far the user's scope for analytics.view reaches: {} for all; for the unit its queues (and those that its people serve) and its agents; for "own" oneself."""
    scope = user_may(user, VIEW)
    if scope == "all":
        return {}
    if scope != "unit" or user.unit_id is None:
        return {"queue": frozenset(), "agent": frozenset({user.pk})}
    served = QueueMember.objects.filter(agent__unit_id=user.unit_id).values("queue_id")
    queues = Queue.objects.filter(Q(unit_id=user.unit_id) | Q(pk__in=served)).values_list("pk", flat=True)
    agents = User.objects.filter(unit_id=user.unit_id).values_list("pk", flat=True)
    return {"queue": frozenset(queues), "agent": frozenset(agents)}


class Choices:
    """What this user can ask for, each kind read once and only when it is needed."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.language = translation.get_language() or "en"

    @cached_property
    def within(self) -> Mapping[str, frozenset[int]]:
        return scope_of(self.user)

    @cached_property
    def queue(self) -> dict[int, Item]:
        return {
            one.pk: Item(one.pk, one.code, one.name, "", one.target_percent, one.target_seconds, one.unit.timezone if one.unit else "")
            for one in Queue.objects.select_related("unit").order_by("name")
            if "queue" not in self.within or one.pk in self.within["queue"]
        }

    @cached_property
    def skill(self) -> dict[int, Item]:
        return {one.pk: Item(one.pk, one.code, one.name_in(self.language)) for one in Skill.objects.all()}

    @cached_property
    def agent(self) -> dict[int, Item]:
        rows = User.objects.filter(Q(queues__isnull=False) | Q(state__isnull=False)).distinct().order_by("name")
        if "agent" in self.within:
            rows = rows.filter(pk__in=self.within["agent"])
        return {pk: Item(pk, username, name or username) for pk, username, name in rows.values_list("pk", "username", "name")}

    @cached_property
    def reason(self) -> dict[int, Item]:
        rows = list(ContactReason.objects.order_by("order", "code"))
        names = {one.pk: one.name_in(self.language) for one in rows}
        made: dict[int, Item] = {}
        for group in (one for one in rows if one.parent_id is None):
            made[group.pk] = Item(group.pk, group.code, names[group.pk])
            made.update({one.pk: Item(one.pk, one.code, names[one.pk], names[group.pk]) for one in rows if one.parent_id == group.pk})
        return made

    @cached_property
    def channel(self) -> dict[int, Item]:
        return {number: Item(number, code, words(number)) for number, code in CODES.items()}

    def of(self, kind: str) -> dict[int, Item]:
        found: dict[int, Item] = getattr(self, kind)
        return found

    def find(self, kind: str, given: str) -> Item:
        """By number or by code. Raises BadQuestion."""
        if kind == "channel" and given in NUMBERS:
            return self.channel[NUMBERS[given]]
        items = self.of(kind)
        found = items.get(int(given)) if given.isdecimal() else next((one for one in items.values() if one.code == given), None)
        if found is None:
            raise BadQuestion(kind, _("There is none with this code, or it is not yours to see."))
        return found


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks for, checked."""

    first: date
    last: date
    zone: ZoneInfo
    rows: str
    """ "time", or one of KINDS"""
    step: str
    level: str
    only: Mapping[str, Item] = field(default_factory=dict)
    within: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def asked(self, *, step: str = "", by: str = "") -> Asked:
        return Asked(self.first, self.last, self.zone, step, by, {kind: item.id for kind, item in self.only.items()}, self.within)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def read(given: Mapping[str, str], choices: Choices, today: date, *, rows: str = "time", step: str = "30") -> Question:
    """The question in the parameters from, to, interval, rows, level, zone and those of KINDS. What is left out is today, `rows` and `step`. Raises BadQuestion."""
    first = _day(given, "from", today)
    last = _day(given, "to", first)
    if last < first:
        raise BadQuestion("to", _("The last day is before the first."))
    if (last - first).days >= LONGEST:
        raise BadQuestion("to", _("The longest range is %(days)d days.") % {"days": LONGEST})
    only = {kind: choices.find(kind, given[kind]) for kind in KINDS if given.get(kind)}
    return Question(
        first,
        last,
        _zone(given.get("zone", ""), choices.user, only.get("queue")),
        _one_of(given, "rows", ("time", *KINDS), rows),
        _one_of(given, "interval", tuple(STEPS), step),
        _one_of(given, "level", tuple(levels.LEVELS), levels.DEFAULT),
        only,
        choices.within,
    )


def _day(given: Mapping[str, str], name: str, default: date) -> date:
    text = given.get(name, "")
    try:
        day = date.fromisoformat(text) if text else default
    except ValueError:
        raise BadQuestion(name, _("A day is written as 2026-11-17.")) from None
    if not date(2000, 1, 1) <= day <= date(2100, 1, 1) - timedelta(days=1):
        raise BadQuestion(name, _("That day is out of reach."))
    return day


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = given.get(name) or default
    if value not in allowed:
        raise BadQuestion(name, _("It is one of: %(codes)s.") % {"codes": ", ".join(allowed)})
    return value


def zone_of(user: Any, queue: Item | None = None) -> ZoneInfo:
    """The wall clock of figures: of the unit whose queue it is, else of the reader's unit, else the reader's own."""
    return ZoneInfo((queue.zone if queue else "") or (user.unit.timezone if user.unit_id else "") or user.timezone or "UTC")


def _zone(name: str, user: Any, queue: Item | None) -> ZoneInfo:
    if not name:
        return zone_of(user, queue)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # KeyError: no such zone; the others: a name that is no name
        raise BadQuestion("zone", _("There is no such time zone.")) from None
