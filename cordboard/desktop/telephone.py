"""Which telephone buttons can be used: a pure function of the call's state.

Buttons keep their place; what cannot be done now is disabled, never hidden. Labels follow what a press does: Hold becomes Resume.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    MESSAGE = "message"  # a message that a caller left is heard; nobody is on the line
    IN_CONFERENCE = "in_conference"  # in a colleague's call with the customer
    SUPERVISING = "supervising"  # listening in
    WRAPUP = "wrapup"


Act = Literal["post", "mute", "keypad", "box", "wrapup", "menu", "none"]


@dataclass(frozen=True, slots=True)
class Button:
    """One telephone button, or one line of its menu. `act` says what a press does: "post" to `verb` of the call, or something in the page: "box" opens the
    box named `verb` (whom to transfer to, consult, invite; dial; parked calls; where one works).

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
    why_not: str = ""
    """Why it cannot be used: a rule forbids it."""

    @property
    def key_shown(self) -> str:
        return self.key.replace("+", " ")


_GUEST = {Phase.CONSULTED, Phase.IN_CONFERENCE, Phase.SUPERVISING}
"""In somebody else's call: one leaves, and the call goes on."""
_ASKING = {Phase.CONSULT_RINGING, Phase.CONSULTING, Phase.SWAPPED}
_HEARD = {Phase.TALKING, Phase.CONSULT_RINGING, Phase.CONSULTING, Phase.SWAPPED, Phase.CONSULTED, Phase.CONFERENCE, Phase.IN_CONFERENCE, Phase.SUPERVISING}
"""What one says is heard, so it can be muted."""
_KEYED = {Phase.TALKING, Phase.CONSULTING, Phase.SWAPPED, Phase.CONFERENCE}


def buttons(phase: Phase, now: Situation | None = None) -> tuple[Button, ...]:
    """The toolbar for a phase, always the same buttons in the same order. `now` tells more of it; a plain call when left out."""
    now = now or Situation(phase)
    can = allowed(now)
    held = phase is Phase.HELD or now.held
    asking = phase in _ASKING or now.asked
    together = phase is Phase.CONFERENCE
    leaves = phase in _GUEST or together
    offered, wrapup = phase is Phase.OFFERED or now.rings, phase is Phase.WRAPUP
    return (
        Button(
            "accept",
            _("Dial now") if now.calls else _("Hear it") if now.message else _("Accept"),
            "phone-outgoing" if now.calls else "microphone" if now.message else "phone",
            offered,
            "post",
            "F2",
            "accept",
            "go" if offered and phase is Phase.OFFERED else "",
        ),
        Button("reject", _("Give back") if now.calls or now.message else _("Reject"), "phone-x", offered, "post", "F3", "reject"),
        Button("hold", _("Swap"), "arrows-exchange", True, "post", "F4", "swap", pressed=False, gap=True)
        if "swap" in can
        else Button(
            "hold",
            _("Resume") if held else _("Hold"),
            "player-play" if held else "player-pause",
            bool({"hold", "resume"} & can),
            "post",
            "F4",
            "resume" if held else "hold",
            "on" if held else "",
            pressed=held,
            gap=True,
        ),
        Button("mute", _("Mute"), "microphone-off", phase in _HEARD and not held, "mute", "F6", pressed=False),
        Button("keypad", _("Keypad"), "dialpad", phase in _KEYED and not held, "keypad"),
        Button(
            "transfer",
            _("Hand over") if phase in _ASKING else _("Transfer"),
            "phone-outgoing",
            bool({"transfer", "complete"} & can),
            "post" if phase in _ASKING else "box",
            "F7",
            "complete" if phase in _ASKING else "transfer",
            "go" if phase in {Phase.CONSULTING, Phase.SWAPPED} else "",
            gap=True,
        ),
        Button(
            "consult",
            _("Back out") if asking else _("Consult"),
            "arrow-back-up" if asking else "user-question",
            bool({"consult", "back-out"} & can),
            "post" if asking else "box",
            "F8",
            "back-out" if asking else "consult",
            "on" if asking else "",
        ),
        Button(
            "conference",
            _("Merge") if phase in _ASKING else _("Conference"),
            "users-plus",
            bool({"invite", "merge"} & can) or together,
            "post" if phase in _ASKING else "box",
            "F9",
            "merge" if phase in _ASKING else "conference",
            "on" if together or phase is Phase.IN_CONFERENCE else "",
        ),
        Button("dial", _("Call back"), "phone-outgoing", "call-back" in can, "post", "Shift+F2", "call-back", "go" if "call-back" in can else "", gap=True)
        if phase is Phase.MESSAGE
        else Button("dial", _("Dial"), "phone-plus", now.may_call, "box", "Shift+F2", "dial", gap=True),
        Button(
            "hangup",
            _("Leave") if leaves else _("Settled") if phase is Phase.MESSAGE else _("Hang up"),
            "check" if phase is Phase.MESSAGE else "phone-off",
            bool({"hang-up", "leave-conference"} & can),
            "post",
            "F10",
            "leave-conference" if together else "hang-up",
            "stop" if {"hang-up", "leave-conference"} & can and phase is not Phase.MESSAGE else "",
        ),
        Button(
            "wrapup",
            _("Finish") if wrapup else _("Wrap up"),
            "clipboard-check",
            phase in {Phase.TALKING, Phase.HELD} or wrapup,
            "post" if wrapup else "wrapup",
            "F12",
            "finish" if wrapup else "",
            "go" if wrapup else "",
        ),
        Button("more", _("More"), "dots", True, "menu", "Shift+F12"),
    )


def more(phase: Phase, now: Situation | None = None) -> tuple[Button, ...]:
    """What stands in the menu behind the buttons, always the same lines in the same order."""
    now = now or Situation(phase)
    can = allowed(now)
    live = phase not in {Phase.IDLE, Phase.OFFERED, Phase.WRAPUP, Phase.SUPERVISING, Phase.MESSAGE}
    return (
        Button("park", _("Park"), "parking", "park" in can, "box", "Shift+F4", "park"),
        Button("pickup", _("Pick up a parked call"), "parking", True, "box", "Shift+F8", "parked"),
        Button("end", _("End for everybody"), "phone-off", "end-for-all" in can, "post", "", "end-for-all", "stop" if "end-for-all" in can else ""),
        Button(
            "private",
            _("Record again") if now.private else _("Pause recording"),
            "record",
            live,
            "post",
            "Shift+F6",
            "record-again" if now.private else "pause-recording",
            "on" if now.private else "",
            pressed=now.private,
            gap=True,
        ),
        Button(
            "card",
            _("Take the customer back") if now.keying else _("Have card data keyed"),
            "lock",
            bool({"card", "card-back"} & can),
            "post",
            "Shift+F7",
            "card-back" if now.keying else "card",
            "on" if now.keying else "",
            pressed=now.keying,
        ),
        Button(
            "record",
            _("Stop recording") if now.recorded else _("Record this call"),
            "record",
            live and now.may_record and not now.private,
            "post",
            "",
            "stop-recording" if now.recorded else "record",
        ),
        Button("device", _("Browser or desk telephone"), "device-landline-phone", True, "box", "", "devices", gap=True),
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
    held: bool = False
    """The customer of a conference hears music."""
    rings: bool = False
    """Another call rings here as well."""
    calls: bool = False
    """What rings is a callback: whoever takes it calls the customer."""
    message: bool = False
    """What rings is a message that a caller left: whoever takes it hears it."""
    may_call: bool = False
    """There is room for a call of one's own."""
    private: bool = False
    """Nothing is recorded just now, because card data is spoken."""
    recorded: bool = False
    may_record: bool = False
    keying: bool = False
    """The customer keys card data: nobody hears them until they are back."""


ACTS = {"transfer": "transfer", "consult": "consult", "conference": "conference", "park": "park"}
"""Buttons that open a box, and the acts behind them as rules name them when they forbid one. A number outside is asked for within the box."""


def without_forbidden(shown: tuple[Button, ...], forbidden: Mapping[str, str]) -> tuple[Button, ...]:
    """The buttons with those disabled whose act a rule forbids (act -> why); handing a consultation over is a transfer too."""
    made = []
    for button in shown:
        why = forbidden.get(ACTS.get(button.code, ""), "") if button.act == "box" or button.verb == "complete" else ""
        made.append(replace(button, enabled=False, why_not=why, kind="") if why else button)
    return tuple(made)


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
    elif phase is Phase.MESSAGE:
        verbs = {"hang-up", "call-back"} if now.may_dial else {"hang-up"}
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
    if now.keying:
        verbs.add("card-back")
    elif phase is Phase.TALKING or (phase is Phase.CONFERENCE and not now.held):
        verbs.add("card")
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
    if segment_kind == "message":
        return Phase.MESSAGE
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
