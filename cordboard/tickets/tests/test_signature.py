"""A signature and the seal over what was signed; sums as they stand on paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.tickets import order_states, signature
from cordboard.tickets.order_sums import Line, sums

points = st.tuples(st.integers(0, signature.WIDTH), st.integers(0, signature.HEIGHT))
drawings = st.lists(st.lists(points, min_size=1, max_size=20), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ([], "empty"), ([[]], "empty"), ([[[5, 5]]], "empty"), ([[[5, 5], [9, 9]]], "empty"), ("M0 0", "form"), (None, "form"), ([5], "form"), ([["ab"]], "form"),
        ([[[1, 2, 3]]], "form"), ([[[-1, 2]]], "form"), ([[[1, 401]]], "form"), ([[[1.5, 2]]], "form"), ([[[True, 2]]], "form"),
        ([[[1, 1]]] * 201, "long"), ([[[1, 1]] * 5001], "long"),
    ],
)  # fmt: skip
def test_what_is_no_signature_is_refused(sent: Any, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        signature.strokes(sent)


def test_it_is_drawn_as_it_was_drawn() -> None:
    drawn = signature.strokes([[[0, 0], [100, 50]], [[7, 7]], []])
    assert signature.path(drawn) == "M0 0 L100 50 M7 7 L7 7"
    assert 'd="M0 0 L100 50 M7 7 L7 7"' in signature.svg(drawn)


@given(drawings, st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4), st.text(max_size=8))
def test_the_seal_holds_for_exactly_this(drawn: list[list[tuple[int, int]]], content: dict[str, str], name: str) -> None:
    seal = signature.seal(content, drawn, name, "2026-11-22T10:00:00+00:00")
    kept = [[list(point) for point in line] for line in drawn]  # as JSON gives it back
    assert signature.seal(dict(reversed(content.items())), kept, name, "2026-11-22T10:00:00+00:00") == seal
    assert signature.seal({**content, "more than five": ""}, kept, name, "2026-11-22T10:00:00+00:00") != seal
    assert signature.seal(content, kept, f"{name}!", "2026-11-22T10:00:00+00:00") != seal
    assert signature.seal(content, [*kept, [[0, 0]]], name, "2026-11-22T10:00:00+00:00") != seal
    assert signature.changed(content, content) == []


lines = st.builds(Line, st.decimals("0.01", "99", places=2), st.decimals("0", "999", places=2), st.sampled_from(["", "warranty", "goodwill"]))


@given(st.lists(lines, max_size=10))
def test_what_is_covered_and_what_is_billed_make_the_total(given_lines: list[Line]) -> None:
    found = sums(given_lines)
    assert found.covered + found.billed == found.total == sum((line.amount for line in given_lines), Decimal(0))
    assert found.billed >= 0
    assert found.total.as_tuple().exponent == -2


def test_half_a_cent_goes_up() -> None:
    assert Line(Decimal("1.5"), Decimal("58.51")).amount == Decimal("87.77")


def test_every_state_leads_somewhere_and_a_signature_alone_confirms() -> None:
    known = set(order_states.AFTER)
    assert all(set(after) <= known for after in order_states.AFTER.values())
    assert all(order_states.CONFIRMED not in after for after in order_states.AFTER.values())
    assert all(order_states.AFTER.values())
