"""Cases as screens show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say, timeline
from cordboard.desktop.presenters.masking import OPEN, Mask, mask_of_list
from cordboard.interactions.history import Entry
from cordboard.lib.addresses import reverse
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import case_documents, queries_case
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_case import Case, CaseEntry
from cordboard.tickets.permissions_service import CASES
from cordboard.tickets.queries_case import Detail, Line

ICONS = {
    CaseEntry.What.OPENED: "stack-2", CaseEntry.What.NOTE: "note", CaseEntry.What.ADDED: "file-plus", CaseEntry.What.REMOVED: "file-pencil",
    CaseEntry.What.JOINED: "user-plus", CaseEntry.What.LEFT: "user-x", CaseEntry.What.OWNER: "user-share", CaseEntry.What.ACCESS: "lock",
    CaseEntry.What.CLOSED: "circle-check", CaseEntry.What.REOPENED: "arrow-back-up",
}  # fmt: skip
SHOWN = 100
"""Lines on one page of the timeline."""


def line(one: Line, now: datetime, number: int) -> dict[str, Any]:
    shown = {"at": say.when(one.at, now), "month": formats.date_format(timezone.localtime(one.at), "YEAR_MONTH_FORMAT"), "own": one.kind == "case"}
    if one.entry is not None:
        text = one.entry.text
        if one.entry.what == CaseEntry.What.ACCESS:
            text = str(Case.Access(text).label)
        return {
            **shown, "icon": ICONS[CaseEntry.What(one.entry.what)], "title": one.entry.get_what_display(), "text": text, "by": str(one.entry.by or ""), "url": "",
        }  # fmt: skip
    if one.file is not None:
        url = reverse("desktop:case_file", args=[number, one.file.pk])
        return {
            **shown,
            "icon": "download",
            "title": one.file.name,
            "text": filesizeformat(one.file.size),
            "by": str(one.file.by or ""),
            "url": url,
            "file": True,
        }
    assert one.shown is not None
    entry = one.shown
    return {
        **shown, "icon": entry.icon or "note", "title": entry.title, "text": entry.detail, "by": "", "url": timeline.page_of(entry), "kind": one.kind,
        "document": one.document.document if one.document is not None else 0, "warn": entry.tone in ("due", "bad"),
    }  # fmt: skip


def card(found: Detail, may_change: bool, now: datetime, *, kind: str = "", begin: int = 0, mask: Mask = OPEN) -> dict[str, Any]:
    """All that the page of a case shows; `kind`: only lines of this kind. No query."""
    case = found.case
    lines = [one for one in found.lines if not kind or one.kind == kind]
    shown = [mask.within(line(one, now, case.number)) for one in lines[begin : begin + SHOWN]]
    months: list[dict[str, Any]] = []
    for one in shown:
        if not months or months[-1]["name"] != one["month"]:
            months.append({"name": one["month"], "lines": []})
        months[-1]["lines"].append(one)
    return {
        "case": case,
        "mask": mask,
        "state": case.get_state_display(),
        "access": case.get_access_display(),
        "opened": say.when(case.opened_at, now),
        "closed": say.when(case.closed_at, now) if case.closed_at is not None else "",
        "months": months,
        "hidden": found.hidden,
        "kinds": [{"code": "", "words": _("All"), "count": len(found.lines), "current": not kind}, *_kinds(found.counts, kind)],
        "more": begin + SHOWN if len(lines) > begin + SHOWN else 0,
        "kind": kind,
        "people": [
            {
                "pk": one.pk, "name": str(one.party or one.user), "part": one.part, "colleague": one.user_id is not None,
                "url": reverse("desktop:customer", args=[one.party_id]) if one.party_id else "",
            }
            for one in found.people
        ],
        "may_change": may_change,
        "accesses": Case.Access.choices,
    }  # fmt: skip


def _kinds(counts: dict[str, int], chosen: str) -> Iterable[dict[str, Any]]:
    names = {code: str(kind.words) for code, kind in case_documents.KINDS.items()} | {"file": _("Files"), "case": _("Notes and log")}
    return [{"code": code, "words": names[code], "count": counts[code], "current": code == chosen} for code in names if counts.get(code)]


def row(case: Case, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    return {
        "url": reverse("desktop:case", args=[case.number]),
        "number": case.number,
        "title": mask(case.title),
        "customer": str(case.party or ""),
        "owner": str(case.owner or ""),
        "opened": say.when(case.opened_at, now),
        "size": getattr(case, "size", None),
        "state": case.get_state_display(),
        "access": case.get_access_display(),
        "narrow": case.access != Case.Access.ALL,
    }


def candidates(entries: Sequence[Entry], inside: set[tuple[str, int]], now: datetime, mask: Mask = OPEN) -> list[dict[str, Any]]:
    """Of a customer's history, what may be put in and is not."""
    return [
        {"kind": one.kind, "document": one.id, "icon": one.icon or "note", "title": mask(one.title), "line": mask(one.detail), "at": say.when(one.at, now)}
        for one in entries
        if one.kind in case_documents.KINDS and (one.kind, one.id) not in inside
    ]


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """On a ticket: the cases that it lies in, and the way to another. Two queries."""
    if user_may(user, CASES) is None:
        return None
    inside = queries_case.of_documents(user, [("ticket", ticket.pk)])
    known = {case.pk for case in inside}
    mask = mask_of_list(user, [ticket.party_id])
    others = queries_case.of_party(user, [ticket.party_id], only_open=True) if ticket.party_id is not None else []
    return {
        "template": "desktop/ticket/case.html",
        "cases": [
            {"url": reverse("desktop:case", args=[one.number]), "number": one.number, "title": mask(one.title), "state": one.get_state_display()}
            for one in inside
        ],
        "others": [{"number": one.number, "title": mask(one.title)} for one in others if one.pk not in known],
        "ticket": ticket.pk,
        "new_url": f"{reverse('desktop:case_new')}?ticket={ticket.number}",
    }
