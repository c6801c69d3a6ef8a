"""The rows of work lists as the screen shows them: where each leads, what it is, by when, whose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.desktop.templatetags.cb import icon
from cordboard.lib.addresses import reverse
from cordboard.org.absence import Away
from cordboard.org.worklist import Row, is_late

ICONS = {
    "ticket": "ticket", "task": "list-check", "approval": "clipboard-check", "callback": "phone-outgoing", "message": "microphone", "appointment": "calendar",
    "draft": "file-pencil", "order": "tool", "review": "bulb",
}  # fmt: skip
DAY = timedelta(hours=26)
"""No two moments of one day are further apart."""
TAKEN_OVER = ("ticket", "task", "review")
"""Kinds that whoever stands in for the owner may take over."""
PAGES: dict[str, Callable[[Row], str]] = {
    "ticket": lambda row: reverse("desktop:ticket", args=[int(row.ref)]),
    "task": lambda row: reverse("desktop:ticket", args=[int(row.ref)]) if row.ref else reverse("desktop:task", args=[row.number]),
    "approval": lambda row: reverse("desktop:approvals"),
    "callback": lambda row: reverse("desktop:callback", args=[row.number]),
    "message": lambda row: reverse("desktop:callbacks"),
    "draft": lambda row: reverse("desktop:ticket", args=[int(row.ref)]),
    "order": lambda row: reverse("desktop:service_order", args=[int(row.ref)]),
    "review": lambda row: reverse("desktop:article", args=[row.number]),
    "appointment": lambda row: reverse("desktop:appointment", args=[row.number]),
}
"""By kind, where a row leads."""


def shown(row: Row, now: datetime, reader: int, stands_in: Mapping[int, Away]) -> dict[str, Any]:
    """No query."""
    late = is_late(row, now)
    page = PAGES.get(row.kind)
    return {
        "id": f"{row.kind}-{row.number}",
        "work": f"{row.kind}:{row.number}",
        "kind": row.kind,
        "icon": ICONS.get(row.kind, "note"),
        "url": page(row) if page is not None else "",
        "title": row.title,
        "what": row.what,
        "state": row.state,
        "party": row.party_name,
        "party_url": reverse("desktop:customer", args=[row.party]) if row.party is not None else "",
        "due": say.when(row.due, now) if row.due is not None else "",
        "late": late,
        "today": not late and row.due is not None and abs(row.due - now) < DAY and timezone.localtime(row.due).date() == timezone.localtime(now).date(),
        "waits": row.waits,
        "urgent": row.priority <= 2,
        "priority": row.priority,
        "mine": row.owner == reader,
        "nobody": row.owner is None,
        "owner": owner_words(row, reader, stands_in),
        "stands": row.stands,
        "takes": row.takes,
        "may_take": row.takes and (row.owner is None or (row.owner in stands_in and row.kind in TAKEN_OVER)),
    }


def table(rows: Sequence[Mapping[str, Any]]) -> SafeString:
    """The rows of the table as HTML, from what `shown` gives. Put together here and not by a template, as the ticket list's are: a list has a hundred rows of eight cells."""
    late = icon("alert-circle", 14, label=_("overdue"))
    take, give_back = _button("take", "t", "user-check", _("Take")), _button("release", "r", "arrow-back-up", _("Release"))
    dash = "–"
    made = []
    for one in rows:
        key, work = one["id"], one["work"]
        title, party = escape(one["title"]), escape(one["party"])
        named = f'<a href="{one["url"]}" id="work-{key}-title" data-row-first>{title}</a>' if one["url"] else f'<span id="work-{key}-title">{title}</span>'
        if one["urgent"]:
            named += f' <span class="cb-tag">{escape(_("priority %(n)s") % {"n": one["priority"]})}</span>'
        whom = f'<a href="{one["party_url"]}">{party}</a>' if one["party_url"] else party
        box = f'<input type="checkbox" name="work" value="{work}" aria-labelledby="work-{key}-title">' if one["takes"] else ""
        whose = escape(one["owner"]) if one["owner"] else f'<span class="cb-soft">{escape(one["stands"])}</span>'
        button = (take if one["may_take"] else give_back if one["takes"] and one["mine"] else "").replace("WORK", work).replace("KEY", key)
        made.append(
            f'<tr id="work-{key}" data-row>\n    <td>{box}</td>\n'
            f'    <td class="{"cb-bad" if one["late"] else "cb-warn" if one["today"] else ""}">{f"{late} " if one["late"] else ""}{escape(one["due"]) or dash}</td>\n'
            f'    <td class="cb-clip">{icon(one["icon"], 14)}{named}</td>\n    <td class="cb-clip">{whom}</td>\n'
            f'    <td class="cb-soft">{escape(one["what"])}</td>\n    <td class="cb-soft">{escape(one["state"])}</td>\n'
            f'    <td class="cb-clip">{whose}</td>\n    <td class="r">{button}</td>\n  </tr>'
        )
    return mark_safe("".join(made))  # every text of people and catalogues went through escape


def _button(verb: str, key: str, picture: str, words: str) -> str:
    """WORK and KEY stand for those of a row."""
    return (
        f'<button class="btn cb-btn" type="button" data-row-key="{key}" aria-keyshortcuts="{key.upper()}" hx-post="{reverse("desktop:work_act", args=[verb])}"'
        f' hx-vals=\'{{"only": "WORK"}}\' hx-swap="none" aria-describedby="work-KEY-title">{icon(picture, 14)}{escape(words)}</button>'
    )


def owner_words(row: Row, reader: int, stands_in: Mapping[int, Away]) -> str:
    """You, a colleague, or for whom one does it meanwhile."""
    if row.owner is None:
        return ""
    if row.owner == reader:
        return _("You")
    away = stands_in.get(row.owner)
    return for_whom(row.owner_name, away.last_day) if away is not None else row.owner_name


def stand_in(name: str, last_day: date) -> str:
    return _("You stand in for %(name)s until %(day)s.") % {"name": name, "day": say.day(last_day, timezone.localdate())}


def for_whom(name: str, last_day: date) -> str:
    """for Joris until 3 Dec"""
    return _("for %(name)s until %(day)s") % {"name": name, "day": say.day(last_day, timezone.localdate())}
