"""Waking readers of the log."""

def ring() -> None:
    pass
