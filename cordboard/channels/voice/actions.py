"""All that changes lines, calls, recordings and announcements, and what the switch reports of a call to interactions and routing.

Acts of the switch may be repeated without harm: it does them again when it is not sure that they were done.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from cordboard.channels.voice import events, tokens, wording
from cordboard.channels.voice.models import Call, Line, Recording, WebCall
from cordboard.events import log
from cordboard.events.models import Subscriber
from cordboard.flows.models import Flow, Run
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction, Segment
from cordboard.lib.config import config
from cordboard.parties import normalise
from cordboard.parties import queries as parties
from cordboard.routing import actions as routing
from cordboard.routing import hours
from cordboard.routing.actions_call import lose_agent
from cordboard.routing.models import Entry, Queue

SWITCH = "switch"
WEB_CALLS_A_MINUTE = 60
WEB_CALLS_AN_ADDRESS = 6
"""Per ten minutes."""


# ---- calls ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """A call as the records know it from its first moment."""

    interaction: int
    line: int
    queue: str
    country: str
    language: str
    """The customer's when known, else the line's first."""
    languages: list[str]
    flow: str
    party: int | None
    candidates: int
    values: dict[str, Any] = field(default_factory=dict)
    """What the flow may want to know: withheld, known, name of the web page."""


def open_call(reference: str, *, ani: str, dnis: str, kind: str, claims: dict[str, str] | None = None, now: datetime | None = None) -> Opened | None:
    """A call has come in on one of our lines: its interaction is opened and the caller identified by number. None: no line has the number
    dialled, or a web caller's leave is used up. The same call again gives the same interaction."""
    now = now or timezone.now()
    claims = claims or {}
    line = Line.objects.select_related("queue").filter(number=dnis).first()
    if line is None:
        _refused("unknown_number", kind)
        return None
    standing = Call.objects.select_related("interaction").filter(reference=reference).first()
    if standing is None:
        number = normalise.phone_or_none(ani, line.country) or ""
        try:
            with transaction.atomic():
                if kind == "browser" and not _use_leave(claims.get("web_call", ""), now):
                    _refused("token", kind)
                    return None
                row = interactions.open_interaction(channel=Interaction.Channel.VOICE, from_address=number, to_address=dnis, now=now)
                Call.objects.create(interaction=row, reference=reference, node=config().node, line=line, kind=kind)
                log.record(events.CALL_BEGAN, actor=SWITCH, interaction=row.pk, line=line.pk, kind=kind)
                found = parties.identify(number, line.country) if number else parties.Found("none")
                if found.parties:
                    interactions.identify(row.pk, [one.pk for one in found.parties], by=Interaction.IdentifiedBy.ANI, now=now)
                if name := claims.get("name", "").strip():
                    interactions.set_context(row.pk, {"web_name": name[:80]}, by="system", now=now)
        except IntegrityError:  # it was opened in the same moment by an attempt that we gave up waiting for
            pass
    call = Call.objects.select_related("interaction").get(reference=reference)
    row = call.interaction
    language = row.language if row.language in line.languages else ""
    if not language and claims.get("language") in line.languages:
        language = claims["language"]
    language = language or (line.languages[0] if line.languages else "en")
    if row.language != language:
        interactions.set_language(row.pk, language)
    candidates = len(interactions_candidates(row.pk)) if row.subject_id is None else 1
    return Opened(
        interaction=row.pk,
        line=line.pk,
        queue=line.queue.code,
        country=line.country,
        language=language,
        languages=list(line.languages),
        flow=line.flow,
        party=row.subject_id,
        candidates=candidates,
        values={"withheld": not row.from_address, "known": row.subject_id is not None, "candidates": candidates},
    )


def interactions_candidates(interaction: int) -> list[int]:
    from cordboard.interactions.actions_context import CANDIDATES, newest

    return list(newest(interaction, [CANDIDATES]).get(CANDIDATES) or [])


def _refused(cause: str, kind: str) -> None:
    with transaction.atomic():
        log.record(events.CALL_REFUSED, actor=SWITCH, cause=cause, kind=kind)


def identify_by_customer_number(interaction: int, given: str, *, now: datetime | None = None) -> int | None:
    """The customer number that the caller keyed: when somebody has it, the interaction is about them from now on. Returns the customer."""
    party = parties.by_customer_number(given)
    if party is None:
        return None
    return interactions.identify(interaction, [party.pk], by=Interaction.IdentifiedBy.CUSTOMER_NUMBER, now=now)


def closed_now(queue: str, language: str, *, now: datetime | None = None) -> str:
    """What is said to one whom a closed queue did not take."""
    now = now or timezone.now()
    row = Queue.objects.select_related("unit").filter(code=queue).first()
    return closed_words(row, now)[wording.known(language)] if row is not None else wording.closed(None, now, language)


def call_ending(interaction: int, *, cause: str, by: str, now: datetime | None = None) -> bool:
    """The customer is gone. `by`: caller, agent, flow, media, refused (who ended it)."""
    ended = {"caller": "customer", "agent": "agent", "flow": "closed", "media": "failed", "refused": "failed"}.get(by, by)
    return routing.customer_left(interaction, ended, actor=SWITCH, now=now)


def call_ended(interaction: int, *, cause: str, by: str, now: datetime | None = None) -> bool:
    """Every leg is gone; whatever was not told before is told now. Returns whether it was news."""
    now = now or timezone.now()
    call_ending(interaction, cause=cause, by=by, now=now)
    with transaction.atomic():
        if not Call.objects.filter(interaction=interaction, ended_at=None).update(ended_at=now):
            return False
        Recording.objects.filter(call=interaction, ended_at=None, started_at__lt=now - timedelta(hours=12)).update(ended_at=now, error="lost")
        log.record(events.CALL_ENDED, actor=SWITCH, interaction=interaction, cause=cause, by=by)
    return True


def save_state(interaction: int, state: dict[str, Any]) -> None:
    """What the call was like when last looked at, for those who search later."""
    Call.objects.filter(interaction=interaction).update(state=state)


def end_lost_calls(standing: set[str], *, now: datetime | None = None) -> list[int]:
    """Calls of this node of which no media process knows anything: their media went, and with it the call. Returns their interactions."""
    now = now or timezone.now()
    lost = Call.objects.filter(node=config().node, ended_at=None, interaction__started_at__lt=now - timedelta(seconds=15))
    done = []
    for interaction, reference in list(lost.values_list("interaction_id", "reference")):
        if reference not in standing and call_ended(interaction, cause="failed", by="media", now=now):
            done.append(interaction)
    return done


# ---- flow runs ----------------------------------------------------------------------------------------------------


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
    return Begun(run.pk, flow.pk, flow.version, flow.graph, _surface(call, now), _zone_of(call.line.queue).key if call.line is not None else "UTC")


def graph_of(flow: int) -> tuple[dict[str, Any], int]:
    """The graph and version of a flow that a run follows."""
    graph, version = Flow.objects.values_list("graph", "version").get(pk=flow)
    return graph, version


def keep_run(run: int, state: dict[str, Any], *, ended_by: str = "", now: datetime | None = None) -> None:
    """How far a run is. Once ended it stays ended."""
    now = now or timezone.now()
    fields: dict[str, Any] = {"state": state}
    if ended_by:
        fields |= {"ended_at": now, "ended_by": ended_by[:40]}
    Run.objects.filter(pk=run, ended_at=None).update(**fields)


def _surface(call: Call, now: datetime) -> dict[str, Any]:
    """The variables that the telephone gives a flow."""
    row, line, party = call.interaction, call.line, call.interaction.subject
    queue = line.queue if line is not None else None
    candidates = len(interactions_candidates(row.pk)) if party is None else 1
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


def _zone_of(queue: Queue) -> ZoneInfo:
    try:
        return ZoneInfo(str((queue.hours or {}).get("timezone") or (queue.unit.timezone if queue.unit is not None else "UTC")))
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


# ---- agents' legs -----------------------------------------------------------------------------------------------


def agent_unreachable(interaction: int, segment: int, *, accepted: bool, now: datetime | None = None) -> bool:
    """The agent's softphone did not connect: the offer goes on to the next; an accepted contact goes back to the head of its queue."""
    with transaction.atomic():
        if not Interaction.objects.select_for_update().filter(pk=interaction).exists():
            return False
        state = Segment.objects.filter(pk=segment, interaction=interaction).values_list("state", flat=True).first()
        if state == Segment.State.OFFERED and Entry.objects.filter(interaction=interaction, segment=segment, state=Entry.State.OFFERED).exists():
            return routing.withdraw_offer(interaction, "no_media", actor=SWITCH, now=now)
        if accepted and state in (Segment.State.ACTIVE, Segment.State.HELD):
            agent = Segment.objects.values_list("agent_id", flat=True).get(pk=segment)
            return lose_agent(interaction, agent, "no_media", actor=SWITCH, now=now)
    return False


def agent_media_lost(interaction: int, segment: int, *, now: datetime | None = None) -> bool:
    agent = _agent(segment)
    return agent is not None and routing.agent_media_lost(agent, interaction, actor=SWITCH, now=now)


def agent_media_back(interaction: int, segment: int, *, now: datetime | None = None) -> bool:
    agent = _agent(segment)
    return agent is not None and routing.agent_media_back(agent, interaction, actor=SWITCH, now=now)


def agent_gone(interaction: int, segment: int, *, now: datetime | None = None) -> bool:
    """The agent did not come back in time: to the head of the queue."""
    agent = _agent(segment)
    return agent is not None and lose_agent(interaction, agent, "media_lost", actor=SWITCH, now=now)


def _agent(segment: int) -> int | None:
    return Segment.objects.filter(pk=segment).values_list("agent_id", flat=True).first()


# ---- recordings -------------------------------------------------------------------------------------------------


def recording_started(interaction: int, reference: str, path: str, *, announced: bool, rule: str, now: datetime | None = None) -> int:
    """Returns the recording's id."""
    now = now or timezone.now()
    with transaction.atomic():
        made, fresh = Recording.objects.get_or_create(
            reference=reference, defaults={"call_id": interaction, "path": path, "started_at": now, "announced": announced, "rule": rule[:120]}
        )
        if fresh:
            log.record(events.RECORDING_STARTED, actor=SWITCH, interaction=interaction, recording=made.pk, announced=announced)
    return made.pk


def recording_ended(reference: str, *, seconds: float, error: str = "", now: datetime | None = None) -> bool:
    now = now or timezone.now()
    with transaction.atomic():
        row = Recording.objects.select_for_update().filter(reference=reference, ended_at=None).first()
        if row is None:
            return False
        row.ended_at, row.seconds, row.error = now, round(seconds, 2), error[:200]
        row.save(update_fields=["ended_at", "seconds", "error"])
        log.record(events.RECORDING_ENDED, actor=SWITCH, interaction=row.call_id, recording=row.pk, seconds=row.seconds, error=row.error)
    return True


def recording_heard(user: Any, recording: Recording) -> None:
    """Somebody opens a recording: who heard what stays in the log."""
    with transaction.atomic():
        log.record(events.RECORDING_HEARD, actor=f"user:{user.pk}", interaction=recording.call_id, recording=recording.pk, user=user.pk)


def prompt_failed(interaction: int | None, error: str) -> None:
    with transaction.atomic():
        log.record(events.PROMPT_FAILED, actor=SWITCH, interaction=interaction, error=error[:400])


# ---- web callers ------------------------------------------------------------------------------------------------


def allow_web_call(address: str, *, language: str, name: str = "", page: str = "", now: datetime | None = None) -> str | None:
    """A token for one call, or None when this address, or everybody together, asked too often lately."""
    now = now or timezone.now()
    who = tokens.digest(address)
    with transaction.atomic():
        if WebCall.objects.filter(address=who, issued_at__gt=now - timedelta(minutes=10)).count() >= WEB_CALLS_AN_ADDRESS:
            return None
        if WebCall.objects.filter(issued_at__gt=now - timedelta(minutes=1)).count() >= WEB_CALLS_A_MINUTE:
            return None
        made = WebCall.objects.create(key=tokens.fresh_key(), address=who, issued_at=now)
        WebCall.objects.filter(issued_at__lt=now - timedelta(days=1)).delete()
        log.record(events.WEB_CALL_ALLOWED, actor="system", web_call=made.pk)
    return tokens.issue(made.key, language=language, name=name, page=page)


def _use_leave(key: str, now: datetime) -> bool:
    """Use up the leave to call. Only one of two who try at once has it."""
    return bool(WebCall.objects.filter(key=key, used_at=None, issued_at__gte=now - tokens.PLACE_WITHIN).update(used_at=now)) if key else False


# ---- the switch's place in the log --------------------------------------------------------------------------------


def _reader(node: str) -> str:
    return f"voice:{node}"


def cursor(node: str) -> str:
    """How far the switch of this node has read the log; "" when it never did."""
    return Subscriber.objects.filter(name=_reader(node)).values_list("cursor", flat=True).first() or ""


def keep_cursor(node: str, cursor: str) -> None:
    Subscriber.objects.update_or_create(name=_reader(node), defaults={"cursor": cursor, "read_at": timezone.now()})
