"""What the policies of the area "escalation" have done with a ticket. Each act works in the sweeper's transaction, on a locked ticket, and returns its outcome (sla_words.py says it)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.interactions.deeds import CannotBeDone
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Unit, User
from cordboard.org.queries_absence import away, instead
from cordboard.parties import actions_tags as of_parties
from cordboard.parties.queries_ownership import answers
from cordboard.parties.tags import tidy
from cordboard.routing.actions_broadcast import notify
from cordboard.routing.rule_verbs import readers_of
from cordboard.rules import facts, texts
from cordboard.tickets import actions_edit, changes
from cordboard.tickets import escalation_acts as acts
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.escalation_acts import Outcome, Taking
from cordboard.tickets.escalation_policies import RULE_PREFIX, situation
from cordboard.tickets.queries_heads import head_now, there
from cordboard.tickets.rule_verbs import MOST_HOURS


def _with(at: Taking) -> Mapping[str, Any]:
    """The fields of the action."""
    found: Mapping[str, Any] = at.step.terms.get("with", {})
    return found


def _reader(at: Taking, language: str) -> facts.Reader:
    return facts.REGISTRY.reader({**situation(at.ticket, at.step, at.now), "language": language})


def _text(at: Taking, name: str, language: str = "en") -> str:
    return texts.line(str(_with(at).get(name, "")), _reader(at, language), facts.REGISTRY, language)


def tell(at: Taking) -> Outcome:
    """A colleague, those of a unit or position, agents of a queue; "agent" is the ticket's owner."""
    to = str(_with(at).get("to", ""))
    try:
        kind, unit, queue, people = readers_of(to, at.ticket.owner_id, at.ticket.party, at.now)
    except CannotBeDone:
        return {"code": "nobody", "failure": "nobody"}
    given = {language: text for language, text in (_with(at).get("texts") or {}).items() if language in LANGUAGES and isinstance(text, Mapping)}
    said = texts.filled(given, lambda language: _reader(at, language), facts.REGISTRY)
    for language, text in said.items():
        with translation.override(language):
            head = _("Ticket %(number)s, %(title)s:") % {"number": at.ticket.number, "title": at.ticket.title[:80]}
        text["strong"] = " ".join(part for part in (head, text.get("strong", "")) if part)
    made = notify(said, people, rule=at.why, to=kind, unit=unit, queue=queue, tell=at.tell, now=at.now)
    if made is None:
        return {"code": "nobody", "failure": "nobody"}
    readers = list(made.receipts.values_list("reader_id", flat=True)[:2])
    return {"code": "notified", "who": readers[0], "notice": made.pk} if len(readers) == 1 else {"code": "told", "n": made.receipts.count(), "notice": made.pk}


def reassign(at: Taking) -> Outcome:
    to = str(_with(at).get("to", ""))
    kind, _colon, code = to.partition(":")
    match kind:
        case "head":
            return acts.to_head(at)
        case "account_owner":
            return acts.to_account_owner(at)
        case "unit" if not code:
            return acts.to_unit(at)
        case "unit":
            return _to_list_of(at, code)
        case "user":
            taker = User.objects.filter(username=code, is_active=True).first()
            return acts.given(at, taker) if taker is not None else {"code": "nobody", "failure": "nobody"}
    return {"code": "nobody", "failure": "nobody"}


def _to_list_of(at: Taking, code: str) -> Outcome:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        return {"code": "no_unit_any_more", "failure": "no_unit_any_more"}
    ticket = at.ticket
    if ticket.unit_id == unit.pk and ticket.owner_id is None:
        return {"code": "already_unit"}
    old, place = ticket.owner_id, ticket.unit_id
    ticket.owner, ticket.unit, ticket.position = None, unit, None
    acts.save(ticket, "owner", "unit", "position")
    changes.owner(ticket, old, actor=at.tell.actor, old_unit=place, why=at.why, quiet=True)
    return {"code": "to_unit", "old": old, "unit": unit.pk}


def add_tag(at: Taking) -> Outcome:
    word = _text(at, "tag")
    if _with(at).get("on") == "customer":
        if at.ticket.party is None:
            return {"code": "no_customer", "failure": "no_customer"}
        of_parties.tag(None, at.ticket.party, word, rule=at.why, during=f"ticket:{at.ticket.pk}", now=at.now)
        return {"code": "tagged", "tag": tidy(word)}
    words = list(at.ticket.tags.values_list("word", flat=True))
    actions_edit.tag(None, at.ticket.pk, [*words, word])
    return {"code": "tagged", "tag": actions_edit.word_of(word)}


def add_task(at: Taking) -> Outcome:
    terms, ticket = _with(at), at.ticket
    unit = Unit.objects.select_related("head").filter(code=terms["unit"]).first() if terms.get("unit") else ticket.unit
    owner: User | None
    match str(terms.get("owner") or "agent"):
        case "account_owner":
            owner = answers(ticket.party, at.now) if ticket.party is not None else None
        case "head":
            owner, _whose = head_now(unit.pk if unit is not None else None, at.now)
        case "unit":
            owner = None
        case _whoever:
            owner = instead(ticket.owner_id, away(at.now)) or there(ticket.owner_id)
    hours = float(terms.get("hours") or 0)
    language = owner.language if owner is not None else "en"
    try:
        made = make_task(
            None, _text(at, "title", language), text=_text(at, "text", language), ticket=ticket, owner=owner, unit=unit,
            due_at=at.now + timedelta(hours=min(hours, MOST_HOURS)) if hours > 0 else None,
            why={"code": "rule", "rule": at.step.terms["rule"], "policy": at.step.terms["policy"]}, now=at.now,
        )  # fmt: skip
    except ValidationError:
        return {"code": "nobody", "failure": "nobody"}
    return {"code": "task", "task": made.pk, **({"who": owner.pk} if owner is not None else {})}


ACTS = {
    f"{RULE_PREFIX}{verb}": act
    for verb, act in {
        "notify": tell, "raise_priority": acts.raise_priority, "reassign": reassign, "next_level": acts.to_next_level, "add_tag": add_tag, "add_task": add_task,
    }.items()
}  # fmt: skip
