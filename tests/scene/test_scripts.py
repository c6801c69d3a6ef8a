"""A manager draws a script with a branch and publishes it; an agent goes through it in a call; the answers stand in the history and in the report made from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import BY_SIPP, IN_BROWSERS, NOOR, Cast, Sipp, until
from tests.voice.hands import Hands

pytestmark = [*IN_BROWSERS, *BY_SIPP]


@pytest.fixture
def no_returns(demo_hands: Hands) -> Iterator[None]:
    """The script is new, and gone for other scenes."""
    gone = "from cordboard.flows.models import Run\nRun.objects.filter(flow__code='returns').delete(); Flow.objects.filter(code='returns').delete()"
    demo_hands.do(gone)
    yield
    demo_hands.do(gone)


def draw(page: Any, url: str) -> None:
    """Say, ask with two choices, a report, and a branch by the answer that leads to two ends."""
    page.goto(f"{url}/flows/")
    page.click("[data-dialog=flow-new]")
    page.fill("#flow-new-name", "Returns")
    page.fill("#flow-new-code", "returns")
    for surface in ("ivr", "script"):
        page.locator(f"#flow-new input[value={surface}]").set_checked(surface == "script")
    page.click("#flow-new button:has-text('Begin')")
    page.wait_for_selector(".cb-palette")
    form = page.locator(".cb-d-form")

    def add(words: str) -> None:
        """After the step that is chosen."""
        page.click(f".cb-palette-list button:has(span:text-is('{words}'))")
        form.locator(f"h2:has-text('{words}')").wait_for()

    add("Say")
    form.locator(".cb-d-text").first.fill("I am sorry, {customer.name}.")
    add("Ask")
    form.locator(".cb-d-text").first.fill("What is wrong with it?")
    form.get_by_text("Add a choice").click()
    for number, (value, words) in enumerate((("broken", "It is broken"), ("unwanted", "It is not wanted")), 1):
        form.get_by_label(f"Value of choice {number}").fill(value)
        form.get_by_label(f"Words of choice {number}").fill(words)
    form.get_by_label("Keep the answer in").select_option("+")
    page.keyboard.type("fault")
    page.keyboard.press("Enter")
    add("Create or change a document")
    form.get_by_label("Document", exact=True).select_option(label="a report of the contact")
    form.get_by_label("title", exact=True).last.fill("Return")
    form.get_by_label("text", exact=True).last.fill("The customer says: {fault}.")
    add("Decide")
    form.get_by_text("Add a condition").first.click()
    form.locator("[data-at='0:fact']").select_option(label="fault")
    form.locator("[data-at='0:value']").select_option("broken")
    form.get_by_label("Where condition 1 leads").select_option("+end")
    page.click(".react-flow__node[data-id=decide]")
    add("End")
    page.click(".react-flow__node[data-id=document]")
    form.get_by_label("failed", exact=True).select_option("decide")


def test_a_script_is_drawn_published_and_gone_through_in_a_call(cast: Cast, demo_centre: Centre, no_returns: None, tmp_path: Path) -> None:
    femke = cast.person(demo_centre, 600).sign_in("femke")
    page = femke.page
    page.set_default_timeout(60_000)
    draw(page, demo_centre.url)
    until(lambda: "to mend" not in page.inner_text("#designer-check"), 30, "a script without faults")
    until(lambda: "saved" in page.inner_text(".cb-designer .cb-bar [role=status]"), 30, "the draft")
    assert femke.serious() == []
    page.click("#designer-publish")
    page.click("dialog[open] button:text-is('Publish')")
    page.wait_for_selector("text=Version 1 is live")

    emma = cast.agent(demo_centre, "emma", 800).ready()
    call = Sipp(demo_centre, tmp_path, from_=NOOR)
    try:
        emma.phase("offered", 90)
        emma.press("F2").phase("talking")
        desk = emma.page
        # By keys alone: found by typing, begun, answered, gone back, answered otherwise, and on.
        desk.focus("#script-find")
        desk.keyboard.type("retur")
        desk.wait_for_selector("#script-found [data-code=returns]:only-child")  # not the list of all that stood there before
        desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        emma.sees("#script", "I am sorry, Noor de Vries.", "What is wrong with it?", "It is not wanted")
        assert emma.serious() == []
        desk.focus("#script button[value=unwanted]")
        desk.keyboard.press("Enter")
        emma.sees("#script", "The script is at its end.")
        desk.click("#script >> text=Back")
        desk.wait_for_selector("#script button[value=unwanted][aria-pressed=true]")
        desk.click("#script button[value=broken]")
        emma.sees("#script", "The script is at its end.")
        desk.click("#script >> text=Done")
        until(lambda: "at its end" not in desk.inner_text("#script"), 30, "the script to be put away")

        # In the history of the customer, and in the report.
        desk.click("#work [data-tab=history]")
        emma.sees("#work", "Script: Returns", "What is wrong with it?: It is broken")
        desk.click("#work a:text-is('Return')")
        emma.sees("#main", "The customer says: broken.", "Noor de Vries")
        assert emma.serious() == []
        assert emma.complaints == femke.complaints == []
    finally:
        call.stop()
