"""Recordings are found by whatever is known of the call, and whoever listens is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cordboard.channels.voice import actions
from cordboard.channels.voice.models import Call, Listening, Recording
from cordboard.channels.voice.queries_recording import Asked, search
from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Note, Segment
from cordboard.org.models import Role, User
from cordboard.routing.models import Entry
from cordboard.routing.tests.centre import Centre, make_centre, party

AT = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Centre:
    made = make_centre()
    for code, scope in (("agent", "own"), ("manager", "all")):
        role = Role.objects.get(code=code)
        role.permissions = {**role.permissions, "voice.hear_recordings": scope}
        role.save()
    return made


def recorded(centre: Centre, agent: User, name: str, number: str, days: int = 0, note: str = "") -> Recording:
    at = AT + timedelta(days=days)
    row = Interaction.objects.create(
        channel="voice", state="ended", subject=party(name, name_key=name.lower()), from_address=number, agent=agent, started_at=at, ended_at=at
    )
    Call.objects.create(interaction=row, reference=f"c{row.pk}", node="n", ended_at=at)
    Segment.objects.create(interaction=row, agent=agent, state="ended", offered_at=at, accepted_at=at)
    Entry.objects.create(interaction=row, queue=centre.support, state="answered", entered_at=at, waiting_since=at, left_at=at)
    if note:
        Note.objects.create(interaction=row, author=agent, text=note, saved_at=at)
    return Recording.objects.create(call_id=row.pk, reference=f"r{row.pk}", path="x.wav", started_at=at, ended_at=at, seconds=60)


def found(user: User, **asked: object) -> list[Recording]:
    return search(user, Asked(**asked)).rows  # type: ignore[arg-type]


def test_by_any_fact(centre: Centre) -> None:
    noor = recorded(centre, centre.alice, "Noor de Vries", "+31205550123", note="The door seal leaks at the hinge")
    green = recorded(centre, centre.bob, "Tom Green", "+442079460018", days=1)
    carol = centre.carol
    assert found(carol) == [green, noor]
    assert found(carol, words="vries") == [noor]
    assert found(carol, words="noor hinge") == [noor]
    assert found(carol, words="green hinge") == []
    assert found(carol, words="020 5550123") == [noor]
    assert found(carol, words="0205550123") == [noor]
    assert found(carol, words="020-555-0123") == [noor]
    assert found(carol, agent=centre.bob.pk) == [green]
    assert found(carol, queue=centre.support.pk) == [green, noor]
    assert found(carol, queue=centre.sales.pk) == []
    assert found(carol, since=AT + timedelta(hours=12)) == [green]
    assert found(carol, until=AT + timedelta(hours=12)) == [noor]
    assert found(carol, before=green.pk) == [noor]
    defect = ContactReason.objects.get(code="defect")
    InteractionReason.objects.create(interaction_id=green.call_id, reason=defect, at=AT)
    assert found(carol, reason=defect.pk) == [green]
    assert found(carol, reason=defect.parent_id) == [green]


def test_only_what_one_may_hear(centre: Centre) -> None:
    noor = recorded(centre, centre.alice, "Noor de Vries", "+31205550123")
    assert found(centre.alice) == [noor]
    assert found(centre.bob) == []
    assert found(centre.dave) == []
    assert signed_in(centre.dave).get("/recordings/").status_code == 403
    assert signed_in(centre.bob).get(f"/recordings/{noor.pk}/").status_code == 404


def test_who_listens_is_kept_with_it(centre: Centre) -> None:
    noor = recorded(centre, centre.alice, "Noor de Vries", "+31205550123")
    carol = signed_in(centre.carol)
    assert "Noor de Vries" in carol.get("/recordings/?q=vries").content.decode()
    assert "Nobody yet." in carol.get(f"/recordings/{noor.pk}/").content.decode()
    assert carol.get(f"/recordings/{noor.pk}.wav")["X-Accel-Redirect"] == "/files/x.wav"
    assert [(one.recording, one.user) for one in Listening.objects.all()] == [(noor, centre.carol)]
    assert Event.objects.filter(kind="voice.recording_heard").count() == 1
    assert "Carol" in carol.get(f"/recordings/{noor.pk}/").content.decode()
    actions.recording_heard(centre.carol, noor)
    assert search(centre.carol, Asked()).heard == {noor.pk: 2}
