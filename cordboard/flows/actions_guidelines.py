"""Guidelines become scripts, as flows that can be run, drawn on and measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.flows import actions, files, guidelines, queries, scripts
from cordboard.flows.actions import Refused, may
from cordboard.flows.graph import validate
from cordboard.flows.guidelines import Joined
from cordboard.flows.models import Flow
from cordboard.flows.permissions import DESIGN, PUBLISH


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one guideline."""

    joined: Joined
    flow: Flow
    came: str
    """"new", "changed" (a new version), "same" (as it was imported before) or "kept" (somebody has drawn on it since, or has a draft: nothing was touched)"""


def import_guidelines(
    content: bytes | str, required: bytes | str | None, by: Any, *, language: str = "en", publish: bool = True, now: datetime | None = None
) -> list[Imported]:
    """Each guideline of a file as a script, published unless `publish` is false. Taken in again, a changed file makes new versions, and leaves alone what
    somebody has drawn on since. Raises Refused (nothing was taken in), PermissionDenied."""
    may(by, DESIGN)
    if publish:
        may(by, PUBLISH)
    try:
        joined = guidelines.join(guidelines.read(content), guidelines.read_required(required) if required is not None else {})
    except files.WrongFile as wrong:
        raise Refused("file", wrong.say(_)) from None
    codes = _codes(joined)
    made = []
    for one, code in zip(joined, codes, strict=True):
        graph = scripts.script(one, code, language)
        if problems := [problem for problem in validate(graph, "script") if problem.level == "error"]:
            raise actions.NotGood(problems)
        with transaction.atomic():  # one each: no long write
            made.append(_take_in(one, code, graph, by, publish, now))
    return made


def _codes(joined: Sequence[Joined]) -> list[str]:
    """A code for each, from its flow and name."""
    codes: list[str] = []
    for one in joined:
        base = guidelines.slug(f"{one.guideline.flow} {one.guideline.name}")[:56].strip("-")
        code, number = base, 1
        while code in codes:
            number += 1
            code = f"{base}-{number}"
        codes.append(code)
    return codes


def _take_in(one: Joined, code: str, graph: dict[str, Any], by: Any, publish: bool, now: datetime | None) -> Imported:
    name = one.guideline.name[:120]
    newest = Flow.objects.select_for_update().filter(code=code).order_by("-version").first()
    came = "new"
    if newest is None:
        row = actions.create(code, name, ["script"], by, graph=graph, now=now)
    else:
        same = json.dumps(newest.graph, sort_keys=True) == json.dumps(graph, sort_keys=True)
        if same and (newest.state == Flow.State.PUBLISHED or not publish):
            return Imported(one, newest, "same")
        if not same and (newest.state == Flow.State.DRAFT or not _as_imported(newest)):
            return Imported(one, newest, "kept")
        row, came = newest, "new" if same else "changed"
        if not same or newest.state == Flow.State.RETIRED:
            row = actions.open_draft(code, by, now=now)
            row = actions.save_draft(row.pk, graph, row.revision, by, now=now)
    if publish:
        row = actions.publish(row.pk, by, comment=one.guideline.flow[:300], now=now)
    return Imported(one, row, came)


def _as_imported(row: Flow) -> bool:
    """Whether nobody has drawn on it: the drawing board puts every step in its place."""
    return not any("place" in step for step in row.graph.get("steps", {}).values()) and queries.published(row.code) is not None
