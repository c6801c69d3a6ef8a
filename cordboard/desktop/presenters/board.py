"""The live board as a page: rows for what the snapshot has. The browser patches the same cells from events (islands/src/board/page.ts)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.routing.estimate import Handling
from cordboard.routing.models import AgentState, NotReadyReason
from cordboard.routing.reduce import Board


@dataclass(frozen=True, slots=True)
class QueueRow:
    id: int
    name: str
    open: bool
    target_percent: int
    target_seconds: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """`values` is the snapshot that the page begins with, `words` what its cells may say, both as JSON for the script."""

    queues: tuple[QueueRow, ...]
    agents: tuple[AgentRow, ...]
    values: str
    words: str
    now: datetime
    may_broadcast: bool = False
    new_queue: QueueRow = QueueRow(0, "", True, 0, 0)
    """What the template of a row is made of; the script puts the id in."""
    new_agent: AgentRow = AgentRow(0, "")


def page(board: Board, now: datetime, *, may_broadcast: bool = False) -> BoardPage:
    """One query, for the words of the not-ready reasons."""
    return BoardPage(
        queues=tuple(
            QueueRow(one["id"], one["name"], one["open"], one["target_percent"], one["target_seconds"])
            for one in sorted(board["queues"].values(), key=lambda queue: str(queue["name"]).casefold())
        ),
        agents=tuple(AgentRow(one["id"], one["name"]) for one in sorted(board["agents"].values(), key=lambda agent: str(agent["name"]).casefold())),
        values=_json(board),
        words=_json(_words()),
        now=now,
        may_broadcast=may_broadcast,
    )


def _words() -> dict[str, Any]:
    language = translation.get_language() or "en"
    reasons = NotReadyReason.objects.all()
    return {
        "states": {code: str(words) for code, words in AgentState.State.choices},
        "reasons": {one.code: {"words": one.name_in(language), "break": one.is_break} for one in reasons},
        "break": _("Break"),
        "none": "–",
        "percent": _("%(n)s %%") % {"n": "{n}"},
        "ready_of": _("%(ready)s of %(all)s") % {"ready": "{ready}", "all": "{all}"},
        "longest": _("longest %(time)s, %(queue)s") % {"time": "{time}", "queue": "{queue}"},
        "nobody": _("nobody waits"),
        "target": _("target %(percent)s %% within %(seconds)s s") % {"percent": "{percent}", "seconds": "{seconds}"},
        "own_targets": _("each queue by its own target"),
        "answered": _("%(n)s answered") % {"n": "{n}"},
        "contacts": _("%(n)s contacts") % {"n": "{n}"},
        "signed_in": _("%(n)s of %(all)s signed in") % {"n": "{n}", "all": "{all}"},
        "until": _("%(reason)s, until %(time)s") % {"reason": "{reason}", "time": "{time}"},
        "over": _("%(reason)s, over since %(time)s") % {"reason": "{reason}", "time": "{time}"},
        "then": _("%(state)s, then %(reason)s") % {"state": "{state}", "reason": "{reason}"},
        "then_not_ready": _("Not ready"),
        "with_queue": _("%(state)s, %(queue)s") % {"state": "{state}", "queue": "{queue}"},
        "closed": _("closed"),
        "ringing_at": _("rings at %(name)s") % {"name": "{name}"},
        "waiting": _("waits for an agent"),
        "below": _("below target"),
        "no_contacts": _("no contacts yet"),
        "now": _("%(n)s now") % {"n": "{n}"},
        "at_once": _("none"),
        "minutes": _("%(low)s to %(high)s min") % {"low": "{low}", "high": "{high}"},
        "more_minutes": _("over %(n)s min") % {"n": "{n}"},
        "queues_of": _("Queues %(first)s to %(last)s of %(all)s") % {"first": "{first}", "last": "{last}", "all": "{all}"},
        "no_trunks": _("no trunks"),
        "trunks_down": _("trunks down: %(names)s") % {"names": "{names}"},
        "trunks_up": _("trunks up: %(n)s") % {"n": "{n}"},
        "recordings": _("recordings running: %(n)s") % {"n": "{n}"},
        "recordings_failed": _("recordings failed today: %(n)s") % {"n": "{n}"},
        "of_five": _("%(n)s of 5") % {"n": "{n}"},
        "rated": _("ratings: %(n)s") % {"n": "{n}"},
        "rated_low": _("ratings: %(n)s, low: %(low)s") % {"n": "{n}", "low": "{low}"},
        "nobody_rated": _("nobody rated us yet"),
        "chart": _("Service level by half hour: %(values)s") % {"values": "{values}"},
    }


def standing(times: Mapping[int, Handling]) -> dict[str, Any]:
    """Usual handling times by queue: mean seconds, and of how many calls."""
    return {"times": {str(queue): [round(one.mean, 1), one.calls] for queue, one in times.items()}}


def _json(value: Mapping[str, Any]) -> str:
    """JSON that is safe inside a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
