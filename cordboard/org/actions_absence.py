"""The only writers of absences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import Absence, User
from cordboard.org.permissions import HAND_OVER, user_may

LONGEST_DAYS = 400


def set_absence(
    by: Any, user: int, first_day: date, last_day: date, *, deputy: int | None = None, why: str = Absence.Why.HOLIDAY, now: datetime | None = None
) -> Absence:
    """Somebody is away on these days, both included: one's own, or with org.hand_over a colleague's. Raises ValidationError by field, PermissionDenied."""
    person = User.objects.get(pk=user)
    _may(by, person)
    faults: dict[str, str] = {}
    if last_day < first_day:
        faults["last_day"] = _("The last day is before the first.")
    elif (last_day - first_day).days > LONGEST_DAYS:
        faults["last_day"] = _("At most %(most)d days.") % {"most": LONGEST_DAYS}
    if deputy == user:
        faults["deputy"] = _("Somebody else has to stand in.")
    elif deputy is not None and not User.objects.filter(pk=deputy, is_active=True).exists():
        faults["deputy"] = _("This colleague has no account any more.")
    if why not in Absence.Why.values:
        faults["why"] = _("Choose a reason.")
    if not faults and Absence.objects.filter(user=user, first_day__lte=last_day, last_day__gte=first_day).exists():
        faults["first_day"] = _("There is an absence on these days already.")
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        row = Absence.objects.create(
            user=person, first_day=first_day, last_day=last_day, deputy_id=deputy, why=why, made_by=by, made_at=now or timezone.now()
        )  # fmt: skip
        _tell(by, row, "added")
    return row


def end_absence(by: Any, absence: int, *, now: datetime | None = None) -> None:
    """Back before it was over, or it does not happen: it ends yesterday, or goes where it has not begun. Raises PermissionDenied, Absence.DoesNotExist."""
    with transaction.atomic():
        row = Absence.objects.select_for_update(of=("self",)).select_related("user").get(pk=absence)
        _may(by, row.user)
        today = timezone.localdate(now or timezone.now())
        if row.first_day >= today:
            _tell(by, row, "removed")
            row.delete()
        elif row.last_day >= today:
            row.last_day = date.fromordinal(today.toordinal() - 1)
            row.save(update_fields=["last_day"])
            _tell(by, row, "ended")


def _may(by: Any, person: User) -> None:
    scope = user_may(by, HAND_OVER)
    if not (by.pk == person.pk or scope == "all" or (scope == "unit" and person.unit_id is not None and person.unit_id == by.unit_id)):
        raise PermissionDenied(_("This colleague is not of your unit."))


def _tell(by: Any, row: Absence, change: str) -> None:
    log.record("org.absence_changed", actor=f"user:{by.pk}", user=row.user_id, deputy=row.deputy_id, absence=row.pk, change=change)
