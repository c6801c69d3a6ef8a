"""Reading trunks: for the switch with their secrets, for screens without."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from cordboard.channels.voice.models import Call, Trunk, TrunkStanding
from cordboard.channels.voice.wording_trunk import reason_words
from cordboard.interactions.models import OutsideParty
from cordboard.lib.sealed import Unreadable, unseal
from cordboard.routing import dialling
from cordboard.routing.models import Outgoing
from cordboard.telephony import driver
from cordboard.telephony.numbers import minutes_left

logger = logging.getLogger(__name__)


def configured(now: datetime | None = None) -> tuple[driver.Trunk, ...]:
    """The trunks in use, in their order, and whether the minutes of the day are used up. One query, two more for each trunk with such a limit."""
    return tuple(_as_configured(row, spent(row, now)) for row in Trunk.objects.filter(active=True))


def spent(row: Trunk, now: datetime | None = None) -> bool:
    """Whether the minutes are used up that calls out over the trunk may last since midnight (of the centre's zone)."""
    if not row.minutes:
        return False
    now = now or timezone.now()
    return not minutes_left(row.minutes, dialling.spent(midnight(now), trunk=row.code, now=now))


def _as_configured(row: Trunk, used_up: bool) -> driver.Trunk:
    try:
        password = unseal(row.secret)
    except Unreadable:
        logger.error("the password of trunk %s cannot be read: the installation's key has changed; set it again", row.code)
        password = ""
    return driver.Trunk(
        code=row.code, host=row.host or "", port=row.port, transport=row.transport, domain=row.domain, register=row.register, expires=row.expires,
        username=row.username, password=password, numbers=tuple(row.numbers), any_caller_id=row.any_caller_id, identity=driver.Identity(row.identity),
        number_format=row.number_format, limit=row.limit, minutes=row.minutes, spent=used_up, redirects=tuple(row.redirects), keepalive=row.keepalive,
        tell_hold=row.tell_hold,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one trunk: calls that are on it now, in both directions, and minutes that calls out have lasted (`Trunk.minutes` limits those of the day)."""

    calls: int = 0
    today: float = 0.0
    month: float = 0.0


def usage(now: datetime | None = None) -> dict[str, Usage]:
    """By the trunk's code, those that were used this month or are now. Five queries."""
    now = now or timezone.now()
    today = midnight(now)
    calls: Counter[str] = Counter()
    for rows in (
        Call.objects.filter(ended_at=None).exclude(trunk=""),
        Outgoing.objects.filter(interaction__ended_at=None).exclude(trunk=""),
        OutsideParty.objects.filter(ended_at=None).exclude(trunk=""),
    ):
        calls.update(dict(rows.order_by().values_list("trunk").annotate(Count("pk"))))
    minutes = dialling.spent_by("trunk", today, today.replace(day=1), now)
    return {code: Usage(calls[code], *minutes.get(code, (0.0, 0.0))) for code in calls.keys() | minutes.keys() if code}


def midnight(now: datetime) -> datetime:
    """When the day began in the centre's zone."""
    return timezone.localtime(now, timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Standing:
    """One trunk for a screen, as one node sees it; `up` is None where no switch has told yet."""

    code: str
    name: str
    to: str
    node: str
    up: bool | None
    reason: str
    since: datetime | None
    active: bool = True

    @property
    def words(self) -> str:
        """Why, in the reader's words; "" where nothing was told."""
        return reason_words(self.reason) if self.reason else ""


def standings() -> list[Standing]:
    """All trunks in their order, each as often as there are nodes that tell of it. Two queries."""
    told: dict[int, list[TrunkStanding]] = {}
    for one in TrunkStanding.objects.order_by("node"):
        told.setdefault(one.trunk_id, []).append(one)
    found = []
    for row in Trunk.objects.all():
        to = "practice town" if row.transport == driver.PRACTICE else f"{row.host}:{row.port} ({row.transport})"
        nodes = told.get(row.pk, [])
        found += [Standing(row.code, row.name, to, one.node, one.up, one.reason, one.since, row.active) for one in nodes]
        if not nodes:
            found.append(Standing(row.code, row.name, to, "", None, "", None, row.active))
    return found
