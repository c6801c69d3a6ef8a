"""What the figures do by the clock: they follow the log, some seconds behind."""

from __future__ import annotations

from cordboard.analytics.actions import collect
from cordboard.lib.clock import every

every(2.0, "analytics.collect", collect)
