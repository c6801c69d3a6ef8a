"""Which browser it was, in the words a person would use. Pure: a hint for reading, nothing is decided by it."""

from __future__ import annotations

NAMES = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""In this order: each one's User-Agent also names those that follow."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """ "Firefox, Windows" of a User-Agent header; its first word where it is none we know, "" for none."""
    name = next((name for mark, name in NAMES if mark in user_agent), user_agent.split("/")[0][:40])
    system = next((system for mark, system in SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (name, system) if part)
