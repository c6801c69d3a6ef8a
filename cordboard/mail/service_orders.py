"""What customers are written when they have signed for a visit: what was done, what it costs, and the paper itself where it can be made."""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cordboard.lib import pdf
from cordboard.lib.config import config
from cordboard.mail.actions import Attached, send
from cordboard.mail.models import OutgoingMail
from cordboard.parties import queries as parties
from cordboard.tickets import order_document, queries_order
from cordboard.tickets.models_order import OrderSignature

PURPOSE = "service_order"


def tell_signed(number: int, *, now: datetime | None = None) -> OutgoingMail | None:
    """Write to the customer about a signature (its number), once. None: it is gone, or the customer has no e-mail address. Whoever signed twice, because work was taken up
    again, gets both."""
    rows = OrderSignature.objects.select_related("order__party", "order__product__product", "order__technician", "by")
    row = rows.filter(pk=number).first()
    if row is None:
        return None
    order = row.order
    emails = parties.profile(order.party_id).emails
    if not emails:
        return None
    language = order_document.language_of(order)
    lines = list(order.lines.all())
    sums = queries_order.summed(lines)
    with translation.override(language):
        values = {
            "name": order.party.name, "number": order.number, "title": order.title, "report": order.report, "signer": row.name,
            "sum": f"{order.currency} {number_format(sums.billed, 2, force_grouping=True)}", "house": parseaddr(config().mail_from)[0] or config().mail_domain,
        }  # fmt: skip
        subject = _("Service order %(number)s: %(title)s") % values
        text = (
            _("Dear %(name)s,\n\nThis is what was done, and what %(signer)s signed for:\n\n%(report)s\n\nTo pay: %(sum)s.\n\nKind regards,\n%(house)s") % values
        )
    attached = []
    if pdf.available():
        found = order_document.as_pdf(order, lines, queries_order.signed(order, lines, row))
        attached = [Attached(f"service-order-{order.number}.pdf", "application/pdf", found)]
    return send(
        emails[0].value, subject, text, purpose=PURPOSE, key=f"service_order:{order.pk}:{row.pk}", party=order.party_id, language=language, by=row.by,
        attached=attached, now=now,
    )  # fmt: skip
