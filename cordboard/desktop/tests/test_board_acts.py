"""Acting from the live board, by address: carol manages, dave may nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import Role, Unit
from cordboard.routing.models import AgentSkill, Queue, QueueMember, Skill
from cordboard.routing.tests.centre import Centre, entry

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.mark.django_db
def test_carol_changes_a_colleague(centre: Centre) -> None:
    centre.ready(centre.alice)
    Skill.objects.create(code="repairs", names={"en": "Repairs"})
    carol, at = signed_in(centre.carol), f"/board/agents/{centre.alice.pk}/"
    box = carol.get(at, **HTMX).content.decode()
    assert "Set not ready: Meeting" in box
    assert "Listen in" not in box  # no right to
    assert carol.post(f"{at}not-ready/", {"reason": "meeting"}).status_code == 204
    assert centre.state(centre.alice).reason.code == "meeting"  # type: ignore[union-attr]
    assert carol.post(f"{at}ready/").status_code == 204
    assert centre.state(centre.alice).state == "ready"
    assert carol.post(f"{at}leave/", {"queue": centre.sales.pk}).status_code == 204
    assert list(QueueMember.objects.filter(agent=centre.alice).values_list("queue", flat=True)) == [centre.support.pk]
    assert carol.post(f"{at}join/", {"queue": centre.sales.pk}).status_code == 204
    assert carol.post(f"{at}skill/", {"skill": "repairs", "proficiency": "4", "minutes": "60"}).status_code == 204
    row = AgentSkill.objects.get(agent=centre.alice)
    assert (row.proficiency, row.until is not None, row.before) == (4, True, None)
    assert "Repairs: 4" in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"{at}forget-skill/", {"skill": "repairs"}).status_code == 204
    assert carol.post(f"{at}sign-out/").status_code == 204
    assert centre.state(centre.alice).state == "offline"
    assert carol.post(f"{at}ready/").status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize("given", [{}, {"proficiency": "9", "minutes": "0"}, {"proficiency": "3", "minutes": "-1"}, {"proficiency": "x", "minutes": "1"}])
def test_a_skill_that_makes_no_sense_is_refused(centre: Centre, given: dict[str, Any]) -> None:
    Skill.objects.create(code="repairs")
    done = signed_in(centre.carol).post(f"/board/agents/{centre.alice.pk}/skill/", {"skill": "repairs", **given})
    assert done.status_code == 404
    assert not AgentSkill.objects.exists()


@pytest.mark.django_db
def test_carol_moves_who_waits_and_closes_a_queue(centre: Centre) -> None:
    early = centre.call()
    centre.later(500)
    late = centre.call()
    carol, at = signed_in(centre.carol), f"/board/waiting/{entry(late).pk}/"
    assert "Move to Sales" in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"{at}first/").status_code == 204
    assert "moved first" in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"{at}priority/", {"priority": "7"}).status_code == 204
    assert entry(late).priority == 7
    assert carol.post(f"{at}move/", {"queue": centre.sales.pk}).status_code == 204
    assert entry(late).queue == centre.sales
    assert carol.get(at, **HTMX).status_code == 404  # this entry is over
    assert entry(early).queue == centre.support
    queue = f"/board/queues/{centre.sales.pk}/"
    assert "who waits stays" in carol.get(queue, **HTMX).content.decode()
    assert carol.post(f"{queue}close/").status_code == 204
    assert not Queue.objects.get(pk=centre.sales.pk).open
    assert carol.post(f"{queue}open/").status_code == 204
    assert carol.post(f"{queue}burn/").status_code == 404


@pytest.mark.django_db
def test_the_box_of_one_who_talks_offers_to_listen_in(centre: Centre) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "all"}
    role.save()
    centre.ready(centre.alice)
    carol, at = signed_in(centre.carol), f"/board/agents/{centre.alice.pk}/"
    idle = carol.get(at, **HTMX).content.decode()
    assert "Nobody hears you" in idle
    assert "supervise/" not in idle
    call = centre.talk(centre.alice)
    assert f"/board/{call.pk}/supervise/" in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"/board/{call.pk}/supervise/", {"mode": "whisper", "agent": centre.alice.pk}).status_code == 204
    assert f"/board/{call.pk}/stop-supervising/" in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"{at}sign-out/").status_code == 409  # alice is in a call


@pytest.mark.django_db
def test_dave_and_an_agent_are_refused(centre: Centre) -> None:
    call = centre.call()
    for user in (centre.dave, centre.bob):
        client = signed_in(user)
        for address in (f"/board/agents/{centre.alice.pk}/", f"/board/waiting/{entry(call).pk}/", f"/board/queues/{centre.support.pk}/"):
            assert client.get(address).status_code == 403
        for address in (f"agents/{centre.alice.pk}/ready", f"waiting/{entry(call).pk}/first", f"queues/{centre.support.pk}/close"):
            assert client.post(f"/board/{address}/").status_code == 403
    assert Queue.objects.get(pk=centre.support.pk).open


@pytest.mark.django_db
def test_another_unit_is_out_of_reach(centre: Centre) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {"routing.watch": "unit", "routing.supervise": "unit", "routing.manage": "unit"}
    role.save()
    call = centre.call()
    carol = signed_in(centre.carol)
    assert carol.get(f"/board/agents/{centre.alice.pk}/").status_code == 200
    centre.carol.unit = Unit.objects.create(name="Elsewhere", code="elsewhere")
    centre.carol.save()
    assert carol.get(f"/board/agents/{centre.alice.pk}/").status_code == 404
    assert carol.get(f"/board/waiting/{entry(call).pk}/").status_code == 404
    assert carol.post(f"/board/agents/{centre.alice.pk}/sign-out/").status_code == 403
    assert carol.post(f"/board/queues/{centre.support.pk}/close/").status_code == 403


@pytest.mark.django_db
def test_carol_announces_an_emergency_and_switches_it_off(centre: Centre) -> None:
    carol, at = signed_in(centre.carol), f"/board/queues/{centre.support.pk}/"
    assert carol.post(f"{at}announce/", {"minutes": "0"}).status_code == 409  # nothing to say
    storm = {"text-en": "Our lines are down.", "text-nl": "Onze lijnen zijn gestoord."}
    assert carol.post(f"{at}announce/", {**storm, "minutes": "60"}).status_code == 204
    assert "Our lines are down." in carol.get(at, **HTMX).content.decode()
    assert carol.post(f"{at}stop-announcing/").status_code == 204
    assert "Our lines are down." not in carol.get(at, **HTMX).content.decode()
    assert signed_in(centre.dave).post(f"{at}announce/", {**storm, "minutes": "0"}).status_code == 403
