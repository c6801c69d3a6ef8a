"""Reading what the boxes of the live board show: one agent, one who waits, one queue, with what the reader may do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from cordboard.channels.voice.models import Emergency, Recording
from cordboard.channels.voice.permissions import LISTEN
from cordboard.channels.voice.queries_trunk import Standing, standings
from cordboard.desktop.cards import StateCard
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.telephone import state_words
from cordboard.interactions.models import Segment
from cordboard.org.languages import LANGUAGES, OWN_NAMES, html_lang
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing.models import AgentSkill, AgentState, Entry, NotReadyReason, Queue, QueueMember, Skill
from cordboard.routing.permissions import LISTEN_IN, WATCH
from cordboard.routing.scopes import may_manage, may_set

LIVE = (Segment.State.ACTIVE, Segment.State.HELD)
IDLE = (AgentState.State.READY, AgentState.State.NOT_READY, AgentState.State.OFFERED)


@dataclass(frozen=True, slots=True)
class OwnSkill:
    code: str
    name: str
    proficiency: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Agent:
    id: int
    name: str
    state: StateCard
    may_set: bool
    here: bool  # signed in
    ready: bool
    may_go: bool  # can be signed out at this moment
    reasons: tuple[tuple[str, str], ...]  # code, words
    queues: tuple[tuple[int, str, bool], ...]  # id, name, whether the agent serves it
    skills: tuple[OwnSkill, ...]
    more_skills: tuple[tuple[str, str], ...]  # code, name: those that the agent has not
    may_listen: bool
    call: int | None  # the interaction that the agent talks in
    mode: str  # how the reader listens in now, "" when not


@dataclass(frozen=True, slots=True)
class Waiting:
    entry: int
    name: str
    queue: str
    since: datetime
    priority: int
    waits: bool  # rings nowhere yet
    may_move: bool
    others: tuple[tuple[int, str], ...]  # queues it may be moved to


@dataclass(frozen=True, slots=True)
class OneQueue:
    id: int
    name: str
    open: bool
    may_manage: bool
    said: str  # the emergency announcement that is on, in English or else any language; "" when none is
    said_until: datetime | None
    languages: tuple[tuple[str, str, str], ...]  # code, its own name, HTML tag


def _allowed(check: Any, user: Any, number: int) -> bool:
    try:
        check(user, number)
    except PermissionDenied:
        return False
    return True


def agent(user: Any, number: int, language: str, now: datetime) -> Agent | None:
    """None: nobody of this number whom the reader may watch. Nine queries at most."""
    found = User.objects.filter(pk=number, is_active=True).first()
    scope = user_may(user, WATCH)
    if found is None or (scope != "all" and (user.unit_id is None or found.unit_id != user.unit_id)):
        return None
    row = AgentState.objects.select_related("reason").filter(agent=found).first()
    serves = set(QueueMember.objects.filter(agent=found).values_list("queue_id", flat=True))
    skills = [one for one in AgentSkill.objects.filter(agent=found).select_related("skill").order_by("skill__kind", "skill__code") if one.at(now) is not None]
    own = tuple(OwnSkill(one.skill.code, one.skill.name_in(language), one.at(now) or 0, one.until) for one in skills)
    has = {one.code for one in own}
    call = Segment.objects.filter(agent=found, state__in=LIVE, interaction__channel="voice").exclude(kind=Segment.Kind.SUPERVISE).order_by("-pk").first()
    listens = user_may(user, LISTEN_IN)
    may_listen = found.pk != user.pk and (listens == "all" or (listens == "unit" and user.unit_id is not None and found.unit_id == user.unit_id))
    mine = None
    if call is not None and may_listen:
        mine = Segment.objects.filter(interaction=call.interaction_id, agent=user, kind=Segment.Kind.SUPERVISE, state__in=LIVE).first()
    return Agent(
        id=found.pk,
        name=str(found),
        state=state_words(row, language, now),
        may_set=_allowed(may_set, user, found.pk),
        here=row is not None and row.state != AgentState.State.OFFLINE,
        ready=row is not None and row.state not in (AgentState.State.OFFLINE, AgentState.State.NOT_READY) and not row.pending,
        may_go=row is not None and row.state in IDLE,
        reasons=tuple((one.code, one.name_in(language)) for one in NotReadyReason.objects.filter(by_system=False)),
        queues=tuple((pk, name, pk in serves) for pk, name in Queue.objects.order_by("name").values_list("pk", "name")),
        skills=own,
        more_skills=tuple((one.code, one.name_in(language)) for one in Skill.objects.all() if one.code not in has),
        may_listen=may_listen,
        call=call.interaction_id if call is not None else None,
        mode=str(mine.mode) if mine is not None else "",
    )


def _watched(user: Any) -> Q:
    """Queues that the reader's board shows."""
    if user_may(user, WATCH) == "all":
        return Q()
    return Q(unit_id=user.unit_id, unit__isnull=False) | Q(members__agent__unit_id=user.unit_id, members__agent__unit__isnull=False)


def waiting(user: Any, entry: int) -> Waiting | None:
    """None: nobody who waits, or not in a queue that the reader may watch. Five queries."""
    row = Entry.objects.select_related("queue", "interaction__subject").filter(pk=entry, left_at=None).exclude(kind=Segment.Kind.CONSULT).first()
    if row is None or not Queue.objects.filter(_watched(user), pk=row.queue_id).exists():
        return None
    may_move = _allowed(may_manage, user, row.queue_id)
    queues = Queue.objects.filter(_watched(user), open=True).exclude(pk=row.queue_id).order_by("name").distinct() if may_move else Queue.objects.none()
    return Waiting(
        entry=row.pk,
        name=str(row.interaction.subject) if row.interaction.subject else say.telephone(row.interaction.from_address),
        queue=row.queue.name,
        since=row.waiting_since,
        priority=row.priority,
        waits=row.state == Entry.State.WAITING and row.only_id is None,
        may_move=may_move,
        others=tuple((one.pk, one.name) for one in queues),
    )


def queue(user: Any, number: int, now: datetime) -> OneQueue | None:
    """None: no queue that the reader may watch. Four queries."""
    row = Queue.objects.filter(_watched(user), pk=number).first()
    if row is None:
        return None
    on = Emergency.objects.filter(Q(until=None) | Q(until__gt=now), queue=row, ended_at=None).first()
    said = (on.texts.get("en") or next(iter(on.texts.values()), "")) if on is not None else ""
    languages = tuple((code, OWN_NAMES[code], html_lang(code)) for code in LANGUAGES)
    return OneQueue(row.pk, row.name, row.open, _allowed(may_manage, user, row.pk), said, on.until if on is not None else None, languages)


@dataclass(frozen=True, slots=True)
class Telephony:
    trunks: tuple[Standing, ...]
    failed: tuple[Recording, ...]
    may_hear: bool


def telephony(user: Any, since: datetime) -> Telephony:
    """Trunks in use, and the newest recordings that ended with a fault since `since`. Three queries."""
    failed = Recording.objects.filter(ended_at__gte=since).exclude(error="").select_related("call__interaction__agent").order_by("-pk")[:20]
    return Telephony(tuple(one for one in standings() if one.active), tuple(failed), user_may(user, LISTEN) is not None)
