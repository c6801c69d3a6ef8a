"""On a ticket's page: what closed others like it, what its level closes most, and what closed this one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets.models import SupportLevel, Ticket
from cordboard.tickets.models_similar import ClosingCount, RequestCount, TicketSolution
from cordboard.tickets.queries_level import family_of, where
from cordboard.tickets.queries_similar import Like, most_common, similar_to

_SOLUTION = Kept(lambda ticket: TicketSolution.objects.select_related("article").filter(pk=ticket))


def section(user: User, ticket: Ticket, language: str, *, problem: str = "", done: str = "") -> dict[str, Any] | None:
    """Some dozen queries, whatever there is. None when nothing is known and nothing can be said."""
    rank = where(ticket).rank
    like = similar_to(ticket, rank, language)
    common, titles, codes = most_common(rank, family_of(ticket), language)
    said = _SOLUTION.first(ticket.pk)
    may = user_may(user, "tickets.change") is not None
    if not like.closings and not common and not may:
        return None
    return {
        "template": "desktop/ticket/similar.html",
        "ticket": ticket,
        "level": str(SupportLevel.Rank(rank).label),
        "closings": _closings(like),
        "found": len(like.found),
        "common": [
            {"words": _request(one.request, language), "count": one.request.count, "closings": [_counted(by, titles, codes) for by in one.closings]}
            for one in common
        ],
        "solution": (
            titles.get(said.article_id) or like.titles.get(said.article_id) or said.article.code
            if said.article is not None and said.article_id is not None
            else said.measure
        )
        if said is not None
        else "",
        "may": may,
        "problem": problem,
        "done": done,
    }


def _closings(like: Like) -> list[dict[str, Any]]:
    return [
        {
            "words": like.titles.get(one.article, "") if one.article is not None else one.measure,
            "url": reverse("desktop:article", args=[one.article]) if one.article is not None else "",
            "article": one.article,
            "measure": one.measure if one.article is None else "",
            "count": one.count,
            "of": one.of,
            "alike": round(one.first.likeness * 100),
            "tickets": [
                {"number": like.numbers[pk], "url": reverse("desktop:ticket", args=[like.numbers[pk]])} for pk in one.tickets[:3] if pk in like.numbers
            ],
            "message": like.messages.get(one.first.ticket, ""),
        }
        for one in like.closings
    ]


def _request(row: RequestCount, language: str) -> str:
    reason = row.reason
    if reason is None:
        return row.family or _("no contact reason")
    name = reason.name_in(language)
    return f"{reason.parent.name_in(language)} › {name}" if reason.parent is not None else str(name)


def _counted(row: ClosingCount, titles: dict[int, str], codes: dict[int, str]) -> dict[str, Any]:
    article = row.article_id
    return {
        "words": titles.get(article, "") if article is not None else row.measure,
        "url": reverse("desktop:article", args=[article]) if article is not None else "",
        "count": row.count,
    }
