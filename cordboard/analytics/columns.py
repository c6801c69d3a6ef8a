"""The columns of figures: what each is called, what it means, and which contacts it opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.analytics.sums import Sums
from cordboard.routing import levels

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DASH = "–"


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    name: str | StrPromise
    meaning: str | StrPromise
    opens: str
    """The measure whose contacts the figure opens; of a share or an average those that it is divided by."""
    kind: str = "count"
    """count, time (sum of milliseconds), seconds (an average) or share"""

    def value(self, sums: Sums, level: str) -> float | None:
        if self.code == "service_level":
            return sums.service_level(level)
        value: float | None = getattr(sums, self.code)
        return value

    def words(self, value: float | None) -> str:
        if value is None:
            return DASH
        if self.kind == "share":
            return share(value)
        if self.kind == "count":
            return formats.number_format(int(value), 0, force_grouping=True)
        return clock(value / 1000 if self.kind == "time" else value)


def share(value: float) -> str:
    """0.8333 as 83.3 %."""
    return _("%(n)s %%") % {"n": formats.number_format(round(100 * value, 1), 1)}


def clock(seconds: float) -> str:
    """0:04, 2:13, 1:02:05; to the nearest second."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


_OFFERED = Column(
    "offered",
    later("Offered"),
    later("New contacts that entered the queue in the interval. A contact that comes back or is handed over in person is no new one."),
    "offered",
)
_ANSWERED = Column("answered", later("Answered"), later("Of those offered, taken by an agent, whenever that was."), "answered")
_WITHIN = Column(
    "answered_within", later("In time"), later("Of those answered, within the queue's target, as the target was at that moment."), "answered_within"
)
_LEVEL = Column("service_level", later("Service level"), later("The share answered in time, by the formula that is chosen above."), "offered", "share")
_ABANDONED = Column("abandoned", later("Abandoned"), later("Of those offered, hung up before an agent took them, short ones among them."), "abandoned")
_SHORT = Column(
    "short_abandoned",
    later("Short"),
    later("Of those abandoned, before the queue's limit for short abandons (5 seconds unless set otherwise)."),
    "short_abandoned",
)
_ELSEWHERE = Column("elsewhere", later("Elsewhere"), later("Of those offered, sent on by us before an answer: a callback, another queue, closed."), "elsewhere")
_ASA = Column("asa", later("ASA"), later("Average speed of answer: how long those answered had waited ÷ answered."), "answered", "seconds")
_HANDLED = Column("handled", later("Handled"), later("Agents' talks with customers: answered, taken over from a colleague, or called by us."), "handled")
_TRANSFERRED = Column("transferred", later("Transferred"), later("Of those handled, given on to a colleague or a queue."), "transferred")
_RONA = Column("rona", later("No answer"), later("Times that a contact rang at an agent who did not answer in time (RONA)."), "rona")
_CALLBACKS = Column("callbacks", later("Callbacks"), later("Callbacks that were promised."), "callbacks")
_TALK = Column("talk_ms", later("Talk"), later("Time that agents spoke with customers, without hold."), "talk_ms", "time")
_HOLD = Column("hold_ms", later("Hold"), later("Time that customers were on hold."), "hold_ms", "time")
_ACW = Column("acw_ms", later("Wrap-up"), later("Time for work after the contact (ACW)."), "acw_ms", "time")
_AHT = Column("aht", later("AHT"), later("Average handling time: (talk + hold + wrap-up) ÷ handled."), "handled", "seconds")
_OFFERS = Column("offers", later("Rang"), later("Times that a contact rang at the agent."), "offers")
_REJECTED = Column("rejected", later("Rejected"), later("Times that the agent did not take what rang."), "rejected")
_OUTBOUND = Column("outbound", later("Outbound"), later("Calls that we made, reached or not; those reached are among those handled."), "outbound")
_CONSULTS = Column("consults", later("Consulted"), later("Times that a colleague asked, or that the agent joined a conference."), "consults")
_CONSULT = Column("consult_ms", later("Consulting"), later("Time of these."), "consult_ms", "time")

OF_CONTACTS = (
    _OFFERED, _ANSWERED, _WITHIN, _LEVEL, _ABANDONED, _SHORT, _ELSEWHERE, _ASA, _RONA, _CALLBACKS, _HANDLED, _TRANSFERRED, _TALK, _HOLD, _ACW, _AHT,
)  # fmt: skip
OF_AGENTS = (_OFFERS, _RONA, _REJECTED, _HANDLED, _OUTBOUND, _TRANSFERRED, _TALK, _HOLD, _ACW, _AHT, _CONSULTS, _CONSULT)
BY_MEASURE: Mapping[str, Column] = {one.code: one for one in (*OF_CONTACTS, *OF_AGENTS)}

LEVEL_WORDS: Mapping[str, str | StrPromise] = {
    "without_short": later("Without short abandons"),
    "decided": later("Of those decided, without short abandons"),
    "of_offered": later("Of all offered"),
    "of_answered": later("Of those answered"),
    "abandons_against": later("All abandons count against"),
    "late_abandons_against": later("Late abandons count against"),
}
_TERMS: Mapping[str, str | StrPromise] = {
    "answered_within": later("in time"),
    "offered": later("offered"),
    "answered": later("answered"),
    "abandoned": later("abandoned"),
    "short_abandoned": later("short abandons"),
    "abandoned_after": later("abandoned after the target"),
}


def formula(code: str) -> str:
    """A variant of service level in words: in time ÷ (offered − short abandons)."""
    made = levels.LEVELS[code]
    below = _terms(made.below)
    return f"{_terms(made.above)} ÷ {f'({below})' if len(made.below) > 1 else below}"


def _terms(names: tuple[str, ...]) -> str:
    return " ".join(f"− {_TERMS[name[1:]]}" if name.startswith("-") else f"+ {_TERMS[name]}" for name in names).removeprefix("+ ")
