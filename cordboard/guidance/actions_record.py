"""How scripts were followed, kept when a script or its contact is done with: in the transaction of that."""

from __future__ import annotations

from datetime import datetime

from cordboard.flows import engine
from cordboard.flows.answered import in_words
from cordboard.flows.compiled import compiled
from cordboard.flows.following import LEFT, Measured, measured
from cordboard.flows.models import Flow, Run
from cordboard.guidance.models import GivenScript, ScriptRecord
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Entry

NOT_BEGUN = "not_begun"
MOST_STEPS = 50
LONGEST = 300
"""Characters of a question or an answer that a record keeps; the run has the whole."""


def keep_record(row: Run, contact: Interaction, given: GivenScript | None) -> None:
    """Of a run that has just been put away or has come to its end (`row.ended_at` is set). Once."""
    assert row.ended_at is not None
    flow = compiled(row.flow)
    found = measured(flow, row.state)
    ScriptRecord.objects.get_or_create(
        run=row,
        defaults={
            **_of(contact, given),
            "script": row.flow.code,
            "name": row.flow.name,
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
            "answers": _answers(flow, row),
            "followed": found.in_order and row.ended_by != LEFT,
        },
    )


def keep_not_begun(contact: Interaction, given: GivenScript, now: datetime) -> None:
    """The contact is over, and the script that it was given was never begun."""
    flow = Flow.objects.filter(code=given.script).order_by("-version").values_list("name", flat=True).first()
    ScriptRecord.objects.get_or_create(
        interaction=contact, run=None, script=given.script,
        defaults={"name": flow or given.script, **_of(contact, given), "begun_at": given.given_at, "ended_at": now, "ended": NOT_BEGUN, "followed": False},
    )  # fmt: skip


def _answers(flow: engine.Flow, row: Run) -> str:
    assert row.ended_at is not None
    found = [one for one in in_words(flow, row.state, row.ended_at) if one.answer][:MOST_STEPS]
    return "\n".join(f"{(one.title or one.question)[:LONGEST]}: {' '.join(one.answer.split())[:LONGEST]}" for one in found)


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
