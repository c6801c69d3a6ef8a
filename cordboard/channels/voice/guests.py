"""Web callers are guests on the live socket."""

from __future__ import annotations

from cordboard.channels.voice import tokens
from cordboard.events.guests import guest

guest("call", tokens.check)
