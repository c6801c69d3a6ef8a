"""Public forms that open tickets are made, switched on and off, and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, differences
from cordboard.lib.keeping_rows import row_of
from cordboard.org.models import Unit
from cordboard.org.permissions import require
from cordboard.tickets import kinds
from cordboard.tickets.models import TicketForm
from cordboard.tickets.permissions import KINDS
from cordboard.tickets.queries_kind import terms_of

SETTABLE = ("names", "unit_id", "kind", "active")


def form_values(row: TicketForm) -> dict[str, Any]:
    """What can be set of a form, as it is kept."""
    return {name: getattr(row, name) for name in SETTABLE}


def keep_form(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> TicketForm:
    """Make a form (`number` None, with a `code`, which is part of its address) or change one, `values` by the names of SETTABLE. Raises BadValue, Changed, PermissionDenied,
    TicketForm.DoesNotExist."""
    require(user, KINDS)
    given = {name: values[name] for name in SETTABLE}
    with transaction.atomic():
        row = row_of(TicketForm, number, form_values, code=code, seen=seen)
        if not given["names"].get("en"):
            raise BadValue("names", _("Give it a name in English at least: it stands in where a language has none."))
        if not Unit.objects.filter(pk=given["unit_id"]).exists():
            raise BadValue("unit_id", _("Choose the unit that gets its tickets."))
        terms = terms_of(given["kind"])
        if terms is None or not terms.active:
            raise BadValue("kind", _("Choose a kind."))
        first = terms.machine.first
        if kinds.missing(terms.fields, {}, first.code, first.like):
            raise BadValue("kind", _("This kind has fields that must be filled in when it is opened, and the form does not ask for them."))
        fields = list(SETTABLE) if number is None else differences(given, form_values(row))
        if not fields:
            return row
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record("tickets.form_kept", actor=f"user:{user.pk}", form=row.pk, fields=fields)
    return row
