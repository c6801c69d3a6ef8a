"""The work list: everything that a person, a position or a unit has to do, in order of due and priority."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cordboard.desktop.presenters import work
from cordboard.desktop.presenters.masking import mask_of_list
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.org import actions_worklist as actions
from cordboard.org.models import User
from cordboard.org.permissions import signed_in, user_may
from cordboard.org.queries_absence import for_whom
from cordboard.org.worklist import KINDS, MOST, WHICH, Asked, Outcome, WorkList, gathered, kinds
from cordboard.routing.permissions import AGENT, CALLBACKS, DIAL
from cordboard.tickets.queries_ticket import positions

MOST_AT_ONCE = 200
ANY = (CALLBACKS, "tickets.view", AGENT, "knowledge.write")
"""One of these opens the work list; each kind shows what its own right lets one see."""


def read(user: Any, which: str, kind: str, now: datetime) -> tuple[WorkList, dict[int, Any]]:
    """The list that is asked for, and for whom the reader stands in. The queries of each kind, and one more."""
    stands_in = for_whom(user.pk, now) if which == "mine" else {}
    asked = Asked(which, user, (user.pk, *stands_in), user.position_id, user.unit_id)
    found = {one.code: one.find(asked, MOST) for one in kinds()}
    return gathered(found, now, kind=kind), stands_in


def need(user: Any) -> None:
    """Raises PermissionDenied for who has nothing to do here."""
    if all(user_may(user, code) is None for code in ANY):
        raise PermissionDenied(_("Work lists are for those who do work."))


@signed_in
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """`?which=` mine, position, unit; `?kind=` one kind alone."""
    user: Any = request.user
    need(user)
    which, kind = request.GET.get("which", "mine"), request.GET.get("kind", "")
    if which not in WHICH or (kind and kind not in KINDS):
        raise Http404
    now = timezone.now()
    made, stands_in = read(user, which, kind, now)

    def address(**more: str) -> str:
        return f"{reverse('desktop:worklist')}?{urlencode({name: value for name, value in more.items() if value})}"

    counts = [{"words": KINDS[one.code].words, "code": one.code, "open": one.open, "late": one.late, "more": one.more} for one in made.counts if one.open]
    context = {
        "rows": work.table(mask_of_list(user, [row.party for row in made.rows]).within([work.shown(row, now, user.pk, stands_in) for row in made.rows])),
        "more": made.more,
        "which": which,
        "kind": kind,
        "tabs": [{"words": words, "url": address(which=code), "current": code == which} for code, words in _tabs(user)],
        "kinds": [{**one, "url": address(which=which, kind=str(one["code"])), "current": one["code"] == kind} for one in counts],
        "all_url": address(which=which),
        "open": sum(int(one["open"]) for one in counts),
        "late": sum(int(one["late"]) for one in counts),
        "topics": _topics(user, which, stands_in),
        "takers": takers(user),
        "positions": positions(user),
        "stands_in": [
            work.stand_in(str(one), stands_in[one.pk].last_day) for one in (User.objects.filter(pk__in=list(stands_in)).order_by("name") if stands_in else ())
        ],
        "may_task": user_may(user, "tickets.change") is not None,
        "may_dial": user_may(user, DIAL) is not None,
        "may_call_back": user_may(user, CALLBACKS) is not None,
    }
    return render(request, "desktop/work.html", context)


def _tabs(user: Any) -> list[tuple[str, str]]:
    found = [("mine", _("Mine"))]
    if user.position_id is not None:
        found.append(("position", _("My position's")))
    if user.unit_id is not None:
        found.append(("unit", _("My unit's")))
    return found


def _topics(user: Any, which: str, stands_in: dict[int, Any]) -> str:
    own = {"mine": [], "position": [f"position:{user.position_id}"], "unit": [f"unit:{user.unit_id}"]}[which]
    return " ".join([f"user:{user.pk}", *own])


def takers(user: Any) -> list[User]:
    """To whom work is given from here: colleagues of the unit. One query."""
    return _TAKERS(user.unit_id, user.pk) if user.unit_id is not None else []


_TAKERS = Kept(lambda unit, user: User.objects.filter(is_active=True, unit=unit).exclude(pk=user).order_by("name").only("name", "username")[:200])


@signed_in
@require_POST
def act(request: HttpRequest, verb: str) -> HttpResponse:
    """take, release, give (to: a colleague, or "position:7"; why): `work` names what, as "ticket:12", once for each that is ticked; `only` one, whatever is ticked."""
    need(request.user)
    only = request.POST.get("only", "")
    chosen = [work_of(one) for one in ([only] if only else request.POST.getlist("work")[:MOST_AT_ONCE])]
    if not chosen:
        return refused(request, _("Nothing is ticked."), _("Tick what is meant in the list first."), 422)
    to = request.POST.get("to", "")
    place = to.removeprefix("position:")
    if verb == "give" and not place.isdigit():
        return refused(request, _("Nobody was chosen."), _("Choose a colleague or a position beside the button."), 422)
    if verb not in ("take", "release", "give"):
        raise Http404(verb)
    why = request.POST.get("why", "")
    if place != to:
        verb = "stand"
    came = [_done(request.user, verb, code, number, int(place) if place.isdigit() else None, why) for code, number in chosen]
    return said(request, came)


def work_of(given: str) -> tuple[str, int]:
    code, _colon, number = given.partition(":")
    if code not in KINDS or not number.isdigit() or len(number) > 18:
        raise Http404(given)
    return code, int(number)


def _done(user: Any, verb: str, code: str, number: int, to: int | None, why: str) -> Outcome:
    """One of several: that one is not allowed stops none of the others."""
    try:
        if verb == "take":
            return actions.take(user, code, number)
        if verb == "stand" and to is not None:
            return actions.stand(user, code, number, to, why=why)
        return actions.give(user, code, number, to if verb == "give" else None, why=why)
    except PermissionDenied as denied:
        return Outcome(False, str(denied))


def said(request: HttpRequest, came: list[Outcome], go: str = "") -> HttpResponse:
    """All done: the list follows by itself, or the page is read again (`go`). Some not: which reasons, and how many were."""
    done = sum(one.done for one in came)
    wrong = list(dict.fromkeys(one.words for one in came if not one.done))
    if not wrong:
        said_ = {"title": ngettext("%(n)d changed hands.", "%(n)d changed hands.", done) % {"n": done}, "text": ""} if len(came) > 1 else None
        return answer(request, Act(Came.DONE), go=go, said=said_)
    if not done:
        return refused(request, " ".join(wrong), _("Nothing was changed; the screen shows how it stands."))
    title = _("%(done)d of %(all)d changed hands.") % {"done": done, "all": len(came)}
    return answer(request, Act(Came.DONE), go=go, said={"title": title, "text": " ".join(wrong)})
