"""The scene of the mission, whole: a customer calls about a machine that does not work. By sipp and from a web page, answered in Chromium, with sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, SIPP, Cast, Sipp, channels, seconds_of, until
from tests.voice.hands import Hands

pytestmark = IN_BROWSERS

NOORS, EMMAS, JORISS, GUESTS = 440.0, 800.0, 1200.0, 620.0
"""Who says which tone, in Hz."""


@pytest.fixture
def noor_calls(demo_centre: Centre, tmp_path: Path) -> Iterator[Any]:
    """Call it, and Noor de Vries calls with sipp."""
    calls: list[Sipp] = []

    def call() -> Sipp:
        calls.append(Sipp(demo_centre, tmp_path, hertz=NOORS))
        return calls[-1]

    yield call
    for one in calls:
        one.stop()


@pytest.fixture
def noor_as_she_was(demo_hands: Hands) -> None:
    """She lives where she lived: what is put right in a call stays."""
    demo_hands.do(
        "from cordboard.parties import actions as parties\n"
        "parties.change(Party.objects.get(customer_number='44710938').pk, {'address.street': 'Keizersgracht 112'}, None)"
    )


RECORD = """
row = Interaction.objects.get(pk=interaction)
parts = Segment.objects.filter(interaction=row, agent__isnull=False).order_by("id")
{
    "state": row.state, "customer": str(row.subject) if row.subject else "",
    "agents": [[part.agent.username, part.kind, part.state] for part in parts],
    "outcome": row.outcome.code if row.outcome else "",
    "reasons": InteractionReason.objects.filter(interaction=row).count(),
    "recordings": [one.path for one in Recording.objects.filter(call__interaction=row).exclude(ended_at=None).order_by("id")],
    "open_recordings": Recording.objects.filter(call__interaction=row, ended_at=None).count(),
}
"""


@pytest.mark.sip
@pytest.mark.skipif(not SIPP, reason="sipp is not installed")
@pytest.mark.usefixtures("noor_as_she_was")
def test_noor_calls_about_her_washing_machine(cast: Cast, demo_centre: Centre, demo_hands: Hands, noor_calls: Any) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    joris = cast.agent(demo_centre, "joris", JORISS).phone()
    noor = noor_calls()

    # It rings: who, why, what to say first.
    emma.phase("offered", 90)
    interaction = emma.page.get_attribute("#tools", "data-interaction")
    emma.sees("#account", "Noor de Vries", "Gold", "Customer 4471 0938", "Keizersgracht 112, Amsterdam", "Joris Visser")
    emma.sees("#work", "Why this call came to you", "Washing machines", "W8 washing machine", "E18", "What the caller keyed", "A product does not work")
    emma.sees("#alerts", "E18")
    emma.sees("#greeting", "mevrouw de Vries", "u spreekt met Emma")
    emma.sees("#comm", "+31 20 555 0123", "100")

    # Taken by a key; each hears the other (what Noor hears stands in the recording).
    emma.press("F2").phase("talking").hears(NOORS)

    # The note finds the solution, which is marked as having helped.
    emma.press("Alt+n").page.keyboard.type("E18 since this morning, water stays in the drum")
    emma.page.wait_for_selector("#work .cb-solutions details[open] >> text=clean the drain filter")
    emma.page.click("#work .cb-solutions details[open] button:has-text('This helped')")
    emma.sees("#work .cb-solutions", "Helped, noted")

    # A ticket from the notes.
    emma.page.click("#pad [popovertarget=pad-into]")
    emma.page.click("#pad-into >> text=A new ticket")
    emma.page.wait_for_selector("#ticket-form")
    assert emma.page.input_value("#ticket-form [name=ticket-title]") == "E18 since this morning, water stays in the drum"
    emma.page.click("#ticket-form button[type=submit]")
    emma.page.wait_for_selector("#work .cb-doc h2 >> text=E18 since this morning")

    # Something about the customer is put right.
    emma.page.click("#work [data-tab=details]")
    emma.page.wait_for_selector("#details-form")
    emma.page.fill("#details-form [name=details-street]", "Prinsengracht 7")
    emma.page.click("#details-form button[type=submit]")
    emma.sees("#account", "Prinsengracht 7")

    # Her colleague is asked, while the customer hears music; he sees everything before he says a word.
    joris.ready()
    emma.press("F8").page.click("#targets >> text=Joris Visser")
    emma.phase("consult_ringing")
    joris.phase("offered")
    joris.sees("#account", "Noor de Vries")
    joris.press("F2").phase("consulted")
    emma.phase("consulting").hears(JORISS)
    joris.hears(EMMAS)
    joris.sees("#account", "Noor de Vries", "Prinsengracht 7")
    joris.sees("#panel-left", "Emma Bakker", "E18 since this morning, water stays in the drum", "Keizersgracht 112", "Prinsengracht 7")

    # Handed over: he talks to the customer, she wraps up with keys.
    emma.press("F7").phase("wrapup")
    joris.phase("talking").hears(NOORS)
    emma.sees("#work", "How did it end?")
    for key in ("1", "2"):
        emma.press(key)
        emma.page.wait_for_selector(f"#work [data-number='{key}'][aria-pressed=true]")
    emma.page.click("#work [role=radio] >> text=Ticket opened")
    emma.page.wait_for_selector("#work [role=radio][aria-checked=true] >> text=Ticket opened")
    emma.press("F12").phase("idle")

    # The end: the centre hangs up, sipp agrees.
    joris.press("F10").phase("wrapup")
    noor.ended()
    if joris.page.wait_for_selector("#work [data-number='1']").get_attribute("aria-pressed") != "true":  # Emma may have given it: again would take it back
        joris.press("1")
    joris.page.wait_for_selector("#work .cb-chip")
    joris.press("F12").phase("idle")

    # History: the contact stands with the customer, and with what it was.
    emma.go("/desk/")
    emma.sees("#work", "My last contacts", "Noor de Vries")
    customer = demo_hands.do("Interaction.objects.get(pk=pk).subject_id", pk=interaction)
    emma.go(f"/customers/{customer}/")
    emma.sees("#stage", "E18 since this morning, water stays in the drum", "Prinsengracht 7")

    said = until(lambda: (found := demo_hands.do(RECORD, interaction=interaction))["state"] == "ended" and not found["open_recordings"] and found, 30)
    assert said["customer"] == "Noor de Vries"
    assert {name for name, _kind, _state in said["agents"]} == {"emma", "joris"}
    assert {state for _name, _kind, state in said["agents"]} == {"ended"}
    assert said["outcome"] == "ticket"
    assert said["reasons"] >= 2

    # The recording has the customer on the left, agents on the right, and nothing of the customer while she heard music.
    left, right = (sum(counts) for counts in zip(*(heard(demo_centre, path) for path in said["recordings"]), strict=True))
    assert left[0] >= 5, left
    assert right[1] >= 3, right
    assert right[2] >= 1, right
    assert left[1] == left[2] == 0, left
    assert right[0] == 0, right
    assert emma.complaints == []
    assert joris.complaints == []


class Counts(tuple[int, ...]):
    """Seconds of each tone; adds by place."""

    def __add__(self, other: object) -> Counts:
        assert isinstance(other, tuple)
        return Counts(a + b for a, b in zip(self, other, strict=True))

    __radd__ = lambda self, other: self if other == 0 else self + other  # noqa: E731


def heard(centre: Centre, path: str) -> tuple[Counts, Counts]:
    """Seconds of Noor's, Emma's and Joris's tone, on the customer's side and on the agents'."""
    left, right = channels(centre.data / "files" / path)
    return tuple(Counts(seconds_of(side, tone) for tone in (NOORS, EMMAS, JORISS)) for side in (left, right))  # type: ignore[return-value]


def test_somebody_unknown_calls_from_the_web_page(cast: Cast, demo_centre: Centre, demo_hands: Hands) -> None:
    emma = cast.agent(demo_centre, "emma", EMMAS).ready()
    guest = cast.guest(demo_centre, GUESTS, "Alice Jansen")

    emma.phase("offered", 60)
    interaction = emma.page.get_attribute("#tools", "data-interaction")
    emma.sees("#account", "Not known yet", "Alice Jansen")
    emma.press("F2").phase("talking").hears(GUESTS)
    guest.hears(EMMAS)
    emma.press("Alt+n").page.keyboard.type("kettle leaks at the bottom")

    # The wrong one is confirmed, and taken off again: nothing of him stays on the screen, the note does.
    emma.page.fill("#account input[name=q]", "noor de vries")
    emma.page.press("#account input[name=q]", "Enter")
    emma.page.click("#work >> text=This is the customer")
    emma.sees("#account h1", "Noor de Vries")
    emma.page.click("#account >> text=Clear")
    emma.sees("#account", "Not known yet")
    emma.sees_not("#account", "Keizersgracht")
    assert emma.page.input_value("#pad-text") == "kettle leaks at the bottom"
    assert demo_hands.do(RECORD, interaction=interaction)["customer"] == ""

    # Created in seconds, and confirmed.
    emma.page.click("#account [data-tab=create]")
    emma.page.wait_for_selector("#customer-form")
    emma.page.fill("#customer-form [name$=name]", "Alice Jansen")
    emma.page.fill("#customer-form [name$=city]", "Utrecht")
    emma.page.click("#customer-form button[type=submit]")
    emma.sees("#account", "Alice Jansen", "Utrecht")

    # The caller hangs up; the contact is hers.
    guest.page.click("[data-part=hang-up]")
    emma.phase("wrapup")
    emma.page.wait_for_selector("#work [data-number='1']")
    emma.press("1")
    emma.page.wait_for_selector("#work .cb-chip")
    emma.press("F12").phase("idle")
    said = until(lambda: (found := demo_hands.do(RECORD, interaction=interaction))["state"] == "ended" and found, 20)
    assert said["customer"] == "Alice Jansen"
    assert emma.complaints == []
    assert guest.complaints == []
