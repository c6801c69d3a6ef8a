"""What escalation steps do. Each act works in the sweeper's transaction, on a locked ticket, and returns its outcome: a code and values that sla_words.py says in words. What
an act changes of a ticket may change its deadlines: its event is followed (following_sla.py), like that of anybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation

from cordboard.interactions.tell import Tell
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.queries_absence import away, instead
from cordboard.parties.queries_ownership import answers
from cordboard.routing.actions_broadcast import notify
from cordboard.routing.models import Broadcast
from cordboard.tickets import changes, sla_words
from cordboard.tickets.actions_level import next_level
from cordboard.tickets.departments import Answering
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import EscalationStep
from cordboard.tickets.queries_heads import head_now, there

FIRST_PRIORITY = 1
RULE = "Service levels"


@dataclass(frozen=True, slots=True)
class Taking:
    """A step that is being taken."""

    step: EscalationStep
    ticket: Ticket
    now: datetime
    tell: Tell

    @property
    def why(self) -> str:
        """For the log and notices: the rule that asks for it, else the service levels."""
        return str(self.step.terms.get("rule") or RULE)


Outcome = dict[str, Any]
Act = Callable[[Taking], Outcome]


def notify_owner(at: Taking) -> Outcome:
    """The owner, or who stands in; where nobody owns it, or nobody stands in, the head of the unit."""
    owner = instead(at.ticket.owner_id, away(at.now))
    if owner is None:
        return {**notify_head(at), "away" if there(at.ticket.owner_id) is not None else "nobody": True}
    return _notified(at, owner, {})


def notify_head(at: Taking) -> Outcome:
    """The head of the ticket's unit, or who stands in; where it has none, of the unit above."""
    head, found = head_now(at.ticket.unit_id, at.now)
    if head is None:
        return {"code": "no_head", "failure": "no_head"}
    return _notified(at, head, _passed(found))


def raise_priority(at: Taking) -> Outcome:
    old = at.ticket.priority
    if old <= FIRST_PRIORITY:
        return {"code": "highest"}
    at.ticket.priority = old - 1
    save(at.ticket, "priority")
    changes.edited(at.ticket, ["priority"], actor=at.tell.actor, why=at.why, quiet=True)
    return {"code": "priority", "old": old, "new": at.ticket.priority}


def to_head(at: Taking) -> Outcome:
    head, found = head_now(at.ticket.unit_id, at.now)
    if head is None:
        return {"code": "no_head", "failure": "no_head"}
    return {**given(at, head), **_passed(found)}


def to_account_owner(at: Taking) -> Outcome:
    """To whoever answers for the customer now."""
    owner = answers(at.ticket.party, at.now) if at.ticket.party is not None else None
    if owner is None:
        return {"code": "no_account_owner", "failure": "no_account_owner"}
    return given(at, owner)


def to_unit(at: Taking) -> Outcome:
    """Back into the unit's work list: anybody may take it."""
    ticket = at.ticket
    if ticket.unit_id is None:
        return {"code": "no_unit", "failure": "no_unit"}
    if ticket.owner_id is None:
        return {"code": "already_unit"}
    old, ticket.owner = ticket.owner_id, None
    save(ticket, "owner")
    changes.owner(ticket, old, actor=at.tell.actor, why=at.why, quiet=True)
    return {"code": "to_unit", "old": old, "unit": ticket.unit_id}


def to_next_level(at: Taking) -> Outcome:
    with translation.override("en"):
        why = sla_words.step_reason(at.step, at.ticket)
    made = next_level(at.ticket, at.tell.actor, why, now=at.now)
    at.ticket.refresh_from_db()
    if made is None:
        return {"code": "no_level", "failure": "no_level"}
    return {"code": "level", "rank": made.to_rank, "unit": made.to_unit_id}


ACTS: Mapping[str, Act] = {
    "notify_owner": notify_owner,
    "notify_head": notify_head,
    "raise_priority": raise_priority,
    "to_head": to_head,
    "to_unit": to_unit,
    "to_account_owner": to_account_owner,
    "next_level": to_next_level,
}


def _passed(found: Answering) -> Outcome:
    """Said so where the head of a unit above stands in."""
    return {"passed": list(found.passed), "head_of": found.unit} if found.passed else {}


def _notified(at: Taking, reader: User, more: Outcome) -> Outcome:
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = {"text": sla_words.notice(at.step, at.ticket, reader.timezone)}
    made = notify(texts, User.objects.filter(pk=reader.pk), rule=at.why, to=Broadcast.To.PERSON, tell=at.tell, now=at.now)
    return {"code": "notified", "who": reader.pk, "notice": made.pk if made is not None else None, **more}


def given(at: Taking, owner: User) -> Outcome:
    ticket = at.ticket
    if ticket.owner_id == owner.pk:
        return {"code": "already", "who": owner.pk}
    old, place, ticket.owner = ticket.owner_id, ticket.unit_id, owner
    ticket.unit_id = owner.unit_id or ticket.unit_id
    save(ticket, "owner", "unit")
    changes.owner(ticket, old, actor=at.tell.actor, old_unit=place, why=at.why, quiet=True)
    return {"code": "given", "who": owner.pk, "old": old}


def save(ticket: Ticket, *fields: str) -> None:
    ticket.version += 1
    ticket.save(update_fields=[*fields, "version"])
