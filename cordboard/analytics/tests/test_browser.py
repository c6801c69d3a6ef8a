"""Figures in a real browser on the demo centre: by keys, into the standing shell, under the content security policy, and fit for screen readers."""

from __future__ import annotations

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast

pytestmark = IN_BROWSERS


def test_femke_goes_from_a_queue_to_its_contacts_and_back(cast: Cast, demo_centre: Centre) -> None:
    femke = cast.agent(demo_centre, "femke", 600)
    femke.page.click("[data-nav=figures]")
    femke.page.wait_for_selector("#figures-ask")
    femke.page.evaluate("document.getElementById('shell').dataset.same = 'yes'")
    first, last = femke.page.evaluate("[new Date(Date.now() - 60 * 864e5), new Date()].map(day => day.toISOString().slice(0, 10))")
    femke.page.fill("#fig-to", last)
    femke.page.fill("#fig-from", first)
    femke.page.wait_for_selector(f"#fig-from[value='{first}']")  # one right after the other: the last change has both
    femke.page.focus("#fig-rows")
    femke.page.keyboard.press("q")  # the only one of Q: a second letter might come after the answer to the first, and choose by itself
    femke.page.wait_for_selector("#fig-rows option[value=queue][selected]", state="attached")
    femke.page.wait_for_selector("table.cb-fig-table tfoot")
    assert femke.page.evaluate("document.activeElement.id") == "fig-rows", "the keyboard stays where it was"
    answered = "table.cb-fig-table tbody tr:first-child td:nth-of-type(2) a"
    number = femke.page.inner_text(answered).strip()
    femke.page.focus(answered)
    femke.page.keyboard.press("Enter")
    femke.page.wait_for_selector(".cb-fig-contacts")
    assert femke.page.inner_text("h1") == f"Answered: {number}"
    assert femke.page.evaluate("document.getElementById('shell').dataset.same") == "yes", "the shell with its socket stood all the while"
    femke.page.click("text=Back to the figures")
    femke.page.wait_for_selector("#figures-ask")
    femke.page.click("[data-dialog=figures-meanings]")
    assert femke.page.locator("#figures-meanings").is_visible()
    femke.page.keyboard.press("Escape")
    with femke.page.expect_download() as got:
        femke.page.click("text=CSV for planning")
    assert got.value.suggested_filename.endswith(".csv")
    # htmx reports a request that a later change took the place of
    assert [one for one in femke.complaints if not one.startswith(("htmx:afterRequest", "htmx:sendAbort"))] == []
    assert femke.serious() == []
