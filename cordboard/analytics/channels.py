"""Channels by number, as the figures keep them. A number is never given twice."""

from __future__ import annotations

from cordboard.interactions.models import Interaction

NUMBERS: dict[str, int] = {"voice": 1, "email": 2, "chat": 3, "sms": 4, "letter": 5, "fax": 6, "social": 7, "video": 8, "web": 9}
CODES: dict[int, str] = {number: code for code, number in NUMBERS.items()}


def words(number: int) -> str:
    """The channel's name in the reader's language."""
    return str(Interaction.Channel(CODES[number]).label)
