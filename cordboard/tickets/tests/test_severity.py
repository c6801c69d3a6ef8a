"""How much a complaint weighs, which harm a text tells of, and who answers for a department."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.tickets.departments import Place, head_of
from cordboard.tickets.severity import BANDS, FLOOR, GRADES, HARMS, PARTS, Matter, Scheme, grade, weigh, worse
from cordboard.tickets.severity_words import harm_in

SCHEME = Scheme(
    weights={"reason": 20, "product": 10, "harm": 30, "value": 15, "repeat": 15, "wording": 10},
    reasons={"": 40, "product": 50, "product-safety": 100},
    families={"": 50, "washing-machine": 80},
    harms={"none": 0, "money": 40, "damage": 60, "injury": 90, "safety": 100},
    segments={"": 30, "gold": 100, "silver": 60},
    bands=(25, 50, 75),
    floors={"safety": 80, "injury": 75},
)


def test_each_part_is_shown_with_its_points():
    matter = Matter(
        reason="product-fault", group="product", family="washing-machine", harm="damage", harm_from="words", harm_word="flooded", segment="gold", complaints=1,
        contacts=1, mood=-0.8, language="en",
    )  # fmt: skip
    found = weigh(matter, SCHEME)
    # 20*50 + 10*80 + 30*60 + 15*100 + 15*66 + 10*90 = 6990 of 100
    assert (found.score, found.band) == (70, "high")
    assert [(part.name, part.weight, part.value) for part in found.parts] == [
        ("reason", 20, 50), ("product", 10, 80), ("harm", 30, 60), ("value", 15, 100), ("repeat", 15, 66), ("wording", 10, 90),
    ]  # fmt: skip
    assert sum(part.points for part in found.parts) == found.score
    assert found.parts[0].given == {"reason": "product-fault", "by": "product"}
    assert found.parts[2].given == {"harm": "damage", "from": "words", "word": "flooded"}


def test_a_danger_is_critical_however_little_else_there_is():
    found = weigh(Matter(harm="safety"), SCHEME)
    assert (found.score, found.band) == (80, "critical")
    floor = found.parts[-1]
    assert floor.name == FLOOR
    assert floor.points == 80 - sum(part.points for part in found.parts[:-1])


def test_without_any_weight_nothing_is_weighed():
    with pytest.raises(ValueError, match="weight"):
        weigh(Matter(), replace(SCHEME, weights=dict.fromkeys(PARTS, 0)))


percents = st.integers(0, 100)
schemes = st.builds(
    Scheme,
    weights=st.fixed_dictionaries({name: st.integers(0, 100) for name in PARTS}).filter(lambda weights: sum(weights.values()) > 0),
    reasons=st.fixed_dictionaries({"": percents, "a": percents}),
    families=st.fixed_dictionaries({"": percents, "b": percents}),
    harms=st.lists(percents, min_size=5, max_size=5).map(lambda values: dict(zip(HARMS, sorted(values), strict=True))),
    segments=st.fixed_dictionaries({"": percents, "gold": percents}),
    bands=st.tuples(percents, percents, percents),
    floors=st.lists(percents, min_size=5, max_size=5).map(lambda values: dict(zip(HARMS, sorted(values), strict=True))),
    repeat_full=st.integers(0, 10),
)
matters = st.builds(
    Matter, reason=st.sampled_from(("", "a", "z")), family=st.sampled_from(("", "b", "z")), harm=st.sampled_from(HARMS), segment=st.sampled_from(("", "gold", "z")),
    complaints=st.integers(0, 20), contacts=st.integers(0, 20), mood=st.none() | st.floats(-1, 1),
)  # fmt: skip


@given(matters, schemes)
def test_a_score_is_bounded_and_its_points_add_up(matter, scheme):
    found = weigh(matter, scheme)
    assert 0 <= found.score <= 100
    assert found.band in BANDS
    assert sum(part.points for part in found.parts) == found.score
    assert all(0 <= part.value <= 100 and part.points >= 0 for part in found.parts)


@given(matters, schemes, st.integers(0, 5), st.integers(0, 5))
def test_more_of_the_same_never_weighs_less(matter, scheme, more_complaints, more_contacts):
    more = replace(matter, complaints=matter.complaints + more_complaints, contacts=matter.contacts + more_contacts)
    assert weigh(more, scheme).score >= weigh(matter, scheme).score


@given(matters, schemes, st.sampled_from(HARMS))
def test_a_worse_harm_never_weighs_less(matter, scheme, harm):
    assert weigh(replace(matter, harm=worse(matter.harm, harm)), scheme).score >= weigh(matter, scheme).score


@given(matters, schemes, st.floats(-1, 1), st.floats(-1, 1))
def test_angrier_words_never_weigh_less(matter, scheme, one, other):
    low, high = sorted((one, other))
    assert weigh(replace(matter, mood=low), scheme).score >= weigh(replace(matter, mood=high), scheme).score


@given(st.sampled_from(("gold", "silver", "bronze", "new", "")))
def test_a_contract_never_lowers_the_business_grade(segment):
    assert GRADES.index(grade(segment, True)) <= GRADES.index(grade(segment, False))


def test_business_grades():
    assert [grade("gold", True), grade("gold", False), grade("silver", False), grade("new", True), grade("new", False)] == ["A", "B", "C", "C", "D"]


@pytest.mark.parametrize(
    ("language", "text", "harm"),
    [
        ("en", "There was smoke from the plug, and I have paid for this.", "safety"),
        ("nl", "Mijn keuken is overstroomd en alles is beschadigd", "damage"),
        ("ru", "Ребёнок получил ожог, мы были в больнице", "injury"),
        ("th", "เครื่องมีควันออกมา", "safety"),
        ("zh-hans", "我要退款，多收了我的钱", "money"),
        ("en", "The door squeaks.", "none"),
        ("fr", "Il y a de la fumée", "none"),
        ("en", "", "none"),
    ],
)
def test_words_that_tell_of_harm(language, text, harm):
    assert harm_in(text, language)[0] == harm


@given(st.text(max_size=300), st.sampled_from(("en", "nl", "ru", "th", "zh-hans", "xx")))
def test_any_text_is_read(text, language):
    harm, word = harm_in(text, language)
    assert harm in HARMS
    assert (harm == "none") == (word == "")


# -- the head of the department -----------------------------------------------------------------------------------------


def test_a_department_without_a_head_goes_up_the_tree():
    units = {1: Place(None, 11), 2: Place(1, None), 3: Place(2, 33, active=False), 4: Place(1, 44)}
    assert head_of(4, units).head == 44
    found = head_of(3, units)
    assert (found.head, found.unit, found.passed) == (11, 1, (3, 2))


def test_nobody_answers_when_the_tree_has_no_head_or_goes_in_a_circle():
    assert head_of(1, {1: Place(2, None), 2: Place(1, None)}).passed == (1, 2)
    assert head_of(None, {}).head is None


@given(st.dictionaries(st.integers(0, 8), st.builds(Place, st.none() | st.integers(0, 8), st.none() | st.integers(100, 108), st.booleans())), st.integers(0, 8))
def test_whatever_the_tree_it_ends(units, unit):
    found = head_of(unit, units)
    assert (found.head is None) == (found.unit is None)
    assert len(set(found.passed)) == len(found.passed)
