"""The forms of web services, other databases and look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_settings import BLANKS, Group, Keeping
from cordboard.flows.lookup_terms import LEAST_MS, MOST_KEEP, MOST_MS, TYPES
from cordboard.flows.models import WebService
from cordboard.rules import facts

TYPE_WORDS = {
    facts.TEXT: later("text"), facts.NUMBER: later("number"), facts.BOOLEAN: later("yes or no"), facts.DATE: later("date"), facts.DATETIME: later("moment"),
    facts.MONEY: later("amount of money"), facts.DURATION: later("length of time"), facts.LIST: later("list"),
}  # fmt: skip
SKIP, VALUE, UNKNOWN = "", "value", "unknown"
OTHERWISE = (
    (SKIP, later("the rule that asks is passed over")),
    (VALUE, later("this value is used")),
    (UNKNOWN, later("it counts as not known")),
)


class ServiceForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=120)
    kind = forms.ChoiceField(label=later("Kind"), choices=WebService.Kind.choices)
    base_url = forms.CharField(
        label=later("Address"), max_length=300, help_text=later("https://crm.example/api, the whole path of a file, or postgresql://user@host:5432/name.")
    )
    auth = forms.ChoiceField(label=later("How we prove who we are"), required=False, choices=WebService.Auth.choices)
    auth_header = forms.CharField(label=later("Header of the key"), required=False, max_length=60, help_text=later("For a key in a header; usually X-Api-Key."))
    secret = forms.CharField(
        label=later("Secret"), required=False, max_length=2000, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=later("A token, user:password, a key, or the database's password. It is never shown again; left empty, it stays as it is."),
    )  # fmt: skip
    no_secret = forms.BooleanField(label=later("Forget the secret that is kept"), required=False)
    timeout = forms.FloatField(label=later("Seconds to answer"), min_value=0.1, max_value=30)
    inside = forms.BooleanField(label=later("It is one of the house: it may be at a private address"), required=False)
    active = forms.BooleanField(label=later("It may be asked"), required=False)
    NAMES = {"address": "base_url", "header": "auth_header"}

    def __init__(self, *args: Any, has_secret: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not has_secret:
            del self.fields["no_secret"]

    def values(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("code", "no_secret")}
        given["secret"] = "" if self.cleaned_data.get("no_secret") else given["secret"] or None
        return given

    def groups(self) -> list[Group]:
        return [
            Group(_("What is asked"), self.some("name", "code", "kind", "base_url", "timeout", "inside", "active")),
            Group(_("Who we are there"), self.some("auth", "auth_header", "secret", "no_secret")),
        ]


class LookupForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=120)
    service_id = forms.TypedChoiceField(label=later("Service or database"), coerce=int)
    path = forms.CharField(label=later("Path"), required=False, max_length=300, help_text=later("Such as /customers/{number}."))
    post = forms.BooleanField(label=later("Send the inputs as JSON (POST)"), required=False)
    query = forms.CharField(
        label=later("Question to the database"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=later("One SELECT, with :number for an input. Such as SELECT tier FROM customers WHERE number = :number."),
    )  # fmt: skip
    limit_ms = forms.IntegerField(
        label=later("Waited for, in milliseconds"), min_value=LEAST_MS, max_value=MOST_MS, help_text=later("A call is held up so long at most.")
    )
    keep_seconds = forms.IntegerField(label=later("Answer used again for, in seconds"), min_value=0, max_value=MOST_KEEP)
    active = forms.BooleanField(label=later("It is asked; switched off, what holds without it is used"), required=False)
    NAMES = {"inputs": "in-0-name", "outputs": "out-0-name"}

    def __init__(self, *args: Any, services: list[tuple[int, str]], facts: list[tuple[str, str]], inputs: int, outputs: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["service_id"].choices = services  # type: ignore[attr-defined]
        self.inputs, self.outputs = min(inputs + BLANKS, 20), min(outputs + BLANKS, 20)
        types = [(type, TYPE_WORDS[type]) for type in TYPES]
        for at in range(self.inputs):
            kept = self.initial.get(f"in-{at}-fact")
            own = [(kept, kept)] if kept and kept not in dict(facts) else []
            self.fields[f"in-{at}-name"] = forms.CharField(label=_("Name of the input"), required=False, max_length=40)
            self.fields[f"in-{at}-fact"] = forms.ChoiceField(label=_("What is given"), required=False, choices=[("", "–"), *own, *facts])
        for at in range(self.outputs):
            self.fields[f"out-{at}-name"] = forms.CharField(label=_("Name of the value"), required=False, max_length=40)
            self.fields[f"out-{at}-words"] = forms.CharField(label=_("As rules show it"), required=False, max_length=80)
            self.fields[f"out-{at}-type"] = forms.ChoiceField(label=_("Type"), required=False, choices=types)
            self.fields[f"out-{at}-path"] = forms.CharField(label=_("Where it stands in the answer"), required=False, max_length=200)
            self.fields[f"out-{at}-otherwise"] = forms.ChoiceField(label=_("When there is no answer"), required=False, choices=OTHERWISE)
            self.fields[f"out-{at}-default"] = forms.CharField(label=_("Value to use then"), required=False, max_length=500)

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name not in ("inputs", "outputs")}
        for at, one in enumerate(values.get("inputs", ())):
            found |= {f"in-{at}-name": one["name"], f"in-{at}-fact": one["fact"]}
        for at, one in enumerate(values.get("outputs", ())):
            default = one.get("default")
            otherwise = SKIP if "default" not in one else UNKNOWN if default is None else VALUE
            found |= {f"out-{at}-{name}": one.get(name, "") for name in ("name", "words", "type", "path")}
            found |= {
                f"out-{at}-otherwise": otherwise,
                f"out-{at}-default": ", ".join(default) if isinstance(default, list) else default if default is not None else "",
            }
        return found

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = {name: given[name] for name in ("name", "service_id", "path", "post", "query", "limit_ms", "keep_seconds", "active")}
        inputs = [
            {"name": given[f"in-{at}-name"], "fact": given[f"in-{at}-fact"]} for at in range(self.inputs) if given[f"in-{at}-name"] or given[f"in-{at}-fact"]
        ]
        outputs = [self._output(at) for at in range(self.outputs) if given[f"out-{at}-name"]]
        return {**plain, "inputs": inputs, "outputs": outputs}

    def _output(self, at: int) -> dict[str, Any]:
        given = {name: self.cleaned_data[f"out-{at}-{name}"] for name in ("name", "words", "type", "path", "otherwise", "default")}
        found = {name: given[name] for name in ("name", "words", "type", "path")}
        if given["otherwise"] == UNKNOWN:
            found["default"] = None
        elif given["otherwise"] == VALUE:
            default = given["default"]
            found["default"] = [part.strip() for part in default.split(",") if part.strip()] if given["type"] == facts.LIST else default
        return found

    def groups(self) -> list[Group]:
        inputs = [f"in-{at}-{name}" for at in range(self.inputs) for name in ("name", "fact")]
        values = [self.some(*(f"out-{at}-{name}" for name in ("name", "words", "type", "path", "otherwise", "default"))) for at in range(self.outputs)]
        return [
            Group(_("What is asked"), self.some("name", "code", "service_id")),
            Group(_("Of a web service"), self.some("path", "post")),
            Group(_("Of a database"), self.some("query"), wide=True),
            Group(_("How long"), self.some("limit_ms", "keep_seconds", "active")),
            Group(_("Inputs"), self.some(*inputs), _("Facts of the contact that are given along. Nobody is asked while one of them is not known.")),
            Group(_("Values"), values[0], _("What rules may ask for. In JSON, customer.tier is the tier within the customer; of a database it is a column.")),
            *(Group(_("Another value"), fields) for fields in values[1:]),
        ]
