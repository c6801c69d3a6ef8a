"""Who it is: known by number or key, confirmed, changed, cleared, on behalf of somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.events.models import Event
from cordboard.interactions import actions, misdirected
from cordboard.interactions.acts import Came
from cordboard.interactions.misdirected import Made
from cordboard.interactions.models import Interaction, SubjectChange
from cordboard.interactions.queries import detail
from cordboard.parties.models import FieldChange, Party
from cordboard.routing.tests.centre import Centre, party, told


@pytest.fixture
def call(centre: Centre) -> Interaction:
    centre.ready(centre.alice)
    return centre.talk(centre.alice)


@pytest.fixture
def noor(centre: Centre) -> Party:
    return party("Noor de Vries", languages=["nl"])


@pytest.fixture
def daan(centre: Centre) -> Party:
    return party("Daan Jansen")


def test_who_calls_speaks_for_somebody_else(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    """Daan's number is known; he calls for Noor. It is about her, and he stays the one who talks."""
    actions.identify(call.pk, [daan.pk], by="ani", now=centre.now)
    assert actions.speak_for(centre.alice, call.pk, noor.pk, now=centre.now).came == Came.DONE
    assert actions.speak_for(centre.alice, call.pk, noor.pk, now=centre.now).came == Came.ALREADY
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (noor, daan)
    assert call.confirmed_at == centre.now
    assert SubjectChange.objects.latest("pk").why == "on behalf"
    assert (told("interactions.subject_changed")[-1]["old"], told("interactions.subject_changed")[-1]["new"]) == (daan.pk, noor.pk)
    # it was about him after all, and about nobody else
    assert actions.confirm_subject(centre.alice, call.pk, daan.pk, now=centre.now).done
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (daan, daan)
    assert actions.speak_for(centre.alice, call.pk, 999_999, now=centre.now).came == Came.NO_SUCH
    with pytest.raises(PermissionDenied):
        actions.speak_for(centre.dave, call.pk, noor.pk, now=centre.now)


def test_somebody_not_known_speaks_for_a_customer(centre: Centre, call: Interaction, noor: Party) -> None:
    assert actions.speak_for(centre.alice, call.pk, noor.pk, now=centre.now).done
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (noor, None)


def test_one_party_on_the_number_is_the_customer_until_confirmed(centre: Centre, call: Interaction, noor: Party) -> None:
    assert actions.identify(call.pk, [noor.pk], by="ani", now=centre.now) == noor.pk
    assert actions.identify(call.pk, [noor.pk], by="ani", now=centre.now) == noor.pk
    assert len(told("interactions.identified")) == 1
    call.refresh_from_db()
    assert (call.subject, call.reporter, call.identified_by, call.confirmed_at, call.language) == (noor, noor, "ani", None, "nl")
    assert actions.confirm_subject(centre.alice, call.pk, now=centre.now).came == Came.DONE
    assert actions.confirm_subject(centre.alice, call.pk, now=centre.now).came == Came.ALREADY
    call.refresh_from_db()
    assert (call.identified_by, call.confirmed_at) == ("ani", centre.now)


def test_several_on_the_number_are_offered_and_none_is_guessed(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    assert actions.identify(call.pk, [noor.pk, daan.pk], by="ani", now=centre.now) is None
    kept = detail(call.pk)
    assert kept is not None
    assert [one.name for one in kept.candidates] == ["Daan Jansen", "Noor de Vries"]
    assert kept.interaction.subject is None
    assert actions.confirm_subject(centre.alice, call.pk, now=centre.now).came == Came.NOT_NOW
    assert actions.confirm_subject(centre.alice, call.pk, noor.pk, now=centre.now).done
    kept = detail(call.pk)
    assert kept is not None
    assert kept.candidates == []
    assert kept.interaction.identified_by == "agent"


def test_what_an_agent_confirmed_is_not_overruled(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    actions.confirm_subject(centre.alice, call.pk, noor.pk, now=centre.now)
    assert actions.identify(call.pk, [daan.pk], by="customer_number", now=centre.now) == noor.pk
    assert actions.confirm_subject(centre.alice, call.pk, 99_999, now=centre.now).came == Came.NO_SUCH


def test_a_grandson_talks_for_his_grandmother(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    actions.identify(call.pk, [daan.pk], by="ani", now=centre.now)
    actions.set_reporter(centre.alice, call.pk, daan.pk, now=centre.now)
    actions.change_subject(centre.alice, call.pk, noor.pk, why="calls for her, she cannot come to the telephone herself", now=centre.now)
    assert not Event.objects.filter(why__contains="telephone").exists(), "the log outlives what may be said of a customer"
    actions.set_reporter(centre.alice, call.pk, daan.pk, now=centre.now)
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (noor, daan)
    # what is confirmed later leaves the reporter as the agent set it
    actions.change_subject(centre.alice, call.pk, daan.pk, now=centre.now)
    actions.change_subject(centre.alice, call.pk, noor.pk, now=centre.now)
    assert list(SubjectChange.objects.filter(interaction=call).order_by("pk").values_list("new__name", flat=True))[-1] == "Noor de Vries"


@pytest.fixture
def letters() -> Iterator[dict[int, int]]:
    """A package whose documents can be moved from one customer to another: id -> party."""
    kept: dict[int, int] = {}

    def find(interaction: int, owner: int) -> Sequence[Made]:
        return [Made("letter", number, f"Letter {number}") for number, holder in kept.items() if holder == owner]

    def move(ids: Sequence[int], new: int, actor: str) -> Sequence[int]:
        for number in ids:
            kept[number] = new
        return ids

    misdirected.register("letter", find, move)
    yield kept
    del misdirected._kinds["letter"]


def test_a_wrong_confirmation_is_put_right(centre: Centre, call: Interaction, noor: Party, daan: Party, letters: dict[int, int]) -> None:
    actions.confirm_subject(centre.alice, call.pk, daan.pk, now=centre.now)
    actions.save_note(centre.alice, call.pk, "Water in the drum", 1, now=centre.now)
    letters[5] = daan.pk
    FieldChange.objects.create(party=daan, field="address", old="A", new="B", by=centre.alice, origin=f"interaction:{call.pk}", at=centre.now)
    FieldChange.objects.create(party=daan, field="name", old="A", new="B", by=centre.alice, origin="interaction:999999", at=centre.now)

    assert actions.clear_subject(centre.alice, call.pk, why="not him", now=centre.now).done
    kept = detail(call.pk)
    assert kept is not None
    assert kept.interaction.subject is None
    assert kept.notes[0].text == "Water in the drum"
    assert sorted((one["kind"], one["name"], one["party"]) for one in kept.misdirected) == [
        ("letter", "Letter 5", daan.pk),
        ("profile", "address", daan.pk),
    ]

    assert actions.confirm_subject(centre.alice, call.pk, noor.pk, now=centre.now).done
    assert letters == {5: noor.pk}, "the document goes to the right customer as soon as it is known who that is"
    kept = detail(call.pk)
    assert kept is not None
    assert [(one["kind"], one["name"]) for one in kept.misdirected] == [("profile", "address")]
    event = told("interactions.misdirected")[-1]
    assert (event["moved"], event["old"], event["new"]) == (["letter:5"], daan.pk, noor.pk)


def test_who_may_say_who_it_is(centre: Centre, call: Interaction, noor: Party) -> None:
    with pytest.raises(PermissionDenied):
        actions.confirm_subject(centre.dave, call.pk, noor.pk, now=centre.now)
    with pytest.raises(PermissionDenied):
        actions.confirm_subject(centre.bob, call.pk, noor.pk, now=centre.now)
    assert actions.confirm_subject(centre.carol, call.pk, noor.pk, now=centre.now).done
    assert actions.clear_subject(centre.carol, 99_999, now=centre.now).came == Came.NO_SUCH
