"""The six acts of service on a ticket: which are done, and one key to the next."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.knowledge.models import Article
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import six_acts, states
from cordboard.tickets.models import Ticket, TicketMessage
from cordboard.tickets.models_case import TicketArticle
from cordboard.tickets.models_similar import TicketSolution

KINDS = (Ticket.Kind.REQUEST, Ticket.Kind.QUESTION, Ticket.Kind.INCIDENT, Ticket.Kind.COMPLAINT, Ticket.Kind.RETURN)
"""What somebody asked of us; a task or a wish is not gone through in six acts."""


_ARTICLE = Kept(lambda ticket: TicketArticle.objects.filter(ticket=ticket).select_related("article"))
_SOLUTION = Kept(lambda ticket: TicketSolution.objects.filter(ticket=ticket).values_list("pk", flat=True))
_REPLY = Kept(lambda ticket: TicketMessage.objects.filter(ticket=ticket, kind=TicketMessage.Kind.REPLY).order_by().values_list("pk", flat=True)[:1])


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """Three queries."""
    if ticket.kind not in KINDS:
        return None
    article = _ARTICLE.first(ticket.pk)
    helped = bool(_SOLUTION(ticket.pk)) or article is not None
    replied = ticket.unanswered_since is None and bool(_REPLY(ticket.pk))
    facts = six_acts.Facts(
        customer=ticket.party_id is not None, recorded=True, solved=ticket.state in states.DONE, replied=replied, helped=helped, drafted=article is not None
    )
    words = {
        "customer": _("Customer known"), "record": _("Request recorded"), "solve": _("Solved"), "reply": pgettext("one of six acts", "Answered"),
        "build": _("What helped is said"), "turn": _("Made knowledge"),
    }  # fmt: skip
    steps = six_acts.steps(facts)
    upcoming = next((step.act for step in steps if step.next), "")
    return {
        "template": "desktop/ticket/acts.html",
        "steps": [{"words": words[step.act], "done": step.done, "next": step.next} for step in steps],
        "next": _next(upcoming, ticket, user),
        "article": _article(article) if article is not None and user_may(user, "knowledge.view") is not None else None,
    }


def _next(act: str, ticket: Ticket, user: User) -> dict[str, str] | None:
    """What the one button does. `press`: the part of the page that is gone to; `post`: what is asked of the server."""
    if user_may(user, "tickets.change") is None:
        return None
    number = ticket.number
    known: dict[str, dict[str, str]] = {
        "customer": {"words": _("Find the customer"), "url": reverse("desktop:customers")},
        "reply": {"words": _("Answer the customer"), "url": "#ticket-text"},
        "solve": {"words": _("Resolve"), "post": reverse("desktop:ticket_act", args=[number, "state"]), "values": '{"state": "resolved"}'},
        "build": {"words": _("Make it knowledge"), "post": reverse("desktop:ticket_article", args=[number]), "values": "{}"},
        "turn": {"words": _("Make it knowledge"), "post": reverse("desktop:ticket_article", args=[number]), "values": "{}"},
    }
    found = known.get(act)
    return found | {"command": _("Next of the six acts: %(act)s") % {"act": found["words"]}} if found else None


def _article(row: TicketArticle) -> dict[str, Any]:
    state = {
        Article.State.DRAFT: _("draft, not reviewed"), Article.State.PUBLISHED: _("published"), Article.State.RETIRED: _("put aside"),
    }[Article.State(row.article.state)]  # fmt: skip
    return {"url": reverse("desktop:article", args=[row.article_id]), "words": _("Article of this ticket"), "state": state}
