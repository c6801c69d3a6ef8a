"""The scheme by which complaints are weighed and answered: each change is a version, and an older one can be taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, check
from cordboard.org.permissions import require
from cordboard.tickets import complaint_scheme, queries_complaint
from cordboard.tickets import events_complaint as events
from cordboard.tickets.models import ComplaintScheme
from cordboard.tickets.permissions_complaint import MANAGE


def scheme_words() -> dict[str, str]:
    """What is said of a scheme that cannot be kept, by the codes of complaint_scheme.checked."""
    return {
        "weights": _("Give at least one part a weight above 0."),
        "percent": _("A whole number from 0 to 100."),
        "bands": _("Three scores from 1 to 100, each higher than the one before."),
        "hours": _("Working hours for each severity, from 1 to %(most)s.") % {"most": complaint_scheme.LONGEST_HOURS},
        "texts": _("A text has a subject and a message, and English is always there."),
        "result": _("The message must have {result} in it: there the result is put in."),
        "named": _("{%(name)s} is not known. What can be put in: {name}, {number}, {title}, {result}, {measure}."),
        "measures": _("Each measure has a code of its own (small letters, digits and dashes) and an English name."),
        "low": _("A low rating is a number from 0 (never) to 4."),
        "number": _("This value is not possible here."),
    }


def keep_scheme(user: Any, values: Mapping[str, Any], *, seen: str = "", note: str = "", now: datetime | None = None) -> ComplaintScheme:
    """A new version with these keys changed (complaint_scheme.py). The same as it stands makes none. Raises BadValue, Changed, PermissionDenied."""
    require(user, MANAGE)
    now = now or timezone.now()
    with transaction.atomic():
        last = ComplaintScheme.objects.select_for_update().order_by("-version").first()
        before = queries_complaint.body_of(last)
        if seen:
            check(seen, {name: before[name] for name in values})
        unknown = sorted(set(values) - set(complaint_scheme.BEGIN))
        if unknown:
            raise BadValue(unknown[0], scheme_words()["number"])
        body = complaint_scheme.checked({**before, **values}, scheme_words())
        if last is not None and body == before:
            return last
        row = ComplaintScheme.objects.create(version=(last.version if last is not None else 0) + 1, body=body, note=note.strip()[:200], by=user, at=now)
        what = ",".join(sorted(name for name in values if body[name] != before[name]))
        log.record(events.SCHEME_SET, actor=f"user:{user.pk}", version=row.version, what=what[:200])
    return row


def take_up_again(user: Any, version: int, *, now: datetime | None = None) -> ComplaintScheme:
    """An older version holds again, as a new one. Raises PermissionDenied, BadValue, ComplaintScheme.DoesNotExist."""
    require(user, MANAGE)
    old = ComplaintScheme.objects.get(version=version)
    return keep_scheme(user, queries_complaint.body_of(old), note=_("As version %(number)s") % {"number": version}, now=now)
