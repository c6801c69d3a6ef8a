"""Which numbers this centre dials, who in it may dial them and for how long a day, and what is said of those that it does not: the published policy of the area
"dialling" asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions.models import OutsideParty
from cordboard.org.models import User
from cordboard.parties.queries import DEFAULT_REGION
from cordboard.routing.callbacks import Terms
from cordboard.routing.models import Outgoing
from cordboard.rules.published import published
from cordboard.telephony.numbers import By, Limits, Rules, Verdict, Why, judge, judge_for, minutes_left

AREA = "dialling"


def parameters() -> dict[str, Any]:
    """What the policy says, beside its rules. One query."""
    for policy in published(AREA):
        if policy.compiled is not None:
            return dict(policy.compiled.parameters)
    return {}


def rules() -> Rules:
    return Rules.of(parameters())


def terms() -> Terms:
    """How callbacks are made."""
    return Terms.of(parameters())


def region_of(user: Any) -> str:
    """The country in which a person's national numbers are read."""
    return str(user.unit.country) if getattr(user, "unit", None) is not None and user.unit.country else DEFAULT_REGION


def verdict(given: str, region: str) -> Verdict:
    """Whether this centre dials it, whoever asks: callbacks from a web page or a menu. One query."""
    return judge(given, region, Rules.of(parameters()))


def verdict_for(user: Any, given: str, *, now: datetime | None = None) -> Verdict:
    """Whether this person may dial it now. One query; more where roles are limited, or minutes."""
    limits = Limits.of(parameters())
    roles = list(user.roles.values_list("code", flat=True)) if limits.roles else []
    unit = str(user.unit.code) if getattr(user, "unit", None) is not None else ""
    said = judge_for(given, region_of(user), limits, unit, roles)
    if not said.allowed:
        return said
    now = now or timezone.now()
    since = midnight(user, now)
    of_unit, of_roles = limits.of_unit(unit), limits.of_roles(roles)
    if limits.centre.minutes is not None and not minutes_left(limits.centre.minutes, spent(since, now=now)):
        return Verdict(why=Why.SPENT)
    if of_unit is not None and of_unit.minutes is not None and not minutes_left(of_unit.minutes, spent(since, unit=user.unit_id, now=now)):
        return Verdict(why=Why.SPENT, by=By.UNIT)
    own = [one.minutes for one in of_roles]
    if own and None not in own and not minutes_left(max(one for one in own if one is not None), spent(since, agent=user.pk, now=now)):
        return Verdict(why=Why.SPENT, by=By.ROLE)
    return said


def midnight(user: Any, now: datetime) -> datetime:
    """When the day began where the person works."""
    zone = str(user.unit.timezone) if getattr(user, "unit", None) is not None and user.unit.timezone else "UTC"
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        local = now
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def spent(since: datetime, *, unit: int | None = None, agent: int | None = None, trunk: str = "", now: datetime | None = None) -> float:
    """Minutes that calls out have lasted since then, of everybody, of a unit's people, of one, or over a trunk (its code): those that agents dialled and people outside whom they called
    in. One that goes on counts up to now. Two queries."""
    now = now or timezone.now()
    dialled = Outgoing.objects.filter(answered_at__gte=since)
    called_in = OutsideParty.objects.filter(answered_at__gte=since)
    if unit is not None:
        dialled = dialled.filter(interaction__agent__in=User.objects.filter(unit=unit))
        called_in = called_in.filter(segment__agent__unit=unit)
    if agent is not None:
        dialled, called_in = dialled.filter(Q(interaction__agent=agent)), called_in.filter(segment__agent=agent)
    if trunk:
        dialled, called_in = dialled.filter(trunk=trunk), called_in.filter(trunk=trunk)
    return (_lasted(dialled, "interaction__ended_at", now) + _lasted(called_in, "ended_at", now)).total_seconds() / 60


def spent_by(what: str, since: datetime, also: datetime, now: datetime) -> dict[Any, tuple[float, float]]:
    """Minutes since two moments (`since` the later one), as :func:`spent` counts them, by "trunk" (its code), "agent" or "unit" (ids). Two queries."""
    found: dict[Any, tuple[float, float]] = {}
    for rows, end, path in (
        (Outgoing.objects, "interaction__ended_at", {"trunk": "trunk", "agent": "interaction__agent", "unit": "interaction__agent__unit"}),
        (OutsideParty.objects, "ended_at", {"trunk": "trunk", "agent": "segment__agent", "unit": "segment__agent__unit"}),
    ):
        length = ExpressionWrapper(Coalesce(F(end), Value(now)) - F("answered_at"), output_field=DurationField())
        sums = rows.filter(answered_at__gte=also).values_list(path[what]).annotate(one=Sum(length, filter=Q(answered_at__gte=since)), other=Sum(length))
        for key, one, other in sums:
            before = found.get(key, (0.0, 0.0))
            found[key] = (before[0] + _minutes(one), before[1] + _minutes(other))
    return found


def _minutes(length: timedelta | None) -> float:
    return length.total_seconds() / 60 if length else 0.0


def _lasted(rows: QuerySet[Any], end: str, now: datetime) -> timedelta:
    length = ExpressionWrapper(Coalesce(F(end), Value(now)) - F("answered_at"), output_field=DurationField())
    return rows.aggregate(all=Sum(length))["all"] or timedelta()


def words(why: Why, by: By = By.CENTRE) -> str:
    match why:
        case Why.NO_NUMBER:
            return _("This is no telephone number that can be called.")
        case Why.EMERGENCY:
            return _("Emergency numbers are not dialled from here: help would be sent to this building, not to the customer.")
        case Why.SPENT if by is By.ROLE:
            return _("Your minutes for calls out are used up for today.")
        case Why.SPENT if by is By.UNIT:
            return _("The minutes of your department for calls out are used up for today.")
        case Why.SPENT:
            return _("The minutes of this centre for calls out are used up for today.")
        case _ if by is By.ROLE:
            return _("Your role does not allow calls to this number.")
        case _ if by is By.UNIT:
            return _("Your department does not allow calls to this number.")
        case Why.PREMIUM:
            return _("This is a premium-rate number; this centre does not dial those.")
        case Why.SATELLITE:
            return _("This is a satellite or international network number; this centre does not dial those.")
        case Why.ABROAD:
            return _("This is a number abroad; this centre does not dial those.")
        case Why.REFUSED | Why.NOT_ALLOWED:
            return _("The rules of this centre do not allow calls to this number.")
