"""How satisfied customers were, on one scale whatever their survey's was: for the live board, a ticket's page and the account owners' board."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cordboard.flows.models import Flow
from cordboard.guidance.models import SurveyAnswer
from cordboard.guidance.queries_survey import LOW
from cordboard.tickets.models import Complaint

LOWEST, HIGHEST = 1.0, 5.0
"""The scale on which ratings are compared."""
LOW_ON_FIVE = HIGHEST * LOW
"""Up to this somebody is not satisfied."""
Scales = dict[tuple[int, str], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """`mean` of 1 to 5, None when nobody said anything; `number` of ratings, `low` of these are low ones."""

    mean: float | None
    number: int
    low: int


@dataclass(frozen=True, slots=True)
class Given:
    """Of everything that one may see, and of each queue in whose contacts somebody was rated. What is of no queue (results of complaints) is in the whole alone."""

    whole: Satisfaction
    queues: dict[int, Satisfaction]


def on_five(number: float, scale: tuple[float, float]) -> float:
    """A rating on its survey's scale (from, to) as one of 1 to 5, by straight proportion."""
    lowest, highest = scale
    return LOWEST + (HIGHEST - LOWEST) * (number - lowest) / (highest - lowest)


def summed(ratings: Collection[float]) -> Satisfaction:
    """Of ratings of 1 to 5."""
    low = sum(one <= LOW_ON_FIVE for one in ratings)
    return Satisfaction(sum(ratings) / len(ratings) if ratings else None, len(ratings), low)


def scales(flows: Collection[int]) -> Scales:
    """From and to of the ratings that these flows ask, by the name that keeps the answer. One query."""
    made: Scales = {}
    for flow in Flow.objects.filter(pk__in=flows):
        for step in flow.runs_as["steps"].values():
            lowest, highest = float(step.get("min", 1)), float(step.get("max", 5))
            if step.get("kind") == "rating" and step.get("into") and lowest < highest:
                made[flow.pk, str(step["into"])] = (lowest, highest)
    return made


def given_since(since: datetime, *, queues: Collection[int] | None = None, unit: int | None = None) -> Given:
    """Of the surveys that were answered since then the first rating of each, and the ratings of complaints. `queues` and the `unit` in charge of
    complaints: those that one may see; `queues` None for all. Three queries."""
    rows = SurveyAnswer.objects.filter(kind="rating", number__isnull=False, invitation__answered_at__gte=since)
    if queues is not None:
        rows = rows.filter(invitation__queue__in=list(queues))
    # Of one survey the first rating counts: it is read last.
    found = rows.order_by("-order").values_list("invitation", "invitation__queue", "invitation__run__flow", "name", "number")
    last = {pk: (queue, flow, name, number) for pk, queue, flow, name, number in found if number is not None}
    known = scales({flow for _queue, flow, _name, _number in last.values() if flow is not None})
    ratings: dict[int | None, list[float]] = {}
    for queue, flow, name, number in last.values():
        ratings.setdefault(queue, []).append(on_five(number, known.get((flow, name), (LOWEST, HIGHEST))))
    # What was answered by a link is among the surveys of all; it belongs to no queue, and so to none of a unit's.
    told = Complaint.objects.filter(rated_at__gte=since, rating__isnull=False)
    told = told.filter(rated_by__isnull=False) if queues is None else told.filter(unit=unit)
    complaints = [float(one) for one in told.values_list("rating", flat=True) if one is not None]
    whole = summed([*(one for each in ratings.values() for one in each), *complaints])
    return Given(whole, {queue: summed(each) for queue, each in ratings.items() if queue is not None})


def first_rating(invitation: int) -> float | None:
    """Of one survey, of 1 to 5; None where none was given. Two queries."""
    rows = SurveyAnswer.objects.filter(invitation=invitation, kind="rating", number__isnull=False).order_by("order")
    found = rows.values_list("invitation__run__flow", "name", "number").first()
    if found is None or found[2] is None:
        return None
    return on_five(found[2], scales([found[0]]).get((found[0], found[1]), (LOWEST, HIGHEST)))
