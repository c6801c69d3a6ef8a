"""What a plan of the list asks of other tables and of a kind's own fields, as conditions of the database. Each is true or false of every ticket, never unknown: so it can be negated.

Packages above offer more: `filter_facts.offer`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Case, Exists, FloatField, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IExact,
    In,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
    Regex,
)

from cordboard.tickets.models import SupportLevel, TicketChange, TicketMessage, TicketWatcher
from cordboard.tickets.models_around import TicketTag
from cordboard.tickets.search import with_word

Related = Callable[[str, Any], Q]
"""(comparison, value) -> the condition; `known` has no value."""

LOOKUPS = {
    "is": "",
    "in": "__in",
    "less": "__lt",
    "at_most": "__lte",
    "at_least": "__gte",
    "more": "__gt",
    "contains": "__icontains",
    "starts_with": "__istartswith",
}
_EXPRESSIONS: dict[str, Any] = {
    "is": Exact, "in": In, "less": LessThan, "at_most": LessThanOrEqual, "at_least": GreaterThanOrEqual, "more": GreaterThan,
}  # fmt: skip
_TEXTS: dict[str, Any] = {"is": IExact, "contains": IContains, "starts_with": IStartsWith}
NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
"""How a number of an own field is kept (kinds.py); what is written otherwise is no number."""
OWN = "own:"
"""A column of a kind's own field: own:type:kind:code."""


def compared(column: str, op: str, value: Any) -> Q:
    """One comparison of a column, whatever is unknown."""
    if op == "known":
        return Q(**{f"{column}__isnull": False})
    if op == "between":
        return Q(**{f"{column}__gte": value[0], f"{column}__lte": value[1]})
    return Q(**{f"{column}{LOOKUPS[op]}": value})


def sure(condition: Q) -> Q:
    """False where a database would say unknown."""
    return Q(Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()))


def _expression(expression: Any, op: str, value: Any) -> Q:
    if op == "between":
        return Q(GreaterThanOrEqual(expression, value[0])) & Q(LessThanOrEqual(expression, value[1]))
    return Q(_EXPRESSIONS[op](expression, value))


def _words_of(expression: Any, op: str, value: Any) -> Q:
    """Of a text, without regard to case."""
    some = Q(pk__in=[])
    for word in value if op == "in" else [value]:
        some |= Q(_TEXTS["is" if op == "in" else op](expression, word))
    return some


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


def _watcher(op: str, value: Any) -> Q:
    rows = TicketWatcher.objects.all() if op == "known" else TicketWatcher.objects.filter(user__in=value if op == "in" else [value])
    return Q(pk__in=rows.values("ticket"))


def _changed(op: str, value: Any) -> Q:
    """When something was written or changed last, the opening included. `less` is that nothing was since."""
    match op:
        case "known":
            return Q()
        case "less":
            return ~_since("at_least", value)
        case "at_most":
            return ~_since("more", value)
        case "between":
            return _since("at_least", value[0]) & ~_since("more", value[1])
    return _since(op, value)


def _since(op: str, value: Any) -> Q:
    written, changed = (model.objects.filter(compared("at", op, value)).values("ticket") for model in (TicketMessage, TicketChange))
    return compared("opened_at", op, value) | Q(pk__in=written) | Q(pk__in=changed)


def _level(op: str, value: Any) -> Q:
    """Where it was handed to, else what its unit serves, as levels.rank_of."""
    if op == "known":
        return Q()
    served = SupportLevel.objects.filter(Q(family="") | Q(family=OuterRef("product__product__family")), unit=OuterRef("unit"))
    return _expression(Coalesce("level__rank", Subquery(served.order_by("rank").values("rank")[:1]), Value(1)), op, value)


def _stage(op: str, value: Any) -> Q:
    """A kind's own state, as "kind:state"."""
    if op == "known":
        return ~Q(stage="")
    some = Q(pk__in=[])
    for one in value if op == "in" else [value]:
        kind, _colon, stage = str(one).partition(":")
        some |= Q(kind=kind, stage=stage)
    return some


def _serial(op: str, value: Any) -> Q:
    if op == "known":
        return Q(product__isnull=False)
    some = Q(pk__in=[])
    for one in value if op == "in" else [value]:
        some |= Q(**{f"product__serial__{ {'contains': 'icontains', 'starts_with': 'istartswith'}.get(op, 'iexact') }": one})
    return sure(some)


def own(column: str, op: str, value: Any) -> Q:
    """Of a kind's own field. A ticket of another kind has none."""
    _own, type_, kind, code = column.split(":")
    of_kind, text = Q(kind=kind), KeyTextTransform(code, "values")
    if type_ == "yes_no":
        return of_kind & sure(~Q(IsNull(text, True)) if op == "known" else Q(**{f"values__{code}": value}))
    if op == "known":
        return of_kind & sure(~Q(IsNull(text, True)) & ~Q(Exact(text, Value(""))))
    match type_:
        case "number":
            number = Case(When(Regex(text, NUMBER), then=Cast(text, FloatField())), default=None, output_field=FloatField())
            return of_kind & sure(_expression(number, op, value))
        case "text":
            return of_kind & sure(_words_of(text, op, value))
    return of_kind & sure(_expression(text, op, value))


RELATED: dict[str, Related] = {
    "tag": _tags, "words": _words, "watcher": _watcher, "changed": _changed, "level": _level, "stage_of_kind": _stage, "serial": _serial,
}  # fmt: skip
"""Columns that are no column of a ticket: from comparison and value to the condition."""
