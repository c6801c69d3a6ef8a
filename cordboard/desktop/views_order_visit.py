"""From a visit to its service order. The other way, from an order to its visits, is in the order's own page and in booking (views_booking)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cordboard.appointments.models import Appointment
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.permissions import permitted
from cordboard.tickets.actions_order_visit import order_for
from cordboard.tickets.permissions_service import ORDERS


@permitted(ORDERS)
@require_POST
def order(request: HttpRequest, number: int) -> HttpResponse:
    """Open the service order of a visit; made of the visit where there is none. `telephone`: on the page for telephones, by an ordinary form."""
    user: Any = request.user
    try:
        made = order_for(user, number)
    except Appointment.DoesNotExist:
        raise Http404 from None
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."), 422)
    if request.POST.get("telephone"):
        return redirect("desktop:visit", made.number)
    return answer(request, Act(Came.DONE), go=reverse("desktop:service_order", args=[made.number]))
