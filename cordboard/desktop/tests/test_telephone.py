"""The telephone buttons follow the call."""

from __future__ import annotations

import pytest

from cordboard.desktop.telephone import Phase, Situation, allowed, buttons, more, phase_of


def usable(phase: Phase, now: Situation | None = None) -> set[str]:
    """Without the menu, which can always be opened."""
    return {button.code for button in buttons(phase, now) if button.enabled} - {"more"}


def offers(phase: Phase, now: Situation | None = None) -> set[str]:
    """What the menu offers, beside what it always does."""
    return {button.code for button in more(phase, now) if button.enabled} - {"pickup", "device"}


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
    assert usable(Phase.CONSULTING) == {"mute", "keypad", "hold", "transfer", "consult", "conference"}
    assert label(Phase.CONSULTING, "hold") == "Swap"
    assert label(Phase.CONSULTING, "conference") == "Merge"
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


def test_a_talk_can_grow_into_a_conference() -> None:
    assert usable(Phase.TALKING) == {"hold", "mute", "keypad", "transfer", "consult", "conference", "hangup", "wrapup"}
    assert usable(Phase.CONFERENCE) == {"hold", "mute", "keypad", "conference", "hangup"}
    assert label(Phase.CONFERENCE, "hangup") == "Leave"
    assert usable(Phase.CONFERENCE, Situation(Phase.CONFERENCE, members=1, held=True)) == {"hold", "conference", "hangup"}
    assert "end" in offers(Phase.CONFERENCE)
    assert "park" not in offers(Phase.CONFERENCE)


def test_who_is_asked_to_join_can_be_called_off_and_the_talk_ended() -> None:
    asked = Situation(Phase.TALKING, asked=True)
    assert usable(Phase.TALKING, asked) == {"hold", "mute", "keypad", "consult", "hangup", "wrapup"}
    assert next(button for button in buttons(Phase.TALKING, asked) if button.code == "consult").verb == "back-out"


def test_one_dials_where_there_is_room() -> None:
    assert usable(Phase.IDLE, Situation(Phase.IDLE, may_call=True)) == {"dial"}
    assert "dial" in usable(Phase.HELD, Situation(Phase.HELD, may_call=True))


def test_a_second_call_rings_beside_the_first() -> None:
    assert usable(Phase.HELD, Situation(Phase.HELD, rings=True)) >= {"accept", "reject", "hold", "hangup"}
    assert all(button.kind != "go" for button in buttons(Phase.HELD, Situation(Phase.HELD, rings=True)))


def test_recording_is_paused_by_anybody_in_the_call_and_begun_by_who_may() -> None:
    assert offers(Phase.TALKING) == {"park", "private", "card"}
    assert offers(Phase.TALKING, Situation(Phase.TALKING, may_record=True)) == {"park", "private", "card", "record"}
    paused = Situation(Phase.TALKING, may_record=True, private=True)
    assert "record" not in offers(Phase.TALKING, paused), "what is kept private is not recorded on demand"
    assert next(one for one in more(Phase.TALKING, paused) if one.code == "private").verb == "record-again"
    assert offers(Phase.IDLE) == offers(Phase.WRAPUP) == offers(Phase.OFFERED) == set()


def test_only_who_talks_to_their_customer_has_card_data_keyed() -> None:
    keying = Situation(Phase.TALKING, keying=True)
    assert {"card-back"} == {verb for verb in allowed(keying) if verb.startswith("card")}
    assert next(one for one in more(Phase.TALKING, keying) if one.code == "card").pressed
    assert "card" in allowed(Situation(Phase.CONFERENCE))
    assert "card" not in allowed(Situation(Phase.CONFERENCE, held=True))
    for phase in set(Phase) - {Phase.TALKING, Phase.CONFERENCE}:
        assert "card" not in allowed(Situation(phase))


@pytest.mark.parametrize("phase", list(Phase))
def test_every_key_is_given_once(phase: Phase) -> None:
    keys = [one.key for one in (*buttons(phase), *more(phase)) if one.key]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("phase", list(Phase))
def test_every_button_that_posts_has_an_address(phase: Phase) -> None:
    from cordboard.desktop.views import VERBS

    for now in (Situation(phase), Situation(phase, asked=True), Situation(phase, private=True, recorded=True)):
        assert {one.verb for one in (*buttons(phase, now), *more(phase, now)) if one.act == "post"} <= set(VERBS)


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
    assert allowed(Situation(Phase.TALKING)) == {"hold", "hang-up", "transfer", "consult", "invite", "park", "card"}
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
