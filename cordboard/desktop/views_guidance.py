"""What agents do about alerts and the checklist."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.presenters.guidance import where
from cordboard.desktop.views import answer, refused
from cordboard.guidance import actions
from cordboard.guidance.models import Alert
from cordboard.org.permissions import permitted
from cordboard.routing.permissions import AGENT


@permitted(AGENT)
@require_POST
def settle(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Seen, done (or what it offers is done), or not done and why."""
    if verb == "seen":
        actions.dismiss(request.user, number)
        return HttpResponse(status=204)
    if verb == "follow":
        came = actions.follow(request.user, number)
        row = Alert.objects.filter(pk=number).first()
        return answer(request, came, go=where(row) if row is not None and came.done else "")
    if verb == "excuse":
        why = request.POST.get("why", "").strip()
        if not why:
            return refused(request, _("Say why it is not done."), _("A few words are enough; the manager reads them."), 400)
        return answer(request, actions.excuse(request.user, number, why))
    raise Http404(verb)
