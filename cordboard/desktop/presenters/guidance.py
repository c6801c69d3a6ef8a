"""The alerts of the selected contact, and the checklist of its wrap-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.desktop.cards import AlertCard
from cordboard.desktop.presenters import approvals
from cordboard.guidance import queries
from cordboard.guidance.facts import SCREENS
from cordboard.guidance.models import Alert


@dataclass(frozen=True, slots=True)
class CheckItem:
    """`state`: open, done or excused."""

    id: int
    strong: str
    text: str
    required: bool
    state: str
    excuse: str
    follow_url: str
    excuse_url: str
    why: str


def _signs() -> dict[str, tuple[str, str]]:
    return {
        Alert.Kind.WARNING: ("alert-triangle", _("Warning")),
        Alert.Kind.SUGGESTION: ("bulb", _("Suggestion")),
        Alert.Kind.REMINDER: ("clock", _("Reminder")),
        Alert.Kind.CHECK: ("clipboard-check", _("To do before the end")),
    }


def said(row: Alert, language: str) -> dict[str, str]:
    """The alert's words in this language, else in English."""
    found: dict[str, str] = row.texts.get(language) or row.texts.get("en") or {}
    return found


def offer_words(row: Alert) -> str:
    """What the button of an offer says."""
    match row.offer.get("do"):
        case "open_screen":
            screen = row.offer.get("screen", "")
            return _("Open %(page)s") % {"page": str(SCREENS.get(screen, screen)).lower()}
        case "start_script":
            return _("Start the script")
        case "confirm_account":
            return _("Confirm the account")
        case "propose_product":
            return _("Proposed to the customer")
    return ""


def _url(row: Alert, verb: str) -> str:
    return reverse("desktop:guidance", args=[row.pk, verb])


def alerts(interaction: int | None, user: Any, language: str) -> tuple[AlertCard, ...]:
    """What the rules want the agent to mind, and what was asked of somebody with the say. Two queries."""
    signs = _signs()
    found = []
    for row in queries.alerts(interaction, user) if interaction is not None else []:
        icon, words = signs[row.kind]
        text = said(row, language)
        found.append(
            AlertCard(
                row.kind,
                words,
                icon,
                text.get("strong", ""),
                text.get("text", ""),
                "" if row.required else _url(row, "seen"),
                _("Rule: %(rule)s") % {"rule": row.rule},
                offer_words(row),
                _url(row, "follow"),
                row.required,
            )
        )
    for one in approvals.lines(interaction, language) if interaction is not None else []:
        found.append(
            AlertCard(
                "approval",
                _("Approval"),
                "clipboard-check",
                f"{one.strong} {one.amount}".strip(),
                ": ".join(part for part in (_("Waits for %(name)s") % {"name": one.who} if one.open else one.state, one.reason) if part),
                "",
                _("Rule: %(rule)s") % {"rule": one.rule} if one.rule else "",
            )
        )
    return tuple(found)


def checklist(interaction: int, user: Any, language: str) -> list[CheckItem]:
    """What is to be done before the end, what is done already last. One query."""
    items = [
        CheckItem(
            row.pk,
            said(row, language).get("strong", ""),
            said(row, language).get("text", ""),
            row.required,
            "done" if row.followed_at else "excused" if row.excuse else "open",
            row.excuse,
            _url(row, "follow"),
            _url(row, "excuse"),
            _("Rule: %(rule)s") % {"rule": row.rule},
        )
        for row in queries.checklist(interaction, user)
    ]
    return sorted(items, key=lambda item: (item.state != "open", not item.required))


def where(row: Alert) -> str:
    """Where the desk goes when an offer is followed; "" to stay."""
    wanted: dict[str, Any] = {"interaction": row.interaction_id}
    match row.offer.get("do"):
        case "open_screen":
            wanted["tab"] = row.offer.get("screen", "overview")
        case _:
            return ""  # a script comes up beside the work area
    return f"{reverse('desktop:desk')}?{urlencode(wanted)}"
