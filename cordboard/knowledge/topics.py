"""Live topics of articles."""

from __future__ import annotations

from cordboard.events.topics import topic
from cordboard.org.permissions import user_may

topic("article", allowed=lambda user, key: key.isdigit() and user_may(user, "knowledge.view") is not None)
