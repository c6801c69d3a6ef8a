"""The only writers of appointments. Who changes a person's calendar has it alone: the first statement of each transaction is a conditional UPDATE of the person's
row (as it was seen, or not at all), which locks it on PostgreSQL; on SQLite every transaction of ours is the only one that writes. What is free by the rules is
written together with the quarters of an hour that it takes; their unique constraint refuses what overlaps even if a rule were wrong."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.appointments import events, following, queries, slots
from cordboard.appointments.models import Appointment, Area, Staff, Taken, VisitKind
from cordboard.appointments.permissions import BOOK
from cordboard.events import log
from cordboard.lib.config import config
from cordboard.org.languages import best
from cordboard.org.permissions import require
from cordboard.parties.models import Party

State = Appointment.State

HOLD = timedelta(minutes=5)
"""How long a time is held while it is being offered."""
OFFERED = 3
QUARTER = 15
TURNS = 4
"""How often a booking looks afresh because the calendar was changed meanwhile; the last time it waits for the lock first."""


class NotFree(Exception):
    """The time cannot be had, and nothing was changed. `why` as `slots.why_not` says it; `other` is the appointment that stands there; `next` are times that
    are free now."""

    def __init__(self, why: Sequence[str], other: Appointment | None = None, next: Sequence[slots.Slot] = ()) -> None:
        super().__init__(f"not free: {', '.join(why)}")
        self.why, self.other, self.next = list(why), other, list(next)


class Changed(Exception):
    """Somebody else changed the appointment since it was read. Nothing was saved; `appointment` is how it stands."""

    def __init__(self, appointment: Appointment) -> None:
        super().__init__(f"appointment {appointment.pk} has version {appointment.version}")
        self.appointment = appointment


@dataclass(frozen=True, slots=True)
class Visit:
    """What is to be booked, whoever comes and whenever: `area` is where it lies, None for what is not on site."""

    kind: VisitKind
    party: Party | None = None
    area: Area | None = None
    place: str = ""
    note: str = ""
    language: str = ""
    interaction: int | None = None
    by: Any = None
    key: str | None = field(default=None, compare=False)


def visit(
    kind: VisitKind, party: Party | None, *, note: str = "", interaction: int | None = None, by: Any = None, key: str | None = None,
    parties: Sequence[int] | None = None,
) -> Visit:  # fmt: skip
    """A visit at the customer's own address, in the customer's language. Two queries. Raises ValidationError when it is on site and the address is in no area."""
    found = queries.where(parties or [party.pk]) if party is not None and kind.on_site else queries.Where("", None)
    if kind.on_site and found.area is None:
        raise ValidationError({"place": _("The customer's address is in none of our areas.") if found.line else _("The customer has no address yet.")})
    language = best(party.languages) if party is not None else ""
    return Visit(kind, party, found.area, found.line, note, language, interaction, by, key)


def offer(
    what: Visit, *, since: datetime | None = None, only: Sequence[int] | None = None, count: int = OFFERED, now: datetime | None = None
) -> list[Appointment]:
    """Hold the earliest free times for a customer who is being asked. Times that somebody else takes meanwhile are passed over. Raises PermissionDenied."""
    _may(what.by)
    now = now or timezone.now()
    held: list[Appointment] = []
    group = uuid.uuid4().hex
    with transaction.atomic():
        release_for(what, now)
    for _try in range(3):
        begin = slots.moment(held[-1].starts_minute + 120) if held else since
        for slot in queries.earliest(what.kind, what.area.pk if what.area else None, now, count=count - len(held), since=begin, only=only):
            try:
                held.append(_take(what, slot.person, slot.start, State.HELD, now, group))
            except NotFree:
                continue
        if len(held) >= count:
            break
    return held


def release_for(what: Visit, now: datetime) -> None:
    """What was offered to this customer before, by this person, goes. In the caller's transaction."""
    if what.party is None or what.by is None:
        return
    rows = Appointment.objects.filter(state=State.HELD, party=what.party, by=what.by)
    for row in rows.select_related("staff"):
        drop(row)


def book(what: Visit, staff: int, start: datetime, *, anyway: bool = False, now: datetime | None = None) -> Appointment:
    """Book a time with a person. `anyway`: outside the hours, without time to travel or with a full day, as somebody who may manage staff decides; never on top of another
    visit. The same key again gives the appointment that stands. Raises NotFree, PermissionDenied, ValidationError."""
    _may(what.by, staff)
    now = now or timezone.now()
    if what.key is not None and (known := Appointment.objects.filter(key=what.key).first()) is not None:
        return known
    try:
        return _take(what, staff, _on_grid(start), State.BOOKED, now, anyway=anyway)
    except NotFree as problem:
        raise _with_next(problem, what, now) from None


def book_held(user: Any, number: int, *, note: str | None = None, key: str | None = None, now: datetime | None = None) -> Appointment:
    """The customer takes this one of the times that are held; the others that were offered with it go. A hold whose time is over is booked all the same where the time
    is still free. Raises NotFree, PermissionDenied; Appointment.DoesNotExist when the hold is gone."""
    now = now or timezone.now()
    row = Appointment.objects.select_related("staff", "kind", "party", "area").get(pk=number)
    _may(user, row.staff_id)
    if row.state == State.BOOKED:
        return row
    if row.state != State.HELD:
        raise Appointment.DoesNotExist
    with transaction.atomic():
        alone(row.staff_id)
        row = Appointment.objects.select_for_update(of=("self",)).select_related("staff", "kind", "party", "area").get(pk=number)
        if row.state == State.BOOKED:
            return row
        # While the row stands so do its quarters: nobody else can have written over them, even after `held_until`.
        row.state, row.held_until, row.key, row.by = State.BOOKED, None, key, user
        row.note = row.note if note is None else note.strip()
        row.version += 1
        row.save(update_fields=["state", "held_until", "key", "by", "note", "version"])
        others = Appointment.objects.filter(state=State.HELD, offer=row.offer).exclude(pk=row.pk).select_related("staff")
        for other in others if row.offer else ():
            drop(other)
        record(events.BOOKED, row, user, minute=row.starts_minute)
    return row


def move(
    user: Any, number: int, start: datetime, *, staff: int | None = None, version: int | None = None, anyway: bool = False, now: datetime | None = None
) -> Appointment:
    """To another time, or another person. Moving it to where it is changes nothing. Raises NotFree, Changed, PermissionDenied, ValidationError."""
    seen = Appointment.objects.select_related("kind", "party", "area").get(pk=number)
    _may(user, seen.staff_id)
    _may(user, staff or seen.staff_id)
    if anyway:
        require(user, "appointments.manage")
    try:
        return put(user, seen, _on_grid(start), staff or seen.staff_id, version=version, anyway=anyway, now=now)
    except NotFree as problem:
        raise _with_next(problem, Visit(seen.kind, seen.party, seen.area), now or timezone.now()) from None


def put(
    user: Any, seen: Appointment, begin: int, staff: int, *, version: int | None = None, anyway: bool = False, now: datetime | None = None, why: str | None = None
) -> Appointment:  # fmt: skip
    """As `move`, for those who have looked whether `user` may: at this minute since 1970, with this person. `seen` comes with kind, party and area. Raises NotFree, Changed,
    ValidationError; then nothing of it is written, also within a transaction of the caller."""
    now = now or timezone.now()
    old_staff = seen.staff_id
    try:
        with transaction.atomic():
            for one in sorted({old_staff, staff}):
                alone(one, active=one == staff)
            row = _locked(seen.pk, version)
            if row.staff_id != old_staff:
                raise Changed(row)
            if row.state != State.BOOKED:
                raise ValidationError({"state": _("Only what is booked can be moved.")})
            if (row.staff_id, row.starts_minute) == (staff, begin):
                return row
            _clear_expired(staff, now, row.pk)
            length = row.ends_minute - row.starts_minute
            _check(staff, row.kind, row.area_id, begin, length, now, but=row.pk, anyway=anyway)
            old, old_user = row.starts_minute, row.staff.user_id
            row.staff = Staff.objects.get(pk=staff)
            _set_time(row, begin, length)
            row.sequence, row.version, row.reminded_at = row.sequence + 1, row.version + 1, None
            row.save(update_fields=["staff", "starts_at", "ends_at", "starts_minute", "ends_minute", "sequence", "version", "reminded_at"])
            row.taken.all().delete()
            _write_taken(row)
            record(events.MOVED, row, user, why=why, old_user=old_user if old_user != row.staff.user_id else None, old=old, minute=begin)
            following.changed(row, user, now)
    except IntegrityError:
        raise NotFree(["taken"]) from None
    return row


def cancel(user: Any, number: int, reason: str = "", *, version: int | None = None, now: datetime | None = None) -> Appointment:
    """The visit does not take place; its time is free again. Raises Changed, PermissionDenied, ValidationError."""
    row = _end(user, number, State.CANCELLED, version, now, reason=" ".join(reason.split())[:200])
    return row


def send_back(user: Any, number: int, reason: str = "", *, now: datetime | None = None) -> Appointment:
    """Nobody can come at this time: it is free again, and the customer is told that another one will be found. Who may is looked at by the caller, who also sees to it that somebody
    does. Raises ValidationError."""
    return _end(user, number, State.CANCELLED, None, now, reason=" ".join(reason.split())[:200], kind=events.SENT_BACK, checked=True)


def ended_with(user: Any, number: int, state: str, reason: str = "", *, now: datetime | None = None) -> Appointment:
    """Done, cancelled or nobody there because of what is built upon it (a service order), whose own rights were looked at. Raises ValidationError."""
    return _end(user, number, state, None, now, reason=" ".join(reason.split())[:200], checked=True)


def done(user: Any, number: int, *, version: int | None = None, now: datetime | None = None) -> Appointment:
    """The visit took place. Raises Changed, PermissionDenied, ValidationError."""
    return _end(user, number, State.DONE, version, now)


def no_show(user: Any, number: int, *, version: int | None = None, now: datetime | None = None) -> Appointment:
    """Somebody came, and the customer was not there. Raises Changed, PermissionDenied, ValidationError."""
    return _end(user, number, State.NO_SHOW, version, now)


def release(user: Any, number: int) -> bool:
    """A held time is not wanted. False when it was gone, or booked, already."""
    with transaction.atomic():
        row = Appointment.objects.select_for_update(of=("self",)).select_related("staff").filter(pk=number, state=State.HELD).first()
        if row is None:
            return False
        _may(user, row.staff_id)
        drop(row)
    return True


def move_to_party(ids: Sequence[int], party_id: int, actor: str) -> list[int]:
    """Appointments made for a customer who was the wrong one, in the caller's transaction. One on site stays: the address is not the other's."""
    moved = []
    for row in Appointment.objects.select_related("staff").filter(pk__in=ids, kind__on_site=False).order_by("pk"):
        old, row.party_id = row.party_id, party_id
        row.version += 1
        row.save(update_fields=["party", "version"])
        record(events.PARTY_SET, row, None, actor=actor, old=old)
        moved.append(row.pk)
    return moved


# -- inside ---------------------------------------------------------------------------------------------------------------


def _may(user: Any, staff: int | None = None) -> None:
    """`user` None is the program itself: a flow, whose own rules say what it may."""
    if user is None:
        return
    require(user, BOOK)
    if staff is not None and not queries.staff_of(user, code=BOOK).filter(pk=staff).exists():
        raise PermissionDenied(_("This calendar is not yours to change."))


def _on_grid(start: datetime) -> int:
    begin = slots.minute(start)
    if begin % QUARTER:
        raise ValidationError({"start": _("An appointment begins on a quarter of an hour.")})
    return begin


def alone(staff: int, seen: int | None = None, *, active: bool = True) -> bool:
    """Locks the person's calendar until the end of the transaction. False: it is not as it was at version `seen`. Raises NotFree: the person makes no visits."""
    rows = Staff.objects.filter(pk=staff, active=True) if active else Staff.objects.filter(pk=staff)
    if rows.filter(**({} if seen is None else {"version": seen})).update(version=F("version") + 1):
        return True
    if seen is None:
        raise NotFree(["gone"])
    return False


def _take(what: Visit, staff: int, begin: int, state: str, now: datetime, group: str = "", *, anyway: bool = False) -> Appointment:
    if anyway and what.by is not None:
        require(what.by, "appointments.manage")
    area = what.area.pk if what.area else None
    try:
        for turn in range(TURNS):
            # What is free is read before the lock, so that whoever comes too late holds nobody up; the write is done only if nobody changed the calendar since.
            seen = Staff.objects.filter(pk=staff, active=True).values_list("version", flat=True).first()
            _check(staff, what.kind, area, begin, what.kind.minutes, now, anyway=anyway)
            with transaction.atomic():
                last = turn == TURNS - 1
                if not alone(staff, None if last else seen):
                    continue
                if last:
                    _check(staff, what.kind, area, begin, what.kind.minutes, now, anyway=anyway)
                _clear_expired(staff, now)
                row = Appointment(
                    uid=f"{uuid.uuid4()}@{config().mail_domain}", key=what.key if state == State.BOOKED else None, staff=Staff.objects.get(pk=staff), kind=what.kind,
                    party=what.party, interaction_id=what.interaction, area=what.area if what.kind.on_site else None, place=what.place[:300], note=what.note.strip(),
                    language=what.language, state=state, held_until=now + HOLD if state == State.HELD else None, offer=group, by=what.by, made_at=now,
                )  # fmt: skip
                _set_time(row, begin, what.kind.minutes)
                row.save(force_insert=True)
                _write_taken(row)
                record(events.OFFERED if state == State.HELD else events.BOOKED, row, what.by, minute=begin)
                return row
    except IntegrityError:
        if what.key is not None and (known := Appointment.objects.filter(key=what.key).first()) is not None:
            return known
        raise NotFree(["taken"]) from None
    raise AssertionError("the last turn waits for the lock")


def _check(staff: int, kind: VisitKind, area: int | None, begin: int, length: int, now: datetime, *, but: int | None = None, anyway: bool = False) -> None:
    """Raises NotFree with all that stands against it. Eight queries."""
    if begin < slots.minute(now) - QUARTER and not anyway:
        raise NotFree(["past"])
    found = queries.people(begin, begin + length, now, only=[staff], but=but)
    if not found:
        raise NotFree(["gone"])
    who, way = found[0], queries.travel()
    what = slots.Wanted(length, begin, begin + length, area if kind.on_site else None, frozenset(kind.skills.values_list("code", flat=True)))
    why = slots.why_not(who, what, way, begin)
    if anyway:
        why = [one for one in why if one == "taken"]
    if why:
        near = slots.near(who, what, way, begin)
        rows = Appointment.objects.select_related("by", "party", "kind", "staff__user")
        other = rows.filter(queries.live(now), staff=staff, starts_minute=near.start).exclude(pk=but or 0).first() if near is not None else None
        raise NotFree(why, other)


def _with_next(problem: NotFree, what: Visit, now: datetime) -> NotFree:
    """The same with what is free instead."""
    return NotFree(problem.why, problem.other, queries.earliest(what.kind, what.area.pk if what.area else None, now))


def _set_time(row: Appointment, begin: int, length: int) -> None:
    row.starts_minute, row.ends_minute = begin, begin + length
    row.starts_at, row.ends_at = slots.moment(begin), slots.moment(begin + length)


def _write_taken(row: Appointment) -> None:
    quarters = range(row.starts_minute // QUARTER, -(-row.ends_minute // QUARTER))
    Taken.objects.bulk_create(Taken(appointment=row, staff_id=row.staff_id, quarter=one) for one in quarters)


def _clear_expired(staff: int, now: datetime, but: int = 0) -> None:
    for row in Appointment.objects.select_related("staff").filter(staff=staff, state=State.HELD, held_until__lte=now).exclude(pk=but):
        drop(row)


def drop(row: Appointment) -> None:
    """A hold goes, and its quarters with it."""
    record(events.RELEASED, row, None)
    row.delete()


def _locked(number: int, version: int | None) -> Appointment:
    row = Appointment.objects.select_for_update(of=("self",)).select_related("staff", "kind", "area", "party").get(pk=number)
    if version is not None and row.version != version:
        raise Changed(row)
    return row


ENDS = {State.CANCELLED: events.CANCELLED, State.DONE: events.DONE, State.NO_SHOW: events.NO_SHOW}


def _end(
    user: Any, number: int, state: str, version: int | None, now: datetime | None, *, reason: str = "", kind: str = "", checked: bool = False
) -> Appointment:  # fmt: skip
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(number, version)
        if not checked:
            _may(user, row.staff_id)
        if row.state == state:
            return row
        if row.state != State.BOOKED:
            raise ValidationError({"state": _("This appointment is over: %(state)s.") % {"state": row.get_state_display()}})
        row.state, row.ended_at, row.reason, row.version = state, now, reason, row.version + 1
        if state == State.CANCELLED:
            row.sequence += 1
            row.taken.all().delete()
        row.save(update_fields=["state", "ended_at", "reason", "version", "sequence"])
        record(kind or ENDS[State(state)], row, user)
        following.changed(row, user, now)
    return row


def record(kind: str, row: Appointment, user: Any, *, actor: str = "", why: str | None = None, **more: Any) -> None:
    log.record(
        kind, why=why or "", actor=actor or (f"user:{user.pk}" if user is not None else "system"), appointment=row.pk, party=row.party_id, interaction=row.interaction_id,
        user=row.staff.user_id, sequence=row.sequence, **more,
    )  # fmt: skip
