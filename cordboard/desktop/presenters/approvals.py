"""Approvals in words: what waits for the reader's word, what the reader asked for, and the notices of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cordboard.interactions import queries_approval as queries
from cordboard.interactions.models import Approval
from cordboard.rules import texts


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    id: int
    strong: str
    text: str
    amount: str
    who: str
    """Who asks, or who is asked."""
    customer: str
    contact: str
    """Number of the contact, for its page."""
    state: str
    tone: str
    reason: str
    at: datetime
    due_at: datetime
    open: bool
    rule: str
    ticket: int | None = None
    """Number of the ticket on which it is to be given, where the reader may see it."""


TONES = {Approval.State.APPROVED: "ok", Approval.State.DECLINED: "warn", Approval.State.EXPIRED: "warn"}


def amount(row: Approval) -> str:
    return f"{formats.number_format(row.amount, 2)} {row.currency}".strip() if row.amount is not None else ""


def asked(row: Approval) -> str:
    """Of whom it is asked."""
    if row.approver is not None:
        return str(row.approver)
    if row.unit is not None:
        return _("%(name)s, head of %(unit)s") % {"name": row.unit.head, "unit": row.unit} if row.unit.head else str(row.unit)
    return "–"


def shown(row: Approval, language: str, *, own: bool, ticket: int | None = None) -> ApprovalRow:
    said = texts.in_language(row.texts, language)
    contact = row.interaction
    return ApprovalRow(
        row.pk,
        said.get("strong", ""),
        said.get("text", ""),
        amount(row),
        asked(row) if own else str(row.asked_by or _("a rule")),
        str(contact.subject) if contact is not None and contact.subject is not None else "",
        str(contact.pk) if contact is not None else "",
        str(row.get_state_display()),
        TONES.get(Approval.State(row.state), ""),
        row.reason,
        row.asked_at,
        row.due_at,
        row.open,
        row.rule,
        ticket,
    )


def notices(user: Any, language: str) -> list[dict[str, Any]]:
    """For the notices of the shell: what waits for this person's word, and answers that were not seen. Two queries. Ids below 0 keep them apart from messages."""
    found: list[dict[str, Any]] = []
    for row in queries.to_decide(user, timezone.now())[:3]:
        said = texts.in_language(row.texts, language)
        title = _("%(name)s asks for your approval:") % {"name": row.asked_by} if row.asked_by is not None else _("Your approval is asked for:")
        found.append({"id": -2 * row.pk, "title": title, "text": " ".join(part for part in (said.get("strong", ""), amount(row)) if part), "url": ""})
    for row in queries.answers(user):
        said = texts.in_language(row.texts, language)
        text = " ".join(part for part in (said.get("strong", ""), row.reason) if part)
        found.append({"id": -2 * row.pk - 1, "title": _answer(row), "text": text, "url": reverse("desktop:approval", args=[row.pk, "seen"])})
    return found


def _answer(row: Approval) -> str:
    match row.state:
        case Approval.State.APPROVED:
            return _("%(name)s has approved it:") % {"name": row.decided_by or asked(row)}
        case Approval.State.DECLINED:
            return _("%(name)s has declined it:") % {"name": row.decided_by or asked(row)}
    return _("Nobody answered in time:")


def lines(interaction: int, language: str) -> list[ApprovalRow]:
    """What was asked in a contact, for whoever has it. One query."""
    return [shown(row, language, own=True) for row in queries.of_contact(interaction)]
