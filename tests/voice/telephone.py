"""The SIP telephone of the telephony tests, by the name that the tests of whole centres use."""

from __future__ import annotations

from cordboard.telephony.tests.telephone import LOCAL, Telephone, hum

__all__ = ["LOCAL", "Telephone", "hum"]
