"""Which scripts there are, which run in a contact, and what was made from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cordboard.flows.models import Flow, Run
from cordboard.guidance.actions_script import SURFACE
from cordboard.guidance.models import ContactReport


@dataclass(frozen=True, slots=True)
class Going:
    """A script of a contact. `ended` is "" while it goes on, "left" when it was put away before its end."""

    run: int
    code: str
    name: str
    version: int
    started_at: datetime
    ended: str


def available(words: str = "", limit: int = 50) -> list[tuple[str, str]]:
    """(code, name) of the published scripts whose name has these words, by name. One query."""
    rows = Flow.objects.filter(state=Flow.State.PUBLISHED, surfaces__icontains=f'"{SURFACE}"').order_by("name")
    for word in words.split()[:6]:
        rows = rows.filter(name__icontains=word)
    return list(rows.values_list("code", "name")[:limit])


def of_contact(interaction: int) -> list[Going]:
    """The scripts of a contact in the order in which they were begun. One query."""
    rows = Run.objects.filter(subject=f"interaction:{interaction}", surface=SURFACE).order_by("pk")
    return [
        Going(pk, code, name, version, started, "" if ended_at is None else ended_by or "left")
        for pk, code, name, version, started, ended_at, ended_by in rows.values_list(
            "pk", "flow__code", "flow__name", "flow__version", "started_at", "ended_at", "ended_by"
        )
    ]


def reports_of(interaction: int) -> list[ContactReport]:
    """The reports made of a contact. One query."""
    return list(ContactReport.objects.filter(interaction_id=interaction).select_related("by").order_by("pk"))
