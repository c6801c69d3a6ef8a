"""Wherever a telephone number stands on a screen it can be called, by those who may dial, on behalf of the right queue."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_desk import noor
from cordboard.interactions import actions as interactions
from cordboard.org.models import Role
from cordboard.routing import actions as routing
from cordboard.routing import actions_callback
from cordboard.routing.models import Callback, Outgoing
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions as tickets

NUMBER = "+31205550123"


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().split())


def without_dialling() -> None:
    role = Role.objects.get(code="agent")
    role.permissions = {code: scope for code, scope in role.permissions.items() if code != "routing.dial"}
    role.save()


@pytest.mark.django_db
def test_every_screen_that_shows_a_number_lets_alice_call_it(centre: Centre) -> None:
    customer = noor()
    centre.now = timezone.now()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.identify(call.pk, [customer.pk], by="ani")
    callback = actions_callback.request("+31205550199", centre.sales, origin="agent", at=centre.now + timedelta(days=1))
    assert callback is not None
    screens = {
        "/desk/fragments/?names=comm": NUMBER,
        f"/desk/fragments/?names=work&interaction={call.pk}&tab=details": NUMBER,
        f"/desk/fragments/?names=work&interaction={call.pk}&tab=find&q=44710938": NUMBER,
        f"/desk/fragments/?names=work&interaction={call.pk}&tab=history": NUMBER,
        f"/customers/{customer.pk}/": NUMBER,
        "/customers/?q=44710938": NUMBER,
        "/worklist/callbacks/": callback.number,
        f"/worklist/{callback.pk}/": callback.number,
    }
    alice = signed_in(centre.alice)
    for url, number in screens.items():
        assert f'data-dial="{number}"' in page(alice, url), url
    without_dialling()
    for url in screens:
        shown = page(signed_in(centre.alice), url)
        assert "data-dial=" not in shown, url
        assert "+31 20 555 01" in shown, url


@pytest.mark.django_db
def test_a_tickets_number_in_the_history_is_no_telephones(centre: Centre) -> None:
    customer = noor()
    role = Role.objects.get(code="agent")
    role.permissions |= {"tickets.open": "all", "tickets.view": "all"}
    role.save()
    tickets.open_ticket(centre.alice, title="The door does not close", party=customer)
    shown = page(signed_in(centre.alice), f"/customers/{customer.pk}/")
    assert "The door does not close" in shown
    assert 'data-dial="1' not in shown


@pytest.mark.django_db
def test_somebody_who_is_not_known_is_called_back_from_the_bar(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    routing.customer_left(call.pk, "customer")
    shown = page(signed_in(centre.alice), "/desk/fragments/?names=comm,account")
    assert shown.count(f'data-dial="{NUMBER}"') == 2


@pytest.mark.django_db
def test_the_box_calls_on_behalf_of_the_queue_at_hand_and_says_who_waits(centre: Centre) -> None:
    for queue, shown in ((centre.support, "+31850001000"), (centre.sales, "+31850002000")):
        queue.caller_id = shown
        queue.save()
    customer = noor()
    centre.ready(centre.alice)
    alice = signed_in(centre.alice)
    box = page(alice, f"/desk/dial/?number={quote(NUMBER)}&queue={centre.sales.pk}")
    assert f'value="{centre.sales.pk}" selected>Sales: shows +31 85 000 2000, we pay' in box
    assert "put on hold" not in box

    call = centre.call(queue=centre.sales)
    interactions.identify(call.pk, [customer.pk], by="ani")
    centre.offer(call, centre.alice)
    assert routing.accept_offer(centre.alice, call.pk, now=centre.now).done
    box = page(alice, f"/desk/dial/?number={quote('+31101234567')}&interaction={call.pk}")
    assert f'value="{centre.sales.pk}" selected>' in box
    assert "Noor de Vries is put on hold and hears music when you dial." in box

    answer = alice.post("/dial/call/", {"number": "+31101234567", "queue": centre.sales.pk})
    assert answer.status_code == 204
    out = Outgoing.objects.get()
    assert (out.queue, out.caller_id) == (centre.sales, "+31850002000")
    assert answer.headers["X-Desk-Go"] == f"/desk/?interaction={out.interaction_id}"
    tools = page(alice, f"/desk/fragments/?names=tools,comm,itabs&interaction={out.interaction_id}")
    assert "on hold" in tools
    assert "Calling" in tools


@pytest.mark.django_db
def test_the_number_of_a_callback_makes_the_callback(centre: Centre) -> None:
    centre.ready(centre.alice)
    alice = signed_in(centre.alice)
    callback = actions_callback.request(NUMBER, centre.sales, origin="agent", owner=centre.alice.pk, at=timezone.now() + timedelta(days=1))
    assert callback is not None
    assert f'data-queue="{centre.sales.pk}" data-callback="{callback.pk}"' in page(alice, "/worklist/callbacks/")
    box = page(alice, f"/desk/dial/?number={quote(NUMBER)}&callback={callback.pk}")
    assert f'hx-post="/worklist/{callback.pk}/call/"' in box
    assert alice.post(f"/worklist/{callback.pk}/call/").status_code == 204
    assert Outgoing.objects.get().callback == callback
    assert Callback.objects.get().state == "dialling"


@pytest.mark.django_db
def test_a_number_typed_into_the_palette_is_called(centre: Centre) -> None:
    centre.ready(centre.alice)
    found = signed_in(centre.alice).get("/desk/find/?q=020 555 0123").json()["found"]
    assert found[0]["words"] == "Call +31 20 555 0123"
    assert found[0]["box"] == f"/desk/dial/?number={quote(NUMBER)}"
    assert signed_in(centre.alice).get("/desk/find/?q=4471").json()["found"] == []
    without_dialling()
    assert all("box" not in one for one in signed_in(centre.alice).get("/desk/find/?q=020 555 0123").json()["found"])
