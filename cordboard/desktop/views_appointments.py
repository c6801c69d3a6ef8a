"""Calendars of service staff: day, week and team; one appointment; what is done with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.appointments import actions, queries, slots
from cordboard.appointments.models import Appointment, Staff
from cordboard.appointments.permissions import BOOK, MANAGE, VIEW
from cordboard.desktop.presenters import appointments as present
from cordboard.desktop.presenters import order_visits
from cordboard.desktop.presenters.masking import mask_of_customer
from cordboard.desktop.presenters.visit_told import now_told, told
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.mail.visit_ways import CANCELLED, MOVED
from cordboard.org.permissions import permitted, user_may
from cordboard.parties.queries import profile

VIEWS = ("day", "week", "team")
MOST_COLUMNS = 12
"""People side by side on a day; more are chosen from the list."""


def language() -> str:
    return translation.get_language() or "en"


def day_of(given: str, today: date) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        return today
    return found if abs((found - today).days) < 4000 else today


def address(**more: Any) -> str:
    return f"{reverse('desktop:appointments')}?{urlencode({name: value for name, value in more.items() if value})}"


@permitted(VIEW)
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """`?view=` day (people side by side), week (one person), team (everybody, in lines); `?day=`, `?staff=`. Twelve queries."""
    user: Any = request.user
    now = timezone.now()
    people = list(queries.staff_of(user))
    own = next((one for one in people if one.user_id == user.pk), None)
    view = request.GET.get("view", "week" if own is not None and len(people) == 1 else "day")
    if view not in VIEWS:
        raise Http404
    today = timezone.localtime(now).date()
    day = day_of(request.GET.get("day", ""), today)
    given = request.GET.get("staff", "")
    chosen = next((one for one in people if str(one.pk) == given), None)
    monday = day - timedelta(days=day.weekday())
    shown, days, step = people, [day], 1
    if view == "week":
        chosen = chosen or own or (people[0] if people else None)
        shown, days, step = ([chosen] if chosen else []), [monday + timedelta(days=n) for n in range(7)], 7
    elif view == "team":
        days, step = [monday + timedelta(days=n) for n in range(7)], 7
    elif chosen is not None:
        shown = [chosen]
    left_out = max(0, len(shown) - MOST_COLUMNS) if view == "day" else 0
    shown = shown[:MOST_COLUMNS] if view == "day" else shown
    since, until = present.midnight(days[0]), present.midnight(days[-1] + timedelta(days=1))
    rows = queries.between(user, since, until, now, staff=[one.pk for one in shown])
    hours = queries.at_hours(shown, since, until, now)
    may_book = user_may(user, BOOK) is not None
    staff = chosen.pk if chosen is not None else ""
    context: dict[str, Any] = {
        "view": view,
        "title": present.day_words(day) if view == "day" else f"{present.day_words(days[0])} – {present.day_words(days[-1])}",
        "views": [
            {"code": code, "words": words, "current": code == view, "url": address(view=code, day=day.isoformat(), staff=staff if code != "team" else "")}
            for code, words in (("day", _("Day")), ("week", _("Week")), ("team", _("Team")))
        ],
        "before_url": address(view=view, day=(day - timedelta(days=step)).isoformat(), staff=staff),
        "after_url": address(view=view, day=(day + timedelta(days=step)).isoformat(), staff=staff),
        "today_url": address(view=view, staff=staff),
        "is_today": day == today,
        "people": people,
        "chosen": chosen,
        "day": day.isoformat(),
        "left_out": left_out,
        "may_book": may_book,
        "feed": own is not None,
        "zone": timezone.get_current_timezone_name(),
    }
    if view == "team":
        context |= {"team": present.team(shown, days, rows, hours, language()), "days": [present.day_words(one) for one in days]}
    else:
        context |= {"grid": present.columns(shown, days, rows, hours, language(), now, movable=may_book)}
    return render(request, "desktop/appointments/calendar.html", context)


def _one(request: HttpRequest, number: int) -> Appointment:
    row = queries.one(request.user, number)
    if row is None or row.state == Appointment.State.HELD:
        raise Http404
    return row


def _context(request: HttpRequest, row: Appointment) -> dict[str, Any]:
    now = timezone.now()
    user: Any = request.user
    open_ = row.state == Appointment.State.BOOKED
    may = user_may(request.user, BOOK) is not None and queries.staff_of(request.user, code=BOOK).filter(pk=row.staff_id).exists()
    start = timezone.localtime(row.starts_at)
    emails = profile(row.party_id).emails if row.party_id is not None else []
    mask = mask_of_customer(request.user, row.party_id)
    return {
        **order_visits.of_visit(user, row),
        "row": row,
        "mask": mask,
        "kind": row.kind.name_in(language()),
        "minutes": present.minutes_words(row.ends_minute - row.starts_minute),
        "when": present.when(row, now),
        "made": present.slot_words(row.made_at),
        "late": open_ and row.ends_at < now,
        "may_end": may and open_,
        "past": row.starts_at <= now,
        "day": start.date().isoformat(),
        "time": start.strftime("%H:%M"),
        "takers": list(queries.staff_of(request.user, code=BOOK)) if may and open_ else [],
        "may_anyway": user_may(request.user, MANAGE) is not None,
        "email": mask.code(emails[0].value) if emails else "",
        "wish": row.party.get_preferred_way_display() if row.party is not None else "",
        "told": told(row),
        "calendar_url": address(view="day", day=start.date().isoformat()),
        "ticket": _ticket(row),
        "zone": timezone.get_current_timezone_name(),
    }


def _ticket(row: Appointment) -> Any:
    from cordboard.tickets.models import Ticket

    return Ticket.objects.filter(visits__appointment=row).only("pk", "number", "title").first()


@permitted(VIEW)
@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One appointment, with what can be done."""
    return render(request, "desktop/appointments/one.html", _context(request, _one(request, number)))


def moment_of(request: HttpRequest) -> datetime | None:
    """The time that is meant: `start` in minutes since 1970, or `day` and `time` on the reader's clock. None: it is none."""
    given = request.POST.get("start", "")
    if given:
        return slots.moment(int(given)) if given.isdigit() and len(given) < 10 else None
    try:
        local = datetime.fromisoformat(f"{request.POST.get('day', '')}T{request.POST.get('time', '')}")
    except ValueError:
        return None
    return timezone.make_aware(local) if local.tzinfo is None else None


@permitted(BOOK)
@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Move, cancel, done, not there."""
    row = _one(request, number)
    given = request.POST.get("version", "")
    version = int(given) if given.isdigit() and len(given) < 10 else None
    go = reverse("desktop:appointment", args=[number]) if request.POST.get("page") else ""
    try:
        if verb == "move":
            return _move(request, row, version, go)
        if verb == "cancel":
            actions.cancel(request.user, number, request.POST.get("reason", ""), version=version)
            said = {"title": _("The appointment is cancelled."), "text": now_told(row, CANCELLED)}
        elif verb == "done":
            actions.done(request.user, number, version=version)
            said = {"title": _("The visit is done."), "text": ""}
        elif verb == "no-show":
            actions.no_show(request.user, number, version=version)
            said = {"title": _("Nobody was there: it is noted."), "text": _("Call the customer to find another time.")}
        else:
            raise Http404(verb)
    except actions.Changed as changed:
        return _changed(request, changed.appointment)
    except ValidationError as problem:
        return refused(request, " ".join(problem.messages), _("Nothing was changed."))
    return answer(request, Act(Came.DONE), go=go, said=said)


def _changed(request: HttpRequest, row: Appointment) -> HttpResponse:
    now = _("It is now: %(when)s, %(state)s.") % {"when": present.when(row, timezone.now()), "state": row.get_state_display()}
    return refused(request, _("Somebody else changed this appointment meanwhile."), f"{_('Nothing of yours was saved.')} {now}")


def _move(request: HttpRequest, row: Appointment, version: int | None, go: str) -> HttpResponse:
    start = moment_of(request)
    staff = request.POST.get("staff", "")
    if start is None:
        return refused(request, _("This is no date and time."), _("Nothing was changed."), 400)
    try:
        moved = actions.move(
            request.user, row.pk, start, staff=int(staff) if staff.isdigit() and len(staff) < 10 else None, version=version, anyway=bool(request.POST.get("anyway"))
        )  # fmt: skip
    except actions.NotFree as problem:
        return refused(request, present.why_not(problem), f"{_('Nothing was changed.')} {present.next_words(problem)}")
    moved.staff = Staff.objects.select_related("user").get(pk=moved.staff_id)
    said = {"title": _("Moved to %(when)s with %(who)s.") % {"when": present.when(moved, timezone.now()), "who": moved.staff}, "text": now_told(moved, MOVED)}
    return answer(request, Act(Came.DONE), go=go, said=said)
