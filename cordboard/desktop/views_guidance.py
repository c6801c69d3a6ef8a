"""What agents do about alerts and the checklist."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.desktop.presenters.guidance import where
from cordboard.desktop.presenters.script import KEY
from cordboard.desktop.views import answer, refused
from cordboard.guidance import actions
from cordboard.guidance.actions_script import ScriptRefused, start_script
from cordboard.guidance.models import Alert
from cordboard.interactions import actions_tags as of_contacts
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.org.permissions import permitted
from cordboard.parties import actions_tags as of_parties
from cordboard.parties.queries import ids_of
from cordboard.routing.permissions import AGENT
from cordboard.sales.actions_proposal import answer as answer_proposal
from cordboard.sales.models import ProductProposal


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


@permitted(AGENT)
@require_POST
def tag(request: HttpRequest, interaction: int) -> HttpResponse:
    """Add a tag to the contact (`on`=customer: to its customer), or take it `away`."""
    words, on = request.POST.get("tag", "") or request.GET.get("tag", ""), request.POST.get("on", "") or request.GET.get("on", "")
    away = bool(request.GET.get("away"))
    try:
        if on == "customer":
            row = Interaction.objects.filter(pk=interaction, subject__isnull=False).first()
            if row is None or row.subject_id is None:
                raise Http404("nobody is known")
            require_part(request.user, HANDLE, row)
            during = f"interaction:{interaction}"
            for party in ids_of(row.subject_id) if away else ():
                of_parties.untag(request.user, party, words, during=during)  # type: ignore[arg-type]
            if not away:
                of_parties.tag(request.user, row.subject_id, words, during=during)  # type: ignore[arg-type]
        elif away:
            of_contacts.untag(request.user, interaction, words)
        else:
            of_contacts.tag(request.user, interaction, words)
    except Interaction.DoesNotExist as gone:
        raise Http404 from gone
    except ValidationError as wrong:
        return refused(request, " ".join(wrong.messages), _("Nothing was changed."), 422)
    return HttpResponse(status=204)


@permitted(AGENT)
@require_POST
def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """What the customer said of a product that was proposed."""
    try:
        answer_proposal(request.user, number, request.GET.get("state", ""))
    except (ProductProposal.DoesNotExist, ValueError) as wrong:
        raise Http404 from wrong
    return HttpResponse(status=204)
