"""Secrets that must be read again (a password that we tell others), sealed in the database with a key that is not in it: one drawn from the
installation's own (`keys/secret`, or CORDBOARD_SECRET_KEY). A copy of the database alone tells nothing."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cordboard.lib.config import secret_key


class Unreadable(ValueError):
    """It was sealed with another key: the installation's has changed since."""


def _box() -> Fernet:
    key = HKDF(SHA256(), 32, None, b"cordboard sealed 1").derive(secret_key().encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """ "" stays ""."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("sealed with another key") from None
