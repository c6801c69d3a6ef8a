"""Asking for approval, giving and declining it. A small general form: what is asked about is named by `about` ("interaction:91", "refund:12"), and who owns that asks
`approved` before acting.

Of whom it is asked is a person, or a unit: then its head, whoever that is when the answer is given. The asker gets the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import events
from cordboard.interactions.deeds import CannotBeDone, Doing
from cordboard.interactions.models import Approval, Interaction
from cordboard.interactions.tell import Tell
from cordboard.org.models import Unit, User

State = Approval.State
USUAL = timedelta(hours=4)
LONGEST = timedelta(days=30)
MOST_REASON = 300


def ask(
    about: str,
    texts: Mapping[str, Mapping[str, str]],
    *,
    approver: User | None = None,
    unit: Unit | None = None,
    interaction: Interaction | None = None,
    asked_by: User | None = None,
    amount: Decimal | None = None,
    currency: str = "",
    rule: str = "",
    within: timedelta = USUAL,
    tell: Tell | None = None,
    now: datetime | None = None,
) -> Approval:
    """Ask a person, or the head of a unit. With `tell` in the caller's transaction and told by it. Raises ValidationError when there is nobody to ask, or the asker would
    be asked: nobody approves what they ask for."""
    now = now or timezone.now()
    who = approver or (unit.head if unit is not None else None)
    if who is None or not who.is_active:
        raise ValidationError(_("There is nobody who could approve it: the person is gone, or the unit has no head."))
    if asked_by is not None and who.pk == asked_by.pk:
        raise ValidationError(_("Who asks cannot approve it."))
    own = tell or (Tell.of(asked_by) if asked_by is not None else Tell("rule"))
    with transaction.atomic():
        made = Approval.objects.create(
            about=about,
            interaction=interaction,
            texts={language: dict(text) for language, text in texts.items()},
            amount=amount,
            currency=currency[:3],
            approver=approver,
            unit=unit if approver is None else None,
            asked_by=asked_by,
            rule=rule[:120],
            asked_at=now,
            due_at=now + max(timedelta(minutes=1), min(within, LONGEST)),
        )
        own.add(events.APPROVAL_ASKED, **_fields(made, who.pk))
        if tell is None:
            own.write()
    return made


def decide(user: Any, number: int, agree: bool, reason: str = "", *, now: datetime | None = None) -> Approval:
    """Agree or decline; a declining needs a reason. Only who is asked may, and nobody for themselves. Answered before, it stays as it was answered. Raises
    Approval.DoesNotExist, PermissionDenied, ValidationError."""
    now = now or timezone.now()
    reason = " ".join(reason.split())[:MOST_REASON]
    with transaction.atomic():
        row = Approval.objects.select_for_update(of=("self",)).select_related("unit").get(pk=number)
        if not may_decide(user, row):
            raise PermissionDenied
        if not row.open:
            return row
        if row.due_at <= now:
            _settle(row, State.EXPIRED, None, "", now, Tell("worker"))
            return row
        if not agree and not reason:
            raise ValidationError({"reason": _("Say why, so that the colleague can tell the customer.")})
        _settle(row, State.APPROVED if agree else State.DECLINED, user, reason, now, Tell.of(user))
    return row


def withdraw(user: Any, number: int, *, now: datetime | None = None) -> bool:
    """Who asked does not need it any more. Returns whether it was open. Raises PermissionDenied, Approval.DoesNotExist."""
    with transaction.atomic():
        row = Approval.objects.select_for_update().get(pk=number)
        if row.asked_by_id != user.pk:
            raise PermissionDenied
        if not row.open:
            return False
        _settle(row, State.WITHDRAWN, user, "", now or timezone.now(), Tell.of(user))
    return True


def seen(user: Any, number: int, *, now: datetime | None = None) -> bool:
    """The asker has taken note of the answer. Returns whether there was one to note."""
    with transaction.atomic():
        row = Approval.objects.select_for_update().filter(pk=number, asked_by_id=user.pk, decided_at__isnull=False, seen_at=None).first()
        if row is None:
            return False
        row.seen_at = now or timezone.now()
        row.save(update_fields=["seen_at"])
        tell = Tell.of(user)
        tell.add(events.APPROVAL_SEEN, **_fields(row, row.approver_id))
        tell.write()
    return True


def expire(*, now: datetime | None = None, most: int = 200) -> int:
    """Those that nobody answered in time. Returns how many."""
    now = now or timezone.now()
    late = list(Approval.objects.filter(state=State.PENDING, due_at__lte=now).order_by("due_at").values_list("pk", flat=True)[:most])
    done = 0
    for number in late:
        with transaction.atomic():
            row = Approval.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=number, state=State.PENDING).first()
            if row is not None:
                _settle(row, State.EXPIRED, None, "", now, Tell("worker"))
                done += 1
    return done


def may_decide(user: Any, row: Approval) -> bool:
    """Who is asked: the person, or the head of the unit as it is now; never the asker."""
    asked = row.approver_id if row.approver_id is not None else (row.unit.head_id if row.unit is not None else None)
    return asked is not None and asked == user.pk and row.asked_by_id != user.pk


def approved(about: str) -> Approval | None:
    """The newest agreement about this, for who must have one before acting. One query."""
    return Approval.objects.filter(about=about, state=State.APPROVED).order_by("-decided_at").first()


def _settle(row: Approval, state: str, by: Any, reason: str, now: datetime, tell: Tell) -> None:
    row.state, row.reason, row.decided_by, row.decided_at = state, reason, by, now
    if row.asked_by_id is None or (by is not None and by.pk == row.asked_by_id):
        row.seen_at = now  # nobody waits for the answer, or knows it
    row.save(update_fields=["state", "reason", "decided_by", "decided_at", "seen_at"])
    asked = row.approver_id if row.approver_id is not None else (row.unit.head_id if row.unit is not None else None)
    tell.add(events.APPROVAL_SETTLED, **_fields(row, asked), state=str(state), by=by.pk if by is not None else None)
    tell.write()


def _fields(row: Approval, approver: int | None) -> dict[str, Any]:
    return {"approval": row.pk, "interaction": row.interaction_id, "approver": approver, "asked_by": row.asked_by_id}


def by_rule(doing: Doing) -> dict[str, Any]:
    """The rule's action `ask_approval`: of a person ("user:emma"), or the head of a unit ("unit:service"); of the head of the agent's own unit when none is named."""
    row = doing.row
    kind, _colon, code = str(doing.action.get("of") or "").partition(":")
    agent = User.objects.select_related("unit__head").filter(pk=row.agent_id).first() if row.agent_id is not None else None
    approver = User.objects.filter(username=code, is_active=True).first() if kind == "user" else None
    unit = Unit.objects.select_related("head").filter(code=code).first() if kind == "unit" else (agent.unit if kind == "" and agent is not None else None)
    if approver is None and unit is None:
        raise CannotBeDone(_("There is nobody who could approve it: the person is gone, or the unit has no head."))
    amount, currency = _amount(doing)
    made = ask(
        f"interaction:{row.pk}",
        doing.texts(),
        approver=approver,
        unit=unit,
        interaction=row,
        asked_by=agent,
        amount=amount,
        currency=currency,
        rule=doing.rule,
        within=timedelta(minutes=float(doing.action.get("minutes") or USUAL.total_seconds() / 60)),
        tell=doing.tell,
        now=doing.now,
    )
    return {"approval": made.pk}


def _amount(doing: Doing) -> tuple[Decimal | None, str]:
    """A number, or a fact that is money as the rules keep it."""
    given: Any = doing.action.get("amount")
    currency = ""
    if isinstance(given, Mapping):
        given, currency = given.get("amount"), str(given.get("currency") or "")
    if given in (None, ""):
        return None, ""
    try:
        amount = Decimal(str(given)).quantize(Decimal("0.01"))
    except InvalidOperation as wrong:
        raise CannotBeDone(_("The amount is no number.")) from wrong
    if abs(amount) >= Decimal(10) ** 10:
        raise CannotBeDone(_("The amount is no number."))
    return amount, currency
