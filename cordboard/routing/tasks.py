"""What routing does by the clock (offers' ring time is the router's own business)."""

from __future__ import annotations

from cordboard.lib.clock import every
from cordboard.routing.actions import sweep_media, sweep_over, sweep_parked, sweep_presence, sweep_skills, sweep_wrapup
from cordboard.routing.actions_callback import sweep_callbacks
from cordboard.routing.actions_outbound import sweep_dials

every(0.5, "routing.sweep_media", sweep_media)
every(1.0, "routing.sweep_over", sweep_over)
every(1.0, "routing.sweep_parked", sweep_parked)
every(1.0, "routing.sweep_presence", sweep_presence)
every(1.0, "routing.sweep_skills", sweep_skills)
every(1.0, "routing.sweep_wrapup", sweep_wrapup)
every(1.0, "routing.sweep_callbacks", sweep_callbacks)
every(2.0, "routing.sweep_dials", sweep_dials)
