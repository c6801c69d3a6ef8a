"""Guests on `/live`: somebody without an account, let in by a signed token for one purpose (a call from a web page).

Who makes tokens registers how they are checked: `guest("call", check)`; `check(token, address)` returns the claims or None. A guest's
page hears no topics: it only exchanges softphone messages with the switch.
"""

from __future__ import annotations

from collections.abc import Callable

Check = Callable[[str, str], dict[str, str] | None]

_checks: dict[str, Check] = {}


def guest(purpose: str, check: Check) -> None:
    if purpose in _checks and _checks[purpose] is not check:
        raise ValueError(f"guests for {purpose!r} are checked twice")
    _checks[purpose] = check


def admitted(purpose: str, token: str, address: str) -> dict[str, str] | None:
    """The claims of a guest's token, or None when it is not good."""
    check = _checks.get(purpose)
    return check(token, address) if check is not None else None
