"""What the API wants done by the clock."""

from __future__ import annotations

from cordboard.api.actions import forget_old
from cordboard.lib.clock import every

every(3600, "api.forget_old", forget_old)
