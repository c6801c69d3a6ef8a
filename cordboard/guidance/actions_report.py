"""Reports of contacts, made from the answers of a script."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.guidance import events
from cordboard.guidance.models import ContactReport
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part

LONGEST = 20_000


def keep_report(interaction: int, key: str, title: str, text: str, by: Any, *, now: datetime | None = None) -> ContactReport:
    """Make the report, or change the one that was made with this key. `by` None: the system. Raises PermissionDenied, ValidationError."""
    now = now or timezone.now()
    title, text = title.replace("\x00", "").strip()[:200], text.replace("\x00", "").strip()
    if not title or not text or len(text) > LONGEST:
        raise ValidationError(_("A report needs a title and a text."))
    with transaction.atomic():
        row = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
        if row is None:
            raise ValidationError(_("This contact is not there."))
        if by is not None:
            require_part(by, HANDLE, row)
        report, made = ContactReport.objects.get_or_create(
            interaction=row, key=key[:200], defaults={"title": title, "text": text, "by": by, "made_at": now, "changed_at": now}
        )
        if not made and (report.title, report.text) != (title, text):
            report.title, report.text, report.by, report.changed_at = title, text, by, now
            report.save(update_fields=["title", "text", "by", "changed_at"])
        log.record(
            events.REPORT_KEPT, actor=f"user:{by.pk}" if by is not None else "system", interaction=interaction, report=report.pk, new=made,
            agent=by.pk if by is not None else None,
        )  # fmt: skip
    return report
