"""What flows do by the clock: the numbers on the graph follow the runs, some seconds behind."""

from __future__ import annotations

from cordboard.flows.actions_count import count_all
from cordboard.lib.clock import every

every(5.0, "flows.count", count_all)
