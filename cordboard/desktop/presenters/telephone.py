"""Toolbar and communication information: the agent's state and call, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from cordboard.channels.voice.permissions import RECORD
from cordboard.desktop import queries
from cordboard.desktop.cards import Comm, Other, QueueLine, Rejection, StateCard, StateChoice, Telephone, ToolButton
from cordboard.desktop.presenters import say
from cordboard.desktop.telephone import Button, Phase, Situation, allowed, buttons, more, phase_of, without_forbidden
from cordboard.interactions import prohibitions
from cordboard.interactions.actions_segments import BESIDE
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.queries import Mine
from cordboard.lib.addresses import reverse
from cordboard.org.permissions import user_may
from cordboard.routing import dialling
from cordboard.routing.actions_state import LINES, is_over
from cordboard.routing.models import AgentState, NotReadyReason, Queue
from cordboard.routing.permissions import DIAL
from cordboard.routing.rejection import REJECTIONS

SIGNS = {"ready": "ready", "not_ready": "notready", "offered": "offered", "talking": "talking", "wrapup": "wrapup", "offline": "offline"}
URGENCY = ("active", "held", "offered", "wrapup")


def own_topics(user: Any, mine: list[Mine]) -> tuple[str, ...]:
    """What concerns an agent's work: the agent, and every contact open here (a colleague who is consulted accepts in a contact of ours)."""
    return (f"user:{user.pk}", *(f"interaction:{one.interaction.pk}" for one in mine))


def call_of(mine: list[Mine]) -> Mine | None:
    """The one that the telephone buttons act on: what is talked, before what rings, before what is being wrapped up."""
    return min(mine, key=lambda one: (URGENCY.index(one.segment.state), one.segment.pk), default=None)


def phase(one: Mine | None) -> Phase:
    if one is None:
        return Phase.IDLE
    return phase_of(
        segment_state=one.segment.state, segment_kind=one.segment.kind, consult_state=_consult_state(one), members=len(conference_of(one)) if _owns(one) else 0
    )


def _owns(one: Mine) -> bool:
    """Whether the customer is this agent's."""
    return one.segment.kind not in BESIDE


def _consult_state(one: Mine) -> str:
    """Of whom this agent asks while the customer waits. Who is only asked to join is no consultation."""
    if not _owns(one):
        return ""
    if one.consulted is not None and (one.consulted.state != "offered" or one.segment.state == "held"):
        return str(one.consulted.state)
    party = next((each for each in one.outside if each.purpose != "conference"), None)
    if party is None:
        return ""
    return "offered" if party.state in ("dialled", "ringing") else str(party.state)


def conference_of(one: Mine) -> list[Segment | OutsideParty]:
    """The others who talk with the customer."""
    found: list[Segment | OutsideParty] = [each for each in one.others if each.kind == "conference" and each.state in ("active", "held")]
    found.extend(each for each in one.outside if each.purpose == "conference" and each.state in ("active", "held"))
    return found


def situation(user: Any, one: Mine | None, state: AgentState | None = None, facts: queries.CallFacts | None = None, mine: Sequence[Mine] = ()) -> Situation:
    """What decides which acts are possible. No query beyond the user's rights."""
    may_dial = user_may(user, DIAL) is not None
    may_call = may_dial and _room(state, mine)
    if one is None:
        return Situation(Phase.IDLE, may_dial=may_dial, may_call=may_call)
    others = conference_of(one)
    at = phase(one)
    ringing = any(each.purpose == "conference" and each.state in ("dialled", "ringing") for each in one.outside)
    return Situation(
        at,
        members=len(others),
        colleagues=sum(isinstance(each, Segment) for each in others),
        asked=ringing or (one.consulted is not None and not _consult_state(one)),
        transferring=any(each.purpose == "transfer" for each in one.outside),
        may_dial=may_dial,
        held=at is Phase.CONFERENCE and one.segment.state == "held",
        rings=any(each is not one and each.segment.state == "offered" for each in mine),
        calls=any(each.segment.state == "offered" and each.segment.kind == "callback" for each in mine),
        message=any(each.segment.state == "offered" and each.segment.kind == "message" for each in mine),
        may_call=may_call,
        private=facts is not None and facts.private,
        recorded=facts is not None and facts.recording,
        keying=facts is not None and keying(one, facts),
        may_record=user_may(user, RECORD) is not None,
    )


def keying(one: Mine, facts: queries.CallFacts) -> bool:
    """Whether the customer was sent by this agent to key card data, and is not back."""
    return facts.card is not None and facts.card.asking and facts.card.segment == one.segment.pk


def _room(state: AgentState | None, mine: Sequence[Mine]) -> bool:
    """Whether one may begin a call (`actions_state.may_call_out`, from what is read already): a line is free, and nobody else is in the call that is put on hold."""
    if state is None or state.state in (AgentState.State.OFFLINE, AgentState.State.OFFERED):
        return False
    return len(mine) < LINES and all(
        phase(one) in (Phase.TALKING, Phase.HELD, Phase.WRAPUP) and not one.outside and one.consulted is None and not calling(one) for one in mine
    )


def calling(one: Mine) -> bool:
    """Whether we call and nobody has answered yet."""
    return one.interaction.direction == Interaction.Direction.OUTBOUND and one.interaction.answered_at is None and one.segment.state == "active"


PREVIEWED = ("callback", "message")
"""Kinds of what is offered that are looked at first: nobody is on the line."""


def preview_until(one: Mine, facts: queries.CallFacts) -> datetime | None:
    """When a callback that is offered is dialled by itself, as the policy of dialling says: never later than the offer lasts. None: when the agent says so. One query."""
    entry, preview = facts.entry, dialling.terms().preview
    if not preview or one.segment.kind != "callback" or entry is None or entry.offered_at is None or entry.offer_until is None:
        return None
    return min(entry.offered_at + timedelta(seconds=preview), entry.offer_until - timedelta(seconds=2))


def shown(mine: list[Mine], wanted: str) -> Mine | None:
    """The contact that the telephone buttons act on: the one that is looked at while it rings or is on the line, else the one of `call_of`."""
    looked_at = next((one for one in mine if str(one.interaction.pk) == wanted and one.segment.state != "wrapup"), None)
    return looked_at or call_of(mine)


def state_words(state: AgentState | None, language: str, now: datetime | None = None) -> StateCard:
    """How an agent's state is shown; with `now`, also whether its time is over."""
    if state is None:
        return StateCard("offline", _("Offline"))
    sign = SIGNS[state.state]
    words = str(state.get_state_display())
    if state.state == AgentState.State.NOT_READY and state.reason is not None:
        words = state.reason.name_in(language)
        sign = "break" if state.reason.is_break else "notready"
    return StateCard(sign, words, state.since, state.until if now is not None and is_over(state, now) else None)


def _time(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "H:i")


def _choices(state: AgentState | None, reasons: list[NotReadyReason], language: str) -> tuple[StateChoice, ...]:
    url = reverse("desktop:state")
    code = state.state if state else "offline"
    busy = code in {"offered", "talking", "wrapup"}
    own = state.reason.code if state and state.reason and code == "not_ready" else ""
    pending = (state.pending_reason.code if state.pending_reason else "-") if state and state.pending else ""
    found = [StateChoice(_("Ready"), "ready", url, json.dumps({"state": "ready"}), current=code == "ready" or (busy and not pending), key="F11")]
    for reason in reasons:
        name = reason.name_in(language)
        found.append(
            StateChoice(
                _("After this: %(reason)s") % {"reason": name} if busy else name,
                "break" if reason.is_break else "notready",
                url,
                json.dumps({"state": "not_ready", "reason": reason.code}),
                current=reason.code in (own, pending),
                pending=busy,
                note=ngettext("%(n)d min", "%(n)d min", reason.minutes) % {"n": reason.minutes} if reason.minutes else "",
            )
        )
    return tuple(found)


def _you(state: AgentState | None, card: StateCard, language: str) -> str:
    if state is not None and state.pending:
        if state.pending_reason is not None:
            return _("%(state)s, then %(reason)s") % {"state": card.words, "reason": state.pending_reason.name_in(language)}
        return _("%(state)s, then not ready") % {"state": card.words}
    if card.over_since is not None:
        return _("%(state)s, over since %(time)s") % {"state": card.words, "time": _time(card.over_since)}
    if state is not None and state.until is not None and state.state == AgentState.State.NOT_READY:
        return _("%(state)s until %(time)s") % {"state": card.words, "time": _time(state.until)}
    return card.words


def _out(state: AgentState | None, now: datetime) -> str:
    """That somebody else has signed the agent out, "" when nobody did."""
    if state is None or state.signed_out_at is None or state.state != AgentState.State.OFFLINE:
        return ""
    at = say.moment(state.signed_out_at, now)
    if timezone.localtime(state.signed_out_at).date() != timezone.localtime(now).date():
        at = f"{at} {_time(state.signed_out_at)}"
    if state.signed_out_by is None:
        return _("You were signed out at %(time)s.") % {"time": at}
    return _("%(name)s signed you out at %(time)s.") % {"name": state.signed_out_by, "time": at}


def _rejections(interaction: int) -> tuple[Rejection, ...]:
    url = reverse("desktop:act", args=[interaction, "reject"])
    return tuple(Rejection(str(one.choice), str(key), f"{url}?reason={code}") for key, (code, one) in enumerate(REJECTIONS.items(), 1))


BOXES = {"transfer": "?mode=transfer", "consult": "?mode=consult", "conference": "?mode=conference"}


def _tool(button: Button, number: int | None) -> ToolButton:
    """With the address that a press posts to, or that the box is fetched from."""
    if button.act == "box":
        call = f"interaction={number}" if number else ""
        if button.verb in BOXES:
            return ToolButton(button, f"{reverse('desktop:transfer')}{BOXES[button.verb]}&{call}")
        return ToolButton(button, f"{reverse(f'desktop:box_{button.verb}')}?{call}")
    return ToolButton(button, reverse("desktop:act", args=[number, button.verb]) if button.act == "post" and number else "")


def queue_line(one: queries.Waiting) -> QueueLine:
    words = ngettext("%(n)d waiting", "%(n)d waiting", one.count) % {"n": one.count} if one.count else _("nobody waits")
    return QueueLine(one.queue.pk, one.queue.name, words, one.longest_since)


def _beside(queues: list[queries.Waiting], queue: Queue | None) -> list[queries.Waiting]:
    """Of an agent in a call: the queue that it came through."""
    return [line for line in queues if queue is not None and line.queue.pk == queue.pk] or queues[:1]


OUTSIDE = {"dialled": later("dialled"), "ringing": later("ringing"), "active": later("on the line"), "held": later("on hold")}
COLLEAGUE = {"offered": later("ringing"), "active": later("on the line"), "held": later("on hold"), "wrapup": later("left")}


def others(one: Mine) -> tuple[Other, ...]:
    """Who else is in the call; a colleague's call names its owner too. Who has it may take somebody out of a conference."""
    own = _owns(one)
    base = reverse("desktop:act", args=[one.interaction.pk, "remove"])
    found = [
        Other(str(each.agent), str(COLLEAGUE[each.state]), remove_url=f"{base}?segment={each.pk}" if own and each.kind == "conference" else "")
        for each in one.others
        if each.state in ("offered", "active", "held")
    ]
    for each in one.outside:
        found.append(
            Other(
                say.telephone(each.number), str(OUTSIDE[each.state]), paid_by(each.caller_id, each.trunk),
                f"{base}?outside={each.pk}" if own and each.purpose == "conference" else "",
            )
        )  # fmt: skip
    return tuple(found)


def paid_by(caller_id: str, trunk: str) -> str:
    """Whose number is shown to the one who is called, and over which trunk it is billed to us."""
    number = say.telephone(caller_id) if caller_id else _("the trunk's own number")
    if trunk:
        return _("shows %(number)s, we pay, trunk %(trunk)s") % {"number": number, "trunk": trunk}
    return _("shows %(number)s, we pay") % {"number": number}


def comm(one: Mine, facts: queries.CallFacts, now: datetime) -> Comm:
    """What the switch knows of this call."""
    row, segment = one.interaction, one.segment
    offered = segment.state == "offered"
    outbound = row.direction == Interaction.Direction.OUTBOUND
    clock, since = _("Talk"), segment.accepted_at
    if offered:
        words = {"callback": _("To call"), "message": _("Message")}
        clock, since = words.get(segment.kind) or _("Ringing"), segment.offered_at
    elif segment.kind == "message" and segment.state != "wrapup":
        clock = _("Message")
    elif facts.card is not None and keying(one, facts):
        clock, since = _("Keys card data"), facts.card.asked_at
    elif segment.away_at is not None:
        clock, since = _("They hold you"), segment.away_at
    elif segment.state == "held":
        clock, since = _("On hold"), segment.held_at
    elif segment.state == "wrapup":
        clock, since = _("Wrap-up"), segment.ended_at
    elif calling(one):
        clock = _("Calling")
    waited = None
    if facts.entry is not None:
        waited = ((facts.entry.offered_at or now) - facts.entry.waiting_since).total_seconds()
    live = segment.state in ("active", "held") and segment.kind not in ("supervise", "message")
    asks = keying(one, facts)
    may_ask = asks or (segment.state == "active" and _owns(one) and segment.kind != "message" and not calling(one))
    return Comm(
        from_shown=say.telephone(row.from_address) if row.from_address or not outbound else _("the trunk's own number"),
        dialled=say.telephone(row.to_address) if row.to_address else "",
        number=row.to_address if outbound else row.from_address,
        dialled_name=facts.line.name if facts.line else "",
        clock_words=clock,
        clock_since=since,
        waited_seconds=waited,
        recording=facts.recording and segment.state == "active" and not facts.private,
        offer_until=facts.entry.offer_until if offered and facts.entry is not None and facts.entry.segment_id == segment.pk else None,
        why_url="" if offered or outbound else f"{reverse('desktop:desk')}?interaction={row.pk}&tab=why",
        outbound=outbound,
        private=(_("Recording paused") if facts.recording else _("Not recorded")) if facts.private and live else "",
        private_url=reverse("desktop:act", args=[row.pk, "record-again" if facts.private else "pause-recording"]) if live else "",
        card_url=reverse("desktop:act", args=[row.pk, "card-back" if asks else "card"]) if may_ask else "",
        keying=asks,
        others=others(one),
    )


def telephone(user: Any, mine: list[Mine], now: datetime, facts: Callable[[int], queries.CallFacts] = queries.call_facts, wanted: str = "") -> Telephone:
    """Three queries, three more with a call. `facts` gives what the switch knows of a contact, once a request (`frame.facts_of`); `wanted` is the contact that
    is looked at."""
    language = translation.get_language() or "en"
    state = queries.agent_state(user)
    one = shown(mine, wanted)
    at = phase(one)
    queues = queries.queues_of(user)
    call = facts(one.interaction.pk) if one is not None else None
    queue = call.queue if call is not None else None
    previews = at is Phase.OFFERED and one is not None and one.segment.kind in PREVIEWED
    auto = at is Phase.OFFERED and not previews and queue is not None and queue.auto_answer
    number = one.interaction.pk if one else None
    card = state_words(state, language, now)
    now_is = situation(user, one, state, call, mine)
    forbidden = prohibitions.standing(number) if number is not None and at not in (Phase.OFFERED, Phase.WRAPUP) else {}
    rings = next((each.interaction.pk for each in mine if each.segment.state == "offered"), None) if at is not Phase.OFFERED else number
    unseen = card.over_since if state is not None and state.over_seen_at is None else None
    return Telephone(
        phase=at,
        state=card,
        choices=_choices(state, queries.not_ready_reasons(), language),
        buttons=tuple(_tool(button, rings if button.code in ("accept", "reject") else number) for button in without_forbidden(buttons(at, now_is), forbidden)),
        more=tuple(_tool(button, number) for button in without_forbidden(more(at, now_is), forbidden)),
        you=_you(state, card, language),
        # what a colleague does with the call (takes a consultation, leaves it) is told on the contact
        topics=own_topics(user, mine),
        # Beside a call there is room for one queue: the one it came through, else the first.
        queues=tuple(queue_line(line) for line in (queues if one is None else _beside(queues, queue))),
        comm=comm(one, call, now) if one is not None and call is not None else None,
        segment=one.segment.pk if one else None,
        interaction=number,
        allowed=allowed(now_is),
        auto_answer=auto,
        dial_at=preview_until(one, call) if previews and one is not None and call is not None else None,
        over_words=_("Your time for %(state)s ended at %(time)s.") % {"state": card.words, "time": _time(unseen)} if unseen else "",
        seen_url=reverse("desktop:state_seen") if unseen else "",
        out_words=_out(state, now),
        back_url=reverse("desktop:state") if state is not None and state.signed_out_at is not None else "",
        rejections=_rejections(rings) if rings else (),
    )
