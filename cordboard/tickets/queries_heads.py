"""Who answers for a unit at this moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cordboard.org.models import Unit, User
from cordboard.org.queries_absence import away, instead
from cordboard.tickets.departments import Answering, Place, head_of


def there(number: int | None) -> User | None:
    """With an account that is open; at most one query."""
    return User.objects.filter(pk=number, is_active=True).first() if number is not None else None


def head_now(unit: int | None, now: datetime) -> tuple[User | None, Answering]:
    """Who answers for a unit at this moment, and whose head that is: a head who is away and for whom nobody stands in is passed, unless there is no other up to the top. Two queries, and
    those of `instead` for heads who are away."""
    absent = away(now)
    rows = list(Unit.objects.values_list("pk", "parent_id", "head_id", "head__is_active"))
    places = {pk: Place(parent, head, bool(active)) for pk, parent, head, active in rows}
    reached = {pk: replace(one, active=one.active and (one.head not in absent or instead(one.head, absent) is not None)) for pk, one in places.items()}
    found = head_of(unit, reached)
    if found.head is not None:
        return instead(found.head, absent), found
    found = head_of(unit, places)
    return there(found.head), found
