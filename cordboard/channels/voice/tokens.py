"""Leave to place one call from a web page: who asks is counted, what is given is signed, and it is good for one call.

The token goes into the page's socket address (`/live?guest=call&token=...`). The socket may be opened with it again (a network that was gone for
a moment), for as long as a call may last; placing a call uses it up, which only `actions.open_call` decides.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing

from cordboard.channels.voice.wording import known

SALT = "cordboard.web-call"
PLACE_WITHIN = timedelta(minutes=2)
"""After this the page asks for a new token before it calls."""
SOCKET_FOR = timedelta(hours=4)
"""How long the page's socket may be opened again with it."""


def fresh_key() -> str:
    return secrets.token_hex(16)


def issue(key: str, *, language: str, name: str = "", page: str = "") -> str:
    """The signed token. What the caller says of themselves is a hint, never proof."""
    return signing.dumps({"k": key, "l": known(language), "n": name[:80], "p": page[:200]}, salt=SALT)


def check(token: str, address: str = "") -> dict[str, str] | None:
    """The claims of a token that this installation signed and that is not too old, for the front's guest socket; else None."""
    try:
        data = signing.loads(token, salt=SALT, max_age=SOCKET_FOR)
        return {"guest": str(data["k"]), "web_call": str(data["k"]), "language": str(data["l"]), "name": str(data["n"]), "page": str(data["p"])}
    except (signing.BadSignature, KeyError, TypeError):
        return None


def digest(address: str) -> str:
    """An address to count by, not to read: keyed with the installation's secret."""
    return hmac.new(settings.SECRET_KEY.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def may_place(issued_at: datetime, now: datetime) -> bool:
    return now - issued_at <= PLACE_WITHIN
