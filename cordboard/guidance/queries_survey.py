"""What came of surveys: who was asked, who answered, and what. Each of these makes one query, or as many as it says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from cordboard.flows.models import Flow
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation
from cordboard.interactions.models import ContactReason

LOW = 0.4
"""Up to this share of the scale a rating is a low one: 1 and 2 of 5."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which invitations: those made in [begin, end) of this survey, with the rest as far as it is given. `agents`: those whose contacts one may see."""

    code: str
    begin: datetime
    end: datetime
    agents: Collection[int] | None = None
    queue: int | None = None
    agent: int | None = None
    reason: int | None = None
    way: str = ""
    answered: bool = False
    name: str = ""
    value: Any = None
    """With `name`: who gave this answer."""


@dataclass(frozen=True, slots=True)
class Result:
    """Counts of one part of the invitations; `rating` the mean of the first rating asked, None when none was given."""

    key: Any
    name: str
    asked: int
    opened: int
    answered: int
    rated: int
    rating: float | None

    @property
    def share(self) -> float | None:
        """Answered of those asked, 0 to 1."""
        return self.answered / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what was answered to it: `counts` of each value, ratings and numbers in their order; `mean` of those."""

    name: str
    kind: str
    counts: list[tuple[Any, int]]
    mean: float | None
    number: int


def rows_of(asked: Asked) -> QuerySet[SurveyInvitation]:
    rows = SurveyInvitation.objects.filter(code=asked.code, made_at__gte=asked.begin, made_at__lt=asked.end)
    if asked.agents is not None:
        rows = rows.filter(agent__in=asked.agents)
    if asked.queue is not None:
        rows = rows.filter(queue=asked.queue or None)
    if asked.agent is not None:
        rows = rows.filter(agent=asked.agent or None)
    if asked.reason is not None:
        rows = rows.filter(interaction__given_reasons__reason=asked.reason) if asked.reason else rows.filter(interaction__given_reasons=None)
    if asked.way:
        rows = rows.filter(way=asked.way)
    if asked.answered:
        rows = rows.filter(answered_at__isnull=False)
    if asked.name:
        given = SurveyAnswer.objects.filter(invitation=OuterRef("pk"), name=asked.name)
        rows = (
            rows.filter(pk__in=Subquery(_with(asked.name, asked.value).values("invitation")))
            if asked.value is not None
            else rows.filter(pk__in=Subquery(given.values("invitation")))
        )
    return rows


def _with(name: str, value: Any) -> QuerySet[SurveyAnswer]:
    rows = SurveyAnswer.objects.filter(name=name)
    return rows.filter(number=float(value)) if isinstance(value, int | float) else rows.filter(value=value)


def used(begin: datetime, end: datetime, agents: Collection[int] | None = None) -> list[tuple[str, str, int]]:
    """(code, name, how many were asked) of the surveys of these days, the most used first. Two queries."""
    rows = SurveyInvitation.objects.filter(made_at__gte=begin, made_at__lt=end)
    rows = rows if agents is None else rows.filter(agent__in=agents)
    counts = dict(rows.values("code").annotate(n=Count("pk")).order_by("-n", "code").values_list("code", "n"))
    names: dict[str, str] = {}
    for code, name in Flow.objects.filter(code__in=counts).order_by("version").values_list("code", "name"):
        names[code] = name
    return [(code, names.get(code, code), number) for code, number in counts.items()]


def _counted(rows: QuerySet[SurveyInvitation], key: Any, name: Any) -> list[Result]:
    first = SurveyAnswer.objects.filter(invitation=OuterRef("pk"), kind="rating").order_by("order").values("number")[:1]
    found = (
        rows.annotate(part=key, called=name, rate=Subquery(first))
        .values("part", "called")
        .annotate(
            n=Count("pk"), opened=Count("opened_at"), answered=Count("answered_at"), rated=Count("rate"), mean=Avg("rate")
        )
        .order_by("called", "part")
    )  # fmt: skip
    return [
        Result(row["part"], str(row["called"] or ""), row["n"], row["opened"], row["answered"], row["rated"], row["mean"])
        for row in found
    ]  # fmt: skip


def in_all(asked: Asked) -> Result:
    found = _counted(rows_of(asked), F("code"), F("code"))
    return found[0] if found else Result(asked.code, "", 0, 0, 0, 0, None)


def by_day(asked: Asked, zone: Any) -> list[Result]:
    return _counted(rows_of(asked), TruncDate("made_at", tzinfo=zone), TruncDate("made_at", tzinfo=zone))


def by_queue(asked: Asked) -> list[Result]:
    return _counted(rows_of(asked), F("queue_id"), F("queue__name"))


def by_agent(asked: Asked) -> list[Result]:
    return _counted(rows_of(asked), F("agent_id"), F("agent__name"))


def by_way(asked: Asked) -> list[Result]:
    return _counted(rows_of(asked), F("way"), F("way"))


def by_reason(asked: Asked, language: str) -> list[Result]:
    """A contact with several reasons counts for each of them. Two queries."""
    found = _counted(rows_of(asked), F("interaction__given_reasons__reason_id"), F("interaction__given_reasons__reason__code"))
    names = {one.pk: one.name_in(language) for one in ContactReason.objects.filter(pk__in=[row.key for row in found if row.key])}
    return [Result(row.key, names.get(row.key, ""), row.asked, row.opened, row.answered, row.rated, row.rating) for row in found]


def questions(asked: Asked) -> list[Question]:
    """What was answered to each question but those for a text, in the order of the survey."""
    rows = SurveyAnswer.objects.filter(invitation__in=rows_of(asked)).exclude(kind__in=("text", "telephone", "email", "digits"))
    counts: dict[tuple[int, str, str], dict[Any, int]] = {}
    for name, kind, value, order in rows.order_by("order", "name").values_list("name", "kind", "value", "order"):
        at = next((key for key in counts if key[1:] == (name, kind)), (order, name, kind))
        held = counts.setdefault(at, {})
        for one in value if isinstance(value, list) else [value]:
            held[one] = held.get(one, 0) + 1
    made = []
    for _order, name, kind in sorted(counts):
        held = counts[_order, name, kind]
        numbers = kind in ("rating", "number")
        number = sum(held.values())
        ordered = sorted(held.items()) if numbers or kind == "date" else sorted(held.items(), key=lambda one: (-one[1], str(one[0])))
        mean = sum(float(value) * times for value, times in held.items()) / number if numbers and number else None
        made.append(Question(name, kind, ordered, mean, number))
    return made


def comments(asked: Asked, most: int = 50) -> list[SurveyAnswer]:
    """What was written, newest first."""
    rows = SurveyAnswer.objects.filter(invitation__in=rows_of(asked), kind="text").exclude(value="")
    rows = rows.select_related("invitation__party", "invitation__agent", "invitation__queue", "invitation__interaction")
    return list(rows.order_by("-invitation__made_at", "order")[:most])


def answers_of(invitations: Collection[int]) -> dict[int, list[SurveyAnswer]]:
    found: dict[int, list[SurveyAnswer]] = {}
    for one in SurveyAnswer.objects.filter(invitation__in=invitations).order_by("invitation", "order"):
        found.setdefault(one.invitation_id, []).append(one)
    return found


def asked_words(code: str, language: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """What a survey asks, by variable, and what its choices say, by variable and value, in this language or the flow's own."""
    flow = Flow.objects.filter(code=code).exclude(state=Flow.State.DRAFT).order_by("-version").first()
    questions: dict[str, str] = {}
    choices: dict[str, dict[str, str]] = {}
    if flow is None:
        return questions, choices
    graph = flow.runs_as
    order = [language, str(graph.get("fallback", "")), *graph.get("languages", ())]

    def said(texts: Any) -> str:
        found = next((texts[one] for one in order if one in texts), "") if isinstance(texts, dict) else ""
        return str(found.get("text", "")) if isinstance(found, dict) else str(found)

    for step in graph["steps"].values():
        if step.get("type") == "ask" and step.get("into"):
            questions[str(step["into"])] = said(step.get("texts"))
            choices[str(step["into"])] = {str(one["value"]): said(one.get("texts")) or str(one["value"]) for one in step.get("choices", ())}
    return questions, choices


def unsent(asked: Asked) -> int:
    """Links that could not be sent. One query."""
    from cordboard.mail.models import OutgoingMail

    rows = OutgoingMail.objects.filter(purpose="survey", state=OutgoingMail.State.FAILED, made_at__gte=asked.begin, made_at__lt=asked.end)
    return rows.filter(Q(interaction__agent__in=asked.agents) if asked.agents is not None else Q()).count()
