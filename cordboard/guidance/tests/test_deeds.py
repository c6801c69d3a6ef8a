"""What rules do beside telling: tags, tickets, notices, approvals, proposals, and what they forbid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.catalogue.models import Product
from cordboard.guidance import actions
from cordboard.guidance.models import Alert
from cordboard.guidance.tests.test_following import contact, reasons, rule, says
from cordboard.interactions import actions as interactions
from cordboard.interactions import actions_approval, actions_tags, prohibitions, queries_approval
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Approval, ContactReason, Deed, Interaction, InteractionTag
from cordboard.org.models import Position
from cordboard.parties.models import PartyTag
from cordboard.routing import actions as routing
from cordboard.routing.actions_broadcast import read_broadcast
from cordboard.routing.models import Broadcast, Queue
from cordboard.routing.queries_broadcast import unread
from cordboard.routing.tests.centre import Centre, party, told
from cordboard.rules import facts, published
from cordboard.rules.models import Policy
from cordboard.sales import actions_proposal
from cordboard.sales.models import ProductProposal
from cordboard.tickets.models import Ticket

COMPLAINS = {"fact": "talk.reasons", "op": "contains", "value": "complaint"}


def write(*rules: dict[str, Any]) -> None:
    published.forget()
    Policy.objects.filter(code="desk").delete()
    Policy.objects.create(area="guidance", code="desk", name="Desk", version=1, state="published", body={"mode": "all", "rules": list(rules)})


@pytest.fixture
def house(centre: Centre) -> Centre:
    ContactReason.objects.create(code="complaint", names={"en": "Complaint"})
    centre.unit.head = centre.carol
    centre.unit.save()
    return centre


def complains(centre: Centre, row: Interaction) -> None:
    interactions.add_reason(centre.alice, row.pk, "complaint")
    actions.evaluate(row.pk, now=centre.now)
    actions.evaluate(row.pk, now=centre.now)


def test_a_rule_tags_the_contact_and_the_customer_once_and_people_take_tags_away(house: Centre) -> None:
    write(rule("tag", {"do": "add_tag", "tag": " Wants  a Refund "}), rule("angry", {"do": "add_tag", "tag": "upset", "on": "customer"}, COMPLAINS))
    row = contact(house)
    complains(house, row)
    assert [one.tag for one in InteractionTag.objects.filter(interaction=row)] == ["wants a refund"]
    tagged = PartyTag.objects.get(party=row.subject_id)
    assert (tagged.tag, tagged.rule, tagged.origin) == ("upset", "Angry", f"interaction:{row.pk}")
    situation = {"interaction": row, "party": row.subject, "context": {}, "now": house.now}
    assert facts.REGISTRY.reader(situation)("party.tags") == ["upset"]
    assert facts.REGISTRY.reader(situation)("interaction.tags") == ["wants a refund"]
    assert actions_tags.untag(house.alice, row.pk, "wants a refund")
    actions.evaluate(row.pk, now=house.now)
    assert not InteractionTag.objects.exists(), "what a person took away no rule puts back"
    with pytest.raises(PermissionDenied):
        actions_tags.tag(house.dave, row.pk, "spy")
    with pytest.raises(ValidationError):
        actions_tags.tag(house.alice, row.pk, "\u200b \n")


def test_a_tag_for_the_customer_follows_the_customer_who_it_turns_out_to_be(house: Centre) -> None:
    write(rule("tag", {"do": "add_tag", "tag": "called", "on": "customer"}))
    row = contact(house)
    other = party("Bert Bakker")
    assert interactions.change_subject(house.alice, row.pk, other.pk).done
    actions.evaluate(row.pk, now=house.now)
    assert set(PartyTag.objects.values_list("party__name", flat=True)) == {"Margaret Ashworth", "Bert Bakker"}


def test_a_ticket_is_opened_once_with_the_facts_in_its_title(house: Centre) -> None:
    write(
        rule("file", {"do": "open_ticket", "kind": "complaint", "title": "{party.name} complains", "owner": "head", "unit": "service", "hours": 4}, COMPLAINS)
    )
    row = contact(house)
    complains(house, row)
    made = Ticket.objects.get()
    assert (made.title, made.kind, made.owner, made.party_id) == ("Margaret Ashworth complains", "complaint", house.carol, row.subject_id)
    assert made.due_at == house.now + timedelta(hours=4)
    assert made.opened_by is None
    assert Deed.objects.get().came == {"ticket": made.pk, "number": made.number}
    assert [one["verb"] for one in told("interactions.rule_did")] == ["open_ticket"]


def test_what_cannot_be_done_is_kept_with_the_reason_and_spoils_nothing_else(house: Centre) -> None:
    write(
        rule("file", {"do": "open_ticket", "kind": "task", "title": "Look", "unit": "gone"}),
        rule("tag", {"do": "add_tag", "tag": "seen"}),
        rule("warn", {"do": "alert", "reason": "warn", "kind": "warning", "texts": says("Mind this.")}),
    )
    row = contact(house)
    assert not Ticket.objects.exists()
    failed = Deed.objects.get(verb="open_ticket")
    assert "gone" in failed.failed
    assert InteractionTag.objects.filter(interaction=row, tag="seen").exists()
    assert "warn" in reasons(row, house.alice)
    assert [one["done"] for one in told("interactions.rule_did")] == [False, True]


@pytest.mark.parametrize("to", ["head:service", "agent_head", "user:carol", "position:lead", "unit:service", "queue:support"])
def test_colleagues_are_told_each_in_their_language_with_a_receipt(house: Centre, to: str) -> None:
    place = Position.objects.create(name="Team lead", code="lead", unit=house.unit)
    house.carol.position, house.carol.unit = place, house.unit
    house.carol.save()
    words = {"en": {"strong": "{party.name} complains.", "text": "Look in."}, "nl": {"strong": "{party.name} klaagt.", "text": ""}}
    write(rule("tell", {"do": "notify", "to": to, "texts": words}, COMPLAINS))
    row = contact(house)
    if to.startswith("queue"):
        house.carol.queues.create(queue=house.support)
    complains(house, row)
    sent = Broadcast.objects.get()
    assert (sent.sender, sent.rule, sent.interaction_id) == (None, "Tell", row.pk)
    waits = [one for one in unread(house.carol, house.now) if one.pk == sent.pk]
    assert [one.text_in("nl") for one in waits] == ["Margaret Ashworth klaagt."]
    assert waits[0].text_in("ru") == "Margaret Ashworth complains. Look in."
    assert read_broadcast(house.carol, sent.pk, now=house.now).came == Came.DONE
    assert not unread(house.carol, house.now)


def test_the_head_of_the_unit_is_asked_and_the_asker_is_told(house: Centre) -> None:
    words = {"en": {"strong": "A refund beyond the limit.", "text": ""}}
    write(rule("ask", {"do": "ask_approval", "of": "unit:service", "texts": words, "amount": "250", "minutes": 30}, COMPLAINS))
    row = contact(house)
    complains(house, row)
    asked = Approval.objects.get()
    assert (asked.about, asked.interaction_id, asked.asked_by, asked.amount) == (f"interaction:{row.pk}", row.pk, house.alice, Decimal(250))
    assert [one.pk for one in queries_approval.to_decide(house.carol, house.now)] == [asked.pk]
    assert not queries_approval.to_decide(house.alice, house.now)
    for stranger in (house.alice, house.bob, house.dave):
        with pytest.raises(PermissionDenied):
            actions_approval.decide(stranger, asked.pk, True, now=house.now)
    with pytest.raises(ValidationError):
        actions_approval.decide(house.carol, asked.pk, False, "  ", now=house.now)
    assert actions_approval.approved(asked.about) is None
    done = actions_approval.decide(house.carol, asked.pk, False, "Offer a repair first", now=house.now)
    assert done.state == Approval.State.DECLINED
    assert actions_approval.decide(house.carol, asked.pk, True, now=house.now).state == Approval.State.DECLINED, "said once"
    assert [one.reason for one in queries_approval.answers(house.alice)] == ["Offer a repair first"]
    assert actions_approval.seen(house.alice, asked.pk, now=house.now)
    assert not queries_approval.answers(house.alice)
    assert told("interactions.approval_settled")[-1]["state"] == "declined"


def test_an_approval_that_nobody_gives_in_time_expires_and_none_is_given_for_oneself(house: Centre) -> None:
    asked = actions_approval.ask("refund:7", says("Refund"), unit=house.unit, asked_by=house.alice, within=timedelta(minutes=5), now=house.now)
    assert actions_approval.expire(now=house.now + timedelta(minutes=4)) == 0
    assert actions_approval.expire(now=house.now + timedelta(minutes=5)) == 1
    asked.refresh_from_db()
    assert asked.state == Approval.State.EXPIRED
    with pytest.raises(ValidationError):
        actions_approval.ask("refund:8", says("Refund"), unit=house.unit, asked_by=house.carol, now=house.now)
    other = actions_approval.ask("refund:9", says("Refund"), approver=house.bob, asked_by=house.alice, now=house.now)
    actions_approval.decide(house.bob, other.pk, True, now=house.now)
    found = actions_approval.approved("refund:9")
    assert found is not None
    assert found.decided_by == house.bob


def test_a_forbidden_transfer_is_refused_with_the_reason_until_the_rule_holds_no_more(house: Centre) -> None:
    words = {"en": {"strong": "Complaints stay with us.", "text": "Settle it yourself."}}
    write(
        rule("stay", {"do": "forbid", "act": "transfer", "texts": words}, COMPLAINS),
        rule("inside", {"do": "forbid", "act": "transfer_outside", "texts": words}, COMPLAINS),
    )
    house.ready(house.alice, house.bob)
    row = house.talk(house.alice)
    complains(house, row)
    refused = routing.transfer(house.alice, row.pk, to_agent=house.bob.pk, now=house.now)
    assert (refused.came, refused.words) == (Came.FORBIDDEN, "Complaints stay with us. Settle it yourself.")
    outside = routing.dial_outside(house.alice, row.pk, "+31205550199", "transfer", now=house.now)
    assert outside.came == Came.FORBIDDEN
    assert prohibitions.standing(row.pk).keys() == {"transfer", "transfer_outside"}
    interactions.remove_reason(house.alice, row.pk, "complaint")
    actions.evaluate(row.pk, now=house.now)
    assert prohibitions.standing(row.pk) == {}
    assert routing.transfer(house.alice, row.pk, to_agent=house.bob.pk, now=house.now).done
    assert [one["forbidden"] for one in told("interactions.forbidden")] == [True, True, False, False]


def test_a_product_is_proposed_and_what_the_customer_said_is_kept(house: Centre) -> None:
    Product.objects.create(code="d7", names={"en": "Dishwasher D7"}, family="dishwasher")
    write(rule("sell", {"do": "propose_product", "product": "d7", "texts": says("Fits the W8.")}))
    row = contact(house)
    offered = Alert.objects.get(interaction=row, reason="sell.propose_product")
    assert offered.offer == {"do": "propose_product", "product": "d7"}
    assert actions.follow(house.alice, offered.pk, now=house.now).done
    made = ProductProposal.objects.get()
    assert (made.party_id, made.rule, made.state) == (row.subject_id, "Sell", "offered")
    assert actions_proposal.answer(house.alice, made.pk, "wanted").state == "wanted"
    with pytest.raises(PermissionDenied):
        actions_proposal.answer(house.dave, made.pk, "declined")
    with pytest.raises(ValueError, match="cannot become"):
        actions_proposal.answer(house.alice, made.pk, "offered")


def test_an_alert_expires_and_does_not_come_back_as_it_was(house: Centre) -> None:
    write(rule("brief", {"do": "alert", "reason": "brief", "kind": "reminder", "texts": says("For five minutes."), "minutes": 5}))
    row = contact(house)
    assert "brief" in reasons(row, house.alice)
    assert actions.expire(now=house.later(299)) == 0
    assert actions.expire(now=house.later(1)) == 1
    assert "brief" not in reasons(row, house.alice)
    actions.evaluate(row.pk, now=house.now)
    assert "brief" not in reasons(row, house.alice)


def test_one_rule_takes_back_the_alert_of_another(house: Centre) -> None:
    write(
        rule("sell", {"do": "alert", "reason": "offer", "kind": "suggestion", "texts": says("Mention the set price.")}),
        rule("hush", {"do": "withdraw_alert", "reason": "offer"}, COMPLAINS),
    )
    row = contact(house)
    assert "offer" in reasons(row, house.alice)
    complains(house, row)
    assert "offer" not in reasons(row, house.alice)


def test_the_queue_of_the_centre_is_no_reader_of_a_notice_that_names_none(house: Centre) -> None:
    write(rule("tell", {"do": "notify", "to": "queue:gone", "texts": says("Hello")}))
    contact(house)
    assert not Broadcast.objects.exists()
    assert Deed.objects.get().failed == "Nobody would get it."
    assert Queue.objects.count() == 2
