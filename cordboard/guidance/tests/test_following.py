"""What rules offer, what agents do about it, and what is counted."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.guidance import actions, watch
from cordboard.guidance.models import Alert, Happening
from cordboard.guidance.queries import alerts, by_agent, by_queue, by_rule, checklist
from cordboard.guidance.subscribers import profile, turn
from cordboard.guidance.tasks import required
from cordboard.interactions import actions as interactions
from cordboard.interactions.acts import Came
from cordboard.interactions.models import ContactReason, Interaction, Segment
from cordboard.parties import actions as parties
from cordboard.routing.tests.centre import Centre, party, told
from cordboard.rules import published
from cordboard.rules.models import Policy


def rule(number: str, action: dict[str, Any], when: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": number, "name": number.capitalize(), "actions": [action], **({"when": when} if when else {})}


def says(words: str) -> dict[str, Any]:
    return {"en": {"strong": words, "text": ""}}


RULES = [
    rule("history", {"do": "open_screen", "screen": "history", "texts": says("Called before.")}, {"fact": "party.owner_note", "op": "known"}),
    rule("confirm", {"do": "confirm_account", "texts": says("Say the name.")}, {"fact": "interaction.confirmed", "op": "is", "value": False}),
    rule(
        "address",
        {"do": "checklist", "reason": "address", "texts": says("Ask for the new address."), "required": True},
        {"fact": "talk.reasons", "op": "contains", "value": "moved"},
    ),
    rule(
        "hold",
        {"do": "alert", "reason": "hold", "kind": "warning", "texts": says("On hold too long.")},
        {"fact": "talk.held_for", "op": "at_least", "value": 60},
    ),
    rule("upset", {"do": "raise_event", "event": "upset"}, {"fact": "talk.reasons", "op": "contains", "value": "complaint"}),
    rule(
        "calm",
        {"do": "start_script", "script": "complaint", "texts": says("Use the script.")},
        {"fact": "guidance.happened", "op": "contains", "value": "upset"},
    ),
    rule("changed", {"do": "checklist", "reason": "say", "texts": says("Say what was changed.")}, {"fact": "talk.profile_changed", "op": "is", "value": True}),
]


@pytest.fixture
def guided(centre: Centre) -> Centre:
    published.forget()
    Policy.objects.create(area="guidance", code="guidance", name="Guidance", version=3, state="published", body={"mode": "all", "rules": RULES})
    for code in ("moved", "complaint"):
        ContactReason.objects.create(code=code, names={"en": code})
    return centre


def contact(centre: Centre, *, state: str = "active", **of_party: Any) -> Interaction:
    customer = party("Margaret Ashworth", **of_party)
    opened = interactions.open_interaction(channel="voice", now=centre.now)
    interactions.identify(opened.pk, [customer.pk], by="ani", now=centre.now)
    Segment.objects.create(interaction=opened, agent=centre.alice, state=state, offered_at=centre.now, accepted_at=centre.now)
    Interaction.objects.filter(pk=opened.pk).update(agent=centre.alice, state="active")
    actions.evaluate(opened.pk, now=centre.now)
    return Interaction.objects.get(pk=opened.pk)


def reasons(row: Interaction, user: Any) -> list[str]:
    return [alert.reason for alert in alerts(row.pk, user)]


def test_a_page_is_offered_and_opening_it_follows_the_rule(guided: Centre) -> None:
    row = contact(guided, owner_note="Loud please")
    offered = Alert.objects.get(interaction=row, reason="history.open_screen")
    assert (offered.kind, offered.offer, offered.shown_at, offered.policy_version) == (
        "suggestion",
        {"do": "open_screen", "screen": "history"},
        guided.now,
        3,
    )
    with pytest.raises(PermissionDenied):
        actions.follow(guided.dave, offered.pk)
    assert actions.follow(guided.alice, offered.pk).came == Came.DONE
    assert actions.follow(guided.alice, offered.pk).came == Came.ALREADY
    assert "history.open_screen" not in reasons(row, guided.alice)
    assert told("guidance.alert_followed")[-1]["alert"] == offered.pk
    actions.evaluate(row.pk, now=guided.now)
    assert "history.open_screen" not in reasons(row, guided.alice), "what was done is not asked for again"


def test_an_account_is_confirmed_with_one_press_and_the_offer_goes(guided: Centre) -> None:
    row = contact(guided)
    offered = Alert.objects.get(interaction=row, reason="confirm.confirm_account")
    assert actions.follow(guided.alice, offered.pk).done
    row.refresh_from_db()
    assert row.confirmed_at is not None


def test_what_is_required_stands_in_the_way_until_done_or_excused(guided: Centre) -> None:
    row = contact(guided)
    interactions.add_reason(guided.alice, row.pk, "moved")
    turn_of(row, "interactions.reasons_changed")
    item = Alert.objects.get(interaction=row, reason="address")
    assert item.kind == "check"
    assert "address" not in reasons(row, guided.alice), "it stands on the checklist, not among the alerts"
    assert [one.reason for one in checklist(row.pk, guided.alice)] == ["address"]
    assert "Ask for the new address" in required(row.pk, guided.alice)
    assert not actions.dismiss(guided.alice, item.pk), "taking note is not doing it"
    assert actions.excuse(guided.alice, item.pk, "  ").came == Came.NOT_NOW
    assert actions.excuse(guided.alice, item.pk, "She calls back tomorrow").done
    assert required(row.pk, guided.alice) == ""
    assert actions.follow(guided.alice, item.pk).done, "done after all"
    item.refresh_from_db()
    assert (item.excuse, item.settled_by) == ("", guided.alice)


def test_an_event_raised_by_one_rule_is_heard_by_another_once(guided: Centre) -> None:
    row = contact(guided)
    interactions.add_reason(guided.alice, row.pk, "complaint")
    turn_of(row, "interactions.reasons_changed")
    assert Happening.objects.get(interaction=row).name == "upset"
    assert len(told("guidance.happened")) == 1
    turn_of(row, "guidance.happened")
    turn_of(row, "guidance.happened")
    assert "calm.start_script" in reasons(row, guided.alice)
    assert len(told("guidance.happened")) == 1


def test_on_hold_too_long_is_said_by_the_clock_and_taken_back(guided: Centre) -> None:
    row = contact(guided)
    held = timedelta(seconds=90)
    Segment.objects.filter(interaction=row).update(state="held", held_at=guided.now - held)
    actions.evaluate(row.pk, now=guided.now - timedelta(seconds=60))
    assert "hold" not in reasons(row, guided.alice)
    actions.evaluate(row.pk, now=guided.now)
    assert "hold" in reasons(row, guided.alice)
    Segment.objects.filter(interaction=row).update(state="active", held_at=None)
    turn_of(row, "interactions.segment_resumed")
    assert "hold" not in reasons(row, guided.alice)


def test_the_clock_looks_only_at_talks_that_a_rule_times(guided: Centre) -> None:
    row = contact(guided)
    assert watch.look() == 0, "nobody is on hold"
    Segment.objects.filter(interaction=row).update(state="held", held_at=guided.now)
    assert watch.look() == 1
    Policy.objects.update(state="retired")
    assert watch.look() == 0


def test_a_profile_changed_in_the_talk_is_noticed(guided: Centre) -> None:
    row = contact(guided)
    parties.change(row.subject_id, {"name": "Margaret Ash"}, None, during=f"interaction:{row.pk}")
    event = told("parties.changed")[-1]
    profile(_event("parties.changed", event))
    assert "say" in [one.reason for one in checklist(row.pk, guided.alice)]


def test_what_became_of_guidance_is_counted(guided: Centre) -> None:
    row = contact(guided, owner_note="Loud please")
    other = contact(guided, owner_note="Loud please")
    actions.follow(guided.alice, Alert.objects.get(interaction=row, reason="history.open_screen").pk)
    actions.dismiss(guided.alice, Alert.objects.get(interaction=other, reason="confirm.confirm_account").pk)
    Interaction.objects.filter(pk=other.pk).update(closed_at=guided.now)
    begin, end = guided.now - timedelta(days=1), guided.now + timedelta(days=1)
    counted = {one.name: one for one in by_rule(begin, end)}
    history, confirm = counted["History"], counted["Confirm"]
    assert (history.raised, history.shown, history.followed, history.ignored, history.standing) == (2, 2, 1, 1, 0)
    assert history.share == 0.5
    assert (confirm.raised, confirm.put_away, confirm.standing, confirm.ignored) == (2, 1, 1, 0)
    assert [(one.name, one.raised) for one in by_agent(begin, end)] == [("Alice", 4)]
    assert [(one.name, one.raised) for one in by_queue(begin, end)] == [("", 4)]


def turn_of(row: Interaction, kind: str) -> None:
    turn(_event(kind, {"interaction": row.pk}))


def _event(kind: str, body: dict[str, Any]) -> Any:
    return SimpleNamespace(kind=kind, body=body)
