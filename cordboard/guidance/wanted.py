"""What policies ask for, as alerts to be: which of a policy's actions make one, and which of several for one reason counts. Pure.

Every action but `raise_event` and `begin_script` makes an alert: `alert` says something, the others also offer to do something with one press.

    {"do": "alert", "reason": "overdue", "kind": "warning", "texts": {...}}
    {"do": "open_screen", "screen": "history", "texts": {...}}
    {"do": "start_script", "script": "complaint", "texts": {...}, "required": true}
    {"do": "confirm_account", "texts": {...}}
    {"do": "checklist", "reason": "address", "texts": {...}, "required": true}
    {"do": "raise_event", "event": "angry_customer"}
    {"do": "begin_script", "script": "complaint", "required": true}
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ALERTS = frozenset({"alert", "open_screen", "start_script", "confirm_account", "checklist", "propose_product"})
WITHDRAW = "withdraw_alert"
KINDS = frozenset({"suggestion", "reminder", "warning"})
MOST_REASON = 60
MOST_MINUTES = 24 * 60.0

_OFFERS: Mapping[str, tuple[str, ...]] = {"open_screen": ("screen",), "start_script": ("script",), "confirm_account": (), "propose_product": ("product",)}
"""The actions that offer something, with the fields that say what."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert as a rule wants it; `texts` not yet filled in."""

    reason: str
    kind: str
    texts: Mapping[str, Any]
    rule: str
    rule_id: str
    policy: str
    version: int
    offer: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    minutes: float = 0.0
    """So long it stands; 0: as long as the rule holds."""


def wanted(action: Mapping[str, Any], *, rule: str, policy: str, version: int) -> Wanted | None:
    """The alert that an action of a rule asks for, or None when it asks for none. The kind of an offer is a suggestion, or a reminder when it is
    required. Raises ValueError when `alert` names a kind that does not exist."""
    verb = action.get("do")
    if verb not in ALERTS:
        return None
    required = bool(action.get("required", False))
    rule_id = str(action.get("rule", ""))
    kind = "check" if verb == "checklist" else str(action.get("kind", "")) or ("reminder" if required else "suggestion")
    if kind not in KINDS and verb != "checklist":
        raise ValueError(f"there is no alert of the kind {kind!r}")
    reason = str(action.get("reason", "")) or f"{rule_id}.{verb}"
    offer = {"do": verb, **{name: action[name] for name in _OFFERS[verb]}} if verb in _OFFERS else {}
    return Wanted(reason[:MOST_REASON], kind, action.get("texts") or {}, rule[:120], rule_id[:60], policy, version, offer, required, _minutes(action))


def _minutes(action: Mapping[str, Any]) -> float:
    given = action.get("minutes")
    return min(float(given), MOST_MINUTES) if isinstance(given, int | float) and given > 0 else 0.0


def first_of_each_reason(all_of_them: Iterable[Wanted], withdrawn: Container[str] = ()) -> dict[str, Wanted]:
    """By reason; the first that asks for a reason has it. Reasons that a rule withdraws have none."""
    found: dict[str, Wanted] = {}
    for one in all_of_them:
        if one.reason not in withdrawn:
            found.setdefault(one.reason, one)
    return found
