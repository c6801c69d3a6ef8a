from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.events.models import Event
from cordboard.events.topics import may_listen
from cordboard.org.models import User
from cordboard.parties import actions, queries
from cordboard.parties.actions import Conflict
from cordboard.parties.models import FieldChange, Party
from cordboard.parties.search import search

from .conftest import AGENT, make_user


def noor(by: User | None = None, **fields: object) -> Party:
    given = {"name": "Noor de Vries", "phone": "020 555 0123", "country": "NL", "languages": ["nl", "en"]} | fields
    return actions.create(by, **given)  # type: ignore[arg-type]


def test_alice_creates_a_customer_from_name_and_number(alice: User) -> None:
    party = actions.create(alice, name="  Noor  de Vries ", phone="+31205550123", languages=["nl"], during="interaction:91")
    assert party.name == "Noor de Vries"
    assert party.country == "NL"
    assert len(party.customer_number or "") == 8
    assert queries.identify("+31 20 555 0123").party == party
    event = Event.objects.get(kind="parties.created")
    assert event.actor == f"user:{alice.pk}"
    assert event.topics == [f"party:{party.pk}", "interaction:91"]
    assert "Noor" not in str(event.body), "the log keeps no personal values"


def test_a_nameless_customer_or_a_wrong_number_is_refused_with_a_reason_at_the_field(alice: User) -> None:
    with pytest.raises(ValidationError) as fault:
        actions.create(alice, name=" ", phone="12", email="noor@", languages=["kl"])
    assert set(fault.value.message_dict) == {"name", "phone", "email", "languages"}
    assert not Party.objects.exists()


def test_dave_may_neither_create_nor_change_nor_find(dave: User) -> None:
    party = noor()
    with pytest.raises(PermissionDenied):
        actions.create(dave, name="Somebody")
    with pytest.raises(PermissionDenied):
        actions.change(party.pk, {"name": "Nobody"}, dave)
    assert search(dave, "noor") == []


def test_two_at_one_number_are_offered_and_none_is_guessed(alice: User) -> None:
    one = noor()
    other = noor(name="Daan Jansen")
    found = queries.identify("020-5550123")
    assert found.kind == "several"
    assert found.party is None
    assert list(found.parties) == [one, other]
    assert queries.identify("anonymous").kind == queries.identify("+31205559999").kind == "none"


def test_the_customer_number_is_found_as_keyed(alice: User) -> None:
    party = noor()
    assert queries.by_customer_number(f"{party.customer_number}#") == party
    assert queries.by_customer_number("") is None
    assert queries.by_customer_number("99999999") is None


def test_the_owner_is_who_speaks_the_language_and_has_fewest(alice: User, bob: User) -> None:
    assert noor(languages=["nl"]).account_owner == alice
    assert noor(languages=["nl"]).account_owner == alice, "bob has fewer, but no Dutch"
    assert noor(languages=["en"]).account_owner == bob
    assert noor(languages=["th"]).account_owner == bob, "nobody speaks Thai: whoever has fewest"


def test_carol_gives_a_customer_another_owner_and_alice_may_not(alice: User, bob: User, carol: User) -> None:
    party = noor(languages=["nl"])
    with pytest.raises(PermissionDenied):
        actions.set_account_owner(party.pk, bob, alice)
    actions.set_account_owner(party.pk, bob, carol)
    party.refresh_from_db()
    assert party.account_owner == bob
    assert FieldChange.objects.get(field="account_owner").old == "Alice"


def test_what_alice_changed_during_a_call_is_marked_for_bob(alice: User, bob: User) -> None:
    party = noor(alice)
    changed = actions.change(party.pk, {"languages": ["en"], "address.city": "Amsterdam", "name": "Noor de Vries"}, alice, during="interaction:7")
    assert changed == ["languages", "address.city"], "the name is as it was"
    profile = queries.profile(party.pk, during="interaction:7")
    assert set(profile.changed) == {"languages", "address.city"}
    assert profile.changed["languages"].old == "nl, en"
    assert profile.changed["languages"].by == alice
    assert profile.address is not None
    assert profile.address.city == "Amsterdam"
    event = Event.objects.get(kind="parties.changed")
    assert event.body == {"party": party.pk, "fields": ["languages", "address.city"], "during": "interaction:7"}


def test_two_who_change_one_field_see_both_texts_and_nothing_is_lost(alice: User, bob: User) -> None:
    party = noor()
    seen = {"owner_note": "", "languages": ["nl", "en"]}
    actions.change(party.pk, {"owner_note": "Speak slowly."}, alice, seen=seen)
    with pytest.raises(Conflict) as conflict:
        actions.change(party.pk, {"owner_note": "Call after six."}, bob, seen=seen)
    (difference,) = conflict.value.differences
    assert (difference.field, difference.theirs, difference.yours) == ("owner_note", "Speak slowly.", "Call after six.")
    assert actions.change(party.pk, {"languages": ["en"]}, bob, seen=seen) == ["languages"], "another field is no conflict"
    with pytest.raises(Conflict):
        actions.change(party.pk, {"owner_note": "x"}, bob, version=party.version)


def test_a_changed_name_is_found_at_once(alice: User) -> None:
    party = noor(given_name="Noor", family_name="de Vries", name="")
    actions.change(party.pk, {"family_name": "Jansen"}, alice)
    assert [hit.party for hit in search(alice, "jansen")] == [party]
    assert search(alice, "vries") == []


def test_consents_are_added_and_the_newest_holds(alice: User) -> None:
    party = noor()
    assert queries.may_contact(party.pk, "email", "marketing") is None
    actions.record_consent(party.pk, "email", "marketing", True, "web form of 3 May", alice)
    actions.record_consent(party.pk, "email", "marketing", False, "said so on the telephone", alice)
    assert queries.may_contact(party.pk, "email", "marketing") is False
    assert [consent.proof for consent in queries.consents(party.pk)] == ["said so on the telephone"]
    assert party.consents.count() == 2


def test_another_number_is_added_once_and_verified(alice: User) -> None:
    party = noor()
    point = actions.add_contact_point(party.pk, "phone", "06 5550 0147", alice, during="interaction:3")
    assert point.value == "+31655500147"
    assert actions.add_contact_point(party.pk, "phone", "+31 6 55500147", alice) == point
    actions.verify_contact_point(point.pk, alice)
    actions.verify_contact_point(point.pk, alice)
    assert Event.objects.filter(kind="parties.contact_point_verified").count() == 1
    with pytest.raises(ValidationError):
        actions.add_contact_point(party.pk, "phone", "twelve", alice)


def test_a_merged_record_leads_to_its_survivor_everywhere_and_can_be_undone(alice: User, carol: User) -> None:
    party = noor()
    double = noor(name="N. de Vries", phone="06 5550 0147")
    actions.merge(party.pk, double.pk, carol)
    assert queries.identify("+31655500147").party == party
    assert queries.by_customer_number(double.customer_number or "") == party
    assert queries.ids_of(double.pk) == [party.pk, double.pk]
    assert [hit.party for hit in search(alice, "vries")] == [party]
    assert {point.value for point in queries.profile(double.pk).phones} == {"+31205550123", "+31655500147"}
    with pytest.raises(ValueError, match="already"):
        actions.merge(party.pk, double.pk, carol)
    with pytest.raises(PermissionDenied):
        actions.unmerge(double.pk, alice)
    actions.unmerge(double.pk, carol)
    assert queries.identify("+31655500147").party == double


def test_who_sees_own_customers_sees_those_of_others_not(bob: User, service: object) -> None:
    erin = make_user("erin", {**AGENT, "parties.view": "own", "parties.own": "own"}, language="ru", unit=service)
    mine = noor(languages=["ru"])
    other = noor(languages=["en"])
    assert mine.account_owner == erin
    assert other.account_owner == bob
    assert [hit.party for hit in search(erin, "noor")] == [mine]


@pytest.mark.parametrize("customers", [1, 3])
def test_a_profile_and_a_list_cost_the_same_for_one_and_for_three(customers: int, alice: User, django_assert_num_queries: object) -> None:
    for number in range(customers):
        party = noor(name=f"Noor de Vries {number}", address={"street": "Keizersgracht 112", "city": "Amsterdam", "postcode": "1015 AA"})
        actions.add_contact_point(party.pk, "email", f"noor{number}@example.org", None)
    search(alice, "noor")  # the permissions are read once a request
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.identify("+31205550123")
    with django_assert_num_queries(2):  # type: ignore[operator]
        profile = queries.profile(party.pk, during="interaction:1")
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert (len(profile.phones), len(profile.emails), profile.deputies, profile.related, profile.changed) == (1, 1, [], [], {})
        assert profile.address is not None
    with django_assert_num_queries(5):  # type: ignore[operator]
        hits = search(alice, "vries noor")
        assert len(hits) == customers
        assert hits[0].place == "Keizersgracht 112, Amsterdam"


def test_only_who_may_see_a_customer_may_listen(alice: User, dave: User) -> None:
    party = noor()
    assert may_listen(alice, f"party:{party.pk}")
    assert not may_listen(dave, f"party:{party.pk}")
    assert not may_listen(alice, "party:")
    own = make_user("erin", {"parties.view": "own"})
    assert not may_listen(own, f"party:{party.pk}")
    actions.set_account_owner(party.pk, own, None)
    assert may_listen(own, f"party:{party.pk}")


@pytest.mark.parametrize("fields", [{"name": "x" * 201}, {"salutation": "x" * 21}, {"address.postcode": "9" * 21}, {"owner_note": "a\x00b"}, {"name": " "}])
def test_what_no_column_can_hold_is_refused_at_its_field(fields: dict[str, str], alice: User) -> None:
    party = noor()
    with pytest.raises(ValidationError) as fault:
        actions.change(party.pk, fields, alice)
    assert set(fault.value.message_dict) == set(fields)
    with pytest.raises(ValidationError):
        actions.create(alice, name="x" * 201)


def test_a_change_of_what_does_not_exist_is_a_programming_error(alice: User) -> None:
    party = noor()
    for fields in ({"customer_number": "1"}, {"address.planet": "Mars"}, {"flags": ["nice"]}):
        with pytest.raises(ValueError, match="no such"):
            actions.change(party.pk, fields, alice)
