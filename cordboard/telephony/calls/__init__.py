"""The state of calls: pure decisions, no driver, no database, no clock. `advance(call, happening, now)` is all there is to it."""

from cordboard.telephony.calls.advance import advance, begin, stray
from cordboard.telephony.calls.happenings import Fact, Happening, Kind
from cordboard.telephony.calls.sound import wanted
from cordboard.telephony.calls.state import Agent, Call, Phase, Recording, Sound, from_memo
from cordboard.telephony.calls.step import Output

__all__ = [
    "Agent",
    "Call",
    "Fact",
    "Happening",
    "Kind",
    "Output",
    "Phase",
    "Recording",
    "Sound",
    "advance",
    "begin",
    "from_memo",
    "stray",
    "wanted",
]
