"""A call as the switch reports it: it came, it ends, an agent's leg is lost. Acts may be repeated without harm: the switch does them again when it is not
sure that they were done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from cordboard.channels.voice import actions_web, events
from cordboard.channels.voice.models import Call, CardEntry, Line, Recording
from cordboard.events import log
from cordboard.events.models import Subscriber
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction, Segment
from cordboard.lib.config import config
from cordboard.parties import normalise
from cordboard.parties import queries as parties
from cordboard.routing import actions as routing
from cordboard.routing import actions_callback
from cordboard.routing.actions_media import lose_agent
from cordboard.routing.models import Entry, Outgoing, Queue

SWITCH = "switch"
UNREACHED = {"no_codec": "unreachable", "media_lost": "failed", "normal": "no_answer"}
"""Causes of a leg that never was answered, in the words of what came of a call."""


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


def open_call(reference: str, *, ani: str, dnis: str, kind: str, claims: dict[str, str] | None = None, trunk: str = "", now: datetime | None = None) -> Opened | None:  # fmt: skip
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
                if kind == "browser" and not actions_web.use_leave(claims.get("web_call", ""), now):
                    _refused("token", kind)
                    return None
                row = interactions.open_interaction(channel=Interaction.Channel.VOICE, from_address=number, to_address=dnis, now=now)
                Call.objects.create(interaction=row, reference=reference, node=config().node, line=line, kind=kind, trunk=trunk[:40])
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
    candidates = len(candidates_of(row.pk)) if row.subject_id is None else 1
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


def candidates_of(interaction: int) -> list[int]:
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


def call_ending(interaction: int, *, cause: str, by: str, now: datetime | None = None) -> bool:
    """The customer is gone. `by`: caller, agent, flow, media, refused (who ended it), callback (the caller will be called back), dial (whom we called did not
    answer)."""
    ended = {"caller": "customer", "agent": "agent", "flow": "closed", "media": "failed", "refused": "failed"}.get(by, by)
    if by == "dial":
        ended = UNREACHED.get(str(cause), str(cause))
    left = routing.customer_left(interaction, ended, actor=SWITCH, now=now)
    if left and by == "media" and cause == "failed":  # our own fault: who was on the line is called back
        queue = Queue.objects.filter(lines__calls=interaction).first()
        actions_callback.after_failure(interaction, queue=queue, actor=SWITCH, now=now)
    return left


def call_ended(interaction: int, *, cause: str, by: str, now: datetime | None = None) -> bool:
    """Every leg is gone; whatever was not told before is told now. Returns whether it was news."""
    now = now or timezone.now()
    call_ending(interaction, cause=cause, by=by, now=now)
    with transaction.atomic():
        if not Call.objects.filter(interaction=interaction, ended_at=None).update(ended_at=now):
            return False
        CardEntry.objects.filter(call=interaction, ended_at=None).update(ended_at=now, state=CardEntry.State.STOPPED)
        Recording.objects.filter(call=interaction, ended_at=None, started_at__lt=now - timedelta(hours=12)).update(ended_at=now, error="lost")
        log.record(events.CALL_ENDED, actor=SWITCH, interaction=interaction, cause=cause, by=by)
    return True


def end_lost_calls(standing: set[str], *, now: datetime | None = None) -> list[int]:
    """Calls of this node of which no media process knows anything: their media went, and with it the call. Returns their interactions."""
    now = now or timezone.now()
    young = now - timedelta(seconds=15)
    lost = Call.objects.filter(node=config().node, ended_at=None, interaction__started_at__lt=young).exclude(interaction__outgoing__begun_at__gte=young)
    done = []
    for interaction, reference in list(lost.values_list("interaction_id", "reference")):
        if reference not in standing and call_ended(interaction, cause="failed", by="media", now=now):
            done.append(interaction)
    return done


# ---- agents' legs -----------------------------------------------------------------------------------------------


def agent_unreachable(interaction: int, segment: int, *, accepted: bool, now: datetime | None = None) -> bool:
    """The agent's softphone did not connect: the offer goes on to the next; an accepted contact goes back to the head of its queue. A customer whom the agent
    was about to call is not called."""
    with transaction.atomic():
        if not Interaction.objects.select_for_update().filter(pk=interaction).exists():
            return False
        if accepted and Outgoing.objects.filter(interaction=interaction, answered_at=None, asked_at__isnull=False).exists():
            return routing.customer_left(interaction, "no_media", actor=SWITCH, now=now)
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


# ---- the switch's place in the log --------------------------------------------------------------------------------


def _reader(node: str) -> str:
    return f"voice:{node}"


def cursor(node: str) -> str:
    """How far the switch of this node has read the log; "" when it never did."""
    return Subscriber.objects.filter(name=_reader(node)).values_list("cursor", flat=True).first() or ""


def keep_cursor(node: str, cursor: str) -> None:
    Subscriber.objects.update_or_create(name=_reader(node), defaults={"cursor": cursor, "read_at": timezone.now()})
