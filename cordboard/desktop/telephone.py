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
    CONSULTED = "consulted"  # the other side of it: asked by a colleague
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


_BUSY = {Phase.TALKING, Phase.HELD, Phase.CONSULT_RINGING, Phase.CONSULTING, Phase.CONSULTED}


def buttons(phase: Phase) -> tuple[Button, ...]:
    """The toolbar for a phase, always the same buttons in the same order."""
    own = phase in {Phase.TALKING, Phase.HELD}
    held = phase is Phase.HELD
    consulting = phase in {Phase.CONSULT_RINGING, Phase.CONSULTING}
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
        Button("keypad", _("Keypad"), "dialpad", phase in {Phase.TALKING, Phase.CONSULTING}, "keypad"),
        Button(
            "transfer",
            _("Hand over") if consulting else _("Transfer"),
            "phone-outgoing",
            own or consulting,
            "post" if consulting else "transfer",
            "F7",
            "complete" if consulting else "",
            "go" if phase is Phase.CONSULTING else "",
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
            _("Leave") if phase is Phase.CONSULTED else _("Hang up"),
            "phone-off",
            own or phase is Phase.CONSULTED,
            "post",
            "F10",
            "hang-up",
            "stop" if own or phase is Phase.CONSULTED else "",
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


def phase_of(*, segment_state: str, segment_kind: str, consult_state: str = "") -> Phase:
    """The phase of an agent whose newest open segment has this state and kind ("" when there is none).

    `consult_state` is the state of the consultation that this agent began: "", "offered" or "active"."""
    if not segment_state or segment_state == "ended":
        return Phase.IDLE
    if segment_state == "offered":
        return Phase.OFFERED
    if segment_state == "wrapup":
        return Phase.WRAPUP
    if segment_kind == "consult":
        return Phase.CONSULTED
    if consult_state == "offered":
        return Phase.CONSULT_RINGING
    if consult_state == "active":
        return Phase.CONSULTING
    return Phase.HELD if segment_state == "held" else Phase.TALKING
