"""What people do with callbacks: promise one, take it, call now, put it off, give it to somebody, call it off; and all that one who leaves had to keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import actions_segments as segments
from cordboard.interactions.actions_context import newest
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.tell import Tell, seconds
from cordboard.org.models import Position, User
from cordboard.org.permissions import require, user_may
from cordboard.parties.normalise import phone_country
from cordboard.routing import actions_callback as made
from cordboard.routing import actions_outbound as outbound
from cordboard.routing import callbacks, dialling
from cordboard.routing import events_outbound as events
from cordboard.routing.callbacks import Then
from cordboard.routing.models import Callback, Queue
from cordboard.routing.permissions import AGENT, CALLBACKS, DIAL, SUPERVISE

State = Callback.State


def promise(
    user: Any,
    *,
    number: str,
    at: datetime,
    until: datetime | None = None,
    queue: int | None = None,
    personal: bool = True,
    interaction: int | None = None,
    party: int | None = None,
    about: str = "",
    now: datetime | None = None,
) -> Act:
    """An agent promises a callback: of the customer of a contact, or of any number; one's own, or (`personal` false) the queue's. Came: done (`name` is the callback's
    number), not_dialled, no_such. Needs routing.callbacks."""
    require(user, CALLBACKS)
    now = now or timezone.now()
    row = Interaction.objects.filter(pk=interaction).first() if interaction is not None else None
    if row is not None:
        number = number or (row.from_address if row.direction == Interaction.Direction.INBOUND else row.to_address)
        party = party or row.subject_id
    verdict = dialling.verdict_for(user, number, now=now)
    if verdict.why is not None:
        return Act(Came.NOT_DIALLED, interaction, name=dialling.words(verdict.why, verdict.by))
    behalf = outbound._queue(user, queue)
    if behalf is None and row is not None:
        last = row.entries.select_related("queue").order_by("-id").first()
        behalf = last.queue if last is not None else None
    behalf = behalf or Queue.objects.order_by("id").first()
    if behalf is None:
        return Act(Came.NO_SUCH, interaction)
    done = made.request(
        verdict.number, behalf, origin=Callback.Origin.AGENT, interaction=interaction, party=party, owner=user.pk if personal else None, at=at, until=until,
        about=about, language=row.language if row is not None else "", user=user, now=now,
    )  # fmt: skip
    return Act(Came.DONE, interaction, name=str(done.pk)) if done is not None else Act(Came.NO_SUCH, interaction)


def take(user: Any, callback: int, *, now: datetime | None = None) -> Act:
    """Mine from now on; `taken` where a colleague has it: that one gives it, or whoever supervises. Needs routing.callbacks for it (own: the queues one is in)."""
    return _give(user, callback, user.pk, "taken", now)


def reassign(user: Any, callback: int, owner: int | None, *, now: datetime | None = None) -> Act:
    """To a colleague, or (None) to the queue. Somebody else's needs routing.supervise."""
    if owner is not None and not User.objects.filter(pk=owner, is_active=True).exists():
        return Act(Came.NO_SUCH)
    return _give(user, callback, owner, "reassigned", now)


def stand(user: Any, callback: int, position: Position | None, *, now: datetime | None = None) -> Act:
    """Nobody's, in the list of a position: its holders may take it, whatever queue it is of; when it is due it rings in its queue as nobody's do. None: the queue's alone. Somebody else's needs
    routing.supervise."""
    with transaction.atomic():
        row = _open(user, callback)
        if row is None:
            return Act(Came.NO_SUCH)
        if row.owner_id not in (None, user.pk):
            require(user, SUPERVISE)
        if row.owner_id is None and row.position_id == (position.pk if position is not None else None):
            return Act(Came.ALREADY)
        if row.state == State.DIALLING:
            return Act(Came.NOT_NOW)
        row.position = position
        row.save(update_fields=["position"])
        tell = Tell.of(user)
        _changed(row, "reassigned", tell, old_owner=row.owner_id, owner_id=None)
        tell.write()
    return Act(Came.DONE)


def _give(user: Any, callback: int, owner: int | None, change: str, now: datetime | None) -> Act:
    now = now or timezone.now()
    with transaction.atomic():
        row = _open(user, callback)
        if row is None:
            return Act(Came.NO_SUCH)
        if change == "reassigned" and row.owner_id not in (None, user.pk):
            require(user, SUPERVISE)
        if row.owner_id == owner:
            return Act(Came.ALREADY)
        if change == "taken" and row.owner is not None:
            return Act(Came.TAKEN, name=str(row.owner))
        if row.state == State.DIALLING:
            return Act(Came.NOT_NOW)
        tell = Tell.of(user)
        _changed(row, change, tell, old_owner=row.owner_id, owner_id=owner)
        tell.write()
    return Act(Came.DONE)


def reschedule(user: Any, callback: int, at: datetime, *, now: datetime | None = None) -> Act:
    """Another time; quiet hours are kept, and the window moves along where it is needed. One that waits in the queue comes out of it."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _open(user, callback)
        if row is None:
            return Act(Came.NO_SUCH)
        return _put_off(user, row, at, now)


def later(user: Any, interaction: int, at: datetime, *, now: datetime | None = None) -> Act:
    """Whoever a callback rings at looks at it and says when it is better called: as `reschedule`, whosever it is. Came: done (`name` is the moment that was found, ISO
    8601), not_now (it rings here no more, or there is no such time)."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        segments._locked(interaction)
        row = Callback.objects.select_for_update(of=("self",)).select_related("queue__unit", "party").filter(attempt=interaction, state=State.QUEUED).first()
        rings = Segment.objects.filter(interaction_id=interaction, agent_id=user.pk, state=Segment.State.OFFERED)
        if row is None or not rings.exists():
            return Act(Came.NOT_NOW, interaction)
        return _put_off(user, row, at, now)


def _put_off(user: Any, row: Callback, at: datetime, now: datetime) -> Act:
    if row.state == State.DIALLING:
        return Act(Came.NOT_NOW)
    terms = dialling.terms()
    not_after = max(row.not_after, max(at, now) + timedelta(hours=4))
    first = callbacks.first_due(at, now, not_after=not_after + timedelta(hours=24), country=phone_country(row.number), zone=made._zone(row), terms=terms)
    if first.then is not Then.SCHEDULED or first.due is None:
        return Act(Came.NOT_NOW)
    tell = Tell.of(user)
    attempt, row.attempt = row.attempt, None
    _changed(row, "rescheduled", tell, state=State.SCHEDULED, due_at=first.due, not_after=max(not_after, first.due + timedelta(hours=4)), closed_at=None)
    tell.write()
    _end_attempt(attempt, user, now)
    return Act(Came.DONE, name=first.due.isoformat())


def cancel(user: Any, callback: int, *, now: datetime | None = None) -> Act:
    """It is not wanted any more."""
    return _close(user, callback, State.CANCELLED, "cancelled", now)


def done(user: Any, callback: int, *, now: datetime | None = None) -> Act:
    """The matter is settled without calling, or was settled by other means."""
    return _close(user, callback, State.DONE, "done", now)


def _close(user: Any, callback: int, state: str, change: str, now: datetime | None) -> Act:
    now = now or timezone.now()
    with transaction.atomic():
        row = _open(user, callback)
        if row is None:
            return Act(Came.ALREADY) if Callback.objects.filter(pk=callback).exists() else Act(Came.NO_SUCH)
        if row.state == State.DIALLING:
            return Act(Came.NOT_NOW)
        tell = Tell.of(user)
        attempt, row.attempt = row.attempt, None
        _changed(row, change, tell, state=state, due_at=None, closed_at=now)
        tell.write()
        _end_attempt(attempt, user, now)
    return Act(Came.DONE)


def call_now(user: Any, callback: int, *, now: datetime | None = None) -> Act:
    """The user calls at once, whatever its time: as `dial`. Quiet hours are the user's own judgement then: the customer may have asked for it."""
    require(user, DIAL)
    now = now or timezone.now()
    with transaction.atomic():
        row = _open(user, callback)
        if row is None:
            return Act(Came.NO_SUCH)
        if row.state == State.DIALLING:
            return Act(Came.NOT_NOW)
        waiting = row.attempt
        row.state, row.attempt = State.DIALLING, None
        made._save(row)
        act = outbound.dial(user, row.number, queue=row.queue_id, party=row.party_id, callback=row, now=now)
        if act.came != Came.DONE:
            transaction.set_rollback(True)
            return act
        row.attempt_id = act.interaction
        if act.interaction is not None and (dialled := Interaction.objects.filter(pk=act.interaction).first()) is not None:
            context = newest(row.asked_in_id) if row.asked_in_id is not None else {}
            outbound.keep_context(dialled, {**context, "callback": row.pk}, now)
        tell = Tell.of(user)
        _changed(row, "taken", tell)
        tell.write()
        _end_attempt(waiting, user, now)
    return act


def _open(user: Any, callback: int) -> Callback | None:
    """The callback, its try's contact locked before it, if it is not over and the user may. Expired and failed ones may be taken up again."""
    attempt = Callback.objects.filter(pk=callback).values_list("attempt_id", flat=True).first()
    if attempt is not None:
        segments._locked(attempt)
    row = Callback.objects.select_for_update(of=("self",)).select_related("queue__unit", "party").filter(pk=callback).first()
    if row is None:
        return None
    if not may(user, row):
        raise PermissionDenied(_("This callback is not yours."))
    return row if row.state in (*Callback.OPEN, State.FAILED, State.EXPIRED) else None


def may(user: Any, row: Callback) -> bool:
    """Own: what is one's own, and what is nobody's in the queues one is a member of. Nobody's in the list of one's position too, whatever one's reach."""
    if row.owner_id is None and row.position_id is not None and row.position_id == user.position_id and user_may(user, CALLBACKS) is not None:
        return True
    match user_may(user, CALLBACKS):
        case "all":
            return True
        case "unit" if user.unit_id is not None:
            return row.owner_id == user.pk or row.queue.unit_id == user.unit_id or (row.owner is not None and row.owner.unit_id == user.unit_id)
        case "own" | "unit":
            return row.owner_id == user.pk or (row.owner_id is None and row.queue.members.filter(agent_id=user.pk).exists())
    return False


def _changed(row: Callback, change: str, tell: Tell, *, old_owner: int | None = None, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    made._save(row)
    tell.add(events.CALLBACK_CHANGED, **made._fields(row), change=change, due=seconds(row.due_at), old_owner=old_owner)


def _end_attempt(attempt: Interaction | None, user: Any, now: datetime) -> None:
    """The try that waits in the queue is not made. The callback must point elsewhere by now."""
    from cordboard.routing.actions_call import customer_left

    if attempt is not None:
        customer_left(attempt.pk, "cancelled", actor=f"user:{user.pk}", now=now)
