"""How scripts were followed, kept when a script or its contact is done with: in the transaction of that."""

from __future__ import annotations

from datetime import datetime

from cordboard.flows.compiled import compiled
from cordboard.flows.following import LEFT, Measured, measured
from cordboard.flows.models import Run
from cordboard.guidance.models import GivenScript, ScriptRecord
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Entry

NOT_BEGUN = "not_begun"
MOST_STEPS = 50


def keep_record(row: Run, contact: Interaction, given: GivenScript | None) -> None:
    """Of a run that has just been put away or has come to its end (`row.ended_at` is set). Once."""
    assert row.ended_at is not None
    found = measured(compiled(row.flow), row.state)
    ScriptRecord.objects.get_or_create(
        run=row,
        defaults={
            **_of(contact, given),
            "script": row.flow.code,
            "version": row.flow.version,
            "begun_at": row.started_at,
            "ended_at": row.ended_at,
            "ended": row.ended_by,
            "asked": len(found.asked),
            "answered": len(found.answered),
            "told": len(found.told),
            "marked": len(found.marked),
            "skipped": len(found.skipped),
            "late": len(found.late),
            "missing": len(found.missing),
            "backs": int(row.state.get("backs", 0)),
            "steps": _steps(found),
            "followed": found.in_order and row.ended_by != LEFT,
        },
    )


def keep_not_begun(contact: Interaction, given: GivenScript, now: datetime) -> None:
    """The contact is over, and the script that it was given was never begun."""
    ScriptRecord.objects.get_or_create(
        interaction=contact, run=None, script=given.script,
        defaults={**_of(contact, given), "begun_at": given.given_at, "ended_at": now, "ended": NOT_BEGUN, "followed": False},
    )  # fmt: skip


def _of(contact: Interaction, given: GivenScript | None) -> dict[str, object]:
    last = Entry.objects.filter(interaction=contact).order_by("-pk").values_list("queue_id", flat=True).first()
    return {
        "interaction": contact,
        "agent_id": contact.agent_id,
        "queue_id": last,
        "given_by": given.by if given is not None else GivenScript.By.AGENT,
        "required": given is not None and given.required,
        "excuse": given.excuse if given is not None else "",
    }


def _steps(found: Measured) -> dict[str, list[str]]:
    named = {"skipped": found.skipped, "late": found.late, "missing": found.missing}
    return {name: steps[:MOST_STEPS] for name, steps in named.items() if steps}
