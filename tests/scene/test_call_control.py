"""Call control at the desk's own buttons and keys, heard: conference, swap, dialling out, somebody outside in a call, parking, a second call.

Every person says a tone of its own. The practice town answers numbers outside and lets whoever speaks hear themselves.
"""

from __future__ import annotations

from cordboard.lib.testing.centre import Centre
from tests.scene.people import HEARD, IN_BROWSERS, Cast, Person, until

pytestmark = IN_BROWSERS

EMMAS, JORISS, GUESTS, SECONDS = 800.0, 1200.0, 620.0, 1000.0
ANSWERS, IS_BUSY = "+31201234567", "+31201234586"
"""Numbers in the practice town, told apart by their last digits."""


def done(*people: Person) -> None:
    """Everybody is idle and not ready, for whoever comes next."""
    for person in people:
        person.phase("idle").not_ready()
        assert person.complaints == []


def hears_all(person: Person, *tones: float) -> None:
    """Each of these is among what the page plays; what is loudest changes from one moment to the next."""
    found: set[float] = set()

    def heard() -> bool:
        loudest = person.page.evaluate(PEAKS)
        found.update(tone for tone in tones if any(abs(peak - tone) < 15 for peak in loudest))
        return found == set(tones)

    until(heard, 30, f"{tones} Hz")


PEAKS = (
    HEARD.split("  let best")[0]
    + """  const peaks = [];
  for (let at = 2; at < bins.length - 2; at += 1)
    if (bins[at] > -60 && bins[at] >= bins[at - 1] && bins[at] >= bins[at + 1]) peaks.push(at * context.sampleRate / analyser.fftSize);
  await context.close();
  return peaks;
}"""
)


def choose(person: Person, words: str) -> None:
    """Of the directory, by typing and Enter."""
    person.page.wait_for_selector("#target-find")
    person.page.fill("#target-find", words)
    person.page.press("#target-find", "Enter")


def test_three_talk_from_the_buttons(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    joris = cast.agent(demo_centre, "joris", JORISS).phone()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)

    # Asked, with the customer on hold; swapped, and back.
    joris.ready()
    emma.press("F8")
    choose(emma, "joris")
    joris.phase("offered").press("F2").phase("consulted")
    emma.phase("consulting").hears(JORISS).sees("#comm", "Joris Visser", "on the line")
    emma.press("F4").phase("swapped").hears(GUESTS).sees("#work", "hears music. Swap, merge")
    guest.hears(EMMAS)
    emma.press("F4").phase("consulting").hears(JORISS)

    # Merged: everybody hears the two others.
    emma.press("F9").phase("conference")
    joris.phase("in_conference")
    hears_all(emma, GUESTS, JORISS)
    hears_all(joris, GUESTS, EMMAS)
    hears_all(guest, EMMAS, JORISS)
    emma.sees("#work", "In the conversation:", "Joris Visser")

    # The list of who is in it; she leaves, the customer stays with her colleague.
    emma.press("F9").sees("#members", "customer", "Joris Visser", "on the line").press("Escape")
    emma.press("F10").phase("wrapup")
    joris.phase("talking").hears(GUESTS)
    guest.hears(JORISS)
    emma.press("F12").phase("idle")
    joris.press("F10").phase("wrapup").press("F12").phase("idle")
    done(emma, joris)


def test_one_dials_and_calls_somebody_in(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).phone()
    emma.press("Shift+F2").page.wait_for_selector("#dial-number:focus")
    emma.page.keyboard.type(ANSWERS)
    emma.press("Enter").phase("talking").sees("#comm", "+31 20 123 4567")
    emma.hears(EMMAS, 40)  # the town answers, and lets her hear herself

    # To a number that is busy: the one called is back with her, and it is said.
    emma.press("F7")
    choose(emma, IS_BUSY)
    emma.sees("#work", "+31 20 123 4586 was busy.", "is with you.").phase("talking").hears(EMMAS)

    # What is said with card data is not recorded, and the screen says so.
    emma.press("Shift+F6").sees("#comm", "Go on").sees("#comm", "ecord")
    emma.press("Shift+F6").page.wait_for_selector("#comm .cb-rec-off", state="detached")
    emma.press("F10").phase("wrapup").press("F12").phase("idle")
    done(emma)


def test_parked_here_and_picked_up_there(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    joris = cast.agent(demo_centre, "joris", JORISS).phone()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    emma.press("Shift+F4").page.wait_for_selector("#transfer [name=note]:focus")
    emma.page.keyboard.type("wants a mechanic")
    emma.press("Enter").sees("#toasts", "The call is parked at 701.")
    until(lambda: emma.page.get_attribute("#tools", "data-phase") in ("idle", "wrapup"), what="an end of the talk")
    joris.press("Shift+F8").sees("#targets", "701", "wants a mechanic", "Emma Bakker").press("Enter")
    joris.phase("talking").hears(GUESTS)
    guest.hears(JORISS)
    joris.press("F10").phase("wrapup").press("F12").phase("idle")
    done(emma, joris)


def test_a_second_call_while_the_first_is_on_hold(cast: Cast, demo_centre: Centre) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).phone()
    emma.ready()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")
    emma.phase("offered", 60).press("F2").phase("talking").hears(GUESTS)
    first = emma.page.get_attribute("#tools", "data-interaction")

    # She dials while she talks, with room for one call: that one hears music. Two tabs, only the one that is talked in is heard.
    emma.press("Shift+F2").page.wait_for_selector("#dial-number:focus")
    emma.page.keyboard.type(ANSWERS)
    emma.press("Enter").phase("talking").hears(EMMAS, 40)
    second = emma.page.get_attribute("#tools", "data-interaction")
    assert second != first
    assert emma.page.locator("#itabs [data-interaction]").count() == 2

    # To and fro by the tabs: Resume puts the other one on hold.
    emma.page.click(f"#itab-{first}")
    emma.page.wait_for_selector(f"#tools[data-interaction='{first}'][data-phase=held]")
    emma.press("F4").phase("talking").hears(GUESTS)
    guest.hears(EMMAS)
    emma.page.click(f"#itab-{second}")
    emma.page.wait_for_selector(f"#tools[data-interaction='{second}'][data-phase=held]")
    emma.press("F4").phase("talking").hears(EMMAS, 30)
    until(lambda: abs(guest.page.evaluate(HEARD) - EMMAS) > 15, 20, "music")

    # Both end.
    emma.press("F10")
    until(lambda: emma.page.locator(f"#itab-{second} >> text=wrap-up").count(), what="the wrap-up of the second")
    emma.page.click(f"#itab-{first}")
    emma.page.wait_for_selector(f"#tools[data-interaction='{first}'][data-phase=held]")
    emma.press("F4").phase("talking").hears(GUESTS).press("F10")
    until(lambda: emma.page.locator("#itabs >> text=wrap-up").count() == 2, what="both wrap-ups")
    for _each in range(2):
        before = emma.page.locator("#itabs [data-interaction]").count()
        emma.press("F12")
        until(lambda before=before: emma.page.locator("#itabs [data-interaction]").count() < before, what="the end of a wrap-up")  # type: ignore[misc]
    done(emma)
