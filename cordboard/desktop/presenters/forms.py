"""The pages of the work area that are filled in: find and create a customer, put details right, tickets."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.desktop import forms
from cordboard.desktop.presenters import handed, say
from cordboard.desktop.presenters.masking import mask_of_customer, mask_of_list
from cordboard.desktop.presenters.panels import Work, panel
from cordboard.interactions.actions_identity import check
from cordboard.org.permissions import user_may
from cordboard.parties.identity import masked
from cordboard.parties.models import Party
from cordboard.parties.queries import DEFAULT_REGION
from cordboard.parties.search import search
from cordboard.tickets import queries as tickets
from cordboard.tickets.models import Ticket


def region(work: Work) -> str:
    return work.user.unit.country if work.user.unit else DEFAULT_REGION


def find(work: Work) -> dict[str, Any]:
    """Customers by whatever the caller says; each with the button that makes it the one."""
    typed = work.params.get("q", "").strip()
    hits = search(work.user, typed, region=region(work)) if typed else []
    mask = mask_of_list(work.user)
    rows = []
    for hit in hits:
        party = hit.party
        parts = [_("customer %(number)s") % {"number": say.customer_number(party.customer_number)} if party.customer_number else "", mask.code(hit.place)]
        if hit.why not in ("name", "place", "customer_number"):
            parts.append(mask.code(hit.matched))
        rows.append(
            {
                "party": party.pk,
                "name": party.name,
                "line": ", ".join(part for part in parts if part),
                "phone": "" if mask.on else hit.phone,
                "segment": party.get_value_segment_display(),
                "icon": "user" if party.kind == Party.Kind.PERSON else "building",
            }
        )
    return {
        "query": typed,
        "rows": rows,
        "search_url": work.url("find"),
        "confirm_url": work.act("confirm"),
        "create_url": work.url("create", name=typed) if user_may(work.user, "parties.create") else "",
        "none_title": _("Nobody has these words.") if typed else _("Who is it about?"),
        "none_text": _("Ask for another spelling, a place, an order or serial number; or make a new customer.")
        if typed
        else _("Type a name, place, telephone, customer, order or serial number."),
    }


def behalf(work: Work) -> dict[str, Any]:
    """Who speaks and whom it is about, where that is not the same: those related to the customer first, then whoever is found."""
    assert work.customer is not None
    assert work.detail is not None
    row = work.detail.interaction
    about, speaks = work.customer.profile.party, row.reporter
    typed = work.params.get("q", "").strip()
    rows = [] if typed else [(one.party, one.note or str(one.party.get_kind_display())) for one in work.customer.profile.related]
    if typed:
        for hit in search(work.user, typed, region=region(work)):
            number = _("customer %(number)s") % {"number": say.customer_number(hit.party.customer_number)} if hit.party.customer_number else ""
            rows.append((hit.party, ", ".join(part for part in (number, mask_of_list(work.user).code(hit.place)) if part)))
    itself = speaks is not None and speaks.pk == about.pk
    return {
        "about": about.name,
        "speaks": speaks.name if speaks is not None else _("somebody who is not known"),
        "same": itself,
        "about_id": about.pk,
        "reporter_url": work.act("reporter"),
        "speak_for_url": work.act("speak-for"),
        "rows": [
            {
                "party": party.pk,
                "name": party.name,
                "line": line,
                "icon": "user" if party.kind == Party.Kind.PERSON else "building",
                "speaks": speaks is not None and party.pk == speaks.pk,
            }
            for party, line in rows
            if party.pk != about.pk
        ],
        "query": typed,
        "search_url": work.url("behalf"),
        "none_title": _("Nobody has these words.") if typed else _("Nobody is related to this customer."),
        "none_text": _("Type a name, place, telephone, customer, order or serial number."),
    }


def create(work: Work) -> dict[str, Any]:
    assert work.detail is not None
    row = work.detail.interaction
    web_name = work.detail.context["web_name"].value if "web_name" in work.detail.context else ""
    given = work.params.get("name", "") or str(web_name)
    # What was typed to find somebody is a name only when it looks like one.
    name = given if not any(sign.isdigit() or sign == "@" for sign in given) else ""
    initial = {"name": name, "phone": say.telephone(row.from_address) if row.from_address else "", "language": row.language}
    return {
        "form": work.extra.get("form") or forms.NewCustomer(initial=initial, prefix="customer"),
        "save_url": reverse("desktop:new_customer", args=[row.pk]),
        "find_url": work.url("find"),
    }


def details(work: Work) -> dict[str, Any]:
    assert work.customer is not None
    assert work.detail is not None
    profile = work.customer.profile
    if work.hidden:
        return {
            "hidden": True,
            "check_url": work.url("identity"),
            "points": [
                {
                    "icon": "phone" if one.kind == "phone" else "mail" if one.kind == "email" else "world",
                    "shown": masked(one.display),
                    "label": say.point_label(one.label),
                }
                for one in (*profile.phones, *profile.emails, *profile.socials)
            ],
            "related": [],
        }
    seen = forms.Details.values_of(profile.party, profile.address)
    form = work.extra.get("form") or forms.Details(initial=seen, prefix="details", salutation=seen["salutation"])
    return {
        "form": form,
        "seen": seen,
        "save_url": reverse("desktop:details", args=[work.number]),
        "party": profile.party.pk,
        "may_change": user_may(work.user, "parties.change") is not None,
        "points": [
            {
                "icon": "phone" if point.kind == "phone" else "mail" if point.kind == "email" else "world",
                "number": point.value if point.kind == "phone" else "",
                "shown": point.display,
                "label": say.point_label(point.label),
            }
            for point in (*profile.phones, *profile.emails, *profile.socials)
        ],
        "related": [{"name": one.party.name, "kind": one.party.get_kind_display() if not one.note else one.note} for one in profile.related],
    }


def _line(row: Ticket, work: Work) -> str:
    opened = say.moment(row.opened_at, work.now)
    return _("%(kind)s %(number)s, %(when)s") % {"kind": row.get_kind_display(), "number": row.number, "when": opened}


def _rows(work: Work, current: int | None) -> list[dict[str, Any]]:
    if work.customer is None:
        return []
    found = []
    mask = mask_of_customer(work.user, work.customer.profile.party.pk)
    for row in tickets.of_party(work.customer.profile.ids, limit=20):
        late = row.due_at is not None and row.due_at < work.now and row.resolved_at is None and row.state not in ("resolved", "closed")
        found.append(
            {
                "title": mask(row.title),
                "line": _line(row, work),
                "state": row.get_state_display(),
                "kind_class": "cb-bad" if late else "cb-soft",
                "url": work.url("ticket", ticket=str(row.pk)),
                "current": row.pk == current,
            }
        )
    return found


def _shown(work: Work, number: str) -> dict[str, Any] | None:
    """One ticket as the agent may see it."""
    try:
        detail = tickets.detail(work.user, int(number))
    except (ValueError, Ticket.DoesNotExist):
        return None
    row = detail.ticket
    owner = _("owner %(name)s") % {"name": row.owner} if row.owner else _("no owner")
    due = _("due %(when)s") % {"when": say.moment(row.due_at, work.now)} if row.due_at else ""
    shown = {
        "pk": row.pk,
        "number": row.number,
        "title": row.title,
        "kind": row.get_kind_display(),
        "state": row.get_state_display(),
        "opened": say.moment(row.opened_at, work.now),
        "owner": ", ".join(part for part in (owner, due) if part),
        "text": row.text,
        "notes": [
            {"author": note.author or note.party or "", "ours": note.kind != "received", "at": say.moment(note.at, work.now), "text": note.text}
            for note in detail.notes
        ],
        "page_url": reverse("desktop:ticket", args=[row.number]),
        "note_url": reverse("desktop:ticket_note", args=[work.number, row.pk]) if user_may(work.user, "tickets.change") else "",
    }
    found: dict[str, Any] = mask_of_customer(work.user, row.party_id).within(shown)
    return found


def ticket(work: Work) -> dict[str, Any]:
    step = work.extra.get("handed")
    number = work.params.get("ticket", "") or (str(step.ticket_id) if step is not None else "")
    shown = _shown(work, number) if number else None
    came = step is not None and shown is not None and shown["pk"] == step.ticket_id
    name = work.customer.profile.party.name if work.customer else ""
    may = user_may(work.user, "tickets.open") is not None
    return {
        "ticket": shown,
        "handed": handed.shown(step, work.language, "", hidden=work.hidden) if came else None,
        "form": None,
        "tickets": _rows(work, shown["pk"] if shown else None),
        "new_url": work.url("new-ticket") if may else "",
        "none_title": _("No ticket chosen") if work.customer else _("The customer is not known yet"),
        "none_text": _("Open one of %(name)s at the right, or a new one from your notes.") % {"name": name}
        if name
        else _("A ticket can be opened already; it follows the contact when the customer is found."),
    }


def new_ticket(work: Work) -> dict[str, Any]:
    products = work.customer.products if work.customer else []
    first = work.note.strip().split("\n", 1)[0].strip() or (work.detail.interaction.headline if work.detail else "")
    initial = {"title": first[:80], "text": work.note, "product": products[0].registered.pk if products and products[0].faults else None}
    save_url = reverse("desktop:new_ticket", args=[work.number])
    given = initial | work.extra.get("typed", {})
    form = work.extra.get("form") or forms.NewTicket(
        initial=given, products=products, language=work.language, save_url=save_url, prefix="ticket", hidden=work.hidden
    )
    line = _("for %(name)s") % {"name": work.customer.profile.party.name} if work.customer else _("the customer is not known yet")
    return {
        "ticket": None,
        "form": form,
        "typed": bool(work.extra),
        "form_line": line,
        "save_url": save_url,
        "back_url": work.url("ticket"),
        "tickets": _rows(work, None),
        "new_url": "",
    }


panel("find", find, "desktop/panels/find.html")


def identity_check(work: Work) -> dict[str, Any]:
    """The questions that prove who it is; the record judges the answers, the agent does not see them."""
    assert work.detail is not None
    words = {
        "postcode": _("What is your postcode?"),
        "street": _("In which street do you live, and at what number?"),
        "city": _("In which place do you live?"),
        "email": _("Which e-mail address do we have of you?"),
        "order_number": _("What is the number of your last order?"),
        "order_total": _("What was the total of your last order?"),
        "serial": _("What is the serial number of your product?"),
    }
    standing = check(work.detail.interaction, work.now)
    if standing is None:
        return {"about": "", "verdict": "", "questions": [], "asked": [], "right": 0, "url": ""}
    return {
        "about": str(work.detail.interaction.subject or ""),
        "right": sum(right for _code, right in standing.asked),
        "verdict": standing.verdict.value,
        "questions": [{"code": code, "text": words.get(code, code)} for code in standing.questions],
        "asked": [{"text": words.get(code, code), "right": right} for code, right in standing.asked],
        "url": work.act("identity"),
    }


panel("identity", identity_check, "desktop/panels/identity.html")
panel("behalf", behalf, "desktop/panels/behalf.html")
panel("create", create, "desktop/panels/create.html")
panel("details", details, "desktop/panels/details.html")
panel("ticket", ticket, "desktop/panels/ticket.html")
panel("new-ticket", new_ticket, "desktop/panels/ticket.html")
