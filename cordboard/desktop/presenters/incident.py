"""Mass incidents in words: suggestions with what led to them, the tied tickets, the answers to all and what became of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.org.languages import LANGUAGES, OWN_NAMES, html_lang
from cordboard.org.models import User
from cordboard.tickets import queries_incident as queries
from cordboard.tickets import states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_incident import IncidentRun, MassIncident

SAMPLES = 4


def _line(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.pk,
        "number": ticket.number,
        "title": ticket.title,
        "url": reverse("desktop:ticket", args=[ticket.number]),
        "customer": str(ticket.party or "–"),
        "state": ticket.get_state_display(),
        "open": ticket.state in states.OPEN,
        "at": say.when(ticket.opened_at, timezone.now()),
    }


def listing(user: User) -> dict[str, Any]:
    """Four queries."""
    found = []
    for row, tickets in queries.suggestions(user):
        words = {"n": row.why.get("customers", len(tickets)), "minutes": row.why.get("minutes", 0), "likeness": row.why.get("likeness", 0)}
        found.append(
            {
                "id": row.pk,
                "title": tickets[0].title,
                "why": _("%(n)s customers within %(minutes)s minutes, their words at least %(likeness)s %% alike.") % words,
                "words": ", ".join(row.words),
                "family": row.family,
                "count": len(tickets),
                "tickets": [_line(one) for one in tickets[:SAMPLES]],
                "more": max(0, len(tickets) - SAMPLES),
                "incident": row.incident,
            }
        )
    now = timezone.now()
    rows = [{"row": one, "at": say.when(one.opened_at, now), "open": one.state == MassIncident.State.OPEN} for one in queries.incidents()]
    return {"suggestions": found, "incidents": rows}


def page(user: User, row: MassIncident, *, said: dict[str, Any] | None = None) -> dict[str, Any]:
    """Some eight queries, whatever is tied."""
    tied, count = queries.tied(user, row.pk)
    spoken = queries.languages(row.pk)
    lines = [{**_line(one.ticket), "left_out": one.left_out} for one in tied]
    runs = queries.runs(row.pk)
    typed = (said or {}).get("typed") or {}
    texts = [
        {
            "code": code,
            "name": OWN_NAMES[code],
            "lang": html_lang(code),
            "text": typed.get(f"text-{code}", row.texts.get(code, "")),
            "count": spoken.get(code, 0),
        }
        for code in LANGUAGES
    ]
    return {
        "incident": row,
        "open": row.state == MassIncident.State.OPEN,
        "at": say.when(row.opened_at, timezone.now()),
        "tickets": lines,
        "unseen": count - len(tied),
        "to_answer": sum(one["open"] and not one["left_out"] for one in lines),
        "untied": [{**_line(one.ticket), "by": str(one.untied_by or "–")} for one in queries.untied(user, row.pk)],
        "texts": texts,
        "others": sum(count for code, count in spoken.items() if code not in LANGUAGES),
        "runs": [run_line(one) for one in runs],
        "going": any(one.ended_at is None for one in runs),
        "failures": [{**_line(one.ticket), "why": one.why} for one in queries.failures(runs)],
        **{"problem": "", "done": "", **{name: value for name, value in (said or {}).items() if name != "typed"}},
    }


def run_line(one: IncidentRun) -> dict[str, Any]:
    figures: Any = one
    total = figures.waiting + figures.done + figures.failed
    return {
        "id": one.pk,
        "what": _("Answered and resolved") if one.texts and one.resolve else _("Answered") if one.texts else _("Resolved"),
        "by": str(one.by or "–"),
        "at": say.when(one.begun_at, timezone.now()),
        "going": one.ended_at is None,
        "done": figures.done,
        "failed": figures.failed,
        "out": figures.out,
        "waiting": figures.waiting,
        "total": total,
        "percent": round(100 * (total - figures.waiting) / total) if total else 100,
        "languages": ", ".join(OWN_NAMES.get(code, code) for code in one.texts),
    }
