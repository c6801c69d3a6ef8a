"""Whom it is about and who talks: confirmed, changed, cleared, on behalf."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import events, misdirected
from cordboard.interactions.actions_context import CANDIDATES, _set, newest
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContextValue, Interaction, SubjectChange
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.interactions.tell import Tell
from cordboard.parties.models import Party

MISDIRECTED = "misdirected"
"""Context value: what was made for the wrong customer and is still theirs, [{"kind", "id", "name", "party"}, ...]."""


def confirm_subject(user: Any, interaction: int, party: int | None = None, *, why: str = "", now: datetime | None = None) -> Act:
    """The agent says that this is the customer: the one proposed, or `party` (chosen among candidates, found, just created). If somebody
    else was confirmed before, that is a change: see `change_subject`."""
    return _set_subject(user, interaction, party, keep=party is None, why=why, now=now)


def change_subject(user: Any, interaction: int, party: int, *, why: str = "", now: datetime | None = None) -> Act:
    """It is about another customer after all. Notes, reasons and context stay with the interaction; documents made for the former one are
    moved where their package can (`misdirected.py`), the rest, and every change to the former profile, is listed for the agent in the
    context value `misdirected`."""
    return _set_subject(user, interaction, party, keep=False, why=why, now=now)


def clear_subject(user: Any, interaction: int, *, why: str = "", now: datetime | None = None) -> Act:
    """Not this customer, and not known who. As `change_subject`, with nobody to move documents to."""
    return _set_subject(user, interaction, None, keep=False, why=why, now=now)


def speak_for(user: Any, interaction: int, party: int, *, now: datetime | None = None) -> Act:
    """Whoever talks does so for this customer: it is about `party`, confirmed, and the one it was about until now is the one who talks."""
    return _set_subject(user, interaction, party, keep=False, why="on behalf", now=now, talks=True)


def set_reporter(user: Any, interaction: int, party: int | None, *, now: datetime | None = None) -> Act:
    """Who talks, where that is not whom it is about (a grandchild for a grandmother). None: not known."""
    with transaction.atomic():
        row = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        require_part(user, HANDLE, row)
        if row.reporter_id == party:
            return Act(Came.ALREADY, interaction)
        if party is not None and not Party.objects.filter(pk=party).exists():
            return Act(Came.NO_SUCH, interaction)
        row.reporter_id = party
        row.save(update_fields=["reporter"])
        tell = Tell.of(user)
        tell.add(events.REPORTER_SET, interaction=interaction, party=party, agent=user.pk)
        tell.write()
    return Act(Came.DONE, interaction)


def _set_subject(user: Any, interaction: int, party: int | None, *, keep: bool, why: str, now: datetime | None, talks: bool = False) -> Act:
    """`talks`: the one who talks stays, whomever it is about."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        require_part(user, HANDLE, row)
        old, new = row.subject_id, row.subject_id if keep else party
        if keep and new is None:
            return Act(Came.NOT_NOW, interaction)
        if old == new and (row.confirmed_at is not None) == (new is not None):
            return Act(Came.ALREADY, interaction)
        if new is not None and new != old and not Party.objects.filter(pk=new).exists():
            return Act(Came.NO_SUCH, interaction)
        tell = Tell.of(user)  # why is in the row: it may say something of the customer
        change = "cleared" if new is None else "changed" if old is not None and old != new else "confirmed"
        if old != new:
            if talks:
                row.reporter_id = row.reporter_id or old
            elif row.reporter_id == old or row.reporter_id is None:
                row.reporter_id = new  # who talks was taken from whom it was about
            row.identified_by = Interaction.IdentifiedBy.NOBODY if new is None else Interaction.IdentifiedBy.AGENT
            row.subject_id = new
        row.confirmed_at = None if new is None else now
        row.save(update_fields=["subject", "reporter", "identified_by", "confirmed_at"])
        SubjectChange.objects.create(interaction=row, old_id=old, new_id=new, by=user, why=(why or change)[:40], at=now)
        tell.add(events.SUBJECT_CHANGED, interaction=interaction, old=old, new=new, change=change, confirmed=new is not None, agent=user.pk)
        if new is not None and newest(interaction, [CANDIDATES]).get(CANDIDATES):
            _set(interaction, {CANDIDATES: []}, by=ContextValue.By.AGENT, user=user, tell=tell, now=now)
        _put_right(row, old, new, user, tell, now)
        tell.write()
    return Act(Came.DONE, interaction)


def _put_right(row: Interaction, old: int | None, new: int | None, user: Any, tell: Tell, now: datetime) -> None:
    """Whatever was made for somebody who is not the subject goes along or is listed: `old` now, and earlier ones when only now it is known
    who it is (cleared first, found later)."""
    listed: list[dict[str, Any]] = newest(row.pk, [MISDIRECTED]).get(MISDIRECTED) or []
    former = {one["party"] for one in listed} | ({old} if old is not None else set())
    still: list[dict[str, Any]] = []
    for party in sorted(former - {new}):
        moved, flagged = misdirected.put_right(row.pk, party, new, tell.actor)
        still += [{"kind": one.kind, "id": one.id, "name": one.name, "party": party} for one in flagged]
        if moved or flagged:
            tell.add(
                events.MISDIRECTED,
                interaction=row.pk,
                old=party,
                new=new,
                moved=[one.key for one in moved],
                flagged=[one.key for one in flagged],
                agent=user.pk,
            )
    if still != listed:
        _set(row.pk, {MISDIRECTED: still}, by=ContextValue.By.SYSTEM, user=user, tell=tell, now=now)
