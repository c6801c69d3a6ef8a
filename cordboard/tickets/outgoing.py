"""How a public reply leaves the house: the packages above offer themselves as carriers (mail does), a ticket's actions use them.

    carrier("email", carry)

`carry(letter)` writes the message down to be sent, in the caller's transaction, and returns the name by which its answers can be known (a Message-ID).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: `path` under the data folder's attachments."""

    path: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` is the same for the same act. `answers`: names of the messages that it answers, the oldest first."""

    key: str
    address: str
    subject: str
    text: str
    party: int | None
    by: int | None
    language: str = ""
    answers: tuple[str, ...] = ()
    files: tuple[File, ...] = field(default=())


Carry = Callable[[Letter], str]
_carriers: dict[str, Carry] = {}


class NotCarried(Exception):
    """Nobody carries messages on this channel here, or this one cannot be carried; the text says why, for people."""


def carrier(channel: str, carry: Carry) -> None:
    _carriers[channel] = carry


def carry(channel: str, letter: Letter) -> str:
    """Have it sent. Raises NotCarried."""
    found = _carriers.get(channel)
    if found is None:
        raise NotCarried(channel)
    return found(letter)
