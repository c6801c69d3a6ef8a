"""Desk telephones as rows: who has which, with what secret, and where they are."""

from __future__ import annotations

import argparse

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cordboard.channels.voice import actions_phone, queries_phone
from cordboard.channels.voice.actions_phone import BadAccount
from cordboard.channels.voice.models import Phone, PhoneContact
from cordboard.events.models import Event
from cordboard.lib.config import config
from cordboard.org.tests.people import person
from cordboard.serve import phone as command
from cordboard.telephony import handsets
from cordboard.telephony.sip.digest import Algorithm, ha1

pytestmark = pytest.mark.django_db


def contact(address: str = "sip:desk7@192.0.2.7:5060", seconds: float = 600.0) -> handsets.PhoneContact:
    return handsets.PhoneContact(address, timezone.now().timestamp() + seconds, 1.0, "Snom", '["192.0.2.7",5060,"udp","c",1,""]')


def events(kind: str) -> list[dict[str, object]]:
    return [one.body for one in Event.objects.filter(kind=f"voice.{kind}").order_by("id")]


def test_the_secret_is_told_once_and_only_its_digests_are_kept() -> None:
    carol, alice = person("carol", {"voice.manage": "all"}), person("alice", {"routing.agent": "own"})
    row, secret = actions_phone.add_phone(carol, "desk7", alice)
    kept = str(Phone.objects.filter(pk=row.pk).values().get())
    digest = ha1("desk7", config().sip_realm, secret, Algorithm.SHA256)
    assert secret not in kept
    assert digest not in kept
    [known] = queries_phone.known("node1").phones
    assert dict(known.digests)["SHA-256"] == digest
    another = actions_phone.renew_secret(carol, row)
    assert another != secret
    assert dict(queries_phone.known("node1").phones[0].digests)["SHA-256"] == ha1("desk7", config().sip_realm, another, Algorithm.SHA256)
    assert [one["what"] for one in events("phone_changed")] == ["added", "secret"]
    assert secret not in str(events("phone_changed"))


@pytest.mark.parametrize("account", ["", "desk 7", "desk@home", "+31205550123", "0205550123", "x" * 65, "d\u00e9sk"])
def test_names_that_no_account_may_have(account: str) -> None:
    with pytest.raises(BadAccount):
        actions_phone.add_phone(None, account)


def test_a_name_is_given_once_and_not_by_everybody() -> None:
    actions_phone.add_phone(None, "desk7")
    with pytest.raises(BadAccount):
        actions_phone.add_phone(None, "desk7")
    with pytest.raises(PermissionDenied):
        actions_phone.add_phone(person("dave", {}), "desk8")


def test_alice_chooses_among_her_own_telephones() -> None:
    alice, bob = person("alice", {"routing.agent": "own"}), person("bob", {"routing.agent": "own"})
    for account, user in (("desk7", alice), ("desk8", alice), ("desk9", bob)):
        actions_phone.add_phone(None, account, user)
    assert actions_phone.choose_device(alice, "desk7")
    assert actions_phone.choose_device(alice, "desk8")
    assert actions_phone.choose_device(alice, "desk8")
    assert not actions_phone.choose_device(alice, "desk9")
    assert queries_phone.known("node1").chosen == ((str(alice.pk), "desk8", False),)
    assert actions_phone.choose_device(alice, "")
    assert queries_phone.known("node1").chosen == ()
    ids = {one.account: one.pk for one in Phone.objects.all()}
    assert [one["phone"] for one in events("device_chosen")] == [ids["desk7"], ids["desk8"], None]


def test_two_chosen_telephones_cannot_be_written() -> None:
    alice = person("alice", {})
    for account in ("desk7", "desk8"):
        actions_phone.add_phone(None, account, alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Phone.objects.update(chosen_at=timezone.now())


def test_where_telephones_are_is_kept_by_node_and_told_when_it_changes() -> None:
    actions_phone.add_phone(None, "desk7")
    for _ in range(2):
        actions_phone.keep_contacts("node1", "desk7", [contact()])
    actions_phone.keep_contacts("node2", "desk7", [contact("sip:desk7@192.0.2.9:5060")])
    actions_phone.keep_contacts("node1", "nobody", [contact()])
    assert [one["telephones"] for one in events("phone_registered")] == [1, 1]
    [(account, found)] = queries_phone.known("node1").contacts
    assert (account, found.address, found.agent) == ("desk7", "sip:desk7@192.0.2.7:5060", "Snom")
    actions_phone.keep_contacts("node1", "desk7", [contact(seconds=-1)])
    assert queries_phone.known("node1").contacts == ()
    actions_phone.keep_contacts("node1", "desk7", [])
    assert PhoneContact.objects.filter(node="node1").count() == 0
    assert PhoneContact.objects.filter(node="node2").count() == 1


def test_a_secret_for_another_realm_is_of_no_use() -> None:
    row, _ = actions_phone.add_phone(None, "desk7")
    Phone.objects.filter(pk=row.pk).update(realm="elsewhere")
    assert queries_phone.known("node1").phones == ()


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_switch_reads_takes_two_queries(count: int, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(count):
        alice = person(f"alice{number}", {})
        actions_phone.add_phone(None, f"desk{number}", alice)
        actions_phone.choose_device(alice, f"desk{number}")
        actions_phone.keep_contacts("node1", f"desk{number}", [contact()])
    with django_assert_num_queries(2):
        assert len(queries_phone.known("node1").chosen) == count


def test_the_choice_on_the_screen() -> None:
    alice = person("alice", {"routing.agent": "own"})
    client = Client()
    client.force_login(alice)
    assert "whoever looks after the telephones" in client.get("/voice/device").content.decode()
    actions_phone.add_phone(None, "desk7", alice, name="Reception")
    page = client.get("/voice/device").content.decode()
    assert "Desk telephone Reception, which is not connected" in page
    actions_phone.keep_contacts("node1", "desk7", [contact()])
    page = client.post("/voice/device", {"account": "desk7"}).content.decode()
    assert 'value="desk7" checked' in page
    assert "not connected" not in page
    assert client.post("/voice/device", {"account": "desk8"}).status_code == 404
    data = client.get("/voice/device", headers={"accept": "application/json"}).json()
    assert data == {"devices": [{"account": "desk7", "name": "Reception", "chosen": True, "telephones": ["Snom"]}]}
    dave = Client()
    dave.force_login(person("dave", {}))
    assert dave.get("/voice/device").status_code == 403


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.options(parser)
    return command.phone(parser.parse_args(words))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    alice = person("alice", {"routing.agent": "own"})
    assert run("add", "desk7", "--user", "alice@example.org", "--use") == 0
    said = capsys.readouterr().out
    secret = said.split("secret  ")[1].split()[0]
    assert dict(queries_phone.known("node1").phones[0].digests)["MD5"] == ha1("desk7", config().sip_realm, secret, Algorithm.MD5)
    assert run("list") == 0
    listed = capsys.readouterr().out
    assert "desk7" in listed
    assert "works on it" in listed
    assert secret not in listed
    assert run("browser", "alice") == 0
    assert Phone.objects.get(user=alice).chosen_at is None
    assert run("use", "desk7") == 0
    assert Phone.objects.get(user=alice).chosen_at is not None
    assert [run("add", "desk7"), run("add", "x", "--user", "nobody"), run("remove", "desk8"), run("add", "y", "--use")] == [1, 1, 1, 1]
    assert run("remove", "desk7") == 0
    assert Phone.objects.count() == 0
