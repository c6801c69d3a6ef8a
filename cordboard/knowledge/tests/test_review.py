"""Drafts to review stand in the work lists of those who may publish them, until somebody takes one, and go when it is done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordboard.events.models import Event
from cordboard.knowledge import actions_draft, worklist
from cordboard.knowledge.models import Article, ArticleReview
from cordboard.org.actions_worklist import give, release, take
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.org.worklist import KINDS, Asked

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
REVIEWS = {"knowledge.view": "all", "knowledge.write": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", REVIEWS, unit=unit("service"))


@pytest.fixture
def bob() -> User:
    return person("bob", REVIEWS, unit=unit("workshop"))


@pytest.fixture
def dave() -> User:
    return person("dave", {"knowledge.view": "all"}, unit=unit("service"))


def draft(code: str, at: User | None, hours: int = 0) -> Article:
    where = at.unit_id if at is not None else None
    return actions_draft.draft(code, "en", title=f"About {code}", problem="?", solution="Descale it.", unit=where, now=NOW + timedelta(hours=hours))


def shown(user: User, which: str, most: int = 100) -> list[str]:
    asked = Asked(which, user, (user.pk,), user.position_id, user.unit_id)
    return [row.title.removeprefix("About ") for row in worklist.drafts(asked, most)]


def test_a_draft_stands_in_the_list_of_the_unit_where_it_came_up(alice: User, bob: User, dave: User) -> None:
    draft("kettle", alice, 1)
    draft("anywhere", None)
    assert (shown(alice, "unit"), shown(bob, "unit"), shown(dave, "unit")) == (["anywhere", "kettle"], ["anywhere"], [])
    assert (shown(alice, "mine"), shown(alice, "position")) == ([], [])


def test_who_takes_it_has_it_and_two_do_not(alice: User, bob: User) -> None:
    article = draft("kettle", alice)
    assert take(alice, "review", article.pk).done
    assert shown(alice, "mine") == ["kettle"]
    second = take(bob, "review", article.pk)
    assert (second.done, second.words) == (False, "Alice has taken this one.")
    assert release(alice, "review", article.pk).done
    assert take(bob, "review", article.pk).moved
    event = Event.objects.filter(kind="org.work_moved").latest("pk")
    assert {f"user:{bob.pk}", f"unit:{alice.unit_id}"} <= set(event.topics)


def test_it_is_given_to_those_alone_who_may_publish(alice: User, bob: User, dave: User) -> None:
    article = draft("kettle", alice)
    assert give(alice, "review", article.pk, dave.pk).words == "Dave may not publish solutions."
    assert give(alice, "review", article.pk, bob.pk).moved
    assert shown(bob, "mine") == ["kettle"]
    with pytest.raises(PermissionDenied):
        take(dave, "review", article.pk)


def test_what_is_published_or_put_aside_leaves_the_lists_which_hear_of_it(alice: User) -> None:
    for code, publish in (("kettle", True), ("toaster", False)):
        article = draft(code, alice)
        take(alice, "review", article.pk)
        actions_draft.review(alice, article.pk, publish=publish)
        event = Event.objects.latest("pk")
        assert {f"unit:{alice.unit_id}", f"user:{alice.pk}"} <= set(event.topics)
        assert take(alice, "review", article.pk).words == "This is finished already."
    assert shown(alice, "mine") == shown(alice, "unit") == []
    assert take(alice, "review", 999_999).words == "This is not there any more."


def test_a_draft_from_before_there_were_reviews_can_be_taken(alice: User) -> None:
    article = draft("kettle", alice)
    ArticleReview.objects.all().delete()
    assert shown(alice, "unit") == ["kettle"]
    assert take(alice, "review", article.pk).moved
    assert shown(alice, "mine") == ["kettle"]


def test_three_ask_no_more_queries_than_one(alice: User) -> None:
    counts = []
    for number in (1, 3):
        for at in range(number):
            draft(f"kettle-{number}-{at}", alice)
        shown(alice, "unit")  # rights are read once
        with CaptureQueriesContext(connection) as asked:
            shown(alice, "unit")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_workload_counts_what_somebody_took(alice: User) -> None:
    article = draft("kettle", alice)
    take(alice, "review", article.pk)
    open_of = KINDS["review"].open_of
    assert open_of is not None
    assert list(open_of([alice.pk])) == [(alice.pk, NOW, None)]
