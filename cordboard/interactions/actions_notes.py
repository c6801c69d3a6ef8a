"""What the agent writes down: the scratch pad, contact reasons, outcome, headline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import events
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Note, Outcome
from cordboard.interactions.permissions import HANDLE, has_part, require_part
from cordboard.interactions.tell import Tell
from cordboard.org.permissions import require


@dataclass(frozen=True, slots=True)
class NoteSaved:
    saved: bool
    """False: what is kept is newer; it came from another window, and is given here."""
    note: int
    revision: int
    text: str


def save_note(user: Any, interaction: int | None, text: str, revision: int, *, now: datetime | None = None) -> NoteSaved:
    """Keep the scratch pad as typed. `revision` counts what the pad has sent; an older one never overwrites a newer, and the same one
    twice does no harm. Without an interaction it is the user's loose pad. One who has or had a part in the interaction may, also after
    it was closed: what was typed without a network comes late. Raises PermissionDenied."""
    now = now or timezone.now()
    scope = require(user, HANDLE)
    if interaction is not None and not has_part(user, interaction) and (scope != "all" or not Interaction.objects.filter(pk=interaction).exists()):
        raise PermissionDenied(_("This contact is not yours."))
    mine = Note.objects.filter(author_id=user.pk)
    mine = mine.filter(interaction=None) if interaction is None else mine.filter(interaction_id=interaction)
    for attempt in range(2):
        with transaction.atomic():
            if mine.filter(revision__lt=revision).update(text=text, revision=revision, saved_at=now, filed=False):
                note = mine.only("pk").get()
            elif kept := mine.first():
                return NoteSaved(kept.revision == revision and kept.text == text, kept.pk, kept.revision, kept.text)
            else:
                try:
                    with transaction.atomic():
                        note = Note.objects.create(interaction_id=interaction, author_id=user.pk, text=text, revision=revision, saved_at=now)
                except IntegrityError:
                    if attempt:
                        raise
                    continue  # another window made the row in the same moment: compare with that
            tell = Tell.of(user)
            tell.add(events.NOTE_SAVED, interaction=interaction, note=note.pk, author=user.pk, revision=revision)
            tell.write()
            return NoteSaved(True, note.pk, revision, text)
    raise AssertionError("unreachable")


def file_note(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Put the pad into the interaction's record: colleagues see it in the history."""
    with transaction.atomic():
        note = Note.objects.select_for_update().filter(interaction_id=interaction, author_id=user.pk).first()
        require(user, HANDLE)
        if note is None or not note.text.strip():
            return Act(Came.NO_SUCH, interaction)
        if note.filed:
            return Act(Came.ALREADY, interaction)
        note.filed = True
        note.save(update_fields=["filed"])
        tell = Tell.of(user)
        tell.add(events.NOTE_FILED, interaction=interaction, note=note.pk, author=user.pk)
        tell.write()
    return Act(Came.DONE, interaction)


def add_reason(user: Any, interaction: int, code: str, *, now: datetime | None = None) -> Act:
    """One more reason why the customer contacts us; a contact may have several."""
    now = now or timezone.now()
    with transaction.atomic():
        row, reason = _locked(user, interaction), ContactReason.objects.filter(code=code, active=True).first()
        if row is None or reason is None:
            return Act(Came.NO_SUCH, interaction)
        if not InteractionReason.objects.get_or_create(interaction=row, reason=reason, defaults={"by": user, "at": now})[1]:
            return Act(Came.ALREADY, interaction)
        _tell_reasons(user, interaction)
    return Act(Came.DONE, interaction)


def remove_reason(user: Any, interaction: int, code: str) -> Act:
    with transaction.atomic():
        row = _locked(user, interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        if not InteractionReason.objects.filter(interaction=row, reason__code=code).delete()[0]:
            return Act(Came.ALREADY, interaction)
        _tell_reasons(user, interaction)
    return Act(Came.DONE, interaction)


def set_outcome(user: Any, interaction: int, code: str | None, *, now: datetime | None = None) -> Act:
    """How the contact ended, in the centre's own words (wrap-up code); None takes it back."""
    with transaction.atomic():
        row = _locked(user, interaction)
        outcome = Outcome.objects.filter(code=code, active=True).first() if code else None
        if row is None or (code and outcome is None):
            return Act(Came.NO_SUCH, interaction)
        wanted = outcome.pk if outcome else None
        if row.outcome_id == wanted:
            return Act(Came.ALREADY, interaction)
        row.outcome_id = wanted
        row.save(update_fields=["outcome"])
        tell = Tell.of(user)
        tell.add(events.OUTCOME_SET, interaction=interaction, outcome=wanted, agent=user.pk)
        tell.write()
    return Act(Came.DONE, interaction)


def set_headline(user: Any, interaction: int, text: str) -> Act:
    """The one line by which lists name the contact."""
    with transaction.atomic():
        row = _locked(user, interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        wanted = " ".join(text.split())[:200]
        if row.headline == wanted:
            return Act(Came.ALREADY, interaction)
        row.headline = wanted
        row.save(update_fields=["headline"])
        tell = Tell.of(user)
        tell.add(events.HEADLINE_SET, interaction=interaction, agent=user.pk)
        tell.write()
    return Act(Came.DONE, interaction)


def _locked(user: Any, interaction: int) -> Interaction | None:
    row = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
    if row is not None:
        require_part(user, HANDLE, row)
    return row


def _tell_reasons(user: Any, interaction: int) -> None:
    tell = Tell.of(user)
    ids = list(InteractionReason.objects.filter(interaction_id=interaction).order_by("id").values_list("reason_id", flat=True))
    tell.add(events.REASONS_CHANGED, interaction=interaction, reasons=ids, agent=user.pk)
    tell.write()
