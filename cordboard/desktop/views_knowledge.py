"""Knowledge beside the desk: solutions from the words of a problem, or all of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.knowledge import queries
from cordboard.knowledge.models import Article
from cordboard.org.permissions import permitted


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
    context = {"typed": typed, "rows": [_row(hit) for hit in hits]}
    only_rows = request.headers.get("HX-Target") == "article-rows"
    return render(request, "desktop/articles_rows.html" if only_rows else "desktop/articles.html", context)


@permitted("knowledge.view")
@require_GET
def detail(request: HttpRequest, number: int) -> HttpResponse:
    try:
        hit = queries.article(number, translation.get_language() or "en")
    except Article.DoesNotExist:
        raise Http404 from None
    return render(request, "desktop/article.html", {"text": hit.text, "row": _row(hit), "collection": hit.article.get_collection_display()})
