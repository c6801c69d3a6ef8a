"""A ticket's fields, changed on its page: what the page showed goes along, so that nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cordboard.org.models import Position, Unit, User
from cordboard.tickets.kinds import Field
from cordboard.tickets.models import Ticket

SEEN = "seen-"
"""Before the name of a field: as the page showed it."""
Form = TypeVar("Form", bound=forms.BaseForm)


def begin_at(form: Form, field: str = "") -> Form:
    """The form, whose first fault has the focus, else the field that was asked for, else the first."""
    name = next((one for one in (*(form.errors if form.is_bound else ()), field, *form.fields) if one in form.fields), "")
    if name:
        form.fields[name].widget.attrs["autofocus"] = True
    return form


class EditTicket(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"))
    priority = forms.TypedChoiceField(label=_("Priority"), coerce=int, help_text=_("1 comes first, 9 last."))
    product = forms.TypedChoiceField(label=_("Product"), coerce=int, empty_value=None, required=False)
    reason = forms.TypedChoiceField(label=_("Contact reason"), coerce=int, empty_value=None, required=False)
    text = forms.CharField(label=_("What happened"), widget=forms.Textarea(attrs={"rows": 4}), required=False)

    def __init__(
        self,
        *args: Any,
        kinds: Sequence[tuple[str, str]],
        products: Sequence[tuple[int, str]],
        reasons: Sequence[tuple[int, str]],
        own: Sequence[Field],
        language: str,
        nobody: bool = False,
        **more: Any,
    ) -> None:
        """`nobody`: no customer is known yet, so that one can be put on it."""
        super().__init__(*args, **more)
        if nobody:
            self.fields["customer"] = forms.CharField(
                label=_("Customer"),
                max_length=200,
                required=False,
                help_text=_("Nobody is known yet. A customer number, an e-mail address, a telephone number or a name."),
            )
            self.order_fields(["title", "customer"])
        self._choose("kind", list(kinds))
        self._choose("priority", [(number, str(number)) for number in range(1, 10)])
        self._choose("product", [("", _("no product")), *products])
        self._choose("reason", [("", _("none")), *reasons])
        for field in own:
            self.fields[f"value-{field.code}"] = own_field(field, language)

    def _choose(self, name: str, found: list[Any]) -> None:
        self.fields[name].choices = found  # type: ignore[attr-defined]


def own_field(field: Field, language: str) -> forms.Field:
    """Of a kind's own: what is required for which state is the action's to say."""
    label = field.name_in(language)
    if field.type == "choice":
        choices = [("", _("none")), *((code, names.get(language) or names.get("en") or code) for code, names in field.choices.items())]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    if field.type == "yes_no":
        return forms.ChoiceField(label=label, choices=[("", _("not known")), ("yes", _("yes")), ("no", _("no"))], required=False)
    if field.type == "date":
        return forms.CharField(label=label, widget=forms.DateInput(attrs={"type": "date"}), required=False)
    return forms.CharField(label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}) if field.type == "number" else forms.TextInput())


def initial_of(ticket: Ticket, values: Mapping[str, Any]) -> dict[str, Any]:
    """As the form shows it: text in every field."""
    return {name: _typed(value) for name, value in values.items()}


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


class ByHand(EditTicket):
    """A ticket that no contact led to. `known`: for whom it is, is known already. `fields_url`: where another kind shows its fields; what was typed stays."""

    customer = forms.CharField(
        label=_("Customer"), max_length=200, required=False,
        help_text=_("A customer number, an e-mail address, a telephone number or a name. Empty where it is about no customer."),
    )  # fmt: skip
    due_at = forms.DateTimeField(
        label=_("Due"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), help_text=_("Empty: as the service level says.")
    )

    def __init__(self, *args: Any, known: bool, fields_url: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].widget.attrs |= {
            "hx-get": fields_url, "hx-trigger": "change", "hx-include": "closest form", "hx-params": "not csrfmiddlewaretoken", "hx-target": "#ticket-new", "hx-select": "#ticket-new", "hx-swap": "outerHTML",
        }  # fmt: skip
        del self.fields["priority"]  # as kind, customer and reason give it; it can be changed then
        if known:
            del self.fields["customer"]
        first = [name for name in ("customer", "kind", "title", "text") if name in self.fields]
        self.order_fields([*first, "product", "reason", *(name for name in self.fields if name.startswith("value-")), "due_at"])


class TaskByHand(forms.Form):
    """Something to do, and in whose work list it stands: a colleague's, a position's or a unit's."""

    title = forms.CharField(label=_("What is to be done"), max_length=200)
    text = forms.CharField(label=_("More about it"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    whose = forms.ChoiceField(label=_("In whose work list"))
    due_at = forms.DateTimeField(label=_("Due"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))

    def __init__(
        self, *args: Any, people: Iterable[tuple[int, str]], positions: Iterable[tuple[int, str]], units: Iterable[tuple[int, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        groups = [(_("Colleagues"), "owner", people), (_("Positions"), "position", positions), (_("Units"), "unit", units)]
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            (words, [(f"{kind}:{pk}", name) for pk, name in found]) for words, kind, found in groups
        ]

    def stands(self) -> dict[str, Any]:
        """Arguments of `make_task`: owner, position or unit."""
        kind, _colon, pk = self.cleaned_data["whose"].partition(":")
        if kind == "owner":
            return {"owner": User.objects.get(pk=pk)}
        return {"position": Position.objects.get(pk=pk)} if kind == "position" else {"unit": Unit.objects.get(pk=pk)}
