"""Account information: whom the contact is about, and what matters most of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.catalogue.queries import Owned, owned_by
from cordboard.desktop import queries
from cordboard.desktop.cards import Account, Candidate, Fact
from cordboard.desktop.presenters import say, tags
from cordboard.interactions.actions_identity import IDENTITY
from cordboard.interactions.models import Interaction
from cordboard.interactions.queries import Detail
from cordboard.org.languages import LANGUAGES
from cordboard.parties import addresses
from cordboard.parties import queries as parties
from cordboard.parties.identity import Verdict, masked, verdict
from cordboard.parties.models import FieldChange, Party
from cordboard.sales import queries as sales
from cordboard.sales.models import Order
from cordboard.tickets.models import Ticket


@dataclass
class Customer:
    """A customer as the desk reads it: each part when it is first asked for, once a request."""

    party_id: int
    interaction: int
    now: datetime
    party: Party | None = None
    """Where it is at hand, with company and account owner."""

    @cached_property
    def today(self) -> date:
        return timezone.localtime(self.now).date()

    @cached_property
    def profile(self) -> parties.Profile:
        during = f"interaction:{self.interaction}"
        if self.party is not None and self.party.root_id is None:
            return parties.profile_of(self.party, during)
        return parties.profile(self.party_id, during)

    @cached_property
    def products(self) -> list[Owned]:
        return owned_by(self.profile.ids, self.today)

    @cached_property
    def tickets(self) -> list[Ticket]:
        return queries.open_tickets(self.profile.ids)


def language_names(codes: list[str]) -> str:
    names = dict(zip(LANGUAGES, (_("English"), _("Dutch"), _("Russian"), _("Thai"), _("Chinese")), strict=True))
    return ", ".join(names.get(code, code) for code in codes)


def _changed(change: FieldChange | None) -> str:
    if change is None:
        return ""
    return _("%(who)s changed this during the contact; it was: %(old)s") % {"who": change.by or _("The system"), "old": change.old or _("empty")}


def customer_facts(customer: Customer, *, hidden: bool = False) -> tuple[Fact, ...]:
    """In the order in which the eye looks for them. `wide` ones give way on a narrow screen. `hidden`: what could answer a question stays masked."""
    profile, today = customer.profile, customer.today
    party = profile.party
    changes = profile.changed
    address = next((change for field, change in changes.items() if field.startswith("address.")), None)
    balance = sales.balance(profile.ids, today)
    order = sales.last_order(profile.ids)
    currency = balance.main.currency if balance.main else order.currency if order else ""
    owed = _("nothing open")
    kind = ""
    if balance.main is not None:
        owed = say.money(balance.main.open, balance.main.currency)
        if balance.overdue:
            kind = "cb-bad"
            owed = ngettext("%(sum)s, %(days)d day overdue", "%(sum)s, %(days)d days overdue", balance.overdue_days) % {
                "sum": owed,
                "days": balance.overdue_days,
            }
    elif currency:
        owed = say.money(0, currency)  # type: ignore[arg-type]
    if hidden:
        owed, kind = _("after the identity check"), ""
        order = None
    place = addresses.short(profile.address) if profile.address else ""
    return (
        Fact(_("Address"), (masked(place) if hidden else place) or _("not known"), changed="" if hidden else _changed(address)),
        Fact(
            _("Company"),
            str(party.company) if party.company else (_("Private") if party.kind == Party.Kind.PERSON else _("Company")),
            wide=True,
            under_name=True,
        ),
        Fact(_("Language"), language_names(party.languages) or _("not known"), changed=_changed(changes.get("languages"))),
        Fact(_("Balance"), owed, kind=kind),
        _tickets(customer),
        Fact(_("Last order"), _last_order(order, today, hidden=hidden)),
        Fact(_("Account owner"), str(party.account_owner) if party.account_owner else _("nobody yet"), wide=True),
    )


def _last_order(order: Order | None, today: date, *, hidden: bool) -> str:
    if hidden:
        return _("after the identity check")
    return f"{say.day(order.ordered_at, today)}, {say.money(order.total, order.currency)}" if order else _("none")


def _tickets(customer: Customer) -> Fact:
    rows = customer.tickets
    if not rows:
        return Fact(_("Open tickets"), _("none"))
    due = next((row.due_at for row in rows if row.due_at is not None), None)
    if due is None:
        return Fact(_("Open tickets"), str(len(rows)))
    words = _("%(n)d, late since %(when)s") if due < customer.now else _("%(n)d, due %(when)s")
    near = timezone.localtime(due).date() <= customer.today
    return Fact(_("Open tickets"), words % {"n": len(rows), "when": say.moment(due, customer.now)}, kind="cb-warn" if near else "")


def _other_end(row: Interaction) -> str:
    """The customer's number: whom we called, or who called us."""
    return row.to_address if row.direction == Interaction.Direction.OUTBOUND else row.from_address


def _identity(row: Interaction, detail: Detail) -> str:
    checked = detail.context.get(IDENTITY)
    if checked is not None and isinstance(checked.value, dict) and checked.value.get("party") == row.subject_id:
        if checked.value.get("passed"):
            return _("Identity checked by %(name)s") % {"name": checked.user or _("an agent")}
        if verdict(bool(one["right"]) for one in checked.value["asked"]) is Verdict.FAILED:
            return _("Identity not proven: give nothing away")
    if row.confirmed_at is not None:
        last = next((one for one in reversed(detail.subject_changes) if one.new_id is not None), None)
        return _("Confirmed by %(name)s") % {"name": last.by} if last and last.by else _("Confirmed")
    return _("Not checked yet")


def _who(row: Interaction, detail: Detail, customer: Customer) -> tuple[str, str]:
    if row.reporter_id is not None and row.reporter is not None and row.reporter_id != row.subject_id:
        link = next((one for one in customer.profile.related if one.party.pk == row.reporter_id), None)
        if link is not None and link.kind == "authorised":
            return "user-share", _("You are talking to %(name)s, who may speak for this customer.") % {"name": row.reporter}
        return "user-share", _("You are talking to %(name)s, on this customer's behalf.") % {"name": row.reporter}
    if row.reporter_id is None and row.confirmed_at is not None and row.direction == Interaction.Direction.INBOUND:
        return "user-share", _("You are talking to somebody who is not known, on this customer's behalf.")
    known_by = {
        Interaction.IdentifiedBy.ANI: _("Known by the telephone number. A number is a hint, never proof."),
        Interaction.IdentifiedBy.CUSTOMER_NUMBER: _("Known by the customer number that was keyed."),
        Interaction.IdentifiedBy.AGENT: _("Found by an agent."),
    }
    words = known_by.get(Interaction.IdentifiedBy(row.identified_by), "")
    number = _other_end(row)
    if number and number.startswith("+") and all(point.value != number for point in customer.profile.phones):
        words = _("%(known)s This telephone number is new for the customer.") % {"known": words}
    return "user", words


def account(detail: Detail, customer: Customer | None, *, hidden: bool = False) -> Account:
    """Known, one of several on a number, or unknown. Some fifteen queries when known, none otherwise."""
    row = detail.interaction
    find = f"{reverse('desktop:desk')}?interaction={row.pk}&tab=find"
    create = f"{reverse('desktop:desk')}?interaction={row.pk}&tab=create"
    number = say.telephone(_other_end(row))
    if customer is None:
        if detail.candidates:
            name = ngettext("%(n)d customer has this number", "%(n)d customers have this number", len(detail.candidates)) % {"n": len(detail.candidates)}
            return Account(
                "several",
                name,
                number,
                number=_other_end(row),
                candidates=tuple(_candidate(row.pk, one) for one in detail.candidates),
                find_url=find,
                create_url=create,
            )
        web_name = detail.context["web_name"].value if "web_name" in detail.context else ""
        who = _("No customer is known by this number. Find the customer by what the caller tells you, or make a new one.")
        if not _other_end(row):
            who = _("The caller shows no number. Find the customer by what the caller tells you, or make a new one.")
        if web_name:
            who = _("The caller gave the name %(name)s on the web page. Find the customer, or make a new one.") % {"name": web_name}
        if row.direction == Interaction.Direction.OUTBOUND:
            who = _("No customer is known by this number. Find the customer whom you call, or make a new one.")
            return Account("unknown", _("Not a known customer"), number, number=_other_end(row), who=who, find_url=find, create_url=create)
        return Account("unknown", _("Unknown caller"), number, number=_other_end(row), who=who, find_url=find, create_url=create)
    party = customer.profile.party
    line = _("Customer %(number)s") % {"number": say.customer_number(party.customer_number)} if party.customer_number else ""
    if line and party.customer_since:
        line = _("Customer %(number)s, since %(year)s") % {"number": say.customer_number(party.customer_number), "year": party.customer_since.year}
    who_icon, who = _who(row, detail, customer)
    closed = row.state == Interaction.State.ENDED
    return Account(
        "known",
        party.name,
        line,
        segment=str(party.get_value_segment_display()),
        segment_code=party.value_segment,
        confirmed=row.confirmed_at is not None,
        identity=_identity(row, detail),
        who=who,
        who_icon=who_icon,
        facts=customer_facts(customer, hidden=hidden),
        check_url="" if closed else f"{reverse('desktop:desk')}?interaction={row.pk}&tab=identity",
        confirm_url="" if row.confirmed_at or closed else reverse("desktop:act", args=[row.pk, "confirm"]),
        clear_url="" if closed else reverse("desktop:act", args=[row.pk, "clear"]),
        find_url=find,
        behalf_url="" if closed else f"{reverse('desktop:desk')}?interaction={row.pk}&tab=behalf",
        tags=tags.chips(row.pk, customer.profile.ids, may_change=not closed),
    )


def _candidate(interaction: int, party: Party) -> Candidate:
    number = _("customer %(number)s") % {"number": say.customer_number(party.customer_number)} if party.customer_number else ""
    line = ", ".join(part for part in (str(party.company) if party.company else "", number) if part)
    icon = "user" if party.kind == Party.Kind.PERSON else "building"
    return Candidate(party.pk, party.name, line, reverse("desktop:act", args=[interaction, "confirm"]), str(party.get_value_segment_display()), icon)


def product_card(owned: Owned, today: date, *, hidden: bool = False) -> dict[str, Any]:
    """A product with its warranty and faults, for `parts/product.html`. `hidden`: without the serial number."""
    row = owned.registered
    until = owned.warranty.until
    line = _("Serial %(serial)s. Bought %(bought)s.") % {"serial": masked(row.serial) if hidden else row.serial, "bought": say.day(row.bought_on, today)}
    if owned.warranty.state == "ended":
        warranty = _("Out of warranty since %(day)s") % {"day": say.day(until, today)}
    else:
        warranty = _("In warranty until %(day)s") % {"day": say.day(until, today)}
    return {
        "icon": row.product.icon or "package",
        "name": owned.name(translation.get_language() or "en"),
        "line": line,
        "in_warranty": owned.warranty.state != "ended",
        "warranty": warranty,
        "faults": [{"at": say.day(one.at, today), "code": one.code, "text": one.text, "remedy": one.remedy} for one in owned.faults[:4]],
    }
