"""The paper of a visit goes to whoever signed for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cordboard.mail.models import OutgoingMail
from cordboard.mail.service_orders import tell_signed
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties
from cordboard.tickets import actions_order
from cordboard.tickets.models import OrderSignature

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DRAWN = [[[100, 100], [300, 220], [500, 120]]]


def signed(email: str) -> OrderSignature:
    tim = person("tim", {"tickets.orders": "all"})
    noor = parties.create(None, name="Noor de Vries", languages=["nl"], country="NL", email=email)
    order = actions_order.plan_order(tim, party=noor.pk, title="W8: pump hums", technician=tim, now=NOW)
    actions_order.move_on(tim, order.pk, "working", now=NOW)
    actions_order.move_on(tim, order.pk, "done", report="Replaced the pump.", now=NOW)
    return actions_order.confirm(tim, order.pk, name="Noor de Vries", strokes=DRAWN, now=NOW)


@pytest.mark.django_db
def test_the_customer_gets_what_was_signed_once() -> None:
    row = signed("noor@example.nl")
    sent = tell_signed(row.pk, now=NOW)
    assert tell_signed(row.pk, now=NOW) == sent
    mail = OutgoingMail.objects.get()
    assert (mail.address, mail.party_id, mail.language) == ("noor@example.nl", row.order.party_id, "nl")
    assert "Replaced the pump." in mail.text
    file = mail.attachments.get()
    assert file.media_type == "application/pdf"
    assert bytes(file.data).startswith(b"%PDF")


@pytest.mark.django_db
def test_nobody_to_write_to() -> None:
    row = signed("")
    assert tell_signed(row.pk, now=NOW) is None
    assert tell_signed(row.pk + 1, now=NOW) is None
