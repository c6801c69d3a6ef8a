"""One-time links by which somebody sets the own password: what stands in them, and for how long they hold.

Nothing is kept of a link. It is signed with the installation's key over the account's password hash and its last sign-in (Django's PasswordResetTokenGenerator), so it
opens nothing any more once a password was set, another link was made, or `PASSWORD_RESET_TIMEOUT` has passed."""

from __future__ import annotations

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from cordboard.org.models import User


class _Links(PasswordResetTokenGenerator):
    key_salt = "cordboard.org.links"


_LINKS = _Links()


def parts_of(user: User) -> tuple[str, str]:
    """(whose, token) as they stand in the address."""
    return urlsafe_base64_encode(str(user.pk).encode()), _LINKS.make_token(user)


def whose(name: str, token: str) -> User | None:
    """Whose link this is; None when it is none, or opens nothing any more. One query at most."""
    try:
        number = int(urlsafe_base64_decode(name).decode())
    except (ValueError, OverflowError):
        return None
    user = User.objects.filter(pk=number, is_active=True).first() if 0 < number < 2**63 else None
    return user if user is not None and not user.has_usable_password() and _LINKS.check_token(user, token) else None
