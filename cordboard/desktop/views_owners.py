"""Giving customers out by the rules, with a look at the outcome before; and who is away when, with who stands in."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.responsible import because
from cordboard.desktop.views import answer, refused
from cordboard.interactions.acts import Act, Came
from cordboard.org.actions_absence import end_absence, set_absence
from cordboard.org.models import Absence, User
from cordboard.org.permissions import HAND_OVER, permitted, signed_in, user_may
from cordboard.org.queries_absence import coming
from cordboard.parties import actions_ownership, queries_ownership
from cordboard.parties.models import Party
from cordboard.rules.published import published

SHOWN = 50


def _chosen(given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Of the form: whose customers (owner; empty: nobody's), segment, country. What is no such thing raises Http404."""
    owner, segment, country = (given.get(name, "") for name in ("owner", "segment", "country"))
    if (owner and not owner.isdigit()) or segment not in ("", *Party.Segment.values) or len(country) > 2:
        raise Http404
    return {"owner": int(owner) if owner else None, "segment": segment, "country": country.upper()}, {"owner": owner, "segment": segment, "country": country}


@permitted("parties.assign")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Whom the rules would choose: how many each gets, and the first customers with the reason."""
    now = timezone.now()
    wanted, given = _chosen(request.GET)
    rows = queries_ownership.to_assign(**wanted)
    left = rows.count()
    ids = list(rows.values_list("pk", flat=True)[: actions_ownership.MOST_AT_ONCE])
    planned = queries_ownership.planned(ids, now)
    changing = [(customer, choice) for customer, choice in planned if choice.user is not None and choice.user != customer.owner]
    names = dict(User.objects.filter(pk__in={choice.user for _customer, choice in changing}).values_list("pk", "name"))
    shown = Party.objects.in_bulk([customer.party for customer, _choice in changing[:SHOWN]])
    gets = Counter(choice.user for _customer, choice in changing)
    context = {
        "given": given,
        "left": left,
        "at_once": len(ids),
        "changing": len(changing),
        "nobody": sum(choice.user is None for _customer, choice in planned),
        "gets": [{"name": names.get(user or 0, ""), "n": n} for user, n in gets.most_common()],
        "rows": [
            {
                "url": reverse("desktop:customer", args=[customer.party]),
                "name": shown[customer.party].name,
                "segment": shown[customer.party].get_value_segment_display(),
                "segment_code": shown[customer.party].value_segment,
                "to": names.get(choice.user or 0, ""),
                "why": because(choice.because),
            }
            for customer, choice in changing[:SHOWN]
        ],
        "owners": queries_ownership.owners(()),
        "segments": Party.Segment.choices,
        "policies": [one.name for one in published(queries_ownership.AREA)],
        "may_write_rules": user_may(request.user, "rules.view") is not None,
    }
    return render(request, "desktop/owners.html", context)


@permitted("parties.assign")
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Do what the page showed, for as many as one press does."""
    wanted, _given = _chosen(request.POST)
    why = request.POST.get("why", "").strip()
    if not why:
        return refused(request, _("Say why the customers are given out."), _("The reason stands in the log of hand-offs of each. Nothing was changed."), 422)
    ids = list(queries_ownership.to_assign(**wanted).values_list("pk", flat=True)[: actions_ownership.MOST_AT_ONCE])
    got = actions_ownership.assign_many(request.user, ids, why=why)
    n = sum(got.values())
    title = ngettext("%(n)d customer has another account owner.", "%(n)d customers have another account owner.", n) % {"n": n}
    return answer(request, Act(Came.DONE), go=reverse("desktop:owners"), said={"title": title, "text": ""})


# ---- absences -------------------------------------------------------------------------------------------------------------


def _people(user: Any) -> list[User]:
    """Whose absences the user may write: one's own; with org.hand_over the unit's or everybody's."""
    rows = User.objects.filter(is_active=True).order_by("name")
    match user_may(user, HAND_OVER):
        case "all":
            return list(rows)
        case "unit" if user.unit_id is not None:
            return list(rows.filter(unit=user.unit_id))
    return [user]


@signed_in
@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away when. Posted: another absence (user, first_day, last_day, deputy, why)."""
    user: Any = request.user
    people = _people(user)
    given = {name: request.POST.get(name, "").strip() for name in ("user", "first_day", "last_day", "deputy", "why")}
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            set_absence(
                user, int(given["user"]) if given["user"].isdigit() else user.pk, _day(given, "first_day"), _day(given, "last_day"),
                deputy=int(given["deputy"]) if given["deputy"].isdigit() else None, why=given["why"] or Absence.Why.HOLIDAY,
            )  # fmt: skip
            given = dict.fromkeys(given, "")
        except ValidationError as wrong:
            faults = {field: messages[0] for field, messages in wrong.message_dict.items()}
        except User.DoesNotExist:
            faults = {"user": _("This colleague has no account any more.")}
    today = timezone.localdate()
    colleagues = User.objects.filter(is_active=True, unit=user.unit_id).order_by("name") if user.unit_id is not None else User.objects.filter(pk=user.pk)
    rows = coming(None if len(people) > 1 and user_may(user, HAND_OVER) == "all" else [one.pk for one in people], timezone.now())
    context = {
        "rows": [
            {
                "pk": row.pk,
                "user": str(row.user),
                "from": say.day(row.first_day, today),
                "until": say.day(row.last_day, today),
                "now": row.first_day <= today <= row.last_day,
                "deputy": str(row.deputy or ""),
                "why": row.get_why_display(),
            }
            for row in rows
        ],
        "people": people,
        "deputies": colleagues if len(people) == 1 else people,
        "whys": Absence.Why.choices,
        "given": given,
        "faults": faults,
        "today": today.isoformat(),
    }
    return render(request, "desktop/absences.html", context, status=422 if faults else 200)


def _day(given: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given[name])
    except ValueError:
        raise ValidationError({name: _("Choose a day.")}) from None


@signed_in
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Back before it was over, or it does not happen."""
    try:
        end_absence(request.user, number)
    except Absence.DoesNotExist:
        raise Http404 from None
    except PermissionDenied as denied:
        return refused(request, str(denied), _("Nothing was changed."), 403)
    return answer(request, Act(Came.DONE), go=reverse("desktop:absences"))
