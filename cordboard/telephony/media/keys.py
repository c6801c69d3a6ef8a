"""Collecting keys from a caller: the rules of :class:`driver.CollectKeys`, pure. Times are seconds on any one clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cordboard.telephony.driver import CollectKeys


@dataclass(frozen=True, slots=True)
class Collecting:
    """A collection under way. `deadline` is None while a play holds the clock of the first key back."""

    command: CollectKeys
    keys: str = ""
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    keys: str
    ended_by: str


def begin(command: CollectKeys, now: float, playing: bool) -> Collecting:
    return Collecting(command, "", None if playing else now + command.first_timeout)


def play_started(state: Collecting, now: float) -> Collecting:
    """A play began while no key has come: the clock of the first key waits for its end."""
    return state if state.keys else replace(state, deadline=None)


def play_ended(state: Collecting, now: float) -> Collecting:
    if state.keys or state.deadline is not None:
        return state
    return replace(state, deadline=now + state.command.first_timeout)


def press(state: Collecting, key: str, now: float) -> Collecting | Collected:
    command = state.command
    if not state.keys and key in command.at_once:
        return Collected(key, "at_once")
    if key == command.end_key:
        return Collected(state.keys, "end_key")
    if command.clear_key and key == command.clear_key:
        return replace(state, keys="", deadline=now + command.first_timeout)
    keys = state.keys + key
    if len(keys) >= command.max_keys:
        return Collected(keys, "max_keys")
    return replace(state, keys=keys, deadline=now + command.gap_timeout)


def tick(state: Collecting, now: float) -> Collecting | Collected:
    if state.deadline is not None and now >= state.deadline:
        return Collected(state.keys, "timeout")
    return state


def replaced(state: Collecting) -> Collected:
    """A newer collection, a bridge or the leg's end took its place."""
    return Collected(state.keys, "replaced")
