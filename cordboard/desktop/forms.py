"""Forms of the work area."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cordboard.catalogue.queries import Owned
from cordboard.desktop.forms_ticket import own_field
from cordboard.org.languages import OWN_NAMES
from cordboard.parties.identity import masked
from cordboard.parties.models import Address, Party
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries_kind import choosable, terms_of

LANGUAGES = [("", _("not known")), *OWN_NAMES.items()]


class NewTicket(forms.Form):
    """A ticket from the contact at hand, with the own fields of the kind that is chosen. `save_url`: another kind shows its fields there (?fields),
    what was typed stays. `hidden`: without serial numbers."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("In a few words, as the customer says it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Ticket.Kind.choices, initial=Ticket.Kind.INCIDENT)
    product = forms.TypedChoiceField(label=_("Product"), coerce=int, empty_value=None, required=False)
    text = forms.CharField(
        label=_("What happened"), widget=forms.Textarea(attrs={"rows": 6}), required=False, help_text=_("From your notes; change what you like.")
    )

    def __init__(self, *args: Any, products: list[Owned], language: str, save_url: str, hidden: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = choosable(language)  # type: ignore[attr-defined]
        self.fields["kind"].widget.attrs |= {"hx-post": f"{save_url}?fields=1", "hx-trigger": "change", "hx-target": "#panel", "hx-swap": "innerHTML"}
        self.fields["kind"].widget.attrs["hx-sync"] = "closest form:abort"  # whoever opens the ticket at once does not get the form back over it
        terms = terms_of(str(self["kind"].value()))
        self.own = {f"value-{one.code}": one.code for one in terms.fields} if terms is not None else {}
        for one in terms.fields if terms is not None else ():
            self.fields[f"value-{one.code}"] = own_field(one, language)
        self.order_fields(["title", "kind", *self.own, "product", "text"])
        choices: list[tuple[Any, Any]] = [("", _("no product"))]
        choices += [(one.registered.pk, f"{one.name(language)}, {masked(one.registered.serial) if hidden else one.registered.serial}") for one in products]
        self.fields["product"].choices = choices  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, str]:
        """Of own fields, as typed."""
        return {code: self.cleaned_data[name] for name, code in self.own.items()}


class NewCustomer(forms.Form):
    """A name is enough; the rest saves asking again."""

    name = forms.CharField(label=_("Name"), max_length=200)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Place"), max_length=100, required=False)


def salutations(own: str) -> list[tuple[str, Any]]:
    """Those that the greeting knows, in words, and one's own (Dr, Prof.) where the customer has it. What is kept ("mrs", "Mrs.") stays as it is."""
    code = own.strip(" .").lower()
    known = {"": _("none"), "mrs": _("Mrs"), "mr": _("Mr"), "ms": _("Ms"), "dr": _("Dr"), "prof": _("Prof.")}
    found = [(own if one == code else one, words) for one, words in known.items()]
    return found if code in known else [*found, (own, own)]


class Details(forms.Form):
    """What may be put right in the course of a contact."""

    salutation = forms.ChoiceField(label=_("Salutation"), required=False)
    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, required=False)
    preferred_way = forms.ChoiceField(label=_("Wants to hear from us"), choices=[("", _("not known")), *Party.Way.choices], required=False)
    street = forms.CharField(label=_("Street and number"), max_length=200, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Place"), max_length=100, required=False)
    phone = forms.CharField(label=_("Another telephone number"), max_length=40, required=False)
    email = forms.CharField(label=_("Another e-mail address"), max_length=254, required=False)

    ADDRESS = ("street", "postcode", "city")

    def __init__(self, *args: Any, salutation: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["salutation"].choices = salutations(salutation)  # type: ignore[attr-defined]

    @staticmethod
    def values_of(party: Party, address: Address | None) -> dict[str, str]:
        held = {part: getattr(address, part) if address else "" for part in Details.ADDRESS}
        return {"salutation": party.salutation, "name": party.name, "language": party.language, "preferred_way": party.preferred_way, **held}
