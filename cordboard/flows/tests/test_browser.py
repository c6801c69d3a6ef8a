"""The designer in a real browser on the demo centre: a menu gets a choice, a problem is seen and mended, it is tried, published; two managers meet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast, until

pytestmark = IN_BROWSERS

MATTER = ".react-flow__node[data-id=matter]"

COPY = """
from cordboard.flows import actions, queries
from cordboard.flows.models import Flow, FlowTest
Flow.objects.filter(code='menu-2').delete(); FlowTest.objects.filter(code='menu-2').delete()
actions.publish(actions.copy(queries.published('service-line').pk, 'menu-2', 'Second menu', None).pk, None)
"""


@pytest.fixture
def menu(demo_centre: Centre) -> Centre:
    """A copy of the demo's menu of its own, so that no other test finds it changed."""
    demo_centre.python(COPY)
    return demo_centre


def published(centre: Centre) -> dict[str, Any]:
    said = centre.python("import json\nfrom cordboard.flows import queries\nrow = queries.published('menu-2')\nprint(json.dumps([row.version, row.graph]))")
    version, graph = json.loads(said.strip().splitlines()[-1])
    return {"version": version, "graph": graph}


def design(page: Any, centre: Centre) -> None:
    page.goto(f"{centre.url}/flows/menu-2/")
    page.wait_for_selector(MATTER)


def kept(page: Any) -> None:
    until(lambda: "saved" in page.inner_text(".cb-designer .cb-bar [role=status]"), what="the draft")


def test_femke_adds_a_choice_mends_what_is_wrong_tries_and_publishes_it(cast: Cast, menu: Centre) -> None:
    femke = cast.agent(menu, "femke", 600)
    page = femke.page
    page.set_default_timeout(60_000)
    page.click("[popovertarget=nav-more]")
    page.click("[data-nav=flows]")
    page.click("text=Second menu")
    page.wait_for_selector(MATTER)
    page.keyboard.press("Control+f")
    page.keyboard.type("product does not")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{MATTER}:focus")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cb-d-text:focus")
    page.click("text=Add a choice")
    page.fill("[aria-label='Key of choice 4']", "0")
    page.fill("[aria-label='Value of choice 4']", "other")
    page.wait_for_selector(f"{MATTER} .cb-bad")
    page.click("#designer-check")
    page.click(".cb-d-problems button:has-text('way out to a person')")
    page.fill("[aria-label='Key of choice 4']", "4")
    page.select_option("[aria-label='Where choice 4 leads']", "+say")
    page.wait_for_selector(".react-flow__node[data-id=say].selected, .react-flow__node[data-id=say] .cb-node-on")
    page.wait_for_selector(".cb-d-text:focus")
    page.keyboard.type("You want something else.")
    page.wait_for_selector("#designer-check:has-text('to note')")
    kept(page)
    assert len(published(menu)["graph"]["steps"]["matter"]["choices"]) == 3, "a draft changes nothing for callers"
    page.click(".cb-d-tabs >> text=Try it")
    page.click(".cb-cond-chip:has-text('4: other')")
    page.wait_for_selector(".cb-chat >> text=You want something else.")
    page.wait_for_selector(".react-flow__node .cb-node-play-passed")
    page.fill("[aria-label='Name of the test']", "Something else")
    page.click("text=Keep as a test")
    page.wait_for_selector("text=1 of 1 test conversations pass")
    assert femke.serious() == []
    page.click("#designer-publish")
    page.click("dialog[open] button:text-is('Publish')")
    page.wait_for_selector("text=Version 2 is live")
    now = published(menu)
    assert now["version"] == 2
    assert now["graph"]["steps"]["matter"]["choices"][3] == {"key": "4", "value": "other", "next": "say"}
    assert now["graph"]["steps"]["say"]["next"] == now["graph"]["steps"]["matter"]["next"]
    page.click(".cb-d-versions button:has-text('Compare')")
    page.wait_for_selector(".cb-node-added >> text=added")
    assert page.locator(".cb-node-changed").count() == 1
    assert femke.complaints == []


def test_two_managers_change_one_draft_and_nothing_is_lost(cast: Cast, menu: Centre) -> None:
    femke, other = cast.agent(menu, "femke", 600), cast.agent(menu, "femke", 700)
    for person in (femke, other):
        person.page.set_default_timeout(60_000)
        design(person.page, menu)
        person.page.focus(MATTER)
        person.page.wait_for_selector(".cb-d-text")
    femke.page.fill(".cb-d-text", "Femke asks this.")
    kept(femke.page)
    other.page.fill(".cb-d-text", "The other asks that.")
    other.page.wait_for_selector("dialog[open] >> text=changed this draft too")
    assert "Different in both: 1" in other.page.inner_text("dialog[open]")
    other.page.click("text=Take theirs")
    assert other.page.input_value(".cb-d-text") == "Femke asks this."
    other.page.keyboard.press("Control+z")
    until(lambda: other.page.input_value(".cb-d-text") == "The other asks that.", what="one's own text")
    kept(other.page)
    femke.page.fill(".cb-d-text", "Femke asks again.")
    femke.page.wait_for_selector("dialog[open] >> text=changed this draft too")
    femke.page.click("text=Keep mine")
    kept(femke.page)
    said = menu.python("from cordboard.flows import queries\nprint(queries.flow('menu-2').graph['steps']['matter']['texts']['en'])")
    assert said.strip().splitlines()[-1] == "Femke asks again."
