"""Flow runs of calls: begun, kept, and what the telephone lets a flow ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import wording
from cordboard.channels.voice.actions_call import candidates_of
from cordboard.channels.voice.models import Call
from cordboard.flows.models import Flow, Run
from cordboard.routing import hours
from cordboard.routing.models import Queue


@dataclass(frozen=True, slots=True)
class Begun:
    """A run and the graph that it follows."""

    run: int
    flow: int
    version: int
    graph: dict[str, Any]
    values: dict[str, Any]
    """What the flow may ask about, by name."""
    timezone: str


def begin_run(interaction: int, code: str, *, now: datetime | None = None) -> Begun | None:
    """Begin the published flow `code` for this call. None when there is none. Asked again, it gives the run that stands."""
    now = now or timezone.now()
    call = Call.objects.select_related("interaction__subject", "line__queue__unit", "run__flow").get(interaction=interaction)
    flow = call.run.flow if call.run is not None else Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
    if flow is None:
        return None
    if call.run is None:
        with transaction.atomic():
            run = Run.objects.create(flow=flow, surface="ivr", subject=f"interaction:{interaction}", started_at=now)
            Call.objects.filter(interaction=interaction).update(run=run)
    else:
        run = call.run
    return Begun(run.pk, flow.pk, flow.version, flow.runs_as, surface_of(call, now), zone_of(call))


def begin_next(interaction: int, code: str, *, now: datetime | None = None) -> Begun | None:
    """Another flow has the word from now on, as a rule wants it: the call's run is over, a run of the published flow `code` begins. None when there is none. Asked again for
    the flow that runs, it gives that run."""
    now = now or timezone.now()
    call = Call.objects.select_related("interaction__subject", "line__queue__unit", "run__flow").get(interaction=interaction)
    flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
    if flow is None:
        return None
    if call.run is None or call.run.flow.code != code:
        with transaction.atomic():
            if call.run is not None:
                Run.objects.filter(pk=call.run.pk, ended_at=None).update(ended_at=now, ended_by="automated")
            run = Run.objects.create(flow=flow, surface="ivr", subject=f"interaction:{interaction}", started_at=now)
            Call.objects.filter(interaction=interaction).update(run=run)
    else:
        run, flow = call.run, call.run.flow
    return Begun(run.pk, flow.pk, flow.version, flow.runs_as, surface_of(call, now), zone_of(call))


def graph_of(flow: int) -> tuple[dict[str, Any], int]:
    """The graph and version of a flow that a run follows."""
    row = Flow.objects.only("graph", "linked", "version").get(pk=flow)
    return row.runs_as, row.version


def keep_run(run: int, state: dict[str, Any], *, ended_by: str = "", now: datetime | None = None) -> None:
    """How far a run is. Once ended it stays ended."""
    now = now or timezone.now()
    fields: dict[str, Any] = {"state": state}
    if ended_by:
        fields |= {"ended_at": now, "ended_by": ended_by[:40]}
    Run.objects.filter(pk=run, ended_at=None).update(**fields)


def surface_of(call: Call, now: datetime) -> dict[str, Any]:
    """The variables that the telephone gives a flow."""
    row, line, party = call.interaction, call.line, call.interaction.subject
    queue = line.queue if line is not None else None
    candidates = len(candidates_of(row.pk)) if party is None else 1
    languages = list(line.languages) if line is not None else []
    is_open = queue.open and hours.is_open(queue.hours, now) if queue is not None else None
    return {
        "caller.number": row.from_address,
        "caller.withheld": not row.from_address,
        "caller.language": party.language if party is not None and party.language else None,
        "caller.candidates": candidates,
        "caller.known": party is not None,
        "caller.segment": party.value_segment if party is not None else None,
        "line.number": line.number if line is not None else None,
        "line.country": line.country if line is not None else None,
        "line.languages": languages,
        "line.language": languages[0] if languages else None,
        "queue.code": queue.code if queue is not None else None,
        "queue.open": is_open,
        "hours.closed": closed_words(queue, now) if queue is not None and not is_open else None,
    }


def closed_words(queue: Queue, now: datetime) -> dict[str, str]:
    """That nobody is there, and when somebody will be, in every language of ours."""
    zone = _zone_of(queue)
    opens = hours.next_opening(queue.hours, now) if queue.open else None
    local = opens.astimezone(zone) if opens is not None else None
    return {language: wording.closed(local, now.astimezone(zone), language) for language in wording.LANGUAGES}


def zone_of(call: Call) -> str:
    """The time zone that counts for a call, by IANA's name."""
    return _zone_of(call.line.queue).key if call.line is not None else "UTC"


def _zone_of(queue: Queue) -> ZoneInfo:
    try:
        return ZoneInfo(str((queue.hours or {}).get("timezone") or (queue.unit.timezone if queue.unit is not None else "UTC")))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def closed_now(queue: str, language: str, *, now: datetime | None = None) -> str:
    """What is said to one whom a closed queue did not take."""
    now = now or timezone.now()
    row = Queue.objects.select_related("unit").filter(code=queue).first()
    return closed_words(row, now)[wording.known(language)] if row is not None else wording.closed(None, now, language)
