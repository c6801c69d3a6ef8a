"""How people come in: accounts are made by the centre, never by visitors; and what they are told when they do not."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cordboard.org import actions

_WRONG = _("Name and password do not belong together.")
_CODE = _("That code is not right, or its half minute is over. Type the one shown now.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your present password."),
        "account_inactive": _("This account is closed. Your manager can open it again."),
        "incorrect_code": _CODE,
        "rate_limited": _("Too many tries in a short time. Wait a minute."),
        "too_many_login_attempts": _("Too many tries in a short time. Wait a minute."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def logout(self, request: HttpRequest) -> None:
        """As any session that ends: it is in the log, and its sockets close."""
        key = request.session.session_key
        if request.user.is_authenticated and key:
            actions.end_session(request.user, key, by=f"user:{request.user.pk}")
        super().logout(request)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": _CODE}
