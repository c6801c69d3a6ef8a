"""The account pages' forms, in our words: labels are translated with the rest of the product."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.utils.translation import gettext_lazy as _

_CODE = _("Code")


def _label(form: forms.Form, name: str, label: Any, **attributes: str) -> None:
    """Name a field; placeholders go, since the label says it already and stays."""
    field = form.fields[name]
    field.label = label
    field.help_text = ""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class LoginForm(account.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "login", _("E-mail address or user name"), autocomplete="username")
        _label(self, "password", _("Password"))
        if "remember" in self.fields:
            _label(self, "remember", _("Stay signed in until my shift ends"))


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "password", _("Password"))


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "oldpassword", _("Present password"))
        _label(self, "password1", _("New password"))
        self.fields["password1"].help_text = _("At least ten characters; several words are easier to keep in mind than signs.")
        _label(self, "password2", _("New password once more"))


class AuthenticateForm(mfa.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "code", _CODE, autocomplete="one-time-code", inputmode="numeric")


class ConfirmForm(mfa.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "code", _CODE, autocomplete="one-time-code", inputmode="numeric")


class ActivateForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, "code", _CODE, autocomplete="one-time-code", inputmode="numeric")
