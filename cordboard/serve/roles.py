"""Which processes there are, and how each is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import cordboard
from cordboard.lib.config import Config

GROUPS = {
    "all": ("media", "switch", "django", "worker", "front"),
    "web": ("django", "front"),
    "voice": ("media", "switch"),
    "front": ("front",),
    "django": ("django",),
    "worker": ("worker",),
    "switch": ("switch",),
    "media": ("media",),
}
"""What `--role` may name, and what it starts."""


@dataclass(frozen=True, slots=True)
class Role:
    """One process. `name` is unique on this machine ("media-0"), `kind` what it is ("media")."""

    name: str
    kind: str
    module: str
    arguments: tuple[str, ...] = ()

    def command(self, parent: int) -> list[str]:
        return [sys.executable, "-m", "cordboard.serve.child", str(parent), self.module, *self.arguments]


def _there(module: str) -> bool:
    """Whether `python -m module` has something to run; looked up as a file, so that nothing is imported."""
    parts = module.split(".")[1:]
    place = Path(next(iter(cordboard.__path__))).joinpath(*parts)
    return (place / "__main__.py").exists() or place.with_suffix(".py").exists()


def roles(group: str, config: Config) -> list[Role]:
    """The processes of a group. Raises KeyError for a group that does not exist."""
    found: list[Role] = []
    for kind in GROUPS[group]:
        if kind == "media":
            found += [Role(f"media-{number}", kind, "cordboard.telephony.media", ("--number", str(number))) for number in range(config.media_processes)]
        elif kind == "switch":
            found.append(Role("switch", kind, "cordboard.channels.voice"))
        elif kind == "django":
            found.append(Role("django", kind, "cordboard.serve.django"))
        elif kind == "worker":
            found.append(Role("worker", kind, "cordboard.serve.worker"))
        else:
            found.append(Role("front", kind, "cordboard.front"))
    return [role for role in found if _there(role.module)]
