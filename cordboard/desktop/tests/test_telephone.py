"""The telephone buttons follow the call."""

from __future__ import annotations

import pytest

from cordboard.desktop.telephone import Phase, buttons, phase_of


def usable(phase: Phase) -> set[str]:
    return {button.code for button in buttons(phase) if button.enabled}


def label(phase: Phase, code: str) -> str:
    return next(button.label for button in buttons(phase) if button.code == code)


@pytest.mark.parametrize("phase", list(Phase))
def test_buttons_keep_their_place(phase: Phase) -> None:
    order = [button.code for button in buttons(Phase.IDLE)]
    assert [button.code for button in buttons(phase)] == order
    assert [button.key for button in buttons(phase)] == [button.key for button in buttons(Phase.IDLE)]


@pytest.mark.parametrize("phase", list(Phase))
def test_at_most_one_button_is_solid_and_it_can_be_pressed(phase: Phase) -> None:
    solid = [button for button in buttons(phase) if button.kind == "go"]
    assert len(solid) <= 1
    assert all(button.enabled for button in solid)


def test_nothing_can_be_done_without_a_call() -> None:
    assert usable(Phase.IDLE) == set()


def test_a_ringing_call_is_accepted_or_rejected() -> None:
    assert usable(Phase.OFFERED) == {"accept", "reject"}


def test_hold_becomes_resume() -> None:
    assert label(Phase.TALKING, "hold") == "Hold"
    assert label(Phase.HELD, "hold") == "Resume"
    assert "mute" not in usable(Phase.HELD)


def test_a_consultation_is_completed_or_left_but_never_hung_up_by_mistake() -> None:
    assert usable(Phase.CONSULT_RINGING) == {"mute", "transfer", "consult"}
    assert usable(Phase.CONSULTING) == {"mute", "keypad", "transfer", "consult"}
    assert label(Phase.CONSULTING, "transfer") == "Hand over"
    assert label(Phase.CONSULTING, "consult") == "Back out"


def test_the_consulted_colleague_can_only_leave() -> None:
    assert usable(Phase.CONSULTED) == {"mute", "hangup"}


def test_wrap_up_finishes() -> None:
    assert usable(Phase.WRAPUP) == {"wrapup"}
    assert label(Phase.WRAPUP, "wrapup") == "Finish"


@pytest.mark.parametrize(
    ("state", "kind", "consult", "phase"),
    [
        ("", "", "", Phase.IDLE),
        ("ended", "offer", "", Phase.IDLE),
        ("offered", "offer", "", Phase.OFFERED),
        ("offered", "consult", "", Phase.OFFERED),
        ("active", "offer", "", Phase.TALKING),
        ("active", "transfer", "", Phase.TALKING),
        ("held", "offer", "", Phase.HELD),
        ("held", "offer", "offered", Phase.CONSULT_RINGING),
        ("held", "offer", "active", Phase.CONSULTING),
        ("active", "consult", "", Phase.CONSULTED),
        ("wrapup", "offer", "", Phase.WRAPUP),
    ],
)
def test_the_phase_comes_from_the_segments(state: str, kind: str, consult: str, phase: Phase) -> None:
    assert phase_of(segment_state=state, segment_kind=kind, consult_state=consult) is phase
