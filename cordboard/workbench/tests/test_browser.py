"""The workbench in a real browser on the demo centre: a table like a spreadsheet, a CSV file, order by dragging and by keys, dates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from tests.scene.people import IN_BROWSERS, Cast, Person, until

pytestmark = IN_BROWSERS

SHEET = """
from cordboard.rules import actions
from cordboard.rules.models import Policy
Policy.objects.filter(code='sheet').delete()
inputs, outputs = [{'fact': 'party.value_segment', 'op': 'is'}], [{'do': 'queue', 'field': 'queue'}, {'do': 'priority', 'field': 'priority'}]
rows = [{'when': ['gold'], 'do': ['service', 2]}, {'when': ['silver'], 'do': ['orders', 4]}, {'when': [None], 'do': ['orders', None]}]
rules = [
    {'id': 'table', 'name': 'By segment', 'table': {'inputs': inputs, 'outputs': outputs, 'rows': rows}},
    {'id': 'calls', 'name': 'Calls', 'when': {'fact': 'interaction.channel', 'op': 'is', 'value': 'voice'}, 'actions': [{'do': 'priority', 'priority': 3}]},
    {'id': 'rest', 'name': 'Everyone', 'actions': [{'do': 'priority', 'priority': 5}]},
]
actions.create_policy('routing', 'sheet', 'Sheet', None, body={'schema': 1, 'mode': 'first', 'rules': rules})
"""
GONE = "from cordboard.rules.models import Policy\nPolicy.objects.filter(code='sheet').delete()"
WRITER = """
from cordboard.org.models import Role, User
role, _ = Role.objects.get_or_create(code='sheet-writer', defaults={'name': 'Sheet writer'})
role.permissions = {'rules.view': 'all', 'rules.edit': 'all', 'rules.publish': 'all'}
role.save()
User.objects.get(email='pieter@lampketel.example').roles.add(role)
"""
"""Writes policies and puts in force what somebody else has approved."""
CSV = "Value segment;Queue;Priority;Colour\nGold;Service;1;red\nplatinum;Service;2;\nSilver;Nowhere;3;\nNew;Orders and delivery;4;\n"
PASTE = """text => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""
CELLS = "rows => rows.map(row => [...row.querySelectorAll('input[data-cell]')].map(one => one.value))"


@pytest.fixture
def sheet(demo_centre: Centre) -> Iterator[Centre]:
    demo_centre.python(SHEET)
    yield demo_centre
    demo_centre.python(GONE)


def draft(centre: Centre) -> dict[str, Any]:
    said = centre.python(
        "import json\nfrom cordboard.rules.models import Policy\nprint(json.dumps(Policy.objects.filter(code='sheet').latest('version').body))"
    )
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def editing(cast: Cast, centre: Centre, name: str = "femke") -> Person:
    person = cast.person(centre, 600).sign_in(name).speak("en")
    person.page.set_default_timeout(60_000)
    person.go("/policies/sheet/")
    person.page.wait_for_selector(".cb-rule-open")
    return person


def saved(person: Person) -> None:
    until(lambda: person.page.inner_text("#policy-saved") == "Saved", 60, "the draft to be saved")


def order(person: Person) -> list[str]:
    listed: list[str] = person.page.eval_on_selector_all("#policy-rules > [data-rule]", "all => all.map(one => one.dataset.rule)")
    return listed


def test_a_table_is_edited_like_a_spreadsheet_and_filled_from_a_file(cast: Cast, sheet: Centre) -> None:
    femke = editing(cast, sheet)
    page = femke.page

    def cells() -> list[list[str]]:
        found: list[list[str]] = page.eval_on_selector_all(".cb-dtable tr[data-row]", CELLS)
        return found

    page.click("[data-rule=table] .cb-rule-open")
    page.focus("[data-cell='0:2']")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("7")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    assert [row[2] for row in cells()] == ["2", "7", "7"]
    page.focus("[data-cell='2:0']")
    page.evaluate(PASTE, "Bronze\tCollections\t3\nNew\tx\ty")
    assert cells()[2:] == [["Bronze", "Collections", "3", ""], ["New", "x", "y", ""]]
    assert page.locator(".cb-dtable-cell[aria-invalid=true]").count() == 2
    saved(femke)
    assert "whole number" in page.inner_text("[data-rule=table] .cb-rule-signs")
    assert draft(sheet)["rules"][0]["table"]["rows"][3]["do"] == ["x", "y"], "what is not understood is kept as it was written"

    page.set_input_files(".cb-dtable input[type=file]", files=[{"name": "rows.csv", "mimeType": "text/csv", "buffer": CSV.encode()}])
    page.wait_for_selector(".cb-import[open]")
    femke.sees(".cb-import", "2 of 4 lines are understood", "Line 3", "“platinum” is not understood", "Line 4", "Nowhere", "not used: Colour")
    assert femke.serious() == []
    assert len(cells()) == 4, "nothing has changed yet"
    page.keyboard.press("Escape")
    assert page.locator(".cb-import").count() == 0
    page.set_input_files(".cb-dtable input[type=file]", files=[{"name": "rows.csv", "mimeType": "text/csv", "buffer": CSV.encode()}])
    page.click(".cb-import button:has-text('Replace all rows')")
    assert cells() == [["Gold", "Service", "1", ""], ["New", "Orders and delivery", "4", ""]]
    saved(femke)
    assert [row["do"] for row in draft(sheet)["rules"][0]["table"]["rows"]] == [["service", 1], ["orders", 4]]
    page.click("#policy-undo")
    saved(femke)
    assert len(draft(sheet)["rules"][0]["table"]["rows"]) == 4
    assert femke.complaints == []


def test_rules_are_put_in_order_by_dragging_and_by_keys_and_have_dates(cast: Cast, sheet: Centre) -> None:
    femke = editing(cast, sheet)
    page = femke.page
    page.drag_and_drop("[data-rule=rest] .cb-rule-n", "[data-rule=table]", target_position={"x": 200, "y": 4})
    assert order(femke) == ["rest", "table", "calls"]
    page.focus("[data-rule=rest] .cb-rule-open")
    page.keyboard.press("Alt+ArrowDown")
    assert order(femke) == ["table", "rest", "calls"]
    page.click("[data-rule=calls] .cb-rule-open")
    form = page.locator(".cb-rule-edit")
    form.get_by_label("From").fill("2027-01-01")
    form.get_by_label("Until").fill("2027-01-31")
    saved(femke)
    rules = draft(sheet)["rules"]
    assert [rule["id"] for rule in rules] == ["table", "rest", "calls"]
    assert (rules[2]["from"], rules[2]["until"]) == ("2027-01-01", "2027-01-31")
    femke.sees("[data-rule=calls]", "2027-01-01", "2027-01-31")
    page.click("text=Plan")
    page.fill("#plan-at", "2027-01-01T08:00")
    page.click("#policy-plan button[type=submit]")
    femke.sees("main", "Planned for", "1 Jan 2027 08:00")


def test_two_managers_save_one_draft_and_both_texts_are_shown(cast: Cast, sheet: Centre) -> None:
    femke, other = editing(cast, sheet), editing(cast, sheet)
    for person in (femke, other):
        person.page.click("[data-rule=calls] .cb-rule-open")
    name = ".cb-rule-edit input >> nth=0"
    femke.page.fill(name, "Femke's name")
    saved(femke)
    other.page.fill(name, "The other name")
    other.page.wait_for_selector("#policy-both[open]")
    other.sees("#policy-both", "Saved by Femke", "Femke's name", "The other name")
    assert other.serious() == []
    other.page.keyboard.press("Escape")
    other.page.fill(".cb-rule-edit input >> nth=1", "and why")
    other.page.wait_for_selector("#policy-both[open]")
    other.page.click("#policy-both button:has-text('Take theirs')")
    saved(other)
    other.sees("[data-rule=calls]", "Femke's name")
    other.page.click("#policy-undo")
    saved(other)
    rule = draft(sheet)["rules"][1]
    assert (rule["name"], rule["note"]) == ("The other name", "and why"), "one step back is one's own text"


def test_whoever_may_not_publish_alone_asks_another_to_review(cast: Cast, sheet: Centre) -> None:
    sheet.python(WRITER)
    try:
        pieter = editing(cast, sheet, "pieter")
        pieter.page.click("[data-rule=rest] .cb-rule-open")
        pieter.page.fill(".cb-rule-edit input >> nth=0", "All others")
        saved(pieter)
        assert pieter.page.locator("text=Publish draft").count() == 0
        pieter.page.click("button:has-text('Ask for review')")
        pieter.page.fill("#submit-comment", "Better words")
        pieter.page.click("#policy-submit button[type=submit]")
        pieter.page.wait_for_selector("button:has-text('Take back')")
        femke = cast.person(sheet, 700).sign_in("femke")
        femke.page.set_default_timeout(60_000)
        femke.go("/policies/sheet/")
        femke.sees("main", "All others", "Better words")
        assert femke.page.locator(".cb-rule-open").count() == 0, "what is in review is not changed"
        femke.page.click("button:has-text('Approve')")
        femke.page.click("#policy-approve button[type=submit]")
        femke.page.wait_for_selector("text=Publish draft 1")
        pieter.go("/policies/sheet/")
        pieter.page.click("text=Publish draft 1")
        pieter.page.click("#policy-publish button[type=submit]")
        pieter.page.wait_for_selector("text=is in force.")
        pieter.go("/policies/sheet/history/")
        pieter.sees("main", "Pieter Vos", "Femke Everts", "Better words")
    finally:
        sheet.python("from cordboard.org.models import Role\nRole.objects.filter(code='sheet-writer').delete()")
