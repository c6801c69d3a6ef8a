"""What sales does by the clock."""

from __future__ import annotations

from cordboard.lib.clock import every
from cordboard.sales.actions import revalue_stale

every(60.0, "sales.revalue_stale", revalue_stale)
