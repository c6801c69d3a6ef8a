"""Knowledge beside the desk: solutions from the words of a problem, or all of them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.knowledge import actions_draft, queries
from cordboard.knowledge.models import Article
from cordboard.org.permissions import permitted, user_may
from cordboard.tickets import actions_article
from cordboard.tickets import queries as tickets
from cordboard.tickets.models import Ticket

DRAFTS_SHOWN = 100


def _row(hit: queries.Hit) -> dict[str, object]:
    return {
        "url": reverse("desktop:article", args=[hit.article.pk]),
        "title": hit.text.title,
        "problem": hit.text.problem,
        "lang": hit.text.language,
        "helped": _("solved %(helped)d of %(tried)d") % {"helped": hit.helped, "tried": hit.tried} if hit.tried else "",
        "found": ", ".join(hit.found),
    }


@permitted("knowledge.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:2000]
    language = translation.get_language() or "en"
    hits = queries.search(typed, language, limit=20).hits if typed else queries.listing(language)
    context = {"typed": typed, "rows": [_row(hit) for hit in hits], "reviews": user_may(request.user, "knowledge.write") is not None}
    only_rows = request.headers.get("HX-Target") == "article-rows"
    return render(request, "desktop/articles_rows.html" if only_rows else "desktop/articles.html", context)


@permitted("knowledge.view")
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """One article. What is not reviewed is shown to those who review, and to whoever sees the ticket that it came of."""
    user: Any = request.user
    try:
        hit = queries.article(number, translation.get_language() or "en")
    except Article.DoesNotExist:
        raise Http404 from None
    origin = tickets.visible(user).filter(article__article=number).first()
    draft, reviews = hit.article.state == Article.State.DRAFT, user_may(user, "knowledge.write") is not None
    if draft and not reviews and origin is None:
        raise Http404
    context = {
        "text": hit.text, "row": _row(hit), "collection": hit.article.get_collection_display(), "draft": draft, "reviews": reviews, "origin": origin,
        "retired": hit.article.state == Article.State.RETIRED, "article": hit.article,
    }  # fmt: skip
    return render(request, "desktop/article.html", context)


@permitted("knowledge.write")
@require_http_methods(["GET", "POST"])
def drafts(request: HttpRequest) -> HttpResponse:
    """What came of requests and waits for a review, and whether requests become drafts by themselves."""
    user: Any = request.user
    if request.method == "POST":
        actions_draft.set_drafts_from_requests(user, bool(request.POST.get("on")))
        return redirect("desktop:drafts")
    rows = Article.objects.filter(state=Article.State.DRAFT).prefetch_related("texts").order_by("-updated_at", "-pk")[:DRAFTS_SHOWN]
    numbers = dict(Ticket.objects.filter(article__article__in=[row.pk for row in rows]).values_list("article__article", "number"))
    context = {
        "rows": [
            {"url": reverse("desktop:article", args=[row.pk]), "text": text, "ticket": numbers.get(row.pk), "at": row.updated_at}
            for row in rows
            if (text := next(iter(row.texts.all()), None)) is not None
        ],
        "on": actions_draft.drafts_from_requests(),
    }
    return render(request, "desktop/drafts.html", context)


@permitted("knowledge.write")
@require_POST
def review(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """keep: the words; publish: the words, and others find them; put-aside: nobody does."""
    user: Any = request.user
    given = request.POST
    try:
        if verb in ("keep", "publish"):
            text = queries.article(number, translation.get_language() or "en").text
            actions_draft.change_draft(
                user, number, text.language, title=given.get("title", ""), problem=given.get("problem", ""), solution=given.get("solution", "")
            )
        if verb in ("publish", "put-aside"):
            actions_draft.review(user, number, publish=verb == "publish")
        elif verb != "keep":
            raise Http404(verb)
    except Article.DoesNotExist:
        raise Http404 from None
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    return answer(request, Act(Came.DONE), go=reverse("desktop:drafts") if verb == "put-aside" else reverse("desktop:article", args=[number]))


@permitted("tickets.change")
@require_POST
def from_ticket(request: HttpRequest, number: int) -> HttpResponse:
    """A ticket's question and solution as an unreviewed article."""
    user: Any = request.user
    ticket = tickets.visible(user).filter(number=number).first()
    if ticket is None:
        raise Http404
    try:
        made = actions_article.draft_from(user, ticket.pk)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    said = {
        "title": _("The request is a draft now."),
        "text": _("Somebody reviews it before others find it. Names and numbers were taken out as far as we know them."),
    }
    to = reverse("desktop:article", args=[made.article_id]) if user_may(user, "knowledge.view") is not None else reverse("desktop:ticket", args=[number])
    return answer(request, Act(Came.DONE), go=to, said=said)
