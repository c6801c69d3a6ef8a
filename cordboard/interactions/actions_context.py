"""The beginning of an interaction and what becomes known of it: context, identification, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import events
from cordboard.interactions.models import ContextValue, Decision, Interaction, SubjectChange
from cordboard.interactions.tell import Tell
from cordboard.parties.models import Party

CANDIDATES = "candidates"
"""Context value: ids of the parties whom the caller's number could mean, for the agent to choose from."""


def open_interaction(
    *,
    channel: str,
    from_address: str = "",
    to_address: str = "",
    language: str = "",
    direction: str = "inbound",
    actor: str = "switch",
    now: datetime | None = None,
) -> Interaction:
    """A contact has arrived: with the automated service until it enters a queue. `from_address` is normalised (E.164) or empty when withheld."""
    now = now or timezone.now()
    with transaction.atomic():
        made = Interaction.objects.create(
            channel=channel,
            direction=direction,
            state=Interaction.State.AUTOMATED,
            from_address=from_address,
            to_address=to_address,
            language=language,
            started_at=now,
        )
        tell = Tell(actor)
        tell.add(events.OPENED, interaction=made.pk, channel=channel, direction=direction, state=made.state)
        tell.write()
    return made


def set_context(
    interaction: int,
    values: Mapping[str, Any],
    *,
    by: str = ContextValue.By.SYSTEM,
    user: Any = None,
    actor: str = "switch",
    now: datetime | None = None,
) -> list[str]:
    """Set named values with who set them (`ContextValue.By`) and when. A value equal to the one that holds is not set again.
    Returns the names that were set. Values are JSON."""
    now = now or timezone.now()
    with transaction.atomic():
        if not Interaction.objects.select_for_update().filter(pk=interaction).exists():
            return []
        return _set(interaction, values, by=by, user=user, tell=Tell.of(user) if user else Tell(actor), now=now, write=True)


def newest(interaction: int, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The values that hold: of each name the newest. One query."""
    rows = ContextValue.objects.filter(interaction_id=interaction)
    if names is not None:
        rows = rows.filter(name__in=names)
    return dict(rows.order_by("id").values_list("name", "value"))


def _set(interaction: int, values: Mapping[str, Any], *, by: str, user: Any, tell: Tell, now: datetime, write: bool = False) -> list[str]:
    """In the caller's transaction, the interaction locked."""
    held = newest(interaction, list(values))
    changed = {name: value for name, value in values.items() if name not in held or held[name] != value}
    if changed:
        ContextValue.objects.bulk_create(
            ContextValue(interaction_id=interaction, name=name, value=value, by=by, user=user, at=now) for name, value in changed.items()
        )
        tell.add(events.CONTEXT_SET, interaction=interaction, names=sorted(changed), by=str(by), agent=user.pk if user else None)
    if write:
        tell.write()
    return sorted(changed)


def set_language(interaction: int, language: str, *, actor: str = "switch") -> None:
    """The language in which the contact is held (chosen in the IVR, or known of the customer)."""
    with transaction.atomic():
        if Interaction.objects.filter(pk=interaction).exclude(language=language).update(language=language):
            tell = Tell(actor)
            tell.add(events.CONTEXT_SET, interaction=interaction, names=["language"], by=str(ContextValue.By.SYSTEM), agent=None)
            tell.write()


def identify(interaction: int, candidates: Sequence[int], *, by: str, actor: str = "switch", now: datetime | None = None) -> int | None:
    """The caller's number or the customer number keyed (`Interaction.IdentifiedBy`) points to these parties. One: the interaction is about
    this customer, to be confirmed by the agent. Several: kept in the context for the agent to choose from, none is guessed. What an agent
    has confirmed is never overruled. Returns the party, if it is known now."""
    now = now or timezone.now()
    found = list(dict.fromkeys(candidates))
    with transaction.atomic():
        row = Interaction.objects.select_for_update().filter(pk=interaction).first()
        if row is None:
            return None
        if row.confirmed_at is not None:
            return row.subject_id
        tell = Tell(actor)
        if len(found) == 1:
            if row.subject_id == found[0] and row.identified_by == by:
                return row.subject_id
            party = Party.objects.only("languages").get(pk=found[0])
            SubjectChange.objects.create(interaction=row, old_id=row.subject_id, new=party, why=by, at=now)
            row.reporter_id = row.subject_id = party.pk
            row.identified_by = by
            row.language = row.language or party.language
            row.save(update_fields=["subject", "reporter", "identified_by", "language"])
            if newest(interaction, [CANDIDATES]).get(CANDIDATES):
                _set(interaction, {CANDIDATES: []}, by=ContextValue.By.LOOKUP, user=None, tell=tell, now=now)
        elif found:
            _set(interaction, {CANDIDATES: found}, by=ContextValue.By.LOOKUP, user=None, tell=tell, now=now)
        tell.add(events.IDENTIFIED, interaction=interaction, party=row.subject_id, by=by, candidates=len(found), agent=row.agent_id)
        tell.write()
        return row.subject_id


def file_decision(
    interaction: int,
    kind: str,
    sentences: Sequence[Mapping[str, Any]],
    *,
    policy: str = "",
    policy_version: int | None = None,
    trace: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    """Keep what the system decided (routing, match, recording, ...) and why: sentences are codes of `sentences.py` with their values."""
    Decision.objects.create(
        interaction_id=interaction,
        kind=kind,
        policy=policy,
        policy_version=policy_version,
        sentences=[dict(one) for one in sentences],
        trace=dict(trace or {}),
        at=now or timezone.now(),
    )
