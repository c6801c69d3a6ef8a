"""Support levels on a ticket's page: where it is, what the next level asks for, and every hand-off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.interactions.models import Interaction
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import levels, states
from cordboard.tickets.models import LevelStep, SupportLevel, Ticket
from cordboard.tickets.queries_level import where

_ANY = Kept(lambda: SupportLevel.objects.order_by("pk").values_list("pk", flat=True)[:1])
KNOWN = ("product", "reason")
"""What a level asks for and the ticket itself says."""


def section(user: User, ticket: Ticket, language: str, **said: Any) -> dict[str, Any] | None:
    """Five queries. None where no unit serves any level. `said`: problem, done, typed (what was typed), circle: from the act before."""
    if not _ANY():
        return None
    at = where(ticket)
    may = user_may(user, "tickets.change") is not None and ticket.state in states.OPEN
    typed: Mapping[str, str] = said.get("typed") or {}
    known = {"product": ticket.product_id is not None, "reason": ticket.reason_id is not None}
    return {
        "template": "desktop/ticket/level.html",
        "ticket": ticket,
        "levels": [
            {"rank": rank, "name": str(SupportLevel.Rank(rank).label), "state": "done" if rank < at.rank else "now" if rank == at.rank else ""}
            for rank in levels.RANKS
        ],
        "next": {"name": str(SupportLevel.Rank(at.next.rank).label), "unit": at.next_name, "calls": at.next.queue is not None} if at.next is not None else None,
        "items": [
            {
                "id": one.id,
                "name": at.rows[one.id].name_in(language),
                "asks": one.asks,
                "required": one.required,
                "known": known.get(one.asks, False),
                "typed": typed.get(f"item-{one.id}", ""),
            }
            for one in at.items
        ],
        "back": _back(at.came) if at.came is not None else "",
        "pending": at.pending is not None,
        "call": _call(user, ticket) if may and at.next is not None and at.next.queue is not None else None,
        "steps": [step(one, language) for one in reversed(at.steps)],
        "circles": sum(one.circle for one in at.steps),
        "may": may,
        **{"problem": "", "done": "", "circle": False, "typed": typed, **{name: value for name, value in said.items() if name != "typed"}},
    }


def _back(came: LevelStep) -> str:
    if came.from_owner is not None and came.from_owner.is_active:
        return _("%(name)s, %(level)s") % {"name": came.from_owner, "level": SupportLevel.Rank(came.from_rank).label}
    return _("%(unit)s, %(level)s") % {"unit": came.from_unit or "–", "level": SupportLevel.Rank(came.from_rank).label}


def _call(user: User, ticket: Ticket) -> int | None:
    """The reader's live call with this customer, or that belongs to this ticket. One query."""
    rows = Interaction.objects.filter(agent=user, channel="voice", state=Interaction.State.ACTIVE).order_by("-pk")
    for number, subject in rows.values_list("pk", "subject_id")[:5]:
        if (subject is not None and subject == ticket.party_id) or ticket.contacts.filter(interaction=number).exists():
            return int(number)
    return None


def step(one: LevelStep, language: str) -> dict[str, Any]:
    """One hand-off, with what the level asked for and was told. No query."""
    answers = []
    for item in one.answers:
        name = item["names"].get(language) or item["names"].get("en") or next(iter(item["names"].values()), "")
        if item["missing"]:
            answers.append({"name": name, "answer": _("not known"), "missing": True})
        elif item["answer"]:
            answers.append({"name": name, "answer": _("yes") if item["asks"] != "text" else item["answer"], "missing": False})
    return {
        "words": _("%(old)s to %(new)s") % {"old": SupportLevel.Rank(one.from_rank).label, "new": SupportLevel.Rank(one.to_rank).label},
        "unit": str(one.to_unit or ""),
        "to": str(one.to_owner or ""),
        "way": str(one.get_way_display() if one.state == LevelStep.State.DONE else one.get_state_display()),
        "by": str(one.by or _("a rule")),
        "why": one.why,
        "at": say.when(one.at, timezone.now()),
        "answers": answers,
        "circle": one.circle,
        "dropped": one.state == LevelStep.State.DROPPED,
    }
