"""Reports of contacts, on the screen, on paper and as PDF; and how a script was gone through."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from cordboard.flows.answered import in_words
from cordboard.flows.compiled import compiled
from cordboard.flows.following import measured
from cordboard.flows.leafing import visited
from cordboard.guidance import documents
from cordboard.guidance.missing import title
from cordboard.guidance.models import ContactReport, ScriptRecord
from cordboard.guidance.queries_script import reports_of
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import VIEW, require_part
from cordboard.lib import pdf
from cordboard.org.languages import LANGUAGES, OWN_NAMES, html_lang
from cordboard.org.permissions import permitted

TEMPLATE = Path(__file__).parent / "templates/desktop/print/report.typ"


def _seen(request: HttpRequest, interaction: int) -> Interaction:
    contact = get_object_or_404(Interaction.objects.select_related("agent", "subject"), pk=interaction)
    require_part(request.user, VIEW, contact)
    return contact


@permitted(VIEW)
@require_GET
def report(request: HttpRequest, number: int) -> HttpResponse:
    """In the customer's language; `?language=` in another."""
    row = get_object_or_404(ContactReport, pk=number)
    contact = _seen(request, row.interaction_id)
    document = documents.of_report(row, request.GET.get("language", ""))
    context = {
        "document": document,
        "lang": html_lang(document.language),
        "languages": [(code, OWN_NAMES[code], code == document.language) for code in LANGUAGES],
        "contact": contact,
        "script": ScriptRecord.objects.filter(run_id=run.pk).first() if (run := documents.run_of(row)) is not None else None,
        "pdf_url": f"{reverse('desktop:report_pdf', args=[row.pk])}?language={document.language}" if pdf.available() else "",
    }
    return render(request, "desktop/report.html", context)


@permitted(VIEW)
@require_GET
def report_pdf(request: HttpRequest, number: int) -> HttpResponse:
    row = get_object_or_404(ContactReport, pk=number)
    _seen(request, row.interaction_id)
    if not pdf.available():
        raise Http404("no typst")
    document = documents.of_report(row, request.GET.get("language", ""))
    data = {
        "language": document.language, "title": document.title, "kind": document.kind, "text": document.text, "parts": document.parts, "foot": document.foot,
    }  # fmt: skip
    name = slugify(document.title) or "report"
    response = HttpResponse(pdf.made(TEMPLATE, data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}-{row.pk}.pdf"'
    return response


@permitted(VIEW)
@require_GET
def script(request: HttpRequest, number: int) -> HttpResponse:
    """How a script was gone through in a contact: what was asked and answered, marked, skipped, missing."""
    row = get_object_or_404(ScriptRecord.objects.select_related("agent", "queue", "run__flow"), pk=number)
    contact = _seen(request, row.interaction_id)
    lines = []
    if row.run is not None:
        flow, state = compiled(row.run.flow), row.run.state
        found = measured(flow, state)
        answers = {one.step: one.answer for one in in_words(flow, state, row.ended_at)}
        shown = {*found.asked, *found.told}
        for name in [*(one for one in visited(state) if one in shown), *(one for one in found.missing if one not in shown)]:
            lines.append(
                {
                    "title": title(flow.steps, name, state), "tells": name in found.told, "answer": answers.get(name, ""), "marked": name in found.marked,
                    "late": name in found.late, "skipped": name in found.skipped, "missing": name in found.missing,
                }
            )  # fmt: skip
    context = {
        "record": row,
        "contact": contact,
        "lines": lines,
        "reports": reports_of(contact.pk),
        "seconds": round((row.ended_at - row.begun_at).total_seconds()),
    }
    return render(request, "desktop/script_record.html", context)
