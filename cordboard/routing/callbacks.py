"""Callbacks, the pure part: when a customer may be called, when a try is due, when it is given up, and whose it is.

Times are aware. Quiet hours are wall-clock times where the customer is, so that summer time moves nothing: on the night in which the clock goes forward a
quiet night is an hour shorter, on the other an hour longer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as number_zones

QUIET: Mapping[str, tuple[str, str]] = {"*": ("21:00", "08:00")}
"""When nobody is called, by country; "*" where a country has no line of its own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The centre's policy of callbacks. `intervals` are the minutes from one try to the next; the last holds for all that follow."""

    tries: int = 3
    intervals: tuple[float, ...] = (15.0, 60.0)
    quiet: Mapping[str, tuple[str, str]] = field(default_factory=lambda: QUIET)
    keep_hours: float = 72.0
    """How long a callback without an end of its own is tried."""
    offer_after: float = 60.0
    """Seconds of waiting after which the caller is offered a callback; a key may be pressed before."""
    key: str = "1"
    """What a waiting caller presses for it."""
    ring: float = 30.0
    """Seconds that the customer's telephone may ring."""
    after_failure: bool = True
    """Callers whose call was lost by our own fault are called back."""
    owner_minutes: float = 30.0
    """How long a personal callback waits for its owner before a deputy or the queue has it."""
    messages: str = "list"
    """What becomes of a message that a caller left: "list" on the work list, called back when that is due; "offer" by routing to an agent, who hears it first."""
    call_settles: bool = True
    """A customer who calls in and is answered before the queue's callback is made needs none any more."""
    preview: float = 0.0
    """Seconds for which an agent looks at a callback that is offered before it is dialled by itself; 0: it is dialled when the agent says so."""

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Terms:
        """What a policy's parameters say under "callback"; what they leave out, or what is none, is as above."""
        given = parameters.get("callback")
        given = given if isinstance(given, Mapping) else {}
        usual = cls()

        def number(name: str, least: float) -> float:
            value = given.get(name)
            good = isinstance(value, int | float) and not isinstance(value, bool) and value >= least
            return float(value) if good else float(getattr(usual, name))  # type: ignore[arg-type]

        intervals = given.get("intervals")
        minutes = tuple(float(one) for one in intervals if isinstance(one, int | float) and one >= 1) if isinstance(intervals, list | tuple) else ()
        quiet = given.get("quiet")
        spans = {str(country): (str(span[0]), str(span[1])) for country, span in quiet.items() if _is_span(span)} if isinstance(quiet, Mapping) else {}
        key = str(given.get("key", usual.key))
        return cls(
            tries=int(number("tries", 1)),
            intervals=minutes or usual.intervals,
            quiet={**QUIET, **spans},
            keep_hours=number("keep_hours", 1),
            offer_after=number("offer_after", 0),
            key=key if len(key) == 1 and key in "0123456789*#" else usual.key,
            ring=number("ring", 5),
            after_failure=given.get("after_failure") is not False,
            owner_minutes=number("owner_minutes", 0),
            messages="offer" if given.get("messages") == "offer" else "list",
            call_settles=given.get("call_settles") is not False,
            preview=number("preview", 0),
        )


def _is_span(span: object) -> bool:
    try:
        return isinstance(span, list | tuple) and len(span) == 2 and all(_time(str(one)) is not None for one in span)
    except ValueError:
        return False


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour) % 24, int(minute or 0))


# ---- where and when -----------------------------------------------------------------------------------------------


def zone_of(number: str, own: str = "", house: str = "UTC") -> ZoneInfo:
    """Where the customer's clock is: `own` (of the customer's record) if that is one; else that of the number. Of a number that may be in several zones,
    the centre's (`house`) if it is among them, else the middle one: nobody is called in the night for having moved."""
    for name in (own,):
        if (zone := _zone(name)) is not None:
            return zone
    try:
        names = [name for name in number_zones.time_zones_for_number(phonenumbers.parse(number, None)) if _zone(name) is not None]
    except phonenumbers.NumberParseException:
        names = []
    if house in names or not names:
        return _zone(house) or ZoneInfo("UTC")
    at = datetime(2026, 1, 15, tzinfo=UTC)
    names.sort(key=lambda name: (at.astimezone(ZoneInfo(name)).utcoffset() or timedelta(), name))
    return ZoneInfo(names[len(names) // 2])


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def quiet_until(at: datetime, country: str, zone: ZoneInfo, quiet: Mapping[str, tuple[str, str]] = QUIET) -> datetime | None:
    """When the quiet hours end in which `at` lies (UTC), or None when it lies in none. A span may pass midnight; one that begins where it ends is none."""
    span = quiet.get(country.upper()) or quiet.get("*")
    if span is None:
        return None
    begin, end = _time(span[0]), _time(span[1])
    if begin == end:
        return None
    local = at.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        starts = datetime.combine(day, begin, zone)
        ends = datetime.combine(day if begin < end else day + timedelta(days=1), end, zone)
        if starts.astimezone(UTC) <= at < ends.astimezone(UTC):
            return ends.astimezone(UTC)
    return None


def allowed_from(at: datetime, country: str, zone: ZoneInfo, quiet: Mapping[str, tuple[str, str]] = QUIET) -> datetime:
    """The first moment, `at` or later, at which the customer may be called."""
    return quiet_until(at, country, zone, quiet) or at


class Then(StrEnum):
    """What becomes of a callback."""

    SCHEDULED = "scheduled"
    DONE = "done"
    FAILED = "failed"  # all tries were made
    EXPIRED = "expired"  # its time passed before it was reached


@dataclass(frozen=True, slots=True)
class Next:
    """`due` is when it is tried next, with SCHEDULED. `counted`: what happened was a try."""

    then: Then
    due: datetime | None = None
    counted: bool = False


OWN_FAULT = ("failed", "no_media", "agent_gone", "media_lost")
"""Ends that say nothing of the customer: the try is made again at once and does not count."""
FINAL = ("unknown_number",)
"""Ends after which another try is in vain."""


def after_try(
    outcome: str, tried: int, now: datetime, *, not_after: datetime, country: str = "", zone: ZoneInfo | None = None, terms: Terms | None = None
) -> Next:
    """After a try that ended as `outcome` (answered, busy, no_answer, ...); `tried` is how many had counted before."""
    terms, zone = terms or Terms(), zone or ZoneInfo("UTC")
    if outcome == "answered":
        return Next(Then.DONE, counted=True)
    counted = outcome not in OWN_FAULT
    made = tried + counted
    if outcome in FINAL or made >= terms.tries:
        return Next(Then.FAILED, counted=counted)
    if not counted:
        wait = timedelta(minutes=1)
    elif outcome == "cancelled":  # the agent gave up, not the customer
        wait = timedelta(minutes=5)
    else:
        wait = timedelta(minutes=terms.intervals[min(made - 1, len(terms.intervals) - 1)])
    due = allowed_from(now + wait, country, zone, terms.quiet)
    if due >= not_after:
        return Next(Then.EXPIRED, counted=counted)
    return Next(Then.SCHEDULED, due, counted)


def first_due(wanted: datetime, now: datetime, *, not_after: datetime, country: str = "", zone: ZoneInfo | None = None, terms: Terms | None = None) -> Next:
    """When a callback that is wanted at `wanted` is first tried."""
    due = allowed_from(max(wanted, now), country, zone or ZoneInfo("UTC"), (terms or Terms()).quiet)
    return Next(Then.SCHEDULED, due) if due < not_after else Next(Then.EXPIRED)


# ---- whose it is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whose:
    """`agent` None: anyone of the queue. `role`: owner, deputy."""

    agent: int | None
    role: str = ""


def whose(owner: int | None, deputies: Sequence[int], here: Collection[int], waited: timedelta, terms: Terms | None = None) -> Whose:
    """Who shall make a callback that is due: its owner when at work, else the first deputy who is, else the queue. Also when the owner was there but not free for
    `owner_minutes`."""
    terms = terms or Terms()
    if owner is None:
        return Whose(None)
    if owner in here and waited < timedelta(minutes=terms.owner_minutes):
        return Whose(owner, "owner")
    deputy = next((one for one in deputies if one in here and one != owner), None)
    return Whose(deputy, "deputy") if deputy is not None else Whose(None)
