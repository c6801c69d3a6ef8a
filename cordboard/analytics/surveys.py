"""What came of surveys, as tables, bars and addresses. Nothing here reads the database but what it is given."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dateformat import format as dated
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from cordboard.analytics.columns import DASH
from cordboard.analytics.export import Line as Written
from cordboard.analytics.export import safe
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation, Way
from cordboard.guidance.queries_survey import Question, Result


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    result: Result
    url: str
    answered_url: str
    share: str
    rating: str


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Bar:
    words: str
    number: int
    width: int
    """Of 100."""
    url: str


@dataclass(frozen=True, slots=True)
class Asked:
    words: str
    number: int
    mean: str
    bars: list[Bar]


def percent(share: float | None) -> str:
    return DASH if share is None else _("%(n)s%%") % {"n": number_format(round(100 * share), 0)}


def mean(value: float | None) -> str:
    """number_format cuts off, it does not round."""
    return DASH if value is None else number_format(round(value, 1), 1)


class Addresses:
    """Where the contacts behind a figure are: the page's own question, with more."""

    def __init__(self, code: str, first: Any, last: Any) -> None:
        self.given = {"survey": code, "from": first.isoformat(), "to": last.isoformat()}

    def behind(self, **more: Any) -> str:
        return f"{reverse('analytics:survey_answers')}?{urlencode({**self.given, **{name: value for name, value in more.items() if value not in (None, '')}})}"

    def results(self) -> str:
        return f"{reverse('analytics:surveys')}?{urlencode(self.given)}"

    def file(self) -> str:
        return f"{reverse('analytics:survey_file')}?{urlencode(self.given)}"


def table(title: str, head: str, rows: Iterable[Result], part: str, to: Addresses, named: Callable[[Result], str]) -> Table:
    """`part`: the parameter that chooses one line's invitations, or "day"."""
    lines = []
    for row in rows:
        more = {"from": row.key.isoformat(), "to": row.key.isoformat()} if part == "day" else {part: row.key or 0}
        lines.append(Line(named(row), row, to.behind(**more), to.behind(**more, answered="1"), percent(row.share), mean(row.rating)))
    return Table(title, head, lines)


def asked(question: Question, words: Mapping[str, str], choices: Mapping[str, Mapping[str, str]], to: Addresses) -> Asked:
    """One question with a bar for each answer."""
    most = max((number for _value, number in question.counts), default=0)
    own = choices.get(question.name, {})
    bars = [
        Bar(own.get(str(value), _value(value)), number, round(100 * number / most), to.behind(name=question.name, value=value) if question.kind != "multiple" else "")
        for value, number in question.counts[:20]
    ]  # fmt: skip
    return Asked(words.get(question.name) or question.name, question.number, mean(question.mean) if question.mean is not None else "", bars)


def _value(value: Any) -> str:
    return number_format(value, 0) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True, slots=True)
class Given:
    """One who was asked, as a line of a list."""

    at: str
    customer: str
    url: str
    queue: str
    agent: str
    way: str
    state: str
    answers: list[tuple[str, str]]


def given(row: SurveyInvitation, answers: list[SurveyAnswer], zone: Any, may_see: bool, choices: Mapping[str, Mapping[str, str]]) -> Given:
    """Whom it was about is shown to those who may see contacts."""
    party = row.party if may_see else None
    return Given(
        at=date_format(row.made_at.astimezone(zone), "SHORT_DATETIME_FORMAT"),
        customer=party.name if party is not None else "",
        url=reverse("desktop:customer", args=[party.pk]) if party is not None else "",
        queue=str(row.queue or ""),
        agent=str(row.agent or ""),
        way=str(Way(row.way).label),
        state=state_of(row),
        answers=[(one.name, words_of(one, choices)) for one in answers],
    )


def state_of(row: SurveyInvitation) -> str:
    if row.answered_at is not None:
        return _("Answered")
    if row.withdrawn_at is not None:
        return _("Withdrawn")
    return _("Opened, not finished") if row.opened_at is not None else _("Not opened")


def words_of(answer: SurveyAnswer, choices: Mapping[str, Mapping[str, str]]) -> str:
    own = choices.get(answer.name, {})
    values = answer.value if isinstance(answer.value, list) else [answer.value]
    return ", ".join(own.get(str(one), str(one)) for one in values)


def file(rows: Iterable[tuple[SurveyInvitation, list[SurveyAnswer]]], names: list[str], zone: Any) -> Iterator[str]:
    """CSV (RFC 4180), one row for each who was asked, a column for each question; names in a fixed language of the program, since machines read it."""
    writer = csv.writer(Written())
    head = ["asked_at", "opened_at", "answered_at", "way", "contact", "customer_number", "queue", "agent", "language", *names]
    yield writer.writerow(head)
    for row, answers in rows:
        held = {one.name: one.value for one in answers}
        moments = [dated(moment.astimezone(zone), "c") if moment is not None else "" for moment in (row.made_at, row.opened_at, row.answered_at)]
        number = row.party.customer_number if row.party is not None else None
        own = [row.way, row.interaction_id or "", number or "", row.queue.code if row.queue else "", row.agent.username if row.agent else "", row.language]
        said = [", ".join(map(str, value)) if isinstance(value, list) else value for value in (held.get(name, "") for name in names)]
        yield writer.writerow([safe(value) for value in (*moments, *own, *said)])
