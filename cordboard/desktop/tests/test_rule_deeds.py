"""What rules did, on the screens: tags, approvals, forbidden acts, proposals."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.catalogue.models import Product
from cordboard.desktop.telephone import Phase, buttons, more, without_forbidden
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions import actions_approval, actions_tags
from cordboard.interactions.models import Approval, Deed, InteractionTag, Prohibition
from cordboard.parties.models import PartyTag
from cordboard.routing.tests.centre import Centre, party
from cordboard.sales.actions_proposal import propose
from cordboard.sales.models import ProductProposal

WORDS = {"en": {"strong": "Refund beyond the limit?", "text": "She waits."}}


@pytest.fixture
def talking(centre: Centre) -> Any:
    centre.ready(centre.alice)
    row = centre.talk(centre.alice)
    interactions.identify(row.pk, [party("Margaret Ashworth").pk], by="ani", now=centre.now)
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_tags_stand_with_the_customer_and_in_the_wrap_up(centre: Centre, talking: Any) -> None:
    client = signed_in(centre.alice)
    assert client.post(f"/desk/{talking.pk}/tag/", {"tag": " Late  Delivery"}).status_code == 204
    PartyTag.objects.create(party=talking.subject, tag="installer", rule="Trade", at=centre.now)
    account = client.get(f"/desk/fragments/?names=account&interaction={talking.pk}").content.decode()
    assert "late delivery" in account
    assert "installer" in account
    assert "added by the rule “Trade”" in account
    panel = client.get(f"/desk/fragments/?names=work&tab=wrapup&interaction={talking.pk}").content.decode()
    assert "Take late delivery away" in panel
    assert client.post(f"/desk/{talking.pk}/tag/?tag=late%20delivery&on=contact&away=1").status_code == 204
    assert not InteractionTag.objects.exists()
    assert client.post(f"/desk/{talking.pk}/tag/", {"tag": "  "}).status_code == 422
    assert client.post(f"/desk/{talking.pk}/tag/?tag=installer&on=customer&away=1").status_code == 403, "it needs the right to change customers"
    assert signed_in(centre.dave).post(f"/desk/{talking.pk}/tag/", {"tag": "x"}).status_code == 403


@pytest.mark.django_db
def test_an_approval_is_asked_given_and_told(centre: Centre, talking: Any) -> None:
    centre.unit.head = centre.carol
    centre.unit.save()
    made = actions_approval.ask(f"interaction:{talking.pk}", WORDS, unit=centre.unit, interaction=talking, asked_by=centre.alice, rule="Refunds")
    carol, alice = signed_in(centre.carol), signed_in(centre.alice)
    told = carol.get("/messages/unread/").json()["messages"]
    assert [one["title"] for one in told] == ["Alice asks for your approval:"]
    page = carol.get("/approvals/").content.decode()
    assert "Refund beyond the limit?" in page
    assert "Margaret Ashworth" in page
    assert "Refund beyond the limit?" in alice.get("/approvals/").content.decode()
    alerts = alice.get(f"/desk/fragments/?names=alerts&interaction={talking.pk}").content.decode()
    assert "Waits for Carol, head of Service" in alerts
    assert signed_in(centre.bob).post(f"/approvals/{made.pk}/approve/").status_code == 403
    assert carol.post(f"/approvals/{made.pk}/decline/", {"reason": ""}).status_code == 422
    assert carol.post(f"/approvals/{made.pk}/approve/", {"reason": "Once"}).status_code == 204
    assert carol.post(f"/approvals/{made.pk}/decline/", {"reason": "No"}).status_code == 409
    told = alice.get("/messages/unread/").json()["messages"]
    assert [(one["title"], one["text"]) for one in told] == [("Carol has approved it:", "Refund beyond the limit? Once")]
    assert alice.post(told[0]["url"]).status_code == 204
    assert alice.get("/messages/unread/").json()["messages"] == []
    assert "Approved: Once" in alice.get(f"/desk/fragments/?names=alerts&interaction={talking.pk}").content.decode()
    assert Approval.objects.get().decided_by == centre.carol
    assert carol.post("/approvals/999/approve/").status_code == 404


@pytest.mark.django_db
def test_who_asked_may_withdraw(centre: Centre, talking: Any) -> None:
    made = actions_approval.ask("refund:1", WORDS, approver=centre.carol, asked_by=centre.alice)
    assert signed_in(centre.carol).post(f"/approvals/{made.pk}/withdraw/").status_code == 403
    assert signed_in(centre.alice).post(f"/approvals/{made.pk}/withdraw/").status_code == 204
    assert "Nothing waits for you" in signed_in(centre.carol).get("/approvals/").content.decode()
    assert actions_approval.approved("refund:1") is None


def test_a_button_that_a_rule_forbids_is_off_with_the_reason() -> None:
    shown = {one.code: one for one in without_forbidden(buttons(Phase.TALKING), {"transfer": "Complaints stay with us."})}
    assert (shown["transfer"].enabled, shown["transfer"].why_not) == (False, "Complaints stay with us.")
    assert shown["consult"].enabled
    handing = {one.code: one for one in without_forbidden(buttons(Phase.CONSULTING), {"transfer": "No.", "conference": "No."})}
    assert not handing["transfer"].enabled, "handing a consultation over is a transfer"
    assert {one.code for one in without_forbidden(more(Phase.TALKING), {"park": "No."}) if one.why_not} == {"park"}
    assert buttons(Phase.TALKING) == without_forbidden(buttons(Phase.TALKING), {})


@pytest.mark.django_db
def test_the_desk_says_what_is_forbidden_and_why(centre: Centre, talking: Any) -> None:
    client = signed_in(centre.alice)
    fields = {"interaction": talking, "rule": "Stay", "rule_id": "stay", "policy": "desk", "at": centre.now}
    for act in ("consult", "transfer_outside"):
        Prohibition.objects.create(act=act, texts={"en": {"strong": "Complaints stay with us.", "text": ""}}, **fields)
    tools = client.get(f"/desk/fragments/?names=tools&interaction={talking.pk}").content.decode()
    assert 'title="Complaints stay with us."' in tools
    box = client.get(f"/desk/transfer/?mode=transfer&interaction={talking.pk}").content.decode()
    assert "Nobody outside: Complaints stay with us." in box
    refused = client.post(f"/desk/{talking.pk}/consult/?agent={centre.bob.pk}")
    assert refused.status_code == 409
    assert "Complaints stay with us." in refused.content.decode()


@pytest.mark.django_db
def test_what_the_customer_said_of_a_proposal_is_kept(centre: Centre, talking: Any) -> None:
    Product.objects.create(code="d7", names={"en": "Dishwasher D7"}, family="dishwasher")
    made = propose(centre.alice, talking.pk, "d7", rule="Sell")
    assert made is not None
    client = signed_in(centre.alice)
    assert "Dishwasher D7" in client.get(f"/desk/fragments/?names=work&tab=wrapup&interaction={talking.pk}").content.decode()
    assert client.post(f"/desk/proposals/{made.pk}/?state=wanted").status_code == 204
    assert ProductProposal.objects.get().state == "wanted"
    assert client.post(f"/desk/proposals/{made.pk}/?state=offered").status_code == 404
    actions_tags.tag(centre.alice, talking.pk, "sold")


@pytest.mark.django_db
def test_why_tells_what_rules_did_and_could_not_do(centre: Centre, talking: Any) -> None:
    fields = {"interaction": talking, "policy": "desk", "rule_id": "one", "rule": "Complaints", "at": centre.now}
    Deed.objects.create(verb="open_ticket", key="1", came={"ticket": 5, "number": 10_007}, **fields)
    Deed.objects.create(verb="notify", key="2", failed="Nobody would get it.", **fields)
    Prohibition.objects.create(act="transfer", texts=WORDS, interaction=talking, rule="Stay", rule_id="stay", policy="desk", at=centre.now)
    page = signed_in(centre.carol).get(f"/policies/why/{talking.pk}/").content.decode()
    for words in ("Open a ticket or task: number 10007", "It could not be done: Nobody would get it.", "Forbidden: transfer it to a colleague or queue."):
        assert words in page
