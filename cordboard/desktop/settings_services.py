"""Services and databases that may be asked, and look-ups that ask them, as settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop import forms_services as forms
from cordboard.desktop.forms_settings import BLANKS
from cordboard.desktop.settings_base import Kind, Listed, code_of
from cordboard.flows import actions_lookups, actions_services
from cordboard.flows.actions import Refused
from cordboard.flows.lookup_terms import split
from cordboard.flows.models import Lookup, WebService
from cordboard.flows.permissions import LOOKUPS, SERVICES
from cordboard.lib.keeping import BadValue
from cordboard.rules.facts import REGISTRY


def _said(act: Callable[..., None], *args: Any) -> None:
    """Do it; what is refused is refused for the page as a whole."""
    try:
        act(*args)
    except Refused as refused:
        raise BadValue("", refused.message) from refused


class Services(Kind):
    code, permission, icon, name, new, removable = "services", SERVICES, "plug-connected", later("Web services"), later("New service"), True
    template = "desktop/settings_service.html"
    note = later("Web services and other databases. What is not on this list is never asked, neither by flows nor by look-ups.")

    def columns(self) -> list[str]:
        return [_("Name"), _("Kind"), _("Address"), _("Secret"), _("Seconds to answer"), _("Look-ups")]

    def lines(self, user: Any) -> list[Listed]:
        rows = WebService.objects.annotate(asked=Count("lookups")).order_by("name")
        return [
            Listed(
                row.pk,
                (row.name, row.get_kind_display(), row.base_url, _("kept") if row.secret else "", f"{row.timeout:g}", str(row.asked or "")),
                not row.active,
            )
            for row in rows
        ]

    def find(self, user: Any, number: int) -> WebService | None:
        return WebService.objects.filter(pk=number).first()

    def values(self, row: WebService) -> dict[str, Any]:
        return actions_services.service_values(row)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"timeout": 5.0, "active": True, "kind": WebService.Kind.HTTP}

    def form(self, data: Any, initial: dict[str, Any], row: WebService | None, user: Any) -> forms.ServiceForm:
        return forms.ServiceForm(data, initial=initial, new=row is None, has_secret=row is not None and bool(row.secret))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> WebService:
        try:
            return actions_services.keep_service(user, number, form.values(), code=code_of(form), seen=seen)
        except Refused as refused:
            raise BadValue(refused.code, refused.message) from refused

    def remove(self, user: Any, number: int) -> None:
        row = WebService.objects.get(pk=number)
        _said(actions_services.delete_service, row.code, user)


class Lookups(Kind):
    code, permission, icon, name, new, removable = "lookups", LOOKUPS, "database-search", later("Look-ups"), later("New look-up"), True
    template = "desktop/settings_lookup.html"
    note = later("What rules may ask services and databases for while a contact is decided on.")

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        self.typed = typed or {}

    def columns(self) -> list[str]:
        return [_("Name"), _("Asks"), _("Values"), _("Waits at most"), _("Kept for")]

    def lines(self, user: Any) -> list[Listed]:
        found = []
        for row in Lookup.objects.select_related("service").order_by("name"):
            values = ", ".join(str(one.get("words") or one["name"]) for one in row.outputs)
            times = (_("%(n)s ms") % {"n": row.limit_ms}, _("%(n)s s") % {"n": row.keep_seconds})
            found.append(Listed(row.pk, (row.name, row.service.name, values, *times), not row.active))
        return found

    def find(self, user: Any, number: int) -> Lookup | None:
        return Lookup.objects.select_related("service").filter(pk=number).first()

    def values(self, row: Lookup) -> dict[str, Any]:
        return actions_lookups.lookup_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return forms.LookupForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"limit_ms": 300, "keep_seconds": 60, "active": True}

    def form(self, data: Any, initial: dict[str, Any], row: Lookup | None, user: Any) -> forms.LookupForm:
        services = list(WebService.objects.order_by("name").values_list("pk", "name"))
        known = sorted(
            ((name, str(fact.words)) for name, fact in REGISTRY.items() if fact.read is not None and not split(name)[0]), key=lambda one: one[1].casefold()
        )
        names = data if data is not None else initial
        inputs, outputs = (
            1 + max((int(name.split("-")[1]) for name in names if name.startswith(kind) and name.split("-")[1].isdigit()), default=-1)
            for kind in ("in-", "out-")
        )
        if data is not None:  # as many rows as the page had
            inputs, outputs = max(0, inputs - BLANKS), max(0, outputs - BLANKS)
        return forms.LookupForm(data, initial=initial, new=row is None, services=services, facts=known, inputs=inputs, outputs=outputs)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Lookup:
        return actions_lookups.keep_lookup(user, number, form.values(), code=code_of(form), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        _said(actions_lookups.remove_lookup, user, number)

    def beside(self, user: Any, row: Lookup | None) -> dict[str, Any]:
        inputs = [(str(one["name"]), str(one["fact"])) for one in row.inputs] if row is not None else []
        words = {fact: str(REGISTRY[fact].words) if fact in REGISTRY else fact for _name, fact in inputs}
        return {"inputs": [{"name": name, "words": words[fact], "typed": self.typed.get(name, "")} for name, fact in inputs]}
