"""The telephone buttons follow the call."""

from __future__ import annotations

import pytest

from cordboard.desktop.telephone import Phase, Situation, allowed, buttons, phase_of


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


# ---- which acts a call allows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "kind", "consult", "members", "phase"),
    [
        ("active", "offer", "held", 0, Phase.SWAPPED),
        ("held", "offer", "active", 0, Phase.CONSULTING),
        ("active", "transfer", "", 1, Phase.CONFERENCE),
        ("active", "conference", "", 0, Phase.IN_CONFERENCE),
        ("active", "supervise", "", 0, Phase.SUPERVISING),
    ],
)
def test_the_phase_with_more_than_two(state: str, kind: str, consult: str, members: int, phase: Phase) -> None:
    assert phase_of(segment_state=state, segment_kind=kind, consult_state=consult, members=members) is phase


def test_every_phase_of_a_call_has_a_way_out() -> None:
    out = {"reject", "hang-up", "back-out", "complete", "finish", "leave-conference", "stop-supervising"}
    for phase in Phase:
        for situation in (Situation(phase), Situation(phase, members=2, colleagues=1, asked=True), Situation(phase, transferring=True)):
            assert phase is Phase.IDLE or allowed(situation) & out, situation


def test_what_one_may_do_with_two_and_with_many() -> None:
    assert allowed(Situation(Phase.TALKING)) == {"hold", "hang-up", "transfer", "consult", "invite", "park"}
    assert "dial" in allowed(Situation(Phase.TALKING, may_dial=True))
    assert allowed(Situation(Phase.CONSULTING)) == {"complete", "back-out", "swap", "merge"}
    assert "invite" in allowed(Situation(Phase.CONFERENCE, members=5))
    assert "invite" not in allowed(Situation(Phase.CONFERENCE, members=6)), "the ninth"
    assert "transfer" not in allowed(Situation(Phase.CONFERENCE, members=1))
    assert allowed(Situation(Phase.IN_CONFERENCE)) == {"hang-up"}


@pytest.mark.parametrize("phase", list(Phase))
def test_what_is_allowed_has_an_address(phase: Phase) -> None:
    from cordboard.desktop.views import VERBS

    for situation in (Situation(phase), Situation(phase, members=1, colleagues=1), Situation(phase, asked=True)):
        assert allowed(situation) <= set(VERBS)
