"""Mail that goes out: what waits, what was sent, what was not and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cordboard.lib.config import config
from cordboard.mail import actions
from cordboard.mail.models import OutgoingMail
from cordboard.mail.permissions import MANAGE
from cordboard.mail.sending import server
from cordboard.org.permissions import permitted

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    at: str
    address: str
    subject: str
    state: str
    tone: str
    why: str
    may_again: bool


def why(row: OutgoingMail) -> str:
    """In words: why it was not sent, or when it is tried next."""
    if row.state == OutgoingMail.State.SENT:
        return ""
    known = {actions.NO_SERVER: _("No mail server was set."), actions.TOO_LATE: _("It could not be sent in time: what it is about was over.")}
    said = known.get(row.error, row.error)
    if row.state == OutgoingMail.State.QUEUED and row.attempts and row.next_at is not None:
        return _("%(said)s Tried again at %(time)s.") % {
            "said": said and f"{said.rstrip('.')}.",
            "time": date_format(localtime(row.next_at), "SHORT_DATETIME_FORMAT"),
        }
    return said


def _line(row: OutgoingMail) -> Line:
    tone = {OutgoingMail.State.FAILED: "bad", OutgoingMail.State.SENT: "good"}.get(OutgoingMail.State(row.state), "")
    at = date_format(localtime(row.made_at), "SHORT_DATETIME_FORMAT")
    return Line(row.pk, at, row.address, row.subject, str(row.get_state_display()), tone, why(row), row.state == OutgoingMail.State.FAILED)


@permitted(MANAGE)
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Three queries for any number of messages."""
    state = request.GET.get("state", "")
    rows = OutgoingMail.objects.order_by("-made_at", "-pk")
    if state in OutgoingMail.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counts: dict[str, int] = dict(OutgoingMail.objects.values("state").annotate(n=Count("pk")).values_list("state", "n"))
    again = request.GET.get("again", "")
    number = int(again) if again.isdecimal() and len(again) < 6 else None
    context: dict[str, Any] = {
        "set": bool(config().smtp), "server": _server(), "sender": config().mail_from, "page": page, "lines": [_line(row) for row in page],
        "states": [(code, words, counts.get(code, 0), code == state) for code, words in OutgoingMail.State.choices], "state": state, "failed": counts.get("failed", 0),
        "done": ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", number) % {"n": number} if number is not None else "",
        "more": {"state": state} if state else {},
    }  # fmt: skip
    return render(request, "desktop/mail.html", context)


def _server() -> str:
    """Where mail goes, without the password."""
    try:
        where = server(config().smtp)
    except ValueError:
        return ""
    return f"{where.host}:{where.port}"


@permitted(MANAGE)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """One message, or all that were not sent."""
    given = request.POST.get("message", "")
    try:
        number = actions.send_again(int(given) if given.isdecimal() and len(given) < 18 else None, request.user)
    except ValueError:
        return redirect("desktop:mail")
    from django.urls import reverse

    return redirect(f"{reverse('desktop:mail')}?again={number}")
