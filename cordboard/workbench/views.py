"""The policy workbench: the list, a policy with its rules as sentences, what differs between versions, who changed what."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cordboard.lib.permissions import permitted, user_may
from cordboard.rules import queries
from cordboard.rules.actions_publish import may_publish, may_review
from cordboard.rules.areas import area, areas, replay_of
from cordboard.rules.difference import difference, is_empty
from cordboard.rules.editor import editor_words
from cordboard.rules.models import Policy
from cordboard.rules.permissions import EDIT, VIEW
from cordboard.workbench import presenters
from cordboard.workbench.words import island_words


@permitted(VIEW)
@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """All policies by area. One query."""
    rows = queries.policies()
    known = [one.code for one in areas()]
    grouped = [
        {"code": code, "words": area(code).words, "help": area(code).help, "asleep": area(code).asleep, "rows": [one for one in rows if one.area == code]}
        for code in (*known, *sorted({one.area for one in rows} - set(known)))
    ]
    return render(request, "workbench/policies.html", {"areas": grouped, "may_edit": user_may(request.user, EDIT) is not None})


def of_code(code: str, number: str | None = None) -> Policy:
    """The version that is asked for, with its body."""
    if number is not None and not (number.isdecimal() and len(number) < 9):
        raise Http404
    row = queries.version(code, int(number) if number is not None else None)
    if row is not None and row.get_deferred_fields():
        row.refresh_from_db(fields=["body"])
    if row is None:
        raise Http404
    return row


def frame(request: HttpRequest, row: Policy, tab: str) -> dict[str, Any]:
    """What every page of a policy shows around its content."""
    published = row if row.state == Policy.State.PUBLISHED else queries.published(row.code)
    tabs = [
        ("rules", _("Rules"), reverse("workbench:policy", args=[row.code])),
        ("difference", _("Difference"), reverse("workbench:difference", args=[row.code])),
        ("history", _("History"), reverse("workbench:history", args=[row.code])),
    ]
    if area(row.area).decision:
        tabs.append(("tried", _("What it decided"), reverse("workbench:tried", args=[row.code])))
    user = request.user
    return {
        "policy": row,
        "published": published,
        "area": area(row.area),
        "line": presenters.state_line(row, published),
        "tabs": [{"code": code, "words": words, "url": url, "on": code == tab} for code, words, url in tabs],
        "may_edit": user_may(user, EDIT) is not None,
        "may_publish": row.state in Policy.OPEN and may_publish(user, row),
        "may_review": row.state == Policy.State.REVIEW and may_review(user, row),
        "is_open": row.state in Policy.OPEN,
        "replay_url": reverse("workbench:replay", args=[row.pk]) if row.state in Policy.OPEN and replay_of(row.area) is not None else "",
    }


@permitted(VIEW)
@require_GET
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """The rules of a version (`?version=`): of a draft with the editor, for those who may."""
    row = of_code(code, request.GET.get("version"))
    context = frame(request, row, "rules")
    published = context["published"]
    before = published.body if published is not None and published.pk != row.pk else None
    shown = presenters.shown(row.body, before, timezone.now())
    editing = context["may_edit"] and row.state in (Policy.State.DRAFT, Policy.State.APPROVED)
    if editing:
        context["editor"] = {
            "policy": row.pk,
            "revision": row.revision,
            "body": row.body,
            "said": [one.as_json() for one in shown.rules],
            "problems": shown.problems,
            "save": reverse("workbench:save", args=[code]),
            "words": island_words(),
            "conditions": editor_words(),
            "languages": _languages(),
            **presenters.catalogue(row.area),
        }
    return render(request, "workbench/policy.html", {**context, "shown": shown, "editing": editing, "said": presenters.last_word(row)})


def _languages() -> list[list[str]]:
    from cordboard.org.languages import OWN_NAMES

    return [[code, name] for code, name in OWN_NAMES.items()]


@permitted(VIEW)
@require_GET
def differences(request: HttpRequest, code: str) -> HttpResponse:
    """What leads from one version (`?from=`) to another (`?to=`): from what is published to what is on its way, when nothing is asked."""
    row = of_code(code, request.GET.get("to"))
    listed = queries.versions(code)
    published = next((one for one in listed if one.state == Policy.State.PUBLISHED), None)
    usual = published if published is not None and published.pk != row.pk else next((one for one in listed if one.version < row.version), None)
    old = of_code(code, request.GET["from"]) if request.GET.get("from") else of_code(code, str(usual.version)) if usual is not None else None
    context = {**frame(request, row, "difference"), "old": old, "versions": listed}
    if old is not None:
        try:
            change = difference(old.body, row.body)
        except ValueError:
            context["problem"] = _("These versions cannot be compared: a rule has no id of its own.")
        else:
            context |= {"pieces": presenters.pieces(change, old.body, row.body), "settings": presenters.settings_words(change), "same": is_empty(change)}
    return render(request, "workbench/difference.html", context)


@permitted(VIEW)
@require_GET
def history(request: HttpRequest, code: str) -> HttpResponse:
    """Who did what, and all versions."""
    row = of_code(code)
    context = {**frame(request, row, "history"), "versions": queries.versions(code), "changes": presenters.history(queries.history(code))}
    return render(request, "workbench/history.html", context)


@permitted(VIEW)
@require_GET
def as_file(request: HttpRequest, code: str) -> HttpResponse:
    """A version as a JSON file that the new-policy form takes in again."""
    row = of_code(code, request.GET.get("version"))
    text = json.dumps({**row.body, "area": row.area, "code": row.code, "name": row.name}, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.code}-{row.version}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
