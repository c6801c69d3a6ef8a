from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordboard.knowledge.ranking import helped_share, rank, weights, with_success


def test_title_says_more_than_problem_and_problem_more_than_solution() -> None:
    assert weights({"title": ["e18"], "problem": ["e18", "water"], "solution": ["water", "pump"]}) == {"e18": 5.0, "water": 2.5, "pump": 0.5}


def test_the_rare_word_decides() -> None:
    postings = {"machine": {1: 1.0, 2: 1.0, 3: 1.0}, "smell": {2: 1.0}}
    ranked = rank({"machine": 1.0, "smell": 1.0}, postings, {1: 3.0, 2: 3.0, 3: 3.0}, 3, 3.0)
    assert [one.text for one in ranked] == [2, 1, 3]
    assert ranked[0].words == {"machine", "smell"}


def test_a_short_text_beats_a_long_one_with_the_same_word() -> None:
    ranked = rank({"water": 1.0}, {"water": {1: 1.0, 2: 1.0}}, {1: 100.0, 2: 5.0}, 10, 20.0)
    assert [one.text for one in ranked] == [2, 1]


def test_nothing_asked_or_nothing_there_gives_nothing() -> None:
    assert rank({}, {}, {}, 0, 0.0) == []
    assert rank({"water": 1.0}, {}, {}, 0, 0.0) == []


def test_one_of_one_is_less_sure_than_ninety_of_a_hundred() -> None:
    assert helped_share(1, 1) < helped_share(90, 100) < helped_share(900, 1000)
    assert helped_share(0, 0) == 0.5
    assert with_success(10.0, 0, 0) == 10.0


@given(st.integers(0, 500), st.integers(0, 500))
def test_success_moves_a_score_by_a_tenth_at_most(helped: int, not_helped: int) -> None:
    assert 9.0 <= with_success(10.0, helped, helped + not_helped) <= 11.0


@given(st.dictionaries(st.sampled_from("abcdef"), st.dictionaries(st.integers(1, 9), st.floats(0.1, 50), max_size=9), max_size=6))
def test_scores_are_positive_and_in_order(postings: dict[str, dict[int, float]]) -> None:
    lengths = {text: 10.0 for holders in postings.values() for text in holders}
    ranked = rank(dict.fromkeys(postings, 1.0), postings, lengths, 9, 10.0)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    assert all(one.score > 0 for one in ranked)
    assert {one.text for one in ranked} == set(lengths)
