"""What of a contact's scripts must still be done, and how that is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cordboard.flows.compiled import compiled
from cordboard.flows.following import measured
from cordboard.flows.models import Flow, Run
from cordboard.guidance.models import GivenScript

_NAME = re.compile(r"\{([a-z][a-z0-9_.]*)\}")
SHORT = 60
"""Characters of a step's text that stand for its title."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`at`: where a required script stands, `steps`: single steps that must be done; titles, for people. `begun` false: the whole script."""

    code: str
    name: str
    begun: bool
    at: str = ""
    steps: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """A sentence."""
        if not self.begun:
            return _("The script “%(script)s” must be gone through and has not been begun.") % {"script": self.name}
        if self.steps:
            return _("Of the script “%(script)s” this must still be done: %(steps)s.") % {"script": self.name, "steps": "; ".join(self.steps)}
        return _("The script “%(script)s” must be gone through to its end; it stands at “%(step)s”.") % {"script": self.name, "step": self.at}


def of_run(row: Run, given: GivenScript | None) -> Missing | None:
    """What is missing of one run as it stands; None when nothing is. No query when the flow is at hand."""
    found = measured(compiled(row.flow), row.state)
    unfinished = found.unfinished if given is not None and given.required else ""
    if not found.missing and not unfinished:
        return None
    steps = row.flow.runs_as["steps"]
    return Missing(row.flow.code, row.flow.name, True, title(steps, unfinished, row.state), tuple(title(steps, one, row.state) for one in found.missing))


def of_contact(interaction: int) -> list[Missing]:
    """What stands between a contact and its end; what was excused does not. Of a script begun more than once the best counts. Three queries at most."""
    given = list(GivenScript.objects.filter(interaction_id=interaction, excuse="", failed=False).order_by("pk"))
    if not given:
        return []
    runs: dict[str, list[Run]] = {}
    for row in Run.objects.filter(subject=f"interaction:{interaction}", surface="script").select_related("flow").order_by("pk"):
        runs.setdefault(row.flow.code, []).append(row)
    never = [one.script for one in given if one.required and one.script not in runs]
    names = dict(Flow.objects.filter(code__in=never, state=Flow.State.PUBLISHED).values_list("code", "name")) if never else {}
    found: list[Missing] = []
    for one in given:
        if one.script in names:
            found.append(Missing(one.script, names[one.script], False))
        wanting = [of_run(row, one) for row in runs.get(one.script, ())]
        if wanting and None not in wanting:
            found += [each for each in wanting[-1:] if each is not None]
    return found


def title(steps: Mapping[str, Any], name: str, state: Mapping[str, Any]) -> str:
    """What people call a step: its title, else how its text begins, in the reader's language or the run's."""
    step = steps.get(name)
    if step is None:
        return name
    if step.get("title"):
        return str(step["title"])
    texts = step.get("texts") or step.get("do") or {}
    given = texts.get(get_language()) or texts.get(state.get("language")) or next(iter(texts.values()), "")
    text = " ".join(_filled(str(given.get("text", "") if isinstance(given, dict) else given), state.get("vars") or {}).split())
    return (text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…") or name


def _filled(text: str, known: Mapping[str, Any]) -> str:
    """With the variables as the run has them; nothing stands for what it does not know."""
    return _NAME.sub(lambda found: str((known.get(found[1]) or {}).get("value") or ""), text)
