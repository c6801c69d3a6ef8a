"""Figures in a real browser on the demo centre: by keys, into the standing shell, under the content security policy, and fit for screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.desktop.tests.test_browser import CHROMIUM, FLAGS, serious, sign_in
from cordboard.lib.testing.centre import Centre

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("demo centre"),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
]


@pytest.fixture
def femke(demo_centre: Centre) -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        yield sign_in(page, demo_centre, "femke")
        browser.close()


def test_femke_goes_from_a_queue_to_its_contacts_and_back(femke: Any, demo_centre: Centre) -> None:
    femke.click("[data-nav=figures]")
    femke.wait_for_selector("#figures-ask")
    femke.evaluate("document.getElementById('shell').dataset.same = 'yes'")
    first, last = femke.evaluate("[new Date(Date.now() - 60 * 864e5), new Date()].map(day => day.toISOString().slice(0, 10))")
    femke.fill("#fig-to", last)
    femke.fill("#fig-from", first)
    femke.wait_for_selector(f"#fig-from[value='{first}']")  # one right after the other: the last change has both
    femke.focus("#fig-rows")
    femke.keyboard.type("Queue")
    femke.wait_for_selector("#fig-rows option[value=queue][selected]", state="attached")
    femke.wait_for_selector("table.cb-fig-table tfoot")
    assert femke.evaluate("document.activeElement.id") == "fig-rows", "the keyboard stays where it was"
    answered = "table.cb-fig-table tbody tr:first-child td:nth-of-type(2) a"
    number = femke.inner_text(answered).strip()
    femke.focus(answered)
    femke.keyboard.press("Enter")
    femke.wait_for_selector(".cb-fig-contacts")
    assert femke.inner_text("h1") == f"Answered: {number}"
    assert femke.evaluate("document.getElementById('shell').dataset.same") == "yes", "the shell with its socket stood all the while"
    femke.click("text=Back to the figures")
    femke.wait_for_selector("#figures-ask")
    femke.click("[data-dialog=figures-meanings]")
    assert femke.locator("#figures-meanings").is_visible()
    femke.keyboard.press("Escape")
    with femke.expect_download() as got:
        femke.click("text=CSV for planning")
    assert got.value.suggested_filename.endswith(".csv")
    # htmx reports a request that a later change took the place of
    assert [one for one in femke.complaints if not one.startswith(("htmx:afterRequest", "htmx:sendAbort"))] == []
    assert serious(femke) == []
