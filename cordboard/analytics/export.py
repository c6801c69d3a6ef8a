"""Figures as planning imports them: one row for each interval and queue (or agent, skill, reason, channel), in CSV and as JSON.

CSV is RFC 4180 with a header, UTF-8, decimal points, times in seconds. Names and codes in a fixed language of the program, since machines read it. What begins like a formula
(=, +, -, @, tab, carriage return) gets an apostrophe in front, so that no spreadsheet runs it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from cordboard.analytics import states
from cordboard.analytics.asked import Choices, Item, Question
from cordboard.analytics.intervals import Interval, laid, written
from cordboard.analytics.queries import by_day
from cordboard.analytics.sums import Sums
from cordboard.analytics.timeline import OFFLINE

COUNTS = (
    "offered", "answered", "answered_within", "abandoned", "short_abandoned", "elsewhere", "offers", "rona", "rejected", "handled", "transferred", "outbound", "consults",
    "callbacks",
)  # fmt: skip
TIMES = ("talk_ms", "hold_ms", "acw_ms", "consult_ms", "wait_answered_ms", "wait_abandoned_ms")
SHARES = ("service_level", "asa", "aht")
STATE_COLUMNS = ("agent", "agent_name", "start", "end", "seconds", "state", "reason")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def header(question: Question) -> list[str]:
    return [
        "interval_start", "interval_end", *([] if question.rows == "time" else [question.rows, f"{question.rows}_name"]), *COUNTS,
        *(f"{name.removesuffix('_ms')}_seconds" for name in TIMES), "service_level", "asa_seconds", "aht_seconds",
    ]  # fmt: skip


def records(question: Question, choices: Choices) -> Iterator[dict[str, Any]]:
    """Rows day by day; each day is one query. By queue every interval of every queue that may be asked for is there, also those without a contact: planning takes a missing
    one for missing data. By other kinds only those with something in them."""
    items = choices.of(question.rows) if question.rows != "time" else {}
    whole = question.rows in ("time", "queue")
    asked = question.asked(step=question.step, by="" if question.rows == "time" else question.rows)
    for day, rows in by_day(asked):
        found: dict[int, dict[int | None, Sums]] = {}
        for row in rows:
            if row.begin is not None and (row.key != 0 or question.rows != "agent"):
                found.setdefault(row.begin, {})[row.key] = row.sums
        for interval in laid(day, day, question.zone, question.step):
            there = found.get(interval.key, {})
            if question.rows == "time":
                yield _record(question, interval, None, there.get(None, Sums()))
                continue
            only = question.only.get(question.rows)
            numbers: list[int | None] = [only.id] if only else [*items] if whole else [number for number in items if number in there]
            numbers += [number for number in there if number not in items]
            for number in numbers:
                item = items.get(number or 0) or Item(number or 0, "", "")
                yield _record(question, interval, item, there.get(number, Sums()))


def _record(question: Question, interval: Interval, item: Item | None, sums: Sums) -> dict[str, Any]:
    record: dict[str, Any] = {"interval_start": written(interval.begin, question.zone), "interval_end": written(interval.end, question.zone)}
    if item is not None:
        record |= {question.rows: item.code, f"{question.rows}_name": item.name}
    record |= {name: getattr(sums, name) for name in COUNTS}
    record |= {f"{name.removesuffix('_ms')}_seconds": getattr(sums, name) / 1000 for name in TIMES}
    level = sums.service_level(question.level)
    record |= {
        "service_level": None if level is None else round(level, 6),
        "asa_seconds": None if sums.asa is None else round(sums.asa, 3),
        "aht_seconds": None if sums.aht is None else round(sums.aht, 3),
    }
    return record


def states_of(question: Question, choices: Choices, now: datetime) -> Iterator[dict[str, Any]]:
    """Every state of every agent that is asked for, day by day; a state that lasts over midnight is cut there. Without offline. What lasts still ends now."""
    only = question.only.get("agent")
    agents = {only.id: only} if only else choices.agent
    day = question.first
    while day <= question.last:
        for agent, log in states.of_agents(agents, day, question.zone, now).items():
            for span in log:
                if span.state != OFFLINE:
                    yield {
                        "agent": agents[agent].code,
                        "agent_name": agents[agent].name,
                        "start": written(span.begin, question.zone),
                        "end": written(span.end, question.zone),
                        "seconds": span.seconds,
                        "state": span.state,
                        "reason": span.reason,
                    }
        day += timedelta(days=1)


class Line:
    """What csv.writer writes to, one line at a time."""

    def write(self, text: str) -> str:
        return text


def csv_of(question: Question, choices: Choices) -> Iterator[str]:
    """The file of figures, some lines at a time."""
    return _csv(header(question), records(question, choices))


def csv_of_states(question: Question, choices: Choices, now: datetime) -> Iterator[str]:
    """The file of states, some lines at a time."""
    return _csv(STATE_COLUMNS, states_of(question, choices, now))


def _csv(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow(columns)
    pack: list[str] = []
    for record in rows:
        pack.append(writer.writerow([safe(value) for value in record.values()]))
        if len(pack) == 500:
            yield "".join(pack)
            pack = []
    yield "".join(pack)


def safe(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".") if value == round(value, 3) else f"{value:.6f}"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def file_name(question: Question) -> str:
    return f"figures-{question.rows}-{question.first}-{question.last}-{question.step}.csv"
