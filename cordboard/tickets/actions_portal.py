"""What customers do on the public pages: they answer by the link of their ticket, and open tickets with a unit's form. Nobody is signed in; whoever has the link writes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.catalogue.models import RegisteredProduct
from cordboard.interactions.tell import stamp
from cordboard.lib.config import config
from cordboard.org.languages import best
from cordboard.parties import normalise
from cordboard.parties import queries as parties
from cordboard.tickets import actions, plain
from cordboard.tickets.actions_access import access, link_of
from cordboard.tickets.actions_attachment import taken
from cordboard.tickets.actions_message import receive_reply
from cordboard.tickets.models import Ticket, TicketAsked, TicketForm, TicketMessage
from cordboard.tickets.outgoing import Letter, NotCarried, carry
from cordboard.tickets.queries_access import conversation

Files = Iterable[tuple[str, Iterable[bytes]]]
SALT = "cordboard.ticket-page"
OPEN_FOR = timedelta(hours=12)
"""How long a page may lie open before it is sent."""
LEAST = timedelta(seconds=2)
"""Nobody fills in a form faster; a program does."""
AN_HOUR = 30
"""Answers by one link."""
A_VISITOR, A_VISITOR_IN = 6, timedelta(minutes=10)
A_MINUTE = 60
AN_ADDRESS = 5
"""Tickets a day that are opened for one e-mail address: each sends a mail there, and nobody has to be written to by strangers all day."""
LONGEST = 10_000
"""Characters of what a visitor writes."""


class NotTaken(Exception):
    """What was sent is not taken now, whatever is in it; the words say why and what to do."""


def fresh_key(now: datetime | None = None) -> str:
    """For a page that is shown: what is sent from it is taken once."""
    return signing.dumps({"k": secrets.token_hex(12), "t": stamp(now or timezone.now())}, salt=SALT)


def _key(page: str, now: datetime, least: timedelta = timedelta(0)) -> str:
    try:
        data = signing.loads(page, salt=SALT)
        key, shown = str(data["k"]), datetime.fromtimestamp(float(data["t"]), UTC)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotTaken(_("This page is not valid any more. What you wrote stands below: send it again.")) from None
    if not least <= now - shown <= OPEN_FOR:
        raise NotTaken(_("This page is not valid any more. What you wrote stands below: send it again."))
    return key


def answer(token: str, page: str, text: str, files: Files = (), *, now: datetime | None = None) -> TicketMessage:
    """The holder of the link writes on the ticket, or where its work goes on. `page`: of fresh_key; sent twice it is one message. Raises NoAccess, NotTaken, ValidationError ("text", "file");
    then nothing is kept."""
    now = now or timezone.now()
    found = conversation(token, now)
    key = _key(page, now)
    text = _short(text)
    known = f"<{key}@page.{config().mail_domain}>"
    if (before := TicketMessage.objects.filter(message_id=known).first()) is not None:
        return before
    if found.ticket.messages.filter(kind=TicketMessage.Kind.RECEIVED, address=found.access.address, at__gt=now - timedelta(hours=1)).count() >= AN_HOUR:
        raise NotTaken(_("You have written very often in the last hour. Wait a while, then send it again."))
    party = found.ticket.party_id if found.whole else None
    with taken(files) as stored, transaction.atomic():
        return receive_reply(found.about, party, text, address=found.access.address, message_id=known, files=stored, now=now)


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValidationError({"text": _("This is longer than %(n)s characters. Shorten it, or attach it as a file.") % {"n": LONGEST}})
    return plain.clean(text)


# -- opening -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """As typed by a visitor."""

    name: str
    email: str
    phone: str
    title: str
    text: str
    serial: str = ""


def open_by_form(form: TicketForm, visitor: str, page: str, asked: Asked, files: Files = (), *, language: str = "", now: datetime | None = None) -> TicketAsked:
    """A visitor (their network address) opens a ticket for the form's unit. The customer found by the e-mail address alone is a hint: nobody has checked who writes. The link to the
    ticket goes to that address and nowhere else. Sent twice it is one ticket. Raises NotTaken, ValidationError by field; then nothing is kept."""
    now = now or timezone.now()
    key = _key(page, now, LEAST)
    if (before := TicketAsked.objects.select_related("ticket").filter(key=key).first()) is not None:
        return before
    given = _checked(asked, form.unit.country)
    who = _digest(visitor)
    if TicketAsked.objects.filter(visitor=who, at__gt=now - A_VISITOR_IN).count() >= A_VISITOR:
        raise NotTaken(_("You have asked several times already. Try again in ten minutes."))
    if TicketAsked.objects.filter(at__gt=now - timedelta(minutes=1)).count() >= A_MINUTE:
        raise NotTaken(_("Too many people ask at this moment. Try again in a few minutes."))
    if given.email and TicketAsked.objects.filter(email=given.email, at__gt=now - timedelta(days=1)).count() >= AN_ADDRESS:
        raise NotTaken(_("We were asked several times today for this e-mail address. Answer by the link in our mails, or call us."))
    found = parties.by_contact_point("email", given.email) if given.email else []
    hint = found[0] if len(found) == 1 else None
    product = RegisteredProduct.objects.filter(party__in=parties.ids_of(hint.pk), serial__iexact=given.serial).first() if hint and given.serial else None
    with taken(files) as stored, transaction.atomic():
        ticket = actions.open_ticket(
            None, title=given.title, text=given.text, kind=form.kind, party=hint, product=product, unit=form.unit, actor="customer", now=now
        )
        row = TicketAsked.objects.create(
            ticket=ticket, form=form, key=key, name=given.name, email=given.email, phone=given.phone, serial=given.serial, visitor=who, at=now
        )
        receive_reply(ticket, None, given.text, address=given.email, files=stored, now=now)
        if given.email:
            _confirm(ticket, row, best([language]), now)
    return row


def _checked(asked: Asked, country: str) -> Asked:
    """Raises ValidationError by field."""
    line = {name: " ".join(plain.clean(getattr(asked, name)).split()) for name in ("name", "email", "phone", "title", "serial")}
    wrong: dict[str, str] = {}
    if not line["name"]:
        wrong["name"] = _("Say who you are.")
    if not line["email"] and not line["phone"]:
        wrong["email"] = _("Give an e-mail address or a telephone number, so that we can answer.")
    if line["email"]:
        try:
            line["email"] = normalise.email(line["email"])
        except normalise.NotNormal:
            wrong["email"] = _("This is no e-mail address.")
    if line["phone"]:
        number = normalise.phone_or_none(line["phone"], country)
        if number is None:
            wrong["phone"] = _("This is no telephone number. Write it with the area code, or with the country, such as +31 20 555 0123.")
        line["phone"] = number or line["phone"]
    if not line["title"]:
        wrong["title"] = _("Say in a few words what it is about.")
    text = plain.clean(asked.text)
    if not text:
        wrong["text"] = _("Tell us what happened, or what you need.")
    elif len(text) > LONGEST:
        wrong["text"] = _("This is longer than %(n)s characters. Shorten it, or attach it as a file.") % {"n": LONGEST}
    if wrong:
        raise ValidationError(wrong)
    return Asked(line["name"][:120], line["email"][:254], line["phone"][:40], line["title"][:200], text, line["serial"][:60])


def _confirm(ticket: Ticket, row: TicketAsked, language: str, now: datetime) -> None:
    """The link, by mail: it proves that the address is theirs. Nothing that the visitor typed stands in it, so that nobody sends words of theirs to others through us."""
    way = access(ticket, row.email, language=language, now=now)
    house = parseaddr(config().mail_from)[0] or config().mail_domain
    with translation.override(language):
        values = {"number": ticket.number, "link": link_of(way), "house": house}
        subject = _("We have received your message [%(number)s]") % values
        text = (
            _(
                "Good day,\n\nWe have received your message. Its number is %(number)s. A colleague answers you.\n\nRead it and write to us here: %(link)s\n\n"
                "If you did not write to us, you need not do anything.\n\n%(house)s"
            )
            % values
        )
    try:
        carry("email", Letter(key=f"ticket-asked:{row.pk}", address=row.email, subject=subject, text=text, party=ticket.party_id, by=None, language=language))
    except NotCarried as problem:
        raise ValidationError({"email": _("No mail can be sent to this address: %(why)s") % {"why": problem}}) from None


def _digest(visitor: str) -> str:
    """An address to count by, not to read: keyed with the installation's secret."""
    return hmac.new(settings.SECRET_KEY.encode(), visitor.encode(), hashlib.sha256).hexdigest()[:32]
