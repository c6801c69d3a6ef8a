"""Callbacks: asked for, put into the queue when they are due, tried, changed by people.

A try is an interaction of its own with an entry in the queue like a caller's; the agent who accepts it calls. Who gave up the line while waiting keeps the
place: the entry of the try waits since the caller waited. Locks: interactions before agents as everywhere; a callback's row is locked after its interaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.events import presence
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.actions_context import file_decision, newest
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, seconds
from cordboard.parties.models import Deputy, Party
from cordboard.parties.normalise import phone_country
from cordboard.routing import actions_joined as joined
from cordboard.routing import actions_message as messages
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import callbacks, dialling, entries
from cordboard.routing import events as told
from cordboard.routing import events_outbound as events
from cordboard.routing.callbacks import Terms, Then
from cordboard.routing.models import AgentState, Callback, Entry, Outgoing, Queue

State = Callback.State
Origin = Callback.Origin

CALLS_IN = timedelta(seconds=15)
"""A callback whose customer is on the line, or whose try was lost, is looked at again after that."""


# ---- asked for --------------------------------------------------------------------------------------------------------


def request(
    number: str,
    queue: Queue,
    *,
    origin: str,
    interaction: int | None = None,
    party: int | None = None,
    owner: int | None = None,
    at: datetime | None = None,
    until: datetime | None = None,
    about: str = "",
    name: str = "",
    language: str = "",
    user: Any = None,
    waiting_since: datetime | None = None,
    place: Mapping[str, Any] | None = None,
    actor: str = "system",
    now: datetime | None = None,
) -> Callback | None:
    """Promise to call `number` (E.164): at once, or from `at` on until `until`; quiet hours where the customer is are kept. For the queue, or for `owner` (else a
    deputy of the customer, else the queue). With `waiting_since` it has the place of one who waited since then. None: the number is none that this centre
    dials. Asked again for the same interaction it answers with the callback that stands. Callers: the IVR, agents, the web form, calls that were lost."""
    now = now or timezone.now()
    terms = dialling.terms()
    if dialling.verdict(number, "").why is not None:
        return None
    with transaction.atomic():
        if interaction is not None:
            segments._locked(interaction)
            standing = Callback.objects.filter(asked_in=interaction, number=number, origin=origin, state__in=Callback.OPEN).first()
            if standing is not None:
                return standing
        not_before = max(at or now, now)
        not_after = until if until is not None else not_before + timedelta(hours=terms.keep_hours)
        made = Callback(
            origin=origin, number=number, queue=queue, party_id=party, owner_id=owner, about=about[:200], name=name[:80], language=language,
            asked_in_id=interaction, asked_by=user, created_at=now, not_before=not_before, not_after=not_after, waiting_since=waiting_since, terms=dict(place or {}),
        )  # fmt: skip
        first = callbacks.first_due(not_before, now, not_after=not_after, country=phone_country(number), zone=_zone(made), terms=terms)
        made.due_at = first.due
        if first.then is not Then.SCHEDULED:
            made.state, made.closed_at = State.EXPIRED, now
        made.save()
        tell = Tell.of(user) if user is not None else Tell(actor)
        tell.add(events.CALLBACK_MADE, **_fields(made), asked=str(origin), due=seconds(made.due_at), interaction=interaction)
        if made.due_at is not None and made.due_at <= now:
            _queue_up(made, terms, tell, now)
        tell.write()
    return made


def keep_place(interaction: int, number: str, *, actor: str = "switch", now: datetime | None = None) -> Callback | None:
    """Virtual hold: the caller who waits goes, the place stays. An offer that rings this moment is taken back and made again as a callback. None when the caller does
    not wait any more, or the number is none that this centre dials."""
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        entry = entries.open_entry(interaction)
        if row is None or row.ended_at is not None or entry is None or entry.kind == Segment.Kind.CONSULT:
            return None
        place = {"priority": entry.priority, "requirements": entry.requirements, "relaxation": entry.relaxation, "preferred": entry.preferred}
        if dialling.verdict(number, "").why is not None:
            return None
        from cordboard.routing.actions_entry import leave

        leave(interaction, "callback", actor=actor, now=now)
        return request(
            number, entry.queue, origin=Origin.VIRTUAL_HOLD, interaction=interaction, party=row.subject_id, language=row.language, about=row.headline,
            waiting_since=entry.waiting_since, place=place, actor=actor, now=now,
        )  # fmt: skip


def after_failure(interaction: int, *, queue: Queue | None = None, actor: str = "switch", now: datetime | None = None) -> Callback | None:
    """A call was lost by our own fault: its caller is called back, if the policy wants that and there is a number. At the head: with the wait that had counted. Who
    was in no queue yet (with the automated service) is called back by `queue`, or by the one on whose behalf we had called."""
    now = now or timezone.now()
    row = Interaction.objects.filter(pk=interaction).first()
    if row is None or not dialling.terms().after_failure:
        return None
    entry = entries.last_entry(interaction)
    if entry is None and queue is None:
        out = Outgoing.objects.select_related("queue").filter(interaction=row).first()
        queue = out.queue if out is not None else None
    number = row.from_address if row.direction == Interaction.Direction.INBOUND else row.to_address
    behalf = entry.queue if entry is not None else queue
    if not number or behalf is None:
        return None
    place: dict[str, Any] = {"priority": 1}
    if entry is not None:
        place |= {"requirements": entry.requirements, "relaxation": entry.relaxation, "preferred": entry.preferred}
    return request(
        number, behalf, origin=Origin.LOST_CALL, interaction=interaction, party=row.subject_id, language=row.language, about=row.headline,
        waiting_since=entry.waiting_since if entry is not None else row.started_at, place=place, actor=actor, now=now,
    )  # fmt: skip


# ---- when it is due ---------------------------------------------------------------------------------------------------


def sweep_callbacks(now: datetime | None = None, *, limit: int = 50) -> int:
    """What is due goes into its queue; what waits there when quiet hours begin or its window ends comes out. Returns how many changed."""
    now = now or timezone.now()
    terms = dialling.terms()
    done = 0
    due = list(Callback.objects.filter(state=State.SCHEDULED, due_at__lte=now).order_by("due_at")[:limit])
    calling = joined.on_the_line(due)
    for seen in due:
        pk = seen.pk
        if pk in calling:  # whoever is on the line is not called; the sweep looks again in a second
            continue
        if terms.call_settles and (call := joined.settled_by(seen)) is not None:
            done += joined.close_by(pk, call.pk, now=now)
            continue
        with transaction.atomic():
            row = Callback.objects.select_for_update(of=("self",)).select_related("queue__unit", "party").filter(pk=pk, state=State.SCHEDULED).first()
            if row is None or row.due_at is None or row.due_at > now:
                continue
            tell = Tell("worker", "callback due")
            _queue_up(row, terms, tell, now)
            tell.write()
            done += 1
    waiting = list(Callback.objects.filter(state=State.QUEUED).select_related("queue__unit", "party", "attempt").order_by("pk")[:500])
    calling = joined.on_the_line(waiting)
    for row in waiting:
        if row.attempt is None or row.attempt.ended_at is not None:  # its contact ended by other means
            done += _lost_try(row.pk, now)
            continue
        quiet = callbacks.quiet_until(now, phone_country(row.number), _zone(row), terms.quiet)
        if quiet is None and row.pk in calling:
            quiet = now + CALLS_IN
        late = row.not_after <= now
        if quiet is not None or late or _stranded(row, now, terms):
            done += _out_of_queue(row.pk, quiet, late, terms, now)
    return done


def _lost_try(callback: int, now: datetime) -> bool:
    """The try in the queue is over and nobody has said what came of it: it is made again."""
    with transaction.atomic():
        row = Callback.objects.select_for_update().filter(pk=callback, state=State.QUEUED).first()
        if row is None or (row.attempt_id is not None and Interaction.objects.filter(pk=row.attempt_id, ended_at=None).exists()):
            return False
        row.state, row.attempt, row.due_at = State.SCHEDULED, None, now + CALLS_IN
        _save(row)
        tell = Tell("worker", "callback")
        tell.add(events.CALLBACK_CHANGED, **_fields(row), change="rescheduled", due=seconds(row.due_at), old_owner=None)
        tell.write()
    return True


def _stranded(row: Callback, now: datetime, terms: Terms) -> bool:
    """Personal, and the one whom it waits for has gone, or was not free for too long."""
    if row.owner_id is None or row.attempt_id is None:
        return False
    entry = Entry.objects.filter(interaction=row.attempt_id, state=Entry.State.WAITING, only__isnull=False).first()
    if entry is None:
        return False
    return callbacks.whose(row.owner_id, _deputies(row), _here(now), now - entry.entered_at, terms).agent != entry.only_id


def _out_of_queue(callback: int, quiet: datetime | None, late: bool, terms: Terms, now: datetime) -> bool:
    """Take the waiting try back: until the quiet hours are over, for good, or to give it to somebody else."""
    attempt = Callback.objects.values_list("attempt_id", flat=True).get(pk=callback)
    with transaction.atomic():
        contact = segments._locked(attempt)
        row = Callback.objects.select_for_update(of=("self",)).select_related("queue__unit", "party").filter(pk=callback, state=State.QUEUED).first()
        entry = entries.open_entry(attempt) if contact is not None else None
        if row is None or contact is None or entry is None or entry.state != Entry.State.WAITING:
            return False
        tell = Tell("worker", "callback")
        if quiet is None and not late:  # somebody else makes it
            person = callbacks.whose(row.owner_id, _deputies(row), _here(now), now - entry.entered_at, terms)
            entry.only_id = person.agent
            entry.save(update_fields=["only"])
            tell.add(told.ENTERED, **entries.entry_fields(entry), priority=entry.priority, only=entry.only_id, agent=None)
            tell.write()
            return True
        row.state, row.attempt = State.SCHEDULED, None
        if late or (quiet is not None and quiet >= row.not_after):
            row.state, row.due_at, row.closed_at = State.EXPIRED, None, now
        else:
            row.due_at = quiet
        _save(row)
        tell.add(events.CALLBACK_CHANGED, **_fields(row), change="expired" if row.closed_at else "quiet", due=seconds(row.due_at), old_owner=None)
        _end_try(contact, tell, now)
        tell.write()
    return True


def _end_try(contact: Interaction, tell: Tell, now: datetime) -> None:
    """The try in the queue is over before anybody dialled. In the caller's transaction; the callback must not be QUEUED any more."""
    from cordboard.routing.actions_call import customer_left

    tell.write()
    customer_left(contact.pk, "cancelled", actor=tell.actor, now=now)


def _queue_up(row: Callback, terms: Terms, tell: Tell, now: datetime) -> None:
    """A try: an interaction of ours that waits in the queue, in the place that was kept. A message that is to be offered is heard first, by whoever takes it."""
    if row.origin == Origin.VOICEMAIL and row.tries == 0 and terms.messages == "offer":
        _enter(row, messages.open_message(row, tell, now), Segment.Kind.MESSAGE, terms, tell, now)
        return
    contact = outbound._open(row.number, row.queue, row.party_id, Interaction.State.WAITING, tell, now, row.language)
    contact.headline = row.about
    contact.save(update_fields=["headline"])
    context: dict[str, Any] = newest(row.asked_in_id) if row.asked_in_id is not None else {}
    outbound.keep_context(contact, {**context, "callback": row.pk, **({"callback_name": row.name} if row.name else {})}, now)
    Outgoing.objects.create(
        interaction=contact, number=row.number, caller_id=row.queue.caller_id, queue=row.queue, callback=row, ring_seconds=round(terms.ring)
    )
    file_decision(contact.pk, "routing", [{"code": f"routing.callback_{row.origin}", "values": {}, "rule": ""}], now=now)
    _enter(row, contact, Segment.Kind.CALLBACK, terms, tell, now)


def _enter(row: Callback, contact: Interaction, kind: str, terms: Terms, tell: Tell, now: datetime) -> None:
    place = row.terms
    person = callbacks.whose(row.owner_id, _deputies(row), _here(now), now - (row.due_at or now), terms)
    entry = entries.enter(
        contact,
        row.queue,
        tell,
        now,
        kind=kind,
        counted=False,
        priority=int(place.get("priority", 5)),
        requirements=place.get("requirements", row.queue.requirements),
        relaxation=place.get("relaxation", row.queue.relaxation),
        preferred=[] if person.agent is not None else place.get("preferred", []),
        only_id=person.agent,
        waiting_since=row.waiting_since or row.due_at or now,
    )
    row.state, row.attempt = State.QUEUED, contact
    _save(row)
    tell.add(events.CALLBACK_QUEUED, **_fields(row), interaction=contact.pk, entry=entry.pk)


# ---- tried ------------------------------------------------------------------------------------------------------------


def dialled(interaction: int, user: Any, tell: Tell) -> None:
    """An agent has accepted it: the customer is called now. In the transaction of the accepting, the interaction locked."""
    row = Callback.objects.select_for_update().filter(attempt=interaction, state=State.QUEUED).first()
    if row is not None:
        row.state = State.DIALLING
        _save(row)
        tell.add(events.CALLBACK_CHANGED, **_fields(row), change="taken", due=None, old_owner=row.owner_id)


def tried(out: Outgoing, cause: str, tell: Tell, now: datetime) -> None:
    """A try is over: the callback is done, goes on later, or was the last. In the transaction that ends the interaction, which is locked."""
    if out.callback_id is None:
        return
    row = Callback.objects.select_for_update(of=("self",)).select_related("queue__unit", "party").filter(pk=out.callback_id).first()
    if row is None or row.state not in (State.QUEUED, State.DIALLING):
        return
    outcome = cause if cause in callbacks.OWN_FAULT and out.outcome != Outgoing.Outcome.ANSWERED else str(out.outcome)
    then = callbacks.after_try(outcome, row.tries, now, not_after=row.not_after, country=phone_country(row.number), zone=_zone(row), terms=dialling.terms())
    row.tries += then.counted
    row.state, row.due_at, row.attempt, row.outcome, row.tried_at = State(then.then.value), then.due, None, str(out.outcome), now
    if then.then is not Then.SCHEDULED:
        row.closed_at = now
    _save(row)
    tell.add(events.CALLBACK_TRIED, **_fields(row), interaction=out.interaction_id, outcome=str(out.outcome), tries=row.tries, due=seconds(row.due_at))


# ---- shared -----------------------------------------------------------------------------------------------------------


def _fields(row: Callback) -> dict[str, Any]:
    return {"callback": row.pk, "queue": row.queue_id, "owner": row.owner_id, "position": row.position_id, "state": str(row.state)}


def _save(row: Callback) -> None:
    row.version += 1
    row.save()


def _zone(row: Callback) -> Any:
    unit = row.queue.unit
    return callbacks.zone_of(row.number, row.party.timezone if row.party is not None else "", unit.timezone if unit is not None else "UTC")


def _deputies(row: Callback) -> list[int]:
    """Who answers for the customer when the owner is away; else nobody in particular."""
    if row.owner_id is None or row.party_id is None:
        return []
    root = Party.objects.filter(pk=row.party_id).values_list("root_id", flat=True).first() or row.party_id
    return list(Deputy.objects.filter(party_id=root, user__is_active=True).order_by("order").values_list("user_id", flat=True))


def _here(now: datetime) -> set[int]:
    """Agents at work."""
    agents = list(AgentState.objects.exclude(state=AgentState.State.OFFLINE).values_list("agent_id", flat=True))
    return set(presence.present(agents, now)) if agents else set()
