"""Figures as tables, charts and addresses. Nothing here reads the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.analytics.asked import Choices, Item, Question
from cordboard.analytics.columns import DASH, OF_AGENTS, OF_CONTACTS, Column, share
from cordboard.analytics.intervals import Interval, laid
from cordboard.analytics.queries import Row
from cordboard.analytics.sums import Sums, total

LOW = 0.1
"""How far below its target a service level is shown as bad and no longer as late."""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str = ""
    tone: str = ""
    """"" , "warn" or "bad"; "none" for zero"""


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    cells: tuple[Cell, ...]
    url: str = ""
    """Where the name leads."""
    indent: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """An SVG of 1200 by 120: bars of what was offered, a line of the service level from 0 (below) to 100 % (above)."""

    bars: tuple[Bar, ...]
    lines: tuple[str, ...]
    """Points of polylines; the line is broken where nothing can be divided."""
    ticks: tuple[tuple[float, str], ...]
    target: float | None
    """y of the target"""
    most: str
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    sum: Line | None
    left_out: str = ""
    """Says which empty intervals are not shown."""


def columns_of(question: Question) -> tuple[Column, ...]:
    return OF_AGENTS if question.rows == "agent" or "agent" in question.only else OF_CONTACTS


def parameters(question: Question, **changes: str) -> dict[str, str]:
    """The question as an address has it."""
    kept = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "interval": question.step,
        "rows": question.rows,
        "level": question.level,
        **{kind: str(item.id) for kind, item in question.only.items()},
    }
    return {name: value for name, value in (kept | changes).items() if value}


def address(view: str, question: Question, **changes: str) -> str:
    return f"{reverse(view)}?{urlencode(parameters(question, **changes))}"


def table(question: Question, rows: Sequence[Row], choices: Choices, *, opens: str = "analytics:contacts") -> Table:
    """`rows` by interval or by number, as the question's rows say. `opens` is the view that lists contacts."""
    columns = columns_of(question)
    whole = total(row.sums for row in rows) if question.rows not in ("skill", "reason") else None
    base = address(opens, question, **({question.rows: ""} if question.rows != "time" else {}))
    if question.rows == "time":
        lines, left_out = _by_time(question, rows, columns, base, choices)
    else:
        lines, left_out = _by_kind(question, rows, columns, base, choices), ""
    summed = Line(_("Total"), _cells(columns, whole, question, base, _target(question, None, choices))) if whole is not None and lines else None
    return Table(columns, tuple(lines), summed, left_out)


def _by_time(question: Question, rows: Sequence[Row], columns: Sequence[Column], base: str, choices: Choices) -> tuple[list[Line], str]:
    """Every interval from the first to the last in which there was something."""
    found = {row.begin: row.sums for row in rows}
    shown = used(question, found)
    if not shown:
        return [], ""
    target = _target(question, None, choices)
    names = labels(question, shown)
    lines = [Line(name, _cells(columns, found.get(one.key, Sums()), question, f"{base}&at={one.key}", target)) for one, name in zip(shown, names, strict=True)]
    every = sum(1 for _one in laid(question.first, question.last, question.zone, question.step))
    if len(shown) == every:
        return lines, ""
    return lines, _("Intervals before the first contact and after the last are left out.")


def used(question: Question, found: Mapping[int | None, Sums]) -> list[Interval]:
    """The intervals from the first with anything in it to the last."""
    keys = [key for key in found if key is not None]
    return [one for one in laid(question.first, question.last, question.zone, question.step) if keys and min(keys) <= one.key <= max(keys)]


def labels(question: Question, shown: Sequence[Interval]) -> list[str]:
    """The wall clock's names of intervals: 09:30; with the day where there are several; with the zone's own short name where an hour comes twice."""
    local = [one.begin.astimezone(question.zone) for one in shown]
    if question.step == "day":
        return [formats.date_format(moment, pgettext("date pattern, day in a list", "D j M")) for moment in local]
    walls = [moment.replace(tzinfo=None) for moment in local]
    twice = {wall for wall, times in Counter(walls).items() if times > 1}
    several = question.days > 1
    return [_label(moment, several, moment.replace(tzinfo=None) in twice) for moment in local]


def _label(moment: datetime, several: bool, twice: bool) -> str:
    text = formats.time_format(moment, pgettext("time pattern", "H:i"))
    if twice:
        text = f"{text} {moment.tzname()}"
    return f"{formats.date_format(moment, pgettext('date pattern, this year', 'j M'))} {text}" if several else text


def _by_kind(question: Question, rows: Sequence[Row], columns: Sequence[Column], base: str, choices: Choices) -> list[Line]:
    items = choices.of(question.rows)
    found = {row.key: row.sums for row in rows}
    order = {number: place for place, number in enumerate(items)}
    lines = []
    for number in sorted(found, key=lambda one: order.get(one or 0, len(order))):
        if not number and question.rows == "agent":
            continue  # what no agent has: waiting, abandoned
        item = items.get(number or 0)
        name = item.name if item else _unknown(question.rows, number or 0)
        leads = ""
        if item is not None and question.rows == "agent":
            leads = f"{reverse('analytics:agent_day', args=[item.id])}?day={question.last.isoformat()}"
        elif item is not None:
            leads = address("analytics:figures", question, rows="time", **{question.rows: str(item.id)})
        cells = _cells(columns, found[number], question, f"{base}&{question.rows}={number}", _target(question, item, choices))
        lines.append(Line(name, cells, leads, indent=bool(item and item.group)))
    return lines


def _unknown(kind: str, number: int) -> str:
    if not number:
        return _("None")
    return _("Removed (%(number)d)") % {"number": number}


def _target(question: Question, item: Item | None, choices: Choices) -> float | None:
    """The target of the one queue that is looked at, as a share; several queues have several."""
    queue = item if item is not None and question.rows == "queue" else question.only.get("queue")
    return queue.target_percent / 100 if queue is not None and queue.target_percent is not None else None


def _cells(columns: Sequence[Column], sums: Sums, question: Question, base: str, target: float | None) -> tuple[Cell, ...]:
    return tuple(_cell(column, sums, question, base, target) for column in columns)


def _cell(column: Column, sums: Sums, question: Question, base: str, target: float | None) -> Cell:
    value = column.value(sums, question.level)
    opened = getattr(sums, column.opens)
    tone = "" if value else "none"
    if column.code == "service_level" and value is not None:
        tone = "" if target is None or value >= target else "bad" if value < target - LOW else "warn"
    return Cell(column.words(value), f"{base}&of={column.opens}" if opened else "", tone)


def chart(question: Question, rows: Sequence[Row], choices: Choices) -> Chart | None:
    """None when there is no course to be shown: one interval, or figures of agents."""
    found = {row.begin: row.sums for row in rows}
    shown = used(question, found)
    if question.rows != "time" or len(shown) < 2 or columns_of(question) is OF_AGENTS:
        return None
    width = 1200 / len(shown)
    most = max((one.offered for one in found.values()), default=0) or 1
    names = labels(question, shown)
    bars: list[Bar] = []
    lines: list[list[str]] = []
    line: list[str] = []
    for place, (one, name) in enumerate(zip(shown, names, strict=True)):
        sums = found.get(one.key, Sums())
        height = round(108 * sums.offered / most, 1)
        level = sums.service_level(question.level)
        title = _("%(time)s: %(offered)s offered, service level %(level)s") % {
            "time": name,
            "offered": sums.offered,
            "level": DASH if level is None else share(level),
        }
        bars.append(Bar(round(place * width + width * 0.15, 1), round(120 - height, 1), round(width * 0.7, 1), height, title))
        if level is None:
            lines.append(line)
            line = []
        else:
            line.append(f"{place * width + width / 2:.1f},{120 - 108 * level:.1f}")
    lines.append(line)
    every = max(1, round(len(shown) / 12))
    ticks = tuple((round(place * width + width / 2, 1), name) for place, name in enumerate(names) if place % every == 0)
    target = _target(question, None, choices)
    return Chart(
        tuple(bars), tuple(" ".join(one if len(one) > 1 else [one[0], one[0]]) for one in lines if one), ticks,
        None if target is None else round(120 - 108 * target, 1), str(most),
        _("Offered and service level from %(first)s to %(last)s") % {"first": names[0], "last": names[-1]},
    )  # fmt: skip


def around(question: Question, view: str) -> tuple[str, str]:
    """Addresses of the range before and the one after, of the same number of days."""
    step = timedelta(days=question.days)
    return tuple(  # type: ignore[return-value]
        address(view, question, **{"from": (question.first + sign * step).isoformat(), "to": (question.last + sign * step).isoformat()}) for sign in (-1, 1)
    )
