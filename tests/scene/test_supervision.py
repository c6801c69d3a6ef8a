"""Femke manages and takes no calls herself: from the live board she listens to Emma, whispers, joins and stops, in Chromium, by the keyboard, heard by frequency.

Every person says a tone of its own.
"""

from __future__ import annotations

from typing import Any

from cordboard.lib.testing.centre import Centre
from tests.scene.people import HEARD, IN_BROWSERS, Cast, Person, until

pytestmark = IN_BROWSERS

EMMAS, FEMKES, GUESTS, SANNES = 800.0, 1500.0, 620.0, 1100.0

LEVELS = (
    HEARD.replace("async () =>", "async (tones) =>", 1).replace("return 0;", "return tones.map(() => -200);", 1).split("  let best")[0]
    + """  const near = (hertz) => { const at = Math.round(hertz * analyser.fftSize / context.sampleRate); return Math.max(-200, ...bins.slice(at - 2, at + 3)); };
  const found = tones.map(near);
  await context.close();
  return found;
}"""
)
"""How loud each of these tones is in what the page plays, in dB."""


def hears(person: Person, *tones: float, but_not: tuple[float, ...] = ()) -> None:
    """All of these at once, and none of those."""
    seen: list[Any] = []

    def so() -> bool:
        levels = person.page.evaluate(LEVELS, [*tones, *but_not])
        seen.append([round(level) for level in levels])
        return all(level > -60 for level in levels[: len(tones)]) and all(level < -75 for level in levels[len(tones) :])

    try:
        until(so, 30)
    except AssertionError:
        raise AssertionError(f"not {tones} without {but_not} Hz: {seen[-5:]}") from None


def mode(person: Person, wanted: str) -> None:
    person.page.wait_for_selector(f"#listening [data-mode={wanted}][aria-pressed=true]")


def test_femke_listens_whispers_joins_and_stops(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    femke = cast.agent(demo_centre, "femke", FEMKES)
    femke.go("/board/")
    page = femke.page
    assert page.query_selector("#tools") is None, "she takes no calls"
    assert page.is_hidden("#listening")
    assert page.get_attribute("#phone-state", "data-standing") is None, "nobody asked her for the microphone"

    # The box of a colleague, by the keyboard alone.
    page.wait_for_selector("#board-agents .cb-state[data-state=talking] >> text=Emma Bakker")
    page.focus("#board-agents button:has-text('Emma Bakker')")
    femke.press("Enter").sees("#transfer", "Listen in", "Whisper", "Join the call")
    page.wait_for_selector("#transfer [data-key=listen] button:focus")
    femke.press("Enter")
    mode(femke, "listen")
    femke.press("Escape").sees("#listening", "Emma Bakker", "Nobody hears you")
    hears(femke, GUESTS, EMMAS)
    hears(emma, GUESTS, but_not=(FEMKES,))
    hears(guest, EMMAS, but_not=(FEMKES,))
    emma.sees_not("#comm", "Femke")

    # Coached: Emma hears her, the caller does not.
    page.click("#listening [data-mode=whisper]")
    mode(femke, "whisper")
    hears(emma, GUESTS, FEMKES)
    hears(guest, EMMAS, but_not=(FEMKES,))
    hears(femke, GUESTS, EMMAS)

    # A reload in the middle: the telephone comes back by itself.
    page.reload()
    mode(femke, "whisper")
    hears(femke, GUESTS, EMMAS)
    hears(guest, EMMAS, but_not=(FEMKES,))

    # Joined: all three talk, and Emma sees who is there.
    page.click("#listening [data-mode=barge]")
    mode(femke, "barge")
    hears(guest, EMMAS, FEMKES)
    hears(emma, GUESTS, FEMKES)
    emma.sees("#comm", "Femke")
    page.click("#tool-mute")
    hears(guest, EMMAS, but_not=(FEMKES,))

    page.click("[data-listen-stop]")
    page.wait_for_selector("#listening", state="hidden")
    until(lambda: page.evaluate(HEARD) == 0, what="silence for her")
    hears(emma, GUESTS, but_not=(FEMKES,))
    emma.phase("talking").press("F10").phase("wrapup").press("F12").phase("idle").not_ready()
    assert femke.complaints == []
    assert emma.complaints == []


def test_a_team_lead_listens_and_the_bar_goes_with_the_call(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    sanne = cast.agent(demo_centre, "sanne", SANNES).phone()
    sanne.go("/board/")
    sanne.phone()
    sanne.page.click("#board-agents button:has-text('Emma Bakker')")
    sanne.page.click("#transfer [data-key=listen] button")
    mode(sanne, "listen")
    sanne.press("Escape")
    hears(sanne, GUESTS, EMMAS)
    sanne.phase("supervising")
    guest.close()
    emma.phase("wrapup").press("F12").phase("idle").not_ready()
    sanne.page.wait_for_selector("#listening", state="hidden")
    sanne.phase("idle")
    assert sanne.complaints == []
