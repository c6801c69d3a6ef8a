"""On a ticket's page: what may be given now and why, what was given, and who is asked for more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.rules.words import say as in_words
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_goodwill import Grant, GrantStep
from cordboard.tickets.queries_goodwill import decide, of_ticket

TONES = {"given": "ok", "approved": "ok", "declined": "warn", "expired": "warn"}


def money(amount: Decimal, currency: str) -> str:
    return f"{formats.number_format(amount, 2, use_l10n=True, force_grouping=True)} {currency}"


def section(
    user: User, ticket: Ticket, language: str, *, problem: str = "", done: str = "", kind: str = "", typed: dict[str, Any] | None = None
) -> dict[str, Any] | None:
    """A fixed number of queries, and those of the facts that rules ask. None for a ticket without a customer."""
    if ticket.party_id is None:
        return None
    kind = kind if kind in Grant.Kind.values else Grant.Kind.GOODWILL
    now = timezone.now()
    found = decide(ticket, kind, now)
    limit = found.limit
    return {
        "template": "desktop/ticket/goodwill.html",
        "ticket": ticket,
        "kind": kind,
        "kinds": [(code, str(words)) for code, words in Grant.Kind.choices],
        "ruled": limit.amount is not None,
        "free": money(limit.free, limit.currency),
        "limit": money(limit.amount or Decimal(0), limit.currency),
        "given": money(limit.given, limit.currency) if limit.given else "",
        "currency": limit.currency,
        "why": [in_words(one, _) for one in found.told],
        "grants": [_grant(user, one, now) for one in of_ticket(ticket.pk)],
        "may": user_may(user, "tickets.change") is not None,
        "problem": problem,
        "done": done,
        "typed": typed or {},
    }


def _grant(user: User, row: Grant, now: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": str(row.get_kind_display()),
        "amount": money(row.amount, row.currency),
        "state": str(row.get_state_display()),
        "tone": TONES.get(row.state, ""),
        "reason": row.reason,
        "by": str(row.given_by or row.by or "–"),
        "at": say.when(row.given_at or row.at, now),
        "give": row.state == Grant.State.APPROVED,
        "withdraw": row.state in (Grant.State.ASKED, Grant.State.APPROVED) and row.by_id == user.pk,
        "steps": [_step(one, now) for one in row.steps.all()],
    }


def _step(one: GrantStep, now: Any) -> dict[str, Any]:
    approval = one.approval
    unit = one.unit
    who = "–"
    if approval is not None and approval.decided_by is not None:
        who = str(approval.decided_by)
    elif approval is not None and approval.approver is not None:
        who = str(approval.approver)
    elif unit is not None:
        who = _("%(name)s, head of %(unit)s") % {"name": unit.head, "unit": unit} if unit.head is not None else str(unit)
    why = {
        "away": _("the head is away"),
        "own": _("one level up: nobody approves what they ask for"),
        "none": _("one level up: the unit has no head"),
        "late": _("the head did not answer in time"),
        "nobody": _("nobody answers for the unit, nor for any unit above it"),
    }.get(one.why, "")
    return {
        "who": who,
        "state": str(one.get_state_display()),
        "tone": {"approved": "ok", "declined": "warn", "expired": "warn"}.get(one.state, ""),
        "why": why,
        "due": say.when(approval.due_at, now) if approval is not None and one.state == GrantStep.State.ASKED else "",
        "reason": approval.reason if approval is not None else "",
    }
