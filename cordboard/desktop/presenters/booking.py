"""The panel that books a visit: kinds, the times that are held for the customer, what is booked already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from cordboard.appointments import queries
from cordboard.appointments.fitting import fitting
from cordboard.appointments.models import Appointment
from cordboard.appointments.permissions import BOOK
from cordboard.desktop.presenters import appointments as present
from cordboard.desktop.presenters import panels
from cordboard.desktop.presenters.masking import mask_of
from cordboard.org.permissions import user_may
from cordboard.tickets.models_order import ServiceOrder
from cordboard.tickets.queries_visit import booked_for, matter_of


def panel(
    user: Any, parties: Sequence[int], params: Mapping[str, str], now: datetime, *, interaction: int | None = None, ticket: int | None = None, note: str = "",
    order: ServiceOrder | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Nine queries, and two more for a reader whose role masks details."""
    language = translation.get_language() or "en"
    rows = Appointment.objects.filter(party__in=parties, by=user, state=Appointment.State.HELD, held_until__gt=now)
    held = list(rows.select_related("staff__user", "kind").order_by("starts_at", "pk"))
    kinds = present.kinds(language)
    about = ticket if ticket is not None or order is None else order.ticket_id
    wanted = held[0].kind.code if held else params.get("kind", "") or fitting([one.code for one in kinds], matter_of(about, interaction), booked_for())
    where = queries.where(parties)
    mask = mask_of(user, parties)
    return {
        "party": parties[0] if parties else None,
        "interaction": interaction,
        "ticket": ticket,
        "order": order.number if order is not None else None,
        "kinds": [
            {
                "code": one.code,
                "name": one.name_in(language),
                "minutes": present.minutes_words(one.minutes),
                "on_site": one.on_site,
                "chosen": one.code == wanted,
            }
            for one in kinds
        ],
        "held": present.held(held, language),
        "held_kind": held[0].kind.name_in(language) if held else "",
        "held_until": held[0].held_until if held else None,
        "note": held[0].note if held else note or (mask(order.title) if order is not None else ""),
        "booked": present.booked(parties, language, now),
        "place": mask.code(where.line),
        "area": str(where.area) if where.area is not None and not mask.on else "",
        "offer_url": reverse("desktop:appointment_offer"),
        "release_url": reverse("desktop:appointment_release"),
        "today": timezone.localtime(now).date().isoformat(),
        "zone": timezone.get_current_timezone_name(),
    }


def offered(user: Any) -> bool:
    """Whether the work area has this page for the user."""
    return user_may(user, BOOK) is not None


def work_panel(work: panels.Work) -> dict[str, Any]:
    """In the work area, beside a contact."""
    if work.customer is None or not offered(work.user):
        return {"party": None, "booked": [], "kinds": []}
    return panel(work.user, work.customer.profile.ids, work.params, work.now, interaction=work.number, note=work.note)


panels.panel("appointment", work_panel, "desktop/panels/appointment.html")
