"""How the front shows Django that it is the front."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache

from cordboard.lib.config import secret_key

HEADER = "X-Cordboard-Internal"


@cache
def token() -> str:
    """The same in every role of an installation, known to nobody else."""
    return hmac.new(secret_key().encode(), b"cordboard internal", hashlib.sha256).hexdigest()
