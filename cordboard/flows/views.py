"""The pages of flows: the list, the designer, and taking a file in. What the designer asks for stands in views_designer.py."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.flows import actions, files, palette, presenters, queries
from cordboard.flows.models import Flow
from cordboard.flows.permissions import DESIGN, VIEW
from cordboard.lib.permissions import permitted, user_may


def flow_or_404(code: str) -> Flow:
    row = queries.flow(code)
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, fault: str = "", given: dict[str, Any] | None = None) -> HttpResponse:
    surface = request.GET.get("surface", "")
    listed = queries.flows(surface if surface in palette.SURFACES else "")
    newest = {one.newest.pk: one.code for one in listed}
    problems: dict[str, tuple[int, int]] = {}
    for row in Flow.objects.filter(pk__in=newest).only("code", "graph", "surfaces"):
        found = queries.problems_of(row.code, row.graph, row.surfaces)
        errors = sum(one.level == "error" for one in found)
        problems[row.code] = (errors, len(found) - errors)
    context = {
        "rows": presenters.list_rows(listed, problems),
        "surfaces": [{"code": code, "words": words, "current": code == surface} for code, words in palette.SURFACES.items()],
        "surface": surface,
        "may_design": user_may(request.user, DESIGN) is not None,
        "fault": fault,
        "given": given or {"surfaces": ["ivr"]},
    }
    return render(request, "flows/list.html", context, status=422 if fault else 200)


@permitted(VIEW)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All flows, with what is wrong with their newest version. Three queries beside those of sub-flows."""
    return _page(request)


@permitted(DESIGN)
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("name", "")
    surfaces = [one for one in request.POST.getlist("surfaces") if one in palette.SURFACES]
    code = request.POST.get("code", "").strip() or slugify(name)[:60]
    languages = [request.LANGUAGE_CODE] if getattr(request, "LANGUAGE_CODE", "") else ["en"]
    graph = {**actions.EMPTY, "languages": languages, "fallback": languages[0]}
    try:
        row = actions.create(code, name, surfaces, request.user, graph=graph)
    except actions.Refused as refused:
        return _page(request, refused.message, {"name": name, "code": code, "surfaces": surfaces})
    return redirect("flows:designer", row.code)


@permitted(DESIGN)
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """A file of a flow becomes a draft."""
    file = request.FILES.get("file")
    try:
        if file is None or file.size is None:
            raise actions.Refused("file", _("Choose a file first."))
        if file.size > files.MAX_BYTES:
            raise actions.Refused("file", _("The file is larger than %(megabytes)s MB.") % {"megabytes": files.MAX_BYTES // 1_000_000})
        row = actions.import_json(file.read(), request.user, code=request.POST.get("code", "").strip())
    except actions.Refused as refused:
        return _page(request, refused.message)
    return redirect("flows:designer", row.code)


@permitted(VIEW)
@require_GET
def designer(request: HttpRequest, code: str) -> HttpResponse:
    row = flow_or_404(code)
    return render(request, "flows/designer.html", {"flow": row, "data": presenters.page(row, request.user)})


@permitted(VIEW)
@require_GET
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The version that the designer opens, as a file that another centre takes in."""
    row = flow_or_404(code)
    response = HttpResponse(queries.as_file(row), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{row.code}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
