"""A message to many: carol sends, alice and bob read, dave may not."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.org.models import Role, Unit, User
from cordboard.routing.actions_broadcast import NotSent, broadcast
from cordboard.routing.models import BroadcastReceipt, QueueMember
from cordboard.routing.tests.centre import Centre


def allow(user: User, scope: str) -> User:
    role = Role.objects.create(code=f"speaks-{scope}", name="Speaks", permissions={"routing.broadcast": scope, "routing.watch": "all"})
    user.roles.add(role)
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
def test_a_message_stands_until_it_is_read_and_its_sender_sees_who_did(centre: Centre) -> None:
    carol, alice, bob = signed_in(allow(centre.carol, "all")), signed_in(centre.alice), signed_in(centre.bob)
    sent = carol.post("/messages/", {"text": "Line 3 is down.", "to": f"queue:{centre.support.pk}"})
    assert sent.status_code == 204
    assert "2 colleagues" in sent["HX-Trigger"]
    [message] = alice.get("/messages/unread/").json()["messages"]
    assert message["text"] == "Line 3 is down."
    assert "Carol" in message["title"]
    assert "Read by 0 of 2" in carol.get("/messages/").content.decode()

    assert alice.post(message["url"]).status_code == 204
    assert alice.get("/messages/unread/").json()["messages"] == []
    assert len(bob.get("/messages/unread/").json()["messages"]) == 1
    page = carol.get("/messages/").content.decode()
    assert "Read by 1 of 2" in page
    assert "Bob, not yet" in page

    told = Event.objects.get(kind="routing.broadcast_read")
    assert set(told.topics) == {f"user:{centre.alice.pk}", f"user:{centre.carol.pk}"}
    assert "Line 3" not in str(list(Event.objects.values_list("body", flat=True)))
    assert alice.post(message["url"]).status_code == 204  # twice is once
    assert Event.objects.filter(kind="routing.broadcast_read").count() == 1


@pytest.mark.django_db
def test_who_was_not_meant_cannot_read_and_who_may_not_cannot_send(centre: Centre) -> None:
    carol, dave = signed_in(allow(centre.carol, "all")), signed_in(centre.dave)
    QueueMember.objects.filter(queue=centre.support, agent=centre.bob).delete()
    carol.post("/messages/", {"text": "For one queue.", "to": f"queue:{centre.support.pk}"})
    number = BroadcastReceipt.objects.get().broadcast_id
    assert signed_in(centre.bob).post(f"/messages/{number}/read/").status_code == 409
    assert dave.get("/messages/").status_code == 403
    assert dave.post("/messages/", {"text": "Hello", "to": "all"}).status_code == 403
    assert dave.get("/messages/unread/").json() == {"messages": []}


@pytest.mark.django_db
def test_a_unit_lead_reaches_the_own_unit_only(centre: Centre) -> None:
    other = Unit.objects.create(code="elsewhere", name="Elsewhere", country="NL")
    far = centre.agent("erin")
    User.objects.filter(pk=far.pk).update(unit=other)
    User.objects.filter(pk=centre.carol.pk).update(unit=centre.unit)
    carol = allow(User.objects.get(pk=centre.carol.pk), "unit")
    made = broadcast(carol, "For us.", "queue", centre.support.pk)
    assert set(made.receipts.values_list("reader__username", flat=True)) == {"alice", "bob"}
    for to, key in (("all", None), ("unit", other.pk)):
        with pytest.raises(PermissionDenied):
            broadcast(carol, "For all.", to, key)


@pytest.mark.django_db
def test_an_empty_message_or_one_for_nobody_is_not_sent(centre: Centre) -> None:
    carol = signed_in(allow(centre.carol, "all"))
    for text, to in (("  ", "all"), ("Hello", "queue:999999"), ("Hello", "nowhere"), ("x" * 501, "all")):
        refused = carol.post("/messages/", {"text": text, "to": to})
        assert refused.status_code == 422
        assert "Nothing was sent." in refused.content.decode()
    assert not BroadcastReceipt.objects.exists()
    with pytest.raises(NotSent):
        broadcast(User.objects.get(pk=centre.carol.pk), "", "all")
