"""The identity check at the desk, and what stays masked until it is passed."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_behalf import part
from cordboard.desktop.tests.test_desk import noor
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import ContextValue, Interaction
from cordboard.org.models import Role
from cordboard.parties.models import Address, ContactPoint
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre


@pytest.fixture
def call(centre: Centre) -> Interaction:
    customer = noor(country="NL")
    Address.objects.create(party=customer, street="Damstraat 12", postcode="1012 JM", city="Amsterdam", country="NL")
    ContactPoint.objects.create(party=customer, kind="email", value="noor@example.org", created_at=centre.now)
    centre.ready(centre.alice, centre.bob)
    talk = centre.talk(centre.alice)
    interactions.confirm_subject(centre.alice, talk.pk, customer.pk)
    return talk


@pytest.mark.django_db
def test_two_right_answers_prove_it_and_travel_with_the_contact(centre: Centre, call: Interaction) -> None:
    alice = signed_in(centre.alice)
    page = part(alice, call, "work", tab="identity")
    assert "What is your postcode?" in page
    assert "1012" not in page, "the answers are not on the screen"
    assert alice.post(f"/desk/{call.pk}/identity/", {"code": "postcode", "given": "1012jm"}).status_code == 204
    assert alice.post(f"/desk/{call.pk}/identity/", {"code": "email", "given": "no idea"}).status_code == 204
    assert alice.post(f"/desk/{call.pk}/identity/", {"code": "street", "given": "damstraat 12"}).status_code == 204
    kept = ContextValue.objects.filter(interaction=call, name="identity").latest("pk")
    assert (kept.value["passed"], kept.user, kept.by) == (True, centre.alice, "agent")
    assert "Identity checked by Alice" in part(alice, call, "account")
    assert alice.post(f"/desk/{call.pk}/identity/", {"code": "city", "given": "x"}).status_code == 409, "it is decided"
    routing.transfer(centre.alice, call.pk, to_agent=centre.bob.pk)
    assert "Identity checked" in signed_in(centre.bob).get(f"/desk/?interaction={call.pk}").content.decode()


@pytest.mark.django_db
def test_two_wrong_answers_end_it(centre: Centre, call: Interaction) -> None:
    alice = signed_in(centre.alice)
    for code in ("postcode", "street"):
        assert alice.post(f"/desk/{call.pk}/identity/", {"code": code, "given": "no"}).status_code == 204
    assert "give nothing away" in part(alice, call, "account")
    page = part(alice, call, "work", tab="identity")
    assert 'name="given"' not in page, "nothing more is asked"
    assert "Not proven" in page


@pytest.mark.django_db
def test_details_stay_masked_where_the_role_says_so(centre: Centre, call: Interaction) -> None:
    alice = signed_in(centre.alice)
    assert "Damstraat 12" in part(alice, call, "account")
    Role.objects.filter(code="agent").update(masks=True)
    hidden = part(alice, call, "account")
    assert "Damstraat" not in hidden
    assert "after the identity check" in hidden
    page = part(alice, call, "work", tab="details")
    assert "Damstraat" not in page
    assert "Details stay masked until the identity is checked" in page
    assert alice.post(f"/desk/{call.pk}/details/", {"details-name": "Mallory"}).status_code == 403, "what is not seen is not changed"
    for code, given in (("postcode", "1012 JM"), ("street", "Damstraat 12")):
        alice.post(f"/desk/{call.pk}/identity/", {"code": code, "given": given})
    assert "Damstraat 12" in part(alice, call, "account")


@pytest.mark.django_db
def test_another_customer_has_proven_nothing(centre: Centre, call: Interaction) -> None:
    alice = signed_in(centre.alice)
    for code, given in (("postcode", "1012 JM"), ("street", "Damstraat 12")):
        alice.post(f"/desk/{call.pk}/identity/", {"code": code, "given": given})
    interactions.clear_subject(centre.alice, call.pk)
    from cordboard.parties import actions as parties

    other = parties.create(None, name="Daan Jansen", country="NL")
    interactions.confirm_subject(centre.alice, call.pk, other.pk)
    assert "Identity checked" not in part(alice, call, "account")
