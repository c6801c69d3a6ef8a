"""Each of the five kinds of work in each of the three lists: a person's, a position's, a unit's; and how it goes from one to the other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from cordboard.appointments.models import Appointment, Staff, VisitKind
from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.knowledge import actions_draft
from cordboard.org.models import Position, Role, User
from cordboard.routing import actions_callback
from cordboard.routing.models import Callback, QueueMember
from cordboard.routing.tests.centre import Centre
from cordboard.tickets.models import Task, Ticket

KINDS = ("ticket", "task", "callback", "appointment", "review")
MOVED = ("ticket", "task", "callback", "review")
"""Visits are moved in the calendar, where it is seen whether somebody has the time."""


@dataclass
class Work:
    centre: Centre
    reviewers: Position
    numbers: dict[str, int]

    def seen(self, user: User, which: str) -> set[str]:
        page = signed_in(user).get(f"/worklist/?which={which}").content.decode()
        return {kind for kind in KINDS if f"The {kind} of Noor" in page}

    def act(self, user: User, verb: str, *kinds: str, **more: object) -> int:
        return signed_in(user).post(f"/worklist/do/{verb}/", {"work": [f"{kind}:{self.numbers[kind]}" for kind in kinds], **more}).status_code


@pytest.fixture
def work(centre: Centre) -> Work:
    """Alice answers calls and does visits, bob reviews and answers no calls; carol gives work to others. One thing of each kind, nobody's."""
    rights = {"tickets.view": "own", "tickets.change": "own", "appointments.view": "unit", "knowledge.write": "all"}
    for code, scope in (("agent", "own"), ("manager", "all")):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, **rights, "tickets.view": scope, "tickets.change": scope}
        role.save()
    QueueMember.objects.filter(agent=centre.bob).delete()
    reviewers = Position.objects.create(name="Reviewer", code="reviewer", unit=centre.unit)
    User.objects.filter(pk=centre.bob.pk).update(position=reviewers)
    centre.bob.refresh_from_db()
    now = timezone.now()
    ticket = Ticket.objects.create(number=10_001, title="The ticket of Noor", opened_at=now, unit=centre.unit)
    task = Task.objects.create(title="The task of Noor", unit=centre.unit, made_at=now)
    callback = actions_callback.request("+31205550123", centre.support, origin="agent", at=now + timedelta(days=1), about="The callback of Noor")
    draft = actions_draft.draft("kettle", "en", title="The review of Noor", problem="?", solution="Descale it.", unit=centre.unit.pk)
    kind = VisitKind.objects.create(code="repair", names={"en": "The appointment of Noor"})
    visit = Appointment.objects.create(
        uid="1@test", staff=Staff.objects.create(user=centre.alice), kind=kind, state="booked", starts_at=now + timedelta(days=1), ends_at=now + timedelta(hours=25),
        starts_minute=0, ends_minute=60, made_at=now,
    )  # fmt: skip
    assert callback is not None
    return Work(centre, reviewers, {"ticket": ticket.pk, "task": task.pk, "callback": callback.pk, "appointment": visit.pk, "review": draft.pk})


def test_each_kind_goes_from_the_units_list_to_a_positions_to_a_persons_and_back(work: Work) -> None:
    alice, bob, carol = work.centre.alice, work.centre.bob, work.centre.carol
    assert (work.seen(alice, "unit"), work.seen(alice, "mine"), work.seen(bob, "position")) == (set(KINDS), {"appointment"}, set())

    # carol lets all of it wait for whoever is a reviewer
    assert work.act(carol, "give", *MOVED, to=f"position:{work.reviewers.pk}", why="They know it") == 204
    assert work.seen(bob, "position") == set(MOVED)
    assert work.act(carol, "give", *MOVED, to=f"position:{work.reviewers.pk}") == 204, "asked twice, it is so all the same"
    moved = Event.objects.filter(kind="org.work_moved").order_by("pk")
    assert [(one.body["kind"], one.body["act"], one.body["position"], one.why) for one in moved] == [
        (kind, "stand", work.reviewers.pk, "They know it") for kind in MOVED
    ]
    assert all(f"position:{work.reviewers.pk}" in one.topics for one in moved), "their list hears of it"

    # bob takes it, gives half back, and carol gives the rest to alice
    assert work.act(bob, "take", *MOVED) == 204
    assert work.seen(bob, "mine") == set(MOVED)
    assert Callback.objects.get().owner == bob, "though he is in none of its queues: it stood in his position's list"
    assert work.act(bob, "release", "ticket", "callback") == 204
    assert (work.seen(bob, "mine"), work.seen(bob, "position")) == ({"task", "review"}, set(MOVED))
    assert work.act(carol, "give", "task", "review", to=alice.pk) == 204
    assert work.seen(alice, "mine") == {"task", "review", "appointment"}


def test_visits_and_what_is_theirs_stand_in_the_list_of_the_position_of_who_makes_them(work: Work) -> None:
    technicians = Position.objects.create(name="Technician", code="technician", unit=work.centre.unit)
    User.objects.filter(pk__in=[work.centre.alice.pk, work.centre.carol.pk]).update(position=technicians)
    for one in (work.centre.alice, work.centre.carol):
        one.refresh_from_db()
        assert work.seen(one, "position") == {"appointment"}
    assert work.seen(work.centre.bob, "position") == set()
    refused = signed_in(work.centre.carol).post(
        "/worklist/do/give/", {"only": f"appointment:{work.numbers['appointment']}", "to": f"position:{technicians.pk}"}
    )
    assert (refused.status_code, "This cannot wait in the list of a position" in refused.content.decode()) == (409, True)


def test_a_draft_waits_only_for_a_position_in_which_somebody_may_publish(work: Work) -> None:
    empty = Position.objects.create(name="Porter", code="porter", unit=work.centre.unit)
    told = signed_in(work.centre.carol).post("/worklist/do/give/", {"only": f"review:{work.numbers['review']}", "to": f"position:{empty.pk}"})
    assert "Nobody in the position Porter may publish solutions." in told.content.decode()
    assert work.act(work.centre.carol, "give", "review", to="position:999999") == 409
    assert work.act(work.centre.carol, "give", "review", to="position:") == 422


def test_a_callback_of_a_position_is_its_holders_and_can_be_the_queues_again(work: Work) -> None:
    number, page = work.numbers["callback"], f"/worklist/{work.numbers['callback']}/"
    bob, carol = signed_in(work.centre.bob), signed_in(work.centre.carol)
    assert bob.get(page).status_code == 404
    assert carol.post(f"{page}give/", {"owner": f"position:{work.reviewers.pk}"}).status_code == 204
    shown = bob.get(page).content.decode()
    assert "Reviewer" in shown
    assert carol.post(f"{page}give/", {"owner": ""}).status_code == 204
    row = Callback.objects.get(pk=number)
    assert (row.position, row.owner, bob.get(page).status_code) == (None, None, 404)
