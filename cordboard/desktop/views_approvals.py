"""What waits for one's word, and what one asked for."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters.approvals import shown
from cordboard.desktop.views import answer, refused
from cordboard.interactions import actions_approval as actions
from cordboard.interactions import queries_approval as queries
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Approval
from cordboard.org.permissions import signed_in
from cordboard.tickets.queries_goodwill import tickets_of


@signed_in
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Three lists; a row's own people alone see it. Four queries."""
    language = get_language() or "en"
    user: Any = request.user
    waiting, mine, settled = list(queries.to_decide(user, timezone.now())), list(queries.asked_by(user)), list(queries.settled(user))
    tickets = tickets_of(user, {row.pk for row in (*waiting, *mine, *settled)})
    context = {
        "waiting": [shown(row, language, own=False, ticket=tickets.get(row.pk)) for row in waiting],
        "mine": [shown(row, language, own=True, ticket=tickets.get(row.pk)) for row in mine],
        "settled": [shown(row, language, own=False, ticket=tickets.get(row.pk)) for row in settled],
        "longest": actions.MOST_REASON,
    }
    return render(request, "desktop/approvals.html", context)


@signed_in
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Approve, decline, withdraw; or the answer is seen. The actions say who may."""
    try:
        match verb:
            case "approve" | "decline":
                return _decided(request, actions.decide(request.user, number, verb == "approve", request.POST.get("reason", "")), verb)
            case "withdraw":
                return answer(request, Act(Came.DONE if actions.withdraw(request.user, number) else Came.ALREADY))
            case "seen":
                actions.seen(request.user, number)
                return HttpResponse(status=204)
    except Approval.DoesNotExist as gone:
        raise Http404 from gone
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was decided."), 422)
    raise Http404(verb)


def _decided(request: HttpRequest, row: Approval, verb: str) -> HttpResponse:
    wanted = Approval.State.APPROVED if verb == "approve" else Approval.State.DECLINED
    if row.state == Approval.State.EXPIRED:
        return refused(request, _("The time to answer was over."), _("The colleague was told; nothing was decided."))
    if row.state != wanted or (row.decided_by_id is not None and row.decided_by_id != request.user.pk):
        return refused(
            request, _("This was answered before: %(state)s.") % {"state": row.get_state_display()}, _("Nothing was changed; the screen shows how it stands.")
        )
    return answer(request, Act(Came.DONE), said={"title": _("Told."), "text": _("The colleague who asked reads it now.")})
