"""The embedded switch: SIP over UDP and browsers, with our own media processes. Nothing else is needed to take calls."""

from cordboard.telephony.drivers.embedded.driver import EmbeddedDriver

__all__ = ["EmbeddedDriver"]
