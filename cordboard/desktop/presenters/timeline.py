"""A customer's history as screens show it: its kinds, and where each entry has a page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.interactions import history

BY_ID = {"report": "desktop:report", "script": "desktop:script_record", "appointment": "desktop:appointment"}
BY_NUMBER = {"ticket": "desktop:ticket", "service_order": "desktop:service_order", "grant": "desktop:ticket"}
"""Kinds of entries that have a page, by their id or by the number that people say."""


def page_of(entry: history.Entry) -> str:
    """Where an entry is shown whole; "" where nowhere."""
    if entry.kind in BY_ID:
        return reverse(BY_ID[entry.kind], args=[entry.id])
    if entry.kind in BY_NUMBER and entry.data.get("number"):
        return reverse(BY_NUMBER[entry.kind], args=[entry.data["number"]])
    return ""


def kinds(chosen: str) -> list[dict[str, Any]]:
    """To filter by; the first is all."""
    names = {
        "interaction": _("Contacts"), "ticket": _("Tickets"), "order": _("Orders"), "fault": _("Faults"), "solution": _("Solutions"), "script": _("Scripts"),
        "report": _("Reports"), "survey": _("Surveys"), "mail": _("Mail"), "appointment": _("Appointments"), "service_order": _("Service orders"),
        "grant": _("Goodwill and refunds"),
    }  # fmt: skip
    found = [{"code": "", "name": _("All"), "selected": not chosen}]
    return found + [{"code": one, "name": names.get(one, one.capitalize()), "selected": chosen == one} for one in history.kinds()]
