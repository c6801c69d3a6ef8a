"""Shift hand-over: what a colleague has to keep goes to others in one act."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cordboard.appointments.handover import visits as to_come
from cordboard.appointments.models import Appointment
from cordboard.desktop.presenters import order_visits as visits
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org import handover
from cordboard.org.actions_handover import NobodyTakes, hand_over
from cordboard.org.models import User
from cordboard.org.permissions import HAND_OVER, permitted, signed_in, user_may
from cordboard.tickets.actions_anew import book_anew


def _colleagues(user: Any, *, closed: str = "") -> list[User]:
    """Those with an account; and who had one, where it is closed (by id)."""
    rows = User.objects.filter(Q(is_active=True) | Q(pk=closed) if closed.isdecimal() else Q(is_active=True)).order_by("name")
    return list(rows if user_may(user, HAND_OVER) == "all" else rows.filter(unit=user.unit_id, unit__isnull=False))


@permitted(HAND_OVER)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`?agent=` who leaves: what there is to hand over, and to whom."""
    given = request.GET.get("agent", "")
    colleagues = _colleagues(request.user, closed=given)
    leaves = next((one for one in colleagues if str(one.pk) == given), None)
    owned = handover.owned(leaves.pk) if leaves is not None else []
    kinds = [{"code": kind.code, "words": kind.words, "count": sum(one.kind == kind.code for one in owned)} for kind in handover.KINDS.values()]
    takers = [one for one in colleagues if leaves is not None and one.pk != leaves.pk and one.is_active]
    context = {
        "colleagues": colleagues,
        "leaves": leaves,
        "kinds": [kind for kind in kinds if kind["count"]],
        "takers": takers,
        "visits": visits.to_hand_over(leaves.pk, takers, timezone.now()) if leaves is not None else [],
    }
    return render(request, "desktop/handover.html", context)


@permitted(HAND_OVER)
@require_POST
def give(request: HttpRequest, number: int) -> HttpResponse:
    """to: several colleagues; kind: several, all that are ticked."""
    to = [int(one) for one in request.POST.getlist("to") if one.isdigit()]
    try:
        counts = hand_over(request.user, number, to, request.POST.getlist("kind"))
    except NobodyTakes as problem:
        return refused(request, str(problem), _("Nothing was changed."), 422)
    parts = [f"{kind.words}: {counts[code]}" for code, kind in handover.KINDS.items() if counts.get(code)]
    text = ", ".join(parts) or _("There was nothing to hand over any more.")
    if "appointment" in request.POST.getlist("kind") and (left := to_come(number).count()):
        left_words = ngettext("%(n)d visit is left: nobody of these is free then.", "%(n)d visits are left: nobody of these is free then.", left) % {"n": left}
        text = f"{', '.join(parts)}. {left_words}" if parts else left_words
    said = {"title": _("Handed over."), "text": text}
    return answer(request, Act(Came.DONE), go=f"{reverse('desktop:handover')}?agent={number}", said=said)


@signed_in
@require_POST
def anew(request: HttpRequest, number: int) -> HttpResponse:
    """A visit that nobody can make: its time goes back, the customer is told, and a task says that it is to be booked anew."""
    user: Any = request.user
    try:
        task = book_anew(user, number)
    except Appointment.DoesNotExist:
        raise Http404 from None
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."))
    said = {"title": _("The visit goes back."), "text": _("%(task)s: in the work list of %(who)s.") % {"task": task.title, "who": task.owner or task.unit}}
    return answer(request, Act(Came.DONE), go=go if (go := request.POST.get("go", "")).startswith(reverse("desktop:handover")) else "", said=said)
