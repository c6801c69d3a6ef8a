"""What the worker does for the log by the clock."""

from __future__ import annotations

from django.utils import timezone

from cordboard.events import retention
from cordboard.lib.clock import every

every(3600, "events.retention", lambda: retention.forget(timezone.now()))
