"""Everything of tickets that follows the log; each module subscribes itself."""

from __future__ import annotations

from cordboard.tickets import following_complaint, following_level, following_search  # noqa: F401
from cordboard.tickets import following_goodwill  # noqa: F401
from cordboard.tickets import following_similar  # noqa: F401
