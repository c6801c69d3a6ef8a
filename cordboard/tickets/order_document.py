"""A service order on paper and in words, in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.catalogue.models import Cover
from cordboard.lib import pdf
from cordboard.org.languages import best
from cordboard.tickets import queries_order, signature
from cordboard.tickets.models_order import OrderLine, ServiceOrder
from cordboard.tickets.queries_order import Signed

TEMPLATE = Path(__file__).parent / "templates/tickets/order.typ"


def language_of(order: ServiceOrder) -> str:
    return best(order.party.languages)


def as_pdf(order: ServiceOrder, lines: Sequence[OrderLine], signed: Signed | None) -> bytes:
    """Needs the optional library (pdf.available()). Raises RuntimeError."""
    return pdf.made(TEMPLATE, data(order, lines, signed))


def data(order: ServiceOrder, lines: Sequence[OrderLine], signed: Signed | None) -> dict[str, Any]:
    """What the template is filled with. The order comes with party and product. No query."""
    language = language_of(order)
    with translation.override(language):
        sums = queries_order.summed(lines)
        facts = [
            [_("Customer"), order.party.name],
            [_("Address"), order.place],
            [_("Product"), f"{order.product.product.name_in(language)}, {order.product.serial}" if order.product is not None else ""],
            [_("Visit"), _moment(order.begun_at or order.planned_at)],
            [_("Technician"), str(order.technician or "")],
        ]
        return {
            "language": language,
            "number": _("Service order %(number)s") % {"number": order.number},
            "title": order.title,
            "facts": [fact for fact in facts if fact[1]],
            "report_title": _("What was done"),
            "report": order.report or _("Nothing yet."),
            "head": [_("Part or work"), _("Quantity"), _("Price"), _("Who pays"), _("Amount")],
            "lines": [[line.name, _number(line.quantity), _number(line.price), _payer(line), _number(queries_order.summed([line]).total)] for line in lines],
            "sums": [
                [_("Total"), f"{order.currency} {_number(sums.total)}"],
                [_("Covered"), f"{order.currency} {_number(sums.covered)}"],
                [_("To pay"), f"{order.currency} {_number(sums.billed)}"],
            ],
            "signature": _signature(signed) if signed is not None else None,
            "foot": _("Service order %(number)s") % {"number": order.number},
        }


def _signature(signed: Signed) -> dict[str, str]:
    row = signed.row
    note = _("Seal %(seal)s.") % {"seal": row.seal}
    if signed.changed or not signed.whole:
        note = _("Changed since it was signed. Seal %(seal)s.") % {"seal": row.seal}
    return {"title": _("Signed for by"), "svg": signature.svg(row.strokes), "name": row.name, "at": _moment(row.at), "seal": row.seal, "note": note}


def _payer(line: OrderLine) -> str:
    if not line.covered_by:
        return _("customer")
    return _("Warranty") if line.covered_by == "warranty" else str(Cover.Kind(line.covered_by).label)


def _number(value: Decimal) -> str:
    return formats.number_format(value, 2, force_grouping=True)


def _moment(moment: Any) -> str:
    return formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment is not None else ""
