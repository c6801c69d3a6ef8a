"""A message is written down, sent over SMTP, tried again, given up, and never lost."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cordboard.flows import effects as fx
from cordboard.flows import errands
from cordboard.flows.steps import About
from cordboard.interactions.history import Asked, read
from cordboard.lib.testing.mailbox import Mailbox
from cordboard.mail import actions, backoff, sending
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import Role
from cordboard.parties.actions import add_contact_point
from cordboard.parties.models import Party
from cordboard.routing.tests.centre import Centre, told

At = Callable[[str], None]


def noor(**fields: str) -> Party:
    party = Party.objects.create(name="Noor de Vries", created_at=timezone.now(), **fields)
    add_contact_point(party.pk, "email", "noor@example.com", None)
    return party


def test_a_message_goes_out_and_stands_in_the_history(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    party = noor()
    row = actions.send("noor@example.com", "Uw ketel — klaar", "Beste Noor,\n\n.\nTot ziens", party=party.pk, language="nl")
    assert sending.work() == 1
    sender, to, message = post.received[0]
    assert (sender, to) == ("hello@lampketel.example", ["noor@example.com"])
    assert (message["Subject"], message["From"], message["Message-ID"]) == ("Uw ketel — klaar", "Lamp en Ketel <hello@lampketel.example>", row.message_id)
    assert message.get_content().replace("\r\n", "\n") == "Beste Noor,\n\n.\nTot ziens\n"
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")
    assert sending.work() == 0, "it is sent once"
    page = read(Asked([party.pk], "", None, 10, "en", None), only=["mail"])
    assert [(one.title, one.detail) for one in page.entries] == [("Uw ketel — klaar", "To noor@example.com: sent")]
    assert [event["message"] for event in told("mail.sent")] == [row.pk]


def test_the_same_act_done_again_is_one_message(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    first = actions.send("noor@example.com", "Once", "Text", key="7:send")
    assert actions.send("noor@example.com", "Once", "Text", key="7:send").pk == first.pk
    sending.work()
    assert len(post.received) == 1


def test_a_server_that_is_away_is_asked_again_with_growing_pauses(centre: Centre, mail_server: At) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        mail_server(f"smtp://127.0.0.1:{nobody.getsockname()[1]}")
        row = actions.send("noor@example.com", "Hello", "Text")
        assert sending.work() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 1)
    assert "refused" in row.error.lower()
    assert row.next_at is not None
    assert row.next_at > timezone.now() + timedelta(seconds=30)
    assert sending.work() == 0, "not before its time"
    for _ in backoff.PAUSES:
        actions.not_sent(row.pk, "still away")
    row.refresh_from_db()
    assert (row.state, row.attempts, row.next_at) == ("failed", len(backoff.PAUSES) + 1, None)
    assert told("mail.failed")[-1]["attempts"] == row.attempts


def test_what_a_server_refuses_for_good_is_given_up_at_once(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    post.refusals = {"gone@example.com": "550 no such user", "busy@example.com": "451 later"}
    gone, busy, fine = (actions.send(f"{who}@example.com", "Hello", "Text") for who in ("gone", "busy", "fine"))
    assert sending.work() == 3
    for row in (gone, busy, fine):
        row.refresh_from_db()
    assert (gone.state, gone.error) == ("failed", "550 no such user")
    assert (busy.state, busy.error) == ("queued", "451 later")
    assert fine.state == "sent", "one that is refused does not keep the others"


def test_without_a_mail_server_nothing_is_lost(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server("")
    row = actions.send("noor@example.com", "Hello", "Text")
    assert (row.state, row.error) == ("failed", actions.NO_SERVER)
    assert sending.work() == 0
    centre.carol.roles.add(_may_manage())
    with pytest.raises(ValueError, match=actions.NO_SERVER):
        actions.send_again(None, centre.carol)
    mail_server(post.url)
    with pytest.raises(PermissionDenied):
        actions.send_again(None, centre.dave)
    assert actions.send_again(None, centre.carol) == 1
    sending.work()
    row.refresh_from_db()
    assert (row.state, len(post.received)) == ("sent", 1)


def _may_manage() -> Role:
    return Role.objects.create(code="mail", name="Mail", permissions={"mail.manage": "all"})


def test_one_that_died_over_a_message_leaves_it_to_the_next(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    row = actions.send("noor@example.com", "Hello", "Text")
    now = timezone.now()
    assert [one.pk for one in actions.claim(now)] == [row.pk]
    assert actions.claim(now) == [], "another worker leaves it alone meanwhile"
    assert [one.pk for one in actions.claim(now + actions.CLAIM)] == [row.pk]


@pytest.mark.parametrize("address,subject,text", [("nobody", "Hello", "Text"), ("a@b.example", "  ", "Text"), ("a@b.example", "Hello", " ")])
def test_what_is_no_message_is_refused(centre: Centre, address: str, subject: str, text: str) -> None:
    with pytest.raises(ValueError):
        actions.send(address, subject, text)
    assert not OutgoingMail.objects.exists()


def test_no_header_comes_in_through_a_subject(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    actions.send("noor@example.com", "Hello\r\nBcc: all@example.com", "Text")
    sending.work()
    _sender, to, message = post.received[0]
    assert (to, message["Bcc"], message["Subject"]) == (["noor@example.com"], None, "Hello Bcc: all@example.com")


def test_a_flow_sends_to_the_customer_and_to_nobody_else(centre: Centre, post: Mailbox, mail_server: At) -> None:
    mail_server(post.url)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    call.subject = noor()
    call.save()

    def send(by: object, **args: str) -> fx.LookedUp:
        about = About(f"interaction:{call.pk}", "script", "en", by, 7)
        return errands.run(fx.Perform("tell", "mail", {"subject": "Your kettle", "text": "It is ready.", **args}, f"tell{len(args)}{by is None}"), about)

    assert send(None).result["to"] == "noor@example.com"
    assert send(None, to="NOOR@example.com").result["to"] == "noor@example.com"
    assert send(None, to="stranger@example.com").failed == "refused"
    assert send(centre.alice, to="work@example.com").result["to"] == "work@example.com"
    mail_server("")
    assert send(centre.alice).failed == "refused"
    assert OutgoingMail.objects.filter(error=actions.NO_SERVER, interaction=call).count() == 1


def test_addresses_of_mail_servers() -> None:
    assert sending.server("smtp+starttls://me%40x:p%2Fw@mx.example") == sending.Server("mx.example", 587, "me@x", "p/w", "starttls")
    assert sending.server("smtps://mx.example:4650") == sending.Server("mx.example", 4650, tls="always")
    with pytest.raises(ValueError, match="smtp://"):
        sending.server("http://mx.example")
