"""A plan of the list as a condition of the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cordboard.tickets import states
from cordboard.tickets.filters import Every, Has, Plan, Some
from cordboard.tickets.models_around import TicketTag
from cordboard.tickets.search import with_word

_LOOKUPS = {
    "is": "",
    "in": "__in",
    "less": "__lt",
    "at_most": "__lte",
    "at_least": "__gte",
    "more": "__gt",
    "contains": "__icontains",
    "starts_with": "__istartswith",
}


def _tags(op: str, value: Any) -> Q:
    rows = TicketTag.objects.filter(ticket=OuterRef("pk"))
    if op == "known":
        return Q(Exists(rows))
    some = Q()
    for word in value if op == "in" else [value]:
        some |= Q(word__iexact=word)
    return Q(Exists(rows.filter(some)))


def _words(op: str, value: Any) -> Q:
    if op == "known":  # every ticket has a title
        return Q()
    some = Q()
    for word in value if op == "in" else [value]:
        some |= with_word(word)
    return some


RELATED: dict[str, Callable[[str, Any], Q]] = {"tag": _tags, "words": _words}
"""Columns that are rows of another table: from comparison and value to the condition."""


def where(plan: Plan) -> Q:
    match plan:
        case Every(parts):
            every = Q()
            for part in parts:
                every &= where(part)
            return every
        case Some(parts):
            some = Q()
            for part in parts:
                one = where(part)
                if not one:  # one that holds always: so does the whole
                    return Q()
                some |= one
            return some if parts else Q(pk__in=[])
        case Has(column, "known", _value, True) if column not in RELATED:
            # not as NOT (... IS NOT NULL): written plainly, the indexes of open tickets fit
            return Q(**{f"{column}__isnull": True})
        case Has():
            leaf = _leaf(plan)
            return leaf if not plan.negated else ~leaf if leaf else Q(pk__in=[])


def _leaf(has: Has) -> Q:
    if has.column in RELATED:
        return RELATED[has.column](has.op, has.value)
    if has.op == "known":
        return Q(**{f"{has.column}__isnull": False})
    if has.op == "between":
        low, high = has.value
        return Q(**{f"{has.column}__gte": low, f"{has.column}__lte": high})
    found = Q(**{f"{has.column}{_LOOKUPS[has.op]}": has.value})
    if has.column == "state" and not has.negated and set(has.value if has.op == "in" else [has.value]) <= set(states.OPEN):
        return found & Q(resolved_at=None)  # says nothing new, and lets the indexes of open tickets serve
    return found
