"""Figures of a range, by interval and by queue, skill, agent, reason or channel; and the contacts behind each of them.

One question is one query. Sums by quarter of an hour (`Cell`) answer those that look at one kind of thing; those that look at several (a queue's figures by agent) are
summed from the parts themselves. Both are made by one writer in one transaction, so they agree, and so do the contacts that a figure opens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When

from cordboard.analytics.intervals import between, stretches
from cordboard.analytics.models import Cell, Part, Tag
from cordboard.analytics.sums import MEASURES, Sums

KINDS: dict[str, int] = {
    "queue": Cell.Kind.QUEUE,
    "skill": Cell.Kind.SKILL,
    "agent": Cell.Kind.AGENT,
    "reason": Cell.Kind.REASON,
    "channel": Cell.Kind.CHANNEL,
}
TAGGED: dict[str, int] = {"skill": Tag.Kind.SKILL, "reason": Tag.Kind.REASON}
"""A contact may have several of these, and then counts for each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are wanted: those of the days `first` to `last` as the zone has them."""

    first: date
    last: date
    zone: ZoneInfo
    step: str = ""
    """One of intervals.STEPS, or "" for one sum of the whole range."""
    by: str = ""
    """One of KINDS, or "" for all together."""
    only: Mapping[str, int] = field(default_factory=dict)
    """Kind -> number: of this queue, this agent, ..."""
    within: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """The reader's scope: "queue" and "agent" -> numbers. None of it for those who may see all."""

    @property
    def limits(self) -> dict[str, frozenset[int]]:
        """As far as the scope concerns this question: where agents are looked at they must be the reader's; else the queues must."""
        looked_at = {self.by, *self.only}
        if not self.within:
            return {}
        kinds = [kind for kind in ("queue", "agent") if kind in looked_at] or ["queue"]
        return {kind: self.within[kind] for kind in kinds}


@dataclass(frozen=True, slots=True)
class Row:
    begin: int | None
    """Key of the interval, or None for the whole range."""
    key: int | None
    """Number of the queue, agent, ...; 0 for none (calls that had no queue), None for all together."""
    sums: Sums


def figures(asked: Asked) -> list[Row]:
    """Rows with anything in them, by interval, then by number. One query."""
    rows = _source(asked)
    names: list[str] = []
    if asked.step:
        rows = rows.annotate(begin=_interval(asked))
        names.append("begin")
    if asked.by:
        if rows.model is Part and asked.by in TAGGED:
            rows = rows.filter(tags__kind=TAGGED[asked.by])  # the same join gives the key
        rows = rows.annotate(of=_key(asked, rows))
        names.append("of")
    summed = {f"sum_{name}": Sum(name) for name in MEASURES}
    if not names:
        found = [rows.aggregate(**summed)]
    else:
        found = list(rows.values(*names).annotate(**summed).order_by(*names).values(*names, *summed))
    made = [Row(one.get("begin"), one.get("of"), Sums.of({name: one[f"sum_{name}"] for name in MEASURES})) for one in found]
    return [one for one in made if one.sums]


def by_day(asked: Asked) -> Iterator[tuple[date, list[Row]]]:
    """The same day by day, for what is long: one query a day, and no cursor stays open in between."""
    day = asked.first
    while day <= asked.last:
        yield day, figures(replace(asked, first=day, last=day))
        day += timedelta(days=1)


def contacts(asked: Asked, measure: str, *, begin: int | None = None, end: int | None = None) -> QuerySet[Part]:
    """The parts that a figure is the sum of: of `asked.only`, with anything of `measure`, of the slots from `begin` to before `end`. Their number and their sum are the figure's."""
    if measure not in MEASURES:
        raise ValueError(f"no such measure: {measure}")
    rows = _parts(asked).exclude(**{measure: 0})
    if begin is not None:
        rows = rows.filter(slot__gte=begin)
    if end is not None:
        rows = rows.filter(slot__lt=end)
    return rows.order_by("at", "pk")


def _source(asked: Asked) -> QuerySet[Any]:
    """The cells of the one kind that is looked at, or the parts."""
    kinds = ({asked.by} - {""}) | set(asked.only) | set(asked.limits)
    if len(kinds) > 1:
        return _parts(asked)
    kind = kinds.pop() if kinds else "queue"
    rows = Cell.objects.filter(kind=KINDS[kind], **_range(asked))
    if kind in asked.only:
        rows = rows.filter(key=asked.only[kind])
    if kind in asked.limits:
        rows = rows.filter(key__in=asked.limits[kind])
    return rows


def _range(asked: Asked) -> dict[str, int]:
    begin, end = between(asked.first, asked.last, asked.zone)
    return {"slot__gte": int(begin.timestamp()), "slot__lt": int(end.timestamp())}


def _parts(asked: Asked) -> QuerySet[Part]:
    rows = Part.objects.filter(**_range(asked))
    for kind, number in asked.only.items():
        if kind in TAGGED:
            rows = rows.filter(Exists(Tag.objects.filter(part=OuterRef("pk"), kind=TAGGED[kind], key=number)))
        else:
            rows = rows.filter(**{kind: number})
    for kind, numbers in asked.limits.items():
        rows = rows.filter(**{f"{kind}__in": numbers})
    return rows


def _key(asked: Asked, rows: QuerySet[Any]) -> Any:
    if rows.model is Cell:
        return F("key")
    if asked.by in TAGGED:
        return F("tags__key")
    return F(asked.by)


def _interval(asked: Asked) -> Any:
    """The key of the interval of a slot: intervals.key_of, by the database."""
    rules = stretches(asked.first, asked.last, asked.zone, asked.step)
    cases = []
    for one in rules:
        past = F("slot") - Value(one.origin, output_field=BigIntegerField())
        cases.append(When(Q(slot__lt=one.end), then=F("slot") - past % Value(one.length, output_field=BigIntegerField())))
    return Case(*cases, output_field=BigIntegerField())


def whole_of(rows: QuerySet[Part], measure: str) -> tuple[int, int]:
    """Of `contacts`: the sum of the measure, which is the figure, and how many parts it is made of. One query."""
    found = rows.order_by().aggregate(whole=Sum(measure), number=Count("pk"))
    return int(found["whole"] or 0), int(found["number"])
