"""What policies do by the clock: what is planned comes into force."""

from __future__ import annotations

from cordboard.lib.clock import every
from cordboard.rules.actions_publish import publish_due

every(1.0, "rules.publish_due", publish_due)
