"""What policies of the area "goodwill" may ask, and what they say: how much an agent may give in a year, and who must agree to more. The situation has "ticket", "party", "now" and
"goodwill": {"kind", "given", "refunded", "times", "currency"} as queries_goodwill reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.org.models import Unit
from cordboard.rules import areas, verbs
from cordboard.rules.facts import CHOICE, MONEY, NUMBER, Situation, declare
from cordboard.tickets.goodwill import HEAD
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_goodwill import Grant

AREA = "goodwill"


def _of(name: str) -> Callable[[Situation], Any]:
    def read(at: Situation) -> Any:
        known = at.get("goodwill")
        return known.get(name) if isinstance(known, Mapping) else None

    return read


def _ticket(at: Situation) -> Ticket | None:
    row = at.get("ticket")
    return row if isinstance(row, Ticket) else None


def _price(at: Situation) -> Any:
    row = _ticket(at)
    return (row.product.product.price, row.product.product.currency) if row is not None and row.product is not None else None


def _faults(at: Situation) -> int | None:
    row = _ticket(at)
    return row.product.faults.count() if row is not None and row.product is not None else None


def _approvers() -> Mapping[str, Any]:
    return {
        HEAD: _("the head of the agent's unit"),
        **{f"unit:{code}": _("the head of %(unit)s") % {"unit": name} for code, name in Unit.objects.values_list("code", "name")},
    }


declare("goodwill.kind", CHOICE, _("what is to be given"), read=_of("kind"), choices=dict(Grant.Kind.choices))
declare("goodwill.given_year", MONEY, _("goodwill given within a year"), read=_of("given"))
declare("goodwill.refunded_year", MONEY, _("refunded within a year"), read=_of("refunded"))
declare("goodwill.times_year", NUMBER, _("times that something was given within a year"), read=_of("times"))
declare("goodwill.product_price", MONEY, _("price of the ticket's product"), read=_price)
declare("goodwill.product_faults", NUMBER, _("faults of the ticket's product"), read=_faults)

verbs.declare(
    "goodwill_limit",
    _("let agents give"),
    fields={"amount": float},
    optional={"currency": str},
    sentence=_("agents may give up to %(amount)s within a year"),
    more={"currency": _("in %(currency)s")},
    labels={"amount": _("amount"), "currency": _("currency")},
    single=True,
)
verbs.declare(
    "approval_by",
    _("ask for approval"),
    fields={"of": str},
    optional={"above": float, "hours": float},
    sentence=_("%(of)s must agree to more"),
    more={"above": _("above %(above)s"), "hours": _("within %(hours)s hours")},
    options={"of": _approvers},
    labels={"of": _("who"), "above": _("above"), "hours": _("hours")},
)
areas.declare(
    AREA,
    _("Goodwill"),
    _("How much agents may give a customer, by history and value, and who must agree to more."),
    verbs=("goodwill_limit", "approval_by"),
    order=45,
)
