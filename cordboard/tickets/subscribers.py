"""Everything of tickets that follows the log; each module subscribes itself."""

from __future__ import annotations

from cordboard.tickets import (  # noqa: F401
    following_article,
    following_complaint,
    following_goodwill,
    following_level,
    following_search,
    following_similar,
    following_sla,
    following_watchers,
)
