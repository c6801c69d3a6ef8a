"""A flow that takes a card number and passes the caller on to a person, for the tests of rules and of sound."""

from __future__ import annotations

from typing import Any

PAY: dict[str, Any] = {
    "schema": 1,
    "code": "pay",
    "languages": ["en"],
    "start": "card",
    "person_key": "0",
    "person": "person",
    "on_error": "person",
    "variables": {"card.last": {"type": "text"}},
    "steps": {
        "card": {
            "type": "collect_secret",
            "use": "card_check",
            "texts": {"en": "Key your card number."},
            "wrong": {"en": "That is no card number."},
            "fields": {"card.last": "last"},
            "min": 12,
            "next": "person",
            "give_up": "person",
        },
        "person": {"type": "hand_over", "queue": "service"},
    },
}
