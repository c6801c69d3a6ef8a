"""What every kind of settings has: its list, its form, and the action that keeps it. Lists make a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Model
from django.forms import Form
from django.utils import translation

from cordboard.desktop import forms_settings as forms
from cordboard.org.models import Unit

Pairs = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list."""

    number: int
    cells: tuple[str, ...]
    soft: bool = False
    """Not in use any more."""


class Kind:
    """`values` is what the mark of a page is made of; `initial` turns it into what the form shows."""

    code: ClassVar[str]
    permission: ClassVar[str]
    icon: ClassVar[str]
    name: ClassVar[Any]
    new: ClassVar[Any] = ""
    """Words of the button that makes one; none where none can be made here."""
    removable: ClassVar[bool] = False
    template: ClassVar[str] = "desktop/settings_edit.html"
    list_template: ClassVar[str] = "desktop/settings_list.html"
    note: ClassVar[Any] = ""
    """What stands over the list."""

    def beside(self, user: Any, row: Any) -> dict[str, Any]:
        """What the template of one of them needs beside its form."""
        return {}

    def list_beside(self, user: Any) -> dict[str, Any]:
        """What the template of the list needs beside its lines."""
        return {}

    def after(self, made: Any) -> str:
        """Where to go when one was made, where that is not the list."""
        return ""

    def remove(self, user: Any, number: int) -> None:
        """Where `removable`. Raises PermissionDenied, BadValue when something uses it."""
        raise NotImplementedError

    def columns(self) -> list[str]:
        raise NotImplementedError

    def lines(self, user: Any) -> list[Listed]:
        raise NotImplementedError

    def find(self, user: Any, number: int) -> Any:
        """The row, None when there is none that the user may set."""
        raise NotImplementedError

    def may_make(self, user: Any) -> bool:
        return bool(self.new)

    def values(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return dict(values)

    def blank(self, user: Any) -> dict[str, Any]:
        return {}

    def form(self, data: Any, initial: dict[str, Any], row: Any, user: Any) -> forms.Keeping:
        raise NotImplementedError

    def keep(self, user: Any, number: int | None, form: Form, seen: str) -> Model:
        raise NotImplementedError


def language() -> str:
    return translation.get_language() or "en"


def unit_pairs() -> Pairs:
    return list(Unit.objects.order_by("name").values_list("pk", "name"))


def code_of(form: Form) -> str:
    return str(form.cleaned_data.get("code", ""))
