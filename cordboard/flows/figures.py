"""The numbers on the graph in words: how many runs went along each line, where they ended, how long a step took."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.flows.queries import Figures


def percent(share: float) -> str:
    return _("%(number)s%%") % {"number": round(share * 100)}


def shown(found: Figures) -> dict[str, Any]:
    """As the designer draws it. The share of a line is of what came to its step and left it or ended there."""
    came: dict[str, int] = {}
    for (step, _exit), edge in found.edges.items():
        came[step] = came.get(step, 0) + edge.times
    ended: dict[str, int] = {}
    for (step, _how), number in found.ends.items():
        came[step] = came.get(step, 0) + number
        ended[step] = ended.get(step, 0) + number
    edges = {
        f"{step}/{exit}": {
            "runs": edge.runs,
            "share": edge.times / came[step] if came[step] else 0.0,
            "words": _("%(number)s, %(share)s") % {"number": edge.times, "share": percent(edge.times / came[step])}
            if came[step] != edge.times
            else str(edge.times),
        }
        for (step, exit), edge in found.edges.items()
    }
    steps = {}
    for step, number in came.items():
        seconds = [(edge.seconds, edge.times) for (at, _exit), edge in found.edges.items() if at == step]
        times = sum(count for _s, count in seconds)
        mean = sum(one * count for one, count in seconds) / times if times else None
        steps[step] = {"came": number, "ended": ended.get(step, 0), "seconds": mean, "words": _said(number, ended.get(step, 0), mean)}
    return {"runs": found.runs, "running": found.running, "words": _whole(found), "steps": steps, "edges": edges}


def _said(came: int, ended: int, seconds: float | None) -> str:
    if ended and ended < came:
        return _("%(share)s end here") % {"share": percent(ended / came)}
    if ended:
        return _("%(number)s end here") % {"number": ended}
    return _("%(seconds)s s") % {"seconds": round(seconds)} if seconds is not None and seconds >= 1 else ""


def _whole(found: Figures) -> str:
    counted = ngettext("%(number)s run is counted", "%(number)s runs are counted", found.runs) % {"number": found.runs}
    return _("%(counted)s, %(running)s go on.") % {"counted": counted, "running": found.running} if found.running else f"{counted}."
