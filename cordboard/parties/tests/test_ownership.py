"""Every customer has somebody who answers for them: by rule, by hand, while the owner is away; and each hand-off is on record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cordboard.org.actions_absence import set_absence
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions, actions_ownership, queries_ownership
from cordboard.parties.models import Address, HandOff, Party
from cordboard.parties.ownership import Candidate, Customer, Wish, assign, plan
from cordboard.rules.models import Policy

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
NL = frozenset({"nl"})


def test_a_rule_narrows_and_language_country_and_load_decide_among_the_rest() -> None:
    field = Candidate(1, NL, 50, "NL", "field", "joris")
    service = Candidate(2, NL, 3, "NL", "service", "emma")
    assert assign([field, service], Customer(9, ("nl",), "NL")).user == 2
    by_rule = assign([field, service], Customer(9, ("nl",), "NL", Wish("gold", units=frozenset({"field"}))))
    assert (by_rule.user, by_rule.because["code"], by_rule.because["rule"]) == (1, "by_rule", "gold")
    full = assign([field, service], Customer(9, ("nl",), "NL", Wish("gold", units=frozenset({"field"}), most=50)))
    assert (full.user, full.because["code"]) == (2, "rule_left_nobody")
    assert assign([], Customer(9)).because == {"code": "nobody"}


def test_who_is_away_is_passed_over_unless_everybody_is() -> None:
    away = Candidate(1, NL, 0, away=True)
    here = Candidate(2, frozenset({"th"}), 99)
    assert assign([away, here], Customer(9, ("nl",))).user == 2
    alone = assign([away], Customer(9, ("nl",)))
    assert (alone.user, alone.because["away"]) == (1, True)


@given(st.lists(st.sampled_from([None, 1, 2, 3]), max_size=40))
def test_many_at_once_are_spread_evenly(owners: list[int | None]) -> None:
    candidates = [Candidate(user, NL, owners.count(user)) for user in (1, 2, 3)]
    made = plan([Customer(place, ("nl",), owner=owner) for place, owner in enumerate(owners)], candidates)
    got = [sum(choice.user == user for _customer, choice in made) for user in (1, 2, 3)]
    assert sum(got) == len(owners)
    assert max(got) - min(got) <= 1


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", {"parties.own": "own", "parties.view": "all"}, unit=unit(), language="nl")


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", {"parties.own": "own", "parties.view": "all"}, unit=unit("field"), language="en")


@pytest.fixture
def carol(db: None) -> User:
    return person("carol", {"parties.assign": "all", "parties.view": "all", "org.hand_over": "all"}, unit=unit(), language="en")


def noor(**fields: object) -> Party:
    return actions.create(None, name="Noor de Vries", languages=["nl"], country="NL", now=NOW, **fields)  # type: ignore[arg-type]


def test_a_new_customer_goes_by_the_managers_policy(alice: User, bob: User) -> None:
    condition = {"fact": "party.postcode", "op": "is", "value": "1017 AB"}
    rule = {"id": "amsterdam", "name": "Amsterdam to the field", "when": condition, "actions": [{"do": "owner_unit", "unit": "field"}]}
    body = {"schema": 1, "mode": "first", "rules": [rule]}
    Policy.objects.create(area="ownership", code="owners", name="Owners", version=1, state=Policy.State.PUBLISHED, body=body, published_at=NOW)
    assert noor().account_owner == alice, "she speaks Dutch"
    assert noor(address={"street": "Prinsengracht 1", "postcode": "1017 AB", "city": "Amsterdam"}).account_owner == bob
    assert HandOff.objects.get(new=bob).because["rule"] == "Amsterdam to the field"


def test_every_hand_off_is_on_record_with_who_from_to_and_why(alice: User, bob: User, carol: User) -> None:
    party = noor()
    with pytest.raises(PermissionDenied):
        actions_ownership.set_account_owner(party.pk, bob, alice)
    actions_ownership.set_account_owner(party.pk, bob, carol, why="Bob knows   her machine", now=NOW)
    actions_ownership.set_account_owner(party.pk, bob, carol, why="again", now=NOW)
    last, first = HandOff.objects.filter(party=party).order_by("-pk")
    assert (first.how, first.old, first.new, first.by) == ("rule", None, alice, None)
    assert (last.how, last.old, last.new, last.by, last.why) == ("hand", alice, bob, carol, "Bob knows her machine")


def test_while_the_owner_is_away_the_named_deputy_answers_then_the_customers_own(alice: User, bob: User, carol: User) -> None:
    party = noor()
    erin = person("erin", {"parties.own": "own"}, unit=unit())
    assert actions_ownership.set_deputies(party.pk, [bob.pk, erin.pk], carol)
    with pytest.raises(ValidationError):
        actions_ownership.set_deputies(party.pk, [alice.pk], carol)
    party.refresh_from_db()
    assert queries_ownership.responsible(party, NOW).answers == alice
    today = NOW.date()
    set_absence(alice, alice.pk, today, today + timedelta(days=3), now=NOW)
    found = queries_ownership.responsible(party, NOW)
    assert (found.answers, found.away is not None) == (bob, True)
    assert queries_ownership.answers(party, NOW) == bob, "what rules give to the account owner goes to him meanwhile"
    set_absence(bob, bob.pk, today, today, deputy=carol.pk, now=NOW)
    assert queries_ownership.responsible(party, NOW).answers == erin, "bob is away too; the next deputy"
    assert queries_ownership.responsible(party, NOW + timedelta(days=9)).answers == alice


def test_existing_customers_are_given_out_with_a_preview_of_the_same_result(alice: User, bob: User, carol: User) -> None:
    parties = [Party.objects.create(name=f"Customer {n}", languages=["nl"], country="NL", created_at=NOW) for n in range(4)]
    gone = person("gone", {}, unit=unit())
    for one in parties:
        one.roles.create(kind="customer")
        Party.objects.filter(pk=one.pk).update(account_owner=gone)
    ids = list(queries_ownership.to_assign(owner=gone.pk).values_list("pk", flat=True))
    shown = {customer.party: choice.user for customer, choice in queries_ownership.planned(ids, NOW)}
    assert actions_ownership.assign_many(carol, ids, why="Gone has left", now=NOW) == {alice.pk: 4}
    assert dict(Party.objects.filter(pk__in=ids).values_list("pk", "account_owner_id")) == shown
    assert set(HandOff.objects.values_list("how", "old", "new", "why")) == {("bulk", gone.pk, alice.pk, "Gone has left")}
    assert not queries_ownership.to_assign(owner=gone.pk).exists()
    assert actions_ownership.assign_many(carol, ids, now=NOW) == {}, "who has them keeps them"


def test_the_day_is_the_absent_ones_own(alice: User) -> None:
    party = noor()
    assert Address.objects.filter(party=party).count() == 0
    alice.timezone = "Asia/Bangkok"
    alice.save()
    set_absence(alice, alice.pk, date(2026, 11, 18), date(2026, 11, 18))
    party.refresh_from_db()
    assert queries_ownership.responsible(party, datetime(2026, 11, 17, 18, 0, tzinfo=UTC)).answers is None, "in Bangkok it is the eighteenth"
