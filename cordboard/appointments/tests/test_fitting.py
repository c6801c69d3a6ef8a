"""Which kind of visit is proposed: what was booked for matters like this one, else what is booked most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard.appointments.fitting import Matter, fitting, likeness

OFFERED = ["installation", "repair", "advice"]
FAULT, QUESTION = 7, 8
PAST = [
    ("installation", Matter("request", None, "dishwasher"), 30),
    ("repair", Matter("incident", FAULT, "washing-machine"), 8),
    ("repair", Matter("incident", FAULT, "dishwasher"), 2),
    ("advice", Matter("question", QUESTION), 4),
]


def test_a_fault_is_repaired_however_often_things_are_installed() -> None:
    assert fitting(OFFERED, Matter("incident", FAULT, "fridge"), PAST) == "repair"


def test_what_is_alike_in_nothing_gets_what_is_booked_most() -> None:
    assert fitting(OFFERED, Matter(), PAST) == "installation"
    assert fitting(OFFERED, Matter("praise", 99, "kettle"), PAST) == "installation"


def test_what_is_offered_no_more_is_not_proposed() -> None:
    assert fitting(["advice", "repair"], Matter(), PAST) == "repair"


def test_before_anything_was_booked_the_first_is_as_good_as_any() -> None:
    assert fitting(OFFERED, Matter("incident", FAULT), []) == "installation"
    assert fitting([], Matter(), PAST) == ""


MATTERS = st.builds(Matter, st.sampled_from(["", "incident", "request"]), st.sampled_from([None, FAULT, QUESTION]), st.sampled_from(["", "fridge"]))


@given(MATTERS, MATTERS)
def test_likeness_is_mutual_and_what_is_not_known_is_never_alike(one: Matter, other: Matter) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, Matter()) == 0


@given(MATTERS, st.lists(st.tuples(st.sampled_from([*OFFERED, "gone"]), MATTERS, st.integers(1, 50))))
def test_only_what_is_offered_is_proposed(matter: Matter, past: list[tuple[str, Matter, int]]) -> None:
    assert fitting(OFFERED, matter, past) in OFFERED
