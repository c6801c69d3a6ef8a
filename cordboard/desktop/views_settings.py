"""The settings: lists, and forms that several people may have open at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cordboard.desktop.settings_base import Kind
from cordboard.desktop.settings_kinds import GROUPS, KINDS
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.mail.permissions import MANAGE as MAIL
from cordboard.org.permissions import require, signed_in, user_may

FITS = 14
"""So many places are shown at once; where there are more, only the group that one is in stands open."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the menu beside the settings."""

    name: str
    icon: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Places of the menu under one heading."""

    name: str
    places: list[Place]
    open: bool


def kind_for(request: HttpRequest, code: str) -> Kind:
    """Raises Http404 for what there is none of, PermissionDenied for what the reader may not set."""
    kind = KINDS.get(code)
    if kind is None:
        raise Http404(code)
    require(request.user, kind.permission)
    return kind


OWN_PAGES = (
    (KINDS["lines"], "voice.manage", later("Announcements"), "volume", "desktop:announcements"),
    (KINDS["lookups"], MAIL, later("Outgoing mail"), "mail", "desktop:mail"),
)
"""What has pages of its own: after which kind it stands, permission, name, icon, view."""


def groups(user: Any, path: str) -> list[Group]:
    """What the user may set, under headings."""
    found = []
    for heading, kinds in GROUPS:
        places = []
        for kind in kinds:
            if user_may(user, kind.permission):
                places.append((str(kind.name), kind.icon, reverse("desktop:settings_list", args=[kind.code])))
            places += [(str(name), icon, reverse(view)) for after, needed, name, icon, view in OWN_PAGES if after is kind and user_may(user, needed)]
        if places:
            found.append((str(heading), [Place(name, icon, url, path.startswith(url)) for name, icon, url in places]))
    whole = sum(len(places) for _heading, places in found) <= FITS
    return [Group(heading, places, whole or any(one.current for one in places)) for heading, places in found]


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first that the reader may set."""
    found = groups(request.user, request.path)
    if not found:
        raise PermissionDenied(_("There is nothing that you may set."))
    return redirect(found[0].places[0].url)


@signed_in
@require_GET
def listing(request: HttpRequest, kind: str) -> HttpResponse:
    which = kind_for(request, kind)
    done = request.GET.get("done", "")[:120]
    context = {
        "kind": which,
        "columns": which.columns(),
        "lines": which.lines(request.user),
        "new": str(which.new) if which.may_make(request.user) else "",
        "done": _("%(name)s is kept.") % {"name": done} if done else _("It is removed.") if "removed" in request.GET else "",
    }
    return render(request, which.list_template, context | which.list_beside(request.user))


@signed_in
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, kind: str, number: int | None = None) -> HttpResponse:
    """One of them, or a new one. Posted with the mark of what was shown (`seen`): who would overwrite what they have not seen is shown both."""
    which = kind_for(request, kind)
    row = which.find(request.user, number) if number is not None else None
    if number is not None and row is None:
        raise Http404(kind)
    if number is None and not which.may_make(request.user):
        raise PermissionDenied
    kept = which.values(row) if row is not None else {}
    initial = which.initial(kept) if row is not None else which.blank(request.user)
    seen, status, now = mark(kept), 200, []
    form = which.form(request.POST if request.method == "POST" else None, initial, row, request.user)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = which.keep(request.user, number, form, request.POST.get("seen", ""))
            except BadValue as problem:
                form.blame(problem.field, str(problem))
            except Changed as problem:
                seen, status = mark(problem.now), 409
                now = _differing(list(form), which.initial(problem.now))
            else:
                if number is None and (go := which.after(made)):
                    return redirect(go)
                own = made.name_in(translation.get_language() or "en") if hasattr(made, "name_in") else ""
                name = getattr(made, "name", "") or getattr(made, "number", "") or own or getattr(made, "code", "")
                return redirect(f"{reverse('desktop:settings_list', args=[kind])}?{_query('done', str(name))}")
        else:
            seen = request.POST.get("seen", "")
    title = _called(row) if row is not None and not str(row).endswith(f"object ({row.pk})") else initial.get("name") or initial.get("name-en") or str(which.new)
    context = {"kind": which, "form": form, "title": title, "seen": seen, "changed": status == 409, "now": now, "row": row}
    return render(request, which.template, context | which.beside(request.user, row), status=status)


def _query(name: str, value: str) -> str:
    from urllib.parse import urlencode

    return urlencode({name: value})


def _differing(fields: list[BoundField], now: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels of the fields whose values are kept otherwise than they were typed, with how they are kept."""
    found = []
    for bound in fields:
        held, typed = now.get(bound.name), bound.value()
        if bound.name == "code" or _said(held) == _said(typed):
            continue
        words = {str(value): str(text) for value, text in getattr(bound.field, "choices", ())}
        shown = held if isinstance(held, list) else [held]
        found.append((str(bound.label), ", ".join(words.get(str(one), _said(one)) for one in shown) or "–"))
    return found


def _said(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(sorted(str(one) for one in value))
    return "1" if value in (True, "on") else str(value)


@signed_in
@require_POST
def remove(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Only what nothing of the past refers to, and nothing of the present uses."""
    which = kind_for(request, kind)
    row = which.find(request.user, number) if which.removable else None
    if row is None:
        raise Http404(kind)
    try:
        which.remove(request.user, number)
    except BadValue as problem:
        return once(request, which, row, {"refused": str(problem)}, 422)
    return redirect(f"{reverse('desktop:settings_list', args=[kind])}?removed=1")


def _called(row: Any) -> str:
    """Its name in the reader's language, where it has names by language."""
    return str(row.name_in(translation.get_language() or "en") if hasattr(row, "name_in") else row)


def once(request: HttpRequest, which: Kind, row: Any, shown: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """The page of one of them, with what is shown this once."""
    kept = which.values(row)
    form = which.form(None, which.initial(kept), row, request.user)
    context = {"kind": which, "form": form, "title": _called(row), "seen": mark(kept), "changed": False, "now": [], "row": row}
    response = render(request, which.template, {**context, **which.beside(request.user, row), **shown}, status=status)
    response["Cache-Control"] = "no-store"
    return response
