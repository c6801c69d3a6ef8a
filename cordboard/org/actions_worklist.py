"""Taking, releasing and giving work of any kind, to a person or a position: the package that owns it changes it, here it is told to the lists that it left and that it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import Position, User
from cordboard.org.worklist import KINDS, Outcome

MOST_WHY = 200


def take(user: Any, code: str, number: int, *, now: datetime | None = None) -> Outcome:
    """Mine from now on. Of two who take at once one gets it; the other is told who. Raises KeyError for a kind that nobody offers, PermissionDenied."""
    do = KINDS[code].take
    if do is None:
        return Outcome(False, _("This cannot be taken."))
    return _moved(user, code, number, user.pk, "take", "", lambda: do(user, number, now or timezone.now()))


def release(user: Any, code: str, number: int, *, why: str = "", now: datetime | None = None) -> Outcome:
    """Back to the unit's, position's or queue's list, for whoever takes it."""
    return give(user, code, number, None, why=why, now=now)


def give(user: Any, code: str, number: int, to: int | None, *, why: str = "", now: datetime | None = None) -> Outcome:
    """To a colleague (None: nobody), and why. Raises KeyError, PermissionDenied."""
    do = KINDS[code].give
    if do is None:
        return Outcome(False, _("This cannot be given away."))
    taker = User.objects.select_related("unit").filter(pk=to, is_active=True).first() if to is not None else None
    if to is not None and taker is None:
        return Outcome(False, _("This colleague has no account any more."))
    why = " ".join(why.split())[:MOST_WHY]
    return _moved(user, code, number, to, "give" if to is not None else "release", why, lambda: do(user, number, taker, why, now or timezone.now()))


def stand(user: Any, code: str, number: int, position: int, *, why: str = "", now: datetime | None = None) -> Outcome:
    """Into the list of a position, for whoever of it takes it, and why. Raises KeyError, PermissionDenied."""
    do = KINDS[code].stand
    if do is None:
        return Outcome(False, _("This cannot wait in the list of a position: give it to a colleague."))
    place = Position.objects.select_related("unit").filter(pk=position).first()
    if place is None:
        return Outcome(False, _("This position is not there any more."))
    why = " ".join(why.split())[:MOST_WHY]
    return _moved(user, code, number, None, "stand", why, lambda: do(user, number, place, why, now or timezone.now()))


def give_all(user: Any, work: Sequence[tuple[str, int]], to: int | None, why: str, *, now: datetime | None = None) -> list[tuple[str, int, Outcome]]:
    """Several things in one act: all that can be given are given, the others say why not. Each is a transaction of its own, so that one that cannot does not hold up the rest."""
    return [(code, number, give(user, code, number, to, why=why, now=now)) for code, number in work]


def _moved(user: Any, code: str, number: int, owner: int | None, act: str, why: str, do: Callable[[], Outcome]) -> Outcome:
    with transaction.atomic():
        came = do()
        if came.moved:
            log.record(
                "org.work_moved", actor=f"user:{user.pk}", why=why, kind=code, number=number, act=act, owner=owner, old=came.old, unit=came.unit, position=came.position
            )  # fmt: skip
    return came
