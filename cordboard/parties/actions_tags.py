"""Tags of customers: added by people and by rules, taken away by people."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.models import Party, PartyTag
from cordboard.parties.tags import tidy


def tag(by: User | None, party: Party | int, words: str, *, rule: str = "", during: str = "", now: datetime | None = None) -> bool:
    """Add a tag; `by` None: a rule does. Returns whether it is new. Raises ValidationError when nothing is left of `words`, PermissionDenied."""
    if by is not None:
        require(by, "parties.change")
    clean = tidy(words)
    if not clean:
        raise ValidationError({"tag": _("Write a tag first.")})
    number = party if isinstance(party, int) else party.pk
    with transaction.atomic():
        _row, made = PartyTag.objects.get_or_create(
            party_id=number, tag=clean, defaults={"by": by, "rule": rule[:120], "origin": during, "at": now or timezone.now()}
        )
        if made:
            log.record("parties.tagged", actor=f"user:{by.pk}" if by else "rule", party=number, added=True, during=during or None)
    return made


def untag(by: User, party: Party | int, words: str, *, during: str = "") -> bool:
    """Take a tag away. Returns whether it was there. Raises PermissionDenied."""
    require(by, "parties.change")
    number = party if isinstance(party, int) else party.pk
    with transaction.atomic():
        gone, _each = PartyTag.objects.filter(party_id=number, tag=tidy(words)).delete()
        if gone:
            log.record("parties.tagged", actor=f"user:{by.pk}", party=number, added=False, during=during or None)
    return bool(gone)
