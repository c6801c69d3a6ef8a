"""A manager writes a rule, replays past days, publishes: the next call goes elsewhere, and the agent's screen says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import BY_SIPP, IN_BROWSERS, NOOR, Cast, Person, Sipp, until
from tests.voice.hands import Hands

pytestmark = [*IN_BROWSERS, *BY_SIPP]
CALLER = NOOR
"""Known to the centre, so its menu asks one thing only."""


@pytest.fixture
def policy_as_it_was(demo_hands: Hands) -> Iterator[None]:
    """Other scenes route by the policy of the demo."""
    yield
    demo_hands.do(
        "from cordboard.rules.models import Policy\n"
        "Policy.objects.filter(code='voice').exclude(version=1).delete()\n"
        "Policy.objects.filter(code='voice', version=1).update(state='published', retired_at=None)"
    )


@pytest.fixture
def femke(cast: Cast, demo_centre: Centre) -> Person:
    person = cast.person(demo_centre, 600).sign_in("femke")
    person.go("/policies/voice/")
    return person


def saved(person: Person) -> None:
    until(lambda: person.page.inner_text("#policy-saved") == "Saved", 30, "the draft to be saved")


@pytest.mark.usefixtures("policy_as_it_was")
def test_a_rule_is_written_replayed_and_published_and_the_next_call_follows_it(cast: Cast, demo_centre: Centre, femke: Person, tmp_path: Path) -> None:
    emma = cast.agent(demo_centre, "emma", 800).ready()
    page = femke.page
    page.click("button:has-text('Edit')")
    page.wait_for_selector(".cb-rule-open")
    page.click("#policy-foot >> text=Rule")
    form = page.locator(".cb-rule-edit")
    form.get_by_label("Name").fill("This number to orders")
    form.get_by_text("Add a condition").click()
    form.locator("[data-at='0:fact']").select_option(label="caller's number")
    form.locator("[data-at='0:value']").fill(CALLER)
    form.get_by_text("+ Action").click()
    form.locator("[data-at='0:do']").select_option(label="send it to a queue")
    form.locator("[data-at='0:queue']").select_option(label="Orders and delivery")
    saved(femke)
    until(lambda: "send it to Orders and delivery" in page.inner_text("#policy-rules li:nth-last-child(2)"), 20, "the sentence")
    form.get_by_label("Done").click()
    assert femke.serious() == []

    # By keys to the top: of several queues the first counts.
    rules = page.locator(".cb-rule-open")
    for _step in range(rules.count() - 1):
        page.keyboard.press("Alt+ArrowUp")
    saved(femke)
    assert "This number to orders" in page.inner_text("#policy-rules li:first-child")

    # Over two months of the demo; then what is new, in words.
    page.fill("#policy-replay input[name=from]", (datetime.now(UTC) - timedelta(days=60)).date().isoformat())
    page.click("#policy-replay >> text=Replay these days")
    page.wait_for_selector("#policy-replay .cb-verdict", timeout=120_000)
    assert "would go elsewhere" in page.inner_text("#policy-replay")
    assert "How sure is this" in page.inner_text("#policy-replay")
    assert femke.serious() == []
    page.click(".cb-policy-tabs >> text=Difference")
    page.wait_for_selector(".cb-pieces >> text=This number to orders")
    page.click(".cb-policy-tabs >> text=Rules")
    page.wait_for_selector(".cb-rule-open")

    page.click("text=Publish draft")
    page.click("#policy-publish >> button[type=submit]")
    page.wait_for_selector("text=is in force.")

    # The next call: its agent reads where it went and which rule sent it there.
    call = Sipp(demo_centre, tmp_path, from_=CALLER)
    try:
        emma.phase("offered", 90)
        emma.sees("#work", "Why this call came to you", "It goes to Orders and delivery", "This number to orders")
        number: Any = emma.page.get_attribute("#tools", "data-interaction")
        femke.go(f"/policies/why/{number}/")
        femke.sees("main", "This number to orders", f"caller's number is {CALLER}", "held")
        assert femke.serious() == []
        emma.press("F2")
        emma.phase("talking")
    finally:
        call.stop()
