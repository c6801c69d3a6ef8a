"""The work list and dialling, by their addresses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role
from cordboard.routing import actions, actions_callback
from cordboard.routing.models import Callback, Outgoing
from cordboard.routing.tests.centre import Centre, party
from cordboard.tickets.models import Ticket

NUMBER = "+31205550123"


def promised(centre: Centre, **more: object) -> Callback:
    made = actions_callback.request(NUMBER, centre.support, origin="agent", owner=centre.alice.pk, at=timezone.now() + timedelta(days=2), **more)  # type: ignore[arg-type]
    assert made is not None
    return made


@pytest.mark.django_db
def test_alice_sees_hers_and_the_queues_and_bob_only_the_queues(centre: Centre) -> None:
    noor = party("Noor de Vries")
    promised(centre, party=noor.pk, about="The seal")
    actions_callback.request("+442079460018", centre.support, origin="web", name="Mr Green", at=timezone.now() + timedelta(days=1))
    seen = signed_in(centre.alice).get("/worklist/callbacks/").content.decode()
    assert "Noor de Vries" in seen
    assert "The seal" in seen
    assert "Mr Green" in seen
    assert "Noor de Vries" not in signed_in(centre.bob).get("/worklist/callbacks/").content.decode()
    assert "Mr Green" not in signed_in(centre.alice).get("/worklist/callbacks/?show=mine").content.decode()
    assert signed_in(centre.dave).get("/worklist/callbacks/").status_code == 403


@pytest.mark.django_db
def test_a_list_of_three_asks_no_more_than_a_list_of_one(centre: Centre) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice = signed_in(centre.alice)
    counts = []
    for number in (1, 3):
        for extra in range(number):
            promised(centre, party=party(f"Customer {number} {extra}").pk)
        alice.get("/worklist/callbacks/")
        with CaptureQueriesContext(connection) as asked:
            assert alice.get("/worklist/callbacks/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_put_off_given_away_and_closed(centre: Centre) -> None:
    callback = promised(centre)
    alice = signed_in(centre.alice)
    base = f"/worklist/{callback.pk}/"
    assert alice.get(base).status_code == 200
    assert alice.post(base + "put-off/", {"at": "2030-01-08T10:00"}).status_code == 204
    callback.refresh_from_db()
    assert callback.due_at is not None
    assert timezone.localtime(callback.due_at).year == 2030
    assert alice.post(base + "put-off/", {"at": "soon"}).status_code == 422
    assert alice.post(base + "give/", {"owner": ""}).status_code == 204
    done = alice.post(base + "done/")
    assert (done.status_code, done["X-Desk-Go"]) == (204, "/worklist/callbacks/")
    callback.refresh_from_db()
    assert (callback.owner, callback.state) == (None, "done")
    assert "Nothing to call back" in alice.get("/worklist/callbacks/").content.decode()


@pytest.mark.django_db
def test_alice_dials_a_number_and_is_on_the_desk_with_it(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.alice)
    alice = signed_in(centre.alice)
    assert alice.get("/dial/").status_code == 200
    assert "Call 020 555 0123" in alice.get("/dial/?q=020 555 0123", headers={"HX-Target": "dial-found"}).content.decode()
    refused = alice.post("/dial/call/", {"number": "112"})
    assert (refused.status_code, "Emergency" in refused.content.decode()) == (409, True)
    placed = alice.post("/dial/call/", {"number": "020 555 0123", "queue": centre.sales.pk})
    call = Interaction.objects.get()
    assert (placed.status_code, placed["X-Desk-Go"]) == (204, f"/desk/?interaction={call.pk}")
    assert Outgoing.objects.get().queue == centre.sales
    assert alice.get(f"/desk/?interaction={call.pk}").status_code == 200
    actions.customer_left(call.pk, "busy")
    assert alice.get(f"/desk/?interaction={call.pk}").status_code == 200


@pytest.mark.django_db
def test_calling_back_from_the_list_goes_to_the_desk(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.alice)
    callback = promised(centre)
    answer = signed_in(centre.alice).post(f"/worklist/{callback.pk}/call/")
    assert answer.status_code == 204
    assert answer["X-Desk-Go"].startswith("/desk/?interaction=")


@pytest.mark.django_db
def test_a_callback_promised_in_a_contact(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    answer = signed_in(centre.alice).post("/worklist/new/", {"interaction": call.pk, "at": "2030-01-10T10:00", "about": "Thursday at ten", "personal": "1"})
    assert answer.status_code == 204
    made = Callback.objects.get()
    assert (made.number, made.owner, made.asked_in, made.about) == ("+31205550123", centre.alice, call, "Thursday at ten")


@pytest.mark.django_db
def test_what_alice_had_to_keep_goes_to_bob_in_one_act(centre: Centre) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "org.hand_over": "all", "parties.assign": "all"}
    role.save()
    noor = party("Noor de Vries", account_owner=centre.alice)
    callback = promised(centre, party=noor.pk)
    ticket = Ticket.objects.create(number=1, title="Seal", owner=centre.alice, opened_at=timezone.now(), party=noor)
    carol = signed_in(centre.carol)
    page = carol.get(f"/hand-over/?agent={centre.alice.pk}").content.decode()
    assert "Open tickets" in page
    assert carol.post(f"/hand-over/{centre.alice.pk}/", {"kind": ["callback"]}).status_code == 422
    assert carol.post(f"/hand-over/{centre.alice.pk}/", {"to": [centre.bob.pk], "kind": ["callback", "ticket", "customer"]}).status_code == 204
    for row in (noor, callback, ticket):
        row.refresh_from_db()
    assert (callback.owner, ticket.owner, noor.account_owner) == (centre.bob, centre.bob, centre.bob)
    assert "nothing to hand over" in carol.get(f"/hand-over/?agent={centre.alice.pk}").content.decode()
    assert signed_in(centre.alice).get("/hand-over/").status_code == 403
