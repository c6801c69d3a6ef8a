"""What of tickets goes along with the packages below, in their own transactions."""

from __future__ import annotations

from cordboard.appointments.following import follow
from cordboard.tickets.actions_order_follow import visit_changed

follow("tickets", visit_changed)
