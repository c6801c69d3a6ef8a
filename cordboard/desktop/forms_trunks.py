"""The form of a trunk."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.channels.voice.actions_trunk import FIELDS
from cordboard.desktop.forms_settings import Group, Keeping

TRANSPORTS = (
    ("udp", later("UDP")), ("tcp", later("TCP")), ("tls", later("TLS, encrypted")), ("practice", later("Practice: the switch itself answers")),
)  # fmt: skip
IDENTITIES = (
    ("asserted", later("in P-Asserted-Identity: it trusts us")), ("preferred", later("in P-Preferred-Identity: it checks and asserts")), ("from", later("in From alone")),
)  # fmt: skip
FORMATS = (("+", "+31205550123"), ("digits", "31205550123"), ("00", "0031205550123"))


class TrunkForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=80)
    active = forms.BooleanField(label=later("In use for new calls"), required=False)
    position = forms.IntegerField(
        label=later("Place in the order"),
        min_value=0,
        max_value=999,
        help_text=later("Lower ones are tried first; the next one when a trunk fails or is full."),
    )
    transport = forms.ChoiceField(label=later("Reached over"), choices=TRANSPORTS)
    host = forms.CharField(label=later("Address"), max_length=45, required=False, help_text=later("Numeric, such as 192.0.2.10: names are never looked up."))
    port = forms.IntegerField(label=later("Port"), min_value=1, max_value=65535)
    domain = forms.CharField(
        label=later("Domain"),
        max_length=120,
        required=False,
        help_text=later("What stands behind the @, and in its certificate. The address where it is left out."),
    )
    register = forms.BooleanField(label=later("Register there"), required=False)
    expires = forms.IntegerField(label=later("A registration holds for, in seconds"), min_value=60, max_value=86400)
    username = forms.CharField(label=later("User name"), max_length=120, required=False)
    password = forms.CharField(
        label=later("Password"), max_length=200, required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=later("Never shown again."),
    )  # fmt: skip
    numbers = forms.CharField(
        label=later("Our numbers there"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=later("With their country, such as +31205550123, one in a line. The first is shown when no other may be."),
    )  # fmt: skip
    any_caller_id = forms.BooleanField(label=later("It lets us show numbers that are not ours there"), required=False)
    identity = forms.ChoiceField(label=later("It is told who calls"), choices=IDENTITIES)
    number_format = forms.ChoiceField(label=later("Numbers are written"), choices=FORMATS)
    limit = forms.IntegerField(label=later("Calls at a time"), min_value=0, max_value=10000, help_text=later("In both directions; 0 for any number."))
    minutes = forms.IntegerField(
        label=later("Minutes of calls out in a day"),
        min_value=0,
        max_value=1_000_000,
        help_text=later("Together; 0 for any. When they are used up no new call goes out over it."),
    )
    redirects = forms.CharField(
        label=later("Redirections may lead to numbers that begin with"),
        required=False,
        max_length=400,
        help_text=later("Such as +31, with commas between; to none where it is left out."),
    )
    keepalive = forms.FloatField(label=later("It is asked whether it lives every, in seconds"), min_value=0, max_value=3600, help_text=later("0 for never."))
    tell_hold = forms.BooleanField(label=later("It is told when its caller is on hold"), required=False)

    def __init__(self, *args: Any, has_password: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if has_password:
            self.fields["password"].help_text = _("One is kept, and never shown. Leave it empty to keep it.")

    def values(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in FIELDS}
        for name in ("numbers", "redirects"):
            given[name] = [found for part in re.split(r"[,;\n]", given[name]) if (found := re.sub(r"[\s().-]", "", part))]
        return given | {"host": given["host"].strip(" []"), "domain": given["domain"].strip(), "username": given["username"].strip()}

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name != "has_password"}
        found["keepalive"] = int(values["keepalive"]) if values["keepalive"] == int(values["keepalive"]) else values["keepalive"]
        return found | {"numbers": "\n".join(values["numbers"]), "redirects": ", ".join(values["redirects"])}

    def groups(self) -> list[Group]:
        return [
            Group(_("Trunk"), self.some("name", "code", "position", "active")),
            Group(_("Where it is"), self.some("transport", "host", "port", "domain", "keepalive")),
            Group(
                _("Who we are there"),
                self.some("register", "username", "password", "expires"),
                _("The password answers when the trunk asks who we are (digest)."),
            ),
            Group(_("Numbers"), self.some("numbers", "identity", "number_format", "any_caller_id")),
            Group(_("Limits"), self.some("limit", "minutes", "redirects", "tell_hold")),
        ]
