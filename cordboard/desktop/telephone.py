"""Which telephone buttons can be used: a pure function of the call's state.

Buttons keep their place; what cannot be done now is disabled, never hidden. Labels follow what a press does: Hold becomes Resume.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from django.utils.translation import gettext as _


class Phase(StrEnum):
    """Where the agent's part of the call stands."""

    IDLE = "idle"
    OFFERED = "offered"  # it rings
    TALKING = "talking"
    HELD = "held"  # the customer hears music
    CONSULT_RINGING = "consult_ringing"  # a colleague is being rung, the customer hears music
    CONSULTING = "consulting"  # talking to the colleague, the customer hears music
    SWAPPED = "swapped"  # talking to the customer, the colleague hears music
    CONSULTED = "consulted"  # the other side of it: asked by a colleague
    CONFERENCE = "conference"  # one's own call, with others in it
    IN_CONFERENCE = "in_conference"  # in a colleague's call with the customer
    SUPERVISING = "supervising"  # listening in
    WRAPUP = "wrapup"


Act = Literal["post", "mute", "keypad", "transfer", "consult", "wrapup", "none"]


@dataclass(frozen=True, slots=True)
class Button:
    """One telephone button. `act` says what a press does: "post" to `verb` of the segment, or something in the page.

    `kind`: "go" (the one action that is due), "stop", "on" (is in force), or ""."""

    code: str
    label: str
    icon: str
    enabled: bool
    act: Act
    key: str = ""
    verb: str = ""
    kind: str = ""
    pressed: bool | None = None
    gap: bool = False


_BUSY = {
    Phase.TALKING,
    Phase.HELD,
    Phase.CONSULT_RINGING,
    Phase.CONSULTING,
    Phase.SWAPPED,
    Phase.CONSULTED,
    Phase.CONFERENCE,
    Phase.IN_CONFERENCE,
    Phase.SUPERVISING,
}
_GUEST = {Phase.CONSULTED, Phase.IN_CONFERENCE, Phase.SUPERVISING}
"""In somebody else's call: one leaves, and the call goes on."""


def buttons(phase: Phase) -> tuple[Button, ...]:
    """The toolbar for a phase, always the same buttons in the same order."""
    own = phase in {Phase.TALKING, Phase.HELD}
    held = phase is Phase.HELD
    consulting = phase in {Phase.CONSULT_RINGING, Phase.CONSULTING, Phase.SWAPPED}
    leaves = phase in _GUEST or phase is Phase.CONFERENCE
    offered = phase is Phase.OFFERED
    wrapup = phase is Phase.WRAPUP
    return (
        Button("accept", _("Accept"), "phone", offered, "post", "F2", "accept", "go" if offered else ""),
        Button("reject", _("Reject"), "phone-x", offered, "post", "F3", "reject"),
        Button(
            "hold",
            _("Resume") if held else _("Hold"),
            "player-play" if held else "player-pause",
            own,
            "post",
            "F4",
            "resume" if held else "hold",
            "on" if held else "",
            pressed=held,
            gap=True,
        ),
        Button("mute", _("Mute"), "microphone-off", phase in _BUSY and not held, "mute", "F6", pressed=False),
        Button("keypad", _("Keypad"), "dialpad", phase in {Phase.TALKING, Phase.CONSULTING, Phase.SWAPPED, Phase.CONFERENCE}, "keypad"),
        Button(
            "transfer",
            _("Hand over") if consulting else _("Transfer"),
            "phone-outgoing",
            own or consulting,
            "post" if consulting else "transfer",
            "F7",
            "complete" if consulting else "",
            "go" if phase in {Phase.CONSULTING, Phase.SWAPPED} else "",
            gap=True,
        ),
        Button(
            "consult",
            _("Back out") if consulting else _("Consult"),
            "arrow-back-up" if consulting else "user-question",
            own or consulting,
            "post" if consulting else "consult",
            "F8",
            "back-out" if consulting else "",
            "on" if consulting else "",
        ),
        Button(
            "hangup",
            _("Leave") if leaves else _("Hang up"),
            "phone-off",
            own or leaves,
            "post",
            "F10",
            "hang-up",
            "stop" if own or leaves else "",
            gap=True,
        ),
        Button(
            "wrapup",
            _("Finish") if wrapup else _("Wrap up"),
            "clipboard-check",
            own or wrapup,
            "post" if wrapup else "wrapup",
            "F12",
            "finish" if wrapup else "",
            "go" if wrapup else "",
        ),
    )


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides which acts a call allows. `members` are the others in a conference (colleagues, or somebody outside), `colleagues` those of them to whom the
    customer can be left; `asked`: somebody is being asked to join; `transferring`: a number is dialled that is to have the customer."""

    phase: Phase
    members: int = 0
    colleagues: int = 0
    asked: bool = False
    transferring: bool = False
    may_dial: bool = False


def allowed(now: Situation) -> frozenset[str]:
    """The acts that a call allows at this moment, as the verbs of the address `desk/<interaction>/<verb>/` (see `views_calls.VERBS`).

    What a press needs: `transfer`, `consult` and `invite` take ?agent=, ?queue=, ?position= or, where `dial` is among the acts, a posted `number`; `remove` takes
    ?segment= or ?outside=; `park` takes a posted `note`.
    """
    verbs: set[str] = set()
    phase = now.phase
    if phase is Phase.OFFERED:
        verbs = {"accept", "reject"}
    elif phase is Phase.WRAPUP:
        verbs = {"finish", "extend"}
    elif phase in (Phase.TALKING, Phase.HELD):
        verbs = {"hold" if phase is Phase.TALKING else "resume", "hang-up", "transfer", "consult", "invite", "park"}
        if now.asked:  # one at a time: it can be called off, and the talk ended
            verbs = {"hold" if phase is Phase.TALKING else "resume", "hang-up", "back-out"}
    elif phase is Phase.CONSULT_RINGING:
        verbs = {"back-out"} if now.transferring else {"complete", "back-out"}
    elif phase in (Phase.CONSULTING, Phase.SWAPPED):
        verbs = {"complete", "back-out", "swap", "merge"}
    elif phase is Phase.CONFERENCE:
        verbs = {"hold", "resume", "hang-up", "leave-conference", "end-for-all", "remove"}
        verbs |= {"back-out"} if now.asked else {"invite"}
        if 1 + 1 + now.members >= MOST:
            verbs.discard("invite")
    elif phase in _GUEST:
        verbs = {"hang-up"} if phase is not Phase.SUPERVISING else {"hang-up", "supervise", "stop-supervising"}
    if now.may_dial and verbs & {"transfer", "consult", "invite"}:
        verbs.add("dial")
    return frozenset(verbs)


MOST = 8
"""In one conversation, the customer among them (as routing has it)."""


def phase_of(*, segment_state: str, segment_kind: str, consult_state: str = "", members: int = 0) -> Phase:
    """The phase of an agent whose newest open segment has this state and kind ("" when there is none).

    `consult_state` is the state of the consultation that this agent began, with a colleague or somebody outside: "", "offered" (dialled, ringing), "active" or "held".
    `members` are the others in this agent's conference."""
    if not segment_state or segment_state == "ended":
        return Phase.IDLE
    if segment_state == "offered":
        return Phase.OFFERED
    if segment_state == "wrapup":
        return Phase.WRAPUP
    if segment_kind == "supervise":
        return Phase.SUPERVISING
    if segment_kind == "consult":
        return Phase.CONSULTED
    if segment_kind == "conference":
        return Phase.IN_CONFERENCE
    if consult_state == "offered":
        return Phase.CONSULT_RINGING
    if consult_state in ("active", "held"):
        return Phase.CONSULTING if segment_state == "held" else Phase.SWAPPED
    if members:
        return Phase.CONFERENCE
    return Phase.HELD if segment_state == "held" else Phase.TALKING
