"""Policies are begun, written, reviewed by somebody else, published and brought back; alice may write, bob review, carol all, dave nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.events.models import Event
from cordboard.org.models import Role, User
from cordboard.rules import actions, queries
from cordboard.rules import actions_publish as publishing
from cordboard.rules.difference import applied
from cordboard.rules.models import Policy, PolicyChange
from cordboard.rules.published import published
from cordboard.rules.verbs import REGISTRY, declare

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RIGHTS = {
    "alice": ("rules.view", "rules.edit", "rules.publish"),
    "bob": ("rules.view", "rules.edit", "rules.review"),
    "carol": ("rules.view", "rules.edit", "rules.review", "rules.publish", "rules.publish_alone"),
    "dave": (),
}


@pytest.fixture(autouse=True)
def verb() -> Any:
    declare("say", "say", fields={"text": str})
    yield
    del REGISTRY["say"]


@pytest.fixture
def people() -> dict[str, User]:
    found = {}
    for name, rights in RIGHTS.items():
        found[name] = User.objects.create(username=name, name=name.capitalize())
        found[name].roles.add(Role.objects.create(code=name, name=name, permissions=dict.fromkeys(rights, "all")))
    return found


def body(*texts: str) -> dict[str, Any]:
    return {"schema": 1, "mode": "all", "rules": [{"id": text, "name": text, "actions": [{"do": "say", "text": text}]} for text in texts]}


def said() -> list[str]:
    return [action["text"] for one in published("greeting") if one.compiled for action in one.compiled.evaluate({}, NOW).actions]


@pytest.fixture
def house(people: dict[str, User]) -> Policy:
    row = actions.create_policy("greeting", "hello", "Hello", people["carol"], body=body("one"), now=NOW)
    return publishing.publish(row.pk, 0, people["carol"], now=NOW)


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="rules.").order_by("id").values_list("kind", flat=True))


def test_a_draft_goes_past_another_person_before_its_author_may_publish_it(house: Policy, people: dict[str, User]) -> None:
    alice, bob = people["alice"], people["bob"]
    draft = actions.create_draft("hello", alice, now=NOW)
    assert (draft.version, draft.based_on, draft.state) == (2, 1, "draft")
    draft = actions.save_draft(draft.pk, body("two", "one"), 0, alice, now=NOW)
    with pytest.raises(actions.Refused, match="review"):
        publishing.publish(draft.pk, 1, alice, now=NOW)
    publishing.submit(draft.pk, 1, alice, comment="greets twice", now=NOW)
    with pytest.raises(PermissionDenied):
        publishing.review(draft.pk, 1, True, alice, now=NOW)
    with pytest.raises(actions.Refused, match="in review"):
        actions.save_draft(draft.pk, body("three"), 1, alice, now=NOW)
    with pytest.raises(actions.Refused, match="Say what"):
        publishing.review(draft.pk, 1, False, bob, now=NOW)
    publishing.review(draft.pk, 1, True, bob, comment="fine", now=NOW)
    assert said() == ["one"]
    publishing.publish(draft.pk, 1, alice, now=NOW)
    assert said() == ["two", "one"]
    house.refresh_from_db()
    assert house.state == "retired"
    assert kinds()[-4:] == ["rules.draft_saved", "rules.submitted", "rules.reviewed", "rules.published"]
    assert [(one.what, one.by_id) for one in queries.history("hello") if one.policy_id == draft.pk][::-1] == [
        ("begun", alice.pk),
        ("saved", alice.pk),
        ("submitted", alice.pk),
        ("approved", bob.pk),
        ("published", alice.pk),
    ]


def test_who_wrote_a_version_does_not_review_it(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["bob"], now=NOW)
    publishing.submit(draft.pk, 0, people["alice"], now=NOW)
    with pytest.raises(PermissionDenied):
        publishing.review(draft.pk, 0, True, people["bob"], now=NOW)
    assert publishing.review(draft.pk, 0, True, people["carol"], now=NOW).state == "approved"


def test_what_is_changed_after_approval_needs_another_review(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["alice"], now=NOW)
    publishing.submit(draft.pk, 0, people["alice"], now=NOW)
    publishing.review(draft.pk, 0, True, people["bob"], now=NOW)
    assert actions.save_draft(draft.pk, body("new"), 0, people["alice"], now=NOW).state == "draft"
    with pytest.raises(actions.Refused, match="review"):
        publishing.publish(draft.pk, 1, people["alice"], now=NOW)


def test_two_who_edit_at_once_see_both_texts(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["alice"], now=NOW)
    assert actions.create_draft("hello", people["bob"], now=NOW).pk == draft.pk
    actions.save_draft(draft.pk, body("alice"), 0, people["alice"], now=NOW)
    with pytest.raises(actions.Stale) as stale:
        actions.save_draft(draft.pk, body("bob"), 0, people["bob"], now=NOW)
    assert (stale.value.theirs, stale.value.mine, stale.value.revision, stale.value.by) == (body("alice"), body("bob"), 1, people["alice"])
    draft.refresh_from_db()
    assert draft.body == body("alice")


def test_savings_of_one_person_are_one_change_and_lead_from_before_to_after(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["alice"], now=NOW)
    actions.save_draft(draft.pk, body("two"), 0, people["alice"], now=NOW)
    actions.save_draft(draft.pk, body("two", "three"), 1, people["alice"], now=NOW + timedelta(minutes=1))
    actions.save_draft(draft.pk, body("two", "three"), 2, people["alice"], now=NOW + timedelta(minutes=2))
    actions.save_draft(draft.pk, body("four"), 2, people["bob"], now=NOW + timedelta(minutes=3))
    saved = list(PolicyChange.objects.filter(policy=draft, what="saved").order_by("pk"))
    assert [one.by for one in saved] == [people["alice"], people["bob"]]
    assert applied(body("one"), saved[0].difference) == body("two", "three")
    assert applied(saved[1].before, saved[1].difference) == body("four")


def test_an_older_version_comes_back_as_a_new_one(house: Policy, people: dict[str, User]) -> None:
    carol = people["carol"]
    draft = actions.create_draft("hello", carol, now=NOW)
    publishing.publish(actions.save_draft(draft.pk, body("two"), 0, carol, now=NOW).pk, 1, carol, now=NOW)
    assert said() == ["two"]
    again = publishing.go_back("hello", 1, carol, now=NOW)
    assert (again.version, again.based_on, again.state) == (3, 1, "published")
    assert said() == ["one"]
    begun = publishing.go_back("hello", 2, people["alice"], now=NOW)
    assert begun.state == "draft"
    assert begun.body == body("two")
    with pytest.raises(actions.Refused, match="draft already"):
        publishing.go_back("hello", 1, carol, now=NOW)


def test_a_planned_version_comes_into_force_at_its_moment(house: Policy, people: dict[str, User]) -> None:
    carol = people["carol"]
    draft = actions.create_draft("hello", carol, now=NOW)
    actions.save_draft(draft.pk, body("winter"), 0, carol, now=NOW)
    with pytest.raises(actions.Refused, match="over"):
        publishing.plan(draft.pk, 1, NOW, carol, now=NOW)
    publishing.plan(draft.pk, 1, NOW + timedelta(hours=1), carol, now=NOW)
    assert publishing.publish_due(now=NOW + timedelta(minutes=59)) == 0
    assert said() == ["one"]
    assert publishing.publish_due(now=NOW + timedelta(hours=1)) == 1
    assert said() == ["winter"]
    assert publishing.publish_due(now=NOW + timedelta(hours=2)) == 0


def test_a_policy_with_problems_stays_a_draft(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["carol"], now=NOW)
    wrong = {"rules": [{"id": "x", "when": {"fact": "no.such", "op": "is", "value": 1}, "actions": [{"do": "shout"}]}]}
    actions.save_draft(draft.pk, wrong, 0, people["carol"], now=NOW)
    with pytest.raises(publishing.NotGood) as bad:
        publishing.publish(draft.pk, 1, people["carol"], now=NOW)
    assert [one.path for one in bad.value.problems] == ["rules[0].when.fact", "rules[0].actions[0].do"]
    assert said() == ["one"]


def test_what_is_no_policy_is_not_kept(house: Policy, people: dict[str, User]) -> None:
    draft = actions.create_draft("hello", people["carol"], now=NOW)
    endless: list[Any] = []
    endless.append(endless)
    deep: Any = {"fact": "x", "op": "is", "value": 1}
    for _level in range(10_000):
        deep = {"not": deep}
    for code, bad in (
        ("malformed", None),
        ("malformed", {"rules": "x"}),
        ("future", {"schema": 99, "rules": []}),
        ("too_many", {"rules": [{"id": "x"}] * 1_000_000}),
        ("ids", {"rules": [{"id": "x"}, {"id": "x"}]}),
        ("deep", {"rules": [], "parameters": endless}),
        ("deep", {"rules": [{"id": "x", "when": deep}]}),
        ("malformed", {"rules": [1, "x", None]}),
        ("malformed", {"rules": [], "parameters": {"x": float("nan")}}),
        ("malformed", {"rules": [{"id": "a\0b"}]}),
        ("too_large", {"rules": [], "parameters": "x" * actions.MAX_BODY}),
    ):
        with pytest.raises(actions.Refused) as refused:
            actions.save_draft(draft.pk, bad, 0, people["carol"], now=NOW)
        assert refused.value.code == code
    script = "<script>alert(1)</script>"
    actions.save_draft(draft.pk, body(script), 0, people["carol"], now=NOW)  # a text like any other; screens escape it


def test_dave_may_nothing(house: Policy, people: dict[str, User]) -> None:
    dave = people["dave"]
    draft = actions.create_draft("hello", people["carol"], now=NOW)
    for act in (
        lambda: actions.create_policy("greeting", "x", "X", dave),
        lambda: actions.create_draft("hello", dave),
        lambda: actions.save_draft(draft.pk, body("x"), 0, dave),
        lambda: actions.discard_draft(draft.pk, dave),
        lambda: publishing.submit(draft.pk, 0, dave),
        lambda: publishing.review(draft.pk, 0, True, dave),
        lambda: publishing.publish(draft.pk, 0, dave),
        lambda: publishing.plan(draft.pk, 0, NOW, dave),
        lambda: publishing.go_back("hello", 1, dave),
        lambda: publishing.retire("hello", dave),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_lists_cost_the_same_for_one_and_for_three(house: Policy, people: dict[str, User], django_assert_num_queries: Any) -> None:
    for count in (1, 3):
        with django_assert_num_queries(1):
            assert len(queries.policies()) == count
        if count == 1:
            for code in ("two", "three"):
                actions.create_policy("greeting", code, code, people["carol"], now=NOW)
