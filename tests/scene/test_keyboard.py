"""A ticket from the list to resolved, and to the next one, in Chromium, without a mouse."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast, Person, until
from tests.voice.hands import Hands

pytestmark = IN_BROWSERS

OPEN = """
from cordboard.tickets import actions as tickets
joris = User.objects.get(username="joris")
[tickets.open_ticket(joris, title=title, text="It flickers.", kind="question").number for title in titles]
"""
STANDS = """
from cordboard.tickets.models import Ticket
row = Ticket.objects.get(number=number)
[str(row.owner), row.state, row.priority, sorted(row.tags.values_list("word", flat=True)), [one.text for one in row.checks.all()]]
"""


def focus(person: Person, id: str) -> None:
    """The focus is there, or comes."""
    until(lambda: person.page.evaluate("document.activeElement.id") == id, 30, f"the focus on {id}")


@pytest.mark.timeout(600)
def test_alice_works_a_ticket_and_goes_to_the_next_without_a_mouse(cast: Cast, demo_centre: Centre, demo_hands: Hands) -> None:
    word = f"lamp{uuid4().int % 10**9}"  # the list has these two alone, also when the story is told again
    second, first = demo_hands.do(OPEN, titles=[f"{word} two", f"{word} one"])
    alice = cast.agent(demo_centre, "emma", 0)
    alice.go(f"/tickets/?q={word}")
    alice.page.wait_for_selector("#ticket-list tr[data-ticket] >> nth=1")

    # From the list into the first ticket; what is typed in a field is no key.
    alice.press("/")
    focus(alice, "ticket-search")
    alice.press("Shift+Tab")
    alice.press("j")
    until(lambda: alice.page.evaluate("document.activeElement.pathname") == f"/tickets/{first}/", 30, "the first row")
    alice.press("Enter")
    alice.page.wait_for_selector("[data-trail-nav]:not([hidden])")
    alice.sees("[data-trail-said]", "1 / 2")

    alice.press("t").sees("#ticket-head", "owner Emma Bakker")
    until(lambda: alice.page.text_content("#said") == "It is yours.", 30, "what the act did")
    assert alice.page.evaluate("document.activeElement !== document.body")  # the button has gone, the focus has not

    alice.press("#")
    focus(alice, "ticket-tag-add")
    alice.page.keyboard.type("dimmer")
    alice.press("Enter").sees("#ticket-side .cb-tags", "dimmer").press("Escape")
    alice.press("i")
    focus(alice, "ticket-check-text")
    alice.page.keyboard.type("send a new one")
    alice.press("Enter").sees("#ticket-side .cb-checks", "send a new one").press("Escape")

    alice.press("p")
    focus(alice, "id_priority")
    alice.press("2", "Control+Enter").sees("#ticket-priority", "2")
    focus(alice, "ticket-change")

    alice.press("n")
    focus(alice, "ticket-text")
    alice.page.keyboard.type("The dimmer is to blame, said Joris")
    alice.press("Control+Enter").sees("#ticket-thread", "said Joris").press("Escape")

    # The palette has the acts of this ticket, by any word for them.
    alice.press("Control+k").page.wait_for_selector("#palette[open]")
    alice.page.keyboard.type("snooze")
    alice.sees("#palette-list", "State: Waiting for the customer")
    assert alice.serious() == []
    alice.press("Escape").page.wait_for_selector("#palette", state="hidden")
    alice.press("s").page.wait_for_selector("#palette[open]")
    alice.page.keyboard.type("wait")
    alice.press("Enter").sees("#ticket-state", "Waiting for the customer")
    focus(alice, "ticket-acts")
    alice.press("d").sees("#ticket-state", "Resolved")
    focus(alice, "ticket-acts")
    assert demo_hands.do(STANDS, number=first) == ["Emma Bakker", "resolved", 2, ["dimmer"], ["send a new one"]]

    # On to the next, where a form can be left again, and back to its row.
    alice.press("j").sees("#ticket-name", str(second))
    alice.page.wait_for_selector("[data-trail-nav]:not([hidden])")
    alice.sees("[data-trail-said]", "2 / 2").press("m")
    until(lambda: alice.page.evaluate("document.activeElement.name") == "number", 30, "the number to merge into")
    alice.press("Escape", "u")
    until(lambda: alice.page.evaluate("document.activeElement.pathname") == f"/tickets/{second}/", 30, "the row that was opened")
    assert [said for said in alice.complaints if "Content" in said] == []
