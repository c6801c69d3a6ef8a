"""The desk in a real browser, on a whole centre with the demo data: layout, keys, sound, what a lost network and a second window do."""

from __future__ import annotations

import re

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import AREAS, HEARD, IN_BROWSERS, Cast, Person, until

pytestmark = IN_BROWSERS


@pytest.fixture
def emma(cast: Cast, demo_centre: Centre) -> Person:
    """Emma at her desk, not ready."""
    return cast.agent(demo_centre, "emma", 800).not_ready()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 768)])
def test_seven_areas_are_visible_without_scrolling(emma: Person, width: int, height: int) -> None:
    emma.page.set_viewport_size({"width": width, "height": height})
    for name, where in AREAS.items():
        box = emma.page.locator(where).bounding_box()
        assert box is not None, name
        assert box["width"] > 30, name
        assert box["height"] > 20, name
        assert box["x"] >= 0, name
        assert box["y"] >= 0, name
        assert box["x"] + box["width"] <= width, name
        assert box["y"] + box["height"] <= height, name
    assert emma.page.evaluate("[document.scrollingElement.scrollHeight, document.scrollingElement.scrollWidth]") == [height, width]


def test_all_by_keys(emma: Person) -> None:
    emma.press("?")
    assert emma.page.locator("#shortcuts").is_visible()
    emma.press("Escape")
    assert not emma.page.locator("#shortcuts").is_visible()
    emma.press("Control+k")
    emma.page.keyboard.type("noor de vries")
    emma.page.wait_for_selector("#palette-list >> text=Customer Noor de Vries")
    emma.press("Escape")
    assert not emma.page.locator("#palette").is_visible()
    emma.press("F11")
    emma.page.wait_for_selector("#mystate .cb-state[data-state=ready]")
    emma.press("F11")
    emma.page.wait_for_selector("#mystate .cb-state[data-state=notready]")
    emma.press("Alt+n")
    assert emma.page.evaluate("document.activeElement.id") == "pad-text"
    emma.page.keyboard.type("? 1 are letters here")
    assert not emma.page.locator("#shortcuts").is_visible()
    assert emma.page.input_value("#pad-text").endswith("? 1 are letters here")


def test_the_pad_survives_a_lost_network_and_a_reload(emma: Person) -> None:
    context = emma.page.context
    emma.page.click("#pad-text")
    emma.page.fill("#pad-text", "kept before")
    until(lambda: re.match("Kept [0-2]", emma.page.inner_text("#pad-kept")))
    context.set_offline(True)
    emma.page.fill("#pad-text", "typed without a network")
    until(lambda: "on this computer" in emma.page.inner_text("#pad-kept"))
    context.set_offline(False)
    until(lambda: emma.page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('cb-pad:')).length") == 0, 30, "the pad to be sent")
    emma.page.reload()
    assert emma.page.input_value("#pad-text") == "typed without a network"


def test_only_one_window_has_the_telephone(emma: Person, demo_centre: Centre) -> None:
    emma.phone()
    other = emma.page.context.new_page()
    other.goto(f"{demo_centre.url}/desk/")
    other.wait_for_selector("#shell-notices >> text=The telephone is in another window.")
    other.click("#shell-notices >> text=Take it here")
    until(lambda: other.get_attribute("#phone-state", "data-standing") == "ok")
    emma.page.wait_for_selector("#shell-notices >> text=The telephone is in another window.")
    other.close()
    emma.phone()


def test_a_refused_microphone_says_what_to_do(cast: Cast, demo_centre: Centre) -> None:
    tom = cast.unheard(demo_centre).sign_in("tom")
    notice = tom.page.wait_for_selector("#shell-notices .cb-notice[data-kind=error]")
    assert "microphone" in notice.inner_text().lower()
    assert "Check again" in notice.inner_text()


@pytest.mark.parametrize("path", ["/desk/", "/customers/", "/customers/new/", "/knowledge/", "/account/settings/", "/account/sessions/"])
def test_axe_finds_nothing_serious_for_agents(emma: Person, path: str) -> None:
    emma.go(path)
    assert emma.serious() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_public_and_for_managers(cast: Cast, demo_centre: Centre, theme: str) -> None:
    femke = cast.person(demo_centre, 600)
    femke.page.context.add_cookies([{"name": "cordboard_theme", "value": theme, "url": demo_centre.url}])
    for path in ("/account/login/", "/call"):
        femke.go(path)
        assert femke.serious() == [], path
    femke.sign_in("femke")
    femke.page.emulate_media(reduced_motion="reduce")  # colours do not fade: axe would measure one in between
    femke.page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
    assert femke.serious() == []


def test_a_call_from_a_web_page_from_ring_to_wrap_up(emma: Person, cast: Cast, demo_centre: Centre) -> None:
    emma.ready()
    guest = cast.guest(demo_centre, 1200, "Noor de Vries")
    emma.phase("offered", 60)
    assert "The caller gave the name Noor de Vries" in emma.page.inner_text("#account")
    assert "Why this call came to you" in emma.page.inner_text("#work")
    assert emma.serious() == []
    emma.press("F2")
    emma.phase("talking")
    emma.hears(1200)
    guest.hears(800)
    # who it is
    emma.page.fill("#account input[name=q]", "noor de vries")
    emma.page.press("#account input[name=q]", "Enter")
    emma.page.click("#work >> text=This is the customer")
    emma.page.wait_for_selector("#account h1 >> text=Noor de Vries")
    # notes lead to solutions, and into a ticket
    emma.page.click("#pad-text")
    emma.page.keyboard.type("E18, water stays in the drum")
    emma.page.wait_for_selector("#work .cb-solutions >> text=E18", timeout=15_000)
    assert emma.serious() == []
    emma.page.click("#pad [popovertarget=pad-into]")
    emma.page.click("#pad-into >> text=A new ticket")
    emma.page.wait_for_selector("#ticket-form")
    assert emma.page.input_value("#ticket-form input[name=ticket-title]") == "E18, water stays in the drum"
    emma.page.click("#ticket-form button[type=submit]")
    emma.page.wait_for_selector("#work .cb-doc h2 >> text=E18, water stays in the drum")
    # mute, hold
    emma.press("Escape")
    emma.press("F6")
    until(lambda: guest.page.evaluate(HEARD) == 0, 15, "silence")
    emma.press("F6")
    guest.hears(800)
    emma.press("F4")
    emma.phase("held")
    until(lambda: abs(guest.page.evaluate(HEARD) - 800) > 15, 15, "music")
    emma.press("F4")
    emma.phase("talking")
    guest.hears(800)
    # a reload in mid-call costs nothing
    emma.page.reload()
    emma.phone()
    emma.hears(1200, 25)
    guest.hears(800, 25)
    # the end
    emma.press("F10")
    emma.phase("wrapup")
    emma.page.wait_for_selector("#work >> text=How did it end?")
    until(lambda: guest.page.get_attribute("#call", "data-phase") == "ended")
    emma.press("1")
    emma.page.wait_for_selector("#work .cb-chip")
    emma.page.click("#work [role=radio] >> text=Ticket opened")
    emma.page.wait_for_selector("#work [role=radio][aria-checked=true]")
    assert emma.serious() == []
    emma.press("F12")
    emma.phase("idle")
    assert emma.complaints == []
    assert guest.complaints == []


def test_a_warm_transfer_with_everything(emma: Person, cast: Cast, demo_centre: Centre) -> None:
    anna = cast.agent(demo_centre, "anna", 1000).phone()
    emma.ready()
    guest = cast.guest(demo_centre, 1200)
    emma.phase("offered", 60)
    emma.page.click("#tool-accept")
    emma.phase("talking")
    guest.hears(800)
    # emma notes something for the record, then asks anna while the caller hears music
    emma.page.click("#pad-text")
    emma.page.keyboard.type("Wants a mechanic, no exchange")
    until(lambda: "Kept" in emma.page.inner_text("#pad-kept"))
    emma.page.click("#pad [popovertarget=pad-into]")
    emma.page.click("#pad-into >> text=The record of this contact")
    emma.page.wait_for_selector("#toasts >> text=Your notes are in the record.")
    anna.ready()
    emma.press("F8")
    emma.page.wait_for_selector("#transfer >> text=Anna Kowalczyk")
    emma.page.fill("#transfer input", "anna")
    emma.page.press("#transfer input", "Enter")
    emma.phase("consult_ringing")
    anna.page.wait_for_selector("#work >> text=Emma Bakker asks for your help.")
    anna.press("F2")
    emma.phase("consulting")
    assert "Wants a mechanic, no exchange" in anna.page.inner_text("#work")
    anna.hears(800)
    emma.hears(1000)
    until(lambda: abs(guest.page.evaluate(HEARD) - 800) > 15, 15, "music")
    # handed over
    emma.press("F7")
    anna.phase("talking")
    emma.phase("wrapup")
    anna.hears(1200)
    guest.hears(1000)
    emma.press("F12")
    emma.phase("idle")
    # the caller hangs up: anna wraps up
    guest.page.click("[data-part=hang-up]")
    anna.phase("wrapup")
    anna.press("F12")
    anna.phase("idle")
    assert [person.complaints for person in (emma, anna, guest)] == [[], [], []]
