"""Explain: what a policy decided about past contacts, and everything that was decided about one of them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.interactions.models import Decision, Interaction
from cordboard.interactions.permissions import VIEW as SEE_CONTACTS
from cordboard.interactions.permissions import require_part
from cordboard.lib.permissions import permitted, user_may
from cordboard.rules.areas import area
from cordboard.rules.permissions import VIEW
from cordboard.workbench.views import frame, of_code
from cordboard.workbench.why import done_by_rules, explained
from cordboard.workbench.why import tried as decided

PAGE = 50


@permitted(VIEW)
@require_GET
def tried(request: HttpRequest, code: str) -> HttpResponse:
    """The newest contacts that a policy decided on, with the rules that held and those that one condition kept from it."""
    row = of_code(code)
    kind = area(row.area).decision
    if not kind:
        raise Http404
    given = request.GET.get("first", "0")
    first = min(int(given), 10_000) if given.isdecimal() and len(given) < 6 else 0
    rows = decided(code, kind, first, PAGE + 1)
    may_see = user_may(request.user, SEE_CONTACTS) is not None
    lines = [
        {
            "at": decision.at,
            "number": contact.pk,
            "customer": str(contact.subject.name if contact.subject else contact.from_address or _("number withheld")) if may_see else "",
            "url": reverse("workbench:why", args=[contact.pk]) if may_see else "",
            "told": told,
        }
        for (decision, contact), told in zip(rows[:PAGE], explained([one for one, _contact in rows[:PAGE]], whole=False), strict=True)
    ]
    context = {**frame(request, row, "tried"), "lines": lines, "first": first, "more": first + PAGE if len(rows) > PAGE else 0, "less": max(0, first - PAGE)}
    return render(request, "workbench/tried.html", context)


@permitted(SEE_CONTACTS)
@require_GET
def interaction(request: HttpRequest, interaction: int) -> HttpResponse:
    """Everything that was decided about one contact: rules, values, near misses."""
    contact = get_object_or_404(Interaction.objects.select_related("subject", "agent"), pk=interaction)
    require_part(request.user, SEE_CONTACTS, contact)
    decisions = list(Decision.objects.filter(interaction=contact).order_by("pk"))
    links = user_may(request.user, VIEW) is not None
    return render(request, "workbench/why.html", {"contact": contact, "decisions": explained(decisions), "done": done_by_rules(contact.pk), "links": links})
