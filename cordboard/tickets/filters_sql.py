"""A plan of the list as a condition of the database."""

from __future__ import annotations

from django.db.models import Q

from cordboard.tickets import states
from cordboard.tickets.filters import Every, Has, Plan, Some
from cordboard.tickets.filters_related import OWN, RELATED, compared, own


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
        case Has(column, "known", _value, True) if column not in RELATED and not column.startswith(OWN):
            # not as NOT (... IS NOT NULL): written plainly, the indexes of open tickets fit
            return Q(**{f"{column}__isnull": True})
        case Has():
            leaf = _leaf(plan)
            return leaf if not plan.negated else ~leaf if leaf else Q(pk__in=[])


def _leaf(has: Has) -> Q:
    if has.column in RELATED:
        return RELATED[has.column](has.op, has.value)
    if has.column.startswith(OWN):
        return own(has.column, has.op, has.value)
    found = compared(has.column, has.op, has.value)
    if has.column == "state" and has.op in ("is", "in") and not has.negated and set(has.value if has.op == "in" else [has.value]) <= set(states.OPEN):
        return found & Q(resolved_at=None)  # says nothing new, and lets the indexes of open tickets serve
    return found
