"""What mail adds to a customer's timeline: what was sent, and what could not be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.kept import Kept
from cordboard.mail.models import OutgoingMail
from cordboard.org.permissions import user_may
from cordboard.tickets import case_documents


def _rows(parties: Sequence[int], before: datetime | None = None) -> QuerySet[OutgoingMail]:
    rows = OutgoingMail.objects.filter(party__in=parties)
    return (rows if before is None else rows.filter(made_at__lte=before)).order_by("-made_at", "-pk")


_ROWS = Kept(lambda parties, before=None, *, limit: _rows(parties, before)[:limit])


def entries(asked: Asked) -> list[Entry]:
    """By subject and text. One query."""
    if not asked.q:
        found = _ROWS(*asked.given, limit=asked.limit)
    else:
        found = list(_rows(*asked.given).filter(Q(subject__icontains=asked.q) | Q(text__icontains=asked.q))[: asked.limit])
    return [_entry(row) for row in found]


def _entry(row: OutgoingMail) -> Entry:
    state = str(row.get_state_display())
    detail = _("To %(address)s: %(state)s") % {"address": row.address, "state": state[:1].lower() + state[1:]}
    tone = "bad" if row.state == OutgoingMail.State.FAILED else ""
    return Entry(kind="mail", id=row.pk, at=row.made_at, title=row.subject, detail=detail, icon="mail", tone=tone, data={"state": row.state})


def documents(user: Any, ids: Sequence[int], language: str) -> list[Entry]:
    """These messages, for a case. Who may see the customer's history sees them there too. One query."""
    return [_entry(row) for row in OutgoingMail.objects.filter(pk__in=ids)] if user_may(user, "parties.view") is not None else []


source("mail", entries)
case_documents.offer(case_documents.Kind("mail", later("E-mails"), "mail", documents))
