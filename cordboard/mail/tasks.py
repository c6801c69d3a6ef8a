"""By the clock: what is due is sent."""

from __future__ import annotations

from cordboard.lib.clock import every
from cordboard.mail import sending

every(2.0, "mail.send", sending.work)
