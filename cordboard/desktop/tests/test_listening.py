"""The bar of one who listens in: carol manages and takes no calls herself; and what the desk says of a sign-out by her."""

from __future__ import annotations

import pytest
from django.test import Client

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import Role
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def carol(centre: Centre) -> Client:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "all"}
    role.save()
    return signed_in(centre.carol)


def bar(client: Client) -> str:
    answer = client.get("/desk/fragments/?names=listening")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_carol_listens_from_the_board_without_a_desk(centre: Centre, carol: Client) -> None:
    centre.ready(centre.alice)
    page = carol.get("/board/").content.decode()
    assert 'id="listening"' in page
    assert 'id="phone-state"' in page  # how her telephone stands is told there
    assert 'id="tools"' not in page
    assert 'data-interaction=""' in bar(carol)
    call = centre.talk(centre.alice)
    assert f"/board/{call.pk}/supervise/" in carol.get(f"/board/agents/{centre.alice.pk}/", **HTMX).content.decode()
    for mode in ("listen", "whisper", "barge"):
        assert carol.post(f"/board/{call.pk}/supervise/", {"mode": mode, "agent": centre.alice.pk}).status_code == 204
        shown = bar(carol)
        assert f'data-interaction="{call.pk}"' in shown
        assert "<b>Alice</b>" in shown
        assert f'data-mode="{mode}" aria-pressed="true"' in shown
        assert shown.count('aria-pressed="true"') == 1
    assert carol.post(f"/board/{call.pk}/stop-supervising/").status_code == 204
    assert 'data-interaction=""' in bar(carol)


@pytest.mark.django_db
def test_who_may_not_listen_in_has_no_bar(centre: Centre, carol: Client) -> None:
    assert 'id="listening"' not in signed_in(centre.alice).get("/desk/").content.decode()
    assert signed_in(centre.alice).get("/desk/fragments/?names=listening").status_code == 403
    assert signed_in(centre.dave).get("/desk/fragments/?names=listening").status_code == 403
    assert carol.get("/desk/fragments/?names=listening,tools").status_code == 403, "she takes no contacts"
    assert carol.get("/desk/fragments/?names=tools").status_code == 403


@pytest.mark.django_db
def test_the_desk_says_who_signed_alice_out(centre: Centre) -> None:
    alice = signed_in(centre.alice)
    assert alice.get("/desk/").status_code == 200
    assert alice.post("/desk/state/", {"state": "ready"}).status_code == 204
    assert "data-out-words" not in alice.get("/desk/").content.decode()
    assert routing.sign_out(centre.carol, agent=centre.alice.pk).done
    page = alice.get("/desk/").content.decode()
    assert "Carol signed you out at" in page
    assert centre.state(centre.alice).state == "offline"
    assert alice.post("/desk/state/", {"state": "back"}).status_code == 204
    assert centre.state(centre.alice).state == "not_ready"
    assert "data-out-words" not in alice.get("/desk/").content.decode()
