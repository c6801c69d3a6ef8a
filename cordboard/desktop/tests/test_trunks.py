"""Trunks in the settings: made, changed and asked from a screen; the password goes in and never comes out."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.channels.voice import actions_trunk, queries_trunk
from cordboard.channels.voice.models import Call, Trunk, TrunkTest
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import admin, last, shown  # noqa: F401  `admin` is a fixture
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Outgoing
from cordboard.routing.tests.centre import Centre
from cordboard.telephony import driver

NEW = {
    "name": "Carrier NL", "code": "carrier", "host": "192.0.2.10", "transport": "tls", "port": "5061", "domain": "sip.example.com", "register": "on", "username": "centre",
    "password": "open sesame", "numbers": "+31 20 555 01 00\n+31205550101", "identity": "preferred", "limit": "30", "minutes": "600", "redirects": "+31, +32",
    "active": "on", "tell_hold": "on",
}  # fmt: skip
NEW_PATH = "/settings/trunks/new/"


def made(admin: Client, **more: str) -> Trunk:  # noqa: F811
    answer = admin.post(NEW_PATH, shown(admin, NEW_PATH) | NEW | more)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Trunk.objects.get(code=more.get("code", "carrier"))


@pytest.mark.django_db
def test_a_trunk_is_made_and_the_switch_is_told(admin: Client) -> None:  # noqa: F811
    row = made(admin)
    assert queries_trunk.configured() == (
        driver.Trunk(
            "carrier", "192.0.2.10", 5061, "tls", "sip.example.com", register=True, username="centre", password="open sesame",
            numbers=("+31205550100", "+31205550101"), identity=driver.Identity.PREFERRED, limit=30, redirects=("+31", "+32"), tell_hold=True, minutes=600,
        ),
    )  # fmt: skip
    assert last("voice.trunk_changed") == {"trunk": row.pk, "code": "carrier", "what": "added", "fields": None}
    page = admin.get(f"/settings/trunks/{row.pk}/").content.decode()
    assert "sesame" not in page
    assert "One is kept, and never shown." in page
    assert "no switch has told yet" in page


@pytest.mark.django_db
def test_the_password_stays_until_another_is_given(admin: Client) -> None:  # noqa: F811
    path = f"/settings/trunks/{made(admin).pk}/"
    assert admin.post(path, shown(admin, path) | {"limit": "10"}).status_code == 302
    assert (queries_trunk.configured()[0].password, queries_trunk.configured()[0].limit) == ("open sesame", 10)
    assert last("voice.trunk_changed")["fields"] == ["limit"]
    assert admin.post(path, shown(admin, path) | {"password": "another"}).status_code == 302
    assert queries_trunk.configured()[0].password == "another"
    assert last("voice.trunk_changed")["fields"] == ["password"]
    without = {name: value for name, value in shown(admin, path).items() if name != "register"}
    assert admin.post(path, without | {"username": ""}).status_code == 302
    assert Trunk.objects.get().secret == "", "nobody's password is kept"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"host": "sip.example.com"}, "A trunk needs a numeric address."),
        ({"host": ""}, "A trunk needs a numeric address."),
        ({"username": ""}, "Registering needs a user name."),
        ({"numbers": "0205550100"}, "is no number with its country"),
        ({"redirects": "31"}, "A redirection is allowed by the beginning of a number"),
        ({"domain": "a b"}, "may not contain spaces"),
        ({"code": "Big One"}, "valid"),
        ({"port": "0"}, "greater than or equal to 1"),
        ({"transport": "sctp"}, "valid choice"),
    ],
)
def test_what_cannot_be_a_trunk_is_refused_at_its_field(admin: Client, wrong: dict[str, str], words: str) -> None:  # noqa: F811
    answer = admin.post(NEW_PATH, shown(admin, NEW_PATH) | NEW | wrong)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert words in page
    assert f'id="id_{next(iter(wrong))}-error"' in page
    assert "open sesame" not in page
    assert not Trunk.objects.exists()


@pytest.mark.django_db
def test_a_trunk_is_switched_off_put_in_order_and_removed(admin: Client) -> None:  # noqa: F811
    first, second = made(admin), made(admin, code="spare", name="Spare")
    assert [one.code for one in queries_trunk.configured()] == ["carrier", "spare"]
    path = f"/settings/trunks/{second.pk}/"
    assert admin.post(path, shown(admin, path) | {"position": "0"}).status_code == 302
    path = f"/settings/trunks/{first.pk}/"
    assert admin.post(path, shown(admin, path) | {"position": "1"}).status_code == 302
    assert [one.code for one in queries_trunk.configured()] == ["spare", "carrier"]
    off = {name: value for name, value in shown(admin, path).items() if name != "active"}
    assert admin.post(path, off).status_code == 302
    assert [one.code for one in queries_trunk.configured()] == ["spare"]
    assert "switched off" in admin.get("/settings/trunks/").content.decode()
    assert admin.post(f"{path}test/").status_code == 422
    assert admin.post(f"{path}remove/").status_code == 302
    assert last("voice.trunk_changed")["what"] == "removed"
    assert list(Trunk.objects.values_list("code", flat=True)) == ["spare"]


@pytest.mark.django_db
def test_somebody_else_changed_it_meanwhile(admin: Client) -> None:  # noqa: F811
    path = f"/settings/trunks/{made(admin).pk}/"
    hers, other = shown(admin, path), shown(admin, path)
    assert admin.post(path, other | {"limit": "5"}).status_code == 302
    refused = admin.post(path, hers | {"limit": "7"})
    assert refused.status_code == 409
    assert "<dt>Calls at a time</dt><dd>5</dd>" in refused.content.decode()


@pytest.mark.django_db
def test_a_trunk_is_asked_now_and_its_answer_is_shown(admin: Client) -> None:  # noqa: F811
    row = made(admin)
    path = f"/settings/trunks/{row.pk}/test/"
    assert "Waiting for its answer." in admin.post(path).content.decode()
    test = TrunkTest.objects.get()
    assert last("voice.trunk_asked") == {"trunk": row.pk, "code": "carrier", "test": test.pk}
    assert "hx-get" in admin.get(path).content.decode(), "it looks again"
    assert actions_trunk.trunk_answered("node-1", test.pk, "403 Forbidden", 0.0123)
    page = admin.get(path).content.decode()
    assert "refused: the account or this address is not allowed (403 Forbidden)" in page
    assert "12 ms" in page
    assert "hx-get" not in page
    admin.post(path)
    assert not actions_trunk.trunk_answered("node-1", test.pk, "200 OK", 0.01), "another was asked since"
    TrunkTest.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert "No switch has asked it" in admin.get(path).content.decode()


@pytest.mark.django_db
def test_what_a_trunk_carries_is_counted(admin: Client, centre: Centre) -> None:  # noqa: F811
    row = made(admin)
    now = timezone.now().replace(day=20, hour=12)

    def called(days: int, minutes: float | None, trunk: str = "carrier") -> None:
        began = now - timedelta(days=days)
        ended = None if minutes is None else began + timedelta(minutes=minutes)
        call = Interaction.objects.create(channel="voice", direction="outbound", state="ended" if ended else "active", started_at=began, ended_at=ended)
        Outgoing.objects.create(interaction=call, number="+31205550123", answered_at=began, trunk=trunk)

    called(0, 4)
    called(0, None)
    called(3, 10)
    called(40, 100)
    called(0, 9, "spare")
    incoming = Interaction.objects.create(channel="voice", direction="inbound", started_at=now)
    Call.objects.create(interaction=incoming, reference="c1", node="one", trunk="carrier")
    later = now + timedelta(minutes=6)
    assert queries_trunk.usage(later) == {"carrier": queries_trunk.Usage(2, 10.0, 20.0), "spare": queries_trunk.Usage(0, 9.0, 9.0)}
    actions_trunk.trunk_state("node-1", "carrier", False, "no answer")
    lists = admin.get("/settings/trunks/").content.decode()
    assert "down: no answer" in lists
    assert "2 of 30" in lists
    assert "2 of 30" in admin.get(f"/settings/trunks/{row.pk}/").content.decode()


@pytest.mark.django_db
def test_lists_and_pages_make_as_many_queries_for_many_trunks(admin: Client) -> None:  # noqa: F811
    row = made(admin)
    counts: dict[str, list[int]] = {}
    for extra in (range(1), range(1, 6)):
        for at in extra:
            actions_trunk.set_trunk(None, driver.Trunk(f"t{at}", "192.0.2.20", minutes=10))
            actions_trunk.trunk_state("one", f"t{at}", True, "answers")
        for path in ("/settings/trunks/", f"/settings/trunks/{row.pk}/"):
            admin.get(path)
            with CaptureQueriesContext(connection) as seen:
                assert admin.get(path).status_code == 200
            counts.setdefault(path, []).append(len(seen))
    assert all(few == many for few, many in counts.values()), counts


@pytest.mark.django_db
def test_carol_and_dave_see_no_trunks(centre: Centre, admin: Client) -> None:  # noqa: F811
    row = made(admin)
    for user in (centre.carol, centre.dave):
        client: Any = signed_in(user)
        for path in ("/settings/trunks/", f"/settings/trunks/{row.pk}/", NEW_PATH):
            assert client.get(path).status_code == 403
        for path in (f"/settings/trunks/{row.pk}/test/", f"/settings/trunks/{row.pk}/remove/"):
            assert client.post(path).status_code == 403
