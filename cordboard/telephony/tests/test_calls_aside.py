"""The customer taken aside to key a card number: who hears what meanwhile, and every way in which it ends."""

from __future__ import annotations

import pytest

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Phase
from cordboard.telephony.driver import Cause, Prompt
from cordboard.telephony.tests.story import Story

ALICE, BOB = 1, 2
CARD = h.Ask((Prompt("Key your card number."),), 19, secret=True, clear_key="*")


@pytest.fixture
def story() -> Story:
    """The customer talks with alice, and it is recorded."""
    made = Story.of_a_caller()
    made.then(h.Take(), driver.LegUp("c.in", "PCMU"), h.RecordCall("r1", "r.wav"), h.Queued())
    made.then(h.Offered(ALICE, "alice"), driver.LegUp("c.a1", "opus"), h.Accepted(ALICE))
    assert made.call.sound.bridge == ("c.in", "c.a1")
    return made


def asked(story: Story) -> list[object]:
    return story.then(h.Aside(ALICE), CARD)


def test_nobody_hears_the_customer_and_nothing_is_recorded(story: Story) -> None:
    out = asked(story)
    assert story.phase is Phase.ASIDE
    assert driver.Bridge("c", ()) in out
    assert not [one for one in out if isinstance(one, driver.Music) and one.on], "silence for alice, the question for the customer"
    record = next(one for one in out if isinstance(one, driver.Record))
    assert (record.paused, record.customer_silent, record.strict) == (True, True, True)
    assert out.index(driver.Bridge("c", ())) < out.index(next(one for one in out if isinstance(one, driver.Play))), "apart first, then the question"
    collect = next(one for one in out if isinstance(one, driver.CollectKeys))
    assert (collect.secret, collect.clear_key, collect.max_keys) == (True, "*", 19)


def test_what_was_keyed_is_told_once_and_remembered_nowhere(story: Story) -> None:
    asked(story)
    story.then(driver.KeyPressed("c.in", "4"))
    out = story.then(driver.KeysCollected("c.in", story.call.collection, "4111111111111111", "end_key", True))
    assert h.KeysEntered("4111111111111111", "end_key") in out
    story.then(driver.KeyPressed("c.in", "7"))
    assert "4111" not in story.call.memo()
    assert story.call.key == ""


def test_taken_back_in_the_middle(story: Story) -> None:
    asked(story)
    out = story.then(h.Aside(0))
    assert driver.Bridge("c", ("c.in", "c.a1")) in out
    assert story.phase is Phase.TALKING
    assert not story.call.collection or story.call.ending
    assert story.then(h.Aside(0)) == []


def test_others_in_the_conversation_talk_on_without_the_customer(story: Story) -> None:
    story.then(h.Held(ALICE), h.Offered(BOB, "bob", h.Kind.CONSULT), driver.LegUp("c.a2", "opus"), h.Accepted(BOB))
    story.then(h.Became(BOB, h.Kind.CONFERENCE), h.Resumed(ALICE))
    bob = story.call.agent(BOB)
    assert bob is not None
    assert set(story.call.sound.bridge or ()) == {"c.in", "c.a1", bob.leg}
    asked(story)
    assert set(story.call.sound.bridge or ()) == {"c.a1", bob.leg}


@pytest.mark.parametrize("how", [h.SegmentOver(ALICE), h.EndCall(Cause.NORMAL, "agent"), driver.LegEnded("c.in", Cause.NORMAL, True)])
def test_it_ends_with_the_agent_who_wished_for_it(story: Story, how: calls.Happening) -> None:
    asked(story)
    out = story.then(how)
    assert h.AsideOver("agent") in out
    assert not story.call.aside
    assert not story.call.collection or story.call.ending


def test_a_sound_that_does_not_as_it_is_told_ends_it(story: Story) -> None:
    asked(story)
    out = story.then(driver.CommandFailed(driver.Bridge("c", ()), "no"))
    assert h.AsideOver("sound") in out
    assert driver.StopPlay("c.in") in out
    assert not story.call.collection, "whatever is keyed now is for nobody"
    assert driver.Bridge("c", ("c.in", "c.a1")) in [*out, *story.wait(1.0)]


def test_only_who_has_the_customer_may_and_only_in_a_talk(story: Story) -> None:
    assert story.then(h.Aside(BOB)) == [h.AsideOver("not_now")]
    story.then(h.SegmentOver(ALICE))
    assert story.then(h.Aside(ALICE)) == [h.AsideOver("not_now")]


def test_a_new_switch_goes_on_with_it(story: Story) -> None:
    asked(story)
    story.call = calls.from_memo(story.call.memo())
    out = story.then(h.Adopted((("c.in", "up"), ("c.a1", "up"))))
    assert driver.Bridge("c", ()) in out
    assert story.phase is Phase.ASIDE
