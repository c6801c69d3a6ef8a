"""Faults of ours that may come with every packet: the first are told in full, then only how many there were, so that nobody can fill the disk with them."""

from __future__ import annotations

import logging

IN_FULL = 5
EVERY = 1000


class Faults:
    """One for each place where a fault must not stop what goes on fifty times a second."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self.count = 0

    def caught(self, where: str = "") -> None:
        """To be called where the exception is handled."""
        self.count += 1
        if self.count <= IN_FULL:
            self._log.exception("%s%s", self._what, f" ({where})" if where else "")
        elif self.count % EVERY == 0:
            self._log.error("%s: %d times by now", self._what, self.count)
