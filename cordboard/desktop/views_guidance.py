"""What agents do about alerts and the checklist."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.presenters.guidance import where
from cordboard.desktop.presenters.script import KEY
from cordboard.desktop.views import answer, refused
from cordboard.guidance import actions
from cordboard.guidance.actions_script import ScriptRefused, start_script
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
        row = Alert.objects.filter(pk=number).first()
        if row is not None and row.offer.get("do") == "start_script" and row.open and row.interaction_id is not None:
            try:
                page = start_script(row.interaction_id, str(row.offer.get("script", "")), request.user)
            except ScriptRefused as problem:
                return refused(request, str(problem), _("Nothing was changed; the screen shows how it stands."))
            request.session[KEY % row.interaction_id] = page.run
        came = actions.follow(request.user, number)
        return answer(request, came, go=where(row) if row is not None and came.done else "")
    if verb == "excuse":
        why = request.POST.get("why", "").strip()
        if not why:
            return refused(request, _("Say why it is not done."), _("A few words are enough; the manager reads them."), 400)
        return answer(request, actions.excuse(request.user, number, why))
    raise Http404(verb)
