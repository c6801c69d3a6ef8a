"""Trunks as rows: kept with their secret sealed, told to the switch, and how they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cordboard.channels.voice import actions_trunk, events, queries_trunk
from cordboard.channels.voice.models import Trunk, TrunkStanding
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.lib import sealed
from cordboard.org.tests.people import person
from cordboard.routing.models import Outgoing
from cordboard.serve.doctor import _trunks
from cordboard.serve.trunk import _address
from cordboard.telephony import driver

pytestmark = pytest.mark.django_db


def carrier(code: str = "carrier", **more: Any) -> driver.Trunk:
    return driver.Trunk(code, "192.0.2.10", **{"username": "centre", "password": "sesame", "register": True, "numbers": ("+31101230000",), **more})


def test_a_trunk_comes_back_as_it_was_given() -> None:
    row = actions_trunk.set_trunk(None, carrier(redirects=("+31",), limit=4, identity=driver.Identity.PREFERRED))
    assert queries_trunk.configured() == (carrier(redirects=("+31",), limit=4, identity=driver.Identity.PREFERRED),)
    assert "sesame" not in row.secret
    assert "sesame" not in repr(queries_trunk.configured())
    changed = Event.objects.filter(kind=events.TRUNK_CHANGED).get()
    assert (changed.body["code"], changed.body["what"]) == ("carrier", "added")
    assert "sesame" not in str(changed.body)


def test_the_minutes_of_a_trunk_are_used_up_for_today() -> None:
    actions_trunk.set_trunk(None, carrier(minutes=30))
    actions_trunk.set_trunk(None, carrier("other"))
    noon = timezone.now().replace(hour=12)

    def lasts(minutes: float) -> None:
        call = Interaction.objects.create(channel="voice", direction="outbound", state="ended", started_at=noon, ended_at=noon + timedelta(minutes=minutes))
        Outgoing.objects.create(interaction=call, number="+31205550123", answered_at=noon, trunk="carrier")

    lasts(20)
    later = noon + timedelta(minutes=40)
    assert [(one.code, one.spent) for one in queries_trunk.configured(later)] == [("carrier", False), ("other", False)]
    lasts(10)
    assert [(one.code, one.spent) for one in queries_trunk.configured(later)] == [("carrier", True), ("other", False)]
    assert not queries_trunk.configured(noon + timedelta(days=1))[0].spent


def test_trunks_keep_their_order_and_a_secret_that_is_not_given_anew() -> None:
    actions_trunk.set_trunk(None, carrier("first"))
    actions_trunk.set_trunk(None, carrier("second"))
    actions_trunk.set_trunk(None, carrier("second", password="", limit=2), position=0, keep_secret=True)
    actions_trunk.set_trunk(None, carrier("first"), position=1)
    assert [(one.code, one.limit, one.password) for one in queries_trunk.configured()] == [("second", 2, "sesame"), ("first", 0, "sesame")]


def test_a_secret_sealed_with_another_key_is_no_secret_any_more(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    actions_trunk.set_trunk(None, carrier())
    monkeypatch.setenv("CORDBOARD_SECRET_KEY", "another")
    assert queries_trunk.configured()[0].password == ""
    assert "set it again" in caplog.text
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(Trunk.objects.get().secret)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""}, {"host": "sip.example.com"}, {"code": "Big One"}, {"port": 0}, {"transport": "sctp"}, {"numbers": ("0101230000",)}, {"username": ""},
        {"username": "a@b"}, {"domain": "x\r\nVia: y"}, {"redirects": ("31",)}, {"number_format": "e164"}, {"expires": 5},
    ],
)  # fmt: skip
def test_what_cannot_be_a_trunk(wrong: dict[str, Any]) -> None:
    given = {"code": "carrier", "host": "192.0.2.10", "username": "centre", "register": True, **wrong}
    with pytest.raises(actions_trunk.BadTrunk):
        actions_trunk.set_trunk(None, driver.Trunk(**given))
    assert not Trunk.objects.exists()


def test_only_those_who_may_change_trunks() -> None:
    dave, carol = person("dave", {}), person("carol", {"voice.manage": "all"})
    with pytest.raises(PermissionDenied):
        actions_trunk.set_trunk(dave, carrier())
    actions_trunk.set_trunk(carol, carrier())
    assert Event.objects.get(kind=events.TRUNK_CHANGED).actor == f"user:{carol.pk}"


def test_how_a_trunk_stands_is_told_once() -> None:
    actions_trunk.set_trunk(None, carrier())
    assert queries_trunk.standings()[0].up is None
    assert actions_trunk.trunk_state("node1", "carrier", True, "registered")
    assert not actions_trunk.trunk_state("node1", "carrier", True, "registered")
    since = TrunkStanding.objects.get().since
    assert actions_trunk.trunk_state("node1", "carrier", False, "no answer")
    assert TrunkStanding.objects.get().since >= since
    assert not actions_trunk.trunk_state("node1", "gone", False, "no answer")
    assert Event.objects.filter(kind=events.TRUNK_STATE).count() == 2
    one = queries_trunk.standings()[0]
    assert (one.code, one.up, one.reason, one.to) == ("carrier", False, "no answer", "192.0.2.10:5060 (udp)")


def test_a_removed_trunk_is_told() -> None:
    row = actions_trunk.set_trunk(None, carrier())
    actions_trunk.trunk_state("node1", "carrier", True, "registered")
    actions_trunk.remove_trunk(None, row)
    assert (queries_trunk.configured(), queries_trunk.standings()) == ((), [])
    assert Event.objects.filter(kind=events.TRUNK_CHANGED).last().body["what"] == "removed"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("192.0.2.1", ("192.0.2.1", 5060)),
        ("192.0.2.1:5070", ("192.0.2.1", 5070)),
        ("[2001:db8::1]:5070", ("2001:db8::1", 5070)),
        ("2001:db8::1", ("2001:db8::1", 5060)),
    ],
)
def test_addresses_as_people_write_them(text: str, found: tuple[str, int]) -> None:
    assert _address(text, 5060) == found


def test_the_doctor_tells_which_trunk_is_down_and_of_practice_beside_the_real() -> None:
    actions_trunk.set_trunk(None, carrier())
    actions_trunk.trunk_state("node1", "carrier", False, "403 Forbidden")
    assert [(one.level, one.about, "403 Forbidden" in one.text) for one in _trunks()] == [("warning", "trunk carrier", True)]
    actions_trunk.set_trunk(None, driver.Trunk("practice", transport=driver.PRACTICE))
    assert next(iter(_trunks())).about == "trunks"
