"""Settings of managers: which units serve which level, what a level asks for, and when many tickets are suggested as one incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cordboard.catalogue.models import Product
from cordboard.events import log
from cordboard.lib.keeping import BadValue, check
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets import events_level
from cordboard.tickets.models import LevelItem, SupportLevel
from cordboard.tickets.models_incident import IncidentRule
from cordboard.tickets.permissions_level import LEVELS

PLACE = ("rank", "family", "unit_id", "queue_id")
ITEM = ("rank", "family", "asks", "required", "order", "names")
RULE = ("family", "least", "minutes", "likeness", "active")
LIMITS = {"least": (2, 1000), "minutes": (5, 10_080), "likeness": (10, 95), "order": (0, 999)}
MOST_NAME = 120
Row = TypeVar("Row", SupportLevel, LevelItem, IncidentRule)


def values(row: SupportLevel | LevelItem | IncidentRule) -> dict[str, Any]:
    names = PLACE if isinstance(row, SupportLevel) else ITEM if isinstance(row, LevelItem) else RULE
    return {name: getattr(row, name) for name in names}


def keep_place(user: User, number: int | None, given: Mapping[str, Any], *, seen: str = "") -> SupportLevel:
    """A unit at a level. Raises BadValue, Changed, PermissionDenied."""
    require(user, LEVELS)
    if given["rank"] not in SupportLevel.Rank.values:
        raise BadValue("rank", _("Choose a level."))
    return _keep(
        user, SupportLevel, number, {**_picked(given, PLACE), "family": _family(given["family"])}, seen, "place", _("This unit serves this level already.")
    )


def keep_item(user: User, number: int | None, given: Mapping[str, Any], *, seen: str = "") -> LevelItem:
    """Something that a level asks for. Raises BadValue, Changed, PermissionDenied."""
    require(user, LEVELS)
    if given["rank"] not in SupportLevel.Rank.values:
        raise BadValue("rank", _("Choose a level."))
    if given["asks"] not in LevelItem.Asks.values:
        raise BadValue("asks", _("Choose how it is answered."))
    names = {code: " ".join(str(given["names"].get(code, "")).split())[:MOST_NAME] for code in LANGUAGES}
    names = {code: text for code, text in names.items() if text}
    if not names:
        raise BadValue("names", _("Write what is asked for, in one language at least."))
    kept = {
        **_picked(given, ITEM),
        "family": _family(given["family"]),
        "names": names,
        "order": _within("order", given["order"]),
        "required": bool(given["required"]),
    }
    return _keep(user, LevelItem, number, kept, seen, "item", "")


def keep_rule(user: User, number: int | None, given: Mapping[str, Any], *, seen: str = "") -> IncidentRule:
    """When many tickets are suggested as one incident. Raises BadValue, Changed, PermissionDenied."""
    require(user, LEVELS)
    kept = {
        **{name: _within(name, given[name]) for name in ("least", "minutes", "likeness")},
        "family": _family(given["family"]),
        "active": bool(given["active"]),
    }
    return _keep(user, IncidentRule, number, kept, seen, "incident_rule", _("There are numbers for these products already."))


def remove(user: User, model: type[SupportLevel] | type[LevelItem] | type[IncidentRule], number: int) -> None:
    """Tickets keep where they are and what was answered. Raises PermissionDenied."""
    require(user, LEVELS)
    with transaction.atomic():
        if model.objects.filter(pk=number).delete()[0]:
            log.record(events_level.LEVEL_CHANGED, actor=f"user:{user.pk}", what=_what(model), row=number, change="removed")


def _what(model: Any) -> str:
    return {SupportLevel: "place", LevelItem: "item", IncidentRule: "incident_rule"}[model]


def _picked(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: given[name] for name in names}


def _family(given: str) -> str:
    family = str(given or "")
    if family and not Product.objects.filter(family=family).exists():
        raise BadValue("family", _("There are no such products."))
    return family


def _within(name: str, given: Any) -> int:
    least, most = LIMITS[name]
    if not isinstance(given, int) or not least <= given <= most:
        raise BadValue(name, _("Between %(least)s and %(most)s.") % {"least": least, "most": most})
    return given


def _keep(user: User, model: type[Row], number: int | None, kept: dict[str, Any], seen: str, what: str, twice: str) -> Row:
    try:
        with transaction.atomic():
            if number is None:
                row = model(**kept)
            else:
                row = model.objects.select_for_update().get(pk=number)
                if seen:
                    check(seen, values(row))
                for name, value in kept.items():
                    setattr(row, name, value)
            row.save()
            log.record(events_level.LEVEL_CHANGED, actor=f"user:{user.pk}", what=what, row=row.pk, change="made" if number is None else "changed")
    except IntegrityError:
        raise BadValue("family", twice) from None
    return row
