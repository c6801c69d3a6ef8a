"""The state of calls: pure decisions, no driver, no database, no clock. `advance(call, happening, now)` is all there is to it."""

from cordboard.telephony.calls.advance import advance, begin, begin_outbound, stray
from cordboard.telephony.calls.happenings import Fact, Happening, Kind, Mode
from cordboard.telephony.calls.sound import wanted
from cordboard.telephony.calls.state import Agent, Call, Dial, Phase, Recording, Sound, from_memo
from cordboard.telephony.calls.step import Output

__all__ = [
    "Agent",
    "Call",
    "Dial",
    "Fact",
    "Happening",
    "Kind",
    "Mode",
    "Output",
    "Phase",
    "Recording",
    "Sound",
    "advance",
    "begin",
    "begin_outbound",
    "from_memo",
    "stray",
    "wanted",
]
